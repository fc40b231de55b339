/*
 * gate/page_folder.c
 *	  The files of the page from a folder: a change is seen when the browser asks again.
 *
 * The libraries are not among the sources: the program's own are sent.
 */
#include "gate/page_folder.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "storage/beneath.h"

#define MOST_BYTES (4 * 1024 * 1024)
#define BASE       "%BASE%"

static const struct
{
	const char *ending;
	const char *type;
} types[] = {
	{".css",  "text/css; charset=utf-8"       },
    {".html", "text/html; charset=utf-8"      },
	{".js",   "text/javascript; charset=utf-8"},
    {".svg",  "image/svg+xml"                 },
	{".txt",  "text/plain; charset=utf-8"     },
};

static const char *
type_of(const char *name)
{
	const char *ending = strrchr(name, '.');

	for (size_t i = 0; ending != NULL && i < sizeof types / sizeof types[0]; i++)
		if (strcmp(ending, types[i].ending) == 0)
			return types[i].type;
	return NULL;
}

bool
page_folder_open(const char *folder, int *folder_fd, Error *err)
{
	*folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*folder_fd < 0)
		return error_errno(err, "usage", "cannot open the page's folder %.200s", folder);
	return true;
}

static bool
read_all(int fd, Buffer *bytes)
{
	char piece[16384];
	ssize_t got;

	while ((got = read(fd, piece, sizeof piece)) > 0 && bytes->length < MOST_BYTES)
		buffer_append(bytes, piece, (size_t) got);
	return got == 0;
}

static void
append_with_base(Buffer *bytes, const char *text)
{
	const char *mark;

	for (; (mark = strstr(text, BASE)) != NULL; text = mark + strlen(BASE))
	{
		buffer_append(bytes, text, (size_t) (mark - text));
		buffer_puts(bytes, "/app/v/" PAGE_FOLDER_HASH);
	}
	buffer_puts(bytes, text);
}

bool
page_folder_read(int folder_fd, const char *name, Buffer *bytes, const char **type)
{
	CLEANUP(close) int fd = -1;
	CLEANUP(buffer) Buffer raw;
	struct stat about;

	buffer_init(&raw);
	*type = type_of(name);
	if (*type == NULL ||
		(fd = beneath_open(folder_fd, name, O_RDONLY | O_NONBLOCK, 0)) < 0 ||
		fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) || !read_all(fd, &raw))
		return false;
	if (strcmp(name, "index.html") == 0)
		append_with_base(bytes, raw.data);
	else
		buffer_append(bytes, raw.data, raw.length);
	return true;
}
