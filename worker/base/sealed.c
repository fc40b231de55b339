/*
 * base/sealed.c
 *	  Sealed boxes, and the private keys that open them.
 */
#include "base/sealed.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "base/secret_file.h"

#define OPTION    "--credential-keys"
#define FILE_MOST 65536
#define KEYS_MOST 256
#define BOX_MOST  (1 << 20)

typedef struct SealedKey
{
	char id[SEALED_ID_SIZE];
	unsigned char secret[crypto_box_SECRETKEYBYTES];
	unsigned char public[crypto_box_PUBLICKEYBYTES];
} SealedKey;

struct SealedKeys
{
	char *path;
	struct stat seen; /* the file as it was read */
	size_t count;
	SealedKey *keys; /* KEYS_MOST in pages of their own */
};

static const size_t pages = KEYS_MOST * sizeof(SealedKey);

/* Nobody but this process is ever to see them. */
static bool
map_keys(SealedKeys *keys, Error *err)
{
	void *memory =
		mmap(NULL, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return error_errno(err, "out_of_memory", "no memory for keys");
	keys->keys = memory;
	if (mlock(memory, pages) != 0)
		log_warning("the keys of " OPTION " cannot be kept out of the swap space");
	(void) madvise(memory, pages, MADV_DONTDUMP);
	(void) madvise(memory, pages, MADV_WIPEONFORK);
	return true;
}

static void
name_key(SealedKey *key)
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	(void) crypto_scalarmult_base(key->public, key->secret);
	(void) crypto_hash_sha256(hash, key->public, sizeof key->public);
	(void) sodium_bin2hex(key->id, sizeof key->id, hash, (sizeof key->id - 1) / 2);
}

