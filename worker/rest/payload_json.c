/*
 * rest/payload_json.c
 *	  Looking over a JSON document without keeping it: is it one, and which names does it have?
 *
 * The database reads the document again; only the names go into the text of a statement.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "rest/payload.h"

#define MOST_DEPTH 512
#define MOST_NAMES 1600 /* as many as a table has columns */
#define PLACE_BITS 12
#define PLACES     (1 << PLACE_BITS) /* of the table of names: never full */

typedef struct Scan
{
	Arena *arena;
	const char *at;
	const char *end;
	Payload *payload;
	size_t *seen;     /* by name: the last object that had it */
	uint16_t *places; /* a table of hashes: names from 1, 0 is free */
	size_t object;
	bool uniform;
	bool foreign; /* an escape that is no character of the database */
} Scan;

static bool scan_value(Scan *scan, size_t depth, bool named);

static void
skip_blanks(Scan *scan)
{
	while (scan->at < scan->end && strchr(" \t\r\n", *scan->at) != NULL &&
		   *scan->at != '\0')
		scan->at++;
}

static bool
take(Scan *scan, char c)
{
	skip_blanks(scan);
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

static uint32_t
hex_code(const char *at)
{
	char digits[5] = {at[0], at[1], at[2], at[3], '\0'};

	return (uint32_t) strtoul(digits, NULL, 16);
}

static bool
take_hex(Scan *scan, uint32_t *code)
{
	const char *from = scan->at;

	for (int i = 0; i < 4; i++)
	{
		if (scan->at == scan->end || !isxdigit((unsigned char) *scan->at))
			return false;
		scan->at++;
	}
	*code = hex_code(from);
	return true;
}

/* Behind \u. The database takes neither zero nor half a pair; what it refuses goes into its
 * log with what stands beside it, which may be a password. */
static bool
take_code(Scan *scan)
{
	uint32_t code, low = 0;

	if (!take_hex(scan, &code))
		return false;
	if (code >= 0xD800 && code < 0xDC00 && scan->end - scan->at >= 2 &&
		scan->at[0] == '\\' && scan->at[1] == 'u')
	{
		scan->at += 2;
		if (!take_hex(scan, &low))
			return false;
	}
	scan->foreign |= code == 0 || (code >= 0xDC00 && code < 0xE000) ||
					 (code >= 0xD800 && code < 0xDC00 && (low < 0xDC00 || low > 0xDFFF));
	return !scan->foreign;
}

/* *text is what is between the quotes, escapes as they are. */
static bool
scan_text(Scan *scan, Slice *text, bool *escaped)
{
	if (!take(scan, '"'))
		return false;
	text->at = scan->at;
	*escaped = false;
	while (scan->at < scan->end && *scan->at != '"')
	{
		char c = *scan->at++;

		if ((unsigned char) c < 0x20)
			return false;
		if (c != '\\')
			continue;
		*escaped = true;
		if (scan->at == scan->end || strchr("\"\\/bfnrtu", *scan->at) == NULL ||
			*scan->at == '\0')
			return false;
		if (*scan->at++ == 'u' && !take_code(scan))
			return false;
	}
	text->length = (size_t) (scan->at - text->at);
	return take(scan, '"');
}

/* A name with its escapes undone. A zero byte ends it: no column has such a name. */
static const char *
unescaped(Arena *arena, Slice text)
{
	static const char letters[] = "bfnrt", bytes[] = "\b\f\n\r\t";
	char *name = arena_take(arena, text.length + 1);
	char *out = name;
	const char *end = text.at + text.length;

	for (const char *at = text.at; at < end;)
	{
		if (*at != '\\')
		{
			*out++ = *at++;
			continue;
		}
		const char *letter = strchr(letters, at[1]);

		if (at[1] == 'u')
		{
			uint32_t code = hex_code(at + 2);

			at += 6;
			if (code >= 0xD800 && code < 0xDC00 && end - at >= 6 && at[0] == '\\' &&
				at[1] == 'u')
			{
				code = 0x10000 + ((code - 0xD800) << 10) + (hex_code(at + 2) & 0x3FF);
				at += 6;
			}
			out += utf8_put(code, out);
			continue;
		}
		*out++ = letter != NULL ? bytes[letter - letters] : at[1];
		at += 2;
	}
	*out = '\0';
	return name;
}

/* FNV-1a, begun with where the table happens to be: nobody can send names that collide. */
static size_t
hash_name(const Scan *scan, const char *name, size_t length)
{
	uint32_t hash = 2166136261u ^ (uint32_t) ((uintptr_t) scan->places >> 4);

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char) name[i]) * 16777619u;
	return hash >> (32 - PLACE_BITS);
}

static bool
is_name(const char *known, const char *name, size_t length)
{
	return strncmp(known, name, length) == 0 && known[length] == '\0';
}

/* The place of the name among those that are known, from 1; *place: where it is or would be
 * in the table. */
static size_t
find_name(const Scan *scan, const char *name, size_t length, size_t guess, size_t *place)
{
	const Payload *payload = scan->payload;

	/* objects mostly have their members in the same order */
	if (guess < payload->name_count && is_name(payload->names[guess], name, length))
		return guess + 1;
	*place = hash_name(scan, name, length);
	while (scan->places[*place] != 0)
	{
		size_t found = scan->places[*place];

		if (is_name(payload->names[found - 1], name, length))
			return found;
		*place = (*place + 1) % PLACES;
	}
	return 0;
}

