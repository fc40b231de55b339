/*
 * platform/table.c
 *	  The platforms this program can publish to.
 */
#include "platform/platform.h"

#include <string.h>

const Platform *const platform_table[] = {
	&platform_library,
	NULL,
};

const Platform *
platform_find(const char *name)
{
	for (const Platform *const *platform = platform_table; *platform != NULL; platform++)
		if (strcmp((*platform)->name, name) == 0)
			return *platform;
	return NULL;
}
