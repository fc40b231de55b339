/* sources: net/mail_text.c net/mail_part.c net/mail_message.c net/mail_dialog.c base/buffer.c base/utf8.c base/error.c base/hash.c */
/* libs: libcjson libcrypto */
/*
 * tests/unit/test_mail.c
 *	  Heads and bodies of mail, with hostile texts, and what the answers of a server mean.
 */
#include <string.h>

#include "base/cleanup.h"
#include "net/mail_dialog.h"
#include "net/mail_message.h"
#include "net/mail_text.h"
#include "tap.h"

#define LECTURE "\xd0\x9b\xd0\xb5\xd0\xba\xd1\x86\xd0\xb8\xd1\x8f" /* the Russian word */

static void
is_header(const char *text, const char *wanted, const char *what)
{
	CLEANUP(buffer) Buffer head;

	buffer_init(&head);
	mail_put_text_header(&head, "Subject", text);
	is_str(head.data, wanted, what);
}

static void
test_subject(void)
{
	is_header("Lesson published", "Subject: Lesson published\r\n", "plain ASCII stays");
	is_header("", "Subject: \r\n", "nothing");
	is_header("a\r\nBcc: evil@example.org\r\n\r\nbody",
			  "Subject: a Bcc: evil@example.org body\r\n", "a line end begins no header");
	is_header(" \t a \x01 b\x7f ", "Subject: a b\r\n",
			  "control characters become one blank");
	is_header("x\xc2\x85y\xe2\x80\xa8z", "Subject: x y z\r\n",
			  "so do the line ends of Unicode");
	is_header(LECTURE " 1", "Subject: =?UTF-8?B?0JvQtdC60YbQuNGPIDE=?=\r\n",
			  "Russian as base64");
	is_header("a na\xc3\xafve talk on coffee",
			  "Subject: =?UTF-8?Q?a_na=C3=AFve_talk_on_coffee?=\r\n",
			  "a few accents quoted");
	is_header("=?UTF-8?B?eA==?=", "Subject: =?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=\r\n",
			  "what looks encoded is encoded, and stays what it is");
	is_header("a\xff\xc3 b", "Subject: =?UTF-8?B?Ye+/ve+/vSBi?=\r\n",
			  "bytes that are no UTF-8");
	is_header(
		"one two three four five six seven eight nine ten eleven twelve thirteen",
		"Subject: one two three four five six seven eight nine ten eleven twelve\r\n"
		" thirteen\r\n",
		"folded at a blank");
}

/* Every line of at most 76 bytes, each encoded word of at most 75, and whole characters. */
static void
check_long(const char *unit, int count)
{
	CLEANUP(buffer) Buffer text;
	CLEANUP(buffer) Buffer head;
	size_t longest = 0;
	const char *line;

	buffer_init(&text);
	buffer_init(&head);
	for (int i = 0; i < count; i++)
		buffer_puts(&text, unit);
	mail_put_text_header(&head, "Subject", text.data);
	line = head.data;
	while (*line != '\0')
	{
		size_t length = strcspn(line, "\r");

		longest = length > longest ? length : longest;
		ok(line == head.data || *line == ' ', "a further line begins with a blank");
		line += length + 2;
	}
	ok(longest <= 76, "the longest line has %zu bytes", longest);
}

static void
test_mailbox(void)
{
	static const struct
	{
		const char *person, *wanted;
	} cases[] = {
		{"",					   "To: a@b.example\r\n"                               },
		{"Ann Lee",                "To: \"Ann Lee\" <a@b.example>\r\n"                 },
		{"Lee, \"Ann\" \\",        "To: \"Lee, \\\"Ann\\\" \\\\\" <a@b.example>\r\n"   },
		{LECTURE,				  "To: =?UTF-8?B?0JvQtdC60YbQuNGP?= <a@b.example>\r\n"},
		{"x>\r\nBcc: e@e.org\r\n", "To: \"x> Bcc: e@e.org\" <a@b.example>\r\n"         },
		{"(\xc3\xa4) <b@c.de>, d",
		 "To: =?UTF-8?B?KMOkKSA8YkBjLmRlPiwgZA==?= <a@b.example>\r\n"                  },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		CLEANUP(buffer) Buffer head;

		buffer_init(&head);
		mail_put_mailbox(&head, "To", cases[i].person, "a@b.example");
		is_str(head.data, cases[i].wanted, cases[i].person);
	}
}

