/*
 * base/option.c
 *	  Collecting option values: defaults, files, environment, command line, in this order,
 *	  each over the one before.
 */
#include "base/option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/nearest.h"
#include "base/option_value.h"
#include "base/path.h"

#define SYSTEM_FILE "/etc/leap/leap.conf"
#define USER_FILE   "~/.config/leap/leap.conf"

/* Dashes count as underscores. */
static bool
is_called(const char *known, const char *name, size_t length)
{
	size_t i = 0;

	while (i < length && known[i] != '\0' && known[i] == (name[i] == '-' ? '_' : name[i]))
		i++;
	return i == length && known[i] == '\0';
}

OptionId
option_find(const char *command, const char *name, size_t length)
{
	for (int id = 0; id < OPTION_COUNT; id++)
	{
		const Option *option = option_row((OptionId) id);

		if (command != NULL && !option_belongs(option, command))
			continue;
		if (is_called(option->name, name, length) ||
			(option->also != NULL && is_called(option->also, name, length)))
			return (OptionId) id;
	}
	return OPTION_COUNT;
}

/* "Did you mean --color? All options: leap list --help" */
static void
suggest(const char *command, const char *name, size_t length, char *hint, size_t size)
{
	char typed[64];
	char flag[OPTION_FLAG_SIZE];
	Nearest nearest = {.typed = typed};

	snprintf(typed, sizeof typed, "%.*s", length < 60 ? (int) length : 60, name);
	for (int id = 0; id < OPTION_COUNT; id++)
		if (option_belongs(option_row((OptionId) id), command))
			nearest_offer(&nearest, option_row((OptionId) id)->name);
	if (nearest.word == NULL)
		snprintf(hint, size, "Try: leap %s --help", command);
	else
		snprintf(hint, size, "Did you mean %s? All options: leap %s --help",
				 option_flag_name(
					 option_row(option_find(command, nearest.word, strlen(nearest.word))),
					 false, flag),
				 command);
}

static char *
trim(char *text)
{
	size_t length;

	text += strspn(text, " \t\r\n");
	length = strlen(text);
	while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
		text[--length] = '\0';
	return text;
}

/* One line of a configuration file. A setting of another command is none of ours, but a
 * name that no command knows is a mistake. */
static bool
read_line(Options *options, const char *command, char *line, const char *where,
		  Error *err)
{
	char *equals;
	char *value;
	char *name = trim(line);
	size_t length;
	OptionId id;

	if (*name == '\0' || *name == '#')
		return true;
	equals = strchr(name, '=');
	if (equals == NULL)
		return error_set(err, ERROR_PERMANENT, "usage", "Write: name = value",
						 "%s: \"%.60s\" has no =", where, name);
	*equals = '\0';
	name = trim(name);
	value = trim(equals + 1);
	length = strlen(value);
	if (length >= 2 && value[0] == '\'' && value[length - 1] == '\'')
	{
		value[length - 1] = '\0';
		value++;
	}
	id = option_find(command, name, strlen(name));
	if (id != OPTION_COUNT && option_row(id)->env != NULL)
	{
		options->given[id] = true;
		return option_set(options, id, value, where, err);
	}
	id = option_find(NULL, name, strlen(name));
	if (id == OPTION_COUNT)
		return error_set(err, ERROR_PERMANENT, "usage", "All settings: leap options",
						 "%s: there is no setting \"%.60s\"", where, name);
	return true;
}

static bool
read_file(Options *options, const char *command, const char *path, bool must_exist,
		  Error *err)
{
	CLEANUP(fclose) FILE *file = fopen(path, "re");
	CLEANUP(free) char *line = NULL;
	size_t size = 0;
	char where[PATH_SIZE + 32];

	if (file == NULL && !must_exist && (errno == ENOENT || errno == ENOTDIR))
		return true;
	if (file == NULL)
	{
		(void) error_errno(err, "usage", "cannot read configuration file %.300s", path);
		return false;
	}
	for (int number = 1; getline(&line, &size, file) >= 0; number++)
	{
		snprintf(where, sizeof where, "%s line %d", path, number);
		if (!read_line(options, command, line, where, err))
			return false;
	}
	return true;
}

static bool
read_files(Options *options, const char *command, const char *only, Error *err)
{
	char path[PATH_SIZE];

	if (only != NULL && only[0] != '\0')
		return read_file(options, command, only, true, err);
	return read_file(options, command, SYSTEM_FILE, false, err) &&
		   path_absolute(path, sizeof path, USER_FILE, err) &&
		   read_file(options, command, path, false, err);
}

static bool
read_environment(Options *options, const char *command, Error *err)
{
	char source[64];

	for (int id = 0; id < OPTION_COUNT; id++)
	{
		const Option *option = option_row((OptionId) id);
		const char *value = option->env != NULL ? getenv(option->env) : NULL;

		if (value == NULL || value[0] == '\0' || !option_belongs(option, command))
			continue;
		snprintf(source, sizeof source, "environment %s", option->env);
		options->given[id] = true;
		if (!option_set(options, (OptionId) id, value, source, err))
			return false;
	}
	return true;
}

