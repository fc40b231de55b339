/*
 * speech/speech.h
 *	  What a speech provider is: sound in, transcript out. One file a provider.
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
	int audio_fd; /* 16 kHz mono WAV, a regular file */
	const CutSpan
		*cuts; /* what to listen to, at least one; the answer is in output time */
	size_t cut_count;
	const char *language;    /* "en", "ru-RU"; NULL, "" or "auto": the provider decides */
	const cJSON *vocabulary; /* array of terms that are likely to be said; NULL: none */
	int threads;
	const char *media_program; /* absolute path of leap-media */
	const Reporter *reporter;  /* may be NULL */
	double from;               /* the work's share of the whole task's progress */
	double to;
} SpeechRequest;

typedef struct Speech
{
	const char *name;
	const char *purpose;          /* for people */
	const char *const *languages; /* two-letter codes, ended by NULL; NULL: any */
	bool (*transcribe)(const SpeechRequest *request, cJSON **transcript, Error *err);
} Speech;

/* All providers of this program; the first is the default. A row without name ends it. */
extern const Speech speech_table[];

/* The provider of that name; NULL, "" and "embedded" name the default. NULL when unknown. */
const Speech *speech_find(const char *name);

/* The provider can be asked for this language ("en-GB" is "en"). */
bool speech_knows(const Speech *speech, const char *language);

/*
 * Transcribes with the provider of that name and checks what it answered: *transcript is
 * docs/protocol.md section 5, with at least one word. Refusals: provider_unknown
 * (permanent), language_unsupported and no_words (input).
 */
bool speech_transcribe(const char *provider, const SpeechRequest *request,
					   cJSON **transcript, Error *err);

/* The providers. */
bool speech_embedded(const SpeechRequest *request, cJSON **transcript, Error *err);

#endif
