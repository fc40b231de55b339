/*
 * match_sql.c
 *	  Which template a recording belongs to: the rules of one user, any number of names.
 *
 * The rules of all templates are compiled once a call; then each name is taken through the
 * templates in their order, and the first that matches wins. A template matches if the source
 * is one of its source_ids (none: any), nothing is excluded, and one of exact_matches,
 * keywords or patterns hits; one without any of those three never matches. Words are compared
 * trimmed and, unless case_sensitive, in lower case; patterns see the name as it is.
 *
 * A name that an exclusion alone keeps from a template gets a note. With an excluded keyword
 * only words are looked for: patterns are not tried for a note's sake.
 *
 * What patterns cost is bounded (expression.c). When a call has used up leap.match_seconds,
 * a name whose next rule is a pattern is left without a template, with a note: a rule that
 * was not tried must not be taken for one that does not match.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"
#include "utils/uuid.h"

#include "catalog/pg_type.h"
#include "expression.h"
#include "match.h"

PG_FUNCTION_INFO_V1(leap_first_matches);

typedef struct Word
{
	const char *text; /* as people wrote it */
	const char *norm;
	size_t norm_length;
} Word;

typedef struct Words
{
	int count;
	Word *items;
} Words;

typedef struct Expressions
{
	int count;
	Expression *items;
} Expressions;

typedef struct Rules
{
	Datum template;   /* its id, a uuid */
	const char *name; /* of the template, NULL: it has none */
	bool case_sensitive;
	Words source_ids, exclude_keywords, exact_matches, keywords;
	Expressions exclude_patterns, patterns;
} Rules;

/* The name of a lecture in the forms that rules ask for. */
typedef struct Lecture
{
	Subject subject;
	const char *norm[2]; /* trimmed; [0] in lower case, [1] as it is */
	size_t norm_length[2];
	const char *source; /* id as text, NULL: none */
} Lecture;

typedef struct Matcher
{
	Oid collation;
	int count;
	Rules *rules;
	Budget budget;
	const char *broken; /* the first pattern that cannot be used */
} Matcher;

/* What became of a name. */
typedef struct Verdict
{
	const Rules *winner; /* NULL: none */
	const char *kind;
	const char *value;
	const char *note;
	const char *excluded; /* the first exclusion without which it would match */
} Verdict;

static const char *
lower_case(Matcher *matcher, const char *text, size_t length, size_t *lower_length)
{
	const char *low = str_tolower(text, length, matcher->collation);

	*lower_length = strlen(low);
	return low;
}

static JsonbContainer *
member_array(JsonbContainer *object, const char *key)
{
	JsonbValue *value =
		getKeyJsonValueFromContainer(object, key, (int) strlen(key), NULL);

	return value != NULL && value->type == jbvBinary &&
				   JsonContainerIsArray(value->val.binary.data)
			   ? value->val.binary.data
			   : NULL;
}

/* The i-th string of an array, trimmed; NULL if it is no string or empty. */
static const char *
array_string(JsonbContainer *array, uint32 i, size_t *length)
{
	JsonbValue *item = getIthJsonbValueFromContainer(array, i);
	const char *text;

	if (item == NULL || item->type != jbvString)
		return NULL;
	text = item->val.string.val;
	*length = (size_t) item->val.string.len;
	match_trim(&text, length);
	return *length > 0 ? pnstrdup(text, *length) : NULL;
}

static void
read_words(Matcher *matcher, JsonbContainer *object, const char *key, bool as_is,
		   Words *words)
{
	JsonbContainer *array = member_array(object, key);
	uint32 count = array != NULL ? JsonContainerSize(array) : 0;

	words->items = palloc0((count + 1) * sizeof *words->items);
	for (uint32 i = 0; i < count; i++)
	{
		Word *word = &words->items[words->count];
		size_t length;
		const char *text = array_string(array, i, &length);

		if (text == NULL)
			continue;
		words->count++;
		word->text = word->norm = text;
		word->norm_length = length;
		if (!as_is)
			word->norm = lower_case(matcher, text, length, &word->norm_length);
	}
}

/* A pattern that cannot be used matches nothing; names that nothing matches are told. */
static void
note_broken(Matcher *matcher, const Expression *expression)
{
	if (expression->reason != NULL && matcher->broken == NULL)
		matcher->broken = MemoryContextStrdup(
			expression->context, psprintf("pattern \"%s\" cannot be used: %s",
										  expression->text, expression->reason));
}

