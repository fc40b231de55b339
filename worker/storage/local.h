/*
 * storage/local.h
 *	  Parts of the storage in a folder that have files of their own. For storage/ alone.
 */
#ifndef LEAP_STORAGE_LOCAL_H
#define LEAP_STORAGE_LOCAL_H

#include "storage/storage.h"

/* As StorageKind.owner. */
bool storage_local_owner(const Storage *storage, const char *database, bool anew,
						 char owner[STORAGE_OWNER_SIZE], Error *err);

/* As StorageKind.list. */
bool storage_local_walk(const Storage *storage, const char *below, StorageVisit visit,
						void *arg, Error *err);

#endif
