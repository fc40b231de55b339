/*
 * storage/storage.h
 *	  Where the files of recordings live. A file is named by a URI relative to the storage
 *	  ("users/000001/<recording>/<kind>-<16 hex>.<ext>"), written once and never changed.
 *
 * A writer creates a file under its final, unique name, fills it and commits it; only then
 * may the name be given to the database. Nothing is renamed afterwards: what was created
 * and never named is found by storage_list and told to the operator. "tmp/" below a local
 * storage is for work folders and is no part of it: it is neither listed nor addressable.
 *
 * While the files move from one storage to another both are open: what is not found in the
 * new one is read from the one before, what is made goes to the new one alone.
 *
 * A kind of storage is one file and one row of functions; a NULL member means "cannot". What
 * one does may be done by several threads at once.
 */
#ifndef LEAP_STORAGE_STORAGE_H
#define LEAP_STORAGE_STORAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/report.h"

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

/* A link to a file for somebody elsewhere. */
typedef struct StorageLink
{
	const char *method;
	long seconds;
	const char *media_type;  /* what it is told to be */
	const char *disposition; /* the value of Content-Disposition */
} StorageLink;

/* A UUID as text */
#define STORAGE_OWNER_SIZE 37

typedef struct StorageKind
{
	const char *name;
	bool (*create)(const Storage *storage, const char *uri, int *fd, Error *err);
	bool (*resume)(const Storage *storage, const char *uri, int *fd, Error *err);
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
	bool (*take)(const Storage *storage, const char *uri, int from, int64_t bytes,
				 const char *sha256, Error *err);
	bool (*size)(const Storage *storage, const char *uri, int64_t *bytes, Error *err);
	bool (*digest)(const Storage *storage, const char *uri, char sha256[HASH_HEX_SIZE],
				   int64_t *bytes, Error *err);
	bool (*link)(const Storage *storage, const char *uri, const StorageLink *link,
				 char *url, size_t size, Error *err);
	bool (*check)(const Storage *storage, Error *err);
	bool (*owner)(const Storage *storage, const char *database, bool anew,
				  char owner[STORAGE_OWNER_SIZE], Error *err);
	bool (*sweep)(const Storage *storage, double seconds, const cJSON *keep, Error *err);
	void (*close)(Storage *storage);
} StorageKind;

struct Storage
{
	const StorageKind *kind; /* NULL = not opened */
	int root;                /* local: the folder */
	char path[4096];         /* local: its absolute path, for people */
	struct StorageS3 *s3;    /* S3: storage/s3.c */
	Storage *older;          /* where files may still be; NULL = nowhere */
	Reporter asking;         /* storage_report */
	const Reporter
		*reporter; /* asked, and told how much of a file is there; may be NULL */
};

/* Opens the storage at an absolute path, which must exist; storage_close in either case. */
bool storage_open_at(Storage *storage, const char *where, Error *err);

/* Opens what storage/settings.h describes; storage_close in either case. Nothing is asked of
 * a service: storage_check does that. Errors: bad_storage, storage_unreachable. */
bool storage_open_with(Storage *storage, const cJSON *settings, Error *err);
void storage_close(Storage *storage);

/* From now on the reporter is asked whether to go on, where that takes long; the progress of
 * the task stays what it is. The storage stays where it is in memory. */
void storage_report(Storage *storage, Reporter *reporter);

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

/* True for a name that LEAP gives a file: users/<lane>/<recording>/<kind>-<16 hex>.<ending>.
 * Whatever is called otherwise was put there by somebody else and is let alone. */
bool storage_uri_is_own(const char *uri);

/* A new file, open for reading and writing, mode 0640, its folders made. A name that
 * exists is an error: names are unique. The caller closes *fd. */
bool storage_create(const Storage *storage, const char *uri, int *fd, Error *err);

/* Opens what was created and not committed, to go on with it; another process may have
 * created it, on this machine or, where machines share a folder, on another one. What is not
 * there, or in an S3 storage was committed, is permanent, code file_missing. */
