/*
 * db/internal.h
 *	  Shared by the files of db/, which alone know libpq.
 */
#ifndef LEAP_DB_INTERNAL_H
#define LEAP_DB_INTERNAL_H

#include <stdbool.h>

#include <libpq-fe.h>

#include "base/error.h"

#define INTERNAL_PARAM_COUNT 10

/* Connection parameters for PQconnect(Start)Params with expand_dbname: our defaults, over
 * which the connection string goes. The arrays hold INTERNAL_PARAM_COUNT entries. */
void internal_params(const char *database, const char *application, const char **keys,
					 const char **values);

/* Fills *err from a failed result, or, without one, from the connection; false. */
bool internal_error(const PGconn *connection, const PGresult *result, Error *err);

/* What the server says beside results goes to the log. */
void internal_notice(void *arg, const PGresult *result);

#endif
