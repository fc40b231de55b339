/*
 * outline/openai.c
 *	  The provider that asks a service of chat completions (OpenAI, DeepSeek, Ollama, vLLM).
 *
 * A transcript that is longer than context_chars is divided at ends of segments into
 * stretches of about the same size. Each is asked for its topics and a summary, and is told
 * with which topic the one before ended, so that a topic across the border has one name and
 * becomes one. A last request makes main topic, summary and questions out of all that. What
 * was answered is saved with the next request: an attempt that begins after a kill asks only
 * for what is missing.
 */
#include "outline/outline.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "outline/chat.h"
#include "outline/lecture.h"
#include "outline/limits.h"
#include "outline/normal.h"
#include "outline/prompt.h"

#define CONTEXT_CHARS 60000
#define CONTEXT_LEAST 2000
#define LINE_OVERHEAD 12 /* the time before each line */

/* State: {"key","chars","parts":[{"topics":[{"start","title"}],"summary"}...]}. */
typedef struct Work
{
	const OutlineRequest *request;
	const Lecture *lecture;
	Limits limits;
	Script script;
	double chars; /* of transcript in one request */
	cJSON *state;
	Findings findings; /* of all stretches */
	cJSON *summaries;
} Work;

/* For CLEANUP(work). */
static void
cleanup_work(Work *work)
{
	cJSON_Delete(work->state);
	cJSON_Delete(work->summaries);
	findings_free(&work->findings);
}

/* Characters of the lines that ask for these utterances. */
static double
size_of(const Lecture *lecture, size_t first, size_t behind)
{
	double size = 0;

	for (size_t i = first; i < behind; i++)
	{
		size += LINE_OVERHEAD;
		for (const char *at = lecture->utterances[i].text; *at != '\0'; at++)
			size += (*at & 0xC0) != 0x80;
	}
	return size;
}

static size_t
stretches_of(const Work *work)
{
	double count =
		ceil(size_of(work->lecture, 0, work->lecture->count) / fmax(work->chars, 1));

	return (size_t) fmin(fmax(count, 1), (double) work->lecture->count);
}

/* The utterance behind stretch `number` of `of`: all have about the same size. */
static size_t
end_of_stretch(const Lecture *lecture, size_t number, size_t of)
{
	double wanted = size_of(lecture, 0, lecture->count) * (double) number / (double) of;
	double size = 0;
	size_t i = 0;

	if (number >= of)
		return lecture->count;
	while (i < lecture->count - (of - number) && (size < wanted || i < number))
		size += size_of(lecture, i, i + 1), i++;
	return i;
}

/* What the state is of: other words, limits or models make it worthless. */
static void
make_key(const Work *work, char key[24])
{
	uint64_t hash = 14695981039346656037ull;
	CLEANUP(buffer) Buffer text;

	buffer_init(&text);
	buffer_printf(&text, "%s|%s|%zu", json_text(work->request->provider, "model", ""),
				  work->request->granularity != NULL ? work->request->granularity : "",
				  work->lecture->count);
	for (size_t i = 0; i < work->lecture->count; i++)
		buffer_puts(&text, work->lecture->utterances[i].text);
	for (size_t i = 0; i < text.length; i++)
		hash = (hash ^ (unsigned char) text.data[i]) * 1099511628211ull;
	snprintf(key, 24, "%016" PRIx64, hash);
}

static void
begin_state(Work *work, double chars)
{
	char key[24];

	make_key(work, key);
	cJSON_Delete(work->state);
	work->chars = chars;
	work->state = cJSON_CreateObject();
	cJSON_AddStringToObject(work->state, "key", key);
	cJSON_AddNumberToObject(work->state, "chars", chars);
	cJSON_AddArrayToObject(work->state, "parts");
}

