/*
 * rest/plan.h
 *	  From a request to one SQL statement.
 *
 * Text of the statement depends on the shape of the URL only, so that it can be prepared once;
 * what varies are parameters of unknown type. It answers one row of the text columns of
 * RestColumn. Everything of a plan is released by rest_plan_free().
 */
#ifndef LEAP_REST_PLAN_H
#define LEAP_REST_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "rest/error.h"
#include "rest/prefer.h"
#include "rest/request.h"
#include "rest/schema.h"
#include "rest/sql.h"
#include "rest/tree.h"

/* The columns of the main statement, in this order, all text. */
typedef enum RestColumn
{
	REST_TOTAL,    /* rows without limit, null when nobody counted */
	REST_PAGE,     /* rows of this answer */
	REST_LOCATION, /* "key=eq.value&..." of a created row, percent-encoded; or null */
	REST_BODY,
	REST_HEADERS,  /* response.headers, null = not set */
	REST_STATUS,   /* response.status, null = not set */
	REST_INSERTED, /* rows that an upsert inserted, null or '' = no upsert */
	REST_COLUMNS
} RestColumn;

typedef enum RestAction
{
	ACTION_READ,
	ACTION_CREATE,  /* POST */
	ACTION_UPDATE,  /* PATCH */
	ACTION_REPLACE, /* PUT */
	ACTION_DELETE,
	ACTION_CALL, /* /rpc/ */
	ACTION_OPTIONS,
	ACTION_ROOT /* the OpenAPI document */
} RestAction;

typedef enum RestMedia
{
	MEDIA_JSON,     /* application/json, vnd.pgrst.array+json */
	MEDIA_STRIPPED, /* vnd.pgrst.array+json;nulls=stripped */
	MEDIA_OBJECT,   /* vnd.pgrst.object+json */
	MEDIA_OBJECT_STRIPPED,
	MEDIA_CSV,
	MEDIA_OPENAPI,
	MEDIA_OCTETS,
	MEDIA_TEXT,
	MEDIA_XML,
	MEDIA_MADE /* by a function or an aggregate of the database: see RestPlan.made */
} RestMedia;

typedef struct RestPlan
{
	Arena arena;
	RestAction action;
	bool read_only; /* the transaction is */
	bool head;      /* HEAD: no body is sent */
	bool rollback;  /* the transaction must not be committed */
	bool immediate; /* SET CONSTRAINTS ALL IMMEDIATE before it is rolled back */
	bool routed;    /* a path of our own led here: no fields of the protocol's ranges */
	const struct Invoked *invoked; /* what such a one said; NULL: nothing */
	int status;                    /* of success of such a one, 0 = the usual one */
	bool checked; /* the answer may be an error that undoes: see rest_answer(), undo */
	SqlText sql;  /* empty: no statement; rest_answer() is called with NULL at once */
	SqlText
		count; /* empty, or an EXPLAIN whose rows, joined, are `estimate` of the result */
	const char *schema;       /* of the profile */
	bool schema_said;         /* answer with Content-Profile */
	const Relation *relation; /* NULL: none */
	const Function *function; /* of ACTION_CALL */
	const Schema *cache;
	const RestConfig *config;
	RestQuery query;
	Prefer prefer;
	RestMedia media;
	const char *made;        /* of MEDIA_MADE: the type */
	const Handler *handler;  /* the aggregate; NULL: the function that is called */
	bool binary;             /* the body is digits of bytes */
	RowRange range;          /* of the root, with the Range field and max_rows */
	const char *timezone;    /* to set in the transaction, NULL = none */
	const char *isolation;   /* of the function, NULL = read committed */
	const Setting *settings; /* of the function, to set in the transaction */
	size_t setting_count;
} RestPlan;

/*
 * Plans the request. False: *error says why, in the arena of *plan. Either way the caller
 * calls rest_plan_free(), after the answer was made.
 */
bool rest_plan(const Schema *schema, const RestConfig *config, const RestRequest *request,
			   RestPlan *plan, RestError *error);
void rest_plan_free(RestPlan *plan);

/* How the transaction ends and its time zone, from plan->config and plan->prefer. */
void plan_transaction(RestPlan *plan);

/*
 * The kinds of action, called by rest_plan() when the common parts of *plan are filled
 * (action, schema, relation, query, prefer, media, range). function: its name, NULL = none. Each in its own file: read.c,
 * write.c, call.c, options.c, openapi.c.
 */
bool plan_read(RestPlan *plan, const RestRequest *request, RestError *error);
bool plan_write(RestPlan *plan, const RestRequest *request, RestError *error);
bool plan_call(RestPlan *plan, const RestRequest *request, const char *name,
			   RestError *error);
bool plan_options(RestPlan *plan, const RestRequest *request, const char *function,
				  RestError *error);
bool plan_root(RestPlan *plan, RestError *error);

/*
 * Appends the final SELECT of the columns to the WITH list that was written so far, whose
 * first member must be pgrst_source. What the body is follows from plan->media.
 */
typedef struct PlanBody
{
	const char *total;    /* expression; NULL = null */
	const char *page;     /* expression; NULL = the count of rows */
	const char *location; /* expression; NULL = null */
	const char *inserted; /* expression; NULL = null */
	bool shaped; /* rows are sql_select() of the root, not pgrst_source as it is */
	bool scalar; /* rows have one column pgrst_scalar: the body is of its values */
	bool single; /* at most one row: the body is its object or value, no array */
	bool empty;  /* no body is wanted */
} PlanBody;

void plan_body(RestPlan *plan, const PlanBody *body);

/* The expression of PlanBody.total as Prefer: count= wants it; may append ",
 * pgrst_source_count AS (...)" to the WITH list and fill plan->count. For reads of a relation:
 * the root selects from the relation itself. */
const char *plan_total(RestPlan *plan);

#endif
