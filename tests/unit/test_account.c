/* sources: net/account.c base/sealed.c base/secret_file.c base/log.c net/oauth.c net/endpoint.c net/call.c base/throughput.c net/call_line.c net/call_body.c net/authorities.c net/guard.c net/lookup.c net/network.c net/answer.c net/address.c net/url.c base/buffer.c base/clock.c base/error.c base/json.c base/utf8.c base/report.c */
/* libs: libcurl libssl libcjson libcrypto libsodium -lm -DLEAP_VERSION='"0"' */
/*
 * tests/unit/test_account.c
 *	  Tokens: when they are refreshed, what the platform is asked then, what its refusals mean,
 *	  and that a new one is stored before it is used.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "net/account.h"
#include "net/oauth.h"
#include "served.h"
#include "tap.h"

static Served server;

/* What a token server says with status 200 that is no token. */
static const char *const odd[] = {
	"[]",
	"{}",
	"\"x\"",
	"{\"access_token\":[1]}",
	"{\"access_token\":\"\",\"expires_in\":3600}",
	"{\"access_token\":\"good\",\"expires_in\":1e300}",
	"{\"access_token\":\"good\",\"expires_in\":\"inf\"}",
	"{\"access_token\":\"good\",\"expires_in\":\"nan\"}",
	"{\"access_token\":\"good\",\"expires_in\":-1e300}",
};

static void
reply(int client, int status, const char *type, const char *body)
{
	char text[4096];

	snprintf(text, sizeof text,
			 "HTTP/1.1 %d X\r\nContent-Type: %s\r\nRetry-After: 7\r\n"
			 "Content-Length: %zu\r\n\r\n%s",
			 status, type, strlen(body), body);
	served_say(client, text);
}

/* Paths of the form /STATUS/WORD refuse; the rest gives a token which tells what was asked. */
static void
answer(int client)
{
	static char head[65536];
	char *body;
	size_t length;
	char text[2048];
	char word[40] = "";
	int status = 0;

	if (served_read(client, head, sizeof head, &length, &body) == NULL)
		return;
	if (strstr(head, " /api") != NULL)
		reply(client, strstr(head, " good\r\n") != NULL ? 200 : 401, "application/json",
			  "{\"hello\": \"there\"}");
	else if (sscanf(head, "POST /%d/%39s", &status, word) == 2)
	{
		snprintf(text, sizeof text,
				 "{\"error\":\"%s\",\"error_description\":\"why\\nso\"}", word);
		reply(client, status, "application/json", text);
	}
	else if (strstr(head, " /asked") != NULL)
	{
		char *authorization = strstr(head, "Authorization: ");

		snprintf(text, sizeof text, "{\"access_token\":\"good\",\"scope\":\"%s %.*s\"}",
				 body, authorization != NULL ? (int) strcspn(authorization, "\r") : 0,
				 authorization != NULL ? authorization : "");
		reply(client, 200, "application/json", text);
	}
	else if (sscanf(head, "POST /odd/%d", &status) == 1)
		reply(client, 200, "application/json", odd[status]);
	else if (sscanf(head, "POST /page/%d", &status) == 1)
		reply(client, status, "text/html", "<html>blocked</html>");
	else if (strstr(head, " /html") != NULL)
		reply(client, 200, "text/html", "<html>sign in</html>");
	else
	{
		snprintf(
			text, sizeof text,
			"{\"access_token\":\"good\",\"refresh_token\":\"R2\",\"expires_in\":3600,"
			"\"scope\":\"a b,c\",\"token_type\":\"bearer\",\"user_id\":42,"
			"\"asked\":\"%s\"}",
			body);
		reply(client, 200, "application/json", text);
	}
}

/* The other side of the door: what a worker would answer, in order. */
typedef struct Keeper
{
	const char *renew[4];
	int renewed;
	const char *store;
	int stored;
	char kept[2000]; /* what was stored last */
	char facts[500];
} Keeper;

static cJSON *
keep_renew(void *arg, int version)
{
	Keeper *keeper = arg;
	const char *text = keeper->renew[keeper->renewed < 3 ? keeper->renewed : 3];

	(void) version;
	keeper->renewed++;
	return text != NULL ? cJSON_Parse(text) : NULL;
}

