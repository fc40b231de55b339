/*
 * media_main.c
 *	  The program leap-media: parses recordings and speech in a process of its own.
 *
 * It gets descriptors by number and no names, prints one JSON object on descriptor 1 and
 * ends with 0, or prints {"error": ...} and ends with 1 (docs/protocol.md section 3).
 */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "media/analysis.h"
#include "media/contain.h"
#include "media/cut.h"
#include "media/libav.h"
#include "speech/engine.h"

/* All options of all commands, -1 or NAN where not given. */
typedef struct MediaOptions
{
	int input;
	int arrival;
	int output;
	int envelope;
	int waveform;
	int audio;
	int poster;
	int words;
	int cuts;
	int progress;
	int audio_track;
	int threads;
	double start;
	double end;
	double duration;
	const char *language;
	int still;
	int max_height;
	int max_bitrate;
	int audio_bitrate;
	double crf;
	const char *keep;
	const char *mode;
	const char *log;
	BoundaryOptions boundary;
	Contained contained; /* no option: what was given up */
} MediaOptions;

typedef enum OptionType
{
	TYPE_DESCRIPTOR,
	TYPE_COUNT, /* a whole number from 0 */
	TYPE_SECONDS,
	TYPE_SHARE, /* 0..1 */
	TYPE_DECIBEL,
	TYPE_CRF,     /* 0..51 */
	TYPE_BITRATE, /* a whole number of bits/s */
	TYPE_WORD
} OptionType;

/* The letters of the commands that know an option; a capital one requires it. */
typedef struct OptionRow
{
	const char *name;
	const char *commands;
	OptionType type;
	size_t offset;
	const char *help;
} OptionRow;

#define OPTION(member) offsetof(MediaOptions, member)

static const OptionRow option_rows[] = {
	{"--input",          "ACP",   TYPE_DESCRIPTOR, OPTION(input),                   "the recording"                             },
	{"--arrival",        "a",     TYPE_DESCRIPTOR, OPTION(arrival),
	 "socket to the fetcher of the recording, which is still being fetched"                                                     },
	{"--output",         "C",     TYPE_DESCRIPTOR, OPTION(output),                  "receives the cut"                          },
	{"--envelope",       "aB",    TYPE_DESCRIPTOR, OPTION(envelope),                "the loudness envelope"                     },
	{"--waveform",       "a",     TYPE_DESCRIPTOR, OPTION(waveform),                "receives peaks for drawing"                },
	{"--audio",          "aT",    TYPE_DESCRIPTOR, OPTION(audio),                   "16 kHz mono sound as WAV"                  },
	{"--poster",         "a",     TYPE_DESCRIPTOR, OPTION(poster),                  "receives a picture as JPEG"                },
	{"--words",          "t",     TYPE_DESCRIPTOR, OPTION(words),                   "vocabulary, a term a line"                 },
	{"--cuts",           "t",     TYPE_DESCRIPTOR, OPTION(cuts),                    "the cut list as JSON"                      },
	{"--progress",       "abcpt", TYPE_DESCRIPTOR, OPTION(progress),
	 "receives a line with a fraction for every percent"																		},
	{"--start",          "t",     TYPE_SECONDS,    OPTION(start),                   "begin of the part"                         },
	{"--end",            "t",     TYPE_SECONDS,    OPTION(end),                     "end of the part"                           },
	{"--audio-track",    "c",     TYPE_COUNT,      OPTION(audio_track),
	 "stream index of the sound to keep (default: the container's default)"                                                     },
	{"--keep",           "C",     TYPE_WORD,       OPTION(keep),
	 "the spans to keep: START-END[,START-END...]"																			  },
	{"--mode",           "c",     TYPE_WORD,       OPTION(mode),                    "copy (default), exact or reencode"         },
	{"--still",          "c",     TYPE_DESCRIPTOR, OPTION(still),
	 "the loudness envelope: sound alone gets a picture"																		},
	{"--crf",            "c",     TYPE_CRF,        OPTION(crf),                     "reencode: quality of pictures (default 23)"},
	{"--max-height",     "c",     TYPE_COUNT,      OPTION(max_height),
	 "reencode: greater pictures are scaled"																					},
	{"--max-bitrate",    "c",     TYPE_BITRATE,    OPTION(max_bitrate),
	 "reencode: of pictures, bits/s"																							},
	{"--audio-bitrate",  "c",     TYPE_BITRATE,    OPTION(audio_bitrate),
	 "reencode: of sound, bits/s (default 128000)"																			  },
	{"--duration",       "B",     TYPE_SECONDS,    OPTION(duration),                "length of the recording"                   },
	{"--language",       "t",     TYPE_WORD,       OPTION(language),                "language of the speech"                    },
	{"--log",            "abcpt", TYPE_WORD,       OPTION(log),                     "how and about what to log"                 },
	{"--threads",        "act",   TYPE_COUNT,      OPTION(threads),
	 "threads (default: all processors)"																						},
	{"--padding-before", "ab",    TYPE_SECONDS,    OPTION(boundary.padding_before),
	 "kept before the first speech (default 5)"																				 },
	{"--padding-after",  "ab",    TYPE_SECONDS,    OPTION(boundary.padding_after),
	 "kept after the last speech (default 5)"																				   },
	{"--min-silence",    "ab",    TYPE_SECONDS,    OPTION(boundary.min_silence),
	 "shorter silences are neither cut nor pauses (default 2)"																  },
	{"--max-trim-share", "ab",    TYPE_SHARE,      OPTION(boundary.max_trim_share),
	 "cutting a greater share raises a flag (default 0.4)"																	  },
	{"--threshold",      "ab",    TYPE_DECIBEL,    OPTION(boundary.threshold_db),
	 "level of speech in dBFS (default: adaptive)"																			  },
	{"--shorten-above",  "b",     TYPE_SECONDS,    OPTION(boundary.shorten_above),
	 "longer pauses lose their middle (default: none does)"																	 },
	{"--shorten-to",     "b",     TYPE_SECONDS,    OPTION(boundary.shorten_to),
	 "what stays of each of them (default 1)"																				   },
};

