/* sources: media/mp4_box.c media/mp4_table.c media/mp4_movie.c media/mp4_movie_write.c media/mp4_chapters.c media/mp4_texts.c media/bytes.c base/buffer.c base/utf8.c */
/*
 * tests/unit/test_media_mp4.c
 *	  Indexes of MP4 in memory: tables that grow, fragments that become one index, chapters.
 */
#include "media/mp4_chapters.h"
#include "media/mp4_movie.h"

#include "tap.h"

static Mp4Bytes
bytes_of(const Buffer *buffer)
{
	return (Mp4Bytes){(const uint8_t *) buffer->data, buffer->length};
}

static void
test_boxes(void)
{
	static const uint8_t wide[] = "\0\0\0\1abcd\0\0\0\0\0\0\0\21x";
	static const uint8_t open[] = "\0\0\0\0abcdxyz";
	static const uint8_t small[] = "\0\0\0\7abcd";
	Mp4Bytes run = {wide, sizeof wide - 1};
	Mp4Box box;

	ok(mp4_box_next(&run, &box) && box.body.size == 1 && box.body.at[0] == 'x',
	   "a box with 64 bits of length");
	run = (Mp4Bytes){wide, sizeof wide - 2};
	ok(!mp4_box_next(&run, &box) && run.size > 0, "one that is cut off is none");
	run = (Mp4Bytes){open, sizeof open - 1};
	ok(!mp4_box_next(&run, &box), "as is one without a length");
	run = (Mp4Bytes){small, sizeof small - 1};
	ok(!mp4_box_next(&run, &box), "one shorter than its head is none");
	is_int(mp4_number(run, 6, 4), 0, "a number that is not there");
}

/* The body of a table that was written, or nothing. */
static Mp4Bytes
table_of(const Buffer *written, const char *name)
{
	Mp4Box box;

	return mp4_box_find(bytes_of(written), name, &box) ? box.body : (Mp4Bytes){0};
}

static void
test_table(void)
{
	Mp4Table table = {0};
	Buffer out;
	Mp4Bytes found;

	buffer_init(&out);
	mp4_table_chunk(&table, 100);
	mp4_table_add(&table, &(Mp4Sample){10, 40, 0, true});
	mp4_table_add(&table, &(Mp4Sample){20, 40, 80, false});
	ok(mp4_table_reach(&table, 90), "the next sample comes later than was thought");
	ok(!mp4_table_reach(&table, 40), "none comes before the last one");
	ok(!mp4_table_reach(&table, UINT64_C(1) << 40), "or too late to be told");
	mp4_table_chunk(&table, INT64_C(5) << 30);
	mp4_table_add(&table, &(Mp4Sample){30, 40, -40, false});
	is_int(mp4_table_duration(&table), 130, "all of them last");
	is_int(mp4_table_end(&table), 130, "as long as the last one that is shown");
	mp4_table_write(&table, &out);
	found = table_of(&out, "stts");
	is_int(mp4_number(found, 4, 4), 3, "three runs of durations");
	is_int(mp4_number(found, 20, 4), 50, "the second one was made longer");
	found = table_of(&out, "ctts");
	is_int(mp4_number(found, 0, 1), 1, "offsets below 0 need version 1");
	is_int((int32_t) mp4_number(found, 28, 4), -40, "and are as given");
	found = table_of(&out, "stss");
	is_int(mp4_number(found, 4, 4), 1, "one key frame");
	found = table_of(&out, "stsc");
	is_int(mp4_number(found, 4, 4), 2, "chunks of two and of one");
	found = table_of(&out, "stsz");
	is_int(mp4_number(found, 12, 4), 10, "sizes without the sign of a key frame");
	found = table_of(&out, "co64");
	is_int(mp4_number(found, 16, 8), INT64_C(5) << 30, "far places have 64 bits");
	mp4_table_free(&table);
	buffer_clear(&out);
	mp4_table_add(&table, &(Mp4Sample){10, 40, 0, true});
	mp4_table_add(&table, &(Mp4Sample){10, 40, 0, true});
	mp4_table_write(&table, &out);
	found = table_of(&out, "stts");
	is_int(mp4_number(found, 4, 4), 1, "the last sample joins its run");
	is_int(mp4_number(found, 8, 4), 2, "of two");
	ok(table_of(&out, "stss").at == NULL && table_of(&out, "ctts").at == NULL,
	   "tables that say nothing are not there");
	is_int(table_of(&out, "stco").size, 12, "near places have 32 bits");
	mp4_table_free(&table);
	buffer_clear(&out);
	for (int i = 0; i < 3; i++)
	{
		int64_t far = i == 0 ? INT32_MIN : i == 1 ? INT32_MAX : -1;

		mp4_table_add(&table, &(Mp4Sample){INT32_MAX - (uint32_t) i, UINT32_MAX,
										   (int32_t) far, i > 0});
	}
	mp4_table_write(&table, &out);
	found = table_of(&out, "stsz");
	is_int(mp4_number(found, 12, 4), INT32_MAX, "the greatest size");
	is_int(mp4_number(found, 20, 4), INT32_MAX - 2, "and others of its kind");
	found = table_of(&out, "ctts");
	is_int((int32_t) mp4_number(found, 12, 4), INT32_MIN, "the earliest offset");
	is_int((int32_t) mp4_number(found, 20, 4), INT32_MAX, "the latest");
	is_int((int32_t) mp4_number(found, 28, 4), -1, "and the one just before");
	found = table_of(&out, "stts");
	is_int(mp4_number(found, 12, 4), UINT32_MAX, "the longest duration");
	is_int(mp4_number(table_of(&out, "stss"), 8, 4), 2, "the first key frame");
	mp4_table_free(&table);
	/* decoded before a gap, shown behind it */
	mp4_table_add(&table, &(Mp4Sample){10, 1000, 0, true});
	mp4_table_add(&table, &(Mp4Sample){10, 1000, 1080, false});
	mp4_table_add(&table, &(Mp4Sample){10, 40, -40, false});
	is_int(mp4_table_end(&table), 2081, "what is decoded early lasts not for the gap");
	ok(mp4_table_reach(&table, 2120), "it stands longer");
	is_int(mp4_table_end(&table), 2120, "until then");
	mp4_table_free(&table);
	buffer_free(&out);
}

