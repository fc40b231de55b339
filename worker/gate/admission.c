/*
 * gate/admission.c
 *	  Who asks, and whether he may just now: address, limits, token, role.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "gate/events.h"
#include "gate/jwt.h"
#include "gate/request.h"

/* API keys begin so; they come instead of a token, or in a field of their own. */
#define KEY_PREFIX "lpk_"

/* Keeps the limit that leaves less, for the answer. */
static bool
take(Request *request, const char *kind, const char *name, LimitRule rule)
{
	LimitState state;
	bool taken =
		limit_take(request->gate->limits, kind, name, rule, clock_seconds(), &state);

	if (rule.per_minute > 0 && (!taken || request->limit.limit == 0 ||
								state.remaining < request->limit.remaining))
		request->limit = state;
	if (!taken)
		request_refuse(request, 429, "LP044", "too many requests",
					   arena_printf(&request->arena, "The limit is %u requests a minute.",
									rule.per_minute),
					   arena_printf(&request->arena, "Retry-After: %u\r\n",
									state.reset > 0 ? state.reset : 1));
	return taken;
}

/* The token of "Authorization: Bearer TOKEN"; false: there is none of that kind. */
static bool
find_token(const Head *head, Slice *token)
{
	static const char scheme[] = "bearer ";
	const Slice *field = head_field(head, "authorization");
	size_t length = strlen(scheme);

	if (field == NULL)
		return false;
	*token = *field;
	/* the blank behind the word is not part of a value that ends there */
	if (field->length == length - 1 && strncasecmp(field->at, scheme, length - 1) == 0)
	{
		token->length = 0;
		return true;
	}
	if (field->length < length || strncasecmp(field->at, scheme, length) != 0)
		return false;
	token->at += length;
	token->length -= length;
	while (token->length > 0 && *token->at == ' ')
	{
		token->at++;
		token->length--;
	}
	return true;
}

static bool
refuse_token(Request *request, const JwtRefusal *refusal)
{
	bool ours = strcmp(refusal->code, "PGRST300") == 0;

	/* one that is over was good once; one that does not verify never was */
	if (strcmp(refusal->code, "PGRST301") == 0)
		request_note_stranger(request, refusal->code, refusal->message);
	request_refuse(request, ours ? 500 : 401, refusal->code, refusal->message,
				   refusal->details,
				   ours ? NULL
						: arena_printf(&request->arena,
									   "WWW-Authenticate: Bearer error=\"invalid_token\","
									   " error_description=\"%s\"\r\n",
									   refusal->message));
	return false;
}

/* A name of SQL within JSON. */
static const char *
json_text_of(Arena *arena, const char *text)
{
	char *out = arena_take(arena, 6 * strlen(text) + 3);
	char *at = out;

	*at++ = '"';
	for (; *text != '\0'; text++)
		if ((unsigned char) *text < ' ')
			at += snprintf(at, 7, "\\u%04x", (unsigned) *text);
		else
		{
			if (*text == '"' || *text == '\\')
				*at++ = '\\';
			*at++ = *text;
		}
	*at = '"';
	return out;
}

/* The claims with the role that the request gets, when they do not name one. */
static const char *
claims_with_role(Arena *arena, const JwtClaims *claims, const char *role)
{
	const char *rest;

	if (claims->role != NULL)
		return claims->json;
	rest = claims->json != NULL ? strchr(claims->json, '{') + 1 : "}";
	rest += strspn(rest, " \t\r\n");
	return arena_printf(arena, "{\"role\":%s%s%s", json_text_of(arena, role),
						*rest == '}' ? "" : ",", rest);
}

/* Who asks is known. */
static bool
accept(Request *request, const JwtClaims *claims)
{
	Caller *caller = &request->caller;

	caller->role =
		claims->role != NULL ? claims->role : request->gate->settings->anon_role;
	if (caller->role == NULL && request->nameless)
		return true;
	if (caller->role == NULL)
	{
		request_refuse(request, 401, "PGRST302", "Anonymous access is disabled", NULL,
					   "WWW-Authenticate: Bearer\r\n");
		return false;
	}
	caller->claims = claims_with_role(&request->arena, claims, caller->role);
	caller->subject = claims->subject;
	request->exchange->user = claims->subject;
	caller->authenticated = request->gate->settings->anon_role == NULL ||
							strcmp(caller->role, request->gate->settings->anon_role) != 0;
	return caller->subject == NULL ||
		   take(request, "user", caller->subject, request->gate->settings->user_limit);
}

