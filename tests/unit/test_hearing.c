/* sources: speech/chain.c speech/provider.c speech/heard.c speech/hearing.c speech/hearing_json.c speech/transcript.c speech/transcript_json.c speech/sentence.c base/spans.c base/hash.c base/json.c base/error.c base/buffer.c base/utf8.c */
/* libs: libcjson libcrypto -lm */
/*
 * tests/unit/test_hearing.c
 *	  What was paid for is kept, word by word: at the borders of what was listened to, and for each
 *	  of several providers.
 */
#include "hearing_lecture.h"

static void
test_missing(void)
{
	CLEANUP(hearing) Hearing memory = {.spans = NULL};
	const Span first = {100, 200};
	const Span wider = {90, 210.2};
	const Span pause = {150, 340};

	(void) hear(ONE, &first, 1, &memory);
	is_int((long long) asked, 100, "at first all is listened to");
	(void) hear(ONE, &wider, 1, &memory);
	is_int((long long) round(asked * 10), 212,
		   "then what was added at either end, and half a second of what is known");
	(void) hear(ONE, &(Span){90, 210.4}, 1, &memory);
	is_int((long long) asked, 0, "what is too short for a word is not worth asking");
	(void) hear(ONE, &(Span){210, 299}, 1, &memory);
	(void) hear(ONE, &pause, 1, &memory);
	is_int((long long) round(asked * 100), 1200,
		   "a pause is not listened to, but its ends");
	(void) hear(ONE, &(Span){302, 328}, 1, &memory);
	is_int((long long) asked, 0, "nothing but a pause: nobody is asked");
}

/* A word across the border of parts that are listened to at different times is there, and
 * there once. */
static void
test_borders(void)
{
	static const Span parts[][2] = {
		{{0, 100.25},   {0, 200}},
		{{0, 100.05},   {0, 200}},
		{{100.25, 200}, {0, 200}},
		{{100.05, 200}, {0, 200}},
	};
	char name[24];

	strict = true;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
	{
		CLEANUP(hearing) Hearing memory = {.spans = NULL};
		size_t wrong = 0;

		(void) hear(ONE, &parts[i][0], 1, &memory);
		(void) hear(ONE, &parts[i][1], 1, &memory);
		for (size_t k = 0; k < memory.heard.word_count; k++)
		{
			snprintf(name, sizeof name, "w%zu", k);
			wrong += strcmp(memory.heard.words[k].text, name) != 0;
		}
		ok(wrong == 0 && memory.heard.word_count == 222,
		   "no word is lost or doubled: %zu of 222, %zu wrong", memory.heard.word_count,
		   wrong);
		is_int((long long) memory.span_count, 1, "  all of it is known");
	}
	strict = false;
}

/* A part of a word was taken for another one: the whole word replaces it. */
static void
test_fragment(void)
{
	static const Span known = {0, 10};
	static const Span missing = {10, 20};
	CLEANUP(hearing) Hearing hearing = {.spans = NULL};
	CLEANUP(free) char *segments = NULL;
	CLEANUP(free) char *text = NULL;
	Transcript heard;

	transcript_init(&heard, "one", "", "en", SPANS_LATEST);
	transcript_add_word(&heard, 8, 9, -1, "this");
	transcript_add_word(&heard, 9.6, 10, -1, "some");
	transcript_add_segment(&heard, 8, 10, "this some");
	transcript_finish(&heard);
	hearing_add(&hearing, &heard, &known, 1);
	transcript_init(&heard, "one", "", "en", SPANS_LATEST);
	transcript_add_word(&heard, 9.5, 9.55, -1, "is");
	transcript_add_word(&heard, 9.6, 10.2, -1, "something");
	transcript_add_word(&heard, 11, 11.5, -1, "else");
	transcript_add_segment(&heard, 9.5, 11.5, "is something else");
	transcript_finish(&heard);
	hearing_add(&hearing, &heard, &missing, 1);
	text = text_of(&hearing, &(Span){0, 20}, 1, &segments);
	is_str(text, "this 8.000 9.000\nsomething 9.600 10.200\nelse 11.000 11.500\n",
		   "a word replaces the part of it that was heard before");
	is_str(segments, "this something else ", "  also in the segments");
}

