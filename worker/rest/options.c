/*
 * rest/options.c
 *	  OPTIONS: what may be done with a relation, a function, the root.
 */
#include <string.h>

#include "rest/answer_parts.h"
#include "rest/call.h"

bool
plan_options(RestPlan *plan, const RestRequest *request, const char *function,
			 RestError *error)
{
	CallNames nothing = {0};
	size_t count = 0;
	const Function *found;
	bool whole;

	(void) request;
	if (function == NULL)
		return true;
	found = schema_functions(plan->cache, plan->schema, function, &count);
	while (count > 0 && found->of_row)
	{
		found++;
		count--;
	}
	if (count == 0)
		return call_choose(plan, function, &nothing, &whole, error);
	plan->function = found;
	return true;
}

void
answer_options(const RestPlan *plan, RestAnswer *answer)
{
	const Relation *relation = plan->relation;
	Buffer *fields = &answer->fields;

	buffer_puts(fields, "Allow: OPTIONS");
	if (plan->function == NULL || plan->function->volatility != 'v')
		buffer_puts(fields, ",GET,HEAD");
	if (plan->function != NULL || (relation != NULL && relation->insertable))
		buffer_puts(fields, ",POST");
	if (relation != NULL && relation->insertable && relation->updatable &&
		!relation->triggered && relation->key_count > 0)
		buffer_puts(fields, ",PUT");
	if (relation != NULL && relation->updatable)
		buffer_puts(fields, ",PATCH");
	if (relation != NULL && relation->deletable)
		buffer_puts(fields, ",DELETE");
	buffer_puts(fields, "\r\n");
}
