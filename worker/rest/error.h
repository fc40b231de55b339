/*
 * rest/error.h
 *	  Errors as HTTP tells them: {"code","details","hint","message"} and a status.
 */
#ifndef LEAP_REST_ERROR_H
#define LEAP_REST_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"

/* Settings that are not there: a statement asks for them when response.headers or
 * response.status cannot be sent. */
#define REST_BAD_HEADERS "pgrst.bad_headers"
#define REST_BAD_STATUS  "pgrst.bad_status"

typedef struct RestError
{
	int status;
	const char *code;    /* "PGRST100" or a SQLSTATE; static or of the arena */
	const char *message; /* of the arena, like all texts below */
	const char *details; /* NULL = null */
	const char *hint;    /* NULL = null */
	bool details_json;   /* details is a JSON value, not a text */
	const char *reason;  /* phrase of the status line, NULL = that of the status */
	const char *fields;  /* more fields of the answer, "Name: value\r\n", NULL = none */
} RestError;

/* Fills *error and returns false, so that a function can end with it. The status is that of
 * the code (error.c has the table). details and hint may be NULL. */
bool rest_error(RestError *error, Arena *arena, const char *code, const char *details,
				const char *hint, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* The status of a PGRST code; of a SQLSTATE (PTnnn and LPnnn too), where it matters whether the
 * request has authenticated. 500 for an unknown PGRST code, 400 for an unknown SQLSTATE. */
int rest_code_status(const char *code);
int rest_sqlstate_status(const char *sqlstate, const char *message, bool authenticated);

/* An error of the database as it is told: status, RAISE SQLSTATE 'PGRST' and 'PTnnn' are
 * understood, details and hint may be NULL. May itself turn into PGRST121. */
void rest_error_of_database(RestError *error, Arena *arena, const char *sqlstate,
							const char *message, const char *details, const char *hint,
							bool authenticated);

/* PGRST111 and PGRST112. */
bool rest_error_headers(RestError *error, Arena *arena);
bool rest_error_status(RestError *error, Arena *arena);

/* Appends the JSON document of the error. */
void rest_error_body(const RestError *error, Buffer *body);

/* The candidate most like `word`, NULL when none is like it: for "Perhaps you meant". _from:
 * how much of it must be the same, 0..1; without it a third. */
const char *rest_nearest(const char *word, const char *const *candidates, size_t count);
const char *rest_nearest_from(const char *word, const char *const *candidates,
							  size_t count, double least);

#endif
