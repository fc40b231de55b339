/* sources: base/spans.c base/error.c base/utf8.c base/buffer.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_spans.c
 *	  Kept parts: their text, pauses that lose their middle, and times after a cut.
 */
#include "base/spans.h"

#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"

#include "tap.h"

static void
check_refused(const char *text, const char *why)
{
	CLEANUP(free) Span *spans = NULL;
	size_t count;
	Error err = {0};

	ok(!spans_parse(text, &spans, &count, &err) && strcmp(err.code, "bad_spans") == 0 &&
		   err.class == ERROR_PERMANENT && strstr(err.message, why) != NULL,
	   "\"%.30s\" is refused: %s", text, err.message);
}

/* Reads a text and prints it again. */
static void
check_text(const char *text, size_t wanted, const char *printed)
{
	CLEANUP(free) Span *spans = NULL;
	CLEANUP(buffer) Buffer out;
	size_t count = 0;
	Error err = {0};

	buffer_init(&out);
	ok(spans_parse(text, &spans, &count, &err), "\"%.30s\" is read: %s", text,
	   err.message);
	is_int((long long) count, (long long) wanted, "its spans");
	spans_print(spans, count, &out);
	is_str(out.data, printed, "and written again");
}

static void
test_parse(void)
{
	check_text("0-1", 1, "0.000-1.000");
	check_text("0.5-12.25,12.25-13,20.001-9999999.999", 3,
			   "0.500-12.250,12.250-13.000,20.001-9999999.999");
	check_text("0:00-1:05.5,59:59-1:00:00.001,100:00-02:00:00", 3,
			   "0.000-65.500,3599.000-3600.001,6000.000-7200.000");
	check_text("00.-1.", 1, "0.000-1.000");
	check_text("0-10000000", 1, "0.000-10000000.000");
	check_refused("1:2-3", "START-END");
	check_refused("0:60-2:00", "START-END");
	check_refused("1:60:00-2:00:00", "START-END");
	check_refused("1:2:00-3:00:00", "START-END");
	check_refused(":10-20", "START-END");
	check_refused("0:10-0:5", "character 8 (\"5\"): an end");
	check_refused("0:10-", "character 6, its end: an end");
	check_refused("1:00:00:00-2", "START-END");
	check_refused("9999999:00-9999999:01", "START-END");
	check_refused("0-166667:00", "an end");
	check_refused("", "character 1");
	check_refused("5", "START-END");
	check_refused("-5-7", "START-END");
	check_refused("5-", "an end");
	check_refused("5-7,", "START-END");
	check_refused("5-7;8-9", "an end");
	check_refused("5-5", "ends after its start");
	check_refused("7-5", "ends after its start");
	check_refused("5-7,6-8", "begins where the one before ends");
	check_refused("5-7 ", "an end");
	check_refused("1e3-2e3", "START-END");
	check_refused("0.0001-1", "START-END");
	check_refused("0-10000000.001", "an end");
	check_refused("0-99999999999999999999", "an end");
	check_refused("nan-inf", "START-END");
}

static void
test_most(void)
{
	CLEANUP(free) Span *spans = NULL;
	CLEANUP(buffer) Buffer text;
	size_t count;
	Error err = {0};

	buffer_init(&text);
	for (int i = 0; i < SPANS_MOST; i++)
		buffer_printf(&text, "%s%d-%d.5", i == 0 ? "" : ",", i, i);
	ok(spans_parse(text.data, &spans, &count, &err) && count == SPANS_MOST,
	   "as many spans as a cut may have");
	buffer_puts(&text, ",20000-20001");
	check_refused(text.data, "more than 10000");
}

static void
check_shortened(const char *what, Span keep, const char *pauses, double above, double to,
				const char *wanted)
{
	CLEANUP(free) Span *given = NULL;
	CLEANUP(buffer) Buffer out;
	size_t given_count = 0;
	size_t count;
	Error err = {0};

	buffer_init(&out);
	if (pauses != NULL)
		(void) spans_parse(pauses, &given, &given_count, &err);
	CLEANUP(free)
	Span *spans = spans_shorten(keep, given, given_count, above, to, &count);

	spans_print(spans, count, &out);
	is_str(out.data, wanted, what);
}

