/*
 * rest/schema.c
 *	  The cache of schemas, built from the document.
 */
#include "rest/schema.h"

#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "rest/schema_internal.h"

static const char *
text_of(Schema *schema, const cJSON *item)
{
	return cJSON_IsString(item) ? arena_text(&schema->arena, item->valuestring) : NULL;
}

static const char *
member(Schema *schema, const cJSON *object, const char *name)
{
	return text_of(schema, cJSON_GetObjectItemCaseSensitive(object, name));
}

static bool
flag(const cJSON *object, const char *name)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static size_t
length_of(const cJSON *array)
{
	return array != NULL ? (size_t) cJSON_GetArraySize(array) : 0;
}

static const char **
texts_of(Schema *schema, const cJSON *array, size_t *count)
{
	const char **texts =
		arena_take(&schema->arena, (length_of(array) + 1) * sizeof *texts);
	const cJSON *item;

	*count = 0;
	cJSON_ArrayForEach(item, array) texts[(*count)++] = text_of(schema, item);
	return texts;
}

/* [number, name, type, base type, default, comment, nullable, length, values]; of relations
 * that are not exposed the first two. */
static void
read_column(Schema *schema, const cJSON *item, Column *column, int *number)
{
	const cJSON *part = item->child;
	const cJSON *parts[9] = {NULL};

	for (size_t i = 0; i < 9 && part != NULL; i++, part = part->next)
		parts[i] = part;
	*number = parts[0] != NULL ? parts[0]->valueint : 0;
	column->name = text_of(schema, parts[1]);
	column->type = parts[2] != NULL ? text_of(schema, parts[2]) : "";
	column->base_type = parts[3] != NULL ? text_of(schema, parts[3]) : "";
	column->fallback = text_of(schema, parts[4]);
	column->comment = text_of(schema, parts[5]);
	column->nullable = cJSON_IsTrue(parts[6]);
	column->max_length = cJSON_IsNumber(parts[7]) ? parts[7]->valueint : 0;
	if (cJSON_IsArray(parts[8]))
		column->values = texts_of(schema, parts[8], &column->value_count);
}

static void
read_relation(Schema *schema, const cJSON *item, Relation *relation, Source *source)
{
	const cJSON *columns = cJSON_GetObjectItemCaseSensitive(item, "columns");
	const cJSON *column;

	source->oid = member(schema, item, "oid");
	source->item = item;
	relation->schema = member(schema, item, "schema");
	relation->name = member(schema, item, "name");
	relation->comment = member(schema, item, "comment");
	relation->view = flag(item, "view");
	relation->exposed = flag(item, "exposed");
	relation->insertable = flag(item, "insertable");
	relation->updatable = flag(item, "updatable");
	relation->deletable = flag(item, "deletable");
	relation->triggered = flag(item, "triggered");
	relation->columns =
		arena_take(&schema->arena, (length_of(columns) + 1) * sizeof(Column));
	source->numbers = arena_take(&schema->arena, (length_of(columns) + 1) * sizeof(int));
	cJSON_ArrayForEach(column, columns)
	{
		read_column(schema, column, &relation->columns[relation->column_count],
					&source->numbers[relation->column_count]);
		relation->column_count++;
	}
}

/* The key of a table by names; views get theirs from below, later. */
static void
read_key(Build *build, size_t index)
{
	Relation *relation = &build->schema->relations[index];
	const cJSON *key =
		cJSON_GetObjectItemCaseSensitive(build->sources[index].item, "key");
	const cJSON *number;

	relation->key =
		arena_take(&build->schema->arena, (length_of(key) + 1) * sizeof(char *));
	cJSON_ArrayForEach(number, key)
	{
		const char *name = build_column(build, index, number->valueint);

		if (name != NULL)
			relation->key[relation->key_count++] = name;
	}
}

static int
by_name(const void *a, const void *b)
{
	const cJSON *const *one = a, *const *two = b;

	int spaces = strcmp(json_text(*one, "schema", ""), json_text(*two, "schema", ""));

	return spaces != 0 ? spaces
					   : strcmp(json_text(*one, "name", ""), json_text(*two, "name", ""));
}

