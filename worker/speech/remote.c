/*
 * speech/remote.c
 *	  What the speech providers behind HTTP have in common.
 */
#include "speech/remote.h"

#include <ctype.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/process.h"
#include "speech/hearing.h"

/* Forms of sound: what they are called, and the bytes of a second. */
static const struct
{
	const char *name;
	const char *file;
	const char *type;
	double bytes;
} forms[] = {
	{"ogg",  "audio.ogg",  "audio/ogg",  4000 },
	{"mp3",  "audio.mp3",  "audio/mpeg", 4500 },
	{"flac", "audio.flac", "audio/flac", 32000},
	{"wav",  "audio.wav",  "audio/wav",  32000},
};

#define FORMS (sizeof forms / sizeof forms[0])

static size_t
form_of(const Remote *remote)
{
	for (size_t i = 0; i < FORMS; i++)
		if (strcmp(forms[i].name, remote->format) == 0)
			return i;
	return 0;
}

const char *
remote_file_name(const Remote *remote)
{
	return forms[form_of(remote)].file;
}

const char *
remote_file_type(const Remote *remote)
{
	return forms[form_of(remote)].type;
}

double
remote_most_seconds(const Remote *remote)
{
	return remote->max_bytes / forms[form_of(remote)].bytes;
}

bool
remote_open(const SpeechRequest *request, bool raw_key, Remote *remote, Error *err)
{
	const cJSON *row = request->provider;
	const cJSON *settings = json_at(row, "settings");
	const char *auth = json_text(settings, "auth", raw_key ? "raw" : "bearer");

	*remote = (Remote){
		.request = request,
		.base = json_text(row, "base_url", ""),
		.model = json_text(row, "model", ""),
		.attempts = (int) fmax(1, json_number(settings, "attempts", 3)),
		.parallel = (int) fmax(1, json_number(settings, "parallel", 4)),
		.chunk_seconds = json_number(settings, "chunk_seconds", 600),
		.max_bytes = json_number(settings, "max_bytes", 25e6),
		.poll_seconds = json_number(settings, "poll_seconds", 3),
		.timeout_seconds = json_number(settings, "timeout_seconds", 600),
		.format = json_text(settings, "upload_format", "ogg"),
	};
	buffer_init(&remote->authorization);
	snprintf(remote->shown, sizeof remote->shown, "the speech provider %.80s",
			 json_text(row, "name", "?"));
	remote->base_length = strlen(remote->base);
	while (remote->base_length > 0 && remote->base[remote->base_length - 1] == '/')
		remote->base_length--;
	if (remote->base_length == 0)
		return error_set(err, ERROR_PERMANENT, "provider_url",
						 "Give it a base_url by leap.set_provider().",
						 "%s has no address", remote->shown);
	if (request->key != NULL && request->key[0] != '\0')
	{
		buffer_printf(&remote->authorization, "Authorization: %s%s",
					  strcmp(auth, "raw") == 0 ? "" : "Bearer ", request->key);
		remote->headers[0] = remote->authorization.data;
	}
	remote->set = ask_open();
	return remote->set != NULL || error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
											"no memory to ask %s", remote->shown);
}

void
remote_close(Remote *remote)
{
	ask_close(remote->set);
	remote->set = NULL;
	if (remote->authorization.length > 0)
		explicit_bzero(remote->authorization.data, remote->authorization.length);
	buffer_free(&remote->authorization);
}

void
remote_url(const Remote *remote, const char *path, Buffer *url)
{
	buffer_append(url, remote->base, remote->base_length);
	buffer_puts(url, path);
}

bool
remote_alive(const Remote *remote, double done, const char *step, Error *err)
{
	const SpeechRequest *request = remote->request;
	const Reporter *reporter = request->reporter;
	double fraction = request->from + (request->to - request->from) * done;

	if (reporter == NULL || reporter->progress(reporter->arg, fraction, step))
		return true;
	return error_set(err, ERROR_LOST, "cancelled", NULL, "stopped while transcribing");
}

