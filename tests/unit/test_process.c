/* sources: base/process.c base/process_media.c base/media_guard.c base/media_limits.c base/error.c base/utf8.c base/buffer.c base/clock.c base/log.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_process.c
 *	  Running leap-media: a shell script plays its part.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/media_guard.h"
#include "base/media_run.h"
#include "base/process.h"
#include "tap.h"

static char program[] = "/tmp/leap-process-XXXXXX";

typedef struct Heard
{
	int calls;
	double last;
	double stop_above; /* the reporter says stop beyond this fraction */
} Heard;

static bool
hear(void *arg, double fraction, const char *step)
{
	Heard *heard = arg;

	(void) step;
	heard->calls++;
	heard->last = fraction;
	return fraction <= heard->stop_above;
}

static void
write_program(void)
{
	/* descriptor 5 is the test's own, 6 the one for progress */
	static const char script[] =
		"#!/bin/bash\n"
		"case $1 in\n"
		"good) echo \"$@\" >&5; echo 0.25 >&6; sleep 0.3; echo 0.5 >&6; sleep 0.3; echo "
		"'{\"a\":1}' ;;\n"
		"bare) n=$(ls /proc/$$/fd | tr '\\n' ' '); e=$(env | grep -cv "
		"'^\\(PWD\\|SHLVL\\|_\\)=');\n"
		"      echo \"{\\\"fds\\\":\\\"$n\\\",\\\"env\\\":$e}\" ;;\n"
		"error) echo "
		"'{\"error\":{\"class\":\"input\",\"code\":\"not_media\",\"message\":\"m\","
		"\"hint\":\"h\"}}'; exit 1 ;;\n"
		"kill) kill -9 $$ ;;\n"
		"XCPU|SYS|SEGV|ABRT) ulimit -c 0; kill -$1 $$ ;;\n"
		"hang) kill -STOP $$ ;;\n"
		"chatty) exec head -c 100000000 /dev/zero >&3 ;;\n"
		"text) echo 'no json' ;;\n"
		"quiet) exit 3 ;;\n"
		"early) exec 1>&- 6>&-; sleep 0.2; exit 0 ;;\n"
		"stop) echo $$ >&5; sleep 60 & echo $! >&5; echo 0.9 >&6; wait ;;\n"
		"esac\n";
	int fd = mkstemp(program);

	if (fd < 0 || write(fd, script, sizeof script - 1) < 0)
		abort();
	fchmod(fd, 0755);
	close(fd);
}

/* Runs the script with one argument; what it wrote to descriptor 5 is in said. */
static bool
run(const char *word, Heard *heard, cJSON **result, char *said, size_t size, Error *err)
{
	Reporter reporter = {.progress = hear, .arg = heard};
	const char *const argv[] = {word, "--input", "5", NULL};
	int pipe_fds[2];
	ProcessFd fd = {.as = 5};
	bool answer;
	ssize_t length;

	if (pipe(pipe_fds) < 0)
		abort();
	fd.fd = pipe_fds[1];
	answer =
		process_media(program, argv, &fd, 1, &reporter, 0.5, 1, "testing", result, err);
	fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK);
	length = read(pipe_fds[0], said, size - 1);
	said[length > 0 ? length : 0] = '\0';
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return answer;
}

static void
test_good(void)
{
	Heard heard = {.stop_above = 2};
	cJSON *result;
	char said[256];
	Error err = {0};

	ok(run("good", &heard, &result, said, sizeof said, &err), "a good run");
	is_str(said, "good --input 5 --progress 6\n", "its arguments");
	ok(heard.calls > 2 && heard.last > 0.74 && heard.last < 0.76,
	   "progress 0.5 of 0.5..1 is 0.75");
	is_int(cJSON_GetObjectItem(result, "a")->valueint, 1, "its answer");
	cJSON_Delete(result);

	setenv("LEAP_TEST_SECRET", "x", 1);
	/* a descriptor that is not close-on-exec must not get through either */
	int stray = fcntl(0, F_DUPFD, 30);

	ok(run("bare", &heard, &result, said, sizeof said, &err), "another");
	close(stray);
	is_int(cJSON_GetObjectItem(result, "env")->valueint, 0, "the environment is empty");
	ok(strncmp(cJSON_GetObjectItem(result, "fds")->valuestring, "0 1 2 ", 6) == 0 &&
		   strstr(cJSON_GetObjectItem(result, "fds")->valuestring, "30") == NULL,
	   "only the named descriptors: %s", cJSON_GetObjectItem(result, "fds")->valuestring);
	cJSON_Delete(result);
}

static void
test_failures(void)
{
	static const struct
	{
		const char *word;
		ErrorClass class;
		const char *code;
		const char *named;
	} rows[] = {
		{"error", ERROR_INPUT,     "not_media",  "m"                         },
		{"kill",  ERROR_TRANSIENT, "media_died", "signal 9"                  },
		{"kill",  ERROR_TRANSIENT, "media_died", "512 MiB"                   },
		{"XCPU",  ERROR_TRANSIENT, "media_died", "used up its processor time"},
		{"SYS",   ERROR_TRANSIENT, "media_died", "asked the kernel for what" },
		{"SEGV",  ERROR_TRANSIENT, "media_died", "it crashed"                },
		{"ABRT",  ERROR_TRANSIENT, "media_died", "lack of memory"            },
		{"text",  ERROR_TRANSIENT, "media_died", "exit status 0"             },
		{"quiet", ERROR_TRANSIENT, "media_died", "exit status 3"             },
		{"early", ERROR_TRANSIENT, "media_died", "exit status 0"             },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		Heard heard = {.stop_above = 2};
		cJSON *result;
		char said[64];
		Error err = {0};

		ok(!run(rows[i].word, &heard, &result, said, sizeof said, &err) && result == NULL,
		   "%s fails", rows[i].word);
		is_int(err.class, rows[i].class, "its class");
		is_str(err.code, rows[i].code, "its code");
		ok(strstr(err.message, rows[i].named) != NULL, "its message: %s", err.message);
	}
}

