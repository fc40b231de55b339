/*
 * http/server.h
 *	  The clients of one process: takes connections from a listening socket and serves them.
 */
#ifndef LEAP_HTTP_SERVER_H
#define LEAP_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "http/exchange.h"
#include "http/loop.h"

typedef struct ServerSettings
{
	int listen_fd;          /* non-blocking; stays the caller's */
	size_t most;            /* connections of this process; more are told 503 */
	size_t most_of_address; /* of one client address; 0: as many as there are */
} ServerSettings;

typedef struct Server Server;

Server *server_new(Loop *loop, const ServerSettings *settings, const Service *service);
void server_free(Server *server);

/* Goes on with what was answered since, and looks at the clock: after each loop_once(). */
void server_work(Server *server);

/* Takes no more connections, and ends each after the answer under way. */
void server_finish(Server *server);

size_t server_count(const Server *server);

#endif
