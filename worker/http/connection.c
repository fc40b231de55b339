/*
 * http/connection.c
 *	  A client's connection: its requests, one after the other.
 */
#include "http/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"

const ConnectionTimes connection_times = {.idle = 30,
										  .head = 10,
										  .body_pause = 30,
										  .least_rate = 500,
										  .grace = 20,
										  .send_pause = 30};

/* After a refusal the rest of what the client sends is read for so long, so that he sees the
 * answer instead of a reset (RFC 9112, 9.6). */
#define LINGER_SECONDS 2.0
#define LINGER_BYTES   (1024 * 1024)

/* A server that finishes waits so long for a request that may be under way to it. */
#define FINISH_SECONDS 1.0

void
connection_enter(Connection *c, Phase phase)
{
	c->phase = phase;
	c->since = c->moved_at = clock_seconds();
	c->head_tried = 0;
	c->sent_bytes = 0;
}

Connection *
connection_new(int fd, const char *address, const Service *service, ConnectionList *kicks)
{
	Connection *c = array_new(1, sizeof *c);

	c->fd = fd;
	c->file = -1;
	c->service = service;
	c->kicks = kicks;
	buffer_init(&c->in);
	buffer_init(&c->head_bytes);
	buffer_init(&c->out);
	buffer_init(&c->exchange.body);
	(void) snprintf(c->exchange.address, sizeof c->exchange.address, "%s", address);
	connection_enter(c, PHASE_HEAD);
	return c;
}

static void
end_exchange(Connection *c)
{
	if (c->under_way && c->service->over != NULL)
		c->service->over(c->service->arg, &c->exchange, c->status,
						 clock_seconds() - c->began);
	if (c->under_way && c->exchange.ended != NULL)
		c->exchange.ended(&c->exchange);
	c->under_way = false;
	c->exchange.ended = NULL;
	c->exchange.data = NULL;
	c->exchange.reason = NULL;
	buffer_clear(&c->exchange.body);
	if (c->file >= 0)
		(void) close(c->file);
	c->file = -1;
	c->file_left = 0;
}

/* One that is freed must not be found in the list. */
static void
forget_kick(Connection *c)
{
	for (Connection **at = &c->kicks->first; c->kicked && *at != NULL;
		 at = &(*at)->next_kicked)
		if (*at == c)
		{
			*at = c->next_kicked;
			return;
		}
}

void
connection_free(Connection *c)
{
	end_exchange(c);
	forget_kick(c);
	(void) close(c->fd);
	buffer_free(&c->in);
	buffer_free(&c->head_bytes);
	buffer_free(&c->out);
	buffer_free(&c->exchange.body);
	free(c);
}

void
connection_set_owner(Connection *c, void *owner)
{
	c->owner = owner;
}

void *
connection_owner(const Connection *c)
{
	return c->owner;
}

bool
connection_wants_read(const Connection *c)
{
	if (c->phase == PHASE_BODY)
		return !c->paused && c->in.length < READ_PIECE;
	/* while an answer is made, reading notices that the client is gone */
	return c->phase == PHASE_HEAD || c->phase == PHASE_LINGER ||
		   ((c->phase == PHASE_WAIT || c->phase == PHASE_STREAM) &&
			c->in.length < HEAD_MOST_BYTES);
}

bool
connection_wants_write(const Connection *c)
{
	return c->sent < c->out.length || c->file_left > 0;
}

void
connection_kick(Connection *c)
{
	if (c->kicked || c->working)
		return;
	c->kicked = true;
	c->next_kicked = c->kicks->first;
	c->kicks->first = c;
}

Connection *
connection_take_kicked(ConnectionList *kicks)
{
	Connection *c = kicks->first;

	if (c == NULL)
		return NULL;
	kicks->first = c->next_kicked;
	c->kicked = false;
	return c;
}

bool
connection_is_idle(const Connection *c)
{
	return c->phase == PHASE_HEAD && !c->under_way && c->in.length == 0;
}

void
connection_finish(Connection *c)
{
	if (!c->finishing && connection_is_idle(c))
		c->since = clock_seconds();
	/* an answer that has begun without saying so does not end the connection: the client could
	 * be sending his next request */
	c->finishing = true;
	connection_kick(c);
}

static void
split_target(Exchange *exchange)
{
	Slice target = exchange->head.target;
	const char *mark = memchr(target.at, '?', target.length);

	exchange->path = target;
	exchange->query = (Slice){target.at + target.length, 0};
	if (mark != NULL)
	{
		exchange->path.length = mark - target.at;
		exchange->query = (Slice){mark + 1, target.length - exchange->path.length - 1};
	}
}

static void
begin_clock(Connection *c)
{
	c->exchange.id[0] = '\0';
	c->exchange.user = NULL;
	c->status = 0;
	c->began = clock_seconds();
	c->under_way = true;
}

