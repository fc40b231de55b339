/*
 * task/credential.c
 *	  Looks after access to platforms: checks whether it works, turns the code that a person
 *	  brought from a platform's page into tokens, seals it anew for another key.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/sealed.h"
#include "net/account.h"
#include "net/endpoint.h"
#include "net/url.h"
#include "platform/platform.h"
#include "task/task.h"

/* States what was found out; facts are taken over. */
static void
state_facts(TaskContext *context, cJSON *facts)
{
	while (facts != NULL && facts->child != NULL)
	{
		cJSON *fact = cJSON_DetachItemViaPointer(facts, facts->child);

		task_fact(context, fact->string, fact);
	}
	cJSON_Delete(facts);
}

static bool
need_account(const TaskContext *context, Error *err)
{
	return context->account != NULL ||
		   error_set(err, ERROR_CREDENTIAL, "credential_missing",
					 "Add the credential again, or switch it on; leap doctor says "
					 "whether a key of workers is missing.",
					 "the credential was removed, or cannot be read");
}

/* One cheap request that needs the account, for platforms that lessons only come from. */
static const struct
{
	const char *platform;
	const char *api; /* its documented endpoint */
	const char *path;
	const char *account; /* where the answer names it */
	const char *title;
} probes[] = {
	{"zoom", "https://api.zoom.us/v2", "/users/me", "email", "display_name"},
};

static bool
probe(TaskContext *context, size_t row, cJSON **facts, Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {0};
	char url[URL_SIZE];
	Call call = CALL("GET", url);

	snprintf(url, sizeof url, "%s%s",
			 endpoint_of(json_at(context->input, "endpoints"), "api", probes[row].api),
			 probes[row].path);
	call.reporter = context->reporter;
	call.step = "checking";
	if (!account_call(context->account, &call, &answer, err))
		return false;
	if (answer.answer.status == 401 || answer.answer.status == 403)
		return error_set(err, ERROR_CREDENTIAL, "access_denied",
						 "Connect the account anew, and grant all that is asked for.",
						 "%s refuses the account (status %d)", probes[row].platform,
						 answer.answer.status);
	if (answer.answer.status != 200)
		return answer_error(&answer.answer, probes[row].platform, err);
	*facts = cJSON_CreateObject();
	cJSON_AddStringToObject(*facts, "account",
							json_text(answer.json, probes[row].account, ""));
	cJSON_AddStringToObject(*facts, "title",
							json_text(answer.json, probes[row].title, ""));
	return true;
}

/* *facts stays NULL where there is nothing to check. */
static bool
check(TaskContext *context, cJSON **facts, Error *err)
{
	const char *name = json_text(context->input, "platform", "");
	const Platform *platform = platform_find(name);

	if (platform != NULL && platform->check != NULL)
		return platform->check(context->account, json_at(context->input, "endpoints"),
							   facts, err);
	for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++)
		if (strcmp(probes[i].platform, name) == 0)
			return probe(context, i, facts, err);
	return true;
}

static bool
run_check(TaskContext *context, Error *err)
{
	cJSON *facts = NULL;

	if (!check(context, &facts, err))
	{
		cJSON_Delete(facts);
		return false;
	}
	state_facts(context, facts);
	return true;
}

/* The code is spent by the exchange, so what comes behind it cannot fail it: an account whose
 * name is not known yet is checked another time. */
static bool
run_exchange(TaskContext *context, Error *err)
{
	cJSON *facts = NULL;
	Error unknown;

	if (!account_exchange(context->account, context->input, &facts, err))
		return false;
	state_facts(context, facts);
	task_fact(context, "kind", cJSON_CreateString("oauth"));
	facts = NULL;
	if (check(context, &facts, &unknown))
		state_facts(context, facts);
	else
		cJSON_Delete(facts);
	return true;
}

static bool
run_reseal(TaskContext *context, Error *err)
{
	return account_store_again(context->account, err);
}

static const struct
{
	const char *action;
	bool (*run)(TaskContext *context, Error *err);
} actions[] = {
	{"check",    run_check   },
	{"exchange", run_exchange},
	{"reseal",   run_reseal  },
};

bool
task_credential(TaskContext *context, Error *err)
{
	const char *action = json_text(context->input, "action", "");

	if (json_bool(context->input, "gone", false))
		return true;
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (strcmp(actions[i].action, action) == 0)
			return need_account(context, err) && actions[i].run(context, err);
	return error_set(err, ERROR_PERMANENT, "bad_message", HINT_BUG,
					 "a credential task of action \"%.30s\"", action);
}
