/* sources: outline/embedded.c outline/normal.c outline/reading.c outline/title.c outline/lecture.c outline/limits.c outline/phrases.c outline/segment.c outline/stop_words.c outline/summary.c outline/tokens.c base/utf8.c base/buffer.c base/error.c base/json.c */
/* libs: libcjson -lstemmer -lm */
/*
 * tests/unit/test_outline_normal.c
 *	  What holds for the topics of every lecture, whoever found them; and what of a model's
 *	  words is taken.
 */
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "outline/limits.h"
#include "outline/normal.h"
#include "outline/outline.h"
#include "outline/reading.h"
#include "outline/segment.h"
#include "outline/title.h"
#include "tap.h"

static const char *const granularities[] = {"short", "medium", "long"};
static unsigned int seed;

static unsigned int
roll(unsigned int sides)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % sides;
}

/* What some lectures are like. */
typedef struct Kind
{
	const char *name;
	double seconds;       /* about so long */
	unsigned int longest; /* segment, seconds */
	unsigned int
		pauses;   /* one in so many segments is followed by a long pause; 0: none */
	bool regular; /* room for the limits: they must hold exactly */
} Kind;

static const Kind kinds[] = {
	{"three minutes",      180,   12,  0,  true },
	{"ten minutes",        600,   15,  0,  true },
	{"forty minutes",      2400,  20,  0,  true },
	{"ninety minutes",     5400,  20,  0,  true },
	{"six hours",          21600, 60,  0,  true },
	{"long pauses",        10800, 30,  90, false},
	{"nothing but pauses", 7200,  5,   1,  false},
	{"very long segments", 5400,  900, 0,  false},
	{"half a minute",      30,    9,   0,  false},
};

static cJSON *
make_lecture(const Kind *kind)
{
	cJSON *transcript = cJSON_CreateObject();
	cJSON *segments = cJSON_AddArrayToObject(transcript, "segments");
	unsigned int subject = roll(50);
	double at = roll(20);

	while (at < kind->seconds)
	{
		double lasts = 1 + roll(kind->longest) + roll(100) / 100.0;
		cJSON *item = cJSON_CreateObject();
		char text[200] = "";

		if (roll(40) == 0)
			subject = roll(50);
		for (size_t i = 0; i < 8; i++)
			snprintf(text + strlen(text), sizeof text - strlen(text), "%c%c%cword%c ",
					 'a' + (int) (subject % 26), 'b' + (int) (subject / 3 % 20),
					 'a' + (int) roll(5), 'a' + (int) roll(26));
		cJSON_AddNumberToObject(item, "start", at);
		cJSON_AddNumberToObject(item, "end", at + lasts);
		cJSON_AddStringToObject(item, "text", text);
		cJSON_AddItemToArray(segments, item);
		at += lasts + roll(200) / 100.0;
		if (kind->pauses > 0 && roll(kind->pauses) == 0)
			at += LONG_PAUSE + roll(600);
	}
	cJSON_AddStringToObject(transcript, "language", roll(2) == 0 ? "en" : "ru");
	cJSON_AddNumberToObject(transcript, "duration", at + roll(10));
	return transcript;
}

static double
number_of(const cJSON *item, const char *name)
{
	return cJSON_GetNumberValue(cJSON_GetObjectItem(item, name));
}

static bool
is_start(const Lecture *lecture, double start)
{
	for (size_t i = 0; i < lecture->count; i++)
		if (fabs(lecture->utterances[i].start - start) < 0.001)
			return true;
	return false;
}

static bool
follows_pause(const Lecture *lecture, double start)
{
	for (size_t i = 0; i + 1 < lecture->count; i++)
		if (long_pause_behind(lecture, i) &&
			fabs(lecture->utterances[i + 1].start - start) < 0.001)
			return true;
	return false;
}

