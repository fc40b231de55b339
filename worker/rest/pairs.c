/*
 * rest/pairs.c
 *	  The pairs of a query: split, decoded, and written again in one order.
 */
#include "rest/pairs.h"

#include <ctype.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char) (c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char *
decoded(Arena *arena, const char *at, size_t length)
{
	char *text = arena_take(arena, length + 1);
	size_t used = 0;

	for (size_t i = 0; i < length; i++)
	{
		char c = at[i];

		if (c == '%' && i + 2 < length && hex_value(at[i + 1]) >= 0 &&
			hex_value(at[i + 2]) >= 0)
		{
			c = (char) (hex_value(at[i + 1]) * 16 + hex_value(at[i + 2]));
			i += 2;
		}
		else if (c == '+')
			c = ' ';
		text[used++] = c;
	}
	return text;
}

Pairs
pairs_split(Arena *arena, Slice query)
{
	Pairs pairs = {0};
	const char *at = query.at;
	const char *end = query.at + query.length;

	while (at < end)
	{
		const char *next = memchr(at, '&', (size_t) (end - at));
		const char *stop = next != NULL ? next : end;
		const char *equals = memchr(at, '=', (size_t) (stop - at));
		const char *name_end = equals != NULL ? equals : stop;

		if (stop > at)
		{
			pairs.items =
				arena_room(arena, pairs.items, pairs.count, sizeof *pairs.items);
			pairs.items[pairs.count++] = (QueryPair){
				.name = decoded(arena, at, (size_t) (name_end - at)),
				.value = equals != NULL
							 ? decoded(arena, equals + 1, (size_t) (stop - equals - 1))
							 : NULL,
			};
		}
		at = stop + 1;
	}
	return pairs;
}

static void
encode(Buffer *out, const char *text)
{
	for (; *text != '\0'; text++)
	{
		unsigned char c = (unsigned char) *text;

		if (isalnum(c) || c == '-' || c == '_' || c == '.')
			buffer_append(out, text, 1);
		else
			buffer_printf(out, "%%%02X", c);
	}
}

const char *
pairs_canonical(Arena *arena, Pairs pairs)
{
	CLEANUP(buffer) Buffer out;
	bool *done = arena_take(arena, pairs.count + 1);

	buffer_init(&out);
	for (size_t round = 0; round < pairs.count; round++)
	{
		const QueryPair *least = NULL;

		for (size_t i = 0; i < pairs.count; i++)
		{
			if (!done[i] &&
				(least == NULL || strcmp(pairs.items[i].name, least->name) < 0))
				least = &pairs.items[i];
		}
		if (least == NULL)
			break;
		buffer_puts(&out, out.length > 0 ? "&" : "");
		encode(&out, least->name);
		const char *before = "=";

		for (size_t i = 0; i < pairs.count; i++)
		{
			if (done[i] || strcmp(pairs.items[i].name, least->name) != 0)
				continue;
			done[i] = true;
			buffer_puts(&out, before);
			encode(&out, pairs.items[i].value != NULL ? pairs.items[i].value : "");
			before = ",";
		}
	}
	return arena_copy(arena, out.data, out.length);
}