/* An index of one track of time scale 90000, in a movie of 1000. */
static void
put_index(Buffer *to, const char *extra, size_t extra_size)
{
	static const uint8_t zeros[100];
	size_t moov = mp4_begin(to, "moov");
	size_t at = mp4_begin_full(to, "mvhd", 0, 0);
	size_t trak;
	size_t inner[3];

	buffer_append(to, zeros, 8);
	mp4_put(to, 1000, 4);
	mp4_put(to, 60000, 4);
	buffer_append(to, zeros, 76);
	mp4_put(to, 2, 4);
	mp4_end(to, at);
	trak = mp4_begin(to, "trak");
	at = mp4_begin_full(to, "tkhd", 0, 3);
	buffer_append(to, zeros, 8);
	mp4_put(to, 1, 4);
	buffer_append(to, zeros, 68);
	mp4_end(to, at);
	inner[0] = mp4_begin(to, "mdia");
	at = mp4_begin_full(to, "mdhd", 0, 0);
	buffer_append(to, zeros, 8);
	mp4_put(to, 90000, 4);
	buffer_append(to, zeros, 8);
	mp4_end(to, at);
	inner[1] = mp4_begin(to, "minf");
	inner[2] = mp4_begin(to, "stbl");
	at = mp4_begin_full(to, "stsd", 0, 0);
	mp4_end(to, at);
	buffer_append(to, extra, extra_size);
	for (int i = 2; i >= 0; i--)
		mp4_end(to, inner[i]);
	mp4_end(to, trak);
	at = mp4_begin(to, "mvex");
	mp4_end(to, at);
	mp4_end(to, moov);
}

