/*
 * http/loop.h
 *	  Waits for sockets, and calls who watches them.
 */
#ifndef LEAP_HTTP_LOOP_H
#define LEAP_HTTP_LOOP_H

#include <stdbool.h>

#include "base/error.h"

typedef struct Loop Loop;
typedef struct Watch Watch;

typedef void (*LoopReady)(void *arg, bool readable, bool writable);

bool loop_open(Loop **loop, Error *err);
void loop_close(Loop *loop);

/* Watches a descriptor until watch_end(); it stays its owner's. Errors and hang-ups make it
 * readable: reading tells. */
Watch *loop_watch(Loop *loop, int fd, bool read, bool write, LoopReady ready, void *arg);
void watch_change(Watch *watch, bool read, bool write);

/* May be called from within `ready`, of this or of another watch. */
void watch_end(Watch *watch);

/* Waits at most so many seconds and calls who is ready. */
void loop_once(Loop *loop, double seconds);

#endif
