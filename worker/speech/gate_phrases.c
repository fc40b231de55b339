/*
 * speech/gate_phrases.c
 *	  Signs in what was said: what recognisers say in silence.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "speech/gate_check.h"

#define LONGEST_PLAIN   1024
#define SHORT_SEGMENT   12    /* words; longer ones tell something themselves */
#define FAREWELLS       2     /* so often people say it themselves */
#define FAREWELL_PART   60.0  /* seconds: the end of a lecture */
#define SECONDS_A_THANK 900.0 /* people thank each other so often */
#define SECONDS_A_WORD  2.0   /* nobody says them slower */
#define STRETCHED       15.0  /* seconds of speech that were taken for a phrase */
#define ONLY_PHRASES    0.8   /* of the words: nothing else was said */

typedef enum PhraseKind
{
	PHRASE_NONE = 0,
	PHRASE_SOUND,    /* what is heard, not said */
	PHRASE_THANKS,   /* said anywhere; only where it is all of a segment */
	PHRASE_FAREWELL, /* said at the end of a lecture, or of a part of it */
	PHRASE_VIDEO,    /* said at the end of a lecture only */
	PHRASE_CREDIT,   /* nobody says that in a lecture */
} PhraseKind;

/* What recognisers trained on film subtitles say about silence, as gate_plain() writes it. */
static const struct
{
	const char *text;
	PhraseKind kind;
} known_phrases[] = {
	{"редактор субтитров",                 PHRASE_CREDIT  },
	{"субтитры сделал",                       PHRASE_CREDIT  },
	{"субтитры создавал",                   PHRASE_CREDIT  },
	{"субтитры подогнал",                   PHRASE_CREDIT  },
	{"субтитры добавил",                     PHRASE_CREDIT  },
	{"субтитры делал",						 PHRASE_CREDIT  },
	{"субтитры подготовил",               PHRASE_CREDIT  },
	{"субтитры предоставил",             PHRASE_CREDIT  },
	{"субтитры и перевод",                  PHRASE_CREDIT  },
	{"перевод и субтитры",                  PHRASE_CREDIT  },
	{"спасибо за субтитры",                PHRASE_CREDIT  },
	{"субтитры от",							   PHRASE_CREDIT  },
	{"dimatorzok",										  PHRASE_CREDIT  },
	{"корректор а",							   PHRASE_CREDIT  },
	{"amara org",										   PHRASE_CREDIT  },
	{"сообщества amara",						  PHRASE_CREDIT  },
	{"subtitles by",										PHRASE_CREDIT  },
	{"subtitled by",										PHRASE_CREDIT  },
	{"subtitles created by",								PHRASE_CREDIT  },
	{"subs by",											 PHRASE_CREDIT  },
	{"captions by",										 PHRASE_CREDIT  },
	{"captioning by",									   PHRASE_CREDIT  },
	{"closed captions by",								  PHRASE_CREDIT  },
	{"zeoranger",										   PHRASE_CREDIT  },
	{"castingwords",										PHRASE_CREDIT  },
	{"transcript emily beynon",                             PHRASE_CREDIT  },
	{"mooji media",										 PHRASE_CREDIT  },
	{"sous titres réalisés",							  PHRASE_CREDIT  },
	{"sous titrage",										PHRASE_CREDIT  },
	{"untertitel im auftrag",							   PHRASE_CREDIT  },
	{"untertitelung des",								   PHRASE_CREDIT  },
	{"untertitel von",									  PHRASE_CREDIT  },
	{"sottotitoli e revisione",                             PHRASE_CREDIT  },
	{"sottotitoli creati",								  PHRASE_CREDIT  },
	{"subtítulos realizados",							  PHRASE_CREDIT  },
	{"legendas pela",									   PHRASE_CREDIT  },
	{"字幕by索兰娅",								   PHRASE_CREDIT  },
	{"请不吝点赞",									 PHRASE_CREDIT  },
	{"продолжение следует",               PHRASE_VIDEO   },
	{"продолжение в следующей",        PHRASE_VIDEO   },
	{"смотрите продолжение",             PHRASE_VIDEO   },
	{"спасибо за просмотр",                PHRASE_VIDEO   },
	{"подписывайтесь на канал",        PHRASE_VIDEO   },
	{"подписывайтесь на мой канал", PHRASE_VIDEO   },
	{"подписывайтесь на наш канал", PHRASE_VIDEO   },
	{"подпишитесь на канал",              PHRASE_VIDEO   },
	{"подпишитесь на мой канал",       PHRASE_VIDEO   },
	{"подпишитесь на наш канал",       PHRASE_VIDEO   },
	{"подпишись на канал",                  PHRASE_VIDEO   },
	{"подписывайтесь",						PHRASE_VIDEO   },
	{"подпишитесь",							  PHRASE_VIDEO   },
	{"не забудьте подписаться",        PHRASE_VIDEO   },
	{"ставьте лайки",						   PHRASE_VIDEO   },
	{"ставьте лайк",							 PHRASE_VIDEO   },
	{"thanks for watching",								 PHRASE_VIDEO   },
	{"thank you for watching",                              PHRASE_VIDEO   },
	{"thank you so much for watching",                      PHRASE_VIDEO   },
	{"please subscribe",									PHRASE_VIDEO   },
	{"subscribe to my channel",                             PHRASE_VIDEO   },
	{"subscribe to our channel",                            PHRASE_VIDEO   },
	{"subscribe to the channel",                            PHRASE_VIDEO   },
	{"like and subscribe",								  PHRASE_VIDEO   },
	{"see you in the next video",                           PHRASE_VIDEO   },
	{"to be continued",									 PHRASE_VIDEO   },
	{"ご視聴ありがとうございました",          PHRASE_VIDEO   },
	{"시청해주셔서 감사합니다",                  PHRASE_VIDEO   },
	{"gracias por ver",									 PHRASE_VIDEO   },
	{"merci davoir regardé",							   PHRASE_VIDEO   },
	{"vielen dank fürs zuschauen",                         PHRASE_VIDEO   },
	{"obrigado por assistir",							   PHRASE_VIDEO   },
	{"дякую за перегляд",                    PHRASE_VIDEO   },
	{"спасибо за внимание",                PHRASE_FAREWELL},
	{"благодарю за внимание",            PHRASE_FAREWELL},
	{"до новых встреч",						PHRASE_FAREWELL},
	{"всем пока",								   PHRASE_FAREWELL},
	{"до свидания",							   PHRASE_FAREWELL},
	{"до встречи",								 PHRASE_FAREWELL},
	{"thank you for listening",                             PHRASE_FAREWELL},
	{"thanks for listening",								PHRASE_FAREWELL},
	{"thank you for your attention",                        PHRASE_FAREWELL},
	{"see you next time",								   PHRASE_FAREWELL},
	{"bye bye",											 PHRASE_FAREWELL},
	{"bye",												 PHRASE_FAREWELL},
	{"спасибо",									  PHRASE_THANKS  },
	{"спасибо большое",                       PHRASE_THANKS  },
	{"большое спасибо",                       PHRASE_THANKS  },
	{"спасибо вам",							   PHRASE_THANKS  },
	{"благодарю",								  PHRASE_THANKS  },
	{"thank you",										   PHRASE_THANKS  },
	{"thank you very much",								 PHRASE_THANKS  },
	{"thank you so much",								   PHRASE_THANKS  },
	{"thanks",											  PHRASE_THANKS  },
	{"you",												 PHRASE_THANKS  },
	{"субтитры",									PHRASE_SOUND   },
	{"music",											   PHRASE_SOUND   },
	{"music playing",									   PHRASE_SOUND   },
	{"upbeat music",										PHRASE_SOUND   },
	{"intro music",										 PHRASE_SOUND   },
	{"applause",											PHRASE_SOUND   },
	{"laughter",											PHRASE_SOUND   },
	{"silence",											 PHRASE_SOUND   },
	{"музыка",										PHRASE_SOUND   },
	{"динамичная музыка",                   PHRASE_SOUND   },
	{"спокойная музыка",                     PHRASE_SOUND   },
	{"тревожная музыка",                     PHRASE_SOUND   },
	{"музыкальная заставка",             PHRASE_SOUND   },
	{"играет музыка",						   PHRASE_SOUND   },
	{"аплодисменты",							PHRASE_SOUND   },
	{"смех",											PHRASE_SOUND   },
	{"тишина",										PHRASE_SOUND   },
};

