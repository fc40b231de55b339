/* sources: speech/captions.c speech/captions_read.c speech/captions_cue.c speech/transcript.c speech/transcript_json.c speech/sentence.c base/json.c base/error.c base/buffer.c base/utf8.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_captions.c
 *	  Caption files as people and programs write them.
 */
#include "speech/captions_read.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "speech/speech.h"
#include "tap.h"

/* The words with their times, or the code of the error. */
static const char *
read_as(const char *text)
{
	static char said[2000];
	CLEANUP(transcript) Transcript transcript;
	Error err;

	*said = '\0';
	if (!captions_read(text, strlen(text), &transcript, &err))
		return "bad_captions";
	for (size_t i = 0; i < transcript.word_count; i++)
	{
		const Word *word = &transcript.words[i];
		size_t length = strlen(said);

		snprintf(said + length, sizeof said - length, "%s%s@%g-%g", i > 0 ? " " : "",
				 word->text, word->start, word->end);
	}
	return said;
}

static void
test_formats(void)
{
	is_str(
		read_as(
			"\xEF\xBB\xBFWEBVTT\r\n\r\n00:01.000 --> 00:03.000 line:0 "
			"align:start\r\nHello you\r\n\r\n1:00:00.500 --> 1:00:01.500\r\nThere\r\n"),
		"Hello@1-2.2 you@2.2-3 There@3600.5-3601.5",
		"WebVTT: byte order mark, CRLF, hours optional, settings");
	is_str(read_as("1\n00:00:01,000 --> 00:00:02,500\none\n\n2\n00:00:03,0 --> "
				   "00:00:04,0\nzwei 2\n"),
		   "one@1-2.5 zwei@3-3.714 2@3.714-4", "SubRip, and a number that is said");
	is_str(read_as("1\n00:00:01,000 --> 00:00:02,000\none\n2\n00:00:03,000 --> "
				   "00:00:04,000\ntwo"),
		   "one@1-2 two@3-4", "without blank lines between, the last line not ended");
	is_str(
		read_as("WEBVTT - title\n\nNOTE this\nis no text\n\nSTYLE\n::cue(b) "
				"{}\n\nREGION\nid:x\n\nintro\n00:01.000 --> 00:02.000\nsaid\n\nNOTE end"),
		"said@1-2", "notes, styles, regions and names of cues are not said");
	is_str(read_as("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann Lee>a</v> <c.loud>b</c> "
				   "&amp;&lt;&#39;&#x42;&bad; 1 < 2\n"),
		   "a@1-1.1 b@1.1-1.2 &<'B&bad;@1.2-1.7 1@1.7-1.8 <@1.8-1.9 2@1.9-2",
		   "voices, classes, entities, and what only looks like a tag");
	is_str(read_as("1\n00:00:01,000 --> 00:00:02,000\n{\\an8}<i>up</i>\n"), "up@1-2",
		   "marks of place and slant");
	is_str(
		read_as(
			"WEBVTT\n\n00:01.000 --> 00:02.000\n>> - Well\n[MUSIC]\n(applause)\n♪ ♪\n"),
		"Well@1-2", "marks of speakers and sounds are not said");
	is_str(
		read_as("WEBVTT\n\n00:03.000 --> 00:02.000\nback\n\n00:xx --> 00:03.000\nbad\n\n"
				"99999999:00:00.000 --> 99999999:00:01.000\nlate\n\n00:04.000 --> "
				"00:05.000\ngood\n"),
		"good@4-5", "cues with impossible times are left out");
	is_str(read_as(""), "bad_captions", "nothing");
	is_str(read_as("<html>hello</html>"), "bad_captions", "no captions");
}

static void
test_times(void)
{
	is_str(read_as("WEBVTT\n\n00:05.000 --> 00:06.000\nthird\n\n00:01.000 --> "
				   "00:04.000\nfirst\n\n00:02.000 --> 00:04.000\nsecond\n"),
		   "first@1-2 second@2-4 third@5-6",
		   "cues in any order; the earlier ends where the later begins");
	is_str(read_as("WEBVTT\n\n00:01.000 --> 00:03.000\naa\n\n00:01.000 --> "
				   "00:03.000\nbb\n"),
		   "aa@1-2 bb@2-3", "two at the same time are behind each other");
	is_str(
		read_as(
			"WEBVTT\n\n00:01.000 --> 00:05.000\none <00:02.000>two <00:04.500>three\n"),
		"one@1-2 two@2-4.5 three@4.5-5", "times of words that are told");
	is_str(read_as("WEBVTT\n\n00:01.000 --> 00:05.000\n<00:09.000>one\n"), "one@5-5.1",
		   "but not beyond their cue");
}

/* The segments with their times, or the code of the error. */
static const char *
segments_of(const char *text)
{
	static char said[2000];
	CLEANUP(transcript) Transcript transcript;
	Error err;

	*said = '\0';
	if (!captions_read(text, strlen(text), &transcript, &err))
		return "bad_captions";
	for (size_t i = 0; i < transcript.segment_count; i++)
	{
		const Segment *segment = &transcript.segments[i];
		size_t length = strlen(said);

		snprintf(said + length, sizeof said - length, "%s[%s]%g-%g", i > 0 ? " " : "",
				 segment->text, segment->start, segment->end);
	}
	return said;
}

