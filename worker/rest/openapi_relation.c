/*
 * rest/openapi_relation.c
 *	  What the OpenAPI document says of a relation.
 */
#include <stdio.h>
#include <string.h>

#include "rest/openapi.h"

#define MOST_NAME 512

/* Parameters that all relations share. */
static const struct
{
	const char *name;
	const char *field; /* of the query or the head */
	const char *in;
	const char *description;
	const char *values; /* separated by blanks, NULL = any text */
} shared[] = {
	{"select",       "select",      "query",  "Filtering Columns",       NULL        },
	{"on_conflict",  "on_conflict", "query",  "On Conflict",             NULL        },
	{"order",        "order",       "query",  "Ordering",                NULL        },
	{"offset",       "offset",      "query",  "Limiting and Pagination", NULL        },
	{"limit",        "limit",       "query",  "Limiting and Pagination", NULL        },
	{"range",        "Range",       "header", "Limiting and Pagination", NULL        },
	{"rangeUnit",    "Range-Unit",  "header", "Limiting and Pagination", NULL        },
	{"preferCount",  "Prefer",      "header", "Preference",              "count=none"},
	{"preferReturn", "Prefer",      "header", "Preference",
	 "return=representation return=minimal return=none"                              },
	{"preferPost",   "Prefer",      "header", "Preference",
	 "return=representation return=minimal return=none "
	 "resolution=ignore-duplicates resolution=merge-duplicates"                      },
};

/* What the methods take and answer. */
static const struct
{
	const char *method;
	const char *parameters; /* separated by blanks */
	bool filters;
	bool body;
	const char *status;
	const char *meaning;
} methods[] = {
	{"get",    "select order range rangeUnit offset limit preferCount", true,  false, "200",
	 "OK"																								},
	{"post",   "select preferPost",									 false, true,  "201", "Created"   },
	{"patch",  "preferReturn",										  true,  true,  "204", "No Content"},
	{"delete", "preferReturn",										  true,  false, "204", "No Content"},
};

void
openapi_comment(cJSON *object, const char *key, const char *comment)
{
	const char *line = comment != NULL ? strchr(comment, '\n') : NULL;
	char first[MOST_NAME];

	if (comment == NULL)
		return;
	size_t length = line != NULL ? (size_t) (line - comment) : strlen(comment);

	if (length >= sizeof first)
		length = sizeof first - 1;
	memcpy(first, comment, length);
	first[length] = '\0';
	cJSON_AddStringToObject(object, key, first);
	while (line != NULL && *line == '\n')
		line++;
	if (line != NULL && *line != '\0')
		cJSON_AddStringToObject(object, "description", line);
}

