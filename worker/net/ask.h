/*
 * net/ask.h
 *	  Questions to an HTTP service whose answer is a document: forms, files and JSON go out, what
 *	  comes back is kept whole. Several may be under way at once.
 *
 * The address is the operator's and may be private. No redirect is followed: a key would
 * follow it.
 */
#ifndef LEAP_NET_ASK_H
#define LEAP_NET_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "net/answer.h"

#define ASK_ANSWER_MOST ((size_t) 64 << 20)

/* A field of a form. */
typedef struct AskField
{
	const char *name;
	const char *value;
} AskField;

typedef struct Ask
{
	/* what is asked */
	const char *url;
	const char *shown;          /* how messages call the service */
	const char *const *headers; /* "Name: value", NULL-terminated; may be NULL */
	const char *content;        /* a body to POST; NULL: none */
	const AskField *fields; /* a form to POST, ended by a row without name; NULL: none */
	int file_fd; /* -1: none. A regular file, a part of the form or the whole body */
	const char *file_field; /* its name in the form */
	const char *file_name;
	const char *file_type;
	long total_seconds; /* for all of it */
	void *owner;        /* the caller's */

	/* what came */
	Answer answer;
	Buffer body;
	bool
		answered; /* a status came, and all that belongs to it; else `err` says why not */
	bool sent;    /* at least the head of the question has left this machine */
	Error err;

	struct AskRun *run; /* while it is under way */
} Ask;

typedef struct AskSet AskSet;

/* A set without questions; NULL when there is no memory. */
AskSet *ask_open(void);

/* Begins a question, which stays the caller's and in its place until ask_next returned it. */
void ask_begin(AskSet *set, Ask *ask);

/* Waits, `wait_ms` at most, until one is over, and returns it; NULL when none is. */
Ask *ask_next(AskSet *set, int wait_ms);

/* Ends what is under way. */
void ask_close(AskSet *set);

/* For CLEANUP(ask_set) and CLEANUP(ask). */
static inline void
cleanup_ask_set(AskSet **set)
{
	ask_close(*set);
}

static inline void
cleanup_ask(Ask *ask)
{
	buffer_free(&ask->body);
}

/* Before a question is used: fields that are not set mean none. */
void ask_init(Ask *ask);

#endif