/* The value of a flag; the parts of a list add up, over what other sources said. */
static bool
set_flag(Options *options, OptionId id, const char *value, const char *source, Error *err)
{
	CLEANUP(free) char *all = NULL;

	if (options->flagged[id] &&
		(option_row(id)->type == OPTION_SHARES || option_row(id)->type == OPTION_LIST) &&
		asprintf(&all, "%s,%s", options->text[id], value) < 0)
		return error_errno(err, "memory", "cannot keep %s", source);
	options->given[id] = true;
	options->flagged[id] = true;
	return option_set(options, id, all != NULL ? all : value, source, err);
}

/* One "--name", "--name=value" or "--name value" at argv[*at]; moves *at over the value. */
static bool
read_flag(Options *options, const char *command, int argc, char **argv, int *at,
		  Error *err)
{
	const char *name = argv[*at] + 2;
	size_t length = strcspn(name, "=");
	const char *value = name[length] == '=' ? name + length + 1 : NULL;
	OptionId id = option_find(command, name, length);
	char source[80];
	char hint[200];

	snprintf(source, sizeof source, "--%.*s", length > 60 ? 60 : (int) length, name);
	if (id == OPTION_COUNT)
	{
		suggest(command, name, length, hint, sizeof hint);
		return error_set(err, ERROR_PERMANENT, "usage", hint, "there is no option %s",
						 source);
	}
	if (value == NULL && option_row(id)->type == OPTION_FLAG)
		value = "on";
	if (value == NULL && *at + 1 < argc)
		value = argv[++*at];
	if (value == NULL)
		return error_set(err, ERROR_PERMANENT, "usage", NULL, "%s needs a value: %s=%s",
						 source, source, option_row(id)->argument);
	return set_flag(options, id, value, source, err);
}

static bool
refuse_short(const char *command, const char *word, Error *err)
{
	char hint[160];

	snprintf(hint, sizeof hint, "If it is none, write it behind --: leap %.40s -- %.40s",
			 command, word);
	return error_set(err, ERROR_PERMANENT, "usage", hint,
					 "there is no short option %.20s", word);
}

/* Flags anywhere, "--" ends them; the rest is collected in order. */
static bool
read_command_line(Options *options, const char *command, int argc, char **argv,
				  Error *err)
{
	options->argument_count = 0;
	for (int at = 0; at < argc; at++)
	{
		if (strcmp(argv[at], "--") == 0)
		{
			while (++at < argc)
				options->arguments[options->argument_count++] = argv[at];
			break;
		}
		if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0)
			options->help = true;
		else if (strncmp(argv[at], "--", 2) == 0)
		{
			if (!read_flag(options, command, argc, argv, &at, err))
				return false;
		}
		else if (argv[at][0] == '-' && argv[at][1] != '\0')
			return refuse_short(command, argv[at], err);
		else
			options->arguments[options->argument_count++] = argv[at];
	}
	options->arguments[options->argument_count] = NULL;
	return true;
}

/* The file must be known before it is read, and is read before what stands over it. */
static const char *
config_file(int argc, char **argv)
{
	for (int at = 0; at < argc && strcmp(argv[at], "--") != 0; at++)
	{
		if (strncmp(argv[at], "--config=", 9) == 0)
			return argv[at] + 9;
		if (strcmp(argv[at], "--config") == 0 && at + 1 < argc)
			return argv[at + 1];
	}
	return getenv("LEAP_CONFIG");
}

bool
options_read(Options *options, const char *command, int argc, char **argv, Error *err)
{
	memset(options, 0, sizeof *options);
	options->arguments = calloc((size_t) argc + 1, sizeof *options->arguments);
	if (options->arguments == NULL)
		return error_errno(err, "memory", "cannot read the options");
	for (int id = 0; id < OPTION_COUNT; id++)
		if (!option_set(options, (OptionId) id, option_row((OptionId) id)->standard,
						"default", err))
			return false;
	return read_files(options, command, config_file(argc, argv), err) &&
		   read_environment(options, command, err) &&
		   read_command_line(options, command, argc, argv, err);
}

void
options_free(Options *options)
{
	for (int id = 0; id < OPTION_COUNT; id++)
		free(options->text[id]);
	free(options->arguments);
	memset(options, 0, sizeof *options);
}

const char *
option_text(const Options *options, OptionId id)
{
	return options->text[id];
}

double
option_number(const Options *options, OptionId id)
{
	return options->number[id];
}

bool
option_flag(const Options *options, OptionId id)
{
	return options->number[id] != 0;
}

bool
option_has_word(const Options *options, OptionId id, const char *word)
{
	const char *list = options->text[id];
	size_t length = strlen(word);

	while (*list != '\0')
	{
		size_t next = strcspn(list, ",");

		if (strcspn(list, ",=") == length && strncmp(list, word, length) == 0)
			return true;
		list += next + (list[next] == ',');
	}
	return false;
}
