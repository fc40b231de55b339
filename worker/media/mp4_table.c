/*
 * media/mp4_table.c
 *	  Sample tables that grow.
 */
#include "media/mp4_table.h"

#include "base/array.h"

#define KEY (UINT32_C(1) << 31)

static void
add_to_runs(Mp4Runs *runs, uint32_t value)
{
	if (runs->count == 0 || runs->items[runs->count - 1].value != value)
	{
		runs->items =
			array_room(runs->items, &runs->capacity, runs->count + 1, sizeof(Mp4Run));
		runs->items[runs->count++] = (Mp4Run){0, value};
	}
	runs->items[runs->count - 1].count++;
}

void
mp4_table_chunk(Mp4Table *table, int64_t offset)
{
	table->chunks = array_room(table->chunks, &table->chunk_capacity,
							   table->chunk_count + 1, sizeof(Mp4Chunk));
	table->chunks[table->chunk_count++] = (Mp4Chunk){offset, 0};
}

void
mp4_table_add(Mp4Table *table, const Mp4Sample *sample)
{
	int64_t end;

	if (table->chunk_count == 0)
		mp4_table_chunk(table, 0);
	if (table->count > 0)
	{
		add_to_runs(&table->durations, table->last);
		table->duration += table->last;
	}
	table->sizes =
		array_room(table->sizes, &table->capacity, table->count + 1, sizeof(uint32_t));
	table->sizes[table->count++] = (sample->size & ~KEY) | (sample->key ? KEY : 0);
	table->keys += sample->key ? 1 : 0;
	table->last = sample->duration;
	end = (int64_t) (table->duration + sample->duration) + sample->offset;
	if (end > 0 && (uint64_t) end > table->shown)
		table->shown = (uint64_t) end;
	add_to_runs(&table->offsets, (uint32_t) sample->offset);
	table->chunks[table->chunk_count - 1].samples++;
}

bool
mp4_table_reach(Mp4Table *table, uint64_t time)
{
	if (table->count == 0)
		return true;
	if (time <= table->duration || time - table->duration > UINT32_MAX)
		return false;
	table->last = (uint32_t) (time - table->duration);
	return true;
}

uint64_t
mp4_table_duration(const Mp4Table *table)
{
	return table->duration + table->last;
}

static void
write_runs(const Mp4Runs *runs, Buffer *to)
{
	for (size_t i = 0; i < runs->count; i++)
	{
		mp4_put(to, runs->items[i].count, 4);
		mp4_put(to, runs->items[i].value, 4);
	}
}

static void
write_durations(const Mp4Table *table, Buffer *to)
{
	const Mp4Runs *runs = &table->durations;
	bool joins = runs->count > 0 && runs->items[runs->count - 1].value == table->last;
	size_t at = mp4_begin_full(to, "stts", 0, 0);
	size_t count = runs->count + (table->count > 0 && !joins ? 1 : 0);

	mp4_put(to, count, 4);
	write_runs(runs, to);
	if (joins) /* the last sample goes with those before it */
		mp4_set((uint8_t *) to->data + to->length - 8,
				runs->items[runs->count - 1].count + UINT64_C(1), 4);
	else if (table->count > 0)
	{
		mp4_put(to, 1, 4);
		mp4_put(to, table->last, 4);
	}
	mp4_end(to, at);
}

/* Without a list of key frames all of them are. */
static void
write_keys(const Mp4Table *table, Buffer *to)
{
	size_t at;

	if (table->keys == table->count)
		return;
	at = mp4_begin_full(to, "stss", 0, 0);
	mp4_put(to, table->keys, 4);
	for (size_t i = 0; i < table->count; i++)
		if ((table->sizes[i] & KEY) != 0)
			mp4_put(to, i + 1, 4);
	mp4_end(to, at);
}

static void
write_offsets(const Mp4Table *table, Buffer *to)
{
	const Mp4Runs *runs = &table->offsets;
	bool negative = false;
	size_t at;

	if (runs->count == 0 || (runs->count == 1 && runs->items[0].value == 0))
		return;
	for (size_t i = 0; i < runs->count; i++)
		negative = negative || (int32_t) runs->items[i].value < 0;
	at = mp4_begin_full(to, "ctts", negative ? 1 : 0, 0);
	mp4_put(to, runs->count, 4);
	write_runs(runs, to);
	mp4_end(to, at);
}

static void
write_chunk_sizes(const Mp4Table *table, Buffer *to)
{
	size_t at = mp4_begin_full(to, "stsc", 0, 0);
	size_t count_at = to->length;
	uint32_t before = 0;
	uint32_t count = 0;

	mp4_put(to, 0, 4);
	for (size_t i = 0; i < table->chunk_count; i++)
	{
		if (table->chunks[i].samples == before)
			continue;
		before = table->chunks[i].samples;
		mp4_put(to, i + 1, 4);
		mp4_put(to, before, 4);
		mp4_put(to, 1, 4); /* the one description of the samples */
		count++;
	}
	mp4_set((uint8_t *) to->data + count_at, count, 4);
	mp4_end(to, at);
}

static void
write_sizes(const Mp4Table *table, Buffer *to)
{
	size_t at = mp4_begin_full(to, "stsz", 0, 0);

	mp4_put(to, 0, 4);
	mp4_put(to, table->count, 4);
	for (size_t i = 0; i < table->count; i++)
		mp4_put(to, table->sizes[i] & ~KEY, 4);
	mp4_end(to, at);
}

static void
write_places(const Mp4Table *table, Buffer *to)
{
	size_t count = table->chunk_count;
	bool far = count > 0 && table->chunks[count - 1].offset > UINT32_MAX;
	size_t at = mp4_begin_full(to, far ? "co64" : "stco", 0, 0);

	mp4_put(to, count, 4);
	for (size_t i = 0; i < count; i++)
		mp4_put(to, (uint64_t) table->chunks[i].offset, far ? 8 : 4);
	mp4_end(to, at);
}

void
mp4_table_write(const Mp4Table *table, Buffer *to)
{
	write_durations(table, to);
	write_keys(table, to);
	write_offsets(table, to);
	write_chunk_sizes(table, to);
	write_sizes(table, to);
	write_places(table, to);
}

void
mp4_table_free(Mp4Table *table)
{
	free(table->sizes);
	free(table->durations.items);
	free(table->offsets.items);
	free(table->chunks);
	*table = (Mp4Table){0};
}
