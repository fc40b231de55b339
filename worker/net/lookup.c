/*
 * net/lookup.c
 *	  Names looked up beside the work.
 *
 * getaddrinfo() can be neither interrupted nor given a time. It runs in a thread of its own;
 * who does not want to wait any more leaves, and the thread clears up behind both when the
 * resolver has given in.
 */
#include "net/lookup.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define TURN_NS 100000000L

typedef struct Lookup
{
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool done;
	bool left; /* nobody waits for it */
	struct addrinfo *found;
	char host[]; /* as the caller's may not live that long */
} Lookup;

static void
lookup_free(Lookup *lookup)
{
	if (lookup->found != NULL)
		freeaddrinfo(lookup->found);
	(void) pthread_cond_destroy(&lookup->changed);
	(void) pthread_mutex_destroy(&lookup->lock);
	free(lookup);
}

static void *
run(void *arg)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	Lookup *lookup = arg;
	struct addrinfo *found = NULL;
	bool left;

	if (getaddrinfo(lookup->host, NULL, &hints, &found) != 0)
		found = NULL;
	(void) pthread_mutex_lock(&lookup->lock);
	lookup->found = found;
	lookup->done = true;
	left = lookup->left;
	(void) pthread_cond_signal(&lookup->changed);
	(void) pthread_mutex_unlock(&lookup->lock);
	if (left)
		lookup_free(lookup);
	return NULL;
}

static Lookup *
begin(const char *host)
{
	size_t length = strlen(host);
	Lookup *lookup = calloc(1, sizeof *lookup + length + 1);
	pthread_attr_t attributes;
	pthread_t thread;
	bool ok;

	if (lookup == NULL)
		return NULL;
	memcpy(lookup->host, host, length);
	(void) pthread_mutex_init(&lookup->lock, NULL);
	(void) pthread_cond_init(&lookup->changed, NULL);
	(void) pthread_attr_init(&attributes);
	(void) pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	ok = pthread_create(&thread, &attributes, run, lookup) == 0;
	(void) pthread_attr_destroy(&attributes);
	if (ok)
		return lookup;
	lookup_free(lookup);
	return NULL;
}

/* A moment, or until the lookup is done; the caller holds its lock. */
static void
wait_a_turn(Lookup *lookup)
{
	struct timespec until;

	(void) clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += TURN_NS;
	if (until.tv_nsec >= 1000000000L)
	{
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	(void) pthread_cond_timedwait(&lookup->changed, &lookup->lock, &until);
}

LookupEnd
lookup_host(const char *host, double seconds, bool (*go_on)(void *arg), void *arg,
			struct addrinfo **found)
{
	double latest = clock_seconds() + seconds;
	Lookup *lookup = begin(host);
	bool stopped = false;
	bool done;

	*found = NULL;
	if (lookup == NULL)
		return LOOKUP_NOTHING;
	(void) pthread_mutex_lock(&lookup->lock);
	while (!lookup->done && !stopped && clock_seconds() < latest)
	{
		wait_a_turn(lookup);
		if (lookup->done || go_on == NULL)
			continue;
		(void) pthread_mutex_unlock(&lookup->lock);
		stopped = !go_on(arg);
		(void) pthread_mutex_lock(&lookup->lock);
	}
	done = lookup->done;
	lookup->left = !done;
	if (done)
	{
		*found = lookup->found;
		lookup->found = NULL;
	}
	(void) pthread_mutex_unlock(&lookup->lock);
	if (done)
		lookup_free(lookup);
	if (*found != NULL)
		return LOOKUP_FOUND;
	return stopped ? LOOKUP_STOPPED : LOOKUP_NOTHING;
}
