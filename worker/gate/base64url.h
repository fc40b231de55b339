/*
 * gate/base64url.h
 *	  Base64 as tokens use it (RFC 4648, section 5, without padding), read strictly: one way to
 *	  write each text.
 */
#ifndef LEAP_GATE_BASE64URL_H
#define LEAP_GATE_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "http/head.h"

/* The bytes, with a zero behind them that does not count; false for padding, another
 * alphabet, an impossible length, or bits behind the last byte that are not zero. */
bool base64url_read(Arena *arena, Slice text, unsigned char **bytes, size_t *length);

#endif
