/*
 * task/child.c
 *	  The process that runs one task: assignment in, result out.
 */
#include "task/child.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "base/sealed.h"
#include "net/account.h"
#include "net/network.h"
#include "storage/import.h"
#include "storage/storage.h"
#include "task/channel.h"
#include "task/discretion.h"
#include "task/task.h"

#define CONTROL_FD 3

static bool
prepare(TaskContext *context, const cJSON *assignment, Channel *channel, Storage *storage,
		Error *err)
{
	const cJSON *settings = json_at(assignment, "settings");

	context->input = json_at(assignment, "input");
	context->allow_private_addresses =
		json_bool(settings, "allow_private_addresses", false);
	context->mail = json_at(settings, "mail");
	context->keys = json_at(settings, "keys");
	context->site_program = json_text(settings, "site_program", "");
	context->library_url = json_text(settings, "library_url", "");
	context->threads = (int) json_number(settings, "threads", 1);
	if (!json_need_text(settings, "library", "the settings", &context->library, err) ||
		!json_need_text(settings, "media_program", "the settings",
						&context->media_program, err) ||
		!json_need_text(settings, "work", "the settings", &context->work, err))
		return false;
	if (chdir(context->work) < 0)
		return error_errno(err, "folder_failed", "cannot enter the work folder %s",
						   context->work);
	if (!storage_open_with(storage, json_at(settings, "storage"), err))
		return false;
	storage_report(storage, &channel->reporter);
	import_keep_out(json_at(settings, "storage"));
	context->database = json_text(settings, "database", "");
	return true;
}

static bool
run_task(TaskContext *context, const char *kind, Error *err)
{
	const Task *task = task_find(kind);

	if (task == NULL)
		return error_set(err, ERROR_PERMANENT, "unknown_kind",
						 "Update the program leap on the machine of this worker.",
						 "this worker knows no tasks of kind \"%.30s\"", kind);
	return task->run(context, err);
}

static bool
run_assignment(const cJSON *assignment, Channel *channel, cJSON *result, Error *err)
{
	CLEANUP(storage) Storage storage = STORAGE_NONE;
	TaskContext context = {
		.storage = &storage,
		.reporter = &channel->reporter,
		.result = result,
	};

	CLEANUP(account) Account *account = NULL;
	bool ok;

	channel->reporter.media_seconds =
		json_number(assignment, "settings.media_seconds", 0);
	network_configure(json_at(assignment, "settings.network"));
	if (json_bool(assignment, "input.credential.needs_reauth", false))
		return error_set(err, ERROR_CREDENTIAL, "needs_reauth",
						 "Connect the account again, or give its credential new data.",
						 "the account must be connected anew: %s",
						 json_text(assignment, "input.credential.reason", ""));
	if (json_at(assignment, "settings.credential") != NULL)
		account = account_open(
			json_at(assignment, "settings.credential"),
			json_at(assignment, "input.endpoints"), &channel->door, &channel->reporter,
			json_bool(assignment, "settings.allow_private_addresses", false));
	context.account = account;
	ok = prepare(&context, assignment, channel, &storage, err) &&
		 run_task(&context, json_text(assignment, "kind", ""), err);
	discretion_apply(assignment, account, err, result);
	return ok;
}

/* An error, with the reasons that the task stated before it gave up. */
static cJSON *
failure(const Error *err, const cJSON *result)
{
	cJSON *error = json_of_error(err);
	const cJSON *reasons = json_at(result, "facts.reasons");

	if (reasons != NULL)
		json_put(error, "reasons", cJSON_Duplicate(reasons, true));
	return error;
}

ExitCode
child_command(const Options *options, int argc, char **argv)
{
	Channel channel;
	Error err = {0};
	bool ok;

	(void) options;
	(void) argc;
	(void) argv;
	(void) umask(022);
	if (fcntl(CONTROL_FD, F_GETFD) < 0)
	{
		fputs("leap child is started by leap worker only\n", stderr);
		return EXIT_USAGE;
	}
	channel_init(&channel, CONTROL_FD);
	CLEANUP(secret) cJSON *assignment = channel_assignment(&channel);

	if (assignment == NULL)
		return EXIT_FAILED;
	log_configure(json_text(assignment, "settings.log", ""));
	CLEANUP(json) cJSON *result = cJSON_CreateObject();

	cJSON_AddItemToObject(result, "artifacts", cJSON_CreateArray());
	cJSON_AddItemToObject(result, "facts", cJSON_CreateObject());
	ok = run_assignment(assignment, &channel, result, &err);
	if (ok)
	{
		ok = channel_finish(&channel, "done", result);
		result = NULL;
	}
	else
		(void) channel_finish(&channel, "failed", failure(&err, result));
	control_close(&channel.control);
	return ok ? EXIT_DONE : EXIT_FAILED;
}
