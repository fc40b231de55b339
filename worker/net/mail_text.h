/*
 * net/mail_text.h
 *	  How text travels in mail: everything in the head is ASCII, of short lines and cannot
 *	  begin a line of its own; bodies are quoted-printable or base64.
 *
 * Texts are UTF-8 and hostile: titles, names, answers of servers.
 */
#ifndef LEAP_NET_MAIL_TEXT_H
#define LEAP_NET_MAIL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

#define MAIL_ADDRESS_SIZE 255 /* RFC 5321: 254 bytes at most */

/* Appends text as one line of valid UTF-8: control characters, line ends and runs of blanks
 * become one blank, none at either end; bytes that are no UTF-8 become U+FFFD. */
void mail_put_clean(Buffer *out, const char *text);

/* The same for bytes that may hold zeros: what a server said. */
void mail_put_clean_bytes(Buffer *out, const char *bytes, size_t length);

/* Is this a plain address, name@domain in ASCII, without quotes and comments? */
bool mail_is_address(const char *address);

/* Takes "Name <address>" or "address" apart; name (may be of any length) is appended, cleaned.
 * False when the address is none. */
bool mail_read_mailbox(const char *text, Buffer *name, char address[MAIL_ADDRESS_SIZE]);

/* May this be a line of the head as it is: a name, and a value of printable ASCII whose words
 * fit into lines? */
bool mail_is_header(const char *name, const char *value);

/* "Name: value" with line end, folded at blanks; mail_is_header is true for it. */
void mail_put_header(Buffer *message, const char *name, const char *value);

/* The same for any text, in encoded words (RFC 2047) where it needs them. */
void mail_put_text_header(Buffer *message, const char *name, const char *text);

/* From, To and the like: a name for people, which may be "", and the address. */
void mail_put_mailbox(Buffer *message, const char *name, const char *person,
					  const char *address);

/* A part: Content-Type (text/plain, text/html), Content-Transfer-Encoding, an empty line and
 * the text, encoded the shorter way, with a line end behind it. */
void mail_put_part(Buffer *message, const char *type, const char *text);

#endif
