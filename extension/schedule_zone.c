/*
 * schedule_zone.c
 *	  Time zones as the server knows them.
 *
 * Concept: pg_tzset() also takes POSIX rules for a name: "UTC+3", which is three hours west
 * of UTC, and even "Europe/Berlin5". Who writes that means something else, so rules are told
 * from names and refused: a rule has a digit, and the server calls it by its capitals. Most
 * are seen before the server is asked, as it keeps each rule it has read until the session ends.
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/varlena.h"

#include "schedule_zone.h"

/* Zones without changes have a number behind this, of a sign and two digits at most. */
#define FIXED        "Etc/GMT"
#define FIXED_LENGTH 10

#define NEAR_DISTANCE 2 /* letters to insert, remove or replace */

static ZoneSpan
span_of_server(const Zone *zone, int64_t instant)
{
	pg_time_t at = instant;
	pg_time_t boundary = 0;
	long offset = 0;
	long next_offset;
	int is_dst;
	int next_is_dst;
	int found = pg_next_dst_boundary(&at, &offset, &is_dst, &boundary, &next_offset,
									 &next_is_dst, zone->data);

	if (found < 0)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("the time zone cannot be told at this time")));
	return (ZoneSpan){.offset = offset, .end = found > 0 ? boundary : INT64_MAX};
}

/* Names with digits that have no small letter. */
static bool
is_capital_name(const char *name)
{
	static const char *const names[] = {"EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT",
										"GMT0",    "GMT+0",   "GMT-0"};

	for (size_t i = 0; i < lengthof(names); i++)
		if (pg_strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Whether this may name a zone, as far as can be said without looking. */
static bool
may_be_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
								  "0123456789/_+-";

	if (*name == '\0' || strlen(name) > TZ_STRLEN_MAX ||
		name[strspn(name, letters)] != '\0')
		return false;
	if (pg_strncasecmp(name, "posix/", 6) == 0)
		name += 6;
	return strpbrk(name, "0123456789") == NULL || is_capital_name(name) ||
		   (pg_strncasecmp(name, FIXED, strlen(FIXED)) == 0 &&
			strlen(name) <= FIXED_LENGTH);
}

/* Whether the server took this for a rule, given how it writes it. */
static bool
is_rule(const char *written)
{
	return strpbrk(written, "0123456789") != NULL &&
		   strpbrk(written, "abcdefghijklmnopqrstuvwxyz") == NULL &&
		   !is_capital_name(written);
}

const char *
zone_find(const char *name, Zone *zone)
{
	pg_tz *found;
	const char *written;

	if (!may_be_name(name))
		return NULL;
	found = pg_tzset(name);
	if (found == NULL || !pg_tz_acceptable(found))
		return NULL;
	written = pg_get_timezone_name(found);
	if (is_rule(written))
		return NULL;
	*zone = (Zone){.span = span_of_server, .data = found};
	return written;
}

/* How many letters differ; more than NEAR_DISTANCE are not counted. */
static int
distance(const char *left, const char *right)
{
	return varstr_levenshtein_less_equal(left, (int) strlen(left), right,
										 (int) strlen(right), 1, 1, 1, NEAR_DISTANCE,
										 true);
}

/* How far the name of a zone, or what follows its last "/", is from what was said. */
static int
distance_of_zone(const char *name, const char *said)
{
	char *lower = str_tolower(name, strlen(name), C_COLLATION_OID);
	const char *slash = strrchr(lower, '/');
	int whole = distance(lower, said);
	int place = slash != NULL ? distance(slash + 1, said) : whole;

	pfree(lower);
	return Min(whole, place);
}

char *
zone_near(const char *name)
{
	pg_tzenum *zones;
	pg_tz *zone;
	char *said;
	char *nearest = NULL;
	int least = Min(NEAR_DISTANCE, (int) strlen(name) / 5);

	if (strlen(name) > TZ_STRLEN_MAX)
		return NULL;
	said = str_tolower(name, strlen(name), C_COLLATION_OID);
	zones = pg_tzenumerate_start();
	while ((zone = pg_tzenumerate_next(zones)) != NULL)
	{
		const char *written = pg_get_timezone_name(zone);
		int far = distance_of_zone(written, said);

		CHECK_FOR_INTERRUPTS();
		/* of equals the first by name: folders have no order */
		if (far > least ||
			(nearest != NULL && far == least && strcmp(written, nearest) > 0) ||
			!pg_tz_acceptable(zone))
			continue;
		least = far;
		nearest = pstrdup(written);
	}
	pg_tzenumerate_end(zones);
	return nearest;
}
