/*
 * cli/watch.h
 *	  Watching a run until it ends.
 */
#ifndef LEAP_CLI_WATCH_H
#define LEAP_CLI_WATCH_H

#include "cli/session.h"

/*
 * Shows the run of a recording until it ends or is held: live on a terminal, a line per
 * event otherwise. EXIT_DONE: finished; EXIT_FAILED: failed or cancelled; EXIT_REFUSED: held.
 */
ExitCode watch_run(const Session *session, const char *id);

#endif
