/* sources: gate/jwt.c gate/jwt_key.c gate/base64url.c http/head.c base/arena.c base/buffer.c base/error.c base/json.c base/utf8.c */
/* libs: libcjson libcrypto -lm */
/*
 * tests/fuzz/fuzz_jwt.c
 *	  A token or a key set by chance: nothing but what was signed with the key is believed.
 */
#include "base/cleanup.h"
#include "gate/jwt.h"

#include "driver.h"

/* Signed with the secret below: {"role":"leap_user","sub":"a","exp":4000000000}. */
#define SIGNED_INPUT        \
	"eyJhbGciOiJIUzI1NiJ9." \
	"eyJyb2xlIjoibGVhcF91c2VyIiwic3ViIjoiYSIsImV4cCI6NDAwMDAwMDAwMH0"
#define SIGNED SIGNED_INPUT ".JWIvY_gMEnjNiIZEl5jXKAms_uCzaqzEgTpJFaDNqUI"

const char *const fuzz_samples[] = {
	SIGNED,
	"eyJhbGciOiJub25lIn0.eyJyb2xlIjoibGVhcF9hZG1pbiJ9.",
	"eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.AAAA",
	"eyJhbGciOiJFUzI1NiIsImNyaXQiOlsiYiJdfQ.e30.AAAA",
	"{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
	"\"alg\":\"HS256\"},{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\"},"
	"{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"use\":\"sig\",\"kid\":\"a\"}]}",
	NULL};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char secret[] = "a secret of more than thirty-two bytes";
	static JwtKeys *keys;
	JwtKeys *others = jwt_keys_new();
	const JwtRules rules = {1000, "leap"};
	CLEANUP(arena) Arena arena = {NULL};
	JwtClaims claims;
	JwtRefusal refusal = {0};
	Error err;

	if (keys == NULL)
	{
		keys = jwt_keys_new();
		(void) jwt_keys_add_secret(keys, NULL, secret, strlen(secret), &err);
	}
	if (jwt_verify(keys, (Slice){(const char *) data, size}, &rules, &arena, &claims,
				   &refusal))
		fuzz_check(size > strlen(SIGNED_INPUT) &&
					   memcmp(data, SIGNED_INPUT, strlen(SIGNED_INPUT)) == 0,
				   "only what was signed is believed");
	else
		fuzz_check(refusal.code != NULL && refusal.message != NULL,
				   "a refusal has a code and a message");
	if (!jwt_keys_add_set(others, (const char *) data, size, false, &err))
		fuzz_check(jwt_keys_count(others) == 0, "a set that is refused gives no key");
	jwt_keys_free(others);
	return 0;
}
