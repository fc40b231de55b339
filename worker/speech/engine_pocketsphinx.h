/*
 * speech/engine_pocketsphinx.h
 *	  One recogniser: a stretch of speech in, words out.
 */
#ifndef LEAP_SPEECH_ENGINE_POCKETSPHINX_H
#define LEAP_SPEECH_ENGINE_POCKETSPHINX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "speech/engine_vocabulary.h"

typedef struct Decoder Decoder;

typedef struct Heard
{
	double start; /* seconds from the first sample */
	double end;
	double confidence; /* posterior probability, 0..1 */
	char *text;
} Heard;

typedef struct HeardList
{
	Heard *items;
	size_t count;
	size_t room;
} HeardList;

/* Loads the model in that folder (about 100 MB, half a second); NULL with *err, class
 * permanent, code speech_model_bad, when it cannot be loaded. */
Decoder *decoder_open(const char *model, const Vocabulary *vocabulary, Error *err);

/* Appends the words of 16 kHz samples. What was heard before has no influence. */
bool decoder_listen(Decoder *decoder, const int16_t *samples, size_t count,
					HeardList *list, Error *err);
void decoder_close(Decoder *decoder);
void heard_free(HeardList *list);

#endif
