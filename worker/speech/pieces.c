/*
 * speech/pieces.c
 *	  Chunks that are asked for, kept and joined.
 */
#include "speech/pieces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "speech/join.h"

#define EVER 1e9

static Piece *
new_piece(const Chunk *chunk)
{
	Piece *piece = array_new(1, sizeof *piece);

	piece->chunk = *chunk;
	piece->sound = -1;
	ask_init(&piece->ask);
	return piece;
}

static void
free_piece(Piece *piece)
{
	free(piece->chunk.parts);
	cJSON_Delete(piece->heard);
	if (piece->sound >= 0)
		(void) close(piece->sound);
	cleanup_ask(&piece->ask);
	free(piece);
}

static void
append(Pieces *pieces, Piece *piece)
{
	pieces->items =
		array_room(pieces->items, &pieces->room, pieces->count + 1, sizeof(Piece *));
	pieces->items[pieces->count++] = piece;
}

void
pieces_of_plan(ChunkPlan *plan, Pieces *pieces)
{
	for (size_t i = 0; i < plan->count; i++)
		append(pieces, new_piece(&plan->chunks[i]));
	/* the parts belong to the pieces now */
	free(plan->chunks);
	*plan = (ChunkPlan){0};
}

void
pieces_free(Pieces *pieces)
{
	for (size_t i = 0; i < pieces->count; i++)
		free_piece(pieces->items[i]);
	free(pieces->items);
	*pieces = (Pieces){0};
}

static double
number_of(const cJSON *row, int index)
{
	const cJSON *item = cJSON_GetArrayItem(row, index);

	return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

static Piece *
read_piece(const cJSON *row)
{
	const cJSON *parts = json_at(row, "parts");
	const cJSON *heard = json_at(row, "heard");
	const cJSON *part;
	Chunk chunk = {.from = json_number(row, "from", -EVER),
				   .to = json_number(row, "to", EVER),
				   .shared = json_bool(row, "shared", false)};
	Piece *piece;

	chunk.parts = array_new((size_t) cJSON_GetArraySize(parts), sizeof(Span));
	cJSON_ArrayForEach(part, parts)
	{
		chunk.parts[chunk.part_count++] = (Span){number_of(part, 0), number_of(part, 1)};
	}
	piece = new_piece(&chunk);
	piece->heard = cJSON_IsObject(heard) ? cJSON_Duplicate(heard, true) : NULL;
	return piece;
}

bool
pieces_read(const cJSON *state, const char *key, Pieces *pieces)
{
	const cJSON *row;

	if (strcmp(json_text(state, "key", ""), key) != 0)
		return false;
	cJSON_ArrayForEach(row, json_at(state, "chunks"))
	{
		append(pieces, read_piece(row));
	}
	return pieces->count > 0;
}

static cJSON *
piece_json(const Piece *piece)
{
	cJSON *row = cJSON_CreateObject();
	cJSON *parts = cJSON_AddArrayToObject(row, "parts");

	for (size_t i = 0; i < piece->chunk.part_count; i++)
	{
		const double span[2] = {piece->chunk.parts[i].start, piece->chunk.parts[i].end};

		cJSON_AddItemToArray(parts, cJSON_CreateDoubleArray(span, 2));
	}
	/* the first and the last have no border there */
	if (piece->chunk.from > -EVER)
		cJSON_AddNumberToObject(row, "from", piece->chunk.from);
	if (piece->chunk.to < EVER)
		cJSON_AddNumberToObject(row, "to", piece->chunk.to);
	cJSON_AddBoolToObject(row, "shared", piece->chunk.shared);
	if (piece->heard != NULL)
		cJSON_AddItemToObject(row, "heard", cJSON_Duplicate(piece->heard, true));
	return row;
}

cJSON *
pieces_state(const Pieces *pieces, const char *key)
{
	cJSON *state = cJSON_CreateObject();
	cJSON *chunks;

	cJSON_AddNumberToObject(state, "version", 1);
	cJSON_AddStringToObject(state, "key", key);
	chunks = cJSON_AddArrayToObject(state, "chunks");
	for (size_t i = 0; i < pieces->count; i++)
		cJSON_AddItemToArray(chunks, piece_json(pieces->items[i]));
	return state;
}

void
pieces_split(Pieces *pieces, size_t at, const ChunkRules *rules)
{
	Piece *whole = pieces->items[at];
	CLEANUP(chunks) ChunkPlan plan = {0};
	Pieces left = {0};

	chunks_plan(whole->chunk.parts, whole->chunk.part_count, rules, &plan);
	plan.chunks[0].from = whole->chunk.from;
	plan.chunks[plan.count - 1].to = whole->chunk.to;
	plan.chunks[plan.count - 1].shared = whole->chunk.shared;
	for (size_t i = 0; i < at; i++)
		append(&left, pieces->items[i]);
	pieces_of_plan(&plan, &left);
	for (size_t i = at + 1; i < pieces->count; i++)
		append(&left, pieces->items[i]);
	free_piece(whole);
	free(pieces->items);
	*pieces = left;
}

double
pieces_done(const Pieces *pieces)
{
	double done = 0;
	double all = 0;

	for (size_t i = 0; i < pieces->count; i++)
	{
		double length = chunk_length(&pieces->items[i]->chunk);

		all += length;
		done += pieces->items[i]->heard != NULL ? length : 0;
	}
	return all > 0 ? done / all : 0;
}

/* The words of a piece, which point into its JSON. */
static HeardWord *
words_of(const Piece *piece, size_t *count)
{
	const cJSON *rows = json_at(piece->heard, "words");
	const cJSON *row;
	HeardWord *words = array_new((size_t) cJSON_GetArraySize(rows), sizeof *words);

	*count = 0;
	cJSON_ArrayForEach(row, rows)
	{
		const cJSON *sure = cJSON_GetArrayItem(row, 2);
		const char *text = cJSON_GetStringValue(cJSON_GetArrayItem(row, 3));

		if (text != NULL)
			words[(*count)++] =
				(HeardWord){number_of(row, 0), number_of(row, 1),
							cJSON_IsNumber(sure) ? sure->valuedouble : -1, text};
	}
	return words;
}

/* A piece while it is joined: of its words, `from` up to `to` are kept. */
typedef struct Joining
{
	const Piece *piece;
	HeardWord *words;
	size_t count;
	size_t from;
	size_t to;
	bool cut_start; /* at a border that another piece shares */
	bool cut_end;
} Joining;

static void
add_words(const Joining *joining, cJSON *list)
{
	for (size_t i = joining->from; i < joining->to; i++)
	{
		const HeardWord *word = &joining->words[i];
		cJSON *object = cJSON_CreateObject();

		cJSON_AddNumberToObject(object, "start", word->start);
		cJSON_AddNumberToObject(object, "end", word->end);
		cJSON_AddStringToObject(object, "word", word->text);
		if (word->confidence >= 0)
			cJSON_AddNumberToObject(object, "confidence", word->confidence);
		cJSON_AddItemToArray(list, object);
	}
}

static void
add_segment(cJSON *list, double start, double end, const char *text)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddNumberToObject(object, "start", start);
	cJSON_AddNumberToObject(object, "end", end);
	cJSON_AddStringToObject(object, "text", text);
	cJSON_AddItemToArray(list, object);
}

