/*
 * cli/storage_walk.c
 *	  The files that the database names and those that a storage has, side by side.
 */
#include "cli/storage_walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* Held by the server: no transaction is open while files are looked at. */
#define OPEN                                                                           \
	"DECLARE leap_files NO SCROLL CURSOR WITH HOLD FOR"                                \
	" SELECT uri, recording, bytes, sha256 FROM ("                                     \
	"  SELECT uri, recording_id::text AS recording, bytes, sha256 FROM leap.artifacts" \
	"  UNION ALL SELECT uri, '', 0, '' FROM leap.storage_garbage"                      \
	"  UNION ALL SELECT uri, '', 0, '' FROM leap.half_made_files()) f"                 \
	" ORDER BY uri COLLATE \"C\", recording DESC"
#define FETCH "FETCH 1000 FROM leap_files"
#define CLOSE "CLOSE leap_files"

typedef struct Merge
{
	Db *db;
	const StorageWalk *walk;
	DbRows *rows;
	int next; /* of rows */
	bool failed;
	Error *err;
} Merge;

/* The next named file, which stays the next; *there false at the end. */
static bool
peek(Merge *merge, NamedFile *named, bool *there)
{
	*there = false;
	if (merge->rows == NULL || merge->next == rows_count(merge->rows))
	{
		if (merge->rows != NULL)
			rows_free(merge->rows);
		merge->rows = NULL;
		merge->next = 0;
		if (!db_call(merge->db, FETCH, NULL, 0, &merge->rows, merge->err))
			return false;
		if (rows_count(merge->rows) == 0)
			return true;
	}
	*there = true;
	*named =
		(NamedFile){.uri = rows_text(merge->rows, merge->next, 0),
					.recording = rows_text(merge->rows, merge->next, 1),
					.bytes = strtoll(rows_text(merge->rows, merge->next, 2), NULL, 10),
					.sha256 = rows_text(merge->rows, merge->next, 3)};
	return true;
}

/* Tells of those named before `uri` (NULL: of all that are left); *found is the one of that
 * name, taken. */
static bool
pass_named(Merge *merge, const char *uri, NamedFile *found, bool *there)
{
	const StorageWalk *walk = merge->walk;
	int order = -1;

	*there = false;
	while (order < 0)
	{
		bool more;

		if (!peek(merge, found, &more))
			return false;
		if (!more)
			return true;
		order = uri != NULL ? strcmp(found->uri, uri) : -1;
		if (order <= 0)
			merge->next++;
		if (order < 0 && found->recording[0] != '\0' && walk->missing != NULL &&
			!walk->missing(walk->arg, found, merge->err))
			return false;
	}
	*there = order == 0;
	return true;
}

static bool
visit(void *arg, const StorageFile *file)
{
	Merge *merge = arg;
	const StorageWalk *walk = merge->walk;
	NamedFile named;
	bool there;
	bool ok = pass_named(merge, file->uri, &named, &there);

	if (ok && there)
		ok = walk->both == NULL || walk->both(walk->arg, &named, file, merge->err);
	else if (ok)
		ok = walk->unnamed == NULL || walk->unnamed(walk->arg, file, merge->err);
	merge->failed = !ok;
	return ok;
}

bool
storage_walk(Db *db, const Storage *storage, const StorageWalk *walk, Error *err)
{
	Merge merge = {.db = db, .walk = walk, .err = err};
	Storage alone = *storage;
	NamedFile named;
	bool there;
	bool ok;

	alone.older = NULL;
	if (!db_script(db, OPEN, err))
		return false;
	ok = storage_list(&alone, "", visit, &merge, err) && !merge.failed &&
		 pass_named(&merge, NULL, &named, &there);
	if (merge.rows != NULL)
		rows_free(merge.rows);
	return db_script(db, CLOSE, ok ? err : NULL) && ok;
}
