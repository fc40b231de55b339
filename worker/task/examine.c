/*
 * task/examine.c
 *	  What a source is: leap-media looks at it, what it finds is judged and kept.
 */
#include "task/examine.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/timecode.h"

/* So much must be there before looking can begin. */
#define EARLY_BYTES (64 << 10)

/* How long to wait for an analyser that does not listen, in ms. */
#define TELL_MS 10

/* So many reasons fit into a message. */
#define MOST_REASONS 4

/* How the files are called, and how leap-media gets them. */
static const struct
{
	const char *kind;
	const char *extension;
	const char *option;
	const char *number;
	int descriptor;
} outputs[EXAMINE_OUTPUTS] = {
	[EXAMINE_ENVELOPE] = {"envelope",  "lenv", "--envelope",  "4", 4},
	[EXAMINE_AUDIO] = {"audio",     "wav",  "--audio",     "5", 5},
	[EXAMINE_POSTER] = {"poster",    "jpg",  "--poster",    "6", 6},
	[EXAMINE_MINIATURE] = {"miniature", "jpg",  "--miniature", "9", 9},
	[EXAMINE_WAVEFORM] = {"waveform",  "dat",  "--waveform",  "7", 7},
};

/* leap-media with the descriptors of its files; arrival_fd -1: the source is complete. */
static MediaRun *
start(const Examination *examination, int arrival_fd, Error *err)
{
	const char *argv[2 * EXAMINE_OUTPUTS + 8] = {"analyse", "--input", "3"};
	ProcessFd fds[EXAMINE_OUTPUTS + 2] = {
		{examination->source->fd, 3}
    };
	char size[24];
	size_t words = 3;
	size_t count = 1;

	for (int i = 0; i < EXAMINE_OUTPUTS; i++)
	{
		argv[words++] = outputs[i].option;
		argv[words++] = outputs[i].number;
		fds[count++] = (ProcessFd){examination->outputs[i].fd, outputs[i].descriptor};
	}
	if (arrival_fd >= 0)
	{
		argv[words++] = "--arrival";
		argv[words++] = "8";
		/* its limits grow with what will be there, not with what is */
		snprintf(size, sizeof size, "%lld", (long long) examination->teller.size);
		argv[words++] = "--arrival-size";
		argv[words++] = size;
		fds[count++] = (ProcessFd){arrival_fd, 8};
	}
	argv[words] = NULL;
	return media_run_start(examination->context->media_program, argv, fds, count, err);
}

/* Has leap-media begin as soon as there is something to see. When that fails the file is
 * looked at when it is complete. */
static void
start_early(Examination *examination)
{
	CLEANUP(close) int theirs = -1;
	Error err;

	if (!teller_open(&examination->teller, &theirs, &err) ||
		(examination->run = start(examination, theirs, &err)) == NULL)
	{
		log_warning("download: %s", err.message);
		teller_close(&examination->teller);
	}
	examination->reader.fd = examination->teller.fd;
}

static void
stop(Examination *examination)
{
	media_run_end(examination->run);
	examination->run = NULL;
	examination->over = false;
	teller_close(&examination->teller);
	teller_init(&examination->teller);
	examination->reader.fd = -1;
	cJSON_Delete(examination->analysis);
	examination->analysis = NULL;
}

static void
take_there(void *arg, int64_t from, int64_t to, int64_t total)
{
	Examination *examination = arg;

	teller_there(&examination->teller, from, to, total);
	if (examination->run == NULL && total >= EARLY_BYTES &&
		examination->teller.head >= EARLY_BYTES)
		start_early(examination);
	(void) teller_tell(&examination->teller);
}

static bool
take_anew(void *arg, Error *err)
{
	return examination_again(arg, err);
}

/* Refuses the file as early as leap-media does; its other ends are for later. */
static bool
take_end(Examination *examination, Error *err)
{
	cJSON *analysis = NULL;
	Error failure = {0};

	examination->over = true;
	if (media_run_wait(examination->run, NULL, 0, 1, "analysing", &analysis, &failure))
		cJSON_Delete(analysis);
	if (failure.class != ERROR_INPUT)
		return true;
	*err = failure;
	return false;
}

