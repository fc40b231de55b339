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

/* Times in what was sent; false when they are none. */
static bool
read_times(const cJSON *said, double *start, double *end)
{
	*start = json_number(said, "start", NAN) / 1000;
	*end = json_number(said, "end", NAN) / 1000;
	if (!isfinite(*start) || *start < 0)
		return false;
	*end = isfinite(*end) && *end > *start ? *end : *start;
	return true;
}

static cJSON *
add_row(cJSON *list, Span span, const char *name, const char *text)
{
	cJSON *row = cJSON_CreateObject();

	cJSON_AddNumberToObject(row, "start", span.start);
	cJSON_AddNumberToObject(row, "end", span.end);
	cJSON_AddStringToObject(row, name, text);
	cJSON_AddItemToArray(list, row);
	return row;
}

/* What was sent, and how the words of an answer lie in it. */
typedef struct Sent
{
	const CutSpan *cuts;
	size_t cut_count;
	double length;
	double last;    /* where the last word within it ends */
	size_t count;   /* of the words */
	size_t outside; /* of those behind its end */
	bool wrong;     /* those are too many: their times are wrong */
} Sent;

static bool
is_outside(const Sent *sent, double start)
{
	return start >= sent->length + CHUNK_END_SLACK;
}

static void
look_at_words(Sent *sent, const cJSON *words)
{
	const cJSON *said;
	double start;
	double end;

	cJSON_ArrayForEach(said, words)
	{
		if (!read_times(said, &start, &end))
			continue;
		sent->count++;
		if (is_outside(sent, start))
			sent->outside++;
		else
			sent->last = fmin(fmax(sent->last, end), sent->length);
	}
	sent->wrong = (double) sent->outside > CHUNK_OUTSIDE_SHARE * (double) sent->count;
}

/* Of words behind the end a few are left out; many are spread over what is left. */
static void
add_words(const Sent *sent, const cJSON *words, cJSON *list)
{
	double share = (sent->length - sent->last) / (double) (sent->outside + 1);
	double at = sent->last;
	const cJSON *said;
	double start;
	double end;

	cJSON_ArrayForEach(said, words)
	{
		const char *text = json_text(said, "text", "");
		double sure = json_number(said, "confidence", NAN);
		cJSON *word;

		if (text[0] == '\0' || !read_times(said, &start, &end))
			continue;
		if (is_outside(sent, start))
		{
			if (!sent->wrong)
				continue;
			start = at;
			end = at += share;
		}
		word =
			add_row(list,
					chunk_source_span(sent->cuts, sent->cut_count,
									  fmin(start, sent->length), fmin(end, sent->length)),
					"word", text);
		if (sure >= 0 && sure <= 1)
			cJSON_AddNumberToObject(word, "confidence", sure);
	}
}

/* A sentence may reach over several parts. Where times are wrong, there are none. */
static void
add_sentences(const Sent *sent, const cJSON *sentences, cJSON *list)
{
	const cJSON *said;
	double start;
	double end;

	cJSON_ArrayForEach(said, sentences)
	{
		const char *text = json_text(said, "text", "");
		Span span;

		if (text[0] == '\0' || !read_times(said, &start, &end) || sent->wrong ||
			is_outside(sent, start))
			continue;
		span = chunk_source_span(sent->cuts, sent->cut_count, start, start);
		span.end = fmax(span.end, chunk_source_time(sent->cuts, sent->cut_count, end));
		(void) add_row(list, span, "text", text);
	}
}

cJSON *
assemblyai_heard(const cJSON *job, const cJSON *sentences, const CutSpan *cuts,
				 size_t cut_count)
{
	cJSON *heard = cJSON_CreateObject();
	const CutSpan *last = &cuts[cut_count - 1];
	Sent sent = {.cuts = cuts,
				 .cut_count = cut_count,
				 .length = last->at + last->end - last->start};
	char language[16];

	language_code_of(json_text(job, "language_code", NULL), language);
	cJSON_AddStringToObject(heard, "language", language);
	cJSON_AddStringToObject(heard, "model",
							json_text(job, "speech_model_used",
									  json_text(job, "speech_model", "assemblyai")));
	look_at_words(&sent, json_at(job, "words"));
	add_words(&sent, json_at(job, "words"), cJSON_AddArrayToObject(heard, "words"));
	add_sentences(&sent, json_at(sentences, "sentences"),
				  cJSON_AddArrayToObject(heard, "segments"));
	cJSON_AddNumberToObject(heard, "outside", sent.wrong ? 0 : (double) sent.outside);
	cJSON_AddBoolToObject(heard, "word_times", !sent.wrong);
	return heard;
}
