/*
 * net/answer.c
 *	  What a web server answered.
 */
#include "net/answer.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* Longest pause that a server can ask for: a day. */
#define RETRY_AFTER_MOST 86400.0
#define STRONG_SECONDS   60.0

void
answer_clear(Answer *answer)
{
	memset(answer, 0, sizeof *answer);
	answer->length = -1;
	answer->range_start = -1;
	answer->range_total = -1;
}

/* Digits only, up to 2^63-1; -1 for anything else. *end is behind them. */
static int64_t
read_count(const char *text, const char **end)
{
	int64_t value = 0;

	*end = text;
	while (isdigit((unsigned char) **end))
	{
		int digit = **end - '0';

		if (value > (INT64_MAX - digit) / 10)
			return -1;
		value = value * 10 + digit;
		(*end)++;
	}
	return *end > text ? value : -1;
}

static void
take_length(Answer *answer, const char *value)
{
	const char *end;

	answer->length = read_count(value, &end);
	if (*end != '\0')
		answer->length = -1;
}

/* "bytes 5-9/100", "bytes 5-9/" followed by an asterisk, or the same instead of 5-9. */
static void
take_range(Answer *answer, const char *value)
{
	const char *slash = strchr(value, '/');
	const char *end;

	if (strncasecmp(value, "bytes ", 6) != 0 || slash == NULL)
		return;
	answer->range_start = read_count(value + 6, &end);
	answer->range_total = read_count(slash + 1, &end);
}

static void
take_etag(Answer *answer, const char *value)
{
	if (strlen(value) < sizeof answer->etag)
		snprintf(answer->etag, sizeof answer->etag, "%s", value);
}

static void
take_last_modified(Answer *answer, const char *value)
{
	if (strlen(value) < sizeof answer->last_modified)
		snprintf(answer->last_modified, sizeof answer->last_modified, "%s", value);
}

static void
take_date(Answer *answer, const char *value)
{
	snprintf(answer->date, sizeof answer->date, "%s", value);
}

static void
take_type(Answer *answer, const char *value)
{
	size_t length = strcspn(value, "; \t");

	for (size_t i = 0; i < length && i + 1 < sizeof answer->content_type; i++)
	{
		answer->content_type[i] = (char) tolower((unsigned char) value[i]);
		answer->content_type[i + 1] = '\0';
	}
}

/* Seconds, or a date: then the server's own clock says how far away that is. */
static void
take_retry_after(Answer *answer, const char *value)
{
	const char *end;
	double seconds = (double) read_count(value, &end);

	if (seconds < 0)
	{
		time_t then = curl_getdate(value, NULL);
		time_t now = answer->date[0] != '\0' ? curl_getdate(answer->date, NULL) : -1;

		if (then == -1)
			return;
		seconds = difftime(then, now != -1 ? now : time(NULL));
	}
	if (seconds < 1)
		seconds = 1;
	answer->retry_after = seconds < RETRY_AFTER_MOST ? seconds : RETRY_AFTER_MOST;
}

static const struct
{
	const char *name;
	void (*take)(Answer *answer, const char *value);
} headers[] = {
	{"content-length", take_length       },
	{"content-range",  take_range        },
	{"content-type",   take_type         },
	{"date",           take_date         },
	{"etag",           take_etag         },
	{"last-modified",  take_last_modified},
	{"retry-after",    take_retry_after  },
};

static void
take_status(Answer *answer, const char *line)
{
	const char *space = strchr(line, ' ');
	const char *end;

	answer_clear(answer);
	if (space != NULL)
		answer->status = (int) read_count(space + 1, &end);
}

void
answer_take_line(Answer *answer, const char *line, size_t length)
{
	char text[1024];
	char *value;

	while (length > 0 && isspace((unsigned char) line[length - 1]))
		length--;
	if (length == 0 || length >= sizeof text || memchr(line, '\0', length) != NULL)
		return;
	memcpy(text, line, length);
	text[length] = '\0';
	if (strncmp(text, "HTTP/", 5) == 0)
	{
		take_status(answer, text);
		return;
	}
	value = strchr(text, ':');
	if (value == NULL)
		return;
	*value++ = '\0';
	value += strspn(value, " \t");
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
		if (strcasecmp(headers[i].name, text) == 0)
			headers[i].take(answer, value);
}

