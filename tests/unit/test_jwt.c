/* sources: gate/jwt.c gate/jwt_key.c gate/base64url.c base/arena.c base/json.c base/buffer.c base/error.c base/utf8.c */
/* libs: libcjson libcrypto */
/*
 * tests/unit/test_jwt.c
 *	  Tokens: the examples of RFC 7515, and everything that is almost a token.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "gate/base64url.h"
#include "gate/jwt.h"
#include "tap.h"

#define SECRET "a secret that is long enough, 32 or more"

/* RFC 7515, appendix A */
#define PAYLOAD                                               \
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA" \
	"6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define HS_TOKEN                               \
	"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9" \
	"." PAYLOAD ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define HS_KEY                                                                      \
	"{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH" \
	"75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\"}"
#define RS_TOKEN                                                                  \
	"eyJhbGciOiJSUzI1NiJ9." PAYLOAD                                               \
	".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-" \
	"0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnb" \
	"yTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12j" \
	"zDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98r" \
	"qVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
#define RS_KEY                                                                     \
	"{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_"   \
	"wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-" \
	"pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexM" \
	"dbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_" \
	"I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyu" \
	"XpoQ\"}"
#define ES_TOKEN                                                                  \
	"eyJhbGciOiJFUzI1NiJ9." PAYLOAD                                               \
	".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJ" \
	"qPP3-Kg6NU1Q"
#define ES_KEY                                                                   \
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8T" \
	"us9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}"
#define EXPIRES 1300819380.0

static JwtRefusal refusal;

static bool
verifies_at(const JwtKeys *keys, const char *token, double now, const char *audience)
{
	Arena arena = {NULL};
	JwtClaims claims;
	JwtRules rules = {now, audience};
	bool good;

	refusal = (JwtRefusal){0};
	good = jwt_verify(keys, (Slice){token, strlen(token)}, &rules, &arena, &claims,
					  &refusal);
	if (!good)
	{
		static char message[200];

		(void) snprintf(message, sizeof message, "%s", refusal.message);
		refusal.message = message;
	}
	arena_free(&arena);
	return good;
}

static bool
verifies(const JwtKeys *keys, const char *token)
{
	return verifies_at(keys, token, 1000, NULL);
}

static JwtKeys *
keys_of(const char *set)
{
	JwtKeys *keys = jwt_keys_new();
	Error err = {0};

	ok(jwt_keys_add_set(keys, set, strlen(set), false, &err), "a key is read: %s",
	   err.message);
	return keys;
}

static void
encode(const void *bytes, size_t length, char *text)
{
	int size = EVP_EncodeBlock((unsigned char *) text, bytes, (int) length);

	while (size > 0 && text[size - 1] == '=')
		text[--size] = '\0';
	for (; *text != '\0'; text++)
		*text = *text == '+' ? '-' : *text == '/' ? '_' : *text;
}

/* A token with that header and those claims, signed by SECRET. */
static const char *
sign(const char *header, const char *claims)
{
	static char token[4000];
	char part[2000];
	unsigned char mac[32];
	unsigned int length = sizeof mac;

	encode(header, strlen(header), part);
	(void) snprintf(token, sizeof token, "%s.", part);
	encode(claims, strlen(claims), part);
	(void) snprintf(token + strlen(token), sizeof token - strlen(token), "%s", part);
	HMAC(EVP_sha256(), SECRET, strlen(SECRET), (unsigned char *) token, strlen(token),
		 mac, &length);
	encode(mac, sizeof mac, part);
	(void) snprintf(token + strlen(token), sizeof token - strlen(token), ".%s", part);
	return token;
}

#define HS "{\"alg\":\"HS256\"}"

