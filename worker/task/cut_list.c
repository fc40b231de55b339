/*
 * task/cut_list.c
 *	  How the trimmed video of a task's recording was cut.
 */
#include "task/cut_list.h"

#include "base/array.h"
#include "base/json.h"
#include "task/artifact.h"

bool
cut_list_read(const TaskContext *context, CutList *cuts, Error *err)
{
	const cJSON *video = artifact_entry(context, "video");
	CutSpan whole = {json_number(video, "metadata.start", 0),
					 json_number(video, "metadata.end", 0), 0};

	cuts->spans = spans_read_cuts(json_at(video, "metadata.cuts"), &cuts->count);
	if (cuts->spans != NULL)
		return true;
	if (whole.end <= whole.start)
		return error_set(err, ERROR_PERMANENT, "artifact_missing",
						 "Run the stage process of this recording again.",
						 "the recording has no trimmed video");
	cuts->spans = array_new(1, sizeof *cuts->spans);
	cuts->spans[0] = whole;
	cuts->count = 1;
	return true;
}