/* The first promise that topics break, or NULL. */
static const char *
broken_promise(const cJSON *topics, const Lecture *lecture, const Limits *limits,
			   bool regular)
{
	const cJSON *topic = cJSON_GetArrayItem(topics, 0);
	double before = -INFINITY;
	size_t count = (size_t) cJSON_GetArraySize(topics);
	size_t pauses = 0;

	for (size_t i = 0; i + 1 < lecture->count; i++)
		pauses += long_pause_behind(lecture, i);
	if (topic == NULL || number_of(topic, "start") != 0)
		return "the first begins at 0";
	if (count > limits->most + pauses)
		return "no more than may be";
	if (regular && count < limits->fewest)
		return "no fewer than may be";
	for (; topic != NULL; topic = topic->next)
	{
		double start = number_of(topic, "start");
		const char *title = cJSON_GetStringValue(cJSON_GetObjectItem(topic, "title"));

		if (start <= before)
			return "they are in order";
		if (start > 0 && !is_start(lecture, start))
			return "they begin with segments";
		if (start - before < limits->spacing - 0.002 && !follows_pause(lecture, start))
			return "none is too close";
		if (title == NULL || *title == '\0')
			return "each has a title";
		if (number_of(topic, "end") > lecture->duration + 0.001 ||
			number_of(topic, "end") < start)
			return "they end in time";
		before = start;
	}
	for (size_t i = 0; i + 1 < lecture->count; i++)
		if (long_pause_behind(lecture, i))
			cJSON_ArrayForEach(topic,
							   topics) if (number_of(topic, "start") <
											   lecture->utterances[i].end - 0.001 &&
										   number_of(topic, "end") >
											   lecture->utterances[i].end +
												   0.001) return "pauses are breaks";
	return NULL;
}

static void
test_embedded(void)
{
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
		for (size_t g = 0; g < 3; g++)
		{
			const char *broken = NULL;
			unsigned int failed = 0;
			unsigned int rounds =
				(unsigned int) tap_rounds(kinds[k].seconds > 20000 ? 1 : 5);

			for (unsigned int round = 1; round <= rounds && broken == NULL; round++)
			{
				CLEANUP(json) cJSON *transcript = NULL;
				CLEANUP(json) cJSON *outline = NULL;
				CLEANUP(lecture) Lecture lecture = {0};
				OutlineRequest request = {.granularity = granularities[g]};
				Limits limits;
				Error err = {0};

				seed = failed = round * 7919 + (unsigned int) k;
				transcript = make_lecture(&kinds[k]);
				request.transcript = transcript;
				if (!outline_embedded(&request, &outline, &err) ||
					!lecture_read(transcript, 0, &lecture, &err) ||
					!limits_of(granularities[g], lecture.duration, &limits, &err))
					broken = "there are topics";
				else
					broken = broken_promise(cJSON_GetObjectItem(outline, "topics"),
											&lecture, &limits, kinds[k].regular);
			}
			ok(broken == NULL, "%s topics of %s%s%s (seed %u)", granularities[g],
			   kinds[k].name, broken != NULL ? ", but not: " : "",
			   broken != NULL ? broken : "", failed);
		}
}

/* Topics at any time, with any title: what comes out keeps the limits. */
static void
test_found_anywhere(void)
{
	static const char *const titles[] = {"Lava", "lava.", "Bread",         "",
										 " ",    "\xff",  "Bees and honey"};
	const char *broken = NULL;

	for (unsigned int round = 1; round < 600 && broken == NULL; round++)
	{
		CLEANUP(json) cJSON *transcript = NULL;
		CLEANUP(json) cJSON *outline = NULL;
		CLEANUP(lecture) Lecture lecture = {0};
		CLEANUP(findings) Findings findings = {0};
		const char *granularity = granularities[round % 3];
		OutlineRequest request = {.granularity = granularity};
		Limits limits;
		Error err = {0};

		seed = round;
		transcript = make_lecture(&kinds[roll(4) == 0 ? 5 : roll(4)]);
		if (!lecture_read(transcript, 0, &lecture, &err) ||
			!limits_of(granularity, lecture.duration, &limits, &err))
			broken = "it is read";
		for (unsigned int i = roll(80); i > 0; i--)
			findings_add(&findings,
						 roll(30) == 0 ? NAN : (double) roll(12000) - 500 + roll(9) / 9.0,
						 titles[roll(7)]);
		findings_add(&findings, 1, "Something");
		(void) findings_order(&findings, &lecture, &limits);
		outline = findings_document(&findings, &lecture, &request, "p", "m");
		if (broken == NULL)
			broken = broken_promise(cJSON_GetObjectItem(outline, "topics"), &lecture,
									&limits, false);
	}
	ok(broken == NULL, "topics found anywhere are brought in order%s%s (seed %u)",
	   broken != NULL ? ", but not: " : "", broken != NULL ? broken : "", seed);
}

