/*
 * gate/disposition.c
 *	  The field that says under which name a file is saved (RFC 6266).
 *
 * The name is text that users wrote. Paths, quotes and what turns text around would let it
 * say something else than it shows; it is cleaned before it is quoted or encoded.
 */
#include "gate/disposition.h"

#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"

#define MOST_CHARACTERS 200

/* Characters that show nothing, or turn what follows around. */
static bool
is_invisible(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xfffd ||
		   (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
		   (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

static void
clean(const char *name, Buffer *cleaned)
{
	int characters = 0;

	while (*name != '\0' && characters < MOST_CHARACTERS)
	{
		const char *before = name;
		uint32_t code = utf8_next(&name);
		bool first = cleaned->length == 0;

		if (is_invisible(code) || (first && (code == '.' || code == ' ')))
			continue;
		if (code < 0x80 && strchr("/\\:*?\"<>|", (int) code) != NULL)
			buffer_puts(cleaned, "_");
		else
			buffer_append(cleaned, before, (size_t) (name - before));
		characters++;
	}
	if (cleaned->length == 0)
		buffer_puts(cleaned, "file");
}

/* For programs that know no encoding; a percent sign would be taken for one. */
static bool
add_plain(Buffer *fields, const char *name)
{
	bool same = true;

	while (*name != '\0')
	{
		uint32_t code = utf8_next(&name);
		char c = code < 0x80 && code != '%' ? (char) code : '_';

		same = same && code == (uint32_t) c;
		buffer_append(fields, &c, 1);
	}
	return same;
}

static void
add_encoded(Buffer *fields, const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
								"0123456789!#$&+-.^_`|~";

	for (; *name != '\0'; name++)
		if (strchr(plain, *name) != NULL)
			buffer_append(fields, name, 1);
		else
			buffer_printf(fields, "%%%02X", (unsigned char) *name);
}

void
disposition_write(Buffer *fields, const char *name, bool attachment)
{
	CLEANUP(buffer) Buffer cleaned;

	buffer_init(&cleaned);
	clean(name, &cleaned);
	buffer_printf(fields, "Content-Disposition: %s; filename=\"",
				  attachment ? "attachment" : "inline");
	if (!add_plain(fields, cleaned.data))
	{
		buffer_puts(fields, "\"; filename*=UTF-8''");
		add_encoded(fields, cleaned.data);
		buffer_puts(fields, "\r\n");
	}
	else
		buffer_puts(fields, "\"\r\n");
}
