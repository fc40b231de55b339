/*
 * speech/provider.c
 *	  What holds for the providers of every protocol.
 */
#include "speech/speech.h"

#include <string.h>
#include <strings.h>

#include "base/json.h"

const Speech *
speech_find(const Speech *table, const char *protocol)
{
	for (const Speech *speech = table; protocol != NULL && speech->protocol != NULL;
		 speech++)
		if (strcmp(speech->protocol, protocol) == 0)
			return speech;
	return NULL;
}

bool
speech_knows(const cJSON *provider, const char *language)
{
	const cJSON *known = json_at(provider, "languages");
	const cJSON *item;
	size_t length;

	if (!cJSON_IsArray(known) || language == NULL)
		return true;
	length = strcspn(language, "-_");
	cJSON_ArrayForEach(item, known)
	{
		const char *name = cJSON_GetStringValue(item);

		if (name != NULL &&
			(strcasecmp(name, language) == 0 ||
			 (strlen(name) == length && strncasecmp(name, language, length) == 0)))
			return true;
	}
	return false;
}

void
speech_use(const SpeechRequest *request, const char *what, double amount)
{
	if (request->usage != NULL)
		json_put(request->usage, what,
				 cJSON_CreateNumber(json_number(request->usage, what, 0) + amount));
}