static cJSON *
keep_store(void *arg, int version, const cJSON *data, const cJSON *facts)
{
	Keeper *keeper = arg;
	char *text = json_print(data);
	char *known = json_print(facts);
	char said[60];

	snprintf(keeper->kept, sizeof keeper->kept, "%s", text);
	snprintf(keeper->facts, sizeof keeper->facts, "%s", known);
	free(text);
	free(known);
	keeper->stored++;
	snprintf(said, sizeof said, "{\"ok\":true,\"version\":%d}", version + 1);
	return cJSON_Parse(keeper->store != NULL ? keeper->store : said);
}

static void
iso_time(double from_now, char text[32])
{
	time_t then = time(NULL) + (time_t) from_now;
	struct tm parts;

	(void) strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&then, &parts));
}

#define ZOOM_FIELDS "\"client_id\":\"id\",\"client_secret\":\"a+b\""

/* An account that keeps to the life of the texts it is made of. */
typedef struct Made
{
	Keeper keeper;
	AccountDoor door;
	cJSON *credential;
	cJSON *endpoints;
	Account *account;
} Made;

static Made *
make(const char *platform, const char *data, const char *token_path)
{
	Made *made = calloc(1, sizeof *made);
	char text[ACCOUNT_TOKEN_MOST + 1000];

	made->door = (AccountDoor){keep_renew, keep_store, &made->keeper};
	made->keeper.renew[0] = "{\"ok\":true,\"turn\":true}";
	snprintf(text, sizeof text,
			 "{\"id\":\"x\",\"platform\":\"%s\",\"version\":7,\"data\":%s}", platform,
			 data);
	made->credential = cJSON_Parse(text);
	snprintf(text, sizeof text, "{\"token\":\"%s%s\"}", server.origin, token_path);
	made->endpoints = cJSON_Parse(text);
	made->account =
		account_open(made->credential, made->endpoints, &made->door, NULL, false);
	return made;
}

static void
unmake(Made *made)
{
	account_close(made->account);
	cJSON_Delete(made->credential);
	cJSON_Delete(made->endpoints);
	free(made);
}

static void
test_valid(void)
{
	char end[32], data[300];
	const char *token = "";
	Error err = {0};
	Made *made;

	made = make("vk", "{\"access_token\":\"T\",\"group_id\":12}", "/ok");
	ok(account_token(made->account, &token, &err), "a token without an end");
	is_str(token, "T", "is used");
	is_int(made->keeper.renewed, 0, "and nobody is asked");
	is_str(account_text(made->account, "group_id"), "12", "an id is a text");
	is_str(account_text(made->account, "nothing"), "", "what is not there is empty");
	unmake(made);

	iso_time(600, end);
	snprintf(data, sizeof data, "{\"access_token\":\"T\",\"expires_at\":\"%s\"}", end);
	made = make("zoom", data, "/ok");
	ok(account_token(made->account, &token, &err) && made->keeper.renewed == 0,
	   "ten minutes are enough");
	unmake(made);
	made = make("yandex_disk", "{\"oauth_token\":\"Y\"}", "/ok");
	ok(account_token(made->account, &token, &err), "Yandex' older name of a token");
	is_str(token, "Y", "is read");
	unmake(made);
	is_int((long long) oauth_time("2026-11-22T00:10:00Z"), 1795306200, "a time is read");
	is_int((long long) oauth_time("2026-11-22T00:10:00.123456+00:00"), 1795306200,
		   "as PostgreSQL writes it, too");
	is_int((long long) oauth_time("tomorrow"), 0, "what is none is none");
}

static void
test_refresh(void)
{
	char end[32], data[400];
	const char *token = "";
	Error err = {0};
	Made *made;

	iso_time(100, end);
	snprintf(data, sizeof data,
			 "{\"access_token\":\"T\",\"refresh_token\":\"R 1\",\"expires_at\":\"%s\","
			 "\"x\":\"kept\"," ZOOM_FIELDS "}",
			 end);
	made = make("youtube", data, "/ok");
	ok(account_token(made->account, &token, &err),
	   "less than two minutes are refreshed: %s", err.message);
	is_str(token, "good", "with the new token");
	is_int(made->keeper.stored, 1, "which was stored before");
	ok(strstr(made->keeper.kept, "\"refresh_token\":\"R2\"") != NULL &&
		   strstr(made->keeper.kept, "\"x\":\"kept\"") != NULL &&
		   strstr(made->keeper.kept, "\"user_id\":42") != NULL,
	   "whole, with the new refresh token");
	ok(strstr(made->keeper.facts, "\"scopes\":[\"a\",\"b\",\"c\"]") != NULL &&
		   strstr(made->keeper.facts, "expires_at") != NULL &&
		   strstr(made->keeper.facts, "good") == NULL,
	   "and what is no secret: %s", made->keeper.facts);
	ok(account_token(made->account, &token, &err) && made->keeper.renewed == 1,
	   "nobody is asked again");
	is_str(account_text(made->account, "user_id"), "42", "new fields are texts");
	unmake(made);
}

