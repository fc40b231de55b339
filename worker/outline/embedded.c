/*
 * outline/embedded.c
 *	  The offline provider: topics by vocabulary, titles of key phrases. It understands
 *	  nothing, so it writes no questions.
 */
#include "outline/outline.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "outline/lecture.h"
#include "outline/limits.h"
#include "outline/normal.h"
#include "outline/phrases.h"
#include "outline/segment.h"
#include "outline/summary.h"

#define OUTLINE_MODEL "leap-outline-1"
#define NO_QUESTIONS  "not generated: the embedded provider writes none"

/* Adds topics in order, main topics and summary. */
static void
describe(const Topics *topics, const Limits *limits, Findings *findings)
{
	const Lecture *lecture = topics->lecture;
	Phrases *phrases = phrases_new(topics);
	CLEANUP(buffer) Buffer text;

	buffer_init(&text);
	for (size_t i = 0; i < topics->count; i++)
	{
		phrases_title(phrases, i, &text);
		findings_add(findings, lecture->utterances[topics->starts[i]].start, text.data);
	}
	findings->main_topics = phrases_main(phrases);
	(void) findings_order(findings, lecture, limits);
	/* numbers are those of the topics that are left */
	for (size_t i = 0; i < findings->count; i++)
	{
		if (!phrases_is_number(phrases, findings->topics[i].title))
			continue;
		phrases_number(phrases, i, &text);
		free(findings->topics[i].title);
		findings->topics[i].title = array_text(text.data);
	}
	buffer_clear(&text);
	summary_write(topics, &text);
	findings->summary = array_text(text.data);
	phrases_free(phrases);
}

bool
outline_embedded(const OutlineRequest *request, cJSON **outline, Error *err)
{
	CLEANUP(lecture) Lecture lecture = {0};
	CLEANUP(free) size_t *starts = NULL;
	CLEANUP(findings) Findings findings = {.questions_note = NO_QUESTIONS};
	Limits limits;
	Topics topics;

	if (!lecture_read(request->transcript, request->duration, &lecture, err) ||
		!limits_of(request->granularity, lecture.duration, &limits, err))
		return false;
	topics.lecture = &lecture;
	topics.count = segment_topics(&lecture, &limits, &starts);
	topics.starts = starts;
	describe(&topics, &limits, &findings);
	*outline = findings_document(&findings, &lecture, request, "embedded", OUTLINE_MODEL);
	return true;
}
