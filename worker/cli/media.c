/*
 * cli/media.c
 *	  leap media: look at a recording, trim it, measure it. Needs no database.
 */
#include "cli/media.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/install.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/commands.h"

typedef struct Subcommand
{
	const char *name;
	int least; /* names of files */
	int most;
	ExitCode (*run)(MediaJob *job, const char *const *names);
} Subcommand;

static const Subcommand subcommands[] = {
	{"probe",    1, 1, media_probe   },
	{"trim",     2, 2, media_trim    },
	{"envelope", 1, 2, media_envelope},
};

/* A handler can reach nothing else. */
static volatile sig_atomic_t interrupted;

static void
note_interrupt(int number)
{
	(void) number;
	interrupted = 1;
}

bool
media_begin(MediaJob *job, const Options *options, ExitCode *code)
{
	struct sigaction action = {.sa_handler = note_interrupt};
	Error err = {0};

	*job = (MediaJob){
		.session = {.options = options, .json = option_flag(options, OPTION_JSON)},
		.terminal = isatty(STDERR_FILENO),
		.percent = -1,
	};
	/* what libav complains of is in the answer, in words */
	if (!options->given[OPTION_LOG_LEVEL] && !option_flag(options, OPTION_VERBOSE))
		log_set_level("error");
	(void) sigaction(SIGINT, &action, NULL);
	(void) sigaction(SIGTERM, &action, NULL);
	(void) sigaction(SIGHUP, &action, NULL);
	if (install_media_program(options, job->program, sizeof job->program, &err))
		return true;
	*code = media_error(job, &err);
	return false;
}

static void
clear_progress(MediaJob *job)
{
	if (job->percent >= 0)
		fputs("\r\033[K", stderr);
	job->percent = -1;
}

/* leap-media knows no names, and no links: here it is a file of somebody who can look. */
static void
name_file(const char *file, Error *err)
{
	char message[sizeof err->message];

	if (file == NULL || err->class != ERROR_INPUT)
		return;
	if (strcmp(err->code, "not_media") == 0)
		snprintf(err->hint, sizeof err->hint, "%s",
				 "Look what the file is, and copy or download it again: a sign-in page "
				 "is saved as readily as a recording.");
	if (strstr(err->message, file) != NULL)
		return;
	snprintf(message, sizeof message, "%.200s: %.*s", file, (int) sizeof message - 204,
			 err->message);
	snprintf(err->message, sizeof err->message, "%s", message);
}

ExitCode
media_error(MediaJob *job, const Error *err)
{
	static const struct
	{
		const char *code;
		ExitCode exit_code;
	} rows[] = {
		{"file_missing", EXIT_NOT_FOUND  },
		{"file_exists",  EXIT_REFUSED    },
		{"cancelled",    EXIT_INTERRUPTED},
	};
	Error told = *err;
	ExitCode code;

	clear_progress(job);
	name_file(job->session.file, &told);
	code = session_error(&job->session, &told);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].code, err->code) == 0)
			code = rows[i].exit_code;
	return code;
}

ExitCode
media_end(MediaJob *job, ExitCode code)
{
	Error err = {0};

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	job->session.json = false; /* it would go the same way */
	(void) error_errno(&err, "write_failed", "cannot write the answer");
	return media_error(job, &err);
}

static bool
show_progress(void *arg, double fraction, const char *step)
{
	MediaJob *job = arg;
	int percent = (int) (fraction * 100);

	if (job->terminal && percent != job->percent)
	{
		fprintf(stderr, "\r%s: %d %%\033[K", step, percent);
		job->percent = percent;
	}
	return interrupted == 0;
}

bool
media_run(MediaJob *job, const MediaArguments *arguments, const ProcessFd *fds,
		  size_t fd_count, double from, double to, const char *step, cJSON **result,
		  Error *err)
{
	Reporter reporter = {.progress = show_progress, .arg = job};
	bool done = process_media(job->program, arguments->argv, fds, fd_count, &reporter,
							  from, to, step, result, err);

	clear_progress(job);
	job->reached = to;
	if (!done && strcmp(err->code, "media_died") == 0)
		snprintf(err->hint, sizeof err->hint, "%s", "--verbose shows what it printed.");
	if (done || strcmp(err->code, "cancelled") != 0)
		return done;
	return error_set(err, ERROR_LOST, "cancelled", NULL, "interrupted while %s", step);
}

void
media_text(MediaArguments *arguments, const char *flag, const char *value)
{
	size_t count = arguments->count;

	if (count + 3 > sizeof arguments->argv / sizeof arguments->argv[0])
		return; /* every command's arguments are counted in advance */
	arguments->argv[count] = flag;
	arguments->argv[count + 1] = value;
	arguments->argv[count + 2] = NULL;
	arguments->count = count + 2;
}

void
media_number(MediaArguments *arguments, const char *flag, double value)
{
	char *text = arguments->texts[arguments->count / 2 % MEDIA_ARGUMENTS];

	snprintf(text, sizeof arguments->texts[0], "%.10g", value);
	media_text(arguments, flag, text);
}

