/*
 * net/s3_sign.c
 *	  AWS Signature Version 4 as S3 wants it.
 */
#include "net/s3_sign.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/cleanup.h"
#include "base/hash.h"

#define ALGORITHM  "AWS4-HMAC-SHA256"
#define DAY_LENGTH 8 /* of the time's text */
#define KEY_SIZE   32

typedef unsigned char Key[KEY_SIZE];

void
s3_encode(Buffer *out, const char *text, bool path)
{
	for (const char *c = text; *c != '\0'; c++)
		if ((*c >= '0' && *c <= '9') || ((*c | 0x20) >= 'a' && (*c | 0x20) <= 'z') ||
			strchr("-._~", *c) != NULL || (path && *c == '/'))
			buffer_append(out, c, 1);
		else
			buffer_printf(out, "%%%02X", (unsigned char) *c);
}

void
s3_time(time_t when, char text[S3_TIME_SIZE])
{
	struct tm parts;

	gmtime_r(&when, &parts);
	if (strftime(text, S3_TIME_SIZE, "%Y%m%dT%H%M%SZ", &parts) == 0)
		text[0] = '\0';
}

/* A pair in the form in which pairs are compared and written. */
typedef struct Written
{
	Buffer name;
	Buffer value;
} Written;

static void
free_written(Written *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		buffer_free(&rows[i].name);
		buffer_free(&rows[i].value);
	}
}

static int
compare(const void *one, const void *other)
{
	const Written *a = one;
	const Written *b = other;
	int order = strcmp(a->name.data, b->name.data);

	return order != 0 ? order : strcmp(a->value.data, b->value.data);
}

/* The pairs, each written by `write`, in order; returns how many. */
static size_t
write_sorted(const S3Pair *pairs, Written rows[S3_PAIRS_MOST],
			 void (*write)(Written *row, const S3Pair *pair))
{
	size_t count = 0;

	for (; pairs != NULL && count < S3_PAIRS_MOST && pairs[count].name != NULL; count++)
	{
		buffer_init(&rows[count].name);
		buffer_init(&rows[count].value);
		write(&rows[count], &pairs[count]);
	}
	qsort(rows, count, sizeof rows[0], compare);
	return count;
}

static void
write_encoded(Written *row, const S3Pair *pair)
{
	s3_encode(&row->name, pair->name, false);
	s3_encode(&row->value, pair->value, false);
}

/* The name in lower case, the value without blanks around it and with one for each run. */
static void
write_header(Written *row, const S3Pair *pair)
{
	bool blank = false;

	for (const char *c = pair->name; *c != '\0'; c++)
		buffer_printf(&row->name, "%c", tolower((unsigned char) *c));
	for (const char *c = pair->value; *c != '\0'; c++)
		if (*c == ' ' || *c == '\t')
			blank = row->value.length > 0;
		else
		{
			buffer_printf(&row->value, blank ? " %c" : "%c", *c);
			blank = false;
		}
}

void
s3_query(Buffer *out, const S3Pair *query)
{
	Written rows[S3_PAIRS_MOST] = {0};
	size_t count = write_sorted(query, rows, write_encoded);

	for (size_t i = 0; i < count; i++)
		buffer_printf(out, "%s%s=%s", i > 0 ? "&" : "", rows[i].name.data,
					  rows[i].value.data);
	free_written(rows, count);
}

/* The names of the headers, "host;x-amz-date", and all of them with their values. */
static void
write_headers(const S3Signing *signing, Buffer *names, Buffer *lines)
{
	S3Pair all[S3_PAIRS_MOST] = {
		{"host", signing->host}
    };
	Written rows[S3_PAIRS_MOST] = {0};
	size_t count = 1;

	for (const S3Pair *pair = signing->headers;
		 pair != NULL && pair->name != NULL && count + 1 < S3_PAIRS_MOST; pair++)
		all[count++] = *pair;
	count = write_sorted(all, rows, write_header);
	for (size_t i = 0; i < count; i++)
	{
		buffer_printf(names, "%s%s", i > 0 ? ";" : "", rows[i].name.data);
		buffer_printf(lines, "%s:%s\n", rows[i].name.data, rows[i].value.data);
	}
	free_written(rows, count);
}

static void
hash_text(const Buffer *text, char hex[HASH_HEX_SIZE])
{
	CLEANUP(hash) Hash hash = {NULL};

	hash_begin(&hash);
	hash_update(&hash, text->data, text->length);
	hash_finish(&hash, hex);
}

/* HMAC-SHA256 is built into libcrypto: only lack of memory can make it fail. */
static void
keyed(const void *key, size_t key_length, const char *text, size_t length, Key result)
{
	unsigned int size = KEY_SIZE;

	if (HMAC(EVP_sha256(), key, (int) key_length, (const unsigned char *) text, length,
			 result, &size) == NULL)
	{
		fputs("HMAC-SHA256 is not available\n", stderr);
		abort();
	}
}

