/*
 * platform/html.h
 *	  Writing web pages from hostile text: titles and transcripts are data, never markup.
 */
#ifndef LEAP_PLATFORM_HTML_H
#define LEAP_PLATFORM_HTML_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/buffer.h"

/* Appends text so that it is text, in an element or in a quoted attribute. What is no
 * UTF-8, and control characters but line ends and tabs, become U+FFFD. */
void html_text(Buffer *out, const char *text);

/* Appends JSON so that it can stand inside <script type="application/json">: nothing in it
 * can end the element. */
void html_json(Buffer *out, const cJSON *json);

/* What stands for {{name}} in a template. */
typedef struct HtmlSlot
{
	const char *name;
	void (*write)(Buffer *out, const void *subject);
} HtmlSlot;

/* Appends the template with every {{name}} replaced by what its slot writes; slots end
 * with a row without name. A name without a slot stays as it is. */
void html_fill(Buffer *out, const char *template, const HtmlSlot *slots,
			   const void *subject);

#endif
