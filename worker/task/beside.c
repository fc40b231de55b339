/*
 * task/beside.c
 *	  Subtitles that lie beside a recording.
 */
#include "task/beside.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "platform/language_name.h"
#include "storage/import.h"

/* A folder with more entries than this is not searched to its end. */
#define ENTRIES_MOST 200000

#define LANGUAGE_SIZE 40
#define NAME_SIZE     256

typedef struct Beside
{
	char name[NAME_SIZE]; /* of the file */
	char language[LANGUAGE_SIZE];
	const char *format;
} Beside;

typedef struct Search
{
	const cJSON *roots;
	const char *folder;
	const char *stem; /* of the recording's name */
	Beside *items;
	size_t count;
	size_t room;
	cJSON *captions;
	cJSON *notes;
	size_t bytes; /* of all bodies */
} Search;

static void
cleanup_search(Search *search)
{
	free(search->items);
	cJSON_Delete(search->captions);
	cJSON_Delete(search->notes);
}

/* In the order they are to be taken: by language, WebVTT before SubRip. */
static int
by_language(const void *left, const void *right)
{
	const Beside *a = left;
	const Beside *b = right;
	int order = strcmp(a->language, b->language);

	if (order == 0)
		order = strcmp(b->format, a->format);
	return order != 0 ? order : strcmp(a->name, b->name);
}

/* The tag between the recording's name and the suffix, "" when there is none; false for what
 * is no language. */
static bool
take_language(const char *text, size_t length, char language[LANGUAGE_SIZE])
{
	language[0] = '\0';
	if (length == 0)
		return true;
	if (length >= LANGUAGE_SIZE)
		return false;
	memcpy(language, text, length);
	language[length] = '\0';
	for (char *at = language; *at != '\0' && *at != '-'; at++)
		*at = (char) tolower((unsigned char) *at);
	return language_is_tag(language);
}

/* Remembers a file that is named like the recording. */
static void
consider(Search *search, const char *name)
{
	static const char *const formats[] = {"vtt", "srt"};
	size_t stem = strlen(search->stem);
	size_t length = strlen(name);
	Beside beside = {.format = NULL};

	if (length < stem + 4 || length >= NAME_SIZE || name[length - 4] != '.' ||
		strncmp(name, search->stem, stem) != 0 || name[stem] != '.')
		return;
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcasecmp(name + length - 3, formats[i]) == 0)
			beside.format = formats[i];
	/* between: nothing, or a point and a language */
	if (beside.format == NULL ||
		!take_language(name + stem + 1, length > stem + 4 ? length - stem - 5 : 0,
					   beside.language))
		return;
	snprintf(beside.name, sizeof beside.name, "%s", name);
	search->items =
		array_room(search->items, &search->room, search->count + 1, sizeof beside);
	search->items[search->count++] = beside;
}

/* A folder that cannot be listed has no subtitles: the recording itself was opened. */
static void
look_around(Search *search)
{
	CLEANUP(close) int fd = -1;
	DIR *folder;
	struct dirent *entry;
	Error err;

	if (!import_open_folder(search->roots, search->folder, &fd, &err) ||
		(folder = fdopendir(fd)) == NULL)
		return;
	fd = -1; /* the folder's now */
	for (size_t seen = 0; seen < ENTRIES_MOST && (entry = readdir(folder)) != NULL;
		 seen++)
		consider(search, entry->d_name);
	(void) closedir(folder);
	if (search->count > 1)
		qsort(search->items, search->count, sizeof *search->items, by_language);
}

static void
note(Search *search, const char *name, const char *why)
{
	/* what is no text in a name cannot be told */
	char shown[2 * NAME_SIZE];
	char text[3 * NAME_SIZE];
	size_t length = 0;

	while (*name != '\0' && length + 4 < sizeof shown)
	{
		uint32_t code = utf8_next(&name);

		length += utf8_put(code < ' ' || code == 0x7F ? '?' : code, shown + length);
	}
	shown[length] = '\0';
	snprintf(text, sizeof text, "The subtitles %s were left aside: %s", shown, why);
	log_info("download: %s", text);
	cJSON_AddItemToArray(search->notes, cJSON_CreateString(text));
}

