/*
 * source/entries_text.c
 *	  A link a line, or CSV (RFC 4180) with named columns.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "source/entries.h"
#include "source/moment.h"

#define MOST_COLUMNS 64

typedef enum Column
{
	COLUMN_URL,
	COLUMN_ID,
	COLUMN_TITLE,
	COLUMN_AUTHOR,
	COLUMN_START,
	COLUMN_DURATION,
	COLUMN_BYTES,
	COLUMN_COUNT
} Column;

static const struct
{
	const char *name;
	Column column;
} column_names[] = {
	{"url",        COLUMN_URL     },
	{"link",       COLUMN_URL     },
	{"id",         COLUMN_ID      },
	{"title",      COLUMN_TITLE   },
	{"name",       COLUMN_TITLE   },
	{"author",     COLUMN_AUTHOR  },
	{"date",       COLUMN_START   },
	{"start",      COLUMN_START   },
	{"time",       COLUMN_START   },
	{"start_time", COLUMN_START   },
	{"duration",   COLUMN_DURATION},
	{"bytes",      COLUMN_BYTES   },
	{"size",       COLUMN_BYTES   },
};

/* A line of CSV, taken apart in place. */
typedef struct Fields
{
	char *text[MOST_COLUMNS];
	size_t count;
} Fields;

typedef struct Table
{
	const EntryReader *reader;
	char separator;
	int place[COLUMN_COUNT]; /* -1 = there is no such column */
	int line;
} Table;

/* Takes one field and returns what is behind it; quotes may hold separators, line ends and,
 * doubled, quotes. */
static char *
take_field(char *at, char separator, char **field)
{
	char *to;

	if (*at != '"')
	{
		char stops[] = {separator, '\n', '\0'};

		*field = at;
		return at + strcspn(at, stops);
	}
	to = *field = ++at;
	while (*at != '\0' && !(at[0] == '"' && at[1] != '"'))
	{
		at += *at == '"';
		*to++ = *at++;
	}
	at += *at == '"';
	while (*at != '\0' && *at != separator && *at != '\n')
		at++;
	if (to < at)
		*to = '\0';
	return at;
}

static char *
trim(char *text)
{
	size_t length;

	text += strspn(text, " \t\r");
	length = strlen(text);
	while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
		text[--length] = '\0';
	return text;
}

/* Takes a row apart and returns the start of the next, NULL behind the last. */
static char *
take_row(char *at, char separator, Fields *fields)
{
	fields->count = 0;
	for (;;)
	{
		char *field;
		char end;

		at = take_field(at, separator, &field);
		end = *at;
		*at = '\0';
		if (fields->count < MOST_COLUMNS)
			fields->text[fields->count++] = trim(field);
		if (end == '\0')
			return NULL;
		at++;
		if (end == '\n')
			return at;
	}
}

/* Is this the first line of a table? */
static bool
read_heading(char *line, Table *table)
{
	Fields fields;

	table->separator = strchr(line, '\t') != NULL  ? '\t'
					   : strchr(line, ';') != NULL ? ';'
												   : ',';
	for (int i = 0; i < COLUMN_COUNT; i++)
		table->place[i] = -1;
	(void) take_row(line, table->separator, &fields);
	for (size_t i = 0; i < fields.count; i++)
		for (size_t n = 0; n < sizeof column_names / sizeof column_names[0]; n++)
			if (strcasecmp(fields.text[i], column_names[n].name) == 0 &&
				table->place[column_names[n].column] < 0)
				table->place[column_names[n].column] = (int) i;
	return table->place[COLUMN_URL] >= 0;
}

static const char *
field_at(const Table *table, const Fields *fields, Column column)
{
	int place = table->place[column];

	return place >= 0 && (size_t) place < fields->count && fields->text[place][0] != '\0'
			   ? fields->text[place]
			   : NULL;
}

static int64_t
size_of(const char *text)
{
	size_t length = strlen(text);

	return length >= 1 && length <= 15 && strspn(text, "0123456789") == length
			   ? strtoll(text, NULL, 10)
			   : -1;
}

static bool
take_entry(const Table *table, const Fields *fields)
{
	Entry entry = ENTRY_UNKNOWN;
	const char *start = field_at(table, fields, COLUMN_START);
	const char *duration = field_at(table, fields, COLUMN_DURATION);
	const char *bytes = field_at(table, fields, COLUMN_BYTES);
	char message[96];

	entry.url = field_at(table, fields, COLUMN_URL);
	entry.id = field_at(table, fields, COLUMN_ID);
	entry.title = field_at(table, fields, COLUMN_TITLE);
	entry.author = field_at(table, fields, COLUMN_AUTHOR);
	entry.start_time = start != NULL ? moment_read(start) : -1;
	entry.duration = duration != NULL ? moment_read_length(duration) : -1;
	entry.bytes = bytes != NULL ? size_of(bytes) : -1;
	if (entry.url != NULL && start != NULL && entry.start_time < 0)
	{
		snprintf(message, sizeof message,
				 "row %d: its time is not understood, write it like 2026-03-04 10:00",
				 table->line);
		table->reader->problem(table->reader->arg, message);
	}
	if (entry.url != NULL)
		return table->reader->take(table->reader->arg, &entry);
	if (fields->count == 1 && fields->text[0][0] == '\0')
		return true;
	snprintf(message, sizeof message, "row %d names no url", table->line);
	table->reader->problem(table->reader->arg, message);
	return true;
}

static void
read_table(char *at, Table *table)
{
	Fields fields;

	for (table->line = 2; at != NULL && *at != '\0'; table->line++)
	{
		at = take_row(at, table->separator, &fields);
		if (!take_entry(table, &fields))
			return;
	}
}

static void
read_lines(char *at, const EntryReader *reader)
{
	while (at != NULL && *at != '\0')
	{
		Entry entry = ENTRY_UNKNOWN;
		char *end = strchr(at, '\n');
		char *title;

		if (end != NULL)
			*end++ = '\0';
		at = trim(at);
		title = strchr(at, '\t');
		if (title != NULL)
			*title++ = '\0';
		entry.url = trim(at);
		entry.title = title != NULL ? trim(title) : NULL;
		if (entry.url[0] != '\0' && entry.url[0] != '#' &&
			!reader->take(reader->arg, &entry))
			return;
		at = end;
	}
}

bool
entries_read_text(const char *text, size_t length, const EntryReader *reader, Error *err)
{
	CLEANUP(buffer) Buffer whole;
	CLEANUP(free) char *heading = NULL;
	Table table = {.reader = reader};
	size_t first;

	(void) err;
	buffer_init(&whole);
	buffer_append(&whole, text, length);
	first = strcspn(whole.data, "\n");
	heading = array_text(whole.data);
	heading[first] = '\0';
	if (read_heading(heading, &table))
		read_table(whole.data + first + (whole.data[first] == '\n'), &table);
	else
		read_lines(whole.data, reader);
	return true;
}
