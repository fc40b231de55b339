/*
 * rest/write.c
 *	  POST, PATCH, PUT and DELETE of a relation.
 */
#include "rest/write.h"

#include <string.h>

/* A row that an upsert is about to insert counts up, one that it updates instead counts down
 * again: what is left are the inserted ones. */
#define COUNTED    "coalesce(nullif(current_setting('pgrst.inserted', true), '')::int, 0)"
#define COUNT_UP   "set_config('pgrst.inserted', (" COUNTED " + 1)::text, true) <> '0'"
#define COUNT_DOWN "set_config('pgrst.inserted', (" COUNTED " - 1)::text, true) <> '-1'"

/* The key of the first row as "a=eq.1&b=is.null", percent-encoded. */
#define LOCATION                                                                     \
	"(SELECT string_agg(pairs.encoded, '&') FROM (SELECT k.key || '=' ||"            \
	" coalesce('eq.' || (SELECT string_agg(CASE WHEN c.letter ~ '^[A-Za-z0-9_.~-]$'" \
	" THEN c.letter ELSE regexp_replace(upper(encode(convert_to(c.letter, 'UTF8'),"  \
	" 'hex')), '(..)', '%\\1', 'g') END, '' ORDER BY c.place) FROM"                  \
	" regexp_split_to_table(k.value, '') WITH ORDINALITY AS c(letter, place)),"      \
	" 'is.null') AS encoded FROM (SELECT row_to_json(r) AS line FROM pgrst_source r" \
	" LIMIT 1) one, json_each_text(one.line) k) pairs)"

typedef struct Write
{
	RestPlan *plan;
	RestError *error;
	Payload payload;
	PayloadField *fields;
	size_t field_count;
	const char *const *conflict; /* columns of ON CONFLICT */
	size_t conflict_count;
} Write;

static bool
is_upsert(const Write *write)
{
	return write->plan->prefer.resolution != RESOLUTION_UNSAID;
}

/* Preferences that mean nothing to this action, or cannot be had, were not applied. */
static void
narrow_preferences(Write *write)
{
	RestPlan *plan = write->plan;
	const RestQuery *query = &plan->query;
	bool said = query->on_conflict != NULL;

	write->conflict = said ? query->on_conflict : plan->relation->key;
	write->conflict_count = said ? query->on_conflict_count : plan->relation->key_count;
	if (plan->action != ACTION_CREATE || write->conflict_count == 0)
		plan->prefer.resolution = RESOLUTION_UNSAID;
	if (plan->action == ACTION_DELETE || plan->action == ACTION_REPLACE)
		plan->prefer.missing = MISSING_UNSAID;
	if (plan->action == ACTION_CREATE || plan->action == ACTION_REPLACE)
		plan->prefer.max_affected = -1;
}

static bool
read_fields(Write *write)
{
	RestPlan *plan = write->plan;
	const Payload *payload = &write->payload;

	write->field_count = payload->name_count;
	write->fields =
		arena_take(&plan->arena, (payload->name_count + 1) * sizeof *write->fields);
	for (size_t i = 0; i < payload->name_count; i++)
	{
		const Column *column = relation_column(plan->relation, payload->names[i]);

		if (column == NULL)
			return rest_error(
				write->error, &plan->arena, "PGRST204", NULL, NULL,
				"Could not find the '%s' column of '%s' in the schema cache",
				payload->names[i], plan->relation->name);
		write->fields[i] = (PayloadField){
			.name = column->name,
			.type = column->type,
			.fallback = plan->prefer.missing == MISSING_DEFAULT ? column->fallback : NULL,
		};
	}
	return true;
}

static bool
read_payload(Write *write, const RestRequest *request)
{
	RestPlan *plan = write->plan;
	Payload *payload = &write->payload;

	if (plan->action == ACTION_DELETE)
		return true;
	if (!payload_type(&plan->arena, request, &payload->type, write->error))
		return false;
	if (payload->type > PAYLOAD_CSV)
		return rest_error(write->error, &plan->arena, "PGRST102", NULL, NULL,
						  "Content-Type not acceptable: %.*s",
						  (int) request->content_type.length, request->content_type.at);
	return payload_read(&plan->arena, request->body, &plan->query, false, payload,
						write->error) &&
		   read_fields(write);
}

static void
put_columns(SqlText *sql, const char *before, const PayloadField *fields, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		sql_puts(sql, i > 0 ? ", " : "");
		sql_puts(sql, before);
		sql_name(sql, fields[i].name);
	}
}

static void
put_relation(SqlText *sql, const Relation *relation)
{
	sql_names(sql, relation->schema, relation->name);
}

static void
put_returning(Write *write)
{
	SqlText *sql = &write->plan->sql;
	const Relation *relation = write->plan->relation;
	PreferReturn returns = write->plan->prefer.returns;

	sql_puts(sql, " RETURNING ");
	if (returns == RETURN_REPRESENTATION)
		sql_returning(sql, write->plan->query.root);
	else if (returns != RETURN_HEADERS_ONLY || relation->key_count == 0)
		sql_puts(sql, "1");
	for (size_t i = 0; returns == RETURN_HEADERS_ONLY && i < relation->key_count; i++)
	{
		sql_puts(sql, i > 0 ? ", " : "");
		put_relation(sql, relation);
		sql_puts(sql, ".");
		sql_name(sql, relation->key[i]);
	}
}

