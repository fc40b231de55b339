/*
 * cli/text.h
 *	  Numbers, times and states as people read them, and tables that fit the terminal.
 */
#ifndef LEAP_CLI_TEXT_H
#define LEAP_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cjson/cJSON.h>

#include "base/buffer.h"

#define TEXT_SIZE 64

/* "845 B", "17.3 KiB", "1.2 GiB". Return text. */
const char *text_bytes(int64_t bytes, char text[TEXT_SIZE]);

/* Seconds as "0.4 s", "12 s", "4:25", "1:02:03"; negative is "-". */
const char *text_seconds(double seconds, char text[TEXT_SIZE]);

/* A time of the database's JSON, in whichever zone, as "2026-03-01 08:00:00 UTC". */
const char *text_time(const char *json, char text[TEXT_SIZE]);

/* The colour a state has, an escape sequence; "" without colours. */
const char *text_colour(bool colour, const char *state);
const char *text_plain(bool colour);

/* The command that lets a held recording (leap.recording_detail) go on. */
const char *text_release(const cJSON *recording);

/* Columns of the terminal on standard output; 0 when it is none. */
int text_width(void);

/* Writes at most `width` columns of a UTF-8 text (0 = all), what would steer the terminal
 * or turn the line around as "?". Whatever came from outside is written so. */
void text_write(FILE *out, const char *text, int width);

/* The text as text_write() writes it; freed by the caller, never NULL. */
char *text_cleaned(const char *text);

/* Appends the beginning of a cleaned text, `columns` wide with the ellipsis that ends it;
 * returns the columns it takes. */
int text_cut(Buffer *out, const char *clean, int columns);

/* Nothing but signs that every terminal draws one column wide? */
bool text_is_plain(const char *text);

/* Writes a text as lines of the width of the terminal, 96 without one, broken at blanks;
 * `indent` columns are taken of the first and are blank before the others. */
void text_wrap(FILE *out, const char *text, int indent);

/* The same as text_write() to standard output. */
void text_print(const char *text, int width);

#endif
