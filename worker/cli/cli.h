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

	/* What its arguments are, for completion: blank-separated "VERB:KIND,KIND", or ":KIND"
	 * where there is no verb. The last kind is that of all further arguments. Kinds are
	 * those of cli/complete.c; NULL: it takes no argument. */
	const char *completes;

	/* argv[0..argc-1] is what follows the command's name and is no option */
	ExitCode (*run)(const Options *options, int argc, char **argv);
} Command;

/* The commands people use, in the order of `leap --help`; a row without name ends it. */
extern const Command cli_commands[];

/* All tables of commands; NULL ends them. main.c has them. */
extern const Command *const command_tables[];

/* The command of this name, or NULL. */
const Command *command_find(const char *name);

/* The command behind this one, NULL: the first; NULL behind the last. */
const Command *command_next(const Command *command);

#endif
