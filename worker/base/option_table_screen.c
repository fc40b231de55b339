/*
 * base/option_table_screen.c
 *	  The rows of the table of options about what a terminal shows, and of single verbs.
 */
#include "base/option_rows.h"

/* one option, one paragraph */
/* clang-format off */
const Option option_screen_rows[OPTION_RECORDING - OPTION_COLOR] = {
	[0] = { /* OPTION_COLOR */
		.name = "color",
		.env = "LEAP_COLOR",
		.type = OPTION_CHOICE,
		.standard = "auto",
		.argument = "WHEN",
		.except = "worker serve child completion complete man",
		.choices = "auto always never",
		.help = "colours: auto on a terminal, unless NO_COLOR is set or TERM is dumb, and elsewhere where "
				"CLICOLOR_FORCE is set",
	},
	[OPTION_ALL - OPTION_COLOR] = {
		.name = "all",
		.type = OPTION_FLAG,
		.standard = "off",
		.commands = "watch man",
		.help = "of watch: every recording that has an active run now; of man: every page",
	},
	[OPTION_ONCE - OPTION_COLOR] = {
		.name = "once",
		.type = OPTION_FLAG,
		.standard = "off",
		.commands = "top",
		.help = "print the picture once, as it is, and end",
	},
	[OPTION_SORT - OPTION_COLOR] = {
		.name = "sort",
		.type = OPTION_CHOICE,
		.standard = "time",
		.argument = "ORDER",
		.commands = "top",
		.choices = "time progress kind worker",
		.help = "the order of running tasks: the longest first, the furthest first, by kind, by worker",
	},
	[OPTION_CREDENTIAL - OPTION_COLOR] = {
		.name = "credential",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "NAME",
		.commands = "source",
		.help = "of source add with JSON: the credential it is asked with, as PLATFORM/NAME, an id or the end of one",
	},
};
/* clang-format on */
