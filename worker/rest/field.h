/*
 * rest/field.h
 *	  Fields of an answer that SQL asked for.
 */
#ifndef LEAP_REST_FIELD_H
#define LEAP_REST_FIELD_H

#include <stdbool.h>

#include "base/buffer.h"
#include "http/head.h"

/* Whether a field of that name and value can be sent: a token, and a value on one line. Those
 * by which the connection itself works (Content-Length, ...) are nobody's to set. */
bool field_allowed(const char *name, const char *value);

/*
 * Appends the fields of response.headers, a JSON array of objects with one key and a text.
 * False: it is something else (PGRST111).
 */
bool field_read(Slice json, Buffer *fields);

/* The status that response.status says; 0 when it is none (PGRST112). */
int field_status(Slice text);

#endif
