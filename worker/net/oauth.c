/*
 * net/oauth.c
 *	  Tokens from the authorisation servers of platforms (RFC 6749, sections 4.1.3, 5 and 6).
 */
#include "net/oauth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "net/call.h"
#include "net/endpoint.h"

/* Shorter than the minute for which nobody else refreshes (leap.renew_credential). */
#define TOTAL_SECONDS 30L
#define SAID_WIDTH    200
#define SECONDS_MOST  (10 * 366 * 86400.0) /* a longer life of a token is not believed */

typedef struct OauthPlatform
{
	const char *name;
	const char *token; /* its documented endpoint */
	const char
		*account; /* a field that makes the credential an app of the account itself */
	bool basic; /* the app's id and secret go as "Authorization: Basic", not as fields */
	bool redirect; /* a code comes with the address it was sent to */
	bool device;   /* device_id and a state go with each request */
} OauthPlatform;

static const OauthPlatform platforms[] = {
	{"youtube",     "https://oauth2.googleapis.com/token", NULL,         false, true,  false},
	{"vk",          "https://id.vk.com/oauth2/auth",       NULL,         false, true,  true },
	{"yandex_disk", "https://oauth.yandex.ru/token",       NULL,         false, false, false},
	{"zoom",        "https://zoom.us/oauth/token",         "account_id", true,  true,  false},
};

/* NULL: it gives no tokens. */
static const OauthPlatform *
find_platform(const char *name)
{
	for (size_t i = 0; i < sizeof platforms / sizeof platforms[0]; i++)
		if (strcmp(platforms[i].name, name) == 0)
			return &platforms[i];
	return NULL;
}

/* By the keys of the account alone; who has a refresh token came by a person. */
static bool
is_own_app(const OauthPlatform *platform, const cJSON *data)
{
	return platform->account != NULL &&
		   json_text(data, platform->account, "")[0] != '\0' &&
		   json_text(data, "refresh_token", "")[0] == '\0';
}

bool
oauth_can_refresh(const char *name, const cJSON *data)
{
	const OauthPlatform *platform = find_platform(name);

	return platform != NULL && json_text(data, "client_id", "")[0] != '\0' &&
		   (is_own_app(platform, data) ||
			json_text(data, "refresh_token", "")[0] != '\0');
}

double
oauth_time(const char *text)
{
	struct tm parts = {0};
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);

	if (end != NULL && *end == '.')
		end += 1 + strspn(end + 1, "0123456789");
	if (end == NULL || (strcmp(end, "Z") != 0 && strcmp(end, "+00:00") != 0))
		return 0;
	return (double) timegm(&parts);
}

/* name=value of a form; nothing for an empty value. */
static void
put_field(Buffer *form, const char *name, const char *value)
{
	char *escaped = value[0] != '\0' ? curl_easy_escape(NULL, value, 0) : NULL;

	if (escaped != NULL)
		buffer_printf(form, "%s%s=%s", form->length > 0 ? "&" : "", name, escaped);
	curl_free(escaped);
}

/* The app's id and secret. Basic: RFC 6749, 2.3.1, encodes both as a form does before; the
 * letters, digits and "_" that Zoom's consist of stay as they are. */
static void
put_client(const OauthPlatform *platform, const cJSON *data, Buffer *form, Buffer *basic)
{
	const char *id = json_text(data, "client_id", "");
	const char *secret = json_text(data, "client_secret", "");

	if (platform->basic)
	{
		CLEANUP(buffer) Buffer pair;
		CLEANUP(free) unsigned char *code = NULL;
		char *id_code = curl_easy_escape(NULL, id, 0);
		char *secret_code = curl_easy_escape(NULL, secret, 0);

		buffer_init(&pair);
		buffer_printf(&pair, "%s:%s", id_code != NULL ? id_code : "",
					  secret_code != NULL ? secret_code : "");
		curl_free(id_code);
		curl_free(secret_code);
		code = array_new(pair.length / 3 * 4 + 8, 1);
		(void) EVP_EncodeBlock(code, (const unsigned char *) pair.data,
							   (int) pair.length);
		buffer_printf(basic, "Authorization: Basic %s", (const char *) code);
		return;
	}
	put_field(form, "client_id", id);
	/* VK ID knows an app by PKCE, and its form no secret */
	if (!platform->device)
		put_field(form, "client_secret", secret);
}

/* A text nobody guesses; the platform gives it back. */
static void
make_state(char state[65])
{
	unsigned char bytes[32];

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		abort();
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(state + 2 * i, 3, "%02x", bytes[i]);
}

