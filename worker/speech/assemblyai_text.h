/*
 * speech/assemblyai_text.h
 *	  What AssemblyAI is told of a job, and what its answer says.
 */
#ifndef LEAP_SPEECH_ASSEMBLYAI_TEXT_H
#define LEAP_SPEECH_ASSEMBLYAI_TEXT_H

#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/spans.h"
#include "speech/speech.h"

/* The order of a job for the sound at that address, as JSON; the caller frees it. */
char *assemblyai_order(const SpeechRequest *request, const char *address);

/* A finished job, and its sentences (NULL: none), as the answer of a provider
 * (speech/speech.h) about the sound that `cuts` describe, a word in one of them. "outside"
 * counts the words that were left out because they lie behind the end of the sound; where these
 * are more than a few, they are spread over what is left, and "word_times" is false. The caller
 * deletes it. */
cJSON *assemblyai_heard(const cJSON *job, const cJSON *sentences, const CutSpan *cuts,
						size_t cut_count);

#endif
