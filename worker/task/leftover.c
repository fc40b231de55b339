/*
 * task/leftover.c
 *	  What a child has begun outside its work folder, for the case that it cannot finish.
 */
#include "task/leftover.h"

#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/path.h"
#include "platform/folder.h"
#include "storage/storage.h"

/* No task makes more; one that does is left to the sweep. */
#define MOST_NOTED 1000

void
leftover_note(cJSON **list, const cJSON *line)
{
	if (*list == NULL)
		*list = cJSON_CreateArray();
	if (cJSON_GetArraySize(*list) < MOST_NOTED)
		cJSON_AddItemToArray(*list, cJSON_Duplicate(line, true));
}

static bool
names(const cJSON *state, const char *name)
{
	const cJSON *member;

	if (cJSON_IsString(state))
		return strcmp(state->valuestring, name) == 0;
	cJSON_ArrayForEach(member, state) if (names(member, name)) return true;
	return false;
}

void
leftover_keep(cJSON *list, const cJSON *state)
{
	cJSON *line;

	cJSON_ArrayForEach(line, list) if (names(state, json_text(line, "made", "")))
		json_put(line, "kept", cJSON_CreateTrue());
}

/* Only folders in hiding: what people can see is published. */
static bool
remove_hidden(const char *root, const char *name, Error *err)
{
	CLEANUP(close) int library = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *last = strrchr(name, '/');

	if (!path_is_inside(name) || !folder_name_is_hidden(last != NULL ? last + 1 : name))
		return true;
	if (library < 0)
		return error_errno(err, "library_unreachable", "cannot open the library");
	return path_remove_tree(library, name, err);
}

static bool
is_published(const cJSON *line)
{
	return strcmp(json_text(line, "in", ""), "library") == 0;
}

static void
log_stays(const char *name, const Error *err)
{
	log_warning("%s stays until the sweep: %s", name, err->message);
}

void
leftover_remove_unnamed(const cJSON *list, const char *storage, const cJSON *settings)
{
	const cJSON *line;

	cJSON_ArrayForEach(line, list)
	{
		const char *name = json_text(line, "made", "");
		Error err;

		if (!is_published(line) && !json_bool(line, "kept", false) &&
			!storage_discard(storage, settings, name, &err))
			log_stays(name, &err);
	}
}

void
leftover_remove(const cJSON *list, const char *storage, const cJSON *settings,
				const char *library)
{
	const cJSON *line;

	cJSON_ArrayForEach(line, list)
	{
		const char *name = json_text(line, "made", "");
		Error err;

		if (!(is_published(line) ? remove_hidden(library, name, &err)
								 : storage_discard(storage, settings, name, &err)))
			log_stays(name, &err);
	}
}