/* The members of an array, ordered by schema and name; the caller frees it. */
static const cJSON **
ordered(const cJSON *array, size_t *count)
{
	const cJSON **items = array_new(length_of(array), sizeof(void *));
	const cJSON *item;

	*count = 0;
	cJSON_ArrayForEach(item, array) items[(*count)++] = item;
	qsort(items, *count, sizeof(void *), by_name);
	return items;
}

static void
read_relations(Build *build)
{
	Schema *schema = build->schema;
	CLEANUP(free)
	const cJSON **items =
		ordered(cJSON_GetObjectItemCaseSensitive(build->document, "relations"),
				&schema->relation_count);

	schema->relations =
		arena_take(&schema->arena, (schema->relation_count + 1) * sizeof(Relation));
	build->sources =
		arena_take(&schema->arena, (schema->relation_count + 1) * sizeof(Source));
	for (size_t i = 0; i < schema->relation_count; i++)
	{
		const cJSON *tree = cJSON_GetObjectItemCaseSensitive(items[i], "tree");
		Source *source = &build->sources[i];

		read_relation(schema, items[i], &schema->relations[i], source);
		read_key(build, i);
		if (cJSON_IsString(tree))
			(void) view_columns(&schema->arena, tree->valuestring, &source->view,
								&source->view_count);
	}
}

static void
read_arguments(Schema *schema, const cJSON *list, Function *function)
{
	const cJSON *item;

	function->arguments =
		arena_take(&schema->arena, (length_of(list) + 1) * sizeof(Argument));
	cJSON_ArrayForEach(item, list)
	{
		Argument *argument = &function->arguments[function->argument_count++];

		argument->name = text_of(schema, cJSON_GetArrayItem(item, 0));
		argument->type = text_of(schema, cJSON_GetArrayItem(item, 1));
		argument->required = cJSON_IsTrue(cJSON_GetArrayItem(item, 2));
		argument->variadic = cJSON_IsTrue(cJSON_GetArrayItem(item, 3));
	}
}

static void
read_settings(Schema *schema, const cJSON *list, Function *function)
{
	Setting *settings =
		arena_take(&schema->arena, (length_of(list) + 1) * sizeof *settings);
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		settings[function->setting_count++] =
			(Setting){text_of(schema, cJSON_GetArrayItem(item, 0)),
					  text_of(schema, cJSON_GetArrayItem(item, 1))};
	}
	function->settings = settings;
}

static void
read_function(Build *build, const cJSON *item, Function *function)
{
	Schema *schema = build->schema;
	long relation = build_find(build, json_text(item, "return_oid", ""));
	bool is_void = strcmp(json_text(item, "return_type", ""), "void") == 0;

	function->schema = member(schema, item, "schema");
	function->name = member(schema, item, "name");
	function->comment = member(schema, item, "comment");
	function->return_schema = member(schema, item, "return_schema");
	function->return_type = member(schema, item, "return_type");
	function->return_set = flag(item, "return_set");
	function->return_alias = flag(item, "alias");
	function->variadic = flag(item, "variadic");
	function->volatility = json_text(item, "volatility", "v")[0];
	function->media = member(schema, item, "media");
	function->binary = flag(item, "binary");
	function->isolation = member(schema, item, "isolation");
	function->writes = flag(item, "writes");
	function->returns = flag(item, "composite") ? RESULT_COMPOSITE
						: is_void               ? RESULT_VOID
												: RESULT_SCALAR;
	function->relation = relation >= 0 ? &schema->relations[relation] : NULL;
	read_arguments(schema, cJSON_GetObjectItemCaseSensitive(item, "arguments"), function);
	read_settings(schema, cJSON_GetObjectItemCaseSensitive(item, "settings"), function);
	function->of_row = json_text(item, "of", NULL) != NULL &&
					   function->argument_count == 1 &&
					   *function->arguments[0].name == '\0';
}

