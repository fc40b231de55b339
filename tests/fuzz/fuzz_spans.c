/* sources: base/spans.c base/error.c base/utf8.c base/buffer.c */
/* libs: libcjson -lm */
/*
 * tests/fuzz/fuzz_spans.c
 *	  Whatever is given as a list of spans: it is refused with a code and the place, or its
 *	  spans ascend, are written as they are read, and every time has its place in the output.
 */
#include "base/spans.h"

#include "base/cleanup.h"

#include "driver.h"

const char *const fuzz_samples[] = {
	"0-12.5,20-31.125",
	"0-1",
	"0:00-0:12.5,1:05-1:10:00,2:00:00.001-99999:59",
	"15.000-130.250,137.750-245.000,9999999.999-10000000",
	"00.5-1.,1-2,2-3,3-4,5-6,7-8.001",
	"[{\"start\":10,\"end\":20,\"at\":0},{\"start\":30,\"end\":40,\"at\":10}]",
	"[{\"start\":-0.021,\"end\":1e3,\"at\":0.5}]",
	NULL};

static void
check_printed(const Span *spans, size_t count)
{
	CLEANUP(buffer) Buffer text;
	CLEANUP(free) Span *again = NULL;
	size_t again_count;
	Error err = {0};

	buffer_init(&text);
	spans_print(spans, count, &text);
	fuzz_check(spans_parse(text.data, &again, &again_count, &err) &&
				   again_count == count &&
				   memcmp(again, spans, count * sizeof *spans) == 0,
			   "what is written is what was read");
}

/* The spans as pauses of a window: what remains ascends within it and is no longer. */
static void
check_shortened(const Span *pauses, size_t pause_count)
{
	Span keep = {pauses[0].start / 2, pauses[pause_count - 1].end - 0.25};
	size_t count;
	CLEANUP(free)
	Span *spans = spans_shorten(keep, pauses, pause_count, 0.5, 0.1, &count);

	fuzz_check(count >= 1 && count <= pause_count + 1,
			   "a pause makes at most one span more");
	if (keep.start + 0.001 >= keep.end)
		return;
	fuzz_check(spans[0].start > keep.start - 0.001 &&
				   spans[count - 1].end < keep.end + 0.001,
			   "what remains lies in the window");
	for (size_t i = 0; i < count; i++)
		fuzz_check(spans[i].start < spans[i].end &&
					   (i == 0 || spans[i - 1].end < spans[i].start),
				   "what remains ascends");
	check_printed(spans, count);
}

static void
check_map(const CutSpan *cuts, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		fuzz_check(spans_map(cuts, count, cuts[i].start) >= cuts[i].at,
				   "a span begins at its place");
		fuzz_check(spans_map(cuts, count, cuts[i].start - 0.5) >= 0,
				   "no time lies before the output");
		fuzz_check(spans_map(cuts, count, cuts[i].end) >= cuts[i].at &&
					   (i + 1 == count ||
						spans_map(cuts, count, cuts[i].end) <= cuts[count - 1].at),
				   "what was cut away is where the next span begins");
	}
}

static void
check_list(const char *text)
{
	CLEANUP(json) cJSON *list = cJSON_Parse(text);
	size_t count;
	CLEANUP(free) CutSpan *cuts = spans_read_cuts(list, &count);

	fuzz_check((cuts == NULL) == (count == 0), "a cut list has spans");
	check_map(cuts, count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free) char *text = fuzz_text(data, size);
	CLEANUP(free) Span *spans = NULL;
	size_t count;
	Error err = {0};

	check_list(text);
	if (!spans_parse(text, &spans, &count, &err))
	{
		fuzz_check(err.class == ERROR_PERMANENT && strcmp(err.code, "bad_spans") == 0,
				   "a list is refused with a code");
		return 0;
	}
	fuzz_check(count >= 1 && count <= SPANS_MOST, "a list has spans");
	for (size_t i = 0; i < count; i++)
		fuzz_check(spans[i].start < spans[i].end && spans[i].end <= SPANS_LATEST &&
					   spans[i].start >= (i == 0 ? 0 : spans[i - 1].end),
				   "spans ascend");
	check_printed(spans, count);
	check_shortened(spans, count);
	return 0;
}
