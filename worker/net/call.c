/*
 * net/call.c
 *	  One request to the interface of a service, by libcurl.
 *
 * A call has a connection of its own, unless it is on a line: one that was used before might
 * have been closed by the other side meanwhile, and libcurl would then send the request again
 * by itself.
 */
#include "net/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "net/call_body.h"
#include "net/call_line.h"
#include "net/guard.h"
#include "net/url.h"

#define CONNECT_SECONDS 30L
#define QUIET_SECONDS   120L
#define TOTAL_SECONDS   300L
#define MOST_ANSWER     ((size_t) 8 << 20)
#define RECEIVE_BUFFER  (512L << 10)
#define SEND_BUFFER     (1024L << 10)

/* How long nothing is looked at when nothing happens, in ms. */
#define TURN_MS 200

typedef struct Run
{
	const Call *call;
	CallAnswer *answer;
	Buffer head;
	CURL *curl;
	struct curl_slist *headers;
	CallBody *body;
	Guard guard;
	char reason[CURL_ERROR_SIZE];
	curl_off_t moved; /* bytes in both directions at the last look */
	double moved_at;
	curl_off_t told; /* to `sent` */
	bool too_large;
	bool quiet;
	bool stopped;
} Run;

static void
cleanup_run(Run *run)
{
	curl_easy_cleanup(run->curl);
	call_body_free(run->body);
	curl_slist_free_all(run->headers);
	buffer_free(&run->head);
}

static size_t
take_header(char *line, size_t size, size_t count, void *arg)
{
	Run *run = arg;
	size_t length = size * count;

	if (!guard_head(&run->guard, length))
		return 0;
	answer_take_line(&run->answer->answer, line, length);
	if (length > 5 && memcmp(line, "HTTP/", 5) == 0)
		buffer_clear(&run->head);
	else
		buffer_append(&run->head, line, length);
	return length;
}

static size_t
most_answer(const Run *run)
{
	return run->call->most_answer > 0 ? run->call->most_answer : MOST_ANSWER;
}

static size_t
take_body(char *bytes, size_t size, size_t count, void *arg)
{
	Run *run = arg;

	run->too_large = run->answer->body.length + size * count > most_answer(run);
	if (run->too_large)
		return CURL_WRITEFUNC_ERROR;
	buffer_append(&run->answer->body, bytes, size * count);
	return size * count;
}

/* A line break in a header would be a second header. */
static bool
set_headers(Run *run, Error *err)
{
	const char *const *headers = run->call->headers;
	bool typed = run->call->parts != NULL;

	for (size_t i = 0; headers != NULL && headers[i] != NULL; i++)
	{
		for (const char *c = headers[i]; *c != '\0'; c++)
			if ((unsigned char) *c < 0x20 || *c == 0x7F)
				return error_set(err, ERROR_PERMANENT, "bad_request",
								 "Enter the credential's data anew, without line breaks.",
								 "header \"%.*s\" holds a control character",
								 (int) strcspn(headers[i], ":"), headers[i]);
		run->headers = curl_slist_append(run->headers, headers[i]);
		typed = typed || strncasecmp(headers[i], "content-type:", 13) == 0;
	}
	/* libcurl would call a text a form */
	if (!typed)
		run->headers = curl_slist_append(run->headers, "Content-Type:");
	/* waiting for "100 Continue" helps with nothing here */
	run->headers = curl_slist_append(run->headers, "Expect:");
	curl_easy_setopt(run->curl, CURLOPT_HTTPHEADER, run->headers);
	return true;
}

static long
either(long wanted, long usual)
{
	return wanted > 0 ? wanted : usual;
}

static bool
goes_on(void *arg)
{
	const Call *call = ((const Run *) arg)->call;

	return call->reporter == NULL ||
		   call->reporter->progress(call->reporter->arg, REPORT_NOTHING,
									call->step != NULL ? call->step : "asking");
}

static bool
set_up(Run *run, Error *err)
{
	const Call *call = run->call;
	CURL *curl = run->curl;

	run->guard =
		(Guard){.allow_private = call->allow_private, .go_on = goes_on, .arg = run};
	guard_set(curl, &run->guard, call->url);
	run->stopped = run->guard.stopped;
	curl_easy_setopt(curl, CURLOPT_URL, call->url);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, run->reason);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT,
					 either(call->connect_seconds, CONNECT_SECONDS));
	curl_easy_setopt(
		curl, CURLOPT_TIMEOUT,
		either(call->total_seconds, call_body_has_file(call) ? 0 : TOTAL_SECONDS));
	curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER);
	curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, SEND_BUFFER);
	curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, run);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, run);
	run->body = call_body_set(curl, call);
	return set_headers(run, err);
}

/* So many bytes of the body have left; those around the file in a form are not of it. */
static const char *
count(const Call *call, curl_off_t out)
{
	int64_t there = call->body_from + out;
	int64_t total = call->throughput->total;

	return throughput_step(call->throughput, call->step != NULL ? call->step : "sending",
						   total > 0 && there > total ? total : there);
}

/* Tells what has left and asks whether to go on. */
static bool
go_on(Run *run, curl_off_t out)
{
	const Call *call = run->call;
	const Reporter *reporter = call->reporter;
	const char *step = call->step != NULL ? call->step : "asking";
	double share = 1;

	if (call_body_bytes(run->body) > 0)
		share = (double) out / (double) call_body_bytes(run->body);
	if (call->sent != NULL && out != run->told)
	{
		run->told = out;
		if (!call->sent(call->arg, out))
			return false;
	}
	if (call->throughput != NULL)
		step = count(call, out);
	return reporter == NULL ||
		   reporter->progress(
			   reporter->arg,
			   call->from + (call->to - call->from) * (share < 1 ? share : 1), step);
}