static void
read_functions(Build *build)
{
	Schema *schema = build->schema;
	CLEANUP(free)
	const cJSON **items =
		ordered(cJSON_GetObjectItemCaseSensitive(build->document, "functions"),
				&schema->function_count);

	schema->functions =
		arena_take(&schema->arena, (schema->function_count + 1) * sizeof(Function));
	for (size_t i = 0; i < schema->function_count; i++)
		read_function(build, items[i], &schema->functions[i]);
}

static void
read_handlers(Build *build)
{
	Schema *schema = build->schema;
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(build->document, "handlers");
	const cJSON *item;

	schema->handlers =
		arena_take(&schema->arena, (length_of(list) + 1) * sizeof(Handler));
	cJSON_ArrayForEach(item, list)
	{
		Handler *handler = &schema->handlers[schema->handler_count];
		const char *of = json_text(item, "of", "0");
		long relation = build_find(build, of);

		/* of rows of something that no request can name */
		if (relation < 0 && strcmp(of, "0") != 0)
			continue;
		handler->schema = member(schema, item, "schema");
		handler->name = member(schema, item, "name");
		handler->media = member(schema, item, "media");
		handler->binary = flag(item, "binary");
		handler->relation = relation >= 0 ? &schema->relations[relation] : NULL;
		schema->handler_count +=
			handler->schema != NULL && handler->name != NULL && handler->media != NULL;
	}
}

static void
read_comments(Build *build)
{
	Schema *schema = build->schema;
	const cJSON *comments = cJSON_GetObjectItemCaseSensitive(build->document, "comments");
	const char **pairs =
		arena_take(&schema->arena, (length_of(comments) * 2 + 1) * sizeof *pairs);
	const cJSON *item;

	cJSON_ArrayForEach(item, comments)
	{
		pairs[schema->comment_count * 2] = arena_text(&schema->arena, item->string);
		pairs[schema->comment_count * 2 + 1] = text_of(schema, item);
		schema->comment_count++;
	}
	schema->comments = pairs;
}

long
build_find(const Build *build, const char *oid)
{
	size_t low = 0, high = build->schema->relation_count;

	while (low < high)
	{
		size_t middle = low + (high - low) / 2;
		int order = strcmp(build->sources[build->by_oid[middle]].oid, oid);

		if (order == 0)
			return (long) build->by_oid[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

const char *
build_column(const Build *build, size_t relation, int number)
{
	const Relation *found = &build->schema->relations[relation];

	for (size_t i = 0; i < found->column_count; i++)
	{
		if (build->sources[relation].numbers[i] == number)
			return found->columns[i].name;
	}
	return NULL;
}

static int
by_oid(const void *a, const void *b, void *arg)
{
	const Source *sources = arg;

	return strcmp(sources[*(const size_t *) a].oid, sources[*(const size_t *) b].oid);
}

static bool
complete(const cJSON *document)
{
	static const char *const parts[] = {"relations", "keys", "functions"};

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
	{
		const cJSON *part = cJSON_GetObjectItemCaseSensitive(document, parts[i]);
		const cJSON *item;

		if (!cJSON_IsArray(part))
			return false;
		cJSON_ArrayForEach(item, part)
		{
			if (json_text(item, "name", NULL) == NULL)
				return false;
		}
	}
	return true;
}

Schema *
schema_build(const char *json, size_t length, Error *err)
{
	CLEANUP(json) cJSON *document = NULL;

	if (!json_parse(json, length, "the schema document", &document, err))
		return NULL;
	if (!complete(document))
	{
		error_set(err, ERROR_PERMANENT, "bad_message", HINT_BUG,
				  "the schema document lacks relations, keys or functions");
		return NULL;
	}
	Schema *schema = array_new(1, sizeof *schema);
	Build build = {.schema = schema, .document = document};

	read_relations(&build);
	build.by_oid =
		arena_take(&schema->arena, (schema->relation_count + 1) * sizeof(size_t));
	for (size_t i = 0; i < schema->relation_count; i++)
		build.by_oid[i] = i;
	qsort_r(build.by_oid, schema->relation_count, sizeof(size_t), by_oid, build.sources);
	read_functions(&build);
	read_handlers(&build);
	read_comments(&build);
	build_links(&build);
	return schema;
}
