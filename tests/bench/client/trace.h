/*
 * bench/client/trace.h
 *	  What happened when, kept in memory and printed when the program is asked to end.
 *
 * Lines: "KEY STEP start|end|committed MICROSECONDS".
 */
#ifndef BENCH_TRACE_H
#define BENCH_TRACE_H

#include <stdbool.h>

/* From now on SIGTERM only sets what trace_is_over() tells. */
void trace_begin(void);
bool trace_is_over(void);

void trace_add(const char *key, int step, const char *what, long long at);
void trace_print(void);

#endif
