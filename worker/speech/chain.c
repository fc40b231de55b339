/*
 * speech/chain.c
 *	  Asking providers one after the other.
 */
#include "speech/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "speech/heard.h"

static cJSON *
copy_object(const cJSON *object)
{
	return cJSON_IsObject(object) ? cJSON_Duplicate(object, true) : cJSON_CreateObject();
}

void
chain_begin(SpeechChain *chain, const Speech *table, const cJSON *providers,
			const cJSON *keys, const cJSON *checkpoint)
{
	*chain = (SpeechChain){.table = table,
						   .providers = providers,
						   .keys = keys,
						   .speech = copy_object(json_at(checkpoint, "speech")),
						   .usage = copy_object(json_at(checkpoint, "usage")),
						   .errors = cJSON_CreateArray()};
}

void
chain_end(SpeechChain *chain)
{
	cJSON_Delete(chain->speech);
	cJSON_Delete(chain->usage);
	cJSON_Delete(chain->errors);
	*chain = (SpeechChain){.table = NULL};
}

/* Captions cost nothing, and are not always there. */
static bool
is_free(const cJSON *provider)
{
	return strcmp(json_text(provider, "protocol", ""), "captions") == 0;
}

/* One provider's turn. */
typedef struct Turn
{
	SpeechChain *chain;
	const char *name;
	const Reporter *reporter;
	bool may_be_silent; /* no words are an answer, too */
} Turn;

static bool
save_state(void *arg, const cJSON *state, Error *err)
{
	Turn *turn = arg;
	CLEANUP(json) cJSON *all = cJSON_CreateObject();

	json_put(turn->chain->speech, turn->name, cJSON_Duplicate(state, true));
	cJSON_AddItemReferenceToObject(all, "speech", turn->chain->speech);
	cJSON_AddItemReferenceToObject(all, "usage", turn->chain->usage);
	return turn->reporter == NULL || turn->reporter->checkpoint == NULL ||
		   turn->reporter->checkpoint(turn->reporter->arg, all) ||
		   error_set(err, ERROR_LOST, "cancelled", NULL,
					 "the state of %s could not be stored", turn->name);
}

static bool
refuse_language(const char *name, const char *language, Error *err)
{
	return error_set(
		err, ERROR_INPUT, "language_unsupported",
		"leap retry ID --provider NAME (in SQL: leap.retry_transcription(id, name)) has "
		"it "
		"heard by one that knows it; for all that come, transcription.provider in the "
		"configuration of the user or a template names one, and transcription.language "
		"the language.",
		"the speech provider %s does not know the language \"%s\"", name, language);
}

/* What the provider answered, as far as it can be true. */
static bool
read_answer(cJSON *answer, const Turn *turn, const SpeechRequest *request,
			Transcript *heard, Error *err)
{
	double seconds = 0;

	json_put(answer, "provider", cJSON_CreateString(turn->name));
	json_put(answer, "duration", cJSON_CreateNumber(SPANS_LATEST));
	if (!transcript_from_json(answer, heard, err))
		return false;
	heard_confine(heard, request->spans, request->span_count);
	if (heard->word_count > 0 || turn->may_be_silent)
		return true;
	for (size_t i = 0; i < request->span_count; i++)
		seconds += request->spans[i].end - request->spans[i].start;
	return error_set(err, ERROR_INPUT, "no_words",
					 "Check the quality of the sound and the language setting.",
					 "%s understood no word in %.0f s of sound", turn->name, seconds);
}

static bool
ask(Turn *turn, const cJSON *provider, const SpeechRequest *shared, Transcript *heard,
	Error *err)
{
	SpeechChain *chain = turn->chain;
	CLEANUP(json) cJSON *answer = NULL;
	SpeechRequest request = *shared;
	const char *protocol = json_text(provider, "protocol", "");
	const Speech *speech = speech_find(chain->table, protocol);

	if (is_free(provider) && cJSON_GetArraySize(request.captions) == 0)
		return error_set(err, ERROR_INPUT, "no_captions",
						 "Let a speech recogniser follow in the list of providers.",
						 "no captions came with the recording");
	if (speech == NULL)
		return error_set(err, ERROR_PERMANENT, "provider_unknown",
						 "Update the workers, or choose another transcription.provider.",
						 "this worker does not speak the protocol \"%s\" of %s", protocol,
						 turn->name);
	if (!speech_knows(provider, request.language))
		return refuse_language(turn->name, request.language, err);
	if (!cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(chain->usage, turn->name)))
		json_put(chain->usage, turn->name, cJSON_CreateObject());
	request.provider = provider;
	request.key =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(chain->keys, turn->name));
	request.progress_state = cJSON_GetObjectItemCaseSensitive(chain->speech, turn->name);
	request.save = save_state;
	request.save_arg = turn;
	request.usage = cJSON_GetObjectItemCaseSensitive(chain->usage, turn->name);
	return speech->transcribe(&request, &answer, err) &&
		   read_answer(answer, turn, &request, heard, err);
}