/* A fragment of two samples of 10 and 20 bytes from a time on. */
static void
put_fragment(Buffer *to, uint64_t time, uint32_t data_offset)
{
	size_t moof = mp4_begin(to, "moof");
	size_t traf = mp4_begin(to, "traf");
	size_t at = mp4_begin_full(to, "tfhd", 0, 0x20038);

	mp4_put(to, 1, 4);
	mp4_put(to, 3600, 4);
	mp4_put(to, 10, 4);
	mp4_put(to, 0x1010000, 4);
	mp4_end(to, at);
	at = mp4_begin_full(to, "tfdt", 1, 0);
	mp4_put(to, time, 8);
	mp4_end(to, at);
	at = mp4_begin_full(to, "trun", 1, 0x205);
	mp4_put(to, 2, 4);
	mp4_put(to, data_offset, 4);
	mp4_put(to, 0x2000000, 4);
	mp4_put(to, 10, 4);
	mp4_put(to, 20, 4);
	mp4_end(to, at);
	mp4_end(to, traf);
	mp4_end(to, moof);
}

static bool
add_fragment(Mp4Movie *movie, uint64_t time, size_t media, uint32_t less, int64_t at)
{
	Buffer fragment;
	size_t size;
	bool added;

	buffer_init(&fragment);
	put_fragment(&fragment, time, 0);
	size = fragment.length;
	buffer_clear(&fragment);
	put_fragment(&fragment, time, (uint32_t) size + 8 - less);
	mp4_put(&fragment, 8 + media, 4);
	buffer_append(&fragment, "mdat0123456789012345678901234567890123456789", 4 + media);
	added = mp4_movie_add(movie, (Mp4Bytes){(uint8_t *) fragment.data, size},
						  (Mp4Bytes){(uint8_t *) fragment.data + size + 8, media}, at);
	buffer_free(&fragment);
	return added;
}

static void
test_movie(void)
{
	Mp4Movie movie = {0};
	Buffer index;
	Buffer out;
	Mp4Box box;

	buffer_init(&index);
	buffer_init(&out);
	put_index(&index, "", 0);
	ok(!mp4_movie_write(&movie, &out), "without a first index there is none");
	mp4_movie_begin(&movie, bytes_of(&index));
	ok(add_fragment(&movie, 9000, 30, 0, 1000), "a fragment is taken");
	ok(add_fragment(&movie, 18000, 30, 0, 2000), "and one after a gap");
	ok(!add_fragment(&movie, 20000, 30, 0, 2000), "none that goes back");
	ok(!add_fragment(&movie, 90000, 29, 0, 2000), "none whose media is missing");
	ok(!add_fragment(&movie, 90000, 30, 1, 2000), "none whose media is not in it");
	is_int(movie.tracks[0].table.count, 5, "samples");
	out.length = 0;
	ok(mp4_movie_write(&movie, &out), "the index is written");
	ok(mp4_box_path(bytes_of(&out), "moov trak mdia minf stbl stts", &box),
	   "with tables");
	is_int(mp4_number(box.body, 12, 4), 3600, "a duration");
	is_int(mp4_number(box.body, 20, 4), 5400, "that of the gap");
	ok(!mp4_box_path(bytes_of(&out), "moov trak edts", &box), "without an edit list");
	ok(!mp4_box_path(bytes_of(&out), "moov mvex", &box), "without a word on fragments");
	ok(mp4_box_path(bytes_of(&out), "moov trak mdia minf stbl stco", &box) &&
		   mp4_number(box.body, 12, 4) == 2000,
	   "chunks are where they were put");
	mp4_movie_free(&movie);
	buffer_free(&index);
	buffer_free(&out);
}

/* An index with one chunk at 5000. */
static void
put_plain(Buffer *to)
{
	static const uint8_t stco[] = "\0\0\0\24stco\0\0\0\0\0\0\0\1\0\0\x13\x88";
	Buffer all;
	Mp4Bytes run;
	Mp4Box box;
	size_t at;

	buffer_init(&all);
	put_index(&all, (const char *) stco, sizeof stco - 1);
	run = bytes_of(&all);
	(void) mp4_box_next(&run, &box);
	run = box.body;
	at = mp4_begin(to, "moov");
	while (mp4_box_next(&run, &box))
		if (!mp4_box_is(&box, "mvex"))
			mp4_put_bytes(to, box.all);
	mp4_end(to, at);
	buffer_free(&all);
}

