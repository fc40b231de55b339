/*
 * render_sql.c
 *	  Text templates as SQL functions: the server's memory, letters and jsonb for render.h.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "pgtime.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/jsonb.h"

#include "errcodes.h"
#include "render.h"
#include "render_text.h"

PG_FUNCTION_INFO_V1(leap_render);
PG_FUNCTION_INFO_V1(leap_try_render);
PG_FUNCTION_INFO_V1(leap_check_template);
PG_FUNCTION_INFO_V1(leap_template_names);
PG_FUNCTION_INFO_V1(leap_render_filters);
PG_FUNCTION_INFO_V1(leap_fit_text);
PG_FUNCTION_INFO_V1(leap_text_size);
PG_FUNCTION_INFO_V1(leap_zone_or_utc);

/* The host ---------------------------------------------------------------------------- */

typedef struct Variables
{
	JsonbContainer *members; /* NULL: none */
	Oid collation;           /* looked up when letters change case */
} Variables;

static void *
host_allocate(void *arg, size_t bytes)
{
	return palloc(bytes);
}

static void
host_pause(void *arg)
{
	CHECK_FOR_INTERRUPTS();
}

/* The letters of all languages, whatever the locale of the database. */
static Oid
letters_collation(Variables *variables)
{
	if (variables->collation == InvalidOid)
		variables->collation =
			get_collation_oid(list_make2(makeString(pstrdup("pg_catalog")),
										 makeString(pstrdup("und-x-icu"))),
							  true);
	if (variables->collation == InvalidOid)
		variables->collation = DEFAULT_COLLATION_OID;
	return variables->collation;
}

static RenderValue
host_change_case(void *arg, bool upper, const char *text, size_t length)
{
	Oid collation = letters_collation(arg);
	char *changed = upper ? str_toupper(text, length, collation)
						  : str_tolower(text, length, collation);

	return (RenderValue){.kind = RENDER_TEXT, .text = changed, .length = strlen(changed)};
}

static RenderValue
text_value(RenderKind kind, const char *text, size_t length)
{
	return (RenderValue){.kind = kind, .text = text, .length = length};
}

static RenderValue render_value(const JsonbValue *json);

/* The items of an array; arrays and objects among them are empty texts. */
static RenderValue
list_value(JsonbContainer *array)
{
	uint32 count = JsonContainerSize(array);
	RenderValue *items = palloc(sizeof(RenderValue) * (count + 1));

	for (uint32 i = 0; i < count; i++)
	{
		JsonbValue *item = getIthJsonbValueFromContainer(array, i);

		if (item->type == jbvBinary)
			items[i] = text_value(RENDER_NOTHING, "", 0);
		else
			items[i] = render_value(item);
	}
	return (RenderValue){.kind = RENDER_LIST, .text = "", .items = items, .count = count};
}

static RenderValue
number_value(const JsonbValue *json)
{
	char *text = DatumGetCString(
		DirectFunctionCall1(numeric_out, NumericGetDatum(json->val.numeric)));

	return text_value(RENDER_NUMBER, text, strlen(text));
}

static RenderValue
render_value(const JsonbValue *json)
{
	if (json->type == jbvString)
		return text_value(RENDER_TEXT, json->val.string.val, json->val.string.len);
	if (json->type == jbvNumeric)
		return number_value(json);
	if (json->type == jbvBool)
		return json->val.boolean ? text_value(RENDER_TRUTH, "true", 4)
								 : text_value(RENDER_TRUTH, "false", 5);
	if (json->type != jbvBinary)
		return text_value(RENDER_NOTHING, "", 0);
	if (JsonContainerIsArray(json->val.binary.data))
		return list_value(json->val.binary.data);
	return (RenderValue){
		.kind = RENDER_OBJECT, .text = "", .members = json->val.binary.data};
}

static bool
host_find(void *arg, const RenderValue *object, const char *name, size_t length,
		  RenderValue *value)
{
	const Variables *variables = arg;
	const JsonbContainer *of = object != NULL ? object->members : NULL;
	JsonbContainer *members =
		of != NULL ? unconstify(JsonbContainer *, of) : variables->members;
	JsonbValue *found =
		members == NULL ? NULL
						: getKeyJsonValueFromContainer(members, name, (int) length, NULL);

	if (found == NULL)
		return false;
	*value = render_value(found);
	return true;
}

