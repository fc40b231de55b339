/*
 * cli/complete.c
 *	  leap complete: what may stand in place of the last word of a command line.
 *
 * The shells ask it (cli/completion.c), so commands, options and values are always those of
 * the tables. Names come from the database, if that answers at once; whatever goes wrong is
 * no candidate and no message.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/text.h"

#define QUICK_SECONDS "2"
#define ABOUT_COLUMNS 60

/* Kinds of words that the database knows: rows {value, about}; $1 is what was typed. Ids of
 * recordings begin alike, so the end of one is as good, and so is a name that only one has. */
static const struct
{
	const char *kind;
	const char *sql;
} kinds[] = {
	{"recording",
	 "SELECT r.id AS value, r.status || '  ' || r.display_name AS about FROM (SELECT * "
	 "FROM "
	 "leap.recordings x WHERE x.delete_state = 'active' AND x.id::text LIKE $1 || '%' "
	 "ORDER "
	 "BY x.id DESC LIMIT 40) r UNION ALL SELECT n.id, n.status || '  ' || n.display_name "
	 "FROM leap.recordings n WHERE length($1) > 2 AND n.delete_state = 'active' AND n.id "
	 "IN "
	 "(SELECT (min(y.id::text))::uuid FROM leap.recordings y WHERE y.delete_state = "
	 "'active' AND (starts_with(lower(y.display_name), lower($1)) OR y.id::text LIKE "
	 "'%-%-%-%-%' || $1 || '%') HAVING count(*) = 1)"                                              },
	{"deleted",
	 "SELECT r.id AS value, r.display_name AS about FROM leap.recordings r WHERE "
	 "r.delete_state = 'soft' AND r.id::text LIKE $1 || '%' ORDER BY r.id DESC LIMIT 40"           },
	{"task",         "SELECT t.task AS value, x.kind || '  ' || x.state AS about FROM (SELECT "
			 "l.task FROM "
			 "leap.task_lease l UNION ALL (SELECT c.task FROM leap.task_ready c LIMIT "
			 "40)) t JOIN "
			 "leap.tasks x ON x.id = t.task WHERE t.task::text LIKE $1 || '%' LIMIT 40"},
	{"source",
	 "SELECT s->>'name' AS value, s->>'source_type' AS about FROM leap.source_list() s"            },
	{"credential",   "SELECT format('%s/%s', c->>'platform', c->>'account_name') AS value, "
				   "c->>'state' AS "
				   "about FROM leap.credential_list() c"                         },
	{"credentialed",
	 "SELECT DISTINCT f.platform AS value, '' AS about FROM leap.credential_fields() f"            },
	{"platform",
	 "SELECT DISTINCT e.platform AS value, '' AS about FROM leap.endpoint_names() e"               },
	{"queue",        "SELECT q AS value, '' AS about FROM unnest(leap.queue_names()) q"            },
	{"user",         "SELECT u.email AS value, u.full_name AS about FROM leap.users u LIMIT 200"   },
	{"status",
	 "SELECT DISTINCT f.to_status AS value, '' AS about FROM leap.fsm() f WHERE "
	 "f.entity = 'recording'"																	  },
	{"provider",
	 "SELECT DISTINCT p.provider AS value, '' AS about FROM leap.providers p"                      },
};

/* What values of options are, by the name of the value in help texts. */
static const struct
{
	const char *argument;
	const char *kind;
} arguments[] = {
	{"EMAIL",           "user"     },
    {"STATUS",          "status"   },
    {"RECORDING",       "recording"},
	{"FILE",            "file"     },
    {"FOLDER",          "file"     },
    {"FOLDER|s3://...", "file"     },
	{"NAME[,NAME]",     NULL       },
    {"PROVIDER",        "provider" },
};

typedef struct Completion
{
	const Options *options; /* of this command: where the database is */
	const char *database;   /* what --database of the line says, or NULL */
	const char *word;       /* what is typed so far */
	const char *before;     /* put in front of each value: "--user=" */
} Completion;

/* One candidate, if it begins with what was typed. */
static void
offer(const Completion *about, const char *value, const char *text, bool any)
{
	if (!any && strncmp(value, about->word, strlen(about->word)) != 0)
		return;
	if (strpbrk(value, "\n\t") != NULL)
		return;
	printf("%s%s\t", about->before, value);
	text_print(text, ABOUT_COLUMNS);
	putchar('\n');
}

static void
offer_words(const Completion *about, const char *words)
{
	char word[64];

	while (words != NULL && *words != '\0')
	{
		size_t length = strcspn(words, " ");

		snprintf(word, sizeof word, "%.*s", (int) length, words);
		offer(about, word, "", false);
		words += length + (words[length] == ' ');
	}
}

/* Names of the database: nobody waits for one that does not answer. */
static void
offer_names(const Completion *about, const char *kind, const char *sql)
{
	CLEANUP(db) Db *db = NULL;
	CLEANUP(free) char *query = NULL;
	CLEANUP(json) cJSON *rows = NULL;
	const char *params[] = {about->word};
	const cJSON *row;
	Error err = {0};

	(void) setenv("PGCONNECT_TIMEOUT", QUICK_SECONDS, 0);
	(void) setenv("PGOPTIONS", "-c statement_timeout=1500", 0);
	if (asprintf(&query,
				 "SELECT coalesce(jsonb_agg(x), '[]') FROM (%s) x WHERE $1::text IS NOT "
				 "NULL",
				 sql) < 0 ||
		!db_open(about->database != NULL ? about->database
										 : option_text(about->options, OPTION_DATABASE),
				 "leap", &db, &err) ||
		!db_json(db, query, params, 1, &rows, &err))
		return;
	cJSON_ArrayForEach(row, rows)
		offer(about, json_text(row, "value", ""), json_text(row, "about", ""),
			  strcmp(kind, "recording") == 0);
}

