/*
 * platform/language_name.h
 *	  Languages as those who speak them call them.
 */
#ifndef LEAP_PLATFORM_LANGUAGE_NAME_H
#define LEAP_PLATFORM_LANGUAGE_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* A tag such as "en", "pt-BR": two or three small letters, then parts of letters and digits
 * behind hyphens, at most 35 bytes. */
bool language_is_tag(const char *tag);

/* Its name, "Português (BR)", as UTF-8; the tag itself where the name is not known. */
void language_name(const char *tag, char *name, size_t size);

#endif
