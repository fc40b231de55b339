/*
 * schedule_zone.h
 *	  The time zones of PostgreSQL for schedules.
 */
#ifndef LEAP_SCHEDULE_ZONE_H
#define LEAP_SCHEDULE_ZONE_H

#include "schedule.h"

/*
 * Finds a time zone by its name in PostgreSQL's database (in any case of letters) and fills
 * the interface. Returns its name as the database writes it, or NULL: there is none. Neither
 * abbreviations (MSK) nor rules (UTC+3) are names.
 */
const char *zone_find(const char *name, Zone *zone);

/* The name of the database that is nearest to what was said; NULL: none is near. Slow: it
 * reads all of them. */
char *zone_near(const char *name);

#endif
