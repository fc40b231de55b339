/*
 * task/topics.c
 *	  Finds what the lecture is about, and when: topics for readers, chapters for players.
 *
 * The providers of the input are asked in order, until one answers; what the others said is
 * stated as a fact. An outline that came with the input (a version that people edited or
 * chose) is only written.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "outline/chapters.h"
#include "outline/outline.h"
#include "task/artifact.h"
#include "task/task.h"

#define QUESTIONS 3

/* The providers of one task while they are asked. */
typedef struct Asking
{
	TaskContext *context;
	const char *name; /* of the one that is asked */
	cJSON *state;     /* {"outline":{name:…},"usage":{name:…}}: the checkpoint */
	cJSON *errors;    /* what the others said */
} Asking;

/* For CLEANUP(asking). */
static void
cleanup_asking(Asking *asking)
{
	cJSON_Delete(asking->state);
	cJSON_Delete(asking->errors);
}

static bool
write_outline(TaskContext *context, const cJSON *outline, Error *err)
{
	CLEANUP(free) char *text = json_print(outline);
	cJSON *metadata = cJSON_CreateObject();

	cJSON_AddNumberToObject(metadata, "count",
							cJSON_GetArraySize(json_at(outline, "topics")));
	cJSON_AddStringToObject(metadata, "provider", json_text(outline, "provider", ""));
	return artifact_write(context, "topics", "json", "application/json", metadata, text,
						  strlen(text), err);
}

static bool
write_chapters(TaskContext *context, const cJSON *outline, double duration, Error *err)
{
	CLEANUP(buffer) Buffer text;

	buffer_init(&text);
	chapters_vtt(outline, duration, &text);
	return artifact_write(context, "chapters", "vtt", "text/vtt", NULL, text.data,
						  text.length, err);
}

static void
state_facts(TaskContext *context, const cJSON *outline)
{
	task_fact(context, "outline", cJSON_Duplicate(outline, true));
	task_fact(context, "topic_timestamps",
			  cJSON_Duplicate(json_at(outline, "topics"), true));
	task_fact(context, "main_topics",
			  cJSON_Duplicate(json_at(outline, "main_topics"), true));
	/* for descriptions */
	task_fact(context, "summary", cJSON_Duplicate(json_at(outline, "summary"), true));
	task_fact(context, "questions", cJSON_Duplicate(json_at(outline, "questions"), true));
}

/* The object at key, made if it is missing. */
static cJSON *
object_at(cJSON *object, const char *key)
{
	cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);

	if (cJSON_IsObject(member))
		return member;
	json_put(object, key, cJSON_CreateObject());
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* What the provider has done so far, as the next attempt will find it. */
static bool
save_state(void *arg, cJSON *state, Error *err)
{
	Asking *asking = arg;
	const Reporter *reporter = asking->context->reporter;

	json_put(object_at(asking->state, "outline"), asking->name, state);
	return reporter->checkpoint(reporter->arg, asking->state) ||
		   error_set(err, ERROR_LOST, "checkpoint_refused", NULL,
					 "the progress of the outline was not stored: the lease is gone");
}

/* {"provider","class","code","message"} */
static void
note_error(Asking *asking, const Error *err)
{
	cJSON *entry = cJSON_CreateObject();

	cJSON_AddStringToObject(entry, "provider", asking->name);
	cJSON_AddStringToObject(entry, "class", error_class_name(err->class));
	cJSON_AddStringToObject(entry, "code", err->code);
	cJSON_AddStringToObject(entry, "message", err->message);
	cJSON_AddItemToArray(asking->errors, entry);
}

static bool
is_passing(const Error *err)
{
	return err->class == ERROR_TRANSIENT || err->class == ERROR_RATE_LIMITED;
}

static bool
ask_provider(Asking *asking, const cJSON *provider, OutlineRequest *request,
			 cJSON **outline, Error *err)
{
	asking->name = json_text(provider, "name", "embedded");
	request->provider = provider;
	request->key = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(asking->context->keys, asking->name));
	request->progress =
		cJSON_GetObjectItemCaseSensitive(json_at(asking->state, "outline"), asking->name);
	request->usage = object_at(object_at(asking->state, "usage"), asking->name);
	return outline_make(json_text(provider, "protocol", NULL), request, outline, err);
}