static bool
begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* The word of JSON for a type; NULL: any. */
static const char *
type_word(const char *type)
{
	static const struct
	{
		const char *start;
		const char *word;
	} words[] = {
		{"smallint",         "integer"},
        {"integer",          "integer"},
        {"bigint",           "integer"},
		{"numeric",          "number" },
        {"real",             "number" },
        {"double precision", "number" },
		{"boolean",          "boolean"},
        {"json",             NULL     },
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
	{
		if (begins_with(type, words[i].start))
			return words[i].word;
	}
	return "string";
}

cJSON *
openapi_type(const char *type)
{
	cJSON *object = cJSON_CreateObject();
	size_t length = strlen(type);
	bool array = length > 2 && strcmp(type + length - 2, "[]") == 0;
	const char *word = type_word(type);

	if (array)
	{
		cJSON_AddStringToObject(object, "type", "array");
		cJSON *items = cJSON_AddObjectToObject(object, "items");

		if (word != NULL)
			cJSON_AddStringToObject(items, "type", word);
	}
	else if (word != NULL)
		cJSON_AddStringToObject(object, "type", word);
	cJSON_AddStringToObject(object, "format", type);
	return object;
}

/* 'text'::type, a number or a boolean; expressions are not told. */
static void
add_default(cJSON *object, const char *expression)
{
	const char *end = expression != NULL ? strstr(expression, "'::") : NULL;
	char text[MOST_NAME];

	if (expression == NULL)
		return;
	if (*expression == '\'' && end > expression && end - expression < MOST_NAME)
	{
		memcpy(text, expression + 1, (size_t) (end - expression) - 1);
		text[end - expression - 1] = '\0';
		if (strchr(text, '\'') == NULL)
			cJSON_AddStringToObject(object, "default", text);
	}
	else if (strcmp(expression, "true") == 0 || strcmp(expression, "false") == 0)
		cJSON_AddBoolToObject(object, "default", *expression == 't');
	else if (*expression != '\0' &&
			 strspn(expression, "0123456789.") == strlen(expression))
		cJSON_AddRawToObject(object, "default", expression);
}

static bool
is_key(const Relation *relation, const char *name)
{
	for (size_t i = 0; i < relation->key_count; i++)
	{
		if (strcmp(relation->key[i], name) == 0)
			return true;
	}
	return false;
}

static bool
holds_key(const Link *link, const char *name)
{
	bool holds = link->kind == LINK_TO_ONE ||
				 (link->kind == LINK_ONE_TO_ONE && !link->from_parent);

	return holds && link->pair_count == 1 && strcmp(link->pairs[0].here, name) == 0;
}

/* The link by the key that this column holds: to a table rather than to a view; NULL = none. */
static const Link *
foreign_key(const Schema *schema, const Relation *relation, const char *name)
{
	size_t count;
	const Link *links = relation_links(schema, relation, &count);
	const Link *found = NULL;

	for (size_t i = 0; i < count; i++)
	{
		if (!links[i].to->exposed || !holds_key(&links[i], name))
			continue;
		if (!links[i].to->view)
			return &links[i];
		if (found == NULL)
			found = &links[i];
	}
	return found;
}

/* Notes on keys in the form that generators of clients know. */
static void
add_notes(cJSON *object, const Schema *schema, const Relation *relation,
		  const Column *column)
{
	const Link *link = foreign_key(schema, relation, column->name);
	bool key = is_key(relation, column->name);
	char text[4096];

	if (column->comment == NULL && !key && link == NULL)
		return;
	(void) snprintf(
		text, sizeof text, "%s%s%s%s%s", column->comment != NULL ? column->comment : "",
		column->comment != NULL && (key || link != NULL) ? "\n\n" : "",
		key || link != NULL ? "Note:\n" : "", key ? "This is a Primary Key.<pk/>" : "",
		key && link != NULL ? "\n" : "");
	if (link != NULL)
	{
		size_t used = strlen(text);

		(void) snprintf(text + used, sizeof text - used,
						"This is a Foreign Key to `%s.%s`.<fk table='%s' column='%s'/>",
						link->to->name, link->pairs[0].there, link->to->name,
						link->pairs[0].there);
	}
	cJSON_AddStringToObject(object, "description", text);
}

static cJSON *
property(const Schema *schema, const Relation *relation, const Column *column)
{
	cJSON *object = openapi_type(column->type);

	add_default(object, column->fallback);
	add_notes(object, schema, relation, column);
	if (column->max_length > 0)
		cJSON_AddNumberToObject(object, "maxLength", column->max_length);
	if (column->value_count > 0)
	{
		cJSON *values = cJSON_AddArrayToObject(object, "enum");

		for (size_t i = 0; i < column->value_count; i++)
			cJSON_AddItemToArray(values, cJSON_CreateString(column->values[i]));
	}
	return object;
}

static void
add_definition(cJSON *item, const Schema *schema, const Relation *relation)
{
	cJSON *definition = cJSON_AddObjectToObject(item, "definition");
	cJSON *required = cJSON_CreateArray();
	cJSON *properties;

	if (relation->comment != NULL)
		cJSON_AddStringToObject(definition, "description", relation->comment);
	properties = cJSON_AddObjectToObject(definition, "properties");
	for (size_t i = 0; i < relation->column_count; i++)
	{
		const Column *column = &relation->columns[i];

		cJSON_AddItemToObject(properties, column->name,
							  property(schema, relation, column));
		if (!column->nullable)
			cJSON_AddItemToArray(required, cJSON_CreateString(column->name));
	}
	if (cJSON_GetArraySize(required) > 0)
		cJSON_AddItemToObject(definition, "required", required);
	else
		cJSON_Delete(required);
	cJSON_AddStringToObject(definition, "type", "object");
}

static void
add_reference(cJSON *list, const char *space, const char *name, const char *column)
{
	char text[MOST_NAME];
	cJSON *reference = cJSON_CreateObject();

	(void) snprintf(text, sizeof text, "#/%s%s%s%s", space, name,
					column != NULL ? "." : "", column != NULL ? column : "");
	cJSON_AddStringToObject(reference, "$ref", text);
	cJSON_AddItemToArray(list, reference);
}

static cJSON *
method_of(const Relation *relation, size_t m)
{
	cJSON *method = cJSON_CreateObject();
	cJSON *parameters, *answer;
	char words[128];
	char *rest = NULL;

	openapi_comment(method, "summary", relation->comment);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(method, "tags"),
						 cJSON_CreateString(relation->name));
	parameters = cJSON_AddArrayToObject(method, "parameters");
	for (size_t i = 0; methods[m].filters && i < relation->column_count; i++)
		if (!query_reserved(relation->columns[i].name))
			add_reference(parameters, "parameters/rowFilter.", relation->name,
						  relation->columns[i].name);
	if (methods[m].body)
		add_reference(parameters, "parameters/body.", relation->name, NULL);
	(void) snprintf(words, sizeof words, "%s", methods[m].parameters);
	for (char *word = strtok_r(words, " ", &rest); word != NULL;
		 word = strtok_r(NULL, " ", &rest))
		add_reference(parameters, "parameters/", word, NULL);
	cJSON *answers = cJSON_AddObjectToObject(method, "responses");

	answer = cJSON_AddObjectToObject(answers, methods[m].status);
	cJSON_AddStringToObject(answer, "description", methods[m].meaning);
	if (m == 0)
	{
		cJSON *rows = cJSON_AddObjectToObject(answer, "schema");
		char text[MOST_NAME];

		(void) snprintf(text, sizeof text, "#/definitions/%s", relation->name);
		cJSON_AddStringToObject(rows, "type", "array");
		cJSON_AddStringToObject(cJSON_AddObjectToObject(rows, "items"), "$ref", text);
		cJSON_AddStringToObject(cJSON_AddObjectToObject(answers, "206"), "description",
								"Partial Content");
	}
	return method;
}

