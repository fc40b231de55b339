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

/* Tells an error to people (message, then hint), with --json also to programs; returns the
 * exit status that goes with it. */
ExitCode session_error(const Session *session, const Error *err);

/* Wrong arguments: says what was expected. */
ExitCode session_usage(const char *command, const char *expected);

/* A call that returns one JSON value; a failure is told and *code set. */
bool session_ask(const Session *session, const char *sql, const char *const *params,
				 size_t param_count, cJSON **json, ExitCode *code);

/* The id of the recording a person means by the beginning or end of one. id is freed by
 * the caller. */
bool session_find(const Session *session, const char *prefix, char **id, ExitCode *code);

/* Prints a JSON value on standard output, indented. */
void session_print_json(const cJSON *json);

#endif
