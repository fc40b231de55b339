/*
 * task/upload.c
 *	  Publishes a lesson on the platform its target names.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/process.h"
#include "outline/chapters.h"
#include "platform/platform.h"
#include "task/task.h"

#define CHAPTERS_LEAST 2

/* What of the task putting chapters into the video is. */
#define CHAPTERS_FROM 0.1
#define CHAPTERS_TO   0.7

/* The chapters as a file that exists in memory alone. */
static bool
list_file(const cJSON *chapters, int *fd, Error *err)
{
	CLEANUP(free) char *text = json_print(chapters);
	size_t length = strlen(text);

	*fd = memfd_create("chapters", MFD_CLOEXEC);
	return (*fd >= 0 && write(*fd, text, length) == (ssize_t) length &&
			lseek(*fd, 0, SEEK_SET) == 0) ||
		   error_errno(err, "out_of_memory", "cannot hand on the chapters");
}

static bool
add_chapters(void *arg, const cJSON *outline, double duration, int input, int output,
			 bool *written, Error *err)
{
	static const char *const argv[] = {"chapters", "--input",    "3", "--output",
									   "4",        "--chapters", "5", NULL};
	const TaskContext *context = arg;
	CLEANUP(json) cJSON *chapters = chapters_list(outline, duration);
	CLEANUP(json) cJSON *answer = NULL;
	CLEANUP(close) int list = -1;

	*written = cJSON_GetArraySize(chapters) >= CHAPTERS_LEAST;
	if (!*written)
		return true;
	if (!list_file(chapters, &list, err))
		return false;
	return process_media(context->media_program, argv,
						 (ProcessFd[]){
							 {input,  3},
                             {output, 4},
                             {list,   5}
    },
						 3, context->reporter, CHAPTERS_FROM, CHAPTERS_TO,
						 "putting chapters into the video", &answer, err);
}

bool
task_upload(TaskContext *context, Error *err)
{
	const Publication publication = {.input = context->input,
									 .storage = context->storage,
									 .library = context->library,
									 .reporter = context->reporter,
									 .add_chapters = add_chapters,
									 .arg = context};
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
