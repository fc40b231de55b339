/*
 * base/option_json.c
 *	  The table of options for programs.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/option.h"

/* One option; what it does not have is left out. */
static cJSON *
option_json(const Option *option)
{
	static const char *const types[] = {"text",    "flag",   "integer", "number",
										"seconds", "choice", "words",   "shares",
										"list",    "path",   "place"};
	cJSON *json = cJSON_CreateObject();
	char flag[OPTION_FLAG_SIZE];
	const struct
	{
		const char *name;
		const char *value;
	} members[] = {
		{"name",               option_flag_name(option, false, flag)},
		{"environment",               option->env									 },
		{"type",types[option->type]},
		{"argument",       option->argument												 },
		{"default",option->standard},
		{"choices",       option->choices														  },
		{"commands",option->commands},
		{"except",      option->except																 },
		{"help", option->help},
	};

	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (members[i].value != NULL)
			cJSON_AddStringToObject(json, members[i].name, members[i].value);
	return json;
}

void
options_print_json(FILE *out)
{
	CLEANUP(json) cJSON *rows = cJSON_CreateArray();
	CLEANUP(free) char *text = NULL;

	for (int id = 0; id < OPTION_COUNT; id++)
		cJSON_AddItemToArray(rows, option_json(option_row((OptionId) id)));
	text = cJSON_Print(rows);
	fprintf(out, "%s\n", text != NULL ? text : "null");
}
