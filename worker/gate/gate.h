/*
 * gate/gate.h
 *	  What the parts of one server process share.
 */
#ifndef LEAP_GATE_GATE_H
#define LEAP_GATE_GATE_H

#include <stdbool.h>

#include "db/pool.h"
#include "gate/catalog.h"
#include "gate/counters.h"
#include "gate/disk.h"
#include "gate/library.h"
#include "gate/limit.h"
#include "gate/page.h"
#include "gate/settings.h"
#include "gate/streams.h"
#include "http/exchange.h"
#include "http/loop.h"
#include "http/server.h"
#include "storage/storage.h"

typedef struct Gate
{
	const GateSettings *settings;
	Limits *limits;
	Counters *counters;
	Loop *loop;
	DbPool *pool;
	Catalog *catalog;
	Streams *streams;
	Server *server;
	Storage storage; /* of the files; not opened: they are not found */
	size_t notes;    /* of refusals, under way to the audit log */
	Disk *disk;
	Page *page;
	Library *library; /* NULL: it is not served */
	bool finishing;
} Gate;

/* Begins an exchange of the server: arg is the Gate. */
void door_begin(void *arg, Exchange *exchange);

#endif