static void
test_examples(void)
{
	JwtKeys *hs = keys_of(HS_KEY);
	JwtKeys *rs = keys_of(RS_KEY);
	JwtKeys *es = keys_of(ES_KEY);
	JwtKeys *all = keys_of("{\"keys\":[" HS_KEY "," RS_KEY "," ES_KEY
						   ",{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}]}");
	char altered[sizeof RS_TOKEN];

	ok(verifies(hs, HS_TOKEN), "the example of HS256");
	ok(verifies(rs, RS_TOKEN), "the example of RS256");
	ok(verifies(es, ES_TOKEN), "the example of ES256");
	is_int((long long) jwt_keys_count(all), 3, "a key of another kind is passed over");
	ok(verifies(all, HS_TOKEN) && verifies(all, RS_TOKEN) && verifies(all, ES_TOKEN),
	   "a set of keys verifies all three");
	ok(!verifies(hs, RS_TOKEN) && !verifies(rs, ES_TOKEN) && !verifies(es, HS_TOKEN),
	   "none verifies with the key of another");
	is_str(refusal.message, "No suitable key or wrong key type", "and it is said why");
	ok(verifies_at(hs, HS_TOKEN, EXPIRES + 29, NULL), "clocks may differ by 30 seconds");
	ok(!verifies_at(hs, HS_TOKEN, EXPIRES + 31, NULL), "and not by more");
	is_str(refusal.message, "JWT expired", "the token has expired");
	memcpy(altered, RS_TOKEN, sizeof altered);
	altered[strlen(altered) - 1] = 'x';
	ok(!verifies(rs, altered), "bits behind the last byte of a signature must be zero");
	memcpy(altered, RS_TOKEN, sizeof altered);
	altered[strlen("eyJhbGciOiJSUzI1NiJ9.") + 10] ^= 1;
	ok(!verifies(rs, altered), "a changed claim breaks the signature");
	jwt_keys_free(hs);
	jwt_keys_free(rs);
	jwt_keys_free(es);
	jwt_keys_free(all);
}

/* Keys of others: their tokens say whose and whom for, and end. */
static void
test_issuers(void)
{
	static const struct
	{
		const char *claims;
		const char *message;
	} wrong[] = {
		{"{\"aud\":\"leap\",\"exp\":2000}",                        "JWT of another issuer"},
		{"{\"iss\":\"https://b\",\"aud\":\"leap\",\"exp\":2000}",
		 "JWT of another issuer"														  },
		{"{\"iss\":\"https://a\",\"exp\":2000}",                   "JWT not in audience"  },
		{"{\"iss\":\"https://a\",\"aud\":[],\"exp\":2000}",        "JWT not in audience"  },
		{"{\"iss\":\"https://a\",\"aud\":\"other\",\"exp\":2000}", "JWT not in audience"  },
		{"{\"iss\":\"https://a\",\"aud\":\"leap\"}",               "JWT without an end"   },
	};
	const char *good = "{\"iss\":\"https://a\",\"aud\":[\"x\",\"leap\"],\"exp\":2000}";
	char secret[100];
	char set[200];
	JwtKeys *keys;

	encode(SECRET, strlen(SECRET), secret);
	(void) snprintf(set, sizeof set,
					"{\"kty\":\"oct\",\"k\":\"%s\",\"iss\":\"https://a\"}", secret);
	keys = keys_of(set);
	ok(verifies_at(keys, sign(HS, good), 1000, "leap"), "a token of another issuer");
	ok(!verifies_at(keys, sign(HS, good), 1000, ""), "is for nobody without an audience");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
	{
		ok(!verifies_at(keys, sign(HS, wrong[i].claims), 1000, "leap"), "%s is refused",
		   wrong[i].claims);
		is_str(refusal.message, wrong[i].message, "and it is said why");
	}
	jwt_keys_free(keys);
}

static void
test_shapes(const JwtKeys *keys)
{
	static const struct
	{
		const char *token;
		const char *message;
	} wrong[] = {
		{"",         "Empty JWT is sent in Authorization header"},
		{"abc",      "Expected 3 parts in JWT; got 1"           },
		{"a.b",      "Expected 3 parts in JWT; got 2"           },
		{"a.b.c.d",  "Expected 3 parts in JWT; got 4"           },
		{"abcd.b.c", "JWT cryptographic operation failed"       },
		{"..",       "JWT cryptographic operation failed"       },
	};

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
	{
		ok(!verifies(keys, wrong[i].token), "\"%s\" is no token", wrong[i].token);
		is_str(refusal.message, wrong[i].message, "and it is said why");
	}
	ok(verifies(keys, sign(HS, "{}")), "a token without claims");
	ok(!verifies(keys, sign("{\"alg\":\"none\"}", "{}")), "alg none");
	is_str(refusal.message, "Wrong or unsupported encoding algorithm", "is refused");
	ok(!verifies(keys, sign("{\"alg\":\"RS256\"}", "{}")),
	   "a secret is not taken for a public key");
	ok(!verifies(keys,
				 sign("{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}", "{}")),
	   "extensions that must be understood are not");
	ok(!verifies(keys, sign("{\"alg\":\"HS256\",\"alg\":\"HS256\"}", "{}")),
	   "a header that says a thing twice");
	ok(!verifies(keys, sign(HS, "{\"role\":\"a\",\"role\":\"b\"}")),
	   "claims that say a thing twice");
	ok(!verifies(keys, sign(HS, "[]")) && !verifies(keys, sign(HS, "{")),
	   "claims that are no object");
	ok(!verifies(keys, sign(HS, "{\"exp\":\"soon\"}")), "a time that is no number");
	is_str(refusal.message, "The JWT 'exp' claim must be a number", "is named");
	ok(!verifies(keys, sign(HS, "{\"nbf\":1031}")), "a token of the future");
	ok(!verifies(keys, sign(HS, "{\"iat\":1031}")), "a token issued in the future");
	ok(verifies(keys, sign(HS, "{\"nbf\":1029,\"iat\":1029}")), "clocks may differ");
}

