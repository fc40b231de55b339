/*
 * outline/chat.c
 *	  One question to a service of chat completions, asked until its answer can be used.
 */
#include "outline/chat.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"
#include "net/json_post.h"
#include "outline/prompt.h"

#define ATTEMPTS        3
#define TIMEOUT_SECONDS 600
#define MAX_TOKENS      4000
#define PATIENCE        30.0 /* longer waits are the queue's */
#define BACKOFF_MOST    30.0
#define SCHEMA_NAME     "lecture_outline"
#define LONGEST_TOKEN   6.0 /* characters, on average; no text has fewer tokens */

const char *
chat_provider(const OutlineRequest *request)
{
	return json_text(request->provider, "name", "openai");
}

static bool
go_on(const Chat *chat, const char *step, Error *err)
{
	return report_fraction(chat->request->reporter, chat->fraction, step, err);
}

static bool
wait_seconds(const Chat *chat, double seconds, Error *err)
{
	return report_wait(chat->request->reporter, seconds, chat->fraction,
					   "waiting for the service", err);
}

static void
add_format(cJSON *body, const OutlineRequest *request, const Wanted *wanted)
{
	const char *format =
		json_text(request->provider, "settings.response_format", "json_schema");
	cJSON *object;
	cJSON *schema;

	if (strcmp(format, "none") == 0)
		return;
	object = cJSON_AddObjectToObject(body, "response_format");
	cJSON_AddStringToObject(object, "type", format);
	if (strcmp(format, "json_schema") != 0)
		return;
	schema = cJSON_AddObjectToObject(object, "json_schema");
	cJSON_AddStringToObject(schema, "name", SCHEMA_NAME);
	cJSON_AddTrueToObject(schema, "strict");
	cJSON_AddItemToObject(schema, "schema", prompt_schema(wanted));
}

static char *
body_of(const OutlineRequest *request, const cJSON *messages, const Wanted *wanted)
{
	CLEANUP(json) cJSON *body = cJSON_CreateObject();

	cJSON_AddStringToObject(body, "model", json_text(request->provider, "model", ""));
	cJSON_AddNumberToObject(body, "temperature", 0);
	cJSON_AddNumberToObject(
		body, "max_tokens",
		json_number(request->provider, "settings.max_tokens", MAX_TOKENS));
	cJSON_AddItemToObject(body, "messages", cJSON_Duplicate(messages, true));
	add_format(body, request, wanted);
	return json_print(body);
}

static void
add_usage(const OutlineRequest *request, const char *name, double more)
{
	if (request->usage != NULL && isfinite(more) && more > 0)
		json_put(request->usage, name,
				 cJSON_CreateNumber(json_number(request->usage, name, 0) + more));
}

/* Notes the request, durably, before it is made: it is billed although we may be killed. */
static bool
note_request(const Chat *chat, Error *err)
{
	const OutlineRequest *request = chat->request;

	add_usage(request, "requests", 1);
	return request->save == NULL ||
		   request->save(request->save_arg, cJSON_Duplicate(chat->state, true), err);
}

static bool
post(const Chat *chat, const char *body, cJSON **answer, Error *err)
{
	const OutlineRequest *request = chat->request;
	const cJSON *provider = request->provider;
	const char *base = json_text(provider, "base_url", "");
	size_t length = strlen(base);
	CLEANUP(buffer) Buffer url;
	JsonPost asked = {
		.body = body,
		.key = request->key,
		.bare_key = strcmp(json_text(provider, "settings.auth", "bearer"), "raw") == 0,
		.seconds =
			(long) json_number(provider, "settings.timeout_seconds", TIMEOUT_SECONDS),
		.allow_private_addresses = true, /* the operator's own URL */
		.reporter = request->reporter,
		.fraction = chat->fraction,
		.step = "asking for topics",
	};

	while (length > 0 && base[length - 1] == '/')
		length--;
	buffer_init(&url);
	buffer_printf(&url, "%.*s/chat/completions", (int) length, base);
	asked.url = url.data;
	return json_post(&asked, answer, err);
}

/* Characters of all messages. */
static double
size_of(const cJSON *messages)
{
	const cJSON *message = NULL;
	double size = 0;

	cJSON_ArrayForEach(message, messages)
	{
		const char *text = json_text(message, "content", "");

		while (utf8_next(&text) != 0)
			size++;
	}
	return size;
}

