/*
 * net/mail_settings.c
 *	  How mail leaves this installation.
 */
#include "net/mail_settings.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/secret_file.h"
#include "net/mail_text.h"

#define PASSWORD_SIZE 1024

static void
cleanup_url(CURLU **url)
{
	curl_url_cleanup(*url);
}

static void
cleanup_part(char **part)
{
	curl_free(*part);
}

static bool
refuse(Error *err, const char *hint, const char *what, const char *value)
{
	return error_set(err, ERROR_PERMANENT, "usage", hint, "%s: \"%.200s\"", what, value);
}

/* scheme receives smtp or smtps, owned by the caller. */
static bool
check_url(const char *text, char **scheme, Error *err)
{
	static const char hint[] =
		"Write smtp://mail.example.org:587 or smtps://mail.example.org.";
	CLEANUP(url) CURLU *url = curl_url();
	CLEANUP(part) char *host = NULL;
	CLEANUP(part) char *user = NULL;

	if (url == NULL ||
		curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
		curl_url_get(url, CURLUPART_SCHEME, scheme, 0) != CURLUE_OK ||
		curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK || host[0] == '\0' ||
		(strcmp(*scheme, "smtp") != 0 && strcmp(*scheme, "smtps") != 0))
		return refuse(err, hint, "--smtp-url is no address of a mail server", text);
	if (curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK)
		return error_set(
			err, ERROR_PERMANENT, "usage",
			"Name the user by --smtp-user and a file by --smtp-password-file.",
			"--smtp-url holds a user name or a password, where others can read it");
	return true;
}

/* The first line of the file; password is wiped by the caller. */
static bool
read_password(const char *path, char password[PASSWORD_SIZE], Error *err)
{
	CLEANUP(close) int fd = -1;
	ssize_t length;

	if (!secret_file_open(path, "--smtp-password-file", &fd, err))
		return false;
	length = read(fd, password, PASSWORD_SIZE - 1);
	password[length > 0 ? length : 0] = '\0';
	password[strcspn(password, "\r\n")] = '\0';
	if (length <= 0 || length == PASSWORD_SIZE - 1 || password[0] == '\0')
		return refuse(err, "Its first line is the password, of 1 to 1000 bytes.",
					  "--smtp-password-file holds no password", path);
	return true;
}

static bool
check_from(const char *from, Error *err)
{
	CLEANUP(buffer) Buffer name;
	char address[MAIL_ADDRESS_SIZE];

	buffer_init(&name);
	return mail_read_mailbox(from, &name, address) ||
		   refuse(err, "Write an address, or: LEAP <leap@example.org>",
				  "--mail-from is no sender", from);
}

/* A password only travels where nobody can listen: require refuses to go on in the clear. */
static bool
check_login(const Options *options, const char *scheme, Error *err)
{
	const char *user = option_text(options, OPTION_SMTP_USER);
	const char *file = option_text(options, OPTION_SMTP_PASSWORD_FILE);

	if ((user[0] != '\0') != (file[0] != '\0'))
		return error_set(
			err, ERROR_PERMANENT, "usage", NULL,
			"--smtp-user and --smtp-password-file belong together: one is missing");
	if (user[0] != '\0' && strcmp(scheme, "smtp") == 0 &&
		strcmp(option_text(options, OPTION_SMTP_TLS), "require") != 0)
		return error_set(
			err, ERROR_PERMANENT, "usage", "Leave --smtp-tls out, or log in nowhere.",
			"--smtp-user needs an encrypted connection, which --smtp-tls=%s does not "
			"promise",
			option_text(options, OPTION_SMTP_TLS));
	return true;
}

static cJSON *
settings_json(const Options *options, const char *password)
{
	static const struct
	{
		const char *name;
		OptionId id;
	} texts[] = {
		{"url",     OPTION_SMTP_URL    },
        {"user",    OPTION_SMTP_USER   },
		{"from",    OPTION_MAIL_FROM   },
        {"ca_file", OPTION_SMTP_CA_FILE},
		{"tls",     OPTION_SMTP_TLS    },
	};
	cJSON *json = cJSON_CreateObject();

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		cJSON_AddStringToObject(json, texts[i].name, option_text(options, texts[i].id));
	cJSON_AddStringToObject(json, "password", password);
	return json;
}

bool
mail_settings_read(const Options *options, cJSON **json, Error *err)
{
	const char *url = option_text(options, OPTION_SMTP_URL);
	const char *file = option_text(options, OPTION_SMTP_PASSWORD_FILE);
	CLEANUP(part) char *scheme = NULL;
	char password[PASSWORD_SIZE] = "";
	bool ok;

	*json = NULL;
	if (url[0] == '\0')
		return true;
	ok = check_url(url, &scheme, err) &&
		 check_from(option_text(options, OPTION_MAIL_FROM), err) &&
		 check_login(options, scheme, err) &&
		 (file[0] == '\0' || read_password(file, password, err));
	if (ok)
		*json = settings_json(options, password);
	explicit_bzero(password, sizeof password);
	return ok;
}

MailSettings
mail_settings_of(const cJSON *json)
{
	const char *tls = json_text(json, "tls", "require");

	return (MailSettings){
		.url = json_text(json, "url", ""),
		.user = json_text(json, "user", ""),
		.password = json_text(json, "password", ""),
		.from = json_text(json, "from", ""),
		.ca_file = json_text(json, "ca_file", ""),
		.tls = strcmp(tls, "off") == 0   ? MAIL_TLS_OFF
			   : strcmp(tls, "try") == 0 ? MAIL_TLS_TRY
										 : MAIL_TLS_REQUIRE,
	};
}
