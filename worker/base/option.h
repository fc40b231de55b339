/*
 * base/option.h
 *	  Options of all commands: one table says name, type, default and help of each.
 *
 * A value comes from, in this order: the command line (--media-program), the environment
 * (LEAP_MEDIA_PROGRAM), a configuration file (media_program = ...), the default. Files are
 * /etc/leap/leap.conf, then ~/.config/leap/leap.conf over it, or only the one named by
 * --config. The list of queues may come in parts: --queue a --queue b=2. Help texts and
 * docs/configuration.md are printed from the table.
 */
#ifndef LEAP_BASE_OPTION_H
#define LEAP_BASE_OPTION_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

typedef enum OptionId
{
	OPTION_DATABASE,
	OPTION_STORAGE,
	OPTION_STORAGE_FROM,
	OPTION_STORAGE_KEYS,
	OPTION_SPOOL,
	OPTION_SPOOL_BYTES,
	OPTION_LIBRARY,
	OPTION_LIBRARY_URL,
	OPTION_MEDIA_PROGRAM,
	OPTION_SCHEMA_DIR,
	OPTION_CONFIG,
	OPTION_LOG_LEVEL,
	OPTION_LOG_FORMAT,
	OPTION_METRICS,
	OPTION_SLOTS,
	OPTION_QUEUES,
	OPTION_WORKER_NAME,
	OPTION_GRACE,
	OPTION_THREADS,
	OPTION_MEDIA_SECONDS,
	OPTION_ALLOW_PRIVATE_ADDRESSES, /* from here on: option_table_net.c */
	OPTION_ALLOW_ADDRESS,
	OPTION_YT_DLP,
	OPTION_PROXY,
	OPTION_PROVIDER_KEYS,
	OPTION_CREDENTIAL_KEYS,
	OPTION_SMTP_URL,
	OPTION_SMTP_USER,
	OPTION_SMTP_PASSWORD_FILE,
	OPTION_SMTP_TLS,
	OPTION_SMTP_CA_FILE,
	OPTION_MAIL_FROM,
	OPTION_JSON, /* from here on: option_table.c */
	OPTION_VERBOSE,
	OPTION_USER,
	OPTION_LESSON_NAME,
	OPTION_LANGUAGE,
	OPTION_PATTERN,
	OPTION_SINCE,
	OPTION_UNTIL,
	OPTION_DRY_RUN,
	OPTION_WATCH,
	OPTION_FILES,
	OPTION_FORCE,
	OPTION_PRIORITY,
	OPTION_AT,
	OPTION_STATUS,
	OPTION_LIMIT,
	OPTION_REASON,
	OPTION_FULL_NAME,
	OPTION_ROLE,
	OPTION_PUBLIC_URL,
	OPTION_TO,
	OPTION_DEEP,
	OPTION_REMOVE_ORPHANS,
	OPTION_COLOR, /* from here on: option_table_screen.c */
	OPTION_ALL,
	OPTION_ONCE,
	OPTION_SORT,
	OPTION_CREDENTIAL,
	OPTION_RECORDING, /* from here on: option_table_words.c */
	OPTION_PROVIDER,
	OPTION_GRANULARITY,
	OPTION_EDIT,
	OPTION_ACTIVATE,
	OPTION_REMOVE,
	OPTION_ANEW,
	OPTION_TARGET,
	OPTION_SITE,
	OPTION_QUALITY,
	OPTION_LISTEN, /* from here on: option_table_serve.c */
	OPTION_PROCESSES,
	OPTION_CONNECTIONS,
	OPTION_SCHEMAS,
	OPTION_EXTRA_SEARCH_PATH,
	OPTION_ANON_ROLE,
	OPTION_JWT_SECRET_FILE,
	OPTION_JWKS_FILE,
	OPTION_JWT_AUDIENCE,
	OPTION_PRE_REQUEST,
	OPTION_TRUSTED_PROXIES,
	OPTION_MAX_ROWS,
	OPTION_BODY_LIMIT,
	OPTION_MAX_CLIENTS,
	OPTION_MAX_ADDRESS_CLIENTS,
	OPTION_RATE_LIMIT,
	OPTION_ADDRESS_RATE_LIMIT,
	OPTION_TRANSACTION_END,
	OPTION_OPENAPI_MODE,
	OPTION_UNFILTERED,
	OPTION_PUBLIC_URI,
	OPTION_EVENT_INTERVAL,
	OPTION_MAX_USER_STREAMS,
	OPTION_FILE_LINKS,
	OPTION_FILE_LINK_SECONDS,
	OPTION_PAGE,
	OPTION_FAST, /* from here on: option_table_media.c */
	OPTION_CSV,
	OPTION_STEP,
	OPTION_WAVEFORM,
	OPTION_MODE,
	OPTION_KEEP,
	OPTION_AUDIO_TRACK,
	OPTION_STILL,
	OPTION_PADDING_BEFORE,
	OPTION_PADDING_AFTER,
	OPTION_MIN_SILENCE_DURATION,
	OPTION_MAX_TRIM_SHARE,
	OPTION_SILENCE_THRESHOLD,
	OPTION_SHORTEN_PAUSES_ABOVE,
	OPTION_SHORTEN_PAUSES_TO,
	OPTION_CRF,
	OPTION_MAX_HEIGHT,
	OPTION_MAX_BITRATE,
	OPTION_AUDIO_BITRATE,
	OPTION_MARKDOWN,
	OPTION_COUNT
} OptionId;

