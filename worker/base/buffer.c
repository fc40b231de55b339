/*
 * base/buffer.c
 *	  A growing, always NUL-terminated byte string.
 */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
buffer_init(Buffer *buffer)
{
	buffer->data = NULL;
	buffer->length = 0;
	buffer->capacity = 0;
	buffer_append(buffer, "", 0);
}

void
buffer_append(Buffer *buffer, const void *bytes, size_t length)
{
	if (buffer->length + length + 1 > buffer->capacity)
	{
		size_t wanted = (buffer->length + length + 1) * 2;
		char *grown = realloc(buffer->data, wanted < 64 ? 64 : wanted);

		if (grown == NULL)
		{
			fputs("out of memory\n", stderr);
			abort();
		}
		buffer->data = grown;
		buffer->capacity = wanted < 64 ? 64 : wanted;
	}
	if (length > 0)
		memcpy(buffer->data + buffer->length, bytes, length);
	buffer->length += length;
	buffer->data[buffer->length] = '\0';
}

void
buffer_puts(Buffer *buffer, const char *text)
{
	buffer_append(buffer, text, strlen(text));
}

void
buffer_printf(Buffer *buffer, const char *format, ...)
{
	char small[512];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(small, sizeof small, format, args);
	va_end(args);
	if (length < 0)
		return;
	if ((size_t) length < sizeof small)
	{
		buffer_append(buffer, small, (size_t) length);
		return;
	}
	char *large = malloc((size_t) length + 1);

	if (large == NULL)
	{
		fputs("out of memory\n", stderr);
		abort();
	}
	va_start(args, format);
	vsnprintf(large, (size_t) length + 1, format, args);
	va_end(args);
	buffer_append(buffer, large, (size_t) length);
	free(large);
}

void
buffer_consume(Buffer *buffer, size_t length)
{
	if (length > buffer->length)
		length = buffer->length;
	memmove(buffer->data, buffer->data + length, buffer->length - length + 1);
	buffer->length -= length;
}

void
buffer_clear(Buffer *buffer)
{
	buffer_consume(buffer, buffer->length);
}

void
buffer_free(Buffer *buffer)
{
	free(buffer->data);
	buffer->data = NULL;
	buffer->length = 0;
	buffer->capacity = 0;
}
