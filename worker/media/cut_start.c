/*
 * media/cut_start.c
 *	  The key frame that a cut begins with.
 *
 * Seeking is only a hint: MP4 seeks by decoding time, Matroska by sparse cues, others by
 * guessing. So the pictures between the landing and the wanted time are looked at, and when
 * the landing was too late the search goes further back, at last to the beginning.
 */
#include "media/cut_start.h"

#include <math.h>
#include <string.h>

#include "media/video.h"

#define SLACK_MS 100

/* Sound is looked for from so long before: packets are shorter. */
#define SOUND_SECONDS 1.0

/* How far before the wanted time a search lands, seconds; the last is the beginning. */
static const double steps[] = {0.0, 10.0, 60.0, 600.0, INFINITY};

void
cut_select(const MediaInput *input, const AVStream *video, const AVStream *audio)
{
	for (unsigned i = 0; i < input->format->nb_streams; i++)
	{
		AVStream *stream = input->format->streams[i];

		stream->discard =
			stream == video || stream == audio ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
	}
}

/* The stream to seek in: one that begins only later leads past what the others have before. */
static const AVStream *
choose_stream(const MediaInput *input, const AVStream *stream, double time)
{
	const AVStream *first = stream;

	if (stream->start_time == AV_NOPTS_VALUE ||
		time >= input_time(input, stream, stream->start_time))
		return stream;
	for (unsigned i = 0; i < input->format->nb_streams; i++)
	{
		const AVStream *other = input->format->streams[i];
		AVRational tick = other->time_base;

		if (other->start_time != AV_NOPTS_VALUE &&
			av_compare_ts(other->start_time, tick, first->start_time, first->time_base) <
				0)
			first = other;
	}
	return first;
}

bool
cut_seek(MediaInput *input, const AVStream *stream, double time, Error *err)
{
	const AVStream *leader = choose_stream(input, stream, time);
	int result = -1;

	/* a transport stream cannot find its first pictures by time */
	if (time <= 0.0 && strcmp(input->format->iformat->name, "mpegts") == 0)
		return av_seek_frame(input->format, -1, 0, AVSEEK_FLAG_BYTE) >= 0 ||
			   error_set(err, ERROR_INPUT, "cannot_seek",
						 "Copy the recording again from where it was made.",
						 "cannot move to the beginning of the recording");
	if (time > 0.0 || leader != stream)
		result =
			av_seek_frame(input->format, leader->index,
						  input_timestamp(input, leader, time), AVSEEK_FLAG_BACKWARD);
	if (result < 0)
		result = avformat_seek_file(input->format, -1, INT64_MIN, input->origin,
									input->origin, 0);
	if (result < 0)
		result = av_seek_frame(input->format, -1, 0, AVSEEK_FLAG_BYTE);
	return result >= 0 || libav_error(err, ERROR_INPUT, "cannot_seek", NULL, result,
									  "cannot move to the beginning of the cut");
}

int64_t
cut_slack(const AVStream *video)
{
	return av_rescale_q(SLACK_MS, (AVRational){1, 1000}, video->time_base);
}

/* The time of a picture, as the packet says or by the rate; at least one unit. */
static int64_t
picture_length(const AVStream *video, const AVPacket *packet)
{
	int64_t length = packet->duration;

	if (length <= 0 && video->avg_frame_rate.num > 0)
		length = av_rescale_q(1, av_inv_q(video->avg_frame_rate), video->time_base);
	return length > 0 ? length : 1;
}

void
cut_order_packet(CutOrder *order, const AVStream *video, AVPacket *packet)
{
	if (packet->pts == AV_NOPTS_VALUE)
		packet->pts = packet->dts;
	if (packet->pts == AV_NOPTS_VALUE)
		return;
	if (order->first == AV_NOPTS_VALUE)
		order->first = packet->pts;
	if (packet->dts != AV_NOPTS_VALUE)
		return;
	packet->dts = order->first - picture_length(video, packet) *
									 (video->codecpar->video_delay - order->missing);
	order->missing++;
	if (packet->dts > packet->pts)
		packet->dts = packet->pts;
}

bool
cut_join_packet(const AVStream *video, AVPacket *packet, Error *err)
{
	if (av_packet_make_writable(packet) < 0)
		return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "no memory for a key frame");
	(void) bitstream_splice(video_bitstream(video), packet->data, (size_t) packet->size);
	return true;
}

