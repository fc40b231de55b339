/*
 * media/cut.c
 *	  Cutting without encoding.
 */
#include "media/cut.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "media/cut_start.h"
#include "media/cut_tail.h"
#include "media/facts.h"
#include "media/output.h"
#include "media/progress.h"

/* Packets this close to the end wait until it is known which of them are kept. */
#define TAIL_SECONDS 3.0

/* The copy lands this long before the first picture: sound may be stored before it. */
#define LANDING_SECONDS 1.0

/* Reading stops this long behind the end even if the sound never reaches it. */
#define OVERRUN_SECONDS 10.0

typedef struct Cut
{
	MediaInput *input;
	AVStream *video; /* NULL: sound only */
	AVStream *audio; /* NULL: silent */
	MediaOutput output;
	CutTail tail;
	Progress progress;
	double start;
	double end;
	int64_t video_zero; /* time stamp of the first picture: 0 of the output */
	int64_t audio_zero; /* the same instant in the time base of the sound */
	int64_t video_end;  /* the wanted end in each time base */
	int64_t audio_end;
	int64_t shown; /* greatest time stamp of the pictures written */
	bool begun;    /* the first picture has been read */
	bool video_done;
	bool audio_done;
} Cut;

static AVStream *
choose_audio(const MediaInput *input, int index)
{
	AVStream *best = NULL;

	for (unsigned i = 0; i < input->format->nb_streams; i++)
	{
		AVStream *stream = input->format->streams[i];

		if (stream->codecpar->codec_type != AVMEDIA_TYPE_AUDIO)
			continue;
		if (stream->index == index)
			return stream;
		if (best == NULL || (stream->disposition & AV_DISPOSITION_DEFAULT) >
								(best->disposition & AV_DISPOSITION_DEFAULT))
			best = stream;
	}
	return index >= 0 ? NULL : best;
}

static bool
choose_streams(Cut *cut, const CutOptions *options, Error *err)
{
	cut->video = input_video(cut->input);
	cut->audio = choose_audio(cut->input, options->audio_track);
	if (cut->audio == NULL && options->audio_track >= 0)
		return error_set(err, ERROR_PERMANENT, "no_such_track",
						 "`leap-media probe` lists the sound tracks by index.",
						 "the recording has no sound track with index %d",
						 options->audio_track);
	return cut->video != NULL || cut->audio != NULL ||
		   error_set(err, ERROR_INPUT, "no_stream", NULL,
					 "the recording holds neither sound nor picture");
}

static bool
check_range(Cut *cut, const CutOptions *options, Error *err)
{
	double duration = input_duration(cut->input);

	cut->start = options->start > 0.0 ? options->start : 0.0;
	cut->end = options->end;
	if (duration > 0.0 && cut->end > duration)
		cut->end = duration;
	return cut->start < cut->end ||
		   error_set(err, ERROR_PERMANENT, "bad_range",
					 "Give a start before the end, both within the recording.",
					 "nothing lies between %.3f s and %.3f s of a recording of %.3f s",
					 options->start, options->end, duration);
}

/* Sets the instant that becomes 0 of the output. */
static bool
choose_zero(Cut *cut, Error *err)
{
	if (cut->video != NULL)
	{
		if (!cut_find_start(cut->input, cut->video, cut->start, &cut->video_zero, err))
			return false;
		cut->start = input_time(cut->input, cut->video, cut->video_zero);
		cut->video_end = input_timestamp(cut->input, cut->video, cut->end);
		cut->shown = cut->video_zero;
	}
	if (cut->audio != NULL)
	{
		cut->audio_zero = cut->video != NULL
							  ? av_rescale_q(cut->video_zero, cut->video->time_base,
											 cut->audio->time_base)
							  : input_timestamp(cut->input, cut->audio, cut->start);
		cut->audio_end = input_timestamp(cut->input, cut->audio, cut->end);
	}
	cut->video_done = cut->video == NULL;
	cut->audio_done = cut->audio == NULL;
	return true;
}

static bool
write_packet(Cut *cut, AVPacket *packet, Error *err)
{
	bool is_video = cut->video != NULL && packet->stream_index == cut->video->index;
	const AVStream *stream = is_video ? cut->video : cut->audio;
	int64_t zero = is_video ? cut->video_zero : cut->audio_zero;

	if (is_video && packet->pts > cut->shown)
		cut->shown = packet->pts;
	packet->pts -= zero;
	packet->dts -= zero;
	progress_report(&cut->progress, 0.9 * (double) packet->pts *
										av_q2d(stream->time_base) /
										(cut->end - cut->start));
	return output_write(&cut->output, stream, packet, err);
}

/* The first picture starts the cut; pictures shown before it refer to what is cut away. */
static bool
wants_video(Cut *cut, const AVPacket *packet)
{
	if (!cut->begun)
		cut->begun =
			(packet->flags & AV_PKT_FLAG_KEY) != 0 && packet->pts == cut->video_zero;
	cut->video_done = packet->dts >= cut->video_end;
	return cut->begun && packet->pts >= cut->video_zero;
}

/* Half the time of a packet, which some containers do not name. */
static int64_t
half_packet(const AVStream *stream, const AVPacket *packet)
{
	const AVCodecParameters *parameters = stream->codecpar;

	if (packet->duration > 0 || parameters->sample_rate <= 0)
		return packet->duration / 2;
	return av_rescale_q(parameters->frame_size / 2,
						(AVRational){1, parameters->sample_rate}, stream->time_base);
}

