/*
 * net/oauth.h
 *	  Tokens from the authorisation servers of platforms: by a refresh token, by the code that
 *	  a person brought from the platform's page, or by the keys of an app of the account itself.
 *
 * What differs between the platforms is a row each (docs/security.md names the documents).
 */
#ifndef LEAP_NET_OAUTH_H
#define LEAP_NET_OAUTH_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"

typedef struct OauthRequest
{
	const char *platform;
	const cJSON *data;      /* the credential as it is; of an exchange, the app's */
	const cJSON *endpoints; /* "token" among them */
	bool allow_private;
} OauthRequest;

/* Has the credential what a new token is got with? */
bool oauth_can_refresh(const char *platform, const cJSON *data);

/*
 * *data is the credential with the new token, `expires_at` and, where the platform gave a new
 * one, refresh token; *facts what of that is no secret: {"expires_at","scopes"}. The caller
 * deletes both.
 *
 * It is asked once and to the end: the platform may have forgotten the old tokens when its
 * answer is lost. Errors: credential token_refused (invalid_grant and its like) and
 * app_refused (invalid_client), rate_limited, transient; those of call_run.
 */
bool oauth_refresh(const OauthRequest *request, cJSON **data, cJSON **facts, Error *err);

/* The same by a code: grant is {"code","code_verifier","redirect_uri"[,"device_id","state"]},
 * request->data {"client_id","client_secret"}. */
bool oauth_exchange(const OauthRequest *request, const cJSON *grant, cJSON **data,
					cJSON **facts, Error *err);

/* 2026-11-22T00:10:00Z as seconds since 1970; 0 when it is no such text. */
double oauth_time(const char *text);

#endif
