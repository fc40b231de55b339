/*
 * net/s3_request.c
 *	  One signed request to S3 and its answer.
 */
#include "net/s3_request.h"

#include <curl/curl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "net/s3_digest.h"

#define TRIES         4
#define PAUSE_FIRST   0.4 /* seconds; doubles */
#define PAUSE_LONGEST 5.0

/* Copying and putting parts together take their time at the service. */
#define QUIET_SECONDS 300
#define TOTAL_SECONDS 1800

#define LINES_MOST (S3_PAIRS_MOST + 2)

/* The head of a request: its pairs for signing, its lines for sending. */
typedef struct Head
{
	S3Pair pairs[S3_PAIRS_MOST];
	size_t count;
	Buffer lines[LINES_MOST];
	size_t line_count;
	const char *pointers[LINES_MOST + 1];
} Head;

static void
cleanup_head(Head *head)
{
	for (size_t i = 0; i < head->line_count; i++)
	{
		explicit_bzero(head->lines[i].data, head->lines[i].length);
		buffer_free(&head->lines[i]);
	}
}

static void
add_pair(Head *head, const char *name, const char *value)
{
	if (head->count + 1 < S3_PAIRS_MOST && value != NULL && value[0] != '\0')
		head->pairs[head->count++] = (S3Pair){name, value};
}

static void
add_line(Head *head, const char *name, const char *value)
{
	Buffer *line = &head->lines[head->line_count];

	buffer_init(line);
	buffer_printf(line, "%s: %s", name, value);
	head->pointers[head->line_count++] = line->data;
}

static time_t
now(const S3 *s3)
{
	return time(NULL) + (time_t) s3->skew;
}

/* What is said of a body. */
typedef struct Proof
{
	char payload[HASH_HEX_SIZE]; /* its hash, or that there is none */
	char base64[25];             /* its MD5; "" = not computed */
} Proof;

static bool
prove(const S3 *s3, const S3Request *request, Proof *proof, Error *err)
{
	const S3Body *body = request->body;
	S3Digest digest;

	snprintf(proof->payload, sizeof proof->payload, "%s", S3_EMPTY_HASH);
	if (body == NULL)
		return true;
	if (!s3_digest(body, body->sha256 == NULL && s3_signs_body(s3),
				   !request->is_part || s3->wants_md5, &digest, err))
		return false;
	snprintf(proof->payload, sizeof proof->payload, "%.64s",
			 body->sha256 != NULL       ? body->sha256
			 : digest.sha256[0] != '\0' ? digest.sha256
										: S3_UNSIGNED);
	memcpy(proof->base64, digest.base64, sizeof proof->base64);
	if (request->md5 != NULL)
		memcpy(request->md5, digest.md5, sizeof digest.md5);
	return true;
}

static void
fill_head(const S3 *s3, const S3Request *request, const Proof *proof, Head *head)
{
	CLEANUP(buffer) Buffer host;
	CLEANUP(buffer) Buffer path;
	CLEANUP(buffer) Buffer authorization;
	char when[S3_TIME_SIZE];
	S3Signing signing = {.method = request->method,
						 .query = request->query,
						 .headers = head->pairs,
						 .payload = proof->payload,
						 .access_key_id = s3->access_key_id,
						 .secret_access_key = s3->secret_access_key,
						 .session_token = s3->session_token,
						 .region = s3->region,
						 .when = now(s3)};

	buffer_init(&host);
	buffer_init(&path);
	buffer_init(&authorization);
	s3_place(s3, request->key, &host, &path);
	s3_time(signing.when, when);
	signing.host = host.data;
	signing.path = path.data;
	for (const S3Pair *pair = request->headers; pair != NULL && pair->name != NULL;
		 pair++)
		add_pair(head, pair->name, pair->value);
	add_pair(head, "Content-MD5", proof->base64);
	add_pair(head, "x-amz-content-sha256", proof->payload);
	add_pair(head, "x-amz-date", when);
	add_pair(head, "x-amz-security-token", s3->session_token);
	s3_sign(&signing, &authorization);
	for (size_t i = 0; i < head->count; i++)
		add_line(head, head->pairs[i].name, head->pairs[i].value);
	add_line(head, "Authorization", authorization.data);
	memset(head->pairs, 0, sizeof head->pairs);
}

