/*
 * cli/man.c
 *	  leap man: the manual pages, printed from the tables of commands and options.
 *
 * The language is man(7), which every roff reads. What could steer it is escaped, so a text
 * of a table may say anything.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/complaint.h"
#include "cli/help.h"
#include "cli/session.h"

#define PAGES_DATE "2026-11-22" /* no clock: the same tables make the same pages */

/* A text as it is; newlines are blanks, so that lines are filled. */
static void
put_text(FILE *out, const char *text)
{
	while (*text != '\0')
	{
		uint32_t point = utf8_next(&text);

		if (point == '\\')
			fputs("\\e", out);
		else if (point == '-')
			fputs("\\-", out);
		else if (point == '\n')
			fputc(' ', out);
		else if (point == '\'')
			fputs("\\(aq", out);
		else if (point == '"')
			fputs("\\(dq", out);
		else if (point == '.')
			fputs("\\&.", out);
		else if (point < 0x80)
			fputc((int) point, out);
		else
			fprintf(out, "\\[u%04X]", point);
	}
}

static void
put_line(FILE *out, const char *text)
{
	put_text(out, text);
	fputc('\n', out);
}

static void
put_section(FILE *out, const char *title)
{
	fprintf(out, ".SH \"%s\"\n", title);
}

/* A term and what it is. */
static void
put_item(FILE *out, const char *term, const char *text)
{
	fputs(".TP\n\\fB", out);
	put_text(out, term);
	fputs("\\fR\n", out);
	put_line(out, text);
}

static void
put_head(FILE *out, const char *name, const char *summary)
{
	char upper[64];
	size_t length = 0;

	for (; name[length] != '\0' && length + 1 < sizeof upper; length++)
		upper[length] =
			(char) (name[length] >= 'a' && name[length] <= 'z' ? name[length] - 32
															   : name[length]);
	upper[length] = '\0';
	fprintf(out,
			".\\\" printed by leap man\n.TH \"%s\" \"1\" \"%s\" \"leap %s\" \"LEAP\"\n",
			upper, PAGES_DATE, LEAP_VERSION);
	put_section(out, "NAME");
	put_text(out, name);
	fputs(" \\- ", out);
	put_line(out, summary);
}

static void
put_exit_status(FILE *out)
{
	char number[16];

	put_section(out, "EXIT STATUS");
	for (size_t i = 0; i < exit_meaning_count; i++)
	{
		snprintf(number, sizeof number, "%d", (int) exit_meanings[i].code);
		put_item(out, number, exit_meanings[i].meaning);
	}
}

/* "one of: a b", without the marks of the page of the documentation. */
static void
put_rule(FILE *out, const Option *option)
{
	CLEANUP(free) char *text = NULL;
	size_t length = 0;
	FILE *memory = open_memstream(&text, &length);
	size_t kept = 0;

	if (memory == NULL)
		return;
	option_print_rule(memory, option);
	if (fclose(memory) != 0)
		return;
	for (size_t i = 0; i < length; i++)
		if (text[i] != '`')
			text[kept++] = text[i];
	text[kept] = '\0';
	put_line(out, text);
}

static void
put_option(FILE *out, const Option *option)
{
	char flag[OPTION_FLAG_SIZE];

	put_item(out, option_flag_name(option, true, flag), option->help);
	if (option->type != OPTION_TEXT && option->type != OPTION_FLAG)
	{
		fputs(".br\n", out);
		put_rule(out, option);
	}
	if (option->standard[0] == '\0' && option->env == NULL)
		return;
	fputs(".br\n", out);
	if (option->standard[0] != '\0')
	{
		fputs("default: ", out);
		put_text(out, option->standard);
	}
	if (option->env != NULL)
		fprintf(out, "%senvironment: %s", option->standard[0] != '\0' ? "; " : "",
				option->env);
	fputc('\n', out);
}

static void
put_environment(FILE *out)
{
	put_section(out, "ENVIRONMENT");
	fputs(
		"Every option that names a variable may be set by it, or in a file; what stands "
		"on the command line goes over the variable, and that over the file.\n",
		out);
	put_item(out, "PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSFILE, ...",
			 "where the database is, as libpq reads them");
	put_item(out, "NO_COLOR, CLICOLOR_FORCE, TERM", "whether there are colours");
	put_section(out, "FILES");
	put_item(out, "/etc/leap/leap.conf, ~/.config/leap/leap.conf",
			 "lines name = value; the second goes over the first");
}

