/*
 * net/guard_proxy_line.c
 *	  One connection of the guarded proxy, in a process of its own: plain calls that block,
 *	  each with an end.
 *
 * The connection to the other side is made by libcurl under the rules of net/guard.h, so that
 * there is one place that knows them, and the operator's own proxy is gone through as
 * everywhere. Of plain HTTP a connection carries one request: the next is judged anew.
 */
#include "net/guard_proxy_line.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "net/guard.h"
#include "net/network.h"
#include "net/url.h"

#define HEAD_MOST       ((size_t) 64 << 10)
#define HEAD_MS         30000
#define CONNECT_SECONDS 30L
#define QUIET_MS        120000
#define PIECE           ((size_t) 64 << 10)

/* What is asked for. */
typedef struct Wish
{
	bool tunnel;    /* CONNECT */
	char host[300]; /* as it was written, with the brackets of an IPv6 address */
	int port;
	char first[HEAD_MOST]; /* the request line for the other side */
} Wish;

static bool
send_all(int fd, const char *bytes, size_t length)
{
	while (length > 0)
	{
		struct pollfd ready = {.fd = fd, .events = POLLOUT};
		ssize_t sent;

		if (poll(&ready, 1, QUIET_MS) != 1)
			return false;
		sent = send(fd, bytes, length, MSG_NOSIGNAL);
		if (sent < 0 && errno != EINTR && errno != EAGAIN)
			return false;
		if (sent > 0)
		{
			bytes += sent;
			length -= (size_t) sent;
		}
	}
	return true;
}

static void
answer(const GuardProxyLine *line, const char *status)
{
	char text[300];
	int length = snprintf(
		text, sizeof text,
		"HTTP/1.1 %s\r\nContent-Length: 0\r\n%sConnection: close\r\n\r\n", status,
		strncmp(status, "407", 3) == 0 ? "Proxy-Authenticate: Basic realm=\"leap\"\r\n"
									   : "");

	(void) send_all(line->client, text, (size_t) length);
}

static void
note_refusal(const GuardProxyLine *line, const Wish *wish, const char *why)
{
	if (atomic_fetch_add(&line->ledger->refused, 1) > 0)
		return;
	snprintf(line->ledger->refusal, sizeof line->ledger->refusal, "%s:%d (%s)",
			 wish->host, wish->port, why);
	atomic_store(&line->ledger->told, true);
}

/* Reads to the end of the request's head; *end is where its body begins. */
static bool
read_head(int fd, Buffer *head, size_t *end)
{
	char piece[4096];

	while (head->length < HEAD_MOST)
	{
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		const char *found;
		ssize_t length;

		if (poll(&ready, 1, HEAD_MS) != 1)
			return false;
		length = recv(fd, piece, sizeof piece, 0);
		if (length <= 0)
			return false;
		buffer_append(head, piece, (size_t) length);
		found = memmem(head->data, head->length, "\r\n\r\n", 4);
		if (found == NULL)
			continue;
		*end = (size_t) (found - head->data) + 4;
		return memchr(head->data, '\0', *end) == NULL;
	}
	return false;
}

static bool
is_header(const char *text, const char *name)
{
	size_t length = strlen(name);

	return strncasecmp(text, name, length) == 0 && text[length] == ':';
}

/* Walks over the lines after the first; NULL after the last. */
static const char *
next_line(const char *text)
{
	const char *end = strstr(text, "\r\n");

	return end == NULL || strncmp(end + 2, "\r\n", 2) == 0 ? NULL : end + 2;
}

static bool
is_known(const GuardProxyLine *line, const char *head)
{
	size_t length = strlen(line->credential);

	for (const char *at = next_line(head); at != NULL; at = next_line(at))
		if (is_header(at, "Proxy-Authorization"))
		{
			const char *said = at + strcspn(at, ":") + 1;
			unsigned different = 0;

			said += strspn(said, " \t");
			if (strcspn(said, "\r\n") != length)
				return false;
			for (size_t i = 0; i < length; i++)
				different |= (unsigned) (said[i] ^ line->credential[i]);
			return different == 0;
		}
	return false;
}