/* False: too many names. */
static bool
note_name(Scan *scan, Slice text, bool escaped, size_t place, size_t *distinct)
{
	Payload *payload = scan->payload;
	const char *name = escaped ? unescaped(scan->arena, text) : text.at;
	size_t length = escaped ? strlen(name) : text.length;
	size_t where = 0;
	size_t found = find_name(scan, name, length, place, &where);

	if (found == 0 && scan->object > 1)
	{
		scan->uniform = false;
		return true;
	}
	if (found == 0)
	{
		size_t count = payload->name_count;

		if (count == MOST_NAMES)
			return false;
		payload->names =
			arena_room(scan->arena, payload->names, count, sizeof *payload->names);
		scan->seen = arena_room(scan->arena, scan->seen, count, sizeof *scan->seen);
		payload->names[count] = arena_copy(scan->arena, name, length);
		scan->seen[count] = 0;
		found = ++payload->name_count;
		scan->places[where] = (uint16_t) found;
	}
	if (scan->seen[found - 1] != scan->object)
	{
		scan->seen[found - 1] = scan->object;
		(*distinct)++;
	}
	return true;
}

/* named: its names are collected, or compared with those of the first one */
static bool
scan_object(Scan *scan, size_t depth, bool named)
{
	size_t place = 0, distinct = 0;

	scan->object += named;
	if (!take(scan, '{'))
		return false;
	if (!take(scan, '}'))
	{
		do
		{
			Slice text;
			bool escaped;

			if (!scan_text(scan, &text, &escaped) ||
				(named && !note_name(scan, text, escaped, place++, &distinct)) ||
				!take(scan, ':') || !scan_value(scan, depth + 1, false))
				return false;
		} while (take(scan, ','));
		if (!take(scan, '}'))
			return false;
	}
	if (named && distinct != scan->payload->name_count)
		scan->uniform = false;
	return true;
}

static bool
scan_array(Scan *scan, size_t depth, bool named)
{
	if (!take(scan, '['))
		return false;
	if (take(scan, ']'))
		return true;
	do
	{
		skip_blanks(scan);
		if (named && (scan->at == scan->end || *scan->at != '{'))
			scan->uniform = false;
		if (!scan_value(scan, depth + 1, named))
			return false;
	} while (take(scan, ','));
	return take(scan, ']');
}

static bool
scan_digits(Scan *scan)
{
	const char *from = scan->at;

	while (scan->at < scan->end && isdigit((unsigned char) *scan->at))
		scan->at++;
	return scan->at > from;
}

static bool
scan_number(Scan *scan)
{
	scan->at += scan->at < scan->end && *scan->at == '-';
	if (scan->at < scan->end && *scan->at == '0')
		scan->at++;
	else if (!scan_digits(scan))
		return false;
	if (scan->at < scan->end && *scan->at == '.')
	{
		scan->at++;
		if (!scan_digits(scan))
			return false;
	}
	if (scan->at < scan->end && (*scan->at | 0x20) == 'e')
	{
		scan->at++;
		if (scan->at < scan->end && (*scan->at == '+' || *scan->at == '-'))
			scan->at++;
		return scan_digits(scan);
	}
	return true;
}

static bool
scan_word(Scan *scan, const char *word)
{
	size_t length = strlen(word);

	if ((size_t) (scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
		return false;
	scan->at += length;
	return true;
}

static bool
scan_value(Scan *scan, size_t depth, bool named)
{
	Slice text;
	bool escaped;

	skip_blanks(scan);
	if (depth > MOST_DEPTH || scan->at == scan->end)
		return false;
	switch (*scan->at)
	{
		case '{':
			return scan_object(scan, depth, named);
		case '[':
			return scan_array(scan, depth, named && depth == 0);
		case '"':
			return scan_text(scan, &text, &escaped);
		case 't':
			return scan_word(scan, "true");
		case 'f':
			return scan_word(scan, "false");
		case 'n':
			return scan_word(scan, "null");
		default:
			return scan_number(scan);
	}
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* The whole text is one document. */
static bool
scan_document(Scan *scan, bool named, RestError *error)
{
	bool valid = scan_value(scan, 0, named);

	skip_blanks(scan);
	if (valid && scan->at == scan->end)
		return true;
	return rest_error(
		error, scan->arena, "PGRST102",
		scan->foreign ? "\\u0000 and half a surrogate pair are no characters." : NULL,
		NULL, "Empty or invalid json");
}

bool
payload_check(Arena *arena, Slice text, RestError *error)
{
	Scan scan = {.arena = arena, .at = text.at, .end = text.at + text.length};

	return scan_document(&scan, false, error);
}

bool
payload_scan(Arena *arena, Slice text, Payload *payload, RestError *error)
{
	Scan scan = {
		.arena = arena,
		.at = text.at,
		.end = text.at + text.length,
		.payload = payload,
		.places = arena_take(arena, PLACES * sizeof(uint16_t)),
		.uniform = true,
	};
	char first;

	skip_blanks(&scan);
	first = scan.at < scan.end ? *scan.at : '\0';
	if (!scan_document(&scan, true, error))
		return false;
	if (!scan.uniform)
		return rest_error(error, arena, "PGRST102", NULL, NULL,
						  "All object keys must match");
	if (payload->name_count > 1)
		qsort(payload->names, payload->name_count, sizeof *payload->names, by_name);
	payload->array = first != '{';
	payload->json = first == '{' || first == '[' ? text.at : "[]";
	payload->length = first == '{' || first == '[' ? text.length : 2;
	return true;
}
