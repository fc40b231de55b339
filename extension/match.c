/*
 * match.c
 *	  Text as the rules of templates compare it: trimmed, folded, searched.
 */
#include "match.h"

#include <string.h>

typedef unsigned char Byte;

/* The bytes of the white-space character that begins here, 0 if it is none. */
static size_t
space_bytes(const char *text, size_t length)
{
	const Byte *c = (const Byte *) text;

	if (length >= 1 && ((c[0] >= 0x09 && c[0] <= 0x0D) || (c[0] >= 0x1C && c[0] <= 0x20)))
		return 1;
	if (length >= 2 && c[0] == 0xC2 && (c[1] == 0x85 || c[1] == 0xA0))
		return 2;
	if (length < 3)
		return 0;
	if (c[0] == 0xE1 && c[1] == 0x9A && c[2] == 0x80) /* U+1680 */
		return 3;
	if (c[0] == 0xE2 && c[1] == 0x80 && /* U+2000..200A, 2028, 2029, 202F */
		(c[2] <= 0x8A || c[2] == 0xA8 || c[2] == 0xA9 || c[2] == 0xAF))
		return 3;
	if (c[0] == 0xE2 && c[1] == 0x81 && c[2] == 0x9F) /* U+205F */
		return 3;
	return c[0] == 0xE3 && c[1] == 0x80 && c[2] == 0x80 ? 3 : 0; /* U+3000 */
}

/* The bytes of the character that ends at the end of a text that is not empty. */
static size_t
last_bytes(const char *text, size_t length)
{
	size_t bytes = 1;

	while (bytes < length && ((Byte) text[length - bytes] & 0xC0) == 0x80)
		bytes++;
	return bytes;
}

void
match_trim(const char **text, size_t *length)
{
	size_t bytes;

	while ((bytes = space_bytes(*text, *length)) > 0)
	{
		*text += bytes;
		*length -= bytes;
	}
	while (*length > 0)
	{
		bytes = last_bytes(*text, *length);
		if (space_bytes(*text + *length - bytes, bytes) != bytes)
			break;
		*length -= bytes;
	}
}

bool
match_contains(const char *text, size_t length, const char *part, size_t part_length)
{
	return memmem(text, length, part, part_length) != NULL;
}

/* Cyrillic: D0 81 is the upper and D1 91 the lower form of yo; D0 90 .. D0 AF the upper
 * letters, D0 B0 .. D0 BF and D1 80 .. D1 8F the lower ones. */
bool
match_is_plain(const char *character, size_t bytes)
{
	Byte first = (Byte) character[0];
	Byte second;

	if (bytes == 1)
		return first < 0x80;
	second = (Byte) character[1];
	return bytes == 2 && ((first == 0xD0 && (second == 0x81 || second >= 0x90)) ||
						  (first == 0xD1 && (second <= 0x8F || second == 0x91)));
}

static void
fold_pair(char *pair)
{
	Byte second = (Byte) pair[1];

	if ((Byte) pair[0] != 0xD0)
		return;
	if (second == 0x81)
		memcpy(pair, "\xD1\x91", 2);
	else if (second >= 0x90 && second <= 0x9F)
		pair[1] = (char) (second + 0x20);
	else if (second >= 0xA0 && second <= 0xAF)
	{
		pair[0] = (char) 0xD1;
		pair[1] = (char) (second - 0x20);
	}
}

void
match_fold(const char *from, size_t length, char *to)
{
	memmove(to, from, length);
	for (size_t i = 0; i < length; i++)
		if (to[i] >= 'A' && to[i] <= 'Z')
			to[i] = (char) (to[i] - 'A' + 'a');
		else if ((Byte) to[i] == 0xD0 && i + 1 < length)
			fold_pair(to + i++);
}
