/*
 * task/transcribe.c
 *	  Turns the speech of the kept part into text with times, and judges how sure it is.
 *
 * Sound, pauses and what a provider hears are in source time; what is told of it, the
 * transcript and its pauses, is in the time of the trimmed video, by its cut list.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "speech/chain.h"
#include "speech/gate.h"
#include "speech/heard.h"
#include "speech/passages.h"
#include "speech/transcript.h"
#include "task/artifact.h"
#include "task/cut_list.h"
#include "task/task.h"

/* What listening takes of the whole task; the rest is writing files. */
#define LISTENING_SHARE 0.97

static Span *
read_pauses(const cJSON *pauses, size_t *count)
{
	Span *list = array_new((size_t) cJSON_GetArraySize(pauses), sizeof *list);
	const cJSON *pause;

	*count = 0;
	cJSON_ArrayForEach(pause, pauses)
	{
		Span span = {json_number(pause, "start", 0), json_number(pause, "end", 0)};

		if (span.end > span.start)
			list[(*count)++] = span;
	}
	return list;
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
	if (transcript->model[0] != '\0')
		cJSON_AddStringToObject(metadata, "model", transcript->model);
	cJSON_AddItemToObject(metadata, "mean_confidence",
						  confidence < 0
							  ? cJSON_CreateNull()
							  : cJSON_CreateNumber(round(confidence * 1000) / 1000));
	return metadata;
}

/* What was heard of this sound before. */
typedef struct Memory
{
	Hearing *items;
	size_t count;
} Memory;

static void
cleanup_memory(Memory *memory)
{
	for (size_t i = 0; i < memory->count; i++)
		hearing_free(&memory->items[i]);
	free(memory->items);
}

static bool
is_known(const Memory *memory, const char *key)
{
	for (size_t i = 0; i < memory->count; i++)
		if (strcmp(memory->items[i].key, key) == 0)
			return true;
	return false;
}

/* Reads one of the files that were offered; one that is gone, or cannot be read, is nothing:
 * then it is only heard again. */
static void
recall_one(const TaskContext *context, const cJSON *entry, const char *audio,
		   Memory *memory)
{
	Hearing *hearing = &memory->items[memory->count];
	CLEANUP(json) cJSON *json = NULL;
	Error err;

	if (!artifact_read_entry(context, entry, "heard", &json, &err) ||
		!hearing_from_json(json, hearing, &err))
		log_warning("what was heard before is heard again: %s", err.message);
	else if (strcmp(hearing->audio, audio) == 0 &&
			 strcmp(hearing->key, json_text(entry, "metadata.settings_key", "")) == 0)
		memory->count++;
	else
		hearing_free(hearing);
}

/* What was heard of this sound under the settings of one of the providers, here or in
 * another recording of this user, of each the first that can be read; nothing where it is to
 * be heard anew. */
static void
recall(const TaskContext *context, const SpeechRequest *request, Memory *memory)
{
	const cJSON *offered = json_at(context->input, "heard");
	const cJSON *providers = json_at(context->input, "providers");
	const char *audio = json_text(artifact_entry(context, "audio"), "sha256", "-");
	const cJSON *entry;

	if (!cJSON_IsArray(offered) || !cJSON_IsArray(providers) ||
		json_bool(context->input, "anew", false))
		return;
	memory->items =
		array_new((size_t) cJSON_GetArraySize(offered), sizeof *memory->items);
	cJSON_ArrayForEach(entry, offered)
	{
		const char *key = json_text(entry, "metadata.settings_key", "");

		if (strcmp(json_text(entry, "metadata.audio_sha256", ""), audio) == 0 &&
			chain_remembers(providers->child, request, key) && !is_known(memory, key))
			recall_one(context, entry, audio, memory);
	}
}

/* What is said in the spans of the request, in source time. */
static bool
listen(TaskContext *context, SpeechRequest *request, Hearing *heard, Error *err)
{
	const cJSON *config = json_at(context->input, "config.transcription");
	const char *language = json_text(config, "language", "");
	CLEANUP(close) int audio = -1;
	CLEANUP(chain) SpeechChain chain;
	CLEANUP(memory) Memory before = {NULL, 0};
	bool ok;

	chain_begin(&chain, speech_table, json_at(context->input, "providers"), context->keys,
				json_at(context->input, "checkpoint"));
	if (!artifact_open(context, "audio", &audio, err))
		return false;
	request->audio_fd = audio;
	request->language =
		*language == '\0' || strcmp(language, "auto") == 0 ? NULL : language;
	request->vocabulary = json_at(config, "vocabulary");
	request->captions = json_at(context->input, "captions");
	request->threads = context->threads;
	request->media_program = context->media_program;
	request->reporter = context->reporter;
	request->to = LISTENING_SHARE;
	recall(context, request, &before);
	ok = chain_listen(&chain, request, before.items, before.count, heard, err);
	(void) snprintf(heard->audio, sizeof heard->audio, "%s",
					json_text(artifact_entry(context, "audio"), "sha256", ""));
	task_fact(context, "provider_errors", cJSON_Duplicate(chain.errors, true));
	task_fact(context, "usage", cJSON_Duplicate(chain.usage, true));
	return ok;
}

