/*
 * render_scan.c
 *	  The words inside {{ }} and {% %}.
 */
#include "render_scan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "render_text.h"
#include "render_tree.h"

#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

#define NUMBER_MOST 20 /* characters */

/* The longer ones first. */
static const char *const signs[] = {"==", "!=", "<=", ">=", "<", ">",
									"|",  "(",  ")",  ",",  "=", "."};
static const char *const closings[] = {"-}}", "-%}", "}}", "%}"};

bool
render_locate(RenderError *error, const char *source, size_t at)
{
	error->line = 1;
	error->column = 1;
	for (size_t i = 0; i < at;)
	{
		error->column++;
		if (source[i] == '\n')
		{
			error->line++;
			error->column = 1;
		}
		(void) text_next(source, at, &i);
	}
	return false;
}

bool
scan_fail(Scanner *scanner, size_t at, const char *hint, const char *format, ...)
{
	RenderError *error = scanner->error;
	va_list args;

	va_start(args, format);
	vsnprintf(error->message, sizeof error->message, format, args);
	va_end(args);
	snprintf(error->hint, sizeof error->hint, "%s", hint);
	return render_locate(error, scanner->source, at);
}

bool
scan_expected(Scanner *scanner, const char *wanted, const char *hint)
{
	const Token *token = &scanner->token;
	char there[48];
	size_t shown =
		text_fit(scanner->source + token->at, token->length, 20, TEXT_CHARS, 1);

	if (token->kind == TOKEN_END)
		snprintf(there, sizeof there, "the end of the template");
	else
		snprintf(there, sizeof there, "\"%.*s%s\"", (int) (shown < 40 ? shown : 0),
				 scanner->source + token->at, shown < token->length ? "..." : "");
	return scan_fail(scanner, token->at, hint, "%s expected, %s found", wanted, there);
}

bool
scan_is(const Scanner *scanner, const char *word)
{
	const Token *token = &scanner->token;

	return (token->kind == TOKEN_NAME || token->kind == TOKEN_SIGN) &&
		   token->length == strlen(word) &&
		   memcmp(scanner->source + token->at, word, token->length) == 0;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The character at an offset; 0 behind the end. */
static char
peek(const Scanner *scanner, size_t at)
{
	return at < scanner->length ? scanner->source[at] : '\0';
}

static bool
begins_with(const Scanner *scanner, const char *word)
{
	size_t length = strlen(word);

	return scanner->length - scanner->at >= length &&
		   memcmp(scanner->source + scanner->at, word, length) == 0;
}

static bool
take(Scanner *scanner, TokenKind kind, size_t end)
{
	scanner->token.kind = kind;
	scanner->token.length = end - scanner->token.at;
	scanner->at = end;
	return true;
}

static bool
scan_number(Scanner *scanner)
{
	size_t end = scanner->at + (peek(scanner, scanner->at) == '-' ? 1 : 0);

	while (is_digit(peek(scanner, end)))
		end++;
	if (peek(scanner, end) == '.' && is_digit(peek(scanner, end + 1)))
		for (end++; is_digit(peek(scanner, end));)
			end++;
	if (end - scanner->at > NUMBER_MOST)
		return scan_fail(scanner, scanner->at, "Write it as a text, in quotes.",
						 "a number has at most %d characters", NUMBER_MOST);
	scanner->token.value = (RenderValue){.kind = RENDER_NUMBER,
										 .text = scanner->source + scanner->at,
										 .length = end - scanner->at};
	return take(scanner, TOKEN_NUMBER, end);
}

/* The character that a letter behind a backslash stands for; others stay as they are. */
static char
escaped(char letter)
{
	switch (letter)
	{
		case 'n':
			return '\n';
		case 't':
			return '\t';
		default:
			return letter;
	}
}

static bool
scan_text(Scanner *scanner)
{
	char quote = scanner->source[scanner->at];
	size_t end = scanner->at + 1;
	size_t length = 0;
	char *text;

	while (end < scanner->length && scanner->source[end] != quote)
		end += scanner->source[end] == '\\' ? 2 : 1;
	if (end >= scanner->length)
		return scan_fail(scanner, scanner->at, "It ends with the quote it begins with.",
						 "the text that begins here has no end");
	text = scanner->host->allocate(scanner->host->arg, end - scanner->at);
	for (size_t i = scanner->at + 1; i < end; i++)
		if (scanner->source[i] == '\\')
			text[length++] = escaped(scanner->source[++i]);
		else
			text[length++] = scanner->source[i];
	scanner->token.value =
		(RenderValue){.kind = RENDER_TEXT, .text = text, .length = length};
	return take(scanner, TOKEN_TEXT, end + 1);
}

static bool
scan_sign(Scanner *scanner)
{
	for (size_t i = 0; i < lengthof(closings); i++)
		if (begins_with(scanner, closings[i]))
			return take(scanner, TOKEN_CLOSE, scanner->at + strlen(closings[i]));
	if (peek(scanner, scanner->at) == '-' && is_digit(peek(scanner, scanner->at + 1)))
		return scan_number(scanner);
	for (size_t i = 0; i < lengthof(signs); i++)
		if (begins_with(scanner, signs[i]))
			return take(scanner, TOKEN_SIGN, scanner->at + strlen(signs[i]));
	return false;
}

bool
scan_next(Scanner *scanner)
{
	char c;
	size_t end;

	while (scanner->at < scanner->length &&
		   strchr(" \t\r\n", peek(scanner, scanner->at)) != NULL &&
		   peek(scanner, scanner->at) != '\0')
		scanner->at++;
	scanner->token = (Token){.at = scanner->at};
	if (scanner->at == scanner->length)
		return take(scanner, TOKEN_END, scanner->at);
	c = scanner->source[scanner->at];
	end = scanner->at;
	if (is_letter(c))
	{
		while (is_letter(peek(scanner, end)) || is_digit(peek(scanner, end)))
			end++;
		return take(scanner, TOKEN_NAME, end);
	}
	if (is_digit(c))
		return scan_number(scanner);
	if (c == '"' || c == '\'')
		return scan_text(scanner);
	if (scan_sign(scanner))
		return true;
	if (scanner->error->message[0] != '\0')
		return false;
	(void) text_next(scanner->source, scanner->length, &end);
	return scan_fail(scanner, scanner->at,
					 "Inside {{ }} and {% %} are names, texts in quotes, numbers, "
					 "filters and comparisons.",
					 "\"%.*s\" has no meaning here", (int) (end - scanner->at),
					 scanner->source + scanner->at);
}
