/*
 * cli/invite.c
 *	  leap user invite, leap user first: links by which people get an account.
 *
 * A link is a secret. It is made by the database, which keeps a hash, and printed for who asked: it
 * is never an argument, and goes to a log only if somebody sends our output there.
 */
#include "cli/invite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/text.h"

/* where leap serve listens unless it is told otherwise */
#define USUAL_URL "http://127.0.0.1:8080"

/* What is told of an invitation: the link, for whom, and how long it is good. */
static ExitCode
tell(const Session *session, cJSON *invitation, const char *intro)
{
	const char *base = option_text(session->options, OPTION_PUBLIC_URL);
	const char *known = json_text(invitation, "url", NULL);
	const char *email = json_text(invitation, "email", NULL);
	char when[TEXT_SIZE];
	char url[1024];

	if (base[0] == '\0' && known != NULL)
		snprintf(url, sizeof url, "%s", known);
	else
	{
		if (base[0] == '\0')
			base = USUAL_URL;
		/* behind the #, which no server is told */
		snprintf(url, sizeof url, "%.*s/register#%s%s%s",
				 (int) (strlen(base) - (base[strlen(base) - 1] == '/')), base,
				 json_text(invitation, "invitation", ""), email == NULL ? "" : "&",
				 email == NULL ? "" : email);
	}
	if (session->json)
	{
		cJSON_DeleteItemFromObjectCaseSensitive(invitation, "url");
		cJSON_AddStringToObject(invitation, "url", url);
		session_print_json(invitation);
	}
	else
		printf("%s\n  %s\ngood once, until %s\n", intro, url,
			   text_time(json_text(invitation, "expires_at", ""), when));
	explicit_bzero(url, sizeof url);
	return EXIT_DONE;
}

ExitCode
invite(const Session *session, const char *email)
{
	CLEANUP(json) cJSON *invitation = NULL;
	const char *params[] = {email, option_text(session->options, OPTION_ROLE)};
	ExitCode code = EXIT_DONE;

	if (!session_ask(session, "SELECT leap.add_invitation($1, $2)", params, 2,
					 &invitation, &code))
		return code;
	return tell(session, invitation, "The link to an account:");
}

ExitCode
invite_first(const Session *session)
{
	CLEANUP(json) cJSON *answer = NULL;
	cJSON *invitation;
	ExitCode code = EXIT_DONE;

	if (!session_ask(session,
					 "SELECT jsonb_build_object('invitation', leap.first_invitation())",
					 NULL, 0, &answer, &code))
		return code;
	invitation = cJSON_GetObjectItemCaseSensitive(answer, "invitation");
	if (cJSON_IsObject(invitation))
		return tell(session, invitation, "The link that makes the first administrator:");
	if (session->json)
		session_print_json(answer);
	else
		puts(
			"there is an administrator already: leap user invite makes links for others");
	return EXIT_DONE;
}

ExitCode
invite_after_deploy(const Session *session)
{
	CLEANUP(json) cJSON *answer = NULL;
	ExitCode code = EXIT_DONE;

	if (session->json ||
		!session_ask(session,
					 "SELECT jsonb_build_object('lacks', leap.lacks_administrator())",
					 NULL, 0, &answer, &code) ||
		!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "lacks")))
		return code;
	if (isatty(STDOUT_FILENO))
		return invite_first(session);
	puts("nobody can administer it yet: leap user first shows the link to the first "
		 "account");
	return code;
}
