/*
 * speech/speech.h
 *	  What a speech provider is: sound in, words with times out. One file a protocol.
 *
 * All times of a request and its answer are source time: seconds of the recording as it was
 * fetched. What of it is shown, and when, is a question of the cut list alone, so that an
 * answer that was paid for outlives every change of the cut.
 */
#ifndef LEAP_SPEECH_SPEECH_H
#define LEAP_SPEECH_SPEECH_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/report.h"
#include "base/spans.h"

typedef struct SpeechRequest
{
	int audio_fd;      /* 16 kHz mono WAV, a regular file */
	const Span *spans; /* what is to be heard: ascending, disjoint, at least one */
	size_t span_count;
	const Span *pauses; /* where nobody speaks: good places to divide the sound */
	size_t pause_count;
	const char *language;    /* "en", "ru-RU"; NULL: to be detected */
	const cJSON *vocabulary; /* array of terms that are likely to be said; NULL: none */
	const cJSON *provider;   /* the row, as the task's input has it */
	const char *key;         /* of this provider; NULL: none. A secret */
	const cJSON *captions;   /* [{"language","format","body"}]; NULL: none */
	int threads;
	const char *media_program; /* absolute path of leap-media */
	const Reporter *reporter;  /* may be NULL */
	double from;               /* the work's share of the whole task's progress */
	double to;

	/* What this provider saved in an earlier attempt at this task; NULL: nothing. */
	const cJSON *progress_state;

	/* Stores the provider's state durably, and what is in `usage` with it: to be called
	 * before whatever costs. false with *err (lost): stop, the lease is gone. */
	bool (*save)(void *arg, const cJSON *state, Error *err);
	void *save_arg;

	/* What this task asked of this provider, earlier attempts included: the provider adds
	 * "requests", "audio_seconds", "input_tokens", "output_tokens" as it asks (speech_use).
	 */
	cJSON *usage;
} SpeechRequest;

typedef struct Speech
{
	const char *protocol; /* as in leap.providers */
	const char *purpose;  /* for people */

	/*
	 * *heard is {"language","model","words":[{"start","end","word","confidence"?}],
	 * "segments":[{"start","end","text"}]}: source time, words only within the spans;
	 * "segments" may be missing. The caller deletes it. Without words it is a failure of
	 * this provider, whatever it returns.
	 */
	bool (*transcribe)(const SpeechRequest *request, cJSON **heard, Error *err);
} Speech;

/* All protocols of this program. A row without protocol ends it. */
extern const Speech speech_table[];

/* The row of `table` with that protocol; NULL when unknown. */
const Speech *speech_find(const Speech *table, const char *protocol);

/* The provider can be asked for this language ("en-GB" is "en"; NULL: one that is to be
 * detected). A row that names no languages knows all. */
bool speech_knows(const cJSON *provider, const char *language);

/* Adds to a number of request->usage. */
void speech_use(const SpeechRequest *request, const char *what, double amount);

/* The protocols. */
bool speech_captions(const SpeechRequest *request, cJSON **heard, Error *err);
bool speech_embedded(const SpeechRequest *request, cJSON **heard, Error *err);
bool speech_openai(const SpeechRequest *request, cJSON **heard, Error *err);
bool speech_assemblyai(const SpeechRequest *request, cJSON **heard, Error *err);

#endif
