/*
 * pattern.c
 *	  Reads a regular expression as far as its cost depends on it.
 *
 * One pass over the expression, groups by recursion. Beside the weight it finds literals that
 * every match contains, so that most names never reach the engine.
 */
#include "pattern.h"

#include <limits.h>
#include <string.h>

#include "match.h"

#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

typedef struct Reader
{
	const char *start, *at, *end;
	int depth;
	int looks;                          /* look-arounds so far */
	int look_open;                      /* the reader is within one */
	bool alternatives;                  /* at the outermost level */
	char run[PATTERN_LITERAL_SIZE - 1]; /* the literal being read, outermost level only */
	size_t run_length;
	PatternFacts *facts;
	PatternFault *fault;
} Reader;

/* What an atom may be repeated as. */
typedef struct Bound
{
	int least, most; /* most 0: without end */
} Bound;

static bool read_alternatives(Reader *reader, int *weight);

static bool
refuse(Reader *reader, const char *at, const char *rule, const char *hint)
{
	size_t character = 1;

	for (const char *c = reader->start; c < at; c++)
		character += ((unsigned char) *c & 0xC0) != 0x80;
	*reader->fault = (PatternFault){character, rule, hint};
	return false;
}

static bool
is_next(const Reader *reader, const char *text)
{
	size_t length = strlen(text);

	return (size_t) (reader->end - reader->at) >= length &&
		   memcmp(reader->at, text, length) == 0;
}

static bool
take(Reader *reader, const char *text)
{
	if (!is_next(reader, text))
		return false;
	reader->at += strlen(text);
	return true;
}

static int
add(int a, int b)
{
	return a > INT_MAX - b ? INT_MAX : a + b;
}

static int
times(int a, int b)
{
	return b != 0 && a > INT_MAX / b ? INT_MAX : a * b;
}

/* The literal read so far ends here. */
static void
end_run(Reader *reader)
{
	PatternFacts *facts = reader->facts;

	if (reader->run_length > 0 && facts->literal_count < PATTERN_LITERALS)
	{
		char *literal = facts->literals[facts->literal_count++];

		memcpy(literal, reader->run, reader->run_length);
		literal[reader->run_length] = '\0';
	}
	reader->run_length = 0;
}

/* A character that stands for itself, of so many bytes, becomes part of the literal. */
static void
add_literal(Reader *reader, const char *character, size_t bytes)
{
	if (reader->depth > 0 || reader->run_length + bytes > sizeof reader->run ||
		!match_is_plain(character, bytes))
	{
		end_run(reader);
		return;
	}
	memcpy(reader->run + reader->run_length, character, bytes);
	reader->run_length += bytes;
}

static size_t
character_bytes(const Reader *reader)
{
	const char *c = reader->at + 1;

	while (c < reader->end && ((unsigned char) *c & 0xC0) == 0x80)
		c++;
	return (size_t) (c - reader->at);
}

/* [...]: each character weighs a little, because the engine keeps an arc for it. */
static bool
read_bracket(Reader *reader, int *weight)
{
	const char *open = reader->at++;

	end_run(reader);
	take(reader, "^");
	take(reader, "]");
	while (reader->at < reader->end && *reader->at != ']')
	{
		if (*reader->at == '\\' && reader->at + 1 < reader->end)
			reader->at++;
		else if (*reader->at == '[' && reader->at + 1 < reader->end &&
				 strchr(":.=", reader->at[1]) != NULL)
		{
			const char mark = reader->at[1];

			for (reader->at += 2; reader->at + 1 < reader->end; reader->at++)
				if (reader->at[0] == mark && reader->at[1] == ']')
					break;
			reader->at++;
		}
		if (reader->at < reader->end)
			reader->at++;
	}
	if (reader->at >= reader->end)
		return refuse(reader, open, "the bracket is not closed",
					  "A [ by itself is written \\[.");
	reader->at++;
	*weight = add(1, (int) (reader->at - open) / 8);
	return true;
}

static bool
read_escape(Reader *reader, int *weight)
{
	const char *escape = reader->at++;
	char c;

	if (reader->at >= reader->end)
		return refuse(reader, escape, "nothing follows the backslash",
					  "A backslash by itself is written \\\\.");
	c = *reader->at;
	*weight = 1;
	if (c >= '1' && c <= '9')
		return refuse(reader, escape, "back-references are not allowed",
					  "Their cost has no bound; name what may stand there.");
	if (c == 'b' || c == 'B')
		return refuse(reader, escape, "\\b and \\B mean other things here",
					  "A word begins or ends at \\y, begins at \\m, ends at \\M; \\Y is "
					  "within a word or beside it.");
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '0')
	{
		end_run(reader);
		reader->at++;
		if (c == 'c' && reader->at < reader->end)
			reader->at++;
		else if (c == 'x' || c == 'u' || c == 'U')
			while (reader->at < reader->end && *reader->at != '\0' &&
				   strchr("0123456789abcdefABCDEF", *reader->at) != NULL)
				reader->at++;
		return true;
	}
	add_literal(reader, reader->at, character_bytes(reader));
	reader->at += character_bytes(reader);
	return true;
}