static bool
send_once(const S3 *s3, const S3Request *request, const Proof *proof, CallAnswer *answer,
		  Error *err)
{
	CLEANUP(buffer) Buffer query;
	CLEANUP(head) Head head = {.count = 0};
	const S3Body *body = request->body;
	char url[URL_SIZE];
	Call call = CALL(request->method, url);

	buffer_init(&query);
	s3_query(&query, request->query);
	if (!s3_address(s3, request->key, query.data, url, err))
		return false;
	fill_head(s3, request, proof, &head);
	call.headers = head.pointers;
	call.line = s3->line;
	call.allow_private = s3->allow_private;
	call.reporter = s3->reporter;
	call.most_answer = request->most_answer;
	call.quiet_seconds = QUIET_SECONDS;
	if (body == NULL || body->text != NULL)
		call.total_seconds = TOTAL_SECONDS;
	if (body != NULL)
	{
		call.body = body->text;
		call.body_length = body->length;
		if (body->text == NULL)
		{
			call.body_fd = body->fd;
			call.body_from = body->from;
			call.body_bytes = body->bytes;
		}
		call.from = body->share_from;
		call.to = body->share_to;
		call.step = body->step;
	}
	return call_run(&call, answer, err);
}

/* Learns from a refusal what time it is at the service. True: worth another try. */
static bool
set_clock(S3 *s3, const CallAnswer *answer, const Error *err)
{
	time_t theirs = answer->answer.date[0] != '\0'
						? curl_getdate(answer->answer.date, NULL)
						: (time_t) -1;
	double before = s3->skew;

	if (strcmp(err->code, "clock_wrong") != 0 || theirs == (time_t) -1)
		return false;
	s3->skew = difftime(theirs, time(NULL));
	return fabs(s3->skew - before) > 1;
}

/* Buckets with a lock on their objects take none without an MD5. True: now there is one. */
static bool
add_md5(S3 *s3, const S3Request *request, const CallAnswer *answer, Proof *proof)
{
	Error ignored;

	if (answer->answer.status != 400 || !request->is_part || s3->wants_md5 ||
		answer->body.length == 0 || strstr(answer->body.data, "Content-MD5") == NULL)
		return false;
	s3->wants_md5 = true;
	return prove(s3, request, proof, &ignored);
}

static bool
wait_a_little(const S3 *s3, const S3Body *body, double seconds, Error *err)
{
	return report_wait(s3->reporter, seconds, body != NULL ? body->share_from : 0,
					   body != NULL && body->step != NULL ? body->step : "asking", err);
}

/* Is it worth another try now? A service that names a time wants to be left alone. */
static bool
may_repeat(const S3Request *request, const CallAnswer *answer, const Error *err)
{
	if (strcmp(err->code, "upload_gone") == 0 || strcmp(err->code, "clock_wrong") == 0)
		return false;
	if (err->class == ERROR_RATE_LIMITED)
		return answer->answer.retry_after <= PAUSE_LONGEST;
	return err->class == ERROR_TRANSIENT &&
		   (!request->once || (err->status == 0 && !err->maybe_sent));
}

bool
s3_request(S3 *s3, const S3Request *request, CallAnswer *answer, Error *err)
{
	Proof proof = {.base64 = ""};
	Error own = {0};

	if (!s3_check_settings(s3, err) || !prove(s3, request, &proof, err))
		return false;
	for (int attempt = 1;; attempt++)
	{
		double pause;

		own = (Error){0};
		if (send_once(s3, request, &proof, answer, &own))
		{
			if (answer->answer.status >= 200 && answer->answer.status < 300)
				return true;
			(void) s3_refusal(s3, request->what, answer, &own);
			if (attempt < TRIES &&
				(set_clock(s3, answer, &own) || add_md5(s3, request, answer, &proof)))
				continue;
		}
		if (attempt >= TRIES || !may_repeat(request, answer, &own))
			break;
		pause = clock_backoff(attempt, PAUSE_FIRST, PAUSE_LONGEST);
		if (own.class == ERROR_RATE_LIMITED && answer->answer.retry_after > pause)
			pause = answer->answer.retry_after;
		if (!wait_a_little(s3, request->body, pause, err))
			return false;
	}
	if (err != NULL)
		*err = own;
	return false;
}
