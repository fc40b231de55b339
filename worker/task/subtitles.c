/*
 * task/subtitles.c
 *	  Makes subtitles, SubRip and WebVTT: of the words of the transcript, and of captions in
 *	  other languages that came with the recording.
 *
 * The transcript is in the time of the trimmed video already; captions are in that of the
 * source and go through the cut list. All become cues by the same rules; those of captions
 * that obey them stay as people made them.
 */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "platform/language_name.h"
#include "speech/captions_read.h"
#include "speech/cues.h"
#include "speech/heard.h"
#include "speech/srt.h"
#include "speech/transcript.h"
#include "speech/vtt.h"
#include "task/artifact.h"
#include "task/cut_list.h"
#include "task/task.h"

#define KIND_SIZE 48

static const struct
{
	const char *kind; /* also the extension */
	const char *media_type;
	void (*write)(const Cue *cues, size_t count, Buffer *out);
} formats[] = {
	{"srt", "application/x-subrip", srt_write},
	{"vtt", "text/vtt",             vtt_write},
};

/* language is NULL for the subtitles of the transcript itself, whose kind names none. */
static bool
write_formats(TaskContext *context, const Cue *cues, size_t count, const char *spoken,
			  const char *language, Error *err)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
	{
		CLEANUP(buffer) Buffer text;
		char kind[KIND_SIZE];
		cJSON *metadata = cJSON_CreateObject();

		buffer_init(&text);
		formats[i].write(cues, count, &text);
		cJSON_AddNumberToObject(metadata, "cues", (double) count);
		cJSON_AddStringToObject(metadata, "language", spoken);
		snprintf(kind, sizeof kind, "%s%s%s", formats[i].kind,
				 language != NULL ? ":" : "", language != NULL ? language : "");
		if (!artifact_write(context, kind, formats[i].kind, formats[i].media_type,
							metadata, text.data, text.length, err))
			return false;
	}
	return true;
}

static bool
write_subtitles(TaskContext *context, const Transcript *transcript, double duration,
				const char *language, Error *err)
{
	Cue *cues = NULL;
	bool made = strcmp(transcript->provider, CAPTIONS_PROVIDER) == 0;
	size_t count =
		made ? cues_keep(transcript, duration, &cues)
			 : cues_make(transcript->words, transcript->word_count, duration, &cues);
	bool ok =
		write_formats(context, cues, count,
					  language != NULL ? language : transcript->language, language, err);

	cues_free(cues, count);
	return ok;
}

/* The same language, as far as both tell: "en" is also "en-US". */
static bool
same_language(const char *one, const char *other)
{
	size_t length = strcspn(one, "-");

	return strcmp(one, other) == 0 ||
		   (strcspn(other, "-") == length && strncmp(one, other, length) == 0 &&
			(one[length] == '\0' || other[length] == '\0'));
}

static void
note(cJSON *notes, const char *language, const char *why)
{
	char text[400];

	snprintf(text, sizeof text, "The captions in %s were left aside: %s.", language, why);
	log_info("subtitles: %s", text);
	cJSON_AddItemToArray(notes, cJSON_CreateString(text));
}

/* Captions that cannot be read are a note: they must not cost the lesson its subtitles. */
static bool
write_captions(TaskContext *context, const cJSON *caption, const CutList *cuts,
			   double duration, cJSON *notes, Error *err)
{
	const char *language = json_text(caption, "language", "");
	const char *body = json_text(caption, "body", "");
	CLEANUP(transcript) Transcript source = {.words = NULL};
	CLEANUP(transcript) Transcript output = {.words = NULL};
	Error why;

	if (!captions_read(body, strlen(body), &source, &why))
	{
		note(notes, language, why.message);
		return true;
	}
	heard_retime(&source, cuts->spans, cuts->count, &output);
	if (output.word_count == 0)
	{
		note(notes, language, "nothing of them is in what was kept of the recording");
		return true;
	}
	return write_subtitles(context, &output, duration, language, err);
}

static bool
write_other_languages(TaskContext *context, const char *spoken, double duration,
					  Error *err)
{
	const cJSON *captions = json_at(context->input, "captions");
	const cJSON *caption;
	CLEANUP(cut_list) CutList cuts = {NULL, 0};
	CLEANUP(json) cJSON *notes = cJSON_CreateArray();

	if (cJSON_GetArraySize(captions) == 0)
		return true;
	if (!cut_list_read(context, &cuts, err))
		return false;
	cJSON_ArrayForEach(caption, captions)
	{
		const char *language = json_text(caption, "language", "");

		if (language_is_tag(language) && !same_language(language, spoken) &&
			!write_captions(context, caption, &cuts, duration, notes, err))
			return false;
	}
	if (cJSON_GetArraySize(notes) > 0)
	{
		task_fact(context, "subtitle_notes", notes);
		notes = NULL;
	}
	return true;
}

bool
task_subtitles(TaskContext *context, Error *err)
{
	CLEANUP(json) cJSON *json = NULL;
	CLEANUP(transcript) Transcript transcript = {.words = NULL};
	double duration;

	if (!artifact_read_json(context, "transcript", &json, err) ||
		!transcript_from_json(json, &transcript, err) ||
		!task_progress(context, 0.2, "dividing the text", err))
		return false;
	duration =
		json_number(context->input, "recording.final_duration", transcript.duration);
	return write_subtitles(context, &transcript, duration, NULL, err) &&
		   task_progress(context, 0.6, "fitting other languages", err) &&
		   write_other_languages(context, transcript.language, duration, err);
}
