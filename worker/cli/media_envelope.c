/*
 * cli/media_envelope.c
 *	  leap media envelope: the loudness of a recording, as text or as the stored file.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/media.h"
#include "cli/media_levels.h"
#include "cli/text.h"

/* Lines for people, when nobody says how long each is. */
#define LINES_AIM  40
#define BAR_CELLS  40
#define BAR_LOW_DB -80.0

/* Where the levels come from: a recording, or an envelope that was stored before. */
static bool
find_levels(MediaJob *job, int input, int *envelope, int waveform, Error *err)
{
	CLEANUP(json) cJSON *analysis = NULL;

	if (levels_recognise(input))
	{
		if (waveform >= 0)
			return error_set(err, ERROR_PERMANENT, "no_recording",
							 "Name the recording that the envelope was made of.",
							 "peaks are made of a recording, not of an envelope");
		*envelope = dup(input);
		return *envelope >= 0 || error_errno(err, "memory", "cannot use the envelope");
	}
	if (!media_analyse(job, input, *envelope, waveform, 1, &analysis, err))
		return false;
	return strcmp(json_text(analysis, "speech.verdict", "no_audio"), "no_audio") != 0 ||
		   error_set(err, ERROR_INPUT, "no_audio", "Give a recording with a sound track.",
					 "the recording has no sound");
}

/* Steps of the envelope for each line. */
static size_t
steps_of(const Options *options, const Levels *levels, bool all)
{
	static const double round[] = {0.01, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600};
	double step = option_number(options, OPTION_STEP);

	if (option_text(options, OPTION_STEP)[0] == '\0' && all)
		return 1;
	if (option_text(options, OPTION_STEP)[0] != '\0')
		return (size_t) lround(step * LEVELS_PER_SECOND);
	for (size_t i = 0; i < sizeof round / sizeof round[0]; i++)
	{
		step = round[i];
		if ((double) levels->count * LEVELS_STEP / step <= LINES_AIM)
			break;
	}
	return (size_t) lround(step * LEVELS_PER_SECOND);
}

static void
print_csv(const Levels *levels, size_t steps)
{
	puts("time,rms,peak");
	for (size_t i = 0; i < levels->count && !ferror(stdout); i += steps)
	{
		Level level = levels_over(levels, i, i + steps);

		printf("%.2f,", (double) i * LEVELS_STEP);
		if (isnan(level.rms))
			puts(",");
		else
			printf("%.1f,%.1f\n", level.rms, level.peak);
	}
}

/* One long line: an hour has 360,000 levels. */
static void
print_json(const char *name, const Levels *levels, size_t steps)
{
	CLEANUP(json) cJSON *text = cJSON_CreateString(name);
	CLEANUP(free) char *quoted = json_print(text);

	printf("{\"file\":%s,\"step\":%.2f,\"duration\":%.2f,\"levels\":[", quoted,
		   (double) steps * LEVELS_STEP, (double) levels->count * LEVELS_STEP);
	for (size_t i = 0; i < levels->count && !ferror(stdout); i += steps)
	{
		Level level = levels_over(levels, i, i + steps);

		if (isnan(level.rms))
			printf("%snull", i > 0 ? "," : "");
		else
			printf("%s[%.1f,%.1f]", i > 0 ? "," : "", level.rms, level.peak);
	}
	puts("]}");
}

static void
print_bars(const Levels *levels, size_t steps)
{
	puts("    time      rms    peak");
	for (size_t i = 0; i < levels->count; i += steps)
	{
		Level level = levels_over(levels, i, i + steps);
		double at = (double) i * LEVELS_STEP;
		int cells = (int) ((level.rms / BAR_LOW_DB - 1) * -BAR_CELLS);

		printf("%5d:%04.1f", (int) (at / 60), fmod(at, 60));
		if (isnan(level.rms))
		{
			puts("  no sound");
			continue;
		}
		printf("  %6.1f  %6.1f  ", level.rms, level.peak);
		for (int cell = 0; cell < cells; cell++)
			putchar('#');
		putchar('\n');
	}
}

static ExitCode
print_levels(MediaJob *job, const char *name, int envelope)
{
	const Options *options = job->session.options;
	bool csv = option_flag(options, OPTION_CSV);
	CLEANUP(levels) Levels levels = {0};
	Error err = {0};
	size_t steps;

	if (!levels_read(&levels, envelope, &err))
		return media_error(job, &err);
	steps = steps_of(options, &levels, csv || job->session.json);
	if (job->session.json)
		print_json(name, &levels, steps);
	else if (csv)
		print_csv(&levels, steps);
	else
		print_bars(&levels, steps);
	return media_end(job, EXIT_DONE);
}

/* Tells which files there are now. */
static ExitCode
tell_files(MediaJob *job, const char *name, const MediaOutput *envelope,
		   const MediaOutput *waveform)
{
	const MediaOutput *const outputs[] = {envelope, waveform};
	static const char *const kinds[] = {"envelope", "waveform"};
	CLEANUP(json) cJSON *answer = cJSON_CreateObject();
	char text[TEXT_SIZE];

	cJSON_AddStringToObject(answer, "file", name);
	for (int i = 0; i < 2; i++)
	{
		struct stat status = {0};

		if (outputs[i]->name[0] == '\0')
			continue;
		(void) stat(outputs[i]->name, &status);
		cJSON_AddStringToObject(answer, kinds[i], outputs[i]->name);
		if (job->session.json)
			continue;
		text_print(outputs[i]->name, 0);
		printf(": %s, %s\n", kinds[i], text_bytes(status.st_size, text));
	}
	if (job->session.json)
		session_print_json(answer);
	return media_end(job, EXIT_DONE);
}

ExitCode
media_envelope(MediaJob *job, const char *const *names)
{
	const Options *options = job->session.options;
	const char *peaks = option_text(options, OPTION_WAVEFORM);
	bool over = option_flag(options, OPTION_FORCE);
	CLEANUP(close) int input = -1;
	CLEANUP(close) int scratch = -1;
	CLEANUP(media_output) MediaOutput envelope = MEDIA_OUTPUT_NONE;
	CLEANUP(media_output) MediaOutput waveform = MEDIA_OUTPUT_NONE;
	Error err = {0};

	if (!media_open(names[0], &input, &err) ||
		(names[1] != NULL &&
		 !media_output_begin(&envelope, names[1], input, over, &err)) ||
		(peaks[0] != '\0' && !media_output_begin(&waveform, peaks, input, over, &err)) ||
		(names[1] == NULL && !media_scratch(&scratch, &err)) ||
		!find_levels(job, input, names[1] != NULL ? &envelope.fd : &scratch, waveform.fd,
					 &err) ||
		(names[1] != NULL && !media_output_finish(&envelope, over, &err)) ||
		(peaks[0] != '\0' && !media_output_finish(&waveform, over, &err)))
		return media_error(job, &err);
	if (names[1] == NULL && peaks[0] == '\0')
		return print_levels(job, names[0], scratch);
	return tell_files(job, names[0], &envelope, &waveform);
}
