/*
 * rest/openapi_function.c
 *	  What the OpenAPI document says of a function.
 */
#include "rest/openapi.h"

#include <stdio.h>

static bool
has_name(const Argument *argument)
{
	return *argument->name != '\0';
}

static void
add_answer(cJSON *method)
{
	cJSON *answers = cJSON_AddObjectToObject(method, "responses");

	cJSON_AddStringToObject(cJSON_AddObjectToObject(answers, "200"), "description", "OK");
}

static cJSON *
add_method(cJSON *path, const char *name, const Function *function)
{
	cJSON *method = cJSON_AddObjectToObject(path, name);
	char tag[256];

	openapi_comment(method, "summary", function->comment);
	(void) snprintf(tag, sizeof tag, "(rpc) %s", function->name);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(method, "tags"), cJSON_CreateString(tag));
	return method;
}

static void
add_get(cJSON *path, const Function *function)
{
	cJSON *get = add_method(path, "get", function);
	cJSON *parameters = cJSON_AddArrayToObject(get, "parameters");

	for (size_t i = 0; i < function->argument_count; i++)
	{
		const Argument *argument = &function->arguments[i];
		cJSON *parameter;

		if (!has_name(argument))
			continue;
		parameter = openapi_type(argument->type);
		if (cJSON_GetObjectItemCaseSensitive(parameter, "type") == NULL)
			cJSON_AddStringToObject(parameter, "type", "string");
		cJSON_AddStringToObject(parameter, "name", argument->name);
		cJSON_AddStringToObject(parameter, "in", "query");
		cJSON_AddBoolToObject(parameter, "required", argument->required);
		cJSON_AddItemToArray(parameters, parameter);
	}
	add_answer(get);
}

static void
add_arguments(cJSON *schema, const Function *function)
{
	cJSON *properties = cJSON_AddObjectToObject(schema, "properties");
	cJSON *required = cJSON_CreateArray();

	for (size_t i = 0; i < function->argument_count; i++)
	{
		const Argument *argument = &function->arguments[i];

		if (!has_name(argument))
			continue;
		cJSON_AddItemToObject(properties, argument->name, openapi_type(argument->type));
		if (argument->required)
			cJSON_AddItemToArray(required, cJSON_CreateString(argument->name));
	}
	if (cJSON_GetArraySize(required) > 0)
		cJSON_AddItemToObject(schema, "required", required);
	else
		cJSON_Delete(required);
}

static void
add_post(cJSON *path, const Function *function)
{
	cJSON *post = add_method(path, "post", function);
	cJSON *body = cJSON_CreateObject();
	cJSON *schema;

	cJSON_AddItemToArray(cJSON_AddArrayToObject(post, "parameters"), body);
	cJSON_AddBoolToObject(body, "required", true);
	cJSON_AddStringToObject(body, "in", "body");
	cJSON_AddStringToObject(body, "name", "args");
	schema = cJSON_AddObjectToObject(body, "schema");
	cJSON_AddStringToObject(schema, "type", "object");
	add_arguments(schema, function);
	add_answer(post);
}

cJSON *
openapi_function(const Function *function)
{
	cJSON *item = cJSON_CreateObject();
	cJSON *path;

	cJSON_AddStringToObject(item, "name", function->name);
	path = cJSON_AddObjectToObject(item, "path");
	if (function->volatility != 'v')
		add_get(path, function);
	add_post(path, function);
	return item;
}
