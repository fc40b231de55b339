/*
 * http/wire.c
 *	  Bytes from and to the socket of a connection.
 */
#include "http/wire.h"

#include <errno.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include "base/clock.h"

bool
wire_receive(Connection *c)
{
	char piece[READ_PIECE];
	ssize_t got = recv(c->fd, piece, sizeof piece, 0);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	if (got == 0)
		return false;
	if (c->phase == PHASE_HEAD && c->in.length == 0)
		c->since = clock_seconds();
	c->moved_at = clock_seconds();
	if (c->phase == PHASE_LINGER)
		c->lingered += (size_t) got;
	else
		buffer_append(&c->in, piece, (size_t) got);
	return true;
}

static bool
send_buffer(Connection *c)
{
	while (c->sent < c->out.length)
	{
		ssize_t put = send(c->fd, c->out.data + c->sent, c->out.length - c->sent,
						   MSG_NOSIGNAL | (c->file_left > 0 ? MSG_MORE : 0));

		if (put < 0)
			return errno == EAGAIN || errno == EINTR;
		c->sent += (size_t) put;
		c->sent_bytes += put;
		c->moved_at = clock_seconds();
	}
	/* one large answer is no reason to keep its memory as long as the client stays */
	if (c->out.capacity > READ_PIECE)
	{
		buffer_free(&c->out);
		buffer_init(&c->out);
	}
	buffer_clear(&c->out);
	c->sent = 0;
	return true;
}

static bool
send_file(Connection *c)
{
	/* not all at once: other clients wait */
	for (int piece = 0; piece < 8 && c->file_left > 0 && c->out.length == 0; piece++)
	{
		size_t most = c->file_left > (1 << 20) ? 1 << 20 : (size_t) c->file_left;
		ssize_t put = sendfile(c->fd, c->file, &c->file_at, most);

		if (put < 0)
			return errno == EAGAIN || errno == EINTR;
		if (put == 0) /* the file is shorter than it was: the client must notice */
			return false;
		c->file_left -= put;
		c->sent_bytes += put;
		c->moved_at = clock_seconds();
	}
	return true;
}

bool
wire_send(Connection *c)
{
	return send_buffer(c) && send_file(c);
}
