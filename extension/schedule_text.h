/*
 * schedule_text.h
 *	  Schedules in people's words.
 */
#ifndef LEAP_SCHEDULE_TEXT_H
#define LEAP_SCHEDULE_TEXT_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "schedule_json.h"

/* Appends what the schedule means, in "en" or "ru"; another language gets English. */
void schedule_tell(const WrittenSchedule *written, const char *language, StringInfo text);

#endif
