/*
 * cli/media_trim.c
 *	  leap media trim: cut a recording as the pipeline would, and tell what was done.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/media.h"
#include "cli/media_words.h"
#include "cli/text.h"

/* Of all the work, the share of the analysis. */
#define ANALYSIS_SHARE 0.6

/* A shorter lesson is none. */
#define LEAST_SECONDS 0.1

typedef struct Trim
{
	const char *source;
	const char *target;
	int input;
	int envelope; /* its loudness */
	cJSON *analysis;
	cJSON *judged; /* the answer of boundaries */
	Buffer keep;   /* what to keep, as leap-media reads it */
	cJSON *done;   /* the answer of cut */
} Trim;

static void
cleanup_trim(Trim *trim)
{
	cleanup_close(&trim->input);
	cleanup_close(&trim->envelope);
	cJSON_Delete(trim->analysis);
	cJSON_Delete(trim->judged);
	cJSON_Delete(trim->done);
	buffer_free(&trim->keep);
}

/* Cut to nothing anybody could see or hear? What lies wholly outside is told elsewhere. */
static bool
is_enough(const Trim *trim, const Span *spans, size_t count, Error *err)
{
	double duration = json_number(trim->analysis, "duration", 0);
	double rate = json_number(trim->analysis, "video.frame_rate", 0);
	double least = fmax(LEAST_SECONDS, rate > 1 ? 1 / rate : 0);
	double kept = 0;

	for (size_t i = 0; i < count; i++)
		kept += fmax(fmin(spans[i].end, duration) - spans[i].start, 0);
	return kept <= 0 || kept >= least ||
		   error_set(err, ERROR_PERMANENT, "too_short", "Keep more of it.",
					 "%.3f s of %.300s are no lesson: at least %.3g s must stay", kept,
					 trim->source, least);
}

/* The spans of --keep, else what the speech suggests. */
static bool
choose_spans(const MediaJob *job, Trim *trim, Error *err)
{
	const char *wanted = option_text(job->session.options, OPTION_KEEP);
	CLEANUP(free) Span *spans = NULL;
	size_t count = 0;

	if (wanted[0] != '\0')
	{
		if (!spans_parse(wanted, &spans, &count, err))
		{
			snprintf(err->code, sizeof err->code, "usage");
			return false;
		}
	}
	else
		spans = media_spans(trim->judged, &count);
	if (spans == NULL)
		return error_errno(err, "memory", "cannot plan the cuts");
	spans_print(spans, count, &trim->keep);
	return is_enough(trim, spans, count, err);
}

/* Nothing in it can be read: the first reason says why. */
static bool
refuse_unreadable(const Trim *trim, Error *err)
{
	const cJSON *reason = cJSON_GetArrayItem(json_at(trim->analysis, "reasons"), 0);

	return error_set(err, ERROR_INPUT, "unreadable",
					 words_advice(json_text(reason, "code", "")),
					 "%.300s cannot be cut: %s", trim->source,
					 json_text(reason, "message", "it holds neither picture nor sound"));
}

/* Looks at the recording. One that is damaged beyond use is refused, with the reasons. */
static bool
judge(MediaJob *job, Trim *trim, Error *err)
{
	if (!media_scratch(&trim->envelope, err) ||
		!media_analyse(job, trim->input, trim->envelope, -1, ANALYSIS_SHARE,
					   &trim->analysis, err))
		return false;
	if (strcmp(json_text(trim->analysis, "verdict", ""), "rejected") == 0)
		return error_set(err, ERROR_INPUT, "rejected",
						 "`leap media probe` tells what, where, and what to do.",
						 "too much of %.300s is damaged to make a lesson of it",
						 trim->source);
	if (json_number(trim->analysis, "duration", 0) <= 0)
		return refuse_unreadable(trim, err);
	return media_boundaries(job, trim->envelope,
							json_number(trim->analysis, "duration", 0), &trim->judged,
							err) &&
		   choose_spans(job, trim, err);
}

/* Copying cannot shorten pauses: who wants them short wants exact cuts. */
static const char *
mode_of(const Options *options)
{
	const char *mode = option_text(options, OPTION_MODE);

	return option_text(options, OPTION_SHORTEN_PAUSES_ABOVE)[0] != '\0' &&
				   strcmp(mode, "copy") == 0
			   ? "exact"
			   : mode;
}

