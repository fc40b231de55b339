/* sources: base/json.c base/error.c base/utf8.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_json.c
 *	  Reading by path; whole numbers that a double cannot hold.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "tap.h"

static void
test_reading(void)
{
	static const char text[] =
		"{\"a\":{\"b\":{\"c\":\"deep\"},\"n\":1.5,\"t\":true},\"id\":"
		"\"4611686018427400249\","
		"\"small\":42,\"huge\":9007199254740995,\"half\":1.5,\"word\":\"12x\"}";
	CLEANUP(json) cJSON *json = NULL;
	const char *found;
	Error err;

	ok(json_parse(text, strlen(text), "the text", &json, &err), "parses");
	is_str(json_text(json, "a.b.c", NULL), "deep", "text by path");
	is_str(json_text(json, "a.b.x", "other"), "other", "a missing one");
	is_str(json_text(json, "a.n", "other"), "other", "another type");
	ok(json_number(json, "a.n", 0) > 1.4, "number");
	ok(json_bool(json, "a.t", false), "truth");
	ok(json_bool(json, "a.n", true), "another type gives the default");
	is_int(json_int64(json, "id", 0), 4611686018427400249LL, "2^62 + 12345 is exact");
	is_int(json_int64(json, "small", 0), 42, "a plain number");
	is_int(json_int64(json, "huge", -1), -1, "a plain number above 2^53 is refused");
	is_int(json_int64(json, "half", -1), -1, "no whole number");
	is_int(json_int64(json, "word", -1), -1, "no number");
	ok(json_need_text(json, "id", "it", &found, &err), "a needed text");
	ok(!json_need_text(json, "a.b", "the input", &found, &err) &&
		   strstr(err.message, "a.b") != NULL,
	   "a missing one is named");
	ok(json_at(NULL, "a") == NULL, "nothing in nothing");
}

static void
test_writing(void)
{
	CLEANUP(json) cJSON *json = cJSON_CreateObject();
	CLEANUP(free) char *text = NULL;

	json_add_int64(json, "id", 9223372036854775807LL);
	json_put(json, "x", cJSON_CreateNumber(1));
	json_put(json, "x", cJSON_CreateNumber(2));
	text = json_print(json);
	is_str(text, "{\"id\":\"9223372036854775807\",\"x\":2}",
		   "ids are text, put replaces");
}

static void
test_bad_text(void)
{
	static const char *const bad[] = {"", "{", "{\"a\":1}x", "[1,2", "nul"};
	cJSON *json;
	Error err;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
	{
		ok(!json_parse(bad[i], strlen(bad[i]), "it", &json, &err) && json == NULL,
		   "\"%s\" is refused", bad[i]);
		is_str(err.code, "bad_json", "with a code");
	}
	ok(json_parse("[1] \n", 5, "it", &json, &err), "blanks behind are fine");
	cJSON_Delete(json);
}

static void
test_errors(void)
{
	Error first;
	Error second;

	(void) error_set(&first, ERROR_RATE_LIMITED, "slow", "wait", "too \"fast\"\n");
	first.retry_after = 30;
	CLEANUP(json) cJSON *json = json_of_error(&first);

	json_to_error(json, &second);
	is_int(second.class, ERROR_RATE_LIMITED, "class");
	is_str(second.code, "slow", "code");
	is_str(second.message, first.message, "message");
	is_str(second.hint, "wait", "hint");
	is_int((long long) second.retry_after, 30, "retry_after");
}

int
main(void)
{
	test_reading();
	test_writing();
	test_bad_text();
	test_errors();
	return done_testing();
}