static bool
take_wanted(void *arg, int64_t *offset, Error *err)
{
	Examination *examination = arg;
	double fraction;

	(void) teller_tell(&examination->teller);
	examination->reader.fd = examination->teller.fd;
	*offset = examination->teller.wanted;
	if (examination->run == NULL || examination->over ||
		!media_run_turn(examination->run, 0, &fraction))
		return true;
	return take_end(examination, err);
}

void
examination_init(Examination *examination)
{
	*examination = (Examination){.context = NULL};
	teller_init(&examination->teller);
	for (int i = 0; i < EXAMINE_OUTPUTS; i++)
		examination->outputs[i] = (Artifact) ARTIFACT_NONE;
}

bool
examination_begin(Examination *examination, TaskContext *context, Artifact *source,
				  double from, Error *err)
{
	examination->context = context;
	examination->source = source;
	examination->from = from;
	examination->reader = (FetchReader){.there = take_there,
										.anew = take_anew,
										.wanted = take_wanted,
										.fd = -1,
										.arg = examination};
	for (int i = 0; i < EXAMINE_OUTPUTS; i++)
		if (!artifact_create(context, outputs[i].kind, outputs[i].extension,
							 &examination->outputs[i], err))
			return false;
	return true;
}

bool
examination_again(Examination *examination, Error *err)
{
	stop(examination);
	for (int i = 0; i < EXAMINE_OUTPUTS; i++)
		if (!artifact_empty(&examination->outputs[i], err))
			return false;
	return true;
}

bool
examination_complete(Examination *examination, Error *err)
{
	Teller *teller = &examination->teller;

	examination->complete_at = clock_seconds();
	/* a server that named another size: everything that hangs on the end is wrong */
	if (teller->size_told >= 0 && teller->size_told != teller->head &&
		!examination_again(examination, err))
		return false;
	teller->all = true;
	(void) teller_tell(teller);
	if (examination->run == NULL)
		examination->run = start(examination, -1, err);
	if (examination->run == NULL)
		return false;
	media_run_limit(examination->run, examination->context->reporter);
	return true;
}

bool
examination_wait(Examination *examination, Error *err)
{
	TaskContext *context = examination->context;
	double fraction;

	while (!teller_tell(&examination->teller) &&
		   !media_run_turn(examination->run, TELL_MS, &fraction))
		if (!task_progress(context, examination->from, "analysing", err))
			return false;
	if (!media_run_wait(examination->run, context->reporter, examination->from, 0.98,
						"analysing", &examination->analysis, err))
		return false;
	log_info("download: looked at %.3f s after the last byte",
			 clock_seconds() - examination->complete_at);
	return true;
}

bool
examination_is_truncated(const Examination *examination, int64_t *good_bytes)
{
	*good_bytes = json_int64(examination->analysis, "good_bytes", -1);
	return strcmp(json_text(examination->analysis, "verdict", ""), "truncated") == 0 &&
		   *good_bytes >= 0;
}

void
cleanup_examination(Examination *examination)
{
	stop(examination);
	for (int i = 0; i < EXAMINE_OUTPUTS; i++)
		cleanup_artifact(&examination->outputs[i]);
}

/* Says in one message what is wrong with the recording, as much of it as people read; a
 * failed task has all of it in its "reasons". */
static bool
refuse(const cJSON *analysis, const char *code, const char *what, const char *remark,
	   const char *hint, Error *err)
{
	CLEANUP(buffer) Buffer reasons;
	const cJSON *reason;
	int count = cJSON_GetArraySize(json_at(analysis, "reasons"));
	int place = 0;

	buffer_init(&reasons);
	cJSON_ArrayForEach(reason, json_at(analysis, "reasons"))
	{
		double at = json_number(reason, "at", -1);

		if (place++ == MOST_REASONS)
		{
			buffer_printf(&reasons, "; and %d more", count - MOST_REASONS);
			break;
		}
		buffer_printf(&reasons, "%s%s", reasons.length > 0 ? "; " : ": ",
					  json_text(reason, "message", "?"));
		if (at >= 0)
		{
			buffer_puts(&reasons, " (first at ");
			timecode_put_short(&reasons, at);
			buffer_puts(&reasons, ")");
		}
	}
	return error_set(err, ERROR_INPUT, code, hint, "%s%s%s", what, remark,
					 reasons.length > 0 ? reasons.data : "");
}

