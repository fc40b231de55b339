/*
 * rest/pairs.c
 *	  The pairs of a query: split, decoded, and written again in one order.
 */
#include "rest/pairs.h"

#include <ctype.h>
#include <stdlib.h>
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

/* By name; pairs of one name stay in the order in which they were said. */
static int
by_name(const void *a, const void *b)
{
	const QueryPair *one = *(const QueryPair *const *) a;
	const QueryPair *two = *(const QueryPair *const *) b;
	int order = strcmp(one->name, two->name);

	if (order != 0)
		return order;
	return one < two ? -1 : one > two;
}

const char *
pairs_canonical(Arena *arena, Pairs pairs)
{
	CLEANUP(buffer) Buffer out;
	const QueryPair **sorted = arena_take(arena, (pairs.count + 1) * sizeof(void *));

	buffer_init(&out);
	for (size_t i = 0; i < pairs.count; i++)
		sorted[i] = &pairs.items[i];
	qsort(sorted, pairs.count, sizeof(void *), by_name);
	for (size_t i = 0; i < pairs.count; i++)
	{
		const QueryPair *pair = sorted[i];
		bool same = i > 0 && strcmp(sorted[i - 1]->name, pair->name) == 0;

		if (!same)
		{
			buffer_puts(&out, i > 0 ? "&" : "");
			encode(&out, pair->name);
		}
		buffer_puts(&out, same ? "," : "=");
		encode(&out, pair->value != NULL ? pair->value : "");
	}
	return arena_copy(arena, out.data, out.length);
}
