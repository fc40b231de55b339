/*
 * base/utf8.h
 *	  Text as people count it: code points, and the characters they make on a screen.
 */
#ifndef LEAP_BASE_UTF8_H
#define LEAP_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * The code point at *text, and *text moved behind it. The terminating zero gives 0 and
 * does not move. A byte that starts no valid sequence (overlong forms, surrogates and
 * what lies beyond U+10FFFF included) gives U+FFFD and moves by one.
 */
uint32_t utf8_next(const char **text);

/* The end of the visible character that starts at text: a code point with the combining
 * marks, joiners and modifiers that follow it. At the terminating zero: text itself. */
const char *utf8_character_end(const char *text);

/* Columns a text takes: 1 a visible character, 2 when it is as wide as two Latin letters
 * (Chinese, Japanese, Korean, emoji). */
size_t utf8_width(const char *text);

/* The same, of the first `bytes` bytes; bytes ends on a character boundary. */
size_t utf8_width_of(const char *text, size_t bytes);

/* Appends the code point to at (up to 4 bytes, no zero); returns the bytes written. */
size_t utf8_put(uint32_t code, char *at);

/* A stranger's words for a message of ours: one line, blanks for control characters, cut
 * between characters to fit into size bytes with the zero (size at least 5). */
void utf8_line(const char *text, char *line, size_t size);

/* Lower case of Latin and Cyrillic letters; others are returned as they are. */
uint32_t utf8_lower(uint32_t code);
uint32_t utf8_upper(uint32_t code);

#endif
