/*
 * net/webhook.h
 *	  Telling a user's own program of an event: a signed POST, as the specification "Standard
 *	  Webhooks" has it.
 *
 * The URL is a user's and only leads to public addresses. Its path may be a secret (chat
 * systems give out such URLs), so messages name the host alone.
 */
#ifndef LEAP_NET_WEBHOOK_H
#define LEAP_NET_WEBHOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/report.h"

#define WEBHOOK_SIGNATURE_SIZE 64 /* "v1," and 44 digits of base64 */
#define WEBHOOK_ANSWER_SIZE    301

typedef struct Webhook
{
	const char *url;
	const char *id;   /* the same in every attempt: the receiver's key against repeats */
	const char *body; /* JSON; signed and sent byte by byte as it is */
	const char *secret; /* "whsec_" and base64 of 16 to 64 bytes */
	int64_t timestamp;  /* seconds since 1970 */
	bool allow_private_addresses;
} Webhook;

typedef struct WebhookReceipt
{
	int status;
	char answer[WEBHOOK_ANSWER_SIZE]; /* the beginning of the body, as one line */
	double seconds;
} WebhookReceipt;

/* The value of webhook-signature; a secret or id that is none is permanent, code
 * bad_message. */
bool webhook_sign(const Webhook *webhook, char signature[WEBHOOK_SIGNATURE_SIZE],
				  Error *err);

/*
 * Sends it once; every status 2xx is success. All else is transient, with the pause that the
 * receiver asks for, except 410, which means "never again" (permanent, gone), a URL that is
 * none and an address that is not public.
 */
bool webhook_send(const Webhook *webhook, const Reporter *reporter,
				  WebhookReceipt *receipt, Error *err);

#endif
