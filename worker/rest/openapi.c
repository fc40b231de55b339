/*
 * rest/openapi.c
 *	  The root: an OpenAPI document (Swagger 2.0) of the schema.
 *
 * Everything that could be in it is one parameter of a statement, which leaves out what the
 * role of the request has no privilege for.
 */
#include "rest/openapi.h"

#include <string.h>

#include "base/cleanup.h"
#include "rest/answer_parts.h"

/* $1 the document without its lists, $2 relations, $3 functions, $4 shared parameters, $5
 * schema, $6 whether privileges do not matter. */
static const char statement[] =
	"WITH relations AS (SELECT e->>'name' AS name, e AS item"
	" FROM json_array_elements($2::json) e"
	" JOIN pg_catalog.pg_namespace n ON n.nspname = $5"
	" JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = e->>'name'"
	" WHERE $6::bool OR pg_catalog.pg_has_role(c.relowner, 'USAGE')"
	"  OR pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE')"
	"  OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE')"
	"), functions AS (SELECT e->>'name' AS name, e AS item"
	" FROM json_array_elements($3::json) e WHERE EXISTS (SELECT"
	" FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace"
	" WHERE n.nspname = $5 AND p.proname = e->>'name'"
	"  AND ($6::bool OR pg_catalog.has_function_privilege(p.oid, 'EXECUTE')))"
	"), paths AS (SELECT '/' AS path, $1::json->'root' AS item"
	" UNION ALL SELECT '/' || name, item->'path' FROM relations"
	" UNION ALL SELECT '/rpc/' || name, item->'path' FROM functions"
	"), members AS (SELECT 1 AS place, m.key, m.value"
	" FROM json_each($1::json->'head') m"
	" UNION ALL SELECT 2, 'paths', json_object_agg(path, item ORDER BY path) FROM paths"
	" UNION ALL SELECT 3, 'definitions', coalesce((SELECT json_object_agg(name,"
	"  item->'definition' ORDER BY name) FROM relations), '{}')"
	" UNION ALL SELECT 4, 'parameters', (SELECT json_object_agg(p.key, p.value)"
	"  FROM (SELECT key, value FROM json_each($4::json) UNION ALL SELECT m.key, m.value"
	"   FROM relations, json_each(item->'parameters') m) p))"
	" SELECT null, null, null, json_object_agg(key, value ORDER BY place)::text,"
	" nullif(current_setting('response.headers', true), ''),"
	" nullif(current_setting('response.status', true), ''), null FROM members";

static const char *
printed(Arena *arena, const cJSON *json)
{
	CLEANUP(free) char *text = cJSON_PrintUnformatted(json);

	return arena_text(arena, text);
}

/* scheme, host and base path of the public URI; without one, of wherever it was asked. */
static void
add_place(cJSON *head, const char *uri)
{
	const char *host = uri != NULL ? strstr(uri, "://") : NULL;
	const char *path;
	char text[512];

	if (host != NULL)
	{
		(void) snprintf(text, sizeof text, "%.*s", (int) (host - uri), uri);
		cJSON_AddItemToArray(cJSON_AddArrayToObject(head, "schemes"),
							 cJSON_CreateString(text));
		host += 3;
		(void) snprintf(text, sizeof text, "%.*s", (int) strcspn(host, "/"), host);
		cJSON_AddStringToObject(head, "host", text);
	}
	path = host != NULL ? strchr(host, '/') : NULL;
	cJSON_AddStringToObject(head, "basePath", path != NULL ? path : "/");
}

static void
add_types(cJSON *head, const char *key)
{
	static const char *const types[] = {
		"application/json", "application/vnd.pgrst.object+json;nulls=stripped",
		"application/vnd.pgrst.object+json", "text/csv"};
	cJSON *list = cJSON_AddArrayToObject(head, key);

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(types[i]));
}

static cJSON *
document(const RestPlan *plan)
{
	cJSON *json = cJSON_CreateObject();
	cJSON *head = cJSON_AddObjectToObject(json, "head");
	cJSON *info, *get;
	const char *comment = schema_comment(plan->cache, plan->schema);

	cJSON_AddStringToObject(head, "swagger", "2.0");
	info = cJSON_AddObjectToObject(head, "info");
	openapi_comment(info, "title", comment != NULL ? comment : plan->schema);
	cJSON_AddStringToObject(info, "version", LEAP_VERSION);
	add_place(head, plan->config->public_uri);
	add_types(head, "consumes");
	add_types(head, "produces");
	get = cJSON_AddObjectToObject(cJSON_AddObjectToObject(json, "root"), "get");
	cJSON_AddStringToObject(get, "summary", "OpenAPI description (this document)");
	cJSON_AddItemToArray(cJSON_AddArrayToObject(get, "tags"),
						 cJSON_CreateString("Introspection"));
	cJSON_AddItemToArray(cJSON_AddArrayToObject(get, "produces"),
						 cJSON_CreateString("application/openapi+json"));
	cJSON_AddStringToObject(
		cJSON_AddObjectToObject(cJSON_AddObjectToObject(get, "responses"), "200"),
		"description", "OK");
	return json;
}

static cJSON *
all_relations(const RestPlan *plan)
{
	size_t count;
	const Relation *relations = schema_relations(plan->cache, &count);
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < count; i++)
	{
		if (relations[i].exposed && strcmp(relations[i].schema, plan->schema) == 0)
			cJSON_AddItemToArray(list, openapi_relation(plan->cache, &relations[i]));
	}
	return list;
}

/* Of functions with one name, the first: a path is there once. */
static cJSON *
all_functions(const RestPlan *plan)
{
	size_t count;
	const Function *functions = schema_all_functions(plan->cache, &count);
	cJSON *list = cJSON_CreateArray();
	const char *last = "";

	for (size_t i = 0; i < count; i++)
	{
		if (strcmp(functions[i].schema, plan->schema) != 0 || functions[i].of_row ||
			strcmp(functions[i].name, last) == 0)
			continue;
		last = functions[i].name;
		cJSON_AddItemToArray(list, openapi_function(&functions[i]));
	}
	return list;
}

bool
plan_root(RestPlan *plan, RestError *error)
{
	OpenApiMode mode = plan->config->openapi;
	Arena *arena = &plan->arena;

	if (mode == OPENAPI_DISABLED)
		return rest_error(error, arena, "PGRST126", NULL, NULL,
						  "Root endpoint metadata is disabled");
	CLEANUP(json) cJSON *head = document(plan);
	CLEANUP(json) cJSON *relations = all_relations(plan);
	CLEANUP(json) cJSON *functions = all_functions(plan);
	CLEANUP(json) cJSON *parameters = openapi_parameters();
	CLEANUP(sql) SqlText ignored;
	const char *const values[] = {
		printed(arena, head),
		printed(arena, relations),
		printed(arena, functions),
		printed(arena, parameters),
		plan->schema,
		mode == OPENAPI_IGNORE_PRIVILEGES ? "true" : "false",
	};

	/* the statement has its $n already */
	sql_init(&ignored, arena);
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		sql_value(&ignored, values[i]);
	plan->sql.values = ignored.values;
	plan->sql.lengths = ignored.lengths;
	plan->sql.value_count = ignored.value_count;
	sql_puts(&plan->sql, statement);
	plan->read_only = true;
	return true;
}

void
answer_root(const RestPlan *plan, const RestResult *result, RestAnswer *answer)
{
	buffer_puts(&answer->fields,
				"Content-Type: application/openapi+json; charset=utf-8\r\n");
	if (!plan->head)
		answer->body = result->columns[REST_BODY];
}
