/*
 * net/document.c
 *	  A small document from a user's URL, into memory.
 */
#include "net/document.h"

#include <stdio.h>

#include "net/answer.h"
#include "net/transfer.h"

#define HOPS_MOST 10

typedef struct Visit
{
	const DocumentRequest *request;
	Buffer *body;
	const char *shown;
	const Answer *answer;
	Error *err;
} Visit;

static bool
take_head(void *arg, const Answer *answer)
{
	Visit *visit = arg;

	visit->answer = answer;
	return true;
}

static bool
take_body(void *arg, const char *bytes, size_t length)
{
	Visit *visit = arg;

	if (visit->answer->status >= 300)
		return true;
	if (visit->body->length + length > visit->request->most_bytes)
		return error_set(visit->err, ERROR_INPUT, "too_large", "Make the list shorter.",
						 "%s gives more than %zu bytes", visit->shown,
						 visit->request->most_bytes);
	buffer_append(visit->body, bytes, length);
	return true;
}

static bool
take_tick(void *arg)
{
	Visit *visit = arg;
	return report_fraction(visit->request->reporter, 0.1, "fetching the list",
						   visit->err);
}

bool
document_fetch(const DocumentRequest *request, Buffer *body, char url[URL_SIZE],
			   Error *err)
{
	char location[URL_SIZE];
	char shown[300];
	Answer answer;
	Visit visit = {.request = request, .body = body, .shown = shown, .err = err};
	Transfer transfer = {
		.url = url,
		.validator = "",
		.allow_private_addresses = request->allow_private_addresses,
		.head = take_head,
		.body = take_body,
		.tick = take_tick,
		.arg = &visit,
	};

	snprintf(url, URL_SIZE, "%s", request->url);
	for (int hop = 0; hop <= HOPS_MOST; hop++)
	{
		if (!url_check(url, err))
			return false;
		url_redact(url, shown, sizeof shown);
		buffer_clear(body);
		if (transfer_run(&transfer, &answer, location, err) != TRANSFER_COMPLETE)
			return false;
		if (answer.status == 200)
			return true;
		if (answer.status < 300 || answer.status >= 400 || location[0] == '\0')
			return answer_error(&answer, shown, err);
		snprintf(url, URL_SIZE, "%s", location);
	}
	return error_set(err, ERROR_PERMANENT, "too_many_redirects",
					 "Check the link in a browser.", "%s redirects more than %d times",
					 shown, HOPS_MOST);
}
