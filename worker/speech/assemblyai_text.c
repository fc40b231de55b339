/*
 * speech/assemblyai_text.c
 *	  Orders and answers of AssemblyAI.
 */
#include "speech/assemblyai_text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "speech/chunks.h"
#include "speech/language_name.h"

#define TERMS_MOST      200
#define TERM_WORDS_MOST 6

/* English differs by country; of all other languages there is one. */
static const char *const english[] = {"en_us", "en_uk", "en_au"};

static void
add_language(const SpeechRequest *request, cJSON *order)
{
	char code[16];
	const char *language = request->language;

	language_code_of(language, code);
	if (code[0] == '\0' || strcmp(code, "auto") == 0)
	{
		cJSON_AddTrueToObject(order, "language_detection");
		return;
	}
	if (strcasecmp(language, "en-GB") == 0)
		language = "en_uk";
	for (size_t i = 0; i < sizeof english / sizeof english[0]; i++)
		if (strlen(language) == 5 && strncasecmp(language, english[i], 2) == 0 &&
			strcasecmp(language + 3, english[i] + 3) == 0)
			snprintf(code, sizeof code, "%s", english[i]);
	cJSON_AddStringToObject(order, "language_code", code);
}

static bool
is_term(const char *text)
{
	size_t words = 0;
	bool inside = false;

	for (; *text != '\0'; text++)
	{
		bool blank = isspace((unsigned char) *text) != 0;

		words += !blank && !inside;
		inside = !blank;
	}
	return words >= 1 && words <= TERM_WORDS_MOST;
}

static bool
is_known(const cJSON *terms, const char *text)
{
	const cJSON *term;

	cJSON_ArrayForEach(term,
					   terms) if (strcasecmp(term->valuestring, text) == 0) return true;
	return false;
}

static void
add_terms(const SpeechRequest *request, cJSON *order)
{
	cJSON *terms = cJSON_CreateArray();
	const cJSON *term;

	cJSON_ArrayForEach(term, request->vocabulary)
	{
		const char *text = cJSON_GetStringValue(term);

		if (text != NULL && is_term(text) && !is_known(terms, text) &&
			cJSON_GetArraySize(terms) < TERMS_MOST)
			cJSON_AddItemToArray(terms, cJSON_CreateString(text));
	}
	if (cJSON_GetArraySize(terms) > 0)
		cJSON_AddItemToObject(order, "keyterms_prompt", terms);
	else
		cJSON_Delete(terms);
}

/* The models in the order in which they are tried: those of the row, by commas. */
static void
add_models(const SpeechRequest *request, cJSON *order)
{
	const char *names = json_text(request->provider, "model", "");
	cJSON *models = cJSON_AddArrayToObject(order, "speech_models");

	if (names[0] == '\0')
		names = "universal-3-pro,universal-2";
	while (*names != '\0')
	{
		size_t length = strcspn(names, ", ");
		char name[80];

		if (length > 0 && length < sizeof name)
		{
			memcpy(name, names, length);
			name[length] = '\0';
			cJSON_AddItemToArray(models, cJSON_CreateString(name));
		}
		names += length + (names[length] != '\0');
	}
}

char *
assemblyai_order(const SpeechRequest *request, const char *address)
{
	cJSON *order = cJSON_CreateObject();
	char *text;

	cJSON_AddStringToObject(order, "audio_url", address);
	add_models(request, order);
	cJSON_AddTrueToObject(order, "punctuate");
	cJSON_AddTrueToObject(order, "format_text");
	add_language(request, order);
	add_terms(request, order);
	text = json_print(order);
	cJSON_Delete(order);
	return text;
}

/* Adds a row with start, end and a text; NULL when its times are none. */
static cJSON *
add_row(cJSON *list, const cJSON *said, const char *name, const CutSpan *cuts,
		size_t cut_count)
{
	const char *text = json_text(said, "text", "");
	double start = json_number(said, "start", NAN) / 1000;
	double end = json_number(said, "end", NAN) / 1000;
	cJSON *row;

	if (text[0] == '\0' || !isfinite(start) || start < 0)
		return NULL;
	end = isfinite(end) && end > start ? end : start;
	start = chunk_source_time(cuts, cut_count, start);
	end = fmax(start, chunk_source_time(cuts, cut_count, end));
	row = cJSON_CreateObject();
	cJSON_AddNumberToObject(row, "start", start);
	cJSON_AddNumberToObject(row, "end", end);
	cJSON_AddStringToObject(row, name, text);
	cJSON_AddItemToArray(list, row);
	return row;
}

cJSON *
assemblyai_heard(const cJSON *job, const cJSON *sentences, const CutSpan *cuts,
				 size_t cut_count)
{
	cJSON *heard = cJSON_CreateObject();
	cJSON *words;
	cJSON *segments;
	const cJSON *said;
	char language[16];

	language_code_of(json_text(job, "language_code", NULL), language);
	cJSON_AddStringToObject(heard, "language", language);
	cJSON_AddStringToObject(heard, "model",
							json_text(job, "speech_model_used",
									  json_text(job, "speech_model", "assemblyai")));
	words = cJSON_AddArrayToObject(heard, "words");
	segments = cJSON_AddArrayToObject(heard, "segments");
	cJSON_ArrayForEach(said, json_at(job, "words"))
	{
		cJSON *word = add_row(words, said, "word", cuts, cut_count);
		double sure = json_number(said, "confidence", NAN);

		if (word != NULL && sure >= 0 && sure <= 1)
			cJSON_AddNumberToObject(word, "confidence", sure);
	}
	cJSON_ArrayForEach(said, json_at(sentences, "sentences"))(void)
		add_row(segments, said, "text", cuts, cut_count);
	return heard;
}
