/* sources: gate/routes.c rest/[a-z]*.c http/head.c base/arena.c base/buffer.c base/utf8.c base/json.c base/error.c */
/* libs: libcjson -lm -DLEAP_VERSION='"0"' */
/*
 * tests/unit/test_routes.c
 *	  Paths as calls: which row a request means, what its arguments are, what is refused; and
 *	  the statement that a call by names becomes.
 */
#include "gate/routes.h"

#include "base/cleanup.h"
#include "rest/invoke.h"
#include "tap.h"

static const char document[] =
	"{\"relations\":[],\"keys\":[],\"comments\":{},\"functions\":["
	"{\"schema\":\"shop\",\"name\":\"list\",\"arguments\":["
	"[\"page\",\"integer\",false,false],[\"word\",\"text\",false,false],"
	"[\"kinds\",\"text[]\",false,false]],"
	"\"return_schema\":\"pg_catalog\",\"return_type\":\"jsonb\",\"return_set\":false,"
	"\"rows\":0,\"composite\":false,\"alias\":false,\"volatility\":\"s\","
	"\"variadic\":false},"
	"{\"schema\":\"shop\",\"name\":\"text\",\"arguments\":[],"
	"\"return_schema\":\"pg_catalog\",\"return_type\":\"text\",\"return_set\":false,"
	"\"rows\":0,\"composite\":false,\"alias\":false,\"volatility\":\"s\","
	"\"variadic\":false},"
	"{\"schema\":\"shop\",\"name\":\"send\",\"arguments\":["
	"[\"id\",\"uuid\",true,false],[\"how\",\"text\",false,false],"
	"[\"spec\",\"jsonb\",false,false],[\"parts\",\"integer[]\",false,false]],"
	"\"return_schema\":\"pg_catalog\",\"return_type\":\"text\",\"return_set\":false,"
	"\"rows\":0,\"composite\":false,\"alias\":false,\"volatility\":\"v\","
	"\"variadic\":false}]}";

static const char *const schemas[] = {"shop"};
static const RestConfig config = {.schemas = schemas, .schema_count = 1};

static Routes *routes;
static Schema *schema;

static Slice
slice(const char *text)
{
	return (Slice){text, strlen(text)};
}

/* "function name=value ..." of the call; "none", "options: ...", or "status hint". */
static void
found(const char *method, const char *path, const char *query, const char *expected)
{
	CLEANUP(arena) Arena arena = {NULL};
	RestInvocation call;
	RestError error;
	const char *allow = NULL;
	const char *got = "none";

	switch (routes_find(routes, slice(method), slice(path), slice(query), &arena, &call,
						&allow, &error))
	{
		case ROUTE_NONE:
			break;
		case ROUTE_OPTIONS:
			got = arena_printf(&arena, "options: %s", allow);
			break;
		case ROUTE_REFUSED:
			got = arena_printf(&arena, "%d %s", error.status,
							   error.hint != NULL ? error.hint : "-");
			break;
		case ROUTE_CALL:
			got = call.function;
			for (size_t i = 0; i < call.pair_count; i++)
				got = arena_printf(&arena, "%s %s=%s", got, call.pairs[i].name,
								   call.pairs[i].value);
			got = arena_printf(&arena, "%s%s%s", got, call.read_only ? " (reads)" : "",
							   call.head ? " (head)" : "");
			break;
	}
	is_str(got, expected,
		   arena_printf(&arena, "%s %s%s%s", method, path, *query != '\0' ? "?" : "",
						query));
}

