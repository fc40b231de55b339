/*
 * task/kinds.c
 *	  What this program can do, as JSON: its kinds of tasks, platforms and providers. Tests
 *	  compare it with what the database asks for.
 */
#include "task/kinds.h"

#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "base/cleanup.h"
#include "outline/outline.h"
#include "platform/platform.h"
#include "source/source.h"
#include "speech/speech.h"
#include "task/task.h"

static cJSON *
add_row(cJSON *rows, const char *key, const char *name, const char *purpose)
{
	cJSON *row = cJSON_CreateObject();

	cJSON_AddStringToObject(row, key, name);
	cJSON_AddStringToObject(row, "purpose", purpose);
	cJSON_AddItemToArray(rows, row);
	return row;
}

static void
add_tasks(cJSON *rows)
{
	for (const Task *task = task_table; task->kind != NULL; task++)
		(void) add_row(rows, "kind", task->kind, task->purpose);
}

static void
add_platforms(cJSON *rows)
{
	for (const Platform *const *platform = platform_table; *platform != NULL; platform++)
		(void) add_row(rows, "name", (*platform)->name, (*platform)->purpose);
}

static void
add_sources(cJSON *rows)
{
	for (const Source *source = source_table; source->type != NULL; source++)
		(void) add_row(rows, "type", source->type, source->purpose);
}

static void
add_speech(cJSON *rows)
{
	for (const Speech *speech = speech_table; speech->protocol != NULL; speech++)
		(void) add_row(rows, "protocol", speech->protocol, speech->purpose);
}

static void
add_outline(cJSON *rows)
{
	for (const Outline *outline = outline_table; outline->protocol != NULL; outline++)
		(void) add_row(rows, "name", outline->protocol, outline->purpose);
}

static const struct
{
	const char *name;
	void (*add)(cJSON *rows);
} families[] = {
	{"tasks",     add_tasks    },
    {"platforms", add_platforms},
    {"sources",   add_sources  },
	{"speech",    add_speech   },
    {"outline",   add_outline  },
};

ExitCode
kinds_command(const Options *options, int argc, char **argv)
{
	CLEANUP(json) cJSON *all = cJSON_CreateObject();
	CLEANUP(free) char *text = NULL;

	(void) options;
	(void) argv;
	if (argc > 0)
	{
		fputs("leap kinds takes no arguments\n", stderr);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
		families[i].add(cJSON_AddArrayToObject(all, families[i].name));
	text = cJSON_Print(all);
	return text != NULL && puts(text) >= 0 ? EXIT_DONE : EXIT_FAILED;
}
