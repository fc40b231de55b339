/*
 * platform/publication.c
 *	  What every platform asks of the task it works for.
 */
#include "base/cleanup.h"
#include "base/json.h"
#include "platform/platform.h"

bool
publication_save(const Publication *publication, const cJSON *state, Error *err)
{
	CLEANUP(json)
	cJSON *all = cJSON_IsObject(publication->journal)
					 ? cJSON_Duplicate(publication->journal, true)
					 : cJSON_CreateObject();
	const Reporter *reporter = publication->reporter;

	cJSON_DeleteItemFromObjectCaseSensitive(all, "platform");
	cJSON_AddItemToObject(all, "platform", cJSON_Duplicate(state, true));
	return reporter->checkpoint(reporter->arg, all) ||
		   error_set(err, ERROR_LOST, "checkpoint_refused", NULL,
					 "the task was given to somebody else");
}

bool
publication_confirm(const Publication *publication, const char *what, Error *err)
{
	const Reporter *reporter = publication->reporter;

	return reporter->confirm(reporter->arg, what) ||
		   error_set(err, ERROR_LOST, "lease_lost", NULL,
					 "the task was given to somebody else before it could %s", what);
}

bool
publication_progress(const Publication *publication, double fraction, const char *step,
					 Error *err)
{
	return report_fraction(publication->reporter, fraction, step, err);
}

const cJSON *
publication_settings(const Publication *publication)
{
	return json_at(publication->input, "target.publication");
}

void
publication_warn(cJSON *target, const char *step, const Error *err)
{
	cJSON *meta = cJSON_GetObjectItemCaseSensitive(target, "meta");
	cJSON *warnings;
	cJSON *warning = cJSON_CreateObject();

	if (meta == NULL)
		meta = cJSON_AddObjectToObject(target, "meta");
	warnings = cJSON_GetObjectItemCaseSensitive(meta, "warnings");
	if (warnings == NULL)
		warnings = cJSON_AddArrayToObject(meta, "warnings");
	cJSON_AddStringToObject(warning, "step", step);
	cJSON_AddStringToObject(warning, "code", err->code);
	cJSON_AddStringToObject(warning, "message", err->message);
	cJSON_AddItemToArray(warnings, warning);
}

bool
publication_settle(cJSON *target, const char *name, bool done, const Error *err)
{
	if (done || (err->class != ERROR_PERMANENT && err->class != ERROR_INPUT))
		return done;
	publication_warn(target, name, err);
	return true;
}
