/*
 * cli/media_words_kept.c
 *	  Where somebody speaks in a recording, and what is kept of it, in words.
 */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "cli/media_words.h"

#define INDENT "             " /* below the words behind a label */

/* Levels that a listener calls so, in dBFS of the voice, and over the noise in dB. */
#define QUIET_DB      -40.0
#define VERY_QUIET_DB -50.0
#define NOISY_DB      15.0

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
			   words_length(total, one));
		printf("; the longest %s at %s\n", words_length(longest, one),
			   words_place(at, two));
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
			   words_place(json_number(analysis, "speech.first", 0), one),
			   words_place(json_number(analysis, "speech.last", 0), two));
		printf(", %s of it spoken\n",
			   words_length(json_number(analysis, "speech.seconds", 0), one));
		tell_pauses(json_at(analysis, "pauses"));
		printf("  loudness   voice %.0f dBFS, room %.0f dBFS, speech is what is above "
			   "%.0f: %s\n",
			   voice, noise, json_number(analysis, "loudness.threshold_db", 0),
			   loudness_word(voice, noise));
	}
	else if (strcmp(verdict, "none") == 0)
		printf("  speech     none: nothing stands out from the noise (%.0f dBFS); was "
			   "the microphone on?\n" INDENT
			   "a pipeline does as trimming.on_blank says: it holds the recording, skips "
			   "or publishes it\n",
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
		printf("%s at the start", words_length(head, text));
		between = ", ";
	}
	if (inner >= 0.05)
	{
		printf("%s%s out of %zu place%s between", between, words_length(inner, text),
			   count - 1, count == 2 ? "" : "s");
		between = ", ";
	}
	if (tail >= 0.05)
	{
		printf("%s%s at the end", between, words_length(tail, text));
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
	printf("  %s %s to %s", label, words_place(spans[0].start, one),
		   words_place(spans[count - 1].end, two));
	printf(", %s in %zu part%s\n", words_length(kept, one), count, count == 1 ? "" : "s");
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
	words_flag(stdout, json_text(analysis, "keep.flag", NULL));
}

void
words_flag(FILE *out, const char *flag)
{
	static const struct
	{
		const char *code;
		const char *text;
	} flags[] = {
		{"no_speech",  "without speech there is nothing to cut by: everything is kept"},
		{"large_trim", "more than --max-trim-share allows: look at what would go"     },
	};

	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (flag != NULL && strcmp(flags[i].code, flag) == 0)
			fprintf(out, "  flag       %s\n", flags[i].text);
}
