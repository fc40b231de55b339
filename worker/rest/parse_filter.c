/*
 * rest/parse_filter.c
 *	  Conditions: operators and their values, trees of and() and or().
 *
 * The table of operators is the only place that knows what SQL one becomes.
 */
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "rest/parse.h"

#define OPERATOR "operator (eq, gt, ...)"

static const Operator operators[] = {
	{"eq",         "=",					   OPERATOR_QUANTIFY},
	{"gte",        ">=",					  OPERATOR_QUANTIFY},
	{"gt",         ">",					   OPERATOR_QUANTIFY},
	{"lte",        "<=",					  OPERATOR_QUANTIFY},
	{"lt",         "<",					   OPERATOR_QUANTIFY},
	{"like",       "like",                    OPERATOR_LIKE    },
	{"ilike",      "ilike",                   OPERATOR_LIKE    },
	{"match",      "~",					   OPERATOR_QUANTIFY},
	{"imatch",     "~*",					  OPERATOR_QUANTIFY},
	{"neq",        "<>",					  OPERATOR_SIMPLE  },
	{"cs",         "@>",					  OPERATOR_SIMPLE  },
	{"cd",         "<@",					  OPERATOR_SIMPLE  },
	{"ov",         "&&",					  OPERATOR_SIMPLE  },
	{"sl",         "<<",					  OPERATOR_SIMPLE  },
	{"sr",         ">>",					  OPERATOR_SIMPLE  },
	{"nxr",        "&<",					  OPERATOR_SIMPLE  },
	{"nxl",        "&>",					  OPERATOR_SIMPLE  },
	{"adj",        "-|-",					 OPERATOR_SIMPLE  },
	{"isdistinct", "IS DISTINCT FROM",        OPERATOR_SIMPLE  },
	{"fts",        "@@ to_tsquery",           OPERATOR_TEXT    },
	{"plfts",      "@@ plainto_tsquery",      OPERATOR_TEXT    },
	{"phfts",      "@@ phraseto_tsquery",     OPERATOR_TEXT    },
	{"wfts",       "@@ websearch_to_tsquery", OPERATOR_TEXT    },
	{"is",         "IS",					  OPERATOR_IS      },
	{"in",         "= ANY",                   OPERATOR_IN      },
};

static const struct
{
	const char *word;
	const char *sql;
} truths[] = {
	{"null",     "NULL"    },
    {"not_null", "NOT NULL"},
    {"true",     "TRUE"    },
	{"false",    "FALSE"   },
    {"unknown",  "UNKNOWN" },
};

const Operator *
operator_find(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
	{
		if (strlen(operators[i].word) == length &&
			strncmp(operators[i].word, word, length) == 0)
			return &operators[i];
	}
	return NULL;
}

static bool
parse_truth(Parse *p, Condition *condition)
{
	size_t furthest = 0;

	for (size_t i = 0; i < sizeof truths / sizeof truths[0]; i++)
	{
		const char *word = truths[i].word;
		size_t same = 0;

		while (word[same] != '\0' && strncasecmp(word, p->at, same + 1) == 0)
			same++;
		if (word[same] == '\0')
		{
			p->at += same;
			condition->value = truths[i].sql;
			return true;
		}
		furthest = same > furthest ? same : furthest;
	}
	p->at += furthest;
	return parse_fail(p, '"', "isVal: (null, not_null, true, false, unknown)");
}

/* Up to one of the characters; a quoted text must end there, too. */
static const char *
parse_until(Parse *p, const char *ends)
{
	const char *start = p->at;
	const char *quoted = parse_quoted(p);

	if (quoted != NULL && (*p->at == '\0' || strchr(ends, *p->at) != NULL))
		return quoted;
	p->at = start + strcspn(start, ends);
	return arena_copy(p->arena, start, (size_t) (p->at - start));
}

/* {1,2} as a whole, else up to , or ). */
static const char *
parse_logic_value(Parse *p)
{
	size_t inside = *p->at == '{' ? strcspn(p->at + 1, "{}") : 0;

	if (*p->at == '{' && p->at[1 + inside] == '}')
	{
		const char *from = p->at;

		p->at += inside + 2;
		return arena_copy(p->arena, from, inside + 2);
	}
	return parse_until(p, ",)");
}

static void
append_element(Buffer *list, const char *element)
{
	buffer_puts(list, list->length > 1 ? ",\"" : "\"");
	for (; *element != '\0'; element++)
	{
		if (*element == '"' || *element == '\\')
			buffer_append(list, "\\", 1);
		buffer_append(list, element, 1);
	}
	buffer_puts(list, "\"");
}