static void
read_expressions(Matcher *matcher, JsonbContainer *object, const char *key,
				 bool ignores_case, Expressions *expressions)
{
	JsonbContainer *array = member_array(object, key);
	uint32 count = array != NULL ? JsonContainerSize(array) : 0;

	expressions->items = palloc0((count + 1) * sizeof *expressions->items);
	for (uint32 i = 0; i < count; i++)
	{
		Expression *expression = &expressions->items[expressions->count];
		size_t length;
		const char *text = array_string(array, i, &length);

		if (text == NULL)
			continue;
		expressions->count++;
		expression_read(expression, text, length, ignores_case);
		note_broken(matcher, expression);
	}
}

static void
read_rules(Matcher *matcher, JsonbContainer *object, Rules *rules)
{
	JsonbValue *id = getKeyJsonValueFromContainer(object, "id", 2, NULL);
	JsonbValue *exactly =
		getKeyJsonValueFromContainer(object, "case_sensitive", 14, NULL);
	JsonbValue *name = getKeyJsonValueFromContainer(object, "name", 4, NULL);
	bool as_is = exactly != NULL && exactly->type == jbvBool && exactly->val.boolean;

	if (id == NULL || id->type != jbvString)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("rules without the id of a template")));
	else
		rules->template = DirectFunctionCall1(
			uuid_in,
			CStringGetDatum(pnstrdup(id->val.string.val, (Size) id->val.string.len)));
	if (name != NULL && name->type == jbvString)
		rules->name = pnstrdup(name->val.string.val, (Size) name->val.string.len);
	rules->case_sensitive = as_is;
	read_words(matcher, object, "source_ids", true, &rules->source_ids);
	read_words(matcher, object, "exclude_keywords", as_is, &rules->exclude_keywords);
	read_words(matcher, object, "exact_matches", as_is, &rules->exact_matches);
	read_words(matcher, object, "keywords", as_is, &rules->keywords);
	read_expressions(matcher, object, "exclude_patterns", !as_is,
					 &rules->exclude_patterns);
	read_expressions(matcher, object, "patterns", !as_is, &rules->patterns);
}

static Matcher *
read_matcher(Jsonb *templates, int seconds)
{
	Matcher *matcher = palloc0(sizeof *matcher);
	bool plain;
	uint32 count = JB_ROOT_IS_ARRAY(templates) ? JB_ROOT_COUNT(templates) : 0;

	matcher->collation = expression_collation(&plain);
	matcher->budget.seconds = expression_seconds(seconds);
	matcher->rules = palloc0((count + 1) * sizeof *matcher->rules);
	for (uint32 i = 0; i < count; i++)
	{
		JsonbValue *item = getIthJsonbValueFromContainer(&templates->root, i);

		if (item->type == jbvBinary && JsonContainerIsObject(item->val.binary.data))
			read_rules(matcher, item->val.binary.data, &matcher->rules[matcher->count++]);
	}
	return matcher;
}

static void
read_lecture(Matcher *matcher, text *display_name, Lecture *lecture)
{
	const char *text = VARDATA_ANY(display_name);
	size_t length = VARSIZE_ANY_EXHDR(display_name);
	char *folded = palloc(length + 1);

	match_fold(text, length, folded);
	lecture->subject = (Subject){.text = text, .folded = folded, .length = length};
	match_trim(&text, &length);
	lecture->norm[1] = text;
	lecture->norm_length[1] = length;
	lecture->norm[0] = lower_case(matcher, text, length, &lecture->norm_length[0]);
}

static const Word *
find_word(const Words *words, const Rules *rules, const Lecture *lecture, bool whole)
{
	const char *norm = lecture->norm[rules->case_sensitive];
	size_t length = lecture->norm_length[rules->case_sensitive];

	for (int i = 0; i < words->count; i++)
	{
		const Word *word = &words->items[i];

		if (whole ? length == word->norm_length && memcmp(norm, word->norm, length) == 0
				  : match_contains(norm, length, word->norm, word->norm_length))
			return word;
	}
	return NULL;
}

static bool
has_source(const Words *source_ids, const char *source)
{
	if (source_ids->count == 0)
		return true;
	for (int i = 0; i < source_ids->count && source != NULL; i++)
		if (pg_strcasecmp(source_ids->items[i].text, source) == 0)
			return true;
	return false;
}

/* The first expression that matches; sets the note if there is no time left to try. */
static Expression *
find_expression(Matcher *matcher, Expressions *expressions, Lecture *lecture,
				Verdict *verdict)
{
	for (int i = 0; i < expressions->count; i++)
	{
		if (expression_over_budget(&matcher->budget))
		{
			verdict->note = "the patterns take too long: leap.match_seconds is used up";
			return NULL;
		}
		if (expression_matches(&expressions->items[i], &lecture->subject,
							   &matcher->budget))
			return &expressions->items[i];
		note_broken(matcher, &expressions->items[i]);
	}
	return NULL;
}

