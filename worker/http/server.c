/*
 * http/server.c
 *	  The clients of one process.
 */
#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/connection.h"

/* How often the clock is looked at. */
#define CLOCK_SECONDS 0.25
/* So many connections are taken before those there are get their turn. */
#define ACCEPT_BATCH 64

typedef struct Client
{
	Server *server;
	Connection *connection;
	Watch *watch;
	size_t place;     /* in the array */
	char network[64]; /* whose connections are counted together */
} Client;

struct Server
{
	Loop *loop;
	ServerSettings settings;
	const Service *service;
	Watch *listening;
	Client **clients;
	size_t count;
	size_t capacity;
	ConnectionList kicks;
	double clock_at;
	bool deaf; /* until the clock is looked at again: there was no descriptor left */
};

static void
drop_client(Client *client)
{
	Server *server = client->server;
	Client *last = server->clients[--server->count];

	server->clients[client->place] = last;
	last->place = client->place;
	watch_end(client->watch);
	connection_free(client->connection);
	free(client);
}

static void
work(Client *client, bool readable, bool writable)
{
	Connection *connection = client->connection;

	if (connection_work(connection, readable, writable))
		watch_change(client->watch, connection_wants_read(connection),
					 connection_wants_write(connection));
	else
		drop_client(client);
}

static void
client_ready(void *arg, bool readable, bool writable)
{
	work(arg, readable, writable);
}

/* Where a client comes from. */
typedef struct Origin
{
	char address[64];
	char network[64]; /* the address itself; of IPv6 the 64 bits that one household has */
} Origin;

static void
write_ipv6(const struct in6_addr *at, Origin *origin)
{
	struct in6_addr network = *at;

	/* a socket for both kinds shows IPv4 as ::ffff:1.2.3.4 */
	if (IN6_IS_ADDR_V4MAPPED(at))
	{
		(void) inet_ntop(AF_INET, &at->s6_addr[12], origin->address,
						 sizeof origin->address);
		(void) snprintf(origin->network, sizeof origin->network, "%s", origin->address);
		return;
	}
	memset(&network.s6_addr[8], 0, 8);
	(void) inet_ntop(AF_INET6, at, origin->address, sizeof origin->address);
	(void) inet_ntop(AF_INET6, &network, origin->network, sizeof origin->network);
}

static void
write_origin(const struct sockaddr_storage *from, Origin *origin)
{
	if (from->ss_family == AF_INET6)
	{
		write_ipv6(&((const struct sockaddr_in6 *) from)->sin6_addr, origin);
		return;
	}
	if (from->ss_family != AF_INET ||
		inet_ntop(AF_INET, &((const struct sockaddr_in *) from)->sin_addr,
				  origin->address, sizeof origin->address) == NULL)
		(void) snprintf(origin->address, sizeof origin->address, "local");
	memcpy(origin->network, origin->address, sizeof origin->network);
}

static size_t
count_network(const Server *server, const char *network)
{
	size_t count = 0;

	for (size_t i = 0; i < server->count; i++)
		count += strcmp(server->clients[i]->network, network) == 0;
	return count;
}

static bool
is_full(const Server *server, const Origin *origin)
{
	const ServerSettings *settings = &server->settings;

	return server->count >= settings->most ||
		   (settings->most_of_address > 0 &&
			count_network(server, origin->network) >= settings->most_of_address);
}

/* A word is better than a connection that just ends; nobody waits for it to be taken. What the
 * client has said is read, because closing before would let the system take the word back. */
static void
turn_away(int fd)
{
	static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
							   "Connection: close\r\nContent-Length: 0\r\n\r\n";
	char said[4096];

	(void) send(fd, busy, sizeof busy - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	(void) shutdown(fd, SHUT_WR);
	(void) recv(fd, said, sizeof said, MSG_DONTWAIT);
	(void) close(fd);
}

static void
take_client(Server *server, int fd, const Origin *origin)
{
	Client *client = array_new(1, sizeof *client);
	int yes = 1;

	(void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	server->clients =
		array_room(server->clients, &server->capacity, server->count + 1, sizeof(void *));
	client->server = server;
	client->connection =
		connection_new(fd, origin->address, server->service, &server->kicks);
	connection_set_owner(client->connection, client);
	memcpy(client->network, origin->network, sizeof client->network);
	client->place = server->count;
	server->clients[server->count++] = client;
	client->watch = loop_watch(server->loop, fd, true, false, client_ready, client);
	work(client, true, false); /* the request has mostly come along */
}

/* Without a free descriptor the socket would say for ever that somebody waits. */
static void
cannot_take(Server *server)
{
	if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM)
		return;
	log_warning("cannot take more clients: %s", strerror(errno));
	server->deaf = true;
	watch_change(server->listening, false, false);
}

static void
listen_ready(void *arg, bool readable, bool writable)
{
	Server *server = arg;

	(void) readable;
	(void) writable;
	for (int i = 0; i < ACCEPT_BATCH; i++)
	{
		struct sockaddr_storage from = {0};
		socklen_t size = sizeof from;
		Origin origin = {"", ""};
		int fd = accept4(server->settings.listen_fd, (struct sockaddr *) &from, &size,
						 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
		{
			cannot_take(server);
			return;
		}
		write_origin(&from, &origin);
		if (is_full(server, &origin))
			turn_away(fd);
		else
			take_client(server, fd, &origin);
	}
}

Server *
server_new(Loop *loop, const ServerSettings *settings, const Service *service)
{
	Server *server = array_new(1, sizeof *server);

	server->loop = loop;
	server->settings = *settings;
	server->service = service;
	server->listening =
		loop_watch(loop, settings->listen_fd, true, false, listen_ready, server);
	return server;
}

void
server_free(Server *server)
{
	while (server->count > 0)
		drop_client(server->clients[server->count - 1]);
	if (server->listening != NULL)
		watch_end(server->listening);
	free(server->clients);
	free(server);
}

void
server_work(Server *server)
{
	Connection *kicked;

	while ((kicked = connection_take_kicked(&server->kicks)) != NULL)
		work(connection_owner(kicked), false, false);
	if (clock_seconds() < server->clock_at)
		return;
	server->clock_at = clock_seconds() + CLOCK_SECONDS;
	if (server->deaf && server->listening != NULL)
		watch_change(server->listening, true, false);
	server->deaf = false;
	for (size_t i = server->count; i-- > 0;)
	{
		Client *client = server->clients[i];

		if (connection_check_time(client->connection))
			watch_change(client->watch, connection_wants_read(client->connection),
						 connection_wants_write(client->connection));
		else
			drop_client(client);
	}
}

void
server_finish(Server *server)
{
	if (server->listening != NULL)
		watch_end(server->listening);
	server->listening = NULL;
	for (size_t i = 0; i < server->count; i++)
		connection_finish(server->clients[i]->connection);
}

size_t
server_count(const Server *server)
{
	return server->count;
}
