/*
 * net/mail.c
 *	  Sending one mail over SMTP, by libcurl.
 *
 * A mail server cannot take a message back, and cannot be asked whether it has it: where the
 * connection breaks after the last byte, the message is sent again with the same Message-ID.
 */
#include "net/mail.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "net/mail_dialog.h"
#include "net/mail_text.h"

#define CONNECT_SECONDS 10L
#define TOTAL_SECONDS   60L
#define CHECK_SECONDS   15L

typedef struct Sending
{
	const Buffer *message;
	size_t at; /* of the message: the next byte to send */
	const Reporter *reporter;
	bool confirmed;
	bool stopped; /* by the reporter */
	MailDialog dialog;
} Sending;

static void
cleanup_curl(CURL **curl)
{
	curl_easy_cleanup(*curl);
}

static void
cleanup_list(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

static size_t
take_line(char *line, size_t size, size_t count, void *arg)
{
	Sending *sending = arg;

	mail_dialog_take(&sending->dialog, line, size * count);
	return size * count;
}

/* What else libcurl passes on has been heard as a line already. */
static size_t
drop(char *bytes, size_t size, size_t count, void *arg)
{
	(void) bytes;
	(void) arg;
	return size * count;
}

/* Called first when the server has said that it waits for the message. */
static size_t
give_message(char *bytes, size_t size, size_t count, void *arg)
{
	Sending *sending = arg;
	const Reporter *reporter = sending->reporter;
	size_t length = sending->message->length - sending->at;

	if (!sending->confirmed)
		sending->confirmed =
			reporter == NULL || reporter->confirm(reporter->arg, "send mail");
	if (!sending->confirmed)
	{
		sending->stopped = true;
		return CURL_READFUNC_ABORT;
	}
	if (length > size * count)
		length = size * count;
	memcpy(bytes, sending->message->data + sending->at, length);
	sending->at += length;
	return length;
}

static int
take_tick(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
		  curl_off_t up)
{
	Sending *sending = arg;
	const Reporter *reporter = sending->reporter;

	(void) down_total;
	(void) down;
	(void) up_total;
	(void) up;
	sending->stopped =
		sending->stopped ||
		(reporter != NULL && !reporter->progress(reporter->arg, 0.5, "sending"));
	return sending->stopped ? 1 : 0;
}

static void
set_up(CURL *curl, const MailSettings *settings, Sending *sending, char *reason)
{
	static const long levels[] = {
		[MAIL_TLS_REQUIRE] = CURLUSESSL_ALL,
		[MAIL_TLS_TRY] = CURLUSESSL_TRY,
		[MAIL_TLS_OFF] = CURLUSESSL_NONE,
	};

	curl_easy_setopt(curl, CURLOPT_URL, settings->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_USE_SSL, levels[settings->tls]);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
	if (settings->ca_file[0] != '\0')
		curl_easy_setopt(curl, CURLOPT_CAINFO, settings->ca_file);
	if (settings->user[0] != '\0')
	{
		curl_easy_setopt(curl, CURLOPT_USERNAME, settings->user);
		curl_easy_setopt(curl, CURLOPT_PASSWORD, settings->password);
	}
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_line);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, sending);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, take_tick);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, sending);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

#define TLS_HINT                                                                \
	"Check --smtp-url and --smtp-ca-file; --smtp-tls=try or off sends without " \
	"encryption, "                                                              \
	"which only a network of your own deserves."

/* Results that say more than the server's last reply. What encryption lacks is the operator's
 * to mend, a certificate that ran out at night for example: mail waits for that. */
static const struct
{
	CURLcode result;
	ErrorClass class;
	const char *code;
	const char *hint;
} failures[] = {
	{CURLE_USE_SSL_FAILED,           ERROR_TRANSIENT, "smtp_no_tls",      TLS_HINT           },
	{CURLE_PEER_FAILED_VERIFICATION, ERROR_TRANSIENT, "smtp_certificate", TLS_HINT           },
	{CURLE_SSL_CACERT_BADFILE,       ERROR_TRANSIENT, "smtp_certificate", TLS_HINT           },
	{CURLE_SSL_CONNECT_ERROR,        ERROR_TRANSIENT, "smtp_tls_broken",  TLS_HINT           },
	{CURLE_URL_MALFORMAT,            ERROR_PERMANENT, "bad_settings",     "Check --smtp-url."},
	{CURLE_UNSUPPORTED_PROTOCOL,     ERROR_PERMANENT, "bad_settings",     "Check --smtp-url."},
};

