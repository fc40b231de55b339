/*
 * net/s3.c
 *	  Objects of a bucket: looked at, read, stored, copied, deleted.
 */
#include "net/s3.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "net/s3_request.h"
#include "net/s3_xml.h"

#define MARK_HEADER "x-amz-meta-leap"

static void
take_header(const CallAnswer *answer, const char *name, char *value, size_t size)
{
	if (call_header(answer, name, value, size) == NULL)
		value[0] = '\0';
}

/* With a key of KMS or of the customer an ETag looks like an MD5 and is none. */
static bool
is_sealed(const CallAnswer *answer)
{
	char value[64];

	take_header(answer, "x-amz-server-side-encryption", value, sizeof value);
	if (strncmp(value, "aws:", 4) == 0)
		return true;
	return call_header(answer, "x-amz-server-side-encryption-customer-algorithm", value,
					   sizeof value) != NULL;
}

static void
take_object(const CallAnswer *answer, S3Object *object)
{
	*object = (S3Object){.bytes = answer->answer.length, .modified = -1};
	s3_etag(answer->answer.etag, object->etag);
	object->etag_is_md5 = s3_etag_is_md5(object->etag) && !is_sealed(answer);
	if (answer->answer.last_modified[0] != '\0')
		object->modified = (double) curl_getdate(answer->answer.last_modified, NULL);
	snprintf(object->type, sizeof object->type, "%s", answer->answer.content_type);
	take_header(answer, MARK_HEADER, object->mark, sizeof object->mark);
	take_header(answer, "x-amz-version-id", object->version, sizeof object->version);
	take_header(answer, "x-amz-storage-class", object->storage_class,
				sizeof object->storage_class);
}

/* HEAD has no body that could tell why it is refused; reading the first byte has one. */
static void
find_reason(S3 *s3, const char *key, Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {.json = NULL};
	const S3Pair headers[] = {
		{"Range", "bytes=0-0"},
        {NULL,    NULL       }
    };
	const S3Request request = {
		.method = "GET", .key = key, .what = "look at the object", .headers = headers};
	Error own = {0};

	if (!s3_request(s3, &request, &answer, &own) && own.status > 0)
		*err = own;
}

bool
s3_head(S3 *s3, const char *key, bool *found, S3Object *object, Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {.json = NULL};
	const S3Request request = {
		.method = "HEAD", .key = key, .what = "look at the object"};
	Error own = {0};

	*found = false;
	if (!s3_check_key(key, err))
		return false;
	if (s3_request(s3, &request, &answer, &own))
	{
		*found = true;
		take_object(&answer, object);
		return true;
	}
	if (own.status == 404)
		return true;
	if (own.status >= 300 && own.status < 404)
		find_reason(s3, key, &own);
	if (err != NULL)
		*err = own;
	return false;
}

bool
s3_get(S3 *s3, const char *key, int64_t from, int64_t to, size_t most, Buffer *body,
	   Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {.json = NULL};
	char range[64];
	const S3Pair headers[] = {
		{"Range", range},
        {NULL,    NULL }
    };
	const S3Request request = {.method = "GET",
							   .key = key,
							   .what = "read the object",
							   .headers = from > 0 || to > 0 ? headers : NULL,
							   .most_answer = most};

	if (to > 0)
		snprintf(range, sizeof range, "bytes=%" PRId64 "-%" PRId64, from, to - 1);
	else
		snprintf(range, sizeof range, "bytes=%" PRId64 "-", from);
	if (!s3_check_key(key, err) || !s3_request(s3, &request, &answer, err))
	{
		if (err != NULL && strcmp(err->code, "bad_answer") == 0)
			error_set(err, ERROR_INPUT, "too_large",
					  "Look at what lies at this key: it is no file of LEAP.",
					  "the object \"%.200s\" has more than %zu bytes", key, most);
		return false;
	}
	if (request.headers != NULL && answer.answer.status != 206)
		return error_set(
			err, ERROR_PERMANENT, "bad_answer",
			"The service has to answer ranges (status 206): use another, or update it.",
			"the service answers with all of \"%.200s\" instead of a part", key);
	buffer_append(body, answer.body.data, answer.body.length);
	return true;
}

void
s3_facts_headers(const S3Facts *facts, S3Pair pairs[S3_PAIRS_MOST])
{
	const S3Pair all[] = {
		{"Content-Type",        facts->type != NULL ? facts->type : "application/octet-stream"},
		{"Content-Disposition", facts->disposition                                            },
		{"x-amz-acl",           facts->acl													},
		{"x-amz-storage-class", facts->storage_class                                          },
		{MARK_HEADER,           facts->mark												   },
	};
	size_t count = 0;

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i].value != NULL && all[i].value[0] != '\0')
			pairs[count++] = all[i];
	pairs[count] = (S3Pair){NULL, NULL};
}

