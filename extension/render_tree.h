/*
 * render_tree.h
 *	  What a template is parsed into; shared by the parser, the evaluation and the filters.
 */
#ifndef LEAP_RENDER_TREE_H
#define LEAP_RENDER_TREE_H

#include "render.h"

#define RENDER_ARGUMENTS_MOST 2

typedef struct RenderRun RenderRun;

/* A filter: its help, its arguments by name (a question mark follows the optional ones in
 * help.arguments), and what it does. */
typedef struct RenderFilter
{
	RenderFilterHelp help;
	const char *names[RENDER_ARGUMENTS_MOST];
	int needed; /* arguments that must be given */

	/* An argument that is not given is NULL. False: run->error is set. */
	bool (*apply)(RenderRun *run, const RenderValue *value,
				  const RenderValue *const *arguments, RenderValue *result);
} RenderFilter;

typedef struct RenderFilterUse
{
	const RenderFilter *filter;
	size_t at;
	struct RenderExpr *arguments[RENDER_ARGUMENTS_MOST];
	struct RenderFilterUse *next;
} RenderFilterUse;

typedef enum RenderExprKind
{
	EXPR_VALUE,
	EXPR_VARIABLE,
	EXPR_ANY, /* a or b or ... */
	EXPR_ALL, /* a and b and ... */
	EXPR_NOT,
	EXPR_COMPARE
} RenderExprKind;

typedef enum RenderCompare
{
	COMPARE_EQUAL,
	COMPARE_DIFFERENT,
	COMPARE_LESS,
	COMPARE_LESS_OR_EQUAL,
	COMPARE_GREATER,
	COMPARE_GREATER_OR_EQUAL,
	COMPARE_IN,
	COMPARE_NOT_IN
} RenderCompare;

typedef struct RenderExpr
{
	RenderExprKind kind;
	RenderCompare compare;
	size_t at;
	RenderValue value;
	const char *path; /* of a variable, dots included */
	size_t path_length;
	struct RenderExpr *operands; /* the first; more by next */
	struct RenderExpr *next;
	RenderFilterUse *filters;
} RenderExpr;

typedef struct RenderBranch
{
	RenderExpr *condition; /* NULL: else */
	struct RenderPart *parts;
	struct RenderBranch *next;
} RenderBranch;

/* A piece of a template: text, or a value, or branches of which one is rendered. */
typedef struct RenderPart
{
	size_t at;
	const char *text; /* NULL: not text */
	size_t length;
	RenderExpr *value;
	RenderBranch *branches;
	struct RenderPart *next;
} RenderPart;

/* One rendering. */
struct RenderRun
{
	const RenderHost *host;
	const RenderTree *tree;
	RenderError *error;
	RenderResult *out;
	size_t room;   /* allocated for out->text */
	size_t at;     /* where an error would be reported */
	size_t paused; /* work at the last pause */
};

/* Fills *error with the position of the offset in the source; message and hint are the
 * caller's. Returns false. */
bool render_locate(RenderError *error, const char *source, size_t at);

/* Adds to the work done; false: it is too much, and run->error is set. */
bool render_spend(RenderRun *run, size_t units);

/* Fails the rendering at the place it has reached. Returns false. */
bool render_fail(RenderRun *run, const char *message, const char *hint);

/* The text of a value: of a list, its items with ", " between them. */
bool render_text_of(RenderRun *run, const RenderValue *value, RenderValue *text);

/* Whether a value counts as true in a condition. */
bool render_is_true(const RenderValue *value);

RenderValue render_truth(bool value);

/* Less than, equal to or greater than 0. Two numbers are compared as such, everything else
 * as texts, in the order of the characters' codes. */
bool render_compare(RenderRun *run, const RenderValue *a, const RenderValue *b,
					int *order);

/* Whether a list has the item, or a text the part. */
bool render_contains(RenderRun *run, const RenderValue *part, const RenderValue *whole,
					 bool *found);

const RenderFilter *render_filter_find(const char *name, size_t length);

/* "Filters are: ..." or the name that was meant. */
void render_filter_hint(RenderError *error, const char *name, size_t length);

#endif
