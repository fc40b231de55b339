/*
 * source/table.c
 *	  The types of sources this program can list.
 */
#include "source/source.h"

#include <string.h>

#include "source/s3.h"

const Source source_table[] = {
	{"INBOX",       "a watched folder of this machine",              inbox_list,     NULL,           "file"},
	{"URL_LIST",    "a list of links: text, CSV, JSON, a feed",      url_list_list,  NULL,           "url" },
	{"ZOOM",        "cloud recordings of Zoom",                      zoom_list,      zoom_resolve,   "zoom"},
	{"YANDEX_DISK", "a folder of Yandex Disk",                       yandex_list,    yandex_resolve,
	 "yandex_disk"																						 },
	{"S3",          "a bucket of S3 or of what speaks its protocol", s3_source_list,
	 s3_source_resolve,																			  "s3"  },
	{"SITE",        "a playlist or channel of a video site",         site_list,      NULL,           "site"},
	{NULL,          NULL,											NULL,           NULL,           NULL  },
};

const Source *
source_find(const char *type)
{
	for (const Source *source = source_table; source->type != NULL; source++)
		if (strcmp(source->type, type) == 0)
			return source;
	return NULL;
}

const Source *
source_of_kind(const char *kind)
{
	for (const Source *source = source_table; source->type != NULL; source++)
		if (strcmp(source->kind, kind) == 0)
			return source;
	return NULL;
}
