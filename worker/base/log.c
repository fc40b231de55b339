/*
 * base/log.c
 *	  One line a message on standard error.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static LogLevel threshold = LOG_LEVEL_INFO;

static const char *const level_names[] = {
	[LOG_LEVEL_DEBUG] = "DEBUG",
	[LOG_LEVEL_INFO] = "INFO",
	[LOG_LEVEL_WARNING] = "WARNING",
	[LOG_LEVEL_ERROR] = "ERROR",
};

void
log_set_level(LogLevel level)
{
	threshold = level;
}

void
log_message(LogLevel level, const char *format, ...)
{
	char line[2048];
	char when[32];
	struct timespec now;
	struct tm parts;
	va_list args;

	if (level < threshold)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &parts);
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);

	/* a message holds text from outside: one message must stay one line */
	for (char *c = line; *c != '\0'; c++)
		if ((unsigned char) *c < ' ' || *c == 0x7f)
			*c = ' ';
	fprintf(stderr, "%s.%03ldZ [%d] %s: %s\n", when, now.tv_nsec / 1000000,
			(int) getpid(), level_names[level], line);
}