#define OPTION_ROWS (sizeof option_rows / sizeof option_rows[0])

static const char *const type_names[] = {
	[TYPE_DESCRIPTOR] = "FD", [TYPE_COUNT] = "N",      [TYPE_SECONDS] = "SECONDS",
	[TYPE_CRF] = "CRF",       [TYPE_BITRATE] = "BITS", [TYPE_SHARE] = "SHARE",
	[TYPE_DECIBEL] = "DB",    [TYPE_WORD] = "WORD",
};

/* The values that a number may have, by type. */
static const struct
{
	double low;
	double high;
} type_ranges[] = {
	[TYPE_DESCRIPTOR] = {0,    1e6},
      [TYPE_COUNT] = {0,    1e6},
      [TYPE_SECONDS] = {0,    1e7},
	[TYPE_SHARE] = {0,    1  },
      [TYPE_DECIBEL] = {-127, 0  },
      [TYPE_CRF] = {0,    51 },
	[TYPE_BITRATE] = {8000, 1e9},
      [TYPE_WORD] = {0,    0  },
};

/* A command fills *result, or prints its result itself and leaves it NULL. */
typedef struct Command
{
	const char *name;
	char letter;
	const char *reads; /* a folder whose files it opens by name; NULL = none */
	const char *help;
	bool (*run)(const MediaOptions *options, cJSON **result, Error *err);
} Command;

/* The letter of a command that heeds no option and refuses none. */
#define TAKES_ALL '*'

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
run_probe(const MediaOptions *options, cJSON **result, Error *err)
{
	return analysis_probe(options->input, result, err);
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
							.threads = options->threads};

	*result = NULL;
	return engine_transcribe(&engine, err);
}

