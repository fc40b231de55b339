/*
 * platform/s3_files.c
 *	  The files beside a video in a bucket.
 */
#include "platform/s3_files.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "platform/language_name.h"

#define FROM 0.9 /* of the task: the video is there */

/* Files a bucket may hold beside a video, all targets together; what is more stays. */
#define BESIDE_MOST 500

/* A word of the setting `sidecars`, and the kinds of artifacts it means. */
static const struct
{
	const char *word;
	const char *kind;
} words[] = {
	{"srt",        "srt"       },
	{"vtt",        "vtt"       },
	{"vtt",        "chapters"  },
	{"transcript", "text"      },
	{"transcript", "transcript"},
	{"poster",     "poster"    },
};

typedef struct Store
{
	const Publication *publication;
	S3 *s3;
	const S3Place *place;
	const Lesson *lesson;
	cJSON *target;
	cJSON *keys; /* meta.files */
} Store;

static bool
is_wanted(const Publication *publication, const char *word)
{
	const cJSON *list = json_at(publication_settings(publication), "sidecars");
	const cJSON *one;

	cJSON_ArrayForEach(one, list) if (cJSON_IsString(one) &&
									  strcmp(one->valuestring, word) == 0) return true;
	return !cJSON_IsArray(list);
}

/* "srt:ru" is of the kind "srt". */
static bool
is_kind_wanted(const Publication *publication, const char *kind)
{
	size_t length = strcspn(kind, ":");

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strlen(words[i].kind) == length &&
			strncmp(words[i].kind, kind, length) == 0 &&
			is_wanted(publication, words[i].word))
			return true;
	return false;
}

/* Not there, or of this target: then it may be written. *same: it is there as it is. */
static bool
may_write(const Store *store, const char *key, const char *mark, bool *same, Error *err)
{
	S3Object object;
	bool found;

	*same = false;
	if (!s3_head(store->s3, key, &found, &object, err))
		return false;
	if (!found)
		return true;
	*same = strcmp(object.mark, mark) == 0;
	return s3_mark_is_own(store->publication, object.mark) ||
		   error_set(err, ERROR_PERMANENT, "key_taken",
					 "Choose another key_template, or move what is there away.",
					 "there is an object \"%.200s\" already that is not of this lesson",
					 key);
}

static bool
put(const Store *store, const char *name, const char *sha256, const char *type,
	const S3Body *body, Error *err)
{
	const cJSON *settings = publication_settings(store->publication);
	char key[S3_KEY_SIZE];
	char mark[S3_MARK_SIZE];
	const S3Facts facts = {.type = type,
						   .mark = mark,
						   .acl = json_text(settings, "acl", ""),
						   .storage_class = json_text(settings, "storage_class", "")};
	bool same;

	s3_mark(store->publication, sha256, mark);
	if (!s3_place_file(store->place, name, key, err) ||
		!may_write(store, key, mark, &same, err) ||
		(!same && !s3_put(store->s3, key, body, &facts, NULL, err)))
		return false;
	cJSON_AddItemToArray(store->keys, cJSON_CreateString(key));
	return true;
}

static bool
put_text(const Store *store, const char *name, const char *type, const char *text,
		 Error *err)
{
	S3Body body = S3_TEXT(text);
	CLEANUP(hash) Hash hash = {NULL};
	char sha256[HASH_HEX_SIZE];

	hash_begin(&hash);
	hash_update(&hash, text, body.length);
	hash_finish(&hash, sha256);
	body.sha256 = sha256;
	body.share_from = body.share_to = FROM;
	body.step = "uploading the files";
	return publication_settle(store->target, name,
							  put(store, name, sha256, type, &body, err), err);
}

static bool
put_artifact(const Store *store, const LessonFile *file, Error *err)
{
	const cJSON *artifact = lesson_artifact(store->publication->input, file->kind);
	CLEANUP(close) int fd = -1;
	S3Body body = {.share_from = FROM, .share_to = FROM, .step = "uploading the files"};
	const char *sha256 = json_text(artifact, "sha256", "");

	if (!storage_open(store->publication->storage, json_text(artifact, "uri", ""), &fd,
					  &body.bytes, err))
		return false;
	body.fd = fd;
	body.sha256 = sha256[0] != '\0' ? sha256 : NULL;
	return publication_settle(store->target, file->name,
							  put(store, file->name, sha256,
								  json_text(artifact, "media_type", NULL), &body, err),
							  err);
}

