/*
 * render.h
 *	  Text templates: {{ variable | filter }} and {% if %}, parsed into a tree, then rendered.
 *
 * Concept: the language has no loops and no definitions, so a rendering ends by itself; what
 * it may cost is bounded as well, in sizes and in units of work (about a byte looked at or
 * written each), which are counted and not timed: the same template and the same variables
 * always end in the same way.
 *
 * Nothing here knows the server: memory, variables and letter case come from a RenderHost,
 * so that unit tests and the fuzzer run it as a plain program. Texts are UTF-8 with a length;
 * bytes that are no UTF-8 count as one character each.
 */
#ifndef LEAP_RENDER_H
#define LEAP_RENDER_H

#include <stdbool.h>
#include <stddef.h>

#define RENDER_TEMPLATE_MOST 20000  /* bytes of a template */
#define RENDER_OUTPUT_MOST   262144 /* bytes of a result */
#define RENDER_DEPTH_MOST    32 /* blocks, parentheses, arguments and nots in each other */
#define RENDER_WORK_MOST     4194304 /* units of work in one rendering */
#define RENDER_PAUSE_EVERY   65536   /* units between two calls of pause */

typedef enum RenderKind
{
	RENDER_NOTHING, /* undefined, or null: the empty text */
	RENDER_TEXT,
	RENDER_NUMBER, /* text is how it is written */
	RENDER_TRUTH,  /* text is "true" or "false" */
	RENDER_LIST,
	RENDER_OBJECT
} RenderKind;

typedef struct RenderValue
{
	RenderKind kind;
	const char *text; /* not terminated */
	size_t length;
	const struct RenderValue *items; /* of a list */
	size_t count;
	const void *members; /* of an object: the host's */
} RenderValue;

typedef struct RenderHost
{
	void *arg;

	/* Memory that lives as long as the tree and the result; never NULL. */
	void *(*allocate)(void *arg, size_t bytes);

	/* Called now and then; need not return. */
	void (*pause)(void *arg);

	/* The variable of that name, or the member of an object. False: there is none. */
	bool (*find)(void *arg, const RenderValue *object, const char *name, size_t length,
				 RenderValue *value);

	/* The text in upper or lower case. */
	RenderValue (*change_case)(void *arg, bool upper, const char *text, size_t length);
} RenderHost;

/* What is wrong with a template, and where: line and column count characters from 1. */
typedef struct RenderError
{
	int line;
	int column;
	char message[200];
	char hint[400];
} RenderError;

typedef struct RenderName
{
	const char *name; /* the first part of a dotted name */
	size_t length;
	size_t at; /* offset in the template */
	const struct RenderName *next;
} RenderName;

typedef struct RenderTree
{
	const char *source;
	size_t length;
	struct RenderPart *parts;
	const RenderName *names; /* every use of a variable, in the order of the template */
} RenderTree;

typedef struct RenderResult
{
	char *text; /* not terminated */
	size_t length;
	size_t work; /* units that were needed */
} RenderResult;

/* One filter, for people. */
typedef struct RenderFilterHelp
{
	const char *name;
	const char *arguments;
	const char *purpose;
} RenderFilterHelp;

/* The tree of a template, which must live as long as the tree; NULL: *error says why. */
RenderTree *render_parse(const RenderHost *host, const char *source, size_t length,
						 RenderError *error);

/* Whether all variables have one of these names; if not, *error names the nearest. */
bool render_names_known(const RenderTree *tree, const char *const *known, size_t count,
						RenderError *error);

bool render_run(const RenderHost *host, const RenderTree *tree, RenderResult *result,
				RenderError *error);

/* The filter of that place in the table, counted from 0; NULL after the last. */
const RenderFilterHelp *render_filter_help(size_t place);

#endif
