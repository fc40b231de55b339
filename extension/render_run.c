/*
 * render_run.c
 *	  From the tree of a template and variables to text.
 */
#include <stdio.h>
#include <string.h>

#include "render_tree.h"

static bool evaluate(RenderRun *run, const RenderExpr *expr, RenderValue *value);

bool
render_fail(RenderRun *run, const char *message, const char *hint)
{
	snprintf(run->error->message, sizeof run->error->message, "%s", message);
	snprintf(run->error->hint, sizeof run->error->hint, "%s", hint);
	return render_locate(run->error, run->tree->source, run->at);
}

bool
render_spend(RenderRun *run, size_t units)
{
	char message[80];

	if (units > RENDER_WORK_MOST || run->out->work + units > RENDER_WORK_MOST)
	{
		snprintf(message, sizeof message, "rendering it takes more than %d steps",
				 RENDER_WORK_MOST);
		return render_fail(run, message, "Use fewer filters on long texts.");
	}
	run->out->work += units;
	if (run->out->work - run->paused >= RENDER_PAUSE_EVERY)
	{
		run->paused = run->out->work;
		run->host->pause(run->host->arg);
	}
	return true;
}

/* Expressions ------------------------------------------------------------------------- */

/* The value of a dotted name. What is not there is nothing, and so are its members. */
static bool
find(RenderRun *run, const RenderExpr *expr, RenderValue *value)
{
	RenderValue object;
	size_t at = 0;

	*value = (RenderValue){.kind = RENDER_NOTHING, .text = ""};
	while (at < expr->path_length)
	{
		size_t end = at;
		bool last;

		while (end < expr->path_length && memchr(". \t\r\n", expr->path[end], 5) == NULL)
			end++;
		last = at == 0;
		object = *value;
		if (!render_spend(run, end - at + 1))
			return false;
		if ((!last && object.kind != RENDER_OBJECT) ||
			!run->host->find(run->host->arg, last ? NULL : &object, expr->path + at,
							 end - at, value))
		{
			*value = (RenderValue){.kind = RENDER_NOTHING, .text = ""};
			return true;
		}
		if (!render_spend(run, value->count)) /* a list is made anew each time */
			return false;
		for (at = end;
			 at < expr->path_length && memchr(". \t\r\n", expr->path[at], 5) != NULL;)
			at++;
	}
	return true;
}

static bool
evaluate_comparison(RenderRun *run, const RenderExpr *expr, RenderValue *value)
{
	RenderValue left;
	RenderValue right;
	int order = 0;
	bool result = false;

	if (!evaluate(run, expr->operands, &left) ||
		!evaluate(run, expr->operands->next, &right))
		return false;
	if (expr->compare == COMPARE_IN || expr->compare == COMPARE_NOT_IN)
	{
		if (!render_contains(run, &left, &right, &result))
			return false;
		*value = render_truth(result == (expr->compare == COMPARE_IN));
		return true;
	}
	if (!render_compare(run, &left, &right, &order))
		return false;
	switch (expr->compare)
	{
		case COMPARE_EQUAL:
			result = order == 0;
			break;
		case COMPARE_DIFFERENT:
			result = order != 0;
			break;
		case COMPARE_LESS:
			result = order < 0;
			break;
		case COMPARE_LESS_OR_EQUAL:
			result = order <= 0;
			break;
		case COMPARE_GREATER:
			result = order > 0;
			break;
		case COMPARE_GREATER_OR_EQUAL:
			result = order >= 0;
			break;
		case COMPARE_IN:
		case COMPARE_NOT_IN:
			break;
	}
	*value = render_truth(result);
	return true;
}

