/*
 * source/name.h
 *	  Names of recordings from what strangers wrote: titles, addresses, names of files.
 */
#ifndef LEAP_SOURCE_NAME_H
#define LEAP_SOURCE_NAME_H

#define NAME_MOST 500                 /* characters */
#define NAME_SIZE (NAME_MOST * 4 + 1) /* bytes */

/* Valid UTF-8 of at most 500 characters on one line: what is no character becomes U+FFFD,
 * runs of blanks and control characters one blank, and both ends are trimmed. */
void name_tidy(const char *text, char name[NAME_SIZE]);

/* The last part of a path, or of a URL without query and fragment and with %XX decoded. */
void name_last_part(const char *address, char name[NAME_SIZE]);

/* The same without the suffix: "Lecture 1.mp4" gives "Lecture 1". */
void name_of_address(const char *address, char name[NAME_SIZE]);

#endif
