/*
 * base/sealed.h
 *	  Sealed boxes (crypto_box_seal of libsodium): everybody can close one for a public key,
 *	  only who has the private key opens it.
 *
 * The private keys of workers stand in a file that LEAP's database never sees. Here they lie
 * in memory that is neither swapped out, nor dumped, nor handed on to children.
 */
#ifndef LEAP_BASE_SEALED_H
#define LEAP_BASE_SEALED_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"

#define SEALED_ID_SIZE 17 /* 16 hex digits: how SHA-256 of the public key begins */

typedef struct SealedKeys SealedKeys;

/*
 * Reads a file of private keys: a line a key, "KEY_ID = base64"; empty lines and such that
 * begin with # count for nothing. path "" gives *keys NULL. It is read again by itself when a
 * box names a key that it did not hold. A file that others can read, and a line that is no
 * key, are permanent, code usage; no message holds a part of a key.
 */
bool sealed_keys_read(const char *path, SealedKeys **keys, Error *err);

/* Overwrites the keys; NULL is allowed. */
void sealed_keys_free(SealedKeys *keys);

/*
 * Opens a box, in base64, for the key of that name: *data is the JSON object in it, and the
 * caller's (sealed_forget). Errors: transient no_credential_key (another worker may have the
 * key), credential bad_box (nobody can open this any more).
 */
bool sealed_open(SealedKeys *keys, const char *key_id, const char *box, cJSON **data,
				 Error *err);

/* Closes a box over the text of data: *box, in base64, is the caller's. A public key that is
 * none: permanent, bad_key. */
bool sealed_close(const char *public_key, const cJSON *data, char **box, Error *err);

/* Overwrites all texts in there and deletes it; NULL is allowed. */
void sealed_forget(cJSON *data);

/* For CLEANUP(secret). */
static inline void
cleanup_secret(cJSON **data)
{
	sealed_forget(*data);
}

#endif