/* A segment that reaches over a border consists of those of its words that are kept. */
static void
rebuild(const Joining *joining, double start, double end, cJSON *list)
{
	CLEANUP(buffer) Buffer text;
	double first = end;
	double last = start;

	buffer_init(&text);
	for (size_t i = joining->from; i < joining->to; i++)
	{
		const HeardWord *word = &joining->words[i];
		double middle = (word->start + word->end) / 2;

		if (middle < start || middle > end)
			continue;
		buffer_printf(&text, "%s%s", text.length > 0 ? " " : "", word->text);
		first = fmin(first, word->start);
		last = fmax(last, word->end);
	}
	if (text.length > 0)
		add_segment(list, first, last, text.data);
}

static void
add_segments(const Joining *joining, cJSON *list)
{
	const cJSON *row;
	double low = joining->cut_start && joining->from < joining->count
					 ? joining->words[joining->from].start
					 : -EVER;
	double high =
		joining->cut_end && joining->to > 0 ? joining->words[joining->to - 1].end : EVER;

	cJSON_ArrayForEach(row, json_at(joining->piece->heard, "segments"))
	{
		double start = number_of(row, 0);
		double end = number_of(row, 1);
		const char *text = cJSON_GetStringValue(cJSON_GetArrayItem(row, 2));

		if (text == NULL || end <= low || start >= high)
			continue;
		if (start < low || end > high)
			rebuild(joining, start, end, list);
		else
			add_segment(list, start, end, text);
	}
}

/* The language of most of the sound. */
static const char *
language_of(const Pieces *pieces)
{
	const char *best = "";
	double most = 0;

	for (size_t i = 0; i < pieces->count; i++)
	{
		const char *language = json_text(pieces->items[i]->heard, "language", "");
		double length = 0;

		for (size_t k = 0; k < pieces->count; k++)
			if (strcmp(json_text(pieces->items[k]->heard, "language", ""), language) == 0)
				length += chunk_length(&pieces->items[k]->chunk);
		if (language[0] != '\0' && length > most)
		{
			most = length;
			best = language;
		}
	}
	return best;
}

cJSON *
pieces_join(const Pieces *pieces, const char *model)
{
	Joining *joining = array_new(pieces->count, sizeof *joining);
	cJSON *heard = cJSON_CreateObject();
	cJSON *words;
	cJSON *segments;
	bool word_times = true;
	double outside = 0;

	for (size_t i = 0; i < pieces->count; i++)
	{
		joining[i].piece = pieces->items[i];
		joining[i].words = words_of(pieces->items[i], &joining[i].count);
		joining[i].to = joining[i].count;
		word_times &= json_bool(pieces->items[i]->heard, "word_times", true) ||
					  joining[i].count == 0;
		outside += json_number(pieces->items[i]->heard, "outside", 0);
	}
	for (size_t i = 0; i + 1 < pieces->count; i++)
	{
		const Chunk *chunk = &pieces->items[i]->chunk;
		Joining *next = &joining[i + 1];

		join_seam(joining[i].words, joining[i].count, next->words, next->count,
				  chunk->shared, chunk->to, CHUNK_OVERLAP, &joining[i].to, &next->from);
		joining[i].cut_end = next->cut_start = chunk->shared;
	}
	cJSON_AddStringToObject(heard, "language", language_of(pieces));
	cJSON_AddStringToObject(heard, "model", model);
	cJSON_AddBoolToObject(heard, "word_times", word_times);
	cJSON_AddNumberToObject(heard, "outside", outside);
	words = cJSON_AddArrayToObject(heard, "words");
	segments = cJSON_AddArrayToObject(heard, "segments");
	for (size_t i = 0; i < pieces->count; i++)
	{
		add_words(&joining[i], words);
		add_segments(&joining[i], segments);
	}
	for (size_t i = 0; i < pieces->count; i++)
		free(joining[i].words);
	free(joining);
	return heard;
}