/* What a token server is asked. */
static void
test_requests(void)
{
	static const struct
	{
		const char *platform, *data;
		const char *wanted[4];
	} rows[] = {
		{"youtube",
		 "{\"refresh_token\":\"R/1\",\"client_id\":\"i&d\",\"client_secret\":\"s\"}", {"grant_type=refresh_token&", "refresh_token=R%2F1&", "client_id=i%26d&",
		  "client_secret=s"}											   },
		{"vk",
		 "{\"refresh_token\":\"R\",\"client_id\":\"5\",\"device_id\":\"D\"}",		 {"grant_type=refresh_token&", "&device_id=D&", "client_id=5&", "&state="} },
		{"yandex_disk",
		 "{\"refresh_token\":\"R\",\"client_id\":\"i\",\"client_secret\":\"s\"}",     {"grant_type=refresh_token&", "refresh_token=R&", "client_id=i&",
		  "client_secret=s"}												   },
		{"zoom",
		 "{\"refresh_token\":\"R\",\"client_id\":\"i\",\"client_secret\":\"s\","
		 "\"account_id\":\"A\"}",													 {"grant_type=refresh_token&", "refresh_token=R ", "Authorization: Basic aTpz",
		  ""}																												  },
		{"zoom",
		 "{\"client_id\":\"i:d\",\"client_secret\":\"a+b c\",\"account_id\":\"A\"}",  {"grant_type=account_credentials&", "Basic aSUzQWQ6YSUyQmIlMjBj", "", ""} },
		{"zoom",
		 "{\"client_id\":\"i\",\"client_secret\":\"s\",\"account_id\":\"A B\"}",      {"grant_type=account_credentials&", "account_id=A%20B ", "Basic aTpz", ""}},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		CLEANUP(json) cJSON *before = cJSON_Parse(rows[i].data);
		CLEANUP(json) cJSON *data = NULL;
		CLEANUP(json) cJSON *facts = NULL;
		CLEANUP(json) cJSON *endpoints = cJSON_CreateObject();
		OauthRequest request = {
			.platform = rows[i].platform, .data = before, .endpoints = endpoints};
		char url[100];
		Error err = {0};

		snprintf(url, sizeof url, "%s/asked", server.origin);
		cJSON_AddStringToObject(endpoints, "token", url);
		ok(oauth_refresh(&request, &data, &facts, &err), "%s gives a token: %s",
		   rows[i].platform, err.message);
		for (size_t j = 0; j < 4; j++)
			ok(strstr(json_text(data, "scope", ""), rows[i].wanted[j]) != NULL,
			   "it was asked with %s, %s", rows[i].wanted[j],
			   json_text(data, "scope", ""));
		ok(json_at(data, "expires_at") == NULL, "without an end it has none");
	}
}

