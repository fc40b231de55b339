/*
 * gate/serve.h
 *	  The command `leap serve`: HTTP for people and programs.
 */
#ifndef LEAP_GATE_SERVE_H
#define LEAP_GATE_SERVE_H

#include "base/exit_code.h"
#include "base/option.h"

ExitCode serve_command(const Options *options, int argc, char **argv);

#endif
