/*
 * outline/embedded.c
 *	  The offline provider: topics by vocabulary, titles of key phrases. It understands
 *	  nothing, so it writes no questions.
 */
#include "outline/outline.h"

#include <math.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "outline/lecture.h"
#include "outline/limits.h"
#include "outline/phrases.h"
#include "outline/segment.h"
#include "outline/summary.h"

#define OUTLINE_VERSION 1
#define OUTLINE_MODEL   "leap-outline-1"
#define NO_QUESTIONS    "not generated: the embedded provider writes none"

static double
milliseconds(double seconds)
{
	return round(seconds * 1000.0) / 1000.0;
}

/* A topic begins with its first word (the first one with the lesson), and ends where the
 * next begins, a long pause begins, or the lesson ends. */
static cJSON *
topic_to_json(const Topics *topics, size_t topic, const char *title)
{
	const Lecture *lecture = topics->lecture;
	size_t end = topic_end(topics, topic);
	double until = lecture->duration;
	cJSON *item = cJSON_CreateObject();

	if (end < lecture->count)
		until = long_pause_behind(lecture, end - 1) ? lecture->utterances[end - 1].end
													: lecture->utterances[end].start;
	cJSON_AddStringToObject(item, "title", title);
	cJSON_AddNumberToObject(
		item, "start",
		topic == 0 ? 0 : milliseconds(lecture->utterances[topics->starts[topic]].start));
	cJSON_AddNumberToObject(item, "end", milliseconds(until));
	return item;
}

static cJSON *
pauses_to_json(const Lecture *lecture)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i + 1 < lecture->count; i++)
	{
		cJSON *pause;

		if (!long_pause_behind(lecture, i))
			continue;
		pause = cJSON_CreateObject();
		cJSON_AddNumberToObject(pause, "start", milliseconds(lecture->utterances[i].end));
		cJSON_AddNumberToObject(pause, "end",
								milliseconds(lecture->utterances[i + 1].start));
		cJSON_AddItemToArray(list, pause);
	}
	return list;
}

/* Adds topics, main topic and summary. */
static void
describe(const Topics *topics, cJSON *outline)
{
	cJSON *list = cJSON_AddArrayToObject(outline, "topics");
	cJSON *main_topics = cJSON_AddArrayToObject(outline, "main_topics");
	Phrases *phrases = phrases_new(topics);
	CLEANUP(buffer) Buffer text;

	buffer_init(&text);
	for (size_t i = 0; i < topics->count; i++)
	{
		phrases_title(phrases, i, &text);
		cJSON_AddItemToArray(list, topic_to_json(topics, i, text.data));
	}
	phrases_main(phrases, &text);
	if (text.length > 0)
		cJSON_AddItemToArray(main_topics, cJSON_CreateString(text.data));
	buffer_clear(&text);
	summary_write(topics, &text);
	cJSON_AddStringToObject(outline, "summary", text.data);
	phrases_free(phrases);
}

bool
outline_embedded(const OutlineRequest *request, cJSON **outline, Error *err)
{
	CLEANUP(lecture) Lecture lecture = {0};
	CLEANUP(free) size_t *starts = NULL;
	Limits limits;
	Topics topics;

	if (!lecture_read(request->transcript, request->duration, &lecture, err) ||
		!limits_of(request->granularity, lecture.duration, &limits, err))
		return false;
	topics.lecture = &lecture;
	topics.count = segment_topics(&lecture, &limits, &starts);
	topics.starts = starts;
	*outline = cJSON_CreateObject();
	cJSON_AddNumberToObject(*outline, "version", OUTLINE_VERSION);
	cJSON_AddStringToObject(*outline, "provider", "embedded");
	cJSON_AddStringToObject(*outline, "model", OUTLINE_MODEL);
	cJSON_AddStringToObject(*outline, "language", lecture.language);
	cJSON_AddStringToObject(*outline, "granularity",
							request->granularity != NULL ? request->granularity : "long");
	describe(&topics, *outline);
	cJSON_AddArrayToObject(*outline, "questions");
	cJSON_AddStringToObject(*outline, "questions_note", NO_QUESTIONS);
	cJSON_AddItemToObject(*outline, "pauses", pauses_to_json(&lecture));
	return true;
}
