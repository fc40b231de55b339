/*
 * gate/client.h
 *	  Where a request comes from, when proxies stand between.
 */
#ifndef LEAP_GATE_CLIENT_H
#define LEAP_GATE_CLIENT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "http/head.h"

typedef struct Proxies Proxies;

/* A list of addresses and networks ("10.0.0.0/8, ::1, local"), "" for none; "local" is a
 * socket of this machine that has no address. Errors: usage. */
bool proxies_read(const char *list, Proxies **proxies, Error *err);
void proxies_free(Proxies *proxies);

/*
 * The client's address: `peer` itself unless that is a trusted proxy, else the last address of
 * X-Forwarded-For that is none. What cannot be read as an address ends the search: then it is
 * the last proxy's.
 */
const char *client_address(const Proxies *proxies, const char *peer, const Head *head,
						   Arena *arena);

/* Whose requests are counted together: the address itself; of IPv6 the network of 64 bits, which
 * is what one household or machine has. */
const char *client_network(const char *address, Arena *arena);

#endif
