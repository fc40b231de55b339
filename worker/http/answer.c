/*
 * http/answer.c
 *	  Answers: whole ones, files, and streams without end.
 */
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "http/wire.h"

static void
put_head(Connection *c, int status, const char *fields)
{
	char date[64];
	time_t now = time(NULL);
	struct tm parts;
	const char *reason =
		c->exchange.reason != NULL ? c->exchange.reason : status_reason(status);

	(void) strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT",
					gmtime_r(&now, &parts));
	/* what was not read of the body would be taken for the next request */
	if (!c->body_over || c->finishing || !c->exchange.head.keep_alive)
		c->close_after = true;
	buffer_printf(&c->out, "HTTP/1.1 %d %s\r\nDate: %s\r\n%s%s", status, reason, date,
				  fields, c->close_after ? "Connection: close\r\n" : "");
	c->answered = true;
	c->status = status;
	connection_kick(c);
	connection_enter(c, PHASE_SEND);
}

static bool
has_no_body(int status)
{
	return status == 204 || status == 304 || status < 200;
}

void
exchange_answer(Exchange *exchange, int status, const char *fields, const void *body,
				size_t length)
{
	Connection *c = connection_of(exchange);

	put_head(c, status, fields);
	/* what was not made for HEAD has no known length */
	if (!has_no_body(status) && (length > 0 || !slice_is(exchange->head.method, "HEAD")))
		buffer_printf(&c->out, "Content-Length: %zu\r\n", length);
	buffer_puts(&c->out, "\r\n");
	if (!has_no_body(status) && !slice_is(exchange->head.method, "HEAD"))
		buffer_append(&c->out, body, length);
}

void
exchange_answer_file(Exchange *exchange, int status, const char *fields, int fd,
					 int64_t offset, int64_t length)
{
	Connection *c = connection_of(exchange);

	put_head(c, status, fields);
	buffer_printf(&c->out, "Content-Length: %lld\r\n\r\n", (long long) length);
	c->file = fd;
	c->file_at = offset;
	c->file_left = slice_is(exchange->head.method, "HEAD") ? 0 : length;
}

void
exchange_stream(Exchange *exchange, const char *fields)
{
	Connection *c = connection_of(exchange);

	if (exchange->head.minor == 0) /* its end is the end of the connection */
		c->close_after = true;
	put_head(c, 200, fields);
	buffer_puts(&c->out, exchange->head.minor == 0
							 ? "\r\n"
							 : "Transfer-Encoding: chunked\r\n\r\n");
	connection_enter(c, PHASE_STREAM);
}

bool
exchange_push(Exchange *exchange, const void *bytes, size_t length)
{
	Connection *c = connection_of(exchange);

	if (c->phase != PHASE_STREAM || length == 0)
		return c->phase == PHASE_STREAM;
	if (c->out.length - c->sent + length > STREAM_MOST_WAITING)
	{
		connection_kick(c);
		c->phase = PHASE_OVER;
		return false;
	}
	if (c->out.length == c->sent)
		c->moved_at = clock_seconds();
	if (exchange->head.minor > 0)
		buffer_printf(&c->out, "%zx\r\n", length);
	buffer_append(&c->out, bytes, length);
	if (exchange->head.minor > 0)
		buffer_puts(&c->out, "\r\n");
	connection_kick(c);
	return true;
}

size_t
exchange_waiting(Exchange *exchange)
{
	Connection *c = connection_of(exchange);

	return c->out.length - c->sent;
}

void
exchange_stream_end(Exchange *exchange)
{
	Connection *c = connection_of(exchange);

	if (c->phase != PHASE_STREAM)
		return;
	if (exchange->head.minor > 0)
		buffer_puts(&c->out, "0\r\n\r\n");
	connection_kick(c);
	connection_enter(c, PHASE_SEND);
}
