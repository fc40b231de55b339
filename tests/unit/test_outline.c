/* sources: outline/embedded.c outline/normal.c outline/title.c outline/lecture.c outline/limits.c outline/phrases.c outline/segment.c outline/stop_words.c outline/summary.c outline/tokens.c base/utf8.c base/buffer.c base/error.c */
/* libs: libcjson -lstemmer -lm */
/*
 * tests/unit/test_outline.c
 *	  Topics of lectures whose structure is known, and of documents that are none.
 */
#include "outline/outline.h"

#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "outline/limits.h"
#include "outline/stop_words.h"
#include "tap.h"

/* Subjects, each with words of its own. */
static const char *const english[][6] = {
	{"volcano", "lava",      "magma",  "eruption", "crater",  "ash"    },
	{"bread",   "dough",     "yeast",  "flour",    "oven",    "crust"  },
	{"bee",     "nectar",    "pollen", "honey",    "flower",  "colony" },
	{"tide",    "moon",      "ocean",  "gravity",  "harbor",  "beach"  },
	{"bridge",  "cable",     "tower",  "steel",    "arch",    "traffic"},
	{"violin",  "orchestra", "melody", "rhythm",   "concert", "piano"  },
};
static const char *const russian[][6] = {
	{"вулкан", "лавы",     "магму",   "извержение", "кратером", "пепел"    },
	{"хлеб",     "теста",   "дрожжи", "мукой",           "печи",         "корочка"},
	{"пчелы",   "нектар", "пыльцу", "мёдом",           "цветок",     "улей"      },
	{"прилив", "луной",   "океана", "гравитация", "гавань",     "пляж"      },
};

static unsigned int seed;

static unsigned int
roll(unsigned int sides)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % sides;
}

static void
add_segment(cJSON *segments, double start, double end, const char *text)
{
	cJSON *item = cJSON_CreateObject();

	cJSON_AddNumberToObject(item, "start", start);
	cJSON_AddNumberToObject(item, "end", end);
	cJSON_AddStringToObject(item, "text", text);
	cJSON_AddItemToArray(segments, item);
}

/* Utterances of 7 s every 8 s; pause seconds between subject 1 and 2. */
static cJSON *
lecture(const char *language, const char *const (*words)[6], size_t subjects,
		size_t utterances, double pause)
{
	cJSON *transcript = cJSON_CreateObject();
	cJSON *segments = cJSON_AddArrayToObject(transcript, "segments");
	double at = 3;

	for (size_t i = 0; i < subjects * utterances; i++)
	{
		const char *const *own = words[i / utterances];
		char text[400];

		at += i == utterances ? pause : 0;
		snprintf(text, sizeof text, "now the %s and %s of %s with это и %s water",
				 own[roll(6)], own[roll(6)], own[roll(6)], own[roll(6)]);
		add_segment(segments, at, at + 7, text);
		at += 8;
	}
	cJSON_AddStringToObject(transcript, "language", language);
	cJSON_AddNumberToObject(transcript, "duration", at);
	return transcript;
}

static cJSON *
outline_of(const cJSON *transcript, const char *granularity)
{
	OutlineRequest request = {.transcript = transcript, .granularity = granularity};
	cJSON *outline = NULL;
	Error err = {0};

	if (!outline_embedded(&request, &outline, &err))
		ok(false, "outline: %s: %s", err.code, err.message);
	return outline;
}

/* Starts of topics in whole seconds, with blanks between. */
static const char *
starts_of(const cJSON *outline)
{
	static char text[400];
	const cJSON *topic = NULL;
	size_t length = 0;

	text[0] = '\0';
	cJSON_ArrayForEach(topic, cJSON_GetObjectItem(outline, "topics")) length +=
		(size_t) snprintf(text + length, sizeof text - length, "%s%.0f",
						  length > 0 ? " " : "",
						  cJSON_GetNumberValue(cJSON_GetObjectItem(topic, "start")));
	return text;
}

static void
test_short_lectures(void)
{
	CLEANUP(json) cJSON *five = lecture("en", english, 5, 6, 0);
	CLEANUP(json) cJSON *topics = outline_of(five, NULL);
	CLEANUP(json) cJSON *ru = lecture("ru", russian, 4, 6, 0);
	CLEANUP(json) cJSON *ru_topics = outline_of(ru, "medium");

	is_str(starts_of(topics), "0 51 99 147 195", "five subjects in four minutes");
	is_str(starts_of(ru_topics), "0 51 99 147", "four in Russian, with endings");
}

