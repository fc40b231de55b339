/* sources: http/head.c http/chunk.c http/connection.c http/wire.c http/answer.c http/body.c http/status.c http/loop.c http/server.c base/buffer.c base/clock.c base/error.c base/utf8.c base/log.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_http_connection.c
 *	  A server on a socket of its own, and a client that says things in all the ways clients do.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/server.h"
#include "tap.h"

static Loop *loop;
static Server *server;
static int port;
static int ended;
static Exchange *waiting;

static void
note_end(Exchange *exchange)
{
	ended++;
	if (waiting == exchange)
		waiting = NULL;
}

static void
echo(Exchange *exchange)
{
	exchange_answer(exchange, 200, "X-Echo: yes\r\n", exchange->body.data,
					exchange->body.length);
}

static bool
count_part(Exchange *exchange, const char *bytes, size_t length)
{
	(void) bytes;
	exchange->data = (char *) exchange->data + length;
	return true;
}

static void
tell_count(Exchange *exchange)
{
	char text[32];

	exchange_answer(exchange, 200, "", text,
					(size_t) snprintf(text, sizeof text, "%zu", (size_t) exchange->data));
}

static void
begin(void *arg, Exchange *exchange)
{
	(void) arg;
	exchange->ended = note_end;
	if (slice_is(exchange->path, "/echo"))
		exchange_collect(exchange, 1000, echo);
	else if (slice_is(exchange->path, "/count"))
		exchange_receive(exchange, INT64_MAX, count_part, tell_count);
	else if (slice_is(exchange->path, "/wait"))
		waiting = exchange;
	else if (slice_is(exchange->path, "/file"))
	{
		int fd = memfd_create("file", MFD_CLOEXEC);

		(void) !ftruncate(fd, 5000000);
		exchange_answer_file(exchange, 206, "", fd, 1000000, 3000000);
	}
	else if (slice_is(exchange->path, "/stream"))
	{
		exchange_stream(exchange, "Content-Type: text/event-stream\r\n");
		waiting = exchange;
	}
	else
		exchange_answer(exchange, 200, "", "hello", 5);
}

static int
client(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in to = {.sin_family = AF_INET,
							 .sin_port = htons((uint16_t) port),
							 .sin_addr = {htonl(INADDR_LOOPBACK)}};

	if (connect(fd, (struct sockaddr *) &to, sizeof to) != 0)
		perror("connect");
	(void) fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void
turn(int times)
{
	while (times-- > 0)
	{
		loop_once(loop, 0.001);
		server_work(server);
	}
}

/* Everything the server says until it says nothing for a while or `wanted` is there. */
static char *
hear(int fd, const char *wanted)
{
	static char heard[4000000];
	size_t length = 0;

	for (int quiet = 0; quiet < 200; quiet++)
	{
		ssize_t got;

		turn(1);
		while ((got = recv(fd, heard + length, sizeof heard - 1 - length, 0)) > 0)
		{
			length += (size_t) got;
			quiet = 0;
		}
		heard[length] = '\0';
		if (wanted != NULL && strstr(heard, wanted) != NULL)
			break;
		if (got == 0)
			break;
	}
	return heard;
}

static void
say(int fd, const char *text)
{
	(void) !write(fd, text, strlen(text));
}

/* One request on a connection of its own. */
static const char *
ask(const char *text, const char *wanted)
{
	int fd = client();
	const char *answer;

	say(fd, text);
	answer = hear(fd, wanted);
	(void) close(fd);
	turn(3);
	return answer;
}

/* The name of a check is one line: the last one of the part. */
static void
has(const char *text, const char *part)
{
	const char *name = part + strspn(part, "\r\n");

	ok(strstr(text, part) != NULL, "%.*s", (int) strcspn(name, "\r\n"), name);
}

static void
test_answers(void)
{
	const char *answer = ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "hello");
	int fd;

	has(answer, "HTTP/1.1 200 OK\r\n");
	has(answer, "Content-Length: 5\r\n");
	has(answer, "\r\n\r\nhello");
	ok(strstr(answer, "Connection:") == NULL, "the connection goes on");
	answer = ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "\r\n\r\n");
	ok(strstr(answer, "Content-Length: 5") != NULL && strstr(answer, "hello") == NULL,
	   "HEAD has the length and no body");
	answer = ask("GET / HTTP/1.0\r\n\r\n", NULL);
	has(answer, "Connection: close\r\n");

	fd = client();
	say(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo HTTP/1.1\r\nHost: "
			"a\r\nContent-Length: 3\r\n\r\nabc"
			"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	answer = hear(fd, NULL);
	ok(strstr(strstr(strstr(answer, "hello"), "X-Echo: yes"), "Connection: close") !=
		   NULL,
	   "three requests at once are answered in order");
	(void) close(fd);
	turn(3);
	is_int(ended, 6, "each exchange was ended once");
	is_int(server_count(server), 0, "and no connection is left");
}

