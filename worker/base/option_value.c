/*
 * base/option_value.c
 *	  Checking one value of an option against its row.
 */
#include "base/option_value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"

static bool
refuse(const char *source, const char *value, const char *rule, Error *err)
{
	return error_set(err, ERROR_PERMANENT, "usage", NULL, "%s: \"%.100s\" %s", source,
					 value, rule);
}

static bool
contains_word(const char *list, const char *separator, const char *word, size_t length)
{
	while (*list != '\0')
	{
		size_t next = strcspn(list, separator);

		if (next == length && strncmp(list, word, length) == 0)
			return true;
		list += next + (list[next] != '\0');
	}
	return false;
}

static bool
check_flag(const Option *option, const char *value, double *number)
{
	static const char *const on[] = {"on", "true", "yes", "1"};
	static const char *const off[] = {"off", "false", "no", "0"};

	(void) option;
	for (size_t i = 0; i < sizeof on / sizeof on[0]; i++)
	{
		if (strcasecmp(value, on[i]) == 0)
			*number = 1;
		else if (strcasecmp(value, off[i]) == 0)
			*number = 0;
		else
			continue;
		return true;
	}
	return false;
}

static bool
check_integer(const Option *option, const char *value, double *number)
{
	char *end;

	errno = 0;
	*number = (double) strtoll(value, &end, 10);
	return errno == 0 && end != value && *end == '\0' && *number >= option->low &&
		   *number <= option->high;
}

static bool
check_number(const Option *option, const char *value, double *number)
{
	char *end;

	*number = strtod(value, &end);
	if (*value == '\0')
		return option->standard[0] == '\0';
	return end != value && *end == '\0' && *number >= option->low &&
		   *number <= option->high;
}

static bool
check_seconds(const Option *option, const char *value, double *number)
{
	static const struct
	{
		const char *unit;
		double seconds;
	} units[] = {
		{"",    1   },
        {"s",   1   },
        {"m",   60  },
        {"min", 60  },
        {"h",   3600}
    };
	char *end;

	*number = strtod(value, &end);
	if (end == value || !isfinite(*number))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (strcmp(end, units[i].unit) == 0)
		{
			*number *= units[i].seconds;
			return *number >= option->low && *number <= option->high;
		}
	return false;
}

static bool
check_choice(const Option *option, const char *value, double *number)
{
	(void) number;
	return value[0] != '\0' && contains_word(option->choices, " ", value, strlen(value));
}

static bool
check_words(const Option *option, const char *value, double *number)
{
	(void) number;
	if (*value == '\0')
		return false;
	while (*value != '\0')
	{
		size_t length = strcspn(value, ",");

		if (length == 0 || !contains_word(option->choices, " ", value, length))
			return false;
		value += length + (value[length] == ',');
	}
	return true;
}

/* Does a part of the list before `end` have this name? */
static bool
share_named(const char *list, const char *end, const char *name, size_t length)
{
	while (list < end)
	{
		if (strcspn(list, ",=") == length && strncmp(list, name, length) == 0)
			return true;
		list += strcspn(list, ",");
		list += *list == ',';
	}
	return false;
}

/* "=4" at *at within the range; moves *at behind it. */
static bool
is_share(const Option *option, const char **at)
{
	char *end;
	double share = (double) strtol(*at + 1, &end, 10);
	bool digits = strspn(*at + 1, "0123456789") == (size_t) (end - *at - 1);

	*at = end;
	return digits && (*end == ',' || *end == '\0') && share >= option->low &&
		   share <= option->high;
}

/* "a,b=4": each word once. */
static bool
check_shares(const Option *option, const char *value, double *number)
{
	const char *rest = value;

	(void) number;
	if (*value == '\0')
		return false;
	while (*rest != '\0')
	{
		size_t length = strcspn(rest, ",=");
		const char *behind = rest + length;

		if (length == 0 || !contains_word(option->choices, " ", rest, length) ||
			share_named(value, rest, rest, length))
			return false;
		if (*behind == '=' && !is_share(option, &behind))
			return false;
		rest = behind + (*behind == ',');
	}
	return true;
}

static bool
check_nothing(const Option *option, const char *value, double *number)
{
	(void) option;
	(void) value;
	(void) number;
	return true;
}

static const struct
{
	bool (*check)(const Option *option, const char *value, double *number);
	const char *rule; /* completed by the row's range or choices */
} types[] = {
	[OPTION_TEXT] = {check_nothing, ""                                   },
	[OPTION_FLAG] = {check_flag,    "is neither on nor off"              },
	[OPTION_INTEGER] = {check_integer, "is no whole number of"              },
	[OPTION_NUMBER] = {check_number,  "is no number of"                    },
	[OPTION_SECONDS] = {check_seconds, "is no duration (30, 30s, 5m, 1h) of"},
	[OPTION_CHOICE] = {check_choice,  "is none of:"                        },
	[OPTION_WORDS] = {check_words,   "is no comma-separated list out of:" },
	[OPTION_SHARES] =
		{check_shares,
					 "is no list, each name once and alone or with a number of tasks at a time, "
		 "1 to 1024 (upload=4), out of:"                                 },
	[OPTION_LIST] = {check_nothing, ""                                   },
	[OPTION_PATH] = {check_nothing, ""                                   },
	[OPTION_PLACE] = {check_nothing, ""                                   },
};

static bool
explain(const Option *option, const char *value, const char *source, Error *err)
{
	char rule[256];

	if (option->choices != NULL)
		snprintf(rule, sizeof rule, "%s %s", types[option->type].rule, option->choices);
	else if (option->high > option->low)
		snprintf(rule, sizeof rule, "%s %.10g to %.10g%s", types[option->type].rule,
				 option->low, option->high,
				 option->type == OPTION_SECONDS ? " seconds" : "");
	else
		snprintf(rule, sizeof rule, "%s", types[option->type].rule);
	return refuse(source, value, rule, err);
}

bool
option_set(Options *options, OptionId id, const char *value, const char *source,
		   Error *err)
{
	const Option *option = option_row(id);
	char absolute[PATH_SIZE];
	double number = 0;
	char *copy;

	if (!(value == option->standard && value[0] == '\0') &&
		!types[option->type].check(option, value, &number))
		return explain(option, value, source, err);
	if (option->type == OPTION_PATH ||
		(option->type == OPTION_PLACE && strncmp(value, "s3://", 5) != 0 &&
		 !(value == option->standard && value[0] == '\0')))
	{
		if (value[0] == '\0')
			return refuse(source, value, "is no path", err);
		if (!path_absolute(absolute, sizeof absolute, value, err))
			return false;
		value = absolute;
	}
	copy = strdup(value);
	if (copy == NULL)
		return error_errno(err, "memory", "cannot keep option %s", option->name);
	free(options->text[id]);
	options->text[id] = copy;
	options->number[id] = number;
	return true;
}
