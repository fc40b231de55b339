/*
 * outline/phrases.c
 *	  Key phrases by weighted log odds.
 *
 * A phrase is worth the z-score of the log odds ratio between topic and rest with a small
 * uniform prior (B. Monroe, M. Colaresi, K. Quinn, "Fightin' Words", 2008); longer phrases
 * say more and get a factor.
 */
#include "outline/phrases.h"

#include <math.h>
#include <stdbool.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/utf8.h"

#define LONGEST_PHRASE 3
#define TITLE_PHRASES  3
#define MAIN_PHRASES   2
#define TITLE_WORDS    6
#define TITLE_WIDTH    70
#define LEAST_HITS     2
#define PRIOR          0.5
#define PRIOR_OF_ALL   500.0

static const double length_factor[] = {0, 1.0, 1.45, 1.5};

/* One place where a phrase is said. */
typedef struct Occurrence
{
	int stems[LONGEST_PHRASE]; /* NO_STEM behind its length */
	size_t utterance;
	size_t token;
	size_t topic;
} Occurrence;

/* All places of one phrase: occurrences[first .. first + count). */
typedef struct Phrase
{
	size_t first;
	size_t count;
	size_t length;
} Phrase;

struct Phrases
{
	const Topics *topics;
	Occurrence *occurrences; /* by stems, then by time */
	size_t occurrence_count;
	size_t occurrence_room;
	Phrase *phrases;
	size_t count;
	size_t room;
	double *stems; /* content words of each topic */
};

/* What has been put into a title. */
typedef struct Title
{
	int stems[TITLE_WORDS + LONGEST_PHRASE];
	size_t words;
	size_t phrases;
	Buffer *text;
} Title;

size_t
topic_end(const Topics *topics, size_t topic)
{
	return topic + 1 < topics->count ? topics->starts[topic + 1] : topics->lecture->count;
}

static void
add_occurrences(Phrases *phrases, size_t topic, size_t utterance)
{
	const Utterance *said = &phrases->topics->lecture->utterances[utterance];

	for (size_t from = 0; from < said->token_count; from++)
	{
		Occurrence place = {
			{NO_STEM, NO_STEM, NO_STEM},
            utterance, from, topic
        };

		phrases->stems[topic] += said->tokens[from].stem != NO_STEM;
		for (size_t k = 0; k < LONGEST_PHRASE && from + k < said->token_count; k++)
		{
			place.stems[k] = said->tokens[from + k].stem;
			if (place.stems[k] == NO_STEM)
				break;
			phrases->occurrences =
				array_room(phrases->occurrences, &phrases->occurrence_room,
						   phrases->occurrence_count + 1, sizeof(Occurrence));
			phrases->occurrences[phrases->occurrence_count++] = place;
		}
	}
}

static int
by_phrase(const void *left, const void *right)
{
	const Occurrence *a = left;
	const Occurrence *b = right;
	int order = memcmp(a->stems, b->stems, sizeof a->stems);

	if (order != 0)
		return order;
	if (a->utterance != b->utterance)
		return a->utterance < b->utterance ? -1 : 1;
	return (a->token > b->token) - (a->token < b->token);
}

static void
group_occurrences(Phrases *phrases)
{
	for (size_t i = 0; i < phrases->occurrence_count;)
	{
		const int *stems = phrases->occurrences[i].stems;
		Phrase phrase = {i, 0, 0};

		while (i < phrases->occurrence_count &&
			   memcmp(phrases->occurrences[i].stems, stems,
					  sizeof phrases->occurrences[i].stems) == 0)
			i++;
		phrase.count = i - phrase.first;
		while (phrase.length < LONGEST_PHRASE && stems[phrase.length] != NO_STEM)
			phrase.length++;
		phrases->phrases = array_room(phrases->phrases, &phrases->room,
									  phrases->count + 1, sizeof(Phrase));
		phrases->phrases[phrases->count++] = phrase;
	}
}

Phrases *
phrases_new(const Topics *topics)
{
	Phrases *phrases = array_new(1, sizeof *phrases);

	phrases->topics = topics;
	phrases->stems = array_new(topics->count, sizeof *phrases->stems);
	for (size_t topic = 0; topic < topics->count; topic++)
		for (size_t i = topics->starts[topic]; i < topic_end(topics, topic); i++)
			add_occurrences(phrases, topic, i);
	if (phrases->occurrence_count > 0)
		qsort(phrases->occurrences, phrases->occurrence_count, sizeof(Occurrence),
			  by_phrase);
	group_occurrences(phrases);
	return phrases;
}

void
phrases_free(Phrases *phrases)
{
	free(phrases->occurrences);
	free(phrases->phrases);
	free(phrases->stems);
	free(phrases);
}

static double
log_odds(double times, double of)
{
	return log((times + PRIOR) / (of + PRIOR_OF_ALL - times - PRIOR));
}

static double
score_in_topic(const Phrases *phrases, const Phrase *phrase, size_t topic)
{
	double inside = 0;
	double outside;
	double words_outside = -phrases->stems[topic];

	for (size_t i = 0; i < phrase->count; i++)
		inside += phrases->occurrences[phrase->first + i].topic == topic;
	if (inside < LEAST_HITS)
		return 0;
	outside = (double) phrase->count - inside;
	for (size_t i = 0; i < phrases->topics->count; i++)
		words_outside += phrases->stems[i];
	return length_factor[phrase->length] *
		   (log_odds(inside, phrases->stems[topic]) - log_odds(outside, words_outside)) /
		   sqrt(1.0 / (inside + PRIOR) + 1.0 / (outside + PRIOR));
}

