/*
 * speech/engine_pocketsphinx.c
 *	  English speech recognition with PocketSphinx and Debian's model.
 *
 * Every piece of speech is decoded for itself: the decoder's running estimates are reset
 * before each, so a piece's words do not depend on which thread decoded what before.
 * Workers take pieces from a counter; results land in the piece's own slot. This file is
 * the only one that knows the library (Debian carries its 0.8 line: cmd_ln configuration).
 */
#include "speech/engine.h"

#include <errno.h>
#include <math.h>
#include <pocketsphinx.h>
#include <pthread.h>
#include <sphinxbase/err.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "speech/engine_segment.h"
#include "speech/engine_wav.h"
#include "speech/transcript.h"

#ifndef LEAP_POCKETSPHINX_MODEL
#define LEAP_POCKETSPHINX_MODEL "/usr/share/pocketsphinx/model/en-us"
#endif

#define MOST_THREADS      8 /* of about 200 MB of address space each */
#define FRAMES_PER_SECOND 100.0
#define LEVEL_BLOCK       (50 * SEGMENT_FRAME)

typedef struct Heard
{
	double start; /* seconds from the start of the range */
	double end;
	double confidence;
	char *text;
} Heard;

typedef struct Piece
{
	Span span;
	Heard *words;
	size_t count;
	size_t room;
} Piece;

/* One transcription; threads share it. */
typedef struct Engine
{
	PcmRange audio;
	Piece *pieces;
	size_t piece_count;
	atomic_size_t next;
	atomic_bool stop;

	pthread_mutex_t lock; /* of what follows */
	int progress_fd;
	size_t samples_done;
	size_t samples_total;
	int percent; /* the last one reported */
	bool failed;
	Error error; /* the first one */
} Engine;

static bool
speaks(const char *language)
{
	return language == NULL || *language == '\0' || strcasecmp(language, "auto") == 0 ||
		   strcasecmp(language, "en") == 0 || strncasecmp(language, "en-", 3) == 0 ||
		   strncasecmp(language, "en_", 3) == 0;
}

static ps_decoder_t *
open_decoder(Error *err)
{
	static const char *const arguments[] = {
		"leap-media",
		"-hmm",
		LEAP_POCKETSPHINX_MODEL "/en-us",
		"-lm",
		LEAP_POCKETSPHINX_MODEL "/en-us.lm.bin",
		"-dict",
		LEAP_POCKETSPHINX_MODEL "/cmudict-en-us.dict",
		/* dropped frames would not be counted: word times would drift */
		"-remove_silence",
		"no",
		/* a quarter faster on lectures at the same word error rate (docs/pipeline.md) */
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
		error_set(err, ERROR_PERMANENT, "speech_model_missing",
				  "install the Debian package pocketsphinx-en-us",
				  "the English speech model cannot be loaded from %s",
				  LEAP_POCKETSPHINX_MODEL);
	return decoder;
}

/* Keeps one dictionary word; "read(2)" is the second pronunciation of "read". Fillers
 * (<sil>, [NOISE]) are no words. */
static void
keep_word(Piece *piece, const char *entry, double start, double end, double confidence)
{
	size_t length = strcspn(entry, "(");
	char *text;

	if (*entry == '<' || *entry == '[' || length == 0)
		return;
	text = array_new(length + 1, 1);
	memcpy(text, entry, length);
	piece->words =
		array_room(piece->words, &piece->room, piece->count + 1, sizeof(Heard));
	piece->words[piece->count++] = (Heard){start, end, confidence, text};
}

static void
collect_words(ps_decoder_t *decoder, Piece *piece)
{
	double offset = (double) piece->span.first / ENGINE_SAMPLE_RATE;
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
		keep_word(piece, ps_seg_word(at), offset + first / FRAMES_PER_SECOND,
				  offset + (last + 1) / FRAMES_PER_SECOND,
				  fmin(logmath_exp(logarithms, posterior), 1.0));
	}
}

static bool
decode_piece(ps_decoder_t *decoder, const Engine *engine, Piece *piece, Error *err)
{
	CLEANUP(free) int16_t *samples = array_new(piece->span.count, sizeof *samples);

	if (!pcm_read(&engine->audio, piece->span.first, piece->span.count, samples, err))
		return false;
	if (ps_start_stream(decoder) < 0 || ps_start_utt(decoder) < 0 ||
		ps_process_raw(decoder, samples, piece->span.count, FALSE, TRUE) < 0 ||
		ps_end_utt(decoder) < 0)
		return error_set(err, ERROR_TRANSIENT, "speech_engine", NULL,
						 "the recogniser failed at %.1f s",
						 (double) piece->span.first / ENGINE_SAMPLE_RATE);
	collect_words(decoder, piece);
	return true;
}

/* Counts the piece and writes a line when a percent is full. A reader that is gone ends
 * the work: nobody wants the result. */
static void
report_progress(Engine *engine, const Piece *piece)
{
	int percent;

	pthread_mutex_lock(&engine->lock);
	engine->samples_done += piece->span.count;
	percent =
		(int) (100.0 * (double) engine->samples_done / (double) engine->samples_total);
	if (percent > engine->percent && engine->progress_fd >= 0)
	{
		char line[16];
		int length = snprintf(line, sizeof line, "%.2f\n", percent / 100.0);

		if (write(engine->progress_fd, line, (size_t) length) < 0 && errno == EPIPE)
			atomic_store(&engine->stop, true);
		engine->percent = percent;
	}
	pthread_mutex_unlock(&engine->lock);
}

static void
report_failure(Engine *engine, const Error *err)
{
	pthread_mutex_lock(&engine->lock);
	if (!engine->failed)
		engine->error = *err;
	engine->failed = true;
	pthread_mutex_unlock(&engine->lock);
	atomic_store(&engine->stop, true);
}

