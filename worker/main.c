/*
 * main.c
 *	  The program `leap`: finds the command, reads its options, runs it.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/option.h"
#include "base/vitals.h"
#include "cli/cli.h"
#include "cli/complaint.h"
#include "cli/help.h"
#include "gate/serve.h"
#include "http/metrics.h"
#include "task/child.h"
#include "task/kinds.h"
#include "task/worker.h"

static ExitCode run_options(const Options *options, int argc, char **argv);
static ExitCode run_worker(const Options *options, int argc, char **argv);

/* Commands that are not for everyday use. */
static const Command own_commands[] = {
	{.name = "worker",
	 .arguments = "",
	 .summary = "do the work: claim tasks and run them",
	 .manual =
		 "Runs until SIGTERM or SIGINT: then it claims nothing more, lets running tasks\n"
		 "go on for --grace seconds and hands back what is not done. A second signal\n"
		 "hands back at once. Start as many workers on as many machines as you like;\n"
		 "all need the same database and the same storage.", .run = run_worker},
	{.name = "serve",
	 .arguments = "",
	 .summary = "answer HTTP: the api schema, files and events",
	 .manual = "Runs until SIGTERM or SIGINT: then it takes no more clients and ends "
			   "behind the\n"
			   "last answer, at the latest after --grace seconds. SIGHUP starts new "
			   "processes,\n"
			   "which read keys and catalog anew, and lets the old ones finish.", .run = serve_command},
	{.name = "child",										 .arguments = "", .run = child_command},
	{.name = "kinds",
	 .arguments = "",
	 .summary = "print as JSON which tasks, platforms and providers are known",
	 .run = kinds_command},
	{.name = "options",
	 .arguments = "",
	 .summary = "print every option with default and meaning",
	 .run = run_options},
	{.name = NULL									 },
};

const Command *const command_tables[] = {cli_commands, own_commands, NULL};

static ExitCode
run_options(const Options *options, int argc, char **argv)
{
	(void) argc;
	(void) argv;
	if (option_flag(options, OPTION_JSON))
		options_print_json(stdout);
	else if (option_flag(options, OPTION_MARKDOWN))
		options_print_markdown(stdout);
	else
		options_print_all(stdout);
	return EXIT_DONE;
}

/* Starts the server of metrics if one is wanted, before anything else is open. */
static bool
start_metrics(const Options *options, MetricsSettings *settings, MetricsWorker *worker,
			  Vitals **vitals, Error *err)
{
	settings->place = option_text(options, OPTION_METRICS);
	settings->database = option_text(options, OPTION_DATABASE);
	worker->name = option_text(options, OPTION_WORKER_NAME);
	if (settings->place[0] == '\0')
		return true;
	if (!vitals_share(vitals, err))
		return false;
	worker->vitals = *vitals;
	settings->source = metrics_worker(worker);
	return metrics_start(settings, err);
}

static ExitCode
run_worker(const Options *options, int argc, char **argv)
{
	MetricsSettings metrics = {0};
	MetricsWorker worker = {0};
	Vitals *vitals = NULL;
	Error err = {0};

	(void) argv;
	if (!start_metrics(options, &metrics, &worker, &vitals, &err))
	{
		fprintf(stderr, "leap worker: %s\n", err.message);
		if (err.hint[0] != '\0')
			fprintf(stderr, "hint: %s\n", err.hint);
		return strcmp(err.code, "usage") == 0 ? EXIT_USAGE : EXIT_FAILED;
	}
	return worker_run(options, argc, vitals);
}

static ExitCode
run_command(const Command *command, int argc, char **argv)
{
	CLEANUP(options) Options options;
	Error err = {0};

	if (!options_read(&options, command->name, argc, argv, &err))
	{
		char name[80];

		snprintf(name, sizeof name, "leap %s", command->name);
		return complaint_tell(name, NULL, &err);
	}
	if (options.help)
	{
		help_command_manual(stdout, command);
		return EXIT_DONE;
	}
	log_set_level(option_text(&options, OPTION_LOG_LEVEL));
	log_set_format(option_text(&options, OPTION_LOG_FORMAT));
	return command->run(&options, options.argument_count, options.arguments);
}

/* A program is told what is wrong with its words, too: before they are read. */
static bool
wants_json(int argc, char **argv)
{
	bool json = false;

	for (int at = 1; at < argc && strcmp(argv[at], "--") != 0; at++)
		if (strncmp(argv[at], "--json", 6) == 0 &&
			(argv[at][6] == '\0' || argv[at][6] == '='))
			json = argv[at][6] == '\0' || strstr("=on=true=yes=1", argv[at] + 6) != NULL;
	return json;
}

int
main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	const Command *command = command_find(name);

	complaint_for_programs(wants_json(argc, argv));
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		command = command_find("help");
	if (command != NULL)
		return (int) run_command(command, argc - 2, argv + 2);
	if (strcmp(name, "--version") == 0)
	{
		puts("leap " LEAP_VERSION);
		return EXIT_DONE;
	}
	if (name[0] != '\0')
		return help_unknown(name);
	help_overview(stderr);
	return EXIT_USAGE;
}
