/*
 * tests/unit/vectors_s3.h
 *	  Readers of the examples of S3's documents (tests/unit/test_vectors.c).
 */
#ifndef LEAP_TESTS_VECTORS_S3_H
#define LEAP_TESTS_VECTORS_S3_H

#include <time.h>

#include "base/cleanup.h"
#include "net/s3_digest.h"
#include "net/s3_parts.h"
#include "net/s3_request.h"
#include "vectors.h"

static const char upload_id[] = "UPLOAD";

static S3
s3_of(const cJSON *with)
{
	return (S3){.endpoint = json_text(with, "endpoint", "https://s3.amazonaws.com"),
				.region = json_text(with, "region", "us-east-1"),
				.bucket = json_text(with, "bucket", "examplebucket"),
				.access_key_id = json_text(with, "access_key_id", "AKIAIOSFODNN7EXAMPLE"),
				.secret_access_key =
					json_text(with, "secret_access_key",
							  "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
				.session_token = json_text(with, "session_token", "")};
}

/* [["name","value"],...] */
static void
pairs_of(const cJSON *list, S3Pair pairs[S3_PAIRS_MOST])
{
	const cJSON *pair;
	size_t count = 0;

	cJSON_ArrayForEach(pair, list) if (count + 1 < S3_PAIRS_MOST) pairs[count++] =
		(S3Pair){cJSON_GetArrayItem(pair, 0)->valuestring,
				 cJSON_GetArrayItem(pair, 1)->valuestring};
	pairs[count] = (S3Pair){NULL, NULL};
}

static void
s3_signature(const cJSON *with)
{
	CLEANUP(buffer) Buffer host;
	CLEANUP(buffer) Buffer path;
	CLEANUP(buffer) Buffer text;
	S3Pair query[S3_PAIRS_MOST];
	S3Pair headers[S3_PAIRS_MOST];
	S3 s3 = s3_of(with);
	struct tm parts = {0};
	S3Signing signing;

	buffer_init(&host);
	buffer_init(&path);
	buffer_init(&text);
	s3_place(&s3, json_text(with, "key", NULL), &host, &path);
	pairs_of(json_at(with, "query"), query);
	pairs_of(json_at(with, "headers"), headers);
	(void) strptime(json_text(with, "when", ""), "%Y%m%dT%H%M%SZ", &parts);
	signing = (S3Signing){.method = json_text(with, "method", "GET"),
						  .host = json_text(with, "host", host.data),
						  .path = json_text(with, "path", path.data),
						  .query = query,
						  .headers = headers,
						  .payload = json_text(with, "payload", S3_EMPTY_HASH),
						  .access_key_id = s3.access_key_id,
						  .secret_access_key = s3.secret_access_key,
						  .session_token = s3.session_token,
						  .region = s3.region,
						  .service = json_text(with, "service", "s3"),
						  .when = timegm(&parts)};
	if (json_number(with, "link", 0) > 0)
		s3_sign_link(&signing, (long) json_number(with, "link", 0), &text);
	else
		s3_sign(&signing, &text);
	say("%s", text.data);
}

static void
s3_error(const cJSON *with)
{
	CLEANUP(call_answer) CallAnswer answer = {0};
	S3 s3 = s3_of(with);
	Error error = {0};

	take_reply(cJSON_GetArrayItem(replies, 0), &answer);
	(void) s3_refusal(&s3, "try", &answer, &error);
	say_error(&error);
}

static bool
say_object(void *arg, const S3Object *object)
{
	(void) arg;
	say("%s %lld %s%s %.0f %s; ", object->key, (long long) object->bytes, object->etag,
		object->etag_is_md5 ? " md5" : "", object->modified,
		object->storage_class[0] != '\0' ? object->storage_class : "-");
	return true;
}

static bool
say_begun(void *arg, const S3Begun *begun)
{
	(void) arg;
	say("%s %s %.0f; ", begun->key, begun->upload, begun->begun);
	return true;
}

static void
s3_read(const cJSON *with)
{
	CLEANUP(s3_parts) S3Parts parts = {.items = NULL};
	const char *what = json_text(with, "what", "");
	const char *key = json_text(with, "key", "example-object");
	const char *upload = json_text(with, "upload", upload_id);
	S3 s3 = s3_of(with);
	char text[S3_UPLOAD_SIZE] = "";
	Error error = {0};
	const cJSON *part;
	bool done = false;

	cJSON_ArrayForEach(part, json_at(with, "parts"))
	{
		S3Part row = {.number = (int) json_number(part, "number", 0)};

		snprintf(row.etag, sizeof row.etag, "%s", json_text(part, "etag", ""));
		s3_parts_put(&parts, &row);
	}
	if (strcmp(what, "list") == 0)
		done = s3_list(&s3, json_text(with, "prefix", ""), NULL, 0, say_object, NULL,
					   &error);
	else if (strcmp(what, "uploads") == 0)
		done = s3_list_uploads(&s3, "", say_begun, NULL, &error);
	else if (strcmp(what, "begin") == 0)
		done = s3_begin(&s3, key, &(S3Facts){.type = "video/mp4"}, text, &error);
	else if (strcmp(what, "complete") == 0)
		done = s3_complete(&s3, key, upload, &parts, text, &error);
	else if (strcmp(what, "parts") == 0)
		done = s3_list_parts(&s3, key, upload, &parts, &error);
	if (!done)
		say_error(&error);
	say("%s", text);
	for (size_t i = 0; strcmp(what, "parts") == 0 && i < parts.count; i++)
		say("%d %lld %s; ", parts.items[i].number, (long long) parts.items[i].bytes,
			parts.items[i].etag);
}

#endif
