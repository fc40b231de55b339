/*
 * net/mail_part.c
 *	  The body of a mail: text as quoted-printable or base64 (RFC 2045).
 *
 * Neither has a line of more than 76 bytes or one that begins with a dot or "From ", and
 * both hold no "=_", so that a boundary with that can stand in no part.
 */
#include "net/mail_text.h"

#include <stdint.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/cleanup.h"
#include "base/utf8.h"

#define LINE_WIDTH   76
#define BASE64_BYTES 57 /* of a line */

/* Line ends of every kind become CRLF, what is no UTF-8 becomes U+FFFD; one line end at the
 * end of the text. */
static void
normalise(Buffer *out, const char *text)
{
	while (*text != '\0')
	{
		const char *before = text;
		uint32_t code = utf8_next(&text);
		char bytes[4];

		if (code == '\n' || code == '\r')
		{
			text += code == '\r' && *text == '\n';
			buffer_puts(out, "\r\n");
		}
		else
			buffer_append(out, code == 0xFFFD ? bytes : before,
						  code == 0xFFFD ? utf8_put(code, bytes)
										 : (size_t) (text - before));
	}
	if (out->length < 2 || memcmp(out->data + out->length - 2, "\r\n", 2) != 0)
		buffer_puts(out, "\r\n");
}

/* Must the byte at text[i], in a line that began at `begin`, be written as =XX? */
static bool
needs_quoting(const char *text, size_t begin, size_t i)
{
	char byte = text[i];

	if (byte == ' ' || byte == '\t')
		return text[i + 1] == '\r';
	if (i == begin && (byte == '.' || strncmp(text + i, "From ", 5) == 0))
		return true;
	return byte < ' ' || byte >= 0x7F || byte == '=';
}

static void
put_quoted_printable(Buffer *message, const char *text)
{
	size_t begin = 0;
	size_t column = 0;

	for (size_t i = 0; text[i] != '\0'; i++)
	{
		bool quoted;

		if (text[i] == '\r')
		{
			buffer_puts(message, "\r\n");
			i++;
			begin = i + 1;
			column = 0;
			continue;
		}
		quoted = needs_quoting(text, begin, i);
		/* one column stays for the "=" of a soft line break */
		if (column + (quoted ? 3 : 1) > LINE_WIDTH - 1)
		{
			buffer_puts(message, "=\r\n");
			column = 0;
			begin = i;
			quoted = needs_quoting(text, begin, i);
		}
		if (quoted)
			buffer_printf(message, "=%02X", (unsigned char) text[i]);
		else
			buffer_append(message, &text[i], 1);
		column += quoted ? 3 : 1;
	}
}

static void
put_base64(Buffer *message, const char *text)
{
	size_t length = strlen(text);

	for (size_t at = 0; at < length; at += BASE64_BYTES)
	{
		unsigned char line[LINE_WIDTH + 1];
		size_t piece = length - at < BASE64_BYTES ? length - at : BASE64_BYTES;

		EVP_EncodeBlock(line, (const unsigned char *) text + at, (int) piece);
		buffer_puts(message, (const char *) line);
		buffer_puts(message, "\r\n");
	}
}

/* Is quoted-printable no longer than base64? */
static bool
suits_quoted_printable(const char *text, size_t length)
{
	size_t width = 0;

	for (size_t i = 0; i < length; i++)
		width += text[i] != '\r' && text[i] != '\n' && (text[i] < ' ' || text[i] >= 0x7F)
					 ? 3
					 : 1;
	return width <= (length + 2) / 3 * 4;
}

void
mail_put_part(Buffer *message, const char *type, const char *text)
{
	CLEANUP(buffer) Buffer whole;
	bool quoted;

	buffer_init(&whole);
	normalise(&whole, text);
	quoted = suits_quoted_printable(whole.data, whole.length);
	buffer_printf(
		message,
		"Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: %s\r\n\r\n", type,
		quoted ? "quoted-printable" : "base64");
	if (quoted)
		put_quoted_printable(message, whole.data);
	else
		put_base64(message, whole.data);
}
