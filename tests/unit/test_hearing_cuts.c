/* sources: speech/chain.c speech/provider.c speech/heard.c speech/hearing.c speech/hearing_json.c speech/transcript.c speech/transcript_json.c speech/sentence.c base/spans.c base/hash.c base/json.c base/error.c base/buffer.c base/utf8.c */
/* libs: libcjson libcrypto -lm */
/*
 * tests/unit/test_hearing_cuts.c
 *	  However a recording is cut next, only what nobody listened to yet is listened to, and the
 *	  transcript is the one that a fresh listening would give.
 */
#include "hearing_lecture.h"

/* Some spans by chance, at half seconds: no piece of them is too short for a word. */
static size_t
some_spans(Span *spans)
{
	size_t count = 1 + chance(4);
	double at = chance(200) / 2.0;

	for (size_t i = 0; i < count; i++)
	{
		double end = at + 1 + chance(280) / 2.0;

		spans[i] = (Span){at, fmin(end, LENGTH)};
		at = spans[i].end + 0.5 + chance(10) / 2.0;
		if (at > LENGTH - 2)
			return i + 1;
	}
	return count;
}

/* The lecture is cut again and again: each time as a fresh listening would hear it. */
static void
test_cuts(void)
{
	CLEANUP(hearing) Hearing memory = {.spans = NULL};
	int same = 0;
	int segments_same = 0;
	int repeated = 0;
	double saved = 0;

	for (int round = 0; round < ROUNDS; round++)
	{
		CLEANUP(hearing) Hearing fresh = {.spans = NULL};
		Span spans[4];
		size_t count = some_spans(spans);
		CLEANUP(free) char *now = NULL;
		CLEANUP(free) char *now_segments = NULL;
		CLEANUP(free) char *then = NULL;
		CLEANUP(free) char *then_segments = NULL;
		CLEANUP(json) cJSON *stored = NULL;
		double again;
		Error err;

		if (round % 8 == 0)
			hearing_free(&memory);
		if (!hear(ONE, spans, count, &memory))
			break;
		again = asked;
		if (!hear(ONE, spans, count, &fresh))
			break;
		saved += asked - again;
		now = text_of(&memory, spans, count, &now_segments);
		then = text_of(&fresh, spans, count, &then_segments);
		same += strcmp(now, then) == 0;
		segments_same += strcmp(now_segments, then_segments) == 0;
		(void) hear(ONE, spans, count, &memory);
		repeated += asked > 0;
		stored = hearing_to_json(&memory);
		hearing_free(&memory);
		(void) hearing_from_json(stored, &memory, &err);
	}
	is_int(same, ROUNDS, "the words and their times are those of a fresh listening");
	is_int(segments_same, ROUNDS, "and so is the text of the segments");
	is_int(repeated, 0, "nothing is listened to twice");
	ok(saved > 0, "%.0f s were not listened to again", saved);
}

int
main(void)
{
	test_cuts();
	return done_testing();
}
