/*
 * speech/remote.h
 *	  What the speech providers behind HTTP have in common: settings, the key, tries and pauses,
 *	  what a refusal means, and sound in the form in which it is sent.
 */
#ifndef LEAP_SPEECH_REMOTE_H
#define LEAP_SPEECH_REMOTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "net/ask.h"
#include "speech/chunks.h"
#include "speech/speech.h"

/* A longer pause that a service asks for is left to the database. */
#define REMOTE_LONGEST_PAUSE 30.0

typedef struct Remote
{
	const SpeechRequest *request;
	char shown[120];    /* "the speech provider groq" */
	const char *base;   /* of the URLs, without a slash at its end */
	size_t base_length; /* of what counts of it */
	const char *model;  /* "" = none */
	int attempts;
	int parallel;
	double chunk_seconds;
	double max_bytes;
	double poll_seconds;
	double timeout_seconds;
	const char *format;   /* ogg, mp3, flac, wav */
	Buffer authorization; /* the header; "" without a key. A secret */
	const char *headers[3];
	AskSet *set;
} Remote;

/* raw_key: the key is sent as it is where the settings do not say how. The caller closes the
 * remote, also after a failure. */
bool remote_open(const SpeechRequest *request, bool raw_key, Remote *remote, Error *err);
void remote_close(Remote *remote);

/* For CLEANUP(remote). */
static inline void
cleanup_remote(Remote *remote)
{
	remote_close(remote);
}

/* Appends the base URL and a path that begins with a slash. */
void remote_url(const Remote *remote, const char *path, Buffer *url);

/* How far the work is, 0..1 of its share; false with *err (lost): stop. */
bool remote_alive(const Remote *remote, double done, const char *step, Error *err);

/* Waits while remote_alive. */
bool remote_wait(const Remote *remote, double seconds, double done, const char *step,
				 Error *err);

/* Encodes what a chunk holds into a nameless file. False with *err; *fd is the caller's. */
bool remote_encode(const Remote *remote, const Chunk *chunk, double done, int *fd,
				   Error *err);

/* Name and media type of a file of that form. */
const char *remote_file_name(const Remote *remote);
const char *remote_file_type(const Remote *remote);

/* The seconds of sound that fit into max_bytes. */
double remote_most_seconds(const Remote *remote);

/* Is this a status of success? Otherwise *err tells what it, or no answer at all, means. What
 * the service says is shown without the key. */
bool remote_judge(const Remote *remote, const Ask *ask, Error *err);

/* May the same be asked again now, and after which pause? `tries` were made. What the service
 * asks for above REMOTE_LONGEST_PAUSE makes *err rate_limited. */
bool remote_again(const Remote *remote, int tries, Error *err, double *pause);

/* Asks once and waits for the answer, which may be a refusal; false: lost. */
bool remote_ask_once(const Remote *remote, Ask *ask, double done, const char *step,
					 Error *err);

/* Asks until it is answered well, or tries are used up. Only for what may be asked twice. */
bool remote_ask(const Remote *remote, Ask *ask, double done, const char *step,
				cJSON **json, Error *err);

/* What identifies this work: hearing_key, spans and the limits. The caller
 * frees it. State that was saved under another one is of no use. */
char *remote_work_key(const Remote *remote);

/* Saves through the request. */
bool remote_save(const Remote *remote, const cJSON *state, Error *err);

/* Says in the log how many words of an answer were left out ("outside"). */
void remote_tell_outside(const Remote *remote, const cJSON *heard);

/* Language as a service wants it: "en" of "en-GB"; "" for none. */
void remote_language(const Remote *remote, char code[16]);

#endif
