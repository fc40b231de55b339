/*
 * http/server.c
 *	  The clients of one process.
 */
#include "http/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
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
	size_t place; /* in the array */
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

static void
write_address(const struct sockaddr_storage *from, char *text, size_t size)
{
	const void *bytes =
		from->ss_family == AF_INET6
			? (const void *) &((const struct sockaddr_in6 *) from)->sin6_addr
			: (const void *) &((const struct sockaddr_in *) from)->sin_addr;

	if ((from->ss_family != AF_INET && from->ss_family != AF_INET6) ||
		inet_ntop(from->ss_family, bytes, text, (socklen_t) size) == NULL)
		(void) snprintf(text, size, "local");
}

static size_t
count_address(const Server *server, const char *address)
{
	size_t count = 0;

	for (size_t i = 0; i < server->count; i++)
		count += strcmp(connection_address(server->clients[i]->connection), address) == 0;
	return count;
}

/* A word is better than a connection that just ends; nobody waits for it to be taken. */
static void
turn_away(int fd)
{
	static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
							   "Connection: close\r\nContent-Length: 0\r\n\r\n";

	(void) send(fd, busy, sizeof busy - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	(void) close(fd);
}

static void
take_client(Server *server, int fd, const char *address)
{
	Client *client = array_new(1, sizeof *client);
	int yes = 1;

	(void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	server->clients = array_room(server->clients, &server->capacity, server->count + 1,
								 sizeof *server->clients);
	client->server = server;
	client->connection = connection_new(fd, address, server->service, &server->kicks);
	connection_set_owner(client->connection, client);
	client->place = server->count;
	server->clients[server->count++] = client;
	client->watch = loop_watch(server->loop, fd, true, false, client_ready, client);
	work(client, true, false); /* the request has mostly come along */
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
		char address[64];
		int fd = accept4(server->settings.listen_fd, (struct sockaddr *) &from, &size,
						 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		write_address(&from, address, sizeof address);
		if (server->count >= server->settings.most ||
			(server->settings.most_of_address > 0 &&
			 count_address(server, address) >= server->settings.most_of_address))
			turn_away(fd);
		else
			take_client(server, fd, address);
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
