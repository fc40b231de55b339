/*
 * storage/discard.c
 *	  Removing what nobody will commit, without asking anybody elsewhere: a worker does it
 *	  between its other work.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "storage/s3.h"
#include "storage/settings.h"

static bool
discard_in_folder(const char *folder, const char *uri, Error *err)
{
	CLEANUP(storage) Storage storage = STORAGE_NONE;

	return storage_open_at(&storage, folder, err) && storage_remove(&storage, uri, err);
}

static bool
discard_in_spool(const cJSON *settings, const char *uri, Error *err)
{
	StorageS3 s3 = {.spool = {.fd = -1}};
	char name[2048];
	bool done = storage_s3_read(&s3, storage_settings_where(settings), err) &&
				spool_open(&s3.spool, storage_settings_folder(settings), INT64_MAX, err);

	(void) snprintf(name, sizeof name, "%s%s", s3.place, uri);
	done = done && spool_forget(&s3.spool, name, err);
	cleanup_close(&s3.spool.fd);
	return done;
}

bool
storage_discard(const char *folder, const cJSON *settings, const char *uri, Error *err)
{
	if (!storage_uri_is_valid(uri))
		return true;
	return settings != NULL && storage_is_s3(storage_settings_where(settings))
			   ? discard_in_spool(settings, uri, err)
			   : discard_in_folder(folder, uri, err);
}
