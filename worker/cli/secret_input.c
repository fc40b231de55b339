/*
 * cli/secret_input.c
 *	  Secrets from files and standard input.
 */
#include "cli/secret_input.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"

#define MOST 65536

static ssize_t
read_all(int fd, char *text)
{
	ssize_t length = 0;
	ssize_t got;

	while ((got = read(fd, text + length, (size_t) (MOST - length))) > 0)
		length += got;
	return got < 0 ? -1 : length;
}

char *
secret_json(const char *file, Error *err)
{
	bool from_file = file != NULL && strcmp(file, "-") != 0;
	int fd = from_file ? open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY) : STDIN_FILENO;
	char *text = calloc(1, MOST + 1);
	ssize_t length = fd < 0 || text == NULL ? -1 : read_all(fd, text);
	cJSON *json = length > 0 ? cJSON_ParseWithLength(text, (size_t) length) : NULL;
	char *compact = json != NULL ? cJSON_PrintUnformatted(json) : NULL;

	if (length < 0)
		(void) error_errno(err, "usage", "cannot read %.200s",
						   from_file ? file : "standard input");
	else if (compact == NULL)
		(void) error_set(err, ERROR_PERMANENT, "usage",
						 "It is a JSON object; leap credential fields tells what it has.",
						 "%.200s is no JSON", from_file ? file : "standard input");
	if (from_file && fd >= 0)
		(void) close(fd);
	secret_forget(text);
	cJSON_Delete(json);
	return compact;
}

bool
secret_line(char *line, size_t size)
{
	size_t length = 0;
	char c;

	while (read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
	{
		if (length + 1 == size)
			return false;
		line[length++] = c;
	}
	line[length] = '\0';
	return length > 0;
}

void
secret_forget(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

bool
secret_quiet(const Session *session, ExitCode *code)
{
	CLEANUP(json) cJSON *quiet = NULL;

	return session_ask(session,
					   "SELECT to_jsonb(CASE WHEN current_setting('is_superuser') = 'on'"
					   " THEN set_config('log_parameter_max_length', '0', false) ||"
					   " set_config('log_parameter_max_length_on_error', '0', false)"
					   " ELSE '' END)",
					   NULL, 0, &quiet, code);
}
