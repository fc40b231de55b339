/*
 * storage/name.c
 *	  Which names of files are ones that LEAP gives: nothing else may ever be called its own,
 *	  wherever it lies. leap.is_stored_name() in the database says the same.
 */
#include <string.h>

#include "storage/storage.h"

#define DIGITS  "0123456789"
#define HEX     DIGITS "abcdef"
#define SMALL   "abcdefghijklmnopqrstuvwxyz"
#define LETTERS SMALL "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* What follows after least to most characters of the set (and no more of them), or NULL; NULL
 * stays NULL. */
static const char *
after(const char *at, const char *set, size_t least, size_t most)
{
	size_t length = at != NULL ? strspn(at, set) : 0;

	return at != NULL && length >= least && length <= most ? at + length : NULL;
}

static const char *
after_text(const char *at, const char *text)
{
	size_t length = strlen(text);

	return at != NULL && strncmp(at, text, length) == 0 ? at + length : NULL;
}

static const char *
after_uuid(const char *at)
{
	static const size_t groups[] = {8, 4, 4, 4, 12};

	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
		at = after(i > 0 ? after_text(at, "-") : at, HEX, groups[i], groups[i]);
	return at;
}

/* "<kind>-": words with one hyphen behind each, as far as one follows that is the last. */
static const char *
after_kind(const char *at)
{
	if (at == NULL || strspn(at, SMALL) == 0)
		return NULL;
	do
		at = after_text(after(at, LETTERS DIGITS, 1, 32), "-");
	while (at != NULL && strchr(at, '-') != NULL);
	return at;
}

bool
storage_uri_is_own(const char *uri)
{
	const char *at = after_text(uri, "users/");

	at = after_text(after(at, DIGITS, 6, 10), "/");
	at = after_kind(after_text(after_uuid(at), "/"));
	at = after_text(after(at, HEX, 16, 16), ".");
	at = after(at, SMALL DIGITS, 1, 8);
	return at != NULL && *at == '\0';
}
