/*
 * render_filter.c
 *	  The filters of text templates: one table.
 */
#include <stdio.h>
#include <string.h>

#include "render_text.h"
#include "render_tree.h"

#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

#define WHOLE_MOST 1000000 /* of numbers as arguments */

/* Help for filters -------------------------------------------------------------------- */

/* Room for a text of at most that length; NULL: it is too much work. */
static char *
make_room(RenderRun *run, size_t length)
{
	return render_spend(run, length) ? run->host->allocate(run->host->arg, length + 1)
									 : NULL;
}

static bool
give(RenderValue *result, const char *text, size_t length)
{
	*result = (RenderValue){.kind = RENDER_TEXT, .text = text, .length = length};
	return true;
}

/* The text of an argument, or another if it is not given. */
static bool
text_argument(RenderRun *run, const RenderValue *argument, const char *otherwise,
			  RenderValue *text)
{
	if (argument != NULL)
		return render_text_of(run, argument, text);
	return give(text, otherwise, strlen(otherwise));
}

/* The whole number of an argument, or another if it is not given. */
static bool
whole_argument(RenderRun *run, const RenderValue *argument, long otherwise, long *whole)
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
		return give(result, text->text, text->length);
	/* neither factor is more than RENDER_WORK_MOST */
	length = text->length + count * new->length;
	if ((made = make_room(run, length)) == NULL)
		return false;
	for (;;)
	{
		size_t next = look_for(text, at, old);

		memcpy(made + used, text->text + at, next - at);
		used += next - at;
		if (next == text->length)
			return give(result, made, used);
		if (new->length > 0)
			memcpy(made + used, new->text, new->length);
		used += new->length;
		at = next + old->length;
	}
}

/* The filters ------------------------------------------------------------------------- */

static bool
apply_case(RenderRun *run, const RenderValue *value, bool upper, RenderValue *result)
{
	RenderValue text;

	if (!render_text_of(run, value, &text))
		return false;
	*result = run->host->change_case(run->host->arg, upper, text.text, text.length);
	return render_spend(run, text.length + result->length);
}

static bool
apply_upper(RenderRun *run, const RenderValue *value, const RenderValue *const *arguments,
			RenderValue *result)
{
	(void) arguments;
	return apply_case(run, value, true, result);
}

static bool
apply_lower(RenderRun *run, const RenderValue *value, const RenderValue *const *arguments,
			RenderValue *result)
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
	return render_spend(run, 8);
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
	if ((made = make_room(run, room)) == NULL)
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
	return give(result, made, used);
}

static bool
apply_capitalize(RenderRun *run, const RenderValue *value,
				 const RenderValue *const *arguments, RenderValue *result)
{
	(void) arguments;
	return capitalize(run, value, false, result);
}

static bool
apply_title(RenderRun *run, const RenderValue *value, const RenderValue *const *arguments,
			RenderValue *result)
{
	(void) arguments;
	return capitalize(run, value, true, result);
}

static bool
apply_trim(RenderRun *run, const RenderValue *value, const RenderValue *const *arguments,
		   RenderValue *result)
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
	return give(result, text.text + (end > 0 ? start : 0), end > 0 ? end - start : 0);
}

static bool
apply_default(RenderRun *run, const RenderValue *value,
			  const RenderValue *const *arguments, RenderValue *result)
{
	bool empty = value->kind == RENDER_NOTHING ||
				 (value->kind == RENDER_TEXT && value->length == 0) ||
				 (value->kind == RENDER_LIST && value->count == 0);

	*result = *value;
	return !empty || text_argument(run, arguments[0], "", result);
}

static bool
apply_replace(RenderRun *run, const RenderValue *value,
			  const RenderValue *const *arguments, RenderValue *result)
{
	RenderValue text;
	RenderValue old;
	RenderValue new;

	return render_text_of(run, value, &text) &&
		   text_argument(run, arguments[0], "", &old) &&
		   text_argument(run, arguments[1], "", &new) &&
		   replace(run, &text, &old, &new, result);
}

static bool
apply_split_path(RenderRun *run, const RenderValue *value,
				 const RenderValue *const *arguments, RenderValue *result)
{
	RenderValue text;
	RenderValue separator;
	RenderValue slash;

	(void) give(&slash, "/", 1);
	return render_text_of(run, value, &text) &&
		   text_argument(run, arguments[0], "_", &separator) &&
		   replace(run, &text, &separator, &slash, result);
}

