/*
 * speech/openai_answer.h
 *	  What services that speak OpenAI's /v1/audio/transcriptions answer, in the many shapes that
 *	  they have, brought into one.
 */
#ifndef LEAP_SPEECH_OPENAI_ANSWER_H
#define LEAP_SPEECH_OPENAI_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/spans.h"

/*
 * Reads an answer about the sound that `cuts` describe (speech/chunks.h). *heard, the caller's
 * to delete, is {"language": "en"|"", "word_times": bool, "outside": n, "words": [[start, end,
 * confidence|null, "text"]...], "segments": [[start, end, "text"]...]}, in source time,
 * ascending, within the cuts, a word in one of them. No word of the answer is lost: those
 * without times, or with times behind the end of the sound, are spread over what is left for
 * them, and word_times is false. Only where a few lie behind the end, they are left out, and
 * "outside" counts them. Nothing said is no error. What is no such answer: transient, code
 * bad_answer; `shown` is how the message calls the service.
 */
bool openai_answer_read(const cJSON *answer, const CutSpan *cuts, size_t cut_count,
						const char *shown, cJSON **heard, Error *err);

#endif
