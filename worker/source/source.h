/*
 * source/source.h
 *	  Where recordings come from by themselves: one struct of functions a type of source, one
 *	  file each.
 *
 * A source lists what it has; it decides nothing. Which of it is new is for the database
 * to say (sql/schema/77_sync_results.sql). Where the file of a recording is fetched may
 * change by the hour: a source that has accounts is asked for it when the download begins.
 */
#ifndef LEAP_SOURCE_SOURCE_H
#define LEAP_SOURCE_SOURCE_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/report.h"
#include "net/account.h"
#include "net/url.h"
#include "source/listing.h"

typedef struct SourceQuery
{
	const cJSON *config;       /* leap.source_options(), with the defaults */
	const cJSON *import_roots; /* folders below which files may be read */
	Account *account;          /* NULL = none */
	const cJSON *endpoints;    /* addresses that an operator changed: net/endpoint.h */
	double from_time, to_time; /* seconds since 1970 of what is wanted; 0 = open */
	const cJSON *after;        /* where it was full the last time; NULL = the beginning */
	bool allow_private_addresses;
	const char *site_program; /* yt-dlp; "" or NULL = sites are switched off */
	const char *work;         /* a folder of the task's own */
	const Reporter *reporter;
} SourceQuery;

/* How the file of a recording is fetched now. */
typedef struct FetchPlan
{
	char url[URL_SIZE];
	const char *shown; /* names the URL in messages; NULL = it is no secret */
	/* "Name: value", a secret: sent to the URL's origin; "" = none */
	char header[ACCOUNT_HEADER_SIZE];
	char file[300]; /* its name, whose suffix tells what it is; "" = that of the URL */
	int64_t bytes;  /* what the source says of the file; -1, "" = nothing */
	char etag[140]; /* with quotes: what answers with another one is another file */
	char md5[HASH_MD5_SIZE];
	char sha256[HASH_HEX_SIZE];
} FetchPlan;

/* Nothing is known of the file. */
#define FETCH_PLAN_NEW \
	{                  \
		.bytes = -1    \
	}

typedef struct Source
{
	const char *type;    /* as in leap.input_sources */
	const char *purpose; /* for people */

	/* Adds all it has to the listing, until that is full: then the listing gets `next`, which
	 * says to the same function, as `after` of the query, where to go on. */
	bool (*list)(const SourceQuery *query, Listing *listing, Error *err);

	/* Asks where the file of a recording, whose `source` this is, can be fetched now; config
	 * of the query is NULL. Called again when the link does not work any more. NULL: the
	 * URL or the path in the source is all. */
	bool (*resolve)(const SourceQuery *query, const cJSON *source, FetchPlan *plan,
					Error *err);

	const char *kind; /* the type in the source of its recordings */
} Source;

/* All types; a row without type ends the table. */
extern const Source source_table[];

/* The row of that type, or NULL. */
const Source *source_find(const char *type);

/* The row whose recordings have a source of that type, or NULL. */
const Source *source_of_kind(const char *kind);

bool inbox_list(const SourceQuery *query, Listing *listing, Error *err);
bool site_list(const SourceQuery *query, Listing *listing, Error *err);
bool url_list_list(const SourceQuery *query, Listing *listing, Error *err);
bool yandex_list(const SourceQuery *query, Listing *listing, Error *err);
bool yandex_resolve(const SourceQuery *query, const cJSON *source, FetchPlan *plan,
					Error *err);
bool zoom_list(const SourceQuery *query, Listing *listing, Error *err);
bool zoom_resolve(const SourceQuery *query, const cJSON *source, FetchPlan *plan,
				  Error *err);

#endif
