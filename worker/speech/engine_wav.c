/*
 * speech/engine_wav.c
 *	  The few parts of RIFF/WAVE that 16 kHz speech needs.
 */
#include "speech/engine_wav.h"

#include <endian.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"

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

/* Which sample is nearest to a time, from 0 to limit. */
static size_t
sample_at(double seconds, size_t limit)
{
	double position = round(seconds * ENGINE_SAMPLE_RATE);

	if (!(position > 0))
		return 0;
	return position >= (double) limit ? limit : (size_t) position;
}

/* What a span keeps of `total` samples; a start before the sound is silence. */
static PcmPart
part_of(const CutSpan *span, size_t total)
{
	double late = span->start < 0 ? -span->start : 0;
	size_t from = sample_at(span->start, total);
	size_t end = sample_at(span->end, total);

	return (PcmPart){from, sample_at(span->at + late, SIZE_MAX / 2),
					 end > from ? end - from : 0};
}

static void
find_parts(const CutSpan *cuts, size_t count, size_t total, PcmCut *cut)
{
	cut->parts = array_new(count, sizeof *cut->parts);
	for (size_t i = 0; i < count; i++)
	{
		PcmPart part = part_of(&cuts[i], total);
		PcmPart *before = cut->part_count > 0 ? &cut->parts[cut->part_count - 1] : NULL;

		if (part.count == 0)
			continue;
		/* where times were rounded, the later span wins */
		if (before != NULL && before->at + before->count > part.at)
			before->count = part.at > before->at ? part.at - before->at : 0;
		cut->parts[cut->part_count++] = part;
		cut->samples = part.at + part.count;
	}
}

bool
pcm_open(int fd, const CutSpan *cuts, size_t count, PcmCut *cut, Error *err)
{
	struct stat facts;
	off_t offset = 0;
	off_t size = 0;
	size_t total;

	*cut = (PcmCut){.fd = fd};
	if (fstat(fd, &facts) < 0)
		return error_errno(err, "bad_audio", "cannot look at the audio");
	if (!S_ISREG(facts.st_mode))
		return not_wav(err, "it is not a regular file");
	if (!find_data(fd, facts.st_size, &offset, &size, err))
		return false;
	total = (size_t) size / BLOCK;
	cut->offset = offset;
	find_parts(cuts, count, total, cut);
	if (cut->samples == 0)
		return error_set(
			err, ERROR_INPUT, "bad_range", "choose a part that lies inside the audio",
			"nothing of %.2f s of audio lies between %.2f and %.2f s",
			(double) total / ENGINE_SAMPLE_RATE, cuts[0].start, cuts[count - 1].end);
	return true;
}

void
pcm_close(PcmCut *cut)
{
	free(cut->parts);
	*cut = (PcmCut){.fd = -1};
}

/* The first part that ends behind a sample of the output; part_count for none. */
static size_t
find_part(const PcmCut *cut, size_t at)
{
	size_t low = 0;
	size_t high = cut->part_count;

	while (low < high)
	{
		size_t middle = low + (high - low) / 2;

		if (cut->parts[middle].at + cut->parts[middle].count <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
pcm_read(const PcmCut *cut, size_t first, size_t count, int16_t *samples, Error *err)
{
	size_t end = first + count;

	memset(samples, 0, count * sizeof *samples);
	for (size_t i = find_part(cut, first); i < cut->part_count && cut->parts[i].at < end;
		 i++)
	{
		const PcmPart *part = &cut->parts[i];
		size_t from = part->at > first ? part->at : first;
		size_t to = part->at + part->count < end ? part->at + part->count : end;
		off_t offset = cut->offset + (off_t) ((part->from + (from - part->at)) * BLOCK);

		errno = 0;
		if (to > from &&
			!read_at(cut->fd, offset, samples + (from - first), (to - from) * BLOCK))
			return error_set(err, ERROR_TRANSIENT, "bad_audio", NULL,
							 "the audio ended while it was read: %s",
							 errno != 0 ? strerror(errno)
										: "file is shorter than before");
	}
	for (size_t i = 0; i < count; i++)
		samples[i] = (int16_t) le16toh((uint16_t) samples[i]);
	return true;
}
