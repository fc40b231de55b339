/*
 * gate/request.c
 *	  One request of the REST protocol: its body, its plan, its job, its answer.
 */
#include "gate/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "gate/files_open.h"
#include "gate/idempotency.h"
#include "gate/upload.h"

void
request_free(Request *request)
{
	if (request->upload != NULL)
		upload_leave(request->upload);
	if (request->job != NULL)
		db_pool_drop(request->job);
	files_open_leave(request->opening);
	if (request->answered)
		rest_answer_free(&request->answer);
	if (request->planned)
		rest_plan_free(&request->plan);
	if (request->view != NULL)
		catalog_give_back(request->view);
	arena_free(&request->arena);
	free(request);
}

static void
request_ended(Exchange *exchange)
{
	request_free(exchange->data);
}

Request *
request_new(Gate *gate, Exchange *exchange)
{
	Request *request = array_new(1, sizeof *request);

	request->gate = gate;
	request->exchange = exchange;
	exchange->data = request;
	exchange->ended = request_ended;
	return request;
}

/* All fields of that name as one list. */
static Slice
field(Request *request, const char *name)
{
	const Head *head = &request->exchange->head;
	Slice joined = {"", 0};

	for (size_t i = 0; i < head->count; i++)
	{
		const char *text;

		if (!slice_is_any_case(head->fields[i].name, name))
			continue;
		if (joined.length == 0)
		{
			joined = head->fields[i].value;
			continue;
		}
		text = arena_printf(&request->arena, "%.*s, %.*s", (int) joined.length, joined.at,
							(int) head->fields[i].value.length, head->fields[i].value.at);
		joined = (Slice){text, strlen(text)};
	}
	return joined;
}

static bool
plan_route(Request *request, RestInvocation *call, RestError *error)
{
	call->body = (Slice){request->exchange->body.data, request->exchange->body.length};
	call->content_type = field(request, "content-type");
	call->prefer = field(request, "prefer");
	call->accept = field(request, "accept");
	request->planned = true;
	return rest_plan_invocation(request->view->schema, &request->gate->settings->rest,
								call, &request->plan, error);
}

static bool
plan_protocol(Request *request, RestError *error)
{
	const Exchange *exchange = request->exchange;
	const RestRequest asked = {
		.method = exchange->head.method,
		.path = exchange->path,
		.query = exchange->query,
		.accept = field(request, "accept"),
		.accept_profile = field(request, "accept-profile"),
		.content_profile = field(request, "content-profile"),
		.prefer = field(request, "prefer"),
		.range = field(request, "range"),
		.range_unit = field(request, "range-unit"),
		.content_type = field(request, "content-type"),
		.body = {exchange->body.data, exchange->body.length}
    };

	request->planned = true;
	return rest_plan(request->view->schema, &request->gate->settings->rest, &asked,
					 &request->plan, error);
}

/* Why there is no answer of the database. */
static const struct
{
	DbPoolEnd end;
	int status;
	const char *code;
	const char *message;
} ends[] = {
	{POOL_LOST, 503, "PGRST001",
	 "Database client error. The connection ended before an answer came."              },
	{POOL_AWAY, 503, "PGRST000", "Database connection error. Retrying the connection." },
	{POOL_FULL, 503, "53300",    "too many requests wait for the database"             },
	{POOL_LATE, 504, "PGRST003", "Timed out acquiring connection from connection pool."},
};

void
request_refuse_outcome(Request *request, const DbPoolOutcome *outcome)
{
	RestError error = {0};

	if (outcome->end == POOL_REFUSED)
	{
		request_note_refusal(request, outcome->sqlstate, outcome->message);
		rest_error_of_database(&error, &request->arena, outcome->sqlstate,
							   outcome->message, outcome->detail, outcome->hint,
							   request->caller.authenticated);
		request_explain(request, &error);
		request_reply_error(request, &error);
		return;
	}
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (ends[i].end == outcome->end)
			request_refuse(request, ends[i].status, ends[i].code, ends[i].message, NULL,
						   NULL);
}

static Slice
estimate_of(Request *request, const DbRows *rows)
{
	const char *text = "";

	for (int i = 0; i < rows_count(rows); i++)
		text = arena_printf(&request->arena, "%s%s%s", text, i > 0 ? "\n" : "",
							rows_text(rows, i, 0));
	return (Slice){text, strlen(text)};
}

