/*
 * task/discretion.c
 *	  What services repeat of the secrets they were sent.
 *
 * "Invalid authorization code abc" is what Zoom says: in messages, which are stored, shown
 * and sent by mail, it must not go on. A message may end within a secret, so its beginning
 * counts.
 */
#include "task/discretion.h"

#include <string.h>

#include "base/json.h"

#define SECRET_LEAST 8
#define BEGINNING    12

/* Where an assignment holds secrets. */
static const char *const places[] = {
	"input.code",
	"input.code_verifier",
	"input.secret",
	"settings.credential.data.access_token", /* as it was before a refresh */
	"settings.credential.data.refresh_token",
	"settings.mail.password",
	"settings.storage.keys.secret_access_key",
	"settings.storage.keys.session_token",
};

/* The fields of credentials that are secret (leap.credential_fields). */
static const char *const fields[] = {
	"access_token",  "refresh_token",     "oauth_token",
	"client_secret", "secret_access_key", "session_token",
};

void
discretion_hide(char *text, const char *secret)
{
	size_t length = strlen(secret);
	size_t least = length < BEGINNING ? length : BEGINNING;
	char beginning[BEGINNING + 1] = "";

	if (length < SECRET_LEAST)
		return;
	memcpy(beginning, secret, least);
	for (char *at = text; (at = strstr(at, beginning)) != NULL;)
		for (const char *same = secret; *at != '\0' && *at == *same; at++, same++)
			*at = '*';
}

static void
hide_in(cJSON *said, const char *secret)
{
	if (cJSON_IsString(said))
		discretion_hide(said->valuestring, secret);
	for (cJSON *member = said != NULL ? said->child : NULL; member != NULL;
		 member = member->next)
		hide_in(member, secret);
}

static void
hide(const char *secret, Error *err, cJSON *result)
{
	discretion_hide(err->message, secret);
	discretion_hide(err->hint, secret);
	hide_in(result, secret);
}

void
discretion_apply(const cJSON *assignment, const Account *account, Error *err,
				 cJSON *result)
{
	const cJSON *key;

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		hide(json_text(assignment, places[i], ""), err, result);
	for (size_t i = 0; account != NULL && i < sizeof fields / sizeof fields[0]; i++)
		hide(account_text(account, fields[i]), err, result);
	cJSON_ArrayForEach(key, json_at(assignment, "settings.keys"))
	{
		if (cJSON_IsString(key))
			hide(key->valuestring, err, result);
	}
}