static void *
decode_pieces(void *arg)
{
	Engine *engine = arg;
	Error err = {0};
	ps_decoder_t *decoder = open_decoder(&err);

	if (decoder == NULL)
	{
		report_failure(engine, &err);
		return NULL;
	}
	while (!atomic_load(&engine->stop))
	{
		size_t index = atomic_fetch_add(&engine->next, 1);

		if (index >= engine->piece_count)
			break;
		if (!decode_piece(decoder, engine, &engine->pieces[index], &err))
			report_failure(engine, &err);
		else
			report_progress(engine, &engine->pieces[index]);
	}
	ps_free(decoder);
	return NULL;
}

static bool
find_pieces(Engine *engine, Error *err)
{
	size_t frames = engine->audio.samples / SEGMENT_FRAME;
	CLEANUP(free) float *levels = array_new(frames, sizeof *levels);
	CLEANUP(free) int16_t *block = array_new(LEVEL_BLOCK, sizeof *block);
	CLEANUP(free) Span *spans = NULL;

	for (size_t frame = 0; frame < frames; frame++)
	{
		size_t inside = frame * SEGMENT_FRAME % LEVEL_BLOCK;
		size_t left = (frames - frame) * SEGMENT_FRAME;

		if (inside == 0 && !pcm_read(&engine->audio, frame * SEGMENT_FRAME,
									 left < LEVEL_BLOCK ? left : LEVEL_BLOCK, block, err))
			return false;
		levels[frame] = segment_level(block + inside, SEGMENT_FRAME);
	}
	engine->piece_count = segment_speech(levels, frames, &spans);
	engine->pieces = array_new(engine->piece_count, sizeof(Piece));
	for (size_t i = 0; i < engine->piece_count; i++)
	{
		engine->pieces[i].span = spans[i];
		engine->samples_total += spans[i].count;
	}
	return true;
}

static bool
run_threads(Engine *engine, int wanted, Error *err)
{
	pthread_t threads[MOST_THREADS];
	size_t limit = wanted < 1              ? 1
				   : wanted > MOST_THREADS ? MOST_THREADS
										   : (size_t) wanted;
	size_t count = engine->piece_count < limit ? engine->piece_count : limit;
	size_t started = 0;

	while (started < count &&
		   pthread_create(&threads[started], NULL, decode_pieces, engine) == 0)
		started++;
	if (started == 0 && count > 0)
		return error_set(err, ERROR_TRANSIENT, "speech_engine", NULL,
						 "no thread could be started for the recogniser");
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	if (engine->failed)
	{
		*err = engine->error;
		return false;
	}
	if (atomic_load(&engine->stop))
		return error_set(err, ERROR_LOST, "cancelled", NULL,
						 "nobody reads the progress any more");
	return true;
}

/* One segment a piece: the pauses between them are where the lecturer paused. */
static void
gather(const Engine *engine, Transcript *transcript)
{
	Buffer text;

	buffer_init(&text);
	for (size_t i = 0; i < engine->piece_count; i++)
	{
		const Piece *piece = &engine->pieces[i];

		buffer_clear(&text);
		for (size_t k = 0; k < piece->count; k++)
		{
			const Heard *heard = &piece->words[k];

			transcript_add_word(transcript, heard->start, heard->end, heard->confidence,
								heard->text);
			buffer_printf(&text, "%s%s", k > 0 ? " " : "", heard->text);
		}
		if (piece->count > 0)
			transcript_add_segment(transcript, piece->words[0].start,
								   piece->words[piece->count - 1].end, text.data);
	}
	buffer_free(&text);
	transcript_finish(transcript);
}

static bool
write_answer(const Transcript *transcript, Error *err)
{
	CLEANUP(json) cJSON *json = transcript_to_json(transcript);
	CLEANUP(free) char *text = cJSON_PrintUnformatted(json);
	size_t length = strlen(array_check(text));

	for (size_t sent = 0; sent < length;)
	{
		ssize_t wrote = write(STDOUT_FILENO, text + sent, length - sent);

		if (wrote < 0 && errno != EINTR)
			return error_errno(err, "answer_lost", "cannot write the transcript");
		sent += wrote > 0 ? (size_t) wrote : 0;
	}
	return true;
}

static void
cleanup_engine(Engine *engine)
{
	for (size_t i = 0; i < engine->piece_count; i++)
	{
		for (size_t k = 0; k < engine->pieces[i].count; k++)
			free(engine->pieces[i].words[k].text);
		free(engine->pieces[i].words);
	}
	free(engine->pieces);
	pthread_mutex_destroy(&engine->lock);
}

bool
engine_transcribe(const EngineOptions *options, Error *err)
{
	CLEANUP(engine)
	Engine engine = {.lock = PTHREAD_MUTEX_INITIALIZER,
					 .progress_fd = options->progress_fd};
	CLEANUP(transcript) Transcript transcript = {0};

	if (!speaks(options->language))
		return error_set(
			err, ERROR_INPUT, "language_unsupported",
			"set transcription.provider to a provider that knows this language; "
			"if the lecture is in English, set transcription.language to \"en\"",
			"the embedded recogniser knows English only, not \"%s\"", options->language);
	err_set_logfp(NULL);
	if (!pcm_open(options->audio_fd, options->start, options->end, &engine.audio, err) ||
		!find_pieces(&engine, err) || !run_threads(&engine, options->threads, err))
		return false;
	transcript_init(&transcript, "pocketsphinx", "en-us", "en",
					(double) engine.audio.samples / ENGINE_SAMPLE_RATE);
	gather(&engine, &transcript);
	return write_answer(&transcript, err);
}
