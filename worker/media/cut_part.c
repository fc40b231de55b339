/*
 * media/cut_part.c
 *	  Copying one part of a recording.
 */
#include "media/cut_part.h"

#include <math.h>

#include "media/cut_recode.h"
#include "media/cut_start.h"
#include "media/video.h"

/* Packets this close to the end wait until it is known which of them are kept. */
#define TAIL_SECONDS 3

/* The copy lands this long before the first picture: sound may be stored before it. */
#define LANDING_SECONDS 1.0

/* Decoding times grow; a step back by more is a part that is stored twice. */
#define BACK_SECONDS 0.1

/* Reading stops this long behind the end even if the sound never reaches it. */
#define OVERRUN_SECONDS 10.0

/* One part while it is copied. */
typedef struct PartCopy
{
	Cutter *cutter;
	const CutPart *part;
	int64_t sound_end; /* in the time base of the sound */
	int64_t heard;     /* recoded sound: the source position to go on from */
	double end;        /* source time */
	int64_t first;     /* of the key frame, as it is shown */
	int64_t delay;     /* how much earlier than shown the first picture is decoded */
	int64_t shown;     /* greatest time stamp of the pictures written */
	CutOrder order;
	int64_t newest; /* greatest decoding time read of the pictures */
	Bitstream bitstream;
	double pictures_reach; /* what has been read, source time */
	double sound_reaches;
	bool again; /* what is read now has been read before */
	bool begun; /* the first picture to copy has been read */
	bool wrote; /* sound of the part is in the output */
	bool video_done;
	bool audio_done;
	bool over;   /* nothing is left of the pictures or the sound */
	bool failed; /* but something was there */
} PartCopy;

static bool
is_of(const AVPacket *packet, const AVStream *stream)
{
	return stream != NULL && packet->stream_index == stream->index;
}

/* Writes decoded sound up to a time stamp of the pictures; with `all`, silence for what is not
 * there, else as far as there is any. */
static bool
recode_sound(PartCopy *copy, int64_t end, bool all, Error *err)
{
	SoundRecoder *recoder = copy->cutter->recoder;
	int64_t until =
		av_rescale_q(end, copy->cutter->video->time_base, sound_recoder_tick(recoder));

	if (!all && until > recoder->fed)
		until = recoder->fed;
	if (until <= copy->heard)
		return true;
	if (!sound_recoder_take(recoder, copy->heard, until, err))
		return false;
	copy->heard = until;
	copy->wrote = true;
	return true;
}

/* Sound that is recoded waits as decoded samples where the end is not known yet. */
static bool
feed_recoder(PartCopy *copy, const AVPacket *packet, Error *err)
{
	const Cutter *cutter = copy->cutter;
	int64_t tail =
		copy->part->copied == AV_NOPTS_VALUE
			? 0
			: av_rescale_q(TAIL_SECONDS, (AVRational){1, 1}, cutter->video->time_base);

	return sound_recoder_feed(cutter->recoder, packet, err) &&
		   recode_sound(copy, copy->part->end - tail, false, err);
}

static bool
write_packet(PartCopy *copy, AVPacket *packet, Error *err)
{
	Cutter *cutter = copy->cutter;
	int64_t shift = cutter->out - copy->part->start;

	if (!is_of(packet, cutter->video))
	{
		bool taken = cutter_write_sound(cutter, packet, err);

		copy->wrote = copy->wrote || cutter->sound.first != AV_NOPTS_VALUE;
		return taken;
	}
	if (packet->pts > copy->shown)
		copy->shown = packet->pts;
	/* players seek to what is called a key frame, and some cannot begin with every one */
	if ((packet->flags & AV_PKT_FLAG_KEY) != 0 && packet->pts != copy->first &&
		bitstream_start(copy->bitstream, packet->data, (size_t) packet->size) !=
			START_CLEAN)
		packet->flags &= ~AV_PKT_FLAG_KEY;
	if (packet->pts == copy->first && cutter->last_dts != INT64_MIN &&
		!cut_join_packet(cutter->video, packet, err))
		return false;
	packet->pts += shift;
	packet->dts += shift;
	return cutter_write_picture(cutter, packet, err);
}

/* A part that the file holds twice goes back in time; it is left out until it is over, as is
 * what a demuxer then calls decoded after it is shown. */
static bool
is_again(PartCopy *copy, const AVPacket *packet)
{
	int64_t back = (int64_t) (BACK_SECONDS / av_q2d(copy->cutter->video->time_base));

	if (copy->newest == AV_NOPTS_VALUE || packet->dts > copy->newest)
	{
		copy->newest = packet->dts;
		copy->again = false;
	}
	else if (packet->dts < copy->newest - back)
		copy->again = true;
	return copy->again || packet->dts > packet->pts;
}

