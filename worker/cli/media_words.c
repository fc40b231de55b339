/*
 * cli/media_words.c
 *	  A recording in words.
 */
#include "cli/media_words.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/timecode.h"
#include "cli/text.h"

#define INDENT "             " /* below the words behind a label */

typedef struct Word
{
	const char *code;
	const char *text;
} Word;

static const Word advices[] = {
	{"index_missing",
	 "Copy or download it again. If the recorder was switched off in between, only a "
	 "repair tool helps."																},
	{"file_cut_off",      "Copy or download it again from where it was made."            },
	{"sample_beyond_end", "Copy or download it again from where it was made."            },
	{"ends_early",
	 "Copy or download it again; if it is as long there, it is what there is."           },
	{"wrong_duration",
	 "Nothing: only the length that is told is wrong. Players may show it."              },
	{"read_error",        "Play it there; if something is missing, download it again."   },
	{"bad_video_packet",
	 "Look there: the picture may break up. Another download may be whole."              },
	{"corrupt_packet",
	 "Look there: picture or sound may break up. Another download may be whole."         },
	{"decode_error",      "Listen there: the sound may crackle or stop."                 },
	{"audio_gap",         "Listen there: the recorder or the download lost sound."       },
	{"bad_times",         "Check that sound and picture fit together behind it."         },
	{"ends_apart",        "Look at the end: one goes on without the other."              },
	{"no_stream",         "This is no recording: choose another file."                   },
	{"garbage",           "It usually plays all the same; a fresh download may be clean."},
};

static const Word verdicts[] = {
	{"ok",        "nothing is wrong with the file"                            },
	{"degraded",  "small damage; it can be used, but look at the places below"},
	{"truncated", "the end is missing; fetch it again"                        },
	{"rejected",  "too much is damaged to make a lesson of it"                },
};

static const Word codecs[] = {
	{"h264",   "H.264"    },
    {"hevc",   "HEVC"     },
    {"vp8",    "VP8"      },
    {"vp9",    "VP9"      },
	{"av1",    "AV1"      },
    {"aac",    "AAC"      },
    {"mp3",    "MP3"      },
    {"opus",   "Opus"     },
	{"vorbis", "Vorbis"   },
    {"flac",   "FLAC"     },
    {"mpeg4",  "MPEG-4"   },
    {"mp4",    "MP4"      },
	{"webm",   "WebM"     },
    {"mkv",    "Matroska" },
    {"mov",    "QuickTime"},
    {"avi",    "AVI"      },
	{"wav",    "WAV"      },
    {"ogg",    "Ogg"      },
    {"ts",     "MPEG-TS"  },
    {"mpg",    "MPEG"     },
	{"flv",    "FLV"      },
};

#define FIND(rows, code) find(rows, sizeof rows / sizeof rows[0], code)

static const char *
find(const Word *words, size_t count, const char *code)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i].code, code) == 0)
			return words[i].text;
	return NULL;
}

static const char *
name_of(const char *code)
{
	const char *name = FIND(codecs, code);

	return name != NULL ? name : code;
}

const char *
words_advice(const char *code)
{
	const char *advice = FIND(advices, code);

	return advice != NULL ? advice : "";
}

/* To the nearest tenth in the first ten minutes, then to the nearest second: places and
 * lengths alike. */
static double
rounded(double seconds)
{
	seconds = floor(seconds * 10 + 0.5) / 10;
	return seconds < 600 ? seconds : floor(seconds + 0.5);
}

const char *
words_length(double seconds, char text[TEXT_SIZE])
{
	seconds = rounded(seconds);
	if (seconds < 60)
		snprintf(text, TEXT_SIZE, "%.1f s", seconds);
	else
		words_place(seconds, text);
	return text;
}

const char *
words_place(double seconds, char text[TEXT_SIZE])
{
	CLEANUP(buffer) Buffer out;

	seconds = rounded(seconds);
	buffer_init(&out);
	timecode_put_short(&out, seconds + 0.01); /* 0.01: tenths are no binary numbers */
	if (seconds < 600)
		snprintf(text, TEXT_SIZE, "%s.%d", out.data, (int) lround(seconds * 10) % 10);
	else
		snprintf(text, TEXT_SIZE, "%s", out.data);
	return text;
}

