/*
 * tests/unit/render_host.h
 *	  A host for render.h without a server: memory that is freed at once at the end, variables
 *	  from a table, letters of ASCII.
 */
#ifndef LEAP_TESTS_RENDER_HOST_H
#define LEAP_TESTS_RENDER_HOST_H

#include <stdlib.h>
#include <string.h>

#include "../../extension/render.h"

typedef struct Chunk
{
	struct Chunk *next;
} Chunk;

/* A row without name ends a table. */
typedef struct TestVariable
{
	const char *name;
	RenderValue value;
} TestVariable;

typedef struct TestHost
{
	RenderHost host;
	Chunk *chunks;
	size_t allocated; /* bytes */
	size_t pauses;
	const TestVariable *variables;
} TestHost;

static void *
test_allocate(void *arg, size_t bytes)
{
	TestHost *test = arg;
	Chunk *chunk = malloc(sizeof(Chunk) + bytes);

	if (chunk == NULL)
		abort();
	chunk->next = test->chunks;
	test->chunks = chunk;
	test->allocated += bytes;
	return chunk + 1;
}

static void
test_pause(void *arg)
{
	((TestHost *) arg)->pauses++;
}

static bool
test_find(void *arg, const RenderValue *object, const char *name, size_t length,
		  RenderValue *value)
{
	const TestVariable *row =
		object != NULL ? object->members : ((TestHost *) arg)->variables;

	for (; row->name != NULL; row++)
		if (strlen(row->name) == length && memcmp(row->name, name, length) == 0)
		{
			*value = row->value;
			return true;
		}
	return false;
}

static RenderValue
test_change_case(void *arg, bool upper, const char *text, size_t length)
{
	char *changed = test_allocate(arg, length + 1);

	for (size_t i = 0; i < length; i++)
	{
		bool letter =
			upper ? text[i] >= 'a' && text[i] <= 'z' : text[i] >= 'A' && text[i] <= 'Z';

		changed[i] = letter ? (char) (text[i] ^ 0x20) : text[i];
	}
	return (RenderValue){.kind = RENDER_TEXT, .text = changed, .length = length};
}

static void
test_host_begin(TestHost *test, const TestVariable *variables)
{
	*test = (TestHost){
		.host = {.allocate = test_allocate,
				 .pause = test_pause,
				 .find = test_find,
				 .change_case = test_change_case},
		.variables = variables
    };
	test->host.arg = test;
}

static void
test_host_end(TestHost *test)
{
	while (test->chunks != NULL)
	{
		Chunk *next = test->chunks->next;

		free(test->chunks);
		test->chunks = next;
	}
}

#define TEXT_VALUE(string)                                                  \
	{                                                                       \
		.kind = RENDER_TEXT, .text = (string), .length = sizeof(string) - 1 \
	}
#define NUMBER_VALUE(string)                                                  \
	{                                                                         \
		.kind = RENDER_NUMBER, .text = (string), .length = sizeof(string) - 1 \
	}

/* What both the unit tests and the fuzzer know. */
static const RenderValue test_items[] = {TEXT_VALUE("one"), TEXT_VALUE("two"),
										 NUMBER_VALUE("3")};
static const TestVariable test_members[] = {
	{"name", TEXT_VALUE("Intro & more")},
	{NULL,   {.kind = RENDER_NOTHING}  },
};
static const TestVariable test_variables[] = {
	{"display_name", TEXT_VALUE("ИИ_1 курс_Алгебра")                      },
	{"title",        TEXT_VALUE("a tale of TWO cities (part one)")                     },
	{"empty",        TEXT_VALUE("")													},
	{"duration",     TEXT_VALUE("3600")												},
	{"count",        NUMBER_VALUE("10")												},
	{"zero",         NUMBER_VALUE("0.0")											   },
	{"yes",          {.kind = RENDER_TRUTH, .text = "true", .length = 4}               },
	{"list",         {.kind = RENDER_LIST, .text = "", .items = test_items, .count = 3}},
	{"nobody",       {.kind = RENDER_NOTHING, .text = ""}                              },
	{"recording",    {.kind = RENDER_OBJECT, .text = "", .members = test_members}      },
	{"day",          TEXT_VALUE("2026-11-21T09:05:07")                                 },
	{NULL,		   {.kind = RENDER_NOTHING}										  },
};

#endif
