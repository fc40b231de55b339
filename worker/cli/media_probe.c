/*
 * cli/media_probe.c
 *	  leap media probe: what a recording is, whether it is whole, where speech is in it, and
 *	  what trimming would keep.
 */
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/media.h"
#include "cli/media_levels.h"
#include "cli/media_words.h"
#include "cli/text.h"

/* Columns of a picture that goes to no terminal, and the most of one that does. */
#define PLAIN_WIDTH 80
#define MOST_WIDTH  160

/* A room is drawn as if it were at least so far below the voice. */
#define LEAST_RANGE_DB 20.0

/* Silence, and a voice, as they are drawn where nobody speaks. */
#define LOWEST_DB (-80.0)
#define LOUD_DB   (-20.0)

/* What a stored envelope says of itself, in the form of an analysis. */
static bool
judge_envelope(MediaJob *job, int envelope, cJSON **analysis, double *duration,
			   Error *err)
{
	CLEANUP(levels) Levels levels = {0};

	if (!levels_read(&levels, envelope, err))
		return false;
	*duration = (double) levels.count * LEVELS_STEP;
	return media_boundaries(job, envelope, *duration, analysis, err);
}

/* The analysis, with what the options say about the boundaries. */
static bool
judge_recording(MediaJob *job, int input, int envelope, cJSON **analysis,
				double *duration, Error *err)
{
	CLEANUP(json) cJSON *judged = NULL;
	cJSON *member;

	if (!media_analyse(job, input, envelope, -1, 1, analysis, err))
		return false;
	*duration = json_number(*analysis, "duration", 0);
	if (!media_boundaries(job, envelope, *duration, &judged, err))
		return false;
	while ((member = judged->child) != NULL)
	{
		(void) cJSON_DetachItemViaPointer(judged, member);
		cJSON_DeleteItemFromObjectCaseSensitive(*analysis, member->string);
		cJSON_AddItemToObject(*analysis, member->string, member);
	}
	return true;
}

void
media_draw(int envelope, const cJSON *answer, double duration)
{
	CLEANUP(levels) Levels levels = {0};
	CLEANUP(free) Span *spans = NULL;
	double voice = json_number(answer, "loudness.speech_db", 0);
	double noise = json_number(answer, "loudness.noise_db", 0);
	int width = text_width();
	bool spoken;
	LevelPicture picture = {.duration = duration};
	Error err = {0};

	(void) setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0 || duration <= 0 ||
		json_at(answer, "loudness.speech_db") == NULL ||
		!levels_read(&levels, envelope, &err) || levels.count == 0)
		return;
	spans = media_spans(answer, &picture.kept_count);
	picture.kept = spans;
	/* without speech nothing tells what is loud here */
	spoken = strcmp(json_text(answer, "speech.verdict", ""), "speech") == 0;
	picture.low =
		spoken ? fmax(fmin(noise, voice - LEAST_RANGE_DB), LOWEST_DB) : LOWEST_DB;
	picture.high = spoken ? voice : LOUD_DB;
	picture.width = width <= 0 ? PLAIN_WIDTH : width > MOST_WIDTH ? MOST_WIDTH : width;
	putchar('\n');
	levels_draw(stdout, &levels, &picture);
}

static void
tell(MediaJob *job, const char *name, int envelope, const cJSON *analysis,
	 double duration)
{
	CLEANUP(free) Span *spans = NULL;
	size_t count = 0;

	if (json_at(analysis, "container") != NULL)
	{
		words_file(name, analysis);
		words_verdict(stdout, analysis);
	}
	else
	{
		text_print(name, 0);
		puts(": a stored loudness envelope");
	}
	words_speech(analysis);
	spans = media_spans(analysis, &count);
	if (duration > 0 &&
		strcmp(json_text(analysis, "speech.verdict", "no_audio"), "no_audio") != 0)
		words_trimming(analysis, spans, count, duration,
					   option_number(job->session.options, OPTION_PADDING_BEFORE),
					   option_number(job->session.options, OPTION_PADDING_AFTER));
	media_draw(envelope, analysis, duration);
}

/* "file" first, "advice" with each reason. */
static void
print_answer(const char *name, cJSON *analysis)
{
	cJSON *reason;

	cJSON_InsertItemInArray(analysis, 0, cJSON_CreateString(name));
	analysis->child->string = strdup("file");
	cJSON_ArrayForEach(reason, cJSON_GetObjectItemCaseSensitive(analysis, "reasons"))
		cJSON_AddStringToObject(reason, "advice",
								words_advice(json_text(reason, "code", "")));
	session_print_json(analysis);
}

/* What the headers say. */
static ExitCode
probe_headers(MediaJob *job, const char *name, int input)
{
	MediaArguments arguments = {.argv = {"probe"}, .count = 1};
	CLEANUP(json) cJSON *answer = NULL;
	const ProcessFd fds[] = {
		{input, 3}
    };
	Error err = {0};

	media_text(&arguments, "--input", "3");
	if (!media_run(job, &arguments, fds, 1, 0, 1, "reading", &answer, &err))
		return media_error(job, &err);
	if (job->session.json)
		print_answer(name, answer);
	else
		words_file(name, answer);
	return media_end(job, EXIT_DONE);
}

/* A lesson can be made of it. */
static bool
is_usable(const cJSON *analysis)
{
	const char *verdict = json_text(analysis, "verdict", "ok");

	return strcmp(verdict, "truncated") != 0 && strcmp(verdict, "rejected") != 0;
}

ExitCode
media_probe(MediaJob *job, const char *const *names)
{
	CLEANUP(close) int input = -1;
	CLEANUP(close) int envelope = -1;
	CLEANUP(json) cJSON *analysis = NULL;
	double duration = 0;
	bool stored;
	bool judged;
	Error err = {0};

	if (!media_open(names[0], &input, &err))
		return media_error(job, &err);
	if (option_flag(job->session.options, OPTION_FAST))
		return probe_headers(job, names[0], input);
	stored = levels_recognise(input);
	if (!stored && !media_scratch(&envelope, &err))
		return media_error(job, &err);
	judged = stored ? judge_envelope(job, input, &analysis, &duration, &err)
					: judge_recording(job, input, envelope, &analysis, &duration, &err);
	if (!judged)
		return media_error(job, &err);
	if (job->session.json)
		print_answer(names[0], analysis);
	else
		tell(job, names[0], stored ? input : envelope, analysis, duration);
	return media_end(job, is_usable(analysis) ? EXIT_DONE : EXIT_FAILED);
}
