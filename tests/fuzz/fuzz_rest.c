/* sources: rest/[a-z]*.c http/head.c base/arena.c base/buffer.c base/utf8.c base/json.c base/error.c ../extension/errcodes.c */
/* libs: libcjson -lm -DLEAP_VERSION='"0"' */
/*
 * tests/fuzz/fuzz_rest.c
 *	  Whatever stands in a URL: it is refused with a status and a code, or it becomes a
 *	  statement in which nothing of the URL stands outside of quotes.
 */
#include "../unit/rest_library.h"
#include "base/cleanup.h"
#include "rest/plan.h"

#include "driver.h"

const char *const fuzz_samples[] = {
	"/books?select=id,name:title,about->author->>0::int&id=eq.5&title=not.like.A*",
	"/books?or=(id.eq.1,and(id.gt(any).{3,4},not.or(title.is.null,words.fts(simple).c)))",
	"/books?select=title,author:authors!books_author!inner(name)&author.name=in.(a,"
	"\"b\")",
	"/authors?select=id,books!books_author(*,reviews(id))&books.reviews.order=stars.desc",
	"/books?select=*,...reviews(stars),shelves()&reviews.limit=2&shelves.offset=1&limit="
	"5",
	"/good_books?order=mark.desc.nullslast,id&writer=is.not_null&columns=a,b&on_conflict="
	"a",
	"/books?%22ti%5C%22tle%22=eq.%27%3B--&select=%22a%5C%22b%22:id",
	"/rpc/none?a=1&b=eq.2",
	NULL};

/* The text outside of quoted names and literals. */
static bool
is_plain(const char *sql)
{
	char quote = '\0';

	for (; *sql != '\0'; sql++)
	{
		if (quote != '\0')
			quote = *sql == quote ? '\0' : quote;
		else if (*sql == '"' || *sql == '\'')
			quote = *sql;
		else if (*sql == ';' || *sql == '\\' || strncmp(sql, "--", 2) == 0 ||
				 strncmp(sql, "/*", 2) == 0)
			return false;
	}
	return quote == '\0';
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const spaces[] = {"library"};
	static const RestConfig config = {.schemas = spaces, .schema_count = 1};
	static Schema *schema;
	const char *text = (const char *) data;
	const char *mark = size > 0 ? memchr(text, '?', size) : NULL;
	size_t path = mark != NULL ? (size_t) (mark - text) : size;
	RestRequest request = {
		.method = {"GET", 3   },
          .path = {text,  path}
    };
	RestPlan plan;
	RestError error;

	if (schema == NULL)
		schema = schema_build(rest_library, strlen(rest_library), NULL);
	if (mark != NULL)
		request.query = (Slice){mark + 1, size - path - 1};
	if (!rest_plan(schema, &config, &request, &plan, &error))
		fuzz_check(error.status >= 300 && error.code != NULL && error.message != NULL,
				   "a refusal has a status, a code and a message");
	else if (plan.action == ACTION_READ)
		fuzz_check(is_plain(plan.sql.text.data), "only quoted names are of the URL");
	rest_plan_free(&plan);
	return 0;
}
