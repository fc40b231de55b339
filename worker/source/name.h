/*
 * source/name.h
 *	  Names of recordings from what strangers wrote: titles, addresses, names of files.
 */
#ifndef LEAP_SOURCE_NAME_H
#define LEAP_SOURCE_NAME_H

#include <stdbool.h>

#define NAME_MOST 500                 /* characters */
#define NAME_SIZE (NAME_MOST * 4 + 1) /* bytes */

/* Is it valid UTF-8 without control characters? Nothing else can be told to the database. */
bool name_is_text(const char *text);

/* Valid UTF-8 of at most 500 characters on one line: what is no character becomes U+FFFD,
 * runs of blanks and control characters one blank, and both ends are trimmed. */
void name_tidy(const char *text, char name[NAME_SIZE]);

/* The last part of a path, or of a URL without query and fragment and with %XX decoded. */
void name_last_part(const char *address, char name[NAME_SIZE]);

/* The same without the suffix: "Lecture 1.mp4" gives "Lecture 1". */
void name_of_address(const char *address, char name[NAME_SIZE]);

/* Has it a suffix that recordings usually have? */
bool name_is_media(const char *name);

#endif
