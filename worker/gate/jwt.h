/*
 * gate/jwt.h
 *	  Tokens of requests (JSON Web Tokens, RFC 7519), verified strictly.
 */
#ifndef LEAP_GATE_JWT_H
#define LEAP_GATE_JWT_H

#include <stdbool.h>

#include "base/arena.h"
#include "gate/jwt_key.h"
#include "http/head.h"

#define JWT_MOST_BYTES 8000
/* Clocks of others may differ by so many seconds. */
#define JWT_SKEW_SECONDS 30.0

typedef struct JwtRules
{
	double now;           /* seconds since 1970 */
	const char *audience; /* one of the token's must be this; NULL or "": any */
} JwtRules;

typedef struct JwtClaims
{
	const char *json; /* the claims, as they were signed: an object without double keys */
	const char *role; /* NULL: not said */
	const char *subject;
	const char *issuer; /* NULL: LEAP itself; else the role is not for it to say */
} JwtClaims;

typedef struct JwtRefusal
{
	const char *code; /* as PostgREST has it: PGRST300, 301 or 303 */
	const char *message;
	const char *details; /* NULL: none */
} JwtRefusal;

/* Verifies; all texts are of the arena or constants. False: *refusal says why. */
bool jwt_verify(const JwtKeys *keys, Slice token, const JwtRules *rules, Arena *arena,
				JwtClaims *claims, JwtRefusal *refusal);

#endif
