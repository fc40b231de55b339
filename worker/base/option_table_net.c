/*
 * base/option_table_net.c
 *	  The rows of the table of options about what a worker reaches outside of its machine: addresses,
 *	  keys, mail.
 */
#include "base/option_rows.h"

/* one option, one paragraph */
/* clang-format off */
const Option option_net_rows[OPTION_JSON - OPTION_ALLOW_PRIVATE_ADDRESSES] = {
	[0] = { /* OPTION_ALLOW_PRIVATE_ADDRESSES */
		.name = "allow_private_addresses",
		.env = "LEAP_ALLOW_PRIVATE_ADDRESSES",
		.type = OPTION_FLAG,
		.standard = "off",
		.argument = "on|off",
		.commands = "worker",
		.help = "let tasks fetch from private, loopback and link-local addresses; "
				"off keeps users out of the operator's network",
	},
	[OPTION_ALLOW_ADDRESS - OPTION_ALLOW_PRIVATE_ADDRESSES] = {
		.name = "allow_address",
		.env = "LEAP_ALLOW_ADDRESS",
		.type = OPTION_LIST,
		.standard = "",
		.argument = "CIDR|HOST,...",
		.commands = "worker",
		.help = "let tasks reach these networks (192.168.7.0/24, fd00::/8), addresses and hosts (by "
				"their exact names) although they are private; may be given more than once",
	},
	[OPTION_YT_DLP - OPTION_ALLOW_PRIVATE_ADDRESSES] = {
		.name = "yt_dlp",
		.env = "LEAP_YT_DLP",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "PATH",
		.commands = "worker",
		.help = "fetch recordings that video sites show by this program (/usr/bin/yt-dlp), contained "
				"and through a proxy that heeds --allow-address; empty: not at all",
	},
	[OPTION_PROXY - OPTION_ALLOW_PRIVATE_ADDRESSES] = {
		.name = "proxy",
		.env = "LEAP_PROXY",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "URL",
		.commands = "worker",
		.help = "send what tasks ask of platforms, providers and other servers through this proxy: "
				"http://proxy.example.org:3128, also https:// and socks5h://; not mail, and not what "
				"--allow-address names",
	},
	[OPTION_PROVIDER_KEYS - OPTION_ALLOW_PRIVATE_ADDRESSES] = {
		.name = "provider_keys",
		.env = "LEAP_PROVIDER_KEYS",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "FILE",
		.commands = "worker doctor",
		.help = "a file that only its owner may read, with the keys of providers of speech and outlines, a "
				"line each: name = key; read once, at the start",
	},
	[OPTION_CREDENTIAL_KEYS - OPTION_ALLOW_PRIVATE_ADDRESSES] = {
		.name = "credential_keys",
		.env = "LEAP_CREDENTIAL_KEYS",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "FILE",
		.commands = "worker doctor",
		.help = "a file that only its owner may read, with the private keys that open credentials "
				"(leap keys makes it); a key that is added to it is found without a restart",
	},
	[OPTION_SMTP_URL - OPTION_ALLOW_PRIVATE_ADDRESSES] = {
		.name = "smtp_url",
		.env = "LEAP_SMTP_URL",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "URL",
		.commands = "worker mail doctor",
		.help = "the server that mail is sent through: smtp://mail.example.org:587, or smtps:// for one "
				"that speaks TLS from the start; a path is the name to say hello with; empty: no mail is sent",
	},
	[OPTION_SMTP_USER - OPTION_ALLOW_PRIVATE_ADDRESSES] = {
		.name = "smtp_user",
		.env = "LEAP_SMTP_USER",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "NAME",
		.commands = "worker mail doctor",
		.help = "the name to log in with at the mail server; empty: no login",
	},
	[OPTION_SMTP_PASSWORD_FILE - OPTION_ALLOW_PRIVATE_ADDRESSES] = {
		.name = "smtp_password_file",
		.env = "LEAP_SMTP_PASSWORD_FILE",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "FILE",
		.commands = "worker mail doctor",
		.help = "a file that only its owner may read, with the password in its first line; read once, "
				"at the start",
	},
	[OPTION_SMTP_TLS - OPTION_ALLOW_PRIVATE_ADDRESSES] = {
		.name = "smtp_tls",
		.env = "LEAP_SMTP_TLS",
		.type = OPTION_CHOICE,
		.standard = "require",
		.argument = "WHEN",
		.commands = "worker mail doctor",
		.choices = "require try off",
		.help = "encryption at an smtp:// server: require it (STARTTLS), try it, or leave it off; "
				"a login needs require",
	},
	[OPTION_SMTP_CA_FILE - OPTION_ALLOW_PRIVATE_ADDRESSES] = {
		.name = "smtp_ca_file",
		.env = "LEAP_SMTP_CA_FILE",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "FILE",
		.commands = "worker mail doctor",
		.help = "certificates (PEM) that the mail server's one must descend from; empty: the system's",
	},
	[OPTION_MAIL_FROM - OPTION_ALLOW_PRIVATE_ADDRESSES] = {
		.name = "mail_from",
		.env = "LEAP_MAIL_FROM",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "ADDRESS",
		.commands = "worker mail doctor",
		.help = "who mail comes from: leap@example.org or LEAP <leap@example.org>; needed with --smtp-url",
	},
};
/* clang-format on */
