/*
 * source/table.c
 *	  The types of sources this program can list.
 */
#include "source/source.h"

#include <string.h>

const Source source_table[] = {
	{"INBOX",    "a watched folder of this machine",         inbox_list   },
	{"URL_LIST", "a list of links: text, CSV, JSON, a feed", url_list_list},
	{NULL,       NULL,									   NULL         },
};

const Source *
source_find(const char *type)
{
	for (const Source *source = source_table; source->type != NULL; source++)
		if (strcmp(source->type, type) == 0)
			return source;
	return NULL;
}