static void
test_chapters(void)
{
	static const Mp4Chapter chapters[] = {
		{"\xd0\xaf one\nline", 1000 },
        {"\xff<b>",            2000 },
        {"behind the end",     60000}
    };
	static const Mp4Piece piece = {4000, 2000, 14000};
	Mp4Chaptered made;
	Mp4Chaptered again;
	Buffer index;
	Mp4Box box;

	buffer_init(&index);
	put_plain(&index);
	is_int(mp4_chapters_write(bytes_of(&index), chapters, 3, false, &made),
		   MP4_CHAPTERS_MADE, "chapters are put in");
	is_int(made.count, 3, "those within the movie, and one for what is before the first");
	ok(mp4_chapters_place(&made, &piece, 1, 777), "the media moves");
	ok(mp4_box_path(bytes_of(&made.index), "moov trak mdia minf stbl stco", &box) &&
		   mp4_number(box.body, 8, 4) == 15000,
	   "with its piece");
	is_int(mp4_number(bytes_of(&made.index), made.text_at, 8), 777, "texts are there");
	ok(mp4_box_path(bytes_of(&made.index), "moov trak tref chap", &box) &&
		   mp4_number(box.body, 0, 4) == 2,
	   "the track names its chapters");
	ok(mp4_box_path(bytes_of(&made.index), "moov udta chpl", &box) &&
		   mp4_number(box.body, 8, 1) == 3,
	   "and there is a list of them");
	ok(memcmp(made.texts.data + 8 + 14, "\0\13\xd0\xaf one line", 13) == 0,
	   "a title is one line");
	ok(memcmp(made.texts.data + 8 + 14 + 25, "\0\6\xef\xbf\xbd<b>", 8) == 0,
	   "of valid characters");
	is_int(mp4_chapters_write(bytes_of(&made.index), NULL, 0, true, &again),
		   MP4_CHAPTERS_MADE, "they are taken out");
	ok(!mp4_box_path(bytes_of(&again.index), "moov trak tref", &box) &&
		   !mp4_box_path(bytes_of(&again.index), "moov udta", &box) &&
		   again.texts.length == 0,
	   "without a trace");
	ok(mp4_box_path(bytes_of(&again.index), "moov trak mdia minf stbl co64", &box) &&
		   mp4_number(box.body, 8, 8) == 15000,
	   "places get 64 bits where they may need them");
	ok(!mp4_chapters_place(&again, &piece, 1, 0), "a place in no piece is refused");
	mp4_chaptered_free(&made);
	mp4_chaptered_free(&again);
	index.length = 0;
	put_index(&index, "", 0);
	is_int(mp4_chapters_write(bytes_of(&index), chapters, 3, false, &made),
		   MP4_CHAPTERS_IN_FRAGMENTS, "a movie in fragments is refused");
	mp4_chaptered_free(&made);
	is_int(mp4_chapters_write((Mp4Bytes){(const uint8_t *) index.data, 40}, chapters, 3,
							  false, &made),
		   MP4_CHAPTERS_BROKEN, "and one that is cut off");
	mp4_chaptered_free(&made);
	buffer_free(&index);
}

/* A list tells no more than 255 titles of 255 bytes, and cuts no character in two. */
static void
test_many(void)
{
	static Mp4Chapter chapters[300];
	char title[600];
	Mp4Chaptered made;
	Buffer index;
	Mp4Box box;

	for (size_t i = 0; i < 300; i++)
		memcpy(title + 2 * i, "\xd0\xaf", 2);
	title[599] = '\0';
	for (size_t i = 0; i < 300; i++)
		chapters[i] = (Mp4Chapter){i == 0 ? title : "", (int64_t) i};
	buffer_init(&index);
	put_plain(&index);
	is_int(mp4_chapters_write(bytes_of(&index), chapters, 300, false, &made),
		   MP4_CHAPTERS_MADE, "many chapters");
	is_int(made.count, 300, "all are in the track");
	ok(mp4_box_path(bytes_of(&made.index), "moov udta chpl", &box) &&
		   mp4_number(box.body, 8, 1) == 255,
	   "255 in the list");
	is_int(mp4_number(box.body, 17, 1), 254, "whose titles end with a whole character");
	mp4_chaptered_free(&made);
	buffer_free(&index);
}

int
main(void)
{
	test_boxes();
	test_table();
	test_movie();
	test_chapters();
	test_many();
	return done_testing();
}
