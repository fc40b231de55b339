/*
 * net/network.h
 *	  What an operator says of the network around a worker: which private addresses its tasks
 *	  may reach after all (--allow-address), and the proxy between it and the rest (--proxy).
 *
 * It holds for a whole process, which is told once, when it starts.
 */
#ifndef LEAP_NET_NETWORK_H
#define LEAP_NET_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include <cjson/cJSON.h>

#include "base/error.h"

/*
 * The values of both options as {"allow":[...],"proxy":"..."}, the caller's; NULL when they
 * are empty. What is neither network, address nor host name, and a proxy that is no http,
 * https or socks5h URL, is permanent, code usage, and named.
 */
bool network_settings(const char *allow, const char *proxy, cJSON **network, Error *err);

/* From now on this holds; NULL: nothing is allowed, and there is no proxy. */
void network_configure(const cJSON *network);

/* "" = there is none. */
const char *network_proxy(void);

/* Is this one of the networks or addresses? IPv4 in IPv6 (::ffff:10.1.2.3) counts as IPv4. */
bool network_allows(const struct sockaddr *address, size_t length);

/* Is this one of the host names? Case and a dot at the end make no difference. */
bool network_allows_host(const char *host);

#endif
