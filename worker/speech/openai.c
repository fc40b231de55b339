/*
 * speech/openai.c
 *	  Services that speak OpenAI's POST /v1/audio/transcriptions.
 *
 * An answer is paid for when it is asked for and cannot be fetched again: of what is under way
 * when a process dies, all is paid twice. So never more than chunk_seconds of sound is under way,
 * however many questions that are; each is counted and saved before it is asked, and each answer
 * saved when it came.
 */
#include "speech/speech.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "speech/openai_answer.h"
#include "speech/pieces.h"
#include "speech/remote.h"

#define SHORTEST_CHUNK 30.0
#define PROMPT_MOST    800 /* bytes: 224 tokens */
#define FIELDS_MOST    10

#define WAV_HEADER   44
#define WAV_RATE     16000
#define LOOK_SAMPLES 8192

typedef struct Asking
{
	Remote remote;
	Pieces pieces;
	char *key;
	Buffer url;
	Buffer prompt;
	char language[16];
	bool failed; /* nothing new is asked; `failure` says why */
	Error failure;
} Asking;

static void
cleanup_asking(Asking *asking)
{
	/* the questions end before what they point to */
	remote_close(&asking->remote);
	pieces_free(&asking->pieces);
	free(asking->key);
	buffer_free(&asking->url);
	buffer_free(&asking->prompt);
}

/* The mean square of the samples, which is what is to be small. */
static double
loudness(void *arg, double start, double end)
{
	const SpeechRequest *request = arg;
	int16_t samples[LOOK_SAMPLES];
	size_t count = (size_t) fmax(0, (end - start) * WAV_RATE);
	off_t at = WAV_HEADER + (off_t) (fmax(start, 0) * WAV_RATE) * 2;
	ssize_t got;
	double sum = 0;

	count = count < LOOK_SAMPLES ? count : LOOK_SAMPLES;
	got = pread(request->audio_fd, samples, count * sizeof *samples, at);
	if (got < (ssize_t) sizeof *samples)
		return 0;
	count = (size_t) got / sizeof *samples;
	for (size_t i = 0; i < count; i++)
		sum += (double) samples[i] * samples[i];
	return sum / (double) count;
}

static ChunkRules
rules_of(const Remote *remote, double seconds)
{
	const SpeechRequest *request = remote->request;

	return (ChunkRules){
		.seconds = seconds,
		.pauses = request->pauses,
		.pause_count = request->pause_count,
		.loudness = loudness,
		.arg = (void *) (uintptr_t) request,
	};
}

static void
plan(Asking *asking)
{
	const Remote *remote = &asking->remote;
	double seconds = fmax(remote->chunk_seconds / remote->parallel, SHORTEST_CHUNK);
	ChunkRules rules = rules_of(remote, fmin(seconds, remote_most_seconds(remote)));
	CLEANUP(chunks) ChunkPlan chunks = {0};

	asking->key = remote_work_key(remote);
	if (pieces_read(remote->request->progress_state, asking->key, &asking->pieces))
		return;
	pieces_free(&asking->pieces);
	chunks_plan(remote->request->spans, remote->request->span_count, &rules, &chunks);
	pieces_of_plan(&chunks, &asking->pieces);
}

/* The vocabulary as far as it fits, whole terms. */
static void
write_prompt(const SpeechRequest *request, Buffer *prompt)
{
	const cJSON *term;

	cJSON_ArrayForEach(term, request->vocabulary)
	{
		const char *text = cJSON_GetStringValue(term);

		if (text != NULL && *text != '\0' &&
			prompt->length + strlen(text) + 2 <= PROMPT_MOST)
			buffer_printf(prompt, "%s%s", prompt->length > 0 ? ", " : "", text);
	}
}

static bool
save(Asking *asking, Error *err)
{
	CLEANUP(json) cJSON *state = pieces_state(&asking->pieces, asking->key);

	return remote_save(&asking->remote, state, err);
}

/* The fields of the form, ended by an empty row. */
static void
write_fields(const Asking *asking, AskField fields[FIELDS_MOST])
{
	const cJSON *settings = json_at(asking->remote.request->provider, "settings");
	bool word_times = json_bool(settings, "word_times", true);
	bool list = strcmp(json_text(settings, "granularities", "repeated"), "list") == 0;
	size_t count = 0;

	if (asking->remote.model[0] != '\0')
		fields[count++] = (AskField){"model", asking->remote.model};
	fields[count++] = (AskField){"response_format", word_times ? "verbose_json" : "json"};
	if (word_times && list)
		fields[count++] = (AskField){"timestamp_granularities", "word,segment"};
	else if (word_times)
	{
		fields[count++] = (AskField){"timestamp_granularities[]", "word"};
		fields[count++] = (AskField){"timestamp_granularities[]", "segment"};
	}
	if (asking->language[0] != '\0')
		fields[count++] = (AskField){"language", asking->language};
	if (asking->prompt.length > 0)
		fields[count++] = (AskField){"prompt", asking->prompt.data};
	fields[count] = (AskField){NULL, NULL};
}

/* Counts, saves, and only then asks. */
static bool
ask_for(Asking *asking, Piece *piece, const AskField *fields, Error *err)
{
	const Remote *remote = &asking->remote;
	Ask *ask = &piece->ask;

	if (piece->sound < 0 &&
		!remote_encode(remote, &piece->chunk, pieces_done(&asking->pieces), &piece->sound,
					   err))
		return false;
	speech_use(remote->request, "requests", 1);
	speech_use(remote->request, "audio_seconds", chunk_sent(&piece->chunk));
	if (!save(asking, err))
		return false;
	*ask = (Ask){.url = asking->url.data,
				 .shown = remote->shown,
				 .headers = remote->headers,
				 .fields = fields,
				 .file_fd = piece->sound,
				 .file_field = "file",
				 .file_name = remote_file_name(remote),
				 .file_type = remote_file_type(remote),
				 .total_seconds = (long) remote->timeout_seconds,
				 .owner = piece,
				 .body = ask->body};
	ask_begin(remote->set, ask);
	piece->asking = true;
	return true;
}

