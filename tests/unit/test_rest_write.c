/* sources: rest/[a-z]*.c http/head.c base/arena.c base/buffer.c base/utf8.c base/json.c base/error.c */
/* libs: libcjson -lm -DLEAP_VERSION='"0"' */

/*
 * Writes and calls: what bodies are understood, that values never become text of a statement,
 * which function a call means, and what is refused.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "rest/answer.h"
#include "rest/payload.h"
#include "rest/plan.h"
#include "tap.h"

#define FUNCTION(name, arguments, volatility, set)                                    \
	"{\"schema\":\"shop\",\"name\":\"" name "\",\"arguments\":[" arguments            \
	"],\"return_schema\":\"pg_catalog\",\"return_type\":\"int4\",\"return_set\":" set \
	",\"rows\":0,\"composite\":false,\"alias\":false,\"volatility\":\"" volatility    \
	"\",\"variadic\":false}"

static const char document[] =
	"{\"relations\":[{\"oid\":\"1\",\"schema\":\"shop\",\"name\":\"parcels\","
	"\"view\":false,\"exposed\":true,\"insertable\":true,\"updatable\":true,"
	"\"deletable\":true,\"key\":[1,2],\"columns\":["
	"[1,\"depot\",\"integer\",\"integer\",null,null,false,null,null],"
	"[2,\"number\",\"integer\",\"integer\",null,null,false,null,null],"
	"[3,\"weight\",\"numeric\",\"numeric\",\"1.5\",null,true,null,null],"
	"[4,\"no\\\"te\",\"text\",\"text\",null,null,true,null,null]]},"
	"{\"oid\":\"2\",\"schema\":\"shop\",\"name\":\"lines\",\"view\":true,"
	"\"exposed\":true,\"insertable\":false,\"updatable\":false,\"deletable\":false,"
	"\"key\":null,\"columns\":[[1,\"text\",\"text\",\"text\",null,null,true,null,null]]},"
	"{\"oid\":\"3\",\"schema\":\"shop\",\"name\":\"orders\",\"view\":true,"
	"\"exposed\":true,\"insertable\":true,\"updatable\":true,\"deletable\":true,"
	"\"triggered\":true,\"key\":[1],\"columns\":["
	"[1,\"id\",\"text\",\"text\",null,null,true,null,null]]}],"
	"\"keys\":[],\"functions\":[" FUNCTION("add", "[\"a\",\"integer\",true,false],[\"b\",\"integer\",false,false]", "i", "false") "," FUNCTION(
		"pick", "", "v",
		"false") "," FUNCTION("pick", "[\"a\",\"integer\",true,false]", "v",
							  "false") "," FUNCTION("pick", "[\"\",\"json\",true,false]",
													"v",
													"false") "," FUNCTION("same",
																		  "[\"a\","
																		  "\"integer\","
																		  "true,false]",
																		  "v",
																		  "false") "," FUNCTION("same",
																								"[\"a\",\"text\",true,false]",
																								"v",
																								"false") "," FUNCTION("sum",
																													  "[\"v\",\"integer[]\",false,true]",
																													  "s",
																													  "true") "],\"comments\":{}}";

static const char *const schemas[] = {"shop"};
static const RestConfig config = {.schemas = schemas, .schema_count = 1};
static Schema *schema;

typedef struct Case
{
	const char *method;
	const char *path;
	const char *query;
	const char *type;
	const char *body;
	const char *prefer;
	const char *code; /* NULL: it is planned */
} Case;

static Slice
slice(const char *text)
{
	return (Slice){text != NULL ? text : "", text != NULL ? strlen(text) : 0};
}

static bool
plan_case(const Case *asked, RestPlan *plan, RestError *error)
{
	RestRequest request = {
		.method = slice(asked->method),
		.path = slice(asked->path),
		.query = slice(asked->query),
		.content_type = slice(asked->type),
		.body = slice(asked->body),
		.prefer = slice(asked->prefer),
	};

	return rest_plan(schema, &config, &request, plan, error);
}

#define STRICT "handling=strict, max-affected=1"
#define FORM   "application/x-www-form-urlencoded"