static size_t
count_words(const char *plain)
{
	size_t words = *plain != '\0';

	for (; *plain != '\0'; plain++)
		words += *plain == ' ';
	return words;
}

/* How often a text has a phrase. */
static size_t
count_phrase(const char *plain, const char *phrase, PhraseKind kind)
{
	size_t length = strlen(phrase);
	size_t times = 0;

	/* single words are a part of anything */
	if (kind <= PHRASE_THANKS || (kind < PHRASE_CREDIT && strchr(phrase, ' ') == NULL))
		return strcmp(plain, phrase) == 0;
	for (const char *at = plain; (at = strstr(at, phrase)) != NULL; at += length)
		times +=
			(at == plain || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0');
	return times;
}

/* Words of a text that belong to known phrases; *kind is the least natural of them. */
static size_t
known_words(const char *plain, PhraseKind *kind)
{
	size_t words = 0;

	*kind = PHRASE_NONE;
	for (size_t i = 0; i < sizeof known_phrases / sizeof known_phrases[0]; i++)
	{
		const char *text = known_phrases[i].text;
		size_t times = count_phrase(plain, text, known_phrases[i].kind);

		words += times * count_words(text);
		if (times > 0 && known_phrases[i].kind > *kind)
			*kind = known_phrases[i].kind;
	}
	return words;
}

typedef struct Phrases
{
	size_t segments; /* that are little else */
	size_t kinds[PHRASE_CREDIT + 1];
	size_t early; /* said like at the end, and not there */
	size_t words;
	size_t all_words;
	double seconds;   /* of speech, in such segments */
	double stretched; /* longer than anybody needs to say them */
	double at;        /* the first that is not natural */
} Phrases;

/* What kind of phrase the segment is. */
static PhraseKind
classify(const Segment *segment, Phrases *found)
{
	char plain[LONGEST_PLAIN];
	size_t all = gate_plain(segment->text, plain, sizeof plain);
	PhraseKind kind;
	size_t known = known_words(plain, &kind);

	known = known < all ? known : all;
	found->all_words += all;
	found->words += known;
	if (all == 0)
		return PHRASE_SOUND; /* only marks, as of notes */
	if (kind == PHRASE_CREDIT ? all <= SHORT_SEGMENT : known * 2 >= all)
		return kind;
	return PHRASE_NONE;
}

static Phrases
find_phrases(const GateInput *input)
{
	const Transcript *transcript = input->transcript;
	const Segment *segments = transcript->segments;
	size_t count = transcript->segment_count;
	double end = count > 0 ? segments[count - 1].end - FAREWELL_PART : 0;
	Phrases found = {.at = -1};

	for (size_t i = 0; i < count; i++)
	{
		PhraseKind kind = classify(&segments[i], &found);
		bool last = segments[i].end >= end || i + FAREWELLS >= count;
		double seconds;
		double needed;

		if (kind == PHRASE_NONE)
			continue;
		seconds = gate_speech_between(input, segments[i].start, segments[i].end);
		needed = SECONDS_A_WORD * (1 + (double) count_words(segments[i].text));
		found.segments++;
		found.kinds[kind]++;
		found.seconds += seconds;
		found.early += kind == PHRASE_VIDEO && !last;
		if (!last)
			found.stretched += fmax(seconds - needed, 0);
		if (found.at < 0 && (kind > PHRASE_THANKS || seconds > needed))
			found.at = segments[i].start;
	}
	return found;
}

/* Phrases that people do not say themselves so often. */
static bool
are_many(const Phrases *found, double duration)
{
	double thanks =
		(double) found->kinds[PHRASE_THANKS] - floor(duration / SECONDS_A_THANK);
	size_t others =
		found->segments - found->kinds[PHRASE_THANKS] - found->kinds[PHRASE_SOUND];

	return fmax(thanks, 0) + (double) others > FAREWELLS;
}

Finding
gate_check_phrases(const GateInput *input, cJSON *measured)
{
	const Transcript *transcript = input->transcript;
	size_t count = transcript->segment_count;
	Phrases found = find_phrases(input);
	double speech = gate_speech_between(input, 0, transcript->duration);
	double of_words =
		found.all_words > 0 ? (double) found.words / (double) found.all_words : count > 0;
	double of_segments = count > 0 ? (double) found.segments / (double) count : 0;
	double of_time = speech > 0 ? fmin(found.seconds / speech, 1) : 0;
	Finding finding = FINDING_NONE;

	finding.limit = input->limits.max_known_phrases_share;
	finding.value = fmax(fmax(of_words, of_segments), of_time);
	gate_measure(measured, "known_phrases_share", finding.value);
	gate_measure(measured, "known_phrases_seconds", found.seconds);
	if (finding.value > finding.limit &&
		(found.segments > FAREWELLS || of_words > ONLY_PHRASES))
		finding.severity = SEVERITY_REJECT;
	else if (found.kinds[PHRASE_CREDIT] > 0 || found.early > 0 ||
			 found.stretched > STRETCHED || are_many(&found, transcript->duration))
		finding.severity = SEVERITY_SUSPECT;
	if (finding.severity == SEVERITY_SUSPECT)
		finding.at = found.at;
	snprintf(
		finding.message, sizeof finding.message,
		"%zu of %zu segments, %.0f s, and %zu of %zu words are phrases that recognisers "
		"invent in silence",
		found.segments, count, found.seconds, found.words, found.all_words);
	return finding;
}
