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

/* desk_leap, desk_bare: workers that trace when a task reaches them (trace.h) */
int desk_leap(int argc, char **argv);
int desk_bare(int argc, char **argv);

/* enqueue KEYS_SQL CALL_SQL MILLISECONDS: calls for each key ($1), about so far apart;
 * traces it as step 0 */
int enqueue_each(int argc, char **argv);

/* until_true SQL [SECONDS]: asks every 5 ms until the answer is true; prints the
 * microseconds of the clock then */
int until_true(int argc, char **argv);

/* stamp: standard input line by line, each after the microseconds of its arrival */
int stamp_lines(int argc, char **argv);

/* flush FILE COUNT: the median microseconds of writing 8 KiB and flushing it */
int measure_flush(int argc, char **argv);

#endif
