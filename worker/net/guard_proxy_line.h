/*
 * net/guard_proxy_line.h
 *	  One connection of the guarded proxy (net/guard_proxy.h).
 */
#ifndef LEAP_NET_GUARD_PROXY_LINE_H
#define LEAP_NET_GUARD_PROXY_LINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What the processes of a proxy write and its owner reads, in memory that they share. */
typedef struct GuardProxyLedger
{
	_Atomic int64_t bytes;
	atomic_int refused;
	atomic_bool told; /* refusal is complete */
	char refusal[400];
} GuardProxyLedger;

typedef struct GuardProxyLine
{
	int client; /* the connection */
	GuardProxyLedger *ledger;
	int64_t most_bytes;
	const char *credential; /* what Proxy-Authorization must say */
	bool allow_private;
} GuardProxyLine;

/* Reads one request, connects and relays until either side is done. */
void guard_proxy_line(const GuardProxyLine *line);

#endif
