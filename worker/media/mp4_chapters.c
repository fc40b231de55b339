/*
 * media/mp4_chapters.c
 *	  Writing an index with chapters.
 */
#include "media/mp4_chapters.h"

#include "media/mp4_texts.h"

/* More tracks than this has no lesson. */
#define MOST_TRACKS 64

/* Where numbers lie in boxes of version 0 and 1, behind their heads. */
static const struct
{
	size_t scale; /* of the movie */
	size_t duration;
	size_t duration_size;
	size_t next_track; /* the last number of the movie's head */
	size_t track;      /* of the head of a track */
} places[] = {
	{12, 16, 4, 96,  12},
	{20, 24, 8, 108, 20},
};

typedef struct ChapterWriter
{
	Mp4Bytes movie; /* what the old index holds */
	Buffer *to;
	bool far;
	uint32_t ids[MOST_TRACKS]; /* of the old tracks of chapters */
	size_t id_count;
	uint32_t track; /* the new track of texts; 0: none */
	bool failed;
} ChapterWriter;

static unsigned
version_of(Mp4Bytes full)
{
	return mp4_number(full, 0, 1) == 1 ? 1 : 0;
}

static uint32_t
track_id(Mp4Bytes trak)
{
	Mp4Box head;

	return mp4_box_find(trak, "tkhd", &head)
			   ? (uint32_t) mp4_number(head.body, places[version_of(head.body)].track, 4)
			   : 0;
}

/* Notes the tracks that this one names as its chapters. */
static void
note_chapters(ChapterWriter *writer, Mp4Bytes trak)
{
	Mp4Box box;

	if (!mp4_box_path(trak, "tref chap", &box))
		return;
	for (size_t at = 0; at + 4 <= box.body.size; at += 4)
		if (writer->id_count < MOST_TRACKS)
			writer->ids[writer->id_count++] = (uint32_t) mp4_number(box.body, at, 4);
}

static bool
is_among(const uint32_t *ids, size_t count, uint32_t id)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* Looks at all tracks: which are chapters, and the first id that is free. */
static Mp4Chaptering
look_at_tracks(ChapterWriter *writer, uint32_t *free_id)
{
	Mp4Bytes run = writer->movie;
	uint32_t ids[MOST_TRACKS];
	Mp4Box box;
	size_t tracks = 0;
	size_t kept = 0;

	while (mp4_box_next(&run, &box))
	{
		if (mp4_box_is(&box, "mvex"))
			return MP4_CHAPTERS_IN_FRAGMENTS;
		if (!mp4_box_is(&box, "trak"))
			continue;
		if (tracks == MOST_TRACKS || track_id(box.body) == 0)
			return MP4_CHAPTERS_BROKEN;
		ids[tracks++] = track_id(box.body);
		note_chapters(writer, box.body);
	}
	for (*free_id = 1; is_among(ids, tracks, *free_id);)
		++*free_id;
	for (size_t i = 0; i < tracks; i++)
		kept += is_among(writer->ids, writer->id_count, ids[i]) ? 0 : 1;
	return kept > 0 && run.size == 0 ? MP4_CHAPTERS_MADE : MP4_CHAPTERS_BROKEN;
}

/* The places of chunks, as they are or with 64 bits each. */
static void
put_places(ChapterWriter *writer, const Mp4Box *box)
{
	uint64_t count = mp4_number(box->body, 4, 4);
	size_t size = mp4_box_is(box, "co64") ? 8 : 4;
	size_t at;

	if (box->body.size < 8 || count > (box->body.size - 8) / size)
	{
		writer->failed = true;
		return;
	}
	at = mp4_begin_full(writer->to, writer->far ? "co64" : box->name, 0, 0);
	mp4_put(writer->to, count, 4);
	for (uint64_t i = 0; i < count; i++)
		mp4_put(writer->to, mp4_number(box->body, 8 + (size_t) i * size, size),
				writer->far ? 8 : size);
	mp4_end(writer->to, at);
}

