/*
 * http/listen.c
 *	  Reading an address, and a socket that listens there.
 */
#include "http/listen.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Clients that wait to be taken; more of them are for the system to limit. */
#define BACKLOG 1024

static bool
bad_place(const char *place, Error *err)
{
	return error_set(err, ERROR_PERMANENT, "usage",
					 "Say PORT, ADDRESS:PORT or [ADDRESS]:PORT, such as 9187 or "
					 "0.0.0.0:9187; addresses are numbers.",
					 "\"%.60s\" is no place to listen at", place);
}

/* Parts "[::1]:9187", "127.0.0.1:9187" or "9187". */
static bool
part(const char *place, char host[64], char port[8], Error *err)
{
	const char *colon = strrchr(place, ':');
	const char *number = colon != NULL ? colon + 1 : place;
	size_t length = colon != NULL ? (size_t) (colon - place) : 0;
	bool bracketed = length >= 2 && place[0] == '[' && place[length - 1] == ']';

	if (bracketed)
	{
		place++;
		length -= 2;
	}
	if (number[0] == '\0' || strspn(number, "0123456789") != strlen(number) ||
		strlen(number) > 5 || strtol(number, NULL, 10) > 65535 || length >= 64 ||
		(colon != NULL && length == 0) ||
		(!bracketed && memchr(place, ':', length) != NULL))
		return bad_place(bracketed ? place - 1 : place, err);
	snprintf(host, 64, "%.*s", (int) length, place);
	snprintf(port, 8, "%s", number);
	return true;
}

static bool
open_socket(const struct addrinfo *at, const char *place, int *fd, Error *err)
{
	const int on = 1;
	CLEANUP(close)
	int made = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (made < 0 || setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
		bind(made, at->ai_addr, at->ai_addrlen) < 0 || listen(made, BACKLOG) < 0)
		return error_errno(err, "listen_failed", "cannot listen at %.60s", place);
	*fd = made;
	made = -1;
	return true;
}

/* The port may have been chosen by the system. */
static void
name_socket(int fd, char name[LISTEN_NAME_SIZE])
{
	struct sockaddr_storage at = {.ss_family = AF_UNSPEC};
	socklen_t length = sizeof at;
	char host[64] = "?";
	char port[8] = "?";

	if (getsockname(fd, (struct sockaddr *) &at, &length) == 0)
		(void) getnameinfo((struct sockaddr *) &at, length, host, sizeof host, port,
						   sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(name, LISTEN_NAME_SIZE, at.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
			 port);
}

bool
listen_at(const char *place, int *fd, char name[LISTEN_NAME_SIZE], Error *err)
{
	const struct addrinfo wanted = {.ai_flags =
										AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
									.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	char host[64];
	char port[8];
	bool ok;

	if (!part(place, host, port, err))
		return false;
	if (getaddrinfo(host[0] != '\0' ? host : "127.0.0.1", port, &wanted, &found) != 0)
		return bad_place(place, err);
	ok = open_socket(found, place, fd, err);
	freeaddrinfo(found);
	if (ok)
		name_socket(*fd, name);
	return ok;
}
