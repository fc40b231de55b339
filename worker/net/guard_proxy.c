/*
 * net/guard_proxy.c
 *	  The guarded proxy: who listens, and who may be served.
 */
#include "net/guard_proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/process.h"
#include "net/guard_proxy_line.h"

#define CONNECTIONS_MOST 32 /* at a time; more wait */
#define LISTENER         3
#define SECRET_BYTES     16

struct GuardProxy
{
	pid_t pid;
	int port;
	char url[120];
	char credential[120];
	int64_t most_bytes;
	bool allow_private;
	GuardProxyLedger *ledger;
};

static bool
make_secret(GuardProxy *proxy, Error *err)
{
	uint8_t bytes[SECRET_BYTES];
	char plain[8 + 2 * SECRET_BYTES] = "leap:";
	size_t length = strlen(plain);
	uint8_t encoded[sizeof proxy->credential - 8];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t) sizeof bytes)
		return error_errno(err, "process_start", "cannot make a secret for the proxy");
	for (size_t i = 0; i < sizeof bytes; i++, length += 2)
		snprintf(plain + length, 3, "%02x", bytes[i]);
	(void) EVP_EncodeBlock(encoded, (const uint8_t *) plain, (int) length);
	snprintf(proxy->credential, sizeof proxy->credential, "Basic %s",
			 (const char *) encoded);
	snprintf(proxy->url, sizeof proxy->url, "http://%s@127.0.0.1:%d", plain, proxy->port);
	return true;
}

static bool
open_listener(int *listener, int *port, Error *err)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	socklen_t size = sizeof here;

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*listener < 0 || bind(*listener, (struct sockaddr *) &here, sizeof here) < 0 ||
		listen(*listener, CONNECTIONS_MOST) < 0 ||
		getsockname(*listener, (struct sockaddr *) &here, &size) < 0)
		return error_errno(err, "process_start", "cannot listen as a proxy");
	*port = ntohs(here.sin_port);
	return true;
}

/* A process of ours dies with the one that made it; false: it died before that held. */
static bool
die_with(pid_t parent)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent;
}

static void __attribute__((noreturn))
serve_one(const GuardProxy *proxy, int client, pid_t parent)
{
	GuardProxyLine line = {
		.client = client,
		.ledger = proxy->ledger,
		.most_bytes = proxy->most_bytes,
		.credential = proxy->credential,
		.allow_private = proxy->allow_private,
	};

	(void) close(LISTENER);
	if (die_with(parent))
		guard_proxy_line(&line);
	_exit(0);
}

/* Nothing of its parent's stays open: no control channel, no lock, no file. */
static void __attribute__((noreturn))
serve(const GuardProxy *proxy, int listener, pid_t parent)
{
	pid_t self = getpid();
	int running = 0;

	(void) setpgid(0, 0);
	(void) signal(SIGPIPE, SIG_IGN);
	(void) signal(SIGTERM, SIG_DFL);
	(void) signal(SIGCHLD, SIG_DFL);
	if (!die_with(parent) || (listener != LISTENER && dup2(listener, LISTENER) < 0) ||
		close_range(LISTENER + 1, ~0U, 0) < 0)
		_exit(1);
	for (;;)
	{
		int client = accept4(LISTENER, NULL, NULL, SOCK_CLOEXEC);
		pid_t pid;

		while (running > 0 &&
			   waitpid(-1, NULL, running < CONNECTIONS_MOST ? WNOHANG : 0) > 0)
			running--;
		if (client < 0)
			continue;
		pid = fork();
		if (pid == 0)
			serve_one(proxy, client, self);
		running += pid > 0;
		(void) close(client);
	}
}

bool
guard_proxy_start(bool allow_private, int64_t most_bytes, GuardProxy **made, Error *err)
{
	CLEANUP(close) int listener = -1;
	CLEANUP(guard_proxy) GuardProxy *proxy = array_new(1, sizeof *proxy);
	pid_t parent = getpid();
	void *shared = mmap(NULL, sizeof *proxy->ledger, PROT_READ | PROT_WRITE,
						MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	proxy->pid = -1;
	proxy->most_bytes = most_bytes;
	proxy->allow_private = allow_private;
	if (shared == MAP_FAILED)
		return error_errno(err, "process_start", "cannot share memory with a proxy");
	proxy->ledger = shared;
	if (!open_listener(&listener, &proxy->port, err) || !make_secret(proxy, err))
		return false;
	proxy->pid = fork();
	if (proxy->pid < 0)
		return error_errno(err, "process_start", "cannot start a proxy");
	if (proxy->pid == 0)
		serve(proxy, listener, parent);
	/* also here: whoever is first, the group exists before anyone signals it */
	(void) setpgid(proxy->pid, proxy->pid);
	*made = proxy;
	proxy = NULL;
	return true;
}

const char *
guard_proxy_url(const GuardProxy *proxy)
{
	return proxy->url;
}

int
guard_proxy_port(const GuardProxy *proxy)
{
	return proxy->port;
}

int64_t
guard_proxy_bytes(const GuardProxy *proxy)
{
	return atomic_load(&proxy->ledger->bytes);
}

bool
guard_proxy_is_full(const GuardProxy *proxy)
{
	return guard_proxy_bytes(proxy) > proxy->most_bytes;
}

const char *
guard_proxy_refusal(const GuardProxy *proxy)
{
	return atomic_load(&proxy->ledger->told) ? proxy->ledger->refusal : NULL;
}

void
guard_proxy_end(GuardProxy *proxy)
{
	if (proxy == NULL)
		return;
	if (proxy->pid > 0)
	{
		process_signal_group(proxy->pid, SIGKILL);
		while (waitpid(proxy->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (proxy->ledger != NULL)
		(void) munmap(proxy->ledger, sizeof *proxy->ledger);
	free(proxy);
}
