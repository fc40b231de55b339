/*
 * media/cut.c
 *	  Cutting kept parts out of a recording.
 */
#include "media/cut.h"

#include <inttypes.h>
#include <malloc.h>
#include <string.h>

#include "base/array.h"
#include "media/cut_exact.h"
#include "media/cut_plan.h"
#include "media/cut_recode.h"
#include "media/cut_start.h"
#include "media/facts.h"
#include "media/reencode.h"

/* Beside the packets asked for: what copying from key frames adds, in seconds. */
#define ROOM_SECONDS 10.0

/* Pictures so long before the start go without saying. */
#define HIDDEN_SECONDS 0.1

/* A first picture so much later than the sound is shown before, too. */
#define LATE_SECONDS 0.1

/* Packets of sound are shorter, those of 8 kHz too. */
#define LONGEST_PACKET_SECONDS 0.3

/* What is cut, in which way. */
typedef struct CutRun
{
	const CutOptions *options;
	Cutter cutter;
	Span *spans;
	size_t count;
	int64_t least_room; /* the index of a try before */
	Still still;
} CutRun;

typedef struct CutMode
{
	const char *name;
	bool (*run)(CutRun *run, Error *err);
} CutMode;

static void
cleanup_cut(CutRun *run)
{
	cutter_close(&run->cutter);
	still_close(&run->still);
	free(run->spans);
}

/* Where pictures begin only after the sound, the first one stands before. */
static void
hold_late_picture(const Cutter *cutter, const Span *span, CutPart *part)
{
	int64_t wanted = input_timestamp(cutter->input, cutter->video, span->start);

	if (cutter->audio == NULL ||
		(double) (part->copied - wanted) * av_q2d(cutter->video->time_base) <=
			LATE_SECONDS)
		return;
	part->start = wanted;
	part->stands = true;
}

/* Begins the span with a key frame; one that then touches the part before goes on with it, as
 * does one whose key frame cannot stand behind that part, or is that part's. */
static bool
plan_part(CutRun *run, const Span *span, CutPart *parts, size_t *count, Error *err)
{
	Cutter *cutter = &run->cutter;
	AVStream *leader = cutter->video != NULL ? cutter->video : cutter->audio;
	CutPart *before = *count > 0 ? &parts[*count - 1] : NULL;
	CutPart part = {.end = input_timestamp(cutter->input, leader, span->end)};
	bool joins = true;

	part.start = input_timestamp(cutter->input, leader, span->start);
	if (cutter->video != NULL && !cut_find_start(cutter->input, cutter->video,
												 span->start, &part.start, &joins, err))
		return false;
	part.copied = part.start;
	if (cutter->video != NULL)
		hold_late_picture(cutter, span, &part);
	if (before != NULL &&
		(part.start <= before->end || part.copied == before->copied || !joins))
		before->end = part.end;
	else
		parts[(*count)++] = part;
	return true;
}

/* Packets too long to be moved: the part begins with the last one at or before it, which its
 * first picture is shown with. Of several parts this would move pictures: sound is encoded. */
static bool
place_long_packets(CutRun *run, CutPart *parts, size_t count, CutRecoder *recoder,
				   OutputTrack *tracks, Error *err)
{
	const Cutter *cutter = &run->cutter;
	AVRational base;
	int64_t first;

	if (cut_choose_clock(tracks) != CLOCK_LEADING)
		return true;
	if (count > 1)
		return cut_recoder_open(recoder, &run->cutter, &tracks[OUTPUT_AUDIO], err);
	base = cutter->video->time_base;
	if (!cut_find_sound(cutter->input, cutter->audio,
						input_time(cutter->input, cutter->video, parts->start), &first,
						err))
		return false;
	if (first == AV_NOPTS_VALUE)
		return true;
	first = av_rescale_q(first, cutter->audio->time_base, base);
	/* behind a gap of the sound none goes with the picture */
	if ((double) (parts->start - first) * av_q2d(base) > LONGEST_PACKET_SECONDS)
		return true;
	parts->stands = parts->stands || first < parts->start;
	parts->start = FFMIN(first, parts->start);
	return true;
}

