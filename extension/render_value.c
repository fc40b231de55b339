/*
 * render_value.c
 *	  The values in a rendering: their texts, whether they are true, and how they compare.
 */
#include <stdlib.h>
#include <string.h>

#include "render_tree.h"

#define NUMBER_MOST 30 /* characters of a text that is taken for a number */

bool
render_text_of(RenderRun *run, const RenderValue *value, RenderValue *text)
{
	size_t length = 0;
	char *joined;

	*text =
		(RenderValue){.kind = RENDER_TEXT, .text = value->text, .length = value->length};
	if (value->kind != RENDER_LIST)
	{
		if (value->kind == RENDER_NOTHING || value->kind == RENDER_OBJECT)
			*text = (RenderValue){.kind = RENDER_TEXT, .text = ""};
		return true;
	}
	for (size_t i = 0; i < value->count; i++)
		length += value->items[i].length + 2;
	if (!render_spend(run, length + 1))
		return false;
	joined = run->host->allocate(run->host->arg, length + 1);
	text->text = joined;
	text->length = 0;
	for (size_t i = 0; i < value->count; i++)
	{
		if (i > 0)
		{
			memcpy(joined + text->length, ", ", 2);
			text->length += 2;
		}
		if (value->items[i].length > 0)
			memcpy(joined + text->length, value->items[i].text, value->items[i].length);
		text->length += value->items[i].length;
	}
	return true;
}

bool
render_is_true(const RenderValue *value)
{
	switch (value->kind)
	{
		case RENDER_TEXT:
			return value->length > 0;
		case RENDER_NUMBER:
			for (size_t i = 0; i < value->length; i++)
				if (value->text[i] >= '1' && value->text[i] <= '9')
					return true;
			return false;
		case RENDER_TRUTH:
			return value->text[0] == 't';
		case RENDER_LIST:
			return value->count > 0;
		case RENDER_OBJECT:
			return true;
		case RENDER_NOTHING:
			break;
	}
	return false;
}

RenderValue
render_truth(bool value)
{
	return (RenderValue){
		.kind = RENDER_TRUTH, .text = value ? "true" : "false", .length = value ? 4 : 5};
}

/* Whether it is a number, or a text that is written as one. */
static bool
as_number(const RenderValue *value, double *number)
{
	char copy[NUMBER_MOST + 1];
	char *end;

	if ((value->kind != RENDER_NUMBER && value->kind != RENDER_TEXT) ||
		value->length == 0 || value->length > NUMBER_MOST)
		return false;
	for (size_t i = 0; i < value->length; i++)
		if (memchr("0123456789.-", value->text[i], 12) == NULL)
			return false;
	memcpy(copy, value->text, value->length);
	copy[value->length] = '\0';
	*number = strtod(copy, &end);
	return *end == '\0';
}

bool
render_compare(RenderRun *run, const RenderValue *a, const RenderValue *b, int *order)
{
	RenderValue left;
	RenderValue right;
	double x;
	double y;
	size_t shared;

	if (as_number(a, &x) && as_number(b, &y))
	{
		*order = (x > y) - (x < y);
		return true;
	}
	if (!render_text_of(run, a, &left) || !render_text_of(run, b, &right))
		return false;
	shared = left.length < right.length ? left.length : right.length;
	if (!render_spend(run, shared))
		return false;
	*order = shared > 0 ? memcmp(left.text, right.text, shared) : 0;
	if (*order == 0)
		*order = (left.length > right.length) - (left.length < right.length);
	return true;
}

bool
render_contains(RenderRun *run, const RenderValue *part, const RenderValue *whole,
				bool *found)
{
	RenderValue needle;
	RenderValue hay;
	int order = 1;

	*found = false;
	if (whole->kind == RENDER_LIST)
	{
		for (size_t i = 0; i < whole->count && !*found; i++)
		{
			if (!render_spend(run, 1) ||
				!render_compare(run, part, &whole->items[i], &order))
				return false;
			*found = order == 0;
		}
		return true;
	}
	if (!render_text_of(run, part, &needle) || !render_text_of(run, whole, &hay) ||
		!render_spend(run, hay.length))
		return false;
	*found = needle.length == 0 ||
			 (hay.length > 0 &&
			  memmem(hay.text, hay.length, needle.text, needle.length) != NULL);
	return true;
}
