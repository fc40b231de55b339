/*
 * db/sqlstate.c
 *	  What an SQLSTATE means to a program: may it try again, what does it exit with.
 */
#include "db/sqlstate.h"

#include <string.h>

/* The first matching prefix decides. */
static const struct
{
	const char *prefix;
	ErrorClass class;
	ExitCode exit_code;
} rows[] = {
	{"08",    ERROR_TRANSIENT, EXIT_UNREACHABLE}, /* connection */
	{"22007", ERROR_PERMANENT, EXIT_USAGE      }, /* not a time */
	{"22008", ERROR_PERMANENT, EXIT_USAGE      }, /* a time beyond all times */
	{"25006", ERROR_TRANSIENT, EXIT_UNREACHABLE}, /* a server that was made a standby */
	{"28",    ERROR_PERMANENT, EXIT_UNREACHABLE}, /* password, pg_hba.conf */
	{"3D",    ERROR_PERMANENT, EXIT_UNREACHABLE}, /* no such database */
	{"40",    ERROR_TRANSIENT, EXIT_FAILED     }, /* deadlock, serialization */
	{"53",    ERROR_TRANSIENT, EXIT_FAILED     }, /* out of space, memory, connections */
	{"55P03", ERROR_TRANSIENT, EXIT_FAILED     }, /* lock not available */
	{"57",    ERROR_TRANSIENT, EXIT_FAILED     }, /* cancelled, shutting down, starting */
	{"58",    ERROR_TRANSIENT, EXIT_FAILED     }, /* input/output of the server */
	{"P0002", ERROR_PERMANENT, EXIT_NOT_FOUND  }, /* no such row */
	{"42501", ERROR_PERMANENT, EXIT_REFUSED    }, /* no privilege */
	{"LP020", ERROR_PERMANENT, EXIT_NOT_FOUND  }, /* no such object */
	{"LP021", ERROR_PERMANENT, EXIT_USAGE      }, /* a prefix of several ids */
	{"LP030", ERROR_PERMANENT, EXIT_USAGE      }, /* a value breaks a rule */
	{"LP00",  ERROR_PERMANENT, EXIT_REFUSED    }, /* state machine */
	{"LP01",  ERROR_QUOTA,     EXIT_REFUSED    }, /* quota */
};

ErrorClass
sqlstate_class(const char *sqlstate)
{
	if (sqlstate[0] == '\0')
		return ERROR_TRANSIENT;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strncmp(sqlstate, rows[i].prefix, strlen(rows[i].prefix)) == 0)
			return rows[i].class;
	return ERROR_PERMANENT;
}

ExitCode
sqlstate_exit_code(const Error *err)
{
	if (strcmp(err->code, "usage") == 0)
		return EXIT_USAGE;
	if (strcmp(err->code, "database_unreachable") == 0 ||
		strcmp(err->code, "database_lost") == 0)
		return EXIT_UNREACHABLE;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (err->sqlstate[0] != '\0' &&
			strncmp(err->sqlstate, rows[i].prefix, strlen(rows[i].prefix)) == 0)
			return rows[i].exit_code;
	return EXIT_FAILED;
}
