/*
 * media/mp4_movie_write.c
 *	  Writing the index: the first one of libav, with tables and durations.
 */
#include "media/mp4_movie.h"

/* Where numbers lie in boxes of version 0, behind their heads. */
enum
{
	MOVIE_SCALE = 12,
	MOVIE_DURATION = 16,
	TRACK_DURATION = 20,
	MEDIA_SCALE = 12,
	MEDIA_LANGUAGE = 20
};

typedef struct IndexWriter
{
	Buffer *to;
	uint64_t movie_scale;
	uint64_t longest; /* duration of the longest track, in the movie's time scale */
	bool failed;
} IndexWriter;

/* value * to / from without overflow, upwards. */
static uint64_t
rescale(uint64_t value, uint64_t to, uint64_t from)
{
	unsigned __int128 product = (unsigned __int128) value * to;

	return (uint64_t) ((product + from - 1) / from);
}

/* A box as it is, but for a number of four bytes in it. */
static void
put_changed(IndexWriter *writer, const Mp4Box *box, size_t at, uint64_t value)
{
	size_t body = writer->to->length + (size_t) (box->body.at - box->all.at);

	mp4_put_bytes(writer->to, box->all);
	if (box->body.size < at + 4 || box->body.at[0] != 0 || value > UINT32_MAX)
		writer->failed = true;
	else
		mp4_set((uint8_t *) writer->to->data + body + at, value, 4);
}

/* Duration and scale of the samples of a track. */
static void
put_media_head(IndexWriter *writer, const Mp4Box *box, uint64_t duration)
{
	bool wide = duration > UINT32_MAX;
	size_t at = mp4_begin_full(writer->to, "mdhd", wide ? 1 : 0, 0);

	mp4_put(writer->to, 0, wide ? 8 : 4); /* made and changed: never */
	mp4_put(writer->to, 0, wide ? 8 : 4);
	mp4_put(writer->to, mp4_number(box->body, MEDIA_SCALE, 4), 4);
	mp4_put(writer->to, duration, wide ? 8 : 4);
	mp4_put(writer->to, mp4_number(box->body, MEDIA_LANGUAGE, 2), 2);
	mp4_put(writer->to, 0, 2);
	mp4_end(writer->to, at);
}

/* Says of all samples that decoding has to begin some before. */
static void
put_roll(Buffer *to, const Mp4Track *track)
{
	size_t at;

	if (track->roll == 0 || track->table.count == 0)
		return;
	at = mp4_begin_full(to, "sgpd", 1, 0);
	buffer_append(to, "roll", 4);
	mp4_put(to, 2, 4);
	mp4_put(to, 1, 4);
	mp4_put(to, (uint16_t) track->roll, 2);
	mp4_end(to, at);
	at = mp4_begin_full(to, "sbgp", 0, 0);
	buffer_append(to, "roll", 4);
	mp4_put(to, 1, 4);
	mp4_put(to, track->table.count, 4);
	mp4_put(to, 1, 4);
	mp4_end(to, at);
}

static void
put_tables(IndexWriter *writer, const Mp4Box *stbl, const Mp4Track *track)
{
	size_t at = mp4_begin(writer->to, "stbl");
	Mp4Box box;

	if (mp4_box_find(stbl->body, "stsd", &box))
		mp4_put_bytes(writer->to, box.all);
	else
		writer->failed = true;
	mp4_table_write(&track->table, writer->to);
	put_roll(writer->to, track);
	mp4_end(writer->to, at);
}

static void
put_information(IndexWriter *writer, Mp4Bytes run, const Mp4Track *track)
{
	size_t at = mp4_begin(writer->to, "minf");
	Mp4Box box;

	while (mp4_box_next(&run, &box))
		if (mp4_box_is(&box, "stbl"))
			put_tables(writer, &box, track);
		else
			mp4_put_bytes(writer->to, box.all);
	mp4_end(writer->to, at);
}

static void
put_media(IndexWriter *writer, Mp4Bytes run, const Mp4Track *track)
{
	size_t at = mp4_begin(writer->to, "mdia");
	Mp4Box box;

	while (mp4_box_next(&run, &box))
		if (mp4_box_is(&box, "mdhd"))
			put_media_head(writer, &box, mp4_table_duration(&track->table));
		else if (mp4_box_is(&box, "minf"))
			put_information(writer, box.body, track);
		else
			mp4_put_bytes(writer->to, box.all);
	mp4_end(writer->to, at);
}

/* How long the track is shown, in the movie's time scale. */
static uint64_t
shown_for(IndexWriter *writer, Mp4Bytes trak, const Mp4Track *track)
{
	Mp4Box box;
	uint64_t scale = mp4_box_path(trak, "mdia mdhd", &box) && box.body.size >= 24
						 ? mp4_number(box.body, MEDIA_SCALE, 4)
						 : 0;

	if (scale == 0)
	{
		writer->failed = true;
		return 0;
	}
	return rescale(mp4_table_end(&track->table), writer->movie_scale, scale);
}

static void
put_track(IndexWriter *writer, Mp4Bytes run, const Mp4Track *track)
{
	uint64_t shown = shown_for(writer, run, track);
	size_t at = mp4_begin(writer->to, "trak");
	Mp4Box box;

	writer->longest = shown > writer->longest ? shown : writer->longest;
	while (!writer->failed && mp4_box_next(&run, &box))
		if (mp4_box_is(&box, "tkhd"))
			put_changed(writer, &box, TRACK_DURATION, shown);
		else if (mp4_box_is(&box, "mdia"))
			put_media(writer, box.body, track);
		else if (!mp4_box_is(&box, "edts"))
			mp4_put_bytes(writer->to, box.all);
	mp4_end(writer->to, at);
}

bool
mp4_movie_write(const Mp4Movie *movie, Buffer *to)
{
	Mp4Bytes run = {(const uint8_t *) movie->init.data, movie->init.length};
	IndexWriter writer = {.to = to};
	Mp4Box head = {0};
	Mp4Box box;
	size_t at;
	size_t head_at;
	int track = 0;

	if (!mp4_box_find(run, "moov", &box) || !mp4_box_find(box.body, "mvhd", &head))
		return false;
	run = box.body;
	writer.movie_scale = mp4_number(head.body, MOVIE_SCALE, 4);
	if (writer.movie_scale == 0)
		return false;
	at = mp4_begin(to, "moov");
	head_at = to->length + (size_t) (head.body.at - head.all.at);
	put_changed(&writer, &head, MOVIE_DURATION, 0);
	while (!writer.failed && mp4_box_next(&run, &box))
		if (mp4_box_is(&box, "trak") && track < MP4_TRACKS)
			put_track(&writer, box.body, &movie->tracks[track++]);
		else if (!mp4_box_is(&box, "mvhd") && !mp4_box_is(&box, "mvex"))
			mp4_put_bytes(to, box.all);
	mp4_end(to, at);
	if (writer.failed || writer.longest > UINT32_MAX)
		return false;
	mp4_set((uint8_t *) to->data + head_at + MOVIE_DURATION, writer.longest, 4);
	return true;
}
