/*
 * match.h
 *	  Text as the rules of templates compare it.
 */
#ifndef LEAP_MATCH_H
#define LEAP_MATCH_H

#include <stdbool.h>
#include <stddef.h>

/* Leaves out the white space, as Unicode knows it, at both ends of a text in UTF-8. */
void match_trim(const char **text, size_t *length);

/* Whether the text contains the other one; the empty one always. */
bool match_contains(const char *text, size_t length, const char *part,
					size_t part_length);

/*
 * Whether a character in UTF-8 has no case, or has it in the plain way: one lower and one
 * upper form of as many bytes, in every language. ASCII and Russian Cyrillic are taken.
 */
bool match_is_plain(const char *character, size_t bytes);

/* Lower case of plain characters; others stay. `to` has room for length, and may be `from`. */
void match_fold(const char *from, size_t length, char *to);

#endif