/* Whether the server has the message is not known: nobody heard its answer. */
static bool
is_in_doubt(const Sending *sending)
{
	return sending->dialog.step == MAIL_STEP_MESSAGE && sending->dialog.code < 400;
}

static bool
judge(const MailSettings *settings, const Sending *sending, CURLcode result,
	  const char *reason, Error *err)
{
	const MailDialog *dialog = &sending->dialog;

	if (reason[0] == '\0')
		reason = curl_easy_strerror(result);
	if (sending->stopped)
		return error_set(err, ERROR_LOST, "cancelled", NULL,
						 "stopped before the mail was sent");
	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
		if (failures[i].result == result)
			return error_set(err, failures[i].class, failures[i].code, failures[i].hint,
							 "no mail can be sent through %s: %s", settings->url, reason);
	if (result == CURLE_LOGIN_DENIED && dialog->code / 100 != 4)
		return error_set(
			err, ERROR_CREDENTIAL, "smtp_login_refused",
			"Check --smtp-user and the file of --smtp-password-file; leap mail test "
			"tries them.",
			"%s refuses the login: %d %s", settings->url, dialog->code, dialog->text);
	if (dialog->code >= 400)
		return mail_dialog_error(dialog, settings->url, err);
	if (is_in_doubt(sending))
		return error_set(err, ERROR_TRANSIENT, "mail_unconfirmed", NULL,
						 "%s did not say whether it took the message: %s", settings->url,
						 reason);
	return error_set(err, ERROR_TRANSIENT, "smtp_unreachable",
					 "Check --smtp-url, and that this machine may connect to that port.",
					 "%s cannot be reached: %s", settings->url, reason);
}

/* A server that repeats the password in its answer does not get it into a log. */
static void
hide(char *text, const char *secret)
{
	size_t length = strlen(secret);

	for (char *at = text; length > 0 && (at = strstr(at, secret)) != NULL; at += length)
		memset(at, '*', length);
}

static bool
perform(CURL *curl, const MailSettings *settings, Sending *sending, MailReceipt *receipt,
		char *reason, Error *err)
{
	double began = clock_seconds();
	CURLcode result = curl_easy_perform(curl);

	hide(sending->dialog.text, settings->password);
	hide(reason, settings->password);
	if (result != CURLE_OK)
		return judge(settings, sending, result, reason, err);
	receipt->status = sending->dialog.code;
	snprintf(receipt->answer, sizeof receipt->answer, "%s", sending->dialog.text);
	receipt->seconds = clock_seconds() - began;
	return true;
}

bool
mail_send(const MailSettings *settings, const char *to, const Buffer *message,
		  const Reporter *reporter, MailReceipt *receipt, Error *err)
{
	CLEANUP(curl) CURL *curl = curl_easy_init();
	CLEANUP(list) struct curl_slist *recipients = curl_slist_append(NULL, to);
	CLEANUP(buffer) Buffer name;
	Sending sending = {.message = message, .reporter = reporter};
	char sender[MAIL_ADDRESS_SIZE];
	char reason[CURL_ERROR_SIZE] = "";

	buffer_init(&name);
	if (curl == NULL || recipients == NULL)
		return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL, "cannot send mail");
	if (!mail_read_mailbox(settings->from, &name, sender))
		return error_set(err, ERROR_PERMANENT, "bad_settings", "Check --mail-from.",
						 "mail has no sender");
	set_up(curl, settings, &sending, reason);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, TOTAL_SECONDS);
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM, sender);
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t) message->length);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_message);
	curl_easy_setopt(curl, CURLOPT_READDATA, &sending);
	return perform(curl, settings, &sending, receipt, reason, err);
}

bool
mail_check(const MailSettings *settings, Error *err)
{
	CLEANUP(curl) CURL *curl = curl_easy_init();
	Sending sending = {.reporter = NULL};
	MailReceipt receipt;
	char reason[CURL_ERROR_SIZE] = "";

	if (curl == NULL)
		return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "cannot try the mail server");
	set_up(curl, settings, &sending, reason);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, CHECK_SECONDS);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "NOOP");
	return perform(curl, settings, &sending, &receipt, reason, err);
}