/* Some services drop the beginning of what is too long and say nothing. */
static bool
was_truncated(const cJSON *answer, const cJSON *messages)
{
	double tokens = json_number(answer, "usage.prompt_tokens", 0);

	return tokens > 0 && size_of(messages) > LONGEST_TOKEN * tokens;
}

/* What the model said, or NULL with what is wrong; *final: asking again is useless. */
static const char *
content_of(const cJSON *answer, char problem[PROBLEM_SIZE], bool *final)
{
	const cJSON *choice = cJSON_GetArrayItem(json_at(answer, "choices"), 0);
	const char *reason = json_text(choice, "finish_reason", "");
	const char *refusal = json_text(choice, "message.refusal", "");
	const char *content = json_text(choice, "message.content", NULL);

	*final = *refusal != '\0' || strcmp(reason, "content_filter") == 0;
	if (*refusal != '\0')
		snprintf(problem, PROBLEM_SIZE, "the model refused: %.120s", refusal);
	else if (strcmp(reason, "content_filter") == 0)
		snprintf(problem, PROBLEM_SIZE, "a filter of the service held the answer back");
	else if (strcmp(reason, "length") == 0)
		snprintf(problem, PROBLEM_SIZE, "it was cut off: it must be shorter");
	else if (choice == NULL)
		snprintf(problem, PROBLEM_SIZE, "there are no choices in it");
	else if (*reason != '\0' && strcmp(reason, "stop") != 0)
		snprintf(problem, PROBLEM_SIZE, "it ended because of \"%.60s\"", reason);
	else if (content == NULL)
		snprintf(problem, PROBLEM_SIZE, "it has no text");
	else
		return content;
	return NULL;
}

static bool
set_invalid(const Chat *chat, const char *problem, bool final, Error *err)
{
	return error_set(err, final ? ERROR_PERMANENT : ERROR_TRANSIENT,
					 final ? "refused" : "outline_invalid",
					 "Try another model, or let the embedded provider be the last of the "
					 "list.",
					 "the answer of %s cannot be used: %s", chat_provider(chat->request),
					 problem);
}

/* Reads what came; false with *again: it was wrong, and the messages say so now. */
static bool
take_answer(const Chat *chat, const cJSON *answer, cJSON *messages, const Wanted *wanted,
			Findings *findings, bool *again, Error *err)
{
	char problem[PROBLEM_SIZE] = "";
	bool final = false;
	const char *content;

	add_usage(chat->request, "input_tokens",
			  json_number(answer, "usage.prompt_tokens", 0));
	add_usage(chat->request, "output_tokens",
			  json_number(answer, "usage.completion_tokens", 0));
	if (was_truncated(answer, messages))
		return error_set(err, ERROR_PERMANENT, "context_exceeded",
						 "Set context_chars of the provider lower.",
						 "%s did not read all of the transcript",
						 chat_provider(chat->request));
	content = content_of(answer, problem, &final);
	if (content != NULL && reading_take(content, wanted, findings, problem))
		return true;
	*again = !final;
	if (!final)
		prompt_repair(messages, content != NULL ? content : "", problem);
	return set_invalid(chat, problem, final, err);
}

/* Waits before the next try; false: there is none. */
static bool
wait_for_next(const Chat *chat, int tried, Error *err)
{
	double seconds = clock_backoff(tried, 1.0, BACKOFF_MOST);

	if (err->class != ERROR_TRANSIENT && err->class != ERROR_RATE_LIMITED)
		return false;
	if (err->retry_after > PATIENCE)
	{
		err->class = ERROR_RATE_LIMITED;
		return false;
	}
	return wait_seconds(chat, fmax(seconds, err->retry_after), err);
}

bool
chat_ask(const Chat *chat, cJSON *messages, const Wanted *wanted, Findings *findings,
		 Error *err)
{
	int attempts =
		(int) json_number(chat->request->provider, "settings.attempts", ATTEMPTS);
	Error local = {0};

	err = err != NULL ? err : &local;
	for (int tried = 1;; tried++)
	{
		CLEANUP(free) char *body = body_of(chat->request, messages, wanted);
		CLEANUP(json) cJSON *answer = NULL;
		bool again = false;

		if (!go_on(chat, "asking for topics", err) || !note_request(chat, err))
			return false;
		memset(err, 0, sizeof *err);
		if (post(chat, body, &answer, err))
		{
			if (take_answer(chat, answer, messages, wanted, findings, &again, err))
				return true;
			if (!again || tried >= attempts)
				return false;
		}
		else if (tried >= attempts || !wait_for_next(chat, tried, err))
			return false;
	}
}