static void
test_addresses(void)
{
	static const char *const good[] = {"a@b", "leap@example.org",
									   "o'neil+x=y@mail-1.example.org", "a.b_c@[1]"};
	static const char *const bad[] = {
		"",           "a",      "@",       "a@",
		"@b",         "a b@c",  "a@b c",   "a@b\r\nRCPT TO:<x@y>",
		"<a@b>",      "a@b>",   "a@b,c@d", "a@@b",
		"a..b@c",     ".a@c",   "a.@c",    "a@.c",
		"a@c.",       "a@-c",   "\"a\"@c", "\xc3\xa4@c",
		"a@\xc3\xa4", "a@b\x01"};
	char address[MAIL_ADDRESS_SIZE];
	CLEANUP(buffer) Buffer name;

	for (size_t i = 0; i + 1 < sizeof good / sizeof good[0]; i++)
		ok(mail_is_address(good[i]), "an address: %s", good[i]);
	ok(!mail_is_address(good[3]), "an address literal is none of ours");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!mail_is_address(bad[i]), "no address, number %zu", i);
	buffer_init(&name);
	ok(mail_read_mailbox(" \"LEAP, lessons\" <leap@example.org>", &name, address),
	   "a mailbox");
	is_str(name.data, "LEAP, lessons", "its name");
	is_str(address, "leap@example.org", "its address");
	buffer_clear(&name);
	ok(mail_read_mailbox("leap@example.org", &name, address) && name.length == 0,
	   "an address alone");
	ok(!mail_read_mailbox("LEAP <leap@example.org", &name, address), "an open bracket");
	ok(!mail_read_mailbox("<>", &name, address), "nothing in brackets");
}

static void
is_part(const char *text, const char *coding, const char *wanted, const char *what)
{
	CLEANUP(buffer) Buffer part;
	char head[200];

	buffer_init(&part);
	mail_put_part(&part, "text/plain", text);
	snprintf(head, sizeof head,
			 "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
			 "%s\r\n\r\n",
			 coding);
	ok(strncmp(part.data, head, strlen(head)) == 0, "%s: %s", what, coding);
	is_str(part.data + (part.length > strlen(head) ? strlen(head) : 0), wanted, what);
}

static void
test_bodies(void)
{
	is_part("Hello\nyou\n", "quoted-printable", "Hello\r\nyou\r\n", "plain lines");
	is_part("a\rb\r\nc", "quoted-printable", "a\r\nb\r\nc\r\n", "every kind of line end");
	is_part(".\nFrom me\n..x\n", "quoted-printable", "=2E\r\n=46rom me\r\n=2E.x\r\n",
			"lines with a meaning");
	is_part("a=b \nc\t\n", "quoted-printable", "a=3Db=20\r\nc=09\r\n",
			"blanks at the end");
	is_part("\xc3\xa4 is a letter", "quoted-printable", "=C3=A4 is a letter\r\n",
			"an umlaut");
	is_part(LECTURE, "base64", "0JvQtdC60YbQuNGPDQo=\r\n", "Russian");
	is_part("", "quoted-printable", "\r\n", "nothing");
	is_part(
		"0123456789012345678901234567890123456789012345678901234567890123456789012345.x",
		"quoted-printable",
		"012345678901234567890123456789012345678901234567890123456789012345678901234=\r\n"
		"5.x\r\n",
		"a long line, softly broken");
	is_part(
		"012345678901234567890123456789012345678901234567890123456789012345678901234.",
		"quoted-printable",
		"012345678901234567890123456789012345678901234567890123456789012345678901234=\r\n"
		"=2E\r\n",
		"a dot that would begin a line");
}

static bool
composes(MailMessage mail, const char *headers, const char *code)
{
	CLEANUP(buffer) Buffer message;
	CLEANUP(json) cJSON *further = headers != NULL ? cJSON_Parse(headers) : NULL;
	Error err = {0};
	bool composed;

	buffer_init(&message);
	mail.headers = further;
	composed = mail_compose(&mail, &message, &err);
	return composed ? code == NULL && strstr(message.data, "Bcc") == NULL
					: code != NULL && strcmp(err.code, code) == 0;
}

