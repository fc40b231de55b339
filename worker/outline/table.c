/*
 * outline/table.c
 *	  The outline providers.
 */
#include "outline/outline.h"

#include <stddef.h>
#include <string.h>

const Outline outline_table[] = {
	{"embedded", "offline: topics by the words they use, key phrases as titles",
	 outline_embedded																},
	{NULL,       NULL,														   NULL},
};

const Outline *
outline_find(const char *name)
{
	if (name == NULL || *name == '\0')
		return &outline_table[0];
	for (const Outline *outline = outline_table; outline->name != NULL; outline++)
		if (strcmp(outline->name, name) == 0)
			return outline;
	return NULL;
}

bool
outline_make(const char *provider, const OutlineRequest *request, cJSON **outline,
			 Error *err)
{
	const Outline *chosen = outline_find(provider);

	*outline = NULL;
	if (chosen == NULL)
		return error_set(err, ERROR_PERMANENT, "provider_unknown",
						 "Use \"embedded\", which needs nothing else.",
						 "there is no outline provider \"%s\"", provider);
	return chosen->make(request, outline, err);
}
