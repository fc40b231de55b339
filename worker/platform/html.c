/*
 * platform/html.c
 *	  Writing web pages from hostile text.
 */
#include "platform/html.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/utf8.h"

static const char *
entity(uint32_t code)
{
	static const struct
	{
		uint32_t code;
		const char *entity;
	} entities[] = {
		{'&',  "&amp;" },
        {'<',  "&lt;"  },
        {'>',  "&gt;"  },
        {'"',  "&quot;"},
        {'\'', "&#39;" },
	};

	for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
		if (entities[i].code == code)
			return entities[i].entity;
	return NULL;
}

static bool
is_control(uint32_t code)
{
	return (code < ' ' && code != '\n' && code != '\t') || (code >= 0x7f && code < 0xa0);
}

void
html_text(Buffer *out, const char *text)
{
	uint32_t code;

	while ((code = utf8_next(&text)) != 0)
	{
		const char *name = entity(code);
		char bytes[4];

		if (name != NULL)
			buffer_puts(out, name);
		else
			buffer_append(out, bytes, utf8_put(is_control(code) ? 0xfffd : code, bytes));
	}
}

void
html_json(Buffer *out, const cJSON *json)
{
	CLEANUP(free) char *text = array_check(cJSON_PrintUnformatted(json));
	const char *at = text;
	uint32_t code;

	/* these stand only inside JSON strings, where \u is the same character */
	while ((code = utf8_next(&at)) != 0)
	{
		char bytes[4];

		if (code == '<' || code == '>' || code == '&' || code == 0x2028 || code == 0x2029)
			buffer_printf(out, "\\u%04x", (unsigned) code);
		else
			buffer_append(out, bytes, utf8_put(code, bytes));
	}
}

static const HtmlSlot *
find_slot(const HtmlSlot *slots, const char *name, size_t length)
{
	for (; slots->name != NULL; slots++)
		if (strlen(slots->name) == length && strncmp(slots->name, name, length) == 0)
			return slots;
	return NULL;
}

void
html_fill(Buffer *out, const char *template, const HtmlSlot *slots, const void *subject)
{
	const char *open;

	while ((open = strstr(template, "{{")) != NULL)
	{
		const char *name = open + 2;
		size_t length = strcspn(name, "{}");
		const HtmlSlot *slot = NULL;

		if (strncmp(name + length, "}}", 2) == 0)
			slot = find_slot(slots, name, length);
		buffer_append(out, template, (size_t) (open - template));
		if (slot == NULL)
			buffer_puts(out, "{{");
		else
			slot->write(out, subject);
		template = slot == NULL ? name : name + length + 2;
	}
	buffer_puts(out, template);
}
