/*
 * cli/doctor.c
 *	  leap doctor: what is missing or misconfigured, here and in the database, and how to
 *	  mend it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/containment.h"
#include "base/install.h"
#include "base/json.h"
#include "base/path.h"
#include "base/process.h"
#include "base/sealed.h"
#include "cli/commands.h"
#include "cli/schema.h"
#include "cli/session.h"
#include "cli/text.h"
#include "net/mail.h"
#include "net/provider_keys.h"
#include "storage/settings.h"
#include "storage/storage.h"

#define LITTLE_SPACE (INT64_C(2) << 30)
#define MODEL        "/usr/share/pocketsphinx/model/en-us/en-us.lm.bin"

static void
add_check(cJSON *checks, const char *name, const char *status, const char *detail,
		  const char *hint)
{
	cJSON *check = cJSON_CreateObject();

	cJSON_AddStringToObject(check, "check_name", name);
	cJSON_AddStringToObject(check, "status", status);
	cJSON_AddStringToObject(check, "detail", detail);
	cJSON_AddItemToObject(check, "hint",
						  hint != NULL ? cJSON_CreateString(hint) : cJSON_CreateNull());
	cJSON_AddItemToArray(checks, check);
}

static void
check_storage(cJSON *checks, const Options *options)
{
	CLEANUP(storage) Storage storage = STORAGE_NONE;
	StorageSpace space = {0};
	CLEANUP(secret) cJSON *settings = NULL;
	const char *folder = option_text(options, OPTION_STORAGE);
	char detail[PATH_SIZE + 128];
	char size[TEXT_SIZE];
	Error err = {0};

	if (!storage_settings_read(options, &settings, &err) ||
		!storage_settings_apart(settings, option_text(options, OPTION_LIBRARY), &err) ||
		!storage_open_with(&storage, settings, &err) || !storage_check(&storage, &err) ||
		!storage_space(&storage, &space, &err))
	{
		add_check(
			checks, "storage", "error", err.message,
			err.hint[0] != '\0'
				? err.hint
				: "Make the folder, or name another with --storage or LEAP_STORAGE.");
		return;
	}
	snprintf(detail, sizeof detail, "%s, %s free%s", folder,
			 text_bytes(space.free_bytes, size),
			 storage_is_s3(folder) ? " in the spool" : "");
	folder = storage_settings_folder(settings);
	if (access(folder, W_OK) != 0)
		add_check(checks, "storage", "warning", detail,
				  "This user cannot write there; the worker's user must be able to.");
	else
		add_check(
			checks, "storage", space.free_bytes < LITTLE_SPACE ? "warning" : "ok", detail,
			space.free_bytes < LITTLE_SPACE ? "Free some space: a lecture needs about "
											  "three times its size."
											: NULL);
}

static void
check_library(cJSON *checks, const Options *options)
{
	const char *folder = option_text(options, OPTION_LIBRARY);
	struct stat state;

	if (stat(folder, &state) != 0 || !S_ISDIR(state.st_mode))
		add_check(checks, "library", "error", folder,
				  "Make the folder, or name another with --library or LEAP_LIBRARY.");
	else
		add_check(checks, "library", access(folder, W_OK) == 0 ? "ok" : "warning", folder,
				  access(folder, W_OK) == 0
					  ? NULL
					  : "This user cannot write there; the worker's user "
						"must be able to.");
}

static bool
go_on(void *arg, double fraction, const char *step)
{
	(void) arg;
	(void) fraction;
	(void) step;
	return true;
}

/* Runs it on something that is no media: it must say so. */
static void
check_media(cJSON *checks, const Options *options)
{
	static const char *const argv[] = {"probe", "--input", "3", NULL};
	const Reporter reporter = {.progress = go_on};
	CLEANUP(json) cJSON *result = NULL;
	CLEANUP(close) int nothing = memfd_create("nothing", MFD_CLOEXEC);
	const ProcessFd input = {.fd = nothing, .as = 3};
	char program[PATH_SIZE];
	Error err = {0};

	if (install_media_program(options, program, sizeof program, &err) && nothing >= 0 &&
		!process_media(program, argv, &input, 1, &reporter, 0, 1, "probe", &result,
					   &err) &&
		strcmp(err.code, "not_media") == 0)
		add_check(checks, "leap-media", "ok", program, NULL);
	else
		add_check(checks, "leap-media", "error",
				  err.message[0] != '\0' ? err.message : "not found",
				  "Install LEAP again, or name the program with --media-program.");
}

static void
check_containment(cJSON *checks, const Options *options)
{
	char program[PATH_SIZE];
	char text[CONTAINMENT_TEXT_SIZE];
	bool complete;
	Error err = {0};

	/* without the program the line above says so */
	if (!install_media_program(options, program, sizeof program, &err))
		return;
	if (!containment_ask(program, text, &complete, &err))
		add_check(checks, "containment", "error", err.message,
				  "Install LEAP again: leap and leap-media belong together.");
	else
		add_check(
			checks, "containment", complete ? "ok" : "warning", text,
			"A kernel since 5.13 with Landlock and seccomp, in containers too, keeps "
			"hostile recordings away from all other files.");
}

static void
check_model(cJSON *checks)
{
	bool there = access(MODEL, R_OK) == 0;

	add_check(checks, "speech model", there ? "ok" : "warning", MODEL,
			  there
				  ? NULL
				  : "apt-get install pocketsphinx-en-us, or configure another provider: "
					"English speech cannot be recognised here.");
}

