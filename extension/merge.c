/*
 * merge.c
 *	  Layers of configuration: laying one jsonb object over another.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/jsonb.h"

PG_FUNCTION_INFO_V1(leap_merge_config);

static bool
is_object(const JsonbValue *value)
{
	return value != NULL && value->type == jbvBinary &&
		   JsonContainerIsObject(value->val.binary.data);
}

static void
push_member(JsonbParseState **state, JsonbValue *key, JsonbValue *value)
{
	pushJsonbValue(state, WJB_KEY, key);
	pushJsonbValue(state, WJB_VALUE, value);
}

static JsonbValue *merge_objects(JsonbParseState **state, JsonbContainer *base,
								 JsonbContainer *top);

/* The members of base, each replaced by or merged with the one of top. */
static void
merge_shared(JsonbParseState **state, JsonbContainer *base, JsonbContainer *top)
{
	JsonbIterator *iterator = JsonbIteratorInit(base);
	JsonbValue key;
	JsonbValue value;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		JsonbValue *other;

		if (token != WJB_KEY || JsonbIteratorNext(&iterator, &value, true) != WJB_VALUE)
			continue;
		other = findJsonbValueFromContainer(top, JB_FOBJECT, &key);
		if (!is_object(&value) || !is_object(other))
			push_member(state, &key, other != NULL ? other : &value);
		else
		{
			pushJsonbValue(state, WJB_KEY, &key);
			merge_objects(state, value.val.binary.data, other->val.binary.data);
		}
	}
}

/* The members only top has. */
static void
add_new(JsonbParseState **state, JsonbContainer *base, JsonbContainer *top)
{
	JsonbIterator *iterator = JsonbIteratorInit(top);
	JsonbValue key;
	JsonbValue value;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		if (token != WJB_KEY || JsonbIteratorNext(&iterator, &value, true) != WJB_VALUE)
			continue;
		if (findJsonbValueFromContainer(base, JB_FOBJECT, &key) == NULL)
			push_member(state, &key, &value);
	}
}

static JsonbValue *
merge_objects(JsonbParseState **state, JsonbContainer *base, JsonbContainer *top)
{
	check_stack_depth();
	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	merge_shared(state, base, top);
	add_new(state, base, top);
	return pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

/* leap.merge_config(base jsonb, top jsonb) returns jsonb */
Datum
leap_merge_config(PG_FUNCTION_ARGS)
{
	Jsonb *base = PG_GETARG_JSONB_P(0);
	Jsonb *top = PG_GETARG_JSONB_P(1);
	JsonbParseState *state = NULL;

	if (!JB_ROOT_IS_OBJECT(base) || !JB_ROOT_IS_OBJECT(top))
		PG_RETURN_JSONB_P(top);
	PG_RETURN_JSONB_P(JsonbValueToJsonb(merge_objects(&state, &base->root, &top->root)));
}