/* Why these bytes cannot be taken as text, or NULL. */
static const char *
no_text(const char *body, size_t bytes)
{
	const char *at = body;

	if (bytes >= 2 &&
		(memcmp(body, "\xff\xfe", 2) == 0 || memcmp(body, "\xfe\xff", 2) == 0))
		return "they are UTF-16; save them as UTF-8.";
	while (at < body + bytes)
	{
		const char *from = at;

		if (*at == '\0')
			return "they hold bytes that are no text; save them as UTF-8.";
		if (utf8_next(&at) == 0xFFFD && memcmp(from, "\xef\xbf\xbd", 3) != 0)
			return "they are no UTF-8; save them as UTF-8.";
	}
	return NULL;
}

static const char *
read_body(int fd, off_t size, char **body)
{
	char *text = array_new((size_t) size + 4, 1);
	size_t have = 0;
	ssize_t got;
	const char *why;

	*body = text;
	while ((off_t) have < size && (got = read(fd, text + have, (size_t) size - have)) > 0)
		have += (size_t) got;
	if ((off_t) have < size)
		return "they could not be read.";
	why = no_text(text, have);
	if (why == NULL && strncmp(text, "\xef\xbb\xbf", 3) == 0)
		memmove(text, text + 3, have - 2);
	return why;
}

static const char *
take(Search *search, const Beside *beside)
{
	CLEANUP(close) int fd = -1;
	CLEANUP(free) char *path = NULL;
	CLEANUP(free) char *body = NULL;
	struct stat status;
	const char *why;
	cJSON *caption;
	Error err;

	path = array_new(strlen(search->folder) + strlen(beside->name) + 2, 1);
	stpcpy(stpcpy(stpcpy(path, search->folder), "/"), beside->name);
	if (!import_open(search->roots, path, &fd, &status, &err))
		return "they are no ordinary file that may be read.";
	if (status.st_size == 0)
		return "they are empty.";
	if (status.st_size > BESIDE_MOST_BYTES)
		return "they have more than 4 MB.";
	if (search->bytes + (size_t) status.st_size > BESIDE_MOST_TOTAL)
		return "all of them together have more than 8 MB.";
	if ((why = read_body(fd, status.st_size, &body)) != NULL)
		return why;
	search->bytes += (size_t) status.st_size;
	caption = cJSON_CreateObject();
	cJSON_AddStringToObject(caption, "language", beside->language);
	cJSON_AddStringToObject(caption, "format", beside->format);
	cJSON_AddStringToObject(caption, "body", body);
	cJSON_AddItemToArray(search->captions, caption);
	return NULL;
}

static void
take_all(Search *search)
{
	const char *taken = NULL;

	for (size_t i = 0; i < search->count; i++)
	{
		const Beside *beside = &search->items[i];
		const char *why;

		if (taken != NULL && strcmp(taken, beside->language) == 0)
			why = "there are others of that language.";
		else if (cJSON_GetArraySize(search->captions) >= BESIDE_MOST_FILES)
			why = "there are more than 8.";
		else
			why = take(search, beside);
		if (why == NULL)
			taken = beside->language;
		else
			note(search, beside->name, why);
	}
}

void
captions_beside(TaskContext *context, const char *path)
{
	CLEANUP(free) char *folder = array_text(path);
	char *name = strrchr(folder, '/');
	CLEANUP(search) Search search = {.roots = json_at(context->input, "import_roots")};
	char *suffix;

	if (name == NULL || name == folder)
		return;
	*name++ = '\0';
	suffix = strrchr(name, '.');
	if (suffix != NULL && suffix != name)
		*suffix = '\0';
	search.folder = folder;
	search.stem = name;
	search.captions = cJSON_CreateArray();
	search.notes = cJSON_CreateArray();
	look_around(&search);
	take_all(&search);
	/* also where there are none any more */
	task_fact(context, "captions", search.captions);
	search.captions = NULL;
	if (cJSON_GetArraySize(search.notes) > 0)
	{
		task_fact(context, "caption_notes", search.notes);
		search.notes = NULL;
	}
}
