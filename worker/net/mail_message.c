/*
 * net/mail_message.c
 *	  A mail as it is sent (RFC 5322, 2045).
 */
#include "net/mail_message.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "net/mail_text.h"

/* Headers that a caller may add; one with an asterisk is the beginning of a name. */
static const char *const further[] = {"List-*",     "X-*",           "Reply-To",
									  "Precedence", "Feedback-*",    "In-Reply-To",
									  "References", "Auto-Submitted"};

static bool
may_be_added(const char *name)
{
	for (size_t i = 0; i < sizeof further / sizeof further[0]; i++)
	{
		size_t length = strcspn(further[i], "*");

		if (strncasecmp(name, further[i], length) == 0 &&
			(further[i][length] == '*' || name[length] == '\0'))
			return true;
	}
	return false;
}

static bool
bad_message(Error *err, const char *what)
{
	return error_set(err, ERROR_PERMANENT, "bad_message",
					 "Look at the address of the account and at mail_from.",
					 "the message cannot be sent: %.200s", what);
}

static bool
put_further(const MailMessage *mail, Buffer *message, Error *err)
{
	const cJSON *header;
	bool says_automatic = false;

	cJSON_ArrayForEach(header, mail->headers)
	{
		const char *value = cJSON_IsString(header) ? header->valuestring : "";

		if (!may_be_added(header->string) || !mail_is_header(header->string, value))
			return bad_message(err, header->string);
		says_automatic =
			says_automatic || strcasecmp(header->string, "Auto-Submitted") == 0;
		mail_put_header(message, header->string, value);
	}
	/* so that no absence note answers (RFC 3834) */
	if (!says_automatic)
		mail_put_header(message, "Auto-Submitted", "auto-generated");
	return true;
}

static void
put_date(time_t date, Buffer *message)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
										 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct tm tm;

	gmtime_r(&date, &tm);
	buffer_printf(message, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n",
				  days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
				  tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static bool
put_head(const MailMessage *mail, Buffer *message, Error *err)
{
	CLEANUP(buffer) Buffer sender;
	char from[MAIL_ADDRESS_SIZE];

	buffer_init(&sender);
	if (!mail_read_mailbox(mail->from, &sender, from))
		return bad_message(err, "its sender is no address");
	if (!mail_is_address(mail->to))
		return error_set(err, ERROR_INPUT, "bad_address", "Correct the e-mail address.",
						 "\"%.100s\" is no address that mail can be sent to", mail->to);
	if (!mail_is_header("Message-ID", mail->message_id) ||
		strpbrk(mail->message_id, " <>") != NULL || strchr(mail->message_id, '@') == NULL)
		return bad_message(err, "its id is none");
	put_date(mail->date, message);
	mail_put_mailbox(message, "From", sender.data, from);
	mail_put_mailbox(message, "To", mail->to_name, mail->to);
	mail_put_text_header(message, "Subject", mail->subject);
	buffer_printf(message, "Message-ID: <%s>\r\nMIME-Version: 1.0\r\n", mail->message_id);
	if (mail->language[0] != '\0')
	{
		if (!mail_is_header("Content-Language", mail->language))
			return bad_message(err, "its language is none");
		mail_put_header(message, "Content-Language", mail->language);
	}
	return put_further(mail, message, err);
}

/* The plain text first: the last alternative is the preferred one (RFC 2046, 5.1.4). */
static void
put_alternatives(const MailMessage *mail, Buffer *message)
{
	CLEANUP(hash) Hash hash = {NULL};
	char hex[HASH_HEX_SIZE];

	hash_begin(&hash);
	hash_update(&hash, mail->message_id, strlen(mail->message_id));
	hash_finish(&hash, hex);
	hex[24] = '\0';
	buffer_printf(
		message,
		"Content-Type: multipart/alternative; boundary=\"=_%s\"\r\n\r\n--=_%s\r\n", hex,
		hex);
	mail_put_part(message, "text/plain", mail->text);
	/* the line end before a boundary belongs to it, not to the text */
	buffer_printf(message, "\r\n--=_%s\r\n", hex);
	mail_put_part(message, "text/html", mail->html);
	buffer_printf(message, "\r\n--=_%s--\r\n", hex);
}

bool
mail_compose(const MailMessage *mail, Buffer *message, Error *err)
{
	if (mail->text[0] == '\0' && mail->html[0] == '\0')
		return bad_message(err, "it has no text");
	if (!put_head(mail, message, err))
		return false;
	if (mail->text[0] != '\0' && mail->html[0] != '\0')
		put_alternatives(mail, message);
	else if (mail->html[0] != '\0')
		mail_put_part(message, "text/html", mail->html);
	else
		mail_put_part(message, "text/plain", mail->text);
	return true;
}
