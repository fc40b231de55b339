/*
 * bench/client/main.c
 *	  bench-client COMMAND [ARGUMENT...]: the clients of the measurements.
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "session.h"

typedef struct Command
{
	const char *name;
	int (*run)(int argc, char **argv);
} Command;

/* Prints the microseconds of the clock. */
static int
now(int argc, char **argv)
{
	(void) argc;
	(void) argv;
	printf("%lld\n", session_clock());
	return 0;
}

static const Command commands[] = {
	{"chain-leap", chain_leap   },
	{"chain-bare", chain_bare   },
	{"desk-leap",  desk_leap    },
	{"desk-bare",  desk_bare    },
	{"enqueue",    enqueue_each },
	{"flush",      measure_flush},
	{"now",        now          },
	{"stamp",      stamp_lines  },
	{"until",      until_true   },
};

int
main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 2, argv + 2);
	fputs("bench-client: unknown command\n", stderr);
	return 2;
}
