/*
 * storage/owner.c
 *	  To which database a storage belongs: no two may share one.
 */
#include <string.h>

#include "storage/storage.h"

static bool
compare(const Storage *storage, const char *owner, const char *database, Error *err)
{
	return owner[0] == '\0' || strcmp(owner, database) == 0 ||
		   error_set(
			   err, ERROR_PERMANENT, "storage_of_another",
			   "Give each database a folder, or a prefix in the bucket, of its own. If "
			   "the other one is gone for good, remove the file " STORAGE_OWNER_FILE
			   " there.",
			   "the storage %.200s belongs to database %s, and this is %s", storage->path,
			   owner, database);
}

/* claim: if it is nobody's. */
static bool
look(const Storage *storage, const char *database, bool claim, bool anew,
	 char owner[STORAGE_OWNER_SIZE], Error *err)
{
	owner[0] = '\0';
	if (storage->kind == NULL || storage->kind->owner == NULL)
		return true;
	return storage->kind->owner(storage, claim ? database : NULL, anew, owner, err) &&
		   compare(storage, owner, database, err);
}

bool
storage_claim(const Storage *storage, const char *database, Error *err)
{
	char owner[STORAGE_OWNER_SIZE];

	return look(storage, database, true, false, owner, err);
}

bool
storage_claim_anew(const Storage *storage, const char *database, Error *err)
{
	char owner[STORAGE_OWNER_SIZE];

	return look(storage, database, true, true, owner, err) &&
		   (storage->older == NULL ||
			look(storage->older, database, false, true, owner, err));
}

bool
storage_check_owner(const Storage *storage, const char *database, bool claimed,
					Error *err)
{
	char owner[STORAGE_OWNER_SIZE];

	return look(storage, database, false, true, owner, err) &&
		   (!claimed || owner[0] != '\0' ||
			error_set(
				err, ERROR_PERMANENT, "storage_of_nobody",
				"Let a worker do a task with this storage first: it notes there which "
				"database it works for.",
				"the storage %.200s may hold files of another database", storage->path));
}
