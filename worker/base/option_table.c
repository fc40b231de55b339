/*
 * base/option_table.c
 *	  The table of options, but for the parts in files of their own (base/option_rows.h). Nothing else in the program knows a default.
 */
#include "base/option_rows.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* one option, one paragraph */
/* clang-format off */
static const Option table[OPTION_COUNT] = {
	[OPTION_DATABASE] = {
		.name = "database",
		.env = "LEAP_DATABASE",
		.except = "media",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "CONNECTION",
		.help = "libpq connection string or URI; what it leaves out comes from "
				"PGHOST, PGDATABASE and so on. Put passwords into a configuration file or ~/.pgpass, "
				"not on the command line",
	},
	[OPTION_STORAGE] = {
		.name = "storage",
		.env = "LEAP_STORAGE",
		.except = "media",
		.type = OPTION_PLACE,
		.standard = "/var/lib/leap/storage",
		.argument = "FOLDER|s3://...",
		.help = "where the files of recordings are kept, the same for all workers: a folder, or "
				"s3://BUCKET/PREFIX?endpoint=URL&region=NAME",
	},
	[OPTION_STORAGE_FROM] = {
		.name = "storage_from",
		.env = "LEAP_STORAGE_FROM",
		.except = "media",
		.type = OPTION_PLACE,
		.standard = "",
		.argument = "FOLDER|s3://...",
		.help = "where files are still read from that --storage does not have, as long as leap storage migrate "
				"has not copied them all",
	},
	[OPTION_STORAGE_KEYS] = {
		.name = "storage_keys",
		.env = "LEAP_STORAGE_KEYS",
		.except = "media",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "FILE",
		.help = "a file that only its owner may read, with the keys of a storage in S3: lines "
				"access_key_id = ..., secret_access_key = ... and perhaps session_token = ...",
	},
	[OPTION_SPOOL] = {
		.name = "spool",
		.env = "LEAP_SPOOL",
		.except = "media",
		.type = OPTION_PATH,
		.standard = "/var/lib/leap/spool",
		.argument = "FOLDER",
		.help = "with a storage in S3: where this machine makes files, and keeps copies of those read lately",
	},
	[OPTION_SPOOL_BYTES] = {
		.name = "spool_bytes",
		.env = "LEAP_SPOOL_BYTES",
		.except = "media",
		.type = OPTION_INTEGER,
		.standard = "21474836480",
		.argument = "BYTES",
		.low = 0,
		.high = 1e15,
		.help = "how much of such copies is kept; files that are worked on come on top",
	},
	[OPTION_LIBRARY] = {
		.name = "library",
		.env = "LEAP_LIBRARY",
		.except = "media",
		.type = OPTION_PATH,
		.standard = "/var/lib/leap/library",
		.argument = "FOLDER",
		.help = "where finished lessons are published as folders with a web page",
	},
	[OPTION_LIBRARY_URL] = {
		.name = "library_url",
		.env = "LEAP_LIBRARY_URL",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "URL",
		.commands = "worker serve",
		.help = "the address below which everybody finds the lessons of the library: the worker links "
				"them there where a preset has no url_prefix of its own, and leap serve shows them at "
				"/library/; empty: they are files on this machine, and not served",
	},
	[OPTION_MEDIA_PROGRAM] = {
		.name = "media_program",
		.env = "LEAP_MEDIA_PROGRAM",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "FILE",
		.commands = "worker doctor media",
		.help = "the program leap-media; empty: found beside this program, in "
				"../libexec or ../libexec/leap",
	},
	[OPTION_SCHEMA_DIR] = {
		.name = "schema_dir",
		.env = "LEAP_SCHEMA_DIR",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "FOLDER",
		.commands = "deploy doctor",
		.help = "the SQL files; empty: found beside this program, in "
				"../share/leap/sql or ../../sql",
	},
	[OPTION_CONFIG] = {
		.name = "config",
		.env = "LEAP_CONFIG",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "FILE",
		.help = "read this configuration file and no other",
	},
	[OPTION_LOG_LEVEL] = {
		.name = "log_level",
		.env = "LEAP_LOG_LEVEL",
		.type = OPTION_CHOICE,
		.standard = "info",
		.argument = "LEVEL",
		.choices = "debug info warning error",
		.help = "the least important messages to print on standard error",
	},
	[OPTION_LOG_FORMAT] = {
		.name = "log_format",
		.env = "LEAP_LOG_FORMAT",
		.type = OPTION_CHOICE,
		.standard = "text",
		.argument = "FORMAT",
		.choices = "text json",
		.help = "how messages are printed on standard error: for people, or one JSON object a line",
	},
	[OPTION_METRICS] = {
		.name = "metrics",
		.env = "LEAP_METRICS",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "[ADDRESS:]PORT",
		.commands = "worker serve",
		.help = "answer GET /metrics (for Prometheus), /health/live and /health/ready there; the address is "
				"127.0.0.1 if left out; empty: nowhere",
	},
	[OPTION_SLOTS] = {
		.name = "slots",
		.env = "LEAP_SLOTS",
		.type = OPTION_INTEGER,
		.standard = "0",
		.argument = "N",
		.commands = "worker",
		.low = 0,
		.high = 512,
		.help = "tasks to work on at the same time, besides those of queues with a number of their own "
				"(--queue NAME=N); 0: one for each processor core",
	},
	[OPTION_QUEUES] = {
		.name = "queue",
		.also = "queues",
		.env = "LEAP_QUEUES",
		.type = OPTION_SHARES,
		.standard = "upload,processing,automation=1,notify=1",
		.argument = "NAME[=N],...",
		.commands = "worker",
		.low = 1,
		.high = 1024,
		.choices = "upload processing automation notify",
		.help = "take tasks from these queues only (also as --queue A --queue B); with =N at most N "
				"at the same time, beside the slots that the queues without a number share: a long "
				"lecture keeps no mail waiting",
	},
	[OPTION_WORKER_NAME] = {
		.name = "name",
		.env = "LEAP_NAME",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "NAME",
		.commands = "worker",
		.help =
				"how this worker is called in lists and logs; empty: the machine's name",
	},
	[OPTION_GRACE] = {
		.name = "grace",
		.env = "LEAP_GRACE",
		.type = OPTION_SECONDS,
		.standard = "30",
		.argument = "SECONDS",
		.commands = "worker serve",
		.low = 0,
		.high = 86400,
		.help = "how long a stopping worker lets running tasks go on before it gives "
				"them back, and a stopping server its requests",
	},
	[OPTION_THREADS] = {
		.name = "threads",
		.env = "LEAP_THREADS",
		.type = OPTION_INTEGER,
		.standard = "0",
		.argument = "N",
		.commands = "worker",
		.low = 0,
		.high = 64,
		.help = "threads of one speech recognition; 0: one for each processor core",
	},
	[OPTION_MEDIA_SECONDS] = {
		.name = "media_seconds",
		.env = "LEAP_MEDIA_SECONDS",
		.type = OPTION_SECONDS,
		.standard = "0",
		.argument = "SECONDS",
		.commands = "worker",
		.low = 0,
		.high = 604800,
		.help = "the longest that one run of leap-media may take before it is ended; 0: "
				"ten minutes and more, by the size of the recording",
	},
	[OPTION_JSON] = {
		.name = "json",
		.type = OPTION_FLAG,
		.standard = "off",
		.help = "print JSON for programs instead of text for people",
		.except = "worker serve child completion complete man",
	},
	[OPTION_VERBOSE] = {
		.name = "verbose",
		.type = OPTION_FLAG,
		.standard = "off",
		.help = "say more, also about errors",
		.except = "worker serve child completion complete man",
	},
	[OPTION_USER] = {
		.name = "user",
		.env = "LEAP_USER",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "EMAIL",
		.commands = "add list tasks task source formats credential audit",
		.help = "the user to act for; may be left out when there is only one",
	},
	[OPTION_LESSON_NAME] = {
		.name = "name",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "TEXT",
		.commands = "add source",
		.help = "the name of the lesson, or of the source; empty: made from the file's name",
	},
	[OPTION_LANGUAGE] = {
		.name = "language",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "CODE",
		.commands = "add search captions",
		.help = "of add: the language spoken; the offline recogniser knows only en, others need a --provider that knows them; of search: only what was said in it; of captions: theirs",
	},
	[OPTION_PATTERN] = {
		.name = "pattern",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "REGEX",
		.commands = "source",
		.help = "only files, or links, whose name matches this regular expression",
	},
	[OPTION_SINCE] = {
		.name = "since",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "DATE",
		.commands = "source audit",
		.help = "only what is of this day or later: 2026-03-01",
	},
	[OPTION_UNTIL] = {
		.name = "until",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "DATE",
		.commands = "source",
		.help = "only what is of this day or earlier: 2026-03-31",
	},
	[OPTION_DRY_RUN] = {
		.name = "dry_run",
		.type = OPTION_FLAG,
		.standard = "off",
		.commands = "source",
		.help = "tell what would come, and add nothing",
	},
	[OPTION_WATCH] = {
		.name = "watch",
		.type = OPTION_FLAG,
		.standard = "off",
		.commands = "add run retry source credential",
		.help = "stay and show the progress until the run, the sync or the check has ended",
	},
	[OPTION_FILES] = {
		.name = "files",
		.type = OPTION_FLAG,
		.standard = "off",
		.commands = "show",
		.help = "list every file with its size and place",
	},
	[OPTION_FORCE] = {
		.name = "force",
		.type = OPTION_FLAG,
		.standard = "off",
		.commands = "run deploy media credential",
		.help = "do it again even if it is done already; of media: write over a file that exists; of "
				"credential: delete one that is used",
	},
	[OPTION_PRIORITY] = {
		.name = "priority",
		.type = OPTION_INTEGER,
		.standard = "",
		.argument = "N",
		.commands = "run prioritize",
		.low = -10,
		.high = 10,
		.help = "the place among what waits of the same user: -10 first, 10 last",
	},
	[OPTION_AT] = {
		.name = "at",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "TIME",
		.commands = "run expire",
		.help = "when: \"22:00\", \"in 5 minutes\", \"tomorrow 03:00\", \"2026-12-01 03:00+01\"; "
				"without an offset in the user's time zone",
	},
	[OPTION_STATUS] = {
		.name = "status",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "STATUS",
		.commands = "list tasks",
		.help = "only what has this status",
	},
	[OPTION_LIMIT] = {
		.name = "limit",
		.type = OPTION_INTEGER,
		.standard = "50",
		.argument = "N",
		.commands = "list tasks search audit",
		.low = 1,
		.high = 10000,
		.help = "at most so many lines; of search 10, if nothing is said",
	},
	[OPTION_REASON] = {
		.name = "reason",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "TEXT",
		.commands = "queue",
		.help = "why a queue is paused, for everybody who wonders",
	},
	[OPTION_FULL_NAME] = {
		.name = "full_name",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "TEXT",
		.commands = "user",
		.help = "the person's name",
	},
	[OPTION_ROLE] = {
		.name = "role",
		.type = OPTION_CHOICE,
		.standard = "user",
		.argument = "ROLE",
		.commands = "user",
		.choices = "user admin",
		.help = "what the person may do",
	},
	[OPTION_PUBLIC_URL] = {
		.name = "public_url",
		.env = "LEAP_PUBLIC_URL",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "URL",
		.commands = "user deploy",
		.help = "where people reach the page, for links that are shown; else leap.public_url says it",
	},
	[OPTION_TO] = {
		.name = "to",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "ADDRESS",
		.commands = "mail",
		.help = "who gets the test mail",
	},
	[OPTION_DEEP] = {
		.name = "deep",
		.type = OPTION_FLAG,
		.standard = "off",
		.commands = "doctor",
		.help = "doctor storage: read every file and compare its SHA-256, too",
	},
	[OPTION_REMOVE_ORPHANS] = {
		.name = "remove_orphans",
		.type = OPTION_FLAG,
		.standard = "off",
		.commands = "doctor",
		.help = "doctor storage: remove the files that no row names",
	},
	[OPTION_MARKDOWN] = {
		.name = "markdown",
		.type = OPTION_FLAG,
		.standard = "off",
		.commands = "options",
		.help = "print docs/configuration.md",
	},
};
/* clang-format on */

