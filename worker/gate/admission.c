/*
 * gate/admission.c
 *	  Who asks, and whether he may just now: address, limits, token, role.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "gate/jwt.h"
#include "gate/request.h"

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

static bool
identify(Request *request)
{
	const GateSettings *settings = request->gate->settings;
	const JwtRules rules = {(double) time(NULL), settings->audience};
	Caller *caller = &request->caller;
	JwtClaims claims = {0};
	JwtRefusal refusal;
	Slice token;

	caller->authenticated = find_token(&request->exchange->head, &token);
	if (caller->authenticated && !jwt_verify(request->view->keys, token, &rules,
											 &request->arena, &claims, &refusal))
		return refuse_token(request, &refusal);
	caller->role = claims.role != NULL ? claims.role : settings->anon_role;
	if (caller->role == NULL)
	{
		request_refuse(request, 401, "PGRST302", "Anonymous access is disabled", NULL,
					   "WWW-Authenticate: Bearer\r\n");
		return false;
	}
	caller->claims = claims_with_role(&request->arena, &claims, caller->role);
	caller->subject = claims.subject;
	return true;
}

bool
request_admit(Request *request)
{
	Gate *gate = request->gate;
	const Exchange *exchange = request->exchange;
	Caller *caller = &request->caller;

	caller->address = client_address(gate->settings->proxies, exchange->address,
									 &exchange->head, &request->arena);
	if (!take(request, "address", caller->address, gate->settings->address_limit))
		return false;
	request->view = catalog_take(gate->catalog);
	if (request->view == NULL)
	{
		request_refuse(request, 503, "PGRST002",
					   "Could not query the database for the schema cache. Retrying.",
					   NULL, "Retry-After: 1\r\n");
		return false;
	}
	return identify(request) &&
		   (caller->subject == NULL ||
			take(request, "user", caller->subject, gate->settings->user_limit));
}