/* Goes on with what an earlier attempt saved, if it is of the same work. */
static void
resume(Work *work)
{
	const cJSON *saved = work->request->progress;
	char key[24];

	begin_state(
		work, fmax(CONTEXT_LEAST, json_number(work->request->provider,
											  "settings.context_chars", CONTEXT_CHARS)));
	make_key(work, key);
	if (strcmp(json_text(saved, "key", ""), key) != 0 ||
		!(json_number(saved, "chars", 0) >= CONTEXT_LEAST) ||
		!cJSON_IsArray(json_at(saved, "parts")))
		return;
	work->chars = json_number(saved, "chars", 0);
	cJSON_Delete(work->state);
	work->state = cJSON_Duplicate(saved, true);
}

static void
keep_part(const Work *work, const Findings *found)
{
	cJSON *part = cJSON_CreateObject();
	cJSON *topics = cJSON_AddArrayToObject(part, "topics");

	for (size_t i = 0; i < found->count; i++)
	{
		cJSON *topic = cJSON_CreateObject();

		cJSON_AddNumberToObject(topic, "start", found->topics[i].start);
		cJSON_AddStringToObject(topic, "title", found->topics[i].title);
		cJSON_AddItemToArray(topics, topic);
	}
	cJSON_AddStringToObject(part, "summary", found->summary);
	cJSON_AddItemToArray(cJSON_GetObjectItem(work->state, "parts"), part);
}

static void
collect_parts(Work *work)
{
	const cJSON *part = NULL;
	const cJSON *topic = NULL;

	findings_free(&work->findings);
	cJSON_Delete(work->summaries);
	work->summaries = cJSON_CreateArray();
	cJSON_ArrayForEach(part, json_at(work->state, "parts"))
	{
		cJSON_ArrayForEach(topic, json_at(part, "topics"))
			findings_add(&work->findings, json_number(topic, "start", 0),
						 json_text(topic, "title", ""));
		cJSON_AddItemToArray(work->summaries,
							 cJSON_CreateString(json_text(part, "summary", "")));
	}
}

static Wanted
wanted_of(const Work *work, const Stretch *stretch)
{
	const Lecture *lecture = work->lecture;
	Wanted wanted = {
		.topics = true,
		.texts = stretch->of == 1,
		.questions = work->request->questions,
		.fewest = work->limits.fewest,
		.most = work->limits.most,
		.from = stretch->first == 0 ? 0 : lecture->utterances[stretch->first].start,
		.to = stretch->behind < lecture->count
				  ? lecture->utterances[stretch->behind].start
				  : lecture->duration,
		.script = work->script,
	};
	double share = (wanted.to - wanted.from) / fmax(lecture->duration, 1);

	if (stretch->of > 1)
	{
		wanted.fewest = (size_t) fmax(1, floor((double) work->limits.fewest * share));
		wanted.most = (size_t) fmax((double) wanted.fewest,
									ceil((double) work->limits.most * share));
	}
	return wanted;
}

/* The title of the topic that the stretches before ended with; NULL: there is none. */
static const char *
previous_title(const Work *work)
{
	const cJSON *parts = json_at(work->state, "parts");
	const cJSON *part = cJSON_GetArrayItem(parts, cJSON_GetArraySize(parts) - 1);
	const cJSON *topics = json_at(part, "topics");

	return json_text(cJSON_GetArrayItem(topics, cJSON_GetArraySize(topics) - 1), "title",
					 NULL);
}

static Chat
chat_of(const Work *work, size_t done, size_t of)
{
	const OutlineRequest *request = work->request;

	return (Chat){
		.request = request,
		.state = work->state,
		.fraction =
			request->from + (request->to - request->from) * (double) done / (double) of,
	};
}

