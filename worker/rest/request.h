/*
 * rest/request.h
 *	  A request of the REST protocol, and the settings under which it is understood.
 */
#ifndef LEAP_REST_REQUEST_H
#define LEAP_REST_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/head.h"

typedef struct RestRequest
{
	Slice method;
	Slice path;  /* "/recordings", "/rpc/run_recording", "/": percent-encoded */
	Slice query; /* after the "?", without it; percent-encoded */
	Slice
		accept; /* fields; length 0 = not sent. Several fields of a name: joined by ", " */
	Slice accept_profile;
	Slice content_profile;
	Slice prefer;
	Slice range;
	Slice range_unit;
	Slice content_type;
	Slice body;
} RestRequest;

typedef enum OpenApiMode
{
	OPENAPI_FOLLOW_PRIVILEGES,
	OPENAPI_IGNORE_PRIVILEGES,
	OPENAPI_DISABLED
} OpenApiMode;

typedef struct RestConfig
{
	const char *const *schemas; /* exposed ones, the first is the default */
	size_t schema_count;
	int64_t max_rows; /* of a read or call; 0 = no limit */
	OpenApiMode openapi;
	bool aggregates;    /* select=amount.sum() is allowed */
	bool end_preferred; /* Prefer: tx= is obeyed */
	bool end_rollback;  /* transactions are rolled back unless tx=commit */
	bool filtered;      /* PATCH and DELETE without a filter are refused */
	const char
		*public_uri; /* of the OpenAPI document: scheme, host and base path; NULL */
} RestConfig;

#endif
