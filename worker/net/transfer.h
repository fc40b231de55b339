/*
 * net/transfer.h
 *	  One HTTP request, GET or POST, and its answer; no redirect is followed and nothing is retried here.
 */
#ifndef LEAP_NET_TRANSFER_H
#define LEAP_NET_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "net/answer.h"
#include "net/url.h"

typedef enum TransferEnd
{
	TRANSFER_COMPLETE, /* all bytes the server announced have come */
	TRANSFER_STOPPED,  /* a callback said so; *err is untouched */
	TRANSFER_BROKEN,   /* the connection: worth another try; *err is transient */
	TRANSFER_REFUSED   /* not worth one: address, certificate, no HTTP */
} TransferEnd;

typedef struct Transfer
{
	const char *url;
	int64_t from;          /* > 0: ask for the bytes from here on */
	int64_t until;         /* > 0: ... up to, but without, this one */
	const char *validator; /* with `from`: only if the file is still this; "" = any */
	const char *const *headers; /* further "Name: value", NULL-terminated; may be NULL */
	const char *content;        /* a body to POST; NULL = GET */
	const char *shown;    /* how messages call the URL; NULL = it without its secrets */
	long connect_seconds; /* 0 = enough for every network */
	long total_seconds;   /* 0 = as long as bytes come */
	long quiet_seconds;   /* how long none may come; 0 = a minute */
	bool allow_private_addresses;

	/* Each may end the transfer by returning false; the caller knows why. head comes once,
	 * before the first byte; tick several times a second. */
	bool (*head)(void *arg, const Answer *answer);
	bool (*body)(void *arg, const char *bytes, size_t length);
	bool (*tick)(void *arg);
	void *arg;

	/* A second transfer that is to run beside this one, or NULL: asked when none does. It
	 * lives until its `over`, and ends with this one at the latest. May be NULL. */
	const struct Transfer *(*beside)(void *arg);
	const int *watched; /* a descriptor, or -1: tick and beside are called when it becomes
						 * readable. May be NULL */
	void (*over)(void *arg, TransferEnd end); /* of a transfer beside another */
} Transfer;
/* location receives where a redirect leads, made absolute, or "". */
TransferEnd transfer_run(const Transfer *transfer, Answer *answer,
						 char location[URL_SIZE], Error *err);

#endif