/* "host:port", "[::1]:443", or without a port. */
static bool
read_place(const char *text, size_t length, int standard, Wish *wish)
{
	char place[sizeof wish->host];
	char *colon;
	char *end;
	long port = standard;

	if (length == 0 || length >= sizeof place)
		return false;
	snprintf(place, sizeof place, "%.*s", (int) length, text);
	colon = strrchr(place, ':');
	if (colon != NULL && strchr(colon, ']') == NULL)
	{
		*colon = '\0';
		port = strtol(colon + 1, &end, 10);
		if (colon[1] < '0' || colon[1] > '9' || *end != '\0')
			return false;
	}
	wish->port = (int) port;
	snprintf(wish->host, sizeof wish->host, "%s", place);
	return port > 0 && port < 65536 && place[0] != '\0' &&
		   strpbrk(place, "@/?#\\ \t%") == NULL;
}

/* "CONNECT host:port HTTP/1.1" or "GET http://host/path HTTP/1.1". */
static bool
read_wish(const char *head, Wish *wish)
{
	size_t method = strcspn(head, " \r\n");
	const char *target = head + method + 1;
	size_t length;
	size_t place;
	const char *version;

	if (head[method] != ' ' || method > 20)
		return false;
	length = strcspn(target, " \r\n");
	version = target + length;
	if (strncmp(version, " HTTP/1.", 8) != 0 || strcspn(version + 8, "\r\n") != 1)
		return false;
	wish->tunnel = strncmp(head, "CONNECT ", 8) == 0;
	if (wish->tunnel)
		return read_place(target, length, 443, wish);
	if (strncasecmp(target, "http://", 7) != 0)
		return false;
	target += 7;
	length -= 7;
	place = strcspn(target, "/?# \r\n");
	if (!read_place(target, place, 80, wish))
		return false;
	snprintf(wish->first, sizeof wish->first, "%.*s %s%.*s HTTP/1.1\r\n", (int) method,
			 head, target[place] == '/' ? "" : "/", (int) (length - place),
			 target + place);
	return true;
}

/* Another port than those of the web: where an operator said that this address is allowed. */
static bool
port_is_allowed(const GuardProxyLine *line, const Wish *wish, const char *host)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	bool allowed;

	if (wish->port == 80 || wish->port == 443 || line->allow_private ||
		network_allows_host(host))
		return true;
	allowed = getaddrinfo(host, NULL, &hints, &found) == 0;
	for (const struct addrinfo *at = found; at != NULL; at = at->ai_next)
		allowed = allowed && network_allows(at->ai_addr, at->ai_addrlen);
	if (found != NULL)
		freeaddrinfo(found);
	return allowed;
}

/* A connection to the other side, which is a web server or is refused. NULL = none; what the
 * client should hear is in *status. */
static CURL *
connect_to(const GuardProxyLine *line, const Wish *wish, const char **status)
{
	Guard guard = {.allow_private = line->allow_private};
	CURL *curl = curl_easy_init();
	char url[URL_SIZE];
	char host[URL_SIZE];
	CURLcode result;

	*status = "502 Bad Gateway";
	snprintf(url, sizeof url, "http://%s:%d/", wish->host, wish->port);
	if (curl == NULL || !url_host(url, host))
	{
		curl_easy_cleanup(curl);
		return NULL;
	}
	if (!port_is_allowed(line, wish, host))
		guard.refusal = "this port is not allowed";
	else
	{
		guard_set(curl, &guard, url);
		curl_easy_setopt(curl, CURLOPT_URL, url);
		curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
		curl_easy_setopt(curl, CURLOPT_HTTPPROXYTUNNEL, 1L);
		curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
		result = curl_easy_perform(curl);
		if (result == CURLE_OK)
		{
			/* the guard leaves with this function; nothing more is connected to */
			curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, NULL);
			return curl;
		}
	}
	if (guard.refusal != NULL && !guard.allowed)
	{
		note_refusal(line, wish, guard.refusal);
		*status = "403 Forbidden";
	}
	curl_easy_cleanup(curl);
	return NULL;
}

static curl_socket_t
socket_of(CURL *curl)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	(void) curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &fd);
	return fd;
}

