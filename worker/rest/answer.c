/*
 * rest/answer.c
 *	  Status, fields and body, from the columns that the statement answered.
 */
#include "rest/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "rest/answer_parts.h"
#include "rest/field.h"
#include "rest/media.h"

/* Numbers of the result; -1 = not said. */
typedef struct Counts
{
	int64_t page;
	int64_t total;
	int64_t inserted;
} Counts;

static int64_t
number_of(Slice column)
{
	char text[24];

	if (column.at == NULL || column.length == 0 || column.length >= sizeof text)
		return -1;
	memcpy(text, column.at, column.length);
	text[column.length] = '\0';
	return strtoll(text, NULL, 10);
}

/* The rows that EXPLAIN expects. */
static int64_t
estimated_rows(Slice estimate)
{
	CLEANUP(json) cJSON *json = NULL;

	if (estimate.at == NULL ||
		!json_parse(estimate.at, estimate.length, "EXPLAIN", &json, NULL))
		return -1;
	return (int64_t) json_number(cJSON_GetArrayItem(json, 0), "Plan.Plan Rows", -1);
}

static Counts
count_rows(const RestPlan *plan, const RestResult *result)
{
	Counts counts = {
		.page = number_of(result->columns[REST_PAGE]),
		.total = number_of(result->columns[REST_TOTAL]),
		.inserted = number_of(result->columns[REST_INSERTED]),
	};
	int64_t estimate = estimated_rows(result->estimate);

	if (plan->prefer.count == COUNT_PLANNED)
		counts.total = estimate;
	else if (plan->prefer.count == COUNT_ESTIMATED &&
			 counts.total > plan->config->max_rows && estimate > counts.total)
		counts.total = estimate;
	return counts;
}

static void
put_range(Buffer *fields, int64_t first, int64_t count, int64_t total)
{
	if (count > 0 && total != 0)
		buffer_printf(fields, "Content-Range: %lld-%lld/", (long long) first,
					  (long long) (first + count - 1));
	else
		buffer_puts(fields, "Content-Range: */");
	if (total >= 0)
		buffer_printf(fields, "%lld\r\n", (long long) total);
	else
		buffer_puts(fields, "*\r\n");
}

static void
put_type(const RestPlan *plan, RestAnswer *answer)
{
	buffer_printf(&answer->fields, "Content-Type: %s\r\n", media_type(plan));
}

static char
digit_value(char c)
{
	return (char) (c <= '9' ? c - '0' : c - 'a' + 10);
}

/* The body is digits, two of each byte. */
static void
put_bytes(RestAnswer *answer)
{
	Slice digits = answer->body;

	for (size_t i = 0; i + 1 < digits.length; i += 2)
	{
		char byte =
			(char) (digit_value(digits.at[i]) << 4 | digit_value(digits.at[i + 1]));

		buffer_append(&answer->own, &byte, 1);
	}
	answer->body = (Slice){answer->own.data, answer->own.length};
}

static void
put_body(const RestPlan *plan, const RestResult *result, RestAnswer *answer)
{
	put_type(plan, answer);
	if (plan->head || result->columns[REST_BODY].at == NULL)
		return;
	answer->body = result->columns[REST_BODY];
	if (plan->media == MEDIA_MADE && plan->binary)
		put_bytes(answer);
}

/* An offset beyond the last row: known only when rows were counted. */
static void
answer_beyond(const RestPlan *plan, const Counts *counts, RestAnswer *answer)
{
	buffer_puts(&answer->fields, "Content-Type: application/json; charset=utf-8\r\n");
	answer->status = 416;
	buffer_printf(&answer->own,
				  "{\"code\":\"PGRST103\",\"details\":\"An offset of %lld was requested, "
				  "but there are only %lld rows.\",\"hint\":null,\"message\":\"Requested "
				  "range not satisfiable\"}",
				  (long long) plan->range.offset, (long long) counts->total);
	answer->body = (Slice){answer->own.data, answer->own.length};
}

