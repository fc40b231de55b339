/*
 * net/mail_dialog.c
 *	  What a mail server says.
 */
#include "net/mail_dialog.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "net/mail_text.h"

/* Which reply leads from which step to which. */
static const struct
{
	MailStep at;
	int code;
	MailStep next;
} moves[] = {
	{MAIL_STEP_CONNECT,   220, MAIL_STEP_HELLO    },
	{MAIL_STEP_HELLO,     250, MAIL_STEP_SENDER   },
	{MAIL_STEP_SENDER,    220, MAIL_STEP_HELLO    }, /* STARTTLS: hello again */
	{MAIL_STEP_SENDER,    250, MAIL_STEP_RECIPIENT},
	{MAIL_STEP_RECIPIENT, 250, MAIL_STEP_DATA     },
	{MAIL_STEP_RECIPIENT, 251, MAIL_STEP_DATA     },
	{MAIL_STEP_DATA,      354, MAIL_STEP_MESSAGE  },
	{MAIL_STEP_MESSAGE,   250, MAIL_STEP_DONE     },
};

static void
move(MailDialog *dialog)
{
	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
		if (moves[i].at == dialog->step && moves[i].code == dialog->code)
		{
			dialog->step = moves[i].next;
			return;
		}
}

/* Adds words of the server, cleaned, as far as there is room. */
static void
add_text(MailDialog *dialog, const char *text, size_t length)
{
	CLEANUP(buffer) Buffer clean;
	size_t used = strlen(dialog->text);
	size_t room = sizeof dialog->text - used - 1;
	size_t taken;

	buffer_init(&clean);
	mail_put_clean_bytes(&clean, text, length);
	if (room < 2 || clean.length == 0)
		return;
	taken = clean.length < room - 1 ? clean.length : room - 1;
	/* not within a character */
	while (taken < clean.length && taken > 0 && (clean.data[taken] & 0xC0) == 0x80)
		taken--;
	snprintf(dialog->text + used, room + 1, "%s%.*s", used > 0 ? " " : "", (int) taken,
			 clean.data);
}

void
mail_dialog_take(MailDialog *dialog, const char *line, size_t length)
{
	int code;

	if (length < 3 || !isdigit((unsigned char) line[0]) ||
		!isdigit((unsigned char) line[1]) || !isdigit((unsigned char) line[2]) ||
		(length > 3 && strchr(" -\r\n", line[3]) == NULL))
		return;
	code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
	/* the farewell says nothing about what was before */
	if (code == 221)
		return;
	if (!dialog->open)
		dialog->text[0] = '\0';
	if (length > 4)
		add_text(dialog, line + 4, length - 4);
	dialog->open = length > 3 && line[3] == '-';
	if (dialog->open)
		return;
	dialog->code = code;
	move(dialog);
}

#define ANY_STEP MAIL_STEP_DONE

/* The first row that fits. A temporary refusal (4xx) is never held against the message: that
 * is also how greylisting says "come back". */
static const struct
{
	MailStep step;
	int first, last;
	ErrorClass class;
	const char *code;
	const char *what;
	const char *hint;
} refusals[] = {
	{ANY_STEP,            421, 421, ERROR_TRANSIENT,  "smtp_busy",          "is busy",                 NULL                                                    },
	{MAIL_STEP_RECIPIENT, 400, 499, ERROR_TRANSIENT,  "mail_deferred",
	 "takes no mail for the recipient yet",															NULL													},
	{ANY_STEP,            400, 499, ERROR_TRANSIENT,  "smtp_busy",          "asks to come back later", NULL                                                    },
	{ANY_STEP,            530, 530, ERROR_CREDENTIAL, "smtp_login_needed",  "wants a login",
	 "Give --smtp-user and --smtp-password-file to the worker."																								},
	{ANY_STEP,            534, 535, ERROR_CREDENTIAL, "smtp_login_refused", "refuses the login",
	 "Check --smtp-user and the file of --smtp-password-file; leap mail test tries "
	 "them."																																				   },
	{MAIL_STEP_SENDER,    500, 599, ERROR_PERMANENT,  "sender_refused",     "refuses the sender",
	 "Check --mail-from: the server must be allowed to send for this address."																				 },
	{MAIL_STEP_RECIPIENT, 500, 599, ERROR_INPUT,      "recipient_refused",
	 "refuses the recipient",																		  "Correct the e-mail address."                           },
	{MAIL_STEP_DATA,      500, 599, ERROR_PERMANENT,  "message_refused",    "refuses the message",
	 "What the server says tells why; its log may tell more."																								  },
	{MAIL_STEP_MESSAGE,   500, 599, ERROR_PERMANENT,  "message_refused",
	 "refuses the message",																			"What the server says tells why; its log may tell more."},
	{ANY_STEP,            0,   999, ERROR_PERMANENT,  "smtp_refused",       "refuses to talk",
	 "Check --smtp-url: is it a server that takes mail from this machine?"																					 },
};

bool
mail_dialog_error(const MailDialog *dialog, const char *server, Error *err)
{
	size_t row = 0;

	while ((refusals[row].step != ANY_STEP && refusals[row].step != dialog->step) ||
		   dialog->code < refusals[row].first || dialog->code > refusals[row].last)
		row++;
	error_set(err, refusals[row].class, refusals[row].code, refusals[row].hint,
			  "%s %s: %d %s", server, refusals[row].what, dialog->code, dialog->text);
	if (err != NULL)
		err->status = dialog->code;
	return false;
}