static const char *
service_of(const S3Signing *signing)
{
	return signing->service != NULL ? signing->service : "s3";
}

/* The key that is valid for a day, a region and a service. */
static void
day_key(const S3Signing *signing, const char *when, Key key)
{
	CLEANUP(buffer) Buffer secret;

	buffer_init(&secret);
	buffer_printf(&secret, "AWS4%s", signing->secret_access_key);
	keyed(secret.data, secret.length, when, DAY_LENGTH, key);
	explicit_bzero(secret.data, secret.length);
	keyed(key, KEY_SIZE, signing->region, strlen(signing->region), key);
	keyed(key, KEY_SIZE, service_of(signing), strlen(service_of(signing)), key);
	keyed(key, KEY_SIZE, "aws4_request", 12, key);
}

/* For what a signature is valid: "20130524/us-east-1/s3/aws4_request". */
static void
write_scope(const S3Signing *signing, const char *when, Buffer *scope)
{
	buffer_printf(scope, "%.*s/%s/%s/aws4_request", DAY_LENGTH, when, signing->region,
				  service_of(signing));
}

/* The signature in hex; names receives the signed headers. */
static void
make_signature(const S3Signing *signing, Buffer *names, char hex[HASH_HEX_SIZE])
{
	CLEANUP(buffer) Buffer request;
	CLEANUP(buffer) Buffer lines;
	CLEANUP(buffer) Buffer text;
	char when[S3_TIME_SIZE];
	Key key;

	buffer_init(&request);
	buffer_init(&lines);
	buffer_init(&text);
	s3_time(signing->when, when);
	write_headers(signing, names, &lines);
	buffer_printf(&request, "%s\n%s\n", signing->method, signing->path);
	s3_query(&request, signing->query);
	buffer_printf(&request, "\n%s\n%s\n%s", lines.data, names->data, signing->payload);
	hash_text(&request, hex);
	buffer_printf(&text, ALGORITHM "\n%s\n", when);
	write_scope(signing, when, &text);
	buffer_printf(&text, "\n%s", hex);
	day_key(signing, when, key);
	keyed(key, KEY_SIZE, text.data, text.length, key);
	for (size_t i = 0; i < KEY_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", key[i]);
	explicit_bzero(key, sizeof key);
}

void
s3_sign(const S3Signing *signing, Buffer *authorization)
{
	CLEANUP(buffer) Buffer names;
	char when[S3_TIME_SIZE];
	char signature[HASH_HEX_SIZE];

	buffer_init(&names);
	s3_time(signing->when, when);
	make_signature(signing, &names, signature);
	buffer_printf(authorization, ALGORITHM " Credential=%s/", signing->access_key_id);
	write_scope(signing, when, authorization);
	buffer_printf(authorization, ",SignedHeaders=%s,Signature=%s", names.data, signature);
}

void
s3_sign_link(const S3Signing *signing, long seconds, Buffer *query)
{
	CLEANUP(buffer) Buffer credential;
	CLEANUP(buffer) Buffer names;
	S3Signing link = *signing;
	S3Pair all[S3_PAIRS_MOST];
	char when[S3_TIME_SIZE];
	char valid[24];
	char signature[HASH_HEX_SIZE];
	size_t count = 0;

	buffer_init(&credential);
	buffer_init(&names);
	s3_time(signing->when, when);
	snprintf(valid, sizeof valid, "%ld", seconds);
	buffer_printf(&credential, "%s/", signing->access_key_id);
	write_scope(signing, when, &credential);
	all[count++] = (S3Pair){"X-Amz-Algorithm", ALGORITHM};
	all[count++] = (S3Pair){"X-Amz-Credential", credential.data};
	all[count++] = (S3Pair){"X-Amz-Date", when};
	all[count++] = (S3Pair){"X-Amz-Expires", valid};
	all[count++] = (S3Pair){"X-Amz-SignedHeaders", "host"};
	if (signing->session_token[0] != '\0')
		all[count++] = (S3Pair){"X-Amz-Security-Token", signing->session_token};
	for (const S3Pair *pair = signing->query;
		 pair != NULL && pair->name != NULL && count + 1 < S3_PAIRS_MOST; pair++)
		all[count++] = *pair;
	all[count] = (S3Pair){NULL, NULL};
	link.query = all;
	link.headers = NULL;
	link.payload = S3_UNSIGNED;
	make_signature(&link, &names, signature);
	s3_query(query, all);
	buffer_printf(query, "&X-Amz-Signature=%s", signature);
}
