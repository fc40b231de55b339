/*
 * cli/secret_input.h
 *	  What must not be an argument: JSON with secrets, from a file or standard input, and a
 *	  connection that does not log it.
 */
#ifndef LEAP_CLI_SECRET_INPUT_H
#define LEAP_CLI_SECRET_INPUT_H

#include "cli/session.h"

/* The JSON in a file (NULL and "-": standard input) as compact text; NULL after an error, which
 * quotes nothing of it. secret_forget() takes it back. */
char *secret_json(const char *file, Error *err);

/* One line of standard input without its end, at most size - 1 bytes; false: there is none. */
bool secret_line(char *line, size_t size);

/* Overwrites the text and frees it; NULL is allowed. */
void secret_forget(char *text);

/* Bind values of a superuser would be logged where statements are; the roles of LEAP are set so
 * that theirs are not. */
bool secret_quiet(const Session *session, ExitCode *code);

#endif
