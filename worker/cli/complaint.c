/*
 * cli/complaint.c
 *	  How every command tells that it did not work.
 */
#include "cli/complaint.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/text.h"
#include "db/sqlstate.h"

/* A wrong option must be told the right way, too, and then there are no options yet. */
static bool for_programs;

void
complaint_for_programs(bool json)
{
	for_programs = json;
}

static void
tell_programs(const char *file, const Error *err)
{
	CLEANUP(json) cJSON *answer = cJSON_CreateObject();
	CLEANUP(free) char *line = NULL;
	cJSON *error = json_of_error(err);

	if (err->sqlstate[0] != '\0')
		cJSON_AddStringToObject(error, "sqlstate", err->sqlstate);
	if (file != NULL)
		cJSON_AddStringToObject(answer, "file", file);
	cJSON_AddItemToObject(answer, "error", error);
	line = json_print(answer);
	fprintf(stderr, "%s\n", line);
}

ExitCode
complaint_tell(const char *name, const char *file, const Error *err)
{
	/* what was answered before stands above what went wrong then */
	fflush(stdout);
	if (for_programs)
		tell_programs(file, err);
	else
	{
		/* a message may quote what somebody else wrote */
		fprintf(stderr, "%s: ", name);
		text_write(stderr, err->message, 0);
		fputs(err->hint[0] != '\0' ? "\nhint: " : "", stderr);
		text_write(stderr, err->hint, 0);
		fputc('\n', stderr);
	}
	return sqlstate_exit_code(err);
}

ExitCode
complaint_usage(const char *command, const char *expected)
{
	Error err = {0};
	char name[TEXT_SIZE];
	char hint[TEXT_SIZE];

	snprintf(name, sizeof name, "leap %s", command);
	snprintf(hint, sizeof hint, "leap %s --help", command);
	error_set(&err, ERROR_PERMANENT, "usage", hint, "%s", expected);
	return complaint_tell(name, NULL, &err);
}

ExitCode
complaint_word(const char *command, const char *word, const char *known)
{
	Error err = {0};
	char hint[200];

	snprintf(hint, sizeof hint, "The word behind leap %s is %s; leap %s --help", command,
			 known, command);
	error_set(&err, ERROR_PERMANENT, "usage", hint, "there is no leap %s %.60s", command,
			  word);
	return complaint_tell("leap", NULL, &err);
}
