/*
 * platform/table.c
 *	  The platforms this program can publish to.
 */
#include "platform/platform.h"

#include <strings.h>

const Platform *const platform_table[] = {
	&platform_library, &platform_vk,          &platform_youtube,
	&platform_s3,      &platform_yandex_disk, NULL,
};

const Platform *
platform_find(const char *name)
{
	for (const Platform *const *platform = platform_table; *platform != NULL; platform++)
		if (strcasecmp((*platform)->name, name) == 0)
			return *platform;
	return NULL;
}
