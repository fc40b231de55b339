/*
 * media/wav.c
 *	  The WAV writer.
 */
#include "media/wav.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media/bytes.h"

#define BUFFER_SAMPLES (64 * 1024)
#define BYTES_A_SAMPLE 2

static int64_t
file_offset(int64_t sample)
{
	return WAV_HEADER_SIZE + sample * BYTES_A_SAMPLE;
}

bool
wav_open(WavWriter *wav, int fd, Error *failure)
{
	memset(wav, 0, sizeof *wav);
	wav->fd = fd;
	wav->failure = failure;
	wav->buffer = malloc(BUFFER_SAMPLES * sizeof *wav->buffer);
	if (wav->buffer == NULL)
		return error_set(failure, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "no memory for the sound buffer");
	if (ftruncate(fd, 0) != 0)
		return error_errno(failure, "write_failed", "cannot empty the sound file");
	return true;
}

static void
wav_flush(WavWriter *wav)
{
	size_t count = (size_t) (wav->samples - wav->written);

	if (wav->failed || count == 0)
		return;
	/* the file holds little-endian numbers, as every machine this runs on */
	if (!write_at(wav->fd, wav->buffer, count * BYTES_A_SAMPLE,
				  file_offset(wav->written)))
	{
		wav->failed = true;
		error_errno(wav->failure, "write_failed", "cannot write the sound file");
	}
	wav->written = wav->samples;
}

static bool
wav_has_room(WavWriter *wav, int64_t count)
{
	if (wav->failed)
		return false;
	if (count <= WAV_MAX_SAMPLES - wav->samples)
		return true;
	wav->failed = true;
	return error_set(wav->failure, ERROR_INPUT, "recording_too_long",
					 "Split the recording into parts of at most 24 hours.",
					 "the sound is longer than a WAV file can hold (37 hours)");
}

void
wav_write(WavWriter *wav, const int16_t *samples, size_t count)
{
	if (!wav_has_room(wav, (int64_t) count))
		return;
	while (count > 0)
	{
		size_t used = (size_t) (wav->samples - wav->written);
		size_t part = BUFFER_SAMPLES - used < count ? BUFFER_SAMPLES - used : count;

		memcpy(wav->buffer + used, samples, part * sizeof *samples);
		wav->samples += (int64_t) part;
		samples += part;
		count -= part;
		if (used + part == BUFFER_SAMPLES)
			wav_flush(wav);
	}
}

void
wav_silence(WavWriter *wav, int64_t count)
{
	if (!wav_has_room(wav, count))
		return;
	wav_flush(wav);
	wav->samples += count;
	wav->written = wav->samples;
}

static void
wav_header(uint8_t header[WAV_HEADER_SIZE], uint32_t data_bytes)
{
	memcpy(header, "RIFF", 4);
	put_le32(header + 4, data_bytes + WAV_HEADER_SIZE - 8);
	memcpy(header + 8, "WAVEfmt ", 8);
	put_le32(header + 16, 16); /* size of the format part */
	put_le16(header + 20, 1);  /* PCM */
	put_le16(header + 22, 1);  /* channels */
	put_le32(header + 24, WAV_SAMPLE_RATE);
	put_le32(header + 28, WAV_SAMPLE_RATE * BYTES_A_SAMPLE);
	put_le16(header + 32, BYTES_A_SAMPLE);
	put_le16(header + 34, 8 * BYTES_A_SAMPLE);
	memcpy(header + 36, "data", 4);
	put_le32(header + 40, data_bytes);
}

bool
wav_finish(WavWriter *wav)
{
	uint8_t header[WAV_HEADER_SIZE];

	wav_flush(wav);
	if (wav->failed)
		return false;
	wav_header(header, (uint32_t) (wav->samples * BYTES_A_SAMPLE));
	if (ftruncate(wav->fd, (off_t) file_offset(wav->samples)) != 0 ||
		!write_at(wav->fd, header, sizeof header, 0))
		return error_errno(wav->failure, "write_failed", "cannot finish the sound file");
	return true;
}

void
wav_free(WavWriter *wav)
{
	free(wav->buffer);
	wav->buffer = NULL;
}
