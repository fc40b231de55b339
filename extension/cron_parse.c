/*
 * cron_parse.c
 *	  Reads cron expressions and says what is wrong with those that are none.
 *
 * Concept: what more than one cron would read differently is refused rather than guessed:
 * a step behind a single value, ranges that run backwards, steps that reach beyond the
 * field, and the marks ?, L, W and # of other schedulers.
 */
#include "cron.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

#define FIELDS    5
#define ITEM_SIZE 24 /* how much of an item an error shows */

typedef struct Field
{
	const char *name;
	int least;
	int most;
	const char *const *names; /* of the values from name_base on, NULL: has none */
	int name_base;
} Field;

static const char *const month_names[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL",
										  "AUG", "SEP", "OCT", "NOV", "DEC", NULL};
static const char *const weekday_names[] = {"SUN", "MON", "TUE", "WED",
											"THU", "FRI", "SAT", NULL};

static const Field fields[FIELDS] = {
	{"minute",       0, 59, NULL,          0},
	{"hour",         0, 23, NULL,          0},
	{"day of month", 1, 31, NULL,          0},
	{"month",        1, 12, month_names,   1},
	{"day of week",  0, 7,  weekday_names, 0},
};

typedef struct Macro
{
	const char *name;
	const char *expression;
} Macro;

static const Macro macros[] = {
	{"@hourly",   "0 * * * *"},
    {"@daily",    "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
	{"@weekly",   "0 0 * * 0"},
    {"@monthly",  "0 0 1 * *"},
    {"@yearly",   "0 0 1 1 *"},
	{"@annually", "0 0 1 1 *"},
};

static const char hint_fields[] =
	"Five fields: minute 0-59, hour 0-23, day of month 1-31, month 1-12 or JAN-DEC, day "
	"of "
	"week 0-7 or SUN-SAT (0 and 7 are Sunday). Each is *, a value, a range 1-5, a list "
	"1,3,5, or has a step: */15, 8-18/2.";
static const char hint_macros[] =
	"@hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually are known.";
static const char hint_step[] = "Write */15, or a range with a step, like 5-59/15.";
static const char hint_backwards[] = "Split a range that runs over the end into two: "
									 "22-23,0-5 for hours, 6-7,1 or SAT,SUN,MON "
									 "for days of week.";

/* A part of the expression, not ended by a zero. */
typedef struct Part
{
	const char *start;
	const char *end;
} Part;

static size_t
part_length(const Part *part)
{
	return (size_t) (part->end - part->start);
}

/* Cuts off what stands before the mark, or all; the rest begins behind the mark. False: the
 * mark is not there. */
static bool
part_split(Part *rest, char mark, Part *first)
{
	const char *at = memchr(rest->start, mark, part_length(rest));

	*first = (Part){rest->start, at != NULL ? at : rest->end};
	rest->start = at != NULL ? at + 1 : rest->end;
	return at != NULL;
}

/* What an error shows of a part: without control characters, and not too long. */
static const char *
part_show(const Part *part, char *text)
{
	size_t length = part_length(part);
	size_t shown = length < ITEM_SIZE ? length : ITEM_SIZE - 4;

	/* no letter of several bytes is cut in two */
	while (shown < length && shown > 0 &&
		   ((unsigned char) part->start[shown] & 0xC0) == 0x80)
		shown--;
	for (size_t i = 0; i < shown; i++)
		text[i] = (char) ((unsigned char) part->start[i] < ' ' ? '?' : part->start[i]);
	memcpy(text + shown, shown < length ? "..." : "", shown < length ? 4 : 1);
	return text;
}

__attribute__((format(printf, 3, 4))) static bool
refuse(CronError *error, const char *hint, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void) vsnprintf(error->rule, sizeof error->rule, format, args);
	va_end(args);
	error->hint = hint;
	return false;
}

static bool
refuse_part(CronError *error, const char *hint, const Field *field, const Part *part,
			const char *rule)
{
	char shown[ITEM_SIZE];

	return refuse(error, hint, "%s \"%s\" %s", field->name, part_show(part, shown), rule);
}

/* Reads a whole number; one that is too large for any field stays too large. */
static bool
read_number(const Part *part, int *number)
{
	*number = 0;
	for (const char *at = part->start; at < part->end; at++)
	{
		if (*at < '0' || *at > '9')
			return false;
		*number = *number > 999 ? *number : *number * 10 + (*at - '0');
	}
	return part->start < part->end;
}

static bool
read_name(const Field *field, const Part *part, int *value)
{
	for (int i = 0; field->names != NULL && field->names[i] != NULL; i++)
		if (part_length(part) == 3 && strncasecmp(part->start, field->names[i], 3) == 0)
		{
			*value = field->name_base + i;
			return true;
		}
	return false;
}

static bool
read_value(const Field *field, const Part *part, int *value, CronError *error)
{
	char shown[ITEM_SIZE];

	if (part->start == part->end)
		return refuse(error, hint_fields, "%s lacks a value", field->name);
	if (read_name(field, part, value))
		return true;
	if (!read_number(part, value))
		return refuse_part(error, hint_fields, field, part,
						   field->names != NULL
							   ? "is neither a number nor a name of three letters"
							   : "is not a number");
	if (*value < field->least || *value > field->most)
		return refuse(error, hint_fields, "%s \"%s\" is not within %d-%d", field->name,
					  part_show(part, shown), field->least, field->most);
	return true;
}

