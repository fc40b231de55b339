/* sources: ../extension/match.c */
/*
 * tests/unit/test_match.c
 *	  Text as the rules of templates compare it.
 */
#include <string.h>

#include "../../extension/match.h"
#include "tap.h"

static void
test_trim(void)
{
	static const struct
	{
		const char *text, *trimmed;
	} rows[] = {
		{"a",											  "a"            },
		{"",											   ""             },
		{" \t\n",										  ""             },
		{"  a b ",										 "a b"          },
		{"\xC2\xA0\xE2\x80\x83 лекция \xE3\x80\x80", "лекция" },
		{"\xE2\x80\x8Bx",								  "\xE2\x80\x8Bx"}, /* of no width, but no space */
		{"\xE1\x9A\x80x\xE2\x81\x9F",                      "x"            },
		{"\xC2\x85x\x1F",								  "x"            },
		{"\xC2",										   "\xC2"         }, /* cut off */
		{"\x80\x80",									   "\x80\x80"     },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		const char *text = rows[i].text;
		size_t length = strlen(text);

		match_trim(&text, &length);
		ok(length == strlen(rows[i].trimmed) &&
			   memcmp(text, rows[i].trimmed, length) == 0,
		   "\"%s\" trimmed", rows[i].text);
	}
}

static void
test_fold(void)
{
	static const struct
	{
		const char *text, *folded;
	} rows[] = {
		{"Linear ALGEBRA 2",       "linear algebra 2"      },
		{"ЛЕКЦИЯ Ё АЯЪ", "лекция ё аяъ"},
		{"рстуё",             "рстуё"            },
		{"ÉCOLE ΣΟΦΟΣ",      "École ΣΟΦΟΣ"     }, /* not plain: left to the server */
		{"Ѐ",					 "Ѐ"					},
		{"\xD0",				   "\xD0"                  },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		char folded[64];
		size_t length = strlen(rows[i].text);

		match_fold(rows[i].text, length, folded);
		folded[length] = '\0';
		is_str(folded, rows[i].folded, rows[i].text);
	}
	ok(match_is_plain("a", 1) && match_is_plain("Я", 2) && match_is_plain("ё", 2),
	   "ASCII and Russian are plain");
	ok(!match_is_plain("ß", 2) && !match_is_plain("Ѐ", 2) && !match_is_plain("ѐ", 2) &&
		   !match_is_plain("€", 3),
	   "other letters are not");
}

static void
test_contains(void)
{
	ok(match_contains("abc", 3, "bc", 2), "at the end");
	ok(match_contains("abc", 3, "", 0), "nothing is everywhere");
	ok(!match_contains("abc", 2, "bc", 2), "not beyond the end");
	ok(!match_contains("", 0, "a", 1), "not in nothing");
}

int
main(void)
{
	test_trim();
	test_fold();
	test_contains();
	return done_testing();
}
