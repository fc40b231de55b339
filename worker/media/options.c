/*
 * media/options.c
 *	  The option table of leap-media.
 */
#include "media/options.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef enum OptionType
{
	TYPE_DESCRIPTOR,
	TYPE_COUNT, /* a whole number from 0 */
	TYPE_SECONDS,
	TYPE_SHARE, /* 0..1 */
	TYPE_DECIBEL,
	TYPE_CRF,     /* 0..51 */
	TYPE_BITRATE, /* a whole number of bits/s */
	TYPE_BYTES,
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
	{"--input",          "ACHP",    TYPE_DESCRIPTOR, OPTION(input),                   "the recording"                             },
	{"--arrival",        "a",       TYPE_DESCRIPTOR, OPTION(arrival),
	 "socket to the fetcher of the recording, which is still being fetched"                                                       },
	{"--arrival-size",   "a",       TYPE_BYTES,      OPTION(arrival_size),
	 "how large it will be (default: unknown)"																					},
	{"--output",         "CHS",     TYPE_DESCRIPTOR, OPTION(output),
	 "receives the cut, the copy or the sound"																					},
	{"--envelope",       "aB",      TYPE_DESCRIPTOR, OPTION(envelope),                "the loudness envelope"                     },
	{"--waveform",       "a",       TYPE_DESCRIPTOR, OPTION(waveform),                "receives peaks for drawing"                },
	{"--audio",          "aST",     TYPE_DESCRIPTOR, OPTION(audio),                   "16 kHz mono sound as WAV"                  },
	{"--poster",         "a",       TYPE_DESCRIPTOR, OPTION(poster),                  "receives a picture as JPEG"                },
	{"--miniature",      "a",       TYPE_DESCRIPTOR, OPTION(miniature),
	 "receives the picture, small"																								},
	{"--words",          "t",       TYPE_DESCRIPTOR, OPTION(words),                   "vocabulary, a term a line"                 },
	{"--cuts",           "t",       TYPE_DESCRIPTOR, OPTION(cuts),                    "the cut list as JSON"                      },
	{"--chapters",       "H",       TYPE_DESCRIPTOR, OPTION(chapters),                "the chapters as JSON"                      },
	{"--progress",       "abchpst", TYPE_DESCRIPTOR, OPTION(progress),
	 "receives a line with a fraction for every percent"																		  },
	{"--start",          "t",       TYPE_SECONDS,    OPTION(start),                   "begin of the part"                         },
	{"--end",            "t",       TYPE_SECONDS,    OPTION(end),                     "end of the part"                           },
	{"--audio-track",    "c",       TYPE_COUNT,      OPTION(audio_track),
	 "stream index of the sound to keep (default: the container's default)"                                                       },
	{"--keep",           "CS",      TYPE_WORD,       OPTION(keep),
	 "the spans to keep: START-END[,START-END...]"																				},
	{"--mode",           "c",       TYPE_WORD,       OPTION(mode),                    "copy (default), exact or reencode"         },
	{"--still",          "c",       TYPE_DESCRIPTOR, OPTION(still),
	 "the loudness envelope: sound alone gets a picture"																		  },
	{"--crf",            "c",       TYPE_CRF,        OPTION(crf),                     "reencode: quality of pictures (default 23)"},
	{"--max-height",     "c",       TYPE_COUNT,      OPTION(max_height),
	 "reencode: greater pictures are scaled"																					  },
	{"--max-bitrate",    "c",       TYPE_BITRATE,    OPTION(max_bitrate),
	 "reencode: of pictures, bits/s"																							  },
	{"--audio-bitrate",  "c",       TYPE_BITRATE,    OPTION(audio_bitrate),
	 "reencode: of sound, bits/s (default 128000)"																				},
	{"--format",         "s",       TYPE_WORD,       OPTION(format),                  "ogg (Opus, default), mp3, flac or wav"     },
	{"--bitrate",        "s",       TYPE_BITRATE,    OPTION(bitrate),
	 "ogg, mp3: bits/s (default: what is usual for speech)"																	   },
	{"--duration",       "B",       TYPE_SECONDS,    OPTION(duration),                "length of the recording"                   },
	{"--model",          "t",       TYPE_WORD,       OPTION(model),
	 "folder of the speech model (default: that of Debian)"																	   },
	{"--language",       "t",       TYPE_WORD,       OPTION(language),                "language of the speech"                    },
	{"--log",            "abchpst", TYPE_WORD,       OPTION(log),                     "how and about what to log"                 },
	{"--threads",        "act",     TYPE_COUNT,      OPTION(threads),
	 "threads (default: all processors)"																						  },
	{"--padding-before", "ab",      TYPE_SECONDS,    OPTION(boundary.padding_before),
	 "kept before the first speech (default 5)"																				   },
	{"--padding-after",  "ab",      TYPE_SECONDS,    OPTION(boundary.padding_after),
	 "kept after the last speech (default 5)"																					 },
	{"--min-silence",    "ab",      TYPE_SECONDS,    OPTION(boundary.min_silence),
	 "shorter silences are neither cut nor pauses (default 2)"																	},
	{"--max-trim-share", "ab",      TYPE_SHARE,      OPTION(boundary.max_trim_share),
	 "cutting a greater share raises a flag (default 0.4)"																		},
	{"--threshold",      "ab",      TYPE_DECIBEL,    OPTION(boundary.threshold_db),
	 "level of speech in dBFS (default: adaptive)"																				},
	{"--shorten-above",  "b",       TYPE_SECONDS,    OPTION(boundary.shorten_above),
	 "longer pauses lose their middle (default: none does)"																	   },
	{"--shorten-to",     "b",       TYPE_SECONDS,    OPTION(boundary.shorten_to),
	 "what stays of each of them (default 1)"																					 },
};