static RenderHost
host_for(Variables *variables)
{
	return (RenderHost){.arg = variables,
						.allocate = host_allocate,
						.pause = host_pause,
						.find = host_find,
						.change_case = host_change_case};
}

/* Rendering --------------------------------------------------------------------------- */

static bool
render_text(text *source, Jsonb *json, RenderResult *result, RenderError *error)
{
	Variables variables = {.members = JB_ROOT_IS_OBJECT(json) ? &json->root : NULL};
	RenderHost host = host_for(&variables);
	RenderTree *tree =
		render_parse(&host, VARDATA_ANY(source), VARSIZE_ANY_EXHDR(source), error);

	return tree != NULL && render_run(&host, tree, result, error);
}

static void
refuse(const char *what, const RenderError *error)
{
	ereport(ERROR, (errcode(ERRCODE_LEAP_BAD_TEMPLATE),
					errmsg("%s: line %d, column %d: %s", what, error->line, error->column,
						   error->message),
					error->hint[0] != '\0' ? errhint("%s", error->hint) : 0));
}

/* leap.render(template text, variables jsonb) returns text */
Datum
leap_render(PG_FUNCTION_ARGS)
{
	RenderResult result;
	RenderError error;

	if (!render_text(PG_GETARG_TEXT_PP(0), PG_GETARG_JSONB_P(1), &result, &error))
		refuse("the template", &error);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(result.text, (int) result.length));
}

/* leap.try_render(template text, variables jsonb, out rendered text, out problem text) */
Datum
leap_try_render(PG_FUNCTION_ARGS)
{
	TupleDesc row;
	Datum values[2] = {0};
	bool nulls[2] = {true, true};
	RenderResult result;
	RenderError error;

	if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "try_render: return type must be a row");
	if (render_text(PG_GETARG_TEXT_PP(0), PG_GETARG_JSONB_P(1), &result, &error))
	{
		values[0] =
			PointerGetDatum(cstring_to_text_with_len(result.text, (int) result.length));
		nulls[0] = false;
	}
	else
	{
		values[1] = CStringGetTextDatum(
			psprintf("line %d, column %d: %s", error.line, error.column, error.message));
		nulls[1] = false;
	}
	PG_RETURN_DATUM(
		HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls)));
}

/* Checking ---------------------------------------------------------------------------- */

static const char **
names_of(ArrayType *array, int *count)
{
	Datum *values;
	bool *nulls;
	const char **names;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, count);
	names = palloc(sizeof(char *) * (size_t) (*count + 1));
	for (int i = 0; i < *count; i++)
		names[i] = nulls[i] ? "" : TextDatumGetCString(values[i]);
	return names;
}

/* leap.check_template(template text, needs_variable bool, known text[], what text);
 * known null: any name */
Datum
leap_check_template(PG_FUNCTION_ARGS)
{
	Variables variables = {.members = NULL};
	RenderHost host = host_for(&variables);
	RenderError error;
	RenderTree *tree;
	const char *what;
	text *source;

	if (PG_ARGISNULL(0))
		PG_RETURN_VOID();
	source = PG_GETARG_TEXT_PP(0);
	what = PG_ARGISNULL(3) ? "the template" : text_to_cstring(PG_GETARG_TEXT_PP(3));
	tree = render_parse(&host, VARDATA_ANY(source), VARSIZE_ANY_EXHDR(source), &error);
	if (tree == NULL)
		refuse(what, &error);
	if (!PG_ARGISNULL(2))
	{
		int count;
		const char **known = names_of(PG_GETARG_ARRAYTYPE_P(2), &count);

		if (!render_names_known(tree, known, (size_t) count, &error))
			refuse(what, &error);
	}
	if (!PG_ARGISNULL(1) && PG_GETARG_BOOL(1) && tree->names == NULL)
	{
		snprintf(error.message, sizeof error.message, "it has no variable");
		snprintf(error.hint, sizeof error.hint,
				 "Without one every recording would get the same text: "
				 "{{ display_name }}.");
		refuse(what, &error);
	}
	PG_RETURN_VOID();
}

