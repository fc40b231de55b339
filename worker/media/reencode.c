/*
 * media/reencode.c
 *	  Encoding kept parts anew.
 *
 * Pictures decide where a span really begins and ends, so sound is decoded ahead and waits
 * for them: until a picture behind it has been seen. A track of pictures that ends or stands
 * still while sound goes on is not waited for longer than a while.
 */
#include "media/reencode.h"

#include <math.h>

#include "base/array.h"
#include "media/cut_plan.h"
#include "media/cut_start.h"
#include "media/reencode_sound.h"
#include "media/reencode_start.h"

/* A span whose first picture comes later than this begins with the one shown before. */
#define MAX_WAIT_SECONDS 0.1

/* Sound waits for pictures so long. */
#define MOST_AHEAD_SECONDS 20

/* A picture this little before a span still belongs to it: times are told in milliseconds. */
#define NEAR_SECONDS 0.0006

/* A span as it is really kept, in units of `base`. */
typedef struct KeptSpan
{
	int64_t start; /* source time; before it has begun: what is wanted */
	int64_t end;
	int64_t at; /* output time */
	bool begun;
	bool ended;
} KeptSpan;

typedef struct Reencoder
{
	const ReencodeCut *cut;
	Cutter *cutter;
	AVRational base; /* of the pictures, or a sample */
	KeptSpan *kept;
	int64_t near;   /* a picture so little before a span belongs to it */
	size_t current; /* the span that pictures are in, or wait for */
	int64_t out;    /* output time of the next span */
	int64_t known;  /* source time up to which the spans are decided */
	int64_t shown;  /* where the last picture ends */
	AVFrame *before;
	AVCodecContext *decoder; /* of pictures; NULL: there are none */
	PictureRecoder pictures;
	SoundRecoder sound;
	size_t heard;       /* the span that sound is in */
	int64_t heard_from; /* the source position to go on from; AV_NOPTS_VALUE: its start */
} Reencoder;

static void
close_recoders(Reencoder *reencoder)
{
	av_frame_free(&reencoder->before);
	avcodec_free_context(&reencoder->decoder);
	picture_recoder_close(&reencoder->pictures);
	sound_recoder_close(&reencoder->sound);
}

static void
cleanup_reencoder(Reencoder *reencoder)
{
	free(reencoder->kept);
	close_recoders(reencoder);
}

static bool
put_picture(Reencoder *reencoder, const KeptSpan *span, const AVFrame *frame,
			int64_t time, Error *err)
{
	return frame == NULL || picture_recoder_put(&reencoder->pictures, frame,
												span->at + time - span->start, err);
}

/* The span begins with this picture, or with the one before where that still stands. */
static bool
begin_span(Reencoder *reencoder, KeptSpan *span, const AVFrame *frame, int64_t time,
		   Error *err)
{
	double wait = (double) (time - span->start) * av_q2d(reencoder->base);
	bool stands = reencoder->before != NULL &&
				  (frame == NULL || wait > MAX_WAIT_SECONDS || time >= span->end);

	span->at = reencoder->out;
	span->begun = true;
	if (stands)
	{
		/* there is no picture near the start that would have to be caught */
		span->start += reencoder->near;
		return put_picture(reencoder, span, reencoder->before, span->start, err);
	}
	if (frame != NULL)
		span->start = time < span->end ? time : span->end;
	return true;
}

static void
end_span(Reencoder *reencoder, KeptSpan *span, int64_t time)
{
	int64_t slack =
		reencoder->cutter->video != NULL ? cut_slack(reencoder->cutter->video) : 0;

	if (time <= span->end + slack && time >= span->start)
		span->end = time;
	span->ended = true;
	reencoder->out = span->at + span->end - span->start;
	reencoder->current++;
}

/* A picture, or none while time goes on: decides on the spans up to its time. */
static bool
take_picture(Reencoder *reencoder, AVFrame *frame, int64_t time, Error *err)
{
	const ReencodeCut *cut = reencoder->cut;

	while (reencoder->current < cut->count)
	{
		KeptSpan *span = &reencoder->kept[reencoder->current];

		if (time < span->start && !span->begun)
			break;
		if (!span->begun && !begin_span(reencoder, span, frame, time, err))
			return false;
		if (time < span->end)
		{
			if (!put_picture(reencoder, span, frame, time, err))
				return false;
			break;
		}
		end_span(reencoder, span, time);
	}
	if (time > reencoder->known)
		reencoder->known = time;
	if (frame == NULL)
		return true;
	av_frame_free(&reencoder->before);
	/* within the last span no other one can begin with it */
	if (reencoder->current == cut->count || (reencoder->current + 1 == cut->count &&
											 reencoder->kept[reencoder->current].begun))
		return true;
	reencoder->before = av_frame_clone(frame);
	return reencoder->before != NULL || error_set(err, ERROR_TRANSIENT, "out_of_memory",
												  NULL, "no memory for a picture");
}

