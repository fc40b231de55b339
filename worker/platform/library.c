/*
 * platform/library.c
 *	  The local library: a folder a lesson, complete in itself, to be opened as a file or
 *	  served by any web server.
 *
 * <library>/<lane>/<day>-<title>-<end of the recording's id>/ holds the lesson. The end of
 * the id finds the folder again: a lesson that is published again keeps its place (and its
 * address) even when its title has changed. A reader sees the old lesson or the new one,
 * never parts of both. A process frozen between the question and the rename can only put a
 * complete lesson of the same recording there.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "base/path.h"
#include "platform/folder.h"
#include "platform/lesson.h"
#include "platform/lesson_video.h"
#include "platform/library_index.h"
#include "platform/page_files.h"
#include "platform/platform.h"
#include "platform/slug.h"

#define SLUG_SIZE 64
#define ID_DIGITS 12
#define NAME_SIZE (11 + SLUG_SIZE + ID_DIGITS + 2)

/* Opens the folder of the owner's lessons, made if it is missing. */
static bool
open_lane(const Publication *publication, char lane[8], int *fd, Error *err)
{
	CLEANUP(close) int root = -1;

	snprintf(lane, 8, "%06lld",
			 (long long) json_int64(publication->input, "recording.lane", 0) % 1000000);
	root = open(publication->library, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_errno(err, "library_unreachable", "cannot open library \"%.300s\"",
						   publication->library);
	/* one that exists keeps the mode its operator gave it */
	return path_make_folders(root, lane, 0755, fd, err);
}

/* "-" and the last digits of the recording's id, which every name of its folder ends with. */
static bool
id_suffix(const char *id, char suffix[ID_DIGITS + 2], Error *err)
{
	size_t length = strlen(id);

	if (length < ID_DIGITS || strspn(id, "0123456789abcdef-") != length ||
		strchr(id + length - ID_DIGITS, '-') != NULL)
		return error_set(err, ERROR_PERMANENT, "bad_message", HINT_BUG,
						 "\"%.60s\" is no recording id", id);
	snprintf(suffix, ID_DIGITS + 2, "-%s", id + length - ID_DIGITS);
	return true;
}

/* The name of the folder that ends with suffix, or "". */
static void
find_folder(int lane_fd, const char *suffix, char name[NAME_SIZE])
{
	int again = openat(lane_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *lane = again >= 0 ? fdopendir(again) : NULL;
	struct dirent *entry;

	name[0] = '\0';
	while (lane != NULL && (entry = readdir(lane)) != NULL)
	{
		size_t length = strlen(entry->d_name);

		if (entry->d_name[0] != '.' && length < NAME_SIZE && length > strlen(suffix) &&
			strcmp(entry->d_name + length - strlen(suffix), suffix) == 0)
			memcpy(name, entry->d_name, length + 1);
	}
	if (lane != NULL)
		(void) closedir(lane);
}

/* The lesson's folder: where it was published before, else a new name. */
static bool
choose_name(const Lesson *lesson, int lane_fd, char name[NAME_SIZE], Error *err)
{
	char suffix[ID_DIGITS + 2];
	char slug[SLUG_SIZE];

	if (!id_suffix(lesson->id, suffix, err))
		return false;
	find_folder(lane_fd, suffix, name);
	if (name[0] != '\0')
		return true;
	slug_of(lesson->title, slug, sizeof slug);
	snprintf(name, NAME_SIZE, "%s-%s%s", lesson->date, slug, suffix);
	return true;
}

static bool
place(const Publication *publication, const char *kind, const Folder *folder,
	  const char *name, Error *err)
{
	const cJSON *artifact = lesson_artifact(publication->input, kind);

	return artifact == NULL ||
		   storage_place(publication->storage, json_text(artifact, "uri", ""), folder->fd,
						 name, err);
}

/* Everything that was made for this recording already. */
static bool
place_artifacts(const Publication *publication, Lesson *lesson, const Folder *folder,
				Error *err)
{
	char video[32];

	lesson_video_name(lesson, video);
	if (!lesson_video_place(publication, lesson, folder->fd, video, err))
		return false;
	for (size_t i = 0; i < lesson->files.count; i++)
		if (!place(publication, lesson->files.items[i].kind, folder,
				   lesson->files.items[i].name, err))
			return false;
	return true;
}

/* What is made for publishing. */
static bool
write_pages(const Lesson *lesson, const Folder *folder, Error *err)
{
	CLEANUP(buffer) Buffer page;
	CLEANUP(json) cJSON *metadata = lesson_metadata(lesson);
	CLEANUP(free) char *text = cJSON_Print(metadata);

	buffer_init(&page);
	lesson_write_page(lesson, &page);
	return folder_write(folder, "metadata.json", text, strlen(text), err) &&
		   folder_write(folder, "lesson.css", page_lesson_css, strlen(page_lesson_css),
						err) &&
		   folder_write(folder, "lesson.js", page_lesson_js, strlen(page_lesson_js),
						err) &&
		   folder_write(folder, "index.html", page.data, page.length, err);
}

/* Where people find it: below the prefix of the preset, or that of the library, else as a
 * file. */
static void
put_url(Buffer *url, const Publication *publication, const char *remote_id)
{
	const char *prefix =
		json_text(publication->input, "target.config.url_prefix",
				  publication->library_url != NULL ? publication->library_url : "");

	if (prefix[0] != '\0')
	{
		buffer_printf(url, "%s%s%s/", prefix,
					  prefix[strlen(prefix) - 1] == '/' ? "" : "/", remote_id);
		return;
	}
	buffer_puts(url, "file://");
	for (const char *c = publication->library; *c != '\0'; c++)
		if (strchr("/-._~", *c) != NULL || (*c >= '0' && *c <= '9') ||
			((*c | 0x20) >= 'a' && (*c | 0x20) <= 'z'))
			buffer_append(url, c, 1);
		else
			buffer_printf(url, "%%%02X", (unsigned char) *c);
	buffer_printf(url, "/%s/index.html", remote_id);
}

static cJSON *
describe(const Publication *publication, const char *lane, const char *name)
{
	cJSON *target = cJSON_CreateObject();
	cJSON *meta = cJSON_AddObjectToObject(target, "meta");
	CLEANUP(buffer) Buffer url;
	char remote_id[NAME_SIZE + 8];

	buffer_init(&url);
	snprintf(remote_id, sizeof remote_id, "%s/%s", lane, name);
	put_url(&url, publication, remote_id);
	cJSON_AddStringToObject(target, "remote_id", remote_id);
	cJSON_AddStringToObject(target, "url", url.data);
	cJSON_AddStringToObject(meta, "folder", remote_id);
	return target;
}

static bool
build_and_show(const Publication *publication, Lesson *lesson, int lane_fd,
			   const char *lane, const char *name, Error *err)
{
	CLEANUP(folder) Folder folder = FOLDER_NONE;
	const Reporter *reporter = publication->reporter;
	char path[64];

	folder_prepare(&folder, lane_fd);
	snprintf(path, sizeof path, "%s/%s", lane, folder.hidden);
	reporter->made(reporter->arg, "library", path);
	if (!folder_begin(&folder, err) ||
		!publication_progress(publication, 0.1, "copying the video", err) ||
		!place_artifacts(publication, lesson, &folder, err) ||
		!publication_progress(publication, 0.8, "writing the page", err) ||
		!write_pages(lesson, &folder, err) || !folder_finish(&folder, err))
		return false;
	return publication_confirm(publication, "publish the lesson", err) &&
		   folder_show(&folder, name, err);
}

/* What an operator can do about a library that does not take a lesson. Returns false. */
static bool
advise(Error *err)
{
	static const char *const codes[] = {"library_unreachable", "library_failed",
										"folder_failed", "storage_failed", "copy_failed"};

	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (err->hint[0] == '\0' && strcmp(err->code, codes[i]) == 0)
			snprintf(err->hint, sizeof err->hint,
					 "The option library must name a folder with room that the user of "
					 "the worker may write to; then retry the recording.");
	return false;
}

static bool
library_publish(const Publication *publication, cJSON **target, Error *err)
{
	CLEANUP(lesson) Lesson lesson = {.input = NULL};
	CLEANUP(close) int lane_fd = -1;
	char lane[8];
	char name[NAME_SIZE];
	Error unlisted = {0};

	if (!publication_progress(publication, 0.0, "collecting", err) ||
		!lesson_read(publication, &lesson, err) ||
		!open_lane(publication, lane, &lane_fd, err) ||
		!choose_name(&lesson, lane_fd, name, err) ||
		!build_and_show(publication, &lesson, lane_fd, lane, name, err))
		return advise(err);
	/* the lesson is out: a list without it must not make the task fail */
	if (!library_index_write(lane_fd, &unlisted))
		log_warning("the list of lessons is old: %s", unlisted.message);
	*target = describe(publication, lane, name);
	return true;
}

/* The lesson appears in place of what is there, whatever that is called. */
static bool
library_update(const Publication *publication, const char *remote_id, cJSON **target,
			   Error *err)
{
	(void) remote_id;
	return library_publish(publication, target, err);
}

/* The folder is known by the recording: a title may have changed its name since. */
static bool
library_remove(const Publication *publication, const char *remote_id, Error *err)
{
	CLEANUP(close) int lane_fd = -1;
	char lane[8];
	char suffix[ID_DIGITS + 2];
	char name[NAME_SIZE];

	(void) remote_id;
	if (!id_suffix(json_text(publication->input, "recording.id", ""), suffix, err) ||
		!open_lane(publication, lane, &lane_fd, err))
		return false;
	find_folder(lane_fd, suffix, name);
	return name[0] == '\0' ||
		   (path_remove_tree(lane_fd, name, err) && library_index_write(lane_fd, err));
}

const Platform platform_library = {
	.name = "library",
	.purpose = "a folder with video, subtitles and a web page on this machine",
	.swaps_video = true,
	.publish = library_publish,
	.update = library_update,
	.remove = library_remove,
};
