/*
 * net/mail_text.c
 *	  The head of a mail: addresses, folding, encoded words.
 */
#include "net/mail_text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/cleanup.h"
#include "base/utf8.h"

#define LINE_WIDTH \
	76 /* RFC 2047, 2: of a line with encoded words; a good width for all */
#define WORD_WIDTH   75  /* of an encoded word */
#define WORD_FRAME   12  /* "=?UTF-8?B?" and "?=" */
#define LONGEST_WORD 900 /* that may stand in a head unencoded; a line has 998 bytes */
#define NAME_WIDTH   60  /* a longer name is encoded, which can be folded */

void
mail_put_clean(Buffer *out, const char *text)
{
	size_t start = out->length;
	bool blank = false;

	while (*text != '\0')
	{
		uint32_t code = utf8_next(&text);
		char bytes[4];

		/* with the controls of Latin-1, and the line ends of Unicode */
		if (code <= ' ' || (code >= 0x7F && code <= 0xA0) || code == 0x2028 ||
			code == 0x2029)
		{
			blank = true;
			continue;
		}
		if (blank && out->length > start)
			buffer_append(out, " ", 1);
		blank = false;
		buffer_append(out, bytes, utf8_put(code, bytes));
	}
}

void
mail_put_clean_bytes(Buffer *out, const char *bytes, size_t length)
{
	CLEANUP(buffer) Buffer text;

	buffer_init(&text);
	buffer_append(&text, bytes, length);
	for (size_t i = 0; i < length; i++)
		if (text.data[i] == '\0')
			text.data[i] = ' ';
	mail_put_clean(out, text.data);
}

static bool
all_in(const char *text, size_t length, const char *punctuation)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] <= ' ' || text[i] >= 0x7F ||
			(!isalnum((unsigned char) text[i]) && strchr(punctuation, text[i]) == NULL))
			return false;
	return length > 0;
}

bool
mail_is_address(const char *address)
{
	const char *at = strchr(address, '@');
	size_t length = strlen(address);

	return at != NULL && length < MAIL_ADDRESS_SIZE && at - address <= 64 &&
		   all_in(address, (size_t) (at - address), "!#$%&'*+-/=?^_`{|}~.") &&
		   all_in(at + 1, strlen(at + 1), "-.") && strstr(address, "..") == NULL &&
		   at[1] != '.' && at[1] != '-' && address[length - 1] != '.' &&
		   address[0] != '.' && at[-1] != '.';
}

bool
mail_read_mailbox(const char *text, Buffer *name, char address[MAIL_ADDRESS_SIZE])
{
	CLEANUP(buffer) Buffer line;
	char *open;
	char *begin;
	size_t length;

	buffer_init(&line);
	mail_put_clean(&line, text);
	open = strrchr(line.data, '<');
	begin = open != NULL ? open + 1 : line.data;
	length = strlen(begin);
	if (open != NULL && (length == 0 || begin[length - 1] != '>'))
		return false;
	length -= open != NULL;
	if (length >= MAIL_ADDRESS_SIZE)
		return false;
	snprintf(address, MAIL_ADDRESS_SIZE, "%.*s", (int) length, begin);
	if (open != NULL)
	{
		char *first = line.data;

		*open = '\0';
		while (open > first && open[-1] == ' ')
			*--open = '\0';
		if (open - first >= 2 && first[0] == '"' && open[-1] == '"')
		{
			open[-1] = '\0';
			first++;
		}
		mail_put_clean(name, first);
	}
	return mail_is_address(address);
}

bool
mail_is_header(const char *name, const char *value)
{
	size_t word = 0;

	if (!all_in(name, strlen(name), "-_") || strlen(name) > 60 || value[0] == '\0')
		return false;
	for (const char *c = value; *c != '\0'; c++)
	{
		if (*c < ' ' || *c >= 0x7F)
			return false;
		word = *c == ' ' ? 0 : word + 1;
		if (word > LONGEST_WORD)
			return false;
	}
	return true;
}

/* Appends words at the column, with a line break before those that do not fit. */
static void
put_folded(Buffer *message, const char *value, size_t column)
{
	size_t at = column;

	while (*value != '\0')
	{
		size_t length = strcspn(value, " ");

		if (at > column && at + 1 + length > LINE_WIDTH)
		{
			buffer_puts(message, "\r\n");
			at = 0;
		}
		if (at != column)
		{
			buffer_append(message, " ", 1);
			at++;
		}
		buffer_append(message, value, length);
		at += length;
		value += length;
		value += strspn(value, " ");
	}
}

void
mail_put_header(Buffer *message, const char *name, const char *value)
{
	buffer_printf(message, "%s: ", name);
	put_folded(message, value + strspn(value, " "), strlen(name) + 2);
	buffer_puts(message, "\r\n");
}

