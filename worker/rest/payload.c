/*
 * rest/payload.c
 *	  Bodies that are no JSON become JSON: a form one object, CSV an array of them.
 */
#include "rest/payload.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/cleanup.h"

#define MOST_PAIRS  10000 /* of a form */
#define MOST_GROWTH 16    /* JSON tells the names of a CSV's columns with each line */

static const struct
{
	const char *type;
	PayloadType payload;
} types[] = {
	{"application/json",                  PAYLOAD_JSON  },
	{"application/x-www-form-urlencoded", PAYLOAD_FORM  },
	{"text/csv",						  PAYLOAD_CSV   },
	{"text/plain",						PAYLOAD_TEXT  },
	{"text/xml",						  PAYLOAD_XML   },
	{"application/octet-stream",          PAYLOAD_OCTETS},
};

static bool
find_type(const char *text, PayloadType *type)
{
	size_t length = strcspn(text, "; ");

	*type = PAYLOAD_JSON;
	for (size_t i = 0; i < sizeof types / sizeof types[0] && length > 0; i++)
	{
		if (strlen(types[i].type) != length ||
			strncasecmp(types[i].type, text, length) != 0)
			continue;
		*type = types[i].payload;
		return true;
	}
	return length == 0;
}

/* Texts end at a zero, here and in the database: what follows would be lost, unseen. */
static bool
has_zero(Arena *arena, Slice body, PayloadType type)
{
	if (body.length == 0 || type == PAYLOAD_OCTETS)
		return false;
	return memchr(body.at, '\0', body.length) != NULL ||
		   (type == PAYLOAD_FORM &&
			strstr(arena_copy(arena, body.at, body.length), "%00") != NULL);
}

bool
payload_type(Arena *arena, const RestRequest *request, PayloadType *type,
			 RestError *error)
{
	Slice said = request->content_type;
	const char *text = arena_copy(arena, said.length > 0 ? said.at : "", said.length);

	if (!find_type(text, type))
		return rest_error(error, arena, "PGRST102", NULL, NULL,
						  "Content-Type not acceptable: %s", text);
	return !has_zero(arena, request->body, *type) ||
		   rest_error(error, arena, "PGRST102", NULL, NULL,
					  "The body has a zero byte, which no text can hold");
}

bool
payload_is_text(Arena *arena, const RestRequest *request, bool *refused, RestError *error)
{
	static const char *const kinds[] = {"text/plain", "text/vtt", "text/srt",
										"application/x-subrip",
										"application/octet-stream"};
	Slice said = request->content_type;
	const char *text = arena_copy(arena, said.length > 0 ? said.at : "", said.length);
	const char *body = request->body.at;
	size_t length = strcspn(text, "; ");
	size_t blanks = 0;
	bool is = false;

	while (blanks < request->body.length && isspace((unsigned char) body[blanks]))
		blanks++;
	if (length == 0)
		is = blanks < request->body.length && body[blanks] != '{';
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && length > 0 && !is; i++)
		is = strlen(kinds[i]) == length && strncasecmp(kinds[i], text, length) == 0;
	*refused = is && has_zero(arena, request->body, PAYLOAD_TEXT);
	if (*refused)
		(void) rest_error(error, arena, "PGRST102", NULL, "Send it in UTF-8.",
						  "The body has a zero byte, which no text can hold");
	return is;
}

/* A JSON text; bytes that are no UTF-8 are left to the database, which refuses them. */
static void
put_text(Buffer *json, const char *text, size_t length)
{
	buffer_puts(json, "\"");
	for (size_t i = 0; i < length; i++)
	{
		if (text[i] == '"' || text[i] == '\\')
			buffer_printf(json, "\\%c", text[i]);
		else if ((unsigned char) text[i] < 0x20)
			buffer_printf(json, "\\u%04x", (unsigned) text[i]);
		else
			buffer_append(json, text + i, 1);
	}
	buffer_puts(json, "\"");
}

