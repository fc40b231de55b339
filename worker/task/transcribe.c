/*
 * task/transcribe.c
 *	  Turns the speech of the kept part into text with times, and judges how sure it is.
 *
 * The audio artifact is in source time; what is heard is only what the trimmed video
 * shows, so the times of the transcript count from the start of that video.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "speech/gate.h"
#include "speech/speech.h"
#include "speech/transcript.h"
#include "task/artifact.h"
#include "task/task.h"

/* What listening takes of the whole task; the rest is writing files. */
#define LISTENING_SHARE 0.97

static cJSON *
describe(const Transcript *transcript)
{
	cJSON *metadata = cJSON_CreateObject();
	double confidence = transcript_confidence(transcript);

	cJSON_AddNumberToObject(metadata, "words", (double) transcript->word_count);
	cJSON_AddNumberToObject(metadata, "segments", (double) transcript->segment_count);
	cJSON_AddStringToObject(metadata, "language", transcript->language);
	cJSON_AddStringToObject(metadata, "provider", transcript->provider);
	cJSON_AddItemToObject(metadata, "mean_confidence",
						  confidence < 0
							  ? cJSON_CreateNull()
							  : cJSON_CreateNumber(round(confidence * 1000) / 1000));
	return metadata;
}

static bool
listen(TaskContext *context, double start, double end, cJSON **answer, Error *err)
{
	const cJSON *config = json_at(context->input, "config.transcription");
	CLEANUP(close) int audio = -1;
	SpeechRequest request = {
		.start = start,
		.end = end,
		.language = json_text(config, "language", NULL),
		.vocabulary = json_at(config, "vocabulary"),
		.threads = context->threads,
		.media_program = context->media_program,
		.reporter = context->reporter,
		.from = 0,
		.to = LISTENING_SHARE,
	};

	if (!artifact_open(context, "audio", &audio, err))
		return false;
	request.audio_fd = audio;
	return speech_transcribe(json_text(config, "provider", NULL), &request, answer, err);
}

/* States how far the transcript can be trusted. */
static bool
judge(TaskContext *context, const Transcript *transcript, double start, Error *err)
{
	CLEANUP(json) cJSON *analysis = NULL;
	GateInput gate = {
		.transcript = transcript,
		.min_confidence = json_number(
			context->input, "config.transcription.min_confidence", GATE_MIN_CONFIDENCE),
		.offset = start,
	};

	if (!artifact_read_json(context, "analysis", &analysis, err))
		return false;
	gate.pauses = json_at(analysis, "pauses");
	task_fact(context, "language", cJSON_CreateString(transcript->language));
	task_fact(context, "quality", gate_judge(&gate));
	return true;
}

static bool
write_transcript(TaskContext *context, const cJSON *answer, const Transcript *transcript,
				 Error *err)
{
	CLEANUP(free) char *json = json_print(answer);
	CLEANUP(buffer) Buffer text;

	buffer_init(&text);
	transcript_text(transcript, &text);
	return artifact_write(context, "transcript", "json", "application/json",
						  describe(transcript), json, strlen(json), err) &&
		   artifact_write(context, "text", "txt", "text/plain; charset=utf-8", NULL,
						  text.data, text.length, err);
}

bool
task_transcribe(TaskContext *context, Error *err)
{
	const cJSON *video = artifact_entry(context, "video");
	double start = json_number(video, "metadata.start", 0);
	double end = json_number(video, "metadata.end", 0);
	CLEANUP(json) cJSON *answer = NULL;
	CLEANUP(transcript) Transcript transcript = {.words = NULL};

	if (end <= start)
		return error_set(err, ERROR_PERMANENT, "artifact_missing",
						 "Run the stage process of this recording again.",
						 "the recording has no trimmed video");
	return listen(context, start, end, &answer, err) &&
		   transcript_from_json(answer, &transcript, err) &&
		   task_progress(context, LISTENING_SHARE, "judging", err) &&
		   judge(context, &transcript, start, err) &&
		   write_transcript(context, answer, &transcript, err);
}
