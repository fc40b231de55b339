/* sources: rest/[a-z]*.c http/head.c base/arena.c base/buffer.c base/utf8.c base/json.c base/error.c ../extension/errcodes.c */
/* libs: libcjson -lm -DLEAP_VERSION='"0"' */

/*
 * Reads of the REST protocol: what SQL a URL becomes, and which ones are refused.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "rest/answer.h"
#include "rest/plan.h"
#include "rest_library.h"
#include "tap.h"

static const char *const spaces[] = {"library"};
static RestConfig config = {.schemas = spaces, .schema_count = 1};
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

/* The parameters, joined by "|". */
static char *
joined(const SqlText *sql, Arena *arena)
{
	char *text = arena_text(arena, "");

	for (size_t i = 0; i < sql->value_count; i++)
		text = arena_printf(arena, "%s%s%s", text, i > 0 ? "|" : "", sql->values[i]);
	return text;
}

/* The first member of the WITH list of the statement. */
static char *
source_of(const RestPlan *plan, Arena *arena)
{
	static const char head[] = "WITH pgrst_source AS (";
	const char *start = plan->sql.text.data;
	const char *end = strstr(start, ") SELECT ");

	if (strncmp(start, head, sizeof head - 1) != 0 || end == NULL)
		return NULL;
	start += sizeof head - 1;
	return arena_copy(arena, start, (size_t) (end - start));
}

static void
statements(void)
{
	static const struct
	{
		const char *path;
		const char *query;
		const char *sql;
		const char *values;
	} cases[] = {
#include "rest_statements.h"
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		CLEANUP(arena) Arena arena = {NULL};
		RestPlan plan;
		RestError error;
		bool planned = plan_url(cases[i].path, cases[i].query,
								(RestRequest){.method = {0}}, &plan, &error);

		ok(planned, "%s?%s is planned", cases[i].path, cases[i].query);
		if (planned)
		{
			is_str(source_of(&plan, &arena), cases[i].sql, cases[i].query);
			is_str(joined(&plan.sql, &arena), cases[i].values, "  with these values");
		}
		else
			printf("# %s %s\n", error.message, error.details);
		rest_plan_free(&plan);
	}
}

static void
refusals(void)
{
	static const struct
	{
		const char *path;
		const char *query;
		int status;
		const char *code;
		const char *message;
	} cases[] = {
		{"/nothing",    "",										404, "PGRST205",
		 "Could not find the table 'library.nothing' in the schema cache"                                                  },
		{"/secrets",    "",										404, "PGRST205",
		 "Could not find the table 'library.secrets' in the schema cache"                                                  },
		{"/books/7",    "",										404, "PGRST125", "Invalid path specified in request URL"},
		{"/books",      "id=eq.7%008",                             400, "PGRST100", "A URL cannot hold a zero byte (%00)"  },
		{"/books%00",   "",										400, "PGRST100", "A URL cannot hold a zero byte (%00)"  },
		{"/books",      "select=title::RegClass",                  400, "PGRST100",
		 "A cast to RegClass is not allowed"																			   },
		{"/books",      "select=title::_regrole",                  400, "PGRST100",
		 "A cast to _regrole is not allowed"																			   },
		{"/books",      "id=7",									400, "PGRST100",
		 "\"failed to parse filter (7)\" (line 1, column 1)"															   },
		{"/books",      "id=is.nothing",                           400, "PGRST100",
		 "\"failed to parse filter (is.nothing)\" (line 1, column 7)"                                                      },
		{"/books",      "id=in.1,2",                               400, "PGRST100",
		 "\"failed to parse filter (in.1,2)\" (line 1, column 4)"                                                          },
		{"/books",      "or=()",								   400, "PGRST100",
		 "\"failed to parse logic tree (())\" (line 1, column 4)"                                                          },
		{"/books",      "order=id.up",                             400, "PGRST100",
		 "\"failed to parse order (id.up)\" (line 1, column 4)"                                                            },
		{"/books",      "select=about->>--1",                      400, "PGRST100",
		 "\"failed to parse select parameter (about->>--1)\" (line 1, column 10)"                                          },
		{"/books",      "select=id,authors(name)",                 300, "PGRST201",
		 "Could not embed because more than one relationship was found for 'books' and "
		 "'authors'"																									   },
		{"/authors",    "select=id,shelves(id)",                   400, "PGRST200",
		 "Could not find a relationship between 'authors' and 'shelves' in the schema "
		 "cache"																										   },
		{"/books",      "select=id,secrets(id)",                   400, "PGRST200",
		 "Could not find a relationship between 'books' and 'secrets' in the schema "
		 "cache"																										   },
		{"/authors",    "select=id,recent!nope(title)",            400, "PGRST200",
		 "Could not find a relationship between 'authors' and 'recent' in the schema "
		 "cache"																										   },
		{"/books",      "reviews.stars=eq.5",                      400, "PGRST108",
		 "'reviews' is not an embedded resource in this request"                                                           },
		{"/books",      "select=id,reviews(id)&order=reviews(id)", 400, "PGRST118",
		 "A related order on 'reviews' is not possible"																	},
		{"/books",      "select=id.sum()",                         400, "PGRST123",
		 "Use of aggregate functions is not allowed"																	   },
		{"/rpc/recent", "",										404, "PGRST202",
		 "Could not find the function library.recent without parameters in the schema "
		 "cache"																										   },
		{"/books",      "limit=-1",								416, "PGRST103", "Requested range not satisfiable"      },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		RestPlan plan;
		RestError error;
		bool planned = plan_url(cases[i].path, cases[i].query,
								(RestRequest){.method = {0}}, &plan, &error);

		if (ok(!planned, "%s?%s is refused", cases[i].path, cases[i].query))
		{
			is_int(error.status, cases[i].status, "  with this status");
			is_str(error.code, cases[i].code, "  and code");
			is_str(error.message, cases[i].message, "  and message");
		}
		rest_plan_free(&plan);
	}
}

