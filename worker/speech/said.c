/*
 * speech/said.c
 *	  Words with and without times.
 */
#include "speech/said.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "speech/join.h"

/* The longest common sequence is looked for up to so many pairs: an hour of speech that is
 * different at both its ends. */
#define PAIRS_MOST ((size_t) 1 << 26)

/* Services place passages and words by different means: so far apart they may be the same. */
#define APART 2.0

/* What begins later behind a passage is no part of it. */
#define SLACK 0.5

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void
said_add(SaidList *list, Said said, const char *text, size_t length)
{
	while (length > 0 && is_blank(*text))
	{
		text++;
		length--;
	}
	while (length > 0 && is_blank(text[length - 1]))
		length--;
	if (length == 0)
		return;
	list->items =
		array_room(list->items, &list->room, list->count + 1, sizeof *list->items);
	said.text = array_check(strndup(text, length));
	said.order = list->count;
	list->items[list->count++] = said;
}

void
said_add_words(SaidList *list, Said said, const char *text)
{
	said.start = said.end = NAN;
	while (*text != '\0')
	{
		size_t length = strcspn(text, " \t\r\n");
		size_t before = list->count;

		said_add(list, said, text, length);
		if (list->count > before && join_same_word(list->items[before].text, ""))
			free(list->items[--list->count].text);
		text += length + (text[length] != '\0');
	}
}

void
said_free(SaidList *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].text);
	free(list->items);
	*list = (SaidList){NULL, 0, 0};
}

/* NAN without times. */
static double
middle(const Said *word)
{
	return word->start + (word->end - word->start) / 2;
}

/* Can this word be that one of the text? */
static bool
is_same(const Said *word, const Said *token)
{
	double at = middle(word);

	return (isnan(at) || (at > token->low - APART && at < token->high + APART)) &&
		   join_same_word(word->text, token->text);
}

/* Words (a) and words of a text (b) while they are merged into `out`. */
typedef struct Merge
{
	Said *a;
	Said *b;
	SaidList *out;
} Merge;

static void
put(const Merge *merge, Said *said)
{
	SaidList *out = merge->out;

	out->items = array_room(out->items, &out->room, out->count + 1, sizeof *out->items);
	out->items[out->count] = *said;
	out->items[out->count].order = out->count;
	out->count++;
	said->text = NULL;
}

/* One word, spelled as in the text. */
static void
put_pair(const Merge *merge, Said *word, Said *token)
{
	char *plain = word->text;

	word->text = token->text;
	token->text = plain;
	if (!token->loose)
	{
		word->low = token->low;
		word->high = token->high;
	}
	put(merge, word);
}

static size_t
letters(const Said *list, size_t from, size_t to)
{
	size_t length = 0;

	for (size_t i = from; i < to; i++)
		length += strlen(list[i].text);
	return length;
}

/* Words a_from..a_to stand where one passage says b_from..b_to. */
static void
choose(const Merge *merge, size_t a_from, size_t a_to, size_t b_from, size_t b_to)
{
	bool words = letters(merge->a, a_from, a_to) * 2 >= letters(merge->b, b_from, b_to);

	for (size_t i = a_from; words && i < a_to; i++)
		put(merge, &merge->a[i]);
	for (size_t i = b_from; !words && i < b_to; i++)
		put(merge, &merge->b[i]);
}

/* Nothing is the same in these: passage by passage, to which words belong by their time. */
static void
put_different(const Merge *merge, size_t a_from, size_t a_to, size_t b_from, size_t b_to)
{
	while (b_from < b_to)
	{
		const Said *passage = &merge->b[b_from];
		size_t b_end = b_from;
		size_t a_end = a_from;
		double high;

		while (b_end < b_to && merge->b[b_end].low == passage->low)
			b_end++;
		high = b_end < b_to ? merge->b[b_end].low : passage->high + SLACK;
		while (a_end < a_to && !(middle(&merge->a[a_end]) >= high))
			a_end++;
		choose(merge, a_from, a_end, b_from, b_end);
		a_from = a_end;
		b_from = b_end;
	}
	for (size_t i = a_from; i < a_to; i++)
		put(merge, &merge->a[i]);
}

/* The ways from a pair of places to the best one behind it. */
enum
{
	WAY_PAIR,
	WAY_WORD, /* past a word */
	WAY_TEXT  /* past a word of the text */
};

