/*
 * cli/deploy.c
 *	  leap deploy: the schema in one transaction, if it changed; then the minute bell.
 */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "cli/commands.h"
#include "cli/invite.h"
#include "cli/schema.h"
#include "cli/session.h"

/* The newest deployment's digest; "" where nothing is deployed yet. */
static bool
deployed_digest(Db *db, char digest[HASH_HEX_SIZE], Error *err)
{
	CLEANUP(rows) DbRows *rows = NULL;
	CLEANUP(rows) DbRows *newest = NULL;

	digest[0] = '\0';
	if (!db_call(db, "SELECT to_regclass('leap.schema_versions')", NULL, 0, &rows, err))
		return false;
	if (rows_text(rows, 0, 0) == NULL)
		return true;
	if (!db_call(
			db,
			"SELECT digest FROM leap.schema_versions ORDER BY deployed_at DESC LIMIT 1",
			NULL, 0, &newest, err))
		return false;
	if (rows_count(newest) > 0)
		snprintf(digest, HASH_HEX_SIZE, "%s", rows_text(newest, 0, 0));
	return true;
}

/* Roles, an extension in C and the minute bell are a superuser's business. */
static bool
require_superuser(Db *db, Error *err)
{
	CLEANUP(rows) DbRows *rows = NULL;

	if (!db_call(db,
				 "SELECT rolsuper, rolname FROM pg_roles WHERE rolname = current_user",
				 NULL, 0, &rows, err))
		return false;
	if (strcmp(rows_text(rows, 0, 0), "t") == 0)
		return true;
	(void) error_set(err, ERROR_PERMANENT, "no_superuser",
					 "Name one: leap deploy --database \"dbname=... user=postgres\".",
					 "only a superuser can deploy the schema, and \"%s\" is none",
					 rows_text(rows, 0, 1));
	snprintf(err->sqlstate, sizeof err->sqlstate, "42501");
	return false;
}

/* Everything in one transaction; two that deploy at once come one after the other. */
static bool
deploy_schema(Db *db, const Schema *schema, Error *err)
{
	CLEANUP(buffer) Buffer script;

	buffer_init(&script);
	buffer_puts(&script, "BEGIN; SET LOCAL client_min_messages = warning;"
						 " SELECT pg_advisory_xact_lock(1414087499, 0);\n");
	buffer_append(&script, schema->script.data, schema->script.length);
	buffer_printf(
		&script,
		"INSERT INTO leap.schema_versions (version, digest) VALUES ('%s', '%s');"
		" COMMIT;",
		LEAP_VERSION, schema->digest);
	if (db_script(db, script.data, err))
		return true;
	(void) db_script(db, "ROLLBACK", NULL);
	return false;
}

/* pg_cron must be loaded with the server; without it workers ring. */
static bool
has_cron(Db *db, bool *loaded, Error *err)
{
	CLEANUP(rows) DbRows *rows = NULL;

	if (!db_call(db,
				 "SELECT current_setting('shared_preload_libraries') ~ '\\mpg_cron\\M',"
				 " quote_literal(current_database())",
				 NULL, 0, &rows, err))
		return false;
	*loaded = strcmp(rows_text(rows, 0, 0), "t") == 0;
	return true;
}

static bool
install_bell(Db *db, const Schema *schema, Error *err)
{
	static const char variable[] = ":database";
	CLEANUP(rows) DbRows *rows = NULL;
	CLEANUP(buffer) Buffer file;
	CLEANUP(buffer) Buffer script;
	CLEANUP(db) Db *home = NULL;
	const char *rest;

	buffer_init(&file);
	buffer_init(&script);
	if (!db_call(db, "SELECT quote_literal(current_database())", NULL, 0, &rows, err) ||
		!schema_read_file(schema, "cron.sql", &file, err) ||
		!db_open_sibling(db, "postgres", &home, err))
		return false;
	buffer_puts(&script, "SET client_min_messages = warning;\n");
	rest = file.data;
	for (const char *at = strstr(rest, variable); at != NULL; at = strstr(rest, variable))
	{
		buffer_append(&script, rest, (size_t) (at - rest));
		buffer_puts(&script, rows_text(rows, 0, 0));
		rest = at + strlen(variable);
	}
	buffer_puts(&script, rest);
	return db_script(home, script.data, err);
}

/* The schema if it changed; *changed tells. */
static bool
deploy_if_changed(Session *session, const Schema *schema, bool *changed, Error *err)
{
	char deployed[HASH_HEX_SIZE];

	if (!deployed_digest(session->db, deployed, err))
		return false;
	*changed = strcmp(deployed, schema->digest) != 0 ||
			   option_flag(session->options, OPTION_FORCE);
	return !*changed || deploy_schema(session->db, schema, err);
}

static void
tell(const Session *session, bool changed, bool bell)
{
	if (session->json)
	{
		CLEANUP(json) cJSON *answer = cJSON_CreateObject();

		cJSON_AddBoolToObject(answer, "changed", changed);
		cJSON_AddStringToObject(answer, "version", LEAP_VERSION);
		cJSON_AddStringToObject(answer, "bell", bell ? "pg_cron" : "worker");
		session_print_json(answer);
		return;
	}
	printf(changed ? "schema %s is deployed\n" : "schema %s is deployed already\n",
		   LEAP_VERSION);
	puts(bell ? "pg_cron rings leap.tick() every minute"
			  : "pg_cron is not loaded: workers ring leap.tick()");
}

ExitCode
deploy_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	CLEANUP(schema) Schema schema = {0};
	ExitCode code = EXIT_DONE;
	Error err = {0};
	bool changed = false;
	bool bell = false;

	(void) argv;
	if (argc != 0)
		return session_usage("deploy", "it takes no argument");
	if (!session_open(&session, options, &code))
		return code;
	if (!require_superuser(session.db, &err) || !schema_read(&schema, options, &err) ||
		!deploy_if_changed(&session, &schema, &changed, &err) ||
		!has_cron(session.db, &bell, &err) ||
		(bell && !install_bell(session.db, &schema, &err)))
		return session_error(&session, &err);
	tell(&session, changed, bell);
	return invite_after_deploy(&session);
}