bool
cut_is_whole(Bitstream bitstream, const AVPacket *packet)
{
	return (packet->flags & AV_PKT_FLAG_CORRUPT) == 0 &&
		   bitstream_fits(bitstream, packet->data, (size_t) packet->size);
}

typedef struct StartSearch
{
	Bitstream bitstream;
	int64_t wanted; /* time stamp */
	int64_t best;   /* AV_NOPTS_VALUE: none yet */
	int64_t risky;  /* the same of pictures that not every player can begin with */
	bool any;       /* take the first key frame if none is early enough */
} StartSearch;

/* Keeps the last key frame that is early enough, or the first of all. */
static void
keep_key(const StartSearch *search, int64_t *kept, int64_t pts)
{
	if (pts <= search->wanted || (*kept == AV_NOPTS_VALUE && search->any))
		*kept = pts;
}

/* Looks at one packet; false when the search is over. */
static bool
consider(StartSearch *search, const AVPacket *packet)
{
	BitstreamStart start = START_NOT;

	if ((packet->flags & AV_PKT_FLAG_KEY) != 0 && packet->pts != AV_NOPTS_VALUE &&
		cut_is_whole(search->bitstream, packet))
		start = bitstream_start(search->bitstream, packet->data, (size_t) packet->size);
	if (start == START_CLEAN)
		keep_key(search, &search->best, packet->pts);
	else if (start == START_RISKY)
		keep_key(search, &search->risky, packet->pts);
	/* a decoding time behind the wanted one: all pictures before it have been seen */
	return packet->dts == AV_NOPTS_VALUE || packet->dts <= search->wanted ||
		   (search->best == AV_NOPTS_VALUE && search->any);
}

static bool
search_forward(MediaInput *input, const AVStream *video, StartSearch *search, Error *err)
{
	CLEANUP(packet) AVPacket *packet = av_packet_alloc();
	InputRead read = INPUT_PACKET;
	bool searching = true;

	if (packet == NULL)
		return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "no memory to read the input");
	while (searching && (read = input_read(input, packet, err)) == INPUT_PACKET)
	{
		if (packet->stream_index == video->index)
			searching = consider(search, packet);
		av_packet_unref(packet);
	}
	return read != INPUT_FAILED;
}

bool
cut_find_start(MediaInput *input, AVStream *video, double start, int64_t *first,
			   bool *joins, Error *err)
{
	StartSearch search = {.bitstream = video_bitstream(video),
						  .wanted = input_timestamp(input, video, start),
						  .best = AV_NOPTS_VALUE,
						  .risky = AV_NOPTS_VALUE};

	*joins = true;
	cut_select(input, video, NULL);
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
	{
		double landing = start - steps[i];

		search.any = landing <= 0.0;
		if (!cut_seek(input, video, landing, err) ||
			!search_forward(input, video, &search, err))
			return false;
		if (search.best != AV_NOPTS_VALUE)
		{
			*first = search.best;
			return true;
		}
		if (search.any)
			break;
	}
	/* better that some players show it than that it is not cut at all */
	*first = search.risky;
	*joins = false;
	if (search.risky != AV_NOPTS_VALUE)
		return true;
	return error_set(err, ERROR_INPUT, "no_key_frame",
					 "Re-encode the recording and add it again.",
					 "the recording has no picture that playing can begin with");
}

bool
cut_find_sound(MediaInput *input, AVStream *audio, double start, int64_t *first,
			   Error *err)
{
	CLEANUP(packet) AVPacket *packet = av_packet_alloc();
	int64_t wanted = input_timestamp(input, audio, start);
	InputRead read = INPUT_PACKET;
	bool behind = false;

	*first = AV_NOPTS_VALUE;
	if (packet == NULL)
		return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "no memory to read the input");
	cut_select(input, NULL, audio);
	if (!cut_seek(input, audio, start - SOUND_SECONDS, err))
		return false;
	while (!behind && (read = input_read(input, packet, err)) == INPUT_PACKET)
	{
		int64_t pts = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;

		if (packet->stream_index == audio->index && pts != AV_NOPTS_VALUE)
		{
			behind = pts > wanted;
			*first = behind ? *first : pts;
		}
		av_packet_unref(packet);
	}
	return read != INPUT_FAILED;
}