static void
test_silent_border(void)
{
	CLEANUP(hearing) Hearing memory = {.spans = NULL};

	(void) hear(ONE, &(Span){200, 310}, 1, &memory);
	(void) hear(ONE, &(Span){200, 340}, 1, &memory);
	is_int((long long) round(asked * 100), 1025,
		   "nothing is heard twice where nobody speaks");
}

#define CLOUD "[{\"name\":\"cloud\",\"protocol\":\"knows\"}]"
#define OTHER "[{\"name\":\"other\",\"protocol\":\"knows\"}]"
#define BOTH                                        \
	"[{\"name\":\"cloud\",\"protocol\":\"knows\"}," \
	"{\"name\":\"other\",\"protocol\":\"knows\"}]"

/* What several heard is known: each is asked for what he did not hear. */
static void
test_several(void)
{
	const Span span = {10, 20};
	const Span more = {10, 30};
	Hearing known[2] = {{.spans = NULL}, {.spans = NULL}};
	Hearing now;

	(void) hear(CLOUD, &span, 1, &known[1]);
	(void) hear(OTHER, &span, 1, &known[0]);
	ok(hear_knowing(BOTH, &span, 1, known, 2, &now), "both heard it");
	is_str(now.heard.provider, "cloud", "the first of the list counts");
	is_int((long long) asked, 0, "  and nobody is asked");
	known[1] = now;
	ok(hear_knowing(OTHER, &span, 1, known, 2, &now), "the other one");
	is_str(now.heard.provider, "other", "  is known as well");
	is_int((long long) asked, 0, "  and not asked either");
	known[0] = now;
	(void) cJSON_AddItemToArray(known[0].passed, cJSON_CreateString(known[1].key));
	ok(hear_knowing(BOTH, &more, 1, known, 2, &now), "one that failed lately");
	is_str(now.heard.provider, "other", "  is not asked for more");
	hearing_free(&known[0]);
	known[0] = known[1];
	known[1] = now;
	ok(hear_knowing(BOTH, &more, 1, known, 2, &now), "one that heard something since");
	is_str(now.heard.provider, "cloud", "  is");
	is_int((long long) (asked * 10), 105, "  for what is missing");
	hearing_free(&now);
	for (size_t i = 0; i < 2; i++)
		hearing_free(&known[i]);
}

static void
test_order(void)
{
	CLEANUP(hearing) Hearing memory = {.spans = NULL};
	const Span span = {10, 20};
	const Span other = {10, 30};

	deaf = true;
	ok(!hear(TWO, &span, 1, &memory), "nobody answers");
	deaf = false;
	(void) hear(TWO, &span, 1, &memory);
	is_str(memory.heard.provider, "one", "the first answers");
	(void) hear(
		"[{\"name\":\"two\",\"protocol\":\"knows\"},{\"name\":\"one\",\"protocol\":"
		"\"knows\"}]",
		&span, 1, &memory);
	is_str(memory.heard.provider, "two", "another one is preferred: it is asked");
	is_int((long long) asked, 10, "  for everything");
	(void) hear(
		"[{\"name\":\"gone\",\"protocol\":\"none\"},{\"name\":\"two\",\"protocol\":"
		"\"knows\"}]",
		&span, 1, &memory);
	is_int(cJSON_GetArraySize(memory.passed), 1, "one that failed is remembered");
	(void) hear(
		"[{\"name\":\"gone\",\"protocol\":\"knows\"},{\"name\":\"two\",\"protocol\":"
		"\"knows\"}]",
		&other, 1, &memory);
	is_str(memory.heard.provider, "two",
		   "  and not asked again where the next one answered");
	is_int((long long) asked, 10, "  who is asked for the rest only");
	with_captions = true;
	(void) hear(
		"[{\"name\":\"c\",\"protocol\":\"captions\"},{\"name\":\"two\",\"protocol\":"
		"\"knows\"}]",
		&other, 1, &memory);
	is_str(memory.heard.provider, "c", "captions are always read: they cost nothing");
}

