/*
 * net/endpoint.h
 *	  Where a platform is asked: at its documented address, unless an operator set another one
 *	  (leap.set_platform_endpoint), for a gateway or a test.
 */
#ifndef LEAP_NET_ENDPOINT_H
#define LEAP_NET_ENDPOINT_H

#include <stdbool.h>

#include <cjson/cJSON.h>

/* The address of that name in {"name": "url"}, what a task is told of its platform; else
 * `standard`. */
const char *endpoint_of(const cJSON *endpoints, const char *name, const char *standard);

/* Did an operator set an address of this platform? Then it may be a private one, and so may
 * those be to which the platform leads. */
bool endpoint_is_set(const cJSON *endpoints);

#endif