/* How much a phrase runs through the lecture: often, and in many topics. */
static double
score_in_lecture(const Phrases *phrases, const Phrase *phrase)
{
	double spread = 0;
	size_t last = phrases->topics->count; /* none yet; occurrences are in order of time */

	for (size_t i = 0; i < phrase->count; i++)
	{
		size_t topic = phrases->occurrences[phrase->first + i].topic;

		spread += topic != last;
		last = topic;
	}
	if (phrase->count < LEAST_HITS)
		return 0;
	return length_factor[phrase->length] * (double) phrase->count *
		   (0.5 + spread / (double) phrases->topics->count);
}

/* Adds the words of a place; false when they repeat a stem or do not fit. */
static bool
add_to_title(Title *title, const Lecture *lecture, const Occurrence *place, size_t length)
{
	const Token *tokens = &lecture->utterances[place->utterance].tokens[place->token];
	size_t before = title->text->length;

	for (size_t k = 0; k < length; k++)
		for (size_t i = 0; i < title->words; i++)
			if (title->stems[i] == place->stems[k])
				return false;
	for (size_t k = 0; k < length; k++)
		buffer_printf(title->text, "%s%s",
					  k > 0        ? " "
					  : before > 0 ? ", "
								   : "",
					  tokens[k].surface);
	if (utf8_width(title->text->data) > TITLE_WIDTH)
	{
		title->text->length = before;
		title->text->data[before] = '\0';
		return false;
	}
	for (size_t k = 0; k < length; k++)
		title->stems[title->words++] = place->stems[k];
	title->phrases++;
	return true;
}

/* The place in this topic where the phrase is said first. */
static const Occurrence *
place_in(const Phrases *phrases, const Phrase *phrase, size_t topic)
{
	for (size_t i = 0; i < phrase->count; i++)
		if (phrases->occurrences[phrase->first + i].topic == topic)
			return &phrases->occurrences[phrase->first + i];
	return &phrases->occurrences[phrase->first];
}

static void
capitalise(Buffer *title)
{
	const char *at = title->data;
	uint32_t code = utf8_upper(utf8_next(&at));

	/* upper and lower case of these letters have the same length */
	if (code != 0)
		(void) utf8_put(code, title->data);
}

/* Fills the title with the phrases of the highest positive scores (consumed). */
static void
fill_title(const Phrases *phrases, double *scores, size_t topic, size_t most,
		   Buffer *text)
{
	Title title = {.text = text};

	buffer_clear(text);
	while (title.phrases < most && title.words < TITLE_WORDS)
	{
		const Phrase *phrase;
		size_t best = 0;

		for (size_t i = 1; i < phrases->count; i++)
			if (scores[i] > scores[best])
				best = i;
		if (phrases->count == 0 || scores[best] <= 0)
			break;
		phrase = &phrases->phrases[best];
		scores[best] = 0;
		(void) add_to_title(&title, phrases->topics->lecture,
							place_in(phrases, phrase, topic), phrase->length);
	}
	capitalise(text);
}

void
phrases_title(const Phrases *phrases, size_t topic, Buffer *title)
{
	CLEANUP(free) double *scores = array_new(phrases->count, sizeof *scores);

	for (size_t i = 0; i < phrases->count; i++)
		scores[i] = score_in_topic(phrases, &phrases->phrases[i], topic);
	fill_title(phrases, scores, topic, TITLE_PHRASES, title);
	if (title->length == 0)
		phrases_number(phrases, topic, title);
}

static const char *
part_of(const Phrases *phrases)
{
	return strcmp(phrases->topics->lecture->language, "ru") == 0 ? "Часть " : "Part ";
}

void
phrases_number(const Phrases *phrases, size_t topic, Buffer *title)
{
	buffer_clear(title);
	buffer_printf(title, "%s%zu", part_of(phrases), topic + 1);
}

bool
phrases_is_number(const Phrases *phrases, const char *title)
{
	size_t length = strlen(part_of(phrases));

	return strncmp(title, part_of(phrases), length) == 0 && title[length] != '\0' &&
		   strspn(title + length, "0123456789") == strlen(title + length);
}

cJSON *
phrases_main(const Phrases *phrases)
{
	CLEANUP(free) double *scores = array_new(phrases->count, sizeof *scores);
	CLEANUP(buffer) Buffer all;
	CLEANUP(buffer) Buffer title;
	cJSON *list = cJSON_CreateArray();
	size_t length;

	for (size_t i = 0; i < phrases->count; i++)
		scores[i] = score_in_lecture(phrases, &phrases->phrases[i]);
	buffer_init(&all);
	buffer_init(&title);
	fill_title(phrases, scores, 0, MAIN_PHRASES, &all);
	/* each phrase is a subject of its own; no word holds what is between them */
	for (const char *at = all.data; *at != '\0'; at += length + strspn(at + length, ", "))
	{
		const char *end = strstr(at, ", ");

		length = end != NULL ? (size_t) (end - at) : strlen(at);
		buffer_clear(&title);
		buffer_append(&title, at, length);
		capitalise(&title);
		cJSON_AddItemToArray(list, cJSON_CreateString(title.data));
	}
	return list;
}
