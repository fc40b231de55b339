/*
 * platform/library_index.c
 *	  The list of a user's lessons.
 */
#include "platform/library_index.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/timecode.h"
#include "platform/folder.h"
#include "platform/html.h"
#include "platform/page_files.h"

#define METADATA_MOST (4 << 20)

typedef struct Entry
{
	char *folder;
	cJSON *metadata;
	bool has_poster;
} Entry;

typedef struct Index
{
	Entry *entries;
	size_t count;
	size_t capacity;
} Index;

static void
cleanup_index(Index *index)
{
	for (size_t i = 0; i < index->count; i++)
	{
		free(index->entries[i].folder);
		cJSON_Delete(index->entries[i].metadata);
	}
	free(index->entries);
}

/* The metadata of a lesson's folder; NULL for what is no lesson. */
static cJSON *
read_metadata(int folder_fd)
{
	CLEANUP(close)
	int fd = openat(folder_fd, "metadata.json", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	CLEANUP(free) char *text = NULL;
	struct stat status;
	ssize_t got;
	cJSON *metadata = NULL;

	if (fd < 0 || fstat(fd, &status) < 0 || status.st_size > METADATA_MOST)
		return NULL;
	text = array_new((size_t) status.st_size + 1, 1);
	got = pread(fd, text, (size_t) status.st_size, 0);
	if (got != status.st_size ||
		!json_parse(text, (size_t) got, "metadata.json", &metadata, NULL))
		return NULL;
	return metadata;
}

static void
take_folder(Index *index, int lane_fd, const char *name)
{
	CLEANUP(close)
	int fd = openat(lane_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	cJSON *metadata = fd >= 0 ? read_metadata(fd) : NULL;

	if (metadata == NULL)
		return;
	index->entries = array_room(index->entries, &index->capacity, index->count + 1,
								sizeof *index->entries);
	index->entries[index->count++] =
		(Entry){.folder = array_text(name),
				.metadata = metadata,
				.has_poster = faccessat(fd, "poster.jpg", R_OK, 0) == 0};
}

/* Newest first; of one day the later in the alphabet. */
static int
compare(const void *left, const void *right)
{
	const Entry *one = left;
	const Entry *other = right;

	return strcmp(other->folder, one->folder);
}

static bool
collect(Index *index, int lane_fd, Error *err)
{
	int again = openat(lane_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *lane = again >= 0 ? fdopendir(again) : NULL;
	struct dirent *entry;

	if (lane == NULL)
	{
		error_errno(err, "library_failed", "cannot read the library");
		cleanup_close(&again);
		return false;
	}
	while ((entry = readdir(lane)) != NULL)
		if (entry->d_name[0] != '.')
			take_folder(index, lane_fd, entry->d_name);
	(void) closedir(lane);
	if (index->count > 0)
		qsort(index->entries, index->count, sizeof *index->entries, compare);
	return true;
}

static void
write_count(Buffer *out, const void *subject)
{
	const Index *index = subject;

	buffer_printf(out, "%zu lesson%s", index->count, index->count == 1 ? "" : "s");
}

static void
put_entry(Buffer *out, const Entry *entry)
{
	buffer_printf(out, "<li><a href=\"%s/index.html\"><span class=\"picture\">",
				  entry->folder);
	if (entry->has_poster)
		buffer_printf(out, "<img src=\"%s/poster.jpg\" alt=\"\" loading=\"lazy\">",
					  entry->folder);
	buffer_puts(out, "</span><strong dir=\"auto\">");
	html_text(out, json_text(entry->metadata, "title", "Lecture"));
	buffer_puts(out, "</strong><small>");
	html_text(out, json_text(entry->metadata, "date", ""));
	buffer_puts(out, " · ");
	timecode_put_short(out, json_number(entry->metadata, "duration", 0));
	buffer_puts(out, "</small></a></li>\n");
}

static void
write_lessons(Buffer *out, const void *subject)
{
	const Index *index = subject;

	for (size_t i = 0; i < index->count; i++)
		put_entry(out, &index->entries[i]);
}

static bool
write_files(int lane_fd, const Index *index, Error *err)
{
	static const HtmlSlot slots[] = {
		{"count",   write_count  },
		{"lessons", write_lessons},
		{NULL,      NULL         },
	};
	CLEANUP(buffer) Buffer page;

	buffer_init(&page);
	html_fill(&page, page_library_html, slots, index);
	return folder_replace_file(lane_fd, "lesson.css", page_lesson_css,
							   strlen(page_lesson_css), err) &&
		   folder_replace_file(lane_fd, "index.html", page.data, page.length, err);
}

bool
library_index_write(int lane_fd, Error *err)
{
	CLEANUP(close)
	int lock = openat(lane_fd, ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	CLEANUP(index) Index index = {.entries = NULL};

	while (lock < 0 || flock(lock, LOCK_EX) < 0)
		if (lock < 0 || errno != EINTR)
			return error_errno(err, "library_failed", "cannot lock the list of lessons");
	return collect(&index, lane_fd, err) && write_files(lane_fd, &index, err);
}
