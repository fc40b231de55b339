/*
 * bench/client/protocol.h
 *	  What both kinds of worker of LEAP say to the database (docs/protocol.md).
 */
#ifndef BENCH_PROTOCOL_H
#define BENCH_PROTOCOL_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "base/buffer.h"

typedef struct Identity
{
	char worker[64];
	char secret[128];
} Identity;

/* Connects, registers, listens for work and enters pipeline mode. */
PGconn *protocol_open(Identity *me, const char *slots);

/* Send one call; its answer is received in the order of the calls. */
void protocol_send_claim(PGconn *session, const Identity *me, const char *wanted);
void protocol_send_complete(PGconn *session, const Buffer *reports);
void protocol_send_heartbeat(PGconn *session, const Identity *me);

/* A value by its column's name; "" for null. */
const char *protocol_field(const PGresult *rows, int row, const char *name);

/* The reports of everything claimed; not "real": results without content. */
void protocol_report(Buffer *out, const PGresult *claimed, bool real);

/* Ends the program unless the database accepted every report; frees the answer. */
void protocol_require_acceptance(PGresult *answer);

/* Says "ready" and waits for a line on standard input. */
void protocol_wait_for_start(void);

#endif
