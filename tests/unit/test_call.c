/* sources: net/call.c base/throughput.c net/call_line.c net/call_body.c net/authorities.c net/guard.c net/lookup.c net/network.c net/answer.c net/address.c net/url.c base/buffer.c base/clock.c base/error.c base/json.c base/utf8.c */
/* libs: libcurl libssl libcrypto libcjson -lm -DLEAP_VERSION='"0"' */
/*
 * tests/unit/test_call.c
 *	  Calls to a service: what arrives there, what comes back, and all the ways in which
 *	  nothing does. The server is a child of the test; what a path makes it do is a table.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "net/call.h"
#include "served.h"
#include "tap.h"

#define FILE_BYTES ((size_t) 24 << 20)

static Served server;

static uint64_t
checksum(uint64_t sum, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum = (sum ^ (unsigned char) bytes[i]) * 0x100000001b3u;
	return sum;
}

/* Says what came: the line of the request, how many bytes followed, their sum, and the start
 * of them. */
static void
echo(int client, const char *head, const char *rest, size_t rest_length)
{
	const char *length = strcasestr(head, "\r\ncontent-length: ");
	int64_t expected = length != NULL ? strtoll(length + 18, NULL, 10) : -1;
	int64_t got = 0;
	uint64_t sum = checksum(0, rest, rest_length);
	static char start[600], buffer[65536];
	cJSON *json = cJSON_CreateObject();
	char *text;
	char lines[200];

	memcpy(start, rest, rest_length < 599 ? rest_length : 599);
	for (got = (int64_t) rest_length; got < expected;)
	{
		ssize_t more = read(client, buffer, sizeof buffer);

		if (more <= 0)
			return;
		if (got < 599)
			memcpy(start + got, buffer, (size_t) (more < 599 - got ? more : 599 - got));
		sum = checksum(sum, buffer, (size_t) more);
		got += more;
	}
	cJSON_AddStringToObject(json, "head", head);
	cJSON_AddStringToObject(json, "start", start);
	json_add_int64(json, "length", expected);
	snprintf(lines, sizeof lines, "%llx", (unsigned long long) sum);
	cJSON_AddStringToObject(json, "sum", lines);
	text = json_print(json);
	snprintf(lines, sizeof lines,
			 "HTTP/1.1 201 Made\r\nX-Kind:  echo \r\nx-kind: other\r\nX-None:\r\n"
			 "Content-Length: %zu\r\n\r\n",
			 strlen(text));
	served_say(client, lines);
	served_say(client, text);
}

/* Answers without end until nobody reads. */
static void
pour(int client, const char *begin, const char *more)
{
	served_say(client, begin);
	while (write(client, more, strlen(more)) > 0)
		;
}