static void
add_path(cJSON *item, const Relation *relation)
{
	const bool allowed[] = {true, relation->insertable, relation->updatable,
							relation->deletable};
	cJSON *path = cJSON_AddObjectToObject(item, "path");

	for (size_t m = 0; m < sizeof methods / sizeof methods[0]; m++)
	{
		if (allowed[m])
			cJSON_AddItemToObject(path, methods[m].method, method_of(relation, m));
	}
}

static void
add_parameters(cJSON *item, const Relation *relation)
{
	cJSON *list = cJSON_AddObjectToObject(item, "parameters");
	char name[MOST_NAME];
	cJSON *body;

	(void) snprintf(name, sizeof name, "body.%s", relation->name);
	body = cJSON_AddObjectToObject(list, name);
	cJSON_AddStringToObject(body, "name", relation->name);
	cJSON_AddStringToObject(body, "description", relation->name);
	cJSON_AddBoolToObject(body, "required", false);
	cJSON_AddStringToObject(body, "in", "body");
	(void) snprintf(name, sizeof name, "#/definitions/%s", relation->name);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(body, "schema"), "$ref", name);
	for (size_t i = 0; i < relation->column_count; i++)
	{
		const Column *column = &relation->columns[i];
		cJSON *filter;

		if (query_reserved(column->name))
			continue;
		(void) snprintf(name, sizeof name, "rowFilter.%s.%s", relation->name,
						column->name);
		filter = cJSON_AddObjectToObject(list, name);
		cJSON_AddStringToObject(filter, "name", column->name);
		if (column->comment != NULL)
			cJSON_AddStringToObject(filter, "description", column->comment);
		cJSON_AddBoolToObject(filter, "required", false);
		cJSON_AddStringToObject(filter, "in", "query");
		cJSON_AddStringToObject(filter, "type", "string");
	}
}

cJSON *
openapi_relation(const Schema *schema, const Relation *relation)
{
	cJSON *item = cJSON_CreateObject();

	cJSON_AddStringToObject(item, "name", relation->name);
	add_path(item, relation);
	add_definition(item, schema, relation);
	add_parameters(item, relation);
	return item;
}

cJSON *
openapi_parameters(void)
{
	cJSON *list = cJSON_CreateObject();

	for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
	{
		cJSON *parameter = cJSON_AddObjectToObject(list, shared[i].name);
		char words[160];
		char *rest = NULL;

		cJSON_AddStringToObject(parameter, "name", shared[i].field);
		cJSON_AddStringToObject(parameter, "description", shared[i].description);
		cJSON_AddBoolToObject(parameter, "required", false);
		cJSON_AddStringToObject(parameter, "in", shared[i].in);
		cJSON_AddStringToObject(parameter, "type", "string");
		if (shared[i].values == NULL)
			continue;
		cJSON *values = cJSON_AddArrayToObject(parameter, "enum");

		(void) snprintf(words, sizeof words, "%s", shared[i].values);
		for (char *word = strtok_r(words, " ", &rest); word != NULL;
			 word = strtok_r(NULL, " ", &rest))
			cJSON_AddItemToArray(values, cJSON_CreateString(word));
	}
	return list;
}
