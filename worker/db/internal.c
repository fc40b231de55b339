/*
 * db/internal.c
 *	  Connection parameters, and errors and notices of libpq as ours.
 */
#include "db/internal.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "db/sqlstate.h"

void
internal_params(const char *database, const char *application, const char **keys,
				const char **values)
{
	/* what stands before dbname gives way to what the connection string says */
	const char *const pairs[INTERNAL_PARAM_COUNT][2] = {
		{"application_name",     application },
		{"client_encoding",      "UTF8"      },
		{"connect_timeout",      "10"        },
		{"keepalives_idle",      "10"        },
		{"keepalives_interval",  "5"         },
		{"keepalives_count",     "3"         },
		{"tcp_user_timeout",     "25000"     },
		{"target_session_attrs", "read-write"},
		{"dbname",               database    },
		{NULL,				   NULL        },
	};

	for (int i = 0; i < INTERNAL_PARAM_COUNT; i++)
	{
		keys[i] = pairs[i][0];
		values[i] = pairs[i][1];
	}
}

/* libpq's own messages may span lines and end with one. */
static void
copy_line(char *target, size_t size, const char *text)
{
	snprintf(target, size, "%s", text != NULL ? text : "");
	for (char *c = target; *c != '\0'; c++)
		if (*c == '\n')
			*c = ' ';
	for (size_t length = strlen(target); length > 0 && target[length - 1] == ' ';
		 length--)
		target[length - 1] = '\0';
}

static const char *
code_of(ErrorClass class, const char *sqlstate)
{
	if (sqlstate[0] == '\0')
		return "database_lost";
	return class == ERROR_TRANSIENT ? "database_busy" : "database_refused";
}

bool
internal_error(const PGconn *connection, const PGresult *result, Error *err)
{
	const char *state =
		result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *message =
		result != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	char line[512];
	char hint[384] = "";
	ErrorClass class;

	if (state == NULL)
		state = "";
	if (message == NULL)
		message = result != NULL && PQresultErrorMessage(result)[0] != '\0'
					  ? PQresultErrorMessage(result)
					  : PQerrorMessage(connection);
	class = sqlstate_class(state);
	copy_line(line, sizeof line, message);
	if (result != NULL)
		copy_line(hint, sizeof hint, PQresultErrorField(result, PG_DIAG_MESSAGE_HINT));
	(void) error_set(err, class, code_of(class, state), hint, "%s",
					 line[0] != '\0' ? line : "the connection to the database is lost");
	if (err != NULL && result != NULL)
	{
		snprintf(err->sqlstate, sizeof err->sqlstate, "%s", state);
		copy_line(err->detail, sizeof err->detail,
				  PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL));
	}
	return false;
}

void
internal_notice(void *arg, const PGresult *result)
{
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	(void) arg;
	if (severity != NULL && strcmp(severity, "WARNING") == 0)
		log_warning("database: %s", message != NULL ? message : "");
	else
		log_debug("database: %s", message != NULL ? message : "");
}
