/* sources: net/json_post.c net/call.c base/throughput.c net/call_line.c net/call_body.c net/transfer.c net/authorities.c net/guard.c net/lookup.c net/network.c net/answer.c net/address.c net/url.c base/buffer.c base/clock.c base/error.c base/json.c base/utf8.c */
/* libs: libcurl libssl libcrypto libcjson -lm -DLEAP_VERSION='"0"' */
/*
 * tests/unit/test_json_post.c
 *	  A service that thinks before it answers, sending a blank line now and then: what counts is
 *	  the time the whole exchange may take, not how few bytes come.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "net/json_post.h"
#include "net/transfer.h"
#include "tap.h"

#define BLANKS   12
#define BLANK_US 250000

static bool
say(int client, const char *text)
{
	return write(client, text, strlen(text)) > 0;
}

/* Answers each connection after three seconds of blank lines. */
static void
think(int listener)
{
	char request[4096];

	for (;;)
	{
		int client = accept(listener, NULL, NULL);

		if (client < 0)
			_exit(1);
		(void) !read(client, request, sizeof request);
		(void) say(client, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
		for (int i = 0; i < BLANKS && say(client, "\n"); i++)
			(void) usleep(BLANK_US);
		(void) say(client, "{\"answer\": 42}");
		close(client);
	}
}

static pid_t
start(char url[64])
{
	struct sockaddr_in address = {.sin_family = AF_INET,
								  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	pid_t pid;

	(void) bind(listener, (struct sockaddr *) &address, sizeof address);
	(void) listen(listener, 5);
	(void) getsockname(listener, (struct sockaddr *) &address, &length);
	(void) snprintf(url, 64, "http://127.0.0.1:%d/", ntohs(address.sin_port));
	pid = fork();
	if (pid == 0)
	{
		(void) signal(SIGPIPE, SIG_IGN);
		think(listener);
	}
	close(listener);
	return pid;
}

static bool
take_head(void *arg, const Answer *answer)
{
	(void) arg;
	(void) answer;
	return true;
}

static bool
take_body(void *arg, const char *bytes, size_t length)
{
	(void) arg;
	(void) bytes;
	(void) length;
	return true;
}

static bool
take_tick(void *arg)
{
	(void) arg;
	return true;
}

static TransferEnd
transfer(const char *url, long quiet_seconds, Error *err)
{
	Transfer asked = {.url = url,
					  .validator = "",
					  .content = "{}",
					  .total_seconds = 60,
					  .quiet_seconds = quiet_seconds,
					  .allow_private_addresses = true,
					  .head = take_head,
					  .body = take_body,
					  .tick = take_tick};
	char location[URL_SIZE];
	Answer answer;

	return transfer_run(&asked, &answer, location, err);
}

int
main(void)
{
	char url[64];
	pid_t server = start(url);
	JsonPost post = {
		.url = url, .body = "{}", .seconds = 60, .allow_private_addresses = true};
	cJSON *answer = NULL;
	Error err = {0};

	ok(json_post(&post, &answer, &err), "an answer behind blank lines comes");
	is_int((int) json_number(answer, "answer", 0), 42, "and is read");
	cJSON_Delete(answer);

	is_int(transfer(url, 1, &err), TRANSFER_BROKEN,
		   "a second of so little ends a transfer that may be quiet for one");
	is_str(err.code, "connection_lost", "as a connection that is lost");
	is_int(transfer(url, 30, &err), TRANSFER_COMPLETE, "and not one that may for thirty");

	post.seconds = 1;
	ok(!json_post(&post, &answer, &err), "an answer that takes longer than it may");
	is_str(error_class_name(err.class), "transient", "may come another time");
	kill(server, SIGKILL);
	(void) waitpid(server, NULL, 0);
	return done_testing();
}