bool
s3_check_etag(const CallAnswer *answer, const char *md5, const char *key,
			  char etag[S3_ETAG_SIZE], Error *err)
{
	s3_etag(answer->answer.etag, etag);
	if (md5[0] == '\0' || !s3_etag_is_md5(etag) || is_sealed(answer) ||
		strcasecmp(etag, md5) == 0)
		return true;
	return error_set(err, ERROR_TRANSIENT, "transfer_damaged", NULL,
					 "what arrived of \"%.200s\" is not what was sent: MD5 %s, not %s",
					 key, etag, md5);
}

bool
s3_put(S3 *s3, const char *key, const S3Body *body, const S3Facts *facts,
	   char etag[S3_ETAG_SIZE], Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {.json = NULL};
	S3Pair headers[S3_PAIRS_MOST];
	char md5[33];
	char own[S3_ETAG_SIZE];
	const S3Request request = {.method = "PUT",
							   .key = key,
							   .what = "store an object",
							   .headers = headers,
							   .body = body,
							   .md5 = md5};

	s3_facts_headers(facts, headers);
	return s3_check_key(key, err) && s3_request(s3, &request, &answer, err) &&
		   s3_check_etag(&answer, md5, key, etag != NULL ? etag : own, err);
}

bool
s3_copy(S3 *s3, const char *from_key, const char *to_key, Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {.json = NULL};
	CLEANUP(buffer) Buffer source;
	CLEANUP(s3_xml) S3Xml *xml = NULL;
	S3Pair headers[] = {
		{"x-amz-copy-source", NULL},
        {NULL,                NULL}
    };
	const S3Request request = {
		.method = "PUT", .key = to_key, .what = "copy the object", .headers = headers};

	buffer_init(&source);
	buffer_printf(&source, "/%s/", s3->bucket);
	s3_encode(&source, from_key, true);
	headers[0].value = source.data;
	if (!s3_check_key(from_key, err) || !s3_check_key(to_key, err) ||
		!s3_request(s3, &request, &answer, err))
		return false;
	/* the head is sent before the copy is made: only the body tells whether it was */
	xml = s3_xml_read(answer.body.data, answer.body.length);
	return s3_xml_root(xml, "CopyObjectResult") != NULL ||
		   s3_refusal(s3, request.what, &answer, err);
}

bool
s3_delete(S3 *s3, const char *key, Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {.json = NULL};
	const S3Request request = {
		.method = "DELETE", .key = key, .what = "delete the object"};
	Error own = {0};

	if (!s3_check_key(key, err))
		return false;
	if (s3_request(s3, &request, &answer, &own) ||
		strcmp(own.code, "object_missing") == 0)
		return true;
	if (err != NULL)
		*err = own;
	return false;
}

bool
s3_link(const S3 *s3, const char *method, const char *key, long seconds,
		const S3Pair *query, char url[URL_SIZE], Error *err)
{
	CLEANUP(buffer) Buffer host;
	CLEANUP(buffer) Buffer path;
	CLEANUP(buffer) Buffer text;
	S3Signing signing = {.method = method,
						 .query = query,
						 .access_key_id = s3->access_key_id,
						 .secret_access_key = s3->secret_access_key,
						 .session_token = s3->session_token,
						 .region = s3->region,
						 .when = time(NULL) + (time_t) s3->skew};

	buffer_init(&host);
	buffer_init(&path);
	buffer_init(&text);
	if (!s3_check_settings(s3, err) || !s3_check_key(key, err))
		return false;
	s3_place(s3, key, &host, &path);
	signing.host = host.data;
	signing.path = path.data;
	s3_sign_link(&signing, seconds < S3_LINK_LONGEST ? seconds : S3_LINK_LONGEST, &text);
	return s3_address(s3, key, text.data, url, err);
}

bool
s3_buckets(S3 *s3, int *count, Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {.json = NULL};
	CLEANUP(s3_xml) S3Xml *xml = NULL;
	const S3Request request = {.method = "GET", .what = "list buckets"};
	const char *bucket = s3->bucket;
	const S3Node *at;
	Error own = {0};
	bool done;

	*count = -1;
	s3->bucket = "";
	done = s3_request(s3, &request, &answer, &own);
	s3->bucket = bucket;
	if (!done)
	{
		/* keys that are known, and may do something else */
		if (strcmp(own.code, "access_denied") == 0)
			return true;
		if (err != NULL)
			*err = own;
		return false;
	}
	xml = s3_xml_read(answer.body.data, answer.body.length);
	at = s3_xml_root(xml, "ListAllMyBucketsResult");
	if (at == NULL)
		return error_set(err, ERROR_PERMANENT, "bad_settings",
						 "Correct the endpoint of the credential.",
						 "what answers at \"%.200s\" does not speak S3", s3->endpoint);
	*count = 0;
	for (at = s3_xml_child(s3_xml_child(at, "Buckets"), "Bucket"); at != NULL;
		 at = s3_xml_next(at, "Bucket"))
		(*count)++;
	return true;
}
