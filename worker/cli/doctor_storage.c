/*
 * cli/doctor_storage.c
 *	  leap doctor storage: every file that the database names against the storage, and the other
 *	  way round.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/sealed.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/storage_walk.h"
#include "cli/text.h"
#include "storage/settings.h"

/* Of each kind so many are listed; all are counted. */
#define MOST_LISTED 1000
/* Younger ones may belong to what is done just now, which no row names yet. */
#define ORPHAN_SECONDS 86400.0

typedef struct Finding
{
	const char *name; /* in the answer for programs */
	const char *words;
	cJSON *list;
	int64_t count;
	int64_t bytes;
} Finding;

enum
{
	MISSING,
	DIFFERENT,
	DAMAGED,
	ORPHAN,
	FINDING_COUNT
};

typedef struct Examiner
{
	Session *session;
	const Storage *storage;
	bool deep;
	bool remove;
	int64_t files;
	int64_t bytes;
	int64_t removed;
	int64_t foreign; /* files that LEAP did not name */
	Finding findings[FINDING_COUNT];
} Examiner;

static cJSON *
find(Examiner *examiner, int kind, const char *uri, int64_t bytes)
{
	Finding *finding = &examiner->findings[kind];
	cJSON *entry;

	finding->count++;
	finding->bytes += bytes;
	if (cJSON_GetArraySize(finding->list) >= MOST_LISTED)
		return NULL;
	entry = cJSON_CreateObject();
	cJSON_AddStringToObject(entry, "uri", uri);
	json_add_int64(entry, "bytes", bytes);
	cJSON_AddItemToArray(finding->list, entry);
	return entry;
}

static void
add_text(cJSON *entry, const char *name, const char *text)
{
	if (entry != NULL)
		cJSON_AddStringToObject(entry, name, text);
}

/* Is the row still there? Files of rows that went meanwhile may be gone. */
static bool
is_named(Db *db, const char *uri, bool *named, Error *err)
{
	const char *const params[] = {uri};
	CLEANUP(rows) DbRows *rows = NULL;

	if (!db_call(db,
				 "SELECT FROM leap.artifacts WHERE uri = $1 UNION ALL "
				 "SELECT FROM leap.half_made_files() h WHERE h.uri = $1",
				 params, 1, &rows, err))
		return false;
	*named = rows_count(rows) > 0;
	return true;
}

static bool
take_missing(void *arg, const NamedFile *named, Error *err)
{
	Examiner *examiner = arg;
	bool still;

	if (!is_named(examiner->session->db, named->uri, &still, err))
		return false;
	if (still)
		add_text(find(examiner, MISSING, named->uri, named->bytes), "recording",
				 named->recording);
	return true;
}

static bool
take_both(void *arg, const NamedFile *named, const StorageFile *file, Error *err)
{
	Examiner *examiner = arg;
	char sha256[HASH_HEX_SIZE];
	cJSON *entry;

	examiner->files++;
	examiner->bytes += file->bytes;
	if (named->recording[0] == '\0')
		return true;
	if (file->bytes != named->bytes)
	{
		entry = find(examiner, DIFFERENT, named->uri, named->bytes);
		add_text(entry, "recording", named->recording);
		if (entry != NULL)
			json_add_int64(entry, "stored_bytes", file->bytes);
		return true;
	}
	if (!examiner->deep)
		return true;
	if (!storage_digest(examiner->storage, named->uri, sha256, NULL, err))
		return strcmp(err->code, "file_missing") == 0 && take_missing(arg, named, err);
	if (strcmp(sha256, named->sha256) != 0)
		add_text(find(examiner, DAMAGED, named->uri, named->bytes), "recording",
				 named->recording);
	return true;
}

static bool
take_unnamed(void *arg, const StorageFile *file, Error *err)
{
	Examiner *examiner = arg;
	Storage alone = *examiner->storage;
	cJSON *entry;
	bool named;

	alone.older = NULL;

	if (!storage_uri_is_own(file->uri))
	{
		examiner->foreign++;
		return true;
	}
	examiner->files++;
	examiner->bytes += file->bytes;
	if (file->age < ORPHAN_SECONDS)
		return true;
	if (!is_named(examiner->session->db, file->uri, &named, err))
		return false;
	if (named)
		return true;
	entry = find(examiner, ORPHAN, file->uri, file->bytes);
	if (entry != NULL)
		cJSON_AddNumberToObject(entry, "age_days", (int) (file->age / 86400));
	if (!examiner->remove)
		return true;
	if (!storage_remove(&alone, file->uri, err))
		return false;
	examiner->removed++;
	return true;
}

static const char *
last_part(const char *uri)
{
	const char *slash = strrchr(uri, '/');

	return slash != NULL ? slash + 1 : uri;
}

/* A file of the same name and size elsewhere is what was moved there by hand. */
static bool
take_moved(void *arg, const StorageFile *file)
{
	Examiner *examiner = arg;
	cJSON *entry;

	cJSON_ArrayForEach(entry, examiner->findings[MISSING].list)
	{
		const char *uri = json_text(entry, "uri", "");

		if (strcmp(last_part(uri), last_part(file->uri)) == 0 &&
			strcmp(uri, file->uri) != 0 && json_int64(entry, "bytes", -1) == file->bytes)
			json_put(entry, "found_at", cJSON_CreateString(file->uri));
	}
	return true;
}

