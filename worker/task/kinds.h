/*
 * task/kinds.h
 *	  The command `leap kinds`.
 */
#ifndef LEAP_TASK_KINDS_H
#define LEAP_TASK_KINDS_H

#include "base/exit_code.h"
#include "base/option.h"

ExitCode kinds_command(const Options *options, int argc, char **argv);

#endif