bool
remote_wait(const Remote *remote, double seconds, double done, const char *step,
			Error *err)
{
	double until = clock_seconds() + seconds;

	for (;;)
	{
		double left = until - clock_seconds();

		if (!remote_alive(remote, done, step, err))
			return false;
		if (left <= 0)
			return true;
		(void) poll(NULL, 0, (int) ceil(fmin(left, 0.2) * 1000));
	}
}

bool
remote_encode(const Remote *remote, const Chunk *chunk, double done, int *fd, Error *err)
{
	const SpeechRequest *request = remote->request;
	double at = request->from + (request->to - request->from) * done;
	CLEANUP(buffer) Buffer spans;
	CLEANUP(json) cJSON *result = NULL;
	const char *argv[] = {"sound",  "--audio", "3",        "--output",     "4",
						  "--keep", NULL,      "--format", remote->format, NULL,
						  NULL,     NULL};
	ProcessFd fds[2] = {
		{request->audio_fd, 3}
    };

	buffer_init(&spans);
	spans_print(chunk->parts, chunk->part_count, &spans);
	argv[6] = spans.data;
	*fd = memfd_create("sound", MFD_CLOEXEC);
	if (*fd < 0)
		return error_errno(err, "speech_input", "cannot make a file for the sound");
	fds[1] = (ProcessFd){*fd, 4};
	/* a small part of the work: no progress of its own */
	return process_media(request->media_program, argv, fds, 2, request->reporter, at, at,
						 "encoding", &result, err);
}

bool
remote_ask_once(const Remote *remote, Ask *ask, double done, const char *step, Error *err)
{
	ask->headers = ask->headers != NULL ? ask->headers : remote->headers;
	ask->shown = remote->shown;
	ask->total_seconds = (long) remote->timeout_seconds;
	ask_begin(remote->set, ask);
	while (ask_next(remote->set, 200) == NULL)
		if (!remote_alive(remote, done, step, err))
			return false;
	return true;
}

bool
remote_ask(const Remote *remote, Ask *ask, double done, const char *step, cJSON **json,
		   Error *err)
{
	for (int tries = 1;; tries++)
	{
		double pause;

		if (!remote_ask_once(remote, ask, done, step, err))
			return false;
		if (remote_judge(remote, ask, err))
		{
			if (json_parse(ask->body.data, ask->body.length, "answer", json, NULL))
				return true;
			error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
					  "the answer of %s is no JSON", remote->shown);
		}
		if (!remote_again(remote, tries, err, &pause) ||
			!remote_wait(remote, pause, done, step, err))
			return false;
	}
}

char *
remote_work_key(const Remote *remote)
{
	const SpeechRequest *request = remote->request;
	CLEANUP(buffer) Buffer text;
	char hex[HASH_HEX_SIZE];
	Hash hash;

	hearing_key(request->provider, request->language, request->vocabulary, hex);
	buffer_init(&text);
	spans_print(request->spans, request->span_count, &text);
	buffer_printf(&text, "|%.0f|%d|%.0f|%s", remote->chunk_seconds, remote->parallel,
				  remote->max_bytes, remote->format);
	hash_begin(&hash);
	hash_update(&hash, hex, strlen(hex));
	hash_update(&hash, text.data, text.length);
	hash_finish(&hash, hex);
	return strdup(hex);
}

bool
remote_save(const Remote *remote, const cJSON *state, Error *err)
{
	return remote->request->save == NULL ||
		   remote->request->save(remote->request->save_arg, state, err);
}

void
remote_language(const Remote *remote, char code[16])
{
	const char *language = remote->request->language;
	size_t length = 0;

	if (language != NULL && strcasecmp(language, "auto") != 0)
		for (; length < 15 && isalpha((unsigned char) language[length]); length++)
			code[length] = (char) tolower((unsigned char) language[length]);
	code[length] = '\0';
}

void
remote_tell_outside(const Remote *remote, const cJSON *heard)
{
	double outside = json_number(heard, "outside", 0);

	if (outside > 0)
		log_warning("%s heard %.0f words behind the end of the sound, which are left out",
					remote->shown, outside);
}