/* The names alone. Without keys only the providers that need none can be asked. */
static void
check_keys(cJSON *checks, const Options *options)
{
	CLEANUP(json) cJSON *keys = NULL;
	CLEANUP(buffer) Buffer names;
	Error err = {0};
	const cJSON *key;

	buffer_init(&names);
	if (!provider_keys_read(options, &keys, &err))
	{
		add_check(checks, "provider keys", "error", err.message, err.hint);
		return;
	}
	cJSON_ArrayForEach(key, keys)
		buffer_printf(&names, "%s%s", names.length > 0 ? ", " : "", key->string);
	add_check(checks, "provider keys", "ok",
			  names.length > 0 ? names.data : "none given here",
			  names.length > 0 ? NULL : "Give --provider-keys, to the worker too.");
}

/* What workers open credentials with, where it is named; whether one has none the database
 * tells. */
static void
check_credential_keys(cJSON *checks, const Options *options)
{
	const char *file = option_text(options, OPTION_CREDENTIAL_KEYS);
	SealedKeys *keys = NULL;
	Error err = {0};

	if (file[0] == '\0')
		return;
	if (sealed_keys_read(file, &keys, &err))
		add_check(checks, "credential file", "ok", file, NULL);
	else
		add_check(checks, "credential file", "error", err.message, err.hint);
	sealed_keys_free(keys);
}

/* Without a mail server all but mail works: nothing to warn of. */
static void
check_mail(cJSON *checks, const Options *options)
{
	CLEANUP(json) cJSON *json = NULL;
	const char *url = option_text(options, OPTION_SMTP_URL);
	MailSettings settings;
	Error err = {0};
	bool ok = mail_settings_read(options, &json, &err);

	if (ok && json == NULL)
	{
		add_check(checks, "mail server", "ok", "none given here: no mail is sent",
				  "Give --smtp-url and --mail-from, to the worker too.");
		return;
	}
	settings = mail_settings_of(json);
	if (ok && mail_check(&settings, &err))
		add_check(checks, "mail server", "ok", url, NULL);
	else
		add_check(checks, "mail server", "error", err.message,
				  err.hint[0] != '\0' ? err.hint : "leap mail test tells more.");
}

static void
check_schema(cJSON *checks, Session *session)
{
	CLEANUP(schema) Schema schema = {0};
	CLEANUP(rows) DbRows *rows = NULL;
	Error err = {0};

	if (!schema_read(&schema, session->options, &err))
		add_check(checks, "schema files", "warning", err.message, err.hint);
	else if (!db_call(session->db,
					  "SELECT digest FROM leap.schema_versions ORDER BY deployed_at DESC "
					  "LIMIT 1",
					  NULL, 0, &rows, &err))
		add_check(checks, "schema files", "error", err.message,
				  "Install the schema: leap deploy.");
	else if (rows_count(rows) == 0 || strcmp(rows_text(rows, 0, 0), schema.digest) != 0)
		add_check(checks, "schema files", "warning",
				  "the database has another schema than this program's files",
				  "leap deploy brings it up to date.");
	else
		add_check(checks, "schema files", "ok",
				  "the database has the schema of this program", NULL);
}

/* The database's own checks. */
static bool
check_database(cJSON *checks, const Session *session, ExitCode *code)
{
	CLEANUP(json) cJSON *rows = NULL;

	if (!session_ask(session, "SELECT jsonb_agg(to_jsonb(d)) FROM leap.doctor() d", NULL,
					 0, &rows, code))
		return false;
	while (cJSON_GetArraySize(rows) > 0)
		cJSON_AddItemToArray(checks, cJSON_DetachItemFromArray(rows, 0));
	return true;
}

static void
print_check(const Session *session, const cJSON *check)
{
	const char *status = json_text(check, "status", "");

	printf("%s%-8s%s %-18s %s\n", text_colour(session->colour, status), status,
		   text_plain(session->colour), json_text(check, "check_name", ""),
		   json_text(check, "detail", ""));
	if (strcmp(status, "ok") != 0 && json_text(check, "hint", "")[0] != '\0')
		printf("         %-18s %s\n", "", json_text(check, "hint", ""));
}

static ExitCode
tell(const Session *session, const cJSON *checks)
{
	const cJSON *check;
	ExitCode code = EXIT_DONE;

	cJSON_ArrayForEach(check, checks)
	{
		if (!session->json)
			print_check(session, check);
		if (strcmp(json_text(check, "status", ""), "error") == 0)
			code = EXIT_FAILED;
	}
	if (session->json)
		session_print_json(checks);
	return code;
}

ExitCode
doctor_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	CLEANUP(json) cJSON *checks = cJSON_CreateArray();
	ExitCode code = EXIT_DONE;
	bool reached;

	if (argc == 1 && strcmp(argv[0], "storage") == 0)
		return doctor_storage(options);
	if (argc != 0)
		return session_usage("doctor", "leap doctor, or leap doctor storage");
	check_storage(checks, options);
	check_library(checks, options);
	check_media(checks, options);
	check_containment(checks, options);
	check_model(checks);
	check_mail(checks, options);
	check_keys(checks, options);
	check_credential_keys(checks, options);
	reached = session_open(&session, options, &code);
	if (reached)
	{
		check_schema(checks, &session);
		reached = check_database(checks, &session, &code);
	}
	return tell(&session, checks) != EXIT_DONE && reached ? EXIT_FAILED : code;
}
