/*
 * task/upload.c
 *	  Brings a target in line with what input.target.todo says: publish, update, replace or
 *	  remove.
 *
 * replace publishes anew and then removes what was there before. The checkpoint says how
 * far that is, {"published","old"}: begun once it is brought to its end by whatever task
 * comes next, so nothing stays on a platform that no row names. Below "platform" stands what
 * the platform itself stored for the same kind of work.
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

typedef struct Upload
{
	const Platform *platform;
	Publication publication;
	const char *todo;
	const char *remote_id; /* what is published now; NULL = nothing */
	cJSON *journal;        /* the checkpoint */
} Upload;

static void
cleanup_upload(Upload *upload)
{
	cJSON_Delete(upload->journal);
}

static const cJSON nothing = {.type = cJSON_Object};

static bool
save_journal(const Upload *upload, Error *err)
{
	const Reporter *reporter = upload->publication.reporter;

	return reporter->checkpoint(reporter->arg, upload->journal) ||
		   error_set(err, ERROR_LOST, "checkpoint_refused", NULL,
					 "the task was given to somebody else");
}

/* The journal of an earlier attempt; what its platform stored for other work is of no use. */
static void
open_journal(Upload *upload, const cJSON *checkpoint)
{
	upload->journal = cJSON_IsObject(checkpoint) ? cJSON_Duplicate(checkpoint, true)
												 : cJSON_CreateObject();
	if (strcmp(json_text(upload->journal, "todo", ""), upload->todo) != 0)
		cJSON_DeleteItemFromObjectCaseSensitive(upload->journal, "platform");
	json_put(upload->journal, "todo", cJSON_CreateString(upload->todo));
	upload->publication.journal = upload->journal;
	upload->publication.checkpoint = json_at(upload->journal, "platform");
	if (!cJSON_IsObject(upload->publication.checkpoint))
		upload->publication.checkpoint = &nothing;
}

static bool
cannot(const Upload *upload, const char *what, Error *err)
{
	return error_set(err, ERROR_PERMANENT, "not_possible",
					 "Choose another on_rerun for the preset.",
					 "%s cannot %s what is published", upload->platform->name, what);
}

static bool
take_back(const Upload *upload, const char *remote_id, Error *err)
{
	if (upload->platform->remove == NULL)
		return cannot(upload, "take back", err);
	return publication_confirm(&upload->publication, "take the lesson back", err) &&
		   upload->platform->remove(&upload->publication, remote_id, err);
}

/* Which video is out there now. */
static void
note_video(const Upload *upload, cJSON *target)
{
	const char *sha256 =
		json_text(upload->publication.input, "artifacts.video.sha256", NULL);

	if (sha256 != NULL)
		json_put(target, "video_sha256", cJSON_CreateString(sha256));
}

/* Removes what a new publication replaces, and gives out that. That the old one stays is
 * no reason to call the lesson unpublished, but somebody has to know. */
static bool
finish_replacement(Upload *upload, cJSON **target, Error *err)
{
	const char *old = json_text(upload->journal, "old", "");
	Error kept = {0};

	*target = cJSON_Duplicate(json_at(upload->journal, "published"), true);
	if (strcmp(old, json_text(*target, "remote_id", "")) == 0 ||
		take_back(upload, old, &kept))
		return true;
	if (kept.class != ERROR_PERMANENT && kept.class != ERROR_INPUT)
	{
		*err = kept;
		return false;
	}
	publication_warn(*target, "remove_old", &kept);
	return true;
}

static bool
do_publish(Upload *upload, cJSON **target, Error *err)
{
	if (!upload->platform->publish(&upload->publication, target, err))
		return false;
	note_video(upload, *target);
	return true;
}

static bool
do_replace(Upload *upload, cJSON **target, Error *err)
{
	CLEANUP(json) cJSON *published = NULL;

	if (upload->remote_id == NULL || upload->platform->remove == NULL)
		return upload->remote_id == NULL ? do_publish(upload, target, err)
										 : cannot(upload, "replace", err);
	if (!do_publish(upload, &published, err))
		return false;
	upload->publication.checkpoint = &nothing;
	cJSON_DeleteItemFromObjectCaseSensitive(upload->journal, "platform");
	json_put(upload->journal, "old", cJSON_CreateString(upload->remote_id));
	json_put(upload->journal, "published", cJSON_Duplicate(published, true));
	return save_journal(upload, err) && finish_replacement(upload, target, err);
}

