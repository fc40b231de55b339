/*
 * task/worker.h
 *	  The worker: claims tasks and has each done by a child.
 */
#ifndef LEAP_TASK_WORKER_H
#define LEAP_TASK_WORKER_H

#include "base/exit_code.h"
#include "base/option.h"

struct Vitals;

/* `leap worker`: runs until SIGTERM or SIGINT. vitals: where it shows how it is; NULL:
 * nowhere. */
ExitCode worker_run(const Options *options, int argc, struct Vitals *vitals);

#endif
