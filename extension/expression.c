/*
 * expression.c
 *	  Regular expressions of people: PostgreSQL's engine, with bounds.
 *
 * Without captures and back-references the engine makes its automaton as it reads, and never
 * goes back: a match takes time proportional to the length of the text and to the size of
 * the pattern, which pattern.c bounds. That bounds one match; the budget bounds a statement
 * with thousands of them. The engine looks for cancellation by itself.
 */
#include "expression.h"

#include <time.h>

#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/value.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "errcodes.h"
#include "match.h"

PG_FUNCTION_INFO_V1(leap_check_pattern);
PG_FUNCTION_INFO_V1(leap_pattern_matches);

Oid
expression_collation(bool *plain)
{
	Oid collation = InvalidOid;

	if (GetDatabaseEncoding() == PG_UTF8)
		collation = get_collation_oid(list_make2(makeString(pstrdup("pg_catalog")),
												 makeString(pstrdup("und-x-icu"))),
									  true);
	*plain = OidIsValid(collation);
	return *plain ? collation : DEFAULT_COLLATION_OID;
}

static pg_wchar *
widen(const char *text, size_t length, size_t *wide_length)
{
	pg_wchar *wide = palloc((length + 1) * sizeof(pg_wchar));

	*wide_length = (size_t) pg_mb2wchar_with_len(text, wide, (int) length);
	return wide;
}

/* The engine keeps a compiled pattern outside of memory contexts. */
static void
free_regex(void *arg)
{
	pg_regfree((regex_t *) arg);
}

static void
compile(Expression *expression)
{
	MemoryContext caller = MemoryContextSwitchTo(expression->context);
	MemoryContextCallback *callback = palloc0(sizeof *callback);
	bool plain;
	size_t length;
	pg_wchar *wide = widen(expression->text, expression->length, &length);
	int flags =
		REG_ADVANCED | REG_NOSUB | (expression->facts.ignores_case ? REG_ICASE : 0);
	int result =
		pg_regcomp(&expression->regex, wide, length, flags, expression_collation(&plain));

	CHECK_FOR_INTERRUPTS(); /* the engine gives up when it is cancelled */
	pfree(wide);
	if (result == REG_OKAY)
	{
		callback->func = free_regex;
		callback->arg = &expression->regex;
		MemoryContextRegisterResetCallback(expression->context, callback);
		expression->compiled = true;
	}
	else
	{
		char message[100];

		pg_regerror(result, &expression->regex, message, sizeof message);
		expression->reason = pstrdup(message);
	}
	MemoryContextSwitchTo(caller);
}

void
expression_read(Expression *expression, const char *text, size_t length,
				bool ignores_case)
{
	PatternFault fault;
	bool plain;

	expression->context = CurrentMemoryContext;
	expression->text = text;
	expression->length = length;
	if (!pattern_read(text, length, ignores_case, &expression->facts, &fault))
	{
		expression->reason = psprintf("%s (at character %zu)", fault.rule, fault.at);
		expression->hint = fault.hint;
	}
	expression_collation(&plain);
	if (!plain)
		expression->facts.literal_count = 0;
}

bool
expression_over_budget(const Budget *budget)
{
	return budget->spent > budget->seconds * INT64CONST(1000000000);
}

int
expression_seconds(int wanted)
{
	return Min(wanted,
			   pg_strtoint32(GetConfigOption("leap.match_seconds", false, false)));
}

/* Most names do not even contain the literals that each match has. */
static bool
may_match(const Expression *expression, const Subject *subject)
{
	const PatternFacts *facts = &expression->facts;
	const char *text = facts->ignores_case ? subject->folded : subject->text;

	for (int i = facts->literal_count - 1; i >= 0; i--)
		if (!match_contains(text, subject->length, facts->literals[i],
							strlen(facts->literals[i])))
			return false;
	return expression->reason == NULL;
}