static void
test_shorten(void)
{
	Span keep = {15, 245};

	check_shortened("without pauses: the window", keep, NULL, 3, 1, "15.000-245.000");
	check_shortened("not asked for: the window", keep, "100-120", INFINITY, 1,
					"15.000-245.000");
	check_shortened("half stays on either side", keep, "100-120", 3, 1,
					"15.000-100.500,119.500-245.000");
	check_shortened("a pause of just so many seconds stays", keep, "100-103,110-113.001",
					3, 1, "15.000-110.500,112.501-245.000");
	check_shortened("nothing of them stays", keep, "100-120", 3, 0,
					"15.000-100.000,120.000-245.000");
	check_shortened("what lies outside of the window does not count", keep,
					"1-14,12-17,243-250", 3, 1, "15.000-245.000");
	check_shortened("a pause over an edge counts as far as it is inside", keep,
					"10-19,240-260", 3, 1,
					"15.000-15.500,18.500-240.500,244.500-245.000");
	check_shortened("not a shortening: the window", keep, "100-120", 3, 3,
					"15.000-245.000");
	check_shortened("no number: the window", keep, "100-120", NAN, 1, "15.000-245.000");
}

static void
test_shorten_most(void)
{
	size_t pause_count = 3 * (size_t) SPANS_SHORTENED_MOST;
	CLEANUP(free) Span *pauses = calloc(pause_count, sizeof *pauses);
	CLEANUP(buffer) Buffer out;
	size_t count;

	for (size_t i = 0; i < pause_count; i++)
		pauses[i] = (Span){9000000 + 10.0 * (double) i, 9000006 + 10.0 * (double) i};
	CLEANUP(free)
	Span *spans =
		spans_shorten((Span){0, SPANS_LATEST}, pauses, pause_count, 3, 1, &count);

	buffer_init(&out);
	spans_print(spans, count, &out);
	is_int((long long) count, SPANS_SHORTENED_MOST, "no more spans than fit");
	ok(spans[count - 1].end == SPANS_LATEST, "and the rest is kept");
	ok(out.length < 128 * 1024, "their text is one argument of a program: %zu bytes",
	   out.length);
}

static void
test_map(void)
{
	static const double moments[][3] = {
  /* source, output, kept */
		{-5,  0,  0},
        {9,   0,  0},
        {10,  0,  1},
        {15,  5,  1},
        {20,  10, 0},
		{29,  10, 0},
        {30,  10, 1},
        {31,  11, 1},
        {40,  20, 0},
        {100, 20, 0},
	};
	CLEANUP(json)
	cJSON *list = cJSON_Parse("[{\"start\":10,\"end\":20,\"at\":0},"
							  "{\"start\":30,\"end\":40,\"at\":10}]");
	size_t count;
	CLEANUP(free) CutSpan *cuts = spans_read_cuts(list, &count);

	is_int((long long) count, 2, "a cut list is read");
	for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++)
	{
		double at = spans_map(cuts, count, moments[i][0]);

		ok(at == moments[i][1] &&
			   spans_kept(cuts, count, moments[i][0]) == (moments[i][2] > 0),
		   "%.0f s of the source is %.3f s of the output", moments[i][0], at);
	}
	ok(spans_length(cuts, count) == 20, "its length");
	ok(spans_map(NULL, 0, 7.5) == 7.5 && spans_kept(NULL, 0, 7.5) &&
		   spans_length(NULL, 0) == 0,
	   "without a cut list time stays");
}

static void
check_no_list(const char *text)
{
	CLEANUP(json) cJSON *list = cJSON_Parse(text);
	size_t count = 1;
	CLEANUP(free) CutSpan *cuts = spans_read_cuts(list, &count);

	ok(cuts == NULL && count == 0, "no cut list: %s", text);
}

static void
test_no_list(void)
{
	check_no_list("null");
	check_no_list("{}");
	check_no_list("[]");
	check_no_list("[1]");
	check_no_list("[{\"start\":1,\"end\":2}]");
	check_no_list("[{\"start\":2,\"end\":1,\"at\":0}]");
	check_no_list("[{\"start\":1,\"end\":2,\"at\":-1}]");
	check_no_list("[{\"start\":1,\"end\":1e300,\"at\":0}]");
	check_no_list("[{\"start\":1,\"end\":3,\"at\":0},{\"start\":2,\"end\":4,\"at\":2}]");
	check_no_list("[{\"start\":1,\"end\":3,\"at\":5},{\"start\":3,\"end\":4,\"at\":2}]");
}

int
main(void)
{
	test_parse();
	test_most();
	test_shorten();
	test_shorten_most();
	test_map();
	test_no_list();
	return done_testing();
}