static void
test_long_lecture(void)
{
	CLEANUP(json) cJSON *hour = lecture("en", english, 6, 75, 0);
	CLEANUP(json) cJSON *topics = outline_of(hour, "medium");

	is_str(starts_of(topics), "0 603 1203 1803 2403 3003", "six subjects in an hour");
}

static void
test_pause(void)
{
	CLEANUP(json) cJSON *transcript = lecture("en", english, 2, 60, 600);
	CLEANUP(json) cJSON *outline = outline_of(transcript, "short");
	const cJSON *pause = cJSON_GetArrayItem(cJSON_GetObjectItem(outline, "pauses"), 0);
	const cJSON *topic = cJSON_GetArrayItem(cJSON_GetObjectItem(outline, "topics"), 0);
	bool bounded = false;

	is_int((long long) cJSON_GetNumberValue(cJSON_GetObjectItem(pause, "start")), 482,
		   "a pause of ten minutes is marked");
	is_int((long long) cJSON_GetNumberValue(cJSON_GetObjectItem(pause, "end")), 1083,
		   "up to its end");
	for (; topic != NULL; topic = topic->next)
		bounded |= cJSON_GetNumberValue(cJSON_GetObjectItem(topic, "end")) == 482;
	ok(bounded, "and a topic ends where it begins: %s", starts_of(outline));
}

static void
test_document(void)
{
	CLEANUP(json) cJSON *transcript = lecture("en-US", english, 3, 8, 0);
	CLEANUP(json) cJSON *outline = outline_of(transcript, "long");
	const char *const keys[] = {
		"version",     "provider", "model",     "language",       "granularity", "topics",
		"main_topics", "summary",  "questions", "questions_note", "pauses"};
	const cJSON *topic = cJSON_GetArrayItem(cJSON_GetObjectItem(outline, "topics"), 2);
	double end = cJSON_GetNumberValue(cJSON_GetObjectItem(topic, "end"));
	double duration = cJSON_GetNumberValue(cJSON_GetObjectItem(transcript, "duration"));

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		ok(cJSON_HasObjectItem(outline, keys[i]), "the document has %s", keys[i]);
	is_str(cJSON_GetStringValue(cJSON_GetObjectItem(outline, "language")), "en",
		   "language");
	is_int(cJSON_GetArraySize(cJSON_GetObjectItem(outline, "questions")), 0,
		   "no questions");
	ok(fabs(end - duration) < 0.001, "the last topic ends with the lesson");
	ok(strlen(cJSON_GetStringValue(cJSON_GetObjectItem(outline, "summary"))) > 50,
	   "there is a summary");
}

/* Words that are said once set nothing apart: parts are counted as they are left. */
static void
test_few_words(void)
{
	CLEANUP(json) cJSON *transcript = cJSON_CreateObject();
	cJSON *segments = cJSON_AddArrayToObject(transcript, "segments");
	CLEANUP(json) cJSON *outline = NULL;
	const cJSON *topic;
	size_t number = 0;
	size_t wrong = 0;

	add_segment(segments, 0, 8, "the bridge");
	add_segment(segments, 40, 48, "a bridge");
	for (size_t i = 2; i < 6; i++)
		add_segment(segments, 40.0 * (double) i, 40.0 * (double) i + 8, "well so");
	add_segment(segments, 250, 258, "some flower and then a flower");
	cJSON_AddStringToObject(transcript, "language", "en");
	cJSON_AddNumberToObject(transcript, "duration", 270);
	outline = outline_of(transcript, NULL);
	cJSON_ArrayForEach(topic, cJSON_GetObjectItem(outline, "topics"))
	{
		char part[20];
		const char *title = cJSON_GetStringValue(cJSON_GetObjectItem(topic, "title"));

		snprintf(part, sizeof part, "Part %zu", ++number);
		wrong += strncmp(title, "Part ", 5) == 0 && strcmp(title, part) != 0;
	}
	is_int((long long) wrong, 0, "a part has the number of its place");
	topic = cJSON_GetObjectItem(outline, "main_topics");
	if (is_int(cJSON_GetArraySize(topic), 2, "two subjects"))
	{
		is_str(cJSON_GetStringValue(topic->child), "Bridge", "  one");
		is_str(cJSON_GetStringValue(topic->child->next), "Flower", "  and another");
	}
	ok(cJSON_HasObjectItem(outline, "note"), "granularity makes no difference: a note");
}

