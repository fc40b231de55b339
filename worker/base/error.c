/*
 * base/error.c
 *	  Errors as values.
 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const class_names[] = {
	[ERROR_NONE] = "none",
	[ERROR_TRANSIENT] = "transient",
	[ERROR_RATE_LIMITED] = "rate_limited",
	[ERROR_CREDENTIAL] = "credential",
	[ERROR_QUOTA] = "quota",
	[ERROR_INPUT] = "input",
	[ERROR_PERMANENT] = "permanent",
	[ERROR_LOST] = "lost",
};

#define CLASS_COUNT (sizeof class_names / sizeof class_names[0])

const char *
error_class_name(ErrorClass class)
{
	return class < CLASS_COUNT ? class_names[class] : "permanent";
}

ErrorClass
error_class_of(const char *name)
{
	for (size_t i = 0; name != NULL && i < CLASS_COUNT; i++)
		if (strcmp(class_names[i], name) == 0)
			return (ErrorClass) i;
	return ERROR_PERMANENT;
}

/* A text that was cut to fit may end within a UTF-8 sequence, which nobody would take. */
static void
drop_broken_end(char *text)
{
	size_t end = strlen(text);
	size_t start = end;

	while (start > 0 && end - start < 3 &&
		   ((unsigned char) text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start == 0 || (unsigned char) text[start - 1] < 0xc0)
		return;

	unsigned char lead = (unsigned char) text[start - 1];
	size_t wanted = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

	if (end - (start - 1) < wanted)
		text[start - 1] = '\0';
}

static void
error_fill(Error *err, ErrorClass class, const char *code, const char *hint)
{
	memset(err, 0, sizeof *err);
	err->class = class;
	snprintf(err->code, sizeof err->code, "%s", code);
	snprintf(err->hint, sizeof err->hint, "%s", hint != NULL ? hint : "");
	drop_broken_end(err->hint);
}

bool
error_set(Error *err, ErrorClass class, const char *code, const char *hint,
		  const char *format, ...)
{
	if (err != NULL)
	{
		va_list args;

		error_fill(err, class, code, hint);
		va_start(args, format);
		vsnprintf(err->message, sizeof err->message, format, args);
		va_end(args);
		drop_broken_end(err->message);
	}
	return false;
}

bool
error_errno(Error *err, const char *code, const char *format, ...)
{
	int saved = errno;
	bool passing = saved == ENOSPC || saved == ENOMEM || saved == EMFILE ||
				   saved == ENFILE || saved == EAGAIN || saved == EDQUOT || saved == EIO;

	if (err != NULL)
	{
		va_list args;
		size_t length;

		error_fill(err, passing ? ERROR_TRANSIENT : ERROR_PERMANENT, code, NULL);
		va_start(args, format);
		vsnprintf(err->message, sizeof err->message, format, args);
		va_end(args);
		drop_broken_end(err->message);
		length = strlen(err->message);
		snprintf(err->message + length, sizeof err->message - length, ": %s",
				 strerror(saved));
	}
	return false;
}
