/*
 * task/notify.c
 *	  Delivers one message to one receiver, by the channel its input names.
 *
 * At least once: a child that was killed between sending and reporting is followed by another
 * that sends the same again, with the same Message-ID or webhook-id.
 */
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "net/mail.h"
#include "net/mail_message.h"
#include "net/webhook.h"
#include "task/task.h"

static void
tell_delivery(TaskContext *context, int status, const char *answer, double seconds)
{
	task_fact(context, "status", cJSON_CreateNumber(status));
	task_fact(context, "answer", cJSON_CreateString(answer));
	task_fact(context, "seconds", cJSON_CreateNumber(seconds));
}

static bool
send_mail(TaskContext *context, Error *err)
{
	const cJSON *input = context->input;
	MailSettings settings = mail_settings_of(context->mail);
	MailMessage mail = {
		.from = settings.from,
		.to_name = json_text(input, "to_name", ""),
		.text = json_text(input, "text", ""),
		.html = json_text(input, "html", ""),
		.language = json_text(input, "language", ""),
		.headers = json_at(input, "headers"),
		.date = time(NULL),
	};
	CLEANUP(buffer) Buffer message;
	MailReceipt receipt = {0};

	buffer_init(&message);
	if (context->mail == NULL)
		return error_set(
			err, ERROR_TRANSIENT, "mail_not_configured",
			"Start the worker with --smtp-url and --mail-from, or give it no queue "
			"notify; leap mail test tries the settings.",
			"this worker was given no mail server");
	if (!json_need_text(input, "to", "the message", &mail.to, err) ||
		!json_need_text(input, "subject", "the message", &mail.subject, err) ||
		!json_need_text(input, "message_id", "the message", &mail.message_id, err) ||
		!mail_compose(&mail, &message, err) ||
		!mail_send(&settings, mail.to, &message, context->reporter, &receipt, err))
		return false;
	tell_delivery(context, receipt.status, receipt.answer, receipt.seconds);
	return true;
}

static bool
send_webhook(TaskContext *context, Error *err)
{
	const cJSON *input = context->input;
	Webhook webhook = {
		/* of the attempt, so that the receiver can refuse what was recorded and sent again */
		.timestamp = json_int64(input, "timestamp", (int64_t) time(NULL)),
		.allow_private_addresses = context->allow_private_addresses,
	};
	WebhookReceipt receipt = {0};

	if (!json_need_text(input, "url", "the webhook", &webhook.url, err) ||
		!json_need_text(input, "id", "the webhook", &webhook.id, err) ||
		!json_need_text(input, "body", "the webhook", &webhook.body, err) ||
		!json_need_text(input, "secret", "the webhook", &webhook.secret, err) ||
		!webhook_send(&webhook, context->reporter, &receipt, err))
		return false;
	tell_delivery(context, receipt.status, receipt.answer, receipt.seconds);
	return true;
}

/* What was to be told was read, or its receiver removed, before anybody came to send it. */
static bool
send_nothing(TaskContext *context, Error *err)
{
	(void) context;
	return error_set(err, ERROR_PERMANENT, "nothing_to_deliver",
					 "Nothing is to be done: who was to be told, or what of, is gone.",
					 "nothing is left to deliver");
}

static const struct
{
	const char *name;
	bool (*send)(TaskContext *context, Error *err);
} channels[] = {
	{"email",   send_mail   },
	{"webhook", send_webhook},
	{"none",    send_nothing},
};

bool
task_notify(TaskContext *context, Error *err)
{
	const char *name = json_text(context->input, "channel", "");

	for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++)
		if (strcmp(channels[i].name, name) == 0)
			return channels[i].send(context, err);
	return error_set(err, ERROR_PERMANENT, "unknown_channel",
					 "Update the program leap on the machine of this worker.",
					 "this worker knows no channel \"%.30s\"", name);
}
