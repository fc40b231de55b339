/*
 * outline/table.c
 *	  The outline providers, by the protocol they speak.
 */
#include "outline/outline.h"

#include <stddef.h>
#include <string.h>

const Outline outline_table[] = {
	{"embedded", "offline: topics by the words they use, key phrases as titles",
	 outline_embedded																},
	{"openai",   "a service of chat completions: topics, summary and questions",
	 outline_openai																  },
	{NULL,       NULL,														   NULL},
};

const Outline *
outline_find(const char *protocol)
{
	if (protocol == NULL || *protocol == '\0')
		return &outline_table[0];
	for (const Outline *outline = outline_table; outline->protocol != NULL; outline++)
		if (strcmp(outline->protocol, protocol) == 0)
			return outline;
	return NULL;
}

bool
outline_make(const char *protocol, const OutlineRequest *request, cJSON **outline,
			 Error *err)
{
	const Outline *chosen = outline_find(protocol);

	*outline = NULL;
	if (chosen == NULL)
		return error_set(err, ERROR_PERMANENT, "provider_unknown",
						 "Use \"embedded\", which needs nothing else.",
						 "there is no outline provider \"%s\"", protocol);
	return chosen->make(request, outline, err);
}
