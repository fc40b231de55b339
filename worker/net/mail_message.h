/*
 * net/mail_message.h
 *	  A mail as it is sent: plain text and HTML, one the alternative of the other.
 */
#ifndef LEAP_NET_MAIL_MESSAGE_H
#define LEAP_NET_MAIL_MESSAGE_H

#include <stdbool.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "base/buffer.h"
#include "base/error.h"

typedef struct MailMessage
{
	const char *from; /* "Name <address>" */
	const char *to;   /* an address */
	const char *to_name;
	const char *subject;
	const char *text;       /* "" = none; one of text and html is there */
	const char *html;       /* "" = none */
	const char *language;   /* "en"; "" = not said */
	const char *message_id; /* without angle brackets, the same in every attempt */
	const cJSON *headers;   /* further {"Name": "value"}; may be NULL */
	time_t date;
} MailMessage;

/* Appends the whole message, with CRLF line ends. A recipient that is no address is input,
 * code bad_address; what the operator or LEAP did wrong is permanent, code bad_message. */
bool mail_compose(const MailMessage *mail, Buffer *message, Error *err);

#endif