static bool
evaluate_bare(RenderRun *run, const RenderExpr *expr, RenderValue *value)
{
	switch (expr->kind)
	{
		case EXPR_VALUE:
			*value = expr->value;
			return true;
		case EXPR_VARIABLE:
			return find(run, expr, value);
		case EXPR_NOT:
			if (!evaluate(run, expr->operands, value))
				return false;
			*value = render_truth(!render_is_true(value));
			return true;
		case EXPR_COMPARE:
			return evaluate_comparison(run, expr, value);
		case EXPR_ANY:
		case EXPR_ALL:
			break;
	}
	/* the first that decides, or the last */
	for (const RenderExpr *one = expr->operands; one != NULL; one = one->next)
		if (!evaluate(run, one, value))
			return false;
		else if (render_is_true(value) == (expr->kind == EXPR_ANY))
			break;
	return true;
}

static bool
apply_filter(RenderRun *run, const RenderFilterUse *use, RenderValue *value)
{
	RenderValue arguments[RENDER_ARGUMENTS_MOST];
	const RenderValue *given[RENDER_ARGUMENTS_MOST] = {NULL};
	RenderValue input = *value;

	for (int i = 0; i < RENDER_ARGUMENTS_MOST; i++)
		if (use->arguments[i] != NULL)
		{
			if (!evaluate(run, use->arguments[i], &arguments[i]))
				return false;
			given[i] = &arguments[i];
		}
	run->at = use->at;
	return render_spend(run, input.length + 1) &&
		   use->filter->apply(run, &input, given, value);
}

static bool
evaluate(RenderRun *run, const RenderExpr *expr, RenderValue *value)
{
	run->at = expr->at;
	if (!render_spend(run, 1) || !evaluate_bare(run, expr, value))
		return false;
	for (const RenderFilterUse *use = expr->filters; use != NULL; use = use->next)
		if (!apply_filter(run, use, value))
			return false;
	return true;
}

/* Parts ------------------------------------------------------------------------------- */

static bool
put(RenderRun *run, const char *text, size_t length)
{
	RenderResult *out = run->out;
	char message[80];

	if (length == 0)
		return true;
	if (length > RENDER_OUTPUT_MOST - out->length)
	{
		snprintf(message, sizeof message, "what it renders to is longer than %d bytes",
				 RENDER_OUTPUT_MOST);
		return render_fail(run, message, "Cut long texts: | truncate(1000).");
	}
	if (!render_spend(run, length))
		return false;
	if (out->length + length > run->room)
	{
		char *old = out->text;

		run->room = (out->length + length) * 2;
		out->text = run->host->allocate(run->host->arg, run->room);
		if (out->length > 0)
			memcpy(out->text, old, out->length);
	}
	memcpy(out->text + out->length, text, length);
	out->length += length;
	return true;
}

static bool
put_value(RenderRun *run, const RenderPart *part)
{
	RenderValue value;
	RenderValue text;

	if (!evaluate(run, part->value, &value) || !render_text_of(run, &value, &text))
		return false;
	run->at = part->at;
	return put(run, text.text, text.length);
}

static bool render_parts(RenderRun *run, const RenderPart *part);

static bool
render_branches(RenderRun *run, const RenderPart *part)
{
	for (const RenderBranch *branch = part->branches; branch != NULL;
		 branch = branch->next)
	{
		RenderValue value = render_truth(true);

		if (branch->condition != NULL && !evaluate(run, branch->condition, &value))
			return false;
		if (render_is_true(&value))
			return render_parts(run, branch->parts);
	}
	return true;
}

static bool
render_parts(RenderRun *run, const RenderPart *part)
{
	for (; part != NULL; part = part->next)
	{
		run->at = part->at;
		if (!render_spend(run, 1) ||
			(part->text != NULL && !put(run, part->text, part->length)) ||
			(part->value != NULL && !put_value(run, part)) ||
			(part->branches != NULL && !render_branches(run, part)))
			return false;
	}
	return true;
}

bool
render_run(const RenderHost *host, const RenderTree *tree, RenderResult *result,
		   RenderError *error)
{
	RenderRun run = {.host = host, .tree = tree, .error = error, .out = result};

	*error = (RenderError){.line = 1, .column = 1};
	*result = (RenderResult){.text = host->allocate(host->arg, 1)};
	return render_parts(&run, tree->parts);
}
