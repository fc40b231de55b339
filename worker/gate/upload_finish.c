/*
 * gate/upload_finish.c
 *	  The end of an upload: what is whole and synced becomes a recording.
 *
 * With an Idempotency-Key the same transaction claims the key and keeps the answer. Whether it
 * is the same upload is known only here, by its digest, its name and its options; not by its
 * bytes on the wire, as a form has another boundary each time. One that was made before is
 * answered as before, and its file goes like that of any upload that ends otherwise.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "gate/idempotency.h"
#include "gate/tus_parts.h"

#define FINISH "SELECT leap.finish_upload($1::uuid, $2, $3::bigint, $4, $5::jsonb)"

static void make(Request *request);

/* lost: it may have been made */
static void
end_refused(Request *request, const DbPoolOutcome *outcome)
{
	request->upload->finishing = outcome->end == POOL_LOST;
	upload_refuse_outcome(request, outcome);
	upload_leave(request->upload);
}

/* The recording, as the answer that the request keeps until it is sent. */
static void
write_answer(Request *request, const DbPoolOutcome *outcome)
{
	const DbRows *rows = outcome->rows[request->main_index];
	size_t length = (size_t) rows_length(rows, 0, 0);

	request->answer = (RestAnswer){.status = 201};
	request->answered = true;
	buffer_init(&request->answer.fields);
	if (request->upload->tus != NULL)
	{
		tus_write_made(request);
		return;
	}
	buffer_printf(&request->answer.fields,
				  "Content-Type: application/json; charset=utf-8\r\n"
				  "Location: /recordings?id=eq.%s\r\n",
				  request->upload->id);
	request->answer.body =
		(Slice){arena_copy(&request->arena, rows_text(rows, 0, 0), length), length};
}

/* The transaction has ended. */
static void
take_committed(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;

	request->job = NULL;
	if (outcome->end != POOL_DONE)
	{
		end_refused(request, outcome);
		return;
	}
	request_reply(request, &request->answer);
	upload_leave(request->upload);
}

static void
take_made(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;

	if (outcome->end == POOL_DONE)
	{
		write_answer(request, outcome);
		if (request->key != NULL)
			idempotency_commit(request, take_committed);
		else
			take_committed(request, outcome);
		return;
	}
	request->job = NULL;
	request->upload->finishing = false;
	if (!idempotency_lost(request, outcome, make))
		end_refused(request, outcome);
}

static void
make(Request *request)
{
	Upload *upload = request->upload;
	bool hold = request->key != NULL;

	upload->finishing = true;
	request->statement_count = 0;
	if (hold)
		request->statements[request->statement_count++] =
			(DbPoolStatement){.sql = "BEGIN"};
	request_write_preamble(request, hold);
	if (hold)
		request->statements[request->statement_count++] = idempotency_claim(request);
	request->main_index = request->statement_count;
	request->statements[request->statement_count++] =
		(DbPoolStatement){FINISH, upload->values, 5};
	request->job = db_pool_run(request->gate->pool, request->statements,
							   request->statement_count, hold, take_made, request);
}

void
upload_finish(Upload *upload)
{
	Request *request = upload->request;

	free(upload->options_text);
	upload->options_text = json_print(upload->options);
	(void) snprintf(upload->received_text, sizeof upload->received_text, "%lld",
					(long long) upload->written);
	upload->values[0] = upload->id;
	upload->values[1] = upload->name;
	upload->values[2] = upload->received_text;
	upload->values[3] = upload->sha256;
	upload->values[4] = upload->options_text;
	if (request->key != NULL)
		idempotency_say_content(request,
								arena_printf(&request->arena, "%s\n%s\n%s",
											 upload->sha256, upload->options_text,
											 upload->name != NULL ? upload->name : ""));
	make(request);
}
