/*
 * http/exchange.h
 *	  One request and its answer, as those see it who answer.
 *
 * `begin` of the Service is called when the head of a request has arrived. It asks for the body
 * (exchange_collect, exchange_receive) or not, and some time later, in the same call or from
 * anywhere in the loop, answers once. Until then the next request of the connection waits.
 * When the exchange is over, answered or not because the client went away, `ended` is called;
 * what was put into `data` is released there. An Exchange must not be touched after that.
 */
#ifndef LEAP_HTTP_EXCHANGE_H
#define LEAP_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "http/head.h"

typedef struct Exchange Exchange;

struct Exchange
{
	Head head;
	Slice path;         /* of the target, as it came: not decoded */
	Slice query;        /* after the "?", else empty */
	char address[64];   /* of the client, as text */
	Buffer body;        /* what exchange_collect collected */
	const char *reason; /* words of the answer's status line; NULL: status_reason() */
	void *data;         /* of whoever answers */
	char id[65];        /* of whoever answers: the request's name, "" for none */
	const char *user;   /* and whom it is of; must live until it ended. NULL: nobody */
	bool (*part)(Exchange *exchange, const char *bytes, size_t length);
	void (*whole)(Exchange *exchange);
	void (*ended)(Exchange *exchange); /* NULL: nobody wants to know */
};

typedef struct Service
{
	void (*begin)(void *arg, Exchange *exchange);
	/* NULL or: an exchange is over, before its `ended`; also of requests that were refused
	 * before they began. status 0: it was not answered, the client went away. */
	void (*over)(void *arg, const Exchange *exchange, int status, double seconds);
	void *arg;
} Service;

/* Asks for the body, in memory: `whole` is called when it has arrived, at once when there is
 * none. One of more than `most` bytes is answered with 413 and `whole` is not called. */
void exchange_collect(Exchange *exchange, size_t most, void (*whole)(Exchange *exchange));

/* Asks for the body piece by piece. `part` answers whether it wants more just now; if not, the
 * client is kept waiting until exchange_go_on(). */
void exchange_receive(Exchange *exchange, int64_t most,
					  bool (*part)(Exchange *exchange, const char *bytes, size_t length),
					  void (*whole)(Exchange *exchange));
void exchange_go_on(Exchange *exchange);

/*
 * The answer. `fields` are further fields, each "Name: value\r\n", "" for none; Date,
 * Content-Length and Connection are added. HEAD gets no body.
 */
void exchange_answer(Exchange *exchange, int status, const char *fields, const void *body,
					 size_t length);

/* The same from a file, which is taken over: `length` bytes from `offset` on. */
void exchange_answer_file(Exchange *exchange, int status, const char *fields, int fd,
						  int64_t offset, int64_t length);

/* An answer of JSON {"code","details","hint","message"} (NULL is null) with this status. */
void exchange_refuse(Exchange *exchange, int status, const char *code,
					 const char *message, const char *details, const char *hint);

/* So many bytes of a stream may wait for its client. */
#define STREAM_MOST_WAITING (256 * 1024)

/* An answer without end: events. exchange_push() answers false when the client does not take
 * what there is, and then the connection is closed: he comes back and asks for the rest. */
void exchange_stream(Exchange *exchange, const char *fields);
bool exchange_push(Exchange *exchange, const void *bytes, size_t length);
/* How many bytes of the stream its client has not taken yet. */
size_t exchange_waiting(Exchange *exchange);
void exchange_stream_end(Exchange *exchange);

/* The words of RFC 9110 for a status, "" for an unknown one. */
const char *status_reason(int status);

#endif
