/*
 * speech/pieces.h
 *	  The chunks of one piece of work, what was heard of each, and the form in which both are
 *	  saved, so that another attempt only asks for what is missing.
 */
#ifndef LEAP_SPEECH_PIECES_H
#define LEAP_SPEECH_PIECES_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "net/ask.h"
#include "speech/chunks.h"

typedef struct Piece
{
	Chunk chunk;
	cJSON *heard; /* speech/openai_answer.h; NULL: not yet */
	/* while it is asked for */
	bool asking;
	int tries;
	double not_before; /* clock_seconds() */
	int sound;         /* a descriptor, -1: not encoded */
	Ask ask;
} Piece;

typedef struct Pieces
{
	Piece **items; /* each of its own: a question stays in its place */
	size_t count;
	size_t room;
} Pieces;

/* Takes a plan's chunks over; the plan is empty then. */
void pieces_of_plan(ChunkPlan *plan, Pieces *pieces);

/* What was saved under that key; false when it is of other work, or none. */
bool pieces_read(const cJSON *state, const char *key, Pieces *pieces);

/* The caller deletes it. */
cJSON *pieces_state(const Pieces *pieces, const char *key);

/* Replaces a piece by the parts that it is divided into, at most `seconds` long. */
void pieces_split(Pieces *pieces, size_t at, const ChunkRules *rules);

/* The share of the sound that was heard, 0..1. */
double pieces_done(const Pieces *pieces);

/* All that was heard as the answer of a provider (speech/speech.h), joined. */
cJSON *pieces_join(const Pieces *pieces, const char *model);

void pieces_free(Pieces *pieces);

/* For CLEANUP(pieces). */
static inline void
cleanup_pieces(Pieces *pieces)
{
	pieces_free(pieces);
}

#endif