/* "file" is left to the shell, which knows its own ways. */
static void
offer_kind(const Completion *about, const char *kind, size_t length)
{
	const Command *command = NULL;

	if (length == 4 && strncmp(kind, "file", 4) == 0)
		puts(":file");
	while (length == 7 && strncmp(kind, "command", 7) == 0 &&
		   (command = command_next(command)) != NULL)
		if (command->summary != NULL)
			offer(about, command->name, command->summary, false);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strlen(kinds[i].kind) == length && strncmp(kinds[i].kind, kind, length) == 0)
			offer_names(about, kinds[i].kind, kinds[i].sql);
}

static void
offer_value(const Completion *about, const Option *option)
{
	static const char switches[] = "on off";

	if (option->type == OPTION_FLAG)
		offer_words(about, switches);
	else if (option->choices != NULL)
		offer_words(about, option->choices);
	else if (option->type == OPTION_PATH)
		puts(":file");
	for (size_t i = 0;
		 option->argument != NULL && i < sizeof arguments / sizeof arguments[0]; i++)
		if (arguments[i].kind != NULL && option->type != OPTION_PATH &&
			strcmp(option->argument, arguments[i].argument) == 0)
			offer_kind(about, arguments[i].kind, strlen(arguments[i].kind));
	if (strcmp(option->name, "credential") == 0)
		offer_kind(about, "credential", strlen("credential"));
}

static void
offer_options(const Completion *about, const char *command)
{
	char flag[OPTION_FLAG_SIZE];
	char word[OPTION_FLAG_SIZE + 1];

	for (int id = 0; id < OPTION_COUNT; id++)
	{
		const Option *option = option_row((OptionId) id);

		if (!option_belongs(option, command))
			continue;
		option_flag_name(option, false, flag);
		snprintf(word, sizeof word, "%s%s", flag, option->type == OPTION_FLAG ? "" : "=");
		offer(about, word, option->help, false);
	}
	offer(about, "--help", "show the manual of the command", false);
}

/* The kinds of the verb that was typed, of all verbs their names. `place` counts the
 * arguments before the word. */
static void
offer_argument(const Completion *about, const char *completes, const char *verb,
			   int place)
{
	char name[32];

	while (completes != NULL && *completes != '\0')
	{
		size_t end = strcspn(completes, " ");
		size_t colon = strcspn(completes, ":");
		const char *list = completes + colon + 1;
		int at = colon == 0 ? place : place - 1;
		size_t kind;

		snprintf(name, sizeof name, "%.*s", (int) colon, completes);
		if (colon > 0 && place == 0)
			offer(about, name, "", false);
		else if (colon == 0 || strcmp(verb, name) == 0)
		{
			for (kind = strcspn(list, ", "); at > 0 && list[kind] == ','; at--)
			{
				list += kind + 1;
				kind = strcspn(list, ", ");
			}
			offer_kind(about, list, kind);
		}
		completes += end + (completes[end] == ' ');
	}
}

/* The option whose value the word is: of "--user=te", and of "te" behind "--user". */
static const Option *
option_of(Completion *about, const char *command, const char *previous, char *before,
		  size_t size)
{
	const char *word = about->word;
	size_t equals = strcspn(word, "=");
	OptionId id = OPTION_COUNT;

	if (strncmp(word, "--", 2) == 0 && word[equals] == '=')
	{
		id = option_find(command, word + 2, equals - 2);
		snprintf(before, size, "%.*s", (int) equals + 1, word);
		about->before = before;
		about->word = word + equals + 1;
	}
	else if (strncmp(previous, "--", 2) == 0 && strchr(previous, '=') == NULL)
	{
		id = option_find(command, previous + 2, strlen(previous + 2));
		if (id != OPTION_COUNT && option_row(id)->type == OPTION_FLAG)
			id = OPTION_COUNT;
	}
	return id != OPTION_COUNT ? option_row(id) : NULL;
}

/* What stands before the word: how many arguments, the first of them, and which database. */
static int
read_before(Completion *about, const char *command, int argc, char **argv,
			const char **verb)
{
	int place = 0;

	for (int at = 1; at < argc - 1; at++)
	{
		const char *flag = argv[at];
		size_t equals = strcspn(flag, "=");
		OptionId id;

		if (strncmp(flag, "--", 2) != 0)
		{
			*verb = place++ == 0 ? flag : *verb;
			continue;
		}
		id = option_find(command, flag + 2, equals - 2);
		if (id == OPTION_COUNT || option_row(id)->type == OPTION_FLAG)
			continue;
		/* its value is no argument */
		flag = flag[equals] == '=' ? flag + equals + 1 : argv[++at];
		if (id == OPTION_DATABASE)
			about->database = flag;
	}
	return place;
}

ExitCode
complete_command(const Options *options, int argc, char **argv)
{
	Completion about = {
		.options = options, .word = argc > 0 ? argv[argc - 1] : "", .before = ""};
	const Command *command = argc > 1 ? command_find(argv[0]) : NULL;
	const Option *option;
	const char *verb = "";
	char before[128];
	int place;

	log_set_level("error");
	if (argc <= 1)
		offer_kind(&about, "command", strlen("command"));
	if (command == NULL)
		return EXIT_DONE;
	option = option_of(&about, command->name, argc > 2 ? argv[argc - 2] : "", before,
					   sizeof before);
	place = read_before(&about, command->name, argc, argv, &verb);
	if (option != NULL)
		offer_value(&about, option);
	else if (about.before[0] == '\0' && strncmp(about.word, "-", 1) == 0)
		offer_options(&about, command->name);
	else if (about.before[0] == '\0')
		offer_argument(&about, command->completes, verb, place);
	return EXIT_DONE;
}
