/*
 * db/sqlstate.h
 *	  What an SQLSTATE means to a program: may it try again, what does it exit with.
 */
#ifndef LEAP_DB_SQLSTATE_H
#define LEAP_DB_SQLSTATE_H

#include "base/error.h"
#include "base/exit_code.h"

/* The class of an error of the database; an empty state is a lost connection. */
ErrorClass sqlstate_class(const char *sqlstate);

/* The exit status of a command that failed with err; errors that are not from the
 * database give EXIT_FAILED, wrong usage EXIT_USAGE, no connection EXIT_UNREACHABLE. */
ExitCode sqlstate_exit_code(const Error *err);

#endif