/* A key frame that stands is shown, and decoded, so much earlier. */
static void
hold_first(const PartCopy *copy, AVPacket *packet)
{
	int64_t earlier = copy->part->copied - copy->first;

	packet->pts -= earlier;
	packet->dts -= earlier;
	packet->duration += earlier;
}

/* The key frame starts the copy; pictures shown before it refer to what is cut away. */
static bool
wants_video(PartCopy *copy, AVPacket *packet)
{
	if (!copy->begun && (packet->flags & AV_PKT_FLAG_KEY) != 0 &&
		packet->pts == copy->part->copied)
	{
		hold_first(copy, packet);
		copy->begun = true;
		copy->delay = packet->pts - packet->dts;
	}
	copy->video_done = packet->dts >= copy->part->end + cut_slack(copy->cutter->video);
	return copy->begun &&
		   (packet->pts == copy->first || packet->pts >= copy->part->copied) &&
		   !is_again(copy, packet);
}

static bool
wants_audio(PartCopy *copy, const AVPacket *packet)
{
	copy->audio_done = packet->pts >= copy->sound_end;
	return !copy->audio_done;
}

/* Where the end is not known before the last picture has been read, packets wait for it. */
static bool
must_wait(const PartCopy *copy, const AVPacket *packet)
{
	const Cutter *cutter = copy->cutter;
	const AVStream *stream = cutter->input->format->streams[packet->stream_index];
	int64_t until = packet->pts + packet->duration;

	/* a picture that stands for long may be the last one */
	return copy->part->copied != AV_NOPTS_VALUE && cutter->video != NULL &&
		   (cutter->tail.count > 0 ||
			input_time(cutter->input, stream, until) >= copy->end - TAIL_SECONDS);
}

/* How far the recording has been read. */
static void
note_reach(PartCopy *copy, const AVPacket *packet, bool is_video)
{
	const MediaInput *input = copy->cutter->input;
	const AVStream *stream = input->format->streams[packet->stream_index];
	double until = input_time(input, stream, packet->pts + packet->duration);
	double *reach = is_video ? &copy->pictures_reach : &copy->sound_reaches;

	*reach = fmax(*reach, until);
}

static bool
take_packet(PartCopy *copy, AVPacket *packet, Error *err)
{
	Cutter *cutter = copy->cutter;
	bool is_video = is_of(packet, cutter->video);

	if (is_video)
		cut_order_packet(&copy->order, cutter->video, packet);
	else if (packet->pts == AV_NOPTS_VALUE)
		packet->pts = packet->dts;
	if (packet->pts == AV_NOPTS_VALUE || !(is_video || is_of(packet, cutter->audio)))
		return true;
	if (is_video ? !cut_is_whole(copy->bitstream, packet)
				 : (packet->flags & AV_PKT_FLAG_CORRUPT) != 0)
		return true;
	note_reach(copy, packet, is_video);
	if (!(is_video ? wants_video(copy, packet) : wants_audio(copy, packet)))
		return true;
	if (!is_video && cutter->recoder != NULL)
		return feed_recoder(copy, packet, err);
	if (must_wait(copy, packet))
		return cut_tail_add(&cutter->tail, packet) ||
			   error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "no memory for the end of the cut");
	if (!is_video && !cut_sound_reaches(&cutter->sound, packet, copy->sound_end))
	{
		copy->audio_done = true;
		return true;
	}
	return write_packet(copy, packet, err);
}

static bool
is_overrun(const PartCopy *copy, const AVPacket *packet)
{
	const MediaInput *input = copy->cutter->input;
	const AVStream *stream = input->format->streams[packet->stream_index];

	return input_time(input, stream, packet->dts) > copy->end + OVERRUN_SECONDS;
}

static bool
copy_packets(PartCopy *copy, Error *err)
{
	CLEANUP(packet) AVPacket *packet = av_packet_alloc();
	MediaInput *input = copy->cutter->input;
	int64_t bad_reads = input->bad_reads;
	InputRead read = INPUT_PACKET;
	bool over = false;

	if (packet == NULL)
		return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "no memory to read the input");
	while (!(copy->video_done && copy->audio_done) &&
		   (read = input_read(input, packet, err)) == INPUT_PACKET)
	{
		bool taken;

		over = is_overrun(copy, packet);
		taken = take_packet(copy, packet, err);

		av_packet_unref(packet);
		if (!taken)
			return false;
		if (over)
			break;
	}
	copy->over = over || read == INPUT_END;
	copy->failed = input->bad_reads > bad_reads;
	return read != INPUT_FAILED;
}

