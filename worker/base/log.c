/*
 * base/log.c
 *	  One line a message on standard error.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/utf8.h"

/* What this process writes; set at its start. */
static struct
{
	LogLevel threshold;
	bool json;
	char worker[64];
	LogIds ids;
} settings = {.threshold = LOG_LEVEL_INFO};

static const char *const level_names[] = {
	[LOG_LEVEL_DEBUG] = "debug",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_ERROR] = "error",
};

#define LEVELS (sizeof level_names / sizeof level_names[0])

/* The same for people. */
static const char *const level_words[] = {
	[LOG_LEVEL_DEBUG] = "DEBUG",
	[LOG_LEVEL_INFO] = "INFO",
	[LOG_LEVEL_WARNING] = "WARNING",
	[LOG_LEVEL_ERROR] = "ERROR",
};

/* A line being written; what does not fit is left out. */
typedef struct Line
{
	char text[8192];
	size_t length;
} Line;

void
log_set_level(const char *level)
{
	for (size_t i = 0; i < LEVELS; i++)
		if (strcmp(level, level_names[i]) == 0)
			settings.threshold = (LogLevel) i;
}

void
log_set_format(const char *format)
{
	if (strcmp(format, "json") == 0 || strcmp(format, "text") == 0)
		settings.json = format[0] == 'j';
}

void
log_set_worker(const char *name)
{
	snprintf(settings.worker, sizeof settings.worker, "%s", name);
}

void
log_set_ids(const LogIds *ids)
{
	settings.ids = *ids;
}

bool
log_describe(const LogIds *ids, char *text, size_t size)
{
	if (ids == NULL)
		ids = &settings.ids;
	snprintf(
		text, size,
		"format=%s\nlevel=%s\nworker=%s\ntask=%s\nrun=%s\nrecording=%s\ncorrelation=%s\n"
		"attempt=%d\n",
		settings.json ? "json" : "text", level_names[settings.threshold], settings.worker,
		ids->task, ids->run, ids->recording, ids->correlation, ids->attempt);
	return settings.json || settings.threshold != LOG_LEVEL_INFO || ids->task[0] != '\0';
}

