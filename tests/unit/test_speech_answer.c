/* sources: speech/openai_answer.c speech/said.c speech/assemblyai_text.c speech/chunks.c speech/join.c speech/language_name.c base/json.c base/buffer.c base/error.c base/utf8.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_speech_answer.c
 *	  The answers of OpenAI-compatible transcription in all their shapes, also broken ones,
 *	  become words in order, within the sound that was sent.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "speech/assemblyai_text.h"
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
	reads("{\"text\":\"aaa bbb\"}", "[[100,106.536,null,\"aaa\"],[200,205,null,\"bbb\"]]",
		  "[[100,205,\"aaa bbb\"]]", "a text alone: spread over all");
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
		"[[101,101.01,null,\"a\"],[105,106,null,\"b\"],[200,205,null,\"c\"],"
		"[204.99,205,null,\"d\"],[204.99,205,null,\"e\"]]",
		NULL, "times that go back, are missing, negative or beyond the end");
	reads(
		"{\"words\":[{\"word\":\"a\",\"start\":9.5,\"end\":11},{\"word\":\"b\",\"start\":"
		"11.25,\"end\":12.25}]}",
		"[[200,200.75,null,\"a\"],[201,202,null,\"b\"]]", NULL,
		"a word lies in the part of its middle");
	reads("{\"words\":[{\"word\":\"a\",\"start\":\"1\",\"end\":\"2\"}]}",
		  "[[100,110,null,\"a\"]]", NULL, "times that are texts are none");
}

/* Words that have no times beside others that do. */
static void
test_missing(void)
{
	reads("{\"text\":\"\",\"segments\":[{\"start\":0,\"end\":5,\"text\":\"hello "
		  "there\",\"words\":[{\"word\":\"hello\",\"start\":0,\"end\":1},{\"word\":"
		  "\"there\",\"start\":1,\"end\":2}]},{\"start\":5,\"end\":8,\"text\":\"ab "
		  "cd\",\"words\":[]}]}",
		  "[[100,101,null,\"hello\"],[101,102,null,\"there\"],[105,106.2,null,\"ab\"],"
		  "[106.8,108,null,\"cd\"]]",
		  "[[100,105,\"hello there\"],[105,108,\"ab cd\"]]", "a segment without words");
	reads("{\"text\":\"Hello, there! ab cd ef\",\"words\":[{\"word\":\"hello\","
		  "\"start\":0,\"end\":1}],\"segments\":[{\"start\":0,\"end\":5,\"text\":"
		  "\"Hello, there!\"},{\"start\":5,\"end\":8,\"text\":\"ab cd\"}]}",
		  "[[100,101,null,\"Hello,\"],[101,105,null,\"there!\"],[105,106.2,null,\"ab\"],"
		  "[106.8,108,null,\"cd\"],[200,205,null,\"ef\"]]",
		  "[[100,105,\"Hello, there!\"],[105,108,\"ab cd\"],[108,205,\"ef\"]]",
		  "words that stop early, and segments, too");
	reads(
		"{\"text\":\"\",\"words\":[{\"word\":\"one\",\"start\":0,\"end\":1},{\"word\":"
		"\"twenty\",\"start\":4.7,\"end\":4.9},{\"word\":\"five\",\"start\":5,\"end\":"
		"6}],\"segments\":[{\"start\":0,\"end\":5,\"text\":\"One \u2014\"},{\"start\":5,"
		"\"end\":8,\"text\":\"Twenty-five\"}]}",
		"[[100,101,null,\"One\"],[104.7,104.9,null,\"twenty\"],[105,106,null,\"five\"]]",
		NULL, "words that are written otherwise in the text are there once");
	reads(
		"{\"text\":\"\",\"segments\":[{\"start\":0,\"end\":5,\"text\":\"a bb ccc dddd\","
		"\"words\":[{\"word\":\"x\",\"start\":2,\"end\":3}]}]}",
		"[[100,100.385,null,\"a\"],[100.769,101.538,null,\"bb\"],"
		"[101.923,103.077,null,\"ccc\"],[103.462,105,null,\"dddd\"]]",
		NULL, "a segment of which little was timed: its text counts");
}

static unsigned seed = 20261121;

static double
chance(void)
{
	seed = seed * 1664525u + 1013904223u;
	return (double) (seed >> 8) / (double) (1u << 24);
}

