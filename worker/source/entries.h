/*
 * source/entries.h
 *	  Lists of links in the forms people keep them: a line each, CSV, JSON, RSS, Atom.
 *
 * Whoever wrote the list is a stranger. Readers are bounded by the length of the text, fetch
 * nothing, and expand nothing.
 */
#ifndef LEAP_SOURCE_ENTRIES_H
#define LEAP_SOURCE_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* One link. Texts last until the call that got them returns; numbers that are not known
 * are negative. */
typedef struct Entry
{
	const char *url;    /* perhaps relative to the list */
	const char *id;     /* what the list calls it, for ever; may be NULL */
	const char *title;  /* may be NULL */
	const char *author; /* may be NULL */
	double start_time;  /* seconds since 1970 */
	double duration;    /* seconds */
	int64_t bytes;
	bool pending; /* the list says that it is not ready */
} Entry;

/* An entry of which nothing is known yet. */
#define ENTRY_UNKNOWN                                  \
	{                                                  \
		.start_time = -1, .duration = -1, .bytes = -1, \
	}

typedef struct EntryReader
{
	/* false = enough */
	bool (*take)(void *arg, const Entry *entry);
	/* where the list goes on, perhaps relative to it: Atom's rel="next" (RFC 5005), next_url
	 * of a JSON Feed. May be NULL */
	void (*next)(void *arg, const char *url);
	/* something that cannot be read, in words */
	void (*problem)(void *arg, const char *message);
	void *arg;
} EntryReader;

/* Reads a list in whichever form it is. Errors (input): html_instead_of_list, bad_list. */
bool entries_read(const char *text, size_t length, const EntryReader *reader, Error *err);

/* Each line a link, perhaps with a title behind a tab; "#" begins a comment. Or CSV with a
 * first line that names the columns: url, title, start_time, duration, bytes. */
bool entries_read_text(const char *text, size_t length, const EntryReader *reader,
					   Error *err);

/* An array of links or of objects {url, title, start_time, duration, bytes, ready}, or an
 * object whose member "items" is one (JSON Feed: the first attachment is the link). */
bool entries_read_json(const char *text, size_t length, const EntryReader *reader,
					   Error *err);

/* RSS 2.0 or Atom: the enclosures of the entries. */
bool entries_read_feed(const char *text, size_t length, const EntryReader *reader,
					   Error *err);

#endif
