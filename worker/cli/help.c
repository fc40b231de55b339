/*
 * cli/help.c
 *	  leap help: the list of commands, and the manual of each, from their tables.
 */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/nearest.h"
#include "cli/commands.h"
#include "cli/complaint.h"
#include "cli/session.h"

const Command *
command_next(const Command *command)
{
	for (size_t i = 0; command_tables[i] != NULL; i++)
	{
		const Command *row = command_tables[i];

		if (command == NULL)
			return row;
		while (row->name != NULL && row != command)
			row++;
		if (row->name == NULL)
			continue;
		return row[1].name != NULL ? row + 1 : command_tables[i + 1];
	}
	return NULL;
}

const Command *
command_find(const char *name)
{
	const Command *command = NULL;

	while ((command = command_next(command)) != NULL)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

void
help_overview(FILE *out)
{
	const Command *command = NULL;

	fputs("leap " LEAP_VERSION ": lecture recordings in, published lessons out\n\n"
		  "Usage: leap COMMAND [OPTION]... [ARGUMENT]...\n\nCommands:\n",
		  out);
	while ((command = command_next(command)) != NULL)
		if (command->summary != NULL)
			fprintf(out, "  %-11s %s\n", command->name, command->summary);
	fputs(
		"\nleap help COMMAND, or leap COMMAND --help, shows the options of a command.\n\n"
		"Exit status:\n",
		out);
	for (size_t i = 0; i < exit_meaning_count; i++)
		fprintf(out, "  %-11d %s\n", (int) exit_meanings[i].code,
				exit_meanings[i].meaning);
}

void
help_command_manual(FILE *out, const Command *command)
{
	fprintf(out, "leap %s: %s\n\nUsage: leap %s [OPTION]...%s%s\n\n", command->name,
			command->summary != NULL ? command->summary : "internal", command->name,
			command->arguments[0] != '\0' ? " " : "", command->arguments);
	if (command->manual != NULL)
		fprintf(out, "%s\n\n", command->manual);
	options_print_help(out, command->name);
}

ExitCode
help_unknown(const char *name)
{
	const Command *command = NULL;
	Nearest nearest = {.typed = name};
	Error err = {0};
	char hint[120];

	while ((command = command_next(command)) != NULL)
		if (command->summary != NULL)
			nearest_offer(&nearest, command->name);
	snprintf(hint, sizeof hint, "%s%s%sleap help lists all commands",
			 nearest.word != NULL ? "Did you mean: leap " : "",
			 nearest.word != NULL ? nearest.word : "", nearest.word != NULL ? "; " : "");
	error_set(&err, ERROR_PERMANENT, "usage", hint, "there is no command \"%.60s\"",
			  name);
	return complaint_tell("leap", NULL, &err);
}

/* The list for programs. */
static void
print_json(void)
{
	CLEANUP(json) cJSON *list = cJSON_CreateArray();
	const Command *command = NULL;

	while ((command = command_next(command)) != NULL)
	{
		cJSON *row;

		if (command->summary == NULL)
			continue;
		row = cJSON_CreateObject();
		cJSON_AddStringToObject(row, "command", command->name);
		cJSON_AddStringToObject(row, "arguments", command->arguments);
		cJSON_AddStringToObject(row, "summary", command->summary);
		cJSON_AddItemToArray(list, row);
	}
	session_print_json(list);
}

ExitCode
help_command(const Options *options, int argc, char **argv)
{
	const Command *command;

	if (argc > 1)
		return session_usage("help", "name one command, or none");
	if (argc == 0)
	{
		if (option_flag(options, OPTION_JSON))
			print_json();
		else
			help_overview(stdout);
		return EXIT_DONE;
	}
	command = command_find(argv[0]);
	if (command == NULL)
		return help_unknown(argv[0]);
	help_command_manual(stdout, command);
	return EXIT_DONE;
}
