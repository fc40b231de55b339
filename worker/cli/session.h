/*
 * cli/session.h
 *	  What every command needs: the database, the way to speak, and how to end with an error.
 */
#ifndef LEAP_CLI_SESSION_H
#define LEAP_CLI_SESSION_H

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/exit_code.h"
#include "base/option.h"
#include "db/connection.h"

typedef struct Session
{
	const Options *options;
	Db *db;
	const char *file; /* what the command is about, or NULL */
	bool json;        /* answers for programs */
	bool colour;      /* standard output is a terminal that wants colours */
} Session;

/* Connects; a failure is told on standard error and *code is what to end with. */
bool session_open(Session *session, const Options *options, ExitCode *code);
void session_close(Session *session);

/* For CLEANUP(session). */
static inline void
cleanup_session(Session *session)
{
	session_close(session);
}

/* Is standard output to be coloured? --color says so; without it NO_COLOR forbids it and
 * CLICOLOR_FORCE wants it; else a terminal is coloured that is not a dumb one. */
bool session_wants_colour(const Options *options);

/* Tells an error (cli/complaint.h), with --verbose its code, too; returns the exit status
 * that goes with it. */
ExitCode session_error(const Session *session, const Error *err);

/* Wrong arguments: says what was expected. */
ExitCode session_usage(const char *command, const char *expected);

/* Asks `sql`, with id as $1, until the state of what it tells is not "waiting"; says once on
 * standard error when no worker begins. *status is the last answer. */
bool session_await(const Session *session, const char *sql, const char *id,
				   cJSON **status, ExitCode *code);

/* A call that returns one JSON value; a failure is told and *code set. */
bool session_ask(const Session *session, const char *sql, const char *const *params,
				 size_t param_count, cJSON **json, ExitCode *code);

/* The id of the recording a person means by the beginning or end of one. id is freed by
 * the caller. */
bool session_find(const Session *session, const char *prefix, char **id, ExitCode *code);

/* Prints a JSON value on standard output, indented. */
void session_print_json(const cJSON *json);

/* Asks for a JSON array and prints it: as it is for programs, each row by `print` for
 * people, who are told `none` when there is no row. */
ExitCode session_list(const Session *session, const char *sql, const char *const *params,
					  size_t param_count, const char *none,
					  void (*print)(const Session *session, const cJSON *row));

/* Asks for a JSON object and prints it: as it is for programs, its text at `path` for
 * people; `path` NULL says nothing to them. */
ExitCode session_call(const Session *session, const char *sql, const char *const *params,
					  size_t param_count, const char *path);

#endif
