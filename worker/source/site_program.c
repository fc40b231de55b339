/*
 * source/site_program.c
 *	  One run of yt-dlp.
 */
#include "source/site_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/confine.h"
#include "base/log.h"
#include "base/process.h"
#include "net/guard_proxy.h"
#include "net/url.h"
#include "source/site_error.h"

#define ARGUMENTS_MOST 64
#define LINE_MOST      ((size_t) 32 << 20) /* a playlist is one line */
#define SAID_MOST      2000
#define TICK_MS        200
#define QUIET_SECONDS  600.0
#define TOTAL_SECONDS  (12 * 3600.0)
#define CPU_SECONDS    (6 * 3600)
#define MEMORY_BYTES   ((int64_t) 4 << 30)
#define PROGRESS       "leap-progress "

/* Of every run; what versions since 2023 know. */
static const char *const usual[] = {
	"--ignore-config",
	"--no-exec",
	"--no-batch-file",
	"--no-cookies",
	"--no-cookies-from-browser",
	"--no-cache-dir",
	"--no-colors",
	"--no-warnings",
	"--no-live-from-start",
	"--quiet",
	"--progress",
	"--newline",
	"--progress-template",
	("download:" PROGRESS "%(progress.downloaded_bytes)s "
	 "%(progress.total_bytes,progress.total_bytes_estimate)s"),
	"--socket-timeout",
	"30",
	"--retries",
	"5",
	"--fragment-retries",
	"5",
};

#define USUAL_COUNT (sizeof usual / sizeof usual[0])

/* A run that goes on. */
typedef struct Site
{
	const SiteRun *run;
	GuardProxy *proxy;
	pid_t pid; /* -1 after its end */
	int status;
	int output_fd; /* -1 after end of file */
	int error_fd;
	Buffer line; /* of its output, not complete yet */
	Buffer *output;
	Buffer said;  /* the end of what it complained of */
	double share; /* of what it fetches */
	double heard_at;
	int64_t passed; /* bytes of the network, then */
} Site;

static void
end(Site *site)
{
	if (site->pid <= 0)
		return;
	process_signal_group(site->pid, SIGKILL);
	while (waitpid(site->pid, &site->status, 0) < 0 && errno == EINTR)
		;
	site->pid = -1;
}

static void
cleanup_site(Site *site)
{
	end(site);
	guard_proxy_end(site->proxy);
	cleanup_close(&site->output_fd);
	cleanup_close(&site->error_fd);
	buffer_free(&site->line);
	buffer_free(&site->said);
}

static bool
check(const SiteRun *run, Error *err)
{
	struct stat file;

	if (run->program == NULL || run->program[0] == '\0')
		return error_set(
			err, ERROR_PERMANENT, "site_disabled",
			"An operator installs yt-dlp and starts the worker with "
			"--yt-dlp=/usr/bin/yt-dlp; a link to the file itself needs neither.",
			"this worker fetches nothing from video sites");
	if (stat(run->program, &file) < 0 || !S_ISREG(file.st_mode) ||
		access(run->program, X_OK) < 0)
		return error_set(err, ERROR_PERMANENT, "site_program_missing",
						 "Install yt-dlp there, or correct --yt-dlp of the worker.",
						 "%s is no program that can be run", run->program);
	return url_check(run->url, err) &&
		   (mkdir(run->folder, 0700) == 0 || errno == EEXIST ||
			error_errno(err, "folder_failed", "cannot make the folder %s", run->folder));
}

static bool
open_pipes(Site *site, int *output, int *error, Error *err)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return error_errno(err, "process_start", "cannot make a pipe for yt-dlp");
	site->output_fd = pair[0];
	*output = pair[1];
	if (pipe2(pair, O_CLOEXEC) < 0)
		return error_errno(err, "process_start", "cannot make a pipe for yt-dlp");
	site->error_fd = pair[0];
	*error = pair[1];
	return true;
}

static bool
spawn(Site *site, const Confine *confine, Error *err)
{
	CLEANUP(close) int output = -1;
	CLEANUP(close) int error = -1;
	const SiteRun *run = site->run;
	const char *argv[ARGUMENTS_MOST] = {"yt-dlp"};
	size_t count = 1;
	char home[2][4300];
	char proxy[2][160];
	/* the newest versions look for plugins in more places, unless told not to */
	const char *const environment[] = {home[0],
									   home[1],
									   proxy[0],
									   proxy[1],
									   "PATH=/usr/local/bin:/usr/bin:/bin",
									   "LANG=C.UTF-8",
									   "YTDLP_NO_PLUGINS=1",
									   "PYTHONNOUSERSITE=1",
									   "PYTHONDONTWRITEBYTECODE=1",
									   NULL};
	ProcessPlace place = {environment, run->folder, confine_enter, confine};

	for (size_t i = 0; i < USUAL_COUNT; i++)
		argv[count++] = usual[i];
	for (size_t i = 0; run->options[i] != NULL && count < ARGUMENTS_MOST - 3; i++)
		argv[count++] = run->options[i];
	argv[count++] = "--";
	argv[count++] = run->url;
	snprintf(home[0], sizeof home[0], "HOME=%s", run->folder);
	snprintf(home[1], sizeof home[1], "TMPDIR=%s", run->folder);
	snprintf(proxy[0], sizeof proxy[0], "http_proxy=%s", guard_proxy_url(site->proxy));
	snprintf(proxy[1], sizeof proxy[1], "https_proxy=%s", guard_proxy_url(site->proxy));
	if (!open_pipes(site, &output, &error, err))
		return false;
	ProcessFd fds[] = {
		{output, 1},
        {error,  2}
    };

	return process_spawn_in(&place, run->program, argv, fds, 2, &site->pid, err);
}

