/*
 * cli/media_words.h
 *	  What leap-media found, in words that whoever gave the lecture understands.
 */
#ifndef LEAP_CLI_MEDIA_WORDS_H
#define LEAP_CLI_MEDIA_WORDS_H

#include <stdio.h>

#include <cjson/cJSON.h>

#include "base/spans.h"
#include "cli/text.h"

/* How long something is: "12.4 s" below a minute, "1:05.1" below ten, "59:51"; rounded as a
 * place is. Returns text. */
const char *words_length(double seconds, char text[TEXT_SIZE]);

/* A place in a recording: "0:35.7" in its first ten minutes, "1:02:03". Returns text. */
const char *words_place(double seconds, char text[TEXT_SIZE]);

/* What to do about a fault of that code; "" for one that is not known here. */
const char *words_advice(const char *code);

/* The name, what kind of file it is, picture and sound tracks. `analysis` is an answer of
 * analyse or probe. */
void words_file(const char *name, const cJSON *analysis);

/* The verdict and each of its reasons: what, where, what to do. */
void words_verdict(FILE *out, const cJSON *analysis);

/* Speech, pauses and loudness of an analysis, or of an answer of boundaries. */
void words_speech(const cJSON *analysis);

/* What trimming keeps of a recording of this duration, and why: it was asked to leave so
 * many seconds before the first and after the last speech. */
void words_trimming(const cJSON *analysis, const Span *spans, size_t count,
					double duration, double before, double after);

/* What is kept of a recording of this duration, and what is not. */
void words_kept(const Span *spans, size_t count, double duration);

/* A flag of what is kept; NULL: none. */
void words_flag(FILE *out, const char *flag);

#endif