/* For every pair of places which way the longest common sequence goes on; NULL: too many. */
static char *
find_ways(const Said *a, size_t a_count, const Said *b, size_t b_count)
{
	char *ways;
	unsigned *next;
	unsigned *now;

	if (a_count == 0 || b_count == 0 || a_count > PAIRS_MOST / b_count)
		return NULL;
	ways = array_new(a_count * b_count, 1);
	next = array_new(b_count + 1, sizeof *next);
	now = array_new(b_count + 1, sizeof *now);
	for (size_t i = a_count; i-- > 0;)
	{
		unsigned *done = next;

		for (size_t j = b_count; j-- > 0;)
		{
			bool same = is_same(&a[i], &b[j]);
			bool text = now[j + 1] > next[j];

			now[j] = same ? next[j + 1] + 1 : text ? now[j + 1] : next[j];
			ways[i * b_count + j] = same ? WAY_PAIR : text ? WAY_TEXT : WAY_WORD;
		}
		next = now;
		now = done;
	}
	free(next);
	free(now);
	return ways;
}

/* What lies between the words that both begin and end with. */
static void
merge_middle(const Merge *merge, size_t a, size_t a_to, size_t b, size_t b_to)
{
	size_t width = b_to - b;
	size_t a_first = a;
	size_t b_first = b;
	size_t a_open = a; /* behind the last pair */
	size_t b_open = b;
	char *ways = find_ways(merge->a + a, a_to - a, merge->b + b, width);

	while (ways != NULL && a < a_to && b < b_to)
	{
		char way = ways[(a - a_first) * width + b - b_first];

		if (way == WAY_PAIR)
		{
			put_different(merge, a_open, a, b_open, b);
			put_pair(merge, &merge->a[a], &merge->b[b]);
			a_open = a + 1;
			b_open = b + 1;
		}
		a += way != WAY_TEXT;
		b += way != WAY_WORD;
	}
	put_different(merge, a_open, a_to, b_open, b_to);
	free(ways);
}

void
said_merge(SaidList *words, SaidList *text)
{
	SaidList out = {NULL, 0, 0};
	Merge merge = {words->items, text->items, &out};
	size_t begin = 0;
	size_t a = words->count;
	size_t b = text->count;

	while (begin < a && begin < b && is_same(&merge.a[begin], &merge.b[begin]))
	{
		put_pair(&merge, &merge.a[begin], &merge.b[begin]);
		begin++;
	}
	while (a > begin && b > begin && is_same(&merge.a[a - 1], &merge.b[b - 1]))
	{
		a--;
		b--;
	}
	merge_middle(&merge, begin, a, begin, b);
	for (; a < words->count; a++, b++)
		put_pair(&merge, &merge.a[a], &merge.b[b]);
	said_free(words);
	said_free(text);
	*words = out;
}

/* Words from..to of one passage over low..high. */
static void
spread_over(SaidList *words, size_t from, size_t to, double low, double high)
{
	size_t total = letters(words->items, from, to) + (to - from) - 1;
	double scale = (high - low) / (double) total;
	size_t at = 0;

	for (size_t i = from; i < to; i++)
	{
		Said *word = &words->items[i];
		size_t length = strlen(word->text);

		word->start = low + scale * (double) at;
		word->end = low + scale * (double) (at + length);
		at += length + 1;
	}
}

bool
said_spread(SaidList *words, double length)
{
	double before = 0;
	bool any = false;

	for (size_t i = 0, to; i < words->count; i = to)
	{
		const Said *word = &words->items[i];
		size_t next = i;
		double after = length;
		double low;
		double high;

		to = i + 1;
		if (!isnan(word->start))
		{
			before = fmax(before, word->end);
			continue;
		}
		while (to < words->count && isnan(words->items[to].start) &&
			   words->items[to].low == word->low)
			to++;
		while (next < words->count && isnan(words->items[next].start))
			next++;
		if (next < words->count)
			after = words->items[next].start;
		/* the next passage begins where it says */
		if (to < next && words->items[to].low > word->low)
			after = fmin(after, words->items[to].low);
		after = fmax(after, before);
		low = fmin(fmax(before, word->low), after);
		high = fmax(fmin(after, word->high), low);
		spread_over(words, i, to, low, high);
		before = high;
		any = true;
	}
	return any;
}