static bool
apply_part(RenderRun *run, const RenderValue *value, const RenderValue *const *arguments,
		   RenderValue *result)
{
	RenderValue text;
	RenderValue separator;
	long index;
	size_t at = 0;

	if (!render_text_of(run, value, &text) ||
		!whole_argument(run, arguments[0], 0, &index) ||
		!text_argument(run, arguments[1], "_", &separator))
		return false;
	if (index < 0)
		index += (long) count_of(&text, &separator) + 1;
	if (index < 0)
		return give(result, "", 0);
	for (; index > 0 && at <= text.length; index--)
	{
		at = look_for(&text, at, &separator);
		at += at == text.length ? 1 : separator.length;
	}
	if (index > 0 || at > text.length)
		return give(result, "", 0);
	return give(result, text.text + at, look_for(&text, at, &separator) - at);
}

static bool
apply_truncate(RenderRun *run, const RenderValue *value,
			   const RenderValue *const *arguments, RenderValue *result)
{
	RenderValue text;
	RenderValue ending;
	size_t size;
	size_t kept;
	char *made;
	long most;

	if (!render_text_of(run, value, &text) ||
		!whole_argument(run, arguments[0], 255, &most) ||
		!text_argument(run, arguments[1], "...", &ending))
		return false;
	most = most > 0 ? most : 0;
	size = text_size(ending.text, ending.length, TEXT_CHARS);
	if (size > (size_t) most)
		size = ending.length = 0;
	kept = text_fit(text.text, text.length, (size_t) most, TEXT_CHARS, size);
	if (kept == text.length)
		return give(result, text.text, text.length);
	if ((made = make_room(run, kept + ending.length)) == NULL)
		return false;
	memcpy(made, text.text, kept);
	if (ending.length > 0)
		memcpy(made + kept, ending.text, ending.length);
	return give(result, made, kept + ending.length);
}

static bool
apply_escape(RenderRun *run, const RenderValue *value,
			 const RenderValue *const *arguments, RenderValue *result)
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
	if ((made = make_room(run, length)) == NULL)
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
	return give(result, made, length);
}

static bool
apply_join(RenderRun *run, const RenderValue *value, const RenderValue *const *arguments,
		   RenderValue *result)
{
	RenderValue separator;
	size_t length = 0;
	size_t used = 0;
	char *made;

	if (value->kind != RENDER_LIST)
		return render_text_of(run, value, result);
	if (!text_argument(run, arguments[0], ", ", &separator) ||
		!render_spend(run, value->count * (separator.length + 1)))
		return false;
	for (size_t i = 0; i < value->count; i++)
		length += value->items[i].length + separator.length;
	if ((made = make_room(run, length)) == NULL)
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
	return give(result, made, used);
}

static bool
apply_length(RenderRun *run, const RenderValue *value,
			 const RenderValue *const *arguments, RenderValue *result)
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

/* Dates ------------------------------------------------------------------------------- */

/* The digits from `at` on, as many as told; -1: others are there. */
static int
digits(const RenderValue *text, size_t at, int count)
{
	int number = 0;

	if (at + (size_t) count > text->length)
		return -1;
	for (int i = 0; i < count; i++)
	{
		char c = text->text[at + (size_t) i];

		if (c < '0' || c > '9')
			return -1;
		number = number * 10 + (c - '0');
	}
	return number;
}

typedef struct Moment
{
	int year, month, day, hour, minute, second;
} Moment;

/* YYYY-MM-DD or DD.MM.YYYY, with hh:mm or hh:mm:ss behind a blank or T. */
static bool
read_moment(const RenderValue *text, Moment *moment)
{
	bool iso = digits(text, 0, 4) >= 0;
	size_t dash = iso ? 4 : 2;

	*moment = (Moment){.year = digits(text, iso ? 0 : 6, 4),
					   .month = digits(text, iso ? 5 : 3, 2),
					   .day = digits(text, iso ? 8 : 0, 2)};
	if (moment->year < 0 || moment->month < 1 || moment->month > 12 || moment->day < 1 ||
		moment->day > 31 || text->text[dash] != (iso ? '-' : '.') ||
		text->text[dash + 3] != (iso ? '-' : '.'))
		return false;
	if (text->length < 16 || digits(text, 11, 2) < 0 || digits(text, 14, 2) < 0)
		return true;
	moment->hour = digits(text, 11, 2);
	moment->minute = digits(text, 14, 2);
	moment->second = digits(text, 17, 2) > 0 ? digits(text, 17, 2) : 0;
	return true;
}

