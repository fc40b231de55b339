/*
 * net/account.c
 *	  Access to an account at a platform.
 */
#include "net/account.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/sealed.h"
#include "net/endpoint.h"
#include "net/oauth.h"

#define VALID_SECONDS 120 /* what a token must still be valid for */
#define LOST_SECONDS  5   /* of a token that lives no longer: lost on the way */
#define WAIT_SECONDS  90  /* for somebody else's refresh */
#define AGAIN_SECONDS 60  /* a token refused so soon is not refused for its age */
#define HEADERS_MOST  32

struct Account
{
	char *platform;
	int version;
	cJSON *data;
	const cJSON *endpoints;
	const AccountDoor *door;
	const Reporter *reporter;
	bool allow_private;
	bool brief;          /* the platform gives tokens that live no longer than that */
	double refreshed_at; /* clock_seconds() of a refresh after a 401; 0 = none */
};

/* Fields are texts from here on: ids come as numbers, too. */
static void
make_texts(cJSON *data)
{
	cJSON *next;

	for (cJSON *field = data != NULL ? data->child : NULL; field != NULL; field = next)
	{
		CLEANUP(free) char *text = NULL;
		CLEANUP(free) char *name = NULL;

		next = field->next;
		if (!cJSON_IsNumber(field))
			continue;
		text = json_print(field);
		name = array_text(field->string);
		json_put(data, name, cJSON_CreateString(text));
	}
}

/* Takes data over. */
static void
adopt(Account *account, int version, cJSON *data)
{
	const char *other = json_text(data, "oauth_token", "");

	sealed_forget(account->data);
	make_texts(data);
	if (json_text(data, "access_token", "")[0] == '\0' && other[0] != '\0')
		json_put(data, "access_token", cJSON_CreateString(other));
	account->data = data;
	account->version = version;
}

Account *
account_open(const cJSON *credential, const cJSON *endpoints, const AccountDoor *door,
			 const Reporter *reporter, bool allow_private)
{
	Account *account = array_new(1, sizeof *account);

	account->platform = array_text(json_text(credential, "platform", ""));
	account->endpoints = endpoints;
	account->door = door;
	account->reporter = reporter;
	account->allow_private = allow_private || endpoint_is_set(endpoints);
	adopt(account, (int) json_number(credential, "version", 0),
		  cJSON_Duplicate(json_at(credential, "data"), true));
	return account;
}

void
account_close(Account *account)
{
	if (account == NULL)
		return;
	sealed_forget(account->data);
	free(account->platform);
	free(account);
}

const char *
account_text(const Account *account, const char *field)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(account->data, field);

	if (cJSON_IsBool(value))
		return cJSON_IsTrue(value) ? "true" : "false";
	return cJSON_IsString(value) ? value->valuestring : "";
}

const char *
account_platform(const Account *account)
{
	return account->platform;
}

bool
account_allows_private(const Account *account)
{
	return account->allow_private;
}

/* One that was fetched just now is as good as the platform gives them. */
/* Of the token there is; for ever where nobody said. */
static double
seconds_left(const Account *account)
{
	double end = oauth_time(account_text(account, "expires_at"));

	return end <= 0 ? HUGE_VAL : end - (double) time(NULL);
}

static bool
is_valid(const Account *account)
{
	if (account_text(account, "access_token")[0] == '\0')
		return false;
	return seconds_left(account) >= (account->brief ? LOST_SECONDS : VALID_SECONDS);
}

/* Why there is no turn and no newer token, and why one was not stored. */
static const struct
{
	const char *reason;
	ErrorClass class;
	const char *code;
	const char *message;
	const char *hint;
} reasons[] = {
	{"lost",			   ERROR_LOST,       "lost",               "the lease of this task is gone",    NULL																		},
	{"credential_missing", ERROR_CREDENTIAL, "credential_missing",
	 "the credential was removed or switched off",													  "Give the preset or source another credential."                             },
	{"needs_reauth",       ERROR_CREDENTIAL, "needs_reauth",
	 "the account must be connected anew",															  "Connect it again, or give its credential new data."                        },
	{"unknown_key",        ERROR_TRANSIENT,  "unknown_key",
	 "the database knows no key of this worker",														"Let --credential-keys name the file that leap keys made for this database."},
	{"",				   ERROR_TRANSIENT,  "not_stored",         "the new token could not be stored", NULL                                                                        },
};

static bool
refuse(const Account *account, const cJSON *answer, Error *err)
{
	const char *reason = json_text(answer, "reason", "");
	size_t row = 0;

	if (answer == NULL)
		return error_set(err, ERROR_LOST, "cancelled", NULL, "stopped on request");
	while (strcmp(reasons[row].reason, reason) != 0 && reasons[row].reason[0] != '\0')
		row++;
	return error_set(err, reasons[row].class, reasons[row].code, reasons[row].hint,
					 "%s: %s", account->platform, reasons[row].message);
}

static bool
take_newer(Account *account, cJSON *answer)
{
	cJSON *data = cJSON_DetachItemFromObjectCaseSensitive(answer, "data");

	if (data == NULL)
		return false;
	adopt(account, (int) json_number(answer, "version", account->version), data);
	account->brief = seconds_left(account) < VALID_SECONDS;
	return true;
}

/* Durable before it is used: who loses it here has lost it for good. *stored is false when
 * somebody else's is newer. */
