/*
 * net/mail_settings.h
 *	  How mail leaves this installation: from the options of a worker to its children.
 *
 * The password is read from its file once, when the program starts, and reaches a child over
 * the control socket only, and only one that sends mail.
 */
#ifndef LEAP_NET_MAIL_SETTINGS_H
#define LEAP_NET_MAIL_SETTINGS_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/option.h"

typedef enum MailTls
{
	MAIL_TLS_REQUIRE, /* STARTTLS or nothing */
	MAIL_TLS_TRY,
	MAIL_TLS_OFF
} MailTls;

/* Points into the JSON it was read from. */
typedef struct MailSettings
{
	const char *url;  /* smtp://host:port or smtps://host:port, perhaps /name-for-hello */
	const char *user; /* "" = no login */
	const char *password; /* secret */
	const char *from;     /* "Name <address>" */
	const char *ca_file;  /* certificates to trust; "" = the system's */
	MailTls tls;
} MailSettings;

/*
 * The settings as JSON, {"url","user","password","from","ca_file","tls"}; *json is NULL when
 * there is no --smtp-url. False, class permanent, when an option is wrong, the password's
 * file cannot be read or is open to others, or a password would travel unencrypted. The caller deletes *json.
 */
bool mail_settings_read(const Options *options, cJSON **json, Error *err);

/* The reverse; json as above. */
MailSettings mail_settings_of(const cJSON *json);

#endif
