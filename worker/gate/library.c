/*
 * gate/library.c
 *	  Sending published lessons: /library/LANE/LESSON/FILE.
 *
 * A published lesson is a folder that anybody may read who knows its name, wherever the library
 * is served. What is not part of one is not there: folders are not listed, a name that begins
 * with a dot is a lesson that is being made, and no link leads out. Names are what the platform
 * wrote (platform/library.c), so nothing has to be decoded.
 */
#include "gate/library.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "gate/range.h"
#include "storage/beneath.h"

#define BELOW     "/library/"
#define INDEX     "index.html"
#define MOST_NAME 300
#define PARTS     3 /* lane, lesson, file */

/* What the lesson's page says of itself, and what only a field can say. */
#define GUARD                                                               \
	"Content-Security-Policy: default-src 'none'; script-src 'self'; "      \
	"style-src 'self'; img-src 'self'; media-src 'self'; base-uri 'none'; " \
	"form-action 'none'; frame-ancestors 'none'\r\n"                        \
	"X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"   \
	"Cross-Origin-Opener-Policy: same-origin\r\nCache-Control: public, no-cache\r\n"

struct Library
{
	int folder_fd; /* -1: it could not be opened */
};

static const struct
{
	const char *ending;
	const char *type;
} types[] = {
	{".css",  "text/css; charset=utf-8"       },
	{".html", "text/html; charset=utf-8"      },
	{".jpg",  "image/jpeg"                    },
	{".js",   "text/javascript; charset=utf-8"},
	{".json", "application/json"              },
	{".mkv",  "video/x-matroska"              },
	{".mov",  "video/quicktime"               },
	{".mp4",  "video/mp4"                     },
	{".srt",  "application/x-subrip"          },
	{".txt",  "text/plain; charset=utf-8"     },
	{".vtt",  "text/vtt; charset=utf-8"       },
	{".webm", "video/webm"                    },
};

Library *
library_open(const char *folder)
{
	Library *library = array_new(1, sizeof *library);

	library->folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (library->folder_fd < 0)
		log_warning("no lessons can be shown: cannot open library %s: %m", folder);
	return library;
}

void
library_close(Library *library)
{
	if (library == NULL)
		return;
	if (library->folder_fd >= 0)
		(void) close(library->folder_fd);
	free(library);
}

static const char *
type_of(const char *name)
{
	const char *ending = strrchr(name, '.');

	for (size_t i = 0; ending != NULL && i < sizeof types / sizeof types[0]; i++)
		if (strcmp(ending, types[i].ending) == 0)
			return types[i].type;
	return "application/octet-stream";
}

/* Three names, none of them hidden; the last may be missing behind its slash: the page. */
static bool
read_name(Slice path, char name[MOST_NAME])
{
	int length = (int) path.length - (int) strlen(BELOW);
	int parts = 1;

	if (length <= 0 || length >= MOST_NAME - (int) sizeof INDEX)
		return false;
	(void) snprintf(name, MOST_NAME, "%.*s", length, path.at + strlen(BELOW));
	if ((int) strlen(name) != length || name[0] == '.' || name[0] == '/' ||
		strpbrk(name, "%\\") != NULL || strstr(name, "//") != NULL ||
		strstr(name, "/.") != NULL)
		return false;
	for (const char *c = name; *c != '\0'; c++)
		parts += *c == '/';
	if (parts == PARTS && name[length - 1] == '/')
		(void) snprintf(name + length, sizeof INDEX, INDEX);
	return parts == PARTS;
}

static int
open_file(const Library *library, Slice path, char name[MOST_NAME], struct stat *about)
{
	int fd = -1;

	if (library->folder_fd >= 0 && read_name(path, name))
		fd = beneath_open(library->folder_fd, name, O_RDONLY | O_NONBLOCK, 0);
	if (fd >= 0 && (fstat(fd, about) != 0 || !S_ISREG(about->st_mode)))
	{
		(void) close(fd);
		fd = -1;
	}
	return fd;
}

static void
answer_plain(Exchange *exchange, int status, const char *fields, const char *text)
{
	CLEANUP(buffer) Buffer all;

	buffer_init(&all);
	buffer_printf(&all, GUARD "Content-Type: text/plain; charset=utf-8\r\n%s", fields);
	exchange_answer(exchange, status, all.data, text, strlen(text));
}

/* Takes fd over. */
static void
send_file(Exchange *exchange, const char *name, int fd, const struct stat *about)
{
	int64_t bytes = (int64_t) about->st_size;
	CLEANUP(buffer) Buffer fields;
	FileRange range;
	char etag[80];

	/* a lesson that is published again has other files */
	(void) snprintf(etag, sizeof etag, "\"%llx-%llx-%llx%09lx\"",
					(unsigned long long) about->st_ino, (unsigned long long) bytes,
					(unsigned long long) about->st_mtim.tv_sec,
					(unsigned long) about->st_mtim.tv_nsec);
	range = range_read(&exchange->head, etag, bytes);
	buffer_init(&fields);
	buffer_printf(&fields, GUARD "ETag: %s\r\nAccept-Ranges: bytes\r\n", etag);
	if (range.kind == RANGE_BEYOND)
		buffer_printf(&fields, "Content-Range: bytes */%lld\r\n", (long long) bytes);
	else if (range.kind != RANGE_SAME)
		buffer_printf(&fields, "Content-Type: %s\r\n", type_of(name));
	if (range.kind == RANGE_PART)
		buffer_printf(&fields, "Content-Range: bytes %lld-%lld/%lld\r\n",
					  (long long) range.from, (long long) (range.from + range.length - 1),
					  (long long) bytes);
	if (range.kind == RANGE_BEYOND || range.kind == RANGE_SAME)
	{
		(void) close(fd);
		exchange_answer(exchange, range.kind == RANGE_SAME ? 304 : 416, fields.data, "",
						0);
	}
	else
		exchange_answer_file(exchange, range.kind == RANGE_PART ? 206 : 200, fields.data,
							 fd, range.from, range.length);
}

bool
library_answer(const Library *library, Exchange *exchange)
{
	char name[MOST_NAME];
	struct stat about;
	int fd;

	if (library == NULL || exchange->path.length < strlen(BELOW) ||
		memcmp(exchange->path.at, BELOW, strlen(BELOW)) != 0)
		return false;
	if (!slice_is(exchange->head.method, "GET") &&
		!slice_is(exchange->head.method, "HEAD"))
	{
		answer_plain(exchange, 405, "Allow: GET, HEAD\r\n", "Lessons are only read.\n");
		return true;
	}
	fd = open_file(library, exchange->path, name, &about);
	if (fd < 0)
		answer_plain(exchange, 404, "", "There is no such lesson.\n");
	else
		send_file(exchange, name, fd, &about);
	return true;
}
