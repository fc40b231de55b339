/*
 * cli/table.c
 *	  The commands people use.
 */
#include "cli/cli.h"

#include <stddef.h>

const Command cli_commands[] = {
	{.name = NULL},
};
