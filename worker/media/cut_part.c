/*
 * media/cut_part.c
 *	  Copying one part of a recording.
 */
#include "media/cut_part.h"

#include "base/array.h"
#include "media/cut_recode.h"
#include "media/cut_start.h"
#include "media/silence.h"
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
	int64_t shown;     /* greatest time stamp of the pictures written */
	CutOrder order;
	int64_t newest; /* greatest decoding time read of the pictures */
	bool again;     /* what is read now has been read before */
	bool begun;     /* the first picture to copy has been read */
	bool video_done;
	bool audio_done;
} PartCopy;

bool
cutter_open(Cutter *cutter, int output_fd, OutputTrack *tracks, size_t count,
			int64_t least_room, Error *err)
{
	cutter->out = 0;
	cutter->last_dts = INT64_MIN;
	cutter->cut_count = 0;
	cutter->cuts = array_new(count, sizeof *cutter->cuts);
	cutter->sound_encoded = cutter->audio != NULL &&
							tracks[OUTPUT_AUDIO].parameters != cutter->audio->codecpar;
	if (cutter->audio != NULL && !cutter->sound_encoded)
	{
		cut_sound_init(&cutter->sound, cutter->audio, cut_choose_clock(tracks));
		tracks[OUTPUT_AUDIO].time_base = cutter->sound.tick;
	}
	if (cutter->still != NULL)
		tracks[OUTPUT_VIDEO] = still_track(cutter->still);
	return output_open(&cutter->output, output_fd, tracks, least_room, err) &&
		   (cutter->still == NULL || still_write(cutter->still, &cutter->output, err));
}

void
cutter_close(Cutter *cutter)
{
	cut_tail_free(&cutter->tail);
	av_packet_free(&cutter->silence);
	output_close(&cutter->output);
	free(cutter->cuts);
	cutter->cuts = NULL;
}

bool
cutter_write_picture(Cutter *cutter, AVPacket *packet, Error *err)
{
	double at = (double) packet->pts * av_q2d(cutter->video->time_base);

	/* where parts meet, decoding times may: they only have to ascend */
	if (packet->dts <= cutter->last_dts)
		packet->dts = cutter->last_dts + 1;
	if (packet->dts > packet->pts)
		return error_set(err, ERROR_INPUT, CUT_DOES_NOT_FIT, NULL,
						 "the pictures at %.3f s of the cut cannot be put in order", at);
	cutter->last_dts = packet->dts;
	progress_report(&cutter->progress, 0.97 * at / cutter->length);
	return output_write(&cutter->output, OUTPUT_VIDEO, packet, err);
}

/* Fills what is missing before the packet, as far as a whole packet of silence fits. */
static bool
fill_gap(Cutter *cutter, const AVPacket *packet, Error *err)
{
	const AVCodecParameters *track = cutter->audio->codecpar;
	int64_t missing = cut_sound_gap(&cutter->sound, packet, track->frame_size);

	if (missing == 0 || strcmp(cutter->output.container, "mp4") != 0)
		return true;
	if (cutter->silence == NULL)
		cutter->silence = silence_like(track);
	for (; cutter->silence != NULL && missing > 0; missing--)
	{
		CLEANUP(packet) AVPacket *silence = av_packet_clone(cutter->silence);

		if (silence == NULL)
			return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
							 "no memory for silence");
		silence->pts = silence->dts = cutter->sound.at;
		silence->duration = track->frame_size;
		cutter->sound.at += silence->duration;
		if (!output_write(&cutter->output, OUTPUT_AUDIO, silence, err))
			return false;
	}
	return true;
}

