/*
 * storage/s3.h
 *	  A storage in a bucket of S3: what is known of it while it is open. For storage/ alone.
 */
#ifndef LEAP_STORAGE_S3_H
#define LEAP_STORAGE_S3_H

#include "net/s3.h"
#include "storage/spool.h"
#include "storage/storage.h"

typedef struct StorageS3
{
	char place
		[512]; /* s3://BUCKET/PREFIX: for people, and before the names in the spool */
	char bucket[64];
	char prefix[256]; /* with a slash behind, or "" */
	char endpoint[512];
	char region[64];
	bool path_style;
	char *access_key_id;
	char *secret_access_key;
	char *session_token;
	Spool spool;
} StorageS3;

/* Reads "s3://BUCKET/PREFIX?endpoint=URL&region=NAME&path_style=true|false" (values may be
 * written with %XX); permanent, bad_storage. */
bool storage_s3_read(StorageS3 *s3, const char *where, Error *err);

/* What the client of S3 needs; texts stay the storage's. */
S3 storage_s3_client(const Storage *storage);

/* Always false. What the service refuses for good may be right tomorrow: nobody's recording is
 * at fault. */
bool storage_s3_soften(Error *err, const Error *own);

/* How a file is called in the spool. */
#define STORAGE_S3_NAME_SIZE 2048
void storage_s3_spool_name(const Storage *storage, const char *uri,
						   char name[STORAGE_S3_NAME_SIZE]);

/* As StorageKind.list, .sweep and .owner. */
bool storage_s3_walk(const Storage *storage, const char *below, StorageVisit visit,
					 void *arg, Error *err);
bool storage_s3_sweep(const Storage *storage, double seconds, const cJSON *keep,
					  Error *err);
bool storage_s3_owner(const Storage *storage, const char *database, bool anew,
					  char owner[STORAGE_OWNER_SIZE], Error *err);

/* Opens it with spool and keys of the settings; storage_close in either case. */
bool storage_s3_open(Storage *storage, const char *where, const cJSON *settings,
					 Error *err);

#endif
