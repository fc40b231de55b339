/*
 * rest/sql.c
 *	  Writing SQL: text, quoted names, parameters.
 */
#include "rest/sql.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
sql_init(SqlText *sql, Arena *arena)
{
	*sql = (SqlText){.arena = arena};
	buffer_init(&sql->text);
}

void
sql_free(SqlText *sql)
{
	buffer_free(&sql->text);
}

static void
put(SqlText *sql, const char *text, size_t length)
{
	if (sql->full || length > SQL_MOST_BYTES - sql->text.length)
		sql->full = true;
	else
		buffer_append(&sql->text, text, length);
}

void
sql_puts(SqlText *sql, const char *text)
{
	put(sql, text, strlen(text));
}

void
sql_printf(SqlText *sql, const char *format, ...)
{
	va_list args;
	char text[512];

	va_start(args, format);
	(void) vsnprintf(text, sizeof text, format, args);
	va_end(args);
	sql_puts(sql, text);
}

static void
quote(SqlText *sql, const char *text, char mark)
{
	const char *next;

	put(sql, &mark, 1);
	for (; (next = strchr(text, mark)) != NULL; text = next + 1)
	{
		put(sql, text, (size_t) (next - text) + 1);
		put(sql, &mark, 1);
	}
	sql_puts(sql, text);
	put(sql, &mark, 1);
}

void
sql_name(SqlText *sql, const char *name)
{
	quote(sql, name, '"');
}

void
sql_names(SqlText *sql, const char *space, const char *name)
{
	if (space != NULL)
	{
		sql_name(sql, space);
		sql_puts(sql, ".");
	}
	sql_name(sql, name);
}

void
sql_literal(SqlText *sql, const char *text)
{
	if (strchr(text, '\\') == NULL)
	{
		quote(sql, text, '\'');
		return;
	}
	sql_puts(sql, " E'");
	for (; *text != '\0'; text++)
	{
		if (*text == '\'' || *text == '\\')
			put(sql, text, 1);
		put(sql, text, 1);
	}
	sql_puts(sql, "'");
}

void
sql_bytes(SqlText *sql, const char *bytes, size_t length)
{
	size_t count = sql->value_count;

	sql->full = sql->full || count == SQL_MOST_VALUES;
	if (sql->full)
		return;
	sql->values = arena_room(sql->arena, sql->values, count, sizeof *sql->values);
	sql->lengths = arena_room(sql->arena, sql->lengths, count, sizeof *sql->lengths);
	sql->values[count] = bytes;
	sql->lengths[count] = length;
	sql->value_count++;
	sql_printf(sql, "$%zu", sql->value_count);
}

void
sql_value(SqlText *sql, const char *value)
{
	sql_bytes(sql, value, value != NULL ? strlen(value) : 0);
}
