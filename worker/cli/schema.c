/*
 * cli/schema.c
 *	  The SQL files that make the schema, as deploy.sql lists them: a line "\ir FILE" names
 *	  one, all other lines are comments. psql and this program read the same list.
 */
#include "cli/schema.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define INCLUDE "\\ir "

/* The folder named by the option, or the first that exists beside the program. */
static bool
find_folder(char folder[PATH_SIZE], const Options *options, Error *err)
{
	static const char *const places[] = {"../share/leap/sql", "../../sql"};
	const char *given = option_text(options, OPTION_SCHEMA_DIR);
	char program[PATH_SIZE];
	char list[PATH_SIZE + 32];

	if (given[0] != '\0')
		return path_absolute(folder, PATH_SIZE, given, err);
	if (!path_of_program(program, sizeof program, err))
		return false;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
	{
		if (snprintf(folder, PATH_SIZE, "%s/%s", program, places[i]) >= PATH_SIZE)
			continue;
		snprintf(list, sizeof list, "%s/deploy.sql", folder);
		if (access(list, R_OK) == 0)
			return true;
	}
	return error_set(
		err, ERROR_PERMANENT, "schema_missing",
		"Name the folder with --schema-dir or LEAP_SCHEMA_DIR.",
		"the SQL files are neither in ../share/leap/sql nor in ../../sql beside %s",
		program);
}

bool
schema_read_file(const Schema *schema, const char *name, Buffer *text, Error *err)
{
	char path[PATH_SIZE];
	char piece[65536];
	size_t length;

	if (!path_join(path, sizeof path, schema->folder, name, err))
		return false;

	CLEANUP(fclose) FILE *file = fopen(path, "re");

	if (file == NULL)
		return error_errno(err, "schema_missing", "cannot read %s", path);
	while ((length = fread(piece, 1, sizeof piece, file)) > 0)
		buffer_append(text, piece, length);
	return !ferror(file) || error_errno(err, "schema_missing", "cannot read %s", path);
}

/* Reads what the list names, in its order. */
static bool
read_listed(Schema *schema, char *list, Error *err)
{
	char *rest = NULL;

	for (char *line = strtok_r(list, "\n", &rest); line != NULL;
		 line = strtok_r(NULL, "\n", &rest))
	{
		if (strncmp(line, INCLUDE, strlen(INCLUDE)) != 0)
			continue;
		if (!schema_read_file(schema, line + strlen(INCLUDE), &schema->script, err))
			return false;
		buffer_puts(&schema->script, "\n");
	}
	return true;
}

bool
schema_read(Schema *schema, const Options *options, Error *err)
{
	CLEANUP(buffer) Buffer list;
	Hash hash;

	buffer_init(&list);
	buffer_init(&schema->script);
	if (!find_folder(schema->folder, options, err) ||
		!schema_read_file(schema, "deploy.sql", &list, err) ||
		!read_listed(schema, list.data, err))
		return false;
	hash_begin(&hash);
	hash_update(&hash, schema->script.data, schema->script.length);
	hash_finish(&hash, schema->digest);
	return true;
}

void
schema_free(Schema *schema)
{
	buffer_free(&schema->script);
}
