/*
 * speech/chain.h
 *	  The providers of a task, asked one after the other until one understands.
 */
#ifndef LEAP_SPEECH_CHAIN_H
#define LEAP_SPEECH_CHAIN_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "speech/hearing.h"
#include "speech/speech.h"
#include "speech/transcript.h"

typedef struct SpeechChain
{
	const Speech *table;    /* the protocols, mostly speech_table */
	const cJSON *providers; /* the rows in the order in which they are asked */
	const cJSON *keys;      /* {"name": "key"}; NULL: none. A secret */
	cJSON *speech;          /* {"name": what the provider saved} */
	cJSON *usage;           /* {"name": what was asked of it} */
	cJSON *errors; /* [{"provider","class","code","message"}] of those that failed */
} SpeechChain;

/*
 * Begins a chain with what the task's earlier attempts stored (NULL: nothing):
 * {"speech":{…},"usage":{…}}. chain_end releases it, and is what CLEANUP(chain) calls.
 */
void chain_begin(SpeechChain *chain, const Speech *table, const cJSON *providers,
				 const cJSON *keys, const cJSON *checkpoint);
void chain_end(SpeechChain *chain);

/*
 * Asks the provider of that row; the members of the request that depend on the provider are
 * filled in here. *heard, in source time and without words outside of the spans, is
 * the caller's to free also after a failure. A failure is added to chain->errors, but for
 * that of a provider that has nothing to offer (code no_captions) and of class lost. It may
 * be, beside what the provider itself says, language_unsupported and no_words (input), or
 * provider_unknown (permanent).
 */
bool chain_ask(SpeechChain *chain, const cJSON *provider, const SpeechRequest *request,
			   Transcript *heard, Error *err);

/* Is that the hearing_key of one of these rows, the first and its siblings (NULL: none), that
 * is not heard again for nothing? */
bool chain_remembers(const cJSON *rows, const SpeechRequest *request, const char *key);

/*
 * Asks the providers in turn. What was heard before, of every key at most one and the newest
 * first, is used, and emptied then: a provider is asked only for what is missing of the spans
 * of what it heard, and one that did not answer when one behind it was heard is not asked
 * again; captions always are, they cost nothing. The caller frees all of it. *now tells
 * everything that is known then, of more than the spans perhaps.
 *
 * When nobody understood, the last failure is told, but what may succeed when the task is
 * tried again comes first. Without any row that could be asked it is provider_unknown.
 */
bool chain_listen(SpeechChain *chain, const SpeechRequest *request, Hearing *before,
				  size_t before_count, Hearing *now, Error *err);

/* Which of two failures is told: `next`, unless there is more hope in the one before. */
void chain_worse(Error *told, const Error *next);

static inline void
cleanup_chain(SpeechChain *chain)
{
	chain_end(chain);
}

#endif