/* The database has said whose key it is. */
static void
take_key(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;
	JwtClaims claims = {0};
	CLEANUP(json) cJSON *object = NULL;
	const char *text;

	request->job = NULL;
	if (outcome->end != POOL_DONE)
	{
		request_refuse_outcome(request, outcome);
		return;
	}
	text = rows_text(outcome->rows[0], 0, 0);
	if (text == NULL || !json_parse(text, strlen(text), "claims", &object, NULL))
	{
		/* a stream that goes on by itself shows its ticket again and again */
		if (request->proof != NULL)
			request_note_stranger(request, "LP042", "not good, or no longer");
		request_refuse_hint(request, 401, "LP042",
							"this API key, ticket or identity is not good, or no longer",
							"Log in again, make another key, or ask for another ticket.",
							"WWW-Authenticate: Bearer error=\"invalid_token\"\r\n");
		return;
	}
	claims.json = arena_text(&request->arena, text);
	claims.role = arena_text(&request->arena, json_text(object, "role", ""));
	claims.subject = arena_text(&request->arena, json_text(object, "sub", ""));
	if (accept(request, &claims))
		request->run(request);
}

/* A key is looked up before the request's own transaction: what it is good for decides the
 * role of that. */
static void
ask_for_claims(Request *request, const char *sql, const char *key)
{
	const char **values = arena_take(&request->arena, sizeof *values);

	values[0] = key;
	request->statements[0] = (DbPoolStatement){sql, values, 1};
	request->job = db_pool_run(request->gate->pool, request->statements, 1, false,
							   take_key, request);
}

static bool
is_key(Slice token)
{
	size_t length = strlen(KEY_PREFIX);

	return token.length >= length && memcmp(token.at, KEY_PREFIX, length) == 0;
}

/* Two answers to the question who asks: a proxy may have looked at the other one. */
static bool
says_twice(const Head *head)
{
	size_t tokens = 0, keys = 0;

	for (size_t i = 0; i < head->count; i++)
	{
		tokens += slice_is_any_case(head->fields[i].name, "authorization");
		keys += slice_is_any_case(head->fields[i].name, "x-api-key");
	}
	return tokens > 1 || keys > 1;
}

static bool
identify(Request *request)
{
	const GateSettings *settings = request->gate->settings;
	const JwtRules rules = {(double) time(NULL), settings->audience};
	const Slice *key = head_field(&request->exchange->head, "x-api-key");
	JwtClaims claims = {0};
	JwtRefusal refusal;
	const char *ticket = NULL;
	Slice token;
	bool has_token = find_token(&request->exchange->head, &token);

	if (says_twice(&request->exchange->head))
	{
		request_refuse(request, 400, "PGRST100",
					   "Authorization or X-API-Key is sent twice",
					   "Which of the two counts is not to be guessed.", NULL);
		return false;
	}
	if (key != NULL || (has_token && is_key(token)))
	{
		if (key == NULL)
			key = &token;
		request->proof = "api_key";
		ask_for_claims(request, "SELECT leap.claims_of_key($1)",
					   arena_copy(&request->arena, key->at, key->length));
		return false;
	}
	if (!has_token && events_is_path(request->exchange->path))
		ticket = events_ticket(request);
	if (ticket != NULL)
	{
		ask_for_claims(request, "SELECT leap.claims_of_ticket($1)", ticket);
		return false;
	}
	if (has_token && !jwt_verify(request->view->keys, token, &rules, &request->arena,
								 &claims, &refusal))
		return refuse_token(request, &refusal);
	if (claims.issuer != NULL)
	{
		request->proof = "identity";
		ask_for_claims(request, "SELECT leap.claims_of_identity($1)", claims.json);
		return false;
	}
	return accept(request, &claims);
}

bool
request_admit(Request *request)
{
	Gate *gate = request->gate;
	const Exchange *exchange = request->exchange;
	Caller *caller = &request->caller;

	caller->address = client_address(gate->settings->proxies, exchange->address,
									 &exchange->head, &request->arena);
	if (!take(request, "address", client_network(caller->address, &request->arena),
			  gate->settings->address_limit))
		return false;
	request->view = catalog_take(gate->catalog);
	if (request->view != NULL)
		return identify(request);
	request_refuse(request, 503, "PGRST002",
				   "Could not query the database for the schema cache. Retrying.", NULL,
				   "Retry-After: 1\r\n");
	return false;
}
