/*
 * base/arena.c
 *	  Memory that lives as long as one request: taken piece by piece, released at once.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"

#define BLOCK_BYTES ((size_t) 8192)
#define ALIGNMENT   _Alignof(max_align_t)

struct ArenaBlock
{
	ArenaBlock *older;
	size_t used;
	size_t size;
	_Alignas(max_align_t) char bytes[];
};

void *
arena_take(Arena *arena, size_t bytes)
{
	ArenaBlock *block = arena->block;
	size_t needed = (bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1);

	if (needed < bytes)
		array_check(NULL);
	if (block == NULL || block->size - block->used < needed)
	{
		size_t size = needed > BLOCK_BYTES / 2 ? needed : BLOCK_BYTES;

		block = array_new(1, sizeof *block + size);
		block->size = size;
		block->older = arena->block;
		arena->block = block;
	}
	void *taken = block->bytes + block->used;

	block->used += needed;
	return taken;
}

char *
arena_copy(Arena *arena, const char *bytes, size_t length)
{
	char *copy = arena_take(arena, length + 1);

	if (length > 0)
		memcpy(copy, bytes, length);
	return copy;
}

char *
arena_text(Arena *arena, const char *text)
{
	return arena_copy(arena, text, strlen(text));
}

char *
arena_printf(Arena *arena, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);

	char *text = arena_take(arena, (size_t) (length < 0 ? 0 : length) + 1);

	va_start(args, format);
	if (length > 0)
		(void) vsnprintf(text, (size_t) length + 1, format, args);
	va_end(args);
	return text;
}

void *
arena_room(Arena *arena, void *items, size_t count, size_t size)
{
	/* full at 0, 4, 8, 16, ...: the capacity is the next power of two */
	if (count != 0 && (count < 4 || (count & (count - 1)) != 0))
		return items;
	size_t wanted = count == 0 ? 4 : count * 2;

	if (wanted > SIZE_MAX / size)
		array_check(NULL);
	void *grown = arena_take(arena, wanted * size);

	if (count > 0)
		memcpy(grown, items, count * size);
	return grown;
}

void
arena_free(Arena *arena)
{
	while (arena->block != NULL)
	{
		ArenaBlock *older = arena->block->older;

		free(arena->block);
		arena->block = older;
	}
}
