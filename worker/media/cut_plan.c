/*
 * media/cut_plan.c
 *	  The tracks and the spans of a cut.
 */
#include "media/cut_plan.h"

#include <math.h>
#include <stdio.h>

/* Guesses where a stream does not tell: pictures a second, samples of a packet. */
#define USUAL_RATE   30.0
#define USUAL_PACKET 1024.0

/* Seconds kept beyond what was asked for that go without saying: in front as many as usually
 * lie between key frames, for that is what a copy is; less of what was to be cut out. */
#define EARLY_SECONDS   10.0
#define BETWEEN_SECONDS 1.0
#define ROUNDING        0.002 /* what is lost when time stamps become milliseconds */

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

bool
cut_choose_streams(Cutter *cutter, int audio_track, Error *err)
{
	cutter->video = input_video(cutter->input);
	cutter->audio = choose_audio(cutter->input, audio_track);
	if (cutter->audio == NULL && audio_track >= 0)
		return error_set(err, ERROR_PERMANENT, "no_such_track",
						 "`leap media probe FILE` lists the sound tracks by index.",
						 "the recording has no sound track with index %d", audio_track);
	return cutter->video != NULL || cutter->audio != NULL ||
		   error_set(err, ERROR_INPUT, "no_stream",
					 "Give a recording with sound or pictures.",
					 "the recording holds neither sound nor picture");
}

bool
cut_limit_spans(Cutter *cutter, Span *spans, size_t *count, Error *err)
{
	double duration = input_duration(cutter->input);
	double wanted = spans[*count - 1].end;
	Span first = spans[0];

	for (size_t i = 0; i < *count && duration > 0.0; i++)
	{
		spans[i].end = fmin(spans[i].end, duration);
		if (spans[i].start >= spans[i].end)
			*count = i;
	}
	if (*count > 0 && duration > 0.0)
		return cutter_ends(cutter, wanted, duration, false, err);
	return *count > 0 ||
		   error_set(err, ERROR_PERMANENT, "bad_range",
					 "Keep something that lies within the recording.",
					 "nothing lies between %.3f s and %.3f s of a recording of %.3f s",
					 first.start, first.end, duration);
}

double
cut_length(const Span *spans, size_t count)
{
	double length = 0.0;

	for (size_t i = 0; i < count; i++)
		length += spans[i].end - spans[i].start;
	return length;
}

/* Packets a second by what the stream says about itself. */
static double
usual_packets(const AVStream *stream)
{
	const AVCodecParameters *parameters = stream->codecpar;

	if (parameters->codec_type == AVMEDIA_TYPE_AUDIO)
		return (parameters->sample_rate > 0 ? parameters->sample_rate : 48000) /
			   (parameters->frame_size > 0 ? parameters->frame_size : USUAL_PACKET);
	return stream->avg_frame_rate.num > 0 && stream->avg_frame_rate.den > 0
			   ? av_q2d(stream->avg_frame_rate)
			   : USUAL_RATE;
}

int64_t
cut_count_packets(const Cutter *cutter, const AVStream *stream, double seconds)
{
	double duration = input_duration(cutter->input);
	double all;

	if (stream == NULL)
		return 0;
	all = avformat_index_get_entries_count(stream);
	/* an index may hold key frames only */
	if (duration <= 0.0 || all < 0.9 * usual_packets(stream) * duration)
		return (int64_t) (usual_packets(stream) * seconds);
	return (int64_t) (all * fmin(seconds / duration, 1.0));
}

/* How much of [from, to) the cuts hold, in seconds. */
static double
kept_within(double from, double to, const CutSpan *cuts, size_t count)
{
	double kept = 0.0;

	for (size_t i = 0; i < count; i++)
		kept += fmax(fmin(cuts[i].end, to) - fmax(cuts[i].start, from), 0.0);
	return kept;
}

bool
cut_excess(const Span *spans, size_t count, const CutSpan *cuts, size_t cut_count,
		   char *what, size_t size)
{
	double early = cut_count > 0 ? spans[0].start - cuts[0].start : 0.0;
	double between = 0.0;

	for (size_t i = 1; i < count; i++)
	{
		double kept = kept_within(spans[i - 1].end, spans[i].start, cuts, cut_count);

		between += kept > BETWEEN_SECONDS + ROUNDING ? kept : 0.0;
	}
	what[0] = '\0';
	if (early > BETWEEN_SECONDS + ROUNDING && between > 0.0)
		snprintf(what, size,
				 "it begins %.1f s earlier than asked and keeps %.1f s between its parts",
				 early, between);
	else if (early > EARLY_SECONDS + ROUNDING)
		snprintf(what, size, "it begins %.1f s earlier than asked", early);
	else if (between > 0.0)
		snprintf(what, size, "it keeps %.1f s between its parts", between);
	return what[0] != '\0';
}
