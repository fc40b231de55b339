/*
 * net/guard_proxy.h
 *	  A proxy on this machine's loopback for a program that is not ours: what it asks for, and
 *	  where that redirects it, is judged as if we asked (net/guard.h).
 *
 * It is a process of its own, and another for each connection; all die with the process
 * that started them. It speaks HTTP and CONNECT, to those alone who know its URL, which is a
 * secret. A name is looked up by the proxy and the address that was judged is the one that
 * is connected to. Ports are 80 and 443; what --allow-address names, any.
 */
#ifndef LEAP_NET_GUARD_PROXY_H
#define LEAP_NET_GUARD_PROXY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct GuardProxy GuardProxy;

/* Starts one; more than most_bytes, both ways together, and it serves no more. Errors:
 * process_start (transient). */
bool guard_proxy_start(bool allow_private, int64_t most_bytes, GuardProxy **proxy,
					   Error *err);

/* http://leap:SECRET@127.0.0.1:PORT, for the environment of a program, not its arguments. */
const char *guard_proxy_url(const GuardProxy *proxy);
int guard_proxy_port(const GuardProxy *proxy);

/* How many bytes have passed, both ways together. */
int64_t guard_proxy_bytes(const GuardProxy *proxy);
bool guard_proxy_is_full(const GuardProxy *proxy);

/* The first address that was refused, and why ("host:80 (loopback)"); NULL = none was. */
const char *guard_proxy_refusal(const GuardProxy *proxy);

/* Ends it and all its connections. */
void guard_proxy_end(GuardProxy *proxy);

/* For CLEANUP(guard_proxy). */
static inline void
cleanup_guard_proxy(GuardProxy **proxy)
{
	guard_proxy_end(*proxy);
}

#endif