static bool
read_group(Reader *reader, int *weight)
{
	static const char *const looks[] = {"(?=", "(?!", "(?<=", "(?<!"};
	const char *open = reader->at;
	int look = 0;

	end_run(reader);
	for (size_t i = 0; i < lengthof(looks) && look == 0; i++)
		look = take(reader, looks[i]);
	if (look > 0 && (reader->look_open > 0 || ++reader->looks > PATTERN_MAX_LOOKS))
		return refuse(
			reader, open, "there are too many look-arounds",
			"A pattern has at most two, not one within another; exclude_patterns "
			"may say what must not be there.");
	if (look == 0 && !take(reader, "(?:") && is_next(reader, "(?"))
		return refuse(
			reader, open, "there is no such group",
			"Groups are (...), (?:...), (?=...), (?!...), (?<=...) and (?<!...); "
			"(?i) or (?c) may stand at the very beginning.");
	if (look == 0 && reader->at == open)
		reader->at++;
	if (++reader->depth > PATTERN_MAX_DEPTH)
		return refuse(reader, open, "groups are nested too deeply",
					  "At most 20 within one another.");
	reader->look_open += look;
	if (!read_alternatives(reader, weight))
		return false;
	if (!take(reader, ")"))
		return refuse(reader, open, "the parenthesis is not closed",
					  "A ( by itself is written \\(.");
	reader->look_open -= look;
	reader->depth--;
	return true;
}

static bool
read_atom(Reader *reader, int *weight)
{
	switch (*reader->at)
	{
		case '(':
			return read_group(reader, weight);
		case '[':
			return read_bracket(reader, weight);
		case '\\':
			return read_escape(reader, weight);
		case '.':
		case '^':
		case '$':
		case '*': /* the engine says what is wrong with a quantifier of nothing */
		case '+':
		case '?':
			end_run(reader);
			reader->at++;
			break;
		default:
			add_literal(reader, reader->at, character_bytes(reader));
			reader->at += character_bytes(reader);
	}
	*weight = 1;
	return true;
}

static int
read_number(Reader *reader)
{
	int number = 0;

	for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
		 reader->at++)
		number = add(times(number, 10), *reader->at - '0');
	return number;
}

/* The quantifier after an atom, if there is one. */
static bool
read_bound(Reader *reader, Bound *bound)
{
	*bound = (Bound){1, 1};
	if (take(reader, "*"))
		*bound = (Bound){0, 0};
	else if (take(reader, "+"))
		*bound = (Bound){1, 0};
	else if (take(reader, "?"))
		*bound = (Bound){0, 1};
	else if (is_next(reader, "{") && reader->at + 1 < reader->end &&
			 reader->at[1] >= '0' && reader->at[1] <= '9')
	{
		const char *open = reader->at++;

		bound->least = bound->most = read_number(reader);
		if (take(reader, ","))
			bound->most = is_next(reader, "}") ? 0 : read_number(reader);
		if (!take(reader, "}"))
			return refuse(reader, open, "the repetition is not closed",
						  "It looks like {2}, {2,} or {2,5}; a { by itself is written "
						  "\\{.");
	}
	else
		return true;
	take(reader, "?"); /* as few as possible: it matches the same names */
	return true;
}

/* What is repeated ends the literal, and is part of it only if it must be there. */
static void
bound_run(Reader *reader, const Bound *bound, size_t before)
{
	if (bound->least == 1 && bound->most == 1)
		return;
	if (bound->least == 0 && reader->run_length > before)
		reader->run_length = before;
	end_run(reader);
}

static bool
read_branch(Reader *reader, int *weight)
{
	*weight = 0;
	while (reader->at < reader->end && *reader->at != '|' &&
		   (*reader->at != ')' || reader->depth == 0))
	{
		size_t before = reader->run_length;
		int own = 0;
		Bound bound;

		if (!read_atom(reader, &own) || !read_bound(reader, &bound))
			return false;
		bound_run(reader, &bound, before < reader->run_length ? before : 0);
		own = times(own, bound.most > 0 ? bound.most : add(bound.least, 1));
		*weight = add(*weight, own);
	}
	end_run(reader);
	return true;
}

static bool
read_alternatives(Reader *reader, int *weight)
{
	if (!read_branch(reader, weight))
		return false;
	while (take(reader, "|"))
	{
		int own = 0;

		if (reader->depth == 0)
			reader->alternatives = true;
		if (!read_branch(reader, &own))
			return false;
		*weight = add(*weight, own);
	}
	return true;
}

static bool
read_options(Reader *reader)
{
	if (is_next(reader, "***"))
		return refuse(reader, reader->at, "a pattern cannot begin with ***",
					  "Only advanced regular expressions are known.");
	if (take(reader, "(?i)"))
		reader->facts->ignores_case = true;
	else if (take(reader, "(?c)"))
		reader->facts->ignores_case = false;
	return true;
}

bool
pattern_read(const char *pattern, size_t length, bool ignores_case, PatternFacts *facts,
			 PatternFault *fault)
{
	Reader reader = {.start = pattern,
					 .at = pattern,
					 .end = pattern + length,
					 .facts = facts,
					 .fault = fault};
	size_t characters = 0;

	*facts = (PatternFacts){.ignores_case = ignores_case};
	for (size_t i = 0; i < length; i++)
		characters += ((unsigned char) pattern[i] & 0xC0) != 0x80;
	if (characters > PATTERN_MAX_LENGTH)
		return refuse(&reader, pattern, "it is too long", "At most 500 characters.");
	if (!read_options(&reader) || !read_alternatives(&reader, &facts->weight))
		return false;
	if (facts->weight > PATTERN_MAX_WEIGHT)
		return refuse(&reader, pattern,
					  "it is too large when its repetitions are written out",
					  "{n,m} stands for m copies, + for two: at most 200 single "
					  "characters together.");
	if (reader.alternatives)
		facts->literal_count = 0;
	for (int i = 0; i < facts->literal_count && facts->ignores_case; i++)
		match_fold(facts->literals[i], strlen(facts->literals[i]), facts->literals[i]);
	return true;
}
