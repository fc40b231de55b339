/*
 * task/worker.h
 *	  The worker: claims tasks and has each done by a child.
 */
#ifndef LEAP_TASK_WORKER_H
#define LEAP_TASK_WORKER_H

#include "base/exit_code.h"
#include "base/option.h"

/* `leap worker`: runs until SIGTERM or SIGINT. */
ExitCode worker_command(const Options *options, int argc, char **argv);

#endif
