/*
 * gate/explain.c
 *	  Errors of the database in the words of who asked: those of values name the argument, those
 *	  of privileges tell what would be needed instead of the names of what is behind the door.
 */
#include <string.h>

#include "gate/request.h"
#include "rest/invoke.h"

#define LOGIN_HINT                                                                  \
	"Send the field \"Authorization: Bearer TOKEN\", with an access token as POST " \
	"/api/v1/auth/login gives one, or an API key."
#define ROLE_HINT                                                                   \
	"What begins with admin is for administrators; GET / describes what this role " \
	"may do."

static bool
begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* Words of PostgreSQL, not those that a function raised with the same code. */
static bool
is_privilege(const RestError *error)
{
	return strcmp(error->code, "42501") == 0 &&
		   (begins_with(error->message, "permission denied for ") ||
			begins_with(error->message, "permission denied to ") ||
			begins_with(error->message, "must be owner of ") ||
			begins_with(error->message, "new row violates row-level security policy"));
}

static void
explain_privilege(Request *request, RestError *error)
{
	const Caller *caller = &request->caller;

	error->details = NULL;
	error->message =
		caller->authenticated
			? arena_printf(&request->arena, "this is not allowed for the role %s",
						   caller->role)
			: "this needs a login";
	error->hint = caller->authenticated ? ROLE_HINT : LOGIN_HINT;
}

void
request_explain(Request *request, RestError *error)
{
	/* another database speaks for itself, as PostgREST would let it */
	if (request->view == NULL || !request->view->has_log)
		return;
	if (is_privilege(error))
		explain_privilege(request, error);
	else if (request->planned && request->plan.invoked != NULL)
		rest_explain_argument(&request->arena, request->plan.invoked, error);
}
