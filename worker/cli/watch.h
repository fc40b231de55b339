/*
 * cli/watch.h
 *	  Watching runs until they end.
 */
#ifndef LEAP_CLI_WATCH_H
#define LEAP_CLI_WATCH_H

#include <stddef.h>

#include "cli/frame.h"
#include "cli/session.h"
#include "cli/text.h"

/* A recording that is watched. */
typedef struct Watched
{
	const char *id;
	cJSON *now; /* leap.recording_detail(), NULL before the first look */
	bool ended;
	bool told;             /* line by line, to its end */
	ExitCode code;         /* how it ended */
	char since[TEXT_SIZE]; /* events after this time are new; "" before the first look */
	char between[TEXT_SIZE * 4]; /* the last line between events */
} Watched;

/*
 * Shows the runs of recordings until each has ended or is held: live on a terminal, a line
 * per event otherwise. EXIT_DONE: finished; EXIT_FAILED: failed or cancelled; EXIT_REFUSED:
 * held, or without a run; EXIT_PARTIAL: it went well with some of several.
 */
ExitCode watch_runs(const Session *session, const char *const *ids, size_t count);

/* The same for one. */
ExitCode watch_run(const Session *session, const char *id);

/* watch_picture.c: fills the frame with the picture of all of them. */
void watch_draw(Frame *frame, const Watched *rows, size_t count);

/* watch_lines.c: prints what happened to one since the last look; `several`: and to which. */
bool watch_lines(const Session *session, Watched *row, bool several, ExitCode *code);

/* watch_end.c: has it ended, and how? row->ended and row->code. */
void watch_judge(Watched *row);

/* Tells how all of them ended, and what can be done; returns what to end with. */
ExitCode watch_tell(const Session *session, const Watched *rows, size_t count);

#endif