/* Boxes on the way to the places of the media; "saio" has places that we do not move. */
static void
put_media(ChapterWriter *writer, const Mp4Box *box)
{
	Mp4Bytes run = box->body;
	Mp4Box inner;
	size_t at = mp4_begin(writer->to, box->name);

	while (!writer->failed && mp4_box_next(&run, &inner))
		if (mp4_box_is(&inner, "minf") || mp4_box_is(&inner, "stbl"))
			put_media(writer, &inner);
		else if (mp4_box_is(&inner, "stco") || mp4_box_is(&inner, "co64"))
			put_places(writer, &inner);
		else if (mp4_box_is(&inner, "saio"))
			writer->failed = true;
		else
			mp4_put_bytes(writer->to, inner.all);
	mp4_end(writer->to, at);
}

/* What the track refers to: its chapters are those of now. */
static void
put_references(ChapterWriter *writer, Mp4Bytes run)
{
	size_t at = mp4_begin(writer->to, "tref");
	size_t empty = writer->to->length;
	Mp4Box box;

	while (mp4_box_next(&run, &box))
		if (!mp4_box_is(&box, "chap"))
			mp4_put_bytes(writer->to, box.all);
	if (writer->track != 0)
	{
		size_t chap = mp4_begin(writer->to, "chap");

		mp4_put(writer->to, writer->track, 4);
		mp4_end(writer->to, chap);
	}
	if (writer->to->length == empty)
		writer->to->length = at;
	else
		mp4_end(writer->to, at);
}

static void
put_track(ChapterWriter *writer, Mp4Bytes run)
{
	size_t at = mp4_begin(writer->to, "trak");
	Mp4Box references = {.body = {0}};
	Mp4Box box;

	(void) mp4_box_find(run, "tref", &references);
	while (!writer->failed && mp4_box_next(&run, &box))
		if (mp4_box_is(&box, "mdia"))
		{
			put_references(writer, mp4_box_is(&references, "tref") ? references.body
																   : (Mp4Bytes){0});
			put_media(writer, &box);
		}
		else if (!mp4_box_is(&box, "tref"))
			mp4_put_bytes(writer->to, box.all);
	mp4_end(writer->to, at);
}

/* What people may know of the movie: with the list of chapters. */
static void
put_user_data(ChapterWriter *writer, Mp4Bytes run, const Mp4Texts *texts)
{
	size_t at = mp4_begin(writer->to, "udta");
	size_t empty = writer->to->length;
	Mp4Box box;

	while (mp4_box_next(&run, &box))
		if (!mp4_box_is(&box, "chpl"))
			mp4_put_bytes(writer->to, box.all);
	if (texts->count > 0)
		mp4_texts_list(texts, writer->to);
	if (writer->to->length == empty)
		writer->to->length = at;
	else
		mp4_end(writer->to, at);
}

/* Copies what the movie has: its head last knows the number of tracks. */
static void
put_movie(ChapterWriter *writer, Mp4Texts *texts)
{
	Mp4Bytes run = writer->movie;
	Mp4Box box;
	Mp4Box data = {.body = {0}};

	while (!writer->failed && mp4_box_next(&run, &box))
		if (mp4_box_is(&box, "mvhd"))
		{
			size_t next = writer->to->length + (size_t) (box.body.at - box.all.at) +
						  places[version_of(box.body)].next_track;

			mp4_put_bytes(writer->to, box.all);
			if (next + 4 > writer->to->length)
				writer->failed = true;
			else if (writer->track >= get_be((uint8_t *) writer->to->data + next, 4))
				mp4_set((uint8_t *) writer->to->data + next, writer->track + UINT64_C(1),
						4);
		}
		else if (mp4_box_is(&box, "trak"))
		{
			if (!is_among(writer->ids, writer->id_count, track_id(box.body)))
				put_track(writer, box.body);
		}
		else if (mp4_box_is(&box, "udta"))
			data = box;
		else
			mp4_put_bytes(writer->to, box.all);
	if (writer->track != 0)
		mp4_texts_track(texts, writer->track, writer->to);
	put_user_data(writer, data.body, texts);
}

