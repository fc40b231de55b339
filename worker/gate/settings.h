/*
 * gate/settings.h
 *	  The settings of a server, read from its options.
 */
#ifndef LEAP_GATE_SETTINGS_H
#define LEAP_GATE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/option.h"
#include "gate/client.h"
#include "gate/jwt_key.h"
#include "gate/limit.h"
#include "rest/request.h"

typedef struct GateSettings
{
	const Options *options;
	RestConfig rest;
	const char *schemas_array; /* as text[] of SQL */
	const char *extra_array;
	const char *search_path_tail; /* ", \"extra\"", "" for none */
	const char *anon_role;        /* NULL: requests need a token */
	const char *audience;
	const char *pre_request; /* SELECT "schema"."function"(), NULL: none */
	Proxies *proxies;
	LimitRule user_limit;
	LimitRule address_limit;
	size_t body_limit;
	bool file_links; /* files are sent by the storage, where it can */
	long link_seconds;
	Arena arena;
} GateSettings;

/* Reads the options; they live on. gate_settings_free in either case. Errors: usage. */
bool gate_settings_read(GateSettings *settings, const Options *options, Error *err);
void gate_settings_free(GateSettings *settings);

/* For CLEANUP(gate_settings). */
static inline void
cleanup_gate_settings(GateSettings *settings)
{
	gate_settings_free(settings);
}

/* The keys of --jwt-secret-file and --jwks-file, read anew. Errors: usage, and what the system
 * says. The caller frees *keys. */
bool gate_settings_keys(const GateSettings *settings, JwtKeys **keys, Error *err);

/* "a" as "\"a\"" of SQL, quotes doubled. */
const char *gate_quote(Arena *arena, const char *name);

#endif
