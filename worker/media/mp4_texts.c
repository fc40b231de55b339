/*
 * media/mp4_texts.c
 *	  The titles of chapters as MP4 has them.
 */
#include "media/mp4_texts.h"

#include "base/array.h"
#include "base/utf8.h"

/* Of the track of texts. */
#define SCALE    1000
#define LANGUAGE 0x55c4 /* "und" */

/* A sample tells the length of its text in two bytes, the list in one. */
#define MOST_OF_SAMPLE 1024
#define MOST_OF_LIST   255

/* The list counts units of 100 ns. */
#define LIST_UNITS_PER_MS 10000

/* A sample ends with a box that says that it is UTF-8. */
#define ENCODING_SIZE 12
#define UTF8_ENCODING 0x100

/* One line of valid text, cut off at the end of a character. */
static void
clean_title(const char *title, Buffer *to)
{
	const char *at = title;

	buffer_init(to);
	while (*at != '\0' && to->length < MOST_OF_SAMPLE - 4)
	{
		char bytes[4];
		uint32_t code = utf8_next(&at);

		if (code < ' ' || code == 0x7f || (code >= 0x80 && code < 0xa0) ||
			code == 0x2028 || code == 0x2029)
			code = ' ';
		buffer_append(to, bytes, utf8_put(code, bytes));
	}
}

static void
add_text(Mp4Texts *texts, const char *title, uint64_t start)
{
	size_t number = texts->count++;

	clean_title(title, &texts->items[number].title);
	texts->items[number].start = start;
	if (number > 0)
		texts->items[number - 1].length = start - texts->items[number - 1].start;
}

void
mp4_texts_open(Mp4Texts *texts, const Mp4Chapter *chapters, size_t count)
{
	uint64_t end =
		(uint64_t) ((unsigned __int128) texts->duration * SCALE / texts->scale);

	texts->count = 0;
	texts->items = array_new(count + 1, sizeof *texts->items);
	end = end > UINT32_MAX ? UINT32_MAX : end;
	if (count > 0 && chapters[0].start > 0 && (uint64_t) chapters[0].start < end)
		add_text(texts, "", 0);
	for (size_t i = 0; i < count && (uint64_t) chapters[i].start < end; i++)
		add_text(texts, chapters[i].title, (uint64_t) chapters[i].start);
	if (texts->count > 0)
		texts->items[texts->count - 1].length =
			end - texts->items[texts->count - 1].start;
}

void
mp4_texts_close(Mp4Texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		buffer_free(&texts->items[i].title);
	free(texts->items);
	texts->items = NULL;
	texts->count = 0;
}

void
mp4_texts_media(const Mp4Texts *texts, Buffer *to)
{
	size_t at = mp4_begin(to, "mdat");

	for (size_t i = 0; i < texts->count; i++)
	{
		const Buffer *title = &texts->items[i].title;
		size_t encoding;

		mp4_put(to, title->length, 2);
		buffer_append(to, title->data, title->length);
		encoding = mp4_begin(to, "encd");
		mp4_put(to, UTF8_ENCODING, 4);
		mp4_end(to, encoding);
	}
	mp4_end(to, at);
}

static void
put_zeros(Buffer *to, size_t count)
{
	for (size_t i = 0; i < count; i++)
		mp4_put(to, 0, 1);
}

/* A picture or a sound is not turned and not scaled: neither is a text. */
static void
put_matrix(Buffer *to)
{
	static const uint32_t unit[] = {0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};

	for (size_t i = 0; i < sizeof unit / sizeof unit[0]; i++)
		mp4_put(to, unit[i], 4);
}

/* Part of the movie, but not shown by itself. */
static void
put_head(const Mp4Texts *texts, uint32_t id, Buffer *to)
{
	size_t at = mp4_begin_full(to, "tkhd", 1, 2);

	put_zeros(to, 16);
	mp4_put(to, id, 4);
	put_zeros(to, 4);
	mp4_put(to, texts->duration, 8);
	put_zeros(to, 16);
	put_matrix(to);
	put_zeros(to, 8);
	mp4_end(to, at);
}

static void
put_media_head(const Mp4Texts *texts, Buffer *to)
{
	const Mp4Text *last = &texts->items[texts->count - 1];
	size_t at = mp4_begin_full(to, "mdhd", 0, 0);

	put_zeros(to, 8);
	mp4_put(to, SCALE, 4);
	mp4_put(to, last->start + last->length, 4);
	mp4_put(to, LANGUAGE, 2);
	put_zeros(to, 2);
	mp4_end(to, at);
	at = mp4_begin_full(to, "hdlr", 0, 0);
	put_zeros(to, 4);
	buffer_append(to, "text", 4);
	put_zeros(to, 12);
	buffer_append(to, "Chapters", sizeof "Chapters");
	mp4_end(to, at);
}