static bool
cut(MediaJob *job, Trim *trim, int output, Error *err)
{
	static const MediaOption encoding[] = {
		{OPTION_CRF,           "--crf",           NAN},
		{OPTION_MAX_HEIGHT,    "--max-height",    0  },
		{OPTION_MAX_BITRATE,   "--max-bitrate",   0  },
		{OPTION_AUDIO_BITRATE, "--audio-bitrate", NAN},
	};
	const Options *options = job->session.options;
	MediaArguments arguments = {.argv = {"cut"}, .count = 1};
	double track = option_number(options, OPTION_AUDIO_TRACK);
	const ProcessFd fds[] = {
		{trim->input,    3},
        {output,         4},
        {trim->envelope, 5}
    };
	bool still = option_flag(options, OPTION_STILL);

	media_text(&arguments, "--input", "3");
	media_text(&arguments, "--output", "4");
	media_text(&arguments, "--keep", trim->keep.data);
	media_text(&arguments, "--mode", mode_of(options));
	if (track < 0)
		track = json_number(trim->analysis, "audio_track", -1);
	if (track >= 0)
		media_number(&arguments, "--audio-track", track);
	if (strcmp(mode_of(options), "reencode") == 0)
		media_options(&arguments, options, encoding,
					  sizeof encoding / sizeof encoding[0]);
	if (still)
		media_text(&arguments, "--still", "5");
	return media_run(job, &arguments, fds, still ? 3 : 2, ANALYSIS_SHARE, 1, "cutting",
					 &trim->done, err);
}

static bool
is_truncated(const Trim *trim)
{
	return strcmp(json_text(trim->analysis, "verdict", ""), "truncated") == 0;
}

/* Does the name end as files of that container do? */
static bool
is_named_so(const char *name, const char *container)
{
	static const char *const rows[][3] = {
		{"mp4",  "m4a",  "m4v"},
		{"webm", "weba", NULL },
		{"mkv",  "mka",  NULL },
	};
	const char *dot = strrchr(name, '.');
	bool known = dot != NULL && strcasecmp(dot + 1, container) == 0;

	for (size_t i = 0; dot != NULL && i < sizeof rows / sizeof rows[0]; i++)
		for (size_t k = 1; k < 3 && strcmp(rows[i][0], container) == 0; k++)
			known |= rows[i][k] != NULL && strcasecmp(dot + 1, rows[i][k]) == 0;
	return known;
}

/* What the pipeline would flag of the result; nothing of what was asked for part by part. */
static const char *
flag_of(const Trim *trim, const Options *options)
{
	const char *flag = json_text(trim->judged, "keep.flag", "");
	double off = spans_cut_off_share(json_number(trim->done, "start", 0),
									 json_number(trim->done, "end", 0),
									 json_number(trim->analysis, "duration", 0));

	if (option_text(options, OPTION_KEEP)[0] != '\0')
		return NULL;
	if (strcmp(flag, "no_speech") == 0)
		return "no_speech";
	return off > option_number(options, OPTION_MAX_TRIM_SHARE) ? "large_trim" : NULL;
}

static void
print_answer(const Trim *trim, const Options *options)
{
	const char *flag = flag_of(trim, options);
	static const char *const members[] = {"mode",     "fallback",  "sound",
										  "cuts",     "start",     "end",
										  "duration", "container", "bytes"};
	CLEANUP(json) cJSON *answer = cJSON_CreateObject();

	cJSON_AddStringToObject(answer, "file", trim->source);
	cJSON_AddStringToObject(answer, "output", trim->target);
	cJSON_AddStringToObject(answer, "verdict", json_text(trim->analysis, "verdict", ""));
	cJSON_AddNumberToObject(answer, "source_duration",
							json_number(trim->analysis, "duration", 0));
	json_put(answer, "speech", cJSON_Duplicate(json_at(trim->judged, "speech"), true));
	json_put(answer, "flag",
			 flag != NULL ? cJSON_CreateString(flag) : cJSON_CreateNull());
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		json_put(answer, members[i],
				 cJSON_Duplicate(json_at(trim->done, members[i]), true));
	session_print_json(answer);
}

/* The spans as really cut. */
static Span *
spans_done(const Trim *trim, size_t *count)
{
	CLEANUP(free) CutSpan *cuts = spans_read_cuts(json_at(trim->done, "cuts"), count);
	Span *spans = calloc(*count + 1, sizeof *spans);

	for (size_t i = 0; spans != NULL && i < *count; i++)
		spans[i] = (Span){cuts[i].start, cuts[i].end};
	return spans;
}

