/*
 * rest/openapi.h
 *	  The parts of the OpenAPI document (Swagger 2.0).
 */
#ifndef LEAP_REST_OPENAPI_H
#define LEAP_REST_OPENAPI_H

#include <cjson/cJSON.h>

#include "rest/plan.h"

/* {"name", "path", "definition", "parameters"}: of a relation what the document says of it.
 * The caller deletes it, like all of these. */
cJSON *openapi_relation(const Schema *schema, const Relation *relation);

/* {"name", "path"}: of a function. */
cJSON *openapi_function(const Function *function);

/* {"select": ..., "order": ..., ...}: parameters that all relations share. */
cJSON *openapi_parameters(void);

/* Adds "title" or "summary" (the first line of a comment) and "description" (the others). */
void openapi_comment(cJSON *object, const char *key, const char *comment);

/* {"type", "format", ...} of a type of the database. */
cJSON *openapi_type(const char *type);

#endif
