/*
 * render_text.h
 *	  Lengths of texts in the units people and platforms count in, and cutting them.
 */
#ifndef LEAP_RENDER_TEXT_H
#define LEAP_RENDER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum TextUnit
{
	TEXT_CHARS,
	TEXT_BYTES,
	TEXT_UTF16, /* 16-bit units: a character beyond U+FFFF counts two */
	TEXT_UNITS
} TextUnit;

/* "chars", "bytes", "utf16". */
extern const char *const text_unit_names[TEXT_UNITS];

/* Reads the character at *at, which must be less than length, and steps over it. A byte that
 * begins no character is one by itself. */
uint32_t text_next(const char *text, size_t length, size_t *at);

size_t text_size(const char *text, size_t length, TextUnit unit);

/*
 * How many bytes of a text to keep so that they and an ending of `ending` units are not
 * longer than `most` units; all of them if the text fits by itself. Cuts between words if
 * that costs no more than half, else between characters, never within what is seen as one.
 */
size_t text_fit(const char *text, size_t length, size_t most, TextUnit unit,
				size_t ending);

/* Blanks, line ends and tabs, also the unbreakable ones. */
bool text_is_space(uint32_t character);

/* The name among `count` that is most like this one; NULL if none is like it. */
const char *text_nearest(const char *name, size_t length, const char *const *names,
						 size_t count);

#endif
