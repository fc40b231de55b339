/*
 * expression.h
 *	  Regular expressions of people: PostgreSQL's engine, with bounds.
 */
#ifndef LEAP_EXPRESSION_H
#define LEAP_EXPRESSION_H

#include "postgres.h"

#include "regex/regex.h"

#include "pattern.h"

typedef struct Expression
{
	const char *text;
	size_t length;
	const char *reason; /* why it cannot be used, with the place; NULL: it can */
	const char *hint;
	PatternFacts facts;
	MemoryContext context; /* it lives in */
	bool compiled;
	regex_t regex;
} Expression;

/* A text to be searched; the wide form is made when the engine needs it. */
typedef struct Subject
{
	const char *text;   /* as it is, UTF-8 */
	const char *folded; /* by match_fold() */
	size_t length;
	pg_wchar *wide;
	size_t wide_length;
} Subject;

/* The processor time that the expressions of one call may take together. */
typedef struct Budget
{
	int64 spent; /* nanoseconds */
	int seconds;
} Budget;

/*
 * The collation for everything that ignores case: the one of Unicode where the server has
 * it, else the one of the database; plain says that match_fold() agrees with it.
 */
Oid expression_collation(bool *plain);

/*
 * expression_read judges a pattern and fills a zeroed Expression, which lives as long as the
 * current memory context. A bad pattern is no error: reason and hint say what is wrong.
 */
void expression_read(Expression *expression, const char *text, size_t length,
					 bool ignores_case);

/*
 * Whether the subject has a match; never, if the expression cannot be used, which may be
 * found out here: the engine compiles it when it is needed for the first time.
 */
bool expression_matches(Expression *expression, Subject *subject, Budget *budget);

bool expression_over_budget(const Budget *budget);

/* The seconds of a budget: what the caller wants, at most leap.match_seconds. */
int expression_seconds(int wanted);

#endif
