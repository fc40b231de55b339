/*
 * net/webhook_sign.c
 *	  The signature of a webhook: HMAC-SHA256 over id, time and body.
 */
#include "net/webhook.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/buffer.h"
#include "base/cleanup.h"

#define SECRET_PREFIX "whsec_"
#define SECRET_LEAST  16
#define SECRET_MOST   64

/* Base64 of 16 to 64 bytes into key; 0 when it is none. */
static size_t
decode_secret(const char *secret, unsigned char key[SECRET_MOST + 3])
{
	size_t prefix = strlen(SECRET_PREFIX);
	const char *coded = secret + prefix;
	size_t digits = strlen(secret) > prefix ? strlen(coded) : 0;
	int length;

	if (strncmp(secret, SECRET_PREFIX, prefix) != 0 || digits % 4 != 0 ||
		digits > (SECRET_MOST + 2) / 3 * 4)
		return 0;
	length = EVP_DecodeBlock(key, (const unsigned char *) coded, (int) digits);
	/* the padding counts as zeros */
	for (size_t i = digits; length > 0 && i > 0 && coded[i - 1] == '='; i--)
		length--;
	return length >= SECRET_LEAST && length <= SECRET_MOST ? (size_t) length : 0;
}

/* It becomes a line of the head: nothing but letters, digits, "-" and "_". */
static bool
is_id(const char *id)
{
	return id[0] != '\0' && strlen(id) <= 64 &&
		   id[strspn(
			   id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")] ==
			   '\0';
}

bool
webhook_sign(const Webhook *webhook, char signature[WEBHOOK_SIGNATURE_SIZE], Error *err)
{
	unsigned char key[SECRET_MOST + 3];
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned char coded[WEBHOOK_SIGNATURE_SIZE - 3]; /* of 32 bytes, what SHA-256 gives */
	unsigned int length = 0;
	CLEANUP(buffer) Buffer content;
	size_t key_length = decode_secret(webhook->secret, key);
	bool signed_it;

	buffer_init(&content);
	if (key_length == 0 || !is_id(webhook->id))
		return error_set(err, ERROR_PERMANENT, "bad_message",
						 "Give the webhook a new secret: leap.rotate_webhook_secret().",
						 "the webhook cannot be signed: its %s is none",
						 key_length == 0 ? "secret" : "id");
	buffer_printf(&content, "%s.%" PRId64 ".", webhook->id, webhook->timestamp);
	buffer_puts(&content, webhook->body);
	signed_it =
		HMAC(EVP_sha256(), key, (int) key_length, (const unsigned char *) content.data,
			 content.length, digest, &length) != NULL;
	explicit_bzero(key, sizeof key);
	if (!signed_it)
		return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "cannot sign a webhook");
	EVP_EncodeBlock(coded, digest, (int) length);
	snprintf(signature, WEBHOOK_SIGNATURE_SIZE, "v1,%s", (const char *) coded);
	return true;
}
