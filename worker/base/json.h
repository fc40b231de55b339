/*
 * base/json.h
 *	  Reading and writing JSON by path, without surprises.
 *
 * A path names members with dots: "recording.source.type". 63-bit numbers (ids, fences,
 * byte counts) are text in JSON, because cJSON and browsers hold numbers as double.
 */
#ifndef LEAP_BASE_JSON_H
#define LEAP_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"

/* The value at path, or NULL when any part of it is missing. */
const cJSON *json_at(const cJSON *object, const char *path);

/* The value at path when it has that type, else `otherwise`. */
const char *json_text(const cJSON *object, const char *path, const char *otherwise);
double json_number(const cJSON *object, const char *path, double otherwise);
bool json_bool(const cJSON *object, const char *path, bool otherwise);

/* A whole number written as text, "9007199254740993"; a plain number is accepted up to
 * 2^53. Anything else gives `otherwise`. */
int64_t json_int64(const cJSON *object, const char *path, int64_t otherwise);

/* The text at path; a missing one is an error (permanent, bad_message) that names the
 * path and `what`, the kind of document. */
bool json_need_text(const cJSON *object, const char *path, const char *what,
					const char **text, Error *err);

/* Parses exactly one document; `what` names it in the error. The caller deletes *json. */
bool json_parse(const char *text, size_t length, const char *what, cJSON **json,
				Error *err);

/* One line, never NULL; the caller frees it. */
char *json_print(const cJSON *json);

/* Adds a whole number as text. */
void json_add_int64(cJSON *object, const char *key, int64_t value);

/* Adds `item` (taken over) at key, replacing what is there. */
void json_put(cJSON *object, const char *key, cJSON *item);

/* An error as it travels: {"class","code","message","hint","retry_after"}, and "status"
 * where a server answered with one. */
cJSON *json_of_error(const Error *err);

/* The reverse; missing parts get sensible words. */
void json_to_error(const cJSON *json, Error *err);

#endif