static void
test_matching(void)
{
	found("GET", "/api/v1/things", "", "list (reads)");
	found("HEAD", "/api/v1/things", "", "list (reads) (head)");
	found("GET", "/api/v1/things/", "page=2", "list page=2 (reads)");
	found("GET", "/api/v1/things", "kinds[]=a&kinds=b%20c",
		  "list kinds=a kinds=b c (reads)");
	found("GET", "/things", "", "none");
	found("GET", "/things/7", "", "get id=7 (reads)");
	found("POST", "/things/7/send", "how=fast", "send id=7 how=fast");
	found("POST", "/things/all/send", "", "send_all how=fast n=3");
	found("POST", "/things/a%2Fb%20c/send", "", "send id=a/b c");
	found("OPTIONS", "/things/7", "", "options: OPTIONS, DELETE, GET, HEAD");
	found("PUT", "/api/v1/things/7", "", "405 It knows OPTIONS, DELETE, GET, HEAD.");
	found("GET", "/things/7/send", "", "405 It knows OPTIONS, POST.");
	found("GET", "/api/v1/thing", "", "404 Perhaps you meant /api/v1/things");
	found("POST", "/api/v1/things/0190-7/sned", "",
		  "404 Perhaps you meant /api/v1/things/{id}/send");
	found("GET", "/api/v1/things/all/sen", "",
		  "404 Perhaps you meant /api/v1/things/{id}");
	found("GET", "/api/v1/zebra", "", "404 GET /api/v1/routes lists the paths.");
	found("GET", "/api/v1", "", "404 GET /api/v1/routes lists the paths.");
	found("GET", "/api/v1x/things", "", "none");
	found("GET", "/rpc/things", "", "none");
	found("GET", "/nothing/here", "", "none");
	found("GET", "/", "", "none");
	found("GET", "//", "", "none");
	found("GET", "/api/v1//things", "", "404 GET /api/v1/routes lists the paths.");
	found("GET", "/things/%00", "", "none");
	found("GET", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n", "", "none");
}

static void
test_rows(void)
{
	Routes *few = routes_new();
	CLEANUP(arena) Arena arena = {NULL};
	RestInvocation call;
	RestError error;
	const char *allow;

	ok(!routes_add(few, "GET", "things", "f", NULL, NULL, 0),
	   "a path begins with a slash");
	ok(!routes_add(few, "GET", "/a//b", "f", NULL, NULL, 0), "its words are not empty");
	ok(!routes_add(few, "GET", "/a", "f", "[1]", NULL, 0), "arguments are an object");
	ok(!routes_add(few, "GET", "/a", NULL, "{}", NULL, 0), "there is a function");
	routes_sort(few);
	ok(routes_find(few, slice("GET"), slice("/api/v1/a"), slice(""), &arena, &call,
				   &allow, &error) == ROUTE_NONE,
	   "an empty table finds nothing");
	ok(routes_find(NULL, slice("GET"), slice("/api/v1/a"), slice(""), &arena, &call,
				   &allow, &error) == ROUTE_NONE,
	   "nor does none");
	routes_free(few);
}

typedef struct Call
{
	const char *function;
	QueryPair pairs[4];
	size_t pair_count;
	const char *body_argument;
	const char *body;
	const char *type;
	const char *accept;
} Call;

/* What is between the WITH and the SELECT of the columns, with the values; or the error. */
static void
planned(Call call, const char *expected, const char *name)
{
	const RestInvocation asked = {
		.said = "POST /x",
		.function = call.function,
		.pairs = call.pairs,
		.pair_count = call.pair_count,
		.body_argument = call.body_argument,
		.body = slice(call.body != NULL ? call.body : ""),
		.content_type = slice(call.type != NULL ? call.type : ""),
		.accept = slice(call.accept != NULL ? call.accept : "")};
	CLEANUP(arena) Arena arena = {NULL};
	RestPlan plan;
	RestError error;
	const char *got;
	const char *end;

	if (rest_plan_invocation(schema, &config, &asked, &plan, &error))
	{
		end = strstr(plan.sql.text.data, ") SELECT null::bigint");
		got = arena_copy(&arena, plan.sql.text.data + strlen("WITH pgrst_source AS ("),
						 (size_t) (end - plan.sql.text.data) -
							 strlen("WITH pgrst_source AS ("));
		for (size_t i = 0; i < plan.sql.value_count; i++)
			got = arena_printf(&arena, "%s|%s", got, plan.sql.values[i]);
		got = arena_printf(&arena, "%s%s", got, plan.read_only ? " reads" : "");
	}
	else
		got = arena_printf(&arena, "%d %s", error.status, error.message);
	is_str(got, expected, name);
	rest_plan_free(&plan);
}

#define SCALAR(call) \
	"SELECT pgrst_call.pgrst_scalar FROM (SELECT " call " AS pgrst_scalar) pgrst_call"

static void
test_planning(void)
{
	planned((Call){.function = "list"}, SCALAR("\"shop\".\"list\"()") " reads",
			"no arguments");
	planned((Call){.function = "list", .pairs = {{"page", "2"}}, .pair_count = 1},
			SCALAR("\"shop\".\"list\"(\"page\" := $1::integer)") "|2 reads",
			"a parameter is cast");
	planned(
		(Call){
			.function = "list",
			.pairs = {{"kinds", "a"}, {"kinds", "b,\"c"}, {"page", ""}, {"word", ""}},
			.pair_count = 4
    },
		SCALAR(
			"\"shop\".\"list\"(\"word\" := $1::text, \"kinds\" := $2::text[])") "||{"
																				"\"a\","
																				"\"b,"
																				"\\\"c\"}"
																				" reads",
		"several values are an array; empty ones say something of texts only");
	planned(
		(Call){
			.function = "list", .pairs = {{"page", "1"}, {"page", "2"}},
                 .pair_count = 2
    },
		"422 POST /x: page is said more than once", "one value is one");
	planned((Call){.function = "list", .pairs = {{"pag", "1"}}, .pair_count = 1},
			"422 POST /x: \"pag\" is no argument of it", "an unknown argument");
	planned((Call){.function = "send",
				   .pairs = {{"new_password", "Secret123"}},
				   .pair_count = 1},
			"422 POST /x: new_password is a secret and does not belong into a URL",
			"a secret in a URL");
	planned((Call){.function = "send", .body = "{\"how\": \"fast\"}"},
			"422 POST /x: id is missing", "a missing argument");
	planned((Call){.function = "send",
				   .pairs = {{"id", "7"}},
				   .pair_count = 1,
				   .body = "{\"parts\": [1, 2]}"},
			"SELECT pgrst_call.pgrst_scalar FROM (SELECT $1::json AS json_data) "
			"pgrst_payload, LATERAL (SELECT \"parts\" FROM "
			"json_to_record(pgrst_payload.json_data) AS _(\"parts\" integer[]) LIMIT 1) "
			"pgrst_body, LATERAL (SELECT \"shop\".\"send\"(\"id\" := $2::uuid, \"parts\" "
			":= pgrst_body.\"parts\") AS pgrst_scalar) pgrst_call|{\"parts\": [1, 2]}|7",
			"members of the body beside those of the path");
	planned((Call){.function = "send",
				   .pairs = {{"id", "7"}},
				   .pair_count = 1,
				   .body = "{\"id\": \"8\"}"},
			"422 POST /x: id is said more than once", "the body cannot change the path");
	planned(
		(Call){.function = "send",
			   .pairs = {{"id", "7"}},
			   .pair_count = 1,
			   .body_argument = "spec",
			   .body = "{\"a\": 1}"},
		SCALAR(
			"\"shop\".\"send\"(\"id\" := $1::uuid, \"spec\" := $2::jsonb)") "|7|{\"a\": "
																			"1}",
		"the whole body is an argument");
	planned((Call){.function = "send",
				   .pairs = {{"id", "7"}},
				   .pair_count = 1,
				   .body = "how=fast&parts=1",
				   .type = "application/x-www-form-urlencoded"},
			SCALAR("\"shop\".\"send\"(\"id\" := $1::uuid, \"how\" := $2::text, \"parts\" "
				   ":= $3::integer[])") "|7|fast|{\"1\"}",
			"a form");
	planned((Call){.function = "send", .body = "[{\"id\": 7}]"},
			"400 The body is no JSON object", "an array is no object");
	planned((Call){.function = "send", .body = "7"}, "400 The body is no JSON object",
			"nor is a number");
	planned((Call){.function = "send", .body = "x", .type = "text/csv"},
			"400 Content-Type not acceptable: text/csv", "CSV is not for paths");
	planned((Call){.function = "gone"},
			"404 Could not find the function shop.gone in the schema cache",
			"a function that is not there");
}

/* An error of the database about a call of send(id, how, parts) as "status code message: hint". */
static void
explained(Call call, const char *sqlstate, const char *message, const char *expected)
{
	CLEANUP(arena) Arena arena = {NULL};
	const RestInvocation asked = {.said = "POST /x",
								  .function = "send",
								  .pairs = call.pairs,
								  .pair_count = call.pair_count,
								  .body = slice(call.body != NULL ? call.body : ""),
								  .content_type = slice("")};
	RestPlan plan;
	RestError error;

	ok(rest_plan_invocation(schema, &config, &asked, &plan, &error), "it is planned");
	rest_error_of_database(&error, &arena, sqlstate, message, NULL, NULL, true);
	rest_explain_argument(&arena, plan.invoked, &error);
	is_str(arena_printf(&arena, "%d %s: %s", error.status, error.message,
						error.hint != NULL ? error.hint : "-"),
		   expected, message);
	rest_plan_free(&plan);
}

static void
test_values(void)
{
	explained((Call){.pairs = {{"id", "7"}}, .pair_count = 1}, "22P02",
			  "invalid input syntax for type uuid: \"7\"",
			  "422 POST /x: id cannot be \"7\": It is an id, like "
			  "0190b6a0-7c1e-7000-8000-000000000001.");
	explained(
		(Call){
			.pairs = {{"how", "7"}, {"id", "7"}},
              .pair_count = 2
    },
		"22P02", "invalid input syntax for type uuid: \"7\"",
		"422 POST /x: id cannot be \"7\": It is an id, like "
		"0190b6a0-7c1e-7000-8000-000000000001.");
	explained((Call){.pairs = {{"id", "7"}},
					 .pair_count = 1,
					 .body = "{\"parts\": [1, \"two\"]}"},
			  "22P02", "invalid input syntax for type integer: \"two\"",
			  "422 POST /x: parts cannot be \"two\": It is a whole number, at most "
			  "2147483647.");
	explained(
		(Call){
			.pairs = {{"id", "7"}, {"how", "2026-13-01"}},
              .pair_count = 2
    },
		"22008", "date/time field value out of range: \"2026-13-01\"",
		"422 POST /x: how cannot be \"2026-13-01\": It is a time, like "
		"2026-09-01T09:00:00Z, or a day, like 2026-09-01.");
	explained((Call){.pairs = {{"id", "7"}}, .pair_count = 1}, "22P02",
			  "invalid input syntax for type uuid: \"8\"",
			  "400 invalid input syntax for type uuid: \"8\": -");
	explained((Call){.pairs = {{"id", "7"}}, .pair_count = 1}, "22012",
			  "division by \"7\"", "400 division by \"7\": -");
}

static void
test_accepting(void)
{
	static const struct
	{
		const char *function;
		const char *accept;
		bool good;
	} cases[] = {
		{"list", "application/json",                            true },
		{"list", "*/*",										 true },
		{"list", "APPLICATION/*;q=0.1",                         true },
		{"list", "text/html, application/xml;q=0.9, */*;q=0.8", true },
		{"list", "application/json; charset=utf-8",             true },
		{"list", "application/xml",                             false},
		{"list", "text/csv",									false},
		{"list", "text/*",									  false},
		{"list", "application/json;q=0",                        false},
		{"text", "text/csv",									true },
		{"text", "text/*",									  true },
		{"text", "application/json",                            true },
		{"text", "application/xml, image/png",                  false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		const RestInvocation asked = {.said = "POST /x",
									  .function = cases[i].function,
									  .accept = slice(cases[i].accept)};
		RestPlan plan;
		RestError error;
		bool good = rest_plan_invocation(schema, &config, &asked, &plan, &error);

		ok(good == cases[i].good && (good || (error.status == 406 && error.hint != NULL)),
		   "%s as %s: %s", cases[i].function, cases[i].accept,
		   cases[i].good ? "made" : "406 with a hint");
		rest_plan_free(&plan);
	}
}

int
main(void)
{
	Error err = {0};

	routes = routes_new();
	ok(routes_add(routes, "POST", "/things/{id}/send", "send", "{}", NULL, 0) &&
		   routes_add(routes, "GET", "/things/{id}", "get", NULL, NULL, 0) &&
		   routes_add(routes, "POST", "/things/all/send", "send_all",
					  "{\"how\": \"fast\", \"n\": 3}", NULL, 0) &&
		   routes_add(routes, "DELETE", "/things/{id}", "drop", "{}", NULL, 204) &&
		   routes_add(routes, "GET", "/things", "list", "{}", NULL, 0),
	   "rows are added in any order");
	routes_sort(routes);
	schema = schema_build(document, sizeof document - 1, &err);
	ok(schema != NULL, "the schema is read");
	test_matching();
	test_rows();
	test_planning();
	test_values();
	test_accepting();
	schema_free(schema);
	routes_free(routes);
	return done_testing();
}