static void
print_finding(const Session *session, const Finding *finding)
{
	char size[TEXT_SIZE];
	const cJSON *entry;

	printf("%s%-8s%s %lld %s, %s\n",
		   text_colour(session->colour, finding->count > 0 ? "warning" : "ok"),
		   finding->count > 0 ? "found" : "ok", text_plain(session->colour),
		   (long long) finding->count, finding->words, text_bytes(finding->bytes, size));
	cJSON_ArrayForEach(entry, finding->list)
	{
		const char *found = json_text(entry, "found_at", NULL);

		printf("         %s", json_text(entry, "uri", ""));
		if (json_text(entry, "stored_bytes", NULL) != NULL)
			printf(" has %s bytes instead of %s", json_text(entry, "stored_bytes", ""),
				   json_text(entry, "bytes", ""));
		printf("%s%s\n", found != NULL ? " lies at " : "", found != NULL ? found : "");
	}
	if (finding->count > MOST_LISTED)
		printf("         and %lld more\n", (long long) (finding->count - MOST_LISTED));
}

static ExitCode
tell(Examiner *examiner)
{
	CLEANUP(json) cJSON *answer = cJSON_CreateObject();
	const Finding *findings = examiner->findings;
	char size[TEXT_SIZE];

	if (!examiner->session->json)
	{
		printf("%lld files, %s in %s\n", (long long) examiner->files,
			   text_bytes(examiner->bytes, size), examiner->storage->path);
		if (examiner->foreign > 0)
			printf("%lld others are not LEAP's: they are let alone\n",
				   (long long) examiner->foreign);
	}
	json_add_int64(answer, "files", examiner->files);
	json_add_int64(answer, "bytes", examiner->bytes);
	json_add_int64(answer, "removed", examiner->removed);
	json_add_int64(answer, "foreign", examiner->foreign);
	for (int i = 0; i < FINDING_COUNT; i++)
	{
		cJSON *about = cJSON_AddObjectToObject(answer, findings[i].name);

		if (!examiner->session->json && (i != DAMAGED || examiner->deep))
			print_finding(examiner->session, &findings[i]);
		json_add_int64(about, "count", findings[i].count);
		json_add_int64(about, "bytes", findings[i].bytes);
		cJSON_AddItemToObject(about, "files", findings[i].list);
	}
	if (examiner->session->json)
		session_print_json(answer);
	else if (examiner->removed > 0)
		printf("%lld orphans removed\n", (long long) examiner->removed);
	else if (findings[ORPHAN].count > 0)
		puts("leap doctor storage --remove-orphans removes what nobody names.");
	return findings[MISSING].count + findings[DIFFERENT].count + findings[DAMAGED].count >
				   0
			   ? EXIT_FAILED
			   : EXIT_DONE;
}

static bool
examine(Examiner *examiner, Error *err)
{
	const StorageWalk walk = {.both = take_both,
							  .missing = take_missing,
							  .unnamed = take_unnamed,
							  .arg = examiner};

	CLEANUP(json) cJSON *database = NULL;

	if (!db_json(examiner->session->db, "SELECT to_json(leap.database_id())", NULL, 0,
				 &database, err) ||
		!storage_check_owner(examiner->storage, cJSON_GetStringValue(database),
							 examiner->remove, err))
		return false;
	return storage_walk(examiner->session->db, examiner->storage, &walk, err) &&
		   (examiner->findings[MISSING].count == 0 ||
			storage_list(examiner->storage, "", take_moved, examiner, err));
}

ExitCode
doctor_storage(const Options *options)
{
	CLEANUP(secret) cJSON *settings = NULL;
	CLEANUP(storage) Storage storage = STORAGE_NONE;
	CLEANUP(session) Session session = {0};
	Examiner examiner = {
		.session = &session,
		.storage = &storage,
		.deep = option_flag(options, OPTION_DEEP),
		.remove = option_flag(options, OPTION_REMOVE_ORPHANS),
		.findings = {
					 [MISSING] = {"missing", "files are missing", cJSON_CreateArray(), 0, 0},
					 [DIFFERENT] = {"different", "files have another size", cJSON_CreateArray(), 0,
						   0},
					 [DAMAGED] = {"damaged", "files have other bytes", cJSON_CreateArray(), 0, 0},
					 [ORPHAN] = {"orphans", "files are named by nobody", cJSON_CreateArray(), 0,
						0}}
    };
	Error err = {0};
	ExitCode code = EXIT_DONE;
	bool ok = session_open(&session, options, &code);

	if (ok && (!storage_settings_read(options, &settings, &err) ||
			   !storage_open_with(&storage, settings, &err) || !examine(&examiner, &err)))
	{
		code = session_error(&session, &err);
		ok = false;
	}
	if (ok)
		return tell(&examiner);
	for (int i = 0; i < FINDING_COUNT; i++)
		cJSON_Delete(examiner.findings[i].list);
	return code;
}