static void
answer_rows(const RestPlan *plan, const RestResult *result, const Counts *counts,
			RestAnswer *answer)
{
	put_range(&answer->fields, plan->range.offset, counts->page, counts->total);
	if (counts->total >= 0 && plan->range.offset > counts->total)
	{
		answer_beyond(plan, counts, answer);
		return;
	}
	answer->status = counts->total >= 0 && counts->page < counts->total ? 206 : 200;
	put_body(plan, result, answer);
}

static void
answer_read(const RestPlan *plan, const RestResult *result, const Counts *counts,
			RestAnswer *answer)
{
	answer_rows(plan, result, counts, answer);
	buffer_printf(&answer->fields, "Content-Location: /%s%s%s\r\n", plan->relation->name,
				  *plan->query.canonical != '\0' ? "?" : "", plan->query.canonical);
}

static void
answer_routed(const RestPlan *plan, const RestResult *result, RestAnswer *answer)
{
	bool nothing = plan->function->returns == RESULT_VOID;

	answer->status = plan->status != 0 ? plan->status : nothing ? 204 : 200;
	if (!nothing && answer->status != 204)
		put_body(plan, result, answer);
}

static void
answer_call(const RestPlan *plan, const RestResult *result, const Counts *counts,
			RestAnswer *answer)
{
	if (plan->routed)
	{
		answer_routed(plan, result, answer);
		return;
	}
	if (plan->function->returns != RESULT_VOID)
	{
		answer_rows(plan, result, counts, answer);
		return;
	}
	put_range(&answer->fields, 0, 1, counts->total);
	answer->status = 204;
}

static void
put_location(const RestPlan *plan, Slice location, Buffer *fields)
{
	/* "id=eq.1&other=eq.a", percent-encoded by the statement */
	if (location.at == NULL || location.length == 0)
		return;
	buffer_printf(fields, "Location: /%s?%.*s\r\n", plan->relation->name,
				  (int) location.length, location.at);
}

static bool
represents(const RestPlan *plan)
{
	return plan->prefer.returns == RETURN_REPRESENTATION;
}

static void
answer_create(const RestPlan *plan, const RestResult *result, const Counts *counts,
			  RestAnswer *answer)
{
	bool upsert = plan->prefer.resolution == RESOLUTION_MERGE;

	answer->status = upsert && counts->inserted == 0 ? 200 : 201;
	if (plan->prefer.returns == RETURN_HEADERS_ONLY)
		put_location(plan, result->columns[REST_LOCATION], &answer->fields);
	put_range(&answer->fields, 0, 0,
			  plan->prefer.count == COUNT_NONE ? -1 : counts->page);
	if (represents(plan))
		put_body(plan, result, answer);
}

static void
answer_update(const RestPlan *plan, const RestResult *result, const Counts *counts,
			  RestAnswer *answer)
{
	answer->status = represents(plan) ? 200 : 204;
	put_range(&answer->fields, 0, counts->page,
			  plan->prefer.count == COUNT_NONE ? -1 : counts->page);
	if (represents(plan))
		put_body(plan, result, answer);
}

static void
answer_delete(const RestPlan *plan, const RestResult *result, const Counts *counts,
			  RestAnswer *answer)
{
	answer->status = represents(plan) ? 200 : 204;
	put_range(&answer->fields, 0, 0,
			  plan->prefer.count == COUNT_NONE ? -1 : counts->page);
	if (represents(plan))
		put_body(plan, result, answer);
}

static void
answer_replace(const RestPlan *plan, const RestResult *result, const Counts *counts,
			   RestAnswer *answer)
{
	answer->status = !represents(plan) ? 204 : counts->inserted > 0 ? 201 : 200;
	if (represents(plan))
		put_body(plan, result, answer);
}

static void
options_of(const RestPlan *plan, const RestResult *result, const Counts *counts,
		   RestAnswer *answer)
{
	(void) result;
	(void) counts;
	answer_options(plan, answer);
}

static void
root_of(const RestPlan *plan, const RestResult *result, const Counts *counts,
		RestAnswer *answer)
{
	(void) counts;
	answer_root(plan, result, answer);
}

