/*
 * http/metrics.c
 *	  The server's processes, and its answers.
 *
 * program -> guardian -> server: the guardian only starts the server again when it died. Each
 * is killed with its parent.
 */
#include "http/metrics.h"

#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "http/listen.h"
#include "http/metrics_page.h"

/* Strangers may hold so many connections, each so long. */
#define MAX_CONNECTIONS 16
#define TIMEOUT_SECONDS 10
#define MAX_MEMORY      (32 * 1024)
#define RESTART_SECONDS 1

#define TEXT_PLAIN "text/plain; version=0.0.4; charset=utf-8"
#define TEXT_JSON  "application/json"

static enum MHD_Result
answer(struct MHD_Connection *connection, unsigned int status, const char *type,
	   const char *text, size_t length)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		length, (void *) (uintptr_t) text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (response == NULL)
		return MHD_NO;
	(void) MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	(void) MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void) MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
answer_text(struct MHD_Connection *connection, unsigned int status, const char *type,
			const char *text)
{
	return answer(connection, status, type, text, strlen(text));
}

static enum MHD_Result
answer_metrics(MetricsPage *page, struct MHD_Connection *connection)
{
	const Buffer *text = metrics_page(page);

	return answer(connection, MHD_HTTP_OK, TEXT_PLAIN, text->data, text->length);
}

static enum MHD_Result
answer_live(MetricsPage *page, struct MHD_Connection *connection)
{
	const MetricsSource *source = &page->settings->source;
	bool alive = source->alive(source->arg);

	return answer_text(connection, alive ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
					   TEXT_JSON, alive ? "{\"live\":true}\n" : "{\"live\":false}\n");
}

static enum MHD_Result
answer_ready(MetricsPage *page, struct MHD_Connection *connection)
{
	const MetricsSource *source = &page->settings->source;
	bool asked = page->settings->database != NULL;
	bool database = metrics_page_database(page);
	bool program = source->ready(source->arg);
	char text[96];

	snprintf(text, sizeof text, "{\"ready\":%s,\"checks\":{%s%s%s\"%s\":%s}}\n",
			 database && program ? "true" : "false", asked ? "\"database\":" : "",
			 !asked     ? ""
			 : database ? "true"
						: "false",
			 asked ? "," : "", source->what, program ? "true" : "false");
	return answer_text(connection,
					   database && program ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
					   TEXT_JSON, text);
}

static const struct
{
	const char *path;
	enum MHD_Result (*answer)(MetricsPage *page, struct MHD_Connection *connection);
} routes[] = {
	{"/metrics",      answer_metrics},
	{"/health/live",  answer_live   },
	{"/health/ready", answer_ready  },
};

static enum MHD_Result
handle(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
	   const char *version, const char *upload, size_t *upload_size, void **state)
{
	static int seen;

	(void) version;
	(void) upload;
	/* called for the head of a request, again for its body, which is of no interest */
	if (*state == NULL || *upload_size > 0)
	{
		*state = &seen;
		*upload_size = 0;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
		strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, TEXT_PLAIN,
						   "only GET and HEAD\n");
	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
		if (strcmp(url, routes[i].path) == 0)
			return routes[i].answer(arg, connection);
	return answer_text(connection, MHD_HTTP_NOT_FOUND, TEXT_PLAIN,
					   "there are /metrics, /health/live and /health/ready\n");
}

/* One thread, one request at a time; ends only by a signal or when nothing can be done. */
static void
serve(const MetricsSettings *settings, int fd)
{
	MetricsPage page = {.settings = settings};
	struct MHD_Daemon *daemon;

	buffer_init(&page.text);
	daemon = MHD_start_daemon(
		MHD_NO_FLAG, 0, NULL, NULL, handle, &page, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned int) MAX_CONNECTIONS,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int) TIMEOUT_SECONDS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) MAX_MEMORY, MHD_OPTION_END);
	if (daemon == NULL)
	{
		log_error("metrics: the server does not start");
		return;
	}
	while (MHD_run_wait(daemon, -1) == MHD_YES)
		;
}

/* The process is killed with its parent; false when that is gone already. */
static bool
stay_with(pid_t parent)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent;
}

static void
guard(const MetricsSettings *settings, int fd)
{
	for (;;)
	{
		pid_t self = getpid();
		pid_t server = fork();
		int status;

		if (server == 0)
		{
			if (stay_with(self))
				serve(settings, fd);
			_exit(EXIT_FAILURE);
		}
		if (server > 0 && waitpid(server, &status, 0) == server)
			log_warning("metrics: the server ended, starting another");
		(void) sleep(RESTART_SECONDS);
	}
}

bool
metrics_start(const MetricsSettings *settings, Error *err)
{
	char name[LISTEN_NAME_SIZE];
	CLEANUP(close) int fd = -1;
	pid_t self = getpid();
	pid_t guardian;

	if (!listen_at(settings->place, &fd, name, err))
		return false;
	guardian = fork();
	if (guardian < 0)
		return error_errno(err, "process_start", "cannot start the metrics server");
	if (guardian == 0)
	{
		(void) signal(SIGPIPE, SIG_IGN);
		(void) signal(SIGINT, SIG_IGN); /* a terminal's ^C is for the program */
		(void) signal(SIGTERM, SIG_IGN);
		if (stay_with(self))
			guard(settings, fd);
		_exit(EXIT_FAILURE);
	}
	log_info("metrics at http://%s/metrics", name);
	return true;
}
