/*
 * task/transcribe.c
 *	  Turns the speech of the kept part into text with times, and judges how sure it is.
 *
 * Sound and pauses are in source time; what is heard is only what the trimmed video shows,
 * so by its cut list everything that is told here is in the time of that video.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
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

typedef struct CutList
{
	CutSpan *spans;
	size_t count;
} CutList;

static void
cleanup_cuts(CutList *cuts)
{
	free(cuts->spans);
}

/* How the video was cut; one that was made before cut lists were kept is one span. */
static bool
read_cuts(const TaskContext *context, CutList *cuts, Error *err)
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
listen(TaskContext *context, const CutList *cuts, cJSON **answer, Error *err)
{
	const cJSON *config = json_at(context->input, "config.transcription");
	CLEANUP(close) int audio = -1;
	SpeechRequest request = {
		.cuts = cuts->spans,
		.cut_count = cuts->count,
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

/* The pauses of the analysis in the time of the video; what is cut away of one is gone. */
static Span *
map_pauses(const cJSON *pauses, const CutList *cuts, size_t *count)
{
	Span *mapped = array_new((size_t) cJSON_GetArraySize(pauses), sizeof *mapped);
	const cJSON *pause;

	*count = 0;
	cJSON_ArrayForEach(pause, pauses)
	{
		double start = json_number(pause, "start", 0);
		double end = json_number(pause, "end", 0);
		Span span = {spans_map(cuts->spans, cuts->count, start),
					 spans_map(cuts->spans, cuts->count, end)};

		if (span.end > span.start)
			mapped[(*count)++] = span;
	}
	return mapped;
}

/* States how far the transcript can be trusted. */
static bool
judge(TaskContext *context, const Transcript *transcript, const CutList *cuts, Error *err)
{
	CLEANUP(json) cJSON *analysis = NULL;
	CLEANUP(free) Span *pauses = NULL;
	GateInput gate = {
		.transcript = transcript,
		.min_confidence = json_number(
			context->input, "config.transcription.min_confidence", GATE_MIN_CONFIDENCE),
	};

	if (!artifact_read_json(context, "analysis", &analysis, err))
		return false;
	pauses = map_pauses(json_at(analysis, "pauses"), cuts, &gate.pause_count);
	gate.pauses = pauses;
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
	CLEANUP(cuts) CutList cuts = {NULL, 0};
	CLEANUP(json) cJSON *answer = NULL;
	CLEANUP(transcript) Transcript transcript = {.words = NULL};

	return read_cuts(context, &cuts, err) && listen(context, &cuts, &answer, err) &&
		   transcript_from_json(answer, &transcript, err) &&
		   task_progress(context, LISTENING_SHARE, "judging", err) &&
		   judge(context, &transcript, &cuts, err) &&
		   write_transcript(context, answer, &transcript, err);
}
