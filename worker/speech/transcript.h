/*
 * speech/transcript.h
 *	  What a speech engine heard: words with times, and the segments they form.
 *
 * The JSON form is the contract between the engines and everything behind them
 * (docs/protocol.md, section 5). Times are seconds, rounded to a millisecond.
 */
#ifndef LEAP_SPEECH_TRANSCRIPT_H
#define LEAP_SPEECH_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/buffer.h"
#include "base/error.h"

/* The provider of words that nobody had to hear: they came with the recording. */
#define CAPTIONS_PROVIDER "captions"

typedef struct Word
{
	double start;
	double end;
	double confidence; /* 0..1; negative: the engine does not say */
	char *text;        /* UTF-8, no blanks around it */
} Word;

/* A stretch of speech between two pauses, or a sentence. */
typedef struct Segment
{
	double start;
	double end;
	char *text;
} Segment;

typedef struct Transcript
{
	char language[16]; /* "en"; what was heard, not what was asked for */
	char provider[64];
	char model[128];
	double duration; /* of the audio that was listened to */
	Word *words;
	size_t word_count;
	size_t word_room;
	Segment *segments;
	size_t segment_count;
	size_t segment_room;
} Transcript;

void transcript_init(Transcript *transcript, const char *provider, const char *model,
					 const char *language, double duration);

/* The text is copied, blanks around it dropped; a blank word is not added. */
void transcript_add_word(Transcript *transcript, double start, double end,
						 double confidence, const char *text);
void transcript_add_segment(Transcript *transcript, double start, double end,
							const char *text);

/* Adds a segment made of the words from..to, not none, as they are. */
void transcript_join_words(Transcript *transcript, size_t from, size_t to);

/* Adds segments made of the words from..to: broken after a sentence end, at a pause over
 * 0.4 s, at a comma followed by 0.25 s, or after 8 s. */
void transcript_join_utterances(Transcript *transcript, size_t from, size_t to);

/*
 * Brings order into what was added: words sorted by start, an end that does not follow
 * its start moved 0.1 s behind it, times kept within 0..duration. Without segments they
 * are the utterances of all words.
 */
void transcript_finish(Transcript *transcript);

/* Words per minute of the whole duration; 0 for an empty recording. */
double transcript_pace(const Transcript *transcript);

/* The mean over the words whose confidence is known; negative when none is. */
double transcript_confidence(const Transcript *transcript);

/* The caller deletes the result. */
cJSON *transcript_to_json(const Transcript *transcript);

/*
 * Reads the JSON form, checks every word and segment, and finishes it. A document of
 * another shape is class permanent, code bad_transcript. *transcript is then empty.
 */
bool transcript_from_json(const cJSON *json, Transcript *transcript, Error *err);

/* Appends the plain text, one segment a line. */
void transcript_text(const Transcript *transcript, Buffer *text);

void transcript_free(Transcript *transcript);

/* For CLEANUP(transcript). */
static inline void
cleanup_transcript(Transcript *transcript)
{
	transcript_free(transcript);
}

#endif