/* The document names the files as they are called here. */
static bool
put_metadata(const Store *store, Error *err)
{
	CLEANUP(json) cJSON *metadata = lesson_metadata(store->lesson);
	CLEANUP(free) char *text = NULL;
	cJSON *file = cJSON_GetObjectItemCaseSensitive(metadata, "files")->child;
	const char *slash = strrchr(store->place->key, '/');

	json_put(file, "name",
			 cJSON_CreateString(slash != NULL ? slash + 1 : store->place->key));
	for (size_t i = 0; i < store->lesson->files.count; i++)
	{
		char key[S3_KEY_SIZE];

		file = file->next;
		if (!s3_place_file(store->place, store->lesson->files.items[i].name, key, err))
			return publication_settle(store->target, "metadata.json", false, err);
		slash = strrchr(key, '/');
		json_put(file, "name", cJSON_CreateString(slash != NULL ? slash + 1 : key));
	}
	text = cJSON_Print(metadata);
	return put_text(store, "metadata.json", "application/json", text, err);
}

static void
drop_unwanted(const Publication *publication, LessonFiles *files)
{
	size_t kept = 0;

	for (size_t i = 0; i < files->count; i++)
		if (is_kind_wanted(publication, files->items[i].kind))
			files->items[kept++] = files->items[i];
	files->count = kept;
}

/* Keys of objects beside a video. */
typedef struct Beside
{
	char **keys;
	size_t count;
	size_t capacity;
} Beside;

static void
cleanup_beside(Beside *beside)
{
	for (size_t i = 0; i < beside->count; i++)
		free(beside->keys[i]);
	free(beside->keys);
}

static bool
note(void *arg, const S3Object *object)
{
	Beside *beside = arg;

	beside->keys = array_room(beside->keys, &beside->capacity, beside->count + 1,
							  sizeof beside->keys[0]);
	beside->keys[beside->count++] = array_text(object->key);
	return beside->count < BESIDE_MOST;
}

static bool
is_listed(const cJSON *keys, const char *key)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, keys) if (strcmp(one->valuestring, key) == 0) return true;
	return false;
}

/* Files that are made here whatever the language. */
static const char *const names[] = {
	"srt",
	"vtt",
	"poster.jpg",
	"chapters.vtt",
	"transcript.txt",
	"transcript.json",
	"metadata.json",
	"description.txt",
};

/* Is it what a file beside the video is called? "lecture.2.mp4" is another lesson. */
static bool
is_beside(const S3Place *place, const char *key, size_t prefix)
{
	const char *name = key + prefix;
	size_t length = strcspn(name, ".");
	char language[16];

	if (strcmp(key, place->key) == 0)
		return true;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	snprintf(language, sizeof language, "%.*s", (int) length, name);
	return length < sizeof language && language_is_tag(language) &&
		   (strcmp(name + length, ".srt") == 0 || strcmp(name + length, ".vtt") == 0);
}

/* Takes away what is of this target, the video too unless it is kept, but not the `keep`. */
static bool
sweep(const Publication *publication, S3 *s3, const S3Place *place, const cJSON *keep,
	  Error *err)
{
	CLEANUP(beside) Beside beside = {.keys = NULL};
	char prefix[S3_KEY_SIZE];

	s3_place_beside(place, prefix);
	if (!s3_list(s3, prefix, NULL, 0, note, &beside, err))
		return false;
	for (size_t i = 0; i < beside.count; i++)
	{
		S3Object object;
		bool found;

		if (is_listed(keep, beside.keys[i]) ||
			!is_beside(place, beside.keys[i], strlen(prefix)))
			continue;
		if (!s3_head(s3, beside.keys[i], &found, &object, err) ||
			(found && s3_mark_is_own(publication, object.mark) &&
			 !s3_delete(s3, beside.keys[i], err)))
			return false;
	}
	return true;
}

bool
s3_files_store(const Publication *publication, S3 *s3, const S3Place *place,
			   Lesson *lesson, cJSON *target, Error *err)
{
	cJSON *meta = cJSON_GetObjectItemCaseSensitive(target, "meta");
	const Store store = {.publication = publication,
						 .s3 = s3,
						 .place = place,
						 .lesson = lesson,
						 .target = target,
						 .keys = cJSON_AddArrayToObject(meta, "files")};
	CLEANUP(json) cJSON *keep = NULL;

	drop_unwanted(publication, &lesson->files);
	for (size_t i = 0; i < lesson->files.count; i++)
		if (!put_artifact(&store, &lesson->files.items[i], err))
			return false;
	if (is_wanted(publication, "description") && lesson->description[0] != '\0' &&
		!put_text(&store, "description.txt", "text/plain; charset=utf-8",
				  lesson->description, err))
		return false;
	if (is_wanted(publication, "metadata") && !put_metadata(&store, err))
		return false;
	keep = cJSON_Duplicate(store.keys, true);
	cJSON_AddItemToArray(keep, cJSON_CreateString(place->key));
	return sweep(publication, s3, place, keep, err);
}

bool
s3_files_remove(const Publication *publication, S3 *s3, const S3Place *place, Error *err)
{
	return sweep(publication, s3, place, NULL, err);
}