/* (a,"b,c") as an array literal of SQL. */
static bool
parse_list(Parse *p, Condition *condition)
{
	CLEANUP(buffer) Buffer list;
	size_t count = 0;
	bool blank = true;

	buffer_init(&list);
	parse_blanks(p);
	if (!parse_char(p, '('))
		return parse_fail(p, '"', "\"(\"");
	parse_blanks(p);
	buffer_puts(&list, "{");
	do
	{
		const char *element = parse_until(p, ",)");

		blank = blank && *element == '\0';
		append_element(&list, element);
		count++;
	} while (parse_char(p, ','));
	if (!parse_char(p, ')'))
		return parse_fail(p, '"', "\",\" or \")\"");
	parse_blanks(p);
	buffer_puts(&list, "}");
	condition->value =
		count == 1 && blank ? "{}" : arena_copy(p->arena, list.data, list.length);
	return true;
}

static const char *
starred(Arena *arena, const char *value)
{
	char *copy = arena_text(arena, value);

	for (char *c = copy; *c != '\0'; c++)
	{
		if (*c == '*')
			*c = '%';
	}
	return copy;
}

/* The word, and what stands in parentheses behind it. */
static bool
parse_operator(Parse *p, Condition *condition)
{
	size_t length = strspn(p->at, "abcdefghijklmnopqrstuvwxyz");
	const Operator *op = operator_find(p->at, length);
	const char *start = p->at;

	if (op == NULL)
		return false;
	p->at += length;
	if (*p->at == '(' && op->kind == OPERATOR_TEXT)
	{
		p->at++;
		condition->language = parse_identifier(p);
		if (condition->language == NULL || !parse_char(p, ')'))
			op = NULL;
	}
	else if (*p->at == '(' &&
			 (op->kind == OPERATOR_QUANTIFY || op->kind == OPERATOR_LIKE))
	{
		if (parse_word(p, "(any)"))
			condition->quantifier = QUANTIFIER_ANY;
		else if (parse_word(p, "(all)"))
			condition->quantifier = QUANTIFIER_ALL;
	}
	if (op != NULL && parse_char(p, '.'))
	{
		condition->op = op;
		return true;
	}
	p->at = start;
	return false;
}

bool
parse_operation(Parse *p, Condition *condition, bool in_logic)
{
	condition->kind = CONDITION_FIELD;
	condition->negated = parse_word(p, "not.");
	if (!parse_operator(p, condition))
		return parse_fail(p, '"', condition->negated ? OPERATOR : "\"not\" or " OPERATOR);
	if (condition->op->kind == OPERATOR_IS)
		return parse_truth(p, condition);
	if (condition->op->kind == OPERATOR_IN)
		return parse_list(p, condition);
	if (in_logic)
		condition->value = parse_logic_value(p);
	else
	{
		condition->value = p->at;
		p->at += strlen(p->at);
	}
	if (condition->op->kind == OPERATOR_LIKE)
		condition->value = starred(p->arena, condition->value);
	return true;
}

/* and( or not.or(, with the parenthesis read; nothing is read when it is none. */
static bool
logic_head(Parse *p, Condition *condition)
{
	const char *start = p->at;

	condition->negated = parse_word(p, "not.");
	if (parse_word(p, "and"))
		condition->kind = CONDITION_AND;
	else if (parse_word(p, "or"))
		condition->kind = CONDITION_OR;
	parse_blanks(p);
	if (condition->kind != CONDITION_FIELD && parse_char(p, '('))
		return true;
	p->at = start;
	*condition = (Condition){0};
	return false;
}

bool
parse_logic(Parse *p, Condition **condition, size_t depth)
{
	Condition *made = arena_take(p->arena, sizeof *made);
	Condition **last = &made->first;

	*condition = made;
	parse_blanks(p);
	if (!parse_count(p, depth))
		return false;
	if (!logic_head(p, made))
	{
		FieldPath field = {0};

		if (*p->at == '\0' || *p->at == ')')
			return parse_fail(p, '"',
							  "field name (* or [a..z0..9_$]), negation operator "
							  "(not) or logic operator (and, or)");
		if (!parse_field(p, &field))
			return false;
		if (!parse_char(p, '.'))
			return parse_fail(
				p, '"', *p->at == '(' ? "logic operator (and, or)" : "delimiter (.)");
		if (!parse_operation(p, made, true))
			return false;
		made->field = field;
		parse_blanks(p);
		return true;
	}
	do
	{
		if (!parse_logic(p, last, depth + 1))
			return false;
		last = &(*last)->next;
		parse_blanks(p);
	} while (parse_char(p, ','));
	if (!parse_char(p, ')'))
		return parse_fail(p, '"', "\",\" or \")\"");
	parse_blanks(p);
	return true;
}
