/*
 * media/sound_piece.h
 *	  Writes speech in a form that services of recognition take, and as small as that can be.
 */
#ifndef LEAP_MEDIA_SOUND_PIECE_H
#define LEAP_MEDIA_SOUND_PIECE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"

typedef struct SpeechPiece
{
	/* 16 kHz mono samples, `count` of them from `first` on; false with *err. */
	bool (*read)(void *arg, size_t first, size_t count, int16_t *samples, Error *err);
	void *arg;
	size_t samples;     /* of the piece */
	int output_fd;      /* a regular file, open for writing; emptied */
	int progress_fd;    /* -1: none */
	const char *format; /* "ogg" (Opus), "mp3", "flac" or "wav" */
	int64_t bitrate;    /* bits/s, of ogg and mp3; 0: what is usual for speech */
} SpeechPiece;

/*
 * Writes the piece and syncs it; *result is {"bytes": "123", "seconds": 12.34}. An unknown
 * format is permanent, code "usage"; an encoder that libav lacks permanent, code "no_encoder".
 */
bool sound_piece_write(const SpeechPiece *piece, cJSON **result, Error *err);

#endif
