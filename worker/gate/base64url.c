/*
 * gate/base64url.c
 *	  Reading base64 of tokens.
 */
#include "gate/base64url.h"

static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool
base64url_read(Arena *arena, Slice text, unsigned char **bytes, size_t *length)
{
	unsigned char *out;
	unsigned gathered = 0;
	int bits = 0;

	if (text.length % 4 == 1)
		return false;
	out = *bytes = arena_take(arena, text.length / 4 * 3 + 4);
	for (size_t i = 0; i < text.length; i++)
	{
		int value = value_of(text.at[i]);

		if (value < 0)
			return false;
		gathered = (gathered << 6 | (unsigned) value) & 0xffffu;
		bits += 6;
		if (bits >= 8)
		{
			bits -= 8;
			*out++ = (unsigned char) (gathered >> bits);
		}
	}
	*length = (size_t) (out - *bytes);
	return (gathered & ((1u << bits) - 1)) == 0;
}
