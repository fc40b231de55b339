/* sources: speech/gate.c speech/gate_sound.c speech/gate_text.c speech/gate_phrases.c speech/transcript.c speech/sentence.c base/json.c base/error.c base/utf8.c base/buffer.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_gate.c
 *	  The quality gate: one transcript for each sign of a poor one, and good ones.
 */
#include "speech/gate.h"

#include <string.h>

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

/* `count` segments with different texts, `step` seconds apart on average. */
static void
talk(size_t count, double step, double confidence)
{
	char text[32];

	for (size_t i = 0; i < count; i++)
	{
		snprintf(text, sizeof text, "word%zu", i);
		hear(step * ((double) i + 0.3 * (double) (i % 3)), confidence, text);
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

/* One segment from `start` to `end`, its words spread over it. */
static void
hear_long(double start, double end, const char *text)
{
	char copy[1000];
	size_t count = 1;
	size_t i = 0;

	for (const char *at = text; *at != '\0'; at++)
		count += *at == ' ';
	snprintf(copy, sizeof copy, "%s", text);
	for (char *rest, *word = strtok_r(copy, " ", &rest); word != NULL;
		 word = strtok_r(NULL, " ", &rest), i++)
	{
		double at = start + (end - start) * (double) i / (double) count;

		transcript_add_word(&transcript, at, at + 0.3, 0.8, word);
	}
	transcript_add_segment(&transcript, start, end, text);
}

/* `seconds` of speech from `start` on, no three words of it twice. */
static void
speak(double start, double seconds)
{
	for (size_t i = 0; (double) i < seconds * 2; i++)
	{
		char text[32];

		snprintf(text, sizeof text, "w%zu", i * i % 977);
		hear(start + 0.5 * (double) i + 0.1 * (double) (i % 3), 0.8, text);
	}
}

/* What is missing is judged by how long somebody speaks, not by how long the recording is. */
static void
test_little_heard(void)
{
	static const Span quiet[] = {
		{130, 900}
    };

	begin(265);
	hear_long(20, 24, "Спасибо.");
	hear(240, 0.8, "угу");
	judged(NULL, 0, "reject", "too_few_words unheard_speech",
		   "four minutes of speech, thanks were understood");

	begin(120);
	talk(15, 8, 0.8);
	judged(NULL, 0, "reject", "too_few_words", "two minutes, fifteen words");

	begin(3600);
	speak(0, 600);
	judged(NULL, 0, "suspect", "unheard_speech", "ten minutes of an hour");

	begin(1300);
	speak(0, 600);
	speak(900, 400);
	judged(NULL, 0, "suspect", "unheard_speech", "five minutes without a word");

	begin(1100);
	speak(0, 130);
	speak(900, 200);
	judged(quiet, 1, "pass", "", "where nobody speaks nothing is missing");
}

/* Thanks are natural now and then, farewells at the end, and credits of films never. */
static void
test_phrases(void)
{
	static const char *const credits[] = {
		"Субтитры и перевод: А. Иванов", "Спасибо за субтитры Алексею Дубровскому",
		"Subs by www.zeoranger.co.uk", "Untertitel im Auftrag des ZDF, 2020"};
	static const char *const farewells[] = {
		"Thank you for listening.", "Спасибо за внимание!", "Подпишитесь на канал"};
	static const char *const dreams[] = {
		"Спасибо.", "Подпишитесь на канал",
		"[Music]",  "(applause)",
		"♪ ♪",      "Смотрите продолжение в следующей серии"};

	for (size_t i = 0; i < sizeof credits / sizeof credits[0]; i++)
	{
		begin(604);
		speak(0, 600);
		hear_long(601, 603, credits[i]);
		judged(NULL, 0, "suspect", "known_phrases", credits[i]);
	}
	for (size_t i = 0; i < sizeof farewells / sizeof farewells[0]; i++)
	{
		begin(604);
		speak(0, 600);
		hear_long(601, 603, farewells[i]);
		judged(NULL, 0, "pass", "", farewells[i]);
	}
	for (size_t i = 0; i < sizeof dreams / sizeof dreams[0]; i++)
	{
		begin(900);
		speak(0, 500);
		hear_long(501, 531, dreams[i]);
		speak(532, 368);
		judged(NULL, 0, "suspect", "known_phrases", dreams[i]);
	}
	begin(900);
	speak(0, 500);
	hear_long(501, 502, "Спасибо.");
	speak(503, 397);
	judged(NULL, 0, "pass", "", "thanks within a lecture");
}

/* What is said again at once, however long it is. */
static void
test_loops(void)
{
	static const char *const paragraph =
		"nobody can tell what comes next when the same words are heard again and every "
		"listener has to wonder if that voice will ever find another thing to say about "
		"its subject before this hour ends";

	begin(900);
	speak(0, 500);
	for (int i = 0; i < 5; i++)
		hear_long(501 + 13.3 * i + 0.4 * (i % 2), 513 + 13.3 * i + 0.4 * (i % 2),
				  paragraph);
	speak(570, 330);
	judged(NULL, 0, "suspect", "loops", "a paragraph five times");

	begin(900);
	speak(0, 500);
	hear_long(501, 513, paragraph);
	hear_long(515, 527, paragraph);
	speak(528, 372);
	judged(NULL, 0, "pass", "", "and twice, as a teacher dictates");

	begin(900);
	speak(0, 500);
	hear_long(501, 510,
			  "you you you you you you you you you you you you you you you you you");
	speak(511, 389);
	judged(NULL, 0, "suspect", "loops", "a word seventeen times");
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

	begin(59);
	talk(8, 6, 0.8);
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

	test_little_heard();
	test_phrases();
	test_loops();

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
