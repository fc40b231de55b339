/*
 * task/cutting.c
 *	  What of a recording stays, and the call of leap-media that makes it so.
 */
#include "task/cutting.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/process.h"
#include "task/artifact.h"

/* The boundary options of leap-media with the defaults the analysis was made with. */
static const struct
{
	const char *key;
	const char *flag;
	double standard; /* NAN = adaptive */
} boundary_options[] = {
	{"trimming.padding_before",       "--padding-before", 5  },
	{"trimming.padding_after",        "--padding-after",  5  },
	{"trimming.min_silence_duration", "--min-silence",    2  },
	{"trimming.max_trim_share",       "--max-trim-share", 0.4},
	{"trimming.silence_threshold",    "--threshold",      NAN},
};

/* What counts only where everything is encoded. */
static const struct
{
	const char *key;
	const char *flag;
} encoder_options[] = {
	{"trimming.crf",           "--crf"          },
	{"trimming.max_height",    "--max-height"   },
	{"trimming.max_bitrate",   "--max-bitrate"  },
	{"trimming.audio_bitrate", "--audio-bitrate"},
};

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))
#define MOST_ARGUMENTS  32

/* The arguments of leap-media; numbers are kept in texts. */
typedef struct Command
{
	const char *argv[MOST_ARGUMENTS + 1];
	size_t count;
	char texts[MOST_ARGUMENTS][32];
} Command;

static void
say(Command *command, const char *word)
{
	if (command->count < MOST_ARGUMENTS)
		command->argv[command->count++] = word;
}

static void
say_number(Command *command, const char *flag, double value)
{
	char *text = command->texts[command->count % MOST_ARGUMENTS];

	/* whole numbers up to the greatest bit rate, and seconds to the millisecond */
	snprintf(text, sizeof command->texts[0], "%.10g", value);
	say(command, flag);
	say(command, text);
}

static bool
settings_differ(const cJSON *config)
{
	for (size_t i = 0; i < COUNT_OF(boundary_options); i++)
	{
		double standard = boundary_options[i].standard;
		double value = json_number(config, boundary_options[i].key, standard);

		if (isnan(standard) ? !isnan(value) : fabs(value - standard) > 1e-6)
			return true;
	}
	return !isnan(json_number(config, "trimming.shorten_pauses_above", NAN));
}

static void
keep_one(Cutting *cutting, double start, double end)
{
	free(cutting->spans);
	cutting->spans = array_new(1, sizeof *cutting->spans);
	cutting->spans[0] = (Span){start, end};
	cutting->count = 1;
}

/* Takes the "spans" of an answer; false if there are none that could be cut. */
static bool
take_spans(const cJSON *list, Cutting *cutting)
{
	size_t count = (size_t) cJSON_GetArraySize(list);
	Span *spans = array_new(count, sizeof *spans);
	size_t taken = 0;
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		const cJSON *start = cJSON_GetArrayItem(item, 0);
		const cJSON *end = cJSON_GetArrayItem(item, 1);

		if (cJSON_IsNumber(start) && cJSON_IsNumber(end) &&
			cJSON_GetNumberValue(end) > cJSON_GetNumberValue(start))
			spans[taken++] =
				(Span){cJSON_GetNumberValue(start), cJSON_GetNumberValue(end)};
	}
	free(cutting->spans);
	cutting->spans = spans;
	cutting->count = taken;
	return taken > 0 && taken == count;
}

/* Pauses as the configuration wants them. Layers of it may disagree: no pause becomes
 * longer than it was. */
static void
say_pauses(Command *command, const cJSON *config)
{
	double above = json_number(config, "trimming.shorten_pauses_above", NAN);
	double to = json_number(config, "trimming.shorten_pauses_to", 1);

	if (isnan(above))
		return;
	say_number(command, "--shorten-above", fmax(above, to + 0.001));
	say_number(command, "--shorten-to", to);
}

