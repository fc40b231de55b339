/*
 * net/ask.c
 *	  Questions to an HTTP service, by libcurl.
 */
#include "net/ask.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "net/guard.h"

#define CONNECT_SECONDS 20L

/* A service works for minutes before its answer, during which nothing moves: only what goes
 * out is held against a lowest speed. */
#define STALLED_MS 60000

typedef struct AskRun
{
	Ask *ask;
	CURL *curl;
	curl_mime *form;
	struct curl_slist *headers;
	Guard guard;
	curl_off_t file_at;
	curl_off_t file_size;
	curl_off_t moved; /* bytes out at the last look */
	int64_t moved_at; /* ms */
	char reason[CURL_ERROR_SIZE];
	bool too_much;
	bool stalled;
	struct AskRun *next;
} AskRun;

struct AskSet
{
	CURLM *multi;
	AskRun *runs;
};

void
ask_init(Ask *ask)
{
	*ask = (Ask){.file_fd = -1};
	buffer_init(&ask->body);
}

AskSet *
ask_open(void)
{
	AskSet *set = array_new(1, sizeof *set);

	set->multi = curl_multi_init();
	if (set->multi == NULL)
	{
		free(set);
		return NULL;
	}
	return set;
}

static size_t
read_file(char *bytes, size_t size, size_t count, void *arg)
{
	AskRun *run = arg;
	ssize_t got;

	do
		got = pread(run->ask->file_fd, bytes, size * count, run->file_at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return CURL_READFUNC_ABORT;
	run->file_at += got;
	return (size_t) got;
}

/* A connection that was used before may have to send again. */
static int
seek_file(void *arg, curl_off_t offset, int origin)
{
	AskRun *run = arg;

	if (origin != SEEK_SET)
		return CURL_SEEKFUNC_FAIL;
	run->file_at = offset;
	return CURL_SEEKFUNC_OK;
}

static size_t
take_header(char *line, size_t size, size_t count, void *arg)
{
	AskRun *run = arg;

	answer_take_line(&run->ask->answer, line, size * count);
	return guard_head(&run->guard, size * count) ? size * count : 0;
}

static size_t
take_body(char *bytes, size_t size, size_t count, void *arg)
{
	AskRun *run = arg;
	Buffer *body = &run->ask->body;

	if (body->length + size * count > ASK_ANSWER_MOST)
	{
		run->too_much = true;
		return CURL_WRITEFUNC_ERROR;
	}
	buffer_append(body, bytes, size * count);
	return size * count;
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
take_progress(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
			  curl_off_t up)
{
	AskRun *run = arg;
	int64_t now = now_ms();

	(void) down_total;
	if (up > 0)
		run->ask->sent = true;
	if (run->moved_at == 0 || up + down != run->moved)
	{
		run->moved = up + down;
		run->moved_at = now;
	}
	run->stalled = up_total > 0 && up < up_total && now - run->moved_at > STALLED_MS;
	return run->stalled ? 1 : 0;
}

/* The body: a form with or without a file, the file alone, a text, or nothing (GET). */
static bool
set_content(AskRun *run)
{
	const Ask *ask = run->ask;
	struct stat status = {0};

	if (ask->file_fd >= 0 && fstat(ask->file_fd, &status) != 0)
		return false;
	run->file_size = status.st_size;
	if (ask->fields != NULL)
	{
		run->form = curl_mime_init(run->curl);
		for (const AskField *field = ask->fields; field->name != NULL; field++)
		{
			curl_mimepart *part = curl_mime_addpart(run->form);

			curl_mime_name(part, field->name);
			curl_mime_data(part, field->value, CURL_ZERO_TERMINATED);
		}
		if (ask->file_fd >= 0)
		{
			curl_mimepart *part = curl_mime_addpart(run->form);

			curl_mime_name(part, ask->file_field);
			curl_mime_filename(part, ask->file_name);
			curl_mime_type(part, ask->file_type);
			curl_mime_data_cb(part, run->file_size, read_file, seek_file, NULL, run);
		}
		curl_easy_setopt(run->curl, CURLOPT_MIMEPOST, run->form);
	}
	else if (ask->file_fd >= 0)
	{
		curl_easy_setopt(run->curl, CURLOPT_POST, 1L);
		curl_easy_setopt(run->curl, CURLOPT_POSTFIELDSIZE_LARGE, run->file_size);
		curl_easy_setopt(run->curl, CURLOPT_READFUNCTION, read_file);
		curl_easy_setopt(run->curl, CURLOPT_READDATA, run);
		curl_easy_setopt(run->curl, CURLOPT_SEEKFUNCTION, seek_file);
		curl_easy_setopt(run->curl, CURLOPT_SEEKDATA, run);
	}
	else if (ask->content != NULL)
	{
		curl_easy_setopt(run->curl, CURLOPT_POSTFIELDSIZE_LARGE,
						 (curl_off_t) strlen(ask->content));
		curl_easy_setopt(run->curl, CURLOPT_POSTFIELDS, ask->content);
	}
	return true;
}

static bool
set_up(AskRun *run)
{
	Ask *ask = run->ask;
	CURL *curl = run->curl;

	for (size_t i = 0; ask->headers != NULL && ask->headers[i] != NULL; i++)
		run->headers = curl_slist_append(run->headers, ask->headers[i]);
	/* waiting for "100 Continue" helps with nothing here */
	run->headers = curl_slist_append(run->headers, "Expect:");
	run->guard.allow_private = true; /* it is the operator's own */
	guard_set(curl, &run->guard, ask->url);
	curl_easy_setopt(curl, CURLOPT_URL, ask->url);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, run->reason);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, ask->total_seconds);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, run->headers);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, run);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, run);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, take_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, run);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	/* a question is billed: it is never sent a second time behind the caller's back */
	curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(curl, CURLOPT_PRIVATE, run);
	return set_content(run);
}

