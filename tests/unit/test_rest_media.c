/* sources: rest/[a-z]*.c http/head.c base/arena.c base/buffer.c base/utf8.c base/json.c base/error.c */
/* libs: libcjson -lm -DLEAP_VERSION='"0"' */

/*
 * Media types: which one an answer gets, what makes it, and bytes as they are sent.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "rest/answer.h"
#include "rest/media.h"
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
plan_url(const char *path, const char *query, const char *accept, RestPlan *plan,
		 RestError *error)
{
	RestRequest request = {.method = slice("GET"),
						   .path = slice(path),
						   .query = slice(query),
						   .accept = slice(accept)};

	return rest_plan(schema, &config, &request, plan, error);
}

static void
types(void)
{
	static const struct
	{
		const char *path;
		const char *query;
		const char *accept;
		const char *type; /* NULL: 406 */
		const char *sql;  /* that is part of the statement */
	} cases[] = {
		{"/books",     "",          "",								"application/json; charset=utf-8", "json_agg(_postgrest_t)"},
		{"/books",     "",          "text/html;q=0.9, text/csv;q=0.5", "text/csv; charset=utf-8",
		 "E'\\n'"																												 },
		{"/books",     "",          "text/html, */*;q=0.1",            "application/json; charset=utf-8",
		 "json_agg(_postgrest_t)"																								 },
		{"/books",     "",          "text/html",                       NULL,                              NULL                    },
		{"/books",     "",          "application/marc",                "application/marc",
		 "encode((\"library\".\"to_marc\"(_postgrest_t::\"library\".\"books\"))::bytea, "
		 "'hex')"																												 },
		{"/books",     "select=id", "application/marc",                NULL,                              NULL                    },
		{"/authors",   "",          "application/marc",                NULL,                              NULL                    },
		{"/authors",   "select=id", "text/plain",                      "text/plain; charset=utf-8",
		 "(\"library\".\"to_lines\"(_postgrest_t))::text"																		 },
		{"/rpc/cover", "",          "",								"image/png",
		 "encode(((array_agg(_postgrest_t.pgrst_scalar))[1])::bytea, 'hex')"                                                      },
		{"/rpc/cover", "",          "image/png",                       "image/png",                       "'hex')"                },
		{"/rpc/cover", "",          "application/json",                "application/json; charset=utf-8",
		 "json_agg(_postgrest_t.pgrst_scalar)"																					},
		{"/rpc/cover", "",          "text/plain",                      NULL,                              NULL                    },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		RestPlan plan;
		RestError error;
		bool planned =
			plan_url(cases[i].path, cases[i].query, cases[i].accept, &plan, &error);

		ok(planned == (cases[i].type != NULL), "%s?%s as \"%s\"", cases[i].path,
		   cases[i].query, cases[i].accept);
		if (planned)
		{
			is_str(media_type(&plan), cases[i].type, "  is of this type");
			ok(strstr(plan.sql.text.data, cases[i].sql) != NULL, "  made by %s",
			   cases[i].sql);
		}
		else
			is_str(error.code, "PGRST107", "  cannot be had");
		rest_plan_free(&plan);
	}
}

/* An error tells a plan as it was asked for. */
static void
plans(void)
{
	RestPlan plan;
	RestError error;

	ok(!plan_url("/books", "", "application/vnd.pgrst.plan+json; for=\"text/csv\"", &plan,
				 &error),
	   "plans are not told");
	is_str(error.message,
		   "None of these media types are available: "
		   "application/vnd.pgrst.plan+json; for=\"text/csv\"",
		   "  of whatever answer");
	rest_plan_free(&plan);
}

static void
bytes(void)
{
	RestResult result = {
		.columns = {[REST_PAGE] = slice("1"), [REST_BODY] = slice("00ff0a7b")}
    };
	RestPlan plan;
	RestError error;
	RestAnswer answer;
	bool undo;

	ok(plan_url("/rpc/cover", "", "", &plan, &error), "a picture");
	rest_answer(&plan, &result, &answer, &undo);
	ok(answer.body.length == 4 && memcmp(answer.body.at, "\0\xff\n{", 4) == 0,
	   "  is sent as its bytes");
	ok(strstr(answer.fields.data, "Content-Type: image/png\r\n") != NULL,
	   "  under its type");
	rest_answer_free(&answer);
	rest_plan_free(&plan);
}

int
main(void)
{
	Error err = {0};

	schema = schema_build(rest_library, strlen(rest_library), &err);
	if (!ok(schema != NULL, "the schema is built %s", err.message))
		return done_testing();
	types();
	plans();
	bytes();
	schema_free(schema);
	return done_testing();
}
