/*
 * cli/storage.c
 *	  leap storage migrate: brings the files of recordings from one storage to another.
 *
 * Nothing in the database changes: a file has the same URI in both. A file appears in the new
 * storage whole or not at all, so whoever ends this leaves nothing to mend, and what is there
 * with the right size need not be copied again.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/sealed.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/storage_walk.h"
#include "cli/text.h"
#include "storage/settings.h"

#define TELL_SECONDS 1.0
/* One at a time: hashtext of this program's word for it. */
#define LOCK "SELECT pg_try_advisory_lock(hashtext('leap storage migrate'))"

typedef struct Migration
{
	const Session *session;
	const Storage *from;
	Storage to; /* without the storage before */
	int64_t all;
	int64_t there;
	int64_t copied;
	int64_t bytes;
	int64_t failed;
	const NamedFile *now; /* the file on its way; NULL = none */
	Reporter reporter;    /* of both storages: how much of it is there */
	double told_at;
} Migration;

/* step is what happens to a file, of which `share` is done; NULL between files. */
static void
tell_progress(Migration *migration, const char *step, double share)
{
	int64_t seen = migration->there + migration->copied + migration->failed;
	char size[TEXT_SIZE];
	char part[TEXT_SIZE];
	char whole[TEXT_SIZE];

	if (clock_seconds() < migration->told_at + TELL_SECONDS)
		return;
	migration->told_at = clock_seconds();
	fprintf(stderr, "%lld of %lld files: %lld copied (%s), %lld failed", (long long) seen,
			(long long) migration->all, (long long) migration->copied,
			text_bytes(migration->bytes, size), (long long) migration->failed);
	if (step != NULL)
		fprintf(stderr, "; %s %s: %s of %s", step, migration->now->uri,
				text_bytes((int64_t) (share * (double) migration->now->bytes), part),
				text_bytes(migration->now->bytes, whole));
	(void) fputc('\n', stderr);
}

static bool
take_progress(void *arg, double share, const char *step)
{
	Migration *migration = arg;

	if (share > 0 && migration->now != NULL)
		tell_progress(migration, step, share);
	return true;
}

/* Reads it, proves it, stores it. */
static bool
copy_one(const Migration *migration, const NamedFile *named, Error *err)
{
	CLEANUP(close) int fd = -1;
	char sha256[HASH_HEX_SIZE];
	int64_t bytes;

	if (!storage_open(migration->from, named->uri, &fd, &bytes, err) ||
		!hash_file(fd, sha256, &bytes, err))
		return false;
	if (bytes != named->bytes || strcmp(sha256, named->sha256) != 0)
		return error_set(err, ERROR_PERMANENT, "artifact_changed",
						 "Someone changed the storage; run the earlier stages again.",
						 "%s is not what the database describes", named->uri);
	return storage_take(&migration->to, named->uri, fd, bytes, sha256, err);
}

/* One that cannot be copied does not keep the others; an unreachable storage does. */
static bool
bring(void *arg, const NamedFile *named, Error *err)
{
	Migration *migration = arg;
	Error own = {0};
	bool copied;

	migration->now = named;
	copied = copy_one(migration, named, &own);
	migration->now = NULL;
	if (copied)
	{
		migration->copied++;
		migration->bytes += named->bytes;
	}
	else if (own.class == ERROR_PERMANENT && (strcmp(own.code, "artifact_changed") == 0 ||
											  strcmp(own.code, "file_missing") == 0))
	{
		migration->failed++;
		fprintf(stderr, "%s: %s\n", named->uri, own.message);
	}
	else
	{
		*err = own;
		return false;
	}
	tell_progress(migration, NULL, 0);
	return true;
}

static bool
look_at(void *arg, const NamedFile *named, const StorageFile *file, Error *err)
{
	Migration *migration = arg;

	if (named->recording[0] == '\0')
		return true;
	if (named->bytes != file->bytes)
		return bring(arg, named, err);
	migration->there++;
	tell_progress(migration, NULL, 0);
	return true;
}

static bool
count_all(Migration *migration, Error *err)
{
	CLEANUP(rows) DbRows *lock = NULL;
	CLEANUP(json) cJSON *count = NULL;
	Db *db = migration->session->db;

	if (!db_call(db, LOCK, NULL, 0, &lock, err))
		return false;
	if (strcmp(rows_text(lock, 0, 0), "t") != 0)
		return error_set(err, ERROR_PERMANENT, "busy", "Wait for its end.",
						 "leap storage migrate is at work already");
	if (!db_json(db, "SELECT to_json(count(*)) FROM leap.artifacts", NULL, 0, &count,
				 err))
		return false;
	migration->all = (int64_t) cJSON_GetNumberValue(count);
	return true;
}

static ExitCode
tell_end(const Migration *migration)
{
	CLEANUP(json) cJSON *answer = cJSON_CreateObject();
	char size[TEXT_SIZE];

	json_add_int64(answer, "files", migration->all);
	json_add_int64(answer, "copied", migration->copied);
	json_add_int64(answer, "bytes", migration->bytes);
	json_add_int64(answer, "failed", migration->failed);
	if (migration->session->json)
		session_print_json(answer);
	else
		printf("%lld files copied (%s), %lld were there, %lld failed\n",
			   (long long) migration->copied, text_bytes(migration->bytes, size),
			   (long long) migration->there, (long long) migration->failed);
	return migration->failed > 0 ? EXIT_PARTIAL : EXIT_DONE;
}

static bool
migrate(Migration *migration, const Storage *storage, Error *err)
{
	const StorageWalk walk = {.both = look_at, .missing = bring, .arg = migration};
	CLEANUP(json) cJSON *database = NULL;

	if (storage->older == NULL)
		return error_set(err, ERROR_PERMANENT, "usage",
						 "Give --storage-from: where the files are now.",
						 "there is one storage only");
	migration->reporter = (Reporter){.progress = take_progress, .arg = migration};
	storage->older->reporter = &migration->reporter;
	migration->from = storage->older;
	migration->to = *storage;
	migration->to.reporter = &migration->reporter;
	migration->to.older = NULL;
	return storage_check(storage, err) &&
		   db_json(migration->session->db, "SELECT to_json(leap.database_id())", NULL, 0,
				   &database, err) &&
		   storage_claim_anew(storage, cJSON_GetStringValue(database), err) &&
		   count_all(migration, err) &&
		   storage_walk(migration->session->db, storage, &walk, err);
}

ExitCode
storage_command(const Options *options, int argc, char **argv)
{
	CLEANUP(secret) cJSON *settings = NULL;
	CLEANUP(storage) Storage storage = STORAGE_NONE;
	CLEANUP(session) Session session = {0};
	Migration migration = {.session = &session};
	Error err = {0};
	ExitCode code = EXIT_DONE;

	if (argc != 1 || strcmp(argv[0], "migrate") != 0)
		return session_usage("storage", "leap storage migrate");
	if (!session_open(&session, options, &code))
		return code;
	if (!storage_settings_read(options, &settings, &err) ||
		!storage_open_with(&storage, settings, &err) ||
		!migrate(&migration, &storage, &err))
		return session_error(&session, &err);
	return tell_end(&migration);
}
