/*
 * source/key.h
 *	  What a recording is known by, so that a sync that finds it again makes no second one.
 */
#ifndef LEAP_SOURCE_KEY_H
#define LEAP_SOURCE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define KEY_SIZE 1024

/*
 * Of a link: "url:" and the URL in its usual form, without user name, password and fragment
 * (net/url.h); of a long one its hash. False when it is no URL that can be fetched.
 */
bool key_of_url(const char *url, char key[KEY_SIZE], Error *err);

/* Of what the list at this URL calls so: "id:" and a hash of the id and the list's origin. */
void key_of_id(const char *list, const char *id, char key[KEY_SIZE]);

/*
 * Of a file: "inbox:" and a hash of its size and of 16 KiB each from its beginning, middle
 * and end. A file that is renamed, moved, touched or copied is the same recording; one
 * that is written anew under the same name is another.
 */
bool key_of_file(int fd, int64_t bytes, char key[KEY_SIZE], Error *err);

#endif
