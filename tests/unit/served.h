/*
 * tests/unit/served.h
 *	  A web server for a test: a child that answers on a port of its own, a grandchild for each
 *	  connection.
 */
#ifndef LEAP_TESTS_SERVED_H
#define LEAP_TESTS_SERVED_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct Served
{
	pid_t pid;
	char origin[64]; /* http://127.0.0.1:PORT */
} Served;

/* Each connection is given to answer(), and closed when that returns. */
static Served
served_start(void (*answer)(int client))
{
	struct sockaddr_in address = {.sin_family = AF_INET,
								  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	Served served = {0};

	(void) bind(listener, (struct sockaddr *) &address, sizeof address);
	(void) listen(listener, 50);
	(void) getsockname(listener, (struct sockaddr *) &address, &length);
	snprintf(served.origin, sizeof served.origin, "http://127.0.0.1:%d",
			 ntohs(address.sin_port));
	(void) fflush(stdout);
	served.pid = fork();
	if (served.pid != 0)
	{
		(void) setpgid(served.pid, served.pid);
		close(listener);
		return served;
	}
	(void) setpgid(0, 0);
	(void) prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void) signal(SIGCHLD, SIG_IGN);
	for (;;)
	{
		int client = accept(listener, NULL, NULL);

		if (client < 0)
			_exit(1);
		if (fork() == 0)
		{
			(void) prctl(PR_SET_PDEATHSIG, SIGKILL);
			answer(client);
			(void) shutdown(client, SHUT_WR);
			_exit(0);
		}
		close(client);
	}
}

static void
served_stop(Served *served)
{
	kill(-served->pid, SIGKILL);
	(void) waitpid(served->pid, NULL, 0);
}

static void
served_say(int client, const char *text)
{
	(void) !write(client, text, strlen(text));
}

/* Reads the head of a request and what of its body fits, NUL-terminated; *body is behind the
 * head. NULL: no whole one came. */
__attribute__((unused)) static char *
served_read(int client, char *text, size_t size, size_t *length, char **body)
{
	const char *said;
	size_t wanted = size - 1;

	*body = NULL;
	for (*length = 0; *length < wanted;)
	{
		ssize_t got = read(client, text + *length, size - 1 - *length);

		if (got <= 0)
			return NULL;
		*length += (size_t) got;
		text[*length] = '\0';
		*body = strstr(text, "\r\n\r\n");
		if (*body == NULL)
			continue;
		*body += 4;
		said = strcasestr(text, "\r\ncontent-length: ");
		wanted = (size_t) (*body - text);
		wanted += said != NULL && said < *body ? strtoul(said + 18, NULL, 10) : 0;
		wanted = wanted < size - 1 ? wanted : size - 1;
	}
	return *body != NULL ? text : NULL;
}

#endif
