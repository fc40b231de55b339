/*
 * media/reencode_start.c
 *	  Finding where decoding has to begin.
 *
 * Seeking is only a hint, and some containers land between key frames. Whether a landing is
 * early enough is told by the first picture that comes out of the decoder; until it is, the
 * search goes further back, at last to the beginning.
 */
#include "media/reencode_start.h"

#include <math.h>

#include "base/array.h"
#include "media/cut_start.h"

/* How far before the wanted time a search lands, seconds: sound may be stored before its
 * pictures, so never at it. */
static const double steps[] = {1.0, 10.0, 60.0, 600.0};

/* A picture that comes later than this behind the wanted time is none of a good landing. */
#define TOO_LATE_SECONDS 10.0

typedef struct FirstPicture
{
	const Cutter *cutter;
	AVCodecContext *decoder;
	double until; /* source time at which the search is given up */
	bool begun;   /* a key frame has been read */
	AVFrame *frame;
} FirstPicture;

/* Decodes a packet, NULL: the end; true when a picture came out. */
static bool
decode(FirstPicture *first, const AVPacket *packet)
{
	(void) avcodec_send_packet(first->decoder, packet);
	return avcodec_receive_frame(first->decoder, first->frame) >= 0;
}

/* Looks at a packet; true when the search is over. */
static bool
take_packet(FirstPicture *first, const AVPacket *packet, bool *found)
{
	const Cutter *cutter = first->cutter;

	if (packet->stream_index != cutter->video->index)
		return false;
	first->begun = first->begun || (packet->flags & AV_PKT_FLAG_KEY) != 0;
	*found = first->begun && decode(first, packet);
	return *found || input_time(cutter->input, cutter->video, packet->dts) > first->until;
}

/* Decodes the first picture from here on, if there is one: *found. */
static bool
find_picture(FirstPicture *first, bool *found, Error *err)
{
	CLEANUP(packet) AVPacket *packet = array_check(av_packet_alloc());
	InputRead got = INPUT_PACKET;
	bool over = false;

	*found = false;
	while (!over && (got = input_read(first->cutter->input, packet, err)) == INPUT_PACKET)
	{
		over = take_packet(first, packet, found);
		av_packet_unref(packet);
	}
	if (got == INPUT_END)
		*found = decode(first, NULL);
	avcodec_flush_buffers(first->decoder);
	return got != INPUT_FAILED;
}

/* Lands at a source time; *early is whether the picture of `start` can be decoded then. */
static bool
try_landing(const FirstPicture *first, double landing, double start, bool *early,
			Error *err)
{
	const Cutter *cutter = first->cutter;
	FirstPicture here = *first;
	bool found;

	here.until = landing > 0.0 ? start + TOO_LATE_SECONDS : INFINITY;
	cut_select(cutter->input, cutter->video, NULL);
	av_frame_unref(here.frame);
	if (!cut_seek(cutter->input, cutter->video, landing, err) ||
		!find_picture(&here, &found, err))
		return false;
	if (!found && landing <= 0.0)
		return error_set(err, ERROR_INPUT, "cannot_decode",
						 "Look whether the recording plays in a player; copy it again "
						 "from where it was made.",
						 "no picture can be decoded");
	*early = found && here.frame->best_effort_timestamp <=
						  input_timestamp(cutter->input, cutter->video, start);
	if (!*early && landing > 0.0)
		return true;
	if (!cut_seek(cutter->input, cutter->video, landing, err))
		return false;
	cut_select(cutter->input, cutter->video, cutter->audio);
	return true;
}

bool
reencode_land(const Cutter *cutter, AVCodecContext *decoder, double start,
			  AVFrame **first, Error *err)
{
	CLEANUP(frame) AVFrame *frame = array_check(av_frame_alloc());
	FirstPicture search = {.cutter = cutter, .decoder = decoder, .frame = frame};
	double landing = start;
	bool early = false;

	*first = NULL;
	if (cutter->video == NULL)
	{
		cut_select(cutter->input, NULL, cutter->audio);
		return cut_seek(cutter->input, cutter->audio, start - steps[0], err);
	}
	for (size_t i = 0; !early && (i == 0 || landing > 0.0); i++)
	{
		landing = i < sizeof steps / sizeof steps[0] ? start - steps[i] : 0.0;
		if (!try_landing(&search, landing, start, &early, err))
			return false;
	}
	if (!early)
	{
		*first = frame;
		frame = NULL;
	}
	return true;
}
