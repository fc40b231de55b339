/*
 * render_filter.c
 *	  The table of filters, and what they have in common.
 */
#include "render_filter.h"

#include <stdio.h>
#include <string.h>

#include "render_text.h"

#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

#define WHOLE_MOST 1000000 /* of numbers as arguments */

/* clang-format off */
static const RenderFilter filters[] = {
	{{"capitalize", "",
	  "The first letter in upper case, the others in lower case."},
	 {NULL}, 0, render_apply_capitalize},
	{{"date", "format=\"%d.%m.%Y\"",
	  "A date written anew, from YYYY-MM-DD or DD.MM.YYYY with or without a time; %Y %y %m "
	  "%d %e %H %M %S stand for its parts. What is no date stays."},
	 {"format"}, 0, render_apply_date},
	{{"default", "value",
	  "The value if there is none, or an empty one."},
	 {"value"}, 1, render_apply_default},
	{{"escape", "",
	  "For HTML: & < > \" ' as entities."},
	 {NULL}, 0, render_apply_escape},
	{{"join", "separator=\", \"",
	  "The items of a list, with the separator between them."},
	 {"separator"}, 0, render_apply_join},
	{{"length", "",
	  "The number of characters of a text, or of items of a list."},
	 {NULL}, 0, render_apply_length},
	{{"lower", "",
	  "In lower case."},
	 {NULL}, 0, render_apply_lower},
	{{"part", "index=0, sep=\"_\"",
	  "A part of a text that separators divide: 0 the first, -1 the last; empty if there are "
	  "not so many."},
	 {"index", "sep"}, 0, render_apply_part},
	{{"replace", "old, new",
	  "Every old replaced by new."},
	 {"old", "new"}, 2, render_apply_replace},
	{{"split_path", "sep=\"_\"",
	  "Separators become slashes: A_B_C is A/B/C."},
	 {"sep"}, 0, render_apply_split_path},
	{{"title", "",
	  "The first letter of each word in upper case, the others in lower case."},
	 {NULL}, 0, render_apply_title},
	{{"trim", "",
	  "Without blanks and line ends at both ends."},
	 {NULL}, 0, render_apply_trim},
	{{"truncate", "length=255, end=\"...\"",
	  "Cut to at most so many characters, the end included, between words if possible."},
	 {"length", "end"}, 0, render_apply_truncate},
	{{"upper", "",
	  "In upper case."},
	 {NULL}, 0, render_apply_upper},
};
/* clang-format on */

const RenderFilterHelp *
render_filter_help(size_t place)
{
	return place < lengthof(filters) ? &filters[place].help : NULL;
}

const RenderFilter *
render_filter_find(const char *name, size_t length)
{
	for (size_t i = 0; i < lengthof(filters); i++)
		if (strlen(filters[i].help.name) == length &&
			memcmp(filters[i].help.name, name, length) == 0)
			return &filters[i];
	return NULL;
}

void
render_filter_hint(RenderError *error, const char *name, size_t length)
{
	const char *names[lengthof(filters)];
	const char *nearest;
	size_t used;

	for (size_t i = 0; i < lengthof(filters); i++)
		names[i] = filters[i].help.name;
	nearest = text_nearest(name, length, names, lengthof(names));
	if (nearest != NULL)
	{
		snprintf(error->hint, sizeof error->hint, "Is %s meant?", nearest);
		return;
	}
	used = (size_t) snprintf(error->hint, sizeof error->hint, "Filters are");
	for (size_t i = 0; i < lengthof(filters); i++)
		used += (size_t) snprintf(error->hint + used, sizeof error->hint - used, "%s %s",
								  i > 0 ? "," : "", names[i]);
}

char *
render_make_room(RenderRun *run, size_t length)
{
	return render_spend(run, length) ? run->host->allocate(run->host->arg, length + 1)
									 : NULL;
}

bool
render_give(RenderValue *result, const char *text, size_t length)
{
	*result = (RenderValue){.kind = RENDER_TEXT, .text = text, .length = length};
	return true;
}

bool
render_text_argument(RenderRun *run, const RenderValue *argument, const char *otherwise,
					 RenderValue *text)
{
	if (argument != NULL)
		return render_text_of(run, argument, text);
	return render_give(text, otherwise, strlen(otherwise));
}

bool
render_whole_argument(RenderRun *run, const RenderValue *argument, long otherwise,
					  long *whole)
{
	RenderValue text;
	size_t i = 0;

	*whole = otherwise;
	if (argument == NULL)
		return true;
	if (!render_text_of(run, argument, &text))
		return false;
	*whole = 0;
	if (text.length > 0 && text.text[0] == '-')
		i = 1;
	if (i == text.length || text.length - i > 7)
		return render_fail(run, "this filter needs a whole number",
						   "It has at most 7 digits.");
	for (size_t k = i; k < text.length; k++)
	{
		if (text.text[k] < '0' || text.text[k] > '9')
			return render_fail(run, "this filter needs a whole number",
							   "It has at most 7 digits.");
		*whole = *whole * 10 + (text.text[k] - '0');
	}
	if (*whole > WHOLE_MOST)
		*whole = WHOLE_MOST;
	if (i == 1)
		*whole = -*whole;
	return true;
}
