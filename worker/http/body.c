/*
 * http/body.c
 *	  The body of a request: collected, or handed on piece by piece.
 */
#include "http/wire.h"

void
exchange_receive(Exchange *exchange, int64_t most,
				 bool (*part)(Exchange *exchange, const char *bytes, size_t length),
				 void (*whole)(Exchange *exchange))
{
	Connection *c = connection_of(exchange);

	if (exchange->head.content_length > most)
	{
		exchange_refuse(exchange, 413, "LP030", "the body of the request is too large",
						NULL, NULL);
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
	connection_of(exchange)->paused = false;
	connection_kick(connection_of(exchange));
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
						"the body of the request is too large", NULL, NULL);
	else
		c->paused = !c->exchange.part(&c->exchange, bytes, length);
}

static void
take_counted(Connection *c)
{
	size_t part = c->in.length;

	if ((int64_t) part > c->body_left)
		part = (size_t) c->body_left;
	c->body_left -= (int64_t) part;
	take_part(c, c->in.data, part);
	buffer_consume(&c->in, part);
	c->body_over = c->body_left == 0;
}

static void
take_chunked(Connection *c)
{
	const char *data;
	size_t length;
	size_t used = chunk_read(&c->chunks, c->in.data, c->in.length, &data, &length);

	take_part(c, data, length);
	buffer_consume(&c->in, used);
	c->body_over = c->chunks.place == CHUNK_ENDED;
	if (c->chunks.place == CHUNK_REFUSED && !c->answered)
		exchange_refuse(&c->exchange, 400, "LP030",
						"the chunks of the body cannot be read", NULL, NULL);
}

void
connection_read_body(Connection *c)
{
	while (c->phase == PHASE_BODY && !c->paused && !c->body_over && c->in.length > 0)
	{
		if (c->exchange.head.chunked)
			take_chunked(c);
		else
			take_counted(c);
	}
	if (c->phase == PHASE_BODY && c->body_over)
	{
		connection_enter(c, PHASE_WAIT);
		c->exchange.whole(&c->exchange);
	}
}
