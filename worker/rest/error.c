/*
 * rest/error.c
 *	  Codes and their statuses, and the document of an error.
 */
#include "rest/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

typedef struct CodeStatus
{
	const char *code; /* of SQLSTATEs: how they begin */
	int status;
} CodeStatus;

/* What this program says itself. */
static const CodeStatus codes[] = {
	{"PGRST000", 503},
    {"PGRST001", 503},
    {"PGRST002", 503},
    {"PGRST003", 504},
	{"PGRST100", 400},
    {"PGRST101", 405},
    {"PGRST102", 400},
    {"PGRST103", 416},
	{"PGRST105", 405},
    {"PGRST106", 406},
    {"PGRST107", 406},
    {"PGRST108", 400},
	{"PGRST114", 400},
    {"PGRST115", 400},
    {"PGRST116", 406},
    {"PGRST117", 405},
	{"PGRST118", 400},
    {"PGRST120", 400},
    {"PGRST122", 400},
    {"PGRST123", 400},
	{"PGRST124", 400},
    {"PGRST125", 404},
    {"PGRST126", 404},
    {"PGRST127", 400},
	{"PGRST128", 400},
    {"PGRST200", 400},
    {"PGRST201", 300},
    {"PGRST202", 404},
	{"PGRST203", 300},
    {"PGRST204", 400},
    {"PGRST205", 404},
    {"PGRST301", 401},
	{"PGRST302", 401},
    {"PGRST303", 401},
};

/* What the database says; of two that fit the first one counts. The rest is 400. */
static const CodeStatus sqlstates[] = {
	{"08",    503},
    {"09",    500},
    {"0L",    403},
    {"0P",    403},
    {"21000", 500},
	{"23503", 409},
    {"23505", 409},
    {"25006", 405},
    {"25",    500},
    {"28",    403},
	{"2D",    500},
    {"38",    500},
    {"39",    500},
    {"3B",    500},
    {"40",    500},
	{"42883", 404},
    {"42P01", 404},
    {"42P17", 500},
    {"53400", 500},
    {"53",    503},
	{"54",    500},
    {"55",    500},
    {"57P01", 503},
    {"57",    500},
    {"58",    500},
	{"F0",    500},
    {"HV",    500},
    {"LP006", 422},
    {"LP010", 429},
    {"LP020", 404},
	{"LP03",  422},
    {"LP040", 401},
    {"LP041", 426},
    {"LP042", 401},
    {"LP043", 403},
	{"LP044", 429},
    {"LP",    409},
    {"P0001", 400},
    {"P0",    500},
    {"XX",    500},
};

static int
status_of(const CodeStatus *table, size_t count, const char *code, int otherwise)
{
	for (size_t i = 0; i < count; i++)
	{
		if (strncmp(table[i].code, code, strlen(table[i].code)) == 0)
			return table[i].status;
	}
	return otherwise;
}

int
rest_code_status(const char *code)
{
	return status_of(codes, sizeof codes / sizeof codes[0], code, 500);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), wanted = strlen(end);

	return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

static bool
begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* "PT404" asks for that status; a number that is none of an answer is a mistake. */
static int
asked_status(const char *sqlstate)
{
	char *end;
	long status = strtol(sqlstate + 2, &end, 10);

	return *end == '\0' && status >= 200 && status <= 599 ? (int) status : 500;
}

int
rest_sqlstate_status(const char *sqlstate, const char *message, bool authenticated)
{
	if (begins_with(sqlstate, "PGRST"))
		return rest_code_status(sqlstate);
	if (begins_with(sqlstate, "PT"))
		return asked_status(sqlstate);
	if (strcmp(sqlstate, "42501") == 0)
		return authenticated ? 403 : 401;
	if (strcmp(sqlstate, "21000") == 0 && ends_with(message, "requires a WHERE clause"))
		return 400;
	if (strcmp(sqlstate, "22023") == 0 && begins_with(message, "role ") &&
		ends_with(message, "does not exist"))
		return 401;
	if (strcmp(sqlstate, "42883") == 0 && begins_with(message, "function xmlagg("))
		return 406;
	return status_of(sqlstates, sizeof sqlstates / sizeof sqlstates[0], sqlstate, 400);
}

bool
rest_error(RestError *error, Arena *arena, const char *code, const char *details,
		   const char *hint, const char *format, ...)
{
	va_list args, again;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	char *message = arena_take(arena, (size_t) length + 1);

	(void) vsnprintf(message, (size_t) length + 1, format, args);
	va_end(args);
	*error = (RestError){
		.status = rest_code_status(code),
		.code = code,
		.message = message,
		.details = details,
		.hint = hint,
	};
	return false;
}

/* What is no UTF-8 (a URL may say anything) becomes U+FFFD. */
static void
put_text(Buffer *body, const char *text)
{
	buffer_puts(body, "\"");
	while (*text != '\0')
	{
		char bytes[4];
		uint32_t code = utf8_next(&text);

		if (code == '"' || code == '\\')
			buffer_printf(body, "\\%c", (char) code);
		else if (code == '\n')
			buffer_puts(body, "\\n");
		else if (code == '\t')
			buffer_puts(body, "\\t");
		else if (code == '\r')
			buffer_puts(body, "\\r");
		else if (code < 0x20)
			buffer_printf(body, "\\u%04x", (unsigned) code);
		else
			buffer_append(body, bytes, utf8_put(code, bytes));
	}
	buffer_puts(body, "\"");
}

static void
put_member(Buffer *body, const char *name, const char *value, bool json)
{
	buffer_printf(body, "\"%s\":", name);
	if (value == NULL)
		buffer_puts(body, "null");
	else if (json)
		buffer_puts(body, value);
	else
		put_text(body, value);
}

void
rest_error_body(const RestError *error, Buffer *body)
{
	buffer_puts(body, "{");
	put_member(body, "code", error->code, false);
	buffer_puts(body, ",");
	put_member(body, "details", error->details, error->details_json);
	buffer_puts(body, ",");
	put_member(body, "hint", error->hint, false);
	buffer_puts(body, ",");
	put_member(body, "message", error->message, false);
	buffer_puts(body, "}");
}
