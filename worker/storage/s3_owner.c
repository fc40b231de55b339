/*
 * storage/s3_owner.c
 *	  The object below a prefix that says to which database it belongs.
 *
 * A copy is kept in the spool like one of a file, so that not every task has to ask.
 */
#include "storage/s3.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define NAME_SIZE (sizeof(((StorageS3 *) NULL)->place) + sizeof STORAGE_OWNER_FILE)

static void
take_text(const char *text, size_t length, char owner[STORAGE_OWNER_SIZE])
{
	(void) snprintf(owner, STORAGE_OWNER_SIZE, "%.*s", (int) length, text);
	owner[strcspn(owner, "\n")] = '\0';
	if (owner[0] == '\0')
		(void) snprintf(owner, STORAGE_OWNER_SIZE, "unknown");
}

static bool
read_copy(const Spool *spool, const char *name, char owner[STORAGE_OWNER_SIZE])
{
	CLEANUP(close) int fd = -1;
	char text[STORAGE_OWNER_SIZE];
	int64_t bytes;
	ssize_t length;

	if (!spool_find(spool, name, &fd, &bytes))
		return false;
	length = read(fd, text, sizeof text);
	if (length == STORAGE_OWNER_SIZE)
		take_text(text, (size_t) length, owner);
	return length == STORAGE_OWNER_SIZE;
}

/* It does not matter when that cannot be done. */
static void
keep_copy(const Spool *spool, const char *name, const char *owner)
{
	char part[SPOOL_NAME_SIZE];
	bool done;
	int fd;

	if (!spool_begin(spool, part, &fd, NULL))
		return;
	done = dprintf(fd, "%s\n", owner) == STORAGE_OWNER_SIZE;
	(void) close(fd);
	if (done)
		spool_take(spool, part, name);
	else
		spool_drop(spool, part);
}

/* owner stays as it is when nobody claimed it. */
static bool
fetch_owner(S3 *s3, const char *key, char owner[STORAGE_OWNER_SIZE], Error *err)
{
	CLEANUP(buffer) Buffer body;
	S3Object object;
	bool found;

	buffer_init(&body);
	if (!s3_head(s3, key, &found, &object, err))
		return false;
	if (!found)
		return true;
	if (!s3_get(s3, key, 0, 0, 4096, &body, err))
		return false;
	take_text(body.data, body.length, owner);
	return true;
}

static bool
put_owner(S3 *s3, const char *key, const char *database, char owner[STORAGE_OWNER_SIZE],
		  Error *err)
{
	char text[STORAGE_OWNER_SIZE + 1];
	const S3Facts facts = {.type = "text/plain"};

	(void) snprintf(text, sizeof text, "%s\n", database);
	const S3Body body = S3_TEXT(text);

	if (!s3_put(s3, key, &body, &facts, NULL, err))
		return false;
	(void) snprintf(owner, STORAGE_OWNER_SIZE, "%s", database);
	return true;
}

bool
storage_s3_owner(const Storage *storage, const char *database, bool anew,
				 char owner[STORAGE_OWNER_SIZE], Error *err)
{
	const StorageS3 *own = storage->s3;
	char key[sizeof own->prefix + sizeof STORAGE_OWNER_FILE];
	char name[NAME_SIZE];
	S3 s3 = storage_s3_client(storage);
	Error problem = {0};

	(void) snprintf(key, sizeof key, "%s%s", own->prefix, STORAGE_OWNER_FILE);
	(void) snprintf(name, sizeof name, "%s%s", own->place, STORAGE_OWNER_FILE);
	if (!anew && read_copy(&own->spool, name, owner))
		return true;
	s3.reporter = NULL;
	if (!fetch_owner(&s3, key, owner, &problem) ||
		(owner[0] == '\0' && database != NULL &&
		 !put_owner(&s3, key, database, owner, &problem)))
		return storage_s3_soften(err, &problem);
	if (!anew && owner[0] != '\0')
		keep_copy(&own->spool, name, owner);
	return true;
}