/* By RestAction. */
static void (*const answers[])(const RestPlan *plan, const RestResult *result,
							   const Counts *counts, RestAnswer *answer) = {
	[ACTION_READ] = answer_read,     [ACTION_CREATE] = answer_create,
	[ACTION_UPDATE] = answer_update, [ACTION_REPLACE] = answer_replace,
	[ACTION_DELETE] = answer_delete, [ACTION_CALL] = answer_call,
	[ACTION_OPTIONS] = options_of,   [ACTION_ROOT] = root_of,
};

/* What the number of rows forbids. */
static bool
acceptable(const RestPlan *plan, const Counts *counts, Arena *arena, RestError *error)
{
	bool object = plan->media == MEDIA_OBJECT || plan->media == MEDIA_OBJECT_STRIPPED;

	if (plan->action == ACTION_REPLACE && counts->page != 1)
		return rest_error(error, arena, "PGRST115", NULL, NULL,
						  "Payload values do not match URL in primary key column(s)");
	if (plan->prefer.max_affected >= 0 && plan->prefer.handling == HANDLING_STRICT &&
		plan->action != ACTION_READ && counts->page > plan->prefer.max_affected)
		return rest_error(
			error, arena, "PGRST124",
			arena_printf(arena, "The query affects %lld rows", (long long) counts->page),
			NULL, "Query result exceeds max-affected preference constraint");
	if (object && counts->page != 1)
		return rest_error(error, arena, "PGRST116",
						  arena_printf(arena, "The result contains %lld rows",
									   (long long) counts->page),
						  NULL, "Cannot coerce the result to a single JSON object");
	return true;
}

static void
put_common(const RestPlan *plan, RestAnswer *answer)
{
	buffer_puts(&answer->fields, "Vary: Accept, Prefer, Range\r\n");
	prefer_applied(&plan->prefer, &answer->fields);
	if (plan->schema_said)
		buffer_printf(&answer->fields, "Content-Profile: %s\r\n", plan->schema);
}

static void
answer_init(RestAnswer *answer)
{
	*answer = (RestAnswer){.status = 200};
	buffer_init(&answer->fields);
	buffer_init(&answer->own);
}

void
rest_answer(const RestPlan *plan, const RestResult *result, RestAnswer *answer,
			bool *undo)
{
	static const RestResult nothing;
	CLEANUP(arena) Arena arena = {NULL};
	RestError error = {0};
	Counts counts = {-1, -1, -1};

	*undo = false;
	answer_init(answer);
	if (result != NULL)
		counts = count_rows(plan, result);
	if (result != NULL && !acceptable(plan, &counts, &arena, &error))
	{
		*undo = true;
		rest_answer_free(answer);
		rest_error_answer(&error, answer);
		return;
	}
	answers[plan->action](plan, result != NULL ? result : &nothing, &counts, answer);
	put_common(plan, answer);
	if (result != NULL && !answer_settings(result, answer, &arena, &error))
	{
		*undo = true;
		rest_answer_free(answer);
		rest_error_answer(&error, answer);
	}
}

void
rest_error_answer(const RestError *error, RestAnswer *answer)
{
	answer_init(answer);
	answer->status = error->status;
	answer->reason = error->reason;
	buffer_puts(&answer->fields, "Content-Type: application/json; charset=utf-8\r\n");
	/* a code that SQL raises may be any text */
	if (field_allowed(error->code, ""))
		buffer_printf(&answer->fields, "Proxy-Status: PostgREST; error=%s\r\n",
					  error->code);
	if (error->fields != NULL)
		buffer_puts(&answer->fields, error->fields);
	else if (error->status == 401)
		buffer_puts(&answer->fields, "WWW-Authenticate: Bearer\r\n");
	rest_error_body(error, &answer->own);
	answer->body = (Slice){answer->own.data, answer->own.length};
}

void
rest_answer_free(RestAnswer *answer)
{
	buffer_free(&answer->fields);
	buffer_free(&answer->own);
}
