/*
 * render_run.c
 *	  From the tree of a template and variables to text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "render_text.h"
#include "render_tree.h"

#define NUMBER_MOST 30 /* characters of a text that is taken for a number */

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

/* Values ------------------------------------------------------------------------------ */

bool
render_text_of(RenderRun *run, const RenderValue *value, RenderValue *text)
{
	size_t length = 0;
	char *joined;

	*text =
		(RenderValue){.kind = RENDER_TEXT, .text = value->text, .length = value->length};
	if (value->kind != RENDER_LIST)
	{
		if (value->kind == RENDER_NOTHING || value->kind == RENDER_OBJECT)
			*text = (RenderValue){.kind = RENDER_TEXT, .text = ""};
		return true;
	}
	for (size_t i = 0; i < value->count; i++)
		length += value->items[i].length + 2;
	if (!render_spend(run, length + 1))
		return false;
	joined = run->host->allocate(run->host->arg, length + 1);
	text->text = joined;
	text->length = 0;
	for (size_t i = 0; i < value->count; i++)
	{
		if (i > 0)
		{
			memcpy(joined + text->length, ", ", 2);
			text->length += 2;
		}
		if (value->items[i].length > 0)
			memcpy(joined + text->length, value->items[i].text, value->items[i].length);
		text->length += value->items[i].length;
	}
	return true;
}

static bool
is_true(const RenderValue *value)
{
	switch (value->kind)
	{
		case RENDER_TEXT:
			return value->length > 0;
		case RENDER_NUMBER:
			for (size_t i = 0; i < value->length; i++)
				if (value->text[i] >= '1' && value->text[i] <= '9')
					return true;
			return false;
		case RENDER_TRUTH:
			return value->text[0] == 't';
		case RENDER_LIST:
			return value->count > 0;
		case RENDER_OBJECT:
			return true;
		case RENDER_NOTHING:
			break;
	}
	return false;
}

static RenderValue
truth(bool value)
{
	return (RenderValue){
		.kind = RENDER_TRUTH, .text = value ? "true" : "false", .length = value ? 4 : 5};
}

/* Whether it is a number, or a text that is written as one. */
static bool
as_number(const RenderValue *value, double *number)
{
	char copy[NUMBER_MOST + 1];
	char *end;

	if ((value->kind != RENDER_NUMBER && value->kind != RENDER_TEXT) ||
		value->length == 0 || value->length > NUMBER_MOST)
		return false;
	for (size_t i = 0; i < value->length; i++)
		if (memchr("0123456789.-", value->text[i], 12) == NULL)
			return false;
	memcpy(copy, value->text, value->length);
	copy[value->length] = '\0';
	*number = strtod(copy, &end);
	return *end == '\0';
}

/* Less than, equal to or greater than 0. Two numbers are compared as such, everything else
 * as texts, in the order of the characters' codes. */
static bool
compare(RenderRun *run, const RenderValue *a, const RenderValue *b, int *order)
{
	RenderValue left;
	RenderValue right;
	double x;
	double y;
	size_t shared;

	if (as_number(a, &x) && as_number(b, &y))
	{
		*order = (x > y) - (x < y);
		return true;
	}
	if (!render_text_of(run, a, &left) || !render_text_of(run, b, &right))
		return false;
	shared = left.length < right.length ? left.length : right.length;
	if (!render_spend(run, shared))
		return false;
	*order = shared > 0 ? memcmp(left.text, right.text, shared) : 0;
	if (*order == 0)
		*order = (left.length > right.length) - (left.length < right.length);
	return true;
}

/* Whether a list has the item, or a text the part. */
static bool
contains(RenderRun *run, const RenderValue *part, const RenderValue *whole, bool *found)
{
	RenderValue needle;
	RenderValue hay;
	int order = 1;

	*found = false;
	if (whole->kind == RENDER_LIST)
	{
		for (size_t i = 0; i < whole->count && !*found; i++)
		{
			if (!render_spend(run, 1) || !compare(run, part, &whole->items[i], &order))
				return false;
			*found = order == 0;
		}
		return true;
	}
	if (!render_text_of(run, part, &needle) || !render_text_of(run, whole, &hay) ||
		!render_spend(run, hay.length))
		return false;
	*found = needle.length == 0 ||
			 (hay.length > 0 &&
			  memmem(hay.text, hay.length, needle.text, needle.length) != NULL);
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
		if (!contains(run, &left, &right, &result))
			return false;
		*value = truth(result == (expr->compare == COMPARE_IN));
		return true;
	}
	if (!compare(run, &left, &right, &order))
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
	*value = truth(result);
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
			*value = truth(!is_true(value));
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
		else if (is_true(value) == (expr->kind == EXPR_ANY))
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
		RenderValue value = truth(true);

		if (branch->condition != NULL && !evaluate(run, branch->condition, &value))
			return false;
		if (is_true(&value))
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
