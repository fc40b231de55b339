/*
 * base/error.c
 *	  Errors as values.
 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

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

/* What is cut to fit, or names a file, may hold bytes that are no UTF-8, which nobody would
 * take: they are left out. */
static void
drop_broken_bytes(char *text)
{
	const char *from = text;
	char *to = text;

	while (*from != '\0')
	{
		const char *start = from;
		bool broken = utf8_next(&from) == 0xFFFD && from - start == 1;

		for (; !broken && start < from; start++)
			*to++ = *start;
	}
	*to = '\0';
}

static void
error_fill(Error *err, ErrorClass class, const char *code, const char *hint)
{
	memset(err, 0, sizeof *err);
	err->class = class;
	snprintf(err->code, sizeof err->code, "%s", code);
	snprintf(err->hint, sizeof err->hint, "%s", hint != NULL ? hint : "");
	drop_broken_bytes(err->hint);
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
		drop_broken_bytes(err->message);
	}
	return false;
}

/* Workers share the folders that these codes speak of, and what one makes belongs to its
 * user. */
static const char *
hint_of_errno(int number, const char *code)
{
	static const char *const shared[] = {"storage_failed", "library_failed",
										 "library_unreachable", "folder_failed"};

	for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
		if ((number == EACCES || number == EPERM) && strcmp(code, shared[i]) == 0)
			return "Every worker on this storage and library must run as the same user; "
				   "give it what another one made: chown -R.";
	return NULL;
}

/* What a full disk and a limit on files (media/contain.h) have in common: whoever wrote,
 * people need to know that, and not what was written. */
static const struct
{
	int number;
	ErrorClass class;
	const char *code;
	const char *hint;
} known_numbers[] = {
	{ENOSPC, ERROR_TRANSIENT, "storage_full",
	 "Make room on the disk; it is tried again."                      },
	{EDQUOT, ERROR_TRANSIENT, "storage_full",
	 "Give the user of the worker more disk quota; it is tried again."},
	{EFBIG,  ERROR_INPUT,     "output_too_large",
	 "What would be written is out of all proportion to the recording: it is damaged, or "
	 "made to fill the disk."										 },
};

bool
error_errno(Error *err, const char *code, const char *format, ...)
{
	int saved = errno;
	bool passing = saved == ENOMEM || saved == EMFILE || saved == ENFILE ||
				   saved == EAGAIN || saved == EIO;

	if (err != NULL)
	{
		va_list args;
		size_t length;

		error_fill(err, passing ? ERROR_TRANSIENT : ERROR_PERMANENT, code,
				   hint_of_errno(saved, code));
		for (size_t i = 0; i < sizeof known_numbers / sizeof known_numbers[0]; i++)
			if (known_numbers[i].number == saved)
				error_fill(err, known_numbers[i].class, known_numbers[i].code,
						   known_numbers[i].hint);
		va_start(args, format);
		vsnprintf(err->message, sizeof err->message, format, args);
		va_end(args);
		drop_broken_bytes(err->message);
		length = strlen(err->message);
		snprintf(err->message + length, sizeof err->message - length, ": %s",
				 strerror(saved));
	}
	return false;
}