void
media_options(MediaArguments *arguments, const Options *options, const MediaOption *rows,
			  size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (option_text(options, rows[i].id)[0] != '\0' &&
			option_number(options, rows[i].id) != rows[i].absent)
			media_number(arguments, rows[i].flag, option_number(options, rows[i].id));
}

void
media_boundary_options(MediaArguments *arguments, const Options *options)
{
	static const MediaOption rows[] = {
		{OPTION_PADDING_BEFORE,       "--padding-before", NAN},
		{OPTION_PADDING_AFTER,        "--padding-after",  NAN},
		{OPTION_MIN_SILENCE_DURATION, "--min-silence",    NAN},
		{OPTION_MAX_TRIM_SHARE,       "--max-trim-share", NAN},
		{OPTION_SILENCE_THRESHOLD,    "--threshold",      NAN},
	};

	media_options(arguments, options, rows, sizeof rows / sizeof rows[0]);
}

bool
media_analyse(MediaJob *job, int input, int envelope, int waveform, double to,
			  cJSON **analysis, Error *err)
{
	MediaArguments arguments = {.argv = {"analyse"}, .count = 1};
	ProcessFd fds[3] = {
		{input, 3}
    };
	size_t count = 1;

	media_text(&arguments, "--input", "3");
	if (envelope >= 0)
	{
		media_text(&arguments, "--envelope", "4");
		fds[count++] = (ProcessFd){envelope, 4};
	}
	if (waveform >= 0)
	{
		media_text(&arguments, "--waveform", "5");
		fds[count++] = (ProcessFd){waveform, 5};
	}
	media_boundary_options(&arguments, job->session.options);
	return media_run(job, &arguments, fds, count, 0, to, "analysing", analysis, err);
}

bool
media_boundaries(MediaJob *job, int envelope, double duration, cJSON **answer, Error *err)
{
	static const MediaOption shorten[] = {
		{OPTION_SHORTEN_PAUSES_ABOVE, "--shorten-above", NAN},
		{OPTION_SHORTEN_PAUSES_TO,    "--shorten-to",    NAN},
	};
	const Options *options = job->session.options;
	MediaArguments arguments = {.argv = {"boundaries"}, .count = 1};
	const ProcessFd fds[] = {
		{envelope, 3}
    };

	media_text(&arguments, "--envelope", "3");
	media_number(&arguments, "--duration", duration);
	media_boundary_options(&arguments, options);
	if (option_text(options, OPTION_SHORTEN_PAUSES_ABOVE)[0] != '\0')
		media_options(&arguments, options, shorten, 2);
	return media_run(job, &arguments, fds, 1, job->reached, job->reached, "judging",
					 answer, err);
}

Span *
media_spans(const cJSON *answer, size_t *count)
{
	const cJSON *list = json_at(answer, "spans");
	int length = cJSON_GetArraySize(list);
	Span *spans = calloc((size_t) length + 1, sizeof *spans);
	const cJSON *item;

	*count = 0;
	if (spans == NULL)
		return NULL;
	cJSON_ArrayForEach(item, list)
	{
		const cJSON *start = cJSON_GetArrayItem(item, 0);
		const cJSON *end = cJSON_GetArrayItem(item, 1);

		if (cJSON_IsNumber(start) && cJSON_IsNumber(end))
			spans[(*count)++] = (Span){start->valuedouble, end->valuedouble};
	}
	if (*count == 0)
		spans[(*count)++] = (Span){json_number(answer, "keep.start", 0),
								   json_number(answer, "keep.end", 0)};
	return spans;
}

static const Subcommand *
find_subcommand(const char *name)
{
	for (size_t i = 0; name != NULL && i < sizeof subcommands / sizeof subcommands[0];
		 i++)
		if (strcmp(name, subcommands[i].name) == 0)
			return &subcommands[i];
	return NULL;
}

static ExitCode
refuse_words(int argc, char **argv, const Subcommand *subcommand)
{
	char rule[160] = "";

	if (subcommand != NULL)
		snprintf(rule, sizeof rule, "%s takes %s%d name%s of files, not %d; ",
				 subcommand->name, subcommand->least == subcommand->most ? "" : "one or ",
				 subcommand->most, subcommand->most == 1 ? "" : "s", argc - 1);
	else if (argc > 0)
		snprintf(rule, sizeof rule, "there is no \"%.40s\"; ", argv[0]);
	strncat(rule, "say: probe FILE, trim FILE OUT, or envelope FILE [OUT]",
			sizeof rule - strlen(rule) - 1);
	return session_usage("media", rule);
}

ExitCode
media_command(const Options *options, int argc, char **argv)
{
	const Subcommand *subcommand = find_subcommand(argc > 0 ? argv[0] : NULL);
	const char *names[3] = {NULL};
	MediaJob job;
	ExitCode code = EXIT_DONE;

	if (subcommand == NULL || argc - 1 < subcommand->least || argc - 1 > subcommand->most)
		return refuse_words(argc, argv, subcommand);
	if (!media_check_options(options, subcommand->name, argc > 2))
		return EXIT_USAGE;
	for (int i = 1; i < argc; i++)
		names[i - 1] = argv[i];
	if (!media_begin(&job, options, &code))
		return code;
	job.session.file = names[0];
	return subcommand->run(&job, names);
}
