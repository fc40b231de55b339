/*
 * bench/client/results.h
 *	  What a task's child would report: results of the size and shape of docs/protocol.md.
 */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include "base/buffer.h"

/* Appends the "result" object of a task of this kind. */
void results_append(Buffer *out, const char *kind, const char *task);

#endif
