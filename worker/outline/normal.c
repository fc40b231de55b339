/*
 * outline/normal.c
 *	  Topics as every provider must give them.
 */
#include "outline/normal.h"

#include <math.h>
#include <string.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "outline/segment.h"
#include "outline/title.h"

#define SHORT_NOTE "the recording is so short that granularity makes no difference"

/* One topic while they are brought in order. */
typedef struct Place
{
	size_t utterance; /* with which it begins */
	bool behind_pause;
	char *title;
} Place;

typedef struct Places
{
	const Lecture *lecture;
	Place *items;
	size_t count;
} Places;

void
findings_add(Findings *findings, double start, const char *title)
{
	findings->topics = array_room(findings->topics, &findings->room, findings->count + 1,
								  sizeof(FoundTopic));
	findings->topics[findings->count++] = (FoundTopic){start, array_text(title)};
}

void
findings_free(Findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		free(findings->topics[i].title);
	free(findings->topics);
	free(findings->main_topic);
	free(findings->summary);
	cJSON_Delete(findings->questions);
	cJSON_Delete(findings->main_topics);
	memset(findings, 0, sizeof *findings);
}

static double
start_of(const Places *places, size_t i)
{
	return i == 0 ? 0 : places->lecture->utterances[places->items[i].utterance].start;
}

/* The utterance whose start is nearest. */
static size_t
nearest(const Lecture *lecture, double start)
{
	size_t low = 0;
	size_t high = lecture->count - 1;

	while (low < high)
	{
		size_t middle = (low + high) / 2;

		if (lecture->utterances[middle].start < start)
			low = middle + 1;
		else
			high = middle;
	}
	if (low > 0 && start - lecture->utterances[low - 1].start <
					   lecture->utterances[low].start - start)
		low--;
	return low;
}

static int
by_start(const void *left, const void *right)
{
	const FoundTopic *a = left;
	const FoundTopic *b = right;

	return (a->start > b->start) - (a->start < b->start);
}

static void
drop(Places *places, size_t i)
{
	free(places->items[i].title);
	places->count--;
	memmove(places->items + i, places->items + i + 1,
			(places->count - i) * sizeof(Place));
}

static void
insert(Places *places, size_t i, size_t utterance, const char *title)
{
	memmove(places->items + i + 1, places->items + i,
			(places->count - i) * sizeof(Place));
	places->items[i] = (Place){utterance, true, array_text(title)};
	places->count++;
}

/* Where the topics begin, in order of time, each utterance once. */
static void
place_all(Findings *findings, const Lecture *lecture, Places *places)
{
	/* a lesson of no length at all has a topic, too */
	double end =
		fmax(lecture->duration, lecture->utterances[lecture->count - 1].start + 1e-3);
	CLEANUP(buffer) Buffer title;

	buffer_init(&title);
	if (findings->count > 0)
		qsort(findings->topics, findings->count, sizeof(FoundTopic), by_start);
	for (size_t i = 0; i < findings->count; i++)
	{
		const FoundTopic *topic = &findings->topics[i];
		size_t utterance;

		title_clean(topic->title, TITLE_CHARACTERS, true, &title);
		if (title.length == 0 || !isfinite(topic->start) || topic->start < 0 ||
			topic->start >= end)
			continue;
		utterance = places->count == 0 ? 0 : nearest(lecture, topic->start);
		if (places->count > 0 && places->items[places->count - 1].utterance >= utterance)
			continue;
		places->items[places->count++] =
			(Place){utterance, false, array_text(title.data)};
	}
}

/* Where the first topic behind utterance i begins, or the number of topics. */
static size_t
topic_behind(const Places *places, size_t utterance)
{
	size_t i = 0;

	while (i < places->count && places->items[i].utterance <= utterance)
		i++;
	return i;
}

/* A topic begins behind each long pause: the next one, when it would begin within `reach`
 * seconds; else the one before goes on. */
static void
break_at_pauses(Places *places, double reach)
{
	const Lecture *lecture = places->lecture;

	for (size_t u = 0; places->count > 0 && u + 1 < lecture->count; u++)
	{
		size_t next;

		if (!long_pause_behind(lecture, u))
			continue;
		next = topic_behind(places, u);
		if (next < places->count &&
			lecture->utterances[places->items[next].utterance].start -
					lecture->utterances[u + 1].start <=
				reach)
		{
			places->items[next].utterance = u + 1;
			places->items[next].behind_pause = true;
		}
		else
			insert(places, next, u + 1, places->items[next > 0 ? next - 1 : 0].title);
	}
}

/* The topic may be joined with the one before. */
static bool
may_join(const Places *places, size_t i)
{
	return i > 0 && !places->items[i].behind_pause;
}

static void
join_same(Places *places, size_t fewest)
{
	for (size_t i = 1; i < places->count;)
		if (places->count > fewest && may_join(places, i) &&
			title_same(places->items[i - 1].title, places->items[i].title))
			drop(places, i);
		else
			i++;
}

static void
join_close(Places *places, double spacing)
{
	for (size_t i = 1; i < places->count;)
		if (may_join(places, i) &&
			start_of(places, i) - start_of(places, i - 1) < spacing)
			drop(places, i);
		else
			i++;
}