/* Writes the sound of spans as far as they are decided and it has been decoded, or all. */
static bool
write_sound(Reencoder *reencoder, bool all, Error *err)
{
	SoundRecoder *sound = &reencoder->sound;
	AVRational tick;

	if (sound->encoder == NULL)
		return true;
	tick = sound_recoder_tick(sound);
	for (; reencoder->heard < reencoder->cut->count; reencoder->heard++)
	{
		const KeptSpan *span = &reencoder->kept[reencoder->heard];
		int64_t end = span->ended ? span->end : FFMIN(span->end, reencoder->known);
		int64_t until = av_rescale_q(end, reencoder->base, tick);
		int64_t from = reencoder->heard_from;

		if (!span->begun)
			return true;
		/* the first sample is the one that goes where the last span ended */
		if (from == AV_NOPTS_VALUE)
			from = av_rescale_q(span->start, reencoder->base, tick) + sound->written -
				   av_rescale_q(span->at, reencoder->base, tick);
		if (!all)
			until = FFMIN(until, sound->fed);
		if (until > from && !sound_recoder_take(sound, from, until, err))
			return false;
		reencoder->heard_from = FFMAX(from, until);
		if (!span->ended ||
			reencoder->heard_from < av_rescale_q(span->end, reencoder->base, tick))
			return true;
		reencoder->heard_from = AV_NOPTS_VALUE;
	}
	return true;
}

/* Decodes a packet of pictures, NULL: the end. */
static bool
decode_picture(Reencoder *reencoder, const AVPacket *packet, Error *err)
{
	CLEANUP(frame) AVFrame *frame = array_check(av_frame_alloc());
	bool taken = true;

	(void) avcodec_send_packet(reencoder->decoder, packet);
	while (taken && avcodec_receive_frame(reencoder->decoder, frame) >= 0)
	{
		int64_t time = frame->best_effort_timestamp;
		int64_t length = FFMAX(frame->pkt_duration, reencoder->pictures.step);

		if (time != AV_NOPTS_VALUE && time + length > reencoder->shown)
		{
			reencoder->shown = time + length;
			taken = take_picture(reencoder, frame, time, err);
		}
		av_frame_unref(frame);
	}
	return taken;
}

/* Time goes on without pictures when sound is far ahead of them, or all there is. */
static bool
follow_sound(Reencoder *reencoder, Error *err)
{
	const SoundRecoder *sound = &reencoder->sound;
	int64_t fed;

	if (sound->fed == SOUND_NOT_FED)
		return true;
	fed = av_rescale_q(sound->fed, sound_recoder_tick(sound), reencoder->base);
	if (reencoder->cutter->video != NULL)
		fed -= av_rescale_q(MOST_AHEAD_SECONDS, (AVRational){1, 1}, reencoder->base);
	return fed <= reencoder->known || take_picture(reencoder, NULL, fed, err);
}

static bool
take_packet(Reencoder *reencoder, AVPacket *packet, Error *err)
{
	const Cutter *cutter = reencoder->cutter;

	if (cutter->video != NULL && packet->stream_index == cutter->video->index)
	{
		if (!decode_picture(reencoder, packet, err))
			return false;
	}
	else if (cutter->audio != NULL && packet->stream_index == cutter->audio->index)
	{
		if (!sound_recoder_feed(&reencoder->sound, packet, err) ||
			!follow_sound(reencoder, err))
			return false;
	}
	return write_sound(reencoder, false, err);
}

/* Decides what is left at the end of the recording and writes it. */
static bool
finish(Reencoder *reencoder, Error *err)
{
	if (reencoder->decoder != NULL && !decode_picture(reencoder, NULL, err))
		return false;
	if (reencoder->sound.encoder != NULL &&
		!sound_recoder_feed(&reencoder->sound, NULL, err))
		return false;
	if (reencoder->decoder == NULL)
		reencoder->shown = reencoder->sound.fed;
	if (reencoder->current < reencoder->cut->count &&
		!take_picture(reencoder, NULL, reencoder->shown, err))
		return false;
	if (reencoder->current < reencoder->cut->count &&
		reencoder->kept[reencoder->current].begun)
		end_span(reencoder, &reencoder->kept[reencoder->current], reencoder->shown);
	if (!write_sound(reencoder, true, err))
		return false;
	return (reencoder->decoder == NULL ||
			picture_recoder_put(&reencoder->pictures, NULL, reencoder->out, err)) &&
		   (reencoder->sound.encoder == NULL ||
			sound_recoder_finish(&reencoder->sound, err));
}

static bool
read_all(Reencoder *reencoder, Error *err)
{
	CLEANUP(packet) AVPacket *packet = array_check(av_packet_alloc());
	MediaInput *input = reencoder->cutter->input;
	InputRead got = INPUT_PACKET;
	bool taken = true;

	while (taken && reencoder->heard < reencoder->cut->count &&
		   (got = input_read(input, packet, err)) == INPUT_PACKET)
	{
		taken = take_packet(reencoder, packet, err);
		av_packet_unref(packet);
		if (reencoder->sound.encoder == NULL)
			reencoder->heard = reencoder->current;
	}
	return taken && got != INPUT_FAILED && finish(reencoder, err);
}

