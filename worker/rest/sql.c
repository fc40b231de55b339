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

void
sql_puts(SqlText *sql, const char *text)
{
	buffer_puts(&sql->text, text);
}

void
sql_printf(SqlText *sql, const char *format, ...)
{
	va_list args;
	char text[512];

	va_start(args, format);
	(void) vsnprintf(text, sizeof text, format, args);
	va_end(args);
	buffer_puts(&sql->text, text);
}

static void
quote(SqlText *sql, const char *text, char mark)
{
	buffer_append(&sql->text, &mark, 1);
	for (; *text != '\0'; text++)
	{
		if (*text == mark)
			buffer_append(&sql->text, &mark, 1);
		buffer_append(&sql->text, text, 1);
	}
	buffer_append(&sql->text, &mark, 1);
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
			buffer_append(&sql->text, text, 1);
		buffer_append(&sql->text, text, 1);
	}
	sql_puts(sql, "'");
}

void
sql_bytes(SqlText *sql, const char *bytes, size_t length)
{
	size_t count = sql->value_count;

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
