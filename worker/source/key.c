/*
 * source/key.c
 *	  What a recording is known by.
 */
#include "source/key.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "net/url.h"

#define SAMPLE_BYTES  (16 << 10)
#define KEY_DIGITS    40  /* of the hash */
#define PLAIN_LONGEST 900 /* an index entry of the database has at most 2,700 bytes */

bool
key_of_url(const char *url, char key[KEY_SIZE], Error *err)
{
	CLEANUP(hash) Hash hash = {0};
	char usual[URL_SIZE];
	char hex[HASH_HEX_SIZE];

	if (!url_check(url, err) || !url_usual_form(url, usual, err))
		return false;
	if (strlen(usual) <= PLAIN_LONGEST)
	{
		snprintf(key, KEY_SIZE, "url:%.*s", PLAIN_LONGEST, usual);
		return true;
	}
	hash_begin(&hash);
	hash_update(&hash, usual, strlen(usual));
	hash_finish(&hash, hex);
	snprintf(key, KEY_SIZE, "url:sha256:%.*s", KEY_DIGITS, hex);
	return true;
}

void
key_of_id(const char *list, const char *id, char key[KEY_SIZE])
{
	CLEANUP(hash) Hash hash = {0};
	char origin[300];
	char hex[HASH_HEX_SIZE];

	url_origin(list, origin, sizeof origin);
	hash_begin(&hash);
	hash_update(&hash, origin, strlen(origin) + 1);
	hash_update(&hash, id, strlen(id));
	hash_finish(&hash, hex);
	snprintf(key, KEY_SIZE, "id:%.*s", KEY_DIGITS, hex);
}

static bool
add_sample(Hash *hash, int fd, int64_t from, Error *err)
{
	char bytes[SAMPLE_BYTES];

	for (int64_t at = from; at < from + SAMPLE_BYTES;)
	{
		ssize_t got = pread(fd, bytes, (size_t) (from + SAMPLE_BYTES - at), at);

		if (got < 0)
			return error_errno(err, "file_not_readable",
							   "cannot read a file of the inbox");
		if (got == 0)
			return true;
		hash_update(hash, bytes, (size_t) got);
		at += got;
	}
	return true;
}

bool
key_of_file(int fd, int64_t bytes, char key[KEY_SIZE], Error *err)
{
	CLEANUP(hash) Hash hash = {0};
	int64_t last = bytes > SAMPLE_BYTES ? bytes - SAMPLE_BYTES : 0;
	char hex[HASH_HEX_SIZE];
	char size[32];
	int length = snprintf(size, sizeof size, "%" PRId64 ":", bytes);

	hash_begin(&hash);
	hash_update(&hash, size, (size_t) length);
	if (!add_sample(&hash, fd, 0, err) || !add_sample(&hash, fd, last / 2, err) ||
		!add_sample(&hash, fd, last, err))
		return false;
	hash_finish(&hash, hex);
	snprintf(key, KEY_SIZE, "inbox:%.*s", KEY_DIGITS, hex);
	return true;
}
