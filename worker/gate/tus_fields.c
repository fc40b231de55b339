/*
 * gate/tus_fields.c
 *	  What the fields of the tus protocol say.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "gate/base64url.h"
#include "gate/tus_parts.h"

#define MOST_DIGITS   18
#define MOST_METADATA 16384

static const char hex_digits[] = "0123456789abcdef";

bool
tus_number(Request *request, const char *name, int64_t *number)
{
	const Slice *field = head_field(&request->exchange->head, name);

	*number = -1;
	if (field == NULL)
		return true;
	if (field->length == 0 || field->length > MOST_DIGITS ||
		strspn(arena_copy(&request->arena, field->at, field->length), "0123456789") !=
			field->length)
		return false;
	*number = strtoll(arena_copy(&request->arena, field->at, field->length), NULL, 10);
	return true;
}

/* Base64 as it is usually written; the padding may be missing. */
static bool
decode(Arena *arena, Slice text, unsigned char **bytes, size_t *length)
{
	char *copy = arena_copy(arena, text.at, text.length);
	size_t used = text.length;

	if (memchr(copy, '-', used) != NULL || memchr(copy, '_', used) != NULL)
		return false;
	for (int i = 0; i < 2 && used > 0 && copy[used - 1] == '='; i++)
		used--;
	for (size_t i = 0; i < used; i++)
		if (copy[i] == '+')
			copy[i] = '-';
		else if (copy[i] == '/')
			copy[i] = '_';
	return base64url_read(arena, (Slice){copy, used}, bytes, length);
}

static Slice
trimmed(const char *at, size_t length)
{
	while (length > 0 && *at == ' ')
	{
		at++;
		length--;
	}
	while (length > 0 && at[length - 1] == ' ')
		length--;
	return (Slice){at, length};
}

/* What clients say of a file that LEAP finds out by itself, or does not want to know. */
static bool
is_idle(const char *key)
{
	static const char *const idle[] = {"filetype", "type", "relativePath"};

	for (size_t i = 0; i < sizeof idle / sizeof idle[0]; i++)
		if (strcmp(key, idle[i]) == 0)
			return true;
	return false;
}

/* "key base64" or "key". */
static bool
take_pair(Upload *upload, Slice pair)
{
	Arena *arena = &upload->request->arena;
	const char *blank = memchr(pair.at, ' ', pair.length);
	size_t key_length = blank != NULL ? (size_t) (blank - pair.at) : pair.length;
	const char *key = arena_copy(arena, pair.at, key_length);
	unsigned char *value = (unsigned char *) arena_take(arena, 1);
	size_t length = 0;

	if (key_length == 0 ||
		(blank != NULL &&
		 !decode(arena, trimmed(blank, pair.length - key_length), &value, &length)) ||
		memchr(value, '\0', length) != NULL)
		return false;
	if (strcmp(key, "filename") == 0 || strcmp(key, "name") == 0)
	{
		free(upload->name);
		upload->name = array_text((const char *) value);
		return true;
	}
	return is_idle(key) || upload_add_option(upload->options, key, (const char *) value);
}

bool
tus_read_metadata(Request *request, Upload *upload)
{
	const Slice *field = head_field(&request->exchange->head, "upload-metadata");
	Slice rest;

	upload->name = array_text("");
	upload->options = cJSON_CreateObject();
	if (field == NULL || field->length == 0)
		return true;
	if (field->length > MOST_METADATA)
		return false;
	upload->tus->metadata =
		array_text(arena_copy(&request->arena, field->at, field->length));
	for (rest = *field; rest.length > 0;)
	{
		const char *comma = memchr(rest.at, ',', rest.length);
		size_t length = comma != NULL ? (size_t) (comma - rest.at) : rest.length;

		if (!take_pair(upload, trimmed(rest.at, length)))
			return false;
		length += comma != NULL;
		rest = (Slice){rest.at + length, rest.length - length};
	}
	return true;
}

bool
tus_read_checksum(Request *request, Upload *upload)
{
	const Slice *field = head_field(&request->exchange->head, "upload-checksum");
	Tus *tus = upload->tus;
	const char *blank;
	unsigned char *digest;
	size_t length;
	Slice name;

	if (field == NULL)
		return true;
	blank = memchr(field->at, ' ', field->length);
	name = (Slice){field->at, blank != NULL ? (size_t) (blank - field->at) : 0};
	tus->wants_sha1 = slice_is(name, "sha1");
	if ((!tus->wants_sha1 && !slice_is(name, "sha256")) ||
		!decode(&request->arena, trimmed(blank, field->length - name.length), &digest,
				&length) ||
		length != (tus->wants_sha1 ? 20 : 32))
	{
		tus_refuse(request, 400, "LP030", "the checksum cannot be read",
				   "It is sha1 or sha256, a blank, and the digest in base64.");
		return false;
	}
	for (size_t i = 0; i < length; i++)
	{
		tus->wanted[2 * i] = hex_digits[digest[i] >> 4];
		tus->wanted[2 * i + 1] = hex_digits[digest[i] & 15];
	}
	tus->has_check = true;
	return true;
}

bool
tus_has_type(const Request *request)
{
	const Slice *type = head_field(&request->exchange->head, "content-type");

	return type != NULL && slice_is_any_case(*type, "application/offset+octet-stream");
}
