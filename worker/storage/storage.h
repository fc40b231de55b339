/*
 * storage/storage.h
 *	  Where the files of recordings live. A file is named by a URI relative to the storage
 *	  ("users/000001/<recording>/<kind>-<16 hex>.<ext>"), written once and never changed.
 *
 * A writer creates a file under its final, unique name, fills it and commits it; only then
 * may the name be given to the database. Nothing is renamed afterwards: what was created
 * and never named is found by storage_list and swept when it is old. "tmp/" below a local
 * storage is for work folders and is no part of it: it is neither listed nor addressable.
 *
 * A kind of storage is one file and one row of functions; a NULL member means "cannot".
 */
#ifndef LEAP_STORAGE_STORAGE_H
#define LEAP_STORAGE_STORAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct Storage Storage;

typedef struct StorageFile
{
	const char *uri;
	int64_t bytes;
	double age; /* seconds since the last write */
} StorageFile;

/* Called for each file; false ends the walk without an error. */
typedef bool (*StorageVisit)(void *arg, const StorageFile *file);

typedef struct StorageSpace
{
	int64_t free_bytes; /* for an ordinary user */
	int64_t total_bytes;
} StorageSpace;

typedef struct StorageKind
{
	const char *name;
	bool (*create)(const Storage *storage, const char *uri, int *fd, Error *err);
	bool (*commit)(const Storage *storage, const char *uri, int fd, int64_t *bytes,
				   Error *err);
	bool (*open)(const Storage *storage, const char *uri, int *fd, int64_t *bytes,
				 Error *err);
	bool (*remove)(const Storage *storage, const char *uri, Error *err);
	bool (*place)(const Storage *storage, const char *uri, int folder_fd,
				  const char *name, Error *err);
	bool (*list)(const Storage *storage, const char *below, StorageVisit visit, void *arg,
				 Error *err);
	bool (*space)(const Storage *storage, StorageSpace *space, Error *err);
} StorageKind;

struct Storage
{
	const StorageKind *kind; /* NULL = not opened */
	int root;                /* local: the folder */
	char path[4096];         /* local: its absolute path, for people */
};

/* Opens the storage at an absolute path, which must exist; storage_close in either case. */
bool storage_open_at(Storage *storage, const char *where, Error *err);
void storage_close(Storage *storage);

/* For CLEANUP(storage); the variable starts as STORAGE_NONE. */
#define STORAGE_NONE ((Storage){.kind = NULL, .root = -1})
static inline void
cleanup_storage(Storage *storage)
{
	storage_close(storage);
}

/* True for a URI a storage accepts: a relative path without "." and "..", not below
 * "tmp", no part that begins with a dot. */
bool storage_uri_is_valid(const char *uri);

/* A new file, open for reading and writing, mode 0640, its folders made. A name that
 * exists is an error: names are unique. The caller closes *fd. */
bool storage_create(const Storage *storage, const char *uri, int *fd, Error *err);

/* Makes the file and its name survive a power cut; *bytes (may be NULL) is its size. */
bool storage_commit(const Storage *storage, const char *uri, int fd, int64_t *bytes,
					Error *err);

/* Opens for reading; a file that is missing is permanent, code file_missing. */
bool storage_open(const Storage *storage, const char *uri, int *fd, int64_t *bytes,
				  Error *err);

/* Its size, or file_missing. */
bool storage_size(const Storage *storage, const char *uri, int64_t *bytes, Error *err);

/* Removes; a file that is not there is removed already. */
bool storage_remove(const Storage *storage, const char *uri, Error *err);

/* Puts the file into the caller's folder under that name, readable for all: a hard link
 * on the same file system, else a copy, synced. The name must be free. */
bool storage_place(const Storage *storage, const char *uri, int folder_fd,
				   const char *name, Error *err);

/* Walks all files below the URI prefix `below` ("" = all), in no order. */
bool storage_list(const Storage *storage, const char *below, StorageVisit visit,
				  void *arg, Error *err);

bool storage_space(const Storage *storage, StorageSpace *space, Error *err);

/* The kind for folders of this machine. */
extern const StorageKind storage_local;

#endif