static void
test_audience(const JwtKeys *keys)
{
	static const struct
	{
		const char *claims;
		bool good;
	} rows[] = {
		{"{}",						  true },
		{"{\"aud\":\"us\"}",            true },
		{"{\"aud\":[\"them\",\"us\"]}", true },
		{"{\"aud\":[]}",                true },
		{"{\"aud\":\"them\"}",          false},
		{"{\"aud\":[\"them\"]}",        false},
		{"{\"aud\":[1,\"us\"]}",        false},
		{"{\"aud\":{\"us\":1}}",        false},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		ok(verifies_at(keys, sign(HS, rows[i].claims), 1000, "us") == rows[i].good,
		   "for \"us\": %s", rows[i].claims);
	ok(verifies(keys, sign(HS, "{\"aud\":\"them\"}")), "nobody asks for an audience");
}

static void
test_kid(void)
{
	JwtKeys *keys = jwt_keys_new();
	Error err;

	ok(!jwt_keys_add_secret(keys, NULL, "short", 5, &err), "a short secret is refused");
	ok(strstr(err.message, "32") != NULL, "with the rule");
	ok(jwt_keys_add_secret(keys, "new", SECRET, strlen(SECRET), &err), "a named key");
	ok(verifies(keys, sign("{\"alg\":\"HS256\",\"kid\":\"new\"}", "{}")), "its token");
	ok(verifies(keys, sign(HS, "{}")), "a token that names no key");
	ok(!verifies(keys, sign("{\"alg\":\"HS256\",\"kid\":\"old\"}", "{}")),
	   "a token of another key");
	jwt_keys_free(keys);
	keys = jwt_keys_new();
	ok(!verifies(keys, sign(HS, "{}")), "no key at all");
	is_str(refusal.code, "PGRST300", "is the server's fault");
	jwt_keys_free(keys);
}

/* A key of others that says not whose it is would count as LEAP's own. */
static void
test_foreign_set(void)
{
	static const char *const sets[] = {
		HS_KEY, RS_KEY, "{\"keys\":[" ES_KEY "]}",
		"{\"keys\":[{\"iss\":\"\",\"kty\":\"oct\",\"k\":"
		"\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T\"}]}",
		"{\"keys\":[{\"iss\":1,\"kty\":\"oct\",\"k\":"
		"\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T\"}]}"};
	static const char named[] = "{\"keys\":[{\"iss\":\"joe\",\"kty\":\"oct\",\"k\":"
								"\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T\"}]}";
	JwtKeys *keys = jwt_keys_new();

	for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
	{
		JwtKeys *others = jwt_keys_new();
		Error err = {0};

		ok(!jwt_keys_add_set(others, sets[i], strlen(sets[i]), true, &err),
		   "a key of nobody: %s", err.message);
		jwt_keys_free(others);
	}
	ok(jwt_keys_add_set(keys, named, strlen(named), true, NULL), "a key of somebody");
	jwt_keys_free(keys);
}

int
main(void)
{
	JwtKeys *keys = jwt_keys_new();

	(void) jwt_keys_add_secret(keys, NULL, SECRET, strlen(SECRET), NULL);
	test_examples();
	test_foreign_set();
	test_issuers();
	test_shapes(keys);
	test_audience(keys);
	test_kid();
	jwt_keys_free(keys);
	return done_testing();
}
