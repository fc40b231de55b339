/*
 * http/listen.h
 *	  The address a server listens at.
 */
#ifndef LEAP_HTTP_LISTEN_H
#define LEAP_HTTP_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define LISTEN_NAME_SIZE 80

/*
 * Listens at "[ADDRESS:]PORT"; the address is a number, an IPv6 one in brackets, and
 * 127.0.0.1 if it is left out; port 0 is any free one. *fd is not for other programs; name
 * is where it listens, as it stands in a URL. A wrong text is class permanent, code usage.
 */
bool listen_at(const char *place, int *fd, char name[LISTEN_NAME_SIZE], Error *err);

#endif
