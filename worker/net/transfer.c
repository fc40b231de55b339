/*
 * net/transfer.c
 *	  One HTTP request and its answer, by libcurl.
 */
#include "net/transfer.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "net/guard.h"

#define CONNECT_SECONDS   30L
#define LOW_SPEED_BYTES   512L /* a second, over ... */
#define LOW_SPEED_SECONDS 60L
#define RECEIVE_BUFFER    (256L << 10)

/* How long nothing is looked at when nothing happens, in ms. */
#define TURN_MS 200

typedef struct Run
{
	const Transfer *transfer;
	CURL *curl; /* NULL = there is none */
	struct curl_slist *headers;
	char reason[CURL_ERROR_SIZE];
	CURLcode result; /* of a run that is over */
	bool over;
	Answer *answer;
	bool begun;   /* head was called */
	bool stopped; /* by a callback */
	Guard guard;
} Run;

static size_t
take_header(char *line, size_t size, size_t count, void *arg)
{
	Run *run = arg;

	answer_take_line(run->answer, line, size * count);
	return guard_head(&run->guard, size * count) ? size * count : 0;
}

static bool
begin(Run *run)
{
	if (run->begun)
		return true;
	run->begun = true;
	return run->transfer->head(run->transfer->arg, run->answer);
}

static size_t
take_body(char *bytes, size_t size, size_t count, void *arg)
{
	Run *run = arg;

	if (begin(run) && run->transfer->body(run->transfer->arg, bytes, size * count))
		return size * count;
	run->stopped = true;
	return CURL_WRITEFUNC_ERROR;
}

static int
take_tick(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
		  curl_off_t up)
{
	Run *run = arg;

	(void) down_total;
	(void) down;
	(void) up_total;
	(void) up;
	run->stopped = run->stopped || !run->transfer->tick(run->transfer->arg);
	return run->stopped ? 1 : 0;
}

static struct curl_slist *
request_headers(const Transfer *transfer)
{
	struct curl_slist *list = NULL;
	char line[512];

	for (size_t i = 0; transfer->headers != NULL && transfer->headers[i] != NULL; i++)
		list = curl_slist_append(list, transfer->headers[i]);
	if (transfer->from > 0 && transfer->validator[0] != '\0')
	{
		snprintf(line, sizeof line, "If-Range: %s", transfer->validator);
		list = curl_slist_append(list, line);
	}
	return list;
}

static bool
goes_on(void *arg)
{
	const Transfer *transfer = ((const Run *) arg)->transfer;

	return transfer->tick(transfer->arg);
}

/* What a request may and may not do; the callbacks lead to run. */
static void
set_up(CURL *curl, Run *run)
{
	const Transfer *transfer = run->transfer;
	char range[48];

	curl_easy_setopt(curl, CURLOPT_URL, transfer->url);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, run->reason);
	run->guard = (Guard){
		.allow_private = transfer->allow_private_addresses, .go_on = goes_on, .arg = run};
	guard_set(curl, &run->guard, transfer->url);
	run->stopped = run->guard.stopped;
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT,
					 transfer->connect_seconds > 0 ? transfer->connect_seconds
												   : CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, transfer->total_seconds);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED_BYTES);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME,
					 transfer->quiet_seconds > 0 ? transfer->quiet_seconds
												 : LOW_SPEED_SECONDS);
	curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, run->headers);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, run);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, run);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, take_tick);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, run);
	curl_easy_setopt(curl, CURLOPT_PRIVATE, run);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	if (transfer->content != NULL)
	{
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
						 (curl_off_t) strlen(transfer->content));
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, transfer->content);
	}
	if (transfer->from > 0)
	{
		if (transfer->until > transfer->from)
			snprintf(range, sizeof range, "%" PRId64 "-%" PRId64, transfer->from,
					 transfer->until - 1);
		else
			snprintf(range, sizeof range, "%" PRId64 "-", transfer->from);
		curl_easy_setopt(curl, CURLOPT_RANGE, range);
	}
}

static TransferEnd
judge(const Run *run, Error *err)
{
	const char *verb = run->transfer->content != NULL ? "send to" : "fetch";
	char shown[300];

	if (run->transfer->shown != NULL)
		snprintf(shown, sizeof shown, "%s", run->transfer->shown);
	else
		url_redact(run->transfer->url, shown, sizeof shown);
	return guard_judge(&run->guard, run->result, verb, shown, run->reason, err)
			   ? TRANSFER_BROKEN
			   : TRANSFER_REFUSED;
}

