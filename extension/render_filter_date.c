/*
 * render_filter_date.c
 *	  The filter that writes a date anew.
 */
#include <stdio.h>

#include "render_filter.h"

#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

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

RENDER_FILTER(render_apply_date)
{
	RenderValue text;
	RenderValue format;
	Moment moment;
	char *made;
	size_t used = 0;

	if (!render_text_of(run, value, &text) ||
		!render_text_argument(run, arguments[0], "%d.%m.%Y", &format))
		return false;
	if (!read_moment(&text, &moment))
		return render_give(result, text.text, text.length);
	if ((made = render_make_room(run, format.length * 4 + 16)) == NULL)
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
	return render_give(result, made, used);
}
