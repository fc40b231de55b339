/*
 * platform/yandex_disk_files.c
 *	  The files beside a video on a disk.
 */
#include "platform/yandex_disk_files.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"

#define FROM 0.92 /* of the task: the video is there */
#define STEP "uploading the files"

/* Kinds of artifacts, the word of `sidecars` that means them, and the object of settings. */
static const struct
{
	const char *kind;
	const char *word;
	const char *object; /* NULL = none */
} sorts[] = {
	{"srt",        "srt",        "subtitles_srt"},
    {"vtt",        "vtt",        "subtitles_vtt"},
	{"chapters",   "vtt",        NULL           },
    {"text",       "transcript", "transcription"},
	{"transcript", "transcript", NULL           },
    {"poster",     "poster",     NULL           },
};

#define SORTS (sizeof sorts / sizeof sorts[0])

typedef struct Store
{
	const Publication *publication;
	YandexDisk *disk;
	const cJSON *settings;
	const char *video;
	cJSON *state;
	cJSON *target;
	cJSON *files; /* meta.files */
} Store;

static bool
has_objects(const cJSON *settings)
{
	for (size_t i = 0; i < SORTS; i++)
		if (sorts[i].object != NULL && cJSON_IsObject(json_at(settings, sorts[i].object)))
			return true;
	return cJSON_IsObject(json_at(settings, "description_txt"));
}

static bool
is_wanted(const cJSON *settings, const char *word, const char *object)
{
	const cJSON *list = json_at(settings, "sidecars");
	const cJSON *one;

	if (object != NULL && cJSON_IsObject(json_at(settings, object)))
		return true;
	cJSON_ArrayForEach(one, list) if (cJSON_IsString(one) &&
									  strcmp(one->valuestring, word) == 0) return true;
	return !cJSON_IsArray(list) && !has_objects(settings);
}

/* "srt:ru" is of the sort "srt". */
static size_t
sort_of(const char *kind)
{
	size_t length = strcspn(kind, ":");
	size_t i = 0;

	while (i < SORTS &&
		   (strlen(sorts[i].kind) != length || strncmp(sorts[i].kind, kind, length) != 0))
		i++;
	return i;
}

/* Where it goes: beside the video, or where its object says. A language stands before the
 * suffix of a name that people chose. */
static bool
place(const Store *store, const char *name, const char *object, const char *language,
	  char path[YANDEX_PATH_SIZE], Error *err)
{
	static const char called_as_video[] = "subtitles.";
	const cJSON *own = object != NULL ? json_at(store->settings, object) : NULL;
	const char *filename = json_text(own, "filename", "");
	const char *folder = json_text(own, "folder_path", "");
	char beside[YANDEX_PATH_SIZE];
	char named[YANDEX_PATH_SIZE];
	const char *suffix = strrchr(name, '.');

	if (strncmp(name, called_as_video, strlen(called_as_video)) == 0)
		name += strlen(called_as_video);
	if (!yandex_place_beside(store->video, name, beside, err))
		return false;
	if (filename[0] != '\0')
	{
		const char *dot = strrchr(filename, '.');
		int base = (int) (dot != NULL && dot > filename ? dot - filename
														: (long) strlen(filename));

		snprintf(named, sizeof named, "%.*s%s%s%s", base, filename,
				 language != NULL ? "." : "", language != NULL ? language : "",
				 dot != NULL && dot > filename ? dot : suffix);
	}
	else
		snprintf(named, sizeof named, "%s", strrchr(beside, '/') + 1);
	if (folder[0] != '\0')
		return yandex_place_join(folder, named, path, err);
	if (filename[0] == '\0')
	{
		snprintf(path, YANDEX_PATH_SIZE, "%s", beside);
		return true;
	}
	*strrchr(beside, '/') = '\0';
	return yandex_place_join(strlen(beside) > strlen("disk:") ? beside : "/", named, path,
							 err);
}

static bool
is_noted(const cJSON *files, const char *path)
{
	const cJSON *file;

	cJSON_ArrayForEach(file, files) if (strcmp(json_text(file, "path", ""), path) ==
										0) return true;
	return false;
}

static void
note(cJSON *files, const char *path, const char *sha256)
{
	cJSON *file = cJSON_CreateObject();

	cJSON_AddStringToObject(file, "path", path);
	cJSON_AddStringToObject(file, "sha256", sha256);
	cJSON_AddItemToArray(files, file);
}

/* A file that nobody knows to be ours is not written over, unless the preset says so. What is
 * going to be ours is noted before it is written. */
static bool
claim_place(const Store *store, const char *path, const YandexFile *there,
			const char *sha256, Error *err)
{
	cJSON *noted = cJSON_GetObjectItemCaseSensitive(store->state, "files");

	if (is_noted(noted, path))
		return true;
	if (there->found &&
		!is_noted(json_at(store->publication->input, "target.meta.files"), path) &&
		!json_bool(store->settings, "overwrite", false))
		return error_set(err, ERROR_PERMANENT, "path_taken",
						 "Move it away, or set overwrite in the preset.",
						 "there is \"%.200s\" already that is not of this lesson", path);
	note(noted, path, sha256);
	return publication_save(store->publication, store->state, err);
}

