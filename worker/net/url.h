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

/* The URL in the form that all its spellings share: scheme and host in lower case, without
 * the usual port, user name, password and fragment. False, bad_url, when it cannot be read. */
bool url_usual_form(const char *url, char usual[URL_SIZE], Error *err);

/* Where a link leads that stands on the page `base`; bad_url when nowhere. */
bool url_resolve(const char *base, const char *link, char url[URL_SIZE], Error *err);

/* The host of a URL, without the brackets of an IPv6 address and without its zone; false,
 * and "", when there is none. */
bool url_host(const char *url, char host[URL_SIZE]);

/* Do both lead to the same scheme, host and port? */
bool url_same_origin(const char *one, const char *other);

#endif