static const Command commands[] = {
	{"analyse",     'a',       NULL,                "judge a recording and take out what later steps need",
	 run_analyse																										  },
	{"boundaries",  'b',       NULL,                "find speech in a stored loudness envelope",
	 run_boundaries																									   },
	{"containment", TAKES_ALL, NULL,                "tell what this kernel contains this program with",
	 run_containment																									  },
	{"cut",         'c',       NULL,                "keep parts of a recording",                            run_cut       },
	{"probe",       'p',       NULL,                "tell what the headers of a recording say",             run_probe     },
	{"transcribe",  't',       ENGINE_MODEL_FOLDER, "recognise speech",                                     run_transcribe},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static bool
is_known(const OptionRow *row, const Command *command)
{
	return command->letter == TAKES_ALL ||
		   strchr(row->commands, command->letter) != NULL ||
		   strchr(row->commands, command->letter - 'a' + 'A') != NULL;
}

static bool
is_required(const OptionRow *row, const Command *command)
{
	return strchr(row->commands, command->letter - 'a' + 'A') != NULL;
}

static void
print_help(FILE *to)
{
	fprintf(to, "leap-media COMMAND --option value ...\n\n"
				"Parses recordings given as open descriptors; prints one JSON object.\n");
	for (size_t i = 0; i < COMMANDS; i++)
	{
		fprintf(to, "\n%s: %s\n", commands[i].name, commands[i].help);
		for (size_t k = 0; k < OPTION_ROWS; k++)
			if (commands[i].letter != TAKES_ALL &&
				is_known(&option_rows[k], &commands[i]))
				fprintf(to, "  %-17s %-8s %s%s\n", option_rows[k].name,
						type_names[option_rows[k].type], option_rows[k].help,
						is_required(&option_rows[k], &commands[i]) ? " (required)" : "");
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

static const OptionRow *
find_option(const char *name, const Command *command)
{
	for (size_t i = 0; i < OPTION_ROWS; i++)
		if (strcmp(option_rows[i].name, name) == 0 && is_known(&option_rows[i], command))
			return &option_rows[i];
	return NULL;
}

static bool
usage_error(Error *err, const char *format, const char *name, const char *value)
{
	char message[256];

	snprintf(message, sizeof message, "%s %s %s", format, name, value);
	return error_set(err, ERROR_PERMANENT, "usage",
					 "`leap-media --help` lists commands and options.", "%s", message);
}

/* Stores the text of an option's value where its row says. */
static bool
set_option(const OptionRow *row, const char *text, MediaOptions *options, Error *err)
{
	char *at = (char *) options + row->offset;
	char *end = NULL;
	double number;

	if (row->type == TYPE_WORD)
	{
		memcpy(at, &text, sizeof text);
		return true;
	}
	errno = 0;
	number = strtod(text, &end);
	if (errno != 0 || end == text || *end != '\0' ||
		!(number >= type_ranges[row->type].low && number <= type_ranges[row->type].high))
		return usage_error(err, "not in the range of", row->name, text);
	if (row->type == TYPE_DESCRIPTOR || row->type == TYPE_COUNT ||
		row->type == TYPE_BITRATE)
	{
		int whole = (int) number;

		if (whole != number)
			return usage_error(err, "not a whole number:", row->name, text);
		memcpy(at, &whole, sizeof whole);
	}
	else
		memcpy(at, &number, sizeof number);
	if (row->type == TYPE_DECIBEL)
		options->boundary.has_threshold = true;
	return true;
}

static bool
parse_options(const Command *command, int argc, char **argv, MediaOptions *options,
			  Error *err)
{
	bool given[OPTION_ROWS] = {false};

	for (int i = 2; i < argc; i += 2)
	{
		const OptionRow *row = find_option(argv[i], command);

		if (row == NULL)
			return usage_error(err, "unknown option", argv[i], command->name);
		if (i + 1 >= argc)
			return usage_error(err, "no value for", argv[i], "");
		if (!set_option(row, argv[i + 1], options, err))
			return false;
		given[row - option_rows] = true;
	}
	for (size_t i = 0; i < OPTION_ROWS; i++)
		if (!given[i] && is_required(&option_rows[i], command))
			return usage_error(err, "missing option", option_rows[i].name, command->name);
	return true;
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

static int
default_threads(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return processors < 1 ? 1 : processors > 8 ? 8 : (int) processors;
}

static bool
contain(const Command *command, char **argv, Contained *contained, Error *err)
{
	MediaLimits limits =
		media_limits((const char *const *) argv + 1, contain_input_bytes());

	return contain_process(&limits, command->reads, contained, err);
}

static bool
run(const Command *command, int argc, char **argv, Error *err)
{
	CLEANUP(json) cJSON *result = NULL;
	MediaOptions options = {.input = -1,
							.arrival = -1,
							.output = -1,
							.envelope = -1,
							.waveform = -1,
							.audio = -1,
							.poster = -1,
							.words = -1,
							.cuts = -1,
							.start = NAN,
							.end = NAN,
							.progress = -1,
							.audio_track = -1,
							.threads = default_threads(),
							.mode = "copy",
							.still = -1,
							.crf = 23.0,
							.audio_bitrate = 128000,
							.boundary = BOUNDARY_DEFAULTS};

	if (!parse_options(command, argc, argv, &options, err) ||
		!contain(command, argv, &options.contained, err))
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
		usage_error(&err, "unknown command", argc > 1 ? argv[1] : "(none)", "");
		return report_failure(&err);
	}
	if (run(command, argc, argv, &err))
		return EXIT_SUCCESS;
	return report_failure(&err);
}
