/*
 * speech/table.c
 *	  The speech providers, and what holds for all of them.
 */
#include "speech/speech.h"

#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "speech/transcript.h"

static const char *const english[] = {"en", NULL};

const Speech speech_table[] = {
	{"pocketsphinx", "offline, English, draft quality", english, speech_embedded},
	{NULL,		   NULL,							  NULL,    NULL           },
};

const Speech *
speech_find(const char *name)
{
	if (name == NULL || *name == '\0' || strcmp(name, "embedded") == 0)
		return &speech_table[0];
	for (const Speech *speech = speech_table; speech->name != NULL; speech++)
		if (strcmp(speech->name, name) == 0)
			return speech;
	return NULL;
}

bool
speech_knows(const Speech *speech, const char *language)
{
	size_t length;

	if (speech->languages == NULL || language == NULL || *language == '\0' ||
		strcasecmp(language, "auto") == 0)
		return true;
	length = strcspn(language, "-_");
	for (size_t i = 0; speech->languages[i] != NULL; i++)
		if (strlen(speech->languages[i]) == length &&
			strncasecmp(speech->languages[i], language, length) == 0)
			return true;
	return false;
}

/* Appends the names of the providers that know the language; NULL: of all. */
static void
list_providers(const char *language, Buffer *names)
{
	for (const Speech *speech = speech_table; speech->name != NULL; speech++)
		if (speech_knows(speech, language))
			buffer_printf(names, "%s%s", names->length > 0 ? ", " : "", speech->name);
	if (names->length == 0)
		buffer_puts(names, "none of this installation");
}

static bool
refuse(const char *provider, const SpeechRequest *request, bool unknown, Error *err)
{
	CLEANUP(buffer) Buffer names;
	char hint[300];

	buffer_init(&names);
	list_providers(unknown ? NULL : request->language, &names);
	if (unknown)
	{
		snprintf(hint, sizeof hint, "Set transcription.provider to one of: %.200s.",
				 names.data);
		return error_set(err, ERROR_PERMANENT, "provider_unknown", hint,
						 "there is no speech provider \"%s\"", provider);
	}
	snprintf(hint, sizeof hint,
			 "Set transcription.provider to one that knows it (%.120s), or switch "
			 "enable_transcription off; if the lecture is in English, set "
			 "transcription.language to \"en\".",
			 names.data);
	return error_set(err, ERROR_INPUT, "language_unsupported", hint,
					 "the speech provider %s does not know the language \"%s\"", provider,
					 request->language);
}

bool
speech_transcribe(const char *provider, const SpeechRequest *request, cJSON **transcript,
				  Error *err)
{
	const Speech *speech = speech_find(provider);
	CLEANUP(json) cJSON *answer = NULL;
	CLEANUP(transcript) Transcript checked = {0};

	*transcript = NULL;
	if (speech == NULL)
		return refuse(provider, request, true, err);
	if (!speech_knows(speech, request->language))
		return refuse(speech->name, request, false, err);
	if (!speech->transcribe(request, &answer, err) ||
		!transcript_from_json(answer, &checked, err))
		return false;
	if (checked.word_count == 0)
		return error_set(err, ERROR_INPUT, "no_words",
						 "Check the quality of the sound and the language setting.",
						 "%s understood no word in %.0f s of sound", speech->name,
						 checked.duration);
	*transcript = transcript_to_json(&checked);
	return true;
}
