/*
 * media/mp4_table.c
 *	  Sample tables that grow.
 */
#include "media/mp4_table.h"

#include "base/array.h"

/* A byte that others of the same number follow. */
#define MORE 0x80u

static void
add_number(Mp4Numbers *numbers, uint64_t number)
{
	/* ten bytes of seven bits hold any number */
	numbers->bytes =
		array_room(numbers->bytes, &numbers->capacity, numbers->length + 10, 1);
	for (; number >= MORE; number >>= 7)
		numbers->bytes[numbers->length++] = (uint8_t) (number | MORE);
	numbers->bytes[numbers->length++] = (uint8_t) number;
}

/* The number at *at, which moves behind it. */
static uint64_t
next_number(const Mp4Numbers *numbers, size_t *at)
{
	uint64_t number = 0;
	unsigned shift = 0;

	while ((numbers->bytes[*at] & MORE) != 0)
	{
		number |= (uint64_t) (numbers->bytes[(*at)++] & ~MORE) << shift;
		shift += 7;
	}
	return number | (uint64_t) numbers->bytes[(*at)++] << shift;
}

/* Small numbers below 0 become small ones above. */
static uint32_t
fold(uint32_t value)
{
	return value << 1 ^ ((value >> 31) != 0 ? UINT32_MAX : 0);
}

static uint32_t
unfold(uint32_t folded)
{
	return folded >> 1 ^ ((folded & 1) != 0 ? UINT32_MAX : 0);
}

static void
add_to_runs(Mp4Runs *runs, uint32_t value)
{
	if (runs->count == 0 || runs->value != value)
	{
		if (runs->count++ > 0)
		{
			add_number(&runs->over, runs->times);
			add_number(&runs->over, fold(runs->value));
		}
		runs->value = value;
		runs->times = 0;
		runs->negative = runs->negative || (int32_t) value < 0;
	}
	runs->times++;
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
	int64_t shown;

	if (table->chunk_count == 0)
		mp4_table_chunk(table, 0);
	if (table->count > 0)
	{
		add_to_runs(&table->durations, table->last);
		table->duration += table->last;
	}
	add_number(&table->sizes, (uint64_t) sample->size * 2 + (sample->key ? 1 : 0));
	table->count++;
	table->keys += sample->key ? 1 : 0;
	table->last = sample->duration;
	shown = (int64_t) table->duration + sample->offset;
	if (shown > table->latest)
		table->latest = shown;
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

uint64_t
mp4_table_end(const Mp4Table *table)
{
	uint64_t duration = mp4_table_duration(table);
	uint64_t latest = (uint64_t) table->latest + 1;

	return duration > latest ? duration : latest;
}

/* Writes the runs; the last one lasts so many times longer. */
static void
write_runs(const Mp4Runs *runs, uint32_t longer, Buffer *to)
{
	size_t at = 0;

	while (at < runs->over.length)
	{
		mp4_put(to, next_number(&runs->over, &at), 4);
		mp4_put(to, unfold((uint32_t) next_number(&runs->over, &at)), 4);
	}
	if (runs->count == 0)
		return;
	mp4_put(to, runs->times + (uint64_t) longer, 4);
	mp4_put(to, runs->value, 4);
}

static void
write_durations(const Mp4Table *table, Buffer *to)
{
	const Mp4Runs *runs = &table->durations;
	bool joins = runs->count > 0 && runs->value == table->last;
	bool alone = table->count > 0 && !joins;
	size_t at = mp4_begin_full(to, "stts", 0, 0);

	mp4_put(to, runs->count + (alone ? 1 : 0), 4);
	/* the last sample goes with those before it where it lasts as long */
	write_runs(runs, joins ? 1 : 0, to);
	if (alone)
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
	size_t next = 0;
	size_t at;

	if (table->keys == table->count)
		return;
	at = mp4_begin_full(to, "stss", 0, 0);
	mp4_put(to, table->keys, 4);
	for (size_t i = 1; i <= table->count; i++)
		if ((next_number(&table->sizes, &next) & 1) != 0)
			mp4_put(to, i, 4);
	mp4_end(to, at);
}

static void
write_offsets(const Mp4Table *table, Buffer *to)
{
	const Mp4Runs *runs = &table->offsets;
	size_t at;

	if (runs->count == 0 || (runs->count == 1 && runs->value == 0))
		return;
	at = mp4_begin_full(to, "ctts", runs->negative ? 1 : 0, 0);
	mp4_put(to, runs->count, 4);
	write_runs(runs, 0, to);
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
	size_t next = 0;

	mp4_put(to, 0, 4);
	mp4_put(to, table->count, 4);
	while (next < table->sizes.length)
		mp4_put(to, next_number(&table->sizes, &next) / 2, 4);
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
	free(table->sizes.bytes);
	free(table->durations.over.bytes);
	free(table->offsets.over.bytes);
	free(table->chunks);
	*table = (Mp4Table){0};
}
