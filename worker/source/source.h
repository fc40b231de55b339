/*
 * source/source.h
 *	  Where recordings come from by themselves: one struct of functions a type of source, one
 *	  file each.
 *
 * A source lists what it has; it decides nothing. Which of it is new is for the database
 * to say (sql/schema/77_sync_results.sql).
 */
#ifndef LEAP_SOURCE_SOURCE_H
#define LEAP_SOURCE_SOURCE_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/report.h"
#include "source/listing.h"

typedef struct SourceQuery
{
	const cJSON *config;       /* leap.source_options(), with the defaults */
	const cJSON *import_roots; /* folders below which files may be read */
	bool allow_private_addresses;
	const Reporter *reporter;
} SourceQuery;

typedef struct Source
{
	const char *type;    /* as in leap.input_sources */
	const char *purpose; /* for people */

	/* Adds all it has to the listing, until that is full. */
	bool (*list)(const SourceQuery *query, Listing *listing, Error *err);
} Source;

/* All types; a row without type ends the table. */
extern const Source source_table[];

/* The row of that type, or NULL. */
const Source *source_find(const char *type);

bool inbox_list(const SourceQuery *query, Listing *listing, Error *err);
bool url_list_list(const SourceQuery *query, Listing *listing, Error *err);

#endif