static bool
do_update(Upload *upload, cJSON **target, Error *err)
{
	const Platform *platform = upload->platform;
	bool changed = json_bool(upload->publication.input, "target.video_changed", false);
	Error old = {0};

	if (upload->remote_id == NULL)
		return do_publish(upload, target, err);
	if (platform->update == NULL)
		return cannot(upload, "update", err);
	if (!platform->update(&upload->publication, upload->remote_id, target, err))
		return false;
	if (platform->swaps_video)
		note_video(upload, *target);
	else if (changed)
	{
		error_set(&old, ERROR_PERMANENT, "video_kept",
				  "Choose on_rerun: replace in the preset, and run the target again.",
				  "%s cannot change the video of what is published: the one from before "
				  "stays; on_rerun = replace publishes the new one in its place",
				  platform->name);
		publication_warn(*target, "video", &old);
	}
	return true;
}

/* Also what on_rerun = new left beside it. */
static bool
do_remove(Upload *upload, cJSON **target, Error *err)
{
	const cJSON *earlier;

	if (upload->remote_id != NULL && !take_back(upload, upload->remote_id, err))
		return false;
	cJSON_ArrayForEach(earlier, json_at(upload->publication.input, "target.earlier"))
	{
		const char *remote_id = json_text(earlier, "remote_id", NULL);

		if (remote_id != NULL && !take_back(upload, remote_id, err))
			return false;
	}
	*target = cJSON_CreateObject();
	return true;
}

static const struct
{
	const char *todo;
	bool (*run)(Upload *upload, cJSON **target, Error *err);
} deeds[] = {
	{"publish", do_publish},
	{"update",  do_update },
	{"replace", do_replace},
	{"remove",  do_remove },
};

/* A replacement that an earlier task began is what is published now. */
static bool
run_deed(Upload *upload, size_t deed, cJSON **target, Error *err)
{
	CLEANUP(json) cJSON *replaced = NULL;

	if (upload->remote_id != NULL && json_at(upload->journal, "published") != NULL &&
		strcmp(json_text(upload->journal, "old", ""), upload->remote_id) == 0)
	{
		if (!finish_replacement(upload, &replaced, err))
			return false;
		upload->remote_id = json_text(replaced, "remote_id", "");
		if (deeds[deed].run == do_replace)
		{
			*target = replaced;
			replaced = NULL;
			return true;
		}
	}
	return deeds[deed].run(upload, target, err);
}

bool
task_upload(TaskContext *context, Error *err)
{
	Throughput throughput = {0};
	CLEANUP(upload)
	Upload upload = {
		.todo = json_text(context->input, "target.todo", "publish"),
		.remote_id = json_text(context->input, "target.remote_id", NULL),
		.publication = {.input = context->input,
						.storage = context->storage,
						.library = context->library,
						.library_url = context->library_url,
						.reporter = context->reporter,
						.account = context->account,
						.endpoints = json_at(context->input, "endpoints"),
						.allow_private_addresses = context->allow_private_addresses,
						.throughput = &throughput,
						.add_chapters = add_chapters,
						.arg = context}
    };
	const size_t count = sizeof deeds / sizeof deeds[0];
	const char *type;
	cJSON *target = NULL;
	size_t deed = 0;

	/* what was to be taken back is not there any more */
	if (json_bool(context->input, "gone", false))
		return true;
	if (!json_need_text(context->input, "target.type", "the task's input", &type, err))
		return false;
	while (deed < count && strcmp(deeds[deed].todo, upload.todo) != 0)
		deed++;
	upload.platform = platform_find(type);
	if (upload.platform == NULL || deed == count)
		return error_set(err, ERROR_PERMANENT, "unknown_platform",
						 "Update the program leap on the machine of this worker.",
						 "this worker cannot %.40s at \"%.40s\"", upload.todo, type);
	if (upload.platform->needs_account && context->account == NULL)
		return error_set(err, ERROR_CREDENTIAL, "credential_missing",
						 "Give the preset a credential of this platform.",
						 "%s asks for an account, and the target has none", type);
	open_journal(&upload, json_at(context->input, "checkpoint"));
	if (!run_deed(&upload, deed, &target, err))
	{
		cJSON_Delete(target);
		return false;
	}
	task_target(context, target);
	task_transfer(context, &throughput);
	return true;
}