static bool
write_sound(Cutter *cutter, AVPacket *packet, Error *err)
{
	if (!fill_gap(cutter, packet, err))
		return false;
	if (!cut_sound_place(&cutter->sound, packet))
		return true;
	if (cutter->video == NULL)
		progress_report(&cutter->progress, 0.97 * (double) packet->pts *
											   av_q2d(cutter->sound.tick) /
											   cutter->length);
	return output_write(&cutter->output, OUTPUT_AUDIO, packet, err);
}

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
		return write_sound(cutter, packet, err);
	if (packet->pts > copy->shown)
		copy->shown = packet->pts;
	/* players seek to what is called a key frame, and some cannot begin with every one */
	if ((packet->flags & AV_PKT_FLAG_KEY) != 0 && packet->pts != copy->part->copied &&
		bitstream_start(video_bitstream(cutter->video), packet->data,
						(size_t) packet->size) != START_CLEAN)
		packet->flags &= ~AV_PKT_FLAG_KEY;
	if (packet->pts == copy->part->copied && cutter->last_dts != INT64_MIN &&
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

/* The key frame starts the copy; pictures shown before it refer to what is cut away. */
static bool
wants_video(PartCopy *copy, const AVPacket *packet)
{
	if (!copy->begun)
		copy->begun =
			(packet->flags & AV_PKT_FLAG_KEY) != 0 && packet->pts == copy->part->copied;
	copy->video_done = packet->dts >= copy->part->end + cut_slack(copy->cutter->video);
	return copy->begun && packet->pts >= copy->part->copied && !is_again(copy, packet);
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

	return copy->part->copied != AV_NOPTS_VALUE && cutter->video != NULL &&
		   (cutter->tail.count > 0 ||
			input_time(cutter->input, stream, packet->pts) >= copy->end - TAIL_SECONDS);
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
	if (packet->pts == AV_NOPTS_VALUE || !(is_video || is_of(packet, cutter->audio)) ||
		!(is_video ? wants_video(copy, packet) : wants_audio(copy, packet)))
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

	if (packet == NULL)
		return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "no memory to read the input");
	while (!(copy->video_done && copy->audio_done) &&
		   av_read_frame(input->format, packet) >= 0)
	{
		bool over = is_overrun(copy, packet);
		bool taken = take_packet(copy, packet, err);

		av_packet_unref(packet);
		if (!taken)
			return false;
		if (over)
			break;
	}
	if (input->read_errno == 0)
		return true;
	return libav_error(err, ERROR_TRANSIENT, "read_failed", NULL,
					   AVERROR(input->read_errno), "cannot read the input");
}

/* Decides the end and writes what waited for it. */
static bool
write_tail(PartCopy *copy, CutPart *part, Error *err)
{
	Cutter *cutter = copy->cutter;
	CutTail *tail = &cutter->tail;

	part->end = cut_tail_close(tail, cutter->video->index, copy->shown, part->end,
							   cut_slack(cutter->video));
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

/* Notes what was cut, in seconds, and where the next part goes. */
static void
note_cut(Cutter *cutter, const CutPart *part)
{
	CutSpan *cut = &cutter->cuts[cutter->cut_count];
	const CutSound *sound = &cutter->sound;

	if (cutter->video != NULL && part->end > part->start)
	{
		cut->start = input_time(cutter->input, cutter->video, part->start);
		cut->end = input_time(cutter->input, cutter->video, part->end);
		cut->at = (double) cutter->out * av_q2d(cutter->video->time_base);
		cutter->out += part->end - part->start;
		cutter->cut_count++;
	}
	else if (cutter->video == NULL && sound->first != AV_NOPTS_VALUE)
	{
		double origin = (double) cutter->input->origin / AV_TIME_BASE;

		cut->start = (double) sound->first * av_q2d(sound->tick) - origin;
		cut->end = (double) sound->last * av_q2d(sound->tick) - origin;
		cut->at = (double) (sound->first + sound->shift) * av_q2d(sound->tick);
		cutter->cut_count++;
	}
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

bool
cutter_copy(Cutter *cutter, CutPart *part, Error *err)
{
	AVStream *leader = cutter->video != NULL ? cutter->video : cutter->audio;
	bool pictures = cutter->video != NULL && part->copied != AV_NOPTS_VALUE;
	PartCopy copy = {.cutter = cutter,
					 .part = part,
					 .end = input_time(cutter->input, leader, part->end),
					 .shown = part->copied,
					 .order = CUT_ORDER_NEW,
					 .newest = AV_NOPTS_VALUE,
					 .video_done = !pictures,
					 .audio_done = cutter->audio == NULL};
	double landing = input_time(cutter->input, leader, part->start) - LANDING_SECONDS;

	if (cutter->audio != NULL)
		begin_sound(cutter, &copy, &cutter->sound);
	if (!cut_seek(cutter->input, leader, landing, err))
		return false;
	cut_select(cutter->input, pictures ? cutter->video : NULL, cutter->audio);
	if (!copy_packets(&copy, err))
		return false;
	if (pictures && !copy.begun)
		return error_set(err, ERROR_INPUT, "cannot_seek",
						 "Re-encode the recording and add it again.",
						 "the key frame at %.3f s cannot be found again",
						 input_time(cutter->input, cutter->video, part->copied));
	if (pictures && !write_tail(&copy, part, err))
		return false;
	if (cutter->recoder != NULL && !recode_sound(&copy, part->end, true, err))
		return false;
	note_cut(cutter, part);
	return true;
}
