/*
 * rest/invoke.c
 *	  Calls by name: arguments from a path and a query are parameters, one each; those in a
 *	  body come from its JSON, which is one parameter.
 */
#include "rest/invoke.h"

#include <string.h>

#include "rest/media.h"
#include "rest/payload.h"
#include "rest/write.h"

#define MOST_PAIRS 1000 /* of the query and a form: each is compared with all */

typedef struct Invoke
{
	RestPlan *plan;
	const RestInvocation *asked;
	const Function *function;
	QueryPair *pairs; /* those that say something, of a form too */
	size_t pair_count;
	Payload payload; /* a JSON object whose members are arguments */
	bool text;       /* the body is one of them as it stands, no JSON */
	RestError *error;
} Invoke;

static bool
refuse(Invoke *invoke, const char *hint, const char *name, const char *what)
{
	Arena *arena = &invoke->plan->arena;

	(void) rest_error(invoke->error, arena, "LP030", NULL, hint, "%s: %s %s",
					  invoke->asked->said, name, what);
	invoke->error->status = rest_sqlstate_status("LP030", "", true);
	return false;
}

static const Argument *
argument_of(const Function *function, const char *name)
{
	for (size_t i = 0; i < function->argument_count; i++)
	{
		if (strcmp(function->arguments[i].name, name) == 0)
			return &function->arguments[i];
	}
	return NULL;
}

static bool
is_array(const Argument *argument)
{
	size_t length = strlen(argument->type);

	return length > 2 && strcmp(argument->type + length - 2, "[]") == 0;
}

static size_t
times_paired(const Invoke *invoke, const char *name)
{
	size_t times = 0;

	for (size_t i = 0; i < invoke->pair_count; i++)
		times += strcmp(invoke->pairs[i].name, name) == 0;
	return times;
}

static bool
is_member(const Invoke *invoke, const char *name)
{
	for (size_t i = 0; i < invoke->payload.name_count; i++)
	{
		if (strcmp(invoke->payload.names[i], name) == 0)
			return true;
	}
	return false;
}

/* "It takes a, b and c", and what was meant. */
static const char *
hint_for(Invoke *invoke, const char *name)
{
	Arena *arena = &invoke->plan->arena;
	const Function *function = invoke->function;
	const char **names =
		arena_take(arena, (function->argument_count + 1) * sizeof *names);
	const char *list = "";
	const char *nearest;

	for (size_t i = 0; i < function->argument_count; i++)
	{
		names[i] = function->arguments[i].name;
		list = arena_printf(arena, "%s%s%s", list, i > 0 ? ", " : "", names[i]);
	}
	if (function->argument_count == 0)
		return "It takes no arguments.";
	nearest = rest_nearest(name, names, function->argument_count);
	if (nearest != NULL)
		return arena_printf(arena, "Perhaps you meant %s. It takes %s.", nearest, list);
	return arena_printf(arena, "It takes %s.", list);
}

static bool
check_name(Invoke *invoke, const char *name)
{
	const Argument *argument = argument_of(invoke->function, name);
	size_t times = times_paired(invoke, name);

	if (argument == NULL)
		return refuse(invoke, hint_for(invoke, name),
					  arena_printf(&invoke->plan->arena, "\"%.60s\"", name),
					  "is no argument of it");
	if (times + is_member(invoke, name) > 1 &&
		(!is_array(argument) || is_member(invoke, name)))
		return refuse(invoke, "Say it once.", name, "is said more than once");
	return true;
}

/* URLs are written into logs and histories on the way: what is secret goes into the body. */
static bool
check_secrets(Invoke *invoke)
{
	static const char *const secrets[] = {"password", "token", "secret", "invitation"};

	for (size_t i = 0; i < invoke->asked->pair_count; i++)
	{
		const char *name = invoke->asked->pairs[i].name;
		size_t length = strlen(name);

		for (size_t j = 0; j < sizeof secrets / sizeof secrets[0]; j++)
		{
			size_t tail = strlen(secrets[j]);

			if (length >= tail && strcmp(name + length - tail, secrets[j]) == 0)
				return refuse(invoke, "Send it in the body.", name,
							  "is a secret and does not belong into a URL");
		}
	}
	return true;
}

static bool
check_names(Invoke *invoke)
{
	const Function *function = invoke->function;

	if (invoke->pair_count > MOST_PAIRS)
		return refuse(invoke, "Send a JSON body.", "the request",
					  "has too many parameters");
	if (!check_secrets(invoke))
		return false;
	for (size_t i = 0; i < invoke->pair_count; i++)
	{
		if (!check_name(invoke, invoke->pairs[i].name))
			return false;
	}
	for (size_t i = 0; i < invoke->payload.name_count; i++)
	{
		if (!check_name(invoke, invoke->payload.names[i]))
			return false;
	}
	for (size_t i = 0; i < function->argument_count; i++)
	{
		const Argument *argument = &function->arguments[i];

		if (argument->required && times_paired(invoke, argument->name) == 0 &&
			!is_member(invoke, argument->name))
			return refuse(invoke, hint_for(invoke, ""), argument->name, "is missing");
	}
	return true;
}