/* What says of the track that it is neither picture nor sound, and that its media is here. */
static void
put_information(Buffer *to)
{
	size_t at = mp4_begin(to, "gmhd");
	size_t inner = mp4_begin_full(to, "gmin", 0, 0);

	mp4_put(to, 0x40, 2); /* mode: copy; colours in the middle, no balance */
	for (int i = 0; i < 3; i++)
		mp4_put(to, 0x8000, 2);
	put_zeros(to, 4);
	mp4_end(to, inner);
	inner = mp4_begin(to, "text");
	put_matrix(to);
	mp4_end(to, inner);
	mp4_end(to, at);
	at = mp4_begin(to, "dinf");
	inner = mp4_begin_full(to, "dref", 0, 0);
	mp4_put(to, 1, 4);
	mp4_end(to, mp4_begin_full(to, "url ", 0, 1));
	mp4_end(to, inner);
	mp4_end(to, at);
}

/* Texts without colours, fonts and a place of their own. */
static void
put_description(Buffer *to)
{
	size_t at = mp4_begin_full(to, "stsd", 0, 0);
	size_t entry;

	mp4_put(to, 1, 4);
	entry = mp4_begin(to, "text");
	put_zeros(to, 6);
	mp4_put(to, 1, 2);
	put_zeros(to, 44);
	mp4_end(to, entry);
	mp4_end(to, at);
}

static size_t
sample_size(const Mp4Text *text)
{
	return 2 + text->title.length + ENCODING_SIZE;
}

static void
put_tables(Mp4Texts *texts, Buffer *to)
{
	size_t at = mp4_begin_full(to, "stts", 0, 0);

	mp4_put(to, texts->count, 4);
	for (size_t i = 0; i < texts->count; i++)
	{
		mp4_put(to, 1, 4);
		mp4_put(to, texts->items[i].length, 4);
	}
	mp4_end(to, at);
	at = mp4_begin_full(to, "stsc", 0, 0);
	mp4_put(to, 1, 4);
	mp4_put(to, 1, 4);
	mp4_put(to, texts->count, 4);
	mp4_put(to, 1, 4);
	mp4_end(to, at);
	at = mp4_begin_full(to, "stsz", 0, 0);
	mp4_put(to, 0, 4);
	mp4_put(to, texts->count, 4);
	for (size_t i = 0; i < texts->count; i++)
		mp4_put(to, sample_size(&texts->items[i]), 4);
	mp4_end(to, at);
	at = mp4_begin_full(to, "co64", 0, 0);
	mp4_put(to, 1, 4);
	texts->place = to->length;
	mp4_put(to, 0, 8);
	mp4_end(to, at);
}

void
mp4_texts_track(Mp4Texts *texts, uint32_t id, Buffer *to)
{
	size_t trak = mp4_begin(to, "trak");
	size_t mdia;
	size_t minf;
	size_t stbl;

	put_head(texts, id, to);
	mdia = mp4_begin(to, "mdia");
	put_media_head(texts, to);
	minf = mp4_begin(to, "minf");
	put_information(to);
	stbl = mp4_begin(to, "stbl");
	put_description(to);
	put_tables(texts, to);
	mp4_end(to, stbl);
	mp4_end(to, minf);
	mp4_end(to, mdia);
	mp4_end(to, trak);
}

/* As much of the title as one byte can tell the length of. */
static size_t
length_in_list(const Buffer *title)
{
	size_t length = title->length < MOST_OF_LIST ? title->length : MOST_OF_LIST;

	while (length > 0 && length < title->length &&
		   ((uint8_t) title->data[length] & 0xc0) == 0x80)
		length--;
	return length;
}

void
mp4_texts_list(const Mp4Texts *texts, Buffer *to)
{
	size_t count = texts->count < MOST_OF_LIST ? texts->count : MOST_OF_LIST;
	size_t at = mp4_begin_full(to, "chpl", 1, 0);

	put_zeros(to, 4);
	mp4_put(to, count, 1);
	for (size_t i = 0; i < count; i++)
	{
		size_t length = length_in_list(&texts->items[i].title);

		mp4_put(to, texts->items[i].start * LIST_UNITS_PER_MS, 8);
		mp4_put(to, length, 1);
		buffer_append(to, texts->items[i].title.data, length);
	}
	mp4_end(to, at);
}