/* Computes the spans from the envelope under this recording's own settings. */
static bool
tune(TaskContext *context, Cutting *cutting, Error *err)
{
	const cJSON *config = json_at(context->input, "config");
	CLEANUP(close) int envelope = -1;
	CLEANUP(json) cJSON *answer = NULL;
	Command command = {
		{"boundaries", "--envelope", "3"},
        3, {{0}        }
    };

	if (!artifact_open(context, "envelope", &envelope, err))
		return false;
	const ProcessFd fd = {envelope, 3};

	say_number(&command, "--duration", cutting->duration);
	for (size_t i = 0; i < COUNT_OF(boundary_options); i++)
	{
		double value =
			json_number(config, boundary_options[i].key, boundary_options[i].standard);

		if (!isnan(value))
			say_number(&command, boundary_options[i].flag, value);
	}
	say_pauses(&command, config);
	if (!process_media(context->media_program, command.argv, &fd, 1, context->reporter, 0,
					   0.1, "finding the speech", &answer, err))
		return false;
	return take_spans(json_at(answer, "spans"), cutting) ||
		   error_set(err, ERROR_PERMANENT, "bad_spans", HINT_BUG,
					 "leap-media tells no spans to keep");
}

bool
cutting_plan(TaskContext *context, const cJSON *analysis, Cutting *cutting, Error *err)
{
	const cJSON *config = json_at(context->input, "config");
	double duration = json_number(analysis, "duration", 0);

	cutting->duration = duration;
	cutting->sound = (int) json_number(analysis, "audio_track", -1);
	cutting->has_video = cJSON_IsObject(json_at(analysis, "video"));
	cutting->still = !cutting->has_video && json_bool(context->input, "still", false);
	cutting->mode = json_text(config, "trimming.mode", "copy");
	cutting->most_removed = json_number(config, "trimming.max_trim_share", 0.4);
	if (duration <= 0)
		return error_set(err, ERROR_INPUT, "no_duration",
						 "Copy the recording again from where it was made.",
						 "the recording has no duration");
	keep_one(cutting, 0, duration);
	if (!json_bool(config, "trimming.enable_trimming", true) ||
		strcmp(json_text(analysis, "speech.verdict", ""), "speech") != 0)
		return true;
	keep_one(cutting, json_number(analysis, "keep.start", 0),
			 json_number(analysis, "keep.end", duration));
	if (settings_differ(config) && !tune(context, cutting, err))
		return false;
	/* snapped to key frames, a cut within a pause would leave most of it */
	if (cutting->count > 1 && strcmp(cutting->mode, "copy") == 0)
		cutting->mode = "exact";
	return true;
}

/* Seconds as leap-media reads them: whole milliseconds, within the duration. */
static void
print_spans(const Cutting *cutting, Buffer *text)
{
	Span *spans = array_new(cutting->count, sizeof *spans);

	for (size_t i = 0; i < cutting->count; i++)
	{
		spans[i].start = floor(cutting->spans[i].start * 1000.0 + 1e-6) / 1000.0;
		spans[i].end = ceil(cutting->spans[i].end * 1000.0 - 1e-6) / 1000.0;
	}
	spans_print(spans, cutting->count, text);
	free(spans);
}

static void
say_encoder(Command *command, const cJSON *config)
{
	for (size_t i = 0; i < COUNT_OF(encoder_options); i++)
	{
		double value = json_number(config, encoder_options[i].key, NAN);

		if (!isnan(value))
			say_number(command, encoder_options[i].flag, value);
	}
}

bool
cutting_run(TaskContext *context, const Cutting *cutting, int output, cJSON **answer,
			Error *err)
{
	CLEANUP(close) int input = -1;
	CLEANUP(close) int envelope = -1;
	CLEANUP(buffer) Buffer keep;
	Command command = {
		{"cut", "--input", "3", "--output", "4", "--mode", cutting->mode},
        7, {{0} }
    };
	ProcessFd fds[3];
	size_t fd_count = 2;

	buffer_init(&keep);
	if (!artifact_open(context, "source", &input, err) ||
		(cutting->still && !artifact_open(context, "envelope", &envelope, err)))
		return false;
	fds[0] = (ProcessFd){input, 3};
	fds[1] = (ProcessFd){output, 4};
	print_spans(cutting, &keep);
	say(&command, "--keep");
	say(&command, keep.data);
	if (cutting->sound >= 0)
		say_number(&command, "--audio-track", cutting->sound);
	if (strcmp(cutting->mode, "reencode") == 0)
		say_encoder(&command, json_at(context->input, "config"));
	if (cutting->still)
	{
		say(&command, "--still");
		say(&command, "5");
		fds[fd_count++] = (ProcessFd){envelope, 5};
	}
	return process_media(context->media_program, command.argv, fds, fd_count,
						 context->reporter, 0.1, 0.95, "cutting", answer, err);
}
