/*
 * media/wav.h
 *	  Writes 16 kHz mono signed 16-bit PCM as a WAV file: what speech engines read.
 *
 * Samples are buffered and written at their offset; a stretch of silence longer than the
 * buffer is left as a hole in the file. The header is written last, when the length is known.
 */
#ifndef LEAP_MEDIA_WAV_H
#define LEAP_MEDIA_WAV_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define WAV_SAMPLE_RATE 16000
#define WAV_HEADER_SIZE 44

/* A WAV file counts its bytes in 32 bits: 37 hours. */
#define WAV_MAX_SAMPLES ((int64_t) (UINT32_MAX - WAV_HEADER_SIZE) / 2)

typedef struct WavWriter
{
	int fd;
	int64_t samples; /* given so far, written or buffered */
	int64_t written; /* of them, in the file */
	int16_t *buffer;
	Error *failure; /* the first failure; later calls do nothing */
	bool failed;
} WavWriter;

/* failure receives the first error of any later call and must outlive the writer. */
bool wav_open(WavWriter *wav, int fd, Error *failure);
void wav_write(WavWriter *wav, const int16_t *samples, size_t count);
void wav_silence(WavWriter *wav, int64_t count);

/* Writes what is buffered and the header; false if that or any earlier call failed. */
bool wav_finish(WavWriter *wav);
void wav_free(WavWriter *wav);

static inline void
cleanup_wav(WavWriter *wav)
{
	wav_free(wav);
}

#endif