/* Asks one after the other. When nobody answers, an error that may pass outweighs others:
 * the task is tried again. */
static bool
ask_providers(Asking *asking, OutlineRequest *request, cJSON **outline, Error *err)
{
	static const cJSON nobody = {.type = cJSON_Object};
	const cJSON *providers = json_at(asking->context->input, "providers");
	const cJSON *provider = NULL;
	Error worst = {0};

	if (!cJSON_IsArray(providers))
		return ask_provider(asking, &nobody, request, outline, err);
	error_set(&worst, ERROR_PERMANENT, "provider_unknown",
			  "Name one of leap.providers in transcription.outline_provider.",
			  "there is no active outline provider for this recording");
	cJSON_ArrayForEach(provider, providers)
	{
		Error said = {0};

		if (ask_provider(asking, provider, request, outline, &said))
			return true;
		if (said.class == ERROR_LOST)
		{
			*err = said;
			return false;
		}
		note_error(asking, &said);
		if (is_passing(&said) || !is_passing(&worst))
			worst = said;
	}
	*err = worst;
	return false;
}

/* Only the usage of those that were asked for something. */
static void
state_usage(const Asking *asking)
{
	const cJSON *entry = NULL;
	cJSON *usage = cJSON_CreateObject();

	cJSON_ArrayForEach(entry, json_at(asking->state, "usage")) if (entry->child != NULL)
		cJSON_AddItemToObject(usage, entry->string, cJSON_Duplicate(entry, true));
	if (usage->child != NULL)
		task_fact(asking->context, "usage", usage);
	else
		cJSON_Delete(usage);
	if (cJSON_GetArraySize(asking->errors) > 0)
		task_fact(asking->context, "outline_errors",
				  cJSON_Duplicate(asking->errors, true));
}

static bool
find_outline(TaskContext *context, const OutlineRequest *wanted, cJSON **outline,
			 Error *err)
{
	OutlineRequest request = *wanted; /* what it points to ends with this function */
	CLEANUP(asking)
	Asking asking = {
		.context = context,
		.state = cJSON_IsObject(json_at(context->input, "checkpoint"))
					 ? cJSON_Duplicate(json_at(context->input, "checkpoint"), true)
					 : cJSON_CreateObject(),
		.errors = cJSON_CreateArray(),
	};
	bool found;

	request.save = save_state;
	request.save_arg = &asking;
	found = ask_providers(&asking, &request, outline, err);
	state_usage(&asking);
	/* a failed task has no facts: what answers that were no use cost is told in this way */
	if (!found && err->class != ERROR_LOST && json_at(context->result, "facts.usage"))
		(void) context->reporter->checkpoint(context->reporter->arg, asking.state);
	return found;
}

bool
task_topics(TaskContext *context, Error *err)
{
	CLEANUP(json) cJSON *transcript = NULL;
	CLEANUP(json) cJSON *outline = NULL;
	const cJSON *given = json_at(context->input, "outline");
	OutlineRequest request = {
		.granularity =
			json_text(context->input, "config.transcription.granularity", NULL),
		.duration = json_number(context->input, "recording.final_duration", 0),
		.questions = (int) json_number(context->input, "config.transcription.questions",
									   QUESTIONS),
		.reporter = context->reporter,
		.from = 0.1,
		.to = 0.9,
	};

	if (!artifact_read_json(context, "transcript", &transcript, err) ||
		!task_progress(context, request.from, "finding topics", err))
		return false;
	request.transcript = transcript;
	if (request.duration <= 0)
		request.duration = json_number(transcript, "duration", 0);
	if (cJSON_IsObject(given))
		outline = cJSON_Duplicate(given, true);
	else if (!find_outline(context, &request, &outline, err))
		return false;
	if (!task_progress(context, request.to, "writing", err))
		return false;
	state_facts(context, outline);
	return write_outline(context, outline, err) &&
		   write_chapters(context, outline, request.duration, err);
}
