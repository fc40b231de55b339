/*
 * http/wire.h
 *	  What the files that make up a connection share: nobody else includes it.
 */
#ifndef LEAP_HTTP_WIRE_H
#define LEAP_HTTP_WIRE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "http/chunk.h"
#include "http/connection.h"

/* So much is read at once. */
#define READ_PIECE 65536

typedef enum Phase
{
	PHASE_HEAD,
	PHASE_BODY,
	PHASE_WAIT, /* for the answer */
	PHASE_SEND,
	PHASE_STREAM,
	PHASE_LINGER, /* everything is sent; let the client see it */
	PHASE_OVER
} Phase;

struct Connection
{
	Exchange exchange; /* first: an Exchange is the beginning of its Connection */
	const Service *service;
	void *owner;
	int fd;
	Phase phase;
	double since;       /* when this phase began */
	double moved_at;    /* when a byte came or went last */
	Buffer in;          /* read and not used yet */
	Buffer head_bytes;  /* what the head of the exchange under way points into */
	Buffer out;         /* to be sent */
	size_t sent;        /* of out */
	int64_t sent_bytes; /* in this phase */
	size_t head_tried;  /* so much of `in` was no whole head */
	bool under_way;     /* an exchange is */
	bool asked;         /* for the body */
	bool body_over;     /* it has been read to its end */
	bool paused;        /* `part` wants no more just now */
	double paused_at;
	bool answered;
	int status;   /* of the answer; 0: there is none yet */
	double began; /* when the head of the request was there */
	bool close_after;
	bool finishing;
	bool working; /* within connection_work(): needs no kick */
	bool kicked;
	ConnectionList *kicks;
	Connection *next_kicked;
	int64_t body_left; /* of a Content-Length */
	int64_t body_seen;
	int64_t body_most;
	ChunkReader chunks;
	int file;
	off_t file_at;
	int64_t file_left;
	size_t lingered;
};

/* An Exchange is the beginning of its Connection. */
static inline Connection *
connection_of(Exchange *exchange)
{
	return (Connection *) exchange;
}

/* Begins a phase. */
void connection_enter(Connection *connection, Phase phase);

/* The server is to call connection_work(), whether the socket says something or not. */
void connection_kick(Connection *connection);

/* Takes what the socket has; false: the client is gone. */
bool wire_receive(Connection *connection);

/* Sends what it takes; false: the client is gone, or the file is shorter than it was. */
bool wire_send(Connection *connection);

/* Hands on what has arrived of the body; calls `whole` at its end. */
void connection_read_body(Connection *connection);

#endif
