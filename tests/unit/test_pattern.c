/* sources: ../extension/pattern.c ../extension/match.c */
/*
 * tests/unit/test_pattern.c
 *	  What a regular expression costs, what each of its matches contains, and what is refused.
 */
#include <stdlib.h>
#include <string.h>

#include "../../extension/pattern.h"
#include "tap.h"

static void
append(char *text, size_t size, const char *between, const char *more)
{
	size_t length = strlen(text);

	(void) snprintf(text + length, size - length, "%s%s", between, more);
}

static void
test_accepted(void)
{
	static const struct
	{
		const char *pattern, *literals;
		int weight;
	} rows[] = {
		{"",				  "",                0  },
		{"Algebra",           "algebra",         7  },
		{"лекция \\d+", "лекция ",   9  },
		{"ЛЕКЦИЯ Ё",   "лекция ё", 8  },
		{"ab?c",              "a/c",             3  },
		{"abc*",              "ab",              3  },
		{"abc+d",             "abc/d",           5  },
		{"x{0,3}ab",          "ab",              5  },
		{"ab{2}c",            "ab/c",            4  },
		{"a{2,}",             "a",               3  },
		{"a|bcd",             "",                4  },
		{"(abc)d",            "d",               4  },
		{"(abc)?de",          "de",              5  },
		{"(?:a|b)cd",         "cd",              4  },
		{"a.bc",              "a/bc",            4  },
		{"^abc$",             "abc",             5  },
		{"[abc]de",           "de",              3  },
		{"[]a]x",             "x",               2  },
		{"[^]]x",             "x",               2  },
		{"[[:alpha:]]xy",     "xy",              4  },
		{"[\\]]xy",           "xy",              3  },
		{"a\\.b",             "a.b",             3  },
		{"\\x41g",            "g",               2  },
		{"\\u0416\\mab",      "ab",              4  },
		{"straße",           "stra/e",          6  },
		{"ß?ab",             "ab",              3  },
		{"(?i)AB",            "ab",              2  },
		{"(?c)AB",            "AB",              2  },
		{"a{b",               "a{b",             3  },
		{"(a+)+",             "",                4  },
		{"((a{5}){5}){4}",    "",                100},
		{"(?=ab)cd(?!x)",     "cd",              5  },
		{"week(?<=e)",        "week",            5  },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		PatternFacts facts;
		PatternFault fault = {0, NULL, NULL};
		char literals[sizeof facts.literals] = "";

		if (!ok(pattern_read(rows[i].pattern, strlen(rows[i].pattern), true, &facts,
							 &fault),
				"\"%s\" is taken", rows[i].pattern))
			continue;
		for (int l = 0; l < facts.literal_count; l++)
			append(literals, sizeof literals, l > 0 ? "/" : "", facts.literals[l]);
		is_str(literals, rows[i].literals, "what each match contains");
		is_int(facts.weight, rows[i].weight, "what it weighs");
	}
}

static void
test_refused(void)
{
	static const struct
	{
		const char *pattern;
		size_t at;
		const char *rule;
	} rows[] = {
		{"(ab",									  1,  "the parenthesis is not closed"                       },
		{"a(b(c)",								   2,  "the parenthesis is not closed"                       },
		{"яя[ab",								  3,  "the bracket is not closed"                           },
		{"[[:alpha:]",							   1,  "the bracket is not closed"                           },
		{"[a\\]",									1,  "the bracket is not closed"                           },
		{"ab\\",									 3,  "nothing follows the backslash"                       },
		{"(a)\\1",								   4,  "back-references are not allowed"                     },
		{"\\bx",									 1,  "\\b and \\B mean other things here"                  },
		{"a{2",									  2,  "the repetition is not closed"                        },
		{"a{2,x}",								   2,  "the repetition is not closed"                        },
		{"(?<n>a)",								  1,  "there is no such group"                              },
		{"a(?i)b",								   2,  "there is no such group"                              },
		{"***:a",									1,  "a pattern cannot begin with ***"                     },
		{"(?=a(?!b))",							   5,  "there are too many look-arounds"                     },
		{"(?=a)(?=b)(?=c)",                          11, "there are too many look-arounds"                     },
		{"a{255}",								   1,  "it is too large when its repetitions are written out"},
		{"(a{200}){2000000000}(b{200}){2000000000}", 1,
		 "it is too large when its repetitions are written out"                                                },
		{"((((((((((((((((((((((",                   21, "groups are nested too deeply"                        },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		PatternFacts facts;
		PatternFault fault = {0, NULL, NULL};

		ok(!pattern_read(rows[i].pattern, strlen(rows[i].pattern), false, &facts, &fault),
		   "\"%s\" is refused", rows[i].pattern);
		is_str(fault.rule, rows[i].rule, "with the rule");
		is_int((long long) fault.at, (long long) rows[i].at, "and the place");
		ok(fault.hint != NULL, "and a hint");
	}
}

/* Nothing that people can type makes the reader read beyond the end, or takes long. */
static void
test_noise(void)
{
	static const char *const parts[] = {
		"(",   ")",  "[",  "]",  "{", "}", "|", "*", "+", "?", "\\", "(?=", "(?<!", "(?:",
		"{1,", "2}", "[:", ":]", "^", "$", ".", "a", "B", "ж", "ß",  "€",   "\\x",  "-"};
	int taken = 0;

	srand(7);
	for (int round = 0; round < 20000; round++)
	{
		char pattern[256] = "";
		char *exact;
		PatternFacts facts;
		PatternFault fault;

		for (int i = rand() % 40; i > 0; i--)
			append(pattern, sizeof pattern, "",
				   parts[(size_t) rand() % (sizeof parts / sizeof parts[0])]);
		exact = malloc(strlen(pattern) + 1); /* so that the sanitizer sees the end */
		memcpy(exact, pattern, strlen(pattern));
		taken += pattern_read(exact, strlen(pattern), round % 2 == 0, &facts, &fault);
		free(exact);
	}
	ok(taken > 0 && taken < 20000, "noise is read to its end: %d of 20000 taken", taken);
}

int
main(void)
{
	test_accepted();
	test_refused();
	test_noise();
	return done_testing();
}
