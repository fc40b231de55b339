/*
 * speech/engine_wav.c
 *	  The few parts of RIFF/WAVE that 16 kHz speech needs.
 */
#include "speech/engine_wav.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RIFF_HEADER   12
#define CHUNK_HEADER  8
#define FORMAT_LENGTH 16
#define BLOCK         2 /* bytes a sample */

/* Exactly length bytes at offset; false at the end of the file or on failure. */
static bool
read_at(int fd, off_t offset, void *bytes, size_t length)
{
	char *at = bytes;

	while (length > 0)
	{
		ssize_t got = pread(fd, at, length, offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		offset += got;
		length -= (size_t) got;
	}
	return true;
}

static uint32_t
little32(const unsigned char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof value);
	return le32toh(value);
}

static uint16_t
little16(const unsigned char *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof value);
	return le16toh(value);
}

static bool
not_wav(Error *err, const char *what)
{
	return error_set(err, ERROR_INPUT, "bad_audio",
					 "give the recogniser the audio that leap-media analyse wrote",
					 "the audio is no 16 kHz mono 16-bit WAV: %s", what);
}

static bool
check_format(int fd, off_t offset, uint32_t size, Error *err)
{
	unsigned char format[FORMAT_LENGTH];

	if (size < FORMAT_LENGTH || !read_at(fd, offset, format, FORMAT_LENGTH))
		return not_wav(err, "its format chunk is too short");
	if (little16(format + 2) != 1 || little32(format + 4) != ENGINE_SAMPLE_RATE ||
		little16(format + 14) != 8 * BLOCK)
		return not_wav(err, "it has another rate, width or number of channels");
	return true;
}

/* Finds the data chunk; *size is cut to what the file holds. */
static bool
find_data(int fd, off_t file_size, off_t *offset, off_t *size, Error *err)
{
	unsigned char header[RIFF_HEADER];
	bool format_seen = false;

	if (!read_at(fd, 0, header, RIFF_HEADER) || memcmp(header, "RIFF", 4) != 0 ||
		memcmp(header + 8, "WAVE", 4) != 0)
		return not_wav(err, "the RIFF header is missing");
	for (*offset = RIFF_HEADER; read_at(fd, *offset, header, CHUNK_HEADER);
		 *offset += *size + (*size & 1))
	{
		*offset += CHUNK_HEADER;
		*size = (off_t) little32(header + 4);
		if (memcmp(header, "data", 4) == 0)
		{
			if (*size == 0 || *size > file_size - *offset)
				*size = file_size - *offset;
			return format_seen || not_wav(err, "the samples come before their format");
		}
		if (memcmp(header, "fmt ", 4) == 0)
		{
			if (!check_format(fd, *offset, (uint32_t) *size, err))
				return false;
			format_seen = true;
		}
	}
	return not_wav(err, "it has no samples");
}

static size_t
sample_at(double seconds, size_t limit)
{
	double position = seconds * ENGINE_SAMPLE_RATE;

	if (!(position > 0))
		return 0;
	return position >= (double) limit ? limit : (size_t) position;
}

bool
pcm_open(int fd, double start, double end, PcmRange *range, Error *err)
{
	struct stat facts;
	off_t offset = 0;
	off_t size = 0;
	size_t total;
	size_t first;
	size_t last;

	if (fstat(fd, &facts) < 0)
		return error_errno(err, "bad_audio", "cannot look at the audio");
	if (!S_ISREG(facts.st_mode))
		return not_wav(err, "it is not a regular file");
	if (!find_data(fd, facts.st_size, &offset, &size, err))
		return false;
	total = (size_t) size / BLOCK;
	first = sample_at(start, total);
	last = sample_at(end, total);
	if (last <= first)
		return error_set(err, ERROR_INPUT, "bad_range",
						 "choose a part that lies inside the audio",
						 "nothing lies between %.2f and %.2f s of %.2f s of audio", start,
						 end, (double) total / ENGINE_SAMPLE_RATE);
	range->fd = fd;
	range->offset = offset + (off_t) (first * BLOCK);
	range->samples = last - first;
	return true;
}

bool
pcm_read(const PcmRange *range, size_t first, size_t count, int16_t *samples, Error *err)
{
	errno = 0;
	if (!read_at(range->fd, range->offset + (off_t) (first * BLOCK), samples,
				 count * BLOCK))
		return error_set(err, ERROR_TRANSIENT, "bad_audio", NULL,
						 "the audio ended while it was read: %s",
						 errno != 0 ? strerror(errno) : "file is shorter than before");
	for (size_t i = 0; i < count; i++)
		samples[i] = (int16_t) le16toh((uint16_t) samples[i]);
	return true;
}