static bool
exclude(const Rules *rules, const char *kind, const char *text, Verdict *verdict)
{
	if (verdict->excluded == NULL)
		verdict->excluded =
			rules->name == NULL
				? psprintf("it matches, but is excluded by %s \"%s\"", kind, text)
				: psprintf("template \"%s\" matches, but is excluded by %s \"%s\"",
						   rules->name, kind, text);
	return false;
}

/* Whether the rules match the name; a note in the verdict: nobody knows. */
static bool
match(Matcher *matcher, Rules *rules, Lecture *lecture, Verdict *verdict)
{
	const Word *unwanted;
	const Word *word;
	Expression *expression = NULL;

	if (!has_source(&rules->source_ids, lecture->source))
		return false;
	unwanted = find_word(&rules->exclude_keywords, rules, lecture, false);
	verdict->kind = "exact match";
	word = find_word(&rules->exact_matches, rules, lecture, true);
	if (word == NULL)
	{
		verdict->kind = "keyword";
		word = find_word(&rules->keywords, rules, lecture, false);
	}
	if (word == NULL && unwanted == NULL)
	{
		verdict->kind = "pattern";
		expression = find_expression(matcher, &rules->patterns, lecture, verdict);
	}
	if (word == NULL && expression == NULL)
		return false;
	if (unwanted != NULL)
		return exclude(rules, "keyword", unwanted->text, verdict);
	verdict->value = word != NULL ? word->text : expression->text;
	expression = find_expression(matcher, &rules->exclude_patterns, lecture, verdict);
	if (expression != NULL)
		return exclude(rules, "pattern", expression->text, verdict);
	return verdict->note == NULL;
}

static Verdict
judge(Matcher *matcher, Lecture *lecture)
{
	Verdict verdict = {0};

	for (int i = 0; i < matcher->count && verdict.note == NULL; i++)
		if (match(matcher, &matcher->rules[i], lecture, &verdict))
		{
			verdict.winner = &matcher->rules[i];
			return verdict;
		}
	if (verdict.note == NULL)
		verdict.note = matcher->broken != NULL ? matcher->broken : verdict.excluded;
	return verdict;
}

static void
put_verdict(FunctionCallInfo fcinfo, int n, const Verdict *verdict)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	bool won = verdict->winner != NULL;
	Datum values[4] = {Int32GetDatum(n)};
	bool nulls[4] = {false, !won, !won, won || verdict->note == NULL};

	if (won)
	{
		values[1] = verdict->winner->template;
		values[2] =
			CStringGetTextDatum(psprintf("%s \"%s\"", verdict->kind, verdict->value));
	}
	if (!nulls[3])
		values[3] = CStringGetTextDatum(verdict->note);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
judge_lecture(FunctionCallInfo fcinfo, Matcher *matcher, int n, Datum display_name,
			  const Datum *source)
{
	Lecture lecture = {0};
	Verdict verdict;

	if (source != NULL)
		lecture.source = DatumGetCString(DirectFunctionCall1(uuid_out, *source));
	read_lecture(matcher, DatumGetTextPP(display_name), &lecture);
	verdict = judge(matcher, &lecture);
	put_verdict(fcinfo, n, &verdict);
}

/*
 * leap.first_matches(templates jsonb, names text[], sources uuid[], seconds int)
 * returns setof (n, template, rule, note)
 */
Datum
leap_first_matches(PG_FUNCTION_ARGS)
{
	ArrayType *names = PG_GETARG_ARRAYTYPE_P(1);
	ArrayType *sources = PG_GETARG_ARRAYTYPE_P(2);
	MemoryContext one =
		AllocSetContextCreate(CurrentMemoryContext, "one name", ALLOCSET_DEFAULT_SIZES);
	Matcher *matcher = read_matcher(PG_GETARG_JSONB_P(0), PG_GETARG_INT32(3));
	Datum *name_values;
	Datum *source_values;
	bool *name_nulls;
	bool *source_nulls;
	int name_count;
	int source_count;

	InitMaterializedSRF(fcinfo, 0);
	deconstruct_array(names, TEXTOID, -1, false, TYPALIGN_INT, &name_values, &name_nulls,
					  &name_count);
	deconstruct_array(sources, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR, &source_values,
					  &source_nulls, &source_count);
	for (int i = 0; i < name_count; i++)
	{
		MemoryContext whole = MemoryContextSwitchTo(one);

		CHECK_FOR_INTERRUPTS();
		if (!name_nulls[i])
			judge_lecture(fcinfo, matcher, i + 1, name_values[i],
						  i < source_count && !source_nulls[i] ? &source_values[i]
															   : NULL);
		MemoryContextSwitchTo(whole);
		MemoryContextReset(one);
	}
	MemoryContextDelete(one);
	return (Datum) 0;
}
