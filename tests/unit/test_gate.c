/* sources: speech/gate.c speech/gate_sound.c speech/gate_text.c speech/gate_phrases.c speech/transcript.c speech/sentence.c base/json.c base/error.c base/utf8.c base/buffer.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_gate.c
 *	  The quality gate: one transcript for each sign of a poor one, and good ones.
 */
#include "speech/gate.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "tap.h"

static Transcript transcript;

static void
begin(double duration)
{
	transcript_init(&transcript, "test", "model", "en", duration);
}

static void
hear(double at, double confidence, const char *text)
{
	transcript_add_word(&transcript, at, at + 0.4, confidence, text);
	transcript_add_segment(&transcript, at, at + 0.4, text);
}

/* The codes of the reasons, with blanks between. */
static void
judged(const Span *pauses, size_t pause_count, const char *verdict, const char *codes,
	   const char *what)
{
	GateInput input = {&transcript, pauses, pause_count,
					   gate_limits(NULL, GATE_MIN_CONFIDENCE)};
	CLEANUP(json) cJSON *answer = gate_judge(&input);
	const cJSON *reason = NULL;
	char got[200] = "";

	cJSON_ArrayForEach(reason, cJSON_GetObjectItem(answer, "reasons"))
	{
		size_t length = strlen(got);

		snprintf(got + length, sizeof got - length, "%s%s", length > 0 ? " " : "",
				 cJSON_GetStringValue(cJSON_GetObjectItem(reason, "code")));
	}
	is_str(cJSON_GetStringValue(cJSON_GetObjectItem(answer, "verdict")), verdict, what);
	is_str(got, codes, "  its reasons");
	transcript_free(&transcript);
}

/* `count` segments with different texts, `step` seconds apart. */
static void
talk(size_t count, double step, double confidence)
{
	char text[32];

	for (size_t i = 0; i < count; i++)
	{
		snprintf(text, sizeof text, "word%zu", i);
		hear(step * (double) i, confidence, text);
	}
}

/* A limit can be set, and a reason tells what was measured, the limit and the place. */
static void
test_reason(void)
{
	CLEANUP(json) cJSON *gate = cJSON_Parse("{\"min_words_per_minute\":200}");
	GateInput input = {.transcript = &transcript, .limits = gate_limits(gate, 0)};
	cJSON *answer;
	const cJSON *reason;

	begin(600);
	talk(1000, 0.5, 0.1);
	answer = gate_judge(&input);
	reason = json_at(answer, "reasons")->child;
	is_str(json_text(answer, "verdict", ""), "reject", "limits are settings");
	is_str(json_text(reason, "code", ""), "too_few_words", "  the reason has a code");
	is_int((long long) json_number(reason, "value", 0), 100, "  what was measured");
	is_int((long long) json_number(reason, "limit", 0), 200, "  and the limit");
	ok(json_at(reason, "at") == NULL, "  and no place where it is the whole");
	ok(json_number(answer, "checks.repeated_share", -1) == 0,
	   "what was measured without complaint is told too");
	cJSON_Delete(answer);
	transcript_free(&transcript);
}

int
main(void)
{
	static const Span silent[] = {
		{0,  1 },
        {2,  12},
        {40, 50}
    };
	static const Span elsewhere[] = {
		{20, 30},
        {40, 50}
    };

	begin(60);
	talk(100, 0.5, 0.8);
	judged(NULL, 0, "pass", "", "clear speech");

	begin(60);
	talk(100, 0.5, -1);
	judged(NULL, 0, "pass", "", "an engine without confidence is judged by the rest");

	begin(60);
	talk(100, 0.5, 0.39);
	judged(NULL, 0, "reject", "low_confidence", "a foreign language");

	begin(600);
	talk(99, 6, 0.8);
	judged(NULL, 0, "reject", "too_few_words", "99 words in ten minutes");

	begin(299);
	talk(20, 6, 0.8);
	judged(NULL, 0, "pass", "", "a short recording may have few words");

	begin(60);
	for (size_t i = 0; i < 12; i++)
		hear((double) i, 0.9, i % 2 == 0 ? "yes" : "no");
	judged(NULL, 0, "reject", "repeated_segments", "the same sentences over and over");

	begin(60);
	talk(4, 1, 0.9);
	for (size_t i = 0; i < 5; i++)
		hear(20 + (double) i, 0.9, "Продолжение Следует...");
	judged(NULL, 0, "reject", "known_phrases", "credits of a film");

	begin(60);
	talk(20, 0.6, 0.9);
	judged(silent, 3, "reject", "words_in_silence", "words where nobody speaks");

	begin(60);
	talk(20, 0.6, 0.9);
	judged(elsewhere, 2, "pass", "", "the same words elsewhere");

	begin(700);
	talk(20, 30, 0.9);
	for (size_t i = 0; i < 200; i++)
	{
		char text[16];

		snprintf(text, sizeof text, "x%zu", i);
		transcript_add_word(&transcript, 3.0 * (double) i, 3.0 * (double) i + 0.5, 0.9,
							text);
	}
	transcript_finish(&transcript);
	for (size_t i = 0; i < 20; i++)
		transcript.segments[i].end = 30.0 * (double) (i + 1) + 0.05;
	judged(NULL, 0, "reject", "periodic_segments", "segments cut by the clock");

	begin(60);
	talk(100, 0.5, 0.45);
	judged(NULL, 0, "suspect", "low_confidence", "not sure, but not foreign");

	begin(1010);
	for (size_t i = 0; i < 500; i++)
	{
		char text[16];

		snprintf(text, sizeof text, "word%zu", i * i);
		hear(2.0 * (double) i, 0.8, text);
	}
	hear(1001, 0.9, "Thank you for watching.");
	judged(NULL, 0, "pass", "", "a farewell is no invention");

	begin(0);
	judged(NULL, 0, "pass", "", "an empty transcript has no sign of its own");
	test_reason();
	return done_testing();
}