static void
release(AskSet *set, AskRun *run)
{
	for (AskRun **at = &set->runs; *at != NULL; at = &(*at)->next)
		if (*at == run)
		{
			*at = run->next;
			break;
		}
	if (run->curl != NULL)
		(void) curl_multi_remove_handle(set->multi, run->curl);
	curl_easy_cleanup(run->curl);
	curl_mime_free(run->form);
	curl_slist_free_all(run->headers);
	run->ask->run = NULL;
	free(run);
}

void
ask_begin(AskSet *set, Ask *ask)
{
	AskRun *run = array_new(1, sizeof *run);

	buffer_free(&ask->body);
	buffer_init(&ask->body);
	answer_clear(&ask->answer);
	ask->answered = ask->sent = false;
	ask->run = run;
	run->ask = ask;
	run->next = set->runs;
	set->runs = run;
	run->curl = curl_easy_init();
	/* what cannot begin is found by ask_next, as a question without its place in the set */
	if (run->curl == NULL || !set_up(run) ||
		curl_multi_add_handle(set->multi, run->curl) != CURLM_OK)
	{
		curl_easy_cleanup(run->curl);
		run->curl = NULL;
	}
}

/* Why there is no answer. */
static void
judge(AskRun *run, CURLcode result)
{
	Ask *ask = run->ask;

	if (run->too_much)
		error_set(&ask->err, ERROR_TRANSIENT, "bad_answer", NULL,
				  "the answer of %s is larger than %zu MiB", ask->shown,
				  ASK_ANSWER_MOST >> 20);
	else if (result == CURLE_PEER_FAILED_VERIFICATION)
		error_set(
			&ask->err, ERROR_PERMANENT, "bad_certificate",
			"Let the server of base_url have a certificate that this machine trusts.",
			"%s has no valid certificate: %s", ask->shown, run->reason);
	else if (result == CURLE_URL_MALFORMAT || result == CURLE_UNSUPPORTED_PROTOCOL)
		error_set(&ask->err, ERROR_PERMANENT, "bad_url",
				  "Correct base_url by leap.set_provider().",
				  "the address of %s is none: %s", ask->shown, run->reason);
	else
		error_set(&ask->err, ERROR_TRANSIENT, "connection_lost", NULL,
				  "cannot ask %s: %s", ask->shown,
				  run->stalled             ? "nothing could be sent for a minute"
				  : run->reason[0] != '\0' ? run->reason
										   : curl_easy_strerror(result));
}

/* One that could not begin. */
static Ask *
next_failed(AskSet *set)
{
	for (AskRun *run = set->runs; run != NULL; run = run->next)
		if (run->curl == NULL)
		{
			Ask *ask = run->ask;

			error_set(&ask->err, ERROR_TRANSIENT, "out_of_memory", NULL,
					  "cannot begin to ask %s", ask->shown);
			release(set, run);
			return ask;
		}
	return NULL;
}

static Ask *
next_over(AskSet *set)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(set->multi, &left)) != NULL)
	{
		void *arg = NULL;
		AskRun *run;
		Ask *ask;

		if (message->msg != CURLMSG_DONE ||
			curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &arg) != CURLE_OK)
			continue;
		run = arg;
		ask = run->ask;
		ask->answered = message->data.result == CURLE_OK && ask->answer.status > 0;
		if (!ask->answered)
			judge(run, message->data.result);
		release(set, run);
		return ask;
	}
	return NULL;
}

Ask *
ask_next(AskSet *set, int wait_ms)
{
	Ask *ask = next_failed(set);
	int running = 0;

	if (ask != NULL)
		return ask;
	(void) curl_multi_perform(set->multi, &running);
	ask = next_over(set);
	if (ask != NULL)
		return ask;
	(void) curl_multi_poll(set->multi, NULL, 0, wait_ms, NULL);
	(void) curl_multi_perform(set->multi, &running);
	return next_over(set);
}

void
ask_close(AskSet *set)
{
	if (set == NULL)
		return;
	while (set->runs != NULL)
		release(set, set->runs);
	curl_multi_cleanup(set->multi);
	free(set);
}
