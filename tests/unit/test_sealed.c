/* sources: base/sealed.c base/secret_file.c base/json.c base/error.c base/utf8.c base/buffer.c base/log.c */
/* libs: libsodium libcjson -lm */
/*
 * tests/unit/test_sealed.c
 *	  Files of private keys, and the boxes that they open.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/sealed.h"
#include "tap.h"

typedef struct Pair
{
	char line[100]; /* of a file */
	char id[SEALED_ID_SIZE];
	char public[64]; /* base64 */
} Pair;

static Pair
make_pair(void)
{
	unsigned char public[crypto_box_PUBLICKEYBYTES];
	unsigned char secret[crypto_box_SECRETKEYBYTES];
	unsigned char hash[crypto_hash_sha256_BYTES];
	char text[64];
	Pair pair;

	(void) crypto_box_keypair(public, secret);
	(void) crypto_hash_sha256(hash, public, sizeof public);
	(void) sodium_bin2hex(pair.id, sizeof pair.id, hash, 8);
	(void) sodium_bin2base64(text, sizeof text, secret, sizeof secret,
							 sodium_base64_VARIANT_ORIGINAL);
	(void) sodium_bin2base64(pair.public, sizeof pair.public, public, sizeof public,
							 sodium_base64_VARIANT_ORIGINAL);
	snprintf(pair.line, sizeof pair.line, "%s = %s\n", pair.id, text);
	return pair;
}

static void
write_file(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
	(void) chmod(path, mode);
}

static void
test_files(const char *path)
{
	Pair one = make_pair();
	Pair two = make_pair();
	char text[400];
	SealedKeys *keys = NULL;
	Error err = {0};

	ok(sealed_keys_read("", &keys, &err) && keys == NULL, "no file, no keys");
	ok(!sealed_keys_read("/nowhere/keys", &keys, &err) && keys == NULL,
	   "a file that is none");
	is_str(err.code, "usage", err.message);
	write_file(path, one.line, 0644);
	ok(!sealed_keys_read(path, &keys, &err), "a file that others can read");
	snprintf(text, sizeof text, "# made in 2026\n\n%s%s", one.line, two.line);
	write_file(path, text, 0600);
	ok(sealed_keys_read(path, &keys, &err), "keys and comments: %s", err.message);
	sealed_keys_free(keys);

	memcpy(two.line, one.id, 16);
	write_file(path, two.line, 0600);
	ok(!sealed_keys_read(path, &keys, &err), "a key under the name of another");
	ok(strstr(err.message, "line 1") != NULL &&
		   strstr(err.message, two.line + 19) == NULL,
	   "is told by its line, not its text: %s", err.message);
	write_file(path, "0123456789abcdef = c2hvcnQ=\n", 0600);
	ok(!sealed_keys_read(path, &keys, &err), "a key that is too short");
	write_file(path, "nothing\n", 0600);
	ok(!sealed_keys_read(path, &keys, &err), "a line without =");
}

static void
test_boxes(const char *path)
{
	static const char secret[] = "{\"token\":\"t0p \xc3\xa9\",\"deep\":{\"x\":\"y\"}}";
	Pair one = make_pair();
	Pair two = make_pair();
	char text[400];
	CLEANUP(json) cJSON *data = cJSON_Parse(secret);
	CLEANUP(free) char *box = NULL;
	CLEANUP(free) char *other = NULL;
	SealedKeys *keys = NULL;
	cJSON *opened = NULL;
	Error err = {0};

	write_file(path, one.line, 0600);
	(void) sealed_keys_read(path, &keys, &err);
	ok(sealed_close(one.public, data, &box, &err), "a box is closed");
	ok(strstr(box, "t0p") == NULL, "and says nothing");
	ok(sealed_open(keys, one.id, box, &opened, &err), "its key opens it: %s",
	   err.message);
	is_str(json_text(opened, "token", ""), "t0p \xc3\xa9", "with all that is in it");
	sealed_forget(opened);
	ok(!sealed_open(NULL, one.id, box, &opened, &err), "without keys it stays closed");
	is_str(err.code, "no_credential_key", "which another worker may have");

	ok(sealed_close(two.public, data, &other, &err), "a box for a new key");
	ok(!sealed_open(keys, two.id, other, &opened, &err), "is not opened yet");
	ok(strcmp(error_class_name(err.class), "transient") == 0, "%s", err.message);
	ok(!sealed_open(keys, one.id, other, &opened, &err), "nor by another key");
	is_str(err.code, "bad_box", err.message);
	snprintf(text, sizeof text, "%s%s", one.line, two.line);
	write_file(path, text, 0600);
	ok(sealed_open(keys, two.id, other, &opened, &err),
	   "a key that was added is found without a restart");
	sealed_forget(opened);
	ok(sealed_open(keys, one.id, box, &opened, &err), "beside the old one");
	sealed_forget(opened);
	write_file(path, "rubbish\n", 0600);
	ok(!sealed_open(keys, "0000000000000000", box, &opened, &err), "an unknown key");
	ok(sealed_open(keys, one.id, box, &opened, &err),
	   "a file that broke takes nothing away");
	sealed_forget(opened);

	box[60] = box[60] == 'A' ? 'B' : 'A';
	ok(!sealed_open(keys, one.id, box, &opened, &err), "one changed letter");
	is_str(err.code, "bad_box", "is found");
	is_str(error_class_name(err.class), "credential", "by who must give it again");
	ok(!sealed_open(keys, one.id, "", &opened, &err), "an empty box");
	ok(!sealed_open(keys, one.id, "not base64!", &opened, &err), "no box");
	free(box);
	box = NULL;
	ok(!sealed_close("AAAA", data, &box, &err) && box == NULL, "no key to close it for");
	sealed_keys_free(keys);
	sealed_forget(NULL);
}

int
main(void)
{
	char path[] = "/tmp/sealed-XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0 || sodium_init() < 0)
		return 1;
	close(fd);
	test_files(path);
	test_boxes(path);
	(void) unlink(path);
	return done_testing();
}
