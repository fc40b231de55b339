/*
 * net/account.h
 *	  Access to an account at a platform: a credential that the worker opened, for one task.
 *
 * Tokens end and are refreshed, many tasks share one credential, and some platforms make the
 * old tokens void with each refresh. So one process at a time refreshes, which the database
 * says, and what it got is stored durably before anybody uses it.
 */
#ifndef LEAP_NET_ACCOUNT_H
#define LEAP_NET_ACCOUNT_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/report.h"
#include "net/call.h"

/* The longest token that is used (leap.credential_fields says the same), and a header with
 * one. */
#define ACCOUNT_TOKEN_MOST  4000
#define ACCOUNT_HEADER_SIZE (ACCOUNT_TOKEN_MOST + 32)

typedef struct Account Account;

/* The way to who keeps the credential (docs/protocol.md, section 2). Both return the answer,
 * which the caller deletes; NULL: there will be none. */
typedef struct AccountDoor
{
	cJSON *(*renew)(void *arg, int version);
	cJSON *(*store)(void *arg, int version, const cJSON *data, const cJSON *facts);
	void *arg;
} AccountDoor;

/*
 * credential is {"id","platform","version","data":{...}}, endpoints those of its platform;
 * endpoints, door and reporter stay the caller's and are used until account_close.
 */
Account *account_open(const cJSON *credential, const cJSON *endpoints,
					  const AccountDoor *door, const Reporter *reporter,
					  bool allow_private);
void account_close(Account *account); /* NULL is allowed; forgets the secrets */

/* A field of the data, "true" or "false" of one that is either; "" = not there. Valid until the next token is fetched. */
const char *account_text(const Account *account, const char *field);

/* As in leap.credentials: "youtube", "zoom", ... */
const char *account_platform(const Account *account);

/* May it be asked at private addresses? */
bool account_allows_private(const Account *account);

/*
 * *token is valid for at least two minutes, or for as long as the platform lets it live; it
 * is refreshed before, by one process at a time. Valid until the next call with this account.
 *
 * Errors: credential token_expired (nothing to refresh it with), token_refused (the platform
 * says no), token_too_long, needs_reauth and credential_missing; transient when it cannot be asked now; lost.
 */
bool account_token(Account *account, const char **token, Error *err);

/* After a 401: takes what somebody else refreshed meanwhile, or refreshes. A token that is
 * refused right after that: credential, new_token_refused, which leap.fail() lets pass once.
 * Else the errors of account_token. */
bool account_refresh(Account *account, Error *err);

/*
 * call_run with "Authorization: Bearer TOKEN" ("OAuth TOKEN" for yandex_disk) before the
 * headers of the call, and once more after a 401 and a refresh. Only for calls whose body can
 * be sent again. Errors: those of call_run and account_refresh.
 */
bool account_call(Account *account, Call *call, CallAnswer *answer, Error *err);

/*
 * Of an account that holds an app's keys alone: turns a code into tokens (net/oauth.h) and
 * stores them, after which it is that account. *facts, the caller's, is what of that is no
 * secret.
 */
bool account_exchange(Account *account, const cJSON *grant, cJSON **facts, Error *err);

/* Stores the data as it is, sealed for the newest key. Errors: lost, transient. */
bool account_store_again(Account *account, Error *err);

/* For CLEANUP(account). */
static inline void
cleanup_account(Account **account)
{
	account_close(*account);
}

#endif
