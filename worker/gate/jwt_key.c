/*
 * gate/jwt_key.c
 *	  Keys, and the signatures they made.
 */
#include "gate/jwt_key.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "gate/base64url.h"

#define RSA_LEAST_BITS 2048
#define P256_BYTES     32

typedef enum KeyKind
{
	KEY_SECRET,
	KEY_RSA,
	KEY_P256
} KeyKind;

typedef struct Key
{
	KeyKind kind;
	char *kid;       /* NULL: none */
	char *algorithm; /* the only one it is for; NULL: any that fits */
	char *issuer;    /* whose tokens it signs; NULL: LEAP's */
	unsigned char *secret;
	size_t secret_length;
	EVP_PKEY *public_key;
} Key;

struct JwtKeys
{
	Key *keys;
	size_t count;
	size_t capacity;
};

/* The algorithms of RFC 7518 that are understood, and the kind of key each needs. */
static const struct
{
	const char *name;
	KeyKind kind;
	const char *digest;
} algorithms[] = {
	{"HS256", KEY_SECRET, "SHA256"},
    {"HS384", KEY_SECRET, "SHA384"},
	{"HS512", KEY_SECRET, "SHA512"},
    {"RS256", KEY_RSA,    "SHA256"},
	{"RS384", KEY_RSA,    "SHA384"},
    {"RS512", KEY_RSA,    "SHA512"},
	{"ES256", KEY_P256,   "SHA256"},
};

JwtKeys *
jwt_keys_new(void)
{
	return array_new(1, sizeof(JwtKeys));
}

void
jwt_keys_free(JwtKeys *keys)
{
	if (keys == NULL)
		return;
	for (size_t i = 0; i < keys->count; i++)
	{
		Key *key = &keys->keys[i];

		free(key->kid);
		free(key->algorithm);
		free(key->issuer);
		if (key->secret != NULL)
			OPENSSL_cleanse(key->secret, key->secret_length);
		free(key->secret);
		EVP_PKEY_free(key->public_key);
	}
	free(keys->keys);
	free(keys);
}

size_t
jwt_keys_count(const JwtKeys *keys)
{
	return keys->count;
}

static Key *
add(JwtKeys *keys, KeyKind kind, const char *kid, const char *algorithm)
{
	Key *key;

	keys->keys =
		array_room(keys->keys, &keys->capacity, keys->count + 1, sizeof *keys->keys);
	key = &keys->keys[keys->count++];
	*key = (Key){.kind = kind,
				 .kid = kid != NULL ? array_text(kid) : NULL,
				 .algorithm = algorithm != NULL ? array_text(algorithm) : NULL};
	return key;
}

static bool
add_secret(JwtKeys *keys, const char *kid, const char *algorithm, const void *bytes,
		   size_t length, Error *err)
{
	Key *key;

	if (length < JWT_SECRET_LEAST)
		return error_set(err, ERROR_PERMANENT, "usage",
						 "Make one with: openssl rand -base64 48",
						 "a secret of %zu bytes is too short for tokens: %d is the least",
						 length, JWT_SECRET_LEAST);
	key = add(keys, KEY_SECRET, kid, algorithm);
	key->secret = array_new(length, 1);
	memcpy(key->secret, bytes, length);
	key->secret_length = length;
	return true;
}

bool
jwt_keys_add_secret(JwtKeys *keys, const char *kid, const void *bytes, size_t length,
					Error *err)
{
	return add_secret(keys, kid, NULL, bytes, length, err);
}

/* A number of a JWK, as bytes. */
static bool
read_part(Arena *arena, const cJSON *jwk, const char *name, unsigned char **bytes,
		  size_t *length)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(jwk, name));

	return text != NULL &&
		   base64url_read(arena, (Slice){text, strlen(text)}, bytes, length) &&
		   *length > 0;
}

static EVP_PKEY *
make_public(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (params != NULL && context != NULL && EVP_PKEY_fromdata_init(context) == 1)
		(void) EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params);
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(params);
	return key;
}

