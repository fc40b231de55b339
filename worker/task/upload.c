/*
 * task/upload.c
 *	  Publishes a lesson on the platform its target names.
 */
#include "base/json.h"
#include "platform/platform.h"
#include "task/task.h"

bool
task_upload(TaskContext *context, Error *err)
{
	const Publication publication = {.input = context->input,
									 .storage = context->storage,
									 .library = context->library,
									 .reporter = context->reporter};
	const Platform *platform;
	const char *type;
	cJSON *target = NULL;

	if (!json_need_text(context->input, "target.type", "the task's input", &type, err))
		return false;
	platform = platform_find(type);
	if (platform == NULL)
		return error_set(err, ERROR_PERMANENT, "unknown_platform",
						 "Update the program leap on the machine of this worker.",
						 "this worker cannot publish to \"%.40s\"", type);
	if (!platform->publish(&publication, &target, err))
		return false;
	task_target(context, target);
	return true;
}
