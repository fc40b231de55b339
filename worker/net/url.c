/*
 * net/url.c
 *	  URLs that come from users.
 */
#include "net/url.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

static void
cleanup_url(CURLU **url)
{
	curl_url_cleanup(*url);
}

static void
cleanup_part(char **part)
{
	curl_free(*part);
}

/* NULL when libcurl cannot read it. */
static CURLU *
parse(const char *text)
{
	CURLU *url = curl_url();

	if (url != NULL && strlen(text) < URL_SIZE &&
		curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK)
		return url;
	curl_url_cleanup(url);
	return NULL;
}

bool
url_check(const char *text, Error *err)
{
	static const char hint[] = "Give a link that begins with https://.";
	CLEANUP(url) CURLU *url = parse(text);
	CLEANUP(part) char *scheme = NULL;
	CLEANUP(part) char *host = NULL;

	if (url == NULL || curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
		return error_set(err, ERROR_PERMANENT, "bad_url", hint, "the source is no URL");
	if (strcasecmp(scheme, "http") != 0 && strcasecmp(scheme, "https") != 0)
		return error_set(
			err, ERROR_PERMANENT, "bad_url", hint,
			"a URL of scheme \"%.20s\" cannot be fetched: only http and https", scheme);
	if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK || host[0] == '\0')
		return error_set(err, ERROR_PERMANENT, "bad_url", hint, "the URL names no host");
	return true;
}

void
url_redact(const char *text, char *shown, size_t size)
{
	CLEANUP(url) CURLU *url = parse(text);
	CLEANUP(part) char *whole = NULL;

	if (url == NULL || curl_url_set(url, CURLUPART_USER, NULL, 0) != CURLUE_OK ||
		curl_url_set(url, CURLUPART_PASSWORD, NULL, 0) != CURLUE_OK ||
		curl_url_set(url, CURLUPART_OPTIONS, NULL, 0) != CURLUE_OK ||
		curl_url_set(url, CURLUPART_QUERY, NULL, 0) != CURLUE_OK ||
		curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0) != CURLUE_OK ||
		curl_url_get(url, CURLUPART_URL, &whole, 0) != CURLUE_OK)
		snprintf(shown, size, "(unreadable URL)");
	else
		snprintf(shown, size, "%s", whole);
}

void
url_origin(const char *text, char *origin, size_t size)
{
	CLEANUP(url) CURLU *url = parse(text);
	CLEANUP(part) char *scheme = NULL;
	CLEANUP(part) char *host = NULL;
	CLEANUP(part) char *port = NULL;

	if (url == NULL || curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
		curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		snprintf(origin, size, "(unreadable URL)");
	else if (curl_url_get(url, CURLUPART_PORT, &port, 0) == CURLUE_OK)
		snprintf(origin, size, "%s://%s:%s", scheme, host, port);
	else
		snprintf(origin, size, "%s://%s", scheme, host);
}

bool
url_host(const char *text, char host[URL_SIZE])
{
	CLEANUP(url) CURLU *url = parse(text);
	CLEANUP(part) char *part = NULL;
	size_t length;

	host[0] = '\0';
	if (url == NULL || curl_url_get(url, CURLUPART_HOST, &part, 0) != CURLUE_OK)
		return false;
	length = strlen(part);
	if (part[0] == '[')
		snprintf(host, URL_SIZE, "%.*s", (int) strcspn(part + 1, "%]"), part + 1);
	else
		snprintf(host, URL_SIZE, "%s", part);
	return length > 0;
}

bool
url_same_origin(const char *one, const char *other)
{
	static const CURLUPart parts[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
	CLEANUP(url) CURLU *left = parse(one);
	CLEANUP(url) CURLU *right = parse(other);

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
	{
		CLEANUP(part) char *first = NULL;
		CLEANUP(part) char *second = NULL;

		if (left == NULL || right == NULL ||
			curl_url_get(left, parts[i], &first, CURLU_DEFAULT_PORT) != CURLUE_OK ||
			curl_url_get(right, parts[i], &second, CURLU_DEFAULT_PORT) != CURLUE_OK ||
			strcasecmp(first, second) != 0)
			return false;
	}
	return true;
}

static bool
refuse_url(Error *err)
{
	return error_set(err, ERROR_PERMANENT, "bad_url",
					 "Give a link that begins with https://.", "a link cannot be read");
}

bool
url_usual_form(const char *text, char usual[URL_SIZE], Error *err)
{
	CLEANUP(url) CURLU *url = parse(text);
	CLEANUP(part) char *host = NULL;
	CLEANUP(part) char *whole = NULL;

	if (url == NULL || curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		return refuse_url(err);
	for (char *c = host; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char) (*c - 'A' + 'a');
	if (curl_url_set(url, CURLUPART_HOST, host, 0) != CURLUE_OK ||
		curl_url_set(url, CURLUPART_USER, NULL, 0) != CURLUE_OK ||
		curl_url_set(url, CURLUPART_PASSWORD, NULL, 0) != CURLUE_OK ||
		curl_url_set(url, CURLUPART_OPTIONS, NULL, 0) != CURLUE_OK ||
		curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0) != CURLUE_OK ||
		curl_url_get(url, CURLUPART_URL, &whole, CURLU_NO_DEFAULT_PORT) != CURLUE_OK ||
		strlen(whole) >= URL_SIZE)
		return refuse_url(err);
	snprintf(usual, URL_SIZE, "%s", whole);
	return true;
}

bool
url_resolve(const char *base, const char *link, char resolved[URL_SIZE], Error *err)
{
	CLEANUP(url) CURLU *url = parse(base);
	CLEANUP(part) char *whole = NULL;

	if (url == NULL || strlen(link) >= URL_SIZE ||
		curl_url_set(url, CURLUPART_URL, link,
					 CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE) != CURLUE_OK ||
		curl_url_get(url, CURLUPART_URL, &whole, 0) != CURLUE_OK ||
		strlen(whole) >= URL_SIZE)
		return refuse_url(err);
	snprintf(resolved, URL_SIZE, "%s", whole);
	return true;
}
