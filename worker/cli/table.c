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
		 "Prints the id of the recording.", .completes = ":file",
	 .run = add_command},
	{.name = "list",
	 .arguments = "",
	 .summary = "list recordings, the newest first",
	 .run = list_command},
	{.name = "show",
	 .arguments = "ID",
	 .summary = "tell all about a recording",
	 .manual = ID_MANUAL,
	 .completes = ":recording",
	 .run = show_command},
	{.name = "watch",
	 .arguments = "[ID]...",
	 .summary = "watch runs until they end",
	 .manual = ID_MANUAL
	 "\nWithout ID the newest recording, with --all all that have a run "
	 "now. A terminal\n"
	 "shows bars that go on by themselves, and q ends; otherwise there is a "
	 "line per event.\n"
	 "Ends with 0 when the lesson is published, 1 when the run failed or "
	 "was cancelled,\n"
	 "4 when it is held until a person decides; of several with 6 when it "
	 "went well with\n"
	 "some of them only.", .completes = ":recording",
	 .run = watch_command},
	{.name = "top",
	 .arguments = "",
	 .summary = "watch queues, workers and what they do",
	 .manual =
		 "A terminal shows it live: q ends, p stops and goes on, s or the arrows left "
		 "and "
		 "right\n"
		 "change the order of what runs, up, down, PageUp and PageDown move through it. "
		 "Without a\n"
		 "terminal, or with --once, it is printed once.", .run = top_command},
	{.name = "run",
	 .arguments = "ID",
	 .summary = "start a run: continue where the recording stands",
	 .manual = ID_MANUAL
	 "\nWith --force everything is done again.\n"
	 "--priority puts it before (-10) or behind (10) what else waits of the\n"
	 "same user; --at lets it wait for its time.", .completes = ":recording",
	 .run = run_command_of},
	{.name = "retry",
	 .arguments = "ID",
	 .summary = "try a failed recording again from the failed step",
	 .manual = ID_MANUAL
	 "\nWith --provider it is heard again, also when it is held for the quality of its\n"
	 "transcript or has been through: by that provider first, this once.\n"
	 "With --anew failed uploads begin at their beginning: for one whose outcome is not\n"
	 "known, once you have looked at the platform yourself.", .completes = ":recording",
	 .run = retry_command},
	{.name = "unpublish",
	 .arguments = "ID",
	 .summary = "take back what is published of a recording",
	 .manual = ID_MANUAL
	 "\nIt is taken back everywhere, or on one --target. Runs do not publish it there\n"
	 "again until an upload is asked for.", .completes = ":recording",
	 .run = unpublish_command},
	{.name = "cancel",
	 .arguments = "ID",
	 .summary = "cancel the active run",
	 .manual = ID_MANUAL,
	 .completes = ":recording",
	 .run = cancel_command},
	{.name = "prioritize",
	 .arguments = "ID",
	 .summary = "put what waits of a recording first or last",
	 .manual = ID_MANUAL
	 "\n--priority says where: from -10 (first) over 0 (usual) to 10 (last), "
	 "among what\nwaits of the same user. Running tasks go on.", .completes = ":recording",
	 .run = prioritize_command},
	{.name = "pause",
	 .arguments = "ID",
	 .summary = "hold a recording after its running tasks",
	 .manual = ID_MANUAL,
	 .completes = ":recording",
	 .run = pause_command},
	{.name = "resume",
	 .arguments = "ID",
	 .summary = "let a paused recording go on",
	 .manual = ID_MANUAL,
	 .completes = ":recording",
	 .run = resume_command},
	{.name = "accept",
	 .arguments = "ID",
	 .summary = "let a recording go on that was held as doubtful",
	 .manual = ID_MANUAL
	 "\nHeld as doubtful is what is blank, badly understood, or killed its workers.", .completes = ":recording",
	 .run = accept_command},
	{.name = "delete",
	 .arguments = "ID",
	 .summary = "delete a recording; it can be restored for a while",
	 .manual =
		 ID_MANUAL "\nIts run is cancelled. After soft_delete_days (30) its files go.\n"
				   "What is published stays published.", .completes = ":recording",
	 .run = delete_command},
	{.name = "restore",
	 .arguments = "ID",
	 .summary = "bring a deleted recording back",
	 .manual = ID_MANUAL,
	 .completes = ":deleted",
	 .run = restore_command},
	{.name = "purge",
	 .arguments = "ID",
	 .summary = "take the files of a deleted recording at once",
	 .manual = ID_MANUAL
	 "\nIt cannot be restored then. What was said in it goes later, by itself.", .completes = ":deleted",
	 .run = purge_command},
	{.name = "expire",
	 .arguments = "ID",
	 .summary = "say when a recording is deleted by itself",
	 .manual = ID_MANUAL
	 "\nWith --at then, without it never, whatever its owner's settings say.", .completes = ":recording",
	 .run = expire_command},
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
	 .completes = ":recording",
	 .run = transcript_command},
	{.name = "topics",
	 .arguments = "ID",
	 .summary = "show the topics of a recording, edit them, find others",
	 .manual = ID_MANUAL
	 "\nEvery version is kept; the one in use has a *. What was edited stays in use "
	 "until\n"
	 "somebody asks for another with --granularity, --provider or --activate.", .completes = ":recording",
	 .run = topics_command},
	{.name = "captions",
	 .arguments = "ID [FILE]",
	 .summary = "list the captions of a recording, or give it some",
	 .manual = ID_MANUAL
	 "\nFILE is WebVTT or SubRip in the times of the source, - is standard input;\n"
	 "--language says in which language. The next run makes subtitles of them.", .completes = ":recording,file",
	 .run = captions_command},
	{.name = "tasks",
	 .arguments = "[ID]",
	 .summary = "list tasks, the newest first",
	 .manual = ID_MANUAL
	 "\nWithout ID those of all recordings. --status is PENDING, PROCESSING, SUCCESS,\n"
	 "FAILURE or CANCELLED.", .completes = ":recording",
	 .run = tasks_command},
	{.name = "task",
	 .arguments = "show|cancel NUMBER",
	 .summary = "tell about a task, or cancel it",
	 .manual = "What waits for a cancelled task is cancelled with it; the rest of the "
			   "run goes\n"
			   "on. A running one ends within a second.", .completes = "show:task cancel:task",
	 .run = task_command},
	{.name = "formats",
	 .arguments = "URL",
	 .summary = "tell in which formats a video site has a video",
	 .manual = "A worker that was started with --yt-dlp asks the site.",
	 .run = formats_command},
	{.name = "source",
	 .arguments = "add FOLDER|URL|JSON, or list, or show|sync|delete NAME",
	 .summary = "places that are asked for new recordings",
	 .manual = "A folder is an inbox: it lies below one of the folders of the database "
			   "setting\n"
			   "leap.import_roots, and the files in it become recordings once they are "
			   "complete.\n"
			   "A URL leads to a list of links: a feed (RSS, Atom), JSON, CSV, or one "
			   "link a line.\n"
			   "JSON describes any source, as leap.add_source() takes it.\n"
			   "sync asks what is new; with --dry-run it only tells, with --watch it "
			   "stays until the\n"
			   "answer is there. NAME may also be an id, or the end of one.", .completes = "add:file list: show:source sync:source delete:source",
	 .run = source_command},
	{.name = "credential",
	 .arguments = "add|connect PLATFORM NAME, or show|check|delete NAME, or list …",
	 .summary = "access to the accounts of people at platforms",
	 .manual =
		 "add PLATFORM NAME [FILE] reads its data, JSON, from FILE or standard input;\n"
		 "fields PLATFORM tells what that has. connect PLATFORM NAME prints the address "
		 "of\n"
		 "the platform's page; finish takes the line that is shown after it. change "
		 "NAME\n"
		 "[FILE] gives new data; check has a worker try it, with --watch until it has; "
		 "then\n"
		 "list, show, enable, disable, delete (with --force although it is used). The "
		 "data is\n"
		 "sealed at once and never shown. NAME may be PLATFORM/NAME, an id or the end of "
		 "one.", .completes =
		 "add:credentialed,none,file connect:credentialed,none finish: list: "
		 "fields:credentialed show:credential check:credential change:credential,file "
		 "enable:credential disable:credential delete:credential", .run = credential_command},
	{.name = "keys",
	 .arguments = "init|rotate|make|register FILE, or list [FILE]",
	 .summary = "the keys that credentials are sealed with",
	 .manual =
		 "init makes the first pair: its private key is in FILE, for workers with\n"
		 "--credential-keys, its public key in the database. rotate adds a newer one; "
		 "what is\n"
		 "sealed to the old one is sealed anew by the workers, then that retires. With "
		 "several\n"
		 "machines: make adds a key to FILE and tells nobody, then give FILE to all, "
		 "then\n"
		 "register makes its keys known. list tells what is sealed to which.", .completes = "init:file rotate:file make:file register:file list:file",
	 .run = keys_command},
	{.name = "app",
	 .arguments = "set PLATFORM [FILE], or list, or remove PLATFORM",
	 .summary = "as what LEAP is registered with a platform",
	 .manual = "FILE, or standard input, is JSON: client_id, client_secret, redirect_uri "
			   "and, if\n"
			   "others than usual are wanted, scopes; or the file that Google offers.", .completes = "set:platform,file list: remove:platform",
	 .run = app_command},
	{.name = "endpoint",
	 .arguments = "list, or set PLATFORM NAME URL, or reset PLATFORM NAME",
	 .summary = "where platforms are asked",
	 .manual = "For gateways and tests: list tells the names and the addresses in force.",
	 .completes = "list: set:platform reset:platform",
	 .run = endpoint_command},
	{.name = "queues",
	 .arguments = "",
	 .summary = "list queues and what waits in them",
	 .run = queues_command},
	{.name = "queue",
	 .arguments = "pause|resume QUEUE",
	 .summary = "stop a queue, or let it go on",
	 .manual = "Running tasks of a paused queue go on; nothing of it begins.",
	 .completes = "pause:queue resume:queue",
	 .run = queue_command},
	{.name = "workers",
	 .arguments = "",
	 .summary = "list workers",
	 .run = workers_command},
	{.name = "user",
	 .arguments = "add|password EMAIL, or invite [EMAIL], or first",
	 .summary = "add a user, set a password, make a link to an account",
	 .manual =
		 "On a terminal both ask for the password, which is not shown. From a script it\n"
		 "is the first line of standard input; where nothing comes (</dev/null), add\n"
		 "makes an account without one. invite prints a link by which somebody makes "
		 "his\n"
		 "account himself, in a browser; with an address it is good for that one only.\n"
		 "first prints the link that makes the first administrator, good once and for a\n"
		 "day, as long as there is none. --public-url says where people reach the page.", .completes = "add:none first: invite:none password:user",
	 .run = user_command},
	{.name = "audit",
	 .arguments = "[ID]",
	 .summary = "list who did what, the newest first",
	 .manual =
		 "ID is that of what it was done to: a recording, a credential, a user and so "
		 "on; --user\n"
		 "is who did it. What somebody was refused is told with the reason.", .completes = ":recording",
	 .run = audit_command},
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
		 "what is not whole leaves no file.", .completes = "probe:file trim:file envelope:file",
	 .run = media_command},
	{.name = "mail",
	 .arguments = "test",
	 .summary = "send a test mail with the settings of a worker",
	 .manual =
		 "Needs no database. Tells what the mail server answered; ends with 1 and the\n"
		 "reason when it does not take the mail.", .completes = "test:",
	 .run = mail_command},
	{.name = "storage",
	 .arguments = "migrate",
	 .summary = "bring all files to another storage",
	 .manual = "Copies what --storage does not have from --storage-from, and proves each "
			   "copy. May\n"
			   "be ended and begun again. Ends with 6 when files could not be copied.", .completes = "migrate:",
	 .run = storage_command},
	{.name = "doctor",
	 .arguments = "[storage]",
	 .summary = "say what is missing or misconfigured and how to mend it",
	 .manual =
		 "Ends with 1 when something is an error. doctor storage looks at every file "
		 "instead:\n"
		 "those that the database names and that are missing or different, and those "
		 "that\n"
		 "nobody has named for a day.", .completes = "storage:",
	 .run = doctor_command},
	{.name = "help",
	 .arguments = "[COMMAND]",
	 .summary = "show this list, or the manual of a command",
	 .completes = ":command",
	 .run = help_command},
	{.name = "completion",
	 .arguments = "bash|zsh",
	 .summary = "print what makes a shell complete commands, options and names",
	 .manual =
		 "For bash: leap completion bash > "
		 "/usr/share/bash-completion/completions/leap, or\n"
		 "eval \"$(leap completion bash)\" in ~/.bashrc. For zsh: leap completion zsh > "
		 "_leap in a\nfolder of $fpath. make install installs both.", .completes = "bash: zsh:",
	 .run = completion_command},
	{.name = "complete",
	 .arguments = "-- WORD...",
	 .manual = "What may stand in place of the last word: one a line, a tab, what it "
			   "is. For shells.", .run = complete_command},
	{.name = "man",
	 .arguments = "[COMMAND], or --all FOLDER",
	 .manual = "Prints a manual page, leap(1) or that of a command; with --all writes "
			   "every page into\nFOLDER. For packages.", .completes = ":command",
	 .run = man_command},
	{.name = NULL														  },
};
