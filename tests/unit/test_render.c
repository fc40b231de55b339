/* sources: ../extension/render_text.c ../extension/render_scan.c ../extension/render_expr.c ../extension/render_parse.c ../extension/render_value.c ../extension/render_run.c ../extension/render_filter.c ../extension/render_filter_case.c ../extension/render_filter_date.c ../extension/render_filter_text.c */
/*
 * tests/unit/test_render.c
 *	  Text templates: what they render to, what is refused and where, and what bounds them.
 */
#include <stdio.h>

#include "../../extension/render_text.h"
#include "render_host.h"
#include "tap.h"

/* Renders a template of that length; text is result, or "line:column message / hint". */
static size_t
render_long(const char *template, size_t length, char *text, size_t size)
{
	TestHost test;
	RenderError error;
	RenderResult result = {.work = 0};
	RenderTree *tree;

	test_host_begin(&test, test_variables);
	tree = render_parse(&test.host, template, length, &error);
	if (tree != NULL && render_run(&test.host, tree, &result, &error))
		snprintf(text, size, "%.*s", (int) result.length, result.text);
	else
		snprintf(text, size, "%d:%d %s / %s", error.line, error.column, error.message,
				 error.hint);
	test_host_end(&test);
	return result.work;
}

static const char *
render(const char *template)
{
	static char text[2000];

	(void) render_long(template, strlen(template), text, sizeof text);
	return text;
}