static void
test_bodies(void)
{
	char *big = malloc(3000000);
	int fd = client();

	say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nExpect: "
			"100-continue\r\n\r\n");
	has(hear(fd, "100 Continue\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
	say(fd, "abc");
	turn(5);
	say(fd, "def");
	has(hear(fd, "abcdef"), "\r\n\r\nabcdef");
	say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
			"chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
	has(hear(fd, "\r\n\r\nabc"), "\r\n\r\nabc");
	(void) close(fd);

	has(ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", NULL),
		"413 Content Too Large");
	(void) snprintf(big, 3000,
					"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
					"3e9\r\n%01001d\r\n0\r\n\r\n",
					0);
	has(ask(big, NULL), "413 Content Too Large");
	memset(big, 'x', 2999999);
	big[2999999] = '\0';
	fd = client();
	say(fd, "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 2999999\r\n\r\n");
	for (size_t at = 0; at < 2999999;)
	{
		ssize_t put = write(fd, big + at, 2999999 - at);

		at += put > 0 ? (size_t) put : 0;
		turn(1);
	}
	has(hear(fd, "2999999"), "\r\n\r\n2999999");
	(void) close(fd);
	free(big);
	has(ask("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
			NULL),
		"400 Bad Request");
	has(ask("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
			NULL),
		"400 Bad Request");
	has(ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nGET /", NULL),
		"Connection: close");
}

static void
test_files_and_streams(void)
{
	int fd = client();
	const char *answer;

	say(fd, "GET /file HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
	answer = hear(fd, "hello");
	has(answer, "Content-Length: 3000000\r\n");
	(void) close(fd);

	fd = client();
	say(fd, "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
	has(hear(fd, "\r\n\r\n"), "Transfer-Encoding: chunked\r\n");
	ok(exchange_push(waiting, "data: 1\n\n", 9), "an event is taken");
	has(hear(fd, "data: 1"), "9\r\ndata: 1\n\n\r\n");
	exchange_stream_end(waiting);
	has(hear(fd, "0\r\n\r\n"), "0\r\n\r\n");
	(void) close(fd);
	turn(3);

	fd = client();
	say(fd, "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
	(void) hear(fd, "\r\n\r\n");
	{
		char *event = calloc(1, 100000);
		int taken = 0;

		while (waiting != NULL && taken < 10000 && exchange_push(waiting, event, 100000))
		{
			taken++;
			turn(1);
		}
		turn(3);
		ok(taken > 0 && taken < 10000 && waiting == NULL,
		   "a client that takes nothing does not fill the memory");
		free(event);
	}
	(void) close(fd);
	turn(3);
}

static void
test_gone(void)
{
	int fd = client();
	int before;

	say(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
	turn(20);
	ok(waiting != NULL, "an answer may take its time");
	exchange_answer(waiting, 200, "", "late", 4);
	has(hear(fd, "late"), "\r\n\r\nlate");
	say(fd, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
	turn(20);
	before = ended;
	(void) close(fd);
	turn(20);
	ok(waiting == NULL && ended == before + 1,
	   "that the client went away is told at once");
	is_int(server_count(server), 0, "no connection is left");
}

/* What costs the client little must not cost the server much. */
static void
test_pieces(void)
{
	static const char head[] = "POST /count HTTP/1.1\r\nHost: a\r\nX-Long: 0123456789\r\n"
							   "Transfer-Encoding: chunked\r\n\r\n";
	Buffer chunks;
	int fd = client();

	for (const char *at = head; *at != '\0'; at++)
	{
		(void) !write(fd, at, 1);
		turn(1);
	}
	buffer_init(&chunks);
	for (int i = 0; i < 20000; i++)
		buffer_puts(&chunks, "1\r\nx\r\n");
	buffer_puts(&chunks, "0\r\n\r\n");
	for (size_t at = 0; at < chunks.length;)
	{
		ssize_t put = write(fd, chunks.data + at, chunks.length - at);

		at += put > 0 ? (size_t) put : 0;
		turn(1);
	}
	has(hear(fd, "20000"), "\r\n\r\n20000");
	buffer_free(&chunks);
	(void) close(fd);
	turn(3);
}

/* Without a descriptor for a client nothing spins, and he is taken when there is one. */
static void
test_no_descriptor(void)
{
	int fd = client();
	struct rlimit before;
	struct rlimit none;

	(void) getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = (rlim_t) fd + 1;
	(void) setrlimit(RLIMIT_NOFILE, &none);
	turn(20);
	is_int(server_count(server), 0, "no descriptor: no client is taken");
	(void) setrlimit(RLIMIT_NOFILE, &before);
	for (int i = 0; i < 5000 && server_count(server) == 0; i++)
		turn(1);
	is_int(server_count(server), 1, "but later");
	(void) close(fd);
	turn(10);
}

static void
test_limits(void)
{
	int fds[12];
	int refused = 0;

	for (int i = 0; i < 12; i++)
		fds[i] = client();
	for (int i = 0; i < 12; i++)
		say(fds[i], "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
	turn(20);
	is_int(server_count(server), 10, "no more connections than allowed");
	for (int i = 10; i < 12; i++)
		refused += strstr(hear(fds[i], NULL),
						  "503 Service Unavailable\r\nRetry-After: 1") != NULL;
	is_int(refused, 2, "the others are told");
	for (int i = 0; i < 12; i++)
		(void) close(fds[i]);
	turn(10);
	is_int(server_count(server), 0, "and there is room again");
}

int
main(void)
{
	struct sockaddr_in on = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof on;
	ServerSettings settings = {.most = 10};
	Service service = {.begin = begin};
	Error err;

	settings.listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (bind(settings.listen_fd, (struct sockaddr *) &on, sizeof on) != 0 ||
		listen(settings.listen_fd, 100) != 0 ||
		getsockname(settings.listen_fd, (struct sockaddr *) &on, &size) != 0 ||
		!loop_open(&loop, &err))
		return 1;
	port = ntohs(on.sin_port);
	server = server_new(loop, &settings, &service);
	test_answers();
	test_bodies();
	test_files_and_streams();
	test_gone();
	test_pieces();
	test_no_descriptor();
	test_limits();
	server_finish(server);
	server_free(server);
	loop_close(loop);
	return done_testing();
}
