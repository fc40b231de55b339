/* sources: base/option.c base/nearest.c base/option_value.c base/option_table.c base/option_table_net.c base/option_table_screen.c base/option_table_serve.c base/option_table_words.c base/option_table_media.c base/option_print.c */
/* sources: base/error.c base/utf8.c base/path.c base/buffer.c */
/* libs: libcjson */
/*
 * tests/unit/test_option.c
 *	  Where a value comes from, and what is refused with which words.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/option.h"
#include "tap.h"

static char config[] = "/tmp/leap-option-XXXXXX";

static void
write_config(const char *text)
{
	FILE *file = fopen(config, "w");

	if (file == NULL)
		abort();
	fputs(text, file);
	fclose(file);
}

/* Reads words (blank-separated) as the command line. */
static bool
read_words(Options *options, const char *command, const char *words, Error *err)
{
	static char copy[256];
	static char *argv[32];
	char *rest = copy;
	int argc = 0;

	snprintf(copy, sizeof copy, "%s", words);
	while (words[0] != '\0' && (argv[argc] = strsep(&rest, " ")) != NULL)
		argc++;
	return options_read(options, command, argc, argv, err);
}

static void
test_precedence(void)
{
	Options options;
	Error err;

	write_config("");
	ok(read_words(&options, "worker", "", &err), "nothing given");
	is_str(option_text(&options, OPTION_SLOTS), "0", "the default");
	ok(!options.given[OPTION_SLOTS], "is not given");
	options_free(&options);

	write_config(
		"# a comment\n\n  slots = 3  \nstorage='/x y'\nuser = someone@example.org\n");
	ok(read_words(&options, "worker", "", &err), "a file");
	is_int((long long) option_number(&options, OPTION_SLOTS), 3, "over the default");
	is_str(option_text(&options, OPTION_STORAGE), "/x y", "quotes are taken off");
	options_free(&options);

	setenv("LEAP_SLOTS", "4", 1);
	ok(read_words(&options, "worker", "", &err), "the environment");
	is_int((long long) option_number(&options, OPTION_SLOTS), 4, "over the file");
	options_free(&options);

	ok(read_words(&options, "worker", "--slots=5", &err), "the command line");
	is_int((long long) option_number(&options, OPTION_SLOTS), 5, "over the environment");
	options_free(&options);
	unsetenv("LEAP_SLOTS");
}

static void
test_command_line(void)
{
	Options options;
	Error err;

	write_config("");
	ok(read_words(&options, "add", "a --watch b --name=x=y --language en -- --c", &err),
	   "flags and arguments mixed");
	is_int(options.argument_count, 3, "three arguments");
	is_str(options.arguments[2], "--c", "behind -- everything is one");
	ok(options.arguments[3] == NULL, "and they end");
	ok(option_flag(&options, OPTION_WATCH), "a flag without a value");
	is_str(option_text(&options, OPTION_LESSON_NAME), "x=y", "--name of add");
	is_str(option_text(&options, OPTION_WORKER_NAME), "", "is not --name of worker");
	is_str(option_text(&options, OPTION_LANGUAGE), "en", "a value behind a blank");
	options_free(&options);

	ok(read_words(&options, "worker", "--help --grace=5m --queues=notify,upload", &err),
	   "more");
	ok(options.help, "--help");
	is_int((long long) option_number(&options, OPTION_GRACE), 300, "five minutes");
	ok(option_has_word(&options, OPTION_QUEUES, "upload") &&
		   !option_has_word(&options, OPTION_QUEUES, "up"),
	   "words are whole");
	options_free(&options);

	ok(read_words(&options, "worker", "--queue upload=4 --queue=processing,notify=12",
				  &err),
	   "a list in parts");
	is_str(option_text(&options, OPTION_QUEUES), "upload=4,processing,notify=12",
		   "is put together");
	ok(option_has_word(&options, OPTION_QUEUES, "upload") &&
		   !option_has_word(&options, OPTION_QUEUES, "automation"),
	   "and says which words it has");
	options_free(&options);

	setenv("LEAP_QUEUES", "upload=2,processing", 1);
	ok(read_words(&options, "worker", "--queues=notify", &err),
	   "a list by its other name");
	is_str(option_text(&options, OPTION_QUEUES), "notify",
		   "over that of the environment");
	options_free(&options);
	unsetenv("LEAP_QUEUES");

	ok(read_words(&options, "worker", "--storage=rel --media-program=x", &err), "a path");
	ok(option_text(&options, OPTION_STORAGE)[0] == '/', "is made absolute");
	is_str(option_text(&options, OPTION_MEDIA_PROGRAM), "x", "dashes are underscores");
	options_free(&options);
}

