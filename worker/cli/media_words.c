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

/* Levels that a listener calls so, in dBFS of the voice, and over the noise in dB. */
#define QUIET_DB      -40.0
#define VERY_QUIET_DB -50.0
#define NOISY_DB      15.0

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

/* "59:51", from ten minutes on without tenths; "12.4 s" below a minute. */
static const char *
length_of(double seconds, char text[TEXT_SIZE])
{
	if (seconds < 60)
		snprintf(text, TEXT_SIZE, "%.1f s", seconds);
	else
		text_seconds(seconds, text);
	return text;
}

/* A place in a recording: "0:35.7", "1:02:03". */
static const char *
place_of(double seconds, char text[TEXT_SIZE])
{
	CLEANUP(buffer) Buffer out;

	seconds = floor(seconds * 10 + 0.5) / 10;
	buffer_init(&out);
	timecode_put_short(&out, seconds);
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
			printf(", %s of speech at %.0f dBFS", length_of(seconds, text),
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
		   length_of(duration, text));
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
		fprintf(out, "\n" INDENT "  at %s", place_of(at, text));
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

/* How a listener would call it. */
static const char *
loudness_word(double speech, double noise)
{
	if (speech < VERY_QUIET_DB)
		return "the voice is very quiet: check the microphone";
	if (speech - noise < NOISY_DB)
		return "the voice hardly stands out from the noise";
	return speech < QUIET_DB ? "the voice is rather quiet" : "loud and clear";
}

static void
tell_pauses(const cJSON *pauses)
{
	const cJSON *pause;
	double total = 0;
	double longest = 0;
	double at = 0;
	char one[TEXT_SIZE];
	char two[TEXT_SIZE];

	cJSON_ArrayForEach(pause, pauses)
	{
		double start = json_number(pause, "start", 0);
		double length = json_number(pause, "end", 0) - start;

		total += length;
		at = length > longest ? start : at;
		longest = fmax(longest, length);
	}
	if (total > 0)
	{
		printf("  pauses     %d, %s together", cJSON_GetArraySize(pauses),
			   length_of(total, one));
		printf("; the longest %s at %s\n", length_of(longest, one), place_of(at, two));
	}
}

void
words_speech(const cJSON *analysis)
{
	const char *verdict = json_text(analysis, "speech.verdict", "");
	double noise = json_number(analysis, "loudness.noise_db", 0);
	double voice = json_number(analysis, "loudness.speech_db", 0);
	char one[TEXT_SIZE];
	char two[TEXT_SIZE];

	if (strcmp(verdict, "speech") == 0)
	{
		printf("  speech     from %s to %s",
			   place_of(json_number(analysis, "speech.first", 0), one),
			   place_of(json_number(analysis, "speech.last", 0), two));
		printf(", %s of it spoken\n",
			   length_of(json_number(analysis, "speech.seconds", 0), one));
		tell_pauses(json_at(analysis, "pauses"));
		printf("  loudness   voice %.0f dBFS, room %.0f dBFS, speech is what is above "
			   "%.0f: %s\n",
			   voice, noise, json_number(analysis, "loudness.threshold_db", 0),
			   loudness_word(voice, noise));
	}
	else if (strcmp(verdict, "none") == 0)
		printf("  speech     none: nothing stands out from the noise (%.0f dBFS); was "
			   "the microphone on?\n",
			   noise);
}

/* What is cut off within the first and the last span. */
static double
inner_seconds(const Span *spans, size_t count)
{
	double seconds = 0;

	for (size_t i = 1; i < count; i++)
		seconds += spans[i].start - spans[i - 1].end;
	return seconds;
}

static void
tell_removed(const Span *spans, size_t count, double duration)
{
	double head = spans[0].start;
	double tail = fmax(duration - spans[count - 1].end, 0);
	double inner = inner_seconds(spans, count);
	const char *between = "";
	char text[TEXT_SIZE];

	fputs(INDENT "removed: ", stdout);
	if (head >= 0.05)
	{
		printf("%s at the start", length_of(head, text));
		between = ", ";
	}
	if (inner >= 0.05)
	{
		printf("%s%s out of %zu place%s between", between, length_of(inner, text),
			   count - 1, count == 2 ? "" : "s");
		between = ", ";
	}
	if (tail >= 0.05)
	{
		printf("%s%s at the end", between, length_of(tail, text));
		between = ", ";
	}
	if (between[0] == '\0')
		puts("nothing");
	else
		printf(" (%.1f %%)\n",
			   duration > 0 ? (head + inner + tail) / duration * 100 : 0.0);
}

/* "keeps 0:42 to 58:20, 57:38 in 1 part" */
static void
tell_kept(const char *label, const Span *spans, size_t count)
{
	double kept = 0;
	char one[TEXT_SIZE];
	char two[TEXT_SIZE];

	for (size_t i = 0; i < count; i++)
		kept += spans[i].end - spans[i].start;
	printf("  %s %s to %s", label, place_of(spans[0].start, one),
		   place_of(spans[count - 1].end, two));
	printf(", %s in %zu part%s\n", length_of(kept, one), count, count == 1 ? "" : "s");
}

void
words_kept(const Span *spans, size_t count, double duration)
{
	tell_kept("kept      ", spans, count);
	tell_removed(spans, count, duration);
}

void
words_trimming(const cJSON *analysis, const Span *spans, size_t count, double duration,
			   double before, double after)
{
	tell_kept("trimming   keeps", spans, count);
	if (strcmp(json_text(analysis, "speech.verdict", ""), "speech") == 0)
		printf(INDENT "from %.4g s before the first speech to %.4g s after the last\n",
			   before, after);
	tell_removed(spans, count, duration);
	words_flag(stdout, analysis);
}

void
words_flag(FILE *out, const cJSON *analysis)
{
	static const Word flags[] = {
		{"no_speech",  "without speech there is nothing to cut by: everything is kept"},
		{"large_trim", "more than --max-trim-share allows: look at what would go"     },
	};
	const char *text = FIND(flags, json_text(analysis, "keep.flag", ""));

	if (text != NULL)
		fprintf(out, "  flag       %s\n", text);
}
