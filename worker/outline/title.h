/*
 * outline/title.h
 *	  Texts of an outline as they may be shown: one line, of bounded length. Pure.
 */
#ifndef LEAP_OUTLINE_TITLE_H
#define LEAP_OUTLINE_TITLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

#define TITLE_CHARACTERS    120
#define SUMMARY_CHARACTERS  4000
#define QUESTION_CHARACTERS 500

/*
 * Replaces clean by the text on one line: control characters and line ends become blanks,
 * blanks are not doubled, list marks, quotes and Markdown around it are taken off, a stop
 * at the end of a title too (of_title). Longer than `most` characters: cut behind a word,
 * with "…".
 */
void title_clean(const char *text, size_t most, bool of_title, Buffer *clean);

/* Whether two titles say the same: letters and digits compared without case. */
bool title_same(const char *left, const char *right);

#endif