static void
test_messages(void)
{
	const MailMessage good = {.from = "LEAP <leap@example.org>",
							  .to = "a@b.example",
							  .to_name = "",
							  .subject = "x",
							  .text = "t",
							  .html = "<p>h</p>",
							  .language = "en",
							  .message_id = "1.2@leap",
							  .date = 1795252995};
	static const char begin[] =
		"Date: Sat, 21 Nov 2026 09:23:15 +0000\r\nFrom: \"LEAP\" <leap@example.org>\r\n";
	MailMessage bad = good;
	CLEANUP(buffer) Buffer message;

	buffer_init(&message);
	ok(mail_compose(&good, &message, NULL), "a message");
	ok(strncmp(message.data, begin, strlen(begin)) == 0, "its date and sender");
	ok(strstr(message.data, "\r\nMessage-ID: <1.2@leap>\r\n") != NULL, "its id");
	ok(strstr(message.data, "\r\nAuto-Submitted: auto-generated\r\n") != NULL,
	   "no absence note answers it");
	ok(composes(good,
				"{\"List-Unsubscribe\":\"<https://leap.example/"
				"u?t=1>\",\"X-LEAP-Event\":\"a\"}",
				NULL),
	   "further headers");
	ok(composes(good, "{\"Bcc\":\"e@e.org\"}", "bad_message"), "not every header");
	ok(composes(good, "{\"X-A\":\"b\\r\\nBcc: e@e.org\"}", "bad_message"),
	   "no line end in a header");
	ok(composes(good, "{\"X-A\\r\\nBcc: e\":\"b\"}", "bad_message"), "nor in its name");
	ok(composes(good, "{\"X-A\":1}", "bad_message"), "text only");
	bad.to = "a@b\r\nBcc: e@e.org";
	ok(composes(bad, NULL, "bad_address"), "no line end in the recipient");
	bad = good;
	bad.message_id = "1@x>\r\nBcc: <e@e.org";
	ok(composes(bad, NULL, "bad_message"), "nor in the id");
	bad = good;
	bad.language = "en\r\nBcc: e@e.org";
	ok(composes(bad, NULL, "bad_message"), "nor in the language");
	bad = good;
	bad.text = bad.html = "";
	ok(composes(bad, NULL, "bad_message"), "a message says something");
	bad.from = "nobody";
	bad.text = "t";
	ok(composes(bad, NULL, "bad_message"), "and has a sender");
}

static MailDialog
hear(const char *const *lines)
{
	MailDialog dialog = {0};

	for (; *lines != NULL; lines++)
		mail_dialog_take(&dialog, *lines, strlen(*lines));
	return dialog;
}

#define HEAR(...) hear((const char *const[]){__VA_ARGS__, NULL})

static void
is_refusal(MailDialog dialog, ErrorClass class, const char *code, const char *what)
{
	Error err = {0};

	ok(!mail_dialog_error(&dialog, "smtp://x", &err) && err.class == class,
	   "%s: class %s", what, error_class_name(err.class));
	is_str(err.code, code, what);
}

#define GREETED   "220 mx ESMTP\r\n", "250-mx\r\n", "250-STARTTLS\r\n", "250 SIZE\r\n"
#define SECURED   GREETED, "220 go ahead\r\n", "250-mx\r\n", "250 AUTH PLAIN\r\n"
#define LOGGED_IN SECURED, "334 \r\n", "235 welcome\r\n"

