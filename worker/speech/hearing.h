/*
 * speech/hearing.h
 *	  What a provider heard of a recording, as it is kept: the artifact "heard".
 *
 * It is worth money, and it is in source time: whatever the recording is cut to later, what
 * was listened to once need not be listened to again.
 */
#ifndef LEAP_SPEECH_HEARING_H
#define LEAP_SPEECH_HEARING_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/spans.h"
#include "speech/transcript.h"

typedef struct Hearing
{
	char audio[HASH_HEX_SIZE]; /* sha256 of the sound */
	char key[HASH_HEX_SIZE];   /* hearing_key of who heard it */
	cJSON *passed;    /* keys of the providers before that one, which did not answer */
	Transcript heard; /* source time */
	Span *spans;      /* what was listened to, ascending and disjoint */
	size_t span_count;
} Hearing;

/*
 * What an answer depends on beside the sound: the provider with its model, address and
 * protocol, whether it is asked for the times of words, the language that was asked for
 * (NULL: detected) and the vocabulary (NULL: none). How the sound is divided and encoded on
 * its way there counts for nothing.
 */
void hearing_key(const cJSON *provider, const char *language, const cJSON *vocabulary,
				 char key[HASH_HEX_SIZE]);

/*
 * What is left to listen to: the wanted spans without those of the hearing, and without
 * pauses; pieces of less than 0.3 s are nothing. The caller frees the result.
 */
Span *hearing_missing(const Hearing *hearing, const Span *wanted, size_t wanted_count,
					  const Span *pauses, size_t pause_count, size_t *count);

/*
 * The missing spans with half a second more of what is known at either side, unless nobody
 * speaks there: a word across the border is heard as a whole then. As many as missing ones,
 * ascending and disjoint; the caller frees them.
 */
Span *hearing_around(const Hearing *hearing, const Span *missing, size_t count,
					 const Span *pauses, size_t pause_count);

/*
 * Adds what was heard in and around spans that were missing; `heard` is taken over. Words
 * whose middle lies in them are taken, and those across their borders, which replace what
 * was known there before.
 */
void hearing_add(Hearing *hearing, Transcript *heard, const Span *spans, size_t count);

/*
 * {"version":1,"audio_sha256","settings_key","passed_over":[…],"provider","model","language",
 * "spans":[[start,end]…],"words":[[start,end,confidence|null,"text"]…],
 * "segments":[[start,end,"text"]…]}. The caller deletes it.
 */
cJSON *hearing_to_json(const Hearing *hearing);

/* Reads that; another shape is class permanent, code bad_heard, and *hearing is empty. */
bool hearing_from_json(const cJSON *json, Hearing *hearing, Error *err);

void hearing_free(Hearing *hearing);

/* For CLEANUP(hearing). */
static inline void
cleanup_hearing(Hearing *hearing)
{
	hearing_free(hearing);
}

#endif