/* The number that a letter of a format stands for, and its digits; false: none. */
static bool
field_of(const Moment *moment, char letter, int *number, int *width)
{
	const struct
	{
		char letter;
		int number;
		int width;
	} fields[] = {
		{'Y', moment->year,       4},
        {'y', moment->year % 100, 2},
        {'m', moment->month,      2},
		{'d', moment->day,        2},
        {'e', moment->day,        1},
        {'H', moment->hour,       2},
		{'M', moment->minute,     2},
        {'S', moment->second,     2},
	};

	for (size_t i = 0; i < lengthof(fields); i++)
		if (fields[i].letter == letter)
		{
			*number = fields[i].number;
			*width = fields[i].width;
			return true;
		}
	return false;
}

static bool
apply_date(RenderRun *run, const RenderValue *value, const RenderValue *const *arguments,
		   RenderValue *result)
{
	RenderValue text;
	RenderValue format;
	Moment moment;
	char *made;
	size_t used = 0;

	if (!render_text_of(run, value, &text) ||
		!text_argument(run, arguments[0], "%d.%m.%Y", &format))
		return false;
	if (!read_moment(&text, &moment))
		return give(result, text.text, text.length);
	if ((made = make_room(run, format.length * 4 + 16)) == NULL)
		return false;
	for (size_t i = 0; i < format.length; i++)
	{
		int number;
		int width;

		if (format.text[i] != '%' || i + 1 == format.length)
			made[used++] = format.text[i];
		else if (field_of(&moment, format.text[++i], &number, &width))
			used += (size_t) snprintf(made + used, 12, "%0*d", width, number);
		else
			made[used++] = format.text[i]; /* %% */
	}
	return give(result, made, used);
}

/* clang-format off: one line a filter */
static const RenderFilter filters[] = {
	{{"capitalize", "", "The first letter in upper case, the others in lower case."},
	 {NULL},
	 0,																								   apply_capitalize},
	{{"date", "format=\"%d.%m.%Y\"",
	  "A date written anew, from YYYY-MM-DD or DD.MM.YYYY with or without a time; %Y %y "
	  "%m %d %e %H %M %S stand for its parts. What is no date stays."},
	 {"format"},
	 0,																								   apply_date      },
	{{"default", "value", "The value if there is none, or an empty one."},
	 {"value"},
	 1,																								   apply_default   },
	{{"escape", "", "For HTML: & < > \" ' as entities."},                                      {NULL}, 0, apply_escape    },
	{{"join", "separator=\", \"",
	  "The items of a list, with the separator between them."},
	 {"separator"},
	 0,																								   apply_join      },
	{{"length", "", "The number of characters of a text, or of items of a list."},
	 {NULL},
	 0,																								   apply_length    },
	{{"lower", "", "In lower case."},														  {NULL}, 0, apply_lower     },
	{{"part", "index=0, sep=\"_\"",
	  "A part of a text that separators divide: 0 the first, -1 the last; empty if there "
	  "are not so many."},
	 {"index", "sep"},
	 0,																								   apply_part      },
	{{"replace", "old, new", "Every old replaced by new."},
	 {"old", "new"},
	 2,																								   apply_replace   },
	{{"split_path", "sep=\"_\"", "Separators become slashes: A_B_C is A/B/C."},
	 {"sep"},
	 0,																								   apply_split_path},
	{{"title", "",
	  "The first letter of each word in upper case, the others in lower case."},
	 {NULL},
	 0,																								   apply_title     },
	{{"trim", "", "Without blanks and line ends at both ends."},                               {NULL}, 0, apply_trim      },
	{{"truncate", "length=255, end=\"...\"",
	  "Cut to at most so many characters, the end included, between words if possible."},
	 {"length", "end"},
	 0,																								   apply_truncate  },
	{{"upper", "", "In upper case."},														  {NULL}, 0, apply_upper     },
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
