/*
 * gate/page.c
 *	  Sending the web page.
 *
 * What may be asked for is a table of names, so no path leads anywhere else. The shell is asked
 * for anew each time and is 304 mostly; all else lies below the hash of its contents and is
 * kept for a year. A hash that is no more (the program was replaced under an open page) is not
 * found, and the page says that it is to be loaded again.
 */
#include "gate/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "gate/compress.h"
#include "gate/page_folder.h"
#include "gate/page_table.h"

#define SHELL     "index.html"
#define BELOW     "/app/v/"
#define MOST_NAME 200

/* On each answer. */
#define ALWAYS                            \
	"X-Content-Type-Options: nosniff\r\n" \
	"Cross-Origin-Resource-Policy: same-origin\r\n"

/* On what a window can show: nothing is run that does not come as a file of ours, nothing is
 * told to others, and nobody frames us. A blank and an origin may follow: where videos are,
 * too. On each of many modules and style sheets it would mean nothing and weigh more than some
 * of them do. */
#define GUARD                                                                    \
	"Content-Security-Policy: default-src 'none'; script-src 'self'; "           \
	"style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:%s%s; " \
	"connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; " \
	"frame-ancestors 'none'\r\n"                                                 \
	"Referrer-Policy: no-referrer\r\n"                                           \
	"Cross-Origin-Opener-Policy: same-origin\r\n"                                \
	"Permissions-Policy: camera=(), microphone=(), geolocation=(), payment=(), " \
	"usb=()\r\n" ALWAYS

#define ONCE_AND_FOR_ALL "Cache-Control: public, max-age=31536000, immutable\r\n"
#define EACH_TIME        "Cache-Control: no-cache\r\n"

struct Page
{
	int folder_fd; /* -1: from the program */
	char *guard;
};

/* Paths of mails and habits, and where the page has what they mean. A browser keeps what
 * follows the # of the old one. */
static const struct
{
	const char *path;
	const char *location;
} moved[] = {
	{"/app",            "/app/"              },
	{"/register",       "/app/register"      },
	{"/reset-password", "/app/reset-password"},
	{"/verify-email",   "/app/verify-email"  },
};

static const struct
{
	const char *path;
	const char *name;
} at_root[] = {
	{"/favicon.ico", "style/icon.svg" },
	{"/robots.txt",  "text/robots.txt"},
};

bool
page_open(const char *folder, const char *media_origin, Page **page, Error *err)
{
	CLEANUP(buffer) Buffer guard;

	buffer_init(&guard);
	buffer_printf(&guard, GUARD, media_origin[0] != '\0' ? " " : "", media_origin);
	*page = array_new(1, sizeof **page);
	(*page)->folder_fd = -1;
	(*page)->guard = array_text(guard.data);
	return folder[0] == '\0' || page_folder_open(folder, &(*page)->folder_fd, err);
}

void
page_close(Page *page)
{
	if (page == NULL)
		return;
	if (page->folder_fd >= 0)
		(void) close(page->folder_fd);
	free(page->guard);
	free(page);
}

static bool
begins(Slice text, const char *with)
{
	size_t length = strlen(with);

	return text.length >= length && memcmp(text.at, with, length) == 0;
}

static void
answer_plain(const Page *page, Exchange *exchange, int status, const char *fields,
			 const char *text)
{
	CLEANUP(buffer) Buffer all;

	buffer_init(&all);
	buffer_printf(&all, "%sContent-Type: text/plain; charset=utf-8\r\n%s", page->guard,
				  fields);
	exchange_answer(exchange, status, all.data, text, strlen(text));
}

static int
compare_name(const void *name, const void *file)
{
	return strcmp(name, ((const PageFile *) file)->name);
}

static const PageFile *
find(const char *name)
{
	return bsearch(name, page_files, page_file_count, sizeof page_files[0], compare_name);
}

/* Modules and style sheets are no documents, wherever they are opened. */
static const char *
guard_of(const Page *page, const char *type)
{
	bool part = strncmp(type, "text/javascript", strlen("text/javascript")) == 0 ||
				strncmp(type, "text/css", strlen("text/css")) == 0;

	return part ? ALWAYS : page->guard;
}

static void
send_packed(const Page *page, Exchange *exchange, const PageFile *file, const char *cache)
{
	bool gzip = file->gzip_length > 0 && compress_taken(&exchange->head);
	const Slice *known = head_field(&exchange->head, "if-none-match");
	CLEANUP(buffer) Buffer fields;
	char etag[64];

	(void) snprintf(etag, sizeof etag, "\"%s%s\"", file->etag, gzip ? "-gz" : "");
	buffer_init(&fields);
	buffer_printf(&fields, "%s%sETag: %s\r\nVary: Accept-Encoding\r\n",
				  guard_of(page, file->type), cache, etag);
	if (known != NULL && memmem(known->at, known->length, etag, strlen(etag)) != NULL)
	{
		exchange_answer(exchange, 304, fields.data, "", 0);
		return;
	}
	buffer_printf(&fields, "Content-Type: %s\r\n%s", file->type,
				  gzip ? "Content-Encoding: gzip\r\n" : "");
	exchange_answer(exchange, 200, fields.data,
					page_bytes + (gzip ? file->gzip_at : file->at),
					gzip ? file->gzip_length : file->length);
}

