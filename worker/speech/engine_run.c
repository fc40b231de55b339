/*
 * speech/engine_run.c
 *	  Splits the sound into pieces of speech, lets decoders listen to them, writes the result.
 *
 * Every piece is decoded for itself, so its words do not depend on which thread decoded
 * what before. Threads take pieces from a counter; words land in the piece's own list.
 */
#include "speech/engine.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "speech/engine_pocketsphinx.h"
#include "speech/engine_segment.h"
#include "speech/engine_vocabulary.h"
#include "speech/engine_wav.h"
#include "speech/transcript.h"

#define MOST_THREADS 8 /* of about 200 MB of address space each */
#define LEVEL_BLOCK  (50 * SEGMENT_FRAME)

typedef struct Piece
{
	Stretch span;
	HeardList heard; /* times from the start of the piece */
} Piece;

/* One transcription; threads share it. */
typedef struct Engine
{
	const char *model;
	PcmCut audio;
	Vocabulary vocabulary;
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

static bool
decode_piece(Decoder *decoder, const Engine *engine, Piece *piece, Error *err)
{
	CLEANUP(free) int16_t *samples = array_new(piece->span.count, sizeof *samples);

	return pcm_read(&engine->audio, piece->span.first, piece->span.count, samples, err) &&
		   decoder_listen(decoder, samples, piece->span.count, &piece->heard, err);
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
	Decoder *decoder = decoder_open(engine->model, &engine->vocabulary, &err);

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
	decoder_close(decoder);
	return NULL;
}

static bool
find_pieces(Engine *engine, Error *err)
{
	size_t frames = engine->audio.samples / SEGMENT_FRAME;
	CLEANUP(free) float *levels = array_new(frames, sizeof *levels);
	CLEANUP(free) int16_t *block = array_new(LEVEL_BLOCK, sizeof *block);
	CLEANUP(free) Stretch *spans = NULL;

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

		const HeardList *heard = &piece->heard;
		double offset = (double) piece->span.first / ENGINE_SAMPLE_RATE;

		buffer_clear(&text);
		for (size_t k = 0; k < heard->count; k++)
		{
			const Heard *word = &heard->items[k];

			transcript_add_word(transcript, offset + word->start, offset + word->end,
								word->confidence, word->text);
			buffer_printf(&text, "%s%s", k > 0 ? " " : "", word->text);
		}
		if (heard->count > 0)
			transcript_add_segment(transcript, offset + heard->items[0].start,
								   offset + heard->items[heard->count - 1].end,
								   text.data);
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

/* The whole of a descriptor as text. */
static bool
read_text(int fd, Buffer *text, Error *err)
{
	char block[16384];
	ssize_t got;

	while ((got = read(fd, block, sizeof block)) > 0 || (got < 0 && errno == EINTR))
		if (got > 0)
			buffer_append(text, block, (size_t) got);
	return got == 0 || error_errno(err, "bad_cuts", "cannot read the cut list");
}

/* The cut list that was given; without one, the part that was named. */
static bool
open_audio(const EngineOptions *options, PcmCut *audio, Error *err)
{
	CLEANUP(buffer) Buffer text;
	CLEANUP(json) cJSON *list = NULL;
	CLEANUP(free) CutSpan *cuts = NULL;
	CutSpan whole = {isnan(options->start) ? 0 : options->start,
					 isnan(options->end) ? SPANS_LATEST : options->end, 0};
	size_t count;

	buffer_init(&text);
	if (options->cuts_fd < 0)
		return pcm_open(options->audio_fd, &whole, 1, audio, err);
	if (!read_text(options->cuts_fd, &text, err))
		return false;
	list = cJSON_ParseWithLength(text.data, text.length);
	cuts = spans_read_cuts(list, &count);
	if (cuts == NULL)
		return error_set(err, ERROR_PERMANENT, "bad_cuts",
						 "It is [{\"start\",\"end\",\"at\"}, ...] in seconds, ascending.",
						 "the cut list cannot be read");
	return pcm_open(options->audio_fd, cuts, count, audio, err);
}

static void
cleanup_engine(Engine *engine)
{
	pcm_close(&engine->audio);
	for (size_t i = 0; i < engine->piece_count; i++)
		heard_free(&engine->pieces[i].heard);
	free(engine->pieces);
	vocabulary_free(&engine->vocabulary);
	pthread_mutex_destroy(&engine->lock);
}

bool
engine_transcribe(const EngineOptions *options, Error *err)
{
	CLEANUP(engine)
	Engine engine = {.model = options->model,
					 .lock = PTHREAD_MUTEX_INITIALIZER,
					 .progress_fd = options->progress_fd};
	CLEANUP(transcript) Transcript transcript = {0};

	if (!speaks(options->language))
		return error_set(
			err, ERROR_INPUT, "language_unsupported",
			"leap retry ID --provider NAME has it heard by one that knows it; if the "
			"lecture is in English, set transcription.language to \"en\"",
			"the embedded recogniser knows English only, not \"%s\"", options->language);
	if (!open_audio(options, &engine.audio, err) ||
		!vocabulary_read(options->words_fd, &engine.vocabulary, err) ||
		!find_pieces(&engine, err) || !run_threads(&engine, options->threads, err))
		return false;
	transcript_init(&transcript, "pocketsphinx", strrchr(options->model, '/') + 1, "en",
					(double) engine.audio.samples / ENGINE_SAMPLE_RATE);
	gather(&engine, &transcript);
	return write_answer(&transcript, err);
}