static bool
run_copy(CutRun *run, Error *err)
{
	CLEANUP(cut_recoder) CutRecoder recoder = {.cutter = NULL};
	Cutter *cutter = &run->cutter;
	CLEANUP(free) CutPart *parts = array_new(run->count, sizeof *parts);
	OutputTrack tracks[OUTPUT_KINDS] = {output_copy_of(cutter->video),
										output_copy_of(cutter->audio)};
	double seconds = cutter->length + ROOM_SECONDS;
	size_t count = 0;

	for (size_t i = 0; i < run->count; i++)
		if (!plan_part(run, &run->spans[i], parts, &count, err))
			return false;
	if (!place_long_packets(run, parts, count, &recoder, tracks, err))
		return false;
	tracks[OUTPUT_VIDEO].packets = cut_count_packets(cutter, cutter->video, seconds);
	tracks[OUTPUT_AUDIO].packets = cut_count_packets(cutter, cutter->audio, seconds);
	if (!cutter_open(cutter, run->options->output_fd, tracks, count, run->least_room,
					 err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!cutter_copy(cutter, &parts[i], err))
			return false;
	return cut_recoder_finish(&recoder, err) && cutter_finish(cutter, err);
}

static bool
run_exact(CutRun *run, Error *err)
{
	ExactCut exact = {.cutter = &run->cutter,
					  .output_fd = run->options->output_fd,
					  .threads = run->options->threads,
					  .least_room = run->least_room,
					  .spans = run->spans,
					  .count = run->count};

	/* sound has nothing that refers to what is before it */
	return run->cutter.video != NULL ? cut_exactly(&exact, err) : run_copy(run, err);
}

static bool
run_reencode(CutRun *run, Error *err)
{
	const CutOptions *options = run->options;
	ReencodeCut reencode = {
		.cutter = &run->cutter,
		.output_fd = options->output_fd,
		.least_room = run->least_room,
		.spans = run->spans,
		.count = run->count,
		.pictures = {.crf = options->crf,
					 .max_height = options->max_height,
					 .max_bitrate = options->max_bitrate,
					 .threads = options->threads},
		.audio_bitrate = options->audio_bitrate
    };

	return cut_reencoded(&reencode, err);
}

static const CutMode modes[] = {
	{"copy",     run_copy    },
	{"exact",    run_exact   },
	{"reencode", run_reencode},
};

static const CutMode *
find_mode(const char *name)
{
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (strcmp(modes[i].name, name) == 0)
			return &modes[i];
	return NULL;
}

/* A second time when the index needs more room than was left for it. */
static bool
run_mode(CutRun *run, const CutMode *mode, Error *err)
{
	for (int tries = 0;; tries++)
	{
		if (mode->run(run, err))
			return true;
		if (tries > 0 || strcmp(err->code, OUTPUT_NO_ROOM) != 0)
			return false;
		run->least_room = run->cutter.output.index + 8;
		cutter_close(&run->cutter);
	}
}

static cJSON *
describe(const CutRun *run, const CutMode *mode, const char *fallback)
{
	const Cutter *cutter = &run->cutter;
	const CutSpan *cuts = cutter->cuts;
	size_t count = cutter->cut_count;
	cJSON *facts = cJSON_CreateObject();
	cJSON *list;
	char bytes[24];

	snprintf(bytes, sizeof bytes, "%" PRId64, cutter->output.size);
	cJSON_AddStringToObject(facts, "mode", mode->name);
	cJSON_AddItemToObject(facts, "fallback",
						  fallback != NULL ? cJSON_CreateString(fallback)
										   : cJSON_CreateNull());
	cJSON_AddItemToObject(facts, "sound",
						  cutter->audio == NULL   ? cJSON_CreateNull()
						  : cutter->sound_encoded ? cJSON_CreateString("encoded")
												  : cJSON_CreateString("copied"));
	list = cJSON_AddArrayToObject(facts, "cuts");
	for (size_t i = 0; i < count; i++)
	{
		cJSON *cut = cJSON_CreateObject();

		facts_number(cut, "start", cuts[i].start, 3);
		facts_number(cut, "end", cuts[i].end, 3);
		facts_number(cut, "at", cuts[i].at, 3);
		cJSON_AddItemToArray(list, cut);
	}
	facts_number(facts, "start", count > 0 ? cuts[0].start : 0.0, 3);
	facts_number(facts, "end", count > 0 ? cuts[count - 1].end : 0.0, 3);
	facts_number(facts, "duration", spans_length(cuts, count), 3);
	cJSON_AddStringToObject(facts, "bytes", bytes);
	cJSON_AddStringToObject(facts, "container", cutter->output.container);
	return facts;
}

/* What cannot be cut as asked is copied: *why tells the reason. */
static bool
run_or_copy(CutRun *run, const CutMode **mode, char *why, size_t size, Error *err)
{
	if (run_mode(run, *mode, err))
		return true;
	if (strcmp(err->code, CUT_DOES_NOT_FIT) != 0)
		return false;
	snprintf(why, size, "%s", err->message);
	*err = (Error){0};
	cutter_close(&run->cutter);
	*mode = &modes[0];
	run->least_room = 0;
	return run_mode(run, *mode, err);
}

/* A recording of sound alone gets a picture if one is wanted, as MP4. */
static bool
add_still(CutRun *run, const CutMode **mode, char *why, size_t size, Error *err)
{
	Cutter *cutter = &run->cutter;

	if (run->options->still_fd < 0 || cutter->video != NULL)
		return true;
	if (!still_open(&run->still, run->options->still_fd, run->spans, run->count, err))
		return false;
	cutter->still = &run->still;
	if (strcmp(output_container(AV_CODEC_ID_H264, cutter->audio->codecpar->codec_id),
			   "mp4") == 0)
		return true;
	snprintf(why, size, "MP4 does not take the sound as it is");
	*mode = find_mode("reencode");
	return true;
}

/* Copies have to begin with key frames: people hear of it where those lie far apart. */
static void
explain_excess(const CutRun *run, char *why, size_t size)
{
	const Cutter *cutter = &run->cutter;
	size_t said = strlen(why);
	char what[128];

	if (cut_excess(run->spans, run->count, cutter->cuts, cutter->cut_count, what,
				   sizeof what))
		snprintf(why + said, size - said, "%s%s",
				 said > 0 ? "; " : "its key frames lie far apart, so ", what);
}

/* An edit list may hide the first pictures: a copy that needs one of them shows those behind. */
static void
tell_hidden(const Cutter *cutter, char *why, size_t size)
{
	size_t said = strlen(why);

	if (cutter->cut_count > 0 && cutter->cuts[0].start < -HIDDEN_SECONDS)
		snprintf(why + said, size - said,
				 "%sit shows %.1f s that the recording hides before its start",
				 said > 0 ? "; " : "", -cutter->cuts[0].start);
}

/* What was asked and is not there belongs to what was not cut as asked. */
static void
tell_early(const Cutter *cutter, char *why, size_t size)
{
	size_t length = strlen(why);

	if (cutter->early[0] != '\0')
		snprintf(why + length, size - length, "%s%s", length > 0 ? "; " : "",
				 cutter->early);
}

bool
cut_run(const CutOptions *options, cJSON **result, Error *err)
{
	CLEANUP(input) MediaInput input = {0};
	CLEANUP(cut)
	CutRun run = {
		.options = options,
		.cutter = {.input = &input, .progress = PROGRESS_TO(options->progress_fd)}
    };
	const CutMode *mode = find_mode(options->mode);
	char why[sizeof err->message] = "";

	if (mode == NULL)
		return error_set(err, ERROR_PERMANENT, "usage",
						 "The modes are copy, exact and reencode.",
						 "no mode of cutting is called %s", options->mode);
	if (!spans_parse(options->keep, &run.spans, &run.count, err) ||
		!input_open(&input, options->input_fd, err) ||
		!cut_choose_streams(&run.cutter, options->audio_track, err) ||
		!cut_limit_spans(&run.cutter, run.spans, &run.count, err))
		return false;
	run.cutter.length = cut_length(run.spans, run.count);
	/* opening has decoded some pictures to know them: their memory goes back to the system */
	(void) malloc_trim(0);
	if (!add_still(&run, &mode, why, sizeof why, err) ||
		!run_or_copy(&run, &mode, why, sizeof why, err))
		return false;
	if (run.cutter.cut_count == 0)
		return error_set(err, ERROR_INPUT, "nothing_left",
						 "Keep more of the recording, or give the mode reencode.",
						 "the spans hold no picture that can be cut");
	if (mode == &modes[0] && run.cutter.video != NULL)
	{
		explain_excess(&run, why, sizeof why);
		tell_hidden(&run.cutter, why, sizeof why);
	}
	tell_early(&run.cutter, why, sizeof why);
	*result = describe(&run, mode, why[0] != '\0' ? why : NULL);
	return true;
}
