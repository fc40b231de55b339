/*
 * quota_limit.h
 *	  The limit in force for a user, for code that is connected to SPI.
 */
#ifndef LEAP_QUOTA_LIMIT_H
#define LEAP_QUOTA_LIMIT_H

#include "postgres.h"

#include "executor/spi.h"

#include "quota.h"

/*
 * Runs a statement whose plan is kept for the life of the backend: claims read limits all
 * the time, and planning would cost more than reading. Returns what SPI returns.
 */
int quota_run_kept(SPIPlanPtr *plan, const char *query, int count, Oid *types,
				   Datum *values);

/* The quota of that name; error 22023 if there is none. */
const Quota *quota_named(const char *name);

/* The limit of a user (QUOTA_UNLIMITED if there is none) and the layer that set it. */
int64 quota_limit_of(Datum user_id, const Quota *quota, const char **source);

#endif
