/*
 * cli/table.c
 *	  The commands people use, in the order of `leap --help`.
 */
#include "cli/cli.h"

#include <stddef.h>

#include "cli/commands.h"

#define ID_MANUAL \
	"ID is a recording's id, or enough of its beginning or end to name only one."

const Command cli_commands[] = {
	{.name = "add",
	 .arguments = "FILE|URL",
	 .summary = "add a recording and start its run",
	 .manual =
		 "A file is named by operators and must lie below one of the folders of the\n"
		 "database setting leap.import_roots; a URL starts with http:// or https://.\n"
		 "Prints the id of the recording.", .run = add_command},
	{.name = "list",
	 .arguments = "",
	 .summary = "list recordings, the newest first",
	 .run = list_command},
	{.name = "show",
	 .arguments = "ID",
	 .summary = "tell all about a recording",
	 .manual = ID_MANUAL,
	 .run = show_command},
	{.name = "watch",
	 .arguments = "[ID]",
	 .summary = "watch a run until it ends",
	 .manual =
		 ID_MANUAL "\nWithout ID the newest recording. A terminal shows each step as it "
				   "goes; otherwise\n"
				   "there is a line per event. Ends with 0 when the lesson is published, "
				   "1 when the run\n"
				   "failed or was cancelled, 4 when it is held until a person decides.", .run = watch_command},
	{.name = "run",
	 .arguments = "ID",
	 .summary = "start a run: continue where the recording stands",
	 .manual = ID_MANUAL
	 "\nWith --force everything is done again.\n"
	 "--priority puts it before (-10) or behind (10) what else waits of the\n"
	 "same user; --at lets it wait for its time.", .run = run_command_of},
	{.name = "retry",
	 .arguments = "ID",
	 .summary = "try a failed recording again from the failed step",
	 .manual = ID_MANUAL
	 "\nWith --provider it is heard again, also when it is held for the quality of its\n"
	 "transcript or has been through: by that provider first, this once.", .run = retry_command},
	{.name = "cancel",
	 .arguments = "ID",
	 .summary = "cancel the active run",
	 .manual = ID_MANUAL,
	 .run = cancel_command},
	{.name = "prioritize",
	 .arguments = "ID",
	 .summary = "put what waits of a recording first or last",
	 .manual = ID_MANUAL
	 "\n--priority says where: from -10 (first) over 0 (usual) to 10 (last), "
	 "among what\nwaits of the same user. Running tasks go on.", .run = prioritize_command},
	{.name = "pause",
	 .arguments = "ID",
	 .summary = "hold a recording after its running tasks",
	 .manual = ID_MANUAL,
	 .run = pause_command},
	{.name = "resume",
	 .arguments = "ID",
	 .summary = "let a paused recording go on",
	 .manual = ID_MANUAL,
	 .run = resume_command},
	{.name = "accept",
	 .arguments = "ID",
	 .summary = "let a recording go on that was held as doubtful",
	 .manual = ID_MANUAL
	 "\nHeld as doubtful is what is blank, badly understood, or killed its workers.", .run = accept_command},
	{.name = "delete",
	 .arguments = "ID",
	 .summary = "delete a recording; it can be restored for a while",
	 .manual =
		 ID_MANUAL "\nIts run is cancelled. After leap.deleted_days (30) its files go.\n"
				   "What is published stays published.", .run = delete_command},
	{.name = "restore",
	 .arguments = "ID",
	 .summary = "bring a deleted recording back",
	 .manual = ID_MANUAL,
	 .run = restore_command},
	{.name = "search",
	 .arguments = "WORD...",
	 .summary = "find where something was said",
	 .manual = "Words in any form, \"several together\", one or another, -none of this:\n"
			   "write -- before words of which one begins with -. Tells the moment, the "
			   "recording,\nand what was said there, the best first.", .run = search_command},
	{.name = "transcript",
	 .arguments = "ID",
	 .summary = "print what was said in a recording",
	 .manual = ID_MANUAL,
	 .run = transcript_command},
	{.name = "topics",
	 .arguments = "ID",
	 .summary = "show the topics of a recording, edit them, find others",
	 .manual = ID_MANUAL
	 "\nEvery version is kept; the one in use has a *. What was edited stays in use "
	 "until\n"
	 "somebody asks for another with --granularity, --provider or --activate.", .run = topics_command},
	{.name = "captions",
	 .arguments = "ID [FILE]",
	 .summary = "list the captions of a recording, or give it some",
	 .manual = ID_MANUAL
	 "\nFILE is WebVTT or SubRip in the times of the source, - is standard input;\n"
	 "--language says in which language. The next run makes subtitles of them.", .run = captions_command},
	{.name = "tasks",
	 .arguments = "[ID]",
	 .summary = "list tasks, the newest first",
	 .manual = ID_MANUAL
	 "\nWithout ID those of all recordings. --status is PENDING, PROCESSING, SUCCESS,\n"
	 "FAILURE or CANCELLED.", .run = tasks_command},
	{.name = "task",
	 .arguments = "show|cancel NUMBER",
	 .summary = "tell about a task, or cancel it",
	 .manual = "What waits for a cancelled task is cancelled with it; the rest of the "
			   "run goes\n"
			   "on. A running one ends within a second.", .run = task_command},
	{.name = "source",
	 .arguments = "add FOLDER|URL, or list, or show|sync|delete NAME",
	 .summary = "places that are asked for new recordings",
	 .manual = "A folder is an inbox: it lies below one of the folders of the database "
			   "setting\n"
			   "leap.import_roots, and the files in it become recordings once they are "
			   "complete.\n"
			   "A URL leads to a list of links: a feed (RSS, Atom), JSON, CSV, or one "
			   "link a line.\n"
			   "sync asks what is new; with --dry-run it only tells, with --watch it "
			   "stays until the\n"
			   "answer is there. NAME may also be an id, or the end of one.", .run = source_command},
	{.name = "queues",
	 .arguments = "",
	 .summary = "list queues and what waits in them",
	 .run = queues_command},
	{.name = "queue",
	 .arguments = "pause|resume QUEUE",
	 .summary = "stop a queue, or let it go on",
	 .manual = "Running tasks of a paused queue go on; nothing of it begins.",
	 .run = queue_command},
	{.name = "workers",
	 .arguments = "",
	 .summary = "list workers",
	 .run = workers_command},
	{.name = "user",
	 .arguments = "add|password EMAIL",
	 .summary = "add a user, set a password",
	 .manual =
		 "On a terminal both ask for the password, which is not shown. From a script it\n"
		 "is the first line of standard input; where nothing comes (</dev/null), add\n"
		 "makes an account without one. The first administrator:\n"
		 "leap user add you@example.org --role admin", .run = user_command},
	{.name = "deploy",
	 .arguments = "",
	 .summary = "install or upgrade the database schema",
	 .manual =
		 "Needs a superuser. Everything happens in one transaction; when nothing has\n"
		 "changed since the last time, nothing is done. Then the minute bell is\n"
		 "installed in the database postgres, if pg_cron is loaded.", .run = deploy_command},
	{.name = "media",
	 .arguments = "probe FILE, or trim FILE OUT, or envelope FILE [OUT]",
	 .summary = "look into a recording, trim it, measure it",
	 .manual =
		 "Needs no database. probe tells whether the recording is whole, where speech is "
		 "in "
		 "it\nand what trimming would keep; it ends with 1 when no lesson can be made of "
		 "it.\n"
		 "trim writes OUT, cut as the pipeline would; it ends with 6 when the end of "
		 "the\n"
		 "recording is missing. envelope prints how loud it is, or writes OUT, which "
		 "probe\n"
		 "takes in place of the recording. No file is written over without --force, and\n"
		 "what is not whole leaves no file.", .run = media_command},
	{.name = "mail",
	 .arguments = "test",
	 .summary = "send a test mail with the settings of a worker",
	 .manual =
		 "Needs no database. Tells what the mail server answered; ends with 1 and the\n"
		 "reason when it does not take the mail.", .run = mail_command},
	{.name = "doctor",
	 .arguments = "",
	 .summary = "say what is missing or misconfigured and how to mend it",
	 .manual = "Ends with 1 when something is an error.",
	 .run = doctor_command},
	{.name = NULL															   },
};