/* leap.template_names(template text) returns text[]: each variable once; null if the
 * template cannot be read */
Datum
leap_template_names(PG_FUNCTION_ARGS)
{
	Variables variables = {.members = NULL};
	RenderHost host = host_for(&variables);
	RenderError error;
	text *source = PG_GETARG_TEXT_PP(0);
	RenderTree *tree =
		render_parse(&host, VARDATA_ANY(source), VARSIZE_ANY_EXHDR(source), &error);
	ArrayBuildState *names = initArrayResult(TEXTOID, CurrentMemoryContext, false);

	if (tree == NULL)
		PG_RETURN_NULL();
	for (const RenderName *use = tree->names; use != NULL; use = use->next)
	{
		const RenderName *first = tree->names;

		while (first->length != use->length ||
			   memcmp(first->name, use->name, use->length) != 0)
			first = first->next;
		if (first == use)
			names = accumArrayResult(
				names,
				PointerGetDatum(cstring_to_text_with_len(use->name, (int) use->length)),
				false, TEXTOID, CurrentMemoryContext);
	}
	PG_RETURN_DATUM(makeArrayResult(names, CurrentMemoryContext));
}

/* leap.render_filters() returns setof (filter, arguments, purpose) */
Datum
leap_render_filters(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rows = (ReturnSetInfo *) fcinfo->resultinfo;
	const RenderFilterHelp *filter;

	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; (filter = render_filter_help(i)) != NULL; i++)
	{
		Datum values[] = {CStringGetTextDatum(filter->name),
						  CStringGetTextDatum(filter->arguments),
						  CStringGetTextDatum(filter->purpose)};
		bool nulls[lengthof(values)] = {false};

		tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* Lengths ----------------------------------------------------------------------------- */

static TextUnit
unit_named(text *name)
{
	char *wanted = text_to_cstring(name);

	for (int unit = 0; unit < TEXT_UNITS; unit++)
		if (strcmp(text_unit_names[unit], wanted) == 0)
			return (TextUnit) unit;
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("there is no unit \"%s\"", wanted),
					errhint("Units are chars, bytes and utf16.")));
}

/* leap.text_size(t text, unit text) returns int */
Datum
leap_text_size(PG_FUNCTION_ARGS)
{
	text *t = PG_GETARG_TEXT_PP(0);

	PG_RETURN_INT32((int32) text_size(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t),
									  unit_named(PG_GETARG_TEXT_PP(1))));
}

/* leap.fit_text(t text, most int, unit text, ending text) returns text */
Datum
leap_fit_text(PG_FUNCTION_ARGS)
{
	text *t = PG_GETARG_TEXT_PP(0);
	int32 most = PG_GETARG_INT32(1);
	TextUnit unit = unit_named(PG_GETARG_TEXT_PP(2));
	text *ending = PG_GETARG_TEXT_PP(3);
	size_t length = VARSIZE_ANY_EXHDR(t);
	size_t room = most > 0 ? (size_t) most : 0;
	size_t size = text_size(VARDATA_ANY(ending), VARSIZE_ANY_EXHDR(ending), unit);
	size_t kept = text_fit(VARDATA_ANY(t), length, room, unit, size <= room ? size : 0);
	StringInfoData fitted;

	if (kept == length)
		PG_RETURN_TEXT_P(t);
	initStringInfo(&fitted);
	appendBinaryStringInfo(&fitted, VARDATA_ANY(t), (int) kept);
	if (size <= room)
		appendBinaryStringInfo(&fitted, VARDATA_ANY(ending),
							   (int) VARSIZE_ANY_EXHDR(ending));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(fitted.data, fitted.len));
}

/* leap.zone_or_utc(zone text) returns text */
Datum
leap_zone_or_utc(PG_FUNCTION_ARGS)
{
	char *name = PG_ARGISNULL(0) ? pstrdup("UTC") : text_to_cstring(PG_GETARG_TEXT_PP(0));
	pg_tz *zone = strlen(name) <= TZ_STRLEN_MAX ? pg_tzset(name) : NULL;

	if (zone == NULL || !pg_tz_acceptable(zone))
		PG_RETURN_TEXT_P(cstring_to_text("UTC"));
	PG_RETURN_TEXT_P(cstring_to_text(name));
}
