/* sources: speech/transcript.c speech/transcript_json.c speech/sentence.c base/buffer.c base/error.c base/utf8.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_transcript.c
 *	  Transcripts: order, repair, segments out of words, JSON there and back.
 */
#include "speech/transcript.h"

#include <math.h>

#include "base/cleanup.h"
#include "tap.h"

static void
test_repair(void)
{
	Transcript transcript;

	transcript_init(&transcript, "test", "model", "en", 60);
	transcript_add_word(&transcript, 5.0, 5.4, 0.5, " world ");
	transcript_add_word(&transcript, 4.0, 3.0, -1, "hello");
	transcript_add_word(&transcript, 70, 80, 1.0, "late");
	transcript_add_word(&transcript, 1, 2, 1.0, " \n ");
	transcript_finish(&transcript);
	is_int((long long) transcript.word_count, 3, "a blank word is not kept");
	is_str(transcript.words[0].text, "hello", "words are sorted");
	is_str(transcript.words[1].text, "world", "and trimmed");
	ok(fabs(transcript.words[0].end - 4.1) < 1e-9, "an end before its start is repaired");
	ok(transcript.words[2].start <= 60, "nothing starts behind the end");
	ok(fabs(transcript_confidence(&transcript) - 0.75) < 1e-9,
	   "an unknown confidence does not count");
	transcript_free(&transcript);
}

static void
test_segments(void)
{
	static const char *const words[] = {"One",  "two", "three.", "Four",
										"five", "six", "seven",  "ok"};
	Transcript transcript;
	Buffer text;

	transcript_init(&transcript, "test", "model", "en", 60);
	for (size_t i = 0; i < 8; i++)
		transcript_add_word(&transcript, (double) i + (i > 5 ? 1 : 0),
							(double) i + 0.9 + (i > 5 ? 1 : 0), 1, words[i]);
	transcript_finish(&transcript);
	buffer_init(&text);
	transcript_text(&transcript, &text);
	is_str(text.data, "One two three.\nFour five six\nseven ok\n",
		   "broken at a full stop and at a pause");
	buffer_free(&text);
	transcript_free(&transcript);
}

static void
test_json(void)
{
	Transcript transcript;
	Transcript again;
	Error err = {0};

	transcript_init(&transcript, "test", "model", "ru", 12.5);
	transcript_add_word(&transcript, 0.1, 0.30004, 0.98765, "сеть");
	transcript_add_word(&transcript, 0.4, 0.9, -1, "\"цитата\"");
	transcript_finish(&transcript);

	CLEANUP(json) cJSON *json = transcript_to_json(&transcript);
	CLEANUP(free) char *first = cJSON_PrintUnformatted(json);

	is_str(
		first,
		"{\"version\":1,\"language\":\"ru\",\"provider\":\"test\",\"model\":\"model\","
		"\"duration\":12.5,\"words\":[{\"id\":0,\"start\":0.1,\"end\":0.3,\"word\":"
		"\"сеть\","
		"\"confidence\":0.988},{\"id\":1,\"start\":0.4,\"end\":0.9,\"word\":"
		"\"\\\"цитата\\\"\"}],\"segments\":[{\"id\":0,\"start\":0.1,\"end\":0.9,\"text\":"
		"\"сеть \\\"цитата\\\"\"}],\"statistics\":{\"words\":2,\"segments\":1,"
		"\"words_per_minute\":9.6,\"mean_confidence\":0.988}}",
		"the document of the protocol");
	if (ok(transcript_from_json(json, &again, &err), "it can be read again"))
	{
		CLEANUP(json) cJSON *second = transcript_to_json(&again);

		ok(cJSON_Compare(json, second, 1), "and says the same");
		transcript_free(&again);
	}
	transcript_free(&transcript);
}

static void
test_bad_json(void)
{
	static const char *const documents[] = {
		"null",
		"[]",
		"{}",
		"{\"words\":[]}",
		"{\"words\":{},\"duration\":1}",
		"{\"words\":[],\"duration\":-1}",
		"{\"words\":[1],\"duration\":1}",
		"{\"words\":[{\"word\":\"a\",\"start\":\"0\",\"end\":1}],\"duration\":1}",
		"{\"words\":[{\"word\":7,\"start\":0,\"end\":1}],\"duration\":1}",
		"{\"words\":[{\"word\":\"a\",\"start\":0,\"end\":1}],\"segments\":[{}],"
		"\"duration\":1}",
		"{\"words\":[{\"word\":\"a\",\"start\":0,\"end\":1e999}],\"duration\":1}",
	};

	for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++)
	{
		CLEANUP(json) cJSON *json = cJSON_Parse(documents[i]);
		Transcript transcript;
		Error err = {0};

		ok(!transcript_from_json(json, &transcript, &err) &&
			   err.class == ERROR_PERMANENT && strcmp(err.code, "bad_transcript") == 0,
		   "refused: %s", documents[i]);
	}
}

int
main(void)
{
	test_repair();
	test_segments();
	test_json();
	test_bad_json();
	return done_testing();
}
