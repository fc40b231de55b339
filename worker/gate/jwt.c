/*
 * gate/jwt.c
 *	  Verifying a token: its shape, its signature, then its claims.
 *
 * Nothing of the claims is read before the signature has proved right. The claims go on as the
 * bytes that were signed; an object that says a key twice is refused, because two readers could
 * take different values.
 */
#include "gate/jwt.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "gate/base64url.h"

static bool
refuse(JwtRefusal *refusal, const char *code, const char *message, const char *details)
{
	*refusal = (JwtRefusal){code, message, details};
	return false;
}

static bool
refuse_format(JwtRefusal *refusal)
{
	return refuse(refusal, "PGRST301", "JWT cryptographic operation failed", NULL);
}

/* Cuts at the dots; answers how many parts there are. */
static int
split(Slice token, Slice parts[3])
{
	int count = 0;
	const char *end = token.at + token.length;

	for (const char *at = token.at;; at++)
	{
		const char *dot = memchr(at, '.', (size_t) (end - at));

		if (count < 3)
			parts[count] = (Slice){at, (size_t) ((dot != NULL ? dot : end) - at)};
		count++;
		if (dot == NULL)
			return count;
		at = dot;
	}
}

static bool
check_shape(Slice token, Slice parts[3], Arena *arena, JwtRefusal *refusal)
{
	int count;

	if (token.length == 0)
		return refuse(refusal, "PGRST301", "Empty JWT is sent in Authorization header",
					  NULL);
	if (token.length > JWT_MOST_BYTES)
		return refuse_format(refusal);
	count = split(token, parts);
	return count == 3 ||
		   refuse(refusal, "PGRST301",
				  arena_printf(arena, "Expected 3 parts in JWT; got %d", count), NULL);
}

/* An object of which every key is there once. */
static cJSON *
read_object(Arena *arena, Slice part, const char **text)
{
	unsigned char *bytes;
	size_t length;
	cJSON *object = NULL;

	if (!base64url_read(arena, part, &bytes, &length) ||
		memchr(bytes, 0, length) != NULL ||
		!json_parse((const char *) bytes, length, "a token", &object, NULL))
		return NULL;
	*text = (const char *) bytes;
	for (const cJSON *item = object->child; item != NULL; item = item->next)
		if (!cJSON_IsObject(object) ||
			cJSON_GetObjectItemCaseSensitive(object, item->string) != item)
		{
			cJSON_Delete(object);
			return NULL;
		}
	if (cJSON_IsObject(object))
		return object;
	cJSON_Delete(object);
	return NULL;
}

static bool
check_signature(const JwtKeys *keys, Slice token, const Slice parts[3], Arena *arena,
				const char **issuer, JwtRefusal *refusal)
{
	const char *text;
	CLEANUP(json) cJSON *header = read_object(arena, parts[0], &text);
	const char *algorithm =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(header, "alg"));
	const char *kid =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(header, "kid"));
	Slice signed_part = {token.at, parts[0].length + 1 + parts[1].length};
	unsigned char *signature;
	size_t length;

	/* "crit" asks that extensions be understood, and none is (RFC 7515, 4.1.11) */
	if (algorithm == NULL || cJSON_GetObjectItemCaseSensitive(header, "crit") != NULL)
		return refuse_format(refusal);
	if (strcmp(algorithm, "none") == 0)
		return refuse(refusal, "PGRST301", "Wrong or unsupported encoding algorithm",
					  "JWT is unsecured but expected 'alg' was not 'none'");
	if (!base64url_read(arena, parts[2], &signature, &length))
		return refuse_format(refusal);
	return jwt_keys_verify(keys, algorithm, kid, signed_part, signature, length,
						   issuer) ||
		   refuse(refusal, "PGRST301", "No suitable key or wrong key type",
				  "None of the keys was able to decode the JWT");
}