/* What somebody put together stays together, however long it is shown. */
static void
test_segments(void)
{
	is_str(segments_of("WEBVTT\n\n02:40.000 --> 02:50.000\nThe honeybee dances.\n\n"
					   "02:50.000 --> 02:52.000\nWhy? It has found\na flower, and\n\n"
					   "02:53.000 --> 02:55.000\ntells it.\n"),
		   "[The honeybee dances.]160-170 [Why? It has found a flower, and]170-172 "
		   "[tells it.]173-175",
		   "a cue is a segment");
	is_str(segments_of("WEBVTT\n\n00:01.000 --> 00:01.300\nWe\n\n00:01.300 --> "
					   "00:01.600\nbegin\n\n00:01.600 --> 00:02.000\nnow.\n\n00:02.000 "
					   "--> 00:04.000\nSit down\n\n00:04.000 --> 00:04.500\nplease.\n"),
		   "[We begin now.]1-2 [Sit down]2-4 [please.]4-4.5",
		   "cues that nobody can read are taken together");
}

static void
test_rolling(void)
{
	is_str(read_as("WEBVTT\n\n"
				   "00:00.000 --> 00:02.000\n \naa<00:01.000><c> bb</c>\n\n"
				   "00:02.000 --> 00:02.010\naa bb\n \n\n"
				   "00:02.010 --> 00:04.000\naa bb\ncc<00:03.000><c> dd</c>\n\n"
				   "00:04.000 --> 00:04.010\ncc dd\n \n"),
		   "aa@0-1 bb@1-2 cc@2.01-3 dd@3-4", "lines that roll up are said once");
	is_str(read_as("1\n00:00:00,000 --> 00:00:01,000\none two\n\n2\n00:00:01,000 --> "
				   "00:00:02,000\none two\nthree\n\n3\n00:00:02,000 --> "
				   "00:00:03,000\nthree\nfour\n"),
		   "one@0-0.5 two@0.5-1 three@1-2 four@2-3", "in SubRip as well");
	is_str(
		read_as(
			"WEBVTT\n\n00:00.000 --> 00:01.000\nNo.\n\n00:01.000 --> 00:02.000\nNo.\n\n"
			"00:03.000 --> 00:04.000\nYes.\n\n00:05.000 --> 00:06.000\nWhy?\n\n"
			"00:06.000 --> 00:07.000\nSo.\n"),
		"No.@0-1 No.@1-2 Yes.@3-4 Why?@5-6 So.@6-7", "who says it twice said it twice");
}

/* The language and the first word of what a provider makes of captions, or the code. */
static const char *
provided(const char *captions, const char *language)
{
	static char text[100];
	CLEANUP(json) cJSON *list = cJSON_Parse(captions);
	CLEANUP(json) cJSON *heard = NULL;
	SpeechRequest request = {.captions = list, .language = language};
	Error err;

	if (!speech_captions(&request, &heard, &err))
		snprintf(text, sizeof text, "%s", err.code);
	else
		snprintf(text, sizeof text, "%s %s", json_text(heard, "language", ""),
				 json_text(json_at(heard, "words")->child, "word", ""));
	return text;
}

#define CUE(text) "WEBVTT\\n\\n00:01.000 --> 00:02.000\\n" text
#define BOTH                                                                      \
	"[{\"language\":\"en\",\"body\":\"" CUE("Hello") "\"},{\"language\":"         \
													 "\"ru-RU\",\"body\":\"" CUE( \
														 "Привет") "\"}]"

static void
test_provider(void)
{
	is_str(provided(BOTH, "ru"), "ru-RU Привет", "captions of the wanted language");
	is_str(provided(BOTH, NULL), "en Hello", "the first, where none is wanted");
	is_str(provided(BOTH, "de"), "no_captions", "none of that language");
	is_str(provided("[]", "de"), "no_captions", "none at all");
	is_str(provided("[{\"body\":\"" CUE("Добрый день") "\"}]", "ru"), "ru Добрый",
		   "letters tell the language");
	is_str(provided("[{\"body\":\"" CUE("Добрый день") "\"}]", "en"), "no_captions",
		   "  also that it is another one");
	is_str(provided("[{\"body\":\"" CUE("This is the end of it") "\"}]", NULL), "en This",
		   "English by its small words");
	is_str(provided("[{\"body\":\"WEBVTT\\nLanguage: pt-BR\\n\\n00:01.000 --> "
					"00:02.000\\nsim\"}]",
					"pt"),
		   "pt-BR sim", "the header says it");
	is_str(provided("[{\"language\":\"en\",\"body\":\"junk\"}]", "en"), "bad_captions",
		   "captions that cannot be read are an error");
}

int
main(void)
{
	static char large[CAPTIONS_MOST_BYTES + 2];

	test_formats();
	test_times();
	test_segments();
	test_rolling();
	test_provider();
	memset(large, 'x', sizeof large - 1);
	is_str(read_as(large), "bad_captions", "too much");
	return done_testing();
}