/* Joins the topic that follows closest, until there are no more than `most`. */
static void
join_surplus(Places *places, size_t most)
{
	while (places->count > most)
	{
		size_t closest = 0;
		double least = INFINITY;

		for (size_t i = 1; i < places->count; i++)
			if (may_join(places, i) &&
				start_of(places, i) - start_of(places, i - 1) < least)
			{
				least = start_of(places, i) - start_of(places, i - 1);
				closest = i;
			}
		if (closest == 0)
			return;
		drop(places, closest);
	}
}

size_t
findings_order(Findings *findings, const Lecture *lecture, const Limits *limits)
{
	size_t pauses = 0;
	CLEANUP(free) Place *items = NULL;
	Places places = {.lecture = lecture};

	for (size_t u = 0; u + 1 < lecture->count; u++)
		pauses += long_pause_behind(lecture, u);
	items = array_new(findings->count + pauses + 1, sizeof *items);
	places.items = items;
	place_all(findings, lecture, &places);
	break_at_pauses(&places, limits->spacing);
	join_same(&places, limits->fewest);
	join_close(&places, limits->spacing);
	join_surplus(&places, limits->most);
	for (size_t i = 0; i < findings->count; i++)
		free(findings->topics[i].title);
	findings->topics =
		array_room(findings->topics, &findings->room, places.count, sizeof(FoundTopic));
	findings->count = places.count;
	for (size_t i = 0; i < places.count; i++)
		findings->topics[i] = (FoundTopic){start_of(&places, i), places.items[i].title};
	return findings->count;
}

static double
milliseconds(double seconds)
{
	return round(seconds * 1000.0) / 1000.0;
}

/* Where a topic ends: where the next begins, a long pause begins, or the lesson ends. */
static double
end_of(const Findings *findings, const Lecture *lecture, size_t i)
{
	double until =
		i + 1 < findings->count ? findings->topics[i + 1].start : lecture->duration;

	for (size_t u = 0; u + 1 < lecture->count; u++)
		if (long_pause_behind(lecture, u) &&
			lecture->utterances[u].end > findings->topics[i].start &&
			lecture->utterances[u].end < until)
			return lecture->utterances[u].end;
	return until;
}

static cJSON *
topics_to_json(const Findings *findings, const Lecture *lecture)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < findings->count; i++)
	{
		cJSON *item = cJSON_CreateObject();

		cJSON_AddStringToObject(item, "title", findings->topics[i].title);
		cJSON_AddNumberToObject(item, "start", milliseconds(findings->topics[i].start));
		cJSON_AddNumberToObject(item, "end", milliseconds(end_of(findings, lecture, i)));
		cJSON_AddItemToArray(list, item);
	}
	return list;
}

static cJSON *
pauses_to_json(const Lecture *lecture)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i + 1 < lecture->count; i++)
	{
		cJSON *pause;

		if (!long_pause_behind(lecture, i))
			continue;
		pause = cJSON_CreateObject();
		cJSON_AddNumberToObject(pause, "start", milliseconds(lecture->utterances[i].end));
		cJSON_AddNumberToObject(pause, "end",
								milliseconds(lecture->utterances[i + 1].start));
		cJSON_AddItemToArray(list, pause);
	}
	return list;
}

cJSON *
findings_document(const Findings *findings, const Lecture *lecture,
				  const OutlineRequest *request, const char *provider, const char *model)
{
	cJSON *outline = cJSON_CreateObject();
	cJSON *main_topics = findings->main_topics != NULL
							 ? cJSON_Duplicate(findings->main_topics, true)
							 : cJSON_CreateArray();

	cJSON_AddNumberToObject(outline, "version", OUTLINE_VERSION);
	cJSON_AddStringToObject(outline, "provider", provider);
	cJSON_AddStringToObject(outline, "model", model);
	cJSON_AddStringToObject(outline, "language", lecture->language);
	cJSON_AddStringToObject(outline, "granularity",
							request->granularity != NULL ? request->granularity : "long");
	if (limits_are_one(lecture->duration))
		cJSON_AddStringToObject(outline, "note", SHORT_NOTE);
	cJSON_AddItemToObject(outline, "topics", topics_to_json(findings, lecture));
	cJSON_AddItemToObject(outline, "main_topics", main_topics);
	if (findings->main_topics == NULL && findings->main_topic != NULL &&
		*findings->main_topic != '\0')
		cJSON_AddItemToArray(main_topics, cJSON_CreateString(findings->main_topic));
	cJSON_AddStringToObject(outline, "summary",
							findings->summary != NULL ? findings->summary : "");
	cJSON_AddItemToObject(outline, "questions",
						  findings->questions != NULL
							  ? cJSON_Duplicate(findings->questions, true)
							  : cJSON_CreateArray());
	if (findings->questions_note != NULL)
		cJSON_AddStringToObject(outline, "questions_note", findings->questions_note);
	cJSON_AddItemToObject(outline, "pauses", pauses_to_json(lecture));
	return outline;
}