typedef enum OptionType
{
	OPTION_TEXT,
	OPTION_FLAG,    /* --watch, --watch=off; on/off, true/false, yes/no, 1/0 */
	OPTION_INTEGER, /* within low..high */
	OPTION_NUMBER, /* with decimals, within low..high; "": none, where that is the default */
	OPTION_SECONDS, /* "30", "30s", "5m", "1h", within low..high */
	OPTION_CHOICE,  /* one of choices */
	OPTION_WORDS,   /* some of choices, comma-separated */
	OPTION_SHARES,  /* the same, each with "=N" within low..high or without */
	OPTION_LIST,    /* words between commas, or the option again and again */
	OPTION_PATH, /* made absolute against the current folder; "~/" is the home folder */
	OPTION_PLACE /* the same, or s3://...; "": none, where that is the default */
} OptionType;

typedef struct Option
{
	const char *name; /* with underscores; as a flag with dashes */
	const char *also; /* another name it is known by, or NULL */
	const char *env;  /* NULL = not from the environment and not from a file */
	OptionType type;
	const char *standard; /* the default, as a person would write it; "": none */
	const char *argument; /* name of the value in help texts */
	const char *help;
	const char *commands; /* blank-separated; NULL = all */
	const char *except;   /* of all, blank-separated; NULL = none */
	double low;
	double high;
	const char *choices; /* blank-separated */
} Option;

typedef struct Options
{
	char *text[OPTION_COUNT]; /* never NULL after options_read */
	double number[OPTION_COUNT];
	bool given[OPTION_COUNT];   /* not just the default */
	bool flagged[OPTION_COUNT]; /* on the command line */
	char **arguments;           /* what is no option; NULL-terminated; points into argv */
	int argument_count;
	bool help; /* --help or -h was given */
} Options;

/*
 * Reads all sources for `command`; argv is what follows its name. A failure (class
 * permanent, code usage) names option, value and rule. options_free in either case.
 */
bool options_read(Options *options, const char *command, int argc, char **argv,
				  Error *err);
void options_free(Options *options);

/* For CLEANUP(options). */
static inline void
cleanup_options(Options *options)
{
	options_free(options);
}

/* The value of an option: text as given (paths absolute), or as number or truth. */
const char *option_text(const Options *options, OptionId id);
double option_number(const Options *options, OptionId id);
bool option_flag(const Options *options, OptionId id);

/* True when the comma-separated value of a WORDS or SHARES option contains word; behind a
 * word of shares its number may stand. */
bool option_has_word(const Options *options, OptionId id, const char *word);

/* The table's row. */
const Option *option_row(OptionId id);

/* Does the command accept this option? */
bool option_belongs(const Option *option, const char *command);

/* Is it a setting of the installation, the same for all commands? */
bool option_is_common(const Option *option);

/* The option of a command that is called so, with dashes or underscores, in the first
 * `length` bytes; OPTION_COUNT when there is none. */
OptionId option_find(const char *command, const char *name, size_t length);

/* "--media-program", and with argument "--media-program=FILE"; text holds OPTION_FLAG_SIZE. */
#define OPTION_FLAG_SIZE 96
const char *option_flag_name(const Option *option, bool argument, char *text);

/* The rule for its values, "one of: a b", "whole number, 1 to 9", for people. */
void option_print_rule(FILE *out, const Option *option);

/* The options of a command, as the second half of its --help: first its own. */
void options_print_help(FILE *out, const char *command);

/* Every option once, whatever command it belongs to. */
void options_print_all(FILE *out);

/* docs/configuration.md. */
void options_print_markdown(FILE *out);

/* The same for programs: an array of {name, type, default, help, ...}. */
void options_print_json(FILE *out);

#endif
