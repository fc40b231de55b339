/*
 * cli/help.h
 *	  What a person is told who asks for help, or types what there is not.
 */
#ifndef LEAP_CLI_HELP_H
#define LEAP_CLI_HELP_H

#include <stdio.h>

#include "cli/cli.h"

/* All commands a line each, and the exit statuses. */
void help_overview(FILE *out);

/* Usage, manual and options of a command. */
void help_command_manual(FILE *out, const Command *command);

/* Tells that there is no such command, and which may have been meant; EXIT_USAGE. */
ExitCode help_unknown(const char *name);

#endif