/* What may change the words is another key, how the sound travels is not. */
static void
test_key(void)
{
	static const struct
	{
		const char *row;
		const char *language;
		const char *vocabulary;
		bool same;
	} keys[] = {
#define ROW "\"name\":\"a\",\"model\":\"b\""
		{"{" ROW "}",																			   "en", NULL,         true },
		{"{\"name\":\"ab\"}",																	   "en", NULL,         false},
		{"{" ROW "}",																			   NULL, NULL,         false},
		{"{" ROW "}",																			   "en", "[\"term\"]", false},
		{"{" ROW ",\"base_url\":\"http://one/v1\",\"protocol\":\"openai\"}",                        "en", NULL,
													false																											   },
		{"{" ROW ",\"base_url\":\"http://one/v1/\",\"protocol\":\"openai\"}",                       "en", NULL,
													true																												},
		{"{" ROW ",\"base_url\":\"http://two/v1\",\"protocol\":\"openai\"}",                        "en", NULL,
													false																											   },
		{"{" ROW ",\"base_url\":\"http://two/v1\",\"protocol\":\"assemblyai\"}",                    "en",
													NULL,																										  false},
		{"{" ROW ",\"base_url\":\"http://two/v1\",\"protocol\":\"assemblyai\","
		 "\"settings\":{\"chunk_seconds\":30,\"upload_format\":\"flac\",\"attempts\":9}}", "en", NULL,         true },
		{"{" ROW ",\"base_url\":\"http://two/v1\",\"protocol\":\"assemblyai\","
		 "\"settings\":{\"word_times\":false}}",										   "en", NULL,         false},
	};
	char before[HASH_HEX_SIZE] = "";

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
	{
		CLEANUP(json) cJSON *row = cJSON_Parse(keys[i].row);
		CLEANUP(json)
		cJSON *words =
			keys[i].vocabulary != NULL ? cJSON_Parse(keys[i].vocabulary) : NULL;
		char key[HASH_HEX_SIZE];

		hearing_key(row, keys[i].language, words, key);
		ok(i == 0 || (strcmp(key, before) == 0) == keys[i].same, "%s key: %s",
		   keys[i].same ? "the same" : "another", keys[i].row);
		memcpy(before, key, sizeof before);
	}
}

static void
test_bad(void)
{
	static const char *const bad[] = {
		"[]",
		"{\"version\":2}",
		"{\"version\":1,\"passed_over\":[],\"spans\":[]}",
		"{\"version\":1,\"passed_over\":[],\"spans\":[[5,5]]}",
		"{\"version\":1,\"passed_over\":[],\"spans\":[[0,5],[4,6]]}",
		"{\"version\":1,\"passed_over\":[],\"spans\":[[0,1e300]]}",
		"{\"version\":1,\"passed_over\":[],\"spans\":[[0,5]],\"words\":[[1,2,\"x\"]]}",
		"{\"version\":1,\"passed_over\":[],\"spans\":[[0,5]],\"words\":[[1,2,0.5,\"x\"]],"
		"\"segments\":[[1,2]]}",
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
	{
		CLEANUP(json) cJSON *json = cJSON_Parse(bad[i]);
		Hearing hearing;
		Error err;

		ok(!hearing_from_json(json, &hearing, &err) && hearing.spans == NULL,
		   "refused: %s", err.message);
	}
}

int
main(void)
{
	test_missing();
	test_borders();
	test_fragment();
	test_silent_border();
	test_several();
	test_order();
	test_key();
	test_bad();
	return done_testing();
}
