/*
 * base/array.h
 *	  Growing arrays: a pointer, a count and a capacity kept by their owner.
 */
#ifndef LEAP_BASE_ARRAY_H
#define LEAP_BASE_ARRAY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Memory that ran out ends the process: a worker's child is restarted. */
static inline void *
array_check(void *memory)
{
	if (memory == NULL)
	{
		fputs("out of memory\n", stderr);
		abort();
	}
	return memory;
}

/* count zeroed items of `size` bytes, at least one; the caller frees them. */
static inline void *
array_new(size_t count, size_t size)
{
	return array_check(calloc(count > 0 ? count : 1, size));
}

/* The array with room for `needed` items; *capacity follows. What is new is not zeroed. */
static inline void *
array_room(void *items, size_t *capacity, size_t needed, size_t size)
{
	size_t wanted = needed < 16 ? 16 : needed + needed / 2;

	if (items != NULL && needed <= *capacity)
		return items;
	if (wanted < needed || wanted > SIZE_MAX / size)
		return array_check(NULL);
	*capacity = wanted;
	return array_check(realloc(items, wanted * size));
}

static inline char *
array_text(const char *text)
{
	return array_check(strdup(text));
}

#endif
