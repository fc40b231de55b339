/* sources: rest/error.c rest/error_raise.c rest/field.c rest/nearest.c rest/prefer.c base/arena.c base/buffer.c base/utf8.c base/json.c base/error.c ../extension/errcodes.c */
/* libs: libcjson -lm */

/*
 * What clients are told: statuses of codes, errors that SQL raises, fields that SQL sets,
 * suggestions, and the Prefer field.
 */
#include <stdlib.h>

#include "../../extension/errcodes.h"
#include "base/cleanup.h"
#include "rest/error.h"
#include "rest/field.h"
#include "rest/prefer.h"
#include "tap.h"

static Arena arena;

static Slice
slice(const char *text)
{
	return (Slice){text, strlen(text)};
}

static void
statuses(void)
{
	static const struct
	{
		const char *sqlstate;
		const char *message;
		bool known;
		int status;
	} cases[] = {
		{"23505", "duplicate key",                            false, 409},
		{"23502", "null value",                               false, 400},
		{"42501", "permission denied",                        false, 401},
		{"42501", "permission denied",                        true,  403},
		{"21000", "UPDATE requires a WHERE clause",           true,  400},
		{"21000", "more than one row",                        true,  500},
		{"22023", "role \"nobody\" does not exist",           false, 401},
		{"22023", "invalid value for parameter \"TimeZone\"", false, 400},
		{"42883", "function xmlagg(integer) does not exist",  false, 406},
		{"42883", "function f() does not exist",              false, 404},
		{"57P01", "terminating",                              false, 503},
		{"57014", "canceling statement",                      false, 500},
		{"P0001", "raised",								   false, 400},
		{"P0004", "assertion",								false, 500},
		{"PT418", "a teapot",								 false, 418},
		{"PT4XX", "no number",								false, 500},
		{"PT100", "not a status of an answer",                false, 500},
		{"ZZ000", "unknown",								  false, 400},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is_int(rest_sqlstate_status(cases[i].sqlstate, cases[i].message, cases[i].known),
			   cases[i].status, cases[i].message);
	for (int i = 0; i < error_code_count; i++)
		is_int(rest_sqlstate_status(error_codes[i].sqlstate, "", true),
			   error_codes[i].http_status, error_codes[i].name);
	is_int(rest_code_status("PGRST205"), 404, "a code of this program");
	is_int(rest_code_status("PGRST999"), 500, "an unknown one");
}

static void
raised(void)
{
	static const struct
	{
		const char *message;
		const char *details;
		int status;
		const char *code;
		const char *fields;
	} cases[] = {
		{"{\"code\":\"X1\",\"message\":\"full\"}",
		 "{\"status\":418,\"headers\":{\"X-Room\":\"12\"}}",                          418, "X1",       "X-Room: 12\r\n"},
		{"{\"code\":\"X1\",\"message\":\"full\"}", "{\"status\":404,\"headers\":{}}", 404,
		 "X1",																						 NULL            },
		{"full",								   "{\"status\":418,\"headers\":{}}", 500, "PGRST121", NULL            },
		{"{\"code\":\"X1\",\"message\":\"full\"}", NULL,                              500, "PGRST121", NULL            },
		{"{\"code\":\"X1\",\"message\":\"full\"}", "{\"status\":418}",                500, "PGRST121",
		 NULL																										  },
		{"{\"code\":\"X1\",\"message\":\"full\"}",
		 "{\"status\":418,\"headers\":{\"X\":\"a\\r\\nY: b\"}}",                      500, "PGRST121", NULL            },
	};
	RestError error;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		rest_error_of_database(&error, &arena, "PGRST", cases[i].message,
							   cases[i].details, NULL, false);
		is_int(error.status, cases[i].status, "status of RAISE SQLSTATE 'PGRST'");
		is_str(error.code, cases[i].code, "its code");
		is_str(error.fields, cases[i].fields, "its fields");
	}
	rest_error_of_database(&error, &arena, "PT402", "Pay\nfirst", NULL, "hint", false);
	ok(error.reason == NULL, "no reason phrase of two lines");
}

static void
documents(void)
{
	CLEANUP(buffer) Buffer body;
	RestError error;

	buffer_init(&body);
	ok(!rest_error(&error, &arena, "PGRST102", NULL, "a \"hint\"\n", "bad \xff %d", 7),
	   "an error is false");
	rest_error_body(&error, &body);
	is_str(body.data,
		   "{\"code\":\"PGRST102\",\"details\":null,\"hint\":\"a \\\"hint\\\"\\n\","
		   "\"message\":\"bad \xEF\xBF\xBD 7\"}",
		   "quoted, and UTF-8 whatever was said");
}

static void
fields(void)
{
	static const struct
	{
		const char *name;
		const char *value;
	} wrong[] = {
		{"A B",            "c"        },
        {"",               "c"        },
        {"A",              "b\nC: d"  },
		{"A",			  "b\tc\r\nD"},
        {"A:",             "b"        },
        {"Content-Length", "3"        },
		{"A",			  "b\x7f"    },
        {"upgrade",        "h"        },
	};

	ok(field_allowed("X-Room", "12; a\tb"), "a field that can be sent");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		ok(!field_allowed(wrong[i].name, wrong[i].value), "refused: %zu", i);
}

static void
suggestions(void)
{
	static const char *const words[] = {"lessons", "recordings", "(first, last)"};

	is_str(rest_nearest("lesson", words, 3), "lessons", "a letter is missing");
	is_str(rest_nearest("(first)", words, 3), "(first, last)", "an argument is missing");
	is_str(rest_nearest("zebra", words, 3), NULL, "nothing in common");
	is_str(rest_nearest("", words, 3), NULL, "no word");
	is_str(rest_nearest_from("lessxxx", words, 3, 0.75), NULL, "too little in common");
}

static void
preferences(void)
{
	CLEANUP(buffer) Buffer applied;
	Prefer prefer;
	RestError error;

	buffer_init(&applied);
	prefer_read(
		&arena,
		slice("return=minimal, count=exact,return=representation ,tx=rollback, "
			  "max-affected=5, timezone=Asia/Omsk, handling=strict, missing=default"),
		true, &prefer);
	is_int(prefer.returns, RETURN_MINIMAL, "the first one counts");
	is_int(prefer.max_affected, 5, "a number");
	ok(prefer_check(&prefer, &arena, &error), "all are known");
	prefer_applied(&prefer, &applied);
	is_str(applied.data,
		   "Preference-Applied: missing=default, return=minimal, count=exact, "
		   "tx=rollback, handling=strict, timezone=Asia/Omsk, max-affected=5\r\n",
		   "told in a fixed order");

	prefer_read(&arena, slice("tx=commit, handling=strict, foo, max-affected=-3, bar"),
				false, &prefer);
	is_int(prefer.end, END_UNSAID, "the end of the transaction is not the client's");
	is_int(prefer.max_affected, -1, "no number of rows");
	ok(!prefer_check(&prefer, &arena, &error), "handling=strict complains");
	is_str(error.details, "Invalid preferences: foo, bar", "about what nobody knows");

	buffer_clear(&applied);
	prefer_read(&arena, slice("handling=lenient, foo"), true, &prefer);
	ok(prefer_check(&prefer, &arena, &error), "handling=lenient does not");
	prefer_read(&arena, slice("foo, max-affected=3"), true, &prefer);
	prefer_applied(&prefer, &applied);
	is_str(applied.data, "", "what was not applied is not told");
}

int
main(void)
{
	statuses();
	raised();
	documents();
	fields();
	suggestions();
	preferences();
	arena_free(&arena);
	return done_testing();
}
