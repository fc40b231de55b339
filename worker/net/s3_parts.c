/*
 * net/s3_parts.c
 *	  Uploads in parts, request by request.
 */
#include "net/s3_parts.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "net/s3_request.h"
#include "net/s3_xml.h"

#define PIECES \
	32 /* into so many parts a large file is divided, as long as they are ... */
#define USUAL ((int64_t) 64 << 20) /* ... no larger than that */
#define MIB   ((int64_t) 1 << 20)

int64_t
s3_part_size(int64_t bytes)
{
	int64_t size = (bytes / PIECES + MIB - 1) / MIB * MIB;
	int64_t least = (bytes / S3_PARTS_MOST + MIB) / MIB * MIB;

	if (size < S3_PART_LEAST)
		size = S3_PART_LEAST;
	if (size > USUAL)
		size = USUAL;
	return size > least ? size : least;
}

void
s3_parts_free(S3Parts *parts)
{
	free(parts->items);
	*parts = (S3Parts){.items = NULL};
}

void
s3_parts_put(S3Parts *parts, const S3Part *part)
{
	size_t at = parts->count;

	while (at > 0 && parts->items[at - 1].number >= part->number)
		at--;
	if (at == parts->count || parts->items[at].number != part->number)
	{
		parts->items = array_room(parts->items, &parts->capacity, parts->count + 1,
								  sizeof parts->items[0]);
		memmove(parts->items + at + 1, parts->items + at,
				(parts->count - at) * sizeof parts->items[0]);
		parts->count++;
	}
	parts->items[at] = *part;
}

static unsigned int
digit(char c)
{
	return (unsigned int) (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

void
s3_parts_etag(const S3Parts *parts, char etag[S3_ETAG_SIZE])
{
	CLEANUP(buffer) Buffer all;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int length = 0;

	buffer_init(&all);
	etag[0] = '\0';
	for (size_t i = 0; i < parts->count; i++)
	{
		const char *hex = parts->items[i].etag;

		if (!s3_etag_is_md5(hex))
			return;
		for (; *hex != '\0'; hex += 2)
		{
			unsigned char byte = (unsigned char) (digit(hex[0]) << 4 | digit(hex[1]));

			buffer_append(&all, &byte, 1);
		}
	}
	if (EVP_Digest(all.data, all.length, digest, &length, EVP_md5(), NULL) != 1)
		return;
	for (unsigned int i = 0; i < length; i++)
		snprintf(etag + 2 * i, 3, "%02x", digest[i]);
	snprintf(etag + 2 * length, S3_ETAG_SIZE - 2 * length, "-%zu", parts->count);
}

/* A document that is wanted and something else that came instead, an error perhaps. */
static bool
other_answer(const S3 *s3, const char *what, const CallAnswer *answer, Error *err)
{
	(void) s3_refusal(s3, what, answer, err);
	/* the status says that all is well: only a code that is known says otherwise */
	if (err != NULL && strcmp(err->code, "request_refused") == 0)
		error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
				  "S3 does not answer as it should when asked to %s in \"%s\"", what,
				  s3->bucket);
	return false;
}

bool
s3_begin(S3 *s3, const char *key, const S3Facts *facts, char upload[S3_UPLOAD_SIZE],
		 Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {.json = NULL};
	CLEANUP(s3_xml) S3Xml *xml = NULL;
	const S3Pair query[] = {
		{"uploads", ""  },
        {NULL,      NULL}
    };
	S3Pair headers[S3_PAIRS_MOST];
	const S3Request request = {.method = "POST",
							   .key = key,
							   .what = "begin an upload",
							   .query = query,
							   .headers = headers,
							   .body = &S3_TEXT(""),
							   .once = true};

	s3_facts_headers(facts, headers);
	if (!s3_check_key(key, err) || !s3_request(s3, &request, &answer, err))
		return false;
	xml = s3_xml_read(answer.body.data, answer.body.length);
	return (s3_xml_text(s3_xml_root(xml, "InitiateMultipartUploadResult"), "UploadId",
						upload, S3_UPLOAD_SIZE) &&
			upload[0] != '\0') ||
		   other_answer(s3, request.what, &answer, err);
}

bool
s3_put_part(S3 *s3, const char *key, const char *upload, int number, const S3Body *body,
			S3Part *part, Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {.json = NULL};
	char text[16];
	const S3Pair query[] = {
		{"partNumber", text  },
        {"uploadId",   upload},
        {NULL,         NULL  }
    };
	char md5[33];
	const S3Request request = {.method = "PUT",
							   .key = key,
							   .what = "store a part",
							   .query = query,
							   .body = body,
							   .is_part = true,
							   .md5 = md5};

	snprintf(text, sizeof text, "%d", number);
	*part = (S3Part){.number = number,
					 .bytes = body->text != NULL ? (int64_t) body->length : body->bytes};
	return s3_request(s3, &request, &answer, err) &&
		   s3_check_etag(&answer, md5, key, part->etag, err);
}

/* Takes a page of parts; *after becomes where the next begins, 0 = this was the last. */
static bool
take_parts(const S3 *s3, const CallAnswer *answer, S3Parts *parts, int64_t *after,
		   Error *err)
{
	CLEANUP(s3_xml) S3Xml *xml = s3_xml_read(answer->body.data, answer->body.length);
	const S3Node *root = s3_xml_root(xml, "ListPartsResult");
	char text[S3_ETAG_SIZE + 2];
	int64_t before = *after;

	if (root == NULL)
		return other_answer(s3, "list the parts", answer, err);
	for (const S3Node *at = s3_xml_child(root, "Part"); at != NULL;
		 at = s3_xml_next(at, "Part"))
	{
		S3Part part = {.number = (int) s3_xml_number(at, "PartNumber"),
					   .bytes = s3_xml_number(at, "Size")};

		(void) s3_xml_text(at, "ETag", text, sizeof text);
		s3_etag(text, part.etag);
		if (part.number >= 1 && part.number <= S3_PARTS_MOST)
			s3_parts_put(parts, &part);
	}
	*after = 0;
	if (s3_xml_text(root, "IsTruncated", text, sizeof text) && strcmp(text, "true") == 0)
		*after = s3_xml_number(root, "NextPartNumberMarker");
	return *after == 0 || *after > before ||
		   error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
					 "the list of parts goes round in \"%s\"", s3->bucket);
}

