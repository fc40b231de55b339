/* sources: http/head.c http/chunk.c http/connection.c http/wire.c http/answer.c http/body.c http/status.c base/buffer.c base/clock.c base/error.c base/utf8.c */
/* libs: libcjson -lm */
/*
 * tests/fuzz/fuzz_http.c
 *	  Whatever a client sends, and in whatever pieces it arrives: the same requests are seen,
 *	  every one of them is answered once, and what comes back is HTTP.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "http/connection.h"

#include "driver.h"

const char *const fuzz_samples[] = {
	"GET /a?b=c HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
	"POST /collect HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
	"GET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
	"POST /pieces HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	"3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nHEAD / HTTP/1.0\r\n\r\n",
	"PUT /collect HTTP/1.1\r\nHost: [::1]:80\r\nExpect: 100-continue\r\n"
	"Content-Length: 3\r\n\r\nabc",
	"OPTIONS * HTTP/1.1\r\nHost: a\r\nOrigin: b\r\n\r\n",
	"GET http://host/path HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: "
	"a\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: "
	"3\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX : b\r\nY: c\r\n d\r\nZ: \001\r\n\r\n",
	NULL};

#define MOST_SEEN 512

/* What the requests were, in words. */
typedef struct Seen
{
	Buffer text;
	int begun;
	int ended;
} Seen;

static void
note_end(Exchange *exchange)
{
	((Seen *) exchange->data)->ended++;
}

static void
answer(Exchange *exchange)
{
	Seen *seen = exchange->data;

	buffer_printf(&seen->text, " body %zu", exchange->body.length);
	buffer_append(&seen->text, exchange->body.data, exchange->body.length);
	exchange_answer(exchange, 200, "", "ok", 2);
}

static bool
take_piece(Exchange *exchange, const char *bytes, size_t length)
{
	buffer_append(&exchange->body, bytes, length);
	return true;
}

static void
begin(void *arg, Exchange *exchange)
{
	Seen *seen = arg;
	const Head *head = &exchange->head;

	exchange->data = seen;
	exchange->ended = note_end;
	seen->begun++;
	buffer_printf(&seen->text, "\n%.*s %.*s ? %.*s", (int) head->method.length,
				  head->method.at, (int) exchange->path.length, exchange->path.at,
				  (int) exchange->query.length, exchange->query.at);
	for (size_t i = 0; i < head->count; i++)
		buffer_printf(&seen->text, " %.*s=%.*s", (int) head->fields[i].name.length,
					  head->fields[i].name.at, (int) head->fields[i].value.length,
					  head->fields[i].value.at);
	if (slice_is(exchange->path, "/pieces"))
		exchange_receive(exchange, 1000, take_piece, answer);
	else if (slice_is(exchange->path, "/collect"))
		exchange_collect(exchange, 1000, answer);
	else
		exchange_answer(exchange, 200, "", "ok", 2);
}

/* What the server said is read; it must begin like HTTP. */
static void
drain(int fd, bool *first)
{
	char said[65536];
	ssize_t got;

	while ((got = recv(fd, said, sizeof said, MSG_DONTWAIT)) > 0)
	{
		if (*first)
			fuzz_check(got >= 9 && memcmp(said, "HTTP/1.1 ", 9) == 0, "HTTP is answered");
		*first = false;
	}
}

/* The input in pieces of `piece` bytes. */
static void
play(const uint8_t *data, size_t size, size_t piece, Seen *seen)
{
	const Service service = {.begin = begin, .arg = seen};
	ConnectionList kicks = {NULL};
	Connection *connection;
	int fds[2];
	bool first = true;
	bool going = true;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) != 0)
		abort();
	connection = connection_new(fds[0], "127.0.0.1", &service, &kicks);
	for (size_t at = 0; at < size && going; at += piece)
	{
		size_t part = size - at < piece ? size - at : piece;

		if (send(fds[1], data + at, part, MSG_NOSIGNAL) != (ssize_t) part)
			break;
		for (int turns = 0; turns < MOST_SEEN && going; turns++)
		{
			going = connection_work(connection, turns == 0, true);
			drain(fds[1], &first);
			if (going && !connection_wants_write(connection) && turns > 0)
				break;
		}
	}
	connection_free(connection);
	fuzz_check(connection_take_kicked(&kicks) == NULL, "nothing of it is left");
	fuzz_check(seen->begun == seen->ended, "each exchange ends once");
	(void) close(fds[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t pieces[] = {size > 0 ? size : 1, size % 7 + 1};
	Seen seen[2] = {0};

	for (int i = 0; i < 2; i++)
	{
		buffer_init(&seen[i].text);
		play(data, size, pieces[i], &seen[i]);
	}
	fuzz_check(seen[0].begun == seen[1].begun &&
				   seen[0].text.length == seen[1].text.length &&
				   memcmp(seen[0].text.data, seen[1].text.data, seen[0].text.length) == 0,
			   "the same requests are seen, in whatever pieces they come");
	for (int i = 0; i < 2; i++)
		buffer_free(&seen[i].text);
	return 0;
}