/* A parameter without a value in a query says nothing, unless it is a text. */
static bool
says_something(const Invoke *invoke, const QueryPair *pair)
{
	const Argument *argument = argument_of(invoke->function, pair->name);

	return argument == NULL || strcmp(argument->type, "text") == 0 ||
		   (pair->value != NULL && *pair->value != '\0');
}

static void
add_pairs(Invoke *invoke, const QueryPair *pairs, size_t count)
{
	Arena *arena = &invoke->plan->arena;

	for (size_t i = 0; i < count; i++)
	{
		if (!says_something(invoke, &pairs[i]))
			continue;
		invoke->pairs =
			arena_room(arena, invoke->pairs, invoke->pair_count, sizeof *invoke->pairs);
		invoke->pairs[invoke->pair_count++] =
			(QueryPair){pairs[i].name, pairs[i].value != NULL ? pairs[i].value : ""};
	}
}

/* The whole body as an argument. */
static bool
take_body(Invoke *invoke)
{
	const RestInvocation *asked = invoke->asked;
	Arena *arena = &invoke->plan->arena;
	Payload payload = {0};
	QueryPair pair = {asked->body_argument,
					  arena_copy(arena, asked->body.at, asked->body.length)};

	/* sql_value() takes a text up to its first zero, which neither has */
	if (!invoke->text && !payload_scan(arena, asked->body, &payload, invoke->error))
		return false;
	add_pairs(invoke, &pair, 1);
	return true;
}

/* Whether an argument that is a text is the body; JSON has it as a member. */
static bool
takes_text(const Invoke *invoke)
{
	const char *name = invoke->asked->body_argument;
	const Argument *argument = name != NULL ? argument_of(invoke->function, name) : NULL;

	return argument != NULL && strcmp(argument->type, "text") == 0;
}

/* A type that is unknown, or not for this path. */
static bool
refuse_type(Invoke *invoke, bool texts)
{
	const RestInvocation *asked = invoke->asked;

	if (invoke->error->code == NULL)
		(void) rest_error(invoke->error, &invoke->plan->arena, "PGRST102", NULL, NULL,
						  "Content-Type not acceptable: %.*s",
						  (int) asked->content_type.length, asked->content_type.at);
	if (memchr(asked->body.at, '\0', asked->body.length) == NULL)
		invoke->error->hint = texts ? "Send the text itself as text/plain, text/vtt or "
									  "application/x-subrip, or application/json."
									: "Send application/json.";
	return false;
}

static bool
read_body(Invoke *invoke)
{
	const RestInvocation *asked = invoke->asked;
	Arena *arena = &invoke->plan->arena;
	Payload *payload = &invoke->payload;
	RestError *error = invoke->error;
	const RestRequest said = {.content_type = asked->content_type, .body = asked->body};
	bool texts = takes_text(invoke);
	bool whole = asked->body_argument != NULL && !texts;
	bool refused = false;

	if (asked->read_only || asked->body.length == 0)
		return true;
	invoke->text = texts && payload_is_text(arena, &said, &refused, error);
	if (invoke->text)
		return !refused && take_body(invoke);
	if (!payload_type(arena, &said, &payload->type, error) ||
		payload->type > PAYLOAD_FORM || (whole && payload->type != PAYLOAD_JSON))
		return refuse_type(invoke, texts);
	if (whole)
		return take_body(invoke);
	if (!payload_read(arena, asked->body, &invoke->plan->query, true, payload, error))
		return false;
	if (payload->type == PAYLOAD_JSON && payload->array)
		return rest_error(error, arena, "PGRST102", NULL,
						  "Its members are arguments by name.",
						  "The body is no JSON object");
	if (payload->type == PAYLOAD_FORM)
	{
		add_pairs(invoke, payload->pairs, payload->pair_count);
		payload->name_count = 0;
	}
	return true;
}

static const char *
paired_value(const Invoke *invoke, const Argument *argument)
{
	Arena *arena = &invoke->plan->arena;
	const char **values = arena_take(arena, (invoke->pair_count + 1) * sizeof *values);
	size_t count = 0;

	for (size_t i = 0; i < invoke->pair_count; i++)
	{
		if (strcmp(invoke->pairs[i].name, argument->name) == 0)
			values[count++] = invoke->pairs[i].value;
	}
	return is_array(argument) ? payload_array(arena, values, count) : values[0];
}

static void
put_call(Invoke *invoke)
{
	SqlText *sql = &invoke->plan->sql;
	const Function *function = invoke->function;
	const char *before = "";

	sql_names(sql, function->schema, function->name);
	sql_puts(sql, "(");
	for (size_t i = 0; i < function->argument_count; i++)
	{
		const Argument *argument = &function->arguments[i];
		bool member = is_member(invoke, argument->name);

		if (!member && times_paired(invoke, argument->name) == 0)
			continue;
		sql_puts(sql, before);
		sql_name(sql, argument->name);
		sql_puts(sql, " := ");
		if (member)
		{
			sql_puts(sql, "pgrst_body.");
			sql_name(sql, argument->name);
		}
		else
		{
			sql_value(sql, paired_value(invoke, argument));
			sql_puts(sql, "::");
			sql_puts(sql, argument->type);
		}
		before = ", ";
	}
	sql_puts(sql, ")");
}

