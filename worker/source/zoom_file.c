/*
 * source/zoom_file.c
 *	  Where the file of a recording of Zoom is now.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "net/account.h"
#include "source/zoom.h"

#define PATH_MOST 2048

/* The file that a recording was made of; where that is gone, or was not there yet when the
 * recording was found, the one of its time in the view that its source wants. */
static const cJSON *
file_of(const cJSON *meeting, const cJSON *source)
{
	const char *id = json_text(source, "file", "");
	const char *begins = json_text(source, "recording_start", "");
	const cJSON *file;
	ZoomMeeting read;

	cJSON_ArrayForEach(file, json_at(meeting, "recording_files"))
	{
		if (id[0] != '\0' && strcmp(json_text(file, "id", ""), id) == 0)
			return file;
	}
	zoom_meeting_read(meeting, json_at(source, "views"), &read);
	for (size_t i = 0; i < read.count; i++)
		if (begins[0] == '\0' || strcmp(read.parts[i].begins, begins) == 0)
			return read.parts[i].file;
	return NULL;
}

static bool
not_ready(Error *err)
{
	return error_set(err, ERROR_TRANSIENT, "source_not_ready", NULL,
					 "Zoom is still making the file of this recording");
}

bool
zoom_resolve(const SourceQuery *query, const cJSON *source, FetchPlan *plan, Error *err)
{
	CLEANUP(json) cJSON *meeting = NULL;
	const char *uuid;
	const char *url;
	const char *token;
	const cJSON *file;
	char path[PATH_MOST];

	if (!json_need_text(source, "meeting", "the source", &uuid, err))
		return false;
	zoom_meeting_path(uuid, path, sizeof path);
	if (!zoom_ask(query, path, &meeting, err))
		return false;
	file = file_of(meeting, source);
	if (file == NULL)
		return error_set(
			err, ERROR_INPUT, "source_missing",
			"It was deleted in Zoom; files in its trash can be restored there.",
			"the meeting has no such recording any more");
	url = json_text(file, "download_url", "");
	if (strcasecmp(json_text(file, "status", "completed"), "completed") != 0 ||
		url[0] == '\0')
		return not_ready(err);
	if (!url_check(url, err) || !account_token(query->account, &token, err))
		return false;
	snprintf(plan->url, sizeof plan->url, "%s", url);
	plan->shown = "the address Zoom gave for the file";
	snprintf(plan->header, sizeof plan->header, "Authorization: Bearer %s", token);
	snprintf(plan->file, sizeof plan->file, "recording.%s",
			 strcasecmp(json_text(file, "file_type", ""), "M4A") == 0 ? "m4a" : "mp4");
	plan->bytes = json_int64(file, "file_size", -1);
	return true;
}