static void
test_numbers(void)
{
	Options options;
	Error err = {0};

	ok(read_words(&options, "media",
				  "--threshold=-38.5 --max-trim-share 1 --step=", &err),
	   "numbers with decimals");
	ok(option_number(&options, OPTION_SILENCE_THRESHOLD) == -38.5, "by a shorter name");
	ok(option_number(&options, OPTION_MAX_TRIM_SHARE) == 1, "the limit itself");
	is_str(option_text(&options, OPTION_STEP), "", "none, where that is the default");
	is_str(option_text(&options, OPTION_SHORTEN_PAUSES_ABOVE), "",
		   "as without the option");
	options_free(&options);
}

static void
test_refusals(void)
{
	static const struct
	{
		const char *command;
		const char *words;
		const char *named; /* in the message */
	} rows[] = {
		{"worker", "--slots=x",                       "--slots"   },
		{"worker", "--slots=-1",                      "0 to 512"  },
		{"worker", "--slots=1.5",                     "1.5"       },
		{"worker", "--slots",                         "value"     },
		{"worker", "--grace=5y",                      "duration"  },
		{"worker", "--log-level=loud",                "debug info"},
		{"worker", "--queues=upload,other",           "upload"    },
		{"worker", "--queue=upload=0",                "1 to 1024" },
		{"worker", "--queue=upload=1025",             "1 to 1024" },
		{"worker", "--queue=upload=",                 "upload"    },
		{"worker", "--queue=upload=+2",               "upload"    },
		{"worker", "--queue=upload,upload",           "name once" },
		{"worker", "--queue a --queue b",             "out of"    },
		{"worker", "--queue upload --queue upload=2", "name once" },
		{"worker", "--queues=",                       "list"      },
		{"worker", "--storage=",                      "path"      },
		{"worker", "--watch",                         "--watch"   },
		{"add",    "--watch=maybe",                   "maybe"     },
		{"add",    "-w",							  "-w"        },
		{"worker", "--config=/nowhere/x",             "/nowhere/x"},
		{"topics", "--activate=",                     "1 to"      },
		{"topics", "--granularity=",                  "short"     },
		{"media",  "--max-trim-share=1.01",           "0 to 1"    },
		{"media",  "--max-trim-share=",               "0 to 1"    },
		{"media",  "--silence-threshold=1",           "-127 to 0" },
		{"media",  "--silence-threshold=nan",         "-127 to 0" },
		{"media",  "--shorten-pauses-to=0.1",         "0.2 to 60" },
		{"media",  "--step=1s",                       "number"    },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		Options options;
		Error err = {0};

		ok(!read_words(&options, rows[i].command, rows[i].words, &err) &&
			   strstr(err.message, rows[i].named) != NULL,
		   "%s %s: %s", rows[i].command, rows[i].words, err.message);
		options_free(&options);
	}
}

static void
test_bad_files(void)
{
	static const char *const bad[] = {"slots", "storag = x", "slots = many"};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
	{
		Options options;
		Error err = {0};

		write_config(bad[i]);
		ok(!read_words(&options, "worker", "", &err) &&
			   strstr(err.message, "line 1") != NULL,
		   "\"%s\": %s", bad[i], err.message);
		options_free(&options);
	}
	write_config("");
}

static void
test_texts(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	options_print_help(out, "worker");
	fflush(out);
	ok(strstr(text, "--media-program=FILE") != NULL && strstr(text, "--watch") == NULL,
	   "the help of a command lists its options only");
	options_print_markdown(out);
	fclose(out);
	for (int id = 0; id < OPTION_COUNT; id++)
		if (option_row((OptionId) id)->env != NULL)
			ok(strstr(text, option_row((OptionId) id)->env) != NULL, "%s is documented",
			   option_row((OptionId) id)->env);
	free(text);
}

int
main(void)
{
	int fd = mkstemp(config);

	if (fd < 0)
		return 1;
	close(fd);
	setenv("LEAP_CONFIG", config, 1);
	unsetenv("LEAP_STORAGE");
	test_precedence();
	test_command_line();
	test_numbers();
	test_refusals();
	test_bad_files();
	test_texts();
	unlink(config);
	return done_testing();
}
