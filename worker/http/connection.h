/*
 * http/connection.h
 *	  A client's connection: reads requests, one after the other, and sends their answers.
 *
 * Every phase has its time: a head must be whole, and a body must not trickle. A client that
 * does not take an answer, sends nothing, or breaks the protocol is let go. Nothing here
 * waits: the server says when the socket can be read or written, and what time it is.
 */
#ifndef LEAP_HTTP_CONNECTION_H
#define LEAP_HTTP_CONNECTION_H

#include <stdbool.h>

#include "http/exchange.h"

typedef struct ConnectionTimes
{
	double idle;       /* seconds between requests */
	double head;       /* from its first byte to its last */
	double body_pause; /* without a byte of the body */
	double least_rate; /* bytes a second of a body or an answer, after `grace` seconds */
	double grace;
	double send_pause; /* without a byte taken of an answer */
} ConnectionTimes;

extern const ConnectionTimes connection_times;

typedef struct Connection Connection;

/* Connections that have something to do though their sockets say nothing. */
typedef struct ConnectionList
{
	Connection *first;
} ConnectionList;

/* Takes over fd, a non-blocking socket. It puts itself into `kicks` when an answer came from
 * elsewhere: the server then calls connection_work(). */
Connection *connection_new(int fd, const char *address, const Service *service,
						   ConnectionList *kicks);

/* Takes one out of the list; NULL: none is left. */
Connection *connection_take_kicked(ConnectionList *kicks);
void connection_free(Connection *connection);

/* Whoever looks after it. */
void connection_set_owner(Connection *connection, void *owner);
void *connection_owner(const Connection *connection);

/* Does what can be done after the socket said so. False: it is over, free it. */
bool connection_work(Connection *connection, bool readable, bool writable);

/* Looks at the clock. False: its time is over, free it. */
bool connection_check_time(Connection *connection);

/* What the socket should be watched for. */
bool connection_wants_read(const Connection *connection);
bool connection_wants_write(const Connection *connection);

/* No further request: end after the answer under way, or after that to a request which may be
 * coming just now. */
void connection_finish(Connection *connection);
bool connection_is_idle(const Connection *connection);

#endif
