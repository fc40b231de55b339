/*
 * base/option_table_words.c
 *	  The rows of the table of options that only the commands about words have.
 */
#include "base/option_rows.h"

/* one option, one paragraph */
/* clang-format off */
const Option option_words_rows[OPTION_LISTEN - OPTION_RECORDING] = {
	[0] = { /* OPTION_RECORDING */
		.name = "recording",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "ID",
		.commands = "search",
		.help = "only what was said in this recording",
	},
	[OPTION_PROVIDER - OPTION_RECORDING] = {
		.name = "provider",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "NAME",
		.commands = "add retry topics",
		.help = "of add: who hears it, instead of those it is configured with; of retry: have it heard again, by "
				"this provider first; of topics: who finds them",
	},
	[OPTION_GRANULARITY - OPTION_RECORDING] = {
		.name = "granularity",
		.type = OPTION_CHOICE,
		.standard = "",
		.argument = "WORD",
		.commands = "topics",
		.choices = "short medium long",
		.help = "find the topics anew: short is few long topics (of 5 to 40 minutes), medium is 4 to 20, long is many short ones (of 3 to 12)",
	},
	[OPTION_EDIT - OPTION_RECORDING] = {
		.name = "edit",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "FILE",
		.commands = "topics",
		.help = "change the topics by a file of JSON, - is standard input: {\"topics\": [{\"title\", \"start\"}], "
				"\"main_topics\", \"summary\", \"questions\"}, or some of these",
	},
	[OPTION_ACTIVATE - OPTION_RECORDING] = {
		.name = "activate",
		.type = OPTION_INTEGER,
		.standard = "",
		.argument = "VERSION",
		.commands = "topics",
		.low = 1,
		.high = 1000000,
		.help = "put this version of the topics in use",
	},
	[OPTION_REMOVE - OPTION_RECORDING] = {
		.name = "remove",
		.type = OPTION_FLAG,
		.standard = "off",
		.commands = "captions",
		.help = "take the captions in --language away",
	},
	[OPTION_ANEW - OPTION_RECORDING] = {
		.name = "anew",
		.type = OPTION_FLAG,
		.standard = "off",
		.commands = "retry",
		.help = "failed uploads begin at their beginning, not where they broke off",
	},
	[OPTION_TARGET - OPTION_RECORDING] = {
		.name = "target",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "NAME",
		.commands = "unpublish",
		.help = "only there: a platform such as youtube, or the id of a target or preset",
	},
	[OPTION_SITE - OPTION_RECORDING] = {
		.name = "site",
		.type = OPTION_FLAG,
		.standard = "off",
		.commands = "add",
		.help = "the URL is a page of a video site, which a worker with --yt-dlp fetches",
	},
	[OPTION_QUALITY - OPTION_RECORDING] = {
		.name = "quality",
		.type = OPTION_TEXT,
		.standard = "",
		.argument = "HEIGHT",
		.commands = "add",
		.help = "with --site: best, 1080p, 720p or 480p; leap formats tells what there is",
	},
};
/* clang-format on */