static bool
read_step(const Field *field, const Part *part, int *step, CronError *error)
{
	int largest = field->most - field->least;

	if (!read_number(part, step) || *step < 1 || *step > largest)
	{
		char shown[ITEM_SIZE];

		return refuse(error, hint_fields, "the step \"%s\" of %s is not within 1-%d",
					  part_show(part, shown), field->name, largest);
	}
	return true;
}

/* A range "first-last"; a single value is a range of one. */
static bool
read_range(const Field *field, const Part *part, int *first, int *last, CronError *error)
{
	Part rest = *part;
	Part left;
	bool two = part_split(&rest, '-', &left);

	if (!read_value(field, &left, first, error))
		return false;
	*last = *first;
	if (two && !read_value(field, &rest, last, error))
		return false;
	/* a week that is named up to its Sunday ends with day 7 */
	if (*last == 0 && *first > 0 && field->names == weekday_names)
		*last = 7;
	if (*last < *first)
		return refuse_part(error, hint_backwards, field, part, "runs backwards");
	return true;
}

/* One item of a list: "*", a value or a range, the first and the last with a step perhaps. */
static bool
read_item(const Field *field, const Part *item, uint64_t *bits, CronError *error)
{
	Part rest = *item;
	Part range;
	int first = field->least;
	int last = field->most;
	int step = 1;
	bool stepped = part_split(&rest, '/', &range);
	bool all = part_length(&range) == 1 && *range.start == '*';

	if (!all && !read_range(field, &range, &first, &last, error))
		return false;
	if (stepped && !all && memchr(range.start, '-', part_length(&range)) == NULL)
		return refuse_part(error, hint_step, field, item, "has a step but no range");
	if (stepped && !read_step(field, &rest, &step, error))
		return false;
	for (int value = first; value <= last; value += step)
		*bits |= UINT64_C(1) << value;
	return true;
}

static bool
read_field(const Field *field, const Part *part, uint64_t *bits, CronError *error)
{
	Part rest = *part;
	Part item;
	bool more = true;

	*bits = 0;
	while (more)
	{
		more = part_split(&rest, ',', &item);
		if (!read_item(field, &item, bits, error))
			return false;
	}
	return true;
}

static const char blanks[] = " \t\r\n";

/* Splits at blanks; returns how many fields there are, of which the first ones are filled. */
static int
split_fields(const char *text, Part *parts, int size)
{
	int count = 0;

	for (text += strspn(text, blanks); *text != '\0'; text += strspn(text, blanks))
	{
		Part part = {text, text + strcspn(text, blanks)};

		if (count < size)
			parts[count] = part;
		count++;
		text = part.end;
	}
	return count;
}

/* The five fields that a name with "@" stands for; the text itself without one; NULL: there
 * is no such name. */
static const char *
expand_macro(const char *text)
{
	Part part;

	if (split_fields(text, &part, 1) < 1 || *part.start != '@')
		return text;
	for (size_t i = 0; i < lengthof(macros); i++)
		if (part_length(&part) == strlen(macros[i].name) &&
			strncasecmp(part.start, macros[i].name, part_length(&part)) == 0 &&
			part.end[strspn(part.end, blanks)] == '\0')
			return macros[i].expression;
	return NULL;
}

bool
cron_parse(const char *text, Cron *cron, CronError *error)
{
	Part parts[FIELDS];
	uint64_t bits[FIELDS];
	int count;

	if (strlen(text) > CRON_MAX_LENGTH)
		return refuse(error, hint_fields, "it is longer than %d characters",
					  CRON_MAX_LENGTH);
	text = expand_macro(text);
	if (text == NULL)
		return refuse(error, hint_macros, "there is no such name");
	count = split_fields(text, parts, FIELDS);
	if (count != FIELDS)
		return refuse(error, hint_fields, "a cron expression has 5 fields, this has %d",
					  count);
	for (int i = 0; i < FIELDS; i++)
		if (!read_field(&fields[i], &parts[i], &bits[i], error))
			return false;
	*cron = (Cron){
		.minutes = bits[0],
		.hours = (uint32_t) bits[1],
		.days = (uint32_t) bits[2],
		.months = (uint32_t) bits[3],
		.weekdays = (uint32_t) ((bits[4] | bits[4] >> 7) & 0x7F),
		.every_day = *parts[2].start == '*',
		.every_weekday = *parts[4].start == '*',
	};
	return true;
}

char *
cron_write(const char *text, char *written, size_t size)
{
	const char *expanded = expand_macro(text);
	Part parts[FIELDS];
	int count = split_fields(expanded != NULL ? expanded : text, parts, FIELDS);
	size_t used = 0;

	for (int i = 0; i < count && i < FIELDS; i++)
	{
		if (i > 0 && used + 1 < size)
			written[used++] = ' ';
		for (const char *at = parts[i].start; at < parts[i].end && used + 1 < size; at++)
			written[used++] = (char) (*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
	}
	written[used] = '\0';
	return written;
}
