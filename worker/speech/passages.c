/*
 * speech/passages.c
 *	  Passages of a transcript. Pure.
 */
#include "speech/passages.h"

#include "base/buffer.h"
#include "base/cleanup.h"

#define PASSAGE_SECONDS 45.0

/* The segments from `from` on that fill a passage; the index behind the last of them. */
static size_t
passage_end(const Transcript *transcript, size_t from)
{
	const Segment *segments = transcript->segments;
	size_t to = from + 1;

	while (to < transcript->segment_count &&
		   segments[to].end - segments[from].start <= PASSAGE_SECONDS)
		to++;
	return to;
}

static cJSON *
passage_of(const Segment *segments, size_t count)
{
	cJSON *passage = cJSON_CreateObject();
	cJSON *list = cJSON_CreateArray();
	double end = segments[0].end;
	CLEANUP(buffer) Buffer text;

	buffer_init(&text);
	for (size_t i = 0; i < count; i++)
	{
		cJSON *item = cJSON_CreateArray();

		buffer_printf(&text, "%s%s", i > 0 ? " " : "", segments[i].text);
		cJSON_AddItemToArray(item, cJSON_CreateNumber(segments[i].start));
		cJSON_AddItemToArray(item, cJSON_CreateNumber(segments[i].end));
		cJSON_AddItemToArray(item, cJSON_CreateString(segments[i].text));
		cJSON_AddItemToArray(list, item);
		end = segments[i].end > end ? segments[i].end : end;
	}
	cJSON_AddNumberToObject(passage, "start", segments[0].start);
	cJSON_AddNumberToObject(passage, "end", end);
	cJSON_AddStringToObject(passage, "text", text.data);
	cJSON_AddItemToObject(passage, "segments", list);
	return passage;
}

cJSON *
passages_of(const Transcript *transcript)
{
	cJSON *passages = cJSON_CreateArray();

	for (size_t from = 0, to = 0; from < transcript->segment_count; from = to)
	{
		to = passage_end(transcript, from);
		cJSON_AddItemToArray(passages,
							 passage_of(transcript->segments + from, to - from));
	}
	return passages;
}
