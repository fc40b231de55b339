/* sources: net/s3_lanes.c base/clock.c base/error.c base/utf8.c */
/* libs: libcurl libcrypto -lpthread -lm */
/*
 * tests/unit/test_s3_lanes.c
 *	  How many parts of an upload are on their way at once: all lanes where parts are hashed,
 *	  else one, and more as long as the network is what takes the time.
 */
#include <pthread.h>
#include <unistd.h>

#include "net/call_line.h"
#include "net/s3_digest.h"
#include "net/s3_lanes.h"
#include "tap.h"

#define PART  ((int64_t) 1000)
#define ALARM 120 /* seconds: lanes that are waited for never came */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;

/* What the service does, and what it saw. */
static struct
{
	bool signs;
	int holds; /* no part is answered before so many are on their way at once */
	int inside, most;
	int sent; /* parts */
	int told; /* times that the caller's thread told how far it is */
	int told_at_most;
	bool refuses;
} service;

bool
s3_signs_body(const S3 *s3)
{
	(void) s3;
	return service.signs;
}

CallLine *
call_line_open(void)
{
	return NULL;
}

void
call_line_close(CallLine *line)
{
	(void) line;
}

void
s3_parts_put(S3Parts *parts, const S3Part *part)
{
	parts->items[parts->count++] = *part;
}

bool
s3_put_part(S3 *s3, const char *key, const char *upload, int number, const S3Body *body,
			S3Part *part, Error *err)
{
	bool refused;

	(void) s3;
	(void) key;
	(void) upload;
	(void) pthread_mutex_lock(&lock);
	service.inside++;
	if (service.inside > service.most)
	{
		service.most = service.inside;
		service.told_at_most = service.told;
	}
	(void) pthread_cond_broadcast(&came);
	while (service.most < service.holds)
		(void) pthread_cond_wait(&came, &lock);
	service.inside--;
	service.sent++;
	refused = service.refuses;
	(void) pthread_mutex_unlock(&lock);
	*part = (S3Part){.number = number, .bytes = body->bytes, .etag = "e"};
	return !refused || error_set(err, ERROR_TRANSIENT, "connection_lost", NULL, "gone");
}

static bool
count_told(void *arg, double fraction, const char *step)
{
	(void) arg;
	(void) fraction;
	(void) step;
	(void) pthread_mutex_lock(&lock);
	service.told++;
	(void) pthread_mutex_unlock(&lock);
	return true;
}

/* Sends so many parts to a service that holds the first ones. */
static bool
send_parts(int parts, bool signs, int holds, Error *err)
{
	const Reporter reporter = {.progress = count_told};
	S3 s3 = {.reporter = &reporter};
	S3Part room[10];
	S3Parts sent = {.items = room};
	const S3UploadState state = {.part_size = PART, .upload = "one"};
	const S3Upload upload = {
		.s3 = &s3, .key = "a.mp4", .fd = -1, .bytes = parts * PART, .share_to = 1};

	service.signs = signs;
	service.holds = holds;
	service.inside = service.most = service.sent = service.told = 0;
	return s3_send_parts(&upload, &state, &sent, err);
}

int
main(void)
{
	Error err;

	(void) alarm(ALARM);
	ok(send_parts(6, true, 3, &err) && service.sent == 6,
	   "parts that are hashed are sent");
	is_int(service.most, 3, "three at once");
	ok(send_parts(6, false, 3, &err) && service.sent == 6, "others are, too");
	is_int(service.most, 3, "three at once when the service takes its time");
	ok(service.told_at_most > 0, "but not from the beginning");
	ok(send_parts(1, false, 1, &err), "a single part is sent");
	is_int(service.most, 1, "alone");
	service.refuses = true;
	ok(!send_parts(6, false, 3, &err), "a service that breaks off");
	is_str(err.code, "connection_lost", "is told of");
	return done_testing();
}
