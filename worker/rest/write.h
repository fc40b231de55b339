/*
 * rest/write.h
 *	  Rows of a payload in SQL, for writes and for calls.
 */
#ifndef LEAP_REST_WRITE_H
#define LEAP_REST_WRITE_H

#include "rest/payload.h"
#include "rest/plan.h"

/* A column or argument that a payload gives a value. */
typedef struct PayloadField
{
	const char *name;
	const char *type;
	const char *fallback; /* expression for where it is missing, NULL = null */
} PayloadField;

/*
 * Appends "(SELECT $1::json AS json_data) pgrst_payload, LATERAL (...) pgrst_body": the rows
 * of the payload, one column a field. one: the first row only. Without fields the rows have
 * no columns.
 */
void payload_rows(SqlText *sql, const Payload *payload, const PayloadField *fields,
				  size_t count, bool one);

#endif