static void
put_conflict(Write *write, bool merge)
{
	SqlText *sql = &write->plan->sql;

	sql_puts(sql, " ON CONFLICT(");
	for (size_t i = 0; i < write->conflict_count; i++)
	{
		sql_puts(sql, i > 0 ? ", " : "");
		sql_name(sql, write->conflict[i]);
	}
	sql_puts(sql, ") DO ");
	if (!merge || write->field_count == 0)
	{
		sql_puts(sql, "NOTHING");
		return;
	}
	sql_puts(sql, "UPDATE SET ");
	for (size_t i = 0; i < write->field_count; i++)
	{
		sql_puts(sql, i > 0 ? ", " : "");
		sql_name(sql, write->fields[i].name);
		sql_puts(sql, " = EXCLUDED.");
		sql_name(sql, write->fields[i].name);
	}
	sql_puts(sql, " WHERE " COUNT_DOWN);
}

static bool
merges(const Write *write)
{
	return write->plan->action == ACTION_REPLACE ||
		   write->plan->prefer.resolution == RESOLUTION_MERGE;
}

static void
put_insert(Write *write)
{
	SqlText *sql = &write->plan->sql;
	bool replaces = write->plan->action == ACTION_REPLACE;

	sql_puts(sql, "INSERT INTO ");
	put_relation(sql, write->plan->relation);
	if (write->field_count > 0)
	{
		sql_puts(sql, "(");
		put_columns(sql, "", write->fields, write->field_count);
		sql_puts(sql, ")");
	}
	sql_puts(sql, " SELECT ");
	put_columns(sql, "pgrst_body.", write->fields, write->field_count);
	sql_puts(sql, " FROM ");
	payload_rows(sql, &write->payload, write->fields, write->field_count, false);
	if (merges(write))
		sql_puts(sql, " WHERE " COUNT_UP);
	if (replaces)
	{
		sql_puts(sql, " AND ");
		(void) sql_conditions(sql, write->plan->query.root, NULL, "pgrst_body");
	}
	if (replaces || is_upsert(write))
		put_conflict(write, merges(write));
	put_returning(write);
}

static void
put_where(Write *write)
{
	const RestPlan *plan = write->plan;

	if (plan->query.root->where == NULL)
		return;
	sql_puts(&write->plan->sql, " WHERE ");
	(void) sql_conditions(&write->plan->sql, plan->query.root, plan->relation->schema,
						  plan->relation->name);
}

/* Nothing to set: nothing is updated. */
static void
put_no_update(Write *write)
{
	SqlText *sql = &write->plan->sql;

	sql_puts(sql, "SELECT ");
	if (write->plan->prefer.returns == RETURN_REPRESENTATION)
		sql_returning(sql, write->plan->query.root);
	else
		sql_puts(sql, "1");
	sql_puts(sql, " FROM ");
	put_relation(sql, write->plan->relation);
	sql_puts(sql, " WHERE false");
}

static void
put_update(Write *write)
{
	SqlText *sql = &write->plan->sql;

	if (write->field_count == 0)
	{
		put_no_update(write);
		return;
	}
	sql_puts(sql, "UPDATE ");
	put_relation(sql, write->plan->relation);
	sql_puts(sql, " SET ");
	for (size_t i = 0; i < write->field_count; i++)
	{
		sql_puts(sql, i > 0 ? ", " : "");
		sql_name(sql, write->fields[i].name);
		sql_puts(sql, " = pgrst_body.");
		sql_name(sql, write->fields[i].name);
	}
	sql_puts(sql, " FROM ");
	payload_rows(sql, &write->payload, write->fields, write->field_count, false);
	put_where(write);
	put_returning(write);
}

static void
put_delete(Write *write)
{
	sql_puts(&write->plan->sql, "DELETE FROM ");
	put_relation(&write->plan->sql, write->plan->relation);
	put_where(write);
	put_returning(write);
}

/* What would be passed over where that is dangerous: who asks for the first row must not get
 * all of them deleted. Orders are those of the answer. */
static bool
check_query(Write *write)
{
	Arena *arena = &write->plan->arena;
	const RestPlan *plan = write->plan;
	bool ranges = plan->action == ACTION_UPDATE || plan->action == ACTION_DELETE;

	if (plan->query.bare != NULL)
		return rest_error(write->error, arena, "PGRST100", NULL,
						  "Write name=value, as in id=eq.1.",
						  "The parameter '%s' has no value", plan->query.bare);
	if (plan->query.has_range && ranges)
		return rest_error(write->error, arena, "PGRST127",
						  "limit and offset do not choose the rows of PATCH and DELETE.",
						  "Choose the rows by filters, and bound their number by "
						  "Prefer: handling=strict, max-affected=1.",
						  "Feature not implemented");
	return true;
}

