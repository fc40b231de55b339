/*
 * gate/library.h
 *	  The library of published lessons at /library/, for everybody.
 */
#ifndef LEAP_GATE_LIBRARY_H
#define LEAP_GATE_LIBRARY_H

#include <stdbool.h>

#include "http/exchange.h"

typedef struct Library Library;

/* The lessons in this folder; a folder that cannot be opened has none, which the log says.
 * NULL is a library that is not served. */
Library *library_open(const char *folder);
void library_close(Library *library);

/* Answers what lies below /library/; false: it is somebody else's. */
bool library_answer(const Library *library, Exchange *exchange);

#endif
