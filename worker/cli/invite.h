/*
 * cli/invite.h
 *	  Links by which people get an account, the first administrator too.
 */
#ifndef LEAP_CLI_INVITE_H
#define LEAP_CLI_INVITE_H

#include "cli/session.h"

/* Prints a link that invites whoever has it, or, unless email is NULL, whoever has that address;
 * the role is that of --role. */
ExitCode invite(const Session *session, const char *email);

/* Prints a link that makes the first administrator, good once and for a day; says so where there
 * is an administrator already. */
ExitCode invite_first(const Session *session);

/* The same behind a deployment: nothing where there is an administrator, and only how to ask for
 * the link where nobody would read it but a log (standard output is no terminal). */
ExitCode invite_after_deploy(const Session *session);

#endif