static void
test_refusals(void)
{
	static const struct
	{
		const char *path;
		ErrorClass class;
		const char *code;
	} rows[] = {
		{"/400/invalid_grant",       ERROR_CREDENTIAL,   "token_refused"},
		{"/200/invalid_token",       ERROR_CREDENTIAL,   "token_refused"},
		{"/401/invalid_request",     ERROR_CREDENTIAL,   "token_refused"},
		{"/401/invalid_client",      ERROR_CREDENTIAL,   "app_refused"  },
		{"/400/unauthorized_client", ERROR_CREDENTIAL,   "app_refused"  },
		{"/429/slow_down",           ERROR_RATE_LIMITED, "rate_limited" },
		{"/500/internal_failure",    ERROR_TRANSIENT,    "server_error" },
		{"/503/none",                ERROR_TRANSIENT,    "server_error" },
		{"/302/none",                ERROR_PERMANENT,    "redirected"   },
		{"/404/none",                ERROR_PERMANENT,    "bad_endpoint" },
		{"/html",					ERROR_TRANSIENT,    "bad_answer"   },
		{"/page/403",                ERROR_TRANSIENT,    "bad_answer"   },
		{"/odd/0",				   ERROR_TRANSIENT,    "bad_answer"   },
		{"/odd/1",				   ERROR_TRANSIENT,    "bad_answer"   },
		{"/odd/2",				   ERROR_TRANSIENT,    "bad_answer"   },
		{"/odd/3",				   ERROR_TRANSIENT,    "bad_answer"   },
		{"/odd/4",				   ERROR_TRANSIENT,    "bad_answer"   },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		Made *made =
			make("zoom", "{\"refresh_token\":\"R3\"," ZOOM_FIELDS "}", rows[i].path);
		const char *token = "";
		Error err = {0};

		ok(!account_token(made->account, &token, &err), "%s is no token", rows[i].path);
		is_str(err.code, rows[i].code, err.message);
		is_int(err.class, rows[i].class, "of that class");
		ok(made->keeper.stored == 0 && strstr(err.message, "R3") == NULL &&
			   strchr(err.message, '\n') == NULL,
		   "nothing is stored, nothing told");
		unmake(made);
	}
}

/* How long a token lives is a number of a stranger. */
static void
test_ends(void)
{
	static const struct
	{
		const char *path;
		bool ends;
	} rows[] = {
		{"/odd/5", true },
        {"/odd/6", true },
        {"/odd/7", false},
        {"/odd/8", false}
    };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		Made *made =
			make("zoom", "{\"refresh_token\":\"R3\"," ZOOM_FIELDS "}", rows[i].path);
		const char *token = "";
		Error err = {0};
		cJSON *data;

		ok(account_token(made->account, &token, &err), "%s is a token, %s", rows[i].path,
		   err.message);
		data = cJSON_Parse(made->keeper.kept);
		ok((oauth_time(json_text(data, "expires_at", "")) > (double) time(NULL)) ==
			   rows[i].ends,
		   "it %s: %s", rows[i].ends ? "ends some day" : "has no end that is believed",
		   json_text(data, "expires_at", "-"));
		cJSON_Delete(data);
		unmake(made);
	}
}

static void
test_others(void)
{
	static const char data[] = "{\"access_token\":\"old\",\"refresh_token\":\"R\","
							   "\"expires_at\":\"2020-01-01T00:00:00Z\"," ZOOM_FIELDS "}";
	const char *token = "";
	Error err = {0};
	Made *made = make("zoom", data, "/500/none");

	made->keeper.renew[0] = "{\"ok\":true,\"wait\":0.1}";
	made->keeper.renew[1] =
		"{\"ok\":true,\"version\":9,\"data\":{\"access_token\":\"theirs\"}}";
	ok(account_token(made->account, &token, &err), "somebody else refreshed meanwhile");
	is_str(token, "theirs", "and his token is used");
	is_int(made->keeper.renewed, 2, "after a while");
	unmake(made);

	made = make("zoom", data, "/ok");
	made->keeper.store = "{\"ok\":false,\"reason\":\"newer\"}";
	made->keeper.renew[1] =
		"{\"ok\":true,\"version\":9,\"data\":{\"access_token\":\"newer\"}}";
	ok(account_token(made->account, &token, &err), "a newer one is there already");
	is_str(token, "newer", "and used instead of ours");
	unmake(made);

	made = make("zoom", data, "/ok");
	made->keeper.renew[0] = "{\"ok\":false,\"reason\":\"needs_reauth\"}";
	ok(!account_token(made->account, &token, &err), "it was found to be void");
	is_str(err.code, "needs_reauth", err.message);
	unmake(made);

	made = make("zoom", data, "/ok");
	made->keeper.store = "{\"ok\":false,\"reason\":\"lost\"}";
	ok(!account_token(made->account, &token, &err), "a token that was not stored");
	is_int(err.class, ERROR_LOST, "is not used");
	unmake(made);

	made = make("zoom", data, "/ok");
	made->keeper.renew[0] = NULL;
	ok(!account_token(made->account, &token, &err), "the worker is gone");
	is_int(err.class, ERROR_LOST, "and so are we");
	unmake(made);

	made = make("vk", "{\"access_token\":\"t\",\"expires_at\":\"2020-01-01T00:00:00Z\"}",
				"/ok");
	ok(!account_token(made->account, &token, &err), "nothing to refresh it with");
	is_str(err.code, "token_expired", err.message);
	unmake(made);
}

