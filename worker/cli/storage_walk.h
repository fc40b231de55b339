/*
 * cli/storage_walk.h
 *	  The files that the database names and those that a storage has, side by side.
 *
 * Both come in the order of their names and are merged as they come: memory does not grow with
 * them. What the database names is what it named when the walk began.
 */
#ifndef LEAP_CLI_STORAGE_WALK_H
#define LEAP_CLI_STORAGE_WALK_H

#include "db/connection.h"
#include "storage/storage.h"

/* A file that the database names. */
typedef struct NamedFile
{
	const char *uri;
	const char *recording; /* "" = it is garbage, or an upload that is coming in */
	int64_t bytes;
	const char *sha256;
} NamedFile;

/* Called for each, with its own errors; NULL = nobody wants to know. */
typedef struct StorageWalk
{
	bool (*both)(void *arg, const NamedFile *named, const StorageFile *file, Error *err);
	bool (*missing)(void *arg, const NamedFile *named, Error *err); /* artifacts alone */
	bool (*unnamed)(void *arg, const StorageFile *file, Error *err);
	void *arg;
} StorageWalk;

/* Walks over all; the storage before is not looked at. False: the database, the storage or a
 * visitor failed. */
bool storage_walk(Db *db, const Storage *storage, const StorageWalk *walk, Error *err);

#endif
