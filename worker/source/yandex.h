/*
 * source/yandex.h
 *	  The parts of the source Yandex Disk: its interface (yandex_ask.c), the walk over its
 *	  folders (yandex_walk.c), and what is a recording (yandex.c).
 */
#ifndef LEAP_SOURCE_YANDEX_H
#define LEAP_SOURCE_YANDEX_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "source/source.h"

/* A file or folder: of a disk, by its path; or published, by its link and, in a published
 * folder, the path below that. */
typedef struct YandexPlace
{
	const char *public_key; /* or link; NULL: the disk of the account */
	const char *path;       /* may be NULL where there is a public_key */
} YandexPlace;

/*
 * What it is, and of a folder `most` of its members from the number `from` on, in the order
 * in which they came, the newest first. Errors: yandex_ask.c.
 */
bool yandex_look(const SourceQuery *query, const YandexPlace *place, int from, int most,
				 cJSON **resource, Error *err);

/* Where its bytes are for the next hours: {"href","method","templated"}. */
bool yandex_link(const SourceQuery *query, const YandexPlace *place, cJSON **link,
				 Error *err);

/*
 * Visits all files below a place, of its folders too unless the configuration says not to.
 * When take says that the listing is full, by false, that gets to know where to go on.
 */
bool yandex_walk(const SourceQuery *query, const YandexPlace *root, Listing *listing,
				 bool (*take)(void *arg, const cJSON *file), void *arg, Error *err);

#endif