static bool
ask_and_tell(SpeechChain *chain, const cJSON *provider, const SpeechRequest *request,
			 bool may_be_silent, Transcript *heard, Error *err)
{
	Turn turn = {chain, json_text(provider, "name", ""), request->reporter,
				 may_be_silent};
	cJSON *told;

	memset(heard, 0, sizeof *heard);
	*err = (Error){.class = ERROR_NONE};
	if (ask(&turn, provider, request, heard, err))
		return true;
	if (err->class == ERROR_LOST || strcmp(err->code, "no_captions") == 0)
		return false;
	told = cJSON_CreateObject();
	cJSON_AddStringToObject(told, "provider", turn.name);
	cJSON_AddStringToObject(told, "class", error_class_name(err->class));
	cJSON_AddStringToObject(told, "code", err->code);
	cJSON_AddStringToObject(told, "message", err->message);
	cJSON_AddItemToArray(chain->errors, told);
	return false;
}

bool
chain_ask(SpeechChain *chain, const cJSON *provider, const SpeechRequest *request,
		  Transcript *heard, Error *err)
{
	return ask_and_tell(chain, provider, request, false, heard, err);
}

/* What may succeed later comes before what cannot, and a time to come back before none. */
static int
hope(const Error *err)
{
	return err->class == ERROR_RATE_LIMITED ? 2 : err->class == ERROR_TRANSIENT;
}

void
chain_worse(Error *told, const Error *next)
{
	if (told->class == ERROR_NONE || hope(next) >= hope(told))
		*told = *next;
}

static bool
has_text(const cJSON *list, const char *text)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list) if (cJSON_IsString(item) &&
									   strcmp(item->valuestring, text) == 0) return true;
	return false;
}

bool
chain_remembers(const cJSON *rows, const SpeechRequest *request, const char *key)
{
	char own[HASH_HEX_SIZE];

	for (const cJSON *row = rows; row != NULL; row = row->next)
	{
		hearing_key(row, request->language, request->vocabulary, own);
		if (!is_free(row) && strcmp(key, own) == 0)
			return true;
	}
	return false;
}

/* The place of what was heard under that key; `count`: it is none of them. */
static size_t
find_before(const Hearing *before, size_t count, const char *key)
{
	size_t i = 0;

	while (i < count && strcmp(before[i].key, key) != 0)
		i++;
	return i;
}

/* Did this provider not answer when one behind it was heard? What it heard itself counts if
 * that is newer, or all that is wanted: then it need not be asked. */
static bool
is_given_up(const cJSON *provider, const SpeechRequest *request, const char *key,
			const Hearing *before, size_t count)
{
	size_t own = find_before(before, count, key);
	bool known = false;

	if (own < count)
	{
		size_t left;

		free(hearing_missing(&before[own], request->spans, request->span_count,
							 request->pauses, request->pause_count, &left));
		known = left == 0;
	}
	for (size_t i = 0; i < own && !known; i++)
		if (has_text(before[i].passed, key) &&
			chain_remembers(provider->next, request, before[i].key))
			return true;
	return false;
}

/* Asks for what is missing of a hearing, which may be all, and adds it. */
static bool
complete(SpeechChain *chain, const cJSON *provider, const SpeechRequest *request,
		 Hearing *hearing, Error *err)
{
	SpeechRequest rest = *request;
	Transcript heard;
	bool first = hearing->span_count == 0;
	CLEANUP(free) Span *missing = NULL;
	CLEANUP(free) Span *around = NULL;

	if (!first)
	{
		missing =
			hearing_missing(hearing, request->spans, request->span_count, request->pauses,
							request->pause_count, &rest.span_count);
		around = hearing_around(hearing, missing, rest.span_count, request->pauses,
								request->pause_count);
		rest.spans = around;
	}
	if (rest.span_count == 0)
		return true;
	if (!ask_and_tell(chain, provider, &rest, !first, &heard, err))
	{
		transcript_free(&heard);
		return false;
	}
	hearing_add(hearing, &heard, first ? rest.spans : missing, rest.span_count);
	return true;
}

/* One row: with what it heard before, or anew. */
static bool
take_turn(SpeechChain *chain, const cJSON *provider, const SpeechRequest *request,
		  const char *key, Hearing *before, Hearing *now, Error *err)
{
	cJSON *passed = now->passed;

	now->passed = NULL;
	hearing_free(now);
	if (before != NULL)
	{
		*now = *before;
		*before = (Hearing){.spans = NULL};
		cJSON_Delete(now->passed);
	}
	now->passed = passed;
	(void) snprintf(now->key, sizeof now->key, "%s", key);
	return complete(chain, provider, request, now, err);
}

bool
chain_listen(SpeechChain *chain, const SpeechRequest *request, Hearing *before,
			 size_t before_count, Hearing *now, Error *err)
{
	Error told = {.class = ERROR_NONE};
	const cJSON *provider;
	char key[HASH_HEX_SIZE];

	*now = (Hearing){.passed = cJSON_CreateArray()};
	cJSON_ArrayForEach(provider, chain->providers)
	{
		hearing_key(provider, request->language, request->vocabulary, key);
		if (is_free(provider) ||
			!is_given_up(provider, request, key, before, before_count))
		{
			size_t own =
				is_free(provider) ? before_count : find_before(before, before_count, key);

			if (take_turn(chain, provider, request, key,
						  own < before_count ? &before[own] : NULL, now, err))
				return true;
			if (err->class == ERROR_LOST)
				return false;
			chain_worse(&told, err);
		}
		if (!is_free(provider))
			cJSON_AddItemToArray(now->passed, cJSON_CreateString(key));
	}
	*err = told;
	return told.class == ERROR_NONE &&
		   error_set(err, ERROR_PERMANENT, "provider_unknown",
					 "Name one that leap.providers has in transcription.provider.",
					 "there is no speech provider that could be asked");
}
