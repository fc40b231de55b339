/*
 * render_filter_text.c
 *	  Filters that cut, join and replace.
 */
#include <stdio.h>
#include <string.h>

#include "render_filter.h"
#include "render_text.h"

/* Where needle begins in the text from `at` on; length if nowhere. */
static size_t
look_for(const RenderValue *text, size_t at, const RenderValue *needle)
{
	const char *found =
		needle->length == 0 || at >= text->length
			? NULL
			: memmem(text->text + at, text->length - at, needle->text, needle->length);

	return found != NULL ? (size_t) (found - text->text) : text->length;
}

static size_t
count_of(const RenderValue *text, const RenderValue *needle)
{
	size_t count = 0;

	for (size_t at = 0; (at = look_for(text, at, needle)) < text->length; count++)
		at += needle->length;
	return count;
}

static bool
replace(RenderRun *run, const RenderValue *text, const RenderValue *old,
		const RenderValue *new, RenderValue *result)
{
	size_t count = count_of(text, old);
	size_t length;
	size_t used = 0;
	size_t at = 0;
	char *made;

	if (count == 0)
		return render_give(result, text->text, text->length);
	/* neither factor is more than RENDER_WORK_MOST */
	length = text->length + count * new->length;
	if ((made = render_make_room(run, length)) == NULL)
		return false;
	for (;;)
	{
		size_t next = look_for(text, at, old);

		memcpy(made + used, text->text + at, next - at);
		used += next - at;
		if (next == text->length)
			return render_give(result, made, used);
		if (new->length > 0)
			memcpy(made + used, new->text, new->length);
		used += new->length;
		at = next + old->length;
	}
}

RENDER_FILTER(render_apply_trim)
{
	RenderValue text;
	size_t start = 0;
	size_t end = 0;

	(void) arguments;
	if (!render_text_of(run, value, &text))
		return false;
	for (size_t at = 0; at < text.length;)
	{
		size_t begun = at;

		if (text_is_space(text_next(text.text, text.length, &at)))
			continue;
		if (end == 0)
			start = begun;
		end = at;
	}
	return render_give(result, text.text + (end > 0 ? start : 0),
					   end > 0 ? end - start : 0);
}

RENDER_FILTER(render_apply_default)
{
	bool empty = value->kind == RENDER_NOTHING ||
				 (value->kind == RENDER_TEXT && value->length == 0) ||
				 (value->kind == RENDER_LIST && value->count == 0);

	*result = *value;
	return !empty || render_text_argument(run, arguments[0], "", result);
}

RENDER_FILTER(render_apply_replace)
{
	RenderValue text;
	RenderValue old;
	RenderValue new;

	return render_text_of(run, value, &text) &&
		   render_text_argument(run, arguments[0], "", &old) &&
		   render_text_argument(run, arguments[1], "", &new) &&
		   replace(run, &text, &old, &new, result);
}

RENDER_FILTER(render_apply_split_path)
{
	RenderValue text;
	RenderValue separator;
	RenderValue slash;

	(void) render_give(&slash, "/", 1);
	return render_text_of(run, value, &text) &&
		   render_text_argument(run, arguments[0], "_", &separator) &&
		   replace(run, &text, &separator, &slash, result);
}

RENDER_FILTER(render_apply_part)
{
	RenderValue text;
	RenderValue separator;
	long index;
	size_t at = 0;

	if (!render_text_of(run, value, &text) ||
		!render_whole_argument(run, arguments[0], 0, &index) ||
		!render_text_argument(run, arguments[1], "_", &separator))
		return false;
	if (index < 0)
		index += (long) count_of(&text, &separator) + 1;
	if (index < 0)
		return render_give(result, "", 0);
	for (; index > 0 && at <= text.length; index--)
	{
		at = look_for(&text, at, &separator);
		at += at == text.length ? 1 : separator.length;
	}
	if (index > 0 || at > text.length)
		return render_give(result, "", 0);
	return render_give(result, text.text + at, look_for(&text, at, &separator) - at);
}

RENDER_FILTER(render_apply_truncate)
{
	RenderValue text;
	RenderValue ending;
	size_t size;
	size_t kept;
	char *made;
	long most;

	if (!render_text_of(run, value, &text) ||
		!render_whole_argument(run, arguments[0], 255, &most) ||
		!render_text_argument(run, arguments[1], "...", &ending))
		return false;
	most = most > 0 ? most : 0;
	size = text_size(ending.text, ending.length, TEXT_CHARS);
	if (size > (size_t) most)
		size = ending.length = 0;
	kept = text_fit(text.text, text.length, (size_t) most, TEXT_CHARS, size);
	if (kept == text.length)
		return render_give(result, text.text, text.length);
	if ((made = render_make_room(run, kept + ending.length)) == NULL)
		return false;
	memcpy(made, text.text, kept);
	if (ending.length > 0)
		memcpy(made + kept, ending.text, ending.length);
	return render_give(result, made, kept + ending.length);
}

RENDER_FILTER(render_apply_escape)
{
	static const char *const entities[128] = {['&'] = "&amp;",
											  ['<'] = "&lt;",
											  ['>'] = "&gt;",
											  ['"'] = "&quot;",
											  ['\''] = "&#39;"};
	RenderValue text;
	size_t length = 0;
	char *made;

	(void) arguments;
	if (!render_text_of(run, value, &text))
		return false;
	for (size_t i = 0; i < text.length; i++)
	{
		const char *entity = entities[(unsigned char) text.text[i] & 0x7f];

		length +=
			entity != NULL && (unsigned char) text.text[i] < 0x80 ? strlen(entity) : 1;
	}
	if ((made = render_make_room(run, length)) == NULL)
		return false;
	length = 0;
	for (size_t i = 0; i < text.length; i++)
	{
		const char *entity = entities[(unsigned char) text.text[i] & 0x7f];

		if (entity == NULL || (unsigned char) text.text[i] >= 0x80)
			made[length++] = text.text[i];
		else
			for (; *entity != '\0'; entity++)
				made[length++] = *entity;
	}
	return render_give(result, made, length);
}

RENDER_FILTER(render_apply_join)
{
	RenderValue separator;
	size_t length = 0;
	size_t used = 0;
	char *made;

	if (value->kind != RENDER_LIST)
		return render_text_of(run, value, result);
	if (!render_text_argument(run, arguments[0], ", ", &separator) ||
		!render_spend(run, value->count * (separator.length + 1)))
		return false;
	for (size_t i = 0; i < value->count; i++)
		length += value->items[i].length + separator.length;
	if ((made = render_make_room(run, length)) == NULL)
		return false;
	for (size_t i = 0; i < value->count; i++)
	{
		if (i > 0 && separator.length > 0)
			memcpy(made + used, separator.text, separator.length);
		used += i > 0 ? separator.length : 0;
		if (value->items[i].length > 0)
			memcpy(made + used, value->items[i].text, value->items[i].length);
		used += value->items[i].length;
	}
	return render_give(result, made, used);
}

RENDER_FILTER(render_apply_length)
{
	RenderValue text;
	char *made;
	size_t size = value->count;

	(void) arguments;
	if (value->kind != RENDER_LIST)
	{
		if (!render_text_of(run, value, &text))
			return false;
		size = text_size(text.text, text.length, TEXT_CHARS);
	}
	made = run->host->allocate(run->host->arg, 24);
	*result = (RenderValue){.kind = RENDER_NUMBER,
							.text = made,
							.length = (size_t) snprintf(made, 24, "%zu", size)};
	return true;
}
