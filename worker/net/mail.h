/*
 * net/mail.h
 *	  Sending one mail over SMTP.
 */
#ifndef LEAP_NET_MAIL_H
#define LEAP_NET_MAIL_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/report.h"
#include "net/mail_settings.h"

typedef struct MailReceipt
{
	int status;       /* 250 */
	char answer[300]; /* what the server said when it took the message */
	double seconds;
} MailReceipt;

/*
 * Sends a composed message to one address. The reporter (NULL: nobody to ask) is asked for
 * confirmation when the server has accepted the recipient and waits for the message: from
 * then on it may have been sent, whatever comes back.
 */
bool mail_send(const MailSettings *settings, const char *to, const Buffer *message,
			   const Reporter *reporter, MailReceipt *receipt, Error *err);

/* Connects, secures the connection and logs in, without sending anything. */
bool mail_check(const MailSettings *settings, Error *err);

#endif
