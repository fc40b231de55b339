/*
 * media_main.c
 *	  The program leap-media: parses recordings and speech in a process of its own.
 *
 * It gets descriptors by number and no names, prints one JSON object on descriptor 1 and
 * ends with 0, or prints {"error": ...} and ends with 1 (docs/protocol.md section 3).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/spans.h"
#include "media/analysis.h"
#include "media/chapters.h"
#include "media/contain.h"
#include "media/cut.h"
#include "media/libav.h"
#include "media/options.h"
#include "media/sound_piece.h"
#include "speech/engine.h"
#include "speech/engine_model.h"
#include "speech/engine_wav.h"

/* A command fills *result, or prints its result itself and leaves it NULL. */
typedef struct Command
{
	const char *name;
	char letter;
	bool models; /* it opens the files of a speech model by name */
	const char *help;
	bool (*run)(const MediaOptions *options, cJSON **result, Error *err);
} Command;

static bool
run_containment(const MediaOptions *options, cJSON **result, Error *err)
{
	(void) err;
	*result = cJSON_CreateObject();
	cJSON_AddBoolToObject(*result, "seccomp", options->contained.filters);
	cJSON_AddNumberToObject(*result, "landlock", options->contained.landlock);
	return true;
}

static bool
run_analyse(const MediaOptions *options, cJSON **result, Error *err)
{
	AnalyseOptions analyse = {.input_fd = options->input,
							  .arrival_fd = options->arrival,
							  .envelope_fd = options->envelope,
							  .waveform_fd = options->waveform,
							  .audio_fd = options->audio,
							  .poster_fd = options->poster,
							  .miniature_fd = options->miniature,
							  .progress_fd = options->progress,
							  .threads = options->threads,
							  .boundary = options->boundary};

	return analysis_run(&analyse, result, err);
}

static bool
run_boundaries(const MediaOptions *options, cJSON **result, Error *err)
{
	return analysis_boundaries(options->envelope, options->duration, &options->boundary,
							   result, err);
}

static bool
run_cut(const MediaOptions *options, cJSON **result, Error *err)
{
	CutOptions cut = {.input_fd = options->input,
					  .output_fd = options->output,
					  .progress_fd = options->progress,
					  .audio_track = options->audio_track,
					  .threads = options->threads,
					  .keep = options->keep,
					  .still_fd = options->still,
					  .mode = options->mode,
					  .crf = options->crf,
					  .max_height = options->max_height,
					  .max_bitrate = options->max_bitrate,
					  .audio_bitrate = options->audio_bitrate};

	return cut_run(&cut, result, err);
}

static bool
run_chapters(const MediaOptions *options, cJSON **result, Error *err)
{
	ChaptersOptions chapters = {.input_fd = options->input,
								.output_fd = options->output,
								.chapters_fd = options->chapters,
								.progress_fd = options->progress};

	return chapters_run(&chapters, result, err);
}

static bool
run_probe(const MediaOptions *options, cJSON **result, Error *err)
{
	return analysis_probe(options->input, result, err);
}

/* Silence between two spans that are joined, so that their words stay apart. */
#define JOINT_SECONDS 0.25

/* The spans of --keep, one behind the other. */
static bool
read_keep(const char *text, CutSpan **cuts, size_t *count, Error *err)
{
	CLEANUP(free) Span *spans = NULL;
	double at = 0;

	if (!spans_parse(text, &spans, count, err))
		return false;
	*cuts = array_new(*count, sizeof **cuts);
	for (size_t i = 0; i < *count; i++)
	{
		(*cuts)[i] = (CutSpan){spans[i].start, spans[i].end, at};
		at += spans[i].end - spans[i].start + JOINT_SECONDS;
	}
	return true;
}

static bool
read_samples(void *arg, size_t first, size_t count, int16_t *samples, Error *err)
{
	return pcm_read(arg, first, count, samples, err);
}

static bool
run_sound(const MediaOptions *options, cJSON **result, Error *err)
{
	CLEANUP(free) CutSpan *cuts = NULL;
	size_t count = 0;
	PcmCut cut = {0};
	SpeechPiece piece = {.read = read_samples,
						 .arg = &cut,
						 .output_fd = options->output,
						 .progress_fd = options->progress,
						 .format = options->format,
						 .bitrate = options->bitrate};
	bool written = read_keep(options->keep, &cuts, &count, err) &&
				   pcm_open(options->audio, cuts, count, &cut, err);

	piece.samples = cut.samples;
	written = written && sound_piece_write(&piece, result, err);
	pcm_close(&cut);
	return written;
}

