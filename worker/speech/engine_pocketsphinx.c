/*
 * speech/engine_pocketsphinx.c
 *	  PocketSphinx with Debian's English model: the only file that knows the library
 *	  (Debian carries its 0.8 line, configured by cmd_ln).
 */
#include "speech/engine_pocketsphinx.h"

#include <limits.h>
#include <math.h>
#include <pocketsphinx.h>
#include <sphinxbase/ckd_alloc.h>
#include <sphinxbase/err.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "speech/engine_model.h"
#include "speech/engine_phones.h"

#define FRAMES_PER_SECOND 100.0

static const char *
part_of(const char *folder, const char *name, char path[PATH_MAX])
{
	(void) snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

static ps_decoder_t *
load_model(const char *folder, Error *err)
{
	char sounds[PATH_MAX];
	char words[PATH_MAX];
	char names[PATH_MAX];
	const char *const arguments[] = {
		"leap-media",
		"-hmm",
		part_of(folder, ENGINE_MODEL_SOUNDS, sounds),
		"-lm",
		part_of(folder, ENGINE_MODEL_WORDS, words),
		"-dict",
		part_of(folder, ENGINE_MODEL_NAMES, names),
		/* dropped frames would not be counted: word times would drift */
		"-remove_silence",
		"no",
		/* a quarter faster on lectures at the same word error rate */
		"-maxhmmpf",
		"3000",
	};
	enum
	{
		COUNT = sizeof arguments / sizeof arguments[0]
	};
	char *copy[COUNT];
	cmd_ln_t *config;
	ps_decoder_t *decoder = NULL;

	for (size_t i = 0; i < COUNT; i++)
		copy[i] = array_text(arguments[i]);
	config = cmd_ln_parse_r(NULL, ps_args(), COUNT, copy, TRUE);
	if (config != NULL)
		decoder = ps_init(config);
	cmd_ln_free_r(config);
	for (size_t i = 0; i < COUNT; i++)
		free(copy[i]);
	if (decoder == NULL)
		error_set(err, ERROR_PERMANENT, "speech_model_bad",
				  "Install the Debian package pocketsphinx-en-us again, or give the "
				  "provider the folder of a whole model.",
				  "the speech model %s cannot be loaded", folder);
	return decoder;
}

/* Adds the words that the dictionary lacks, with a guess at how they sound. */
static void
add_vocabulary(ps_decoder_t *decoder, const Vocabulary *vocabulary)
{
	size_t left = 0;

	for (size_t i = 0; i < vocabulary->count; i++)
	{
		char *known = ps_lookup_word(decoder, vocabulary->words[i]);
		char phones[256];

		/* the last argument rebuilds the search: true for every word is slow, but only the
		 * words that matter are in the list */
		if (known == NULL && phones_of(vocabulary->words[i], phones, sizeof phones))
			left += ps_add_word(decoder, vocabulary->words[i], phones, TRUE) < 0;
		ckd_free(known);
	}
	if (left > 0)
		log_warning("%zu words of the vocabulary could not be added", left);
}

/* A dictionary word; "read(2)" is the second pronunciation of "read". Fillers (<sil>,
 * [NOISE]) are no words. */
static void
keep_word(HeardList *list, const char *entry, Heard heard)
{
	size_t length = strcspn(entry, "(");

	if (*entry == '<' || *entry == '[' || length == 0)
		return;
	heard.text = array_new(length + 1, 1);
	memcpy(heard.text, entry, length);
	list->items = array_room(list->items, &list->room, list->count + 1, sizeof(Heard));
	list->items[list->count++] = heard;
}

static void
collect_words(ps_decoder_t *decoder, HeardList *list)
{
	logmath_t *logarithms = ps_get_logmath(decoder);

	for (ps_seg_t *at = ps_seg_iter(decoder); at != NULL; at = ps_seg_next(at))
	{
		int first;
		int last;
		int32 acoustic;
		int32 language;
		int32 backoff;
		int32 posterior = ps_seg_prob(at, &acoustic, &language, &backoff);

		ps_seg_frames(at, &first, &last);
		keep_word(list, ps_seg_word(at),
				  (Heard){.start = first / FRAMES_PER_SECOND,
						  .end = (last + 1) / FRAMES_PER_SECOND,
						  .confidence = fmin(logmath_exp(logarithms, posterior), 1.0)});
	}
}

Decoder *
decoder_open(const char *model, const Vocabulary *vocabulary, Error *err)
{
	ps_decoder_t *decoder;

	err_set_logfp(NULL);
	decoder = load_model(model, err);
	if (decoder != NULL)
		add_vocabulary(decoder, vocabulary);
	return (Decoder *) decoder;
}

bool
decoder_listen(Decoder *handle, const int16_t *samples, size_t count, HeardList *list,
			   Error *err)
{
	ps_decoder_t *decoder = (ps_decoder_t *) handle;

	if (ps_start_stream(decoder) < 0 || ps_start_utt(decoder) < 0 ||
		ps_process_raw(decoder, samples, count, FALSE, TRUE) < 0 ||
		ps_end_utt(decoder) < 0)
		return error_set(err, ERROR_TRANSIENT, "speech_engine", NULL,
						 "the recogniser failed on %zu samples", count);
	collect_words(decoder, list);
	return true;
}

void
decoder_close(Decoder *decoder)
{
	ps_free((ps_decoder_t *) decoder);
}

void
heard_free(HeardList *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].text);
	free(list->items);
}
