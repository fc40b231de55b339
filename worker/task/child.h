/*
 * task/child.h
 *	  The process that runs one task (docs/protocol.md, section 2).
 */
#ifndef LEAP_TASK_CHILD_H
#define LEAP_TASK_CHILD_H

#include "base/exit_code.h"
#include "base/option.h"

/* `leap child`: the assignment comes from descriptor 3. */
ExitCode child_command(const Options *options, int argc, char **argv);

#endif
