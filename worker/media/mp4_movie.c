/*
 * media/mp4_movie.c
 *	  The index of an MP4 out of fragments.
 */
#include "media/mp4_movie.h"

/* The flags of a track's part of a fragment, and of its runs. */
#define PART_HAS_BASE        0x000001u
#define PART_HAS_DESCRIPTION 0x000002u
#define PART_HAS_DURATION    0x000008u
#define PART_HAS_SIZE        0x000010u
#define PART_HAS_FLAGS       0x000020u
#define RUN_HAS_OFFSET       0x000001u
#define RUN_HAS_FIRST_FLAGS  0x000004u
#define RUN_HAS_DURATION     0x000100u
#define RUN_HAS_SIZE         0x000200u
#define RUN_HAS_FLAGS        0x000400u
#define RUN_HAS_SHOWN        0x000800u
#define SAMPLE_IS_NO_KEY     0x010000u

/* What holds for all samples of a part that do not say otherwise. */
typedef struct PartDefaults
{
	uint32_t duration;
	uint32_t size;
	uint32_t flags;
} PartDefaults;

/* Reads numbers one behind the other. */
typedef struct NumberReader
{
	Mp4Bytes bytes;
	size_t at;
	bool failed;
} NumberReader;

static uint32_t
take(NumberReader *reader)
{
	if (reader->bytes.size - reader->at < 4)
	{
		reader->failed = true;
		return 0;
	}
	reader->at += 4;
	return (uint32_t) get_be(reader->bytes.at + reader->at - 4, 4);
}

static uint32_t
take_if(NumberReader *reader, uint32_t flags, uint32_t flag, uint32_t otherwise)
{
	return (flags & flag) != 0 ? take(reader) : otherwise;
}

void
mp4_movie_begin(Mp4Movie *movie, Mp4Bytes moov)
{
	buffer_free(&movie->init);
	buffer_init(&movie->init);
	mp4_put_bytes(&movie->init, moov);
}

/* The head of a part: which track, and its defaults. */
static Mp4Track *
read_part_head(Mp4Movie *movie, Mp4Bytes part, PartDefaults *defaults)
{
	Mp4Box box;
	NumberReader reader = {0};
	uint32_t flags;
	uint32_t id;

	if (!mp4_box_find(part, "tfhd", &box))
		return NULL;
	reader.bytes = box.body;
	flags = take(&reader) & 0xffffff;
	id = take(&reader);
	if (reader.failed || (flags & PART_HAS_BASE) != 0 || id < 1 || id > MP4_TRACKS)
		return NULL;
	(void) take_if(&reader, flags, PART_HAS_DESCRIPTION, 1);
	defaults->duration = take_if(&reader, flags, PART_HAS_DURATION, 0);
	defaults->size = take_if(&reader, flags, PART_HAS_SIZE, 0);
	defaults->flags = take_if(&reader, flags, PART_HAS_FLAGS, 0);
	return reader.failed ? NULL : &movie->tracks[id - 1];
}

/* Where the part begins: that is known better now than when the one before was written. */
static bool
read_part_time(Mp4Track *track, Mp4Bytes part)
{
	Mp4Box box;
	uint64_t time;

	if (!mp4_box_find(part, "tfdt", &box))
		return false;
	time = mp4_number(box.body, 4, mp4_number(box.body, 0, 1) == 1 ? 8 : 4);
	if (!track->begun)
		track->first = time;
	track->begun = true;
	return time >= track->first && mp4_table_reach(&track->table, time - track->first);
}

static bool
read_run(Mp4Table *table, Mp4Bytes run, const PartDefaults *defaults, size_t media_size,
		 int64_t media_from, int64_t at)
{
	NumberReader reader = {.bytes = run};
	uint32_t flags = take(&reader) & 0xffffff;
	uint32_t count = take(&reader);
	int64_t from = (int32_t) take_if(&reader, flags, RUN_HAS_OFFSET, 0) - media_from;
	uint32_t first = take_if(&reader, flags, RUN_HAS_FIRST_FLAGS, defaults->flags);

	if ((flags & RUN_HAS_OFFSET) == 0 || from < 0 || from > (int64_t) media_size)
		return false;
	/* samples of nothing, of which nothing is said, could be any number */
	if ((flags & RUN_HAS_SIZE) == 0 && defaults->size == 0)
		return false;
	if (count > 0)
		mp4_table_chunk(table, at + from);
	for (uint32_t i = 0; i < count && !reader.failed; i++)
	{
		Mp4Sample sample;
		uint32_t kind;

		sample.duration = take_if(&reader, flags, RUN_HAS_DURATION, defaults->duration);
		sample.size = take_if(&reader, flags, RUN_HAS_SIZE, defaults->size);
		kind = take_if(&reader, flags, RUN_HAS_FLAGS, i == 0 ? first : defaults->flags);
		sample.key = (kind & SAMPLE_IS_NO_KEY) == 0;
		sample.offset = (int32_t) take_if(&reader, flags, RUN_HAS_SHOWN, 0);
		if (reader.failed || sample.size > media_size - (size_t) from)
			return false;
		from += sample.size;
		mp4_table_add(table, &sample);
	}
	return !reader.failed;
}

static bool
read_part(Mp4Movie *movie, Mp4Bytes part, size_t media_size, int64_t media_from,
		  int64_t at)
{
	PartDefaults defaults;
	Mp4Track *track = read_part_head(movie, part, &defaults);
	Mp4Box box;

	if (track == NULL || !read_part_time(track, part))
		return false;
	while (mp4_box_next(&part, &box))
		if (mp4_box_is(&box, "trun") &&
			!read_run(&track->table, box.body, &defaults, media_size, media_from, at))
			return false;
	return true;
}

bool
mp4_movie_add(Mp4Movie *movie, Mp4Bytes moof, Mp4Bytes media, int64_t at)
{
	int64_t media_from =
		media.at - moof.at; /* runs count from the fragment's first byte */
	Mp4Box box;

	if (!mp4_box_next(&moof, &box))
		return false;
	moof = box.body;
	while (mp4_box_next(&moof, &box))
		if (mp4_box_is(&box, "traf") &&
			!read_part(movie, box.body, media.size, media_from, at))
			return false;
	return true;
}

void
mp4_movie_free(Mp4Movie *movie)
{
	for (int i = 0; i < MP4_TRACKS; i++)
		mp4_table_free(&movie->tracks[i].table);
	buffer_free(&movie->init);
}