/* The wanted spans in units of the time base. */
static void
plan_spans(Reencoder *reencoder)
{
	const ReencodeCut *cut = reencoder->cut;
	double origin = (double) reencoder->cutter->input->origin / AV_TIME_BASE;
	double unit = av_q2d(reencoder->base);

	if (reencoder->cutter->video != NULL)
		reencoder->near = (int64_t) (NEAR_SECONDS / unit);
	reencoder->kept = array_new(cut->count, sizeof *reencoder->kept);
	for (size_t i = 0; i < cut->count; i++)
	{
		reencoder->kept[i].start =
			llround((cut->spans[i].start + origin) / unit) - reencoder->near;
		reencoder->kept[i].end = llround((cut->spans[i].end + origin) / unit);
	}
}

static bool
open_tracks(Reencoder *reencoder, Error *err)
{
	const ReencodeCut *cut = reencoder->cut;
	Cutter *cutter = reencoder->cutter;
	AVCodecParameters *video = array_check(avcodec_parameters_alloc());
	AVCodecParameters *audio = array_check(avcodec_parameters_alloc());
	OutputTrack tracks[OUTPUT_KINDS] = {0};
	bool opened;

	if (cutter->video != NULL)
		tracks[OUTPUT_VIDEO] = picture_recoder_track(&reencoder->pictures, video);
	if (cutter->audio != NULL)
		tracks[OUTPUT_AUDIO] = sound_recoder_track(&reencoder->sound, audio);
	/* a second try would take long: rather too much room than too little */
	tracks[OUTPUT_VIDEO].packets =
		2 * cut_count_packets(cutter, cutter->video, cutter->length);
	tracks[OUTPUT_AUDIO].packets =
		2 * cut_count_packets(cutter, cutter->audio, cutter->length);
	opened =
		cutter_open(cutter, cut->output_fd, tracks, cut->count, cut->least_room, err);
	avcodec_parameters_free(&video);
	avcodec_parameters_free(&audio);
	return opened;
}

static bool
open_recoders(Reencoder *reencoder, Error *err)
{
	const ReencodeCut *cut = reencoder->cut;
	Cutter *cutter = reencoder->cutter;

	if (cutter->video != NULL)
	{
		reencoder->decoder = encoder_open_source(cutter->video, err);
		if (reencoder->decoder == NULL ||
			!picture_recoder_open(&reencoder->pictures, cutter, &cut->pictures, err))
			return false;
	}
	if (cutter->audio != NULL &&
		!sound_recoder_open(&reencoder->sound, cutter->input, cutter->audio,
							cut->audio_bitrate, err))
		return false;
	reencoder->sound.output = &cutter->output;
	reencoder->base = cutter->video != NULL ? cutter->video->time_base
											: sound_recoder_tick(&reencoder->sound);
	return true;
}

/* Tells what was kept, in seconds of source time. */
static void
note_cuts(const Reencoder *reencoder)
{
	Cutter *cutter = reencoder->cutter;
	double origin = (double) cutter->input->origin / AV_TIME_BASE;
	double unit = av_q2d(reencoder->base);

	for (size_t i = 0; i < reencoder->cut->count; i++)
	{
		const KeptSpan *span = &reencoder->kept[i];

		if (!span->begun || span->end <= span->start)
			continue;
		cutter->cuts[cutter->cut_count++] =
			(CutSpan){.start = (double) span->start * unit - origin,
					  .end = (double) span->end * unit - origin,
					  .at = (double) span->at * unit};
	}
}

bool
cut_reencoded(const ReencodeCut *cut, Error *err)
{
	CLEANUP(reencoder)
	Reencoder reencoder = {.cut = cut,
						   .cutter = cut->cutter,
						   .known = INT64_MIN,
						   .shown = INT64_MIN,
						   .heard_from = AV_NOPTS_VALUE};
	Cutter *cutter = cut->cutter;

	if (!open_recoders(&reencoder, err) || !open_tracks(&reencoder, err))
		return false;
	plan_spans(&reencoder);
	/* where pictures begin late, the first one stands before */
	if (!reencode_land(cutter, reencoder.decoder, cut->spans[0].start, &reencoder.before,
					   err))
		return false;
	if (!read_all(&reencoder, err))
		return false;
	/* the index of the cut takes their place in memory */
	close_recoders(&reencoder);
	cutter->out = reencoder.out;
	if (!cutter_finish(cutter, err))
		return false;
	note_cuts(&reencoder);
	return cutter->cut_count > 0 ||
		   error_set(err, ERROR_INPUT, "cannot_decode",
					 "Look whether the recording plays in a player; copy it again from "
					 "where it was made.",
					 "nothing of the spans can be decoded");
}