static void
test_results(void)
{
	static const struct
	{
		const char *template, *result;
	} rows[] = {
  /* text and variables */
		{"",																				""																	},
		{"no { brackets } here }}",														 "no { brackets } here }}"                                             },
		{"{{ title }}!",																	"a tale of TWO cities (part one)!"                                    },
		{"{{title}}{{ title }}",
		 "a tale of TWO cities (part one)a tale of TWO cities (part one)"																						 },
		{"[{{ unknown }}{{ unknown.of.something }}{{ nobody }}]",                           "[]"                                                                  },
		{"{{ recording.name }} {{ recording . name }} {{ recording }}{{ title.name }}",
		 "Intro & more Intro & more "																															 },
		{"{{ list }} {{ count }} {{ yes }} {{ 1.50 }} {{ 'it''s' }}",
		 "1:52 \"}}\" expected, \"'s'\" found / What begins with {{ ends with }}."                                                                                },
		{"{{ 'it\\'s' }} {{ \"{{\" }} {{ \"a\\nb\\\\\" }}",                                 "it's {{ a\nb\\"                                                      },
		{"{{ list }} {{ count }} {{ yes }} {{ none }}{{ 1.50 }} {{ -2 }}",
		 "one, two, 3 10 true 1.50 -2"																															},
		{"a{# {{ not }} {% seen %} #}b{##}c",											   "abc"																 },
 /* blanks beside hyphens */
		{"a  {{- count -}}  b",															 "a10b"																},
		{"a\n{%- if yes -%}\n b \n{%- endif -%}\n c",                                       "abc"																 },
		{"a {#- x -#} b",																   "ab"																  },
		{"a {{ count -}}{{ count }} b",													 "a 1010 b"															},
 /* conditions */
		{"{% if empty %}a{% elif zero %}b{% elif nobody %}c{% else %}d{% endif %}",         "d"                                                                   },
		{"{% if title %}a{% endif %}{% if count %}b{% endif %}{% if list %}c{% endif "
		 "%}{% if recording %}d{% endif %}{% if '0' %}e{% endif %}",			   "abcde"															   },
		{"{% if not empty and yes %}a{% endif %}{% if empty or zero %}b{% endif %}{% if "
		 "not (yes and empty) %}c{% endif %}",									 "ac"																  },
		{"{% if a.b.c %}x{% else %}y{% endif %}",                                           "y"																   },
		{"{% if count == 10 and count == '10.0' and count != 1 %}a{% endif %}",             "a"                                                                   },
		{"{% if duration > 900 and 9 < 10 and '9' < count and 'b' > 'a' %}a{% endif %}",
		 "a"																																					  },
		{"{% if 2 <= 2 and 2 >= 2 and not 2 < 2 %}a{% endif %}",                            "a"                                                                   },
		{"{% if unknown == '' and nobody == none and empty != 'x' %}a{% endif %}",          "a"                                                                   },
		{"{% if 'tale' in title and 'two' in list and 3 in list and 'x' not in list "
		 "%}a{% endif %}",														 "a"																   },
		{"{% if yes %}1{% if empty %}2{% else %}3{% if yes %}4{% endif %}{% endif %}5{% "
		 "endif %}",															   "1345"																},
		{"{{ empty or 'fallback' }} {{ count and title | upper }} {{ 1 < 2 }}",
		 "fallback A TALE OF TWO CITIES (PART ONE) true"																										  },
 /* filters */
		{"{{ display_name | split_path }}",												 "ИИ/1 курс/Алгебра"                                      },
		{"{{ display_name | split_path(sep=' ') }}",                                        "ИИ_1/курс_Алгебра"                                      },
		{"{{ display_name | part }},{{ display_name | part(2) }},{{ display_name | "
		 "part(3) }},{{ display_name | part(-1) }},{{ display_name | part(-9) }}", "ИИ,Алгебра,,Алгебра,"								},
		{"{{ display_name | part(index=1, sep=' ') }},{{ display_name | part(sep='', "
		 "index=0) }}",															"курс_Алгебра,ИИ_1 курс_Алгебра"              },
		{"{{ 'a__b' | part(1) }},{{ 'a__b' | part(2) }},{{ '' | part }},{{ 'a_' | "
		 "part(1) }}",															 ",b,,"																},
		{"{{ empty | default('x') }}{{ nobody | default(count) }}{{ count | default('y') "
		 "}}",																	 "x1010"															   },
		{"{{ title | upper | lower | capitalize }}",                                        "A tale of two cities (part one)"                                     },
		{"{{ title | title }}",															 "A Tale Of Two Cities (Part One)"                                     },
		{"[{{ '  a b\n' | trim }}][{{ '  ' | trim }}][{{ empty | trim }}]",                 "[a b][][]"                                                           },
		{"{{ title | truncate(14) }}|{{ title | truncate(14, '') }}|{{ title | "
		 "truncate(99) }}|{{ title | truncate(length=8, end='…') }}",			"a tale of...|a tale of TWO|a tale of TWO cities (part one)|a tale…"},
		{"{{ 'abcdefghij' | truncate(5) }}|{{ 'abcdefghij' | truncate(2) }}|{{ 'abc' | "
		 "truncate(0) }}|{{ 'abc' | truncate(-5) }}",							  "ab...|ab||"														  },
		{"{{ 'aXbX' | replace('X', '--') }}{{ 'aa' | replace('a', '') }}{{ 'a' | "
		 "replace('', 'x') }}",													"a--b--a"															 },
		{"{{ '<a href=\"x\">&\\'é' | escape }}",
		 "&lt;a href=&quot;x&quot;&gt;&amp;&#39;é"																											   },
		{"{{ list | join }} {{ list | join('; ') }} {{ title | join }} {{ list | length "
		 "}} {{ 'Ёж' | length }}",											   "one, two, 3 one; two; 3 a tale of TWO cities (part one) 3 2"         },
		{"{{ day | date }} {{ day | date('%e.%m.%y, %H:%M:%S 100%% %') }} {{ "
		 "'21.11.2026' | date('%Y-%m-%d') }}",									 "21.11.2026 21.11.26, 09:05:07 100% % 2026-11-21"                     },
		{"{{ 'tomorrow' | date }} {{ '2026-13-01' | date }} {{ '2026-1-01' | date }} {{ "
		 "empty | date }}",														"tomorrow 2026-13-01 2026-1-01 "                                      },
		{"{{ (empty or title) | part(0, ' ') | upper }} {{ ('a' | upper) | lower }}",
		 "A a"																																					},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_str(render(rows[i].template), rows[i].result, rows[i].template);
}

static void
test_refusals(void)
{
	static const struct
	{
		const char *template, *error;
	} rows[] = {
		{"Title\n  {{ title",									"2:11 \"}}\" expected, the end of the template found / "
							  "What begins with {{ ends with }}."                                   },
		{"Ёж {{ }}",										   "1:7 a variable or a value expected, \"}}\" found / It looks like "
					 "{{ display_name }} or {{ display_name | upper }}."                                   },
		{"{{ title %}",
		 "1:10 \"}}\" expected, \"%}\" found / What begins with {{ ends with }}."                                                },
		{"{{ title } }}",										"1:10 \"}\" has no meaning here / Inside {{ }} and {% %} are "
						  "names, texts in quotes, numbers, filters and comparisons."                   },
		{"{{ title | }}",										"1:12 the name of a filter expected, \"}}\" found / A filter "
						  "follows the bar: {{ display_name | upper }}."                                },
		{"{{ title | uper }}",								   "1:12 there is no filter \"uper\" / Is upper meant?"            },
		{"{{ title | frobnicate }}",
		 "1:12 there is no filter \"frobnicate\" / Filters are capitalize, date, "
		 "default, escape, join, length, lower, part, replace, split_path, title, trim, "
		 "truncate, upper"																									   },
		{"{{ title | upper(1) }}",
		 "1:18 filter \"upper\" takes no arguments / In upper case."                                                             },
		{"{{ title | part(0, 1, 2) }}",
		 "1:23 filter \"part\" takes index=0, sep=\"_\" / A part of a text that "
		 "separators divide: 0 the first, -1 the last; empty if there are not so many."                                          },
		{"{{ title | part(separator=1) }}",
		 "1:17 filter \"part\" takes index=0, sep=\"_\" / A part of a text that "
		 "separators divide: 0 the first, -1 the last; empty if there are not so many."                                          },
		{"{{ title | part(0, index=1) }}",
		 "1:20 argument \"index\" of filter \"part\" is given twice / A part of a text "
		 "that separators divide: 0 the first, -1 the last; empty if there are not so "
		 "many."																												 },
		{"{{ title | replace('a') }}",                           "1:12 filter \"replace\" needs its argument "
									   "\"new\" / Every old replaced by new."              },
		{"{{ title | part('x') }}",
		 "1:12 this filter needs a whole number / It has at most 7 digits."                                                      },
		{"{{ title | part(0 1) }}",
		 "1:19 \",\" or \")\" expected, \"1\" found / Arguments stand between brackets: "
		 "| part(0, \"_\")."																									 },
		{"{{ 'abc }}",										   "1:4 the text that begins here has no end / It ends with the "
					   "quote it begins with."															 },
		{"{{ recording. }}",									 "1:15 a name expected, \"}}\" found / A name follows the "
							 "dot: {{ recording.name }}."                                            },
		{"{{ (title }}",
		 "1:11 \")\" expected, \"}}\" found / It closes the \"(\" before."                                                       },
		{"{{ a not b }}",										"1:10 \"in\" expected, \"b\" found / It reads: a not in b."     },
		{"{{ 123456789012345678901 }}",
		 "1:4 a number has at most 20 characters / Write it as a text, in quotes."                                               },
		{"{# never",											 "1:1 the comment that begins here has no end / It ends with #}."},
		{"a{% if title %}b",
		 "1:2 the {% if %} that begins here has no end / It ends with {% endif %}."                                              },
		{"a{% if title %}b{% else %}c{% elif x %}",
		 "1:31 \"endif\" expected, \"elif\" found / Nothing but {% endif %} follows {% "
		 "else %}."																											  },
		{"{% endif %}",
		 "1:4 \"endif\" without an {% if %} before it / Blocks begin with {% if ... %}."                                         },
		{"{% for t in topics %}",
		 "1:4 \"if\", \"elif\", \"else\" or \"endif\" expected, \"for\" found / There "
		 "are no other blocks, and no loops."																					},
		{"{% if %}x{% endif %}",
		 "1:7 a variable or a value expected, \"%}\" found / It looks like {{ "
		 "display_name }} or {{ display_name | upper }}."																		},
		{"{{ 'a very long text that nobody wants to read' 1 }}",
		 "1:49 \"}}\" expected, \"1\" found / What begins with {{ ends with }}."                                                 },
		{"{{ 1 'a very long text that nobody wants to read' }}",
		 "1:6 \"}}\" expected, \"'a very long text...\" found / What begins with {{ ends "
		 "with }}."																											  },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_str(render(rows[i].template), rows[i].error, rows[i].template);
}

/* The part, so many times, between a beginning and an end. */
static size_t
repeat(char *out, const char *before, const char *part, int times, const char *after)
{
	char *at = stpcpy(out, before);

	for (int i = 0; i < times; i++)
		at = stpcpy(at, part);
	return (size_t) (stpcpy(at, after) - out);
}

static void
test_bounds(void)
{
	static char template[RENDER_TEMPLATE_MOST + 2];
	char text[2000];
	size_t length;
	size_t work;

	length = repeat(template, "", "x", RENDER_TEMPLATE_MOST + 1, "");
	(void) render_long(template, length, text, sizeof text);
	is_str(text,
		   "1:1 it has 20001 bytes, a template has at most 20000 / Make it shorter.",
		   "a template that is too long");
	ok(render_long(template, length - 1, text, sizeof text) < 3 * length,
	   "and one that is not");

	length = repeat(template, "{{ ", "(", 33, "1");
	(void) render_long(template, length, text, sizeof text);
	is_str(text,
		   "1:36 blocks, brackets and negations are nested deeper than 32 / Write it "
		   "flatter: {% elif %} does not nest.",
		   "brackets");
	length = repeat(template, "", "{% if yes %}", 33, "");
	(void) render_long(template, length, text, sizeof text);
	ok(strstr(text, "nested deeper than 32") != NULL, "blocks");
	length = repeat(template, "{{ ", "not ", 33, "1 }}");
	(void) render_long(template, length, text, sizeof text);
	ok(strstr(text, "nested deeper than 32") != NULL, "negations");
	length = repeat(template, "{{ 1", " | default('')", 1000, " }}");
	(void) render_long(template, length, text, sizeof text);
	is_str(text, "1", "a chain of filters is not nested");

	length = repeat(template, "{{ title", " | replace('a', 'aaaaaaaaaa')", 10, " }}");
	(void) render_long(template, length, text, sizeof text);
	ok(strstr(text, "takes more than 4194304 steps / Use fewer filters on long texts.") !=
		   NULL,
	   "a text that grows without end: %s", text);
	length =
		repeat(template, "{{ title", " | replace('a', 'aaaaaaaaaa')", 5,
			   "}}{{ title | replace('a', 'aaaaaaaaaa') | replace('a', 'aaaaaaaaaa') | "
			   "replace('a', 'aaaaaaaaaa') | replace('a', 'aaaaaaaaaa') }}");
	(void) render_long(template, length, text, sizeof text);
	ok(strstr(text, "what it renders to is longer than 262144 bytes") != NULL,
	   "a result that is too long: %.80s", text);

	/* linear: twice the template is twice the work, however the filters are arranged */
	work = render_long(
		template, repeat(template, "", "{{ title | upper | part(1, ' ') }}", 100, ""),
		text, sizeof text);
	is_int((long long) render_long(
			   template,
			   repeat(template, "", "{{ title | upper | part(1, ' ') }}", 200, ""), text,
			   sizeof text),
		   (long long) work * 2, "the work grows with the template and no faster");
}

static void
test_names(void)
{
	static const char *const known[] = {"display_name", "topics", "title"};
	TestHost test;
	RenderError error;
	RenderTree *tree;
	const char *template =
		"{{ title }}\n{% if displayname %}{{ x | default(topics) }}{% endif %}";

	test_host_begin(&test, test_variables);
	tree = render_parse(&test.host, template, strlen(template), &error);
	ok(tree != NULL && !render_names_known(tree, known, 3, &error),
	   "a name nobody knows");
	is_str(error.message, "there is no variable \"displayname\"", "is named");
	is_str(error.hint, "Is display_name meant?", "with the nearest");
	is_int(error.line * 100 + error.column, 207, "and where it is");
	template = "{{ something_else }}";
	tree = render_parse(&test.host, template, strlen(template), &error);
	ok(tree != NULL && !render_names_known(tree, known, 3, &error),
	   "one that is like none");
	is_str(error.hint, "There are display_name, topics, title", "gets the list");
	test_host_end(&test);
}

static void
test_fit(void)
{
	static const struct
	{
		const char *text;
		size_t most;
		TextUnit unit;
		size_t ending;
		size_t kept;
	} rows[] = {
		{"short",															 5,  TEXT_CHARS, 1, 5 },
		{"two words",														 8,  TEXT_CHARS, 1, 7 },
		{"three words",													   9,  TEXT_CHARS, 1, 5 },
		{"a verylongwordindeed",											  10, TEXT_CHARS, 1, 9 },
		{"one, two",														  6,  TEXT_CHARS, 1, 3 },
		{"Алгебра логики",									   20, TEXT_BYTES, 3, 14},
		{"Алгебра логики",									   13, TEXT_BYTES, 3, 10},
		{"Алгебра",													7,  TEXT_CHARS, 1, 14},
 /* e with an accent of its own, a family, a flag: cut before or behind, never inside */
		{"ee\xcc\x81"
		 "e",														3,  TEXT_CHARS, 1, 1 },
		{"ab\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7"
		 "c",														5,  TEXT_CHARS, 1, 2 },
		{"a\xf0\x9f\x87\xb7\xf0\x9f\x87\xba\xf0\x9f\x87\xb7\xf0\x9f\x87\xba", 4,
		 TEXT_CHARS,																		  0, 9 },
		{"a\xf0\x9f\x98\x80"
		 "b",														3,  TEXT_UTF16, 0, 5 },
		{"a\xf0\x9f\x98\x80",												 2,  TEXT_UTF16, 0, 1 },
		{"abc",															   0,  TEXT_CHARS, 0, 0 },
		{"\xff\xfe\xff",													  2,  TEXT_CHARS, 0, 2 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_int((long long) text_fit(rows[i].text, strlen(rows[i].text), rows[i].most,
									rows[i].unit, rows[i].ending),
			   (long long) rows[i].kept, rows[i].text);
	is_int((long long) text_size("\xf0\x9f\x98\x80Ё", 6, TEXT_UTF16), 3, "utf16");
	is_int((long long) text_size("\xf0\x9f\x98\x80Ё", 6, TEXT_CHARS), 2, "chars");
	is_int((long long) text_size("\xf0\x9f\x98\x80Ё", 6, TEXT_BYTES), 6, "bytes");
}

int
main(void)
{
	test_results();
	test_refusals();
	test_bounds();
	test_names();
	test_fit();
	return done_testing();
}
