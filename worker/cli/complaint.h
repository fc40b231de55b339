/*
 * cli/complaint.h
 *	  How every command tells that it did not work: for people, or with --json for programs.
 *
 * Both go to standard error, so that standard output holds answers only. For people: the
 * message, then a line "hint: ...". For programs one line of JSON,
 * {"error": {"class", "code", "message", "hint", "sqlstate"}}, hint and sqlstate where there
 * is one, and "file" beside "error" where the command is about a file.
 */
#ifndef LEAP_CLI_COMPLAINT_H
#define LEAP_CLI_COMPLAINT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/exit_code.h"

/* Who is told from now on; main() decides it before anything can go wrong. */
void complaint_for_programs(bool json);

/* Tells the error. name: "leap" or "leap COMMAND"; file: what it is about, or NULL.
 * Returns the exit status that goes with it. */
ExitCode complaint_tell(const char *name, const char *file, const Error *err);

/* Wrong arguments of a command: says what was expected. Returns EXIT_USAGE. */
ExitCode complaint_usage(const char *command, const char *expected);

/* The first argument of a command is none of its words; known says which it has. */
ExitCode complaint_word(const char *command, const char *word, const char *known);

#endif