/* The time scale and the duration of the movie; false where they are not told. */
static bool
read_head(Mp4Bytes movie, uint64_t *scale, uint64_t *duration)
{
	Mp4Box head;
	unsigned version;

	if (!mp4_box_find(movie, "mvhd", &head))
		return false;
	version = version_of(head.body);
	if (head.body.size < places[version].next_track + 4)
		return false;
	*scale = mp4_number(head.body, places[version].scale, 4);
	*duration =
		mp4_number(head.body, places[version].duration, places[version].duration_size);
	return *scale > 0;
}

Mp4Chaptering
mp4_chapters_write(Mp4Bytes moov, const Mp4Chapter *chapters, size_t count, bool far,
				   Mp4Chaptered *to)
{
	ChapterWriter writer = {.to = &to->index, .far = far};
	Mp4Texts texts = {0};
	Mp4Chaptering looked;
	uint32_t free_id;
	Mp4Box box;
	size_t at;

	*to = (Mp4Chaptered){0};
	buffer_init(&to->index);
	buffer_init(&to->texts);
	if (!mp4_box_next(&moov, &box) || !mp4_box_is(&box, "moov") ||
		!read_head(box.body, &texts.scale, &texts.duration))
		return MP4_CHAPTERS_BROKEN;
	writer.movie = box.body;
	looked = look_at_tracks(&writer, &free_id);
	if (looked != MP4_CHAPTERS_MADE)
		return looked;
	mp4_texts_open(&texts, chapters, count);
	to->count = texts.count;
	writer.track = texts.count > 0 ? free_id : 0;
	at = mp4_begin(&to->index, "moov");
	put_movie(&writer, &texts);
	mp4_end(&to->index, at);
	if (texts.count > 0)
		mp4_texts_media(&texts, &to->texts);
	to->text_at = texts.place;
	mp4_texts_close(&texts);
	return writer.failed ? MP4_CHAPTERS_BROKEN : MP4_CHAPTERS_MADE;
}

void
mp4_chaptered_free(Mp4Chaptered *chaptered)
{
	buffer_free(&chaptered->index);
	buffer_free(&chaptered->texts);
}

/* Where a place of the file has gone; -1: it lies in no piece. */
static int64_t
moved(const Mp4Piece *pieces, size_t count, uint64_t place)
{
	for (size_t i = 0; i < count; i++)
		if (place >= (uint64_t) pieces[i].from &&
			place - (uint64_t) pieces[i].from < (uint64_t) pieces[i].size)
			return pieces[i].to + (int64_t) (place - (uint64_t) pieces[i].from);
	return -1;
}

static bool
move_places(Mp4Chaptered *chaptered, const Mp4Box *box, const Mp4Piece *pieces,
			size_t count)
{
	size_t size = mp4_box_is(box, "co64") ? 8 : 4;
	uint8_t *at = (uint8_t *) chaptered->index.data +
				  (box->body.at - (const uint8_t *) chaptered->index.data);

	for (size_t i = 8; i + size <= box->body.size; i += size)
	{
		int64_t to;

		if (chaptered->text_at == (size_t) (at + i - (uint8_t *) chaptered->index.data))
			continue;
		to = moved(pieces, count, mp4_number(box->body, i, size));
		if (to < 0 || (size == 4 && to > UINT32_MAX))
			return false;
		mp4_set(at + i, (uint64_t) to, size);
	}
	return true;
}

bool
mp4_chapters_place(Mp4Chaptered *chaptered, const Mp4Piece *pieces, size_t count,
				   int64_t texts_at)
{
	Mp4Bytes run = {(const uint8_t *) chaptered->index.data, chaptered->index.length};
	Mp4Box box;
	Mp4Box table;

	if (chaptered->text_at > 0)
		mp4_set((uint8_t *) chaptered->index.data + chaptered->text_at,
				(uint64_t) texts_at, 8);
	if (!mp4_box_next(&run, &box))
		return false;
	run = box.body;
	while (mp4_box_next(&run, &box))
	{
		Mp4Bytes tables;

		if (!mp4_box_is(&box, "trak") ||
			!mp4_box_path(box.body, "mdia minf stbl", &table))
			continue;
		tables = table.body;
		while (mp4_box_next(&tables, &table))
			if ((mp4_box_is(&table, "stco") || mp4_box_is(&table, "co64")) &&
				!move_places(chaptered, &table, pieces, count))
				return false;
	}
	return true;
}