/* Any list of segments gives topics in order that cover the lesson. */
static void
test_anything(void)
{
	static const char *const texts[] = {
		"",        "...", "the",      "a b c",
		"volcano", "ж",   "\xff\xfe", "lava and magma and lava",
		"42 43 44"};
	size_t bad = 0;

	for (seed = 1; seed < 400; seed++)
	{
		CLEANUP(json) cJSON *transcript = cJSON_CreateObject();
		CLEANUP(json) cJSON *outline = NULL;
		cJSON *segments = cJSON_AddArrayToObject(transcript, "segments");
		unsigned int keep = seed;
		double before = -1;
		double at = 0;

		seed = keep * 7919;
		for (unsigned int i = 1 + roll(60); i > 0; i--)
		{
			double lasts = roll(3) == 0 ? 0 : roll(900);

			add_segment(segments, at, at + lasts, texts[roll(9)]);
			at += roll(9) == 0 ? 1000 : lasts;
		}
		outline = outline_of(transcript, keep % 2 == 0 ? "short" : "long");
		const cJSON *topic =
			cJSON_GetArrayItem(cJSON_GetObjectItem(outline, "topics"), 0);

		bad += topic == NULL;
		for (; topic != NULL; topic = topic->next)
		{
			double start = cJSON_GetNumberValue(cJSON_GetObjectItem(topic, "start"));

			bad += start < before;
			bad += *cJSON_GetStringValue(cJSON_GetObjectItem(topic, "title")) == '\0';
			before = start;
		}
		seed = keep;
	}
	is_int((long long) bad, 0, "399 odd transcripts have titled topics in order");
}

static void
test_refusals(void)
{
	static const char *const documents[] = {
		"{}",
		"{\"segments\":[]}",
		"{\"segments\":[{}]}",
		"{\"segments\":[{\"text\":\"a\",\"start\":0,\"end\":1e999}]}",
	};
	static const char *const codes[] = {"bad_transcript", "no_words", "bad_transcript",
										"bad_transcript"};
	OutlineRequest request = {0};
	cJSON *outline = NULL;
	Error err = {0};

	for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++)
	{
		CLEANUP(json) cJSON *transcript = cJSON_Parse(documents[i]);

		request.transcript = transcript;
		ok(!outline_embedded(&request, &outline, &err), "refused: %s", documents[i]);
		is_str(err.code, codes[i], "  its code");
	}
	CLEANUP(json) cJSON *good = lecture("en", english, 3, 4, 0);

	request = (OutlineRequest){.transcript = good, .granularity = "huge"};
	ok(!outline_embedded(&request, &outline, &err), "granularity huge is refused");
	is_str(err.code, "bad_granularity", "  its code");
}

static void
test_limits(void)
{
	static const struct
	{
		const char *granularity;
		double minutes;
		size_t fewest;
		size_t most;
	} rows[] = {
		{"short",  60,   3,  12},
        {"medium", 60,   3,  15},
        {"long",   60,   5,  20},
		{"short",  90,   3,  18},
        {"medium", 90,   5,  22},
        {"long",   90,   8,  30},
		{"short",  180,  5,  30},
        {"long",   180,  15, 30},
        {"long",   4.5,  3,  5 },
		{"medium", 2.5,  3,  3 },
        {"long",   1.2,  2,  2 },
        {"long",   0.1,  1,  1 },
		{"short",  24,   3,  5 },
        {"long",   15,   3,  5 },
        {"long",   1440, 25, 30},
	};
	Limits limits;
	Error err;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		ok(limits_of(rows[i].granularity, rows[i].minutes * 60, &limits, &err) &&
			   limits.fewest == rows[i].fewest && limits.most == rows[i].most,
		   "%s topics of %.1f minutes: %zu to %zu", rows[i].granularity, rows[i].minutes,
		   limits.fewest, limits.most);
}

static void
test_stop_words(void)
{
	/* first, last and middle ones: a list out of order would miss some */
	ok(stop_word("en", "a") && stop_word("en", "yourself") &&
		   stop_word("en", "lecture") && stop_word("en", "aren't"),
	   "English stop words");
	ok(stop_word("ru", "а") && stop_word("ru", "являются") && stop_word("ru", "лекция"),
	   "Russian stop words");
	ok(!stop_word("en", "volcano") && !stop_word("fr", "a"), "and what is none");
}

int
main(void)
{
	seed = 1;
	test_limits();
	test_stop_words();
	test_short_lectures();
	test_long_lecture();
	test_pause();
	test_document();
	test_few_words();
	test_anything();
	test_refusals();
	return done_testing();
}