/* 1234567 as "1,234,567". */
static const char *
grouped(int64_t number, char text[TEXT_SIZE])
{
	char digits[24];
	int length = snprintf(digits, sizeof digits, "%lld", (long long) number);
	size_t at = 0;

	for (int i = 0; i < length; i++)
	{
		if (i > 0 && (length - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = '\0';
	return text;
}

static void
tell_picture(const cJSON *video)
{
	if (!cJSON_IsObject(video))
	{
		puts("  picture    none: sound only");
		return;
	}
	printf("  picture    %s, %.0f x %.0f, %.4g pictures a second",
		   name_of(json_text(video, "codec", "?")), json_number(video, "width", 0),
		   json_number(video, "height", 0), json_number(video, "frame_rate", 0));
	if (json_bool(video, "variable_rate", false))
		fputs(" on average, at a changing rate", stdout);
	if (json_number(video, "rotation", 0) != 0)
		printf(", turned by %.0f degrees", json_number(video, "rotation", 0));
	putchar('\n');
}

static void
tell_track(const cJSON *track, int chosen, bool several)
{
	int channels = (int) json_number(track, "channels", 0);
	int index = (int) json_number(track, "index", -1);
	char text[TEXT_SIZE];

	printf("  sound      ");
	if (several)
		printf("track %d: ", index);
	printf("%s, %.4g kHz, ", name_of(json_text(track, "codec", "?")),
		   json_number(track, "sample_rate", 0) / 1000);
	if (channels <= 2)
		fputs(channels == 1 ? "mono" : "stereo", stdout);
	else
		printf("%d channels", channels);
	if (json_text(track, "language", NULL) != NULL)
	{
		fputs(", ", stdout);
		text_print(json_text(track, "language", ""), 12);
	}
	if (json_at(track, "speech_seconds") != NULL)
	{
		double seconds = json_number(track, "speech_seconds", 0);

		if (seconds > 0)
			printf(", %s of speech at %.0f dBFS", words_length(seconds, text),
				   json_number(track, "speech_db", 0));
		else
			fputs(", no speech", stdout);
		if (several && index == chosen)
			fputs("   <- taken for the speech", stdout);
	}
	putchar('\n');
}

void
words_file(const char *name, const cJSON *analysis)
{
	double duration = json_number(analysis, "duration", 0);
	int64_t bytes = json_int64(analysis, "bytes", 0);
	const cJSON *tracks = json_at(analysis, "audio");
	int count = cJSON_GetArraySize(tracks);
	const cJSON *track;
	char text[TEXT_SIZE];

	text_print(name, 0);
	printf(": %s, %s", name_of(json_text(analysis, "container", "?")),
		   words_length(duration, text));
	printf(", %s", text_bytes(bytes, text));
	if (duration >= 1)
		printf(" (%.0f kbit/s)", (double) bytes * 8 / duration / 1000);
	putchar('\n');
	if (count == 0 && duration <= 0 && !cJSON_IsObject(json_at(analysis, "video")))
	{
		puts("  contents   unknown: they cannot be read");
		return;
	}
	tell_picture(json_at(analysis, "video"));
	cJSON_ArrayForEach(track, tracks)
		tell_track(track, (int) json_number(analysis, "audio_track", -1), count > 1);
	if (count == 0)
		puts("  sound      none: there is nothing to transcribe, and nothing to trim by");
}

static void
tell_reason(FILE *out, const cJSON *reason)
{
	const char *advice = words_advice(json_text(reason, "code", ""));
	double at = json_number(reason, "at", -1);
	int64_t position = json_int64(reason, "position", -1);
	char text[TEXT_SIZE];

	fputs(INDENT "- ", out);
	text_write(out, json_text(reason, "message", "?"), 0);
	if (at >= 0)
		fprintf(out, "\n" INDENT "  at %s", words_place(at, text));
	if (position >= 0)
		fprintf(out, "%s byte %s", at >= 0 ? "," : "\n" INDENT "  at",
				grouped(position, text));
	fputc('\n', out);
	if (advice[0] != '\0')
		fprintf(out, INDENT "  %s\n", advice);
}

void
words_verdict(FILE *out, const cJSON *analysis)
{
	const char *verdict = json_text(analysis, "verdict", "?");
	const char *meaning = FIND(verdicts, verdict);
	const cJSON *reason;

	fprintf(out, "  verdict    %s: %s\n", verdict, meaning != NULL ? meaning : "");
	cJSON_ArrayForEach(reason, json_at(analysis, "reasons")) tell_reason(out, reason);
}