static void
take_line(Site *site, const char *line)
{
	double done;
	double total;
	char *behind;
	char *end;

	if (strncmp(line, PROGRESS, strlen(PROGRESS)) != 0)
	{
		buffer_puts(site->output, line);
		buffer_puts(site->output, "\n");
		return;
	}
	done = strtod(line + strlen(PROGRESS), &behind);
	total = strtod(behind, &end);
	if (behind != line + strlen(PROGRESS) && end != behind && total > 0 &&
		done / total > site->share && done <= total)
		site->share = done / total;
}

/* False when it says more than anybody wants to hear. */
static bool
take_output(Site *site, const char *bytes, size_t length)
{
	char *newline;

	buffer_append(&site->line, bytes, length);
	while ((newline = memchr(site->line.data, '\n', site->line.length)) != NULL)
	{
		*newline = '\0';
		take_line(site, site->line.data);
		buffer_consume(&site->line, (size_t) (newline - site->line.data) + 1);
	}
	return site->line.length + site->output->length <= LINE_MOST;
}

static bool
take_complaint(Site *site, const char *bytes, size_t length)
{
	buffer_append(&site->said, bytes, length);
	if (site->said.length > SAID_MOST)
		buffer_consume(&site->said, site->said.length - SAID_MOST);
	return true;
}

/* Reads what is there of one of its outputs, and closes that at its end. */
static bool
read_some(Site *site, int *fd, bool (*take)(Site *, const char *, size_t))
{
	char piece[65536];
	ssize_t length = read(*fd, piece, sizeof piece);

	if (length < 0 && errno == EINTR)
		return true;
	if (length <= 0)
	{
		cleanup_close(fd);
		*fd = -1;
		return true;
	}
	site->heard_at = clock_seconds();
	return take(site, piece, (size_t) length);
}

static bool
go_on(Site *site, double begun, Error *err)
{
	const SiteRun *run = site->run;
	int64_t passed = guard_proxy_bytes(site->proxy);

	if (!report_fraction(run->reporter, run->from + site->share * (run->to - run->from),
						 run->step, err))
		return false;
	if (passed != site->passed)
		site->heard_at = clock_seconds();
	site->passed = passed;
	if (clock_seconds() - site->heard_at > QUIET_SECONDS ||
		clock_seconds() - begun > TOTAL_SECONDS)
		return error_set(err, ERROR_TRANSIENT, "connection_lost",
						 "The next attempt begins anew.",
						 "yt-dlp was ended: it took too long");
	return true;
}

/* Listens until it closes both outputs. */
static bool
follow(Site *site, Error *err)
{
	double begun = clock_seconds();

	site->heard_at = begun;
	while (site->output_fd >= 0 || site->error_fd >= 0)
	{
		struct pollfd ready[2] = {
			{.fd = site->output_fd, .events = POLLIN},
			{.fd = site->error_fd,  .events = POLLIN}
        };

		(void) poll(ready, 2, TICK_MS);
		if ((ready[0].revents != 0 && !read_some(site, &site->output_fd, take_output)) ||
			(ready[1].revents != 0 && !read_some(site, &site->error_fd, take_complaint)))
			return error_set(err, ERROR_INPUT, "too_large", "Name a smaller part of it.",
							 "the site has more to tell than %zu MiB", LINE_MOST >> 20);
		if (!go_on(site, begun, err))
			return false;
	}
	return true;
}

/* Its outputs are closed: it ends at once, or is ended. */
static bool
wait_for(Site *site)
{
	for (int i = 0; i < 50; i++)
	{
		if (waitpid(site->pid, &site->status, WNOHANG) == site->pid)
		{
			/* what it started and left behind goes with it */
			process_signal_group(site->pid, SIGKILL);
			site->pid = -1;
			return WIFEXITED(site->status) && WEXITSTATUS(site->status) == 0;
		}
		(void) poll(NULL, 0, TICK_MS / 2);
	}
	end(site);
	return false;
}

static bool
judge(const Site *site, Error *err)
{
	char how[96];

	if (guard_proxy_is_full(site->proxy))
		return error_set(err, ERROR_INPUT, "too_large",
						 "Choose a lower quality, or make room on the storage.",
						 "what the site sends is larger than %lld bytes",
						 (long long) site->run->most_bytes);
	if (guard_proxy_refusal(site->proxy) != NULL)
		return error_set(
			err, ERROR_PERMANENT, "address_refused",
			"Use a public address, or let the operator allow this one (--allow-address).",
			"the site leads to an address that may not be reached: %s",
			guard_proxy_refusal(site->proxy));
	process_describe_status(site->status, how, sizeof how);
	return site_error(site->said.data, how, err);
}

bool
site_run(const SiteRun *run, Buffer *output, Error *err)
{
	CLEANUP(confine) Confine confine = CONFINE_NONE;
	CLEANUP(site)
	Site site = {
		.run = run, .pid = -1, .output_fd = -1, .error_fd = -1, .output = output};

	buffer_init(&site.line);
	buffer_init(&site.said);
	confine.file_bytes = run->most_bytes;
	confine.memory_bytes = MEMORY_BYTES;
	confine.cpu_seconds = CPU_SECONDS;
	if (!check(run, err) ||
		!guard_proxy_start(run->allow_private_addresses, run->most_bytes, &site.proxy,
						   err) ||
		!confine_prepare(&confine, run->program, run->folder,
						 guard_proxy_port(site.proxy), err))
		return false;
	log_info("site: %s, Landlock %d%s", run->program, confine.version,
			 confine.version < CONFINE_TCP_VERSION
				 ? ", which keeps nobody from leaving the proxy aside"
				 : "");
	if (!spawn(&site, &confine, err) || !follow(&site, err))
		return false;
	return wait_for(&site) || judge(&site, err);
}