static void
put_options(FILE *out, const char *command, bool common)
{
	for (int id = 0; id < OPTION_COUNT; id++)
		if (option_belongs(option_row((OptionId) id), command) &&
			option_is_common(option_row((OptionId) id)) == common)
			put_option(out, option_row((OptionId) id));
}

static void
put_command_page(FILE *out, const Command *command)
{
	char name[64];

	snprintf(name, sizeof name, "leap-%s", command->name);
	put_head(out, name, command->summary);
	put_section(out, "SYNOPSIS");
	fprintf(out, ".B leap %s\n[\\fIOPTION\\fR]... ", command->name);
	put_line(out, command->arguments);
	put_section(out, "DESCRIPTION");
	if (command->manual != NULL)
		put_line(out, command->manual);
	else
	{
		fputc(toupper((unsigned char) command->summary[0]), out);
		put_text(out, command->summary + 1);
		fputs(".\n", out);
	}
	put_section(out, "OPTIONS");
	put_options(out, command->name, false);
	put_item(out, "--help", "show the manual of the command");
	put_section(out, "INSTALLATION");
	put_options(out, command->name, true);
	put_exit_status(out);
	put_environment(out);
	put_section(out, "SEE ALSO");
	fputs(".BR leap (1)\n", out);
}

static void
put_overview_page(FILE *out)
{
	const Command *command = NULL;
	const char *comma = "";

	put_head(out, "leap", "lecture recordings in, published lessons out");
	put_section(out, "SYNOPSIS");
	fputs(".B leap\n\\fICOMMAND\\fR [\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...\n", out);
	put_section(out, "DESCRIPTION");
	fputs(
		"LEAP turns recordings of lectures into published lessons: cut, transcribed, "
		"with "
		"topics and subtitles. Its brain is a PostgreSQL database; this program installs "
		"it, works for it, serves it by HTTP, and lets people look into it.\n.PP\n"
		"Options may stand anywhere; what follows \\-\\- is no option. With "
		"\\fB\\-\\-json\\fR every command answers programs: an object or an array on "
		"standard output, and one line {\\(dqerror\\(dq: {\\(dqcode\\(dq, "
		"\\(dqmessage\\(dq, \\(dqhint\\(dq}} on standard error when it did not work.\n",
		out);
	put_section(out, "COMMANDS");
	while ((command = command_next(command)) != NULL)
		if (command->summary != NULL)
			put_item(out, command->name, command->summary);
	put_exit_status(out);
	put_environment(out);
	put_section(out, "SEE ALSO");
	while ((command = command_next(command)) != NULL)
		if (command->summary != NULL)
		{
			fprintf(out, "%s.BR leap\\-%s (1)", comma, command->name);
			comma = " ,\n";
		}
	fputc('\n', out);
}

static void
put_page(FILE *out, const Command *command)
{
	if (command == NULL)
		put_overview_page(out);
	else
		put_command_page(out, command);
}

static bool
write_page(const char *folder, const Command *command, Error *err)
{
	char path[PATH_SIZE];
	FILE *file;
	bool good;

	snprintf(path, sizeof path, "%s/leap%s%s.1", folder, command != NULL ? "-" : "",
			 command != NULL ? command->name : "");
	file = fopen(path, "we");
	if (file == NULL)
		return error_errno(err, "cannot_write", "cannot write %.300s", path);
	put_page(file, command);
	good = ferror(file) == 0;
	if (fclose(file) != 0 || !good)
		return error_errno(err, "cannot_write", "cannot write %.300s", path);
	return true;
}

static ExitCode
write_all(const char *folder)
{
	const Command *command = NULL;
	Error err = {0};
	bool good = write_page(folder, NULL, &err);

	while (good && (command = command_next(command)) != NULL)
		good = command->summary == NULL || write_page(folder, command, &err);
	return good ? EXIT_DONE : complaint_tell("leap man", folder, &err);
}

ExitCode
man_command(const Options *options, int argc, char **argv)
{
	const Command *command;

	if (option_flag(options, OPTION_ALL))
		return argc == 1 ? write_all(argv[0])
						 : session_usage("man", "name the folder for the pages");
	if (argc > 1)
		return session_usage("man", "name one command, or none");
	command = argc == 1 ? command_find(argv[0]) : NULL;
	if (argc == 1 && (command == NULL || command->summary == NULL))
		return help_unknown(argv[0]);
	put_page(stdout, command);
	return EXIT_DONE;
}