/* The service's own words, as one line. */
static void
read_said(const cJSON *json, char said[SAID_WIDTH])
{
	const char *error = json_text(json, "error", "");
	const char *text =
		json_text(json, "error_description", json_text(json, "reason", ""));

	snprintf(said, SAID_WIDTH, "%s%s%s", error,
			 *error != '\0' && *text != '\0' ? ", " : "", text);
	for (char *at = said; *at != '\0'; at++)
		if ((unsigned char) *at < 0x20 || *at == 0x7F)
			*at = ' ';
}

/* What a refusal means; the first row whose word and statuses fit. */
static const struct
{
	const char *error; /* NULL: any */
	int first, last;
	ErrorClass class;
	const char *code;
	const char *hint;
} refusals[] = {
	{NULL,					  429, 429, ERROR_RATE_LIMITED, "rate_limited",  NULL    },
	{NULL,					  500, 599, ERROR_TRANSIENT,    "server_error",  NULL    },
	{NULL,					  408, 408, ERROR_TRANSIENT,    "server_busy",   NULL    },
	{"temporarily_unavailable", 0,   999, ERROR_TRANSIENT,    "server_busy",   NULL    },
	{"server_error",            0,   999, ERROR_TRANSIENT,    "server_error",  NULL    },
	{"invalid_client",          0,   999, ERROR_CREDENTIAL,   "app_refused",
	 "Check client_id and client_secret of the credential."                            },
	{"unauthorized_client",     0,   999, ERROR_CREDENTIAL,   "app_refused",
	 "Check client_id and client_secret of the credential."                            },
	{NULL,					  300, 399, ERROR_PERMANENT,    "redirected",
	 "Redirects are not followed: set the endpoint to where they lead."                },
	{NULL,					  404, 405, ERROR_PERMANENT,    "bad_endpoint",
	 "Check the endpoint \"token\" of the platform."                                   },
	{NULL,					  200, 499, ERROR_CREDENTIAL,   "token_refused",
	 "Connect the account anew: what it was connected with has ended or was withdrawn."},
	{NULL,					  0,   999, ERROR_TRANSIENT,    "bad_answer",    NULL    },
};

/* A refusal has a word (RFC 6749, 5.2). What came without one, or is no JSON, came from
 * something else than a token server, and says nothing about account and app. */
static bool
says_nothing(const CallAnswer *answer)
{
	return json_text(answer->json, "error", "")[0] == '\0' &&
		   (answer->answer.status <= 299 || !cJSON_IsObject(answer->json));
}

static bool
judge(const CallAnswer *answer, const OauthRequest *request, Error *err)
{
	const char *word = json_text(answer->json, "error", "");
	int status = answer->answer.status;
	char said[SAID_WIDTH];
	size_t row = 0;

	read_said(answer->json, said);
	while (status < refusals[row].first || status > refusals[row].last ||
		   (refusals[row].error != NULL && strcmp(refusals[row].error, word) != 0))
		row++;
	if (refusals[row].class == ERROR_CREDENTIAL && says_nothing(answer))
		row = sizeof refusals / sizeof refusals[0] - 1;
	error_set(err, refusals[row].class, refusals[row].code, refusals[row].hint,
			  "%s gives no token (status %d%s%s)", request->platform,
			  answer->answer.status, said[0] != '\0' ? ": " : "", said);
	if (err != NULL)
	{
		err->status = answer->answer.status;
		err->retry_after = answer->answer.retry_after;
	}
	return false;
}

/* Scopes in one text between blanks or commas, or in a list. */
static cJSON *
read_scopes(const cJSON *scope)
{
	cJSON *scopes = cJSON_CreateArray();

	if (cJSON_IsArray(scope))
	{
		cJSON_Delete(scopes);
		return cJSON_Duplicate(scope, true);
	}
	for (const char *at = cJSON_IsString(scope) ? scope->valuestring : ""; *at != '\0';)
	{
		size_t length = strcspn(at, " ,");
		CLEANUP(free) char *word = array_check(strndup(at, length));

		if (length > 0)
			cJSON_AddItemToArray(scopes, cJSON_CreateString(word));
		at += length + (at[length] != '\0');
	}
	return scopes;
}

/* When the token ends; durations come as numbers, and as texts too. */
static void
put_end(cJSON *data, cJSON *facts, const cJSON *json)
{
	double seconds =
		json_number(json, "expires_in", strtod(json_text(json, "expires_in", "0"), NULL));
	time_t end;
	struct tm parts;
	char text[32];

	cJSON_DeleteItemFromObjectCaseSensitive(data, "expires_at");
	if (!(seconds >= 1)) /* nor is what is no number */
		return;
	end = time(NULL) + (time_t) fmin(seconds, SECONDS_MOST);
	if (gmtime_r(&end, &parts) == NULL)
		return;
	(void) strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
	json_put(data, "expires_at", cJSON_CreateString(text));
	json_put(facts, "expires_at", cJSON_CreateString(text));
}

