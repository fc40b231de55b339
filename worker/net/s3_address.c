/*
 * net/s3_address.c
 *	  Where a bucket and its objects are: the two styles of addresses.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "net/s3_request.h"

/* The endpoint in parts: "https://" (or not), "host:port", "/path". */
typedef struct Endpoint
{
	const char *scheme;
	const char *host;
	size_t host_length;
	const char *path;
	size_t path_length;
} Endpoint;

static bool
take_endpoint(const char *text, Endpoint *endpoint)
{
	static const char *const schemes[] = {"https://", "http://"};

	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (strncmp(text, schemes[i], strlen(schemes[i])) == 0)
		{
			endpoint->scheme = schemes[i];
			endpoint->host = text + strlen(schemes[i]);
			endpoint->host_length = strcspn(endpoint->host, "/?#");
			endpoint->path = endpoint->host + endpoint->host_length;
			endpoint->path_length = strlen(endpoint->path);
			while (endpoint->path_length > 0 &&
				   endpoint->path[endpoint->path_length - 1] == '/')
				endpoint->path_length--;
			return endpoint->host_length > 0 &&
				   endpoint->host[strcspn(endpoint->host, "@ \t\r\n?#%")] == '\0';
		}
	return false;
}

static bool
is_word(const char *text, const char *also)
{
	for (const char *c = text; *c != '\0'; c++)
		if (!isalnum((unsigned char) *c) && strchr(also, *c) == NULL)
			return false;
	return text[0] != '\0';
}

bool
s3_check_settings(const S3 *s3, Error *err)
{
	Endpoint endpoint;
	const char *wrong = NULL;

	if (!take_endpoint(s3->endpoint, &endpoint))
		wrong = "the endpoint is no address like https://s3.example.org";
	else if (s3->bucket[0] != '\0' && (!is_word(s3->bucket, ".-_") ||
									   strlen(s3->bucket) < 3 || strlen(s3->bucket) > 63))
		wrong = "the bucket's name is none";
	else if (!is_word(s3->region, "-_"))
		wrong = "the region is none";
	else if (!is_word(s3->access_key_id, "_-+=,.@/:") || s3->secret_access_key[0] == '\0')
		wrong = "the credential has no access key";
	return wrong == NULL ||
		   error_set(err, ERROR_PERMANENT, "bad_settings",
					 "Correct the credential and the bucket of the preset or source.",
					 "S3 cannot be asked: %s", wrong);
}

/* What a key cannot hold; NULL when it is one. */
static const char *
fault_of(const char *key)
{
	size_t length = strlen(key);

	if (length == 0 || length > S3_KEY_MOST)
		return "has not 1 to 1024 bytes";
	for (const char *at = key; *at != '\0';)
	{
		const char *before = at;
		uint32_t code = utf8_next(&at);

		if (code < ' ' || code == 0x7f)
			return "holds a control character";
		if (code == 0xfffd && at - before == 1)
			return "is no UTF-8";
	}
	/* what stands between slashes */
	for (const char *part = key; part != NULL;
		 part = strchr(part, '/') != NULL ? strchr(part, '/') + 1 : NULL)
	{
		size_t dots = strspn(part, ".");

		if ((dots == 1 || dots == 2) && (part[dots] == '/' || part[dots] == '\0'))
			return "has a part that servers take away";
	}
	return NULL;
}

bool
s3_check_key(const char *key, Error *err)
{
	const char *fault = fault_of(key);

	return fault == NULL ||
		   error_set(err, ERROR_PERMANENT, "bad_key", "Give the object another key.",
					 "the key \"%.200s\" %s", key, fault);
}

void
s3_place(const S3 *s3, const char *key, Buffer *host, Buffer *path)
{
	Endpoint endpoint = {.scheme = ""};
	bool in_path = s3->path_style && s3->bucket[0] != '\0';
	const char *usual;
	size_t usual_length;
	size_t length;

	(void) take_endpoint(s3->endpoint, &endpoint);
	usual = strcmp(endpoint.scheme, "https://") == 0 ? ":443" : ":80";
	usual_length = strlen(usual);
	length = endpoint.host_length;
	/* the head of a request does not name the usual port */
	if (length > usual_length &&
		strncmp(endpoint.host + length - usual_length, usual, usual_length) == 0)
		length -= usual_length;
	if (s3->bucket[0] != '\0' && !in_path)
		buffer_printf(host, "%s.", s3->bucket);
	for (size_t i = 0; i < length; i++)
		buffer_printf(host, "%c", tolower((unsigned char) endpoint.host[i]));
	buffer_append(path, endpoint.path, endpoint.path_length);
	if (in_path)
		buffer_printf(path, "/%s", s3->bucket);
	if (key != NULL || path->length == 0)
		buffer_puts(path, "/");
	if (key != NULL)
		s3_encode(path, key, true);
}

bool
s3_address(const S3 *s3, const char *key, const char *query, char url[URL_SIZE],
		   Error *err)
{
	CLEANUP(buffer) Buffer host;
	CLEANUP(buffer) Buffer path;
	Endpoint endpoint = {.scheme = ""};
	int length;

	buffer_init(&host);
	buffer_init(&path);
	(void) take_endpoint(s3->endpoint, &endpoint);
	s3_place(s3, key, &host, &path);
	length = snprintf(url, URL_SIZE, "%s%s%s%s%s", endpoint.scheme, host.data, path.data,
					  query[0] != '\0' ? "?" : "", query);
	return (length > 0 && length < URL_SIZE) ||
		   error_set(err, ERROR_PERMANENT, "bad_key", "Give the object a shorter key.",
					 "the address of \"%.100s\" is too long", key != NULL ? key : "");
}

bool
s3_url(const S3 *s3, const char *key, char url[URL_SIZE], Error *err)
{
	return s3_address(s3, key, "", url, err);
}
