/*
 * speech/cue_phrase.h
 *	  Words that must not be torn from what follows them.
 */
#ifndef LEAP_SPEECH_CUE_PHRASE_H
#define LEAP_SPEECH_CUE_PHRASE_H

typedef enum CuePhrase
{
	CUE_PHRASE_NONE,
	CUE_PHRASE_CLINGS,  /* pronouns, auxiliaries: a break behind reads badly */
	CUE_PHRASE_ARTICLE, /* articles and the like: never a break behind */
	CUE_PHRASE_OPENS    /* prepositions, conjunctions: a break before, never behind */
} CuePhrase;

/* What the word is, of English and Russian; marks around it count as part of it. */
CuePhrase cue_phrase_of(const char *word);

#endif