/* How it was cut, and what is not as it was asked for. */
static void
tell_how(const Trim *trim, const Span *done, bool still)
{
	static const struct
	{
		const char *mode;
		const char *text;
	} modes[] = {
		{"copy",     "copied without encoding, each part from a key frame on"      },
		{"exact",    "copied, but for a few pictures at the cuts that were encoded"},
		{"reencode", "encoded anew"												},
	};
	bool pictures = cJSON_IsObject(json_at(trim->analysis, "video"));
	bool copied = strcmp(json_text(trim->done, "mode", ""), "reencode") != 0;
	bool encoded = strcmp(json_text(trim->done, "sound", ""), "encoded") == 0;
	double duration = json_number(trim->analysis, "duration", 0);
	char text[TEXT_SIZE];
	CLEANUP(free) Span *asked = NULL;
	const char *fallback = json_text(trim->done, "fallback", NULL);
	size_t count = 0;
	Error err = {0};

	if (!pictures && copied)
		puts(encoded ? "  how        cut and put together"
					 : "  how        copied without encoding");
	for (size_t i = 0; (pictures || !copied) && i < sizeof modes / sizeof modes[0]; i++)
		if (strcmp(modes[i].mode, json_text(trim->done, "mode", "")) == 0)
			printf("  how        %s\n", modes[i].text);
	if (copied && encoded)
		puts("             the sound was encoded: its packets are too long to be cut");
	if (!spans_parse(trim->keep.data, &asked, &count, &err))
		return;
	if (asked[0].start - done[0].start >= 0.05 && fallback == NULL)
		printf("             it begins %.1f s earlier than asked, where a key frame is\n",
			   asked[0].start - done[0].start);
	if (asked[count - 1].end - duration >= 0.05)
		printf("  note       the recording ends at %s, before what was to be kept does\n",
			   words_place(duration, text));
	if (pictures && still)
		puts("  note       --still did nothing: the recording has pictures");
	if (fallback != NULL)
	{
		fputs("  note       not cut as asked: ", stdout);
		text_print(fallback, 0);
		putchar('\n');
	}
}

static void
tell(const MediaJob *job, const Trim *trim)
{
	CLEANUP(free) Span *done = NULL;
	const char *container = json_text(trim->done, "container", "");
	bool chosen = option_text(job->session.options, OPTION_KEEP)[0] != '\0';
	char one[TEXT_SIZE];
	char two[TEXT_SIZE];
	size_t count = 0;

	text_print(trim->target, 0);
	printf(": %s, %s\n", words_length(json_number(trim->done, "duration", 0), one),
		   text_bytes(json_int64(trim->done, "bytes", 0), two));
	done = spans_done(trim, &count);
	if (count > 0)
	{
		words_kept(done, count, json_number(trim->analysis, "duration", 0));
		tell_how(trim, done, option_flag(job->session.options, OPTION_STILL));
	}
	if (!chosen)
		words_flag(stdout, flag_of(trim, job->session.options));
	if (container[0] != '\0' && !is_named_so(trim->target, container))
		printf("  note       players expect a name that ends with .%s\n", container);
}

static ExitCode
finish(MediaJob *job, const Trim *trim)
{
	if (job->session.json)
		print_answer(trim, job->session.options);
	else
		tell(job, trim);
	/* the answer is about what was there, not about what was recorded */
	if (is_truncated(trim))
	{
		fputs("leap: the recording is not complete; what is there of it was cut\n",
			  stderr);
		words_verdict(stderr, trim->analysis);
	}
	return media_end(job, is_truncated(trim) ? EXIT_PARTIAL : EXIT_DONE);
}

ExitCode
media_trim(MediaJob *job, const char *const *names)
{
	bool over = option_flag(job->session.options, OPTION_FORCE);
	CLEANUP(media_output) MediaOutput output = MEDIA_OUTPUT_NONE;
	CLEANUP(trim)
	Trim trim = {.source = names[0], .target = names[1], .input = -1, .envelope = -1};
	Error err = {0};

	buffer_init(&trim.keep);
	if (!media_open(names[0], &trim.input, &err) ||
		!media_output_begin(&output, names[1], trim.input, over, &err) ||
		!judge(job, &trim, &err) || !cut(job, &trim, output.fd, &err) ||
		!media_output_finish(&output, over, &err))
		return media_error(job, &err);
	return finish(job, &trim);
}