/* Compiles the expression, if that has not been done yet, and runs it. */
static bool
run(Expression *expression, Subject *subject)
{
	int result;

	if (!expression->compiled)
		compile(expression);
	if (!expression->compiled)
		return false;
	if (subject->wide == NULL)
		subject->wide = widen(subject->text, subject->length, &subject->wide_length);
	result = pg_regexec(&expression->regex, subject->wide, subject->wide_length, 0, NULL,
						0, NULL, 0);
	CHECK_FOR_INTERRUPTS();
	if (result != REG_OKAY && result != REG_NOMATCH)
		expression->reason = "the server gives up on it";
	return result == REG_OKAY;
}

/* What this process has used of its processor, in nanoseconds: waiting for one is no work. */
static int64
processor_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * INT64CONST(1000000000) + now.tv_nsec;
}

bool
expression_matches(Expression *expression, Subject *subject, Budget *budget)
{
	int64 began;
	bool matches;

	if (!may_match(expression, subject))
		return false;
	began = processor_time();
	matches = run(expression, subject);
	budget->spent += processor_time() - began;
	return matches;
}

/* leap.check_pattern(pattern text, what text) returns void */
Datum
leap_check_pattern(PG_FUNCTION_ARGS)
{
	text *pattern = PG_GETARG_TEXT_PP(0);
	char *what = text_to_cstring(PG_GETARG_TEXT_PP(1));
	Expression *expression = palloc0(sizeof *expression);

	expression_read(expression, VARDATA_ANY(pattern), VARSIZE_ANY_EXHDR(pattern), true);
	if (expression->reason == NULL)
		compile(expression);
	if (expression->reason != NULL)
		ereport(
			ERROR,
			(errcode(ERRCODE_LEAP_INVALID_INPUT),
			 errmsg("%s: \"%s\" is no pattern LEAP can use: %s", what,
					text_to_cstring(pattern), expression->reason),
			 expression->hint != NULL
				 ? errhint("%s", expression->hint)
				 : errhint("Patterns are PostgreSQL's advanced regular expressions.")));
	PG_RETURN_VOID();
}

/* Whether the name matches; null if the pattern cannot be used or the time is used up. */
static Datum
try_name(Expression *expression, Datum name, Budget *budget, bool *unknown)
{
	text *said = DatumGetTextPP(name);
	Subject subject = {.text = VARDATA_ANY(said), .length = VARSIZE_ANY_EXHDR(said)};
	char *folded = palloc(subject.length + 1);
	bool matches;

	match_fold(subject.text, subject.length, folded);
	subject.folded = folded;
	*unknown = expression_over_budget(budget);
	matches = !*unknown && expression_matches(expression, &subject, budget);
	*unknown = *unknown || expression->reason != NULL;
	return BoolGetDatum(matches);
}

/* leap.pattern_matches(pattern text, names text[], seconds int) returns boolean[] */
Datum
leap_pattern_matches(PG_FUNCTION_ARGS)
{
	text *pattern = PG_GETARG_TEXT_PP(0);
	Budget budget = {.seconds = expression_seconds(PG_GETARG_INT32(2))};
	Expression *expression = palloc0(sizeof *expression);
	MemoryContext one =
		AllocSetContextCreate(CurrentMemoryContext, "one name", ALLOCSET_DEFAULT_SIZES);
	Datum *names;
	bool *nulls;
	int count;
	int least = 1;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false, TYPALIGN_INT, &names,
					  &nulls, &count);
	expression_read(expression, VARDATA_ANY(pattern), VARSIZE_ANY_EXHDR(pattern), false);
	for (int i = 0; i < count; i++)
	{
		MemoryContext whole = MemoryContextSwitchTo(one);

		CHECK_FOR_INTERRUPTS();
		if (!nulls[i])
			names[i] = try_name(expression, names[i], &budget, &nulls[i]);
		MemoryContextSwitchTo(whole);
		MemoryContextReset(one);
	}
	PG_RETURN_ARRAYTYPE_P(construct_md_array(names, nulls, 1, &count, &least, BOOLOID, 1,
											 true, TYPALIGN_CHAR));
}
