/*
 * render_filter_case.c
 *	  Filters that change the case of letters.
 */
#include <string.h>

#include "render_filter.h"
#include "render_text.h"

#define CHANGE_WORK 64 /* of asking the host, however short the text */

static bool
apply_case(RenderRun *run, const RenderValue *value, bool upper, RenderValue *result)
{
	RenderValue text;

	if (!render_text_of(run, value, &text))
		return false;
	*result = run->host->change_case(run->host->arg, upper, text.text, text.length);
	return render_spend(run, text.length + result->length);
}

RENDER_FILTER(render_apply_upper)
{
	(void) arguments;
	return apply_case(run, value, true, result);
}

RENDER_FILTER(render_apply_lower)
{
	(void) arguments;
	return apply_case(run, value, false, result);
}

/* Puts the character that begins at `at` in upper case behind made, and steps over it. */
static bool
put_upper(RenderRun *run, const RenderValue *text, size_t *at, char *made, size_t room,
		  size_t *used)
{
	size_t start = *at;
	RenderValue upper;

	(void) text_next(text->text, text->length, at);
	upper = run->host->change_case(run->host->arg, true, text->text + start, *at - start);
	if (upper.length > room - *used)
		return render_fail(run, "this text cannot be put in upper case", "");
	memcpy(made + *used, upper.text, upper.length);
	*used += upper.length;
	return render_spend(run, CHANGE_WORK);
}

/* Whether a word begins behind this character. */
static bool
begins_word(uint32_t before)
{
	return text_is_space(before) || before == 0xab || before == 0x201c ||
		   before == 0x201e || before == 0x2013 || before == 0x2014 ||
		   (before > 0 && before < 0x80 && strchr("-/([{\"|", (int) before) != NULL);
}

/* Lower case, but for the first letter, or for that of each word. */
static bool
capitalize(RenderRun *run, const RenderValue *value, bool words, RenderValue *result)
{
	RenderValue text;
	RenderValue lower;
	char *made;
	size_t room;
	size_t used = 0;
	uint32_t before = ' ';

	if (!render_text_of(run, value, &text) || !apply_case(run, &text, false, &lower))
		return false;
	/* a letter may become longer in upper case */
	room = lower.length * 3 + 8;
	if ((made = render_make_room(run, room)) == NULL)
		return false;
	for (size_t at = 0; at < lower.length;)
	{
		size_t start = at;

		if (start == 0 || (words && begins_word(before)))
		{
			if (!put_upper(run, &lower, &at, made, room, &used))
				return false;
			before = text_next(lower.text, lower.length, &start);
			continue;
		}
		before = text_next(lower.text, lower.length, &at);
		memcpy(made + used, lower.text + start, at - start);
		used += at - start;
	}
	return render_give(result, made, used);
}

RENDER_FILTER(render_apply_capitalize)
{
	(void) arguments;
	return capitalize(run, value, false, result);
}

RENDER_FILTER(render_apply_title)
{
	(void) arguments;
	return capitalize(run, value, true, result);
}
