/*
 * gate/jwt_key.h
 *	  Keys that tokens are verified with: shared secrets and public keys.
 *
 * A key knows its kind, and the algorithm of a token must fit it: a public key is never taken
 * for a shared secret.
 */
#ifndef LEAP_GATE_JWT_KEY_H
#define LEAP_GATE_JWT_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "http/head.h"

#define JWT_SECRET_LEAST 32 /* bytes of a shared secret */

typedef struct JwtKeys JwtKeys;

JwtKeys *jwt_keys_new(void);
void jwt_keys_free(JwtKeys *keys);
size_t jwt_keys_count(const JwtKeys *keys);

/* A shared secret for HS256; kid NULL: of any token that names none of the other keys. The
 * bytes are copied, and wiped at the end. Errors: usage, one that is too short. */
bool jwt_keys_add_secret(JwtKeys *keys, const char *kid, const void *bytes, size_t length,
						 Error *err);

/* The keys of a JSON Web Key Set (RFC 7517), or of a single key: RSA of 2048 bits or more,
 * EC on P-256, oct. Others are passed over; it is an error when none is left. foreign: they
 * are keys of others, of which each must say with "iss" whose it is. Errors: usage. */
bool jwt_keys_add_set(JwtKeys *keys, const char *json, size_t length, bool foreign,
					  Error *err);

/* Whether one of the keys made this signature. `kid` NULL: the token names none. *issuer is
 * whose key it is, if the set said so with "iss"; else NULL. */
bool jwt_keys_verify(const JwtKeys *keys, const char *algorithm, const char *kid,
					 Slice signed_part, const unsigned char *signature, size_t length,
					 const char **issuer);

#endif
