/*
 * storage/open.c
 *	  Opening the storage that the settings describe, of whatever kind.
 */
#include <stdlib.h>

#include "base/json.h"
#include "net/url.h"
#include "storage/s3.h"
#include "storage/settings.h"

static bool
open_one(Storage *storage, const char *where, const cJSON *settings, Error *err)
{
	return storage_is_s3(where) ? storage_s3_open(storage, where, settings, err)
								: storage_open_at(storage, where, err);
}

bool
storage_open_with(Storage *storage, const cJSON *settings, Error *err)
{
	const char *from = json_text(settings, "from", "");

	if (!open_one(storage, storage_settings_where(settings), settings, err))
		return false;
	if (from[0] == '\0')
		return true;
	storage->older = malloc(sizeof *storage->older);
	if (storage->older == NULL)
		return error_errno(err, "memory", "cannot open the storage");
	return open_one(storage->older, from, settings, err);
}

bool
storage_origin(const Storage *storage, char *origin, size_t size)
{
	const StorageLink link = {.method = "GET",
							  .seconds = 1,
							  .media_type = "video/mp4",
							  .disposition = "inline"};
	char url[URL_SIZE];

	if (!storage_has_links(storage) ||
		!storage_link(storage, "users/any", &link, url, sizeof url, NULL))
		return false;
	url_origin(url, origin, size);
	return true;
}