static void
serve(int client)
{
	static char head[65536];
	size_t length;
	char *rest;

	if (served_read(client, head, sizeof head, &length, &rest) == NULL)
		return;
	if (strstr(head, " /echo") != NULL)
	{
		size_t rest_length = length - (size_t) (rest - head);
		char *body = malloc(rest_length + 1);

		memcpy(body, rest, rest_length);
		*rest = '\0';
		echo(client, head, body, rest_length);
		free(body);
	}
	else if (strstr(head, " /silent") != NULL)
		(void) sleep(30);
	else if (strstr(head, " /heads") != NULL)
		pour(client, "HTTP/1.1 200 OK\r\n", "X-More: of the same again and again\r\n");
	else if (strstr(head, " /pour") != NULL)
		pour(client, "HTTP/1.1 200 OK\r\n\r\n", "without any end at all ");
	else if (strstr(head, " /cut") != NULL)
		served_say(client, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot all of it");
	else if (strstr(head, " /redirect") != NULL)
		served_say(client,
				   "HTTP/1.1 307 Away\r\nLocation: /echo\r\nContent-Length: 0\r\n\r\n");
	else if (strstr(head, " /early") != NULL)
		served_say(client, "HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\n{}");
	else if (strstr(head, " /resume") != NULL)
		served_say(client, "HTTP/1.1 308 Go On\r\nRange: bytes=0-41\r\nContent-Length: "
						   "0\r\n\r\n");
}

static Call
call_of(const char *method, const char *path)
{
	static char urls[4][200];
	static int next;
	char *url = urls[next++ % 4];
	Call call = CALL(method, url);

	snprintf(url, sizeof urls[0], "%s%s", server.origin, path);
	call.allow_private = true;
	call.total_seconds = 20;
	return call;
}

static void
test_plain(void)
{
	CLEANUP(call_answer) CallAnswer answer = {0};
	const char *headers[] = {"Authorization: Bearer t0p-secret", "X-Empty;", NULL};
	Call call = call_of("DELETE", "/echo?a=b");
	char value[40];
	Error err = {0};

	call.headers = headers;
	ok(call_run(&call, &answer, &err), "a call is answered: %s", err.message);
	is_int(answer.answer.status, 201, "with its status");
	ok(strstr(json_text(answer.json, "head", ""), "DELETE /echo?a=b HTTP/1.1\r\n") !=
		   NULL,
	   "the method is the one that was asked for");
	ok(strstr(json_text(answer.json, "head", ""), "Bearer t0p-secret\r\n") != NULL,
	   "the headers arrive");
	is_str(json_text(answer.json, "length", ""), "-1", "no body");
	is_str(call_header(&answer, "x-KIND", value, sizeof value), "echo",
		   "a header of the answer, whatever its case");
	is_str(call_header(&answer, "X-None", value, sizeof value), "", "an empty header");
	is_str(call_header(&answer, "X-Kin", value, sizeof value), NULL,
		   "one that is not there");
	is_str(call_header(&answer, "X-Kind", value, 3), "ec", "one that is cut to fit");

	call = call_of("POST", "/echo");
	ok(call_run(&call, &answer, &err), "an answer is used again");
	is_str(json_text(answer.json, "length", ""), "0", "a POST of nothing says so");
	call = call_of("PUT", "/echo");
	call.body = "{\"a\": 1}";
	call.body_length = 8;
	ok(call_run(&call, &answer, &err), "a text is sent");
	is_str(json_text(answer.json, "start", ""), "{\"a\": 1}", "and arrives");
	ok(strstr(json_text(answer.json, "head", ""), "Expect") == NULL &&
		   strstr(json_text(answer.json, "head", ""), "Content-Type") == NULL,
	   "with no header that nobody asked for");
	call = call_of("PUT", "/resume");
	ok(call_run(&call, &answer, &err) && answer.answer.status == 308, "308 is an answer");
	is_str(call_header(&answer, "Range", value, sizeof value), "bytes=0-41",
		   "with its range");
	ok(answer.json == NULL, "and no JSON");
}

/* FILE_BYTES of pseudo-random bytes. */
static int
make_file(char **bytes)
{
	int fd = memfd_create("upload", MFD_CLOEXEC);
	uint64_t state = 42;

	(void) !ftruncate(fd, (off_t) FILE_BYTES);
	*bytes = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	for (size_t i = 0; i < FILE_BYTES; i++)
	{
		state = state * 6364136223846793005u + 1442695040888963407u;
		(*bytes)[i] = (char) (state >> 56);
	}
	return fd;
}

typedef struct Watch
{
	int64_t sent;
	double fraction;
	int asked;
	int most; /* calls of progress before it says stop; 0 = never */
	bool backwards;
} Watch;

static bool
take_progress(void *arg, double fraction, const char *step)
{
	Watch *watch = arg;

	(void) step;
	watch->backwards = watch->backwards || fraction < watch->fraction;
	watch->fraction = fraction;
	return ++watch->asked != watch->most;
}

static bool
take_sent(void *arg, int64_t bytes)
{
	Watch *watch = arg;

	watch->backwards = watch->backwards || bytes < watch->sent;
	watch->sent = bytes;
	return true;
}

static void
test_file(int fd, const char *bytes)
{
	CLEANUP(call_answer) CallAnswer answer = {0};
	Watch watch = {0};
	Reporter reporter = {.progress = take_progress, .arg = &watch};
	Call call = call_of("PUT", "/echo");
	char sum[32];
	Error err = {0};

	call.body_fd = fd;
	call.body_from = 1000;
	call.body_bytes = (int64_t) FILE_BYTES - 3000;
	call.reporter = &reporter;
	call.from = 0.2;
	call.to = 0.8;
	call.sent = take_sent;
	call.arg = &watch;
	ok(call_run(&call, &answer, &err), "a piece of a file is sent: %s", err.message);
	snprintf(sum, sizeof sum, "%llx",
			 (unsigned long long) checksum(0, bytes + 1000, FILE_BYTES - 3000));
	is_str(json_text(answer.json, "sum", ""), sum, "and arrives byte by byte");
	is_int(json_int64(answer.json, "length", 0), FILE_BYTES - 3000, "with its length");
	ok(watch.sent > 0 && watch.fraction > 0.2 && watch.fraction <= 0.8 &&
		   !watch.backwards,
	   "what has left is told as it leaves");

	call.body_bytes = (int64_t) FILE_BYTES;
	call.reporter = NULL;
	ok(!call_run(&call, &answer, &err), "a file with fewer bytes than it was to have");
	is_str(err.code, "file_changed", "is found out");
	ok(err.maybe_sent, "after it began");

	call = call_of("PUT", "/early");
	call.body_fd = fd;
	call.body_bytes = (int64_t) FILE_BYTES;
	ok(!call_run(&call, &answer, &err) || answer.answer.status == 401,
	   "a refusal before the end is an answer, or a lost connection");
}

static void
test_form(int fd, const char *bytes)
{
	CLEANUP(call_answer) CallAnswer answer = {0};
	CallPart parts[] = {
		{.name = "title", .value = "a \"quoted\"\r\ntitle"},
		{.name = "video_file",
		 .fd = fd,
		 .from = 77,
		 .bytes = 5,
		 .file_name = "a\"b.mp4",
		 .type = "video/mp4"},
		{.name = NULL       },
	};
	Call call = call_of("POST", "/echo");
	const char *start;
	char five[6] = "";
	Error err = {0};

	memcpy(five, bytes + 77, 5);
	call.parts = parts;
	ok(call_run(&call, &answer, &err), "a form is sent: %s", err.message);
	start = json_text(answer.json, "start", "");
	ok(strstr(start, "a \"quoted\"\r\ntitle\r\n--") != NULL, "a field as it is");
	ok(strstr(start, "name=\"video_file\"; filename=\"a%22b.mp4\"\r\n"
					 "Content-Type: video/mp4") != NULL,
	   "a file with its name, which ends nothing early");
	ok(json_int64(answer.json, "length", -1) > 0, "a form has a length");
	ok(strstr(json_text(answer.json, "head", ""), "multipart/form-data; boundary=") !=
		   NULL,
	   "and its type");
}

/* What ends without an answer, and as what. */
static void
test_failures(void)
{
	static const struct
	{
		const char *path, *code;
		ErrorClass class;
		bool maybe_sent;
	} rows[] = {
		{"/cut",   "connection_lost", ERROR_TRANSIENT, true},
		{"/heads", "bad_answer",      ERROR_PERMANENT, true},
		{"/pour",  "bad_answer",      ERROR_TRANSIENT, true},
		{"/none",  "connection_lost", ERROR_TRANSIENT, true},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		CLEANUP(call_answer) CallAnswer answer = {0};
		Call call = call_of("GET", rows[i].path);
		Error err = {0};

		call.most_answer = 100000;
		ok(!call_run(&call, &answer, &err), "%s brings no answer", rows[i].path);
		is_str(err.code, rows[i].code, err.message);
		is_int(err.class, rows[i].class, "of that class");
		ok(err.maybe_sent == rows[i].maybe_sent, "it may have arrived");
	}
}

static void
test_refusals(void)
{
	CLEANUP(call_answer) CallAnswer answer = {0};
	const char *broken[] = {"X-Title: a\r\nX-Evil: b", NULL};
	Call call = call_of("GET", "/echo?token=geheim");
	Error err = {0};

	call.allow_private = false;
	ok(!call_run(&call, &answer, &err), "a private address is refused");
	is_str(err.code, "address_refused", "as what it is");
	ok(!err.maybe_sent && strstr(err.message, "geheim") == NULL,
	   "before a byte is sent, and without the secret");
	call = call_of("GET", "/echo");
	call.headers = broken;
	ok(!call_run(&call, &answer, &err), "a header with a line break");
	is_str(err.code, "bad_request", "is none");
	call = CALL("GET", "file:///etc/passwd");
	ok(!call_run(&call, &answer, &err), "a file is no service");
	is_str(err.code, "bad_url", "by its scheme");
	call = CALL("GET", "http://127.0.0.1:1/");
	call.allow_private = true;
	ok(!call_run(&call, &answer, &err) && !err.maybe_sent, "nobody listens");
	is_str(err.code, "connection_lost", "which may pass");
	call = call_of("POST", "/redirect");
	ok(call_run(&call, &answer, &err) && answer.answer.status == 307,
	   "a redirect is an answer that nobody follows");
}

static void
test_stop(void)
{
	CLEANUP(call_answer) CallAnswer answer = {0};
	Watch watch = {.most = 3};
	Reporter reporter = {.progress = take_progress, .arg = &watch};
	Call call = call_of("GET", "/silent");
	Error err = {0};

	call.reporter = &reporter;
	ok(!call_run(&call, &answer, &err), "a call is stopped while nothing moves");
	is_str(err.code, "cancelled", "on request");
	is_int(err.class, ERROR_LOST, "which is no failure");
	call.reporter = NULL;
	call.quiet_seconds = 1;
	ok(!call_run(&call, &answer, &err), "and ends when nothing moves for too long");
	is_str(err.code, "connection_lost", err.message);
	ok(err.maybe_sent, "though it has arrived");
	call.quiet_seconds = 0;
	call.total_seconds = 1;
	ok(!call_run(&call, &answer, &err) && err.class == ERROR_TRANSIENT,
	   "or when all of it takes too long");
}

int
main(void)
{
	char *bytes = NULL;
	int fd = make_file(&bytes);

	server = served_start(serve);
	test_plain();
	test_file(fd, bytes);
	test_form(fd, bytes);
	test_failures();
	test_refusals();
	test_stop();
	(void) munmap(bytes, FILE_BYTES);
	close(fd);
	served_stop(&server);
	return done_testing();
}
