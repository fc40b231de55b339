/* sources: rest/[a-z]*.c http/head.c base/arena.c base/buffer.c base/utf8.c base/json.c base/error.c */
/* libs: libcjson -lm -DLEAP_VERSION='"0"' */

/*
 * Bounds of the REST protocol: what a short request may ask for, and what becomes of it, does
 * not grow beyond measure.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "rest/plan.h"
#include "rest_library.h"
#include "tap.h"

static const char *const spaces[] = {"library"};
static const RestConfig config = {.schemas = spaces, .schema_count = 1};
static Schema *schema;

static Slice
slice(const char *text)
{
	return (Slice){text, strlen(text)};
}

static bool
plan_url(const char *path, const char *query, RestRequest request, RestPlan *plan,
		 RestError *error)
{
	request.method = slice("GET");
	request.path = slice(path);
	request.query = slice(query);
	return rest_plan(schema, &config, &request, plan, error);
}

/* Depth and number are bounded whatever a client sends. */
static void
bounds(void)
{
	CLEANUP(buffer) Buffer query;
	RestPlan plan;
	RestError error;

	buffer_init(&query);
	buffer_puts(&query, "or=");
	for (int i = 0; i < 1000; i++)
		buffer_puts(&query, i == 0 ? "(" : "or(");
	ok(!plan_url("/books", query.data, (RestRequest){.method = {0}}, &plan, &error),
	   "conditions in conditions end");
	is_str(error.code, "PGRST100", "  with an error");
	rest_plan_free(&plan);

	buffer_clear(&query);
	buffer_puts(&query, "select=");
	for (int i = 0; i < 9; i++)
		buffer_printf(&query, "%s!books_author(", i % 2 == 0 ? "authors" : "books");
	buffer_puts(&query, "id)))))))))");
	ok(!plan_url("/books", query.data, (RestRequest){.method = {0}}, &plan, &error),
	   "relations in relations end");
	is_str(error.code, "PGRST100", "  with an error");
	rest_plan_free(&plan);

	buffer_clear(&query);
	buffer_puts(&query, "select=id");
	for (int i = 0; i < 1000; i++)
		buffer_puts(&query, ",id");
	ok(!plan_url("/books", query.data, (RestRequest){.method = {0}}, &plan, &error),
	   "a list of columns ends");
	rest_plan_free(&plan);
}

/* What a short URL could make long is bounded as well: a relation's rows are counted again for
 * each condition that asks for it, at each level. */
static void
growth(void)
{
	CLEANUP(buffer) Buffer query;
	CLEANUP(buffer) Buffer path;
	CLEANUP(buffer) Buffer tokens;
	RestRequest request = {.prefer = slice("count=exact")};
	RestPlan plan;
	RestError error;

	buffer_init(&query);
	buffer_init(&path);
	buffer_puts(&query, "limit=1&select=books!books_author(authors!books_author("
						"books!books_author(authors!books_author(books!books_author("
						"id)))))");
	for (int level = 0; level < 5; level++)
	{
		const char *name = level % 2 == 0 ? "books" : "authors";

		for (int i = 0; i < 20; i++)
			buffer_printf(&query, "&%s%s=not.is.null", path.data, name);
		buffer_printf(&path, "%s.", name);
	}
	ok(!plan_url("/authors", query.data, request, &plan, &error),
	   "what is counted at each level ends");
	is_str(error.code, "PGRST100", "  with an error");
	rest_plan_free(&plan);

	buffer_init(&tokens);
	buffer_puts(&tokens, "handling=strict");
	for (int i = 0; i < 5000; i++)
		buffer_puts(&tokens, ",x");
	request.prefer = slice(tokens.data);
	ok(!plan_url("/books", "", request, &plan, &error), "preferences without number");
	ok(strlen(error.details) < 1100, "  are told in part");
	rest_plan_free(&plan);
}

/* Names that the server would cut off stay different. */
static void
long_names(void)
{
	RestPlan plan;
	RestError error;

	ok(plan_url(
		   "/books",
		   "select=a_name_that_is_longer_than_what_the_server_keeps_of_it_1:author_id("
		   "name),a_name_that_is_longer_than_what_the_server_keeps_of_it_2:editor_id("
		   "name)",
		   (RestRequest){.method = {0}}, &plan, &error),
	   "two long names are planned");
	ok(strstr(plan.sql.text.data, "AS \"pgrst_join_1\"") != NULL &&
		   strstr(plan.sql.text.data, "AS \"pgrst_join_2\"") != NULL,
	   "  and joined under short ones");
	rest_plan_free(&plan);
}

/* Bodies that would become much more than they are. */
static void
bodies(void)
{
	CLEANUP(buffer) Buffer body;
	RestRequest names = {.method = slice("POST"), .path = slice("/rpc/add")};
	RestRequest csv = {.method = slice("POST"),
					   .path = slice("/books"),
					   .content_type = slice("text/csv")};
	RestPlan plan;
	RestError error;

	buffer_init(&body);
	for (int i = 0; i < 1500; i++)
		buffer_printf(&body, "%s\"name_%04d_%0200d\":1", i > 0 ? "," : "{", i, 0);
	buffer_puts(&body, "}");
	names.body = slice(body.data);
	ok(!rest_plan(schema, &config, &names, &plan, &error),
	   "1,500 long arguments fit no function");
	is_str(error.code, "PGRST202", "  which is said");
	ok(strlen(error.message) + strlen(error.details) < 5000, "  with some of them");
	rest_plan_free(&plan);

	buffer_clear(&body);
	for (int i = 0; i < 100000; i++)
		buffer_puts(&body, "x");
	for (int i = 0; i < 100000; i++)
		buffer_puts(&body, "\n");
	csv.body = slice(body.data);
	ok(!rest_plan(schema, &config, &csv, &plan, &error),
	   "empty lines under a long header");
	is_str(error.code, "PGRST102", "  are refused");
	rest_plan_free(&plan);
}

/* A text ends at a zero: nothing may follow it. */
static void
zeros(void)
{
	static const char json[] = "{\"id\":1}\0{";
	RestRequest request = {
		.method = slice("POST"),
		.path = slice("/books"),
		.body = {json, sizeof json - 1}
    };
	RestPlan plan;
	RestError error;

	ok(!rest_plan(schema, &config, &request, &plan, &error), "a body with a zero");
	is_str(error.code, "PGRST102", "  is refused");
	rest_plan_free(&plan);
	request.content_type = slice("application/x-www-form-urlencoded");
	request.body = slice("id=1%00");
	ok(!rest_plan(schema, &config, &request, &plan, &error), "so is a form");
	rest_plan_free(&plan);
}

int
main(void)
{
	Error err = {0};

	schema = schema_build(rest_library, strlen(rest_library), &err);
	if (!ok(schema != NULL, "the schema is built %s", err.message))
		return done_testing();
	bounds();
	growth();
	long_names();
	bodies();
	zeros();
	schema_free(schema);
	return done_testing();
}
