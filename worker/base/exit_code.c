/*
 * base/exit_code.c
 *	  The table of exit statuses, which the overview, the manual pages and the tests read.
 */
#include "base/exit_code.h"

const ExitMeaning exit_meanings[] = {
	{EXIT_DONE,        "done"												   },
	{EXIT_FAILED,      "failed: it was tried and did not work"                  },
	{EXIT_USAGE,       "wrong usage: an option, a value or an argument"         },
	{EXIT_NOT_FOUND,   "not found: no such recording, user, task, ..."          },
	{EXIT_REFUSED,     "refused by the state, by a quota or for want of a right"},
	{EXIT_UNREACHABLE, "the database cannot be reached"                         },
	{EXIT_PARTIAL,     "done in part"										   },
	{EXIT_INTERRUPTED, "interrupted by SIGINT or SIGTERM"                       },
};

const size_t exit_meaning_count = sizeof exit_meanings / sizeof exit_meanings[0];
