/*
 * bench/client/commands.h
 *	  The subcommands of the program; each ends the process when something goes wrong.
 */
#ifndef BENCH_COMMANDS_H
#define BENCH_COMMANDS_H

/* chain_leap BATCH real|empty: a worker of LEAP; "empty": results without content */
int chain_leap(int argc, char **argv);

/* chain_bare BATCH: a worker of the bare queue */
int chain_bare(int argc, char **argv);

/* until_true SQL [SECONDS]: asks every 5 ms until the answer is true; prints the
 * microseconds of the clock then */
int until_true(int argc, char **argv);

/* flush FILE COUNT: the median microseconds of writing 8 KiB and flushing it */
int measure_flush(int argc, char **argv);

#endif