static bool
count(const GuardProxyLine *line, size_t length)
{
	return atomic_fetch_add(&line->ledger->bytes, (int64_t) length) + (int64_t) length <=
		   line->most_bytes;
}

static bool
send_on(const GuardProxyLine *line, CURL *curl, const char *bytes, size_t length)
{
	while (length > 0)
	{
		struct pollfd ready = {.fd = socket_of(curl), .events = POLLOUT};
		size_t sent = 0;
		CURLcode result = curl_easy_send(curl, bytes, length, &sent);

		if (result != CURLE_OK && result != CURLE_AGAIN)
			return false;
		if (result == CURLE_AGAIN && poll(&ready, 1, QUIET_MS) != 1)
			return false;
		bytes += sent;
		length -= sent;
		if (!count(line, sent))
			return false;
	}
	return true;
}

/* Everything that is there to read of the other side, to the client. */
static bool
bring_back(const GuardProxyLine *line, CURL *curl, char *piece)
{
	for (;;)
	{
		size_t length = 0;
		CURLcode result = curl_easy_recv(curl, piece, PIECE, &length);

		if (result == CURLE_AGAIN)
			return true;
		if (result != CURLE_OK || length == 0 || !count(line, length) ||
			!send_all(line->client, piece, length))
			return false;
	}
}

/* Until one side is done or both are silent. */
static void
relay(const GuardProxyLine *line, CURL *curl)
{
	CLEANUP(free) char *piece = malloc(PIECE);
	struct pollfd ready[2] = {
		{.fd = line->client,    .events = POLLIN},
		{.fd = socket_of(curl), .events = POLLIN}
    };

	/* what came with the answer of an operator's proxy is in libcurl already */
	if (piece == NULL || !bring_back(line, curl, piece))
		return;
	while (poll(ready, 2, QUIET_MS) > 0)
	{
		if (ready[1].revents != 0 && !bring_back(line, curl, piece))
			return;
		if (ready[0].revents != 0)
		{
			ssize_t length = recv(line->client, piece, PIECE, 0);

			if (length <= 0 || !send_on(line, curl, piece, (size_t) length))
				return;
		}
	}
}

/* The head as the other side may see it: no word to the proxy, and the end of the
 * connection with the end of the answer. */
static bool
send_head(const GuardProxyLine *line, CURL *curl, const Wish *wish, const char *head)
{
	CLEANUP(buffer) Buffer text;

	buffer_init(&text);
	buffer_puts(&text, wish->first);
	for (const char *at = next_line(head); at != NULL; at = next_line(at))
		if (strncasecmp(at, "Proxy-", 6) != 0 && !is_header(at, "Connection") &&
			!is_header(at, "Keep-Alive"))
			buffer_append(&text, at, strcspn(at, "\r\n") + 2);
	buffer_puts(&text, "Connection: close\r\n\r\n");
	return send_on(line, curl, text.data, text.length);
}

static void
pass(const GuardProxyLine *line, const Buffer *head, size_t end, const Wish *wish)
{
	static const char made[] = "HTTP/1.1 200 Connection established\r\n\r\n";
	const char *status;
	CURL *curl = connect_to(line, wish, &status);
	bool begun;

	if (curl == NULL)
	{
		answer(line, status);
		return;
	}
	begun = wish->tunnel ? send_all(line->client, made, sizeof made - 1)
						 : send_head(line, curl, wish, head->data);
	if (begun && send_on(line, curl, head->data + end, head->length - end))
		relay(line, curl);
	curl_easy_cleanup(curl);
}

void
guard_proxy_line(const GuardProxyLine *line)
{
	CLEANUP(buffer) Buffer head;
	CLEANUP(free) Wish *wish = calloc(1, sizeof *wish);
	size_t end;

	buffer_init(&head);
	if (wish == NULL || !read_head(line->client, &head, &end))
		return;
	if (!is_known(line, head.data))
		answer(line, "407 Proxy Authentication Required");
	else if (!read_wish(head.data, wish))
		answer(line, "400 Bad Request");
	else if (atomic_load(&line->ledger->bytes) > line->most_bytes)
		answer(line, "403 Forbidden");
	else
		pass(line, &head, end, wish);
}
