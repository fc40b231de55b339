/*
 * cli/media.h
 *	  What the parts of leap media share: files by name, leap-media, and how to end.
 *
 * Only leap-media parses recordings. This program opens the files, passes descriptors,
 * and puts the answers into words; it never looks into a recording itself.
 */
#ifndef LEAP_CLI_MEDIA_H
#define LEAP_CLI_MEDIA_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/path.h"
#include "base/process.h"
#include "base/spans.h"
#include "cli/session.h"

typedef struct MediaJob
{
	Session session;         /* without a database */
	char program[PATH_SIZE]; /* leap-media */
	bool terminal;           /* standard error shows progress */
	int percent;             /* the last one shown, or -1 */
	double reached;          /* of all the work, 0..1 */
} MediaJob;

/* Do the options go with the subcommand, which is to write a file or not, and with each
 * other? What is wrong is told. */
bool media_check_options(const Options *options, const char *subcommand, bool writes);

/* Finds leap-media and gets ready to be interrupted; a failure is told and *code set. */
bool media_begin(MediaJob *job, const Options *options, ExitCode *code);

/* Tells an error, with the name of the recording it is about, and returns what to end with: 3 for a file that is not there, 4 for one
 * that must not be written over, 130 after Ctrl-C. */
ExitCode media_error(MediaJob *job, const Error *err);

/* `code`, unless the answer could not be written to standard output: that is a failure. */
ExitCode media_end(MediaJob *job, ExitCode code);

#define MEDIA_ARGUMENTS 24 /* options with a value */

/* The arguments of leap-media: {.argv = {"cut"}, .count = 1} is how they begin. */
typedef struct MediaArguments
{
	const char *argv[2 * MEDIA_ARGUMENTS + 2];
	size_t count;
	char texts[MEDIA_ARGUMENTS][32];
} MediaArguments;

/* Appends an option; the text must live as long as the arguments. */
void media_text(MediaArguments *arguments, const char *flag, const char *value);
void media_number(MediaArguments *arguments, const char *flag, double value);

/* An option of ours that is passed on as a number, unless it is empty or `absent`. */
typedef struct MediaOption
{
	OptionId id;
	const char *flag;
	double absent;
} MediaOption;

void media_options(MediaArguments *arguments, const Options *options,
				   const MediaOption *rows, size_t count);

/* Those of the boundaries of speech. */
void media_boundary_options(MediaArguments *arguments, const Options *options);

/*
 * Runs leap-media, see process_media(). `from` and `to` are its part of all the work, 0..1;
 * step says to people what is done ("analysing").
 */
bool media_run(MediaJob *job, const MediaArguments *arguments, const ProcessFd *fds,
			   size_t fd_count, double from, double to, const char *step, cJSON **result,
			   Error *err);

/* The analysis of a recording; envelope and waveform receive theirs (-1: not wanted). */
bool media_analyse(MediaJob *job, int input, int envelope, int waveform, double to,
				   cJSON **analysis, Error *err);

/* Opens a recording; *fd is the caller's to close. Anything but a file is refused. */
bool media_open(const char *name, int *fd, Error *err);

/* A file without a name, for what leap-media writes and nobody keeps. */
bool media_scratch(int *fd, Error *err);

/* A file that gets its name when it is whole. */
typedef struct MediaOutput
{
	char name[PATH_SIZE];
	char temporary[PATH_SIZE]; /* beside it; "" = there is none (any more) */
	int fd;
} MediaOutput;

#define MEDIA_OUTPUT_NONE         \
	{                             \
		.temporary = "", .fd = -1 \
	}

/*
 * media_output_begin refuses a name that exists (unless `over`: then a regular file, but
 * never the input) and makes the temporary file. media_output_finish syncs it and gives it
 * its name. What is not finished goes with the variable, CLEANUP(media_output).
 */
bool media_output_begin(MediaOutput *output, const char *name, int input, bool over,
						Error *err);
bool media_output_finish(MediaOutput *output, bool over, Error *err);
void cleanup_media_output(MediaOutput *output);

/* Judges an envelope by the options: {"loudness","speech","pauses","keep","spans"}. */
bool media_boundaries(MediaJob *job, int envelope, double duration, cJSON **answer,
					  Error *err);

/* The "spans" of that answer, at least one; the caller frees them. */
Span *media_spans(const cJSON *answer, size_t *count);

/* What people see of a recording's loudness: its picture, where a terminal or the locale
 * can show it. `answer` is that of media_boundaries(). */
void media_draw(int envelope, const cJSON *answer, double duration);

/* The subcommands. */
ExitCode media_probe(MediaJob *job, const char *const *names);
ExitCode media_trim(MediaJob *job, const char *const *names);
ExitCode media_envelope(MediaJob *job, const char *const *names);

#endif
