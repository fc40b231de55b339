/*
 * platform/yandex_disk_place.c
 *	  Where a lesson is on a disk.
 */
#include "platform/yandex_disk_place.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/utf8.h"

#define ROOT       "disk:/"
#define BASE_MOST  200 /* bytes of the name of a video: numbers and suffixes come behind */
#define HIDDEN_HEX 24

/* The last part of a path. */
static const char *
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Copies a name without what no name may have, at most `most` bytes of whole characters. */
static void
tidy_name(const char *name, size_t most, char *tidy)
{
	size_t length = 0;
	uint32_t code;

	while ((code = utf8_next(&name)) != 0)
	{
		char bytes[4];
		size_t count =
			utf8_put(code < ' ' || code == 0x7f                                 ? ' '
					 : code < 0x80 && strchr("/\\:*?\"<>|", (int) code) != NULL ? '-'
																				: code,
					 bytes);

		if (length + count > most)
			break;
		memcpy(tidy + length, bytes, count);
		length += count;
	}
	while (length > 0 && (tidy[length - 1] == ' ' || tidy[length - 1] == '.'))
		length--;
	tidy[length] = '\0';
}

static bool
fits(int length, const char *path, Error *err)
{
	return (length < YANDEX_PATH_SIZE && strlen(last_part(path)) <= YANDEX_NAME_MOST) ||
		   error_set(err, ERROR_PERMANENT, "bad_path",
					 "Shorten folder_path_template or filename_template.",
					 "the path \"%.100s...\" is longer than it may be", path);
}

bool
yandex_place_join(const char *folder, const char *name, char path[YANDEX_PATH_SIZE],
				  Error *err)
{
	size_t length;
	int written;

	if (strncmp(folder, ROOT, strlen(ROOT)) == 0)
		folder += strlen(ROOT);
	folder += strspn(folder, "/");
	length = strlen(folder);
	while (length > 0 && folder[length - 1] == '/')
		length--;
	written = snprintf(path, YANDEX_PATH_SIZE, "%s%.*s%s%s", ROOT, (int) length, folder,
					   length > 0 ? "/" : "", name);
	if (name[0] == '\0' || strstr(path, "/../") != NULL)
		return error_set(err, ERROR_PERMANENT, "bad_path",
						 "Look at folder_path_template and filename_template.",
						 "\"%.200s\" is no path of a file", path);
	return fits(written, path, err);
}

bool
yandex_place_video(const cJSON *settings, const Lesson *lesson, int number,
				   char path[YANDEX_PATH_SIZE], Error *err)
{
	const char *folder = json_text(settings, "folder_path", "");
	const char *wish = json_text(settings, "filename", "");
	char video[32];
	char dated[1024];
	char base[BASE_MOST + 1];
	char name[YANDEX_NAME_MOST + 1];
	const char *suffix;
	size_t length;

	if (folder[0] == '\0')
		return error_set(err, ERROR_PERMANENT, "bad_settings",
						 "Set folder_path_template in the preset; leap.publication() "
						 "shows what becomes of it.",
						 "the preset names no folder to publish to");
	lesson_video_name(lesson, video);
	suffix = strrchr(video, '.');
	snprintf(dated, sizeof dated, "%s %.1000s", lesson->date, lesson->title);
	tidy_name(wish[0] != '\0' ? wish : dated, BASE_MOST, base);
	length = strlen(base);
	if (length > strlen(suffix) &&
		strcasecmp(base + length - strlen(suffix), suffix) == 0)
		base[length - strlen(suffix)] = '\0';
	if (number > 1)
		snprintf(name, sizeof name, "%s (%d)%s", base, number, suffix);
	else
		snprintf(name, sizeof name, "%s%s", base, suffix);
	return yandex_place_join(folder, name, path, err);
}

/* Where the suffix of a path begins; its end when it has none. */
static int
base_length(const char *path)
{
	const char *part = last_part(path);
	const char *dot = strrchr(part, '.');

	return (int) ((dot != NULL && dot > part ? dot : part + strlen(part)) - path);
}

bool
yandex_place_beside(const char *video, const char *suffix, char path[YANDEX_PATH_SIZE],
					Error *err)
{
	int length =
		snprintf(path, YANDEX_PATH_SIZE, "%.*s.%s", base_length(video), video, suffix);

	return fits(length, path, err);
}

bool
yandex_place_hidden(const char *video, const char *words, char path[YANDEX_PATH_SIZE],
					Error *err)
{
	CLEANUP(hash) Hash hash = {NULL};
	char hex[HASH_HEX_SIZE];
	int length;

	hash_begin(&hash);
	hash_update(&hash, video, strlen(video));
	hash_update(&hash, words, strlen(words));
	hash_finish(&hash, hex);
	length = snprintf(path, YANDEX_PATH_SIZE, "%.*s.leap-%.*s.part",
					  (int) (last_part(video) - video), video, HIDDEN_HEX, hex);
	return fits(length, path, err);
}

static bool
make_one(YandexDisk *disk, const char *path, cJSON *made, Error *err)
{
	const YandexField fields[] = {
		{"path", path},
        {NULL,   NULL}
    };
	YandexFile there;

	if (yandex_disk_call(disk, "PUT", "/resources", fields, NULL, err))
	{
		cJSON_AddItemToArray(made, cJSON_CreateString(path));
		return true;
	}
	if (disk->status != 409 || !yandex_disk_look(disk, path, &there, err))
		return false;
	return there.is_folder || error_set(err, ERROR_PERMANENT, "path_taken",
										"Choose another folder_path_template.",
										"\"%.200s\" is a file", path);
}

bool
yandex_place_make(YandexDisk *disk, const char *path, cJSON *made, Error *err)
{
	char folder[YANDEX_PATH_SIZE];
	char *slash;
	YandexFile there;

	snprintf(folder, sizeof folder, "%s", path);
	slash = strrchr(folder, '/');
	if (slash == NULL || slash < folder + strlen(ROOT))
		return true; /* the root */
	*slash = '\0';
	if (!yandex_disk_look(disk, folder, &there, err))
		return false;
	if (there.is_folder)
		return true;
	for (slash = folder + strlen(ROOT); (slash = strchr(slash, '/')) != NULL; slash++)
	{
		bool ok;

		*slash = '\0';
		ok = make_one(disk, folder, made, err);
		*slash = '/';
		if (!ok)
			return false;
	}
	return make_one(disk, folder, made, err);
}

bool
yandex_place_clear(YandexDisk *disk, const cJSON *made, Error *err)
{
	/* what was made later lies in what was made before */
	for (int i = cJSON_GetArraySize(made) - 1; i >= 0; i--)
	{
		const cJSON *folder = cJSON_GetArrayItem(made, i);
		bool empty;

		if (!cJSON_IsString(folder))
			continue;
		if (!yandex_disk_is_empty(disk, folder->valuestring, &empty, err) ||
			(empty && !yandex_disk_delete(disk, folder->valuestring, err)))
			return false;
	}
	return true;
}
