/* sources: speech/openai_answer.c speech/chunks.c speech/join.c speech/language_name.c base/json.c base/buffer.c base/error.c base/utf8.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_speech_answer.c
 *	  The answers of OpenAI-compatible transcription in all their shapes, also broken ones,
 *	  become words in order, within the sound that was sent.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "speech/language_name.h"
#include "speech/openai_answer.h"
#include "tap.h"

/* 10 s of the recording from 100 s on, and 5 s from 200 s on. */
static const CutSpan cuts[] = {
	{100, 110, 0    },
    {200, 205, 10.25}
};

static void
reads(const char *answer, const char *words, const char *segments, const char *what)
{
	CLEANUP(json) cJSON *json = cJSON_Parse(answer);
	CLEANUP(json) cJSON *heard = NULL;
	CLEANUP(free) char *got = NULL;
	CLEANUP(free) char *sentences = NULL;
	Error err = {0};

	if (!ok(openai_answer_read(json, cuts, 2, "it", &heard, &err), "read: %s", what))
		return;
	got = json_print(json_at(heard, "words"));
	is_str(got, words, what);
	sentences = json_print(json_at(heard, "segments"));
	if (segments != NULL)
		is_str(sentences, segments, what);
}

static void
test_shapes(void)
{
	reads("{\"text\":\"a "
		  "b\",\"language\":\"english\",\"words\":[{\"word\":\"a\",\"start\":1,"
		  "\"end\":1.5},{\"word\":\"b\",\"start\":2,\"end\":2.25}],\"segments\":null}",
		  "[[101,101.5,null,\"a\"],[102,102.25,null,\"b\"]]", "[]", "words at the top");
	reads("{\"text\":\"\",\"segments\":[{\"start\":0,\"end\":3,\"text\":\" A, b.\","
		  "\"words\":[{\"word\":\" a\",\"start\":1,\"end\":1.5,\"probability\":0.5},"
		  "{\"word\":\" b\",\"start\":2,\"end\":2.5}]}]}",
		  "[[101,101.5,0.5,\"A,\"],[102,102.5,null,\"b.\"]]", "[[100,103,\"A, b.\"]]",
		  "words in segments, with blanks, spelled as the segment is");
	reads("{\"text\":\"ab cd\",\"words\":null,\"segments\":[{\"start\":2,\"end\":4.5,"
		  "\"text\":\" ab cd\",\"avg_logprob\":0,\"no_speech_prob\":0.25}]}",
		  "[[102,103,0.75,\"ab\"],[103.5,104.5,0.75,\"cd\"]]", "[[102,104.5,\"ab cd\"]]",
		  "no words: spread over the segment");
	reads("{\"text\":\"aaa bbb\"}",
		  "[[100,106.536,null,\"aaa\"],[108.714,110,null,\"bbb\"]]", NULL,
		  "a text alone: spread over all");
	reads("{\"text\":\"\"}", "[]", "[]", "nothing was said");
	reads("{\"text\":\"x\",\"words\":[{\"word\":\"x\",\"start\":1,\"end\":2}],"
		  "\"segments\":[{"
		  "\"start\":0,\"end\":5,\"text\":\"x\",\"avg_logprob\":-0.6931471805599453}]}",
		  "[[101,102,0.5,\"x\"]]", NULL, "a word is as sure as its segment");
}

static void
test_times(void)
{
	reads(
		"{\"words\":[{\"word\":\"b\",\"start\":5,\"end\":6},{\"word\":\"a\",\"start\":1,"
		"\"end\":0.5},{\"word\":\"c\",\"start\":-3,\"end\":null},{\"word\":\"d\","
		"\"start\":"
		"999,\"end\":1e300},{\"word\":\"e\"},{\"word\":\" \",\"start\":1,\"end\":2},{}]}",
		"[[101,101,null,\"a\"],[101,101,null,\"c\"],[105,106,null,\"b\"],"
		"[205,205,null,\"d\"],[205,205,null,\"e\"]]",
		NULL, "times that go back, are missing, negative or beyond the end");
	reads(
		"{\"words\":[{\"word\":\"a\",\"start\":9.5,\"end\":11},{\"word\":\"b\",\"start\":"
		"11.25,\"end\":12.25}]}",
		"[[109.5,110,null,\"a\"],[201,202,null,\"b\"]]", NULL,
		"a word ends where what was sent of its place does");
	reads("{\"words\":[{\"word\":\"a\",\"start\":\"1\",\"end\":\"2\"}]}",
		  "[[100,100,null,\"a\"]]", NULL, "times that are texts are none");
}

static void
refuses(const char *answer)
{
	CLEANUP(json) cJSON *json = cJSON_Parse(answer);
	CLEANUP(json) cJSON *heard = NULL;
	Error err = {0};

	ok(!openai_answer_read(json, cuts, 2, "it", &heard, &err) &&
		   strcmp(err.code, "bad_answer") == 0 && heard == NULL,
	   "refused: %s", answer);
}

static void
test_languages(void)
{
	static const char *const names[][2] = {
		{"english",        "en" },
        {"Russian",        "ru" },
        {"en_us",          "en" },
		{"ru-RU",          "ru" },
        {"haw",            "haw"},
        {"haitian creole", "ht" },
		{"klingon",        ""   },
        {"",               ""   },
        {NULL,             ""   }
    };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
	{
		char code[16];

		language_code_of(names[i][0], code);
		is_str(code, names[i][1], names[i][0] != NULL ? names[i][0] : "(none)");
	}
}

/* Any JSON of these members: nothing breaks, and what comes out keeps the rules. */
static void
test_random(void)
{
	static const char *const values[] = {
		"null", "-1", "0",    "3.5",   "1e308",        "-1e308", "\"x\"",
		"[]",   "{}", "true", "\" \"", "\"\xd1\x91\"", "12",     "\"a  b\"",
	};
	unsigned seed = 7;
	int good = 0;

	for (int round = 0; round < 20000; round++)
	{
		char text[1024];
		const char *v[12];
		CLEANUP(json) cJSON *json = NULL;
		CLEANUP(json) cJSON *heard = NULL;
		const cJSON *row;
		double last = 0;
		bool fine = true;
		Error err = {0};

		for (size_t i = 0; i < 12; i++)
		{
			seed = seed * 1664525u + 1013904223u;
			v[i] = values[(seed >> 16) % (sizeof values / sizeof values[0])];
		}
		snprintf(text, sizeof text,
				 "{\"text\":%s,\"language\":%s,\"words\":[{\"word\":%s,\"start\":%s,"
				 "\"end\":%s},"
				 "{\"word\":\"w\",\"start\":%s,\"end\":%s}],\"segments\":[{\"text\":%s,"
				 "\"start\":%s,\"end\":%s,\"avg_logprob\":%s,\"words\":%s}]}",
				 v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10],
				 v[11]);
		json = cJSON_Parse(text);
		fine = json != NULL && openai_answer_read(json, cuts, 2, "it", &heard, &err);
		cJSON_ArrayForEach(row, json_at(heard, "words"))
		{
			double start = cJSON_GetArrayItem(row, 0)->valuedouble;
			double end = cJSON_GetArrayItem(row, 1)->valuedouble;

			fine = fine && start >= last && end >= start && start >= 100 && end <= 205;
			last = start;
		}
		good += fine;
	}
	is_int(good, 20000, "20000 answers of odd values: in order, and within the sound");
}

int
main(void)
{
	test_shapes();
	test_times();
	refuses("[]");
	refuses("{}");
	refuses("{\"text\":3}");
	refuses("{\"error\":{\"message\":\"no\"}}");
	test_languages();
	test_random();
	return done_testing();
}