static void
test_titles(void)
{
	static const char *const rows[][2] = {
		{"Lava",						"Lava"               },
		{"  two\n lines\t",             "two lines"          },
		{"**Bold**",                    "Bold"               },
		{"- \"Quoted\".",               "\"Quoted\""         },
		{"«В кавычках»",     "В кавычках"},
		{"tell\x1b[31m me\xe2\x80\xae", "tell[31m me"        },
		{"and so on...",                "and so on..."       },
		{"",							""				   },
		{"-",						   "-"				  },
	};
	CLEANUP(buffer) Buffer clean;
	CLEANUP(buffer) Buffer wide;

	buffer_init(&clean);
	buffer_init(&wide);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		title_clean(rows[i][0], TITLE_CHARACTERS, true, &clean);
		is_str(clean.data, rows[i][1], "a clean title");
	}
	for (size_t i = 0; i < 200; i++)
		buffer_puts(&wide, "слово ");
	title_clean(wide.data, TITLE_CHARACTERS, true, &clean);
	ok(clean.length > 200 && clean.length < 2 * TITLE_CHARACTERS + 3 &&
		   strstr(clean.data, "слово…") != NULL,
	   "a long one is cut behind a word: %s", clean.data);
	ok(title_same("Ёлка, и лес", "елка и лес!") && !title_same("a", "ab"),
	   "what is the same");
}

static void
test_times(void)
{
	static const struct
	{
		const char *text;
		double seconds;
	} rows[] = {
		{"00:00:00",     0     },
        {"1:02:03",      3723  },
        {"01:02:03.5",   3723  },
		{"62:03",        3723  },
        {"100:00:00",    360000},
        {"3",            -1    },
		{"",			 -1    },
        {"1:60",         -1    },
        {"1:2:3:4",      -1    },
		{"-1:00",        -1    },
        {"1:00 pm",      -1    },
        {"00:00:00,250", 0     },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		ok(fabs(reading_time(rows[i].text) - rows[i].seconds) < 0.001, "the time \"%s\"",
		   rows[i].text);
}

/* Whatever a model says ends well, and what is taken is whole. */
static void
test_anything_said(void)
{
	static const char *const pieces[] = {
		"{",
		"}",
		"[",
		"]",
		"\"topics\"",
		":",
		",",
		"\"",
		"\"start\"",
		"\"00:01:00\"",
		"\"title\"",
		"\"Lava\"",
		"\"summary\"",
		"\"s\"",
		"\n",
		"[00:10] - x",
		"\xf0\x9f",
		"null",
		"1e999",
		"```json",
		"\"questions\"",
		"{\"topics\":[{\"start\":\"00:01:00\",\"title\":\"Lava\"}],\"summary\":\"s\"}"};
	Wanted wanted = {.topics = true, .fewest = 1, .most = 5, .to = 3600};
	size_t taken = 0;
	size_t bad = 0;

	for (int round = 0, rounds = tap_rounds(4000); round < rounds; round++)
	{
		CLEANUP(findings) Findings findings = {0};
		char problem[PROBLEM_SIZE] = "";
		CLEANUP(buffer) Buffer said;

		seed = round;
		buffer_init(&said);
		for (unsigned int i = 1 + roll(12); i > 0; i--)
			buffer_puts(&said, pieces[roll(22)]);
		if (reading_take(said.data, &wanted, &findings, problem))
		{
			taken++;
			bad += findings.count < 1 || findings.summary == NULL || !*findings.summary;
		}
		else
			bad += findings.count > 0 || problem[0] == '\0';
	}
	ok(taken > 0 && bad == 0, "20,000 answers: %zu taken, all whole", taken);
}

int
main(void)
{
	test_titles();
	test_times();
	test_anything_said();
	test_found_anywhere();
	test_embedded();
	return done_testing();
}
