/*
 * http/body.c
 *	  The body of a request: collected, or handed on piece by piece.
 */
#include "http/wire.h"

#include "base/clock.h"

void
exchange_receive(Exchange *exchange, int64_t most,
				 bool (*part)(Exchange *exchange, const char *bytes, size_t length),
				 void (*whole)(Exchange *exchange))
{
	Connection *c = connection_of(exchange);

	if (exchange->head.content_length > most)
	{
		exchange_refuse(exchange, 413, "LP030", "the body of the request is too large",
						NULL,
						"Send less at once; large files are uploads: POST /uploads.");
		return;
	}
	exchange->part = part;
	exchange->whole = whole;
	c->body_most = most;
	c->asked = true;
	if (exchange->head.expect_continue && !c->body_over)
		buffer_puts(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
	connection_enter(c, PHASE_BODY);
	connection_kick(c);
}

static bool
collect_part(Exchange *exchange, const char *bytes, size_t length)
{
	buffer_append(&exchange->body, bytes, length);
	return true;
}

void
exchange_collect(Exchange *exchange, size_t most, void (*whole)(Exchange *exchange))
{
	exchange_receive(exchange, (int64_t) most, collect_part, whole);
}

void
exchange_go_on(Exchange *exchange)
{
	Connection *c = connection_of(exchange);
	double now = clock_seconds();

	if (!c->paused)
		return;
	/* the client was kept waiting: that is no time of his */
	c->paused = false;
	c->since += now - c->paused_at;
	c->moved_at = now;
	connection_kick(c);
}

/* Hands a piece of the body on. */
static void
take_part(Connection *c, const char *bytes, size_t length)
{
	if (length == 0)
		return;
	c->body_seen += (int64_t) length;
	if (c->body_seen > c->body_most)
		exchange_refuse(&c->exchange, 413, "LP030",
						"the body of the request is too large", NULL,
						"Send less at once; large files are uploads: POST /uploads.");
	else if (!c->exchange.part(&c->exchange, bytes, length))
	{
		c->paused = true;
		c->paused_at = clock_seconds();
	}
}

/* Answers how many of the bytes at hand it used. */
static size_t
take_counted(Connection *c, const char *bytes, size_t length)
{
	size_t part = length;

	if ((int64_t) part > c->body_left)
		part = (size_t) c->body_left;
	c->body_left -= (int64_t) part;
	take_part(c, bytes, part);
	c->body_over = c->body_left == 0;
	return part;
}

static size_t
take_chunked(Connection *c, const char *bytes, size_t length)
{
	const char *data;
	size_t data_length;
	size_t used = chunk_read(&c->chunks, bytes, length, &data, &data_length);

	take_part(c, data, data_length);
	c->body_over = c->chunks.place == CHUNK_ENDED;
	if (c->chunks.place == CHUNK_REFUSED && !c->answered)
		exchange_refuse(&c->exchange, 400, "LP030",
						"the chunks of the body cannot be read", NULL, NULL);
	return used;
}

void
connection_read_body(Connection *c)
{
	size_t used = 0;

	while (c->phase == PHASE_BODY && !c->paused && !c->body_over && used < c->in.length)
		used += (c->exchange.head.chunked ? take_chunked : take_counted)(
			c, c->in.data + used, c->in.length - used);
	/* once, not for each of many small chunks */
	buffer_consume(&c->in, used);
	if (c->phase == PHASE_BODY && c->body_over)
	{
		connection_enter(c, PHASE_WAIT);
		c->exchange.whole(&c->exchange);
	}
}
