/* sources: storage/storage.c storage/local.c storage/local_walk.c storage/local_owner.c storage/beneath.c storage/copy.c storage/place.c base/hash.c base/path.c base/error.c base/utf8.c */
/* libs: libcjson libcrypto */
/*
 * tests/unit/test_storage.c
 *	  Names that must not leave the storage, creating, committing, listing, placing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "storage/beneath.h"
#include "storage/copy.h"
#include "storage/storage.h"
#include "tap.h"

#define NAME "users/000001/r1/source-0123456789abcdef.mp4"

static char root[] = "/tmp/leap-storage-XXXXXX";

static void
test_names(void)
{
	static const struct
	{
		const char *uri;
		bool valid;
	} cases[] = {
		{NAME,          true },
        {"a",           true },
        {"",            false},
        {"/etc/passwd", false},
		{"a/../b",      false},
        {"../b",        false},
        {"a//b",        false},
        {"a/",          false},
		{"tmp/x",       false},
        {"tmp",         false},
        {"tmpx/a",      true },
        {"a/.hidden",   false},
		{".hidden",     false},
        {"a\nb",        false},
        {"users/x/.",   false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ok(storage_uri_is_valid(cases[i].uri) == cases[i].valid, "name %zu is %s", i,
		   cases[i].valid ? "accepted" : "refused");
}

static void
test_write_and_read(const Storage *storage)
{
	CLEANUP(close) int fd = -1;
	CLEANUP(close) int again = -1;
	CLEANUP(close) int reader = -1;
	struct stat status;
	int64_t bytes = 0;
	char text[8] = {0};
	Error err = {0};

	ok(storage_create(storage, NAME, &fd, &err), "create: %s", err.message);
	is_int(write(fd, "lesson", 6), 6, "write");
	ok(storage_commit(storage, NAME, fd, &bytes, &err), "commit");
	is_int(bytes, 6, "its size");
	ok(!storage_create(storage, NAME, &again, &err), "a name is used once");
	ok(storage_open(storage, NAME, &reader, &bytes, &err), "open");
	is_int(read(reader, text, 6), 6, "read");
	is_str(text, "lesson", "what was written");
	ok(write(reader, "x", 1) < 0, "it cannot be changed any more");
	ok(fstat(reader, &status) == 0 && (status.st_mode & 0007) == 0, "others see nothing");
}

static void
test_links(const Storage *storage)
{
	CLEANUP(close) int fd = -1;
	Error err = {0};

	ok(symlinkat("/etc", storage->root, "users/out") == 0, "a link out of the storage");
	ok(!storage_open(storage, "users/out/passwd", &fd, NULL, &err), "is not followed");
	ok(!storage_create(storage, "users/out/x", &fd, &err), "nor written through");
	ok(symlinkat("r1", storage->root, "users/000001/in") == 0, "a link inside");
	ok(!storage_open(storage, "users/000001/in/source-0123456789abcdef.mp4", &fd, NULL,
					 &err),
	   "is not followed either");
	ok(beneath_open(storage->root, "users/../../x", O_RDONLY, 0) < 0 && errno == EXDEV,
	   "a way out is refused by the kernel");
}

static bool
count_file(void *arg, const StorageFile *file)
{
	int *count = arg;

	*count +=
		strcmp(file->uri, NAME) == 0 && file->bytes == 6 && file->age < 60 ? 1 : 100;
	return true;
}

static void
test_list_place_remove(const Storage *storage)
{
	CLEANUP(close) int tmp = -1;
	struct stat status;
	int count = 0;
	StorageSpace space;
	Error err = {0};

	ok(path_make_folders(storage->root, "tmp/17-0a1b", 0750, &tmp, &err), "work folder");
	close(openat(tmp, "scratch", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	ok(storage_list(storage, "", count_file, &count, &err), "list: %s", err.message);
	is_int(count, 1, "only the file: no link, nothing of tmp");
	ok(storage_place(storage, NAME, tmp, "video.mp4", &err), "place: %s", err.message);
	ok(fstatat(tmp, "video.mp4", &status, 0) == 0 && status.st_nlink == 2,
	   "a hard link on the same file system");
	ok(!storage_place(storage, NAME, tmp, "video.mp4", &err), "a name must be free");
	ok(storage_remove(storage, NAME, &err), "remove");
	ok(storage_remove(storage, NAME, &err), "remove again");
	ok(storage_remove(storage, "no/such/folder", &err), "remove what never was");
	ok(!storage_size(storage, NAME, NULL, &err), "it is gone");
	is_str(err.code, "file_missing", "code");
	ok(storage_space(storage, &space, &err) && space.free_bytes > 0, "space left");
}

static bool
stop_at_once(void *arg, int64_t done)
{
	(void) arg;
	(void) done;
	return false;
}

static void
test_copy(const Storage *storage)
{
	CLEANUP(close) int from = openat(storage->root, "from", O_CREAT | O_RDWR, 0600);
	CLEANUP(close) int to = openat(storage->root, "to", O_CREAT | O_RDWR, 0600);
	CLEANUP(close) int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	char text[4] = {0};
	Error err = {0};

	is_int(write(from, "abc", 3), 3, "source");
	ok(copy_file(from, to, 3, NULL, NULL, &err), "copy: %s", err.message);
	ok(pread(to, text, 3, 0) == 3 && strcmp(text, "abc") == 0, "is the same");
	ok(copy_file(from, null, 3, NULL, NULL, &err), "copy without the kernel's help");
	ok(!copy_file(from, to, 9, NULL, NULL, &err), "a source that became shorter");
	is_str(err.code, "source_changed", "code");
	ok(!copy_file(from, to, 3, stop_at_once, NULL, &err) && err.class == ERROR_LOST,
	   "stops when told");
}

int
main(void)
{
	CLEANUP(storage) Storage storage = STORAGE_NONE;
	Error err = {0};

	test_names();
	ok(!storage_size(&storage, NAME, NULL, &err), "a storage that is not open");
	if (mkdtemp(root) == NULL || !storage_open_at(&storage, root, &err))
		return 1;
	test_write_and_read(&storage);
	test_links(&storage);
	test_list_place_remove(&storage);
	test_copy(&storage);
	ok(path_remove_tree(AT_FDCWD, root, &err), "clean up: %s", err.message);
	return done_testing();
}