/* What of the answer the credential keeps. */
static void
take_answer(const cJSON *json, const cJSON *before, cJSON **data, cJSON **facts)
{
	static const char *const kept[] = {"access_token", "refresh_token", "user_id"};

	*data = cJSON_Duplicate(before, true);
	*facts = cJSON_CreateObject();
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
	{
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, kept[i]);

		if (cJSON_IsString(value) || cJSON_IsNumber(value))
			json_put(*data, kept[i], cJSON_Duplicate(value, false));
	}
	put_end(*data, *facts, json);
	if (json_at(json, "scope") != NULL)
	{
		json_put(*facts, "scopes", read_scopes(json_at(json, "scope")));
		if (cJSON_IsString(json_at(json, "scope")))
			json_put(*data, "scope", cJSON_Duplicate(json_at(json, "scope"), false));
	}
}

/* Sends the form; the answer must hold a token. */
static bool
ask(const OauthRequest *request, const OauthPlatform *platform, const Buffer *form,
	const Buffer *basic, CallAnswer *answer, Error *err)
{
	const char *headers[] = {"Content-Type: application/x-www-form-urlencoded",
							 "Accept: application/json", NULL, NULL};
	Call call = CALL("POST", endpoint_of(request->endpoints, "token", platform->token));

	if (basic->length > 0)
		headers[2] = basic->data;
	call.headers = headers;
	call.body = form->data;
	call.body_length = form->length;
	call.total_seconds = TOTAL_SECONDS;
	call.most_answer = 1 << 20;
	call.allow_private = request->allow_private || endpoint_is_set(request->endpoints);
	if (!call_run(&call, answer, err))
		return false;
	return (answer->answer.status <= 299 &&
			json_text(answer->json, "access_token", "")[0] != '\0') ||
		   judge(answer, request, err);
}

static bool
run(const OauthRequest *request, const OauthPlatform *platform, Buffer *form,
	const char *state, cJSON **data, cJSON **facts, Error *err)
{
	CLEANUP(buffer) Buffer basic;
	CLEANUP(call_answer) CallAnswer answer = {0};

	buffer_init(&basic);
	put_client(platform, request->data, form, &basic);
	if (platform->device)
		put_field(form, "state", state);
	if (!ask(request, platform, form, &basic, &answer, err))
		return false;
	if (platform->device && strcmp(json_text(answer.json, "state", state), state) != 0)
		return error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
						 "%s answers a question that nobody asked", request->platform);
	take_answer(answer.json, request->data, data, facts);
	return true;
}

static bool
no_tokens(const OauthRequest *request, Error *err)
{
	return error_set(
		err, ERROR_PERMANENT, "no_tokens",
		"Give the credential an access token: there is nothing to get a new one with.",
		"\"%.40s\" gives no tokens", request->platform);
}

bool
oauth_refresh(const OauthRequest *request, cJSON **data, cJSON **facts, Error *err)
{
	const OauthPlatform *platform = find_platform(request->platform);
	CLEANUP(buffer) Buffer form;
	char state[65];

	buffer_init(&form);
	if (platform == NULL)
		return no_tokens(request, err);
	make_state(state);
	if (is_own_app(platform, request->data))
	{
		put_field(&form, "grant_type", "account_credentials");
		put_field(&form, platform->account,
				  json_text(request->data, platform->account, ""));
	}
	else
	{
		put_field(&form, "grant_type", "refresh_token");
		put_field(&form, "refresh_token", json_text(request->data, "refresh_token", ""));
	}
	if (platform->device)
		put_field(&form, "device_id", json_text(request->data, "device_id", ""));
	return run(request, platform, &form, state, data, facts, err);
}

bool
oauth_exchange(const OauthRequest *request, const cJSON *grant, cJSON **data,
			   cJSON **facts, Error *err)
{
	const OauthPlatform *platform = find_platform(request->platform);
	CLEANUP(buffer) Buffer form;
	const char *device = json_text(grant, "device_id", "");
	char made[65];

	buffer_init(&form);
	if (platform == NULL)
		return no_tokens(request, err);
	make_state(made);
	put_field(&form, "grant_type", "authorization_code");
	put_field(&form, "code", json_text(grant, "code", ""));
	put_field(&form, "code_verifier", json_text(grant, "code_verifier", ""));
	if (platform->redirect)
		put_field(&form, "redirect_uri", json_text(grant, "redirect_uri", ""));
	if (platform->device)
		put_field(&form, "device_id", device);
	if (!run(request, platform, &form, json_text(grant, "state", made), data, facts, err))
		return false;
	if (platform->device && device[0] != '\0')
		json_put(*data, "device_id", cJSON_CreateString(device));
	return true;
}
