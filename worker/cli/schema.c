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
#include "base/install.h"

#define INCLUDE "\\ir "

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
	if (!install_schema_folder(options, schema->folder, PATH_SIZE, err) ||
		!schema_read_file(schema, "deploy.sql", &list, err) ||
		!read_listed(schema, list.data, err))
		return false;
	hash_begin(&hash);
	hash_update(&hash, schema->script.data, schema->script.length);
	hash_finish(&hash, schema->digest);
	return true;
}

void
schema_files_free(Schema *schema)
{
	buffer_free(&schema->script);
}