/* An answer in which any subset of segments and words has times. */
static cJSON *
answer_of(char said[][8], size_t count)
{
	cJSON *answer = cJSON_CreateObject();
	cJSON *all = cJSON_CreateArray();
	cJSON *segments = cJSON_CreateArray();
	bool nested = chance() < 0.5;
	double timed = chance() * 1.2;
	size_t stop = chance() < 0.3 ? (size_t) (chance() * (double) count) : count;
	CLEANUP(buffer) Buffer whole;

	buffer_init(&whole);
	for (size_t i = 0, to; i < count; i = to)
	{
		cJSON *segment = cJSON_CreateObject();
		cJSON *words = nested ? cJSON_CreateArray() : all;
		CLEANUP(buffer) Buffer text;

		buffer_init(&text);
		to = i + 1 + (size_t) (chance() * 12);
		to = to < count ? to : count;
		for (size_t k = i; k < to; k++)
		{
			cJSON *word = cJSON_CreateObject();
			double at = 15.0 * (double) k / (double) count;

			buffer_printf(&text, "%s%s", text.length > 0 ? " " : "", said[k]);
			cJSON_AddStringToObject(word, "word", said[k]);
			if (chance() < 0.9)
				cJSON_AddNumberToObject(word, "start", at);
			cJSON_AddNumberToObject(word, "end", at + 15.0 / (double) count);
			if (chance() < timed)
				cJSON_AddItemToArray(words, word);
			else
				cJSON_Delete(word);
		}
		buffer_printf(&whole, " %s", text.data);
		cJSON_AddNumberToObject(segment, "start", 15.0 * (double) i / (double) count);
		cJSON_AddNumberToObject(segment, "end", 15.0 * (double) to / (double) count);
		cJSON_AddStringToObject(segment, "text", text.data);
		if (nested)
			cJSON_AddItemToObject(segment, "words", words);
		if (i <= stop)
			cJSON_AddItemToArray(segments, segment);
		else
			cJSON_Delete(segment);
	}
	cJSON_AddStringToObject(answer, "text", whole.data);
	cJSON_AddItemToObject(answer, "words", all);
	cJSON_AddItemToObject(answer, "segments", segments);
	return answer;
}

static void
test_none_lost(void)
{
	int rounds = tap_rounds(1000);
	int good = 0;

	for (int round = 0; round < rounds; round++)
	{
		static char said[200][8];
		size_t count = 1 + (size_t) (chance() * 199);
		CLEANUP(json) cJSON *answer = NULL;
		CLEANUP(json) cJSON *heard = NULL;
		const cJSON *rows;
		Error err = {0};
		bool fine;

		for (size_t i = 0; i < count; i++)
			snprintf(said[i], sizeof said[i], "w%d", (int) (chance() * 60));
		answer = answer_of(said, count);
		fine = openai_answer_read(answer, cuts, 2, "it", &heard, &err);
		rows = json_at(heard, "words");
		fine = fine && cJSON_GetArraySize(rows) == (int) count;
		for (size_t i = 0; fine && i < count; i++)
			fine =
				strcmp(
					cJSON_GetArrayItem(cJSON_GetArrayItem(rows, (int) i), 3)->valuestring,
					said[i]) == 0;
		good += fine;
	}
	is_int(good, rounds, "answers with times for any of their words: all come, in order");
}

/* `count` words without gaps over the first `inside` seconds, then from 20 s on. */
static cJSON *
words_until(int count, int inside)
{
	cJSON *words = cJSON_CreateArray();

	for (int i = 0; i < count; i++)
	{
		cJSON *word = cJSON_CreateObject();
		char text[16];
		double at = i < inside ? 10.0 * i / inside : 20 + i;

		snprintf(text, sizeof text, "w%d", i);
		cJSON_AddStringToObject(word, "word", text);
		cJSON_AddStringToObject(word, "text", text);
		cJSON_AddNumberToObject(word, "start", at);
		cJSON_AddNumberToObject(word, "end", at + 0.1);
		cJSON_AddItemToArray(words, word);
	}
	return words;
}

static void
test_outside(void)
{
	static const int cases[][3] = {
		{100, 97, 97 },
        {100, 50, 100}
    };

	for (size_t i = 0; i < 2; i++)
	{
		CLEANUP(json) cJSON *answer = cJSON_CreateObject();
		CLEANUP(json) cJSON *heard = NULL;
		CLEANUP(json) cJSON *other = NULL;
		cJSON *words = words_until(cases[i][0], cases[i][1]);
		cJSON *word;
		Error err = {0};
		int lost = cases[i][0] - cases[i][2];

		cJSON_AddItemToObject(answer, "words", words);
		ok(openai_answer_read(answer, cuts, 2, "it", &heard, &err),
		   "words behind the end");
		is_int(cJSON_GetArraySize(json_at(heard, "words")), cases[i][2],
			   "  a few are left out, many are kept");
		is_int((int) json_number(heard, "outside", -1), lost, "  which is told");
		is_int(json_bool(heard, "word_times", false), lost > 0,
			   "  and whose times are right");
		cJSON_ArrayForEach(word, words)
		{
			json_put(word, "start",
					 cJSON_CreateNumber(json_number(word, "start", 0) * 1000));
			json_put(word, "end", cJSON_CreateNumber(json_number(word, "end", 0) * 1000));
		}
		other = assemblyai_heard(answer, NULL, cuts, 2);
		is_int(cJSON_GetArraySize(json_at(other, "words")), cases[i][2],
			   "  of a job, too");
		is_int((int) json_number(other, "outside", -1), lost, "  which is told");
	}
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
	int rounds = tap_rounds(5000);
	int good = 0;

	for (int round = 0; round < rounds; round++)
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
			v[i] = values[(size_t) (chance() * sizeof values / sizeof values[0])];
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
	is_int(good, rounds, "answers of odd values: in order, and within the sound");
}

int
main(void)
{
	test_shapes();
	test_times();
	test_missing();
	test_none_lost();
	test_outside();
	refuses("[]");
	refuses("{}");
	refuses("{\"text\":3}");
	refuses("{\"error\":{\"message\":\"no\"}}");
	test_languages();
	test_random();
	return done_testing();
}