/* The three moments, and what each says when it is not now. */
static bool
check_times(const cJSON *claims, double now, JwtRefusal *refusal)
{
	static const struct
	{
		const char *name;
		int sign; /* 1: must not be past, -1: must not be to come */
		const char *wrong_type;
		const char *wrong_time;
	} moments[] = {
		{"exp", 1,  "The JWT 'exp' claim must be a number", "JWT expired"         },
		{"nbf", -1, "The JWT 'nbf' claim must be a number", "JWT not yet valid"   },
		{"iat", -1, "The JWT 'iat' claim must be a number", "JWT issued at future"},
	};

	for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++)
	{
		const cJSON *claim = cJSON_GetObjectItemCaseSensitive(claims, moments[i].name);

		if (claim == NULL || cJSON_IsNull(claim))
			continue;
		if (!cJSON_IsNumber(claim))
			return refuse(refusal, "PGRST303", moments[i].wrong_type, NULL);
		if (moments[i].sign * (claim->valuedouble - now) < -JWT_SKEW_SECONDS)
			return refuse(refusal, "PGRST303", moments[i].wrong_time, NULL);
	}
	return true;
}

static bool
check_audience(const cJSON *claims, const char *wanted, JwtRefusal *refusal)
{
	const cJSON *audience = cJSON_GetObjectItemCaseSensitive(claims, "aud");
	const cJSON *one;
	bool any = wanted == NULL || wanted[0] == '\0';
	bool found = any || audience == NULL || cJSON_IsNull(audience);

	if (cJSON_IsString(audience))
		found = found || strcmp(audience->valuestring, wanted) == 0;
	else if (audience != NULL && !cJSON_IsNull(audience))
	{
		bool strings = cJSON_IsArray(audience);

		cJSON_ArrayForEach(one, audience)
		{
			strings = strings && cJSON_IsString(one);
			found = found || (strings && strcmp(one->valuestring, wanted) == 0);
		}
		if (!strings)
			return refuse(refusal, "PGRST303",
						  "The JWT 'aud' claim must be a string or an array of strings",
						  NULL);
		found = found || cJSON_GetArraySize(audience) == 0;
	}
	return found || refuse(refusal, "PGRST303", "JWT not in audience", NULL);
}

static bool
has_claim(const cJSON *claims, const char *name)
{
	const cJSON *claim = cJSON_GetObjectItemCaseSensitive(claims, name);

	return claim != NULL && !cJSON_IsNull(claim) &&
		   !(cJSON_IsArray(claim) && cJSON_GetArraySize(claim) == 0);
}

/* Others make tokens for others, too: theirs must say that it is theirs, for us, and until when. */
static bool
check_issuer(const cJSON *claims, const char *issuer, const JwtRules *rules,
			 JwtRefusal *refusal)
{
	const char *said =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(claims, "iss"));

	if (issuer == NULL)
		return true;
	if (said == NULL || strcmp(said, issuer) != 0)
		return refuse(refusal, "PGRST303", "JWT of another issuer", NULL);
	if (rules->audience == NULL || rules->audience[0] == '\0' ||
		!has_claim(claims, "aud"))
		return refuse(refusal, "PGRST303", "JWT not in audience", NULL);
	return has_claim(claims, "exp") ||
		   refuse(refusal, "PGRST303", "JWT without an end", NULL);
}

static const char *
copy_claim(const cJSON *claims, const char *name, Arena *arena)
{
	const char *text =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(claims, name));

	return text != NULL ? arena_text(arena, text) : NULL;
}

bool
jwt_verify(const JwtKeys *keys, Slice token, const JwtRules *rules, Arena *arena,
		   JwtClaims *claims, JwtRefusal *refusal)
{
	Slice parts[3];
	CLEANUP(json) cJSON *object = NULL;

	if (jwt_keys_count(keys) == 0)
		return refuse(refusal, "PGRST300", "Server lacks JWT secret", NULL);
	*claims = (JwtClaims){0};
	if (!check_shape(token, parts, arena, refusal) ||
		!check_signature(keys, token, parts, arena, &claims->issuer, refusal))
		return false;
	object = read_object(arena, parts[1], &claims->json);
	if (object == NULL)
		return refuse(refusal, "PGRST303", "Parsing claims failed", NULL);
	if (!check_times(object, rules->now, refusal) ||
		!check_audience(object, rules->audience, refusal) ||
		!check_issuer(object, claims->issuer, rules, refusal))
		return false;
	claims->role = copy_claim(object, "role", arena);
	claims->subject = copy_claim(object, "sub", arena);
	return true;
}
