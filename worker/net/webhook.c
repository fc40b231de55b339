/*
 * net/webhook.c
 *	  A signed POST, as the specification "Standard Webhooks" has it.
 */
#include "net/webhook.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "net/mail_text.h"
#include "net/transfer.h"

#define CONNECT_SECONDS 5L
#define TOTAL_SECONDS   15L
#define ANSWER_MOST     ((size_t) 64 << 10) /* of an answer is read, however much comes */

typedef struct Exchange
{
	const Reporter *reporter;
	bool stopped; /* by the reporter */
	int status;
	size_t received;
	Buffer answer; /* the beginning, as it came */
} Exchange;

/* For CLEANUP(exchange). */
static void
cleanup_exchange(Exchange *exchange)
{
	buffer_free(&exchange->answer);
}

static bool
take_head(void *arg, const Answer *answer)
{
	Exchange *exchange = arg;

	exchange->status = answer->status;
	return true;
}

static bool
take_body(void *arg, const char *bytes, size_t length)
{
	Exchange *exchange = arg;
	size_t room = WEBHOOK_ANSWER_SIZE - exchange->answer.length;

	if (exchange->answer.length < WEBHOOK_ANSWER_SIZE)
		buffer_append(&exchange->answer, bytes, length < room ? length : room);
	exchange->received += length;
	return exchange->received <= ANSWER_MOST;
}

static bool
take_tick(void *arg)
{
	Exchange *exchange = arg;
	const Reporter *reporter = exchange->reporter;

	exchange->stopped = !reporter->progress(reporter->arg, 0.5, "sending");
	return !exchange->stopped;
}

/* What the receiver said, as one line that may be shown. */
static void
keep_answer(const Exchange *exchange, char answer[WEBHOOK_ANSWER_SIZE])
{
	CLEANUP(buffer) Buffer clean;
	size_t length;

	buffer_init(&clean);
	mail_put_clean_bytes(&clean, exchange->answer.data, exchange->answer.length);
	length = clean.length < WEBHOOK_ANSWER_SIZE ? clean.length : WEBHOOK_ANSWER_SIZE - 1;
	while (length > 0 && (clean.data[length] & 0xC0) == 0x80)
		length--;
	snprintf(answer, WEBHOOK_ANSWER_SIZE, "%.*s", (int) length, clean.data);
}

/* What a status means; the first row that holds it. */
static const struct
{
	int first, last;
	ErrorClass class;
	const char *code;
	const char *hint;
} statuses[] = {
	{410, 410, ERROR_PERMANENT, "gone",
	 "The receiver wants no more: remove the webhook, or give it another URL."},
	{429, 429, ERROR_TRANSIENT, "rate_limited",     NULL                      },
	{300, 399, ERROR_TRANSIENT, "webhook_redirect",
	 "Redirects are not followed: give the webhook the URL they lead to."     },
	{401, 403, ERROR_TRANSIENT, "webhook_refused",
	 "The receiver must check the signature and ask for nothing else."        },
	{404, 405, ERROR_TRANSIENT, "webhook_missing",
	 "Check the webhook's URL: it must take POST requests."                   },
	{0,   999, ERROR_TRANSIENT, "webhook_failed",
	 "The receiver's own log tells why; any status 200 to 299 means received."},
};

static bool
judge_status(const Answer *answer, const char *text, const char *origin, Error *err)
{
	size_t row = 0;

	while (answer->status < statuses[row].first || answer->status > statuses[row].last)
		row++;
	error_set(err, statuses[row].class, statuses[row].code, statuses[row].hint,
			  "%s answered %d: %s", origin, answer->status, text);
	if (err == NULL)
		return false;
	err->status = answer->status;
	/* the pause is kept, yet each try counts: who always says "later" is given up, too */
	err->retry_after = answer->retry_after;
	return false;
}

/* A transfer without an answer. Only what a try later cannot change stays permanent. */
static bool
judge_silence(TransferEnd end, Error *err)
{
	if (end == TRANSFER_REFUSED && err != NULL &&
		strcmp(err->code, "address_refused") != 0 && strcmp(err->code, "bad_url") != 0)
		err->class = ERROR_TRANSIENT;
	return false;
}

static bool
exchange_once(const Transfer *transfer, Exchange *exchange, WebhookReceipt *receipt,
			  Error *err)
{
	Answer answer;
	char location[URL_SIZE];
	double began = clock_seconds();
	TransferEnd end = transfer_run(transfer, &answer, location, err);

	receipt->seconds = clock_seconds() - began;
	if (exchange->stopped)
		return error_set(err, ERROR_LOST, "cancelled", NULL,
						 "stopped while the webhook was sent");
	if (end != TRANSFER_COMPLETE && end != TRANSFER_STOPPED)
		return judge_silence(end, err);
	keep_answer(exchange, receipt->answer);
	receipt->status = exchange->status;
	if (exchange->status >= 200 && exchange->status <= 299)
		return true;
	return judge_status(&answer, receipt->answer, transfer->shown, err);
}

bool
webhook_send(const Webhook *webhook, const Reporter *reporter, WebhookReceipt *receipt,
			 Error *err)
{
	char signature[WEBHOOK_SIGNATURE_SIZE];
	char lines[3][128];
	const char *headers[] = {
		lines[0], lines[1], lines[2], "Content-Type: application/json", "Expect:", NULL};
	char origin[300];
	CLEANUP(exchange) Exchange exchange = {.reporter = reporter};
	Transfer transfer = {
		.url = webhook->url,
		.validator = "",
		.headers = headers,
		.content = webhook->body,
		.shown = origin,
		.connect_seconds = CONNECT_SECONDS,
		.total_seconds = TOTAL_SECONDS,
		.allow_private_addresses = webhook->allow_private_addresses,
		.head = take_head,
		.body = take_body,
		.tick = take_tick,
		.arg = &exchange,
	};

	buffer_init(&exchange.answer);
	if (!url_check(webhook->url, err) || !webhook_sign(webhook, signature, err))
		return false;
	url_origin(webhook->url, origin, sizeof origin);
	snprintf(lines[0], sizeof lines[0], "webhook-id: %s", webhook->id);
	snprintf(lines[1], sizeof lines[1], "webhook-timestamp: %" PRId64,
			 webhook->timestamp);
	snprintf(lines[2], sizeof lines[2], "webhook-signature: %s", signature);
	if (!reporter->confirm(reporter->arg, "send webhook"))
		return error_set(err, ERROR_LOST, "cancelled", NULL,
						 "stopped before the webhook was sent");
	return exchange_once(&transfer, &exchange, receipt, err);
}