/* The members of the body as columns. */
static void
put_members(Invoke *invoke)
{
	RestPlan *plan = invoke->plan;
	const Function *function = invoke->function;
	PayloadField *fields =
		arena_take(&plan->arena, (function->argument_count + 1) * sizeof *fields);
	size_t count = 0;

	for (size_t i = 0; i < function->argument_count; i++)
	{
		if (is_member(invoke, function->arguments[i].name))
			fields[count++] = (PayloadField){.name = function->arguments[i].name,
											 .type = function->arguments[i].type};
	}
	if (count == 0)
		return;
	payload_rows(&plan->sql, &invoke->payload, fields, count, true);
	sql_puts(&plan->sql, ", LATERAL ");
}

static void
put_statement(Invoke *invoke)
{
	RestPlan *plan = invoke->plan;
	SqlText *sql = &plan->sql;
	bool scalar = invoke->function->returns != RESULT_COMPOSITE;

	sql_puts(sql, "WITH pgrst_source AS (SELECT pgrst_call.");
	sql_puts(sql, scalar ? "pgrst_scalar FROM " : "* FROM ");
	put_members(invoke);
	sql_puts(sql, scalar ? "(SELECT " : "");
	put_call(invoke);
	sql_puts(sql, scalar ? " AS pgrst_scalar) pgrst_call)" : " pgrst_call)");
}

/* For rest_explain_argument(). */
static void
keep_said(Invoke *invoke)
{
	RestPlan *plan = invoke->plan;
	const RestInvocation *asked = invoke->asked;
	Invoked *invoked = arena_take(&plan->arena, sizeof *invoked);

	*invoked = (Invoked){
		asked->said, invoke->function, invoke->pairs, invoke->pair_count,
		!invoke->text && (asked->body_argument != NULL || invoke->payload.name_count > 0)
			? asked->body
			: (Slice){"", 0}
    };
	plan->invoked = invoked;
}

static bool
begin(Invoke *invoke, const Schema *schema, const RestConfig *config)
{
	const RestInvocation *asked = invoke->asked;
	RestPlan *plan = invoke->plan;
	size_t count = 0;

	*plan = (RestPlan){.cache = schema,
					   .config = config,
					   .action = ACTION_CALL,
					   .schema = config->schemas[0],
					   .head = asked->head,
					   .routed = true,
					   .status = asked->status};
	sql_init(&plan->sql, &plan->arena);
	sql_init(&plan->count, &plan->arena);
	prefer_read(&plan->arena, asked->prefer, config->end_preferred, &plan->prefer);
	plan->prefer = (Prefer){
		.timezone = plan->prefer.timezone, .end = plan->prefer.end, .max_affected = -1};
	plan_transaction(plan);
	invoke->function = schema_functions(schema, plan->schema, asked->function, &count);
	if (count == 0)
		return rest_error(invoke->error, &plan->arena, "PGRST202", NULL, NULL,
						  "Could not find the function %s.%s in the schema cache",
						  plan->schema, asked->function);
	plan->function = invoke->function;
	plan->read_only = (asked->read_only && !invoke->function->writes) ||
					  invoke->function->volatility != 'v';
	plan->isolation = invoke->function->isolation;
	plan->settings = invoke->function->settings;
	plan->setting_count = invoke->function->setting_count;
	plan->media = invoke->function->returns == RESULT_SCALAR &&
						  !invoke->function->return_set &&
						  strcmp(invoke->function->return_type, "text") == 0
					  ? MEDIA_TEXT
					  : MEDIA_JSON;
	(void) media_of_function(plan);
	return media_accepts(plan, asked->accept, invoke->error) &&
		   query_parse(&plan->arena, (Slice){"", 0}, false, &plan->query, invoke->error);
}

bool
rest_plan_invocation(const Schema *schema, const RestConfig *config,
					 const RestInvocation *invocation, RestPlan *plan, RestError *error)
{
	Invoke invoke = {.plan = plan, .asked = invocation, .error = error};
	PlanBody body = {.shaped = true};

	*error = (RestError){0};
	if (!begin(&invoke, schema, config))
		return false;
	add_pairs(&invoke, invocation->pairs, invocation->pair_count);
	if (!read_body(&invoke) || !check_names(&invoke) ||
		!node_resolve(&plan->arena, schema, plan->query.root, plan->function->relation,
					  "pgrst_source", plan->function->name, config, error))
		return false;
	put_statement(&invoke);
	keep_said(&invoke);
	body.scalar = plan->function->returns != RESULT_COMPOSITE;
	body.single = !plan->function->return_set;
	body.empty =
		plan->head || plan->status == 204 || plan->function->returns == RESULT_VOID;
	plan_body(plan, &body);
	return true;
}
