/*
 * net/url.h
 *	  URLs that come from users: which are accepted, and how they may be shown.
 */
#ifndef LEAP_NET_URL_H
#define LEAP_NET_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define URL_SIZE 4096

/* http or https with a host; anything else is permanent, code bad_url. */
bool url_check(const char *url, Error *err);

/* The URL without user name, password, query and fragment: these carry secrets and have
 * no place in a message or a log. */
void url_redact(const char *text, char *shown, size_t size);

/* Scheme, host and port alone: of a URL whose path is a secret, too. */
void url_origin(const char *text, char *origin, size_t size);

/* Do both lead to the same scheme, host and port? */
bool url_same_origin(const char *one, const char *other);

#endif