static EVP_PKEY *
read_rsa(Arena *arena, const cJSON *jwk)
{
	unsigned char *n;
	unsigned char *e;
	size_t n_length;
	size_t e_length;
	OSSL_PARAM_BLD *build;
	BIGNUM *modulus;
	BIGNUM *exponent;
	EVP_PKEY *key;

	if (!read_part(arena, jwk, "n", &n, &n_length) ||
		!read_part(arena, jwk, "e", &e, &e_length))
		return NULL;
	build = OSSL_PARAM_BLD_new();
	modulus = BN_bin2bn(n, (int) n_length, NULL);
	exponent = BN_bin2bn(e, (int) e_length, NULL);
	(void) OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus);
	(void) OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent);
	key = make_public("RSA", OSSL_PARAM_BLD_to_param(build));
	OSSL_PARAM_BLD_free(build);
	BN_free(modulus);
	BN_free(exponent);
	if (key != NULL && EVP_PKEY_get_bits(key) < RSA_LEAST_BITS)
	{
		EVP_PKEY_free(key);
		key = NULL;
	}
	return key;
}

static EVP_PKEY *
read_p256(Arena *arena, const cJSON *jwk)
{
	const char *curve =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(jwk, "crv"));
	unsigned char point[1 + 2 * P256_BYTES] = {POINT_CONVERSION_UNCOMPRESSED};
	char group[] = "prime256v1";
	unsigned char *x;
	unsigned char *y;
	size_t x_length;
	size_t y_length;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
		OSSL_PARAM_construct_end()};

	if (curve == NULL || strcmp(curve, "P-256") != 0 ||
		!read_part(arena, jwk, "x", &x, &x_length) ||
		!read_part(arena, jwk, "y", &y, &y_length) || x_length != P256_BYTES ||
		y_length != P256_BYTES)
		return NULL;
	memcpy(point + 1, x, P256_BYTES);
	memcpy(point + 1 + P256_BYTES, y, P256_BYTES);
	return make_public("EC", OSSL_PARAM_dup(params));
}

static bool
text_is(const char *text, const char *wanted)
{
	return text != NULL && strcmp(text, wanted) == 0;
}

/* False for a key that is not for us. */
static bool
read_jwk(JwtKeys *keys, Arena *arena, const cJSON *jwk)
{
	const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(jwk, "kty"));
	const char *kid = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(jwk, "kid"));
	const char *algorithm =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(jwk, "alg"));
	const char *use = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(jwk, "use"));
	unsigned char *secret;
	size_t length;
	EVP_PKEY *key;

	if (use != NULL && strcmp(use, "sig") != 0)
		return false;
	if (text_is(type, "oct"))
		return read_part(arena, jwk, "k", &secret, &length) &&
			   add_secret(keys, kid, algorithm, secret, length, NULL);
	key = text_is(type, "RSA")  ? read_rsa(arena, jwk)
		  : text_is(type, "EC") ? read_p256(arena, jwk)
								: NULL;
	if (key == NULL)
		return false;
	add(keys, text_is(type, "RSA") ? KEY_RSA : KEY_P256, kid, algorithm)->public_key =
		key;
	return true;
}

/* "iss" is no member of RFC 7517: whoever configures the keys of others adds it. A key of others
 * without it would count as LEAP's, and could sign any role. */
static bool
add_jwk(JwtKeys *keys, Arena *arena, const cJSON *jwk, bool foreign, Error *err)
{
	const char *issuer =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(jwk, "iss"));
	const char *kid = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(jwk, "kid"));

	if (!read_jwk(keys, arena, jwk))
		return true;
	if (foreign && (issuer == NULL || issuer[0] == '\0'))
		return error_set(err, ERROR_PERMANENT, "usage",
						 "Give each key of the set a member \"iss\": what its tokens say "
						 "as iss.",
						 "the key \"%.60s\" of the key set does not say whose it is",
						 kid != NULL ? kid : "");
	keys->keys[keys->count - 1].issuer = issuer != NULL ? array_text(issuer) : NULL;
	return true;
}

