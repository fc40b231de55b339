/*
 * net/s3_list.c
 *	  What is in a bucket, page by page.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "net/s3_request.h"
#include "net/s3_xml.h"

#define PAGE       1000
#define TOKEN_SIZE 2048
#define KEY_SIZE   (S3_KEY_MOST + 1)

/* A key as it stands in a list that was asked for as for a URL: %XX, and "+" for a blank. */
static bool
decode(char *text)
{
	char *to = text;

	for (const char *c = text; *c != '\0'; c++)
	{
		char digits[3] = {0};
		char byte;

		if (*c != '%')
		{
			*to++ = (char) (*c == '+' ? ' ' : *c);
			continue;
		}
		if (strspn(c + 1, "0123456789abcdefABCDEF") < 2)
			return false;
		memcpy(digits, c + 1, 2);
		byte = (char) strtoul(digits, NULL, 16);
		if (byte == '\0')
			return false;
		*to++ = byte;
		c += 2;
	}
	*to = '\0';
	return true;
}

double
s3_read_time(const char *text)
{
	struct tm parts = {0};

	return strptime(text, "%Y-%m-%dT%H:%M:%S", &parts) != NULL ? (double) timegm(&parts)
															   : -1;
}

/* False for an entry that cannot be read. */
static bool
read_entry(const S3Node *entry, bool encoded, char key[3 * KEY_SIZE], S3Object *object)
{
	char text[S3_ETAG_SIZE + 2];

	*object = (S3Object){.key = key, .bytes = s3_xml_number(entry, "Size")};
	if (!s3_xml_text(entry, "Key", key, 3 * KEY_SIZE) || object->bytes < 0 ||
		(encoded && !decode(key)))
		return false;
	(void) s3_xml_text(entry, "ETag", text, sizeof text);
	s3_etag(text, object->etag);
	object->etag_is_md5 = s3_etag_is_md5(object->etag);
	(void) s3_xml_text(entry, "LastModified", text, sizeof text);
	object->modified = s3_read_time(text);
	(void) s3_xml_text(entry, "StorageClass", object->storage_class,
					   sizeof object->storage_class);
	return true;
}

typedef struct Walk
{
	bool (*visit)(void *arg, const S3Object *object);
	void *arg;
	bool ended;             /* by the visitor */
	char token[TOKEN_SIZE]; /* of the next page; "" = this was the last */
} Walk;

static bool
bad_answer(const S3 *s3, const char *why, Error *err)
{
	return error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
					 "the list of \"%s\" cannot be read: %s", s3->bucket, why);
}

static bool
take_page(const S3 *s3, const CallAnswer *answer, Walk *walk, Error *err)
{
	CLEANUP(s3_xml) S3Xml *xml = s3_xml_read(answer->body.data, answer->body.length);
	const S3Node *root = s3_xml_root(xml, "ListBucketResult");
	char key[3 * KEY_SIZE];
	char before[TOKEN_SIZE];
	char word[16];
	bool encoded;

	if (root == NULL)
		return bad_answer(s3, "it is none", err);
	encoded =
		s3_xml_text(root, "EncodingType", word, sizeof word) && strcmp(word, "url") == 0;
	for (const S3Node *entry = s3_xml_child(root, "Contents");
		 entry != NULL && !walk->ended; entry = s3_xml_next(entry, "Contents"))
	{
		S3Object object;

		if (!read_entry(entry, encoded, key, &object))
			return bad_answer(s3, "an entry has no key or no size", err);
		walk->ended = !walk->visit(walk->arg, &object);
	}
	memcpy(before, walk->token, sizeof before);
	walk->token[0] = '\0';
	if (!s3_xml_text(root, "IsTruncated", word, sizeof word) || strcmp(word, "true") != 0)
		return true;
	return (s3_xml_text(root, "NextContinuationToken", walk->token, TOKEN_SIZE) &&
			walk->token[0] != '\0' && strcmp(walk->token, before) != 0) ||
		   bad_answer(s3, "it says that there is more, and not where", err);
}

bool
s3_list(S3 *s3, const char *prefix, const char *after, int page,
		bool (*visit)(void *arg, const S3Object *object), void *arg, Error *err)
{
	Walk walk = {.visit = visit, .arg = arg};
	char most[16];

	snprintf(most, sizeof most, "%d", page > 0 && page < PAGE ? page : PAGE);
	do
	{
		CLEANUP(call_answer) CallAnswer answer = {.json = NULL};
		const S3Pair query[] = {
			{"list-type",							   "2"   },
			{"encoding-type",                           "url" },
			{"max-keys",								most  },
			{"prefix",								  prefix},
 /* what is to come is told by the token, once there is one */
			{walk.token[0] != '\0' ? "continuation-token"
			 : after != NULL       ? "start-after"
								   : NULL,
			 walk.token[0] != '\0' ? walk.token : after       },
			{NULL,									  NULL  },
		};
		const S3Request request = {
			.method = "GET", .what = "list objects", .query = query};

		if (!s3_request(s3, &request, &answer, err) ||
			!take_page(s3, &answer, &walk, err))
			return false;
	} while (walk.token[0] != '\0' && !walk.ended);
	return true;
}
