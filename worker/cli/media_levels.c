/*
 * cli/media_levels.c
 *	  Loudness, read back and drawn.
 */
#include "cli/media_levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/timecode.h"

#define HEADER_SIZE 16
#define MAGIC       "LENV"
#define VERSION     1
#define HOP_MS      10
#define MISSING     255

#define NARROWEST 20

static uint32_t
little_endian(const uint8_t *p)
{
	return p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16 | (uint32_t) p[3] << 24;
}

bool
levels_recognise(int fd)
{
	char head[4];

	return pread(fd, head, sizeof head, 0) == sizeof head &&
		   memcmp(head, MAGIC, sizeof head) == 0;
}

static bool
read_all(int fd, uint8_t *bytes, size_t length, off_t offset)
{
	while (length > 0)
	{
		ssize_t got = pread(fd, bytes, length, offset);

		if (got <= 0)
			return false;
		bytes += got;
		offset += got;
		length -= (size_t) got;
	}
	return true;
}

bool
levels_read(Levels *levels, int fd, Error *err)
{
	uint8_t header[HEADER_SIZE];
	struct stat status;
	size_t count;

	*levels = (Levels){0};
	if (fstat(fd, &status) != 0 || !read_all(fd, header, sizeof header, 0) ||
		memcmp(header, MAGIC, 4) != 0 || little_endian(header + 4) != VERSION ||
		little_endian(header + 8) != HOP_MS)
		return error_set(err, ERROR_INPUT, "bad_envelope",
						 "Make the envelope anew: leap media envelope.",
						 "this is no loudness envelope of version %d", VERSION);
	count = little_endian(header + 12);
	if (count > LEVELS_MOST)
		return error_set(err, ERROR_INPUT, "bad_envelope",
						 "Make the envelope anew: leap media envelope.",
						 "the envelope claims %zu levels, more than 48 hours", count);
	if (status.st_size < (off_t) (HEADER_SIZE + 2 * count))
		return error_set(err, ERROR_INPUT, "bad_envelope",
						 "Make it again with leap media envelope.",
						 "the envelope ends before its %zu levels", count);
	levels->pairs = malloc(2 * count + 1);
	if (levels->pairs == NULL || !read_all(fd, levels->pairs, 2 * count, HEADER_SIZE))
		return error_errno(err, "read_failed", "cannot read the envelope");
	levels->count = count;
	return true;
}

void
levels_free(Levels *levels)
{
	free(levels->pairs);
	*levels = (Levels){0};
}

Level
levels_over(const Levels *levels, size_t from, size_t to)
{
	double energy = 0;
	size_t heard = 0;
	uint8_t loudest = MISSING;

	for (size_t i = from; i < to && i < levels->count; i++)
	{
		uint8_t rms = levels->pairs[2 * i];
		uint8_t peak = levels->pairs[2 * i + 1];

		if (rms == MISSING)
			continue;
		energy += pow(10.0, -0.05 * rms); /* a level is -2 x dBFS */
		heard++;
		loudest = peak < loudest ? peak : loudest;
	}
	if (heard == 0)
		return (Level){NAN, NAN};
	return (Level){fmax(10.0 * log10(energy / (double) heard), -127.0), -0.5 * loudest};
}

/* From a blank over eight heights to a full block; a dot where there is no sound. */
static void
put_block(Buffer *line, double level, double low, double high)
{
	static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	double height = high > low ? (level - low) / (high - low) * 8.0 : 0.0;

	if (isnan(level))
		buffer_puts(line, "·");
	else
		buffer_puts(line, blocks[height <= 0 ? 0 : height >= 8 ? 8 : (int) ceil(height)]);
}

/* Is any of from..to kept? */
static bool
is_kept(const LevelPicture *picture, double from, double to)
{
	for (size_t i = 0; i < picture->kept_count; i++)
		if (picture->kept[i].start < to && picture->kept[i].end > from)
			return true;
	return false;
}

static void
draw_time(FILE *out, const LevelPicture *picture, int width)
{
	CLEANUP(buffer) Buffer middle;
	CLEANUP(buffer) Buffer end;
	int left;
	int right;

	buffer_init(&middle);
	buffer_init(&end);
	timecode_put_short(&middle, picture->duration / 2);
	timecode_put_short(&end, picture->duration);
	left = width / 2 - 4 - (int) middle.length / 2;
	right = width - 4 - left - (int) (middle.length + end.length);
	fprintf(out, "  0:00%*s%s%*s%s\n", left, "", middle.data, right > 0 ? right : 1, "",
			end.data);
}

void
levels_draw(FILE *out, const Levels *levels, const LevelPicture *picture)
{
	CLEANUP(buffer) Buffer blocks;
	CLEANUP(buffer) Buffer kept;
	int width = picture->width - 3 < NARROWEST ? NARROWEST : picture->width - 3;

	buffer_init(&blocks);
	buffer_init(&kept);
	for (int column = 0; column < width; column++)
	{
		double from = picture->duration * column / width;
		double to = picture->duration * (column + 1) / width;
		size_t first = (size_t) (from * LEVELS_PER_SECOND);
		size_t behind = (size_t) (to * LEVELS_PER_SECOND);

		put_block(&blocks,
				  levels_over(levels, first, behind > first ? behind : first + 1).rms,
				  picture->low, picture->high);
		buffer_puts(&kept, is_kept(picture, from, to) ? "━" : " ");
	}
	while (kept.length > 0 && kept.data[kept.length - 1] == ' ')
		kept.data[--kept.length] = '\0';
	fprintf(out, "  %s\n", blocks.data);
	if (picture->kept_count > 0)
		fprintf(out, "  %s\n", kept.data);
	draw_time(out, picture, width);
}
