/*
 * net/mail_dialog.h
 *	  What a mail server says, line by line: how far the dialog has come, and what a refusal
 *	  means for the message.
 *
 * Only the server's lines are seen. Their order tells what each answers (RFC 5321, 4.3.2), as
 * nothing is sent before the answer to what was sent last.
 */
#ifndef LEAP_NET_MAIL_DIALOG_H
#define LEAP_NET_MAIL_DIALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* What the next reply answers. */
typedef enum MailStep
{
	MAIL_STEP_CONNECT,
	MAIL_STEP_HELLO,
	MAIL_STEP_SENDER, /* or a login, or the wish for TLS, before it */
	MAIL_STEP_RECIPIENT,
	MAIL_STEP_DATA,
	MAIL_STEP_MESSAGE,
	MAIL_STEP_DONE
} MailStep;

typedef struct MailDialog
{
	MailStep step;
	int code;       /* of the last reply that was complete; 0 = none yet */
	char text[300]; /* of the same, without the code; lines are joined by blanks */
	bool open;      /* a reply of several lines has begun */
} MailDialog;

/* Takes one line with its line end. Lines that are no reply are skipped. */
void mail_dialog_take(MailDialog *dialog, const char *line, size_t length);

/* An error for a reply of 400 and more; server is how messages call it. */
bool mail_dialog_error(const MailDialog *dialog, const char *server, Error *err);

#endif