/* Asks for the stretches that are missing; the texts too, when there is only one. */
static bool
ask_stretches(Work *work, Findings *texts, Error *err)
{
	size_t of = stretches_of(work);
	size_t done = (size_t) cJSON_GetArraySize(json_at(work->state, "parts"));

	for (size_t number = done + 1; number <= of; number++)
	{
		Stretch stretch = {
			.first = end_of_stretch(work->lecture, number - 1, of),
			.behind = end_of_stretch(work->lecture, number, of),
			.number = number,
			.of = of,
			.previous = previous_title(work),
		};
		Wanted wanted = wanted_of(work, &stretch);
		CLEANUP(json) cJSON *messages = NULL;
		Chat chat = chat_of(work, number - 1, of + 1);

		if (number == 1)
			stretch.first = 0;
		messages = prompt_topics(work->lecture, &stretch, &work->limits, &wanted);
		findings_free(texts);
		if (!chat_ask(&chat, messages, &wanted, texts, err))
			return false;
		if (of > 1)
			keep_part(work, texts);
	}
	if (of > 1)
		collect_parts(work);
	return true;
}

/* Topics and texts of the whole lecture into work->findings. */
static bool
ask_all(Work *work, Error *err)
{
	CLEANUP(findings) Findings texts = {0};
	size_t of = stretches_of(work);
	Wanted wanted = {
		.texts = true, .questions = work->request->questions, .script = work->script};
	CLEANUP(json) cJSON *messages = NULL;
	Chat chat;

	if (!ask_stretches(work, &texts, err))
		return false;
	if (of == 1)
	{
		work->findings = texts;
		memset(&texts, 0, sizeof texts);
		return true;
	}
	(void) findings_order(&work->findings, work->lecture, &work->limits);
	messages = prompt_texts(work->lecture, &work->findings, work->summaries, &wanted);
	chat = chat_of(work, of, of + 1);
	findings_free(&texts);
	if (!chat_ask(&chat, messages, &wanted, &texts, err))
		return false;
	work->findings.main_topic = texts.main_topic;
	work->findings.summary = texts.summary;
	work->findings.questions = texts.questions;
	free(texts.topics);
	memset(&texts, 0, sizeof texts);
	return true;
}

/* Asks in ever smaller stretches while the service says that they are too long. */
static bool
ask_in_size(Work *work, Error *err)
{
	Error local = {0};

	err = err != NULL ? err : &local;
	while (!ask_all(work, err))
	{
		double size = size_of(work->lecture, 0, work->lecture->count);

		if (strcmp(err->code, "context_exceeded") != 0 || work->chars <= CONTEXT_LEAST)
			return false;
		begin_state(work, fmax(CONTEXT_LEAST, fmin(work->chars, size) / 2));
	}
	return true;
}

static void
add_tokens(const OutlineRequest *request, cJSON *outline)
{
	cJSON *tokens = cJSON_AddObjectToObject(outline, "tokens");

	cJSON_AddNumberToObject(tokens, "input",
							json_number(request->usage, "input_tokens", 0));
	cJSON_AddNumberToObject(tokens, "output",
							json_number(request->usage, "output_tokens", 0));
}

bool
outline_openai(const OutlineRequest *request, cJSON **outline, Error *err)
{
	CLEANUP(lecture) Lecture lecture = {0};
	CLEANUP(work) Work work = {.request = request, .lecture = &lecture};
	const char *name = chat_provider(request);
	size_t count;

	if (!lecture_read(request->transcript, request->duration, &lecture, err) ||
		!limits_of(request->granularity, lecture.duration, &work.limits, err))
		return false;
	work.script = script_of(&lecture);
	resume(&work);
	if (!ask_in_size(&work, err))
		return false;
	count = findings_order(&work.findings, &lecture, &work.limits);
	if (count < work.limits.fewest)
		return error_set(
			err, ERROR_TRANSIENT, "outline_invalid",
			"Try another model, or let the embedded provider be the last of "
			"the list.",
			"of the topics of %s only %zu can be used, at least %zu are wanted", name,
			count, work.limits.fewest);
	*outline = findings_document(&work.findings, &lecture, request, name,
								 json_text(request->provider, "model", ""));
	add_tokens(request, *outline);
	return true;
}
