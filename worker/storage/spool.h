/*
 * storage/spool.h
 *	  A folder of this machine in front of a storage elsewhere: files that are being made, and
 *	  copies of those that were read lately.
 *
 * Below it are new/ (made here, not stored yet), part/ (being fetched) and kept/ (whole, also
 * stored elsewhere). A file gets its name in kept/ in one step when it is whole; who has it
 * open reads on when it is taken away for others. The names are hashes of what they stand
 * for, so that one folder is enough.
 */
#ifndef LEAP_STORAGE_SPOOL_H
#define LEAP_STORAGE_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

typedef struct Spool
{
	int fd;
	int64_t most; /* bytes in kept/ */
} Spool;

/* "new/" and the hash */
#define SPOOL_NAME_SIZE (5 + HASH_HEX_SIZE)

/* Opens the folder, made with all it needs (mode 0700); close spool->fd in either case. */
bool spool_open(Spool *spool, const char *folder, int64_t most, Error *err);

/* A new file for what `of` names, open for reading and writing; one that exists is an
 * error. */
bool spool_create(const Spool *spool, const char *of, int *fd, Error *err);

/* Opens what spool_create made and nobody has kept yet, for reading and writing; code
 * file_missing if there is none in the spool of this machine. */
bool spool_resume(const Spool *spool, const char *of, int *fd, Error *err);

/* Opens what is being made or kept; false: neither. */
bool spool_find(const Spool *spool, const char *of, int *fd, int64_t *bytes);

/* What was made is stored now: it is kept as long as there is room. */
void spool_keep(const Spool *spool, const char *of);

/* A file to fetch into; its name is for spool_take or spool_drop. */
bool spool_begin(const Spool *spool, char name[SPOOL_NAME_SIZE], int *fd, Error *err);

/* What was fetched is whole, and on disk: it is kept as long as there is room. */
void spool_take(const Spool *spool, const char *name, const char *of);
void spool_drop(const Spool *spool, const char *name);

/* Neither made nor kept any more; what is not there is gone already. */
bool spool_forget(const Spool *spool, const char *of, Error *err);

/* What was begun counts as written to just now. */
void spool_renew(const Spool *spool, const char *of);

/* Removes what was begun and not written to for so many seconds. */
void spool_sweep(const Spool *spool, double seconds);

/* Takes the copies away that were not read for longest, until the rest is within bounds. */
void spool_shrink(const Spool *spool);

#endif
