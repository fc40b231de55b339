/*
 * cli/schema.h
 *	  The SQL files that make the schema, as deploy.sql lists them.
 */
#ifndef LEAP_CLI_SCHEMA_H
#define LEAP_CLI_SCHEMA_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/option.h"
#include "base/path.h"

typedef struct Schema
{
	char folder[PATH_SIZE];     /* where deploy.sql lies */
	Buffer script;              /* all files, in order */
	char digest[HASH_HEX_SIZE]; /* SHA-256 of the script */
} Schema;

/* Reads all files; schema_files_free in either case. */
bool schema_read(Schema *schema, const Options *options, Error *err);
void schema_files_free(Schema *schema);

/* For CLEANUP(schema). */
static inline void
cleanup_schema(Schema *schema)
{
	schema_files_free(schema);
}

/* Appends one file of the folder. */
bool schema_read_file(const Schema *schema, const char *name, Buffer *text, Error *err);

#endif