/* Triggers are told of a new row, whether there is one or not. */
static bool
check_upsert(Write *write)
{
	const RestPlan *plan = write->plan;

	if (!plan->relation->triggered ||
		(plan->action != ACTION_REPLACE && !is_upsert(write)))
		return true;
	return rest_error(
		write->error, &write->plan->arena, "PGRST127",
		arena_printf(&write->plan->arena,
					 "PUT and Prefer: resolution need a table, and '%s' is a view whose "
					 "rows are written by triggers.",
					 plan->relation->name),
		"Send POST for a new row, and PATCH for one that is there.",
		"Feature not implemented");
}

/* Whether a condition is `column=eq.value`, and nothing more. */
static bool
names_column(const Condition *condition, const char *column)
{
	return condition->kind == CONDITION_FIELD && !condition->negated &&
		   condition->field.step_count == 0 && condition->quantifier == QUANTIFIER_NONE &&
		   strcmp(condition->op->word, "eq") == 0 &&
		   strcmp(condition->field.name, column) == 0;
}

/* Whether the conditions name all columns of the key once, and nothing else. */
static bool
names_key(const Condition *where, const Relation *relation)
{
	size_t conditions = 0;

	for (const Condition *c = where; c != NULL; c = c->next)
		conditions++;
	for (size_t i = 0; i < relation->key_count; i++)
	{
		size_t named = 0;

		for (const Condition *c = where; c != NULL; c = c->next)
			named += names_column(c, relation->key[i]);
		if (named != 1)
			return false;
	}
	return conditions > 0 && conditions == relation->key_count;
}

/* PUT names one row: by its whole key, and by nothing else. */
static bool
check_replace(Write *write)
{
	const RestPlan *plan = write->plan;

	if (plan->query.has_range)
		return rest_error(write->error, &write->plan->arena, "PGRST114", NULL, NULL,
						  "limit/offset querystring parameters are not allowed for PUT");
	if (!names_key(plan->query.root->where, plan->relation))
		return rest_error(write->error, &write->plan->arena, "PGRST105", NULL, NULL,
						  "Filters must include all and only primary key columns with "
						  "'eq' operators");
	return true;
}

/* By RestAction. */
static void (*const statements[])(Write *write) = {
	[ACTION_CREATE] = put_insert,
	[ACTION_UPDATE] = put_update,
	[ACTION_REPLACE] = put_insert,
	[ACTION_DELETE] = put_delete,
};

/* The rows were chosen by the statement that wrote them: what is left for the answer are
 * columns, embedded relations and the order. */
static void
put_answer(Write *write)
{
	RestPlan *plan = write->plan;
	PreferReturn returns = plan->prefer.returns;
	PlanBody body = {
		.shaped = returns == RETURN_REPRESENTATION,
		.empty = returns != RETURN_REPRESENTATION,
		.inserted = merges(write) ? COUNTED "::text" : NULL,
	};

	if (returns == RETURN_HEADERS_ONLY && plan->action == ACTION_CREATE &&
		plan->relation->key_count > 0)
		body.location = LOCATION;
	if (plan->prefer.count != COUNT_NONE)
		body.total = "pg_catalog.count(_postgrest_t)";
	plan->query.root->where = NULL;
	plan_body(plan, &body);
}

/* What pg_safeupdate does, with a hint: a filter that was forgotten is not all rows. */
static bool
check_filtered(const Write *write)
{
	const RestPlan *plan = write->plan;

	if (!plan->config->filtered || plan->query.root->where != NULL ||
		(plan->action != ACTION_UPDATE && plan->action != ACTION_DELETE))
		return true;
	(void) rest_error(
		write->error, &write->plan->arena, "21000", NULL,
		"Add a filter, such as id=eq.1; all rows are meant by one that holds for "
		"all, such as id=not.is.null.",
		"%s requires a WHERE clause",
		plan->action == ACTION_UPDATE ? "UPDATE" : "DELETE");
	write->error->status = rest_sqlstate_status("21000", write->error->message, true);
	return false;
}

bool
plan_write(RestPlan *plan, const RestRequest *request, RestError *error)
{
	Write write = {.plan = plan, .error = error};
	Node *root = plan->query.root;

	if (!check_query(&write))
		return false;
	narrow_preferences(&write);
	if (!check_upsert(&write) ||
		(plan->action == ACTION_REPLACE && !check_replace(&write)) ||
		!read_payload(&write, request) ||
		!node_resolve(&plan->arena, plan->cache, root, plan->relation, "pgrst_source",
					  plan->relation->name, plan->config, error) ||
		!check_filtered(&write))
		return false;
	root->range = plan->range = (RowRange){.limit = -1};
	plan->checked = plan->action == ACTION_REPLACE || plan->media == MEDIA_OBJECT ||
					plan->media == MEDIA_OBJECT_STRIPPED ||
					plan->prefer.max_affected >= 0;
	sql_puts(&plan->sql, "WITH pgrst_source AS (");
	statements[plan->action](&write);
	sql_puts(&plan->sql, ")");
	put_answer(&write);
	return true;
}
