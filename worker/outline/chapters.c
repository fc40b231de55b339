/*
 * outline/chapters.c
 *	  Chapters out of topics.
 */
#include "outline/chapters.h"

#include <math.h>
#include <stdbool.h>

#include "base/array.h"
#include "base/timecode.h"
#include "base/utf8.h"

#define LEAST_SECONDS 10.0
#define TITLE_WIDTH   70

typedef struct Chapter
{
	double start;
	Buffer title;
} Chapter;

typedef struct Chapters
{
	Chapter *items;
	size_t count;
	double duration;
} Chapters;

/* What may stand in a title: blanks for control characters, look-alikes for brackets. */
static uint32_t
allowed(uint32_t code)
{
	if (code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029)
		return ' ';
	if (code == '<')
		return 0x2039;
	return code == '>' ? 0x203A : code;
}

static void
put_title(const char *text, size_t number, Buffer *title)
{
	size_t kept;

	buffer_init(title);
	while (*text == ' ')
		text++;
	while (*text != '\0')
	{
		char bytes[4];

		buffer_append(title, bytes, utf8_put(allowed(utf8_next(&text)), bytes));
	}
	if (title->length == 0)
		buffer_printf(title, "%zu", number);
	if (utf8_width(title->data) <= TITLE_WIDTH)
		return;
	/* whole characters, and the last column for the mark that says something is missing */
	for (kept = 0; utf8_width_of(title->data, kept) < TITLE_WIDTH - 1;)
		kept = (size_t) (utf8_character_end(title->data + kept) - title->data);
	while (utf8_width_of(title->data, kept) > TITLE_WIDTH - 1)
		kept--;
	title->length = kept;
	buffer_puts(title, "…");
}

static int
by_start(const void *left, const void *right)
{
	const Chapter *a = left;
	const Chapter *b = right;

	return (a->start > b->start) - (a->start < b->start);
}

static void
read_topics(const cJSON *topics, Chapters *chapters)
{
	const cJSON *topic = NULL;

	chapters->items =
		array_new((size_t) cJSON_GetArraySize(topics), sizeof *chapters->items);
	cJSON_ArrayForEach(topic, topics)
	{
		const cJSON *start = cJSON_GetObjectItemCaseSensitive(topic, "start");
		const char *title =
			cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(topic, "title"));
		Chapter *chapter = &chapters->items[chapters->count];

		if (title == NULL || !cJSON_IsNumber(start) ||
			!(cJSON_GetNumberValue(start) < chapters->duration))
			continue;
		chapter->start = fmax(cJSON_GetNumberValue(start), 0);
		put_title(title, chapters->count + 1, &chapter->title);
		chapters->count++;
	}
	if (chapters->count > 1)
		qsort(chapters->items, chapters->count, sizeof *chapters->items, by_start);
}

/* Drops the starts of chapters that would be too short; the time goes to the one before. */
static void
join_short(Chapters *chapters)
{
	size_t kept = 0;

	if (chapters->count > 0)
		chapters->items[0].start = 0;
	for (size_t i = 0; i < chapters->count; i++)
	{
		Chapter *chapter = &chapters->items[i];
		bool early =
			kept > 0 && chapter->start - chapters->items[kept - 1].start < LEAST_SECONDS;
		bool late = kept > 0 && chapters->duration - chapter->start < LEAST_SECONDS;

		if (early || late)
			buffer_free(&chapter->title);
		else
			chapters->items[kept++] = *chapter;
	}
	chapters->count = kept;
}

static Chapters
chapters_of(const cJSON *outline, double duration)
{
	Chapters chapters = {.duration = duration};

	read_topics(cJSON_GetObjectItemCaseSensitive(outline, "topics"), &chapters);
	join_short(&chapters);
	return chapters;
}

static void
chapters_free(Chapters *chapters)
{
	for (size_t i = 0; i < chapters->count; i++)
		buffer_free(&chapters->items[i].title);
	free(chapters->items);
}

void
chapters_vtt(const cJSON *outline, double duration, Buffer *out)
{
	Chapters chapters = chapters_of(outline, duration);

	buffer_puts(out, "WEBVTT\n");
	for (size_t i = 0; i < chapters.count; i++)
	{
		const Chapter *chapter = &chapters.items[i];

		buffer_puts(out, "\n");
		timecode_put(out, chapter->start, '.');
		buffer_puts(out, " --> ");
		timecode_put(out, i + 1 < chapters.count ? chapter[1].start : duration, '.');
		buffer_puts(out, "\n");
		for (const char *at = chapter->title.data; *at != '\0'; at++)
			buffer_append(out, *at == '&' ? "&amp;" : at, *at == '&' ? 5 : 1);
		buffer_puts(out, "\n");
	}
	chapters_free(&chapters);
}

cJSON *
chapters_list(const cJSON *outline, double duration)
{
	Chapters chapters = chapters_of(outline, duration);
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < chapters.count; i++)
	{
		cJSON *chapter = cJSON_CreateObject();

		cJSON_AddStringToObject(chapter, "title", chapters.items[i].title.data);
		cJSON_AddNumberToObject(chapter, "start", chapters.items[i].start);
		cJSON_AddItemToArray(list, chapter);
	}
	chapters_free(&chapters);
	return list;
}
