/*
 * outline/lecture.c
 *	  Reading a transcript into utterances.
 */
#include "outline/lecture.h"

#include <math.h>

#include "base/array.h"
#include "base/utf8.h"
#include "outline/tokens.h"

/* The first two letters of the language in lower case; "" when it has none. */
static void
read_language(const cJSON *transcript, char language[3])
{
	const char *text =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(transcript, "language"));
	uint32_t code;

	language[0] = '\0';
	for (size_t i = 0; i < 2 && text != NULL; i++)
	{
		code = utf8_lower(utf8_next(&text));
		language[i] = code >= 'a' && code <= 'z' ? (char) code : '\0';
		language[i + 1] = '\0';
	}
}

static bool
read_utterance(const cJSON *segment, Utterance *utterance)
{
	const cJSON *start = cJSON_GetObjectItemCaseSensitive(segment, "start");
	const cJSON *end = cJSON_GetObjectItemCaseSensitive(segment, "end");
	const char *text =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(segment, "text"));

	if (text == NULL || !cJSON_IsNumber(start) || !cJSON_IsNumber(end))
		return false;
	*utterance = (Utterance){.start = cJSON_GetNumberValue(start),
							 .end = cJSON_GetNumberValue(end)};
	if (!isfinite(utterance->start) || !isfinite(utterance->end))
		return false;
	utterance->text = array_text(text);
	return true;
}

static int
by_start(const void *left, const void *right)
{
	const Utterance *a = left;
	const Utterance *b = right;

	return (a->start > b->start) - (a->start < b->start);
}

static void
split_all(Lecture *lecture)
{
	Tokenizer *tokenizer = tokenizer_new(lecture->language);

	for (size_t i = 0; i < lecture->count; i++)
	{
		Utterance *utterance = &lecture->utterances[i];

		tokenizer_split(tokenizer, utterance->text, utterance);
		for (size_t k = 0; k < utterance->token_count; k++)
			lecture->token_total += utterance->tokens[k].stem != NO_STEM;
	}
	lecture->stem_count = tokenizer_stems(tokenizer);
	tokenizer_free(tokenizer);
}

bool
lecture_read(const cJSON *transcript, double duration, Lecture *lecture, Error *err)
{
	const cJSON *segments = cJSON_GetObjectItemCaseSensitive(transcript, "segments");
	const cJSON *stated = cJSON_GetObjectItemCaseSensitive(transcript, "duration");
	const cJSON *segment = NULL;
	int size = cJSON_GetArraySize(segments);

	memset(lecture, 0, sizeof *lecture);
	if (!cJSON_IsArray(segments))
		return error_set(err, ERROR_PERMANENT, "bad_transcript",
						 "Transcribe the recording again.",
						 "the transcript has no list of segments");
	if (size == 0)
		return error_set(err, ERROR_INPUT, "no_words",
						 "Check the quality of the sound and the language setting.",
						 "the transcript is empty: there is nothing to outline");
	lecture->utterances = array_new((size_t) size, sizeof(Utterance));
	cJSON_ArrayForEach(segment, segments)
	{
		if (!read_utterance(segment, &lecture->utterances[lecture->count]))
			return error_set(
				err, ERROR_PERMANENT, "bad_transcript", "Transcribe the recording again.",
				"segment %zu of the transcript lacks text or times", lecture->count);
		lecture->count++;
	}
	qsort(lecture->utterances, lecture->count, sizeof(Utterance), by_start);
	if (!(duration > 0) && cJSON_IsNumber(stated))
		duration = cJSON_GetNumberValue(stated);
	lecture->duration = fmax(duration, lecture->utterances[lecture->count - 1].end);
	read_language(transcript, lecture->language);
	split_all(lecture);
	return true;
}

void
lecture_free(Lecture *lecture)
{
	for (size_t i = 0; i < lecture->count; i++)
	{
		for (size_t k = 0; k < lecture->utterances[i].token_count; k++)
			free(lecture->utterances[i].tokens[k].surface);
		free(lecture->utterances[i].tokens);
		free(lecture->utterances[i].text);
	}
	free(lecture->utterances);
	memset(lecture, 0, sizeof *lecture);
}