/* Takes one line of a description over; false for an unknown name. */
static bool
configure(const char *name, const char *value)
{
	LogIds *ids = &settings.ids;
	const struct
	{
		const char *name;
		char *at;
		size_t size;
	} texts[] = {
		{"worker",      settings.worker,  sizeof settings.worker },
		{"task",        ids->task,        sizeof ids->task       },
		{"run",         ids->run,         sizeof ids->run        },
		{"recording",   ids->recording,   sizeof ids->recording  },
		{"correlation", ids->correlation, sizeof ids->correlation},
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (strcmp(name, texts[i].name) == 0)
			return snprintf(texts[i].at, texts[i].size, "%s", value) >= 0;
	if (strcmp(name, "attempt") == 0)
		ids->attempt = (int) strtol(value, NULL, 10);
	else if (strcmp(name, "format") == 0)
		log_set_format(value);
	else if (strcmp(name, "level") == 0)
		log_set_level(value);
	else
		return false;
	return true;
}

void
log_configure(const char *text)
{
	char copy[LOG_DESCRIPTION_SIZE];
	char *rest = copy;
	char *line;

	snprintf(copy, sizeof copy, "%s", text);
	while ((line = strsep(&rest, "\n")) != NULL)
	{
		char *value = strchr(line, '=');

		if (value == NULL)
			continue;
		*value = '\0';
		(void) configure(line, value + 1);
	}
}

static void
line_add(Line *line, const char *text)
{
	size_t length = strlen(text);

	/* the end of an object and of a line always fit */
	if (line->length + length > sizeof line->text - 4)
		return;
	memcpy(line->text + line->length, text, length);
	line->length += length;
}

/* One member of the object, its value escaped. Bytes that are no UTF-8 become U+FFFD. */
static void
line_add_member(Line *line, const char *name, const char *value)
{
	char part[16];

	if (value[0] == '\0')
		return;
	line_add(line, ",\"");
	line_add(line, name);
	line_add(line, "\":\"");
	while (*value != '\0')
	{
		uint32_t code = utf8_next(&value);

		if (code < ' ' || code == 0x7f || code == 0x2028 || code == 0x2029)
			snprintf(part, sizeof part, "\\u%04x", (unsigned int) code);
		else if (code == '"' || code == '\\')
			snprintf(part, sizeof part, "\\%c", (char) code);
		else
			part[utf8_put(code, part)] = '\0';
		line_add(line, part);
	}
	line_add(line, "\"");
}

static void
line_add_request(Line *line, const LogRequest *request)
{
	char text[64];

	line_add_member(line, "method", request->method);
	line_add_member(line, "path", request->path);
	snprintf(text, sizeof text, ",\"status\":%d,\"ms\":%.3f", request->status,
			 request->seconds * 1000);
	line_add(line, text);
	line_add_member(line, "user", request->user);
}

/* request NULL: the message is about none. */
static void
write_json(Line *line, const LogIds *ids, LogLevel level, const char *when,
		   const char *message, const LogRequest *request)
{
	char text[96];

	snprintf(text, sizeof text, "{\"time\":\"%s\",\"level\":\"%s\",\"pid\":%d", when,
			 level_names[level], (int) getpid());
	line_add(line, text);
	line_add_member(line, "worker", settings.worker);
	line_add_member(line, "task", ids->task);
	line_add_member(line, "run", ids->run);
	line_add_member(line, "recording", ids->recording);
	snprintf(text, sizeof text, ",\"attempt\":%d", ids->attempt);
	line_add(line, ids->attempt > 0 ? text : "");
	line_add_member(line, "correlation_id", ids->correlation);
	if (request != NULL)
		line_add_request(line, request);
	line_add_member(line, "message", message);
	memcpy(line->text + line->length, "}\n", 2);
	line->length += 2;
}

static void
write_text(Line *line, LogLevel level, const char *when, const char *message)
{
	char text[96];

	/* 2026-01-31T10:20:30.123Z: people read a blank more easily than a T */
	snprintf(text, sizeof text, "%.10s %s [%d] %s: ", when, when + 11, (int) getpid(),
			 level_words[level]);
	line_add(line, text);
	if (settings.ids.task[0] != '\0')
	{
		line_add(line, "task ");
		line_add(line, settings.ids.task);
		line_add(line, ": ");
	}
	line_add(line, message);
	/* a message holds text from outside: one message must stay one line */
	for (size_t i = 0; i < line->length; i++)
		if ((unsigned char) line->text[i] < ' ' || line->text[i] == 0x7f)
			line->text[i] = ' ';
	line->text[line->length++] = '\n';
}

static void
write_line(const LogIds *ids, LogLevel level, const char *message,
		   const LogRequest *request)
{
	char seconds[32];
	char when[48];
	struct timespec now;
	struct tm parts;
	Line line = {.length = 0};

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(when, sizeof when, "%s.%03ldZ", seconds, now.tv_nsec / 1000000);
	if (settings.json)
		write_json(&line, ids != NULL ? ids : &settings.ids, level, when, message,
				   request);
	else
		write_text(&line, level, when, message);
	/* at once: lines of several processes meet in one file */
	if (write(STDERR_FILENO, line.text, line.length) < 0)
		return;
}

void
log_message(const LogIds *ids, LogLevel level, const char *format, ...)
{
	char message[2048];
	va_list args;

	if (level < settings.threshold)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	write_line(ids, level, message, NULL);
}

void
log_request(const LogIds *ids, const LogRequest *request)
{
	LogLevel level = request->status >= 500 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO;
	char message[512];

	if (level < settings.threshold)
		return;
	if (settings.json)
		snprintf(message, sizeof message, "%s %s %d", request->method, request->path,
				 request->status);
	else
		snprintf(message, sizeof message, "%s %s %d %.3f ms %s%s%s", request->method,
				 request->path, request->status, request->seconds * 1000, request->user,
				 request->user[0] != '\0' ? " " : "", ids->correlation);
	write_line(ids, level, message, request);
}
