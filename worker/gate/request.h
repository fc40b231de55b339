/*
 * gate/request.h
 *	  One request of the REST protocol, from its head to its answer.
 */
#ifndef LEAP_GATE_REQUEST_H
#define LEAP_GATE_REQUEST_H

#include "gate/gate.h"
#include "rest/answer.h"
#include "rest/plan.h"

/* Who asks. */
typedef struct Caller
{
	const char *address;
	const char *role;
	const char *claims;  /* a JSON object, with the role in it */
	const char *subject; /* NULL: nobody */
	bool authenticated;  /* with a role of his own */
} Caller;

typedef struct Request Request;
typedef struct Upload Upload;

struct Request
{
	Gate *gate;
	Exchange *exchange;
	Arena arena;
	const CatalogView *view;
	Caller caller;
	LimitState limit; /* .limit 0: there is none */
	RestPlan plan;
	bool planned;
	bool nameless; /* it brings its right with it, whoever asks */
	DbPoolJob *job;
	struct FileOpening *opening; /* of the file that is sent */
	DbPoolStatement statements[POOL_MOST_STATEMENTS];
	size_t statement_count;
	size_t main_index; /* of the plan's statement; the one that counts follows it */
	RestAnswer answer; /* of a job that holds, until its transaction has ended */
	bool answered;
	bool undone;
	const char *key; /* of Idempotency-Key; NULL: none that counts */
	const char *key_hash;
	const char
		*proof; /* what it shows to be known, in the audit log's word; NULL: a token */
	int tries;
	void (*carry_out)(Request *request); /* when it was not answered before */
	Upload *upload;                      /* the lecture that comes in as its body */
	void (*run)(Request *request);       /* when it is known who asks */
};

/* Makes the request of an exchange, released with it. */
Request *request_new(Gate *gate, Exchange *exchange);

/* Ends it before its exchange, which somebody else answers on. */
void request_free(Request *request);

/* Collects the body, plans, asks the database, answers. */
void request_run(Request *request);

/* admission.c: who asks, and whether he may just now. False: it has been answered, or the
 * database is asked and request->run follows. */
bool request_admit(Request *request);

/* statements.c: fills the request's statements from its plan; whether the transaction waits
 * for a word after the results. */
bool request_write_statements(Request *request);

/* The settings of the transaction and what is called before every request; main_index is
 * what follows. `begun`: a BEGIN stands before them. */
void request_write_preamble(Request *request, bool begun);

/* statements.c: the fields of the request as SQL sees them, a JSON object. */
const char *request_headers_json(Request *request);

/* refusal.c: notes in the audit log that the database refused the request, if that was a
 * decision and the request would have written, or a known user may not read that. */
void request_note_refusal(Request *request, const char *sqlstate, const char *message);

/* Notes that what the request shows to be known (request->proof) is not good, as nobody's. */
void request_note_stranger(Request *request, const char *code, const char *message);

/* reply.c: answers; and the fields that all of them have. */
void request_add_common(Request *request, Buffer *fields);
void request_reply(Request *request, RestAnswer *answer);
void request_reply_error(Request *request, RestError *error);

/* An error of the gate itself: a code of PostgREST or LEAP, its status, further fields
 * ("Name: value\r\n") or NULL. */
void request_refuse(Request *request, int status, const char *code, const char *message,
					const char *details, const char *fields);

/* The same with a hint instead of details. */
void request_refuse_hint(Request *request, int status, const char *code,
						 const char *message, const char *hint, const char *fields);

/* explain.c: an error of the database in words for who asked, in its place. */
void request_explain(Request *request, RestError *error);

/* What the database or the pool said instead of a result. */
void request_refuse_outcome(Request *request, const DbPoolOutcome *outcome);

/* The answer to a preflight of CORS; false: it is none. */
bool request_preflight(Request *request);

#endif
