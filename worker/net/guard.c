/*
 * net/guard.c
 *	  What every outgoing request may and may not do.
 */
#include "net/guard.h"

#include <netdb.h>
#include <sys/socket.h>

#include "net/address.h"
#include "net/authorities.h"
#include "net/lookup.h"
#include "net/network.h"
#include "net/url.h"

#define LOOKUP_SECONDS 15

static const char *
judge_address(const struct sockaddr *address, size_t length)
{
	return network_allows(address, length) ? NULL : address_refusal(address, length);
}

/* Called for every address a name leads to, after DNS and before connecting. */
static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	Guard *guard = arg;
	const char *refusal = NULL;

	(void) purpose;
	if (guard->blocked)
		return CURL_SOCKET_BAD;
	if (!guard->allow_private)
		refusal = judge_address(&address->addr, address->addrlen);
	if (refusal != NULL)
	{
		guard->refusal = refusal;
		return CURL_SOCKET_BAD;
	}
	guard->allowed = true;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* For a proxy: all addresses of the host, each of which the proxy may choose. *direct: all are
 * ours, and reached without it. */
static void
judge_before(Guard *guard, const char *host, bool *direct)
{
	struct addrinfo *found = NULL;
	LookupEnd end = lookup_host(host, LOOKUP_SECONDS, guard->go_on, guard->arg, &found);

	*direct = end == LOOKUP_FOUND;
	guard->stopped = end == LOOKUP_STOPPED;
	guard->blocked = guard->stopped || (!*direct && !guard->allow_private);
	for (const struct addrinfo *at = found; at != NULL; at = at->ai_next)
	{
		const char *refusal = judge_address(at->ai_addr, at->ai_addrlen);

		*direct = *direct && network_allows(at->ai_addr, at->ai_addrlen);
		if (refusal == NULL || guard->allow_private)
			continue;
		guard->refusal = refusal;
		guard->blocked = true;
	}
	if (found != NULL)
		freeaddrinfo(found);
}

/* The proxy is the operator's: its own address is not judged. */
static void
set_proxy(CURL *curl, Guard *guard, const char *host, bool listed)
{
	bool direct = listed;

	if (network_proxy()[0] != '\0' && !listed)
		judge_before(guard, host, &direct);
	if (network_proxy()[0] == '\0' || direct || guard->blocked)
	{
		curl_easy_setopt(curl, CURLOPT_PROXY, "");
		return;
	}
	curl_easy_setopt(curl, CURLOPT_PROXY, network_proxy());
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "");
	curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	guard->allow_private = true;
}

void
guard_set(CURL *curl, Guard *guard, const char *url)
{
	char host[URL_SIZE];
	bool listed = url_host(url, host) && network_allows_host(host);

	guard->allow_private = guard->allow_private || listed;
	set_proxy(curl, guard, host, listed);

	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	authorities_set(curl);
	curl_easy_setopt(curl, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "leap/" LEAP_VERSION);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, guard);
}

bool
guard_head(Guard *guard, size_t length)
{
	guard->head += length;
	return guard->head <= GUARD_HEAD_MOST;
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

bool
guard_judge(const Guard *guard, CURLcode result, const char *verb, const char *shown,
			const char *reason, Error *err)
{
	if (reason[0] == '\0')
		reason = curl_easy_strerror(result);
	if (guard->refusal != NULL && !guard->allowed)
		return error_set(
			err, ERROR_PERMANENT, "address_refused",
			"Use a public address, or let the operator allow this one (--allow-address).",
			"%s leads to an address that may not be reached (%s)", shown, guard->refusal);
	if (guard->head > GUARD_HEAD_MOST)
		return error_set(err, ERROR_PERMANENT, "bad_answer",
						 "What answers there is no honest web server.",
						 "cannot %s %s: the head of its answer has more than %zu KiB",
						 verb, shown, GUARD_HEAD_MOST >> 10);
	for (size_t i = 0; i < sizeof hopeless / sizeof hopeless[0]; i++)
		if (hopeless[i].result == result)
			return error_set(err, ERROR_PERMANENT, hopeless[i].code, hopeless[i].hint,
							 "cannot %s %s: %s", verb, shown, reason);
	error_set(err, ERROR_TRANSIENT, "connection_lost", NULL, "cannot %s %s: %s", verb,
			  shown, reason);
	return true;
}
