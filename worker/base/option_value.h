/*
 * base/option_value.h
 *	  Checking one value of an option against its row.
 */
#ifndef LEAP_BASE_OPTION_VALUE_H
#define LEAP_BASE_OPTION_VALUE_H

#include "base/option.h"

/*
 * Stores `value`, read from `source` ("--slots", "environment LEAP_SLOTS", "file line
 * 3"), or says what is wrong with it.
 */
bool option_set(Options *options, OptionId id, const char *value, const char *source,
				Error *err);

#endif