static void
test_dialog(void)
{
	MailDialog dialog = HEAR(LOGGED_IN, "250 sender\r\n", "250 recipient\r\n",
							 "354 go\r\n", "250 2.0.0 queued as 7\r\n", "221 bye\r\n");

	is_int(dialog.step, MAIL_STEP_DONE, "the whole dialog");
	is_int(dialog.code, 250, "the farewell changes nothing");
	is_str(dialog.text, "2.0.0 queued as 7", "nor the words");
	is_refusal(HEAR("554 no service\r\n"), ERROR_PERMANENT, "smtp_refused",
			   "at the greeting");
	is_refusal(HEAR("421 later\r\n"), ERROR_TRANSIENT, "smtp_busy", "busy");
	is_refusal(HEAR(SECURED, "535 5.7.8 wrong\r\n"), ERROR_CREDENTIAL,
			   "smtp_login_refused", "a wrong password");
	is_refusal(HEAR(SECURED, "454 4.7.0 later\r\n"), ERROR_TRANSIENT, "smtp_busy",
			   "a login that fails for now");
	is_refusal(HEAR(GREETED, "530 5.7.0 log in\r\n"), ERROR_CREDENTIAL,
			   "smtp_login_needed", "no login");
	is_refusal(HEAR(GREETED, "553 not you\r\n"), ERROR_PERMANENT, "sender_refused",
			   "the sender");
	is_refusal(HEAR(LOGGED_IN, "250 ok\r\n", "550-5.1.1 no\r\n", "550 such user\r\n"),
			   ERROR_INPUT, "recipient_refused", "the recipient");
	is_refusal(HEAR(LOGGED_IN, "250 ok\r\n", "450 4.2.0 greylisted\r\n"), ERROR_TRANSIENT,
			   "mail_deferred", "greylisting");
	is_refusal(HEAR(LOGGED_IN, "250 ok\r\n", "421 4.3.2 closing\r\n"), ERROR_TRANSIENT,
			   "smtp_busy", "a server that closes");
	is_refusal(HEAR(LOGGED_IN, "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "554 spam\r\n"),
			   ERROR_PERMANENT, "message_refused", "the message");
	dialog = HEAR("550-a\r\n", "550-\r\n", "550 b\x01\xff\r\n");
	is_str(dialog.text, "a b \xef\xbf\xbd", "lines are joined and cleaned");
	dialog = HEAR("220", "nonsense\r\n", "25", "", "2500 x\r\n");
	ok(dialog.code == 220 && dialog.step == MAIL_STEP_HELLO,
	   "what is no reply is skipped");
}

static void
test_long_replies(void)
{
	MailDialog dialog = {0};
	char line[2000];

	memset(line, 'x', sizeof line);
	memcpy(line, "550-", 4);
	for (int i = 0; i < 5; i++)
		mail_dialog_take(&dialog, line, sizeof line);
	is_int((long long) strlen(dialog.text), sizeof dialog.text - 2,
		   "an endless reply is cut off");
	ok(dialog.open && dialog.code == 0, "and is not over");
}

/* The sanitizers watch; a head of random bytes keeps its rules. */
static void
test_random(void)
{
	unsigned state = 1;
	size_t wrong = 0;

	for (int round = 0; round < 20000; round++)
	{
		CLEANUP(buffer) Buffer out;
		MailDialog dialog = {0};
		char bytes[120];
		char address[MAIL_ADDRESS_SIZE];

		for (size_t i = 0; i < sizeof bytes; i++)
		{
			state = state * 1664525u + 1013904223u;
			bytes[i] = (char) (state >> 24);
		}
		bytes[sizeof bytes - 1] = '\0';
		bytes[state % sizeof bytes] = '\0';
		buffer_init(&out);
		(void) mail_read_mailbox(bytes, &out, address);
		mail_put_part(&out, "text/plain", bytes);
		mail_dialog_take(&dialog, bytes, sizeof bytes);
		memcpy(bytes, "550-", 4);
		mail_dialog_take(&dialog, bytes, sizeof bytes);
		buffer_clear(&out);
		mail_put_text_header(&out, "Subject", bytes);
		mail_put_mailbox(&out, "To", bytes, "a@b.example");
		for (const char *line = out.data; *line != '\0'; line += strcspn(line, "\n") + 1)
			wrong += strcspn(line, "\r\n") > 76 || line[strcspn(line, "\r\n")] != '\r' ||
					 (*line != 'S' && *line != 'T' && *line != ' ');
	}
	is_int((long long) wrong, 0, "no line of a random head breaks a rule");
}

int
main(void)
{
	test_random();
	test_subject();
	check_long(LECTURE " ", 40);
	check_long("\xf0\x9f\x98\x80", 100);
	check_long("\xc3\xa4"
			   "bcdefghijk",
			   60);
	check_long("x", 500);
	test_mailbox();
	test_addresses();
	test_bodies();
	test_messages();
	test_dialog();
	test_long_replies();
	return done_testing();
}