static bool
read_key(SealedKeys *keys, char *line)
{
	SealedKey *key = &keys->keys[keys->count];
	char *name;
	char *value;
	size_t length;

	if (!secret_file_line(line, &name, &value))
		return false;
	if (name == NULL)
		return true;
	if (keys->count == KEYS_MOST ||
		sodium_base642bin(key->secret, sizeof key->secret, value, strlen(value), NULL,
						  &length, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
		length != sizeof key->secret)
		return false;
	name_key(key);
	keys->count++;
	return strcmp(key->id, name) == 0;
}

static bool
read_keys(SealedKeys *keys, char *text, Error *err)
{
	int number = 1;

	sodium_memzero(keys->keys, pages);
	keys->count = 0;
	for (char *line = text; line != NULL; number++)
	{
		char *end = strchr(line, '\n');

		if (end != NULL)
			*end = '\0';
		if (!read_key(keys, line))
			return error_set(
				err, ERROR_PERMANENT, "usage",
				"leap keys writes such files: KEY_ID = base64, a line a key.",
				"line %d of " OPTION " is no key that fits its name", number);
		line = end != NULL ? end + 1 : NULL;
	}
	return true;
}

static bool
read_file(SealedKeys *keys, Error *err)
{
	CLEANUP(close) int fd = -1;
	static char text[FILE_MOST + 1]; /* not on a stack that goes on elsewhere */
	ssize_t length;
	bool ok;

	if (!secret_file_open(keys->path, OPTION, &fd, err))
		return false;
	(void) fstat(fd, &keys->seen);
	length = read(fd, text, FILE_MOST);
	text[length > 0 ? length : 0] = '\0';
	if (length < 0 || length == FILE_MOST)
		ok = error_set(err, ERROR_PERMANENT, "usage", NULL,
					   OPTION " cannot be read, or has more than 64 KiB");
	else
		ok = read_keys(keys, text, err);
	sodium_memzero(text, sizeof text);
	return ok;
}

bool
sealed_keys_read(const char *path, SealedKeys **keys, Error *err)
{
	*keys = NULL;
	if (path[0] == '\0')
		return true;
	if (sodium_init() < 0)
		return error_set(err, ERROR_PERMANENT, "sodium",
						 "Install libsodium anew (libsodium23).",
						 "libsodium does not start");
	*keys = array_new(1, sizeof **keys);
	(*keys)->path = array_text(path);
	if (map_keys(*keys, err) && read_file(*keys, err))
		return true;
	sealed_keys_free(*keys);
	*keys = NULL;
	return false;
}

void
sealed_keys_free(SealedKeys *keys)
{
	if (keys == NULL)
		return;
	if (keys->keys != NULL)
	{
		sodium_memzero(keys->keys, pages);
		(void) munmap(keys->keys, pages);
	}
	free(keys->path);
	free(keys);
}

static const SealedKey *
find_key(const SealedKeys *keys, const char *id)
{
	for (size_t i = 0; i < keys->count; i++)
		if (strcmp(keys->keys[i].id, id) == 0)
			return &keys->keys[i];
	return NULL;
}

/* Operators add keys while workers run. A file that is worse than before is not taken. */
static void
read_again(SealedKeys *keys)
{
	struct stat now;
	SealedKeys *newer;
	SealedKeys older = *keys;
	Error err = {0};

	if (stat(keys->path, &now) != 0 ||
		(now.st_ino == keys->seen.st_ino && now.st_size == keys->seen.st_size &&
		 now.st_mtim.tv_sec == keys->seen.st_mtim.tv_sec &&
		 now.st_mtim.tv_nsec == keys->seen.st_mtim.tv_nsec))
		return;
	keys->seen = now;
	if (!sealed_keys_read(keys->path, &newer, &err))
	{
		log_error("%s", err.message);
		return;
	}
	*keys = *newer;
	*newer = older;
	sealed_keys_free(newer);
}

static const SealedKey *
need_key(SealedKeys *keys, const char *id, Error *err)
{
	const SealedKey *key = keys != NULL ? find_key(keys, id) : NULL;

	if (key == NULL && keys != NULL)
	{
		read_again(keys);
		key = find_key(keys, id);
	}
	if (key == NULL)
		error_set(err, ERROR_TRANSIENT, "no_credential_key",
				  "Start every worker that takes such tasks with --credential-keys FILE, "
				  "the file that leap keys made.",
				  "this worker has no key \"%.16s\" to open the credential with", id);
	return key;
}

static bool
bad_box(Error *err)
{
	return error_set(err, ERROR_CREDENTIAL, "bad_box",
					 "Give the credential its data again.",
					 "the credential was damaged: its box does not open");
}

bool
sealed_open(SealedKeys *keys, const char *key_id, const char *box, cJSON **data,
			Error *err)
{
	const SealedKey *key = need_key(keys, key_id, err);
	size_t most = strlen(box);
	size_t length = 0;
	CLEANUP(free) unsigned char *sealed = NULL;
	CLEANUP(free) unsigned char *text = NULL;
	bool ok;

	*data = NULL;
	if (key == NULL)
		return false;
	if (most > BOX_MOST)
		return bad_box(err);
	sealed = array_new(most + 1, 1);
	text = array_new(most + 1, 1);
	if (sodium_base642bin(sealed, most, box, most, "\n", &length, NULL,
						  sodium_base64_VARIANT_ORIGINAL) != 0 ||
		length < crypto_box_SEALBYTES ||
		crypto_box_seal_open(text, sealed, length, key->public, key->secret) != 0)
		return bad_box(err);
	ok = json_parse((const char *) text, length - crypto_box_SEALBYTES, "a credential",
					data, NULL) &&
		 cJSON_IsObject(*data);
	sodium_memzero(text, most);
	return ok || bad_box(err);
}

bool
sealed_close(const char *public_key, const cJSON *data, char **box, Error *err)
{
	unsigned char key[crypto_box_PUBLICKEYBYTES];
	CLEANUP(free) char *text = json_print(data);
	size_t length = strlen(text);
	CLEANUP(free) unsigned char *sealed = array_new(length + crypto_box_SEALBYTES, 1);
	size_t size = sodium_base64_ENCODED_LEN(length + crypto_box_SEALBYTES,
											sodium_base64_VARIANT_ORIGINAL);
	size_t key_length = 0;
	bool ok = sodium_init() >= 0 &&
			  sodium_base642bin(key, sizeof key, public_key, strlen(public_key), NULL,
								&key_length, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
			  key_length == sizeof key &&
			  crypto_box_seal(sealed, (const unsigned char *) text, length, key) == 0;

	sodium_memzero(text, length);
	*box = NULL;
	if (!ok)
		return error_set(err, ERROR_PERMANENT, "bad_key",
						 "Let leap keys list show the keys; leap keys init makes one.",
						 "what a credential is to be sealed for is no key");
	*box = array_new(size, 1);
	(void) sodium_bin2base64(*box, size, sealed, length + crypto_box_SEALBYTES,
							 sodium_base64_VARIANT_ORIGINAL);
	return true;
}

static void
overwrite(cJSON *item)
{
	for (cJSON *child = item->child; child != NULL; child = child->next)
		overwrite(child);
	if (cJSON_IsString(item))
		sodium_memzero(item->valuestring, strlen(item->valuestring));
}

void
sealed_forget(cJSON *data)
{
	if (data != NULL)
		overwrite(data);
	cJSON_Delete(data);
}