/* The head stays where it was read until the exchange is over: what follows it is kept apart. */
static void
begin_exchange(Connection *c, size_t used)
{
	Exchange *exchange = &c->exchange;
	Buffer rest;

	buffer_init(&rest);
	buffer_append(&rest, c->in.data + used, c->in.length - used);
	buffer_free(&c->head_bytes);
	c->head_bytes = c->in;
	c->in = rest;
	split_target(exchange);
	exchange->part = NULL;
	exchange->whole = NULL;
	exchange->ended = NULL;
	exchange->data = NULL;
	c->asked = c->paused = c->answered = false;
	c->body_left = exchange->head.content_length > 0 ? exchange->head.content_length : 0;
	c->body_over = c->body_left == 0 && !exchange->head.chunked;
	c->body_seen = 0;
	c->chunks = (ChunkReader){.place = CHUNK_SIZE};
	begin_clock(c);
	connection_enter(c, PHASE_WAIT);
	c->service->begin(c->service->arg, exchange);
}

/* Nobody knows where the next request would begin: the connection ends with this answer. */
static void
refuse_head(Connection *c, const HeadRefusal *refusal)
{
	Head *head = &c->exchange.head;

	head->method = (Slice){"", 0};
	head->keep_alive = false;
	c->exchange.path = c->exchange.query = head->method;
	begin_clock(c);
	c->exchange.ended = NULL;
	c->body_over = false;
	exchange_refuse(&c->exchange, refusal->status, "LP030", refusal->reason, NULL, NULL);
}

/* A head that comes byte by byte must not be read as often: it is when another line has come,
 * or as much again. */
static bool
may_be_whole(const Connection *c)
{
	size_t tried = c->head_tried;

	return tried == 0 || c->in.length >= HEAD_MOST_BYTES || c->in.length >= 2 * tried ||
		   memchr(c->in.data + tried, '\n', c->in.length - tried) != NULL;
}

static void
read_head(Connection *c)
{
	size_t used;
	HeadRefusal refusal;

	if (c->in.length == 0 || !may_be_whole(c))
		return;
	switch (head_read(c->in.data, c->in.length, &c->exchange.head, &used, &refusal))
	{
		case HEAD_DONE:
			begin_exchange(c, used);
			break;
		case HEAD_REFUSED:
			refuse_head(c, &refusal);
			break;
		case HEAD_MORE:
			c->head_tried = c->in.length;
			break;
	}
}

/* An answer is sent: the next request, or the end. */
static void
after_answer(Connection *c)
{
	bool over = c->close_after;

	end_exchange(c);
	if (!over)
		connection_enter(c, PHASE_HEAD);
	else
	{
		(void) shutdown(c->fd, SHUT_WR);
		buffer_clear(&c->in);
		connection_enter(c, PHASE_LINGER);
	}
}

/* As far as it goes without the socket. */
static void
go_on(Connection *c)
{
	Phase before;

	do
	{
		before = c->phase;
		if (c->phase == PHASE_BODY)
			connection_read_body(c);
		else if (c->phase == PHASE_SEND && !connection_wants_write(c))
			after_answer(c);
		else if (c->phase == PHASE_HEAD)
			read_head(c);
	} while (c->phase != before);
}

bool
connection_work(Connection *c, bool readable, bool writable)
{
	if (readable && !wire_receive(c))
		return false;
	c->working = true;
	go_on(c);
	/* a socket mostly takes a small answer at once */
	if ((writable || c->phase == PHASE_SEND || c->phase == PHASE_STREAM ||
		 c->out.length > c->sent) &&
		!wire_send(c))
		return false;
	go_on(c);
	c->working = false;
	return c->phase != PHASE_OVER;
}

/* What trickles holds a place for ever. */
static bool
trickles(const Connection *c, double now, int64_t bytes)
{
	double taken = now - c->since;

	return taken > connection_times.grace &&
		   (double) bytes / taken < connection_times.least_rate;
}

static bool
body_is_slow(const Connection *c, double now)
{
	return !c->paused && (now - c->moved_at > connection_times.body_pause ||
						  trickles(c, now, c->body_seen));
}

bool
connection_check_time(Connection *c)
{
	double now = clock_seconds();

	switch (c->phase)
	{
		case PHASE_HEAD:
			if (c->in.length == 0)
				return now - c->since <
					   (c->finishing ? FINISH_SECONDS : connection_times.idle);
			if (now - c->since < connection_times.head)
				return true;
			refuse_head(
				c, &(HeadRefusal){408, "the head of the request did not arrive in time"});
			return connection_work(c, false, true);
		case PHASE_BODY:
			if (!body_is_slow(c, now))
				return true;
			exchange_refuse(&c->exchange, 408, "LP030",
							"the body of the request did not arrive in time", NULL, NULL);
			return connection_work(c, false, true);
		case PHASE_SEND:
			return now - c->moved_at < connection_times.send_pause &&
				   !trickles(c, now, c->sent_bytes);
		case PHASE_STREAM:
			return c->out.length == c->sent ||
				   now - c->moved_at < connection_times.send_pause;
		case PHASE_LINGER:
			return now - c->since < LINGER_SECONDS && c->lingered < LINGER_BYTES;
		case PHASE_WAIT:
		case PHASE_OVER:
			break;
	}
	return c->phase != PHASE_OVER;
}
