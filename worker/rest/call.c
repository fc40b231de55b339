/*
 * rest/call.c
 *	  Calls of functions: /rpc/name.
 *
 * By GET arguments are parameters of the statement, one each; by POST the body is one
 * parameter, and the database takes it apart.
 */
#include "rest/call.h"

#include <stdlib.h>
#include <string.h>

#include "rest/media.h"
#include "rest/write.h"

typedef struct Call
{
	RestPlan *plan;
	RestError *error;
	bool post;
	Slice body;
	Payload payload;
	const QueryPair *pairs; /* of GET and of forms */
	size_t pair_count;
	CallNames given;
	bool whole; /* the body is the only argument, as it is */
} Call;

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* The names of the pairs, each once. */
static void
names_of_pairs(Call *call)
{
	const char **names =
		arena_take(&call->plan->arena, (call->pair_count + 1) * sizeof *names);
	size_t used = 0;

	for (size_t i = 0; i < call->pair_count; i++)
		names[i] = call->pairs[i].name;
	if (call->pair_count > 1)
		qsort(names, call->pair_count, sizeof *names, by_name);
	for (size_t i = 0; i < call->pair_count; i++)
	{
		if (used == 0 || strcmp(names[used - 1], names[i]) != 0)
			names[used++] = names[i];
	}
	call->given.names = names;
	call->given.count = used;
}

static bool
read_given(Call *call, const RestRequest *request)
{
	RestPlan *plan = call->plan;
	Payload *payload = &call->payload;

	call->given.post = call->post;
	if (!call->post)
	{
		call->pairs = plan->query.arguments;
		call->pair_count = plan->query.argument_count;
		names_of_pairs(call);
		return true;
	}
	if (!payload_type(&plan->arena, request, &payload->type, call->error))
		return false;
	call->given.type = payload->type;
	if (payload->type > PAYLOAD_CSV)
		return true;
	if (!payload_read(&plan->arena, request->body, &plan->query, true, payload,
					  call->error))
		return false;
	call->given.names = payload->names;
	call->given.count = payload->name_count;
	call->pairs = payload->pairs;
	call->pair_count = payload->pair_count;
	return true;
}

/* The value of an argument: the last one said, or all of them as an array. */
static const char *
pair_value(const Call *call, const Argument *argument)
{
	Arena *arena = &call->plan->arena;
	const char **values = arena_take(arena, (call->pair_count + 1) * sizeof *values);
	size_t count = 0;

	for (size_t i = 0; i < call->pair_count; i++)
	{
		if (strcmp(call->pairs[i].name, argument->name) == 0)
			values[count++] = call->pairs[i].value;
	}
	if (count == 0)
		return NULL;
	return argument->variadic ? payload_array(arena, values, count) : values[count - 1];
}

static bool
is_given(const Call *call, const Argument *argument)
{
	for (size_t i = 0; i < call->given.count; i++)
	{
		if (strcmp(call->given.names[i], argument->name) == 0)
			return true;
	}
	return false;
}

/* Values of pairs are parameters; those of JSON and CSV come from the rows of the body. */
static bool
has_rows(const Call *call)
{
	return call->post && !call->whole && call->payload.type != PAYLOAD_FORM &&
		   call->given.count > 0;
}

static void
put_argument(const Call *call, const Argument *argument)
{
	SqlText *sql = &call->plan->sql;

	sql_puts(sql, argument->variadic ? "VARIADIC " : "");
	sql_name(sql, argument->name);
	sql_puts(sql, " := ");
	if (has_rows(call))
	{
		sql_puts(sql, "pgrst_body.");
		sql_name(sql, argument->name);
		return;
	}
	sql_value(sql, pair_value(call, argument));
	sql_puts(sql, "::");
	sql_puts(sql, argument->type);
}

/* Bytes as bytea reads them, "\x00ff". */
static const char *
hex_of(Arena *arena, Slice bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *text = arena_take(arena, 2 * bytes.length + 3);
	char *out = text;

	*out++ = '\\';
	*out++ = 'x';
	for (size_t i = 0; i < bytes.length; i++)
	{
		unsigned char byte = (unsigned char) bytes.at[i];

		*out++ = digits[byte >> 4];
		*out++ = digits[byte & 15];
	}
	return text;
}

static void
put_whole(const Call *call)
{
	RestPlan *plan = call->plan;
	SqlText *sql = &plan->sql;
	Slice body = call->payload.type == PAYLOAD_JSON
					 ? (Slice){call->payload.json, call->payload.length}
					 : call->body;

	if (call->payload.type == PAYLOAD_OCTETS)
		sql_value(sql, hex_of(&plan->arena, body));
	else
		sql_bytes(sql,
				  arena_copy(&plan->arena, body.length > 0 ? body.at : "", body.length),
				  body.length);
	sql_puts(sql, "::");
	sql_puts(sql, plan->function->arguments[0].type);
}

static void
put_invocation(const Call *call)
{
	const Function *function = call->plan->function;
	SqlText *sql = &call->plan->sql;
	bool first = true;

	sql_names(sql, function->schema, function->name);
	sql_puts(sql, "(");
	if (call->whole)
		put_whole(call);
	for (size_t i = 0; !call->whole && i < function->argument_count; i++)
	{
		if (!is_given(call, &function->arguments[i]))
			continue;
		sql_puts(sql, first ? "" : ", ");
		put_argument(call, &function->arguments[i]);
		first = false;
	}
	sql_puts(sql, ")");
}