static bool
put(const Store *store, const char *path, const YandexBody *body, Error *err)
{
	YandexFile there;

	if (!yandex_disk_look(store->disk, path, &there, err))
		return false;
	if (!yandex_disk_is_same(&there, body) &&
		(!claim_place(store, path, &there, body->sha256, err) ||
		 !yandex_place_make(store->disk, path,
							cJSON_GetObjectItemCaseSensitive(store->state, "folders"),
							err) ||
		 !yandex_disk_put(store->disk, path, body, err)))
		return false;
	note(store->files, path, body->sha256);
	return true;
}

static bool
put_text(const Store *store, const char *name, const char *object, const char *text,
		 Error *err)
{
	YandexBody body = {.text = text,
					   .fd = -1,
					   .bytes = (int64_t) strlen(text),
					   .from = FROM,
					   .to = FROM,
					   .step = STEP};
	CLEANUP(hash) Hash hash = {NULL};
	char path[YANDEX_PATH_SIZE];

	hash_begin(&hash);
	hash_update(&hash, text, strlen(text));
	hash_finish(&hash, body.sha256);
	return publication_settle(
		store->target, name,
		place(store, name, object, NULL, path, err) && put(store, path, &body, err), err);
}

static bool
put_artifact(const Store *store, const LessonFile *file, Error *err)
{
	const cJSON *artifact = lesson_artifact(store->publication->input, file->kind);
	const char *sha256 = json_text(artifact, "sha256", "");
	size_t sort = sort_of(file->kind);
	CLEANUP(close) int fd = -1;
	YandexBody body = {.from = FROM, .to = FROM, .step = STEP};
	char path[YANDEX_PATH_SIZE];

	if (sort == SORTS ||
		!is_wanted(store->settings, sorts[sort].word, sorts[sort].object))
		return true;
	if (!storage_open(store->publication->storage, json_text(artifact, "uri", ""), &fd,
					  &body.bytes, err))
		return false;
	body.fd = fd;
	if (strlen(sha256) == HASH_HEX_SIZE - 1)
		memcpy(body.sha256, sha256, HASH_HEX_SIZE);
	else if (!hash_file(fd, body.sha256, NULL, err))
		return false;
	return publication_settle(
		store->target, file->name,
		place(store, file->name, sorts[sort].object, file->language, path, err) &&
			put(store, path, &body, err),
		err);
}

static bool
put_description(const Store *store, const Lesson *lesson, Error *err)
{
	const char *text =
		json_text(store->settings, "description_txt.content", lesson->description);

	if (text[0] == '\0' || !is_wanted(store->settings, "description", "description_txt"))
		return true;
	return put_text(store, "description.txt", "description_txt", text, err);
}

static bool
put_metadata(const Store *store, const Lesson *lesson, Error *err)
{
	CLEANUP(json) cJSON *metadata = NULL;
	CLEANUP(free) char *text = NULL;

	if (!is_wanted(store->settings, "metadata", NULL))
		return true;
	metadata = lesson_metadata(lesson);
	text = cJSON_Print(metadata);
	return put_text(store, "metadata.json", NULL, text, err);
}

static bool
remove_but(YandexDisk *disk, const cJSON *files, const cJSON *keep, Error *err)
{
	const cJSON *file;

	cJSON_ArrayForEach(file, files)
	{
		const char *path = json_text(file, "path", "");

		if (path[0] != '\0' && !is_noted(keep, path) &&
			!yandex_disk_delete_own(disk, path, json_text(file, "sha256", ""), err))
			return false;
	}
	return true;
}

bool
yandex_files_store(const Publication *publication, YandexDisk *disk, const char *video,
				   Lesson *lesson, cJSON *state, cJSON *target, Error *err)
{
	cJSON *meta = cJSON_GetObjectItemCaseSensitive(target, "meta");
	const Store store = {.publication = publication,
						 .disk = disk,
						 .settings = publication_settings(publication),
						 .video = video,
						 .state = state,
						 .target = target,
						 .files = cJSON_AddArrayToObject(meta, "files")};

	if (!cJSON_IsArray(json_at(state, "files")))
		json_put(state, "files", cJSON_CreateArray());
	for (size_t i = 0; i < lesson->files.count; i++)
		if (!put_artifact(&store, &lesson->files.items[i], err))
			return false;
	return put_description(&store, lesson, err) && put_metadata(&store, lesson, err) &&
		   remove_but(disk, json_at(publication->input, "target.meta.files"), store.files,
					  err) &&
		   remove_but(disk, json_at(state, "files"), store.files, err);
}

bool
yandex_files_remove(YandexDisk *disk, const cJSON *files, const cJSON *keep, Error *err)
{
	return remove_but(disk, files, keep, err);
}