static void
test_stop(void)
{
	Heard heard = {.stop_above = 0.8};
	cJSON *result;
	char said[64];
	Error err = {0};
	char *second;
	bool gone = false;

	/* the script's own child is ours to wait for when the script is gone */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	ok(!run("stop", &heard, &result, said, sizeof said, &err), "stopped by the reporter");
	is_int(err.class, ERROR_LOST, "class lost");
	is_str(err.code, "cancelled", "code cancelled");
	ok(kill((pid_t) strtol(said, &second, 10), 0) < 0 && errno == ESRCH, "it is gone");
	for (int i = 0; i < 3000 && !gone; i++)
	{
		(void) waitpid(-1, NULL, WNOHANG);
		gone = kill((pid_t) strtol(second, NULL, 10), 0) < 0;
		usleep(10000);
	}
	ok(gone, "and so is its child");
}

/* One that neither goes on nor ends, nor could be asked to. */
static void
test_hang(void)
{
	const char *const argv[] = {"hang", NULL};
	const Reporter reporter = {.media_seconds = 0.3};
	cJSON *result;
	Error err = {0};

	ok(!process_media(program, argv, NULL, 0, &reporter, 0, 1, "testing", &result, &err),
	   "one that hangs is ended");
	is_int(err.class, ERROR_TRANSIENT, "class transient");
	is_str(err.code, "media_died", "code media_died");
	ok(strstr(err.message, "took longer") != NULL, "its message: %s", err.message);
	ok(waitpid(-1, NULL, WNOHANG) <= 0, "and waited for");
}

/* Who asks again and again, and does not wait, sees its end as well. */
static void
test_hang_in_turns(void)
{
	const char *const argv[] = {"hang", NULL};
	const Reporter reporter = {.media_seconds = 0.3};
	cJSON *result;
	Error err = {0};
	CLEANUP(media_run) MediaRun *one = media_run_start(program, argv, NULL, 0, &err);
	double fraction;
	int turns = 0;

	media_run_limit(one, &reporter);
	while (turns < 3000 && !media_run_turn(one, 10, &fraction))
		turns++;
	ok(turns < 3000, "one that hangs is ended though nobody waits for it");
	ok(!media_run_wait(one, NULL, 0, 1, "testing", &result, &err), "it has no answer");
	ok(strstr(err.message, "longer than 0 seconds") != NULL, "its message: %s",
	   err.message);
	ok(waitpid(-1, NULL, WNOHANG) <= 0, "and it was waited for");
}

/* Progress is numbers: what is no line of them would fill the memory of who listens. */
static void
test_chatty(void)
{
	const char *const argv[] = {"chatty", NULL};
	cJSON *result;
	Error err = {0};

	ok(!process_media(program, argv, NULL, 0, NULL, 0, 1, "testing", &result, &err),
	   "one that tells no lines is ended");
	is_str(err.code, "media_died", "code media_died");
	ok(strstr(err.message, "65536 bytes as progress") != NULL, "its message: %s",
	   err.message);
}

static void
test_limits(void)
{
	const char *const argv[] = {"analyse", NULL};
	CLEANUP(close) int file = memfd_create("input", MFD_CLOEXEC);
	const ProcessFd fds[] = {
		{file,				 3},
        { open("/dev/null", O_RDWR | O_CLOEXEC), 4}
    };
	const Reporter patient = {.media_seconds = 1e9};
	MediaLimits limits = media_guard_limits(argv, fds, 2);
	double least = media_guard_seconds(&limits, file, NULL);

	is_int(ftruncate(file, 1 << 30), 0, "a file of a gibibyte");
	limits = media_guard_limits(argv, fds, 2);
	ok(media_guard_seconds(&limits, file, NULL) > least,
	   "gets more time than an empty one");
	ok(media_guard_seconds(&limits, file, &patient) == limits.wall_seconds,
	   "who would wait for ever does not");
	close(fds[1].fd);
}

static void
test_start(void)
{
	const char *const argv[] = {"x", NULL};
	ProcessFd far = {.fd = 0, .as = 999};
	cJSON *result;
	pid_t pid;
	Error err = {0};

	ok(!process_media("/nowhere/x", argv, NULL, 0, NULL, 0, 1, "testing", &result, &err),
	   "no such program");
	ok(strstr(err.message, "/nowhere/x") != NULL, "it is named: %s", err.message);
	ok(!process_spawn("/bin/true", argv, &far, 1, &pid, &err), "no such number: %s",
	   err.message);
}

int
main(void)
{
	write_program();
	test_good();
	test_failures();
	test_stop();
	test_hang();
	test_hang_in_turns();
	test_chatty();
	test_limits();
	test_start();
	unlink(program);
	return done_testing();
}
