/*
 * platform/slug.h
 *	  A title as part of a folder's name and of a URL.
 */
#ifndef LEAP_PLATFORM_SLUG_H
#define LEAP_PLATFORM_SLUG_H

#include <stdbool.h>
#include <stddef.h>

/* Writes title with a-z, 0-9 and single hyphens only, Cyrillic in Latin letters, at most
 * size - 1 bytes; "lesson" when nothing is left. */
void slug_of(const char *title, char *slug, size_t size);

#endif