/* Decides the end and writes what waited for it. */
static bool
write_tail(PartCopy *copy, CutPart *part, Error *err)
{
	Cutter *cutter = copy->cutter;
	CutTail *tail = &cutter->tail;

	int64_t wanted = part->end;

	part->end = cut_tail_close(tail, cutter->video->index, copy->shown, part->end,
							   cut_slack(cutter->video));
	/* the last picture stands where sound goes on without */
	if (copy->over)
	{
		double reach = copy->failed ? copy->pictures_reach
									: fmax(copy->pictures_reach, copy->sound_reaches);
		int64_t until = input_timestamp(cutter->input, cutter->video, reach);

		part->end = FFMAX(part->end, FFMIN(wanted, until));
	}
	cut_tail_stretch(tail, cutter->video->index, copy->delay, part->end);
	if (cutter->audio != NULL)
		copy->sound_end =
			av_rescale_q(part->end, cutter->video->time_base, cutter->audio->time_base);
	for (size_t i = 0; i < tail->count; i++)
	{
		AVPacket *packet = tail->packets[i];

		if (is_of(packet, cutter->audio) &&
			!cut_sound_reaches(&cutter->sound, packet, copy->sound_end))
			continue;
		if (!write_packet(copy, packet, err))
			return false;
	}
	cut_tail_free(tail);
	return true;
}

/* Says where the recording ends before the part does. */
static bool
judge_end(const PartCopy *copy, Error *err)
{
	Cutter *cutter = copy->cutter;
	double end = fmax(copy->pictures_reach, copy->sound_reaches);

	if (cutter->video != NULL)
		end = fmin(end, input_time(cutter->input, cutter->video, copy->part->end));
	return !copy->over || cutter_ends(cutter, copy->end, end, copy->failed, err);
}

static void
begin_sound(const Cutter *cutter, PartCopy *copy, CutSound *sound)
{
	if (cutter->video == NULL)
	{
		cut_sound_begin_alone(sound, copy->part->start);
		copy->sound_end = copy->part->end;
		return;
	}
	if (cutter->recoder != NULL)
	{
		AVRational tick = sound_recoder_tick(cutter->recoder);
		AVRational base = cutter->video->time_base;

		sound_recoder_jump(cutter->recoder);
		copy->heard = av_rescale_q(copy->part->start, base, tick) +
					  cutter->recoder->written - av_rescale_q(cutter->out, base, tick);
	}
	cut_sound_begin(sound, copy->part->start, cutter->out, cutter->video->time_base);
	copy->sound_end =
		av_rescale_q(copy->part->end, cutter->video->time_base, cutter->audio->time_base);
}

/* Copies what is found behind a source time. */
static bool
copy_from(PartCopy *copy, double landing, Error *err)
{
	Cutter *cutter = copy->cutter;
	AVStream *leader = cutter->video != NULL ? cutter->video : cutter->audio;
	bool pictures = cutter->video != NULL && copy->part->copied != AV_NOPTS_VALUE;

	if (cutter->audio != NULL)
		begin_sound(cutter, copy, &cutter->sound);
	cut_select(cutter->input, pictures ? cutter->video : NULL, cutter->audio);
	return cut_seek(cutter->input, leader, landing, err) && copy_packets(copy, err);
}

bool
cutter_copy(Cutter *cutter, CutPart *part, Error *err)
{
	AVStream *leader = cutter->video != NULL ? cutter->video : cutter->audio;
	bool pictures = cutter->video != NULL && part->copied != AV_NOPTS_VALUE;
	PartCopy copy = {.cutter = cutter,
					 .part = part,
					 .end = input_time(cutter->input, leader, part->end),
					 .first = part->stands ? part->start : part->copied,
					 .shown = part->stands ? part->start : part->copied,
					 .order = CUT_ORDER_NEW,
					 .newest = AV_NOPTS_VALUE,
					 .bitstream = video_bitstream(leader),
					 .pictures_reach = input_time(cutter->input, leader, part->start),
					 .video_done = !pictures,
					 .audio_done = cutter->audio == NULL};
	PartCopy anew = copy;

	if (!copy_from(&copy, copy.pictures_reach - LANDING_SECONDS, err))
		return false;
	/* what damage looks like is in the index, too, and leads past the key frame */
	if (pictures && !copy.begun && !copy.wrote)
	{
		copy = anew;
		cut_tail_free(&cutter->tail);
		if (!copy_from(&copy, 0.0, err))
			return false;
	}
	if (pictures && !copy.begun)
		return error_set(err, ERROR_INPUT, "cannot_seek",
						 "Re-encode the recording and add it again.",
						 "the key frame at %.3f s cannot be found again",
						 input_time(cutter->input, cutter->video, part->copied));
	if (pictures && !write_tail(&copy, part, err))
		return false;
	if (cutter->recoder != NULL && !recode_sound(&copy, part->end, true, err))
		return false;
	cutter_note(cutter, part);
	return judge_end(&copy, err);
}
