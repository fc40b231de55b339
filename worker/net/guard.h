/*
 * net/guard.h
 *	  What every outgoing request may and may not do, whoever makes it: http and https alone,
 *	  certificates checked, no redirect followed, and only addresses that may be reached.
 *
 * The address is judged when it is connected to, after the name was looked up: a name that
 * answers differently the second time gains nothing. Behind a proxy nobody here connects to
 * it: there the name is looked up and judged before, and what the proxy finds is its own.
 */
#ifndef LEAP_NET_GUARD_H
#define LEAP_NET_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

#include "base/error.h"

/* All lines of an answer's head together; more is no answer of an honest server. */
#define GUARD_HEAD_MOST ((size_t) 256 << 10)

typedef struct Guard
{
	bool allow_private;
	bool blocked;        /* before anything was connected to */
	bool allowed;        /* at least one address was */
	const char *refusal; /* what a refused address is, or NULL */
	size_t head;         /* bytes of the answer's head so far */
	/* Asked while a name is looked up, which may take long; false: stop, and `stopped` says
	 * so afterwards. May be NULL. */
	bool (*go_on)(void *arg);
	void *arg;
	bool stopped;
} Guard;

/* Puts the rules on a request for url; the guard stays in its place until that is over. Behind
 * a proxy it waits until the name is looked up, for a quarter of a minute at most. */
void guard_set(CURL *curl, Guard *guard, const char *url);

/* Counts `length` more bytes of the answer's head; false: they are too many. */
bool guard_head(Guard *guard, size_t length);

/*
 * Why a request brought no answer. verb and shown make the message ("cannot VERB SHOWN: ..."),
 * reason is libcurl's own. True when another try is worth it (transient, connection_lost);
 * false when it is not: permanent, address_refused, bad_certificate, bad_url or bad_answer.
 */
bool guard_judge(const Guard *guard, CURLcode result, const char *verb, const char *shown,
				 const char *reason, Error *err);

#endif