const Option *
option_row(OptionId id)
{
	if (id >= OPTION_ALLOW_PRIVATE_ADDRESSES && id < OPTION_JSON)
		return &option_net_rows[id - OPTION_ALLOW_PRIVATE_ADDRESSES];
	if (id >= OPTION_COLOR && id < OPTION_RECORDING)
		return &option_screen_rows[id - OPTION_COLOR];
	if (id >= OPTION_RECORDING && id < OPTION_LISTEN)
		return &option_words_rows[id - OPTION_RECORDING];
	if (id >= OPTION_LISTEN && id < OPTION_FAST)
		return &option_serve_rows[id - OPTION_LISTEN];
	if (id >= OPTION_FAST && id < OPTION_MARKDOWN)
		return &option_media_rows[id - OPTION_FAST];
	return &table[id];
}

const char *
option_flag_name(const Option *option, bool argument, char *text)
{
	bool named = argument && option->argument != NULL && option->type != OPTION_FLAG;

	snprintf(text, OPTION_FLAG_SIZE, "--%s", option->name);
	for (char *c = text; *c != '\0'; c++)
		*c = *c == '_' ? '-' : *c;
	if (named)
		snprintf(text + strlen(text), OPTION_FLAG_SIZE - strlen(text), "=%s",
				 option->argument);
	return text;
}

/* Is the word one of a blank-separated list? */
static bool
is_listed(const char *list, const char *word)
{
	size_t length = strlen(word);

	while (list != NULL && *list != '\0')
	{
		size_t next = strcspn(list, " ");

		if (next == length && strncmp(list, word, length) == 0)
			return true;
		list += next + (list[next] == ' ');
	}
	return false;
}

bool
option_is_common(const Option *option)
{
	return option->commands == NULL && option->env != NULL;
}

bool
option_belongs(const Option *option, const char *command)
{
	return option->commands == NULL ? !is_listed(option->except, command)
									: is_listed(option->commands, command);
}