bool storage_resume(const Storage *storage, const char *uri, int *fd, Error *err);

/* Makes the file and its name survive a power cut, for all who share the storage; *bytes
 * (may be NULL) is its size. Nothing is written to fd afterwards. */
bool storage_commit(const Storage *storage, const char *uri, int fd, int64_t *bytes,
					Error *err);

/* Opens for reading; a file that is missing is permanent, code file_missing. */
bool storage_open(const Storage *storage, const char *uri, int *fd, int64_t *bytes,
				  Error *err);

/* Its size, or file_missing; without fetching it. */
bool storage_size(const Storage *storage, const char *uri, int64_t *bytes, Error *err);

/* Removes; a file that is not there is removed already. */
bool storage_remove(const Storage *storage, const char *uri, Error *err);

/* Puts the file into the caller's folder under that name, readable for all: a hard link
 * on the same file system, else a copy, synced. The name must be free. */
bool storage_place(const Storage *storage, const char *uri, int folder_fd,
				   const char *name, Error *err);

/* Stores a copy of an open file of so many bytes and that SHA-256: it is there whole or not at
 * all, whenever this ends, in place of what had that name. */
bool storage_take(const Storage *storage, const char *uri, int from, int64_t bytes,
				  const char *sha256, Error *err);

/* Removes what a process that died had begun and not committed; nothing elsewhere is asked.
 * For who only knows the settings. */
bool storage_discard(const char *folder, const cJSON *settings, const char *uri,
					 Error *err);

/* The SHA-256 of what is stored, read from there: no copy counts. bytes may be NULL. Not of
 * the storage before. */
bool storage_digest(const Storage *storage, const char *uri, char sha256[HASH_HEX_SIZE],
					int64_t *bytes, Error *err);

/* Whether opening a file may take as long as fetching it from elsewhere. */
bool storage_is_remote(const Storage *storage);

/* Can files be had by a link? Only where that is true without asking the service. */
bool storage_has_links(const Storage *storage);

/* A link to the file, whether it is there or not. */
bool storage_link(const Storage *storage, const char *uri, const StorageLink *link,
				  char *url, size_t size, Error *err);

/* The origin of its links, "https://host:port"; false: it has none. */
bool storage_origin(const Storage *storage, char *origin, size_t size);

/* Whether the storage can be reached and listed. */
bool storage_check(const Storage *storage, Error *err);

/* Removes what LEAP began and neither finished nor went on with for so many seconds, where
 * that is no file yet. keep: a JSON array of URIs with which somebody will go on, or NULL. */
bool storage_sweep(const Storage *storage, double seconds, const cJSON *keep, Error *err);

/*
 * A storage belongs to one database, whose id (leap.database_id()) is in a file of it that is no
 * file of a recording: it is neither listed nor addressable. Two databases that shared one would
 * take each other's files for orphans. Error: storage_of_another.
 *
 * storage_claim is for who makes files: claims the storage if it is nobody's yet; what was seen
 * lately may count. storage_claim_anew is for who removes many: it asks the storage itself, and
 * the one before.
 */
#define STORAGE_OWNER_FILE ".leap-database"
bool storage_claim(const Storage *storage, const char *database, Error *err);
bool storage_claim_anew(const Storage *storage, const char *database, Error *err);

/* Refuses one of another database, and, if it must be claimed, one that is nobody's
 * (storage_of_nobody). Nothing is written. */
bool storage_check_owner(const Storage *storage, const char *database, bool claimed,
						 Error *err);

/* Walks all files below the URI prefix `below` ("" = all, else a folder) in the order of
 * their bytes; then, if there is one, those of the storage before. */
bool storage_list(const Storage *storage, const char *below, StorageVisit visit,
				  void *arg, Error *err);

/* Where it has no bounds, those of the spool. */
bool storage_space(const Storage *storage, StorageSpace *space, Error *err);

/* The kind for folders of this machine, and that for buckets of S3. */
extern const StorageKind storage_local;
extern const StorageKind storage_s3;

#endif
