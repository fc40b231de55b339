/*
 * gate/upload_ask.c
 *	  What is asked of the database about an upload, and what it says.
 */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "gate/upload_parts.h"

#define STORAGE_MESSAGE "quota storage_bytes"

/* Too large for what the owner may still store is 413. */
void
upload_refuse_outcome(Request *request, const DbPoolOutcome *outcome)
{
	RestError error = {0};

	if (outcome->end != POOL_REFUSED || strcmp(outcome->sqlstate, "LP010") != 0 ||
		strncmp(outcome->message, STORAGE_MESSAGE, strlen(STORAGE_MESSAGE)) != 0)
	{
		request_refuse_outcome(request, outcome);
		return;
	}
	request_note_refusal(request, outcome->sqlstate, outcome->message);
	rest_error_of_database(&error, &request->arena, outcome->sqlstate, outcome->message,
						   outcome->detail, outcome->hint, request->caller.authenticated);
	error.status = 413;
	request_reply_error(request, &error);
}

void
upload_ask(Request *request, const char *sql, const char *const *values, size_t count,
		   DbPoolAnswer answer)
{
	request->statement_count = request->main_index;
	request->statements[request->statement_count++] =
		(DbPoolStatement){sql, values, count};
	request->job = db_pool_run(request->gate->pool, request->statements,
							   request->statement_count, false, answer, request);
}

const DbRows *
upload_take_begun(Request *request, const DbPoolOutcome *outcome)
{
	Upload *upload = request->upload;
	const DbRows *rows;

	request->job = NULL;
	if (outcome->end != POOL_DONE)
	{
		upload_refuse_outcome(request, outcome);
		upload_leave(upload);
		return NULL;
	}
	rows = outcome->rows[request->main_index];
	(void) snprintf(upload->id, sizeof upload->id, "%s", rows_text(rows, 0, 0));
	upload->uri = array_text(rows_text(rows, 0, 1));
	upload->told_at = clock_seconds();
	return rows;
}
