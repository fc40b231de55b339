/*
 * tests/unit/platform_calls.h
 *	  The network of a test of sources: requests are noted and answered from a table.
 */
#ifndef LEAP_TESTS_PLATFORM_CALLS_H
#define LEAP_TESTS_PLATFORM_CALLS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/account.h"
#include "net/call.h"

typedef struct Reply
{
	const char
		*ask; /* what stands in the URL; a row is used once, unless it ends with "*" */
	int status;
	const char *body;
	const char *headers; /* "Name: value\n..." */
	bool used;
} Reply;

static Reply *replies;
static char asked[65536]; /* the URLs, without the address, a line each */
static const char *token_given = "secret-token";

static void
answer_with(Reply *table)
{
	replies = table;
	asked[0] = '\0';
}

static bool
fits(Reply *reply, const char *url)
{
	size_t length = strlen(reply->ask);
	bool always = length > 0 && reply->ask[length - 1] == '*';
	char part[1000];

	snprintf(part, sizeof part, "%.*s", (int) (length - (always ? 1 : 0)), reply->ask);
	if ((reply->used && !always) || strstr(url, part) == NULL)
		return false;
	reply->used = true;
	return true;
}

bool
call_run(const Call *call, CallAnswer *answer, Error *err)
{
	const char *path = strstr(call->url, "://");
	size_t length = strlen(asked);
	Reply *reply = replies;

	path = strchr(path + 3, '/');
	snprintf(asked + length, sizeof asked - length, "%s\n", path);
	while (reply->ask != NULL && !fits(reply, call->url))
		reply++;
	if (reply->ask == NULL)
		return error_set(err, ERROR_TRANSIENT, "connection_lost", NULL, "nobody answers");
	call_answer_free(answer);
	answer_clear(&answer->answer);
	answer->answer.status = reply->status;
	answer->json = reply->body != NULL ? cJSON_Parse(reply->body) : NULL;
	answer->head = strdup(reply->headers != NULL ? reply->headers : "");
	snprintf(answer->answer.date, sizeof answer->answer.date,
			 "Sun, 31 May 2020 18:00:00 GMT");
	return true;
}

bool
account_call(Account *account, Call *call, CallAnswer *answer, Error *err)
{
	(void) account;
	return call_run(call, answer, err);
}

bool
account_token(Account *account, const char **token, Error *err)
{
	(void) account;
	(void) err;
	*token = token_given;
	return true;
}

const char *
account_text(const Account *account, const char *field)
{
	(void) account;
	(void) field;
	return "";
}

const char *
call_header(const CallAnswer *answer, const char *name, char *value, size_t size)
{
	const char *at = answer->head != NULL ? strstr(answer->head, name) : NULL;
	size_t length;

	if (at == NULL)
		return NULL;
	at += strlen(name) + 2;
	length = strcspn(at, "\n");
	snprintf(value, size, "%.*s", (int) length, at);
	return value;
}

void
call_answer_free(CallAnswer *answer)
{
	cJSON_Delete(answer->json);
	free(answer->head);
	memset(answer, 0, sizeof *answer);
}

#endif