/* The sound begins with the packet nearest to the first picture. */
static bool
wants_audio(Cut *cut, const AVPacket *packet)
{
	cut->audio_done = packet->pts >= cut->audio_end;
	return !cut->audio_done &&
		   packet->pts + half_packet(cut->audio, packet) > cut->audio_zero;
}

static bool
near_the_end(const Cut *cut, const AVPacket *packet)
{
	const AVStream *stream = cut->input->format->streams[packet->stream_index];

	return cut->video != NULL &&
		   input_time(cut->input, stream, packet->pts) >= cut->end - TAIL_SECONDS;
}

static bool
take_packet(Cut *cut, AVPacket *packet, Error *err)
{
	bool is_video = cut->video != NULL && packet->stream_index == cut->video->index;
	bool is_audio = cut->audio != NULL && packet->stream_index == cut->audio->index;

	if (packet->pts == AV_NOPTS_VALUE)
		packet->pts = packet->dts;
	if (packet->dts == AV_NOPTS_VALUE)
		packet->dts = packet->pts;
	if (packet->pts == AV_NOPTS_VALUE || !(is_video || is_audio) ||
		!(is_video ? wants_video(cut, packet) : wants_audio(cut, packet)))
		return true;
	if (cut->tail.count == 0 && !near_the_end(cut, packet))
		return write_packet(cut, packet, err);
	return cut_tail_add(&cut->tail, packet) ||
		   error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
					 "no memory for the end of the cut");
}

static bool
is_overrun(const Cut *cut, const AVPacket *packet)
{
	const AVStream *stream = cut->input->format->streams[packet->stream_index];

	return input_time(cut->input, stream, packet->dts) > cut->end + OVERRUN_SECONDS;
}

static bool
copy_packets(Cut *cut, Error *err)
{
	CLEANUP(packet) AVPacket *packet = av_packet_alloc();

	if (packet == NULL)
		return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "no memory to read the input");
	while (!(cut->video_done && cut->audio_done) &&
		   av_read_frame(cut->input->format, packet) >= 0)
	{
		bool over = is_overrun(cut, packet);
		bool taken = take_packet(cut, packet, err);

		av_packet_unref(packet);
		if (!taken)
			return false;
		if (over)
			break;
	}
	if (cut->input->read_errno == 0)
		return true;
	return libav_error(err, ERROR_TRANSIENT, "read_failed", NULL,
					   AVERROR(cut->input->read_errno), "cannot read the input");
}

/* Decides the end, writes what waited for it, and sets the end really reached. */
static bool
write_tail(Cut *cut, Error *err)
{
	int64_t sound_end = cut->audio_end;

	if (cut->video != NULL)
	{
		int64_t end =
			cut_tail_close(&cut->tail, cut->video->index, cut->shown, cut->video_end);

		cut->end = input_time(cut->input, cut->video, end);
		if (cut->audio != NULL)
			sound_end = av_rescale_q(end, cut->video->time_base, cut->audio->time_base);
	}
	for (size_t i = 0; i < cut->tail.count; i++)
	{
		AVPacket *packet = cut->tail.packets[i];
		bool is_sound = cut->audio != NULL && packet->stream_index == cut->audio->index;

		if (is_sound && packet->pts + half_packet(cut->audio, packet) > sound_end)
			continue;
		if (!write_packet(cut, packet, err))
			return false;
	}
	return true;
}

static bool
copy_range(Cut *cut, int output_fd, Error *err)
{
	const AVStream *leader = cut->video != NULL ? cut->video : cut->audio;

	if (!output_open(&cut->output, output_fd, cut->video, cut->audio, err) ||
		!cut_seek(cut->input, leader, cut->start - LANDING_SECONDS, err))
		return false;
	cut_select(cut->input, cut->video, cut->audio);
	if (!copy_packets(cut, err))
		return false;
	if (cut->video != NULL && !cut->begun)
		return error_set(err, ERROR_INPUT, "cannot_seek",
						 "Re-encode the recording and add it again.",
						 "the key frame at %.3f s cannot be found again", cut->start);
	return write_tail(cut, err) && output_finish(&cut->output, err);
}

static void
cleanup_cut(Cut *cut)
{
	cut_tail_free(&cut->tail);
	output_close(&cut->output);
}

static cJSON *
describe(const Cut *cut)
{
	cJSON *facts = cJSON_CreateObject();
	char bytes[24];

	snprintf(bytes, sizeof bytes, "%" PRId64, cut->output.size);
	facts_number(facts, "start", cut->start, 3);
	facts_number(facts, "end", cut->end, 3);
	facts_number(facts, "duration", cut->end - cut->start, 3);
	cJSON_AddStringToObject(facts, "bytes", bytes);
	cJSON_AddStringToObject(facts, "container", cut->output.container);
	cJSON_AddStringToObject(facts, "mode", "copy");
	return facts;
}

bool
cut_run(const CutOptions *options, cJSON **result, Error *err)
{
	CLEANUP(input) MediaInput input = {0};
	CLEANUP(cut)
	Cut cut = {.input = &input, .progress = PROGRESS_TO(options->progress_fd)};

	if (!input_open(&input, options->input_fd, err) ||
		!choose_streams(&cut, options, err) || !check_range(&cut, options, err) ||
		!choose_zero(&cut, err) || !copy_range(&cut, options->output_fd, err))
		return false;
	*result = describe(&cut);
	return true;
}
