/*
 * net/answer.h
 *	  What a web server answered: status and the few headers that matter for a download,
 *	  read line by line, and what a bad status means for a task.
 */
#ifndef LEAP_NET_ANSWER_H
#define LEAP_NET_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct Answer
{
	int status;          /* 0 = none yet */
	int64_t length;      /* Content-Length; -1 = not said */
	int64_t range_start; /* Content-Range: bytes start-last/total; -1 = not said */
	int64_t range_total;
	double retry_after; /* seconds; 0 = not said */
	char etag[256];     /* with its quotes; "" = none, or longer than this */
	char last_modified[64];
	char content_type[128]; /* lower case, without parameters */
	char date[64];
} Answer;

/* Nothing answered yet. */
void answer_clear(Answer *answer);

/* Takes one line of the head, line end included; a status line begins a new answer. */
void answer_take_line(Answer *answer, const char *line, size_t length);

/* What proves that a file is still the same one: its strong ETag, else its date of change
 * if that was a minute before the answer; "" when the server gave neither (RFC 9110, 13.1.5:
 * a weak ETag proves nothing). */
const char *answer_validator(const Answer *answer);

/* When it was given, in seconds since 1970 by the server's own clock; -1 = not said. */
int64_t answer_time(const Answer *answer);

/* An error for a status of 300 and more; url is one that may be logged. */
bool answer_error(const Answer *answer, const char *url, Error *err);

/* Do these first bytes of a file look like a web page? */
bool answer_is_html(const void *bytes, size_t length);

#endif