/* Longer than a header may be. */
static void
test_length(void)
{
	char longest[ACCOUNT_TOKEN_MOST + 2] = "";
	char data[sizeof longest + 40];
	const char *token = "";
	Error err = {0};
	Made *made;

	memset(longest, 't', ACCOUNT_TOKEN_MOST);
	snprintf(data, sizeof data, "{\"access_token\":\"%s\"}", longest);
	made = make("vk", data, "/ok");
	ok(account_token(made->account, &token, &err), "the longest token");
	unmake(made);
	longest[ACCOUNT_TOKEN_MOST] = 't';
	snprintf(data, sizeof data, "{\"access_token\":\"%s\"}", longest);
	made = make("vk", data, "/ok");
	ok(!account_token(made->account, &token, &err), "a longer one is not cut");
	is_str(err.code, "token_too_long", err.message);
	is_str(err.message,
		   "the token for vk has 4001 characters; 4000 are the most that are sent",
		   "and its length is told");
	unmake(made);
}

static void
test_call(void)
{
	CLEANUP(call_answer) CallAnswer said = {0};
	Made *made =
		make("youtube",
			 "{\"access_token\":\"bad\",\"refresh_token\":\"R\"," ZOOM_FIELDS "}", "/ok");
	char url[100];
	const char *headers[] = {"X-One: 1", NULL};
	Call call = CALL("GET", url);
	Error err = {0};

	snprintf(url, sizeof url, "%s/api", server.origin);
	call.headers = headers;
	ok(account_call(made->account, &call, &said, &err),
	   "a refused token is refreshed: %s", err.message);
	is_int(said.answer.status, 200, "and the call repeated");
	is_str(json_text(said.json, "hello", ""), "there", "with its answer");
	ok(call.headers == headers, "the call is as it was");
	is_int(made->keeper.stored, 1, "one refresh");
	ok(!account_refresh(made->account, &err), "a new one that is refused, too");
	is_str(err.code, "new_token_refused", err.message);
	is_int(made->keeper.stored, 1, "is not refreshed again and again");
	unmake(made);

	made = make("yandex_disk", "{\"access_token\":\"good\"}", "/ok");
	ok(account_call(made->account, &call, &said, &err) && said.answer.status == 200,
	   "Yandex has its own word for a bearer");
	unmake(made);
}

static void
test_exchange(void)
{
	CLEANUP(json) cJSON *app = cJSON_Parse("{" ZOOM_FIELDS "}");
	CLEANUP(json)
	cJSON *grant = cJSON_Parse("{\"code\":\"C\",\"code_verifier\":\"V\",\"redirect_uri\":"
							   "\"https://h/cb\",\"device_id\":\"D\",\"state\":\"S\"}");
	CLEANUP(json) cJSON *endpoints = cJSON_CreateObject();
	CLEANUP(json) cJSON *data = NULL;
	CLEANUP(json) cJSON *facts = NULL;
	OauthRequest request = {.platform = "vk", .data = app, .endpoints = endpoints};
	char url[100];
	Error err = {0};

	snprintf(url, sizeof url, "%s/ok", server.origin);
	cJSON_AddStringToObject(endpoints, "token", url);
	ok(oauth_exchange(&request, grant, &data, &facts, &err), "a code becomes tokens: %s",
	   err.message);
	is_str(json_text(data, "access_token", ""), "good", "the token");
	is_str(json_text(data, "refresh_token", ""), "R2", "what refreshes it");
	is_str(json_text(data, "client_id", ""), "id", "the app it belongs to");
	is_str(json_text(data, "device_id", ""), "D", "and the device, for VK");
	ok(json_at(data, "code") == NULL, "the code is spent");
}

int
main(void)
{
	server = served_start(answer);
	test_valid();
	test_refresh();
	test_requests();
	test_refusals();
	test_ends();
	test_others();
	test_length();
	test_call();
	test_exchange();
	served_stop(&server);
	return done_testing();
}