/* The answer to a page of 2 rows of 5, from the third on. */
static void
pages(void)
{
	static const struct
	{
		const char *range;
		const char *prefer;
		const char *page;
		const char *total;
		int status;
		const char *field;
	} cases[] = {
		{"2-3", "",            "2", NULL, 200, "Content-Range: 2-3/*\r\n"},
		{"2-3", "count=exact", "2", "5",  206, "Content-Range: 2-3/5\r\n"},
		{"0-4", "count=exact", "5", "5",  200, "Content-Range: 0-4/5\r\n"},
		{"9-",  "count=exact", "0", "5",  416, "Content-Range: */5\r\n"  },
		{"9-",  "",            "0", NULL, 200, "Content-Range: */*\r\n"  },
		{"x",   "",            "5", NULL, 200, "Content-Range: 0-4/*\r\n"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		RestRequest request = {.range = slice(cases[i].range),
							   .prefer = slice(cases[i].prefer)};
		RestResult result = {
			.columns = {[REST_PAGE] = slice(cases[i].page), [REST_BODY] = slice("[]")}
        };
		RestPlan plan;
		RestError error;
		RestAnswer answer;
		bool undo;

		if (cases[i].total != NULL)
			result.columns[REST_TOTAL] = slice(cases[i].total);
		ok(plan_url("/books", "order=id&id=gt.0", request, &plan, &error),
		   "Range: %s, %s", cases[i].range, cases[i].prefer);
		rest_answer(&plan, &result, &answer, &undo);
		is_int(answer.status, cases[i].status, "  has this status");
		ok(strstr(answer.fields.data, cases[i].field) != NULL, "  tells %.*s",
		   (int) strlen(cases[i].field) - 2, cases[i].field);
		ok(strstr(answer.fields.data, "Content-Location: /books?id=gt.0&order=id\r\n") !=
			   NULL,
		   "  tells where it is from");
		rest_answer_free(&answer);
		rest_plan_free(&plan);
	}
}

int
main(void)
{
	Error err = {0};

	schema = schema_build(rest_library, strlen(rest_library), &err);
	if (!ok(schema != NULL, "the schema is built %s", err.message))
		return done_testing();
	statements();
	refusals();
	pages();
	ok(schema_build("{\"relations\":[]}", 16, &err) == NULL, "half a schema is none");
	schema_free(schema);
	return done_testing();
}