/* The pauses in the time of the video; what is cut away of one is gone. */
static Span *
map_pauses(const Span *pauses, size_t pause_count, const CutList *cuts, size_t *count)
{
	Span *mapped = array_new(pause_count, sizeof *mapped);

	*count = 0;
	for (size_t i = 0; i < pause_count; i++)
	{
		Span span = {spans_map(cuts->spans, cuts->count, pauses[i].start),
					 spans_map(cuts->spans, cuts->count, pauses[i].end)};

		if (span.end > span.start)
			mapped[(*count)++] = span;
	}
	return mapped;
}

/* States how far the transcript can be trusted. */
static void
judge(TaskContext *context, const Transcript *transcript, const CutList *cuts,
	  const Span *pauses, size_t pause_count)
{
	const cJSON *config = json_at(context->input, "config.transcription");
	GateInput gate = {
		.transcript = transcript,
		.limits = gate_limits(json_at(config, "gate"),
							  json_number(config, "min_confidence", GATE_MIN_CONFIDENCE)),
	};
	CLEANUP(free)
	Span *mapped = map_pauses(pauses, pause_count, cuts, &gate.pause_count);

	gate.pauses = mapped;
	task_fact(context, "language", cJSON_CreateString(transcript->language));
	task_fact(context, "quality", gate_judge(&gate));
	task_fact(context, "transcript_passages", passages_of(transcript));
}

static bool
write_transcript(TaskContext *context, const Transcript *transcript, Error *err)
{
	CLEANUP(json) cJSON *document = transcript_to_json(transcript);
	CLEANUP(free) char *json = json_print(document);
	CLEANUP(buffer) Buffer text;

	buffer_init(&text);
	transcript_text(transcript, &text);
	return artifact_write(context, "transcript", "json", "application/json",
						  describe(transcript), json, strlen(json), err) &&
		   artifact_write(context, "text", "txt", "text/plain; charset=utf-8", NULL,
						  text.data, text.length, err);
}

static bool
write_heard(TaskContext *context, const Hearing *heard, Error *err)
{
	CLEANUP(json) cJSON *document = hearing_to_json(heard);
	CLEANUP(free) char *json = json_print(document);
	cJSON *metadata = cJSON_CreateObject();
	char kind[sizeof "heard:" + 8];

	/* under other settings something else may be heard, which is worth keeping as well */
	(void) snprintf(kind, sizeof kind, "heard:%.8s", heard->key);
	cJSON_AddStringToObject(metadata, "audio_sha256", heard->audio);
	cJSON_AddStringToObject(metadata, "settings_key", heard->key);
	cJSON_AddStringToObject(metadata, "provider", heard->heard.provider);
	return artifact_write(context, kind, "json", "application/json", metadata, json,
						  strlen(json), err);
}

bool
task_transcribe(TaskContext *context, Error *err)
{
	CLEANUP(cut_list) CutList cuts = {NULL, 0};
	CLEANUP(json) cJSON *analysis = NULL;
	CLEANUP(free) Span *pauses = NULL;
	CLEANUP(free) Span *spans = NULL;
	CLEANUP(hearing) Hearing heard = {.spans = NULL};
	CLEANUP(transcript) Transcript transcript = {.words = NULL};
	SpeechRequest request = {.audio_fd = -1};

	if (!cut_list_read(context, &cuts, err) ||
		!artifact_read_json(context, "analysis", &analysis, err))
		return false;
	pauses = read_pauses(json_at(analysis, "pauses"), &request.pause_count);
	request.pauses = pauses;
	spans = array_new(cuts.count, sizeof *spans);
	for (size_t i = 0; i < cuts.count; i++)
		spans[i] = (Span){cuts.spans[i].start, cuts.spans[i].end};
	request.spans = spans;
	request.span_count = cuts.count;
	if (!listen(context, &request, &heard, err) ||
		!task_progress(context, LISTENING_SHARE, "judging", err))
		return false;
	heard_retime(&heard.heard, cuts.spans, cuts.count, &transcript);
	judge(context, &transcript, &cuts, pauses, request.pause_count);
	return write_transcript(context, &transcript, err) &&
		   write_heard(context, &heard, err);
}