bool
s3_list_parts(S3 *s3, const char *key, const char *upload, S3Parts *parts, Error *err)
{
	int64_t after = 0;

	do
	{
		CLEANUP(call_answer) CallAnswer answer = {.json = NULL};
		char marker[24];
		const S3Pair query[] = {
			{"uploadId",							  upload},
			{after > 0 ? "part-number-marker" : NULL, marker},
			{NULL,									NULL  },
		};
		const S3Request request = {
			.method = "GET", .key = key, .what = "list the parts", .query = query};

		snprintf(marker, sizeof marker, "%lld", (long long) after);
		if (!s3_request(s3, &request, &answer, err) ||
			!take_parts(s3, &answer, parts, &after, err))
			return false;
	} while (after > 0);
	return true;
}

bool
s3_complete(S3 *s3, const char *key, const char *upload, const S3Parts *parts,
			char etag[S3_ETAG_SIZE], Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {.json = NULL};
	CLEANUP(buffer) Buffer list;
	CLEANUP(s3_xml) S3Xml *xml = NULL;
	const S3Pair query[] = {
		{"uploadId", upload},
        {NULL,       NULL  }
    };
	const S3Pair headers[] = {
		{"Content-Type", "application/xml"},
        {NULL,           NULL             }
    };
	S3Body body = {.fd = -1};
	const S3Request request = {.method = "POST",
							   .key = key,
							   .what = "put the parts together",
							   .query = query,
							   .headers = headers,
							   .body = &body};
	char text[S3_ETAG_SIZE + 2];

	buffer_init(&list);
	buffer_puts(&list, "<CompleteMultipartUpload "
					   "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
	for (size_t i = 0; i < parts->count; i++)
		buffer_printf(&list,
					  "<Part><PartNumber>%d</PartNumber><ETag>\"%s\"</ETag></Part>",
					  parts->items[i].number, parts->items[i].etag);
	buffer_puts(&list, "</CompleteMultipartUpload>");
	body.text = list.data;
	body.length = list.length;
	if (!s3_request(s3, &request, &answer, err))
		return false;
	xml = s3_xml_read(answer.body.data, answer.body.length);
	if (s3_xml_root(xml, "CompleteMultipartUploadResult") == NULL)
		return other_answer(s3, request.what, &answer, err);
	(void) s3_xml_text(s3_xml_root(xml, "CompleteMultipartUploadResult"), "ETag", text,
					   sizeof text);
	s3_etag(text, etag);
	return true;
}

bool
s3_abort(S3 *s3, const char *key, const char *upload, Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {.json = NULL};
	const S3Pair query[] = {
		{"uploadId", upload},
        {NULL,       NULL  }
    };
	const S3Request request = {
		.method = "DELETE", .key = key, .what = "forget an upload", .query = query};
	Error own = {0};

	if (s3_request(s3, &request, &answer, &own) || own.status == 404)
		return true;
	if (err != NULL)
		*err = own;
	return false;
}
