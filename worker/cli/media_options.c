/*
 * cli/media_options.c
 *	  Which options go with what leap media is asked to do: one that would do nothing, or
 *	  contradicts another, is a mistake that is told before anything is read.
 */
#include <stdio.h>
#include <string.h>

#include "cli/media.h"

/* Which subcommands know an option; all know those that are not here. */
static const struct
{
	OptionId first;
	OptionId last;
	const char *subcommands;
} families[] = {
	{OPTION_FORCE,          OPTION_FORCE,             "trim envelope"},
	{OPTION_FAST,           OPTION_FAST,              "probe"        },
	{OPTION_CSV,            OPTION_WAVEFORM,          "envelope"     },
	{OPTION_MODE,           OPTION_STILL,             "trim"         },
	{OPTION_PADDING_BEFORE, OPTION_SHORTEN_PAUSES_TO, "probe trim"   },
	{OPTION_CRF,            OPTION_AUDIO_BITRATE,     "trim"         },
};

/* Where 0 means "as it is", and what else is the least. */
static const struct
{
	OptionId id;
	double least;
} steps[] = {
	{OPTION_MAX_HEIGHT,  144  },
	{OPTION_MAX_BITRATE, 50000},
};

typedef struct Wish
{
	const Options *options;
	const char *subcommand;
	bool writes; /* a file is to be written */
} Wish;

static bool
is_reencoded(const Wish *wish)
{
	return strcmp(option_text(wish->options, OPTION_MODE), "reencode") == 0;
}

static bool
shortens(const Wish *wish)
{
	return option_text(wish->options, OPTION_SHORTEN_PAUSES_ABOVE)[0] != '\0';
}

static bool
follows_speech(const Wish *wish)
{
	return !wish->options->flagged[OPTION_KEEP];
}

static bool
reads_all(const Wish *wish)
{
	return !option_flag(wish->options, OPTION_FAST);
}

static bool
prints_levels(const Wish *wish)
{
	return strcmp(wish->subcommand, "envelope") != 0 || !wish->writes;
}

static bool
writes_file(const Wish *wish)
{
	return wish->writes;
}

/* Options of a subcommand that count only where something else holds too. */
static const struct
{
	OptionId first;
	OptionId last;
	bool (*counts)(const Wish *wish);
	const char *otherwise;
} conditions[] = {
	{OPTION_CRF,               OPTION_AUDIO_BITRATE,     is_reencoded,   "without --mode reencode" },
	{OPTION_SHORTEN_PAUSES_TO, OPTION_SHORTEN_PAUSES_TO, shortens,
	 "without --shorten-pauses-above"															  },
	{OPTION_PADDING_BEFORE,    OPTION_SHORTEN_PAUSES_TO, follows_speech,
	 "beside --keep, which says what stays"														},
	{OPTION_PADDING_BEFORE,    OPTION_SHORTEN_PAUSES_TO, reads_all,
	 "beside --fast, which looks for no speech"													},
	{OPTION_CSV,               OPTION_STEP,              prints_levels,  "where a file is written" },
	{OPTION_FORCE,             OPTION_FORCE,             writes_file,    "where no file is written"},
};

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

/* "--max-height" */
static const char *
flag_of(OptionId id, char text[40])
{
	snprintf(text, 40, "--%s", option_row(id)->name);
	for (char *c = text; *c != '\0'; c++)
		*c = *c == '_' ? '-' : *c;
	return text;
}

static bool
refuse(const char *rule)
{
	(void) session_usage("media", rule);
	return false;
}

static bool
check_families(const Wish *wish)
{
	char rule[160];
	char flag[40];

	for (size_t i = 0; i < COUNT_OF(families); i++)
		for (int id = families[i].first; id <= (int) families[i].last; id++)
		{
			if (!wish->options->flagged[id] ||
				strstr(families[i].subcommands, wish->subcommand) != NULL)
				continue;
			snprintf(rule, sizeof rule, "%s does nothing for %s, only for: %s",
					 flag_of((OptionId) id, flag), wish->subcommand,
					 families[i].subcommands);
			return refuse(rule);
		}
	return true;
}

static bool
check_conditions(const Wish *wish)
{
	char rule[160];
	char flag[40];

	for (size_t i = 0; i < COUNT_OF(conditions); i++)
		for (int id = conditions[i].first; id <= (int) conditions[i].last; id++)
		{
			if (!wish->options->flagged[id] || conditions[i].counts(wish))
				continue;
			snprintf(rule, sizeof rule, "%s does nothing %s",
					 flag_of((OptionId) id, flag), conditions[i].otherwise);
			return refuse(rule);
		}
	return true;
}

static bool
check_values(const Options *options)
{
	double above = option_number(options, OPTION_SHORTEN_PAUSES_ABOVE);
	char rule[160];
	char flag[40];

	for (size_t i = 0; i < COUNT_OF(steps); i++)
		if (option_number(options, steps[i].id) > 0 &&
			option_number(options, steps[i].id) < steps[i].least)
		{
			snprintf(rule, sizeof rule, "%s: \"%s\" is less than %.10g, and not 0",
					 flag_of(steps[i].id, flag), option_text(options, steps[i].id),
					 steps[i].least);
			return refuse(rule);
		}
	if (options->flagged[OPTION_KEEP] && option_text(options, OPTION_KEEP)[0] == '\0')
		return refuse("--keep names no part; leave it out to keep what the speech "
					  "suggests");
	if (options->flagged[OPTION_WAVEFORM] &&
		option_text(options, OPTION_WAVEFORM)[0] == '\0')
		return refuse("--waveform names no file");
	if (above > 0 && option_number(options, OPTION_SHORTEN_PAUSES_TO) >= above)
		return refuse("--shorten-pauses-to must be less than --shorten-pauses-above");
	if (above > 0 && options->flagged[OPTION_MODE] &&
		strcmp(option_text(options, OPTION_MODE), "copy") == 0)
		return refuse("--mode copy cannot shorten pauses: say exact or reencode, or "
					  "leave it out");
	if (option_flag(options, OPTION_CSV) && option_flag(options, OPTION_JSON))
		return refuse("--csv and --json exclude each other");
	return true;
}

bool
media_check_options(const Options *options, const char *subcommand, bool writes)
{
	const Wish wish = {options, subcommand,
					   writes || option_text(options, OPTION_WAVEFORM)[0] != '\0'};

	return check_families(&wish) && check_values(options) && check_conditions(&wish);
}