/* The result as rest/ wants it; the slices point into the rows. */
static RestResult
result_of(Request *request, const DbPoolOutcome *outcome)
{
	const DbRows *rows = outcome->rows[request->main_index];
	RestResult result = {0};

	for (int i = 0; i < REST_COLUMNS; i++)
		result.columns[i] = (Slice){rows_text(rows, 0, i), rows_length(rows, 0, i)};
	if (request->plan.count.text.length > 0)
		result.estimate = estimate_of(request, outcome->rows[request->main_index + 1]);
	return result;
}

static void
take_result(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;
	RestAnswer answer = {0};
	RestResult result;
	bool undo = false;

	request->job = NULL;
	if (outcome->end != POOL_DONE)
	{
		request_refuse_outcome(request, outcome);
		return;
	}
	result = result_of(request, outcome);
	rest_answer(&request->plan, &result, &answer, &undo);
	request_reply(request, &answer);
	rest_answer_free(&answer);
}

/* A transaction that waited has ended. */
static void
take_end(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;

	request->job = NULL;
	if (outcome->end == POOL_DONE || request->undone)
		request_reply(request, &request->answer);
	else
		request_refuse_outcome(request, outcome);
}

static void carry_out(Request *request);

static void
take_held_result(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;
	RestResult result;

	if (outcome->end != POOL_DONE)
	{
		request->job = NULL;
		if (!idempotency_lost(request, outcome, carry_out))
			request_refuse_outcome(request, outcome);
		return;
	}
	result = result_of(request, outcome);
	rest_answer(&request->plan, &result, &request->answer, &request->undone);
	request->answered = true;
	/* its body is part of the result, which ends here */
	request->answer.body = (Slice){
		arena_copy(&request->arena, request->answer.body.at, request->answer.body.length),
		request->answer.body.length};
	request->undone = request->undone || request->plan.rollback;
	if (request->key != NULL && !request->undone)
		idempotency_commit(request, take_end);
	else
		db_pool_finish(request->job, request->undone ? "ROLLBACK" : "COMMIT", take_end,
					   request);
}

static void
carry_out(Request *request)
{
	bool hold;

	request->statement_count = 0;
	hold = request_write_statements(request);
	request->job =
		db_pool_run(request->gate->pool, request->statements, request->statement_count,
					hold, hold ? take_held_result : take_result, request);
}

static void
reply_options(Request *request, const char *allow)
{
	Buffer fields;

	buffer_init(&fields);
	buffer_printf(&fields, "Allow: %s\r\n", allow);
	request_add_common(request, &fields);
	exchange_answer(request->exchange, 200, fields.data, "", 0);
	buffer_free(&fields);
}

/* False: it has been answered. */
static bool
plan(Request *request)
{
	const Exchange *exchange = request->exchange;
	RestInvocation call;
	const char *allow;
	RestError error = {0};
	bool good = false;

	switch (routes_find(request->view->routes, exchange->head.method, exchange->path,
						exchange->query, &request->arena, &call, &allow, &error))
	{
		case ROUTE_NONE:
			good = plan_protocol(request, &error);
			break;
		case ROUTE_CALL:
			good = plan_route(request, &call, &error);
			break;
		case ROUTE_OPTIONS:
			reply_options(request, allow);
			return false;
		case ROUTE_REFUSED:
			break;
	}
	if (!good)
		request_reply_error(request, &error);
	return good;
}

static void
run(Request *request)
{
	RestAnswer answer = {0};
	bool undo;

	if (!plan(request))
		return;
	if (request->plan.sql.text.length == 0)
	{
		rest_answer(&request->plan, NULL, &answer, &undo);
		request_reply(request, &answer);
		rest_answer_free(&answer);
	}
	else if (idempotency_read(request))
	{
		if (request->key != NULL)
			idempotency_look(request, carry_out);
		else
			carry_out(request);
	}
}

static void
body_is_there(Exchange *exchange)
{
	run(exchange->data);
}

void
request_run(Request *request)
{
	exchange_collect(request->exchange, request->gate->settings->body_limit,
					 body_is_there);
}