static int
hex(char c)
{
	return isdigit((unsigned char) c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

static const char *
decoded(Arena *arena, const char *at, const char *end)
{
	char *text = arena_take(arena, (size_t) (end - at) + 1);
	size_t used = 0;

	for (; at < end; at++)
	{
		if (*at == '%' && end - at > 2 && isxdigit((unsigned char) at[1]) &&
			isxdigit((unsigned char) at[2]))
		{
			text[used++] = (char) (hex(at[1]) * 16 + hex(at[2]));
			at += 2;
		}
		else
			text[used++] = *at == '+' ? ' ' : *at;
	}
	return text;
}

void
payload_pairs(Arena *arena, Slice text, QueryPair **pairs, size_t *count)
{
	const char *at = text.at;
	const char *end = text.at + text.length;

	*pairs = NULL;
	*count = 0;
	while (at < end)
	{
		const char *next = memchr(at, '&', (size_t) (end - at));
		const char *stop = next != NULL ? next : end;
		const char *equals = memchr(at, '=', (size_t) (stop - at));

		if (stop > at)
		{
			*pairs = arena_room(arena, *pairs, *count, sizeof **pairs);
			(*pairs)[*count] = (QueryPair){
				.name = decoded(arena, at, equals != NULL ? equals : stop),
				.value = decoded(arena, equals != NULL ? equals + 1 : stop, stop),
			};
			(*count)++;
		}
		at = stop + 1;
	}
}

const char *
payload_array(Arena *arena, const char *const *values, size_t count)
{
	CLEANUP(buffer) Buffer text;

	buffer_init(&text);
	buffer_puts(&text, "{");
	for (size_t i = 0; i < count; i++)
	{
		buffer_puts(&text, i > 0 ? ",\"" : "\"");
		for (const char *c = values[i]; *c != '\0'; c++)
		{
			if (*c == '"' || *c == '\\')
				buffer_puts(&text, "\\");
			buffer_append(&text, c, 1);
		}
		buffer_puts(&text, "\"");
	}
	buffer_puts(&text, "}");
	return arena_copy(arena, text.data, text.length);
}

/* Of pairs with the same name the last one counts, as in JSON itself. */
static bool
read_form(Arena *arena, Slice body, Payload *payload, RestError *error)
{
	CLEANUP(buffer) Buffer json;

	buffer_init(&json);
	payload_pairs(arena, body, &payload->pairs, &payload->pair_count);
	if (payload->pair_count > MOST_PAIRS)
		return rest_error(error, arena, "PGRST102", NULL, "Send JSON instead.",
						  "The form has more than %d fields", MOST_PAIRS);
	buffer_puts(&json, "{");
	for (size_t i = 0; i < payload->pair_count; i++)
	{
		const QueryPair *pair = &payload->pairs[i];

		buffer_puts(&json, i > 0 ? "," : "");
		put_text(&json, pair->name, strlen(pair->name));
		buffer_puts(&json, ":");
		put_text(&json, pair->value, strlen(pair->value));
	}
	buffer_puts(&json, "}");
	return payload_scan(arena,
						(Slice){arena_copy(arena, json.data, json.length), json.length},
						payload, error);
}

/* One field of CSV into *field; *more: another one follows in the line. */
static const char *
csv_field(const char *at, const char *end, Buffer *field, bool *quoted, bool *more)
{
	buffer_clear(field);
	*quoted = at < end && *at == '"';
	if (*quoted)
	{
		for (at++; at < end && (*at != '"' || (end - at > 1 && at[1] == '"')); at++)
		{
			buffer_append(field, at, 1);
			at += *at == '"';
		}
		at += at < end;
	}
	while (at < end && *at != ',' && *at != '\n' && *at != '\r')
		buffer_append(field, at++, 1);
	*more = at < end && *at == ',';
	if (*more)
		return at + 1;
	at += at < end && *at == '\r';
	at += at < end && *at == '\n';
	return at;
}

typedef struct Csv
{
	const char *at;
	const char *end;
	const char **names;
	size_t name_count;
	Buffer field;
} Csv;

static void
csv_names(Arena *arena, Csv *csv)
{
	bool quoted, more = true;

	while (more)
	{
		csv->at = csv_field(csv->at, csv->end, &csv->field, &quoted, &more);
		csv->names = arena_room(arena, csv->names, csv->name_count, sizeof *csv->names);
		csv->names[csv->name_count++] =
			arena_copy(arena, csv->field.data, csv->field.length);
	}
}

/* False: the line has more or fewer fields than the first one. */
static bool
csv_row(Csv *csv, Buffer *json)
{
	bool quoted, more = true;
	size_t column = 0;

	while (more)
	{
		csv->at = csv_field(csv->at, csv->end, &csv->field, &quoted, &more);
		if (column == csv->name_count)
			return false;
		buffer_puts(json, column > 0 ? "," : "{");
		put_text(json, csv->names[column], strlen(csv->names[column]));
		buffer_puts(json, ":");
		if (!quoted && strcmp(csv->field.data, "NULL") == 0)
			buffer_puts(json, "null");
		else
			put_text(json, csv->field.data, csv->field.length);
		column++;
	}
	buffer_puts(json, "}");
	return column == csv->name_count;
}

static bool
read_csv(Arena *arena, Slice body, Payload *payload, RestError *error)
{
	CLEANUP(buffer) Buffer json;
	Csv csv = {.at = body.at, .end = body.at + body.length};
	size_t most = body.length * MOST_GROWTH + 65536;
	bool whole = true;

	buffer_init(&json);
	buffer_init(&csv.field);
	buffer_puts(&json, "[");
	if (body.length > 0)
		csv_names(arena, &csv);
	while (whole && csv.at < csv.end && json.length <= most)
	{
		buffer_puts(&json, json.length > 1 ? "," : "");
		whole = csv_row(&csv, &json);
	}
	buffer_puts(&json, "]");
	buffer_free(&csv.field);
	if (json.length > most)
		return rest_error(error, arena, "PGRST102", NULL, "Send JSON instead.",
						  "The lines of the CSV are too short for its header: it would "
						  "grow more than %d times",
						  MOST_GROWTH);
	if (!whole)
		return rest_error(error, arena, "PGRST102", NULL, NULL,
						  "All lines must have same number of fields");
	return payload_scan(arena,
						(Slice){arena_copy(arena, json.data, json.length), json.length},
						payload, error);
}

/* The names are those of ?columns=, whatever the body has. */
static void
read_named(Slice body, const RestQuery *query, Payload *payload)
{
	size_t blanks = 0;

	while (blanks < body.length && strchr(" \t\r\n", body.at[blanks]) != NULL)
		blanks++;
	payload->array = blanks < body.length && body.at[blanks] == '[';
	payload->json = body.at;
	payload->length = body.length;
	payload->names = query->columns;
	payload->name_count = query->column_count;
}

bool
payload_read(Arena *arena, Slice body, const RestQuery *query, bool optional,
			 Payload *payload, RestError *error)
{
	bool read;

	if (payload->type == PAYLOAD_JSON && query->columns != NULL)
	{
		read_named(body, query, payload);
		return payload_check(arena, body, error);
	}
	if (payload->type == PAYLOAD_JSON && body.length == 0 && optional)
		body = (Slice){"{}", 2};
	if (payload->type == PAYLOAD_FORM)
		read = read_form(arena, body, payload, error);
	else if (payload->type == PAYLOAD_CSV)
		read = read_csv(arena, body, payload, error);
	else
		read = payload_scan(arena, body, payload, error);
	if (read && query->columns != NULL)
	{
		payload->names = query->columns;
		payload->name_count = query->column_count;
	}
	return read;
}
