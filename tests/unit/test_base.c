/* sources: base/error.c base/utf8.c base/buffer.c base/path.c base/hash.c base/clock.c base/json.c */
/* libs: libcjson libcrypto -lm */
/*
 * tests/unit/test_base.c
 *	  The small types everything else stands on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/path.h"
#include "tap.h"

static void
test_errors(void)
{
	Error err;

	ok(!error_set(&err, ERROR_INPUT, "code", "do that", "value %d", 7),
	   "error_set is false");
	is_str(err.message, "value 7", "message");
	is_str(err.hint, "do that", "hint");
	is_str(error_class_name(err.class), "input", "class has a name");
	for (int class = ERROR_NONE; class <= ERROR_LOST; class ++)
		ok(error_class_of(error_class_name((ErrorClass) class)) == (ErrorClass) class,
		   "class %d survives its name", class);
	is_int(error_class_of("nonsense"), ERROR_PERMANENT, "an unknown class is permanent");
	errno = EFBIG;
	(void) error_errno(&err, "c", "cannot write");
	is_str(err.code, "output_too_large", "a limit on files has a code of its own");
	is_int(err.class, ERROR_INPUT, "and is the recording's fault");
	errno = ENOSPC;
	(void) error_errno(&err, "c", "cannot write");
	is_str(err.code, "storage_full", "a full disk too");
	is_int(err.class, ERROR_TRANSIENT, "a full disk is transient");
	errno = EACCES;
	(void) error_errno(&err, "c", "cannot write");
	is_int(err.class, ERROR_PERMANENT, "no permission is permanent");
	ok(strstr(err.message, "Permission") != NULL, "the system's words are there");
	is_str(err.hint, "", "no hint where workers share nothing");
	errno = EACCES;
	(void) error_errno(&err, "storage_failed", "cannot create a file");
	ok(strstr(err.hint, "same user") != NULL, "a stranger's file in the storage: a hint");
	ok(!error_set(NULL, ERROR_INPUT, "code", NULL, "nobody listens"), "err may be NULL");
}

static void
test_buffer(void)
{
	Buffer buffer;

	buffer_init(&buffer);
	is_str(buffer.data, "", "empty at first");
	for (int i = 0; i < 1000; i++)
		buffer_printf(&buffer, "%d,", i);
	is_int((long long) buffer.length, 3890, "a thousand numbers");
	buffer_consume(&buffer, 4);
	ok(strncmp(buffer.data, "2,3,", 4) == 0, "the front is gone");
	buffer_clear(&buffer);
	is_str(buffer.data, "", "empty again");
	buffer_free(&buffer);
}

static void
test_inside(void)
{
	static const struct
	{
		const char *path;
		bool inside;
	} rows[] = {
		{"a",         true },
        {"a/b.c/d-e", true },
        {"..a/b..",   true },
        {"",          false},
		{"/a",        false},
        {"a//b",      false},
        {"a/",        false},
        {".",         false},
		{"a/./b",     false},
        {"..",        false},
        {"a/../../b", false},
        {"a\nb",      false},
	};
	char path[16];
	Error err;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		ok(path_is_inside(rows[i].path) == rows[i].inside, "\"%s\" is %s", rows[i].path,
		   rows[i].inside ? "inside" : "refused");
	ok(path_join(path, sizeof path, "/x", "a/b", &err), "a join");
	is_str(path, "/x/a/b", "joined");
	ok(!path_join(path, sizeof path, "/x", "../b", &err), "no way out");
	ok(!path_join(path, sizeof path, "/x", "a234567890123", &err), "too long is refused");
}

static void
test_folders(void)
{
	char folder[] = "/tmp/leap-base-XXXXXX";
	char outside[64];
	int root;
	int fd = -1;
	struct stat about;
	Error err;

	if (mkdtemp(folder) == NULL)
		return;
	root = open(folder, O_RDONLY | O_DIRECTORY);
	ok(path_make_folders(root, "a/b/c", 0700, &fd, &err), "a/b/c is made");
	ok(fstat(fd, &about) == 0 && S_ISDIR(about.st_mode), "and opened");
	close(fd);
	ok(path_make_folders(root, "a/b/c", 0700, &fd, &err), "made again");
	close(openat(fd, "file", O_CREAT | O_WRONLY, 0600));
	close(fd);
	ok(symlinkat("/tmp", root, "link") == 0 &&
		   !path_make_folders(root, "link/x", 0700, &fd, &err),
	   "a link is not followed");
	snprintf(outside, sizeof outside, "%s-outside", folder);
	close(open(outside, O_CREAT | O_WRONLY, 0600));
	ok(symlinkat(outside, root, "a/out") == 0 && path_remove_tree(root, "a", &err),
	   "the tree is removed");
	ok(fstatat(root, "a", &about, 0) < 0, "it is gone");
	ok(access(outside, F_OK) == 0, "what a link in it points to stays");
	ok(path_remove_tree(root, "a", &err), "what is gone is removed already");
	unlink(outside);
	close(root);
	ok(path_remove_tree(AT_FDCWD, folder, &err), "clean");
}

static void
test_hash(void)
{
	char hex[HASH_HEX_SIZE];
	char name[] = "/tmp/leap-hash-XXXXXX";
	int fd = mkstemp(name);
	int64_t bytes = -1;
	Hash hash;
	Error err;

	hash_begin(&hash);
	hash_update(&hash, "a", 1);
	hash_update(&hash, "bc", 2);
	hash_finish(&hash, hex);
	is_str(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		   "SHA-256 of abc (FIPS 180-4)");
	ok(write(fd, "abc", 3) == 3 && hash_file(fd, hex, &bytes, &err), "of a file");
	is_str(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		   "the same");
	is_int(bytes, 3, "its length");
	is_int(lseek(fd, 0, SEEK_CUR), 3, "its position stays");
	close(fd);
	unlink(name);
}

static void
test_clock(void)
{
	char one[17];
	char two[17];
	bool within = true;

	for (int i = 0; i < 1000; i++)
	{
		double pause = clock_backoff(3, 1, 100);
		double capped = clock_backoff(60, 1, 5);
		double near = clock_jitter(10, 0.2);

		within = within && pause >= 2 && pause <= 4 && capped >= 2.5 && capped <= 5 &&
				 near >= 8 && near <= 12;
	}
	ok(within, "back-off and jitter keep their limits");
	path_random_hex(one, 16);
	path_random_hex(two, 16);
	ok(strlen(one) == 16 && strspn(one, "0123456789abcdef") == 16, "random digits");
	ok(strcmp(one, two) != 0, "other ones next time");
}

/* A message that does not fit is cut between characters, however long they are. */
static void
test_cut_message(void)
{
	static const char *const characters[] = {"a", "\xd1\x8f", "\xe2\x82\xac",
											 "\xf0\x9f\x8e\x93"};

	for (size_t i = 0; i < sizeof characters / sizeof characters[0]; i++)
		for (size_t shift = 0; shift < 4; shift++)
		{
			char text[2048] = "";
			size_t width = strlen(characters[i]);
			Error err;

			memset(text, 'x', shift);
			while (strlen(text) < 1500)
				memcpy(text + strlen(text), characters[i], width + 1);
			(void) error_set(&err, ERROR_INPUT, "test", text, "%s", text);
			is_int((long long) ((strlen(err.message) - shift) % width), 0,
				   "a whole message");
			is_int((long long) ((strlen(err.hint) - shift) % width), 0, "a whole hint");
		}
}

/* Names of files are bytes: what is no UTF-8 is left out, at the end and within. */
static void
test_broken_message(void)
{
	Error err;

	(void) error_set(&err, ERROR_INPUT, "test", "caf\xe9",
					 "a\xff"
					 "b \"%.3s\" \xd1\x8f\xc0\xaf",
					 "\xd1\x8f\xd1\x8f");
	is_str(err.message, "ab \"\xd1\x8f\" \xd1\x8f", "only whole characters");
	is_str(err.hint, "caf", "in the hint as well");
}

int
main(void)
{
	test_cut_message();
	test_broken_message();
	test_errors();
	test_buffer();
	test_inside();
	test_folders();
	test_hash();
	test_clock();
	return done_testing();
}
