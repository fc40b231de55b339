/* sources: speech/heard.c speech/chunks.c speech/transcript.c speech/sentence.c base/spans.c base/error.c base/buffer.c base/utf8.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_heard.c
 *	  What a cut shows of what was heard: whole words, none lost and none twice, segments
 *	  with the text of their provider as long as they are whole.
 */
#include "speech/heard.h"

#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "speech/chunks.h"
#include "tap.h"

/* The words as "text@start-end", with blanks between. */
static const char *
words_of(const Transcript *transcript)
{
	static char text[2000];

	*text = '\0';
	for (size_t i = 0; i < transcript->word_count; i++)
	{
		const Word *word = &transcript->words[i];
		size_t length = strlen(text);

		snprintf(text + length, sizeof text - length, "%s%s@%g-%g", i > 0 ? " " : "",
				 word->text, word->start, word->end);
	}
	return text;
}

static const char *
segments_of(const Transcript *transcript)
{
	static char text[2000];

	*text = '\0';
	for (size_t i = 0; i < transcript->segment_count; i++)
	{
		const Segment *segment = &transcript->segments[i];
		size_t length = strlen(text);

		snprintf(text + length, sizeof text - length, "%s[%s]%g-%g", i > 0 ? " " : "",
				 segment->text, segment->start, segment->end);
	}
	return text;
}

/* Two sentences, 10..14 and 20..24, a word a second. */
static void
listen(Transcript *heard)
{
	static const char *const said[] = {"good", "morning", "all", "of",
									   "you",  "today",   "we",  "begin"};

	transcript_init(heard, "test", "model", "en", 100);
	for (size_t i = 0; i < 8; i++)
		transcript_add_word(heard, (i < 4 ? 10.0 : 16.0) + (double) i,
							(i < 4 ? 10.8 : 16.8) + (double) i, 0.9, said[i]);
	transcript_add_segment(heard, 10, 14, "Good morning, all of");
	transcript_add_segment(heard, 20, 24, "you! Today we begin.");
	transcript_finish(heard);
}

static void
shows(const CutSpan *cuts, size_t count, const char *words, const char *segments,
	  const char *what)
{
	CLEANUP(transcript) Transcript heard;
	CLEANUP(transcript) Transcript output;

	listen(&heard);
	heard_retime(&heard, cuts, count, &output);
	is_str(words_of(&output), words, what);
	is_str(segments_of(&output), segments, "  its segments");
}

static void
test_retime(void)
{
	shows(
		(CutSpan[]){
			{10, 30, 0}
    },
		1,
		"good@0-0.8 morning@1-1.8 all@2-2.8 of@3-3.8 you@10-10.8 today@11-11.8 "
		"we@12-12.8 begin@13-13.8",
		"[Good morning, all of]0-4 [you! Today we begin.]10-14", "an earlier beginning");
	shows(
		(CutSpan[]){
			{0,  14, 0 },
            {20, 30, 14}
    },
		2,
		"good@10-10.8 morning@11-11.8 all@12-12.8 of@13-13.8 you@14-14.8 today@15-15.8 "
		"we@16-16.8 begin@17-17.8",
		"[Good morning, all of]10-14 [you! Today we begin.]14-18",
		"a pause that was taken out");
	shows(
		(CutSpan[]){
			{0,  11.5, 0   },
            {13, 21.5, 11.5}
    },
		2, "good@10-10.8 morning@11-11.5 of@11.5-12.3 you@18.5-19.3 today@19.5-20",
		"[good morning]10-11.5 [of]11.5-12.3 [you today]18.5-20",
		"words in the middle taken out, others shortened: a word counts by its middle");
	shows(
		(CutSpan[]){
			{30, 40, 0}
    },
		1, "", "", "where nothing is said");
}

static void
test_confine(void)
{
	CLEANUP(transcript) Transcript heard;
	static const Span spans[] = {
		{11, 13},
        {22, 30}
    };

	listen(&heard);
	heard_confine(&heard, spans, 2);
	is_str(words_of(&heard), "morning@11-11.8 all@12-12.8 we@22-22.8 begin@23-23.8",
		   "words outside of what was asked for are dropped");
	is_str(segments_of(&heard), "[morning all]11-12.8 [we begin]22-23.8",
		   "  and do not stay in a segment");
	is_int((long long) heard.duration, 100, "  times stay as they are");
}

static unsigned seed = 20261121;

static double
chance(void)
{
	seed = seed * 1664525u + 1013904223u;
	return (double) (seed >> 8) / (double) (1u << 24);
}

/* Words without gaps over all that was sent of random parts: each is in one part, none is lost,
 * none twice, and they keep their order. */
static void
test_joints(void)
{
	int good = 0;

	for (int round = 0; round < 2000; round++)
	{
		Span parts[12];
		CutSpan cuts[12];
		Chunk chunk = {.parts = parts, .part_count = 1 + (size_t) (chance() * 11)};
		CLEANUP(transcript) Transcript heard;
		double at = chance() * 10;
		double sent = 0;
		size_t count = 0;
		bool fine = true;

		for (size_t i = 0; i < chunk.part_count; i++)
		{
			parts[i] = (Span){at, at + 0.02 + chance() * chance() * 20};
			at = parts[i].end + chance() * 5;
		}
		chunk_cuts(&chunk, cuts);
		transcript_init(&heard, "test", "model", "en", 1e6);
		while (sent < chunk_sent(&chunk))
		{
			double length = 0.005 + chance() * chance() * 0.8;
			double end = fmin(sent + length, chunk_sent(&chunk));
			Span word = chunk_source_span(cuts, chunk.part_count, sent, end);
			char text[16];

			snprintf(text, sizeof text, "%zu", count++);
			transcript_add_word(&heard, word.start, word.end, -1, text);
			sent += length;
		}
		transcript_finish(&heard);
		heard_confine(&heard, parts, chunk.part_count);
		fine = heard.word_count == count;
		for (size_t i = 0; fine && i < count; i++)
			fine = strtoul(heard.words[i].text, NULL, 10) == i;
		good += fine;
	}
	is_int(good, 2000, "2000 times words over joined parts: all are kept, in order");
}

static void
test_border(void)
{
	CLEANUP(transcript) Transcript heard;
	static const Span spans[] = {
		{10,   10.4},
        {11,   11.4},
        {11.4, 12  }
    };

	listen(&heard);
	heard_confine(&heard, spans, 3);
	is_str(words_of(&heard), "good@10-10.8 morning@11-11.8",
		   "a word whose middle is at a border is kept, once");
}

int
main(void)
{
	test_retime();
	test_confine();
	test_joints();
	test_border();
	return done_testing();
}