static bool
store(Account *account, cJSON **data, const cJSON *facts, bool *stored, Error *err)
{
	CLEANUP(json)
	cJSON *answer =
		account->door->store(account->door->arg, account->version, *data, facts);

	*stored = json_bool(answer, "ok", false);
	if (!*stored)
		return strcmp(json_text(answer, "reason", ""), "newer") == 0 ||
			   refuse(account, answer, err);
	adopt(account, (int) json_number(answer, "version", account->version + 1), *data);
	*data = NULL;
	account->brief = seconds_left(account) < VALID_SECONDS;
	return true;
}

/* It is our turn. *done is false when somebody else's token is newer. */
static bool
refresh(Account *account, bool *done, Error *err)
{
	OauthRequest request = {.platform = account->platform,
							.data = account->data,
							.endpoints = account->endpoints,
							.allow_private = account->allow_private};
	CLEANUP(secret) cJSON *data = NULL;
	CLEANUP(json) cJSON *facts = NULL;

	if (!oauth_can_refresh(account->platform, account->data))
		return error_set(err, ERROR_CREDENTIAL, "token_expired",
						 "Connect the account anew, or give its credential new data.",
						 "the token for %s has ended, and the credential has nothing to "
						 "get a new one with",
						 account->platform);
	return oauth_refresh(&request, &data, &facts, err) &&
		   store(account, &data, facts, done, err);
}

/* Until there is a newer token, whoever got it. */
static bool
renew(Account *account, Error *err)
{
	double latest = clock_seconds() + WAIT_SECONDS;
	bool done = false;

	while (!done)
	{
		CLEANUP(secret)
		cJSON *answer = account->door->renew(account->door->arg, account->version);
		double wait = json_number(answer, "wait", 0);

		if (!json_bool(answer, "ok", false))
			return refuse(account, answer, err);
		if (take_newer(account, answer))
			return true;
		if (json_bool(answer, "turn", false))
		{
			if (!refresh(account, &done, err))
				return false;
		}
		else if (clock_seconds() > latest)
			return error_set(err, ERROR_TRANSIENT, "refresh_busy", NULL,
							 "somebody else refreshes the token for %s, and does not end",
							 account->platform);
		else if (!report_wait(account->reporter, wait > 0.1 ? wait : 0.1, 0,
							  "waiting for a token", err))
			return false;
	}
	return true;
}

bool
account_token(Account *account, const char **token, Error *err)
{
	if (!is_valid(account) && !renew(account, err))
		return false;
	*token = account_text(account, "access_token");
	if (strlen(*token) <= ACCOUNT_TOKEN_MOST)
		return true;
	return error_set(
		err, ERROR_CREDENTIAL, "token_too_long",
		"Connect the account anew; if the platform gives such tokens, report it.",
		"the token for %s has %zu characters; %d are the most that are sent",
		account->platform, strlen(*token), ACCOUNT_TOKEN_MOST);
}

bool
account_refresh(Account *account, Error *err)
{
	double now = clock_seconds();

	if (account->refreshed_at > 0 && now - account->refreshed_at < AGAIN_SECONDS)
		return error_set(err, ERROR_CREDENTIAL, "new_token_refused",
						 "Connect the account anew, and grant all that is asked for. Two "
						 "credentials of "
						 "one account may end each other's tokens: delete one of them.",
						 "%s refuses a token that it has just given", account->platform);
	if (!renew(account, err))
		return false;
	account->refreshed_at = clock_seconds();
	return true;
}

/* Once, with the token there is. */
static bool
call_with_token(Account *account, Call *call, CallAnswer *answer, Error *err)
{
	const char *const *theirs = call->headers;
	const char *headers[HEADERS_MOST + 2];
	CLEANUP(buffer) Buffer authorization;
	const char *token;
	size_t count = 1;
	bool ok;

	buffer_init(&authorization);
	if (!account_token(account, &token, err))
		return false;
	buffer_printf(&authorization, "Authorization: %s %s",
				  strcmp(account->platform, "yandex_disk") == 0 ? "OAuth" : "Bearer",
				  token);
	headers[0] = authorization.data;
	while (theirs != NULL && theirs[count - 1] != NULL && count <= HEADERS_MOST)
	{
		headers[count] = theirs[count - 1];
		count++;
	}
	headers[count] = NULL;
	call->headers = headers;
	ok = call_run(call, answer, err);
	call->headers = theirs;
	explicit_bzero(authorization.data, authorization.length);
	return ok;
}

bool
account_call(Account *account, Call *call, CallAnswer *answer, Error *err)
{
	call->allow_private = call->allow_private || account->allow_private;
	if (!call_with_token(account, call, answer, err))
		return false;
	if (answer->answer.status != 401)
		return true;
	return account_refresh(account, err) && call_with_token(account, call, answer, err);
}

bool
account_exchange(Account *account, const cJSON *grant, cJSON **facts, Error *err)
{
	OauthRequest request = {.platform = account->platform,
							.data = account->data,
							.endpoints = account->endpoints,
							.allow_private = account->allow_private};
	CLEANUP(secret) cJSON *data = NULL;
	bool stored = false;

	*facts = NULL;
	return oauth_exchange(&request, grant, &data, facts, err) &&
		   store(account, &data, *facts, &stored, err);
}

bool
account_store_again(Account *account, Error *err)
{
	CLEANUP(secret) cJSON *data = cJSON_Duplicate(account->data, true);
	bool stored = false;

	return store(account, &data, NULL, &stored, err);
}
