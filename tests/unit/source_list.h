/*
 * tests/unit/source_list.h
 *	  What a source lists, as text: for the tests of platforms that are sources.
 */
#ifndef SOURCE_LIST_H
#define SOURCE_LIST_H

#include <stdio.h>
#include <string.h>

#include "source/listing.h"

static cJSON *items;
static cJSON *problems;
static Error err;

/* The fields of what was found, with blanks between, a line each; or class and code of the
 * error. The fields end with NULL. */
static const char *
listed(bool (*list)(const SourceQuery *, Listing *, Error *), const SourceQuery *query,
	   const char *const *fields)
{
	static char lines[8192];
	FILE *out = fmemopen(lines, sizeof lines, "w");
	const cJSON *item;

	cJSON_Delete(items);
	cJSON_Delete(problems);
	items = cJSON_CreateArray();
	problems = cJSON_CreateArray();
	Listing listing = {.items = items, .problems = problems, .most = 1000};

	memset(&err, 0, sizeof err);
	lines[0] = '\0';
	if (!list(query, &listing, &err))
		fprintf(out, "%s %s", error_class_name(err.class), err.code);
	else
		cJSON_ArrayForEach(item, items)
		{
			for (size_t i = 0; fields[i] != NULL; i++)
				fprintf(out, "%s%s", i > 0 ? " " : "",
						cJSON_GetStringValue(cJSON_GetObjectItem(item, fields[i])));
			fputc('\n', out);
		}
	fclose(out);
	return lines;
}

#endif