/* A date of change with seconds proves nothing about a file that may be written twice in one
 * of them, and clocks differ: RFC 9110, 8.8.2.2. */
static bool
date_is_strong(const Answer *answer)
{
	time_t changed = curl_getdate(answer->last_modified, NULL);
	time_t now = curl_getdate(answer->date, NULL);

	return changed != -1 && now != -1 && difftime(now, changed) >= STRONG_SECONDS;
}

const char *
answer_validator(const Answer *answer)
{
	if (answer->etag[0] == '"')
		return answer->etag;
	return answer->last_modified[0] != '\0' && date_is_strong(answer)
			   ? answer->last_modified
			   : "";
}

int64_t
answer_time(const Answer *answer)
{
	return answer->date[0] != '\0' ? (int64_t) curl_getdate(answer->date, NULL) : -1;
}

/* The first row whose range holds the status. */
static const struct
{
	int first, last;
	ErrorClass class;
	const char *code;
	const char *what;
	const char *hint;
} statuses[] = {
	{401, 401, ERROR_PERMANENT,    "access_denied",   "wants a sign-in",
	 "Use a link that anybody who has it can download."                                 },
	{403, 403, ERROR_PERMANENT,    "access_denied",   "refuses access",
	 "The link may have expired or need a sign-in: make a new one."                     },
	{404, 404, ERROR_INPUT,        "source_missing",  "has no such file",
	 "Check the link in a browser."													 },
	{410, 410, ERROR_INPUT,        "source_missing",  "no longer has the file",
	 "The recording was removed there: upload a copy."                                  },
	{412, 412, ERROR_INPUT,        "source_changed",  "has another file there now",
	 "The next sync finds what is there now as a recording of its own."                 },
	{408, 408, ERROR_TRANSIENT,    "server_busy",     "waited too long",            NULL},
	{425, 425, ERROR_TRANSIENT,    "server_busy",     "is not ready",               NULL},
	{429, 429, ERROR_RATE_LIMITED, "rate_limited",    "asks to come back later",    NULL},
	{451, 451, ERROR_PERMANENT,    "access_denied",   "may not give the file out",
	 "It is withheld for legal reasons."												},
	{500, 599, ERROR_TRANSIENT,    "server_error",    "is in trouble",              NULL},
	{300, 399, ERROR_PERMANENT,    "bad_redirect",    "leads nowhere",
	 "Check the link in a browser."													 },
	{0,   999, ERROR_PERMANENT,    "request_refused", "refuses the request",
	 "Check the link in a browser."													 },
};

bool
answer_error(const Answer *answer, const char *url, Error *err)
{
	size_t row = 0;
	ErrorClass class;

	while (answer->status < statuses[row].first || answer->status > statuses[row].last)
		row++;
	class = statuses[row].class;
	if (answer->status == 503 && answer->retry_after > 0)
		class = ERROR_RATE_LIMITED;
	error_set(err, class, statuses[row].code, statuses[row].hint,
			  "the server %s (status %d): %s", statuses[row].what, answer->status, url);
	if (class == ERROR_RATE_LIMITED && err != NULL)
		err->retry_after = answer->retry_after;
	return false;
}

bool
answer_is_html(const void *bytes, size_t length)
{
	static const char *const beginnings[] = {"<!doctype html", "<html",   "<head",
											 "<body",          "<script", "<!--",
											 "<title",         "<meta"};
	const char *text = bytes;

	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
	{
		text += 3;
		length -= 3;
	}
	while (length > 0 && isspace((unsigned char) *text))
	{
		text++;
		length--;
	}
	for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
	{
		size_t wanted = strlen(beginnings[i]);

		if (length >= wanted && strncasecmp(text, beginnings[i], wanted) == 0)
			return true;
	}
	return false;
}
