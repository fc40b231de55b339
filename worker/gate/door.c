/*
 * gate/door.c
 *	  Where a request goes.
 */
#include <string.h>

#include "gate/events.h"
#include "gate/files.h"
#include "gate/journal.h"
#include "gate/request.h"
#include "gate/tus.h"
#include "gate/upload.h"

static void
answer_health(Exchange *exchange, bool good, const char *text)
{
	exchange_answer(exchange, good ? 200 : 503,
					"Content-Type: application/json\r\nCache-Control: no-store\r\n", text,
					strlen(text));
}

/* The loop turns, or there would be no answer. */
static void
answer_live(Gate *gate, Exchange *exchange)
{
	(void) gate;
	answer_health(exchange, true, "{\"live\":true}\n");
}

static void
answer_ready(Gate *gate, Exchange *exchange)
{
	const CatalogView *view = catalog_take(gate->catalog);
	bool database = db_pool_up(gate->pool) > 0;
	char text[128];

	(void) snprintf(text, sizeof text,
					"{\"ready\":%s,\"checks\":{\"database\":%s,\"catalog\":%s}}\n",
					database && view != NULL ? "true" : "false",
					database ? "true" : "false", view != NULL ? "true" : "false");
	answer_health(exchange, database && view != NULL, text);
	if (view != NULL)
		catalog_give_back(view);
}

/* What is answered without asking who asks. */
static const struct
{
	const char *path;
	void (*answer)(Gate *gate, Exchange *exchange);
} open_routes[] = {
	{"/health/live",  answer_live },
	{"/health/ready", answer_ready},
};

static bool
answer_open(Gate *gate, Exchange *exchange)
{
	for (size_t i = 0; i < sizeof open_routes / sizeof open_routes[0]; i++)
		if (slice_is(exchange->path, open_routes[i].path))
		{
			if (slice_is(exchange->head.method, "GET") ||
				slice_is(exchange->head.method, "HEAD"))
				open_routes[i].answer(gate, exchange);
			else
				exchange_answer(exchange, 405, "Allow: GET, HEAD\r\n", "", 0);
			return true;
		}
	return false;
}

/* Texts of C and of PostgreSQL end at a zero: what stands behind one in a URL would be lost,
 * unseen by whoever looks at the rest. */
static bool
refuse_zero(Exchange *exchange)
{
	if (memmem(exchange->path.at, exchange->path.length, "%00", 3) == NULL &&
		(exchange->query.length == 0 ||
		 memmem(exchange->query.at, exchange->query.length, "%00", 3) == NULL))
		return false;
	exchange_refuse(exchange, 400, "PGRST100", "A URL cannot hold a zero byte (%00)",
					NULL, NULL);
	return true;
}

void
door_begin(void *arg, Exchange *exchange)
{
	Gate *gate = arg;
	Request *request;

	journal_begin(exchange);
	if (answer_open(gate, exchange) || refuse_zero(exchange) ||
		page_answer(gate->page, exchange) || library_answer(gate->library, exchange))
		return;
	request = request_new(gate, exchange);
	request->run = files_is_path(exchange->path)    ? files_run
				   : events_is_path(exchange->path) ? events_run
				   : upload_is(exchange)            ? upload_run
				   : tus_is_path(exchange->path)    ? tus_run
													: request_run;
	request->nameless = files_is_signed(exchange);
	if (!request_preflight(request) && request_admit(request))
		request->run(request);
}