/* False: enough of it, be it stopped or quiet for too long. */
static bool
look(Run *run)
{
	curl_off_t in = 0;
	curl_off_t out = 0;
	double now = clock_seconds();

	(void) curl_easy_getinfo(run->curl, CURLINFO_SIZE_UPLOAD_T, &out);
	(void) curl_easy_getinfo(run->curl, CURLINFO_SIZE_DOWNLOAD_T, &in);
	in += (curl_off_t) run->guard.head;
	if (run->moved_at <= 0 || in + out != run->moved)
	{
		run->moved = in + out;
		run->moved_at = now;
	}
	run->quiet =
		now - run->moved_at > (double) either(run->call->quiet_seconds, QUIET_SECONDS);
	run->stopped = !go_on(run, out);
	return !run->quiet && !run->stopped;
}

/* Until the call is over or was stopped. */
static CURLcode
follow(Run *run, CURLM *multi)
{
	curl_off_t out = 0;
	CURLMsg *message;
	int running = 0;
	int left;

	for (;;)
	{
		(void) curl_multi_perform(multi, &running);
		message = curl_multi_info_read(multi, &left);
		if (message != NULL && message->msg == CURLMSG_DONE)
		{
			(void) curl_easy_getinfo(run->curl, CURLINFO_SIZE_UPLOAD_T, &out);
			if (run->call->throughput != NULL)
				(void) count(run->call, out);
			return message->data.result;
		}
		if (!look(run))
			return run->quiet ? CURLE_OPERATION_TIMEDOUT : CURLE_ABORTED_BY_CALLBACK;
		(void) curl_multi_poll(multi, NULL, 0, TURN_MS, NULL);
	}
}

/* Whoever refuses a long body may answer and close before it has come. */
static bool
is_whole_refusal(const Run *run, CURLcode result)
{
	const Answer *answer = &run->answer->answer;

	return result == CURLE_SEND_ERROR && answer->status >= 400 && answer->length >= 0 &&
		   (size_t) answer->length == run->answer->body.length;
}

/* Why there is no answer. */
static bool
judge(const Run *run, CURLcode result, const char *shown, Error *err)
{
	long request = 0;

	(void) curl_easy_getinfo(run->curl, CURLINFO_REQUEST_SIZE, &request);
	if (run->stopped)
		error_set(err, ERROR_LOST, "cancelled", NULL, "stopped on request");
	else if (call_body_is_short(run->body))
		error_set(err, ERROR_PERMANENT, "file_changed",
				  "Nothing may change a file while it is sent.",
				  "cannot send to %s: the file has fewer bytes than it had", shown);
	else if (run->too_large)
		error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
				  "%s answers more than %zu bytes", shown, most_answer(run));
	else
		(void) guard_judge(&run->guard, result, "ask", shown,
						   run->quiet ? "nothing moves any more" : run->reason, err);
	if (err != NULL)
		err->maybe_sent = request > 0;
	return false;
}

/* With the URL being one. */
static bool
run_once(Run *run, const char *shown, Error *err)
{
	CallLine *line = run->call->line;
	CURLM *multi = line != NULL ? call_line_multi(line) : curl_multi_init();
	CURLcode result = CURLE_OUT_OF_MEMORY;
	bool ok;

	run->curl = curl_easy_init();
	if (multi == NULL || run->curl == NULL)
		ok =
			error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL, "cannot start a call");
	else
		ok = set_up(run, err);
	if (ok && run->stopped)
		ok = judge(run, result, shown, err);
	else if (ok)
	{
		(void) curl_multi_add_handle(multi, run->curl);
		result = follow(run, multi);
		ok = result == CURLE_OK || is_whole_refusal(run, result) ||
			 judge(run, result, shown, err);
		(void) curl_multi_remove_handle(multi, run->curl);
	}
	if (line == NULL)
		(void) curl_multi_cleanup(multi);
	return ok;
}

bool
call_run(const Call *call, CallAnswer *answer, Error *err)
{
	CLEANUP(run) Run run = {.call = call, .answer = answer};
	char shown[300];

	call_answer_free(answer);
	answer_clear(&answer->answer);
	buffer_init(&answer->body);
	buffer_init(&run.head);
	if (!url_check(call->url, err))
		return false;
	if (call->shown != NULL)
		snprintf(shown, sizeof shown, "%s", call->shown);
	else
		url_redact(call->url, shown, sizeof shown);
	if (!run_once(&run, shown, err))
		return false;
	answer->head = array_text(run.head.data);
	(void) json_parse(answer->body.data, answer->body.length, "the answer", &answer->json,
					  NULL);
	return true;
}

const char *
call_header(const CallAnswer *answer, const char *name, char *value, size_t size)
{
	size_t length = strlen(name);

	for (const char *line = answer->head; line != NULL && *line != '\0';)
	{
		const char *end = line + strcspn(line, "\r\n");

		if (strncasecmp(line, name, length) == 0 && line[length] == ':')
		{
			const char *start = line + length + 1;

			start += strspn(start, " \t");
			while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
				end--;
			snprintf(value, size, "%.*s", (int) (end > start ? end - start : 0), start);
			return value;
		}
		line = end + strspn(end, "\r\n");
	}
	return NULL;
}

void
call_answer_free(CallAnswer *answer)
{
	if (answer->body.data != NULL)
		buffer_free(&answer->body);
	cJSON_Delete(answer->json);
	free(answer->head);
	*answer = (CallAnswer){.json = NULL};
}
