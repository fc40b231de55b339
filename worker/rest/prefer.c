/*
 * rest/prefer.c
 *	  Reading the Prefer field, and saying what was done of it.
 */
#include "rest/prefer.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MOST_TOLD 1000 /* bytes of an error that tells what is invalid */

/* A token: which preference it sets (an offset into Prefer), and to what. */
typedef struct Token
{
	const char *word;
	size_t offset;
	int value;
} Token;

#define AT(member) offsetof(Prefer, member)

/* In the order in which Preference-Applied tells them. */
static const Token tokens[] = {
	{"resolution=merge-duplicates",  AT(resolution), RESOLUTION_MERGE     },
	{"resolution=ignore-duplicates", AT(resolution), RESOLUTION_IGNORE    },
	{"missing=default",              AT(missing),    MISSING_DEFAULT      },
	{"missing=null",                 AT(missing),    MISSING_NULL         },
	{"return=representation",        AT(returns),    RETURN_REPRESENTATION},
	{"return=headers-only",          AT(returns),    RETURN_HEADERS_ONLY  },
	{"return=minimal",               AT(returns),    RETURN_MINIMAL       },
	{"count=exact",                  AT(count),      COUNT_EXACT          },
	{"count=planned",                AT(count),      COUNT_PLANNED        },
	{"count=estimated",              AT(count),      COUNT_ESTIMATED      },
	{"tx=commit",					AT(end),        END_COMMIT           },
	{"tx=rollback",                  AT(end),        END_ROLLBACK         },
	{"handling=strict",              AT(handling),   HANDLING_STRICT      },
	{"handling=lenient",             AT(handling),   HANDLING_LENIENT     },
};

#define TOKENS (sizeof tokens / sizeof tokens[0])

/* All members that tokens set are enums, which begin with 0 = unsaid. */
static int
get_member(const Prefer *prefer, size_t offset)
{
	int value;

	memcpy(&value, (const char *) prefer + offset, sizeof value);
	return value;
}

static void
set_member(Prefer *prefer, size_t offset, int value)
{
	memcpy((char *) prefer + offset, &value, sizeof value);
}

_Static_assert(sizeof(PreferReturn) == sizeof(int), "an enum is kept as an int");

/* What follows `name` when the text begins with it. */
static const char *
after(const char *text, const char *name)
{
	size_t length = strlen(name);

	return strncmp(text, name, length) == 0 ? text + length : NULL;
}

static void
read_number(Prefer *prefer, const char *text)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (prefer->max_affected < 0 && errno == 0 && end != text && *end == '\0' &&
		number >= 0)
		prefer->max_affected = number;
}

/* What is said first counts. */
static void
read_token(Arena *arena, const char *text, Prefer *prefer)
{
	const char *value;

	for (size_t i = 0; i < TOKENS; i++)
	{
		if (strcmp(tokens[i].word, text) != 0)
			continue;
		if (get_member(prefer, tokens[i].offset) == 0)
			set_member(prefer, tokens[i].offset, tokens[i].value);
		return;
	}
	if ((value = after(text, "timezone=")) != NULL)
		prefer->timezone = prefer->timezone != NULL ? prefer->timezone : value;
	else if ((value = after(text, "max-affected=")) != NULL)
		read_number(prefer, value);
	else if (prefer->invalid == NULL)
		prefer->invalid = text;
	else if (strlen(prefer->invalid) < MOST_TOLD)
		prefer->invalid = arena_printf(arena, "%s, %s", prefer->invalid, text);
}

void
prefer_read(Arena *arena, Slice field, bool end_allowed, Prefer *prefer)
{
	const char *at = field.length > 0 ? field.at : "";
	const char *end = at + field.length;

	*prefer = (Prefer){.max_affected = -1};
	while (at < end)
	{
		const char *comma = memchr(at, ',', (size_t) (end - at));
		const char *stop = comma != NULL ? comma : end;
		const char *next = stop + 1;

		while (at < stop && isspace((unsigned char) *at))
			at++;
		while (stop > at && isspace((unsigned char) stop[-1]))
			stop--;
		if (stop > at)
			read_token(arena, arena_copy(arena, at, (size_t) (stop - at)), prefer);
		at = next;
	}
	if (!end_allowed)
		prefer->end = END_UNSAID;
}

bool
prefer_check(const Prefer *prefer, Arena *arena, RestError *error)
{
	if (prefer->handling != HANDLING_STRICT || prefer->invalid == NULL)
		return true;
	return rest_error(error, arena, "PGRST122",
					  arena_printf(arena, "Invalid preferences: %s", prefer->invalid),
					  NULL, "Invalid preferences given with handling=strict");
}

static void
put_word(Buffer *fields, size_t start, const char *word)
{
	buffer_puts(fields, fields->length == start ? "Preference-Applied: " : ", ");
	buffer_puts(fields, word);
}

void
prefer_applied(const Prefer *prefer, Buffer *fields)
{
	size_t start = fields->length;

	for (size_t i = 0; i < TOKENS; i++)
	{
		if (get_member(prefer, tokens[i].offset) == tokens[i].value)
			put_word(fields, start, tokens[i].word);
	}
	if (prefer->timezone != NULL)
	{
		put_word(fields, start, "timezone=");
		buffer_puts(fields, prefer->timezone);
	}
	if (prefer->max_affected >= 0 && prefer->handling == HANDLING_STRICT)
	{
		put_word(fields, start, "max-affected=");
		buffer_printf(fields, "%lld", (long long) prefer->max_affected);
	}
	if (fields->length > start)
		buffer_puts(fields, "\r\n");
}
