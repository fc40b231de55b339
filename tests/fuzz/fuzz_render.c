/* sources: ../extension/render_text.c ../extension/render_scan.c ../extension/render_expr.c ../extension/render_parse.c ../extension/render_value.c ../extension/render_run.c ../extension/render_filter.c ../extension/render_filter_case.c ../extension/render_filter_date.c ../extension/render_filter_text.c */
/*
 * tests/fuzz/fuzz_render.c
 *	  Whatever the template: it is refused at a place that it has, or it renders to the same text
 *	  each time, within all bounds. What is UTF-8 stays UTF-8, also when it is cut.
 */
#include "../../extension/render_text.h"
#include "../unit/render_host.h"
#include "driver.h"

/* Memory a rendering may take: every unit of work a few bytes, and the tree. */
#define MEMORY_MOST ((size_t) RENDER_WORK_MOST * 4 + (4 << 20))

const char *const fuzz_samples[] = {
	"{{ display_name | split_path }} {{title|part(-1, sep=' ')|truncate(5,end=\"…\")}}",
	"{% if topics and not empty %}{{ list | join('; ') }}{% elif count >= 10 %}x{% else "
	"%}{{ yes }}{% endif %}",
	"{# note -#}\n {{- recording.name | escape -}} {%- if 'a' not in title -%} b {%- "
	"endif -%}",
	"{{ (empty or title) | title | upper | lower | capitalize | trim | length }}",
	"{{ day | date('%d.%m.%Y %H:%M:%S') }} {{ nobody | default(count) | replace('1', "
	"'\\n\\\"') }}",
	"{% if (1 < 2 and (2 <= 3.5 or not false)) and count == '10' and list != none %}Ёж "
	"👩‍🏫{% endif %}",
	"{{ title | replace('a', 'aaaaaaaa') | replace('a', 'aaaaaaaa') | replace('a', "
	"'aaaaaaaa') | length }}",
	"plain } text }} with { brackets %} #}",
	NULL};

static bool
is_utf8(const char *text, size_t length)
{
	for (size_t at = 0; at < length;)
	{
		size_t start = at;

		if (text_next(text, length, &at) >= 0x80 && at - start == 1)
			return false;
	}
	return true;
}

static void
check_error(const RenderError *error, const char *source, size_t size, bool utf8)
{
	int lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += source[i] == '\n' ? 1 : 0;
	fuzz_check(error->message[0] != '\0', "an error has a message");
	fuzz_check(error->line >= 1 && error->line <= lines, "and a line of the template");
	fuzz_check(error->column >= 1 && (size_t) error->column <= size + 1, "and a column");
	fuzz_check(!utf8 || (is_utf8(error->message, strlen(error->message)) &&
						 is_utf8(error->hint, strlen(error->hint))),
			   "and says so in UTF-8");
}

static void
check_cuts(const char *text, size_t length, bool utf8)
{
	for (int unit = 0; unit < TEXT_UNITS; unit++)
		for (size_t most = 0; most < 40; most += 7)
		{
			size_t kept = text_fit(text, length, most, (TextUnit) unit, most / 4);
			size_t room = kept == length ? most : most - most / 4;

			fuzz_check(kept <= length && text_size(text, kept, (TextUnit) unit) <= room,
					   "a text that is cut fits");
			fuzz_check(!utf8 || is_utf8(text, kept), "and is cut between characters");
		}
}

static bool
render(TestHost *test, const char *source, size_t size, RenderResult *result,
	   RenderError *error)
{
	RenderTree *tree = render_parse(&test->host, source, size, error);

	return tree != NULL && render_run(&test->host, tree, result, error);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *source = (const char *) data;
	bool utf8 = is_utf8(source, size);
	TestHost test;
	RenderResult result = {.length = 0};
	RenderResult again = {.length = 0};
	RenderError error;

	test_host_begin(&test, test_variables);
	if (!render(&test, source, size, &result, &error))
		check_error(&error, source, size, utf8);
	else
	{
		fuzz_check(result.length <= RENDER_OUTPUT_MOST, "the result is bounded");
		fuzz_check(result.work <= RENDER_WORK_MOST, "the work is bounded");
		fuzz_check(!utf8 || is_utf8(result.text, result.length), "the result is UTF-8");
		fuzz_check(render(&test, source, size, &again, &error) &&
					   again.length == result.length && again.work == result.work &&
					   memcmp(again.text, result.text, result.length) == 0,
				   "the result is the same each time");
		check_cuts(result.text, result.length < 200 ? result.length : 0, utf8);
	}
	fuzz_check(test.allocated <= 2 * MEMORY_MOST, "the memory is bounded");
	test_host_end(&test);
	return 0;
}