static bool
judge(const cJSON *analysis, const char *remark, Error *err)
{
	const char *verdict = json_text(analysis, "verdict", "");

	if (strcmp(verdict, "truncated") == 0)
		return refuse(analysis, "truncated", "the recording is not complete", remark,
					  "Download or copy it again from where it was made.", err);
	if (strcmp(verdict, "rejected") == 0)
		return refuse(
			analysis, "not_media", "the file cannot be used as a recording", "",
			"Copy it again from where it was made, or give a video or sound file "
			"that plays.",
			err);
	return true;
}

static const char *
media_type(const cJSON *analysis)
{
	static const struct
	{
		const char *container, *video, *sound;
	} types[] = {
		{"mp4",  "video/mp4",        "audio/mp4"       },
		{"mov",  "video/quicktime",  "audio/mp4"       },
		{"webm", "video/webm",       "audio/webm"      },
		{"mkv",  "video/x-matroska", "audio/x-matroska"},
	};
	const char *container = json_text(analysis, "container", "");
	bool video = cJSON_IsObject(json_at(analysis, "video"));

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(types[i].container, container) == 0)
			return video ? types[i].video : types[i].sound;
	return "application/octet-stream";
}

/* An object with copies of some members of another one. */
static cJSON *
pick(const cJSON *from, const char *const *names)
{
	cJSON *picked = cJSON_CreateObject();

	for (; *names != NULL; names++)
		if (json_at(from, *names) != NULL)
			json_put(picked, *names, cJSON_Duplicate(json_at(from, *names), true));
	return picked;
}

static bool
has_sound(const cJSON *analysis)
{
	return strcmp(json_text(analysis, "speech.verdict", "no_audio"), "no_audio") != 0;
}

static bool
keep_results(Examination *examination, Error *err)
{
	static const char *const about_source[] = {"container", "duration", NULL};
	static const char *const about_audio[] = {"duration", NULL};
	static const char *const about_poster[] = {"width", "height", NULL};
	const cJSON *analysis = examination->analysis;
	CLEANUP(free) char *text = json_print(analysis);
	const cJSON *picture = json_at(analysis, "poster");
	Artifact *made = examination->outputs;

	if (!artifact_finish(examination->source, media_type(analysis),
						 pick(analysis, about_source), err) ||
		!artifact_write(examination->context, "analysis", "json", "application/json",
						NULL, text, strlen(text), err))
		return false;
	if (has_sound(analysis) && (!artifact_finish(&made[EXAMINE_ENVELOPE],
												 "application/octet-stream", NULL, err) ||
								!artifact_finish(&made[EXAMINE_WAVEFORM],
												 "application/octet-stream", NULL, err) ||
								!artifact_finish(&made[EXAMINE_AUDIO], "audio/wav",
												 pick(analysis, about_audio), err)))
		return false;
	return !cJSON_IsObject(picture) ||
		   (artifact_finish(&made[EXAMINE_POSTER], "image/jpeg",
							pick(picture, about_poster), err) &&
			artifact_finish(&made[EXAMINE_MINIATURE], "image/jpeg", NULL, err));
}

static void
state_reasons(TaskContext *context, const cJSON *analysis)
{
	if (cJSON_GetArraySize(json_at(analysis, "reasons")) > 0)
		task_fact(context, "reasons",
				  cJSON_Duplicate(json_at(analysis, "reasons"), true));
}

static void
state_facts(TaskContext *context, const cJSON *analysis)
{
	task_fact(context, "duration",
			  cJSON_CreateNumber(json_number(analysis, "duration", 0)));
	task_fact(context, "has_video",
			  cJSON_CreateBool(cJSON_IsObject(json_at(analysis, "video"))));
	task_fact(context, "has_audio", cJSON_CreateBool(has_sound(analysis)));
	task_fact(context, "speech",
			  cJSON_CreateString(json_text(analysis, "speech.verdict", "no_audio")));
	task_fact(context, "verdict", cJSON_CreateString(json_text(analysis, "verdict", "")));
	state_reasons(context, analysis);
}

bool
examination_keep(Examination *examination, const char *remark, Error *err)
{
	if (!judge(examination->analysis, remark, err))
	{
		state_reasons(examination->context, examination->analysis);
		return false;
	}
	if (!keep_results(examination, err))
		return false;
	state_facts(examination->context, examination->analysis);
	return true;
}