static void
understood(void)
{
	static const Case cases[] = {
		{"POST",    "/parcels",     NULL,                             NULL,         "{\"depot\":1}",                            NULL,                          NULL      },
		{"POST",    "/parcels",     NULL,                             NULL,         "[{\"depot\":1},{\"depot\":2}]",            NULL,                          NULL      },
		{"POST",    "/parcels",     NULL,                             NULL,         " [] ",                                     NULL,                          NULL      },
		{"POST",    "/parcels",     NULL,                             NULL,         "[{},{}]",                                  NULL,                          NULL      },
		{"POST",    "/parcels",     NULL,                             NULL,         "{\"\\u0064epot\":1}",                      NULL,                          NULL      },
		{"POST",    "/parcels",     NULL,                             FORM,         "depot=1&number=2",                         NULL,                          NULL      },
		{"POST",    "/parcels",     NULL,                             "text/csv",   "depot,number\n1,NULL\r\n\"2\",3",          NULL,
		 NULL																																							},
		{"POST",    "/parcels",     "columns=depot",                  NULL,         "{\"depot\":1,\"x\":2}",                    NULL,                          NULL      },
		{"POST",    "/parcels",     NULL,                             NULL,         NULL,                                       NULL,                          "PGRST102"},
		{"POST",    "/parcels",     NULL,                             NULL,         "{\"depot\":01}",                           NULL,                          "PGRST102"},
		{"POST",    "/parcels",     NULL,                             NULL,         "{\"depot\":1}x",                           NULL,                          "PGRST102"},
		{"POST",    "/parcels",     NULL,                             NULL,         "{\"depot\":\"\\x\"}",                      NULL,                          "PGRST102"},
		{"POST",    "/parcels",     NULL,                             NULL,         "{\"depot\":1,}",                           NULL,                          "PGRST102"},
		{"POST",    "/parcels",     NULL,                             NULL,         "[{\"depot\":1},{\"number\":2}]",           NULL,
		 "PGRST102"																																					  },
		{"POST",    "/parcels",     NULL,                             NULL,         "[{\"depot\":1},{}]",                       NULL,                          "PGRST102"},
		{"POST",    "/parcels",     NULL,                             NULL,         "[{\"depot\":1},7]",                        NULL,                          "PGRST102"},
		{"POST",    "/parcels",     NULL,                             "text/csv",   "depot,number\n1",                          NULL,                          "PGRST102"},
		{"POST",    "/parcels",     NULL,                             "text/plain", "1",                                        NULL,                          "PGRST102"},
		{"POST",    "/parcels",     NULL,                             "image/png",  "1",                                        NULL,                          "PGRST102"},
		{"POST",    "/parcels",     NULL,                             NULL,         "{\"colour\":1}",                           NULL,                          "PGRST204"},
		{"POST",    "/parcels",     "columns=colour",                 NULL,         "{}",                                       NULL,                          "PGRST204"},
		{"POST",    "/parcels",     NULL,                             NULL,         "{\"depot\":1}",                            STRICT ", x",                  "PGRST122"},
		{"PUT",     "/parcels",     "depot=eq.1&number=eq.2",         NULL,         "{\"depot\":1}",                            NULL,                          NULL      },
		{"PUT",     "/parcels",     "depot=eq.1",                     NULL,         "{\"depot\":1}",                            NULL,                          "PGRST105"},
		{"PUT",     "/parcels",     "depot=eq.1&depot=eq.2",          NULL,         "{}",                                       NULL,                          "PGRST105"},
		{"PUT",     "/parcels",     "depot=eq.1&number=gt.2",         NULL,         "{}",                                       NULL,                          "PGRST105"},
		{"PUT",     "/parcels",     "depot=eq.1&number=eq.2&limit=1", NULL,         "{}",                                       NULL,
		 "PGRST114"																																					  },
		{"PUT",     "/lines",       "text=eq.a",                      NULL,         "{}",                                       NULL,                          "PGRST105"},
		{"GET",     "/rpc/add",     "a=1",                            NULL,         NULL,                                       NULL,                          NULL      },
		{"GET",     "/rpc/add",     "b=1",                            NULL,         NULL,                                       NULL,                          "PGRST202"},
		{"GET",     "/rpc/add",     "a=1&c=2",                        NULL,         NULL,                                       NULL,                          "PGRST202"},
		{"POST",    "/rpc/add",     NULL,                             NULL,         "{\"a\":1,\"b\":2}",                        NULL,                          NULL      },
		{"POST",    "/rpc/add",     NULL,                             FORM,         "a=1&b=2",                                  NULL,                          NULL      },
		{"POST",    "/rpc/add",     NULL,                             NULL,         "{\"a\":1}",                                STRICT,                        "PGRST128"},
		{"POST",    "/rpc/sum",     NULL,                             NULL,         "{}",                                       STRICT,                        NULL      },
		{"POST",    "/rpc/pick",    NULL,                             NULL,         NULL,                                       NULL,                          NULL      },
		{"POST",    "/rpc/pick",    NULL,                             NULL,         "{\"x\":[1]}",                              NULL,                          NULL      },
		{"GET",     "/rpc/pick",    "x=1",                            NULL,         NULL,                                       NULL,                          "PGRST202"},
		{"POST",    "/rpc/pick",    NULL,                             "text/plain", "words",                                    NULL,                          "PGRST202"},
		{"POST",    "/rpc/same",    NULL,                             NULL,         "{\"a\":1}",                                NULL,                          "PGRST203"},
		{"DELETE",  "/rpc/add",     NULL,                             NULL,         NULL,                                       NULL,                          "PGRST101"},
		{"PATCH",   "/parcels",     "depot=eq.1&limit=1",             NULL,         "{\"number\":2}",                           NULL,
		 "PGRST127"																																					  },
		{"DELETE",  "/parcels",     "limit=1&order=depot",            NULL,         NULL,                                       NULL,                          "PGRST127"},
		{"DELETE",  "/parcels",     "offset=1",                       NULL,         NULL,                                       NULL,                          "PGRST127"},
		{"DELETE",  "/parcels",     "limit=",                         NULL,         NULL,                                       NULL,                          "PGRST127"},
		{"DELETE",  "/parcels",     "depot=eq.1&order=depot",         NULL,         NULL,                                       NULL,                          NULL      },
		{"DELETE",  "/parcels",     "depot",                          NULL,         NULL,                                       NULL,                          "PGRST100"},
		{"PATCH",   "/parcels",     "depot=eq.1&number",              NULL,         "{\"number\":2}",                           NULL,
		 "PGRST100"																																					  },
		{"GET",     "/parcels",     "depot",                          NULL,         NULL,                                       NULL,                          NULL      },
		{"GET",     "/parcels",     "limit=abc",                      NULL,         NULL,                                       NULL,                          "PGRST100"},
		{"GET",     "/parcels",     "limit=1x",                       NULL,         NULL,                                       NULL,                          "PGRST100"},
		{"GET",     "/parcels",     "offset=99999999999999999999",    NULL,         NULL,                                       NULL,                          "PGRST100"},
		{"GET",     "/parcels",     "limit=&offset=-4",               NULL,         NULL,                                       NULL,                          NULL      },
		{"PUT",     "/orders",      "id=eq.a",                        NULL,         "{\"id\":\"a\"}",                           NULL,                          "PGRST127"},
		{"POST",    "/orders",      NULL,                             NULL,         "{\"id\":\"a\"}",                           "resolution=merge-duplicates",
		 "PGRST127"																																					  },
		{"POST",    "/orders",      NULL,                             NULL,         "{\"id\":\"a\"}",                           NULL,                          NULL      },
		{"POST",    "/parcels",     NULL,                             NULL,         "{\"depot\":\"\\u0000\"}",                  NULL,                          "PGRST102"},
		{"POST",    "/parcels",     NULL,                             NULL,         "{\"depot\":\"\\ud83d\"}",                  NULL,                          "PGRST102"},
		{"POST",    "/parcels",     NULL,                             NULL,         "{\"depot\":\"\\ude00\\ud83d\"}",           NULL,
		 "PGRST102"																																					  },
		{"POST",    "/parcels",     NULL,                             NULL,         "{\"depot\":{\"\\u0000\":1}}",              NULL,                          "PGRST102"},
		{"POST",    "/parcels",     NULL,                             NULL,         "{\"depot\":\"\\ud83d\\ude00 \\\\u0000\"}", NULL,
		 NULL																																							},
		{"POST",    "/parcels",     "columns=depot",                  NULL,         "{\"depot\":\"\\u0000\"}",                  NULL,
		 "PGRST102"																																					  },
		{"POST",    "/rpc/add",     "columns=a",                      NULL,         "{\"a\":1",                                 NULL,                          "PGRST102"},
		{"OPTIONS", "/rpc/nothing", NULL,                             NULL,         NULL,                                       NULL,                          "PGRST202"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		RestPlan plan;
		RestError error;
		bool planned = plan_case(&cases[i], &plan, &error);

		if (!ok(planned == (cases[i].code == NULL) &&
					(planned || strcmp(error.code, cases[i].code) == 0),
				"%s %s, case %zu", cases[i].method, cases[i].path, i))
			printf("#      got: %s\n", planned ? plan.sql.text.data : error.message);
		rest_plan_free(&plan);
	}
}

/* The text of a statement follows from the shape of the request, so that it can be prepared. */
static void
shapes(void)
{
	static const Case pairs[][2] = {
		{{"POST", "/parcels", NULL, NULL, "{\"depot\":1,\"number\":2}", NULL, NULL},
		 {"POST", "/parcels", NULL, NULL, "{\"number\":\"');\",\"depot\":3}", NULL,
		  NULL}															},
		{{"PATCH", "/parcels", "depot=eq.1", NULL, "{\"number\":2}", NULL, NULL},
		 {"PATCH", "/parcels", "depot=eq.1'--", NULL, "{\"number\":\"\\\"\"}", NULL,
		  NULL}															},
		{{"DELETE", "/parcels", "depot=in.(1,2)", NULL, NULL, NULL, NULL},
		 {"DELETE", "/parcels", "depot=in.(7,8,9)", NULL, NULL, NULL, NULL}},
		{{"GET", "/rpc/add", "a=1&b=2", NULL, NULL, NULL, NULL},
		 {"GET", "/rpc/add", "b=x'::text&a=%22", NULL, NULL, NULL, NULL}   },
		{{"GET", "/rpc/sum", "v=1", NULL, NULL, NULL, NULL},
		 {"GET", "/rpc/sum", "v=1&v=%22}&v=3", NULL, NULL, NULL, NULL}     },
	};

	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
	{
		RestPlan one, two;
		RestError error;
		bool planned =
			plan_case(&pairs[i][0], &one, &error) & plan_case(&pairs[i][1], &two, &error);

		ok(planned, "both are planned");
		is_str(one.sql.text.data, two.sql.text.data, "with the same text");
		ok(one.sql.value_count == two.sql.value_count && one.sql.value_count > 0,
		   "values are parameters");
		rest_plan_free(&one);
		rest_plan_free(&two);
	}
}

static void
parts(void)
{
	static const Case quoted = {"POST", "/parcels", NULL, NULL, "{\"no\\\"te\":1}",
								NULL,   NULL};
	static const Case array = {"GET", "/rpc/sum", "v=a&v=%22%5C", NULL, NULL, NULL, NULL};
	static const Case csv = {
		"POST", "/parcels", NULL, "text/csv", "depot,weight\n\"1,\"\"\",NULL\n",
		NULL,   NULL};
	static const Case read = {"POST", "/rpc/sum", NULL, NULL, "{}", NULL, NULL};
	RestPlan plan;
	RestError error;

	ok(plan_case(&quoted, &plan, &error), "a column whose name has a quote");
	ok(strstr(plan.sql.text.data, "\"no\"\"te\"") != NULL, "is quoted");
	rest_plan_free(&plan);
	ok(plan_case(&array, &plan, &error), "a variadic argument");
	is_str(plan.sql.values[0], "{\"a\",\"\\\"\\\\\"}", "is an array of what was said");
	rest_plan_free(&plan);
	ok(plan_case(&csv, &plan, &error), "CSV");
	is_str(plan.sql.values[0], "[{\"depot\":\"1,\\\"\",\"weight\":null}]",
		   "becomes JSON");
	rest_plan_free(&plan);
	ok(plan_case(&read, &plan, &error) && plan.read_only,
	   "a function that promises not to write is called in a transaction that cannot");
	rest_plan_free(&plan);
}

/* The row counts that undo a write. */
static void
undone(void)
{
	static const struct
	{
		Case asked;
		const char *rows;
		int status;
	} cases[] = {
		{{"DELETE", "/parcels", NULL, NULL, NULL, STRICT, NULL},                           "2", 400},
		{{"DELETE", "/parcels", NULL, NULL, NULL, STRICT, NULL},                           "1", 204},
		{{"DELETE", "/parcels", NULL, NULL, NULL, "max-affected=1", NULL},                 "2", 204},
		{{"PUT", "/parcels", "depot=eq.1&number=eq.2", NULL, "{\"depot\":1}", NULL, NULL},
		 "0",																				   400},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		RestResult result = {.columns[REST_PAGE] = slice(cases[i].rows)};
		RestPlan plan;
		RestError error;
		RestAnswer answer;
		bool undo;

		ok(plan_case(&cases[i].asked, &plan, &error), "it is planned");
		rest_answer(&plan, &result, &answer, &undo);
		is_int(answer.status, cases[i].status, "the status follows from the rows");
		ok(undo == (cases[i].status >= 400), "and so does what becomes of them");
		ok(!undo || plan.checked, "which the plan has said before");
		rest_answer_free(&answer);
		rest_plan_free(&plan);
	}
}

static void
allowed(void)
{
	static const struct
	{
		const char *path;
		const char *line;
	} cases[] = {
		{"/parcels",  "Allow: OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE\r\n"},
		{"/orders",   "Allow: OPTIONS,GET,HEAD,POST,PATCH,DELETE\r\n"    },
		{"/lines",    "Allow: OPTIONS,GET,HEAD\r\n"                      },
		{"/rpc/add",  "Allow: OPTIONS,GET,HEAD,POST\r\n"                 },
		{"/rpc/same", "Allow: OPTIONS,POST\r\n"                          },
		{"/",         "Allow: OPTIONS,GET,HEAD\r\n"                      },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		Case asked = {.method = "OPTIONS", .path = cases[i].path};
		RestPlan plan;
		RestError error;
		RestAnswer answer;
		bool undo;

		ok(plan_case(&asked, &plan, &error), "OPTIONS %s", cases[i].path);
		rest_answer(&plan, NULL, &answer, &undo);
		if (!ok(strstr(answer.fields.data, cases[i].line) != NULL,
				"tells what can be done"))
			printf("#      got: %s\n", answer.fields.data);
		rest_answer_free(&answer);
		rest_plan_free(&plan);
	}
}

/* Brackets without end, texts cut anywhere: an answer, and nothing beyond the body is read. */
static void
hostile(void)
{
	static const char whole[] =
		"[{\"depot\":-1.5e+3,\"no\\\"te\":[true,null,{\"a\":\"\\ud83d\\ude00\"}]}]";
	CLEANUP(arena) Arena arena = {NULL};
	CLEANUP(free) char *deep = malloc(100001);
	RestError error;
	Payload payload = {0};
	bool refused = true;

	memset(deep, '[', 100000);
	deep[100000] = '\0';
	ok(!payload_scan(&arena, slice(deep), &payload, &error),
	   "a hundred thousand brackets");
	for (size_t length = 0; length < strlen(whole); length++)
	{
		CLEANUP(free) char *cut = malloc(length + 1);

		memcpy(cut, whole, length);
		payload = (Payload){0};
		refused &= !payload_scan(&arena, (Slice){cut, length}, &payload, &error);
	}
	ok(refused, "a document that is not whole is refused wherever it ends");
	payload = (Payload){0};
	ok(payload_scan(&arena, slice(whole), &payload, &error), "the whole one is not");
	is_int((long long) payload.name_count, 2, "it has two names");
}

/* What functions say of the answer is checked in the transaction, and known when it is bad. */
static void
said(void)
{
	Case call = {.method = "POST", .path = "/rpc/pick", .body = "{}"};
	CLEANUP(arena) Arena arena = {NULL};
	RestPlan plan;
	RestError error;

	ok(plan_case(&call, &plan, &error), "a call that may write");
	ok(strstr(plan.sql.text.data, "current_setting('" REST_BAD_HEADERS "')") != NULL &&
		   strstr(plan.sql.text.data, "current_setting('" REST_BAD_STATUS "')") != NULL,
	   "  checks response.headers and response.status itself");
	rest_plan_free(&plan);
	rest_error_of_database(&error, &arena, "42704",
						   "unrecognized configuration parameter \"" REST_BAD_HEADERS
						   "\"",
						   NULL, NULL, true);
	is_str(error.code, "PGRST111", "its error is known");
	is_int(error.status, 500, "  as a mistake of the server");
}

/* A filter that was forgotten is not all rows. */
static void
unfiltered(void)
{
	static const RestConfig careful = {
		.schemas = schemas, .schema_count = 1, .filtered = true};
	static const struct
	{
		const char *method;
		const char *query;
		bool planned;
	} cases[] = {
		{"DELETE", "",						   false},
		{"DELETE", "select=depot",               false},
		{"DELETE", "depot=not.is.null",          true },
		{"PATCH",  "",						   false},
		{"PATCH",  "columns=number",             false},
		{"PATCH",  "or=(depot.eq.1,depot.eq.2)", true },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		RestRequest request = {.method = slice(cases[i].method),
							   .path = slice("/parcels"),
							   .query = slice(cases[i].query),
							   .body = slice("{\"number\":1}")};
		RestPlan plan;
		RestError error;
		bool planned = rest_plan(schema, &careful, &request, &plan, &error);

		ok(planned == cases[i].planned &&
			   (planned || (error.status == 400 && strcmp(error.code, "21000") == 0)),
		   "%s ?%s is %s", cases[i].method, cases[i].query,
		   cases[i].planned ? "planned" : "refused");
		rest_plan_free(&plan);
	}
}

int
main(void)
{
	Error err = {0};

	schema = schema_build(document, strlen(document), &err);
	if (!ok(schema != NULL, "the cache is built"))
		return done_testing();
	understood();
	shapes();
	parts();
	undone();
	unfiltered();
	allowed();
	hostile();
	said();
	schema_free(schema);
	return done_testing();
}