/* The arguments as columns of the rows of the body. */
static void
put_rows(const Call *call)
{
	RestPlan *plan = call->plan;
	const Function *function = plan->function;
	PayloadField *fields =
		arena_take(&plan->arena, (function->argument_count + 1) * sizeof *fields);
	size_t count = 0;

	for (size_t i = 0; i < function->argument_count; i++)
	{
		if (is_given(call, &function->arguments[i]))
			fields[count++] = (PayloadField){.name = function->arguments[i].name,
											 .type = function->arguments[i].type};
	}
	payload_rows(&plan->sql, &call->payload, fields, count, true);
	sql_puts(&plan->sql, ", LATERAL ");
}

static bool
is_scalar(const Function *function)
{
	return function->returns != RESULT_COMPOSITE;
}

/* Names that are no columns of the relation: functions of its rows, computed while there are
 * rows of it. */
typedef struct Computed
{
	const Relation *relation;
	SqlText *sql;
	const char **names;
	size_t count;
} Computed;

static void
put_computed(Computed *computed, const char *name)
{
	if (name == NULL || strcmp(name, "*") == 0 ||
		relation_column(computed->relation, name) != NULL)
		return;
	for (size_t i = 0; i < computed->count; i++)
	{
		if (strcmp(computed->names[i], name) == 0)
			return;
	}
	computed->names = arena_room(computed->sql->arena, computed->names, computed->count,
								 sizeof *computed->names);
	computed->names[computed->count++] = name;
	sql_puts(computed->sql, ", pgrst_call.");
	sql_name(computed->sql, name);
}

static void
put_rows_of(const Call *call)
{
	const Node *root = call->plan->query.root;
	Computed computed = {.relation = call->plan->function->relation,
						 .sql = &call->plan->sql};

	sql_puts(&call->plan->sql, "SELECT pgrst_call.*");
	if (computed.relation != NULL)
	{
		for (size_t i = 0; i < root->item_count; i++)
			put_computed(&computed, root->items[i].field.name);
		for (size_t i = 0; i < root->order_count; i++)
			put_computed(&computed, root->orders[i].relation == NULL
										? root->orders[i].field.name
										: NULL);
	}
	sql_puts(&call->plan->sql, " FROM ");
}

static void
put_source(const Call *call)
{
	const Function *function = call->plan->function;
	SqlText *sql = &call->plan->sql;

	if (is_scalar(function))
		sql_puts(sql, "SELECT pgrst_call.pgrst_scalar FROM ");
	else
		put_rows_of(call);
	if (has_rows(call))
		put_rows(call);
	if (is_scalar(function))
	{
		sql_puts(sql, "(SELECT ");
		put_invocation(call);
		sql_puts(sql, " AS pgrst_scalar)");
	}
	else if (function->return_alias)
	{
		/* a domain is one column in FROM, its fields have to be asked for */
		sql_puts(sql, "(SELECT (");
		put_invocation(call);
		sql_puts(sql, ").*)");
	}
	else
		put_invocation(call);
	sql_puts(sql, " pgrst_call");
}

static bool
check_affected(const Call *call)
{
	const Prefer *prefer = &call->plan->prefer;

	if (prefer->max_affected < 0 || prefer->handling != HANDLING_STRICT ||
		call->plan->function->return_set)
		return true;
	return rest_error(call->error, &call->plan->arena, "PGRST128", NULL, NULL,
					  "Function must return SETOF or TABLE when max-affected preference "
					  "is used with handling=strict");
}

static void
read_function(Call *call)
{
	RestPlan *plan = call->plan;
	const Function *function = plan->function;

	plan->read_only = !call->post || function->volatility != 'v';
	plan->isolation = function->isolation;
	plan->settings = function->settings;
	plan->setting_count = function->setting_count;
	plan->prefer.returns = RETURN_UNSAID;
	plan->prefer.resolution = RESOLUTION_UNSAID;
	plan->prefer.missing = MISSING_UNSAID;
	plan->checked = plan->media == MEDIA_OBJECT || plan->media == MEDIA_OBJECT_STRIPPED ||
					plan->prefer.max_affected >= 0 ||
					(plan->range.offset > 0 && plan->prefer.count != COUNT_NONE);
}

bool
plan_call(RestPlan *plan, const RestRequest *request, const char *name, RestError *error)
{
	Call call = {
		.plan = plan,
		.error = error,
		.post = slice_is(request->method, "POST"),
		.body = request->body,
	};
	PlanBody body = {.shaped = true};

	if (!read_given(&call, request) ||
		!call_choose(plan, name, &call.given, &call.whole, error) ||
		!media_negotiate(plan, request->accept, error) || !check_affected(&call))
		return false;
	read_function(&call);
	if (!node_resolve(&plan->arena, plan->cache, plan->query.root,
					  plan->function->relation, "pgrst_source", plan->function->name,
					  plan->config, error))
		return false;
	sql_puts(&plan->sql, "WITH pgrst_source AS (");
	put_source(&call);
	sql_puts(&plan->sql, ")");
	body.total = plan_total(plan);
	body.scalar = is_scalar(plan->function);
	body.single = !plan->function->return_set;
	body.empty = plan->head || plan->function->returns == RESULT_VOID;
	plan_body(plan, &body);
	return true;
}