#define OPTION_ROWS (sizeof option_rows / sizeof option_rows[0])

static const char *const type_names[] = {
	[TYPE_DESCRIPTOR] = "FD", [TYPE_COUNT] = "N",      [TYPE_SECONDS] = "SECONDS",
	[TYPE_CRF] = "CRF",       [TYPE_BITRATE] = "BITS", [TYPE_SHARE] = "SHARE",
	[TYPE_DECIBEL] = "DB",    [TYPE_WORD] = "WORD",    [TYPE_BYTES] = "BYTES",
};

/* The values that a number may have, by type. */
static const struct
{
	double low;
	double high;
} type_ranges[] = {
	[TYPE_DESCRIPTOR] = {0,    1e6 },
      [TYPE_COUNT] = {0,    1e6 },
      [TYPE_SECONDS] = {0,    1e7 },
	[TYPE_SHARE] = {0,    1   },
      [TYPE_DECIBEL] = {-127, 0   },
      [TYPE_CRF] = {0,    51  },
	[TYPE_BITRATE] = {8000, 1e9 },
      [TYPE_WORD] = {0,    0   },
      [TYPE_BYTES] = {0,    1e18},
};

static bool
is_known(const OptionRow *row, char letter)
{
	return letter == OPTIONS_TAKE_ALL || strchr(row->commands, letter) != NULL ||
		   strchr(row->commands, letter - 'a' + 'A') != NULL;
}

static bool
is_required(const OptionRow *row, char letter)
{
	return strchr(row->commands, letter - 'a' + 'A') != NULL;
}

void
media_options_help(char letter, FILE *to)
{
	for (size_t i = 0; i < OPTION_ROWS; i++)
		if (letter != OPTIONS_TAKE_ALL && is_known(&option_rows[i], letter))
			fprintf(to, "  %-17s %-8s %s%s\n", option_rows[i].name,
					type_names[option_rows[i].type], option_rows[i].help,
					is_required(&option_rows[i], letter) ? " (required)" : "");
}

static const OptionRow *
find_option(const char *name, char letter)
{
	for (size_t i = 0; i < OPTION_ROWS; i++)
		if (strcmp(option_rows[i].name, name) == 0 && is_known(&option_rows[i], letter))
			return &option_rows[i];
	return NULL;
}

bool
media_options_refuse(Error *err, const char *format, const char *name, const char *value)
{
	char message[256];

	snprintf(message, sizeof message, "%s %s %s", format, name, value);
	return error_set(err, ERROR_PERMANENT, "usage",
					 "`leap-media --help` lists commands and options.", "%s", message);
}

static int
default_threads(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return processors < 1 ? 1 : processors > 8 ? 8 : (int) processors;
}

void
media_options_init(MediaOptions *options)
{
	*options = (MediaOptions){.input = -1,
							  .arrival = -1,
							  .output = -1,
							  .envelope = -1,
							  .waveform = -1,
							  .audio = -1,
							  .poster = -1,
							  .miniature = -1,
							  .words = -1,
							  .cuts = -1,
							  .chapters = -1,
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
		return media_options_refuse(err, "not in the range of", row->name, text);
	if (row->type == TYPE_DESCRIPTOR || row->type == TYPE_COUNT ||
		row->type == TYPE_BITRATE)
	{
		int whole = (int) number;

		if (whole != number)
			return media_options_refuse(err, "not a whole number:", row->name, text);
		memcpy(at, &whole, sizeof whole);
	}
	else
		memcpy(at, &number, sizeof number);
	if (row->type == TYPE_DECIBEL)
		options->boundary.has_threshold = true;
	return true;
}

bool
media_options_parse(const char *command, char letter, int argc, char **argv,
					MediaOptions *options, Error *err)
{
	bool given[OPTION_ROWS] = {false};

	for (int i = 2; i < argc; i += 2)
	{
		const OptionRow *row = find_option(argv[i], letter);

		if (row == NULL)
			return media_options_refuse(err, "unknown option", argv[i], command);
		if (i + 1 >= argc)
			return media_options_refuse(err, "no value for", argv[i], "");
		if (!set_option(row, argv[i + 1], options, err))
			return false;
		given[row - option_rows] = true;
	}
	for (size_t i = 0; i < OPTION_ROWS; i++)
		if (!given[i] && is_required(&option_rows[i], letter))
			return media_options_refuse(err, "missing option", option_rows[i].name,
										command);
	return true;
}
