/* sources: base/log.c base/utf8.c base/json.c base/error.c */
/* libs: libcjson */
/*
 * tests/unit/test_log.c
 *	  One message is one line, whatever is in it; as JSON it says what it is about.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/json.h"
#include "base/log.h"
#include "tap.h"

static char seen[16384];

/* What was written to standard error since `listen` as a text. */
static void
listen_again(int *pipe_fd, int *kept)
{
	int ends[2];

	if (pipe(ends) < 0)
		abort();
	*kept = dup(STDERR_FILENO);
	(void) dup2(ends[1], STDERR_FILENO);
	(void) close(ends[1]);
	*pipe_fd = ends[0];
}

static void
heard(int pipe_fd, int kept)
{
	ssize_t length;

	(void) dup2(kept, STDERR_FILENO);
	(void) close(kept);
	length = read(pipe_fd, seen, sizeof seen - 1);
	seen[length > 0 ? length : 0] = '\0';
	(void) close(pipe_fd);
}

/* Logs one message and keeps what came out. */
static void
say(const LogIds *ids, LogLevel level, const char *message)
{
	int pipe_fd;
	int kept;

	listen_again(&pipe_fd, &kept);
	log_message(ids, level, "%s", message);
	heard(pipe_fd, kept);
}

static const LogIds about = {.task = "17",
							 .run = "0197-run",
							 .recording = "0197-recording",
							 .correlation = "req.1",
							 .attempt = 2};

static void
test_text(void)
{
	say(&about, LOG_LEVEL_WARNING, "two\nlines\tand a bell\a");
	ok(strstr(seen, "Z [") != NULL &&
		   strstr(seen, "] WARNING: two lines and a bell ") != NULL,
	   "text: level, process, and one line");
	is_int(strchr(seen, '\n') - seen + 1, (long long) strlen(seen),
		   "ends with its only newline");
	say(NULL, LOG_LEVEL_DEBUG, "unheard");
	is_str(seen, "", "below the level nothing is printed");
}

static void
is_member(const cJSON *line, const char *name, const char *expected)
{
	is_str(json_text(line, name, "(missing)"), expected, name);
}

static void
test_json(void)
{
	static const char hostile[] = "a \"quote\" \\ \n\r\t\x01 \x7f \xd0\xb6 \xff end";
	Error err = {0};
	cJSON *line = NULL;

	log_set_format("json");
	log_set_worker("room 1");
	say(&about, LOG_LEVEL_ERROR, hostile);
	is_int(strchr(seen, '\n') - seen + 1, (long long) strlen(seen), "one line");
	ok(json_parse(seen, strlen(seen), "the line", &line, &err), "valid JSON: %s",
	   err.message);
	is_member(line, "level", "error");
	is_member(line, "worker", "room 1");
	is_member(line, "task", "17");
	is_member(line, "run", "0197-run");
	is_member(line, "recording", "0197-recording");
	is_member(line, "correlation_id", "req.1");
	is_int((long long) json_number(line, "attempt", 0), 2, "attempt");
	is_int((long long) json_number(line, "pid", 0), getpid(), "pid");
	is_member(line, "message",
			  "a \"quote\" \\ \n\r\t\x01 \x7f \xd0\xb6 \xef\xbf\xbd end");
	is_int((long long) strlen(json_text(line, "time", "")), 24, "time with milliseconds");
	cJSON_Delete(line);
	say(NULL, LOG_LEVEL_INFO, "about nothing");
	ok(strstr(seen, "task") == NULL && strstr(seen, "attempt") == NULL,
	   "what is not known is left out");
}

static void
test_long_message(void)
{
	char message[4000];
	Error err = {0};
	cJSON *line = NULL;

	memset(message, '\x01', sizeof message - 1);
	message[sizeof message - 1] = '\0';
	say(&about, LOG_LEVEL_INFO, message);
	ok(json_parse(seen, strlen(seen), "the line", &line, &err),
	   "too long a message still makes an object: %s", err.message);
	is_member(line, "correlation_id", "req.1");
	cJSON_Delete(line);
}

static void
test_description(void)
{
	char text[LOG_DESCRIPTION_SIZE];
	char again[LOG_DESCRIPTION_SIZE];

	ok(log_describe(&about, text, sizeof text), "there is something to tell");
	log_set_format("text");
	log_configure("unknown=1\nnonsense\n=\n");
	log_configure(text);
	(void) log_describe(NULL, again, sizeof again);
	is_str(again, text, "a description sets what it tells");
	log_configure("format=text\nlevel=warning");
	say(NULL, LOG_LEVEL_WARNING, "as a child");
	ok(strstr(seen, "WARNING: task 17: as a child") != NULL,
	   "text names the task of a child");
	say(NULL, LOG_LEVEL_INFO, "unheard");
	is_str(seen, "", "the level is taken over");
}

int
main(void)
{
	test_text();
	test_json();
	test_long_message();
	test_description();
	return done_testing();
}
