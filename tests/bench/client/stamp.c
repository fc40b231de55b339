/*
 * bench/client/stamp.c
 *	  When the lines of a log arrive.
 */
#include <stdio.h>

#include "commands.h"
#include "session.h"

int
stamp_lines(int argc, char **argv)
{
	char line[4096];

	(void) argc;
	(void) argv;
	while (fgets(line, sizeof line, stdin) != NULL)
	{
		printf("%lld %s", session_clock(), line);
		fflush(stdout);
	}
	return 0;
}
