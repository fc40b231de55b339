/*
 * rest/field.h
 *	  Fields of an answer that SQL asked for.
 */
#ifndef LEAP_REST_FIELD_H
#define LEAP_REST_FIELD_H

#include <stdbool.h>

/* Whether a field of that name and value can be sent: a token, and a value on one line. Those
 * by which the connection itself works (Content-Length, ...) are nobody's to set. */
bool field_allowed(const char *name, const char *value);

#endif