static const char *
model_folder(const MediaOptions *options)
{
	return options->model != NULL ? options->model : ENGINE_MODEL_FOLDER;
}

static bool
run_transcribe(const MediaOptions *options, cJSON **result, Error *err)
{
	EngineOptions engine = {.audio_fd = options->audio,
							.words_fd = options->words,
							.cuts_fd = options->cuts,
							.progress_fd = options->progress,
							.start = options->start,
							.end = options->end,
							.language = options->language,
							.model = model_folder(options),
							.threads = options->threads};

	*result = NULL;
	return engine_transcribe(&engine, err);
}

static const Command commands[] = {
	{"analyse",     'a',              false, "judge a recording and take out what later steps need",
	 run_analyse																									},
	{"boundaries",  'b',              false, "find speech in a stored loudness envelope",
	 run_boundaries																								 },
	{"chapters",    'h',              false, "put chapters into an MP4",                             run_chapters   },
	{"containment", OPTIONS_TAKE_ALL, false,
	 "tell what this kernel contains this program with",                                             run_containment},
	{"cut",         'c',              false, "keep parts of a recording",                            run_cut        },
	{"probe",       'p',              false, "tell what the headers of a recording say",             run_probe      },
	{"sound",       's',              false, "write speech in a small form, to be sent somewhere",
	 run_sound																									  },
	{"transcribe",  't',              true,  "recognise speech",                                     run_transcribe },
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static void
print_help(FILE *to)
{
	fprintf(to, "leap-media COMMAND --option value ...\n\n"
				"Parses recordings given as open descriptors; prints one JSON object.\n");
	for (size_t i = 0; i < COMMANDS; i++)
	{
		fprintf(to, "\n%s: %s\n", commands[i].name, commands[i].help);
		media_options_help(commands[i].letter, to);
	}
}

static const Command *
find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* Prints an object on descriptor 1; false when it cannot be written. */
static bool
print_json(const cJSON *object)
{
	CLEANUP(free) char *text = cJSON_PrintUnformatted(object);

	return text != NULL && printf("%s\n", text) >= 0 && fflush(stdout) == 0;
}

static int
report_failure(const Error *err)
{
	CLEANUP(json) cJSON *object = cJSON_CreateObject();
	cJSON *error = cJSON_AddObjectToObject(object, "error");

	cJSON_AddStringToObject(error, "class", error_class_name(err->class));
	cJSON_AddStringToObject(error, "code", err->code);
	cJSON_AddStringToObject(error, "message", err->message);
	cJSON_AddStringToObject(error, "hint", err->hint);
	(void) print_json(object);
	return EXIT_FAILURE;
}

static bool
contain(const Command *command, char **argv, MediaOptions *options, Error *err)
{
	const char *folder = command->models ? model_folder(options) : NULL;
	MediaLimits limits =
		media_limits((const char *const *) argv + 1, contain_input_bytes());

	return (folder == NULL || engine_model_check(folder, err)) &&
		   contain_process(&limits, folder, &options->contained, err);
}

static bool
run(const Command *command, int argc, char **argv, Error *err)
{
	CLEANUP(json) cJSON *result = NULL;
	MediaOptions options;

	media_options_init(&options);
	if (!media_options_parse(command->name, command->letter, argc, argv, &options, err) ||
		!contain(command, argv, &options, err))
		return false;
	if (options.log != NULL)
		log_configure(options.log);
	libav_log_to_log();
	if (!command->run(&options, &result, err))
		return false;
	return result == NULL || print_json(result) ||
		   error_errno(err, "write_failed", "cannot write the result");
}

int
main(int argc, char **argv)
{
	const Command *command = argc > 1 ? find_command(argv[1]) : NULL;
	Error err = {0};

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
	{
		print_help(stdout);
		return EXIT_SUCCESS;
	}
	if (command == NULL)
	{
		media_options_refuse(&err, "unknown command", argc > 1 ? argv[1] : "(none)", "");
		return report_failure(&err);
	}
	if (run(command, argc, argv, &err))
		return EXIT_SUCCESS;
	return report_failure(&err);
}
