/*
 * cli/mail.c
 *	  leap mail test: does mail leave this installation? With the settings a worker would use.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "net/mail.h"
#include "net/mail_message.h"

static const char text[] =
	"This is a test of the mail settings of LEAP.\n\n"
	"If you can read it, mail reaches you. Checked on the way: letters that are not "
	"ASCII "
	"(\xc3\xa4, \xd0\x9b\xd0\xb5\xd0\xba\xd1\x86\xd0\xb8\xd1\x8f), and a plain text "
	"beside HTML.\n";

static const char html[] =
	"<!DOCTYPE html><html lang=\"en\"><body><p>This is a test of the mail settings of "
	"<b>LEAP</b>.</p>"
	"<p>If you can read it, mail reaches you. Checked on the way: letters that are not "
	"ASCII "
	"(\xc3\xa4, \xd0\x9b\xd0\xb5\xd0\xba\xd1\x86\xd0\xb8\xd1\x8f), and a plain text "
	"beside "
	"HTML.</p></body></html>\n";

static bool
send_test(const MailSettings *settings, const char *to, MailReceipt *receipt, Error *err)
{
	char number[25];
	char id[64];
	MailMessage mail = {
		.from = settings->from,
		.to = to,
		.to_name = "",
		.subject = "Test mail from LEAP \xe2\x9c\x93",
		.text = text,
		.html = html,
		.language = "en",
		.message_id = id,
		.date = time(NULL),
	};
	CLEANUP(buffer) Buffer message;

	buffer_init(&message);
	path_random_hex(number, sizeof number - 1);
	snprintf(id, sizeof id, "test-%s@leap", number);
	return mail_compose(&mail, &message, err) &&
		   mail_send(settings, to, &message, NULL, receipt, err);
}

ExitCode
mail_command(const Options *options, int argc, char **argv)
{
	Session session = {.options = options, .json = option_flag(options, OPTION_JSON)};
	CLEANUP(json) cJSON *json = NULL;
	const char *to = option_text(options, OPTION_TO);
	MailReceipt receipt = {0};
	MailSettings settings;
	Error err = {0};

	if (argc != 1 || strcmp(argv[0], "test") != 0 || to[0] == '\0')
		return session_usage("mail", "say: leap mail test --to=ADDRESS");
	if (!mail_settings_read(options, &json, &err))
		return session_error(&session, &err);
	if (json == NULL)
	{
		(void) error_set(&err, ERROR_PERMANENT, "mail_not_configured",
						 "Give --smtp-url and --mail-from, as to the worker.",
						 "there is no mail server");
		return session_error(&session, &err);
	}
	settings = mail_settings_of(json);
	if (!send_test(&settings, to, &receipt, &err))
		return session_error(&session, &err);
	if (session.json)
	{
		CLEANUP(json) cJSON *answer = cJSON_CreateObject();

		cJSON_AddNumberToObject(answer, "status", receipt.status);
		cJSON_AddStringToObject(answer, "answer", receipt.answer);
		cJSON_AddNumberToObject(answer, "seconds", receipt.seconds);
		session_print_json(answer);
	}
	else
		printf("%s has taken a mail for %s: %d %s\n", settings.url, to, receipt.status,
			   receipt.answer);
	return EXIT_DONE;
}