/* Safe in every place of a head where an encoded word may stand (RFC 2047, 5). */
static bool
is_plain_q(char byte)
{
	return isalnum((unsigned char) byte) ||
		   (byte != '\0' && strchr("!*+-/", byte) != NULL);
}

static size_t
q_length(const char *text, size_t length)
{
	size_t width = 0;

	for (size_t i = 0; i < length; i++)
		width += is_plain_q(text[i]) || text[i] == ' ' ? 1 : 3;
	return width;
}

static size_t
b_length(const char *text, size_t length)
{
	(void) text;
	return (length + 2) / 3 * 4;
}

static void
put_q(Buffer *message, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (is_plain_q(text[i]))
			buffer_append(message, &text[i], 1);
		else if (text[i] == ' ')
			buffer_append(message, "_", 1);
		else
			buffer_printf(message, "=%02X", (unsigned char) text[i]);
}

static void
put_b(Buffer *message, const char *text, size_t length)
{
	unsigned char coded[2 * WORD_WIDTH];

	EVP_EncodeBlock(coded, (const unsigned char *) text, (int) length);
	buffer_puts(message, (const char *) coded);
}

static const struct Coding
{
	char letter;
	size_t (*length)(const char *text, size_t length);
	void (*put)(Buffer *message, const char *text, size_t length);
} codings[] = {
	{'Q', q_length, put_q},
	{'B', b_length, put_b},
};

/* How many bytes of whole characters fit into so many columns; at least one character. */
static size_t
fitting(const struct Coding *coding, const char *text, size_t width)
{
	const char *next = text;
	size_t taken = 0;

	while (*next != '\0')
	{
		(void) utf8_next(&next);
		if (taken > 0 && coding->length(text, (size_t) (next - text)) > width)
			break;
		taken = (size_t) (next - text);
	}
	return taken;
}

/* Encoded words of the coding that makes them shorter. Returns the column behind them. */
static size_t
put_encoded(Buffer *message, const char *text, size_t column)
{
	size_t whole = strlen(text);
	const struct Coding *coding =
		&codings[q_length(text, whole) > b_length(text, whole) ? 1 : 0];

	for (;;)
	{
		size_t room = LINE_WIDTH - column < WORD_WIDTH ? LINE_WIDTH - column : WORD_WIDTH;
		size_t length = fitting(coding, text, room - WORD_FRAME);

		buffer_printf(message, "=?UTF-8?%c?", coding->letter);
		coding->put(message, text, length);
		buffer_puts(message, "?=");
		column += WORD_FRAME + coding->length(text, length);
		text += length;
		if (*text == '\0')
			return column;
		buffer_puts(message, "\r\n ");
		column = 1;
	}
}

/* Printable ASCII that nobody takes for encoded words, in words that can be folded? */
static bool
is_plain(const char *text, size_t longest)
{
	size_t word = 0;

	for (const char *c = text; *c != '\0'; c++)
	{
		word = *c == ' ' ? 0 : word + 1;
		if (*c < ' ' || *c >= 0x7F || word > longest)
			return false;
	}
	return strstr(text, "=?") == NULL;
}

void
mail_put_text_header(Buffer *message, const char *name, const char *text)
{
	CLEANUP(buffer) Buffer clean;
	size_t column = strlen(name) + 2;

	buffer_init(&clean);
	mail_put_clean(&clean, text);
	if (is_plain(clean.data, LINE_WIDTH - column))
	{
		mail_put_header(message, name, clean.data);
		return;
	}
	buffer_printf(message, "%s: ", name);
	(void) put_encoded(message, clean.data, column);
	buffer_puts(message, "\r\n");
}

static size_t
put_quoted(Buffer *message, const char *text)
{
	size_t start = message->length;

	buffer_append(message, "\"", 1);
	for (; *text != '\0'; text++)
	{
		if (*text == '"' || *text == '\\')
			buffer_append(message, "\\", 1);
		buffer_append(message, text, 1);
	}
	buffer_append(message, "\"", 1);
	return message->length - start;
}

void
mail_put_mailbox(Buffer *message, const char *name, const char *person,
				 const char *address)
{
	CLEANUP(buffer) Buffer clean;
	size_t column = strlen(name) + 2;

	buffer_init(&clean);
	mail_put_clean(&clean, person);
	buffer_printf(message, "%s: ", name);
	if (clean.length == 0)
	{
		buffer_printf(message, "%s\r\n", address);
		return;
	}
	if (is_plain(clean.data, NAME_WIDTH) && clean.length <= NAME_WIDTH)
		column += put_quoted(message, clean.data);
	else
		column = put_encoded(message, clean.data, column);
	buffer_printf(message, "%s <%s>\r\n",
				  column + strlen(address) + 3 > LINE_WIDTH ? "\r\n" : "", address);
}
