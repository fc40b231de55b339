/*
 * cli/cli.h
 *	  What a subcommand of `leap` is. main.c reads the options, finds the command in a
 *	  table of these and ends with what it returns.
 */
#ifndef LEAP_CLI_CLI_H
#define LEAP_CLI_CLI_H

#include "base/exit_code.h"
#include "base/option.h"

typedef struct Command
{
	const char *name;
	const char *arguments; /* for the usage line: "FILE|URL", "[ID]" */
	const char *summary;   /* one line of `leap --help`; NULL hides the command */
	const char *manual;    /* a paragraph or two of `leap NAME --help`; may be NULL */

	/* argv[0..argc-1] is what follows the command's name and is no option */
	ExitCode (*run)(const Options *options, int argc, char **argv);
} Command;

/* The commands people use, in the order of `leap --help`; a row without name ends it. */
extern const Command cli_commands[];

#endif