static bool
begin_run(Run *run, CURLM *multi)
{
	answer_clear(run->answer);
	run->curl = curl_easy_init();
	if (run->curl == NULL)
		return false;
	run->headers = request_headers(run->transfer);
	set_up(run->curl, run);
	return curl_multi_add_handle(multi, run->curl) == CURLM_OK;
}

static void
end_run(Run *run, CURLM *multi)
{
	if (run->curl != NULL)
		(void) curl_multi_remove_handle(multi, run->curl);
	curl_easy_cleanup(run->curl);
	curl_slist_free_all(run->headers);
	run->curl = NULL;
	run->headers = NULL;
}

/* How a run that is over ended. */
static TransferEnd
end_of(Run *run, Error *err)
{
	if (run->stopped || (run->result == CURLE_OK && !begin(run)))
		return TRANSFER_STOPPED;
	return run->result == CURLE_OK ? TRANSFER_COMPLETE : judge(run, err);
}

/* Notes which runs are over. */
static void
collect(CURLM *multi)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(multi, &left)) != NULL)
	{
		void *run = NULL;

		if (message->msg != CURLMSG_DONE ||
			curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &run) != CURLE_OK)
			continue;
		((Run *) run)->result = message->data.result;
		((Run *) run)->over = true;
	}
}

/* The second transfer: ended when it is over, begun when one is wanted. */
static void
turn_beside(const Run *run, Run *beside, Answer *answer, CURLM *multi)
{
	const Transfer *transfer = beside->transfer;

	if (beside->curl != NULL && beside->over)
	{
		TransferEnd end = end_of(beside, NULL);

		end_run(beside, multi);
		transfer->over(transfer->arg, end);
	}
	if (beside->curl != NULL || run->transfer->beside == NULL)
		return;
	transfer = run->transfer->beside(run->transfer->arg);
	if (transfer == NULL)
		return;
	*beside = (Run){.transfer = transfer, .answer = answer};
	if (!begin_run(beside, multi))
	{
		end_run(beside, multi);
		transfer->over(transfer->arg, TRANSFER_BROKEN);
	}
}

/* Until the run is over or was stopped. */
static void
follow(Run *run, CURLM *multi)
{
	Run beside = {.curl = NULL};
	Answer answer;

	for (;;)
	{
		int running = 0;
		struct curl_waitfd watched = {.fd = -1, .events = CURL_WAIT_POLLIN};

		(void) curl_multi_perform(multi, &running);
		collect(multi);
		if (run->over)
			break;
		run->stopped = run->stopped || !run->transfer->tick(run->transfer->arg);
		if (run->stopped)
			break;
		turn_beside(run, &beside, &answer, multi);
		if (run->transfer->watched != NULL)
			watched.fd = *run->transfer->watched;
		(void) curl_multi_poll(multi, &watched, watched.fd >= 0 ? 1 : 0, TURN_MS, NULL);
	}
	if (beside.curl != NULL)
	{
		end_run(&beside, multi);
		beside.transfer->over(beside.transfer->arg, TRANSFER_STOPPED);
	}
}

TransferEnd
transfer_run(const Transfer *transfer, Answer *answer, char location[URL_SIZE],
			 Error *err)
{
	CURLM *multi = curl_multi_init();
	Run run = {.transfer = transfer, .answer = answer};
	TransferEnd end = TRANSFER_REFUSED;
	char *leads_to = NULL;

	location[0] = '\0';
	if (multi != NULL && begin_run(&run, multi))
	{
		follow(&run, multi);
		end = end_of(&run, err);
	}
	else
		error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL, "cannot start a transfer");
	if (end == TRANSFER_COMPLETE &&
		curl_easy_getinfo(run.curl, CURLINFO_REDIRECT_URL, &leads_to) == CURLE_OK &&
		leads_to != NULL && strlen(leads_to) < URL_SIZE)
		snprintf(location, URL_SIZE, "%s", leads_to);
	end_run(&run, multi);
	curl_multi_cleanup(multi);
	return end;
}
