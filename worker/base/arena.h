/*
 * base/arena.h
 *	  Memory that lives as long as one request: taken piece by piece, released at once.
 */
#ifndef LEAP_BASE_ARENA_H
#define LEAP_BASE_ARENA_H

#include <stddef.h>

typedef struct ArenaBlock ArenaBlock;

typedef struct Arena
{
	ArenaBlock *block; /* {NULL} is an arena that holds nothing */
} Arena;

/* Zeroed, aligned for anything. Memory that runs out ends the process. */
void *arena_take(Arena *arena, size_t bytes);

/* A copy with a terminating zero. */
char *arena_copy(Arena *arena, const char *bytes, size_t length);
char *arena_text(Arena *arena, const char *text);
char *arena_printf(Arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The array of `count` items of `size` bytes with room for one more: itself, or a copy of
 * twice its size. Start with NULL and 0; the capacity follows from the count. */
void *arena_room(Arena *arena, void *items, size_t count, size_t size);

void arena_free(Arena *arena);

/* For CLEANUP(arena). */
static inline void
cleanup_arena(Arena *arena)
{
	arena_free(arena);
}

#endif
