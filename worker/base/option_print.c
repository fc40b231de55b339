/*
 * base/option_print.c
 *	  The table of options as help text and as a page of the documentation.
 */
#include "base/option.h"

#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"

#define COLUMN 28
#define WIDTH  96

/* Prints text from the current column on, broken at blanks, further lines indented. */
static void
print_wrapped(FILE *out, const char *text, int indent, int width)
{
	int column = indent;

	while (*text != '\0')
	{
		int word = (int) strcspn(text, " ");

		if (column > indent && column + 1 + word > width)
		{
			fprintf(out, "\n%*s", indent, "");
			column = indent;
		}
		else if (column > indent)
			column += fprintf(out, " ");
		column += fprintf(out, "%.*s", word, text);
		text += word + (text[word] == ' ');
	}
	fputc('\n', out);
}

static void
print_row(FILE *out, const Option *option)
{
	CLEANUP(buffer) Buffer text;
	char flag[OPTION_FLAG_SIZE];

	buffer_init(&text);
	if (strlen(option_flag_name(option, true, flag)) + 3 > COLUMN)
		fprintf(out, "  %s\n%*s", flag, COLUMN, "");
	else
		fprintf(out, "  %-*s", COLUMN - 2, flag);
	buffer_puts(&text, option->help);
	if (option->standard[0] != '\0' && option->type != OPTION_FLAG)
		buffer_printf(&text, " (default %s)", option->standard);
	print_wrapped(out, text.data, COLUMN, WIDTH);
}

void
options_print_help(FILE *out, const char *command)
{
	const char *title =
		"\nWhere this installation is (mostly set in a configuration file):\n";

	fputs("Options:\n", out);
	for (int id = 0; id < OPTION_COUNT; id++)
		if (option_belongs(option_row((OptionId) id), command) &&
			!option_is_common(option_row((OptionId) id)))
			print_row(out, option_row((OptionId) id));
	fprintf(out, "  %-*s%s\n", COLUMN - 2, "--help", "show this text");
	for (int id = 0; id < OPTION_COUNT; id++)
		if (option_belongs(option_row((OptionId) id), command) &&
			option_is_common(option_row((OptionId) id)))
		{
			fputs(title, out);
			title = "";
			print_row(out, option_row((OptionId) id));
		}
}

void
options_print_all(FILE *out)
{
	for (int id = 0; id < OPTION_COUNT; id++)
		print_row(out, option_row((OptionId) id));
}

void
option_print_rule(FILE *out, const Option *option)
{
	if (option->choices != NULL)
		fprintf(out, "%s: `%s`", option->type == OPTION_CHOICE ? "one of" : "some of",
				option->choices);
	else if (option->type == OPTION_FLAG)
		fputs("`on` or `off`", out);
	else if (option->type == OPTION_INTEGER)
		fprintf(out, "whole number, %.0f to %.0f", option->low, option->high);
	else if (option->type == OPTION_NUMBER)
		fprintf(out, "number, %.10g to %.10g", option->low, option->high);
	else if (option->type == OPTION_SECONDS)
		fprintf(out, "duration (`30`, `5m`, `1h`), %.10g to %.10g seconds", option->low,
				option->high);
	else
		fputs(option->type == OPTION_PATH    ? "path"
			  : option->type == OPTION_PLACE ? "path, or s3://..."
											 : "text",
			  out);
}

static void
print_markdown_row(FILE *out, const Option *option)
{
	char flag[OPTION_FLAG_SIZE];

	fprintf(out, "| `%s` | ", option_flag_name(option, true, flag));
	if (option->env != NULL)
		fprintf(out, "`%s` | ", option->env);
	else
		fputs("| ", out);
	if (option->standard[0] != '\0')
		fprintf(out, "`%s` | ", option->standard);
	else
		fputs("| ", out);
	option_print_rule(out, option);
	fprintf(out, " | %s. | %s%s%s |\n", option->help,
			option->commands != NULL ? option->commands : "all",
			option->except != NULL ? " but " : "",
			option->except != NULL ? option->except : "");
}

/* Settings have a variable, and so a place in a configuration file; plain options only
 * exist on the command line. */
static void
print_markdown_table(FILE *out, bool settings)
{
	fputs("| option | environment | default | value | meaning | commands |\n"
		  "|---|---|---|---|---|---|\n",
		  out);
	for (int id = 0; id < OPTION_COUNT; id++)
		if ((option_row((OptionId) id)->env != NULL) == settings)
			print_markdown_row(out, option_row((OptionId) id));
}

void
options_print_markdown(FILE *out)
{
	fputs(
		"# Configuration\n\n"
		"<!-- printed by `leap options --markdown`; edit worker/base/option_table.c "
		"-->\n\n"
		"A value comes from the command line, else from the environment, else from a\n"
		"configuration file, else it is the default. Configuration files hold lines\n"
		"`name = value`, the name being the option's without its first dashes and with\n"
		"underscores (`media_program = /opt/leap-media`); `#` begins a comment line.\n"
		"`/etc/leap/leap.conf` is read first, `~/.config/leap/leap.conf` goes over it;\n"
		"`--config FILE` reads that file and no other.\n\n"
		"## Settings\n\n",
		out);
	print_markdown_table(out, true);
	fputs("\n## Options of single commands\n\nThese exist on the command line only.\n\n",
		  out);
	print_markdown_table(out, false);
}