/* What is tried out changes all the time, so nobody keeps it. */
static bool
send_from_folder(const Page *page, Exchange *exchange, const char *name)
{
	CLEANUP(buffer) Buffer bytes;
	CLEANUP(buffer) Buffer fields;
	const char *type;

	buffer_init(&bytes);
	buffer_init(&fields);
	if (!page_folder_read(page->folder_fd, name, &bytes, &type))
		return false;
	buffer_printf(&fields, "%sCache-Control: no-store\r\nContent-Type: %s\r\n",
				  guard_of(page, type), type);
	exchange_answer(exchange, 200, fields.data, bytes.data, bytes.length);
	return true;
}

static void
send_file(const Page *page, Exchange *exchange, const char *name, const char *cache)
{
	const PageFile *file = find(name);

	if (page->folder_fd >= 0 && send_from_folder(page, exchange, name))
		return;
	if (file != NULL)
		send_packed(page, exchange, file, cache);
	else
		answer_plain(page, exchange, 404, EACH_TIME,
					 "There is no such file of the page.\n");
}

/* "HASH/name" of what is below BELOW. */
static void
send_below(const Page *page, Exchange *exchange, Slice rest)
{
	const char *hash = page->folder_fd >= 0 ? PAGE_FOLDER_HASH : page_hash;
	size_t length = strlen(hash);
	char name[MOST_NAME];

	if (!begins(rest, hash) || rest.length < length + 2 || rest.at[length] != '/' ||
		rest.length - length > sizeof name)
	{
		answer_plain(page, exchange, 404, EACH_TIME,
					 "There is no such version of the page.\n");
		return;
	}
	(void) snprintf(name, sizeof name, "%.*s", (int) (rest.length - length - 1),
					rest.at + length + 1);
	send_file(page, exchange, name, ONCE_AND_FOR_ALL);
}

/* Whether the last name of the path has an ending, as no path of a view has. */
static bool
is_file(Slice path)
{
	const char *slash = memrchr(path.at, '/', path.length);

	return slash != NULL &&
		   memchr(slash, '.', (size_t) (path.at + path.length - slash)) != NULL;
}

/* A person at the door, not a program that asks for the document of OpenAPI. */
static bool
is_visitor(const Exchange *exchange)
{
	const Slice *accept = head_field(&exchange->head, "accept");

	return slice_is(exchange->path, "/") && accept != NULL &&
		   memmem(accept->at, accept->length, "text/html", strlen("text/html")) != NULL;
}

static void
redirect(const Page *page, Exchange *exchange, const char *location)
{
	CLEANUP(buffer) Buffer fields;

	buffer_init(&fields);
	buffer_printf(&fields, "%sVary: Accept\r\nLocation: %s\r\n", EACH_TIME, location);
	answer_plain(page, exchange, 302, fields.data, "");
}

static bool
answer_moved(const Page *page, Exchange *exchange)
{
	const char *location = is_visitor(exchange) ? "/app/" : NULL;

	for (size_t i = 0; location == NULL && i < sizeof moved / sizeof moved[0]; i++)
		if (slice_is(exchange->path, moved[i].path))
			location = moved[i].location;
	if (location != NULL)
		redirect(page, exchange, location);
	return location != NULL;
}

static bool
is_page(const Exchange *exchange)
{
	for (size_t i = 0; i < sizeof at_root / sizeof at_root[0]; i++)
		if (slice_is(exchange->path, at_root[i].path))
			return true;
	return begins(exchange->path, "/app/") || begins(exchange->path, "/share/");
}

static void
answer_file(const Page *page, Exchange *exchange)
{
	Slice path = exchange->path;

	for (size_t i = 0; i < sizeof at_root / sizeof at_root[0]; i++)
		if (slice_is(path, at_root[i].path))
		{
			send_file(page, exchange, at_root[i].name,
					  "Cache-Control: public, max-age=86400\r\n");
			return;
		}
	if (begins(path, BELOW))
		send_below(page, exchange,
				   (Slice){path.at + strlen(BELOW), path.length - strlen(BELOW)});
	else if (is_file(path))
		answer_plain(page, exchange, 404, EACH_TIME,
					 "There is no such file of the page.\n");
	else
		send_file(page, exchange, SHELL, EACH_TIME);
}

bool
page_answer(const Page *page, Exchange *exchange)
{
	bool reads =
		slice_is(exchange->head.method, "GET") || slice_is(exchange->head.method, "HEAD");

	if (reads && answer_moved(page, exchange))
		return true;
	if (!is_page(exchange))
		return false;
	if (reads)
		answer_file(page, exchange);
	else
		answer_plain(page, exchange, 405, EACH_TIME "Allow: GET, HEAD\r\n",
					 "The page is only read.\n");
	return true;
}
