/*
 * task/subtitles.c
 *	  Makes subtitles, SubRip and WebVTT, from the words of the transcript.
 */
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "speech/cues.h"
#include "speech/srt.h"
#include "speech/transcript.h"
#include "speech/vtt.h"
#include "task/artifact.h"
#include "task/task.h"

static const struct
{
	const char *kind; /* also the extension */
	const char *media_type;
	void (*write)(const Cue *cues, size_t count, Buffer *out);
} formats[] = {
	{"srt", "application/x-subrip", srt_write},
	{"vtt", "text/vtt",             vtt_write},
};

static bool
write_formats(TaskContext *context, const Cue *cues, size_t count, Error *err)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
	{
		CLEANUP(buffer) Buffer text;
		cJSON *metadata = cJSON_CreateObject();

		buffer_init(&text);
		formats[i].write(cues, count, &text);
		cJSON_AddNumberToObject(metadata, "cues", (double) count);
		if (!artifact_write(context, formats[i].kind, formats[i].kind,
							formats[i].media_type, metadata, text.data, text.length, err))
			return false;
	}
	return true;
}

bool
task_subtitles(TaskContext *context, Error *err)
{
	CLEANUP(json) cJSON *json = NULL;
	CLEANUP(transcript) Transcript transcript = {.words = NULL};
	Cue *cues = NULL;
	size_t count;
	bool ok;

	if (!artifact_read_json(context, "transcript", &json, err) ||
		!transcript_from_json(json, &transcript, err) ||
		!task_progress(context, 0.2, "dividing the text", err))
		return false;
	count = cues_make(
		transcript.words, transcript.word_count,
		json_number(context->input, "recording.final_duration", transcript.duration),
		&cues);
	ok = task_progress(context, 0.8, "writing", err) &&
		 write_formats(context, cues, count, err);
	cues_free(cues, count);
	return ok;
}