static size_t
under_way(const Asking *asking, double *seconds)
{
	size_t count = 0;

	*seconds = 0;
	for (size_t i = 0; i < asking->pieces.count; i++)
	{
		const Piece *piece = asking->pieces.items[i];

		if (!piece->asking)
			continue;
		count++;
		*seconds += chunk_length(&piece->chunk);
	}
	return count;
}

/* Asks for what may be asked for now; *left is false when all is answered. */
static bool
ask_more(Asking *asking, const AskField *fields, bool *left, Error *err)
{
	const Remote *remote = &asking->remote;
	double seconds;
	size_t count = under_way(asking, &seconds);

	*left = count > 0;
	for (size_t i = 0; i < asking->pieces.count && !asking->failed; i++)
	{
		Piece *piece = asking->pieces.items[i];
		double length = chunk_length(&piece->chunk);

		if (piece->asking || piece->heard != NULL)
			continue;
		*left = true;
		if (count >= (size_t) remote->parallel ||
			(count > 0 && seconds + length > remote->chunk_seconds) ||
			clock_seconds() < piece->not_before)
			continue;
		if (!ask_for(asking, piece, fields, err))
			return false;
		count++;
		seconds += length;
	}
	return true;
}

static size_t
place_of(const Asking *asking, const Piece *piece)
{
	size_t at = 0;

	while (asking->pieces.items[at] != piece)
		at++;
	return at;
}

/* A good answer; one that is none is a failure, and paid for. */
static bool
take_answer(Asking *asking, Piece *piece, Error *err)
{
	const Remote *remote = &asking->remote;
	CLEANUP(json) cJSON *json = NULL;
	CLEANUP(free)
	CutSpan *cuts = array_new(piece->chunk.part_count, sizeof *cuts);

	chunk_cuts(&piece->chunk, cuts);
	if (!json_parse(piece->ask.body.data, piece->ask.body.length, "answer", &json, NULL))
		return error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
						 "the answer of %s is no JSON", remote->shown);
	if (!openai_answer_read(json, cuts, piece->chunk.part_count, remote->shown,
							&piece->heard, err))
		return false;
	(void) close(piece->sound);
	piece->sound = -1;
	return true;
}

/* What was refused before any work was done is not on the bill. */
static void
take_back(const Asking *asking, const Piece *piece)
{
	int status = piece->ask.answer.status;

	if (piece->ask.answered ? status >= 300 && status <= 499 : !piece->ask.sent)
		speech_use(asking->remote.request, "audio_seconds", -chunk_sent(&piece->chunk));
}

/* Tries again, or smaller, or gives all up: what is under way is still waited for. */
static void
take_failure(Asking *asking, Piece *piece, Error *failure)
{
	double pause = 0;
	double length = chunk_length(&piece->chunk);

	if (failure->status == 413 && length > SHORTEST_CHUNK)
	{
		ChunkRules rules = rules_of(&asking->remote, fmax(0.6 * length, 10));

		pieces_split(&asking->pieces, place_of(asking, piece), &rules);
		return;
	}
	piece->tries++;
	if (remote_again(&asking->remote, piece->tries, failure, &pause))
	{
		piece->not_before = clock_seconds() + pause;
		return;
	}
	if (!asking->failed)
		asking->failure = *failure;
	asking->failed = true;
}

static bool
take(Asking *asking, Ask *ask, Error *err)
{
	Piece *piece = ask->owner;
	Error failure = {0};

	piece->asking = false;
	if (remote_judge(&asking->remote, ask, &failure))
	{
		if (take_answer(asking, piece, &failure))
			return save(asking, err);
	}
	else
		take_back(asking, piece);
	take_failure(asking, piece, &failure);
	/* what was taken back is known at once: a pause may follow, and nobody survives all */
	return save(asking, err);
}

static bool
ask_all(Asking *asking, Error *err)
{
	AskField fields[FIELDS_MOST];
	bool left = true;

	write_fields(asking, fields);
	while (ask_more(asking, fields, &left, err))
	{
		Ask *over;

		if (!left)
			break;
		over = ask_next(asking->remote.set, 100);
		if (over != NULL && !take(asking, over, err))
			return false;
		if (!remote_alive(&asking->remote, pieces_done(&asking->pieces), "transcribing",
						  err))
			return false;
	}
	if (left)
		return false;
	if (asking->failed)
		*err = asking->failure;
	return !asking->failed;
}

bool
speech_openai(const SpeechRequest *request, cJSON **heard, Error *err)
{
	CLEANUP(asking) Asking asking = {.failed = false};

	buffer_init(&asking.url);
	buffer_init(&asking.prompt);
	if (!remote_open(request, false, &asking.remote, err))
		return false;
	remote_url(&asking.remote, "/audio/transcriptions", &asking.url);
	remote_language(&asking.remote, asking.language);
	write_prompt(request, &asking.prompt);
	plan(&asking);
	if (!ask_all(&asking, err))
		return false;
	*heard = pieces_join(&asking.pieces, asking.remote.model);
	remote_tell_outside(&asking.remote, *heard);
	return true;
}
