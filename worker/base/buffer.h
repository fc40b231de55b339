/*
 * base/buffer.h
 *	  A growing, always NUL-terminated byte string.
 */
#ifndef LEAP_BASE_BUFFER_H
#define LEAP_BASE_BUFFER_H

#include <stddef.h>

typedef struct Buffer
{
	char *data; /* "" until something is appended; never NULL after buffer_init */
	size_t length;
	size_t capacity;
} Buffer;

/* All of these end the process when memory runs out: a worker's child is restarted. */
void buffer_init(Buffer *buffer);
void buffer_append(Buffer *buffer, const void *bytes, size_t length);
void buffer_puts(Buffer *buffer, const char *text);
void buffer_printf(Buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Forgets the first `length` bytes. */
void buffer_consume(Buffer *buffer, size_t length);
void buffer_clear(Buffer *buffer);
void buffer_free(Buffer *buffer);

/* For CLEANUP(buffer). */
static inline void
cleanup_buffer(Buffer *buffer)
{
	buffer_free(buffer);
}

#endif
