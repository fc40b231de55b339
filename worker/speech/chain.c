/*
 * speech/chain.c
 *	  Asking providers one after the other.
 */
#include "speech/chain.h"

#include <stdio.h>
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

/* One provider's turn. */
typedef struct Turn
{
	SpeechChain *chain;
	const char *name;
	const Reporter *reporter;
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
		"Set transcription.provider to one that knows the language, or switch "
		"enable_transcription off; if the lecture is in another language, say so in "
		"transcription.language.",
		"the speech provider %s does not know the language \"%s\"", name, language);
}

/* What the provider answered, as far as it can be true. */
static bool
read_answer(cJSON *answer, const char *name, const SpeechRequest *request,
			Transcript *heard, Error *err)
{
	json_put(answer, "provider", cJSON_CreateString(name));
	json_put(answer, "duration",
			 cJSON_CreateNumber(request->spans[request->span_count - 1].end));
	if (!transcript_from_json(answer, heard, err))
		return false;
	heard_confine(heard, request->spans, request->span_count);
	return heard->word_count > 0 ||
		   error_set(err, ERROR_INPUT, "no_words",
					 "Check the quality of the sound and the language setting.",
					 "%s understood no word of %zu parts of the sound", name,
					 request->span_count);
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
		   read_answer(answer, turn->name, &request, heard, err);
}

bool
chain_ask(SpeechChain *chain, const cJSON *provider, const SpeechRequest *request,
		  Transcript *heard, Error *err)
{
	Turn turn = {chain, json_text(provider, "name", ""), request->reporter};
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
