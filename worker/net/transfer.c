/*
 * net/transfer.c
 *	  One HTTP request and its answer, by libcurl.
 */
#include "net/transfer.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "net/address.h"

#define CONNECT_SECONDS   30L
#define LOW_SPEED_BYTES   512L /* a second, over ... */
#define LOW_SPEED_SECONDS 60L
#define RECEIVE_BUFFER    (256L << 10)

typedef struct Run
{
	const Transfer *transfer;
	Answer *answer;
	bool begun;          /* head was called */
	bool stopped;        /* by a callback */
	bool allowed;        /* at least one address was */
	const char *refusal; /* what a refused address is, or NULL */
} Run;

static void
cleanup_curl(CURL **curl)
{
	curl_easy_cleanup(*curl);
}

static void
cleanup_list(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

/* Called for every address a name leads to, after DNS and before connecting: a name that
 * answers differently the second time gains nothing. */
static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	Run *run = arg;
	const char *refusal = NULL;

	(void) purpose;
	if (!run->transfer->allow_private_addresses)
		refusal = address_refusal(&address->addr, address->addrlen);
	if (refusal != NULL)
	{
		run->refusal = refusal;
		return CURL_SOCKET_BAD;
	}
	run->allowed = true;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t
take_header(char *line, size_t size, size_t count, void *arg)
{
	Run *run = arg;

	answer_take_line(run->answer, line, size * count);
	return size * count;
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

/* What a request may and may not do; the callbacks lead to run. */
static void
set_up(CURL *curl, Run *run, const struct curl_slist *headers, char *reason)
{
	const Transfer *transfer = run->transfer;
	char range[32];

	curl_easy_setopt(curl, CURLOPT_URL, transfer->url);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "leap/" LEAP_VERSION);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT,
					 transfer->connect_seconds > 0 ? transfer->connect_seconds
												   : CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, transfer->total_seconds);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED_BYTES);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, LOW_SPEED_SECONDS);
	curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, run);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, run);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, run);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, take_tick);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, run);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	if (transfer->content != NULL)
	{
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
						 (curl_off_t) strlen(transfer->content));
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, transfer->content);
	}
	if (transfer->from > 0)
	{
		snprintf(range, sizeof range, "%" PRId64 "-", transfer->from);
		curl_easy_setopt(curl, CURLOPT_RANGE, range);
	}
}

/* What no second try will mend. */
static const struct
{
	CURLcode result;
	const char *code;
	const char *hint;
} hopeless[] = {
	{CURLE_URL_MALFORMAT,            "bad_url",         "Check the link in a browser."        },
	{CURLE_PEER_FAILED_VERIFICATION, "bad_certificate",
	 "The server's certificate is not valid for this name: tell its operator."                },
	{CURLE_WEIRD_SERVER_REPLY,       "bad_answer",      "What answers there is no web server."},
	{CURLE_UNSUPPORTED_PROTOCOL,     "bad_answer",      "What answers there is no web server."},
};

static TransferEnd
judge(const Run *run, CURLcode result, const char *reason, Error *err)
{
	const char *verb = run->transfer->content != NULL ? "send to" : "fetch";
	char shown[300];

	if (run->transfer->shown != NULL)
		snprintf(shown, sizeof shown, "%s", run->transfer->shown);
	else
		url_redact(run->transfer->url, shown, sizeof shown);
	if (run->refusal != NULL && !run->allowed)
	{
		error_set(
			err, ERROR_PERMANENT, "address_refused",
			"Use a public address, or let the operator set allow_private_addresses.",
			"%s leads to an address that may not be reached (%s)", shown, run->refusal);
		return TRANSFER_REFUSED;
	}
	if (reason[0] == '\0')
		reason = curl_easy_strerror(result);
	for (size_t i = 0; i < sizeof hopeless / sizeof hopeless[0]; i++)
		if (hopeless[i].result == result)
		{
			error_set(err, ERROR_PERMANENT, hopeless[i].code, hopeless[i].hint,
					  "cannot %s %s: %s", verb, shown, reason);
			return TRANSFER_REFUSED;
		}
	error_set(err, ERROR_TRANSIENT, "connection_lost", NULL, "cannot %s %s: %s", verb,
			  shown, reason);
	return TRANSFER_BROKEN;
}

TransferEnd
transfer_run(const Transfer *transfer, Answer *answer, char location[URL_SIZE],
			 Error *err)
{
	CLEANUP(curl) CURL *curl = curl_easy_init();
	CLEANUP(list) struct curl_slist *headers = request_headers(transfer);
	Run run = {.transfer = transfer, .answer = answer};
	char reason[CURL_ERROR_SIZE] = "";
	char *leads_to = NULL;
	CURLcode result;

	answer_clear(answer);
	location[0] = '\0';
	if (curl == NULL)
	{
		error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL, "cannot start a transfer");
		return TRANSFER_REFUSED;
	}
	set_up(curl, &run, headers, reason);
	result = curl_easy_perform(curl);
	if (run.stopped || (result == CURLE_OK && !begin(&run)))
		return TRANSFER_STOPPED;
	if (result != CURLE_OK)
		return judge(&run, result, reason, err);
	if (curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &leads_to) == CURLE_OK &&
		leads_to != NULL && strlen(leads_to) < URL_SIZE)
		snprintf(location, URL_SIZE, "%s", leads_to);
	return TRANSFER_COMPLETE;
}