bool
jwt_keys_add_set(JwtKeys *keys, const char *json, size_t length, bool foreign, Error *err)
{
	CLEANUP(arena) Arena arena = {NULL};
	CLEANUP(json) cJSON *set = NULL;
	const cJSON *list;
	const cJSON *jwk;
	size_t before = keys->count;

	if (!json_parse(json, length, "the key set", &set, err))
		return false;
	list = cJSON_GetObjectItemCaseSensitive(set, "keys");
	if (list == NULL && !add_jwk(keys, &arena, set, foreign, err))
		return false;
	cJSON_ArrayForEach(jwk,
					   list) if (!add_jwk(keys, &arena, jwk, foreign, err)) return false;
	return keys->count > before ||
		   error_set(
			   err, ERROR_PERMANENT, "usage",
			   "Keys are RSA of 2048 bits or more, EC on P-256, or oct of 32 bytes.",
			   "the key set has no key that can be used");
}

static bool
verify_secret(const Key *key, const EVP_MD *digest, Slice signed_part,
			  const unsigned char *signature, size_t length)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int mac_length = 0;

	return HMAC(digest, key->secret, (int) key->secret_length,
				(const unsigned char *) signed_part.at, signed_part.length, mac,
				&mac_length) != NULL &&
		   length == mac_length && CRYPTO_memcmp(mac, signature, length) == 0;
}

/* Tokens hold the two numbers side by side; OpenSSL wants them as DER. */
static unsigned char *
der_of(const unsigned char *signature, int *length)
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	unsigned char *der = NULL;

	(void) ECDSA_SIG_set0(pair, BN_bin2bn(signature, P256_BYTES, NULL),
						  BN_bin2bn(signature + P256_BYTES, P256_BYTES, NULL));
	*length = i2d_ECDSA_SIG(pair, &der);
	ECDSA_SIG_free(pair);
	return der;
}

static bool
verify_public(const Key *key, const EVP_MD *digest, Slice signed_part,
			  const unsigned char *signature, size_t length)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char *der = NULL;
	int der_length = (int) length;
	bool ok;

	if (key->kind == KEY_P256 && length == 2 * P256_BYTES)
		der = der_of(signature, &der_length);
	ok =
		(key->kind == KEY_RSA || der != NULL) &&
		EVP_DigestVerifyInit(context, NULL, digest, NULL, key->public_key) == 1 &&
		EVP_DigestVerify(context, der != NULL ? der : signature, (size_t) der_length,
						 (const unsigned char *) signed_part.at, signed_part.length) == 1;
	OPENSSL_free(der);
	EVP_MD_CTX_free(context);
	return ok;
}

/* A token that names a key is for that one, or for one without a name. */
static bool
is_meant(const Key *key, const char *algorithm, const char *kid)
{
	if (key->algorithm != NULL && strcmp(key->algorithm, algorithm) != 0)
		return false;
	return kid == NULL || key->kid == NULL || strcmp(key->kid, kid) == 0;
}

bool
jwt_keys_verify(const JwtKeys *keys, const char *algorithm, const char *kid,
				Slice signed_part, const unsigned char *signature, size_t length,
				const char **issuer)
{
	size_t row = 0;
	const EVP_MD *digest;

	while (row < sizeof algorithms / sizeof algorithms[0] &&
		   strcmp(algorithms[row].name, algorithm) != 0)
		row++;
	if (row == sizeof algorithms / sizeof algorithms[0])
		return false;
	digest = EVP_get_digestbyname(algorithms[row].digest);
	for (size_t i = 0; i < keys->count; i++)
	{
		const Key *key = &keys->keys[i];

		if (key->kind == algorithms[row].kind && is_meant(key, algorithm, kid) &&
			(key->kind == KEY_SECRET
				 ? verify_secret(key, digest, signed_part, signature, length)
				 : verify_public(key, digest, signed_part, signature, length)))
		{
			*issuer = key->issuer;
			return true;
		}
	}
	return false;
}
