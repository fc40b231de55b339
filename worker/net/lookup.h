/*
 * net/lookup.h
 *	  Names looked up beside the work: a resolver that does not answer keeps nobody from being
 *	  stopped.
 */
#ifndef LEAP_NET_LOOKUP_H
#define LEAP_NET_LOOKUP_H

#include <netdb.h>
#include <stdbool.h>

typedef enum LookupEnd
{
	LOOKUP_FOUND,
	LOOKUP_NOTHING, /* there is no such name, or it was not told in time */
	LOOKUP_STOPPED  /* go_on said so */
} LookupEnd;

/*
 * The addresses of host, for streams: *found is the caller's (freeaddrinfo), NULL unless they
 * were found. Waits `seconds` at most; go_on, which may be NULL, is asked several times a
 * second whether to.
 */
LookupEnd lookup_host(const char *host, double seconds, bool (*go_on)(void *arg),
					  void *arg, struct addrinfo **found);

#endif
