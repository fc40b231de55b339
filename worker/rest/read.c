/*
 * rest/read.c
 *	  GET and HEAD of a relation, and the final SELECT that every statement ends with.
 */
#include <string.h>

#include "rest/plan.h"

/* By RestMedia: how the rows %s become the body; the second one is for a single row. */
static const struct
{
	const char *many;
	const char *one;
} bodies[] = {
	[MEDIA_JSON] = {"coalesce(json_agg(%s), '[]')",                        "coalesce(json_agg(%s)->0, 'null')"},
	[MEDIA_STRIPPED] = {"coalesce(json_strip_nulls(json_agg(%s)), '[]')",
                    "coalesce(json_strip_nulls(json_agg(%s)->0), 'null')"                                     },
	[MEDIA_OBJECT] = {"coalesce(json_agg(%s)->0, 'null')",
                    "coalesce(json_agg(%s)->0, 'null')"                                                       },
	[MEDIA_OBJECT_STRIPPED] = {"coalesce(json_strip_nulls(json_agg(%s)->0), 'null')",
                    "coalesce(json_strip_nulls(json_agg(%s)->0), 'null')"                                     },
 /* the names of the columns, then each row without the parentheses of its text */
	[MEDIA_CSV] =
		{"(SELECT coalesce(string_agg(k, ','), '') FROM"
		 " json_object_keys(row_to_json((array_agg(%1$s))[1])) AS k) || E'\\n' ||"
		 " coalesce(string_agg(substring(%1$s::text, 2, length(%1$s::text) - 2),"
		 " E'\\n'), '')",							  NULL							   },
	[MEDIA_OPENAPI] = {"''",												  NULL                               },
	[MEDIA_OCTETS] = {"string_agg(%s, '')",                                  NULL                               },
	[MEDIA_TEXT] = {"string_agg(%s::text, '')",                            NULL                               },
	[MEDIA_XML] = {"xmlagg(%s)",										  NULL                               },
};

/* What a function said about the answer. */
#define SAID(what) "nullif(current_setting('response." what "', true), '')"

/*
 * The same, checked before there is anything to commit: what is no list of fields that may be
 * sent, or no status, asks for a setting that is not there, an error which
 * rest_error_of_database() knows.
 */
#define FIELD_NAME "\"[!#$%&'*+.^_`|~0-9A-Za-z-]+\""
#define FIELD_VALUE                                                       \
	"\"([^\"\\\\\\x01-\\x1f\\x7f]|\\\\[\"\\\\/t]|\\\\u(?!00[01]|007[fF])" \
	"[0-9a-fA-F]{4})*\""
#define FIELD "\\{\\s*" FIELD_NAME "\\s*:\\s*" FIELD_VALUE "\\s*\\}"
#define CHECKED_HEADERS                                                                  \
	"CASE WHEN " SAID(                                                                   \
		"headers") " !~ $re$^\\s*\\[\\s*(" FIELD "(\\s*,\\s*" FIELD                      \
				   ")*)?\\s*\\]\\s*$$re$ OR " SAID(                                      \
					   "headers") " ~* '\"(connection|content-length|"                   \
								  "keep-alive|trailer|transfer-encoding|upgrade)\"\\s*:" \
								  "'"                                                    \
								  " THEN current_setting('" REST_BAD_HEADERS             \
								  "') ELSE " SAID("headers") " END"
#define CHECKED_STATUS                                                    \
	"CASE WHEN " SAID("status") " !~ '^[2-5][0-9][0-9]$'"                 \
								" THEN current_setting('" REST_BAD_STATUS \
								"') ELSE " SAID("status") " END"

static void
put_expression(SqlText *sql, const char *expression, const char *otherwise)
{
	sql_puts(sql, expression != NULL ? expression : otherwise);
	sql_puts(sql, ", ");
}

static void
put_rows(SqlText *sql, RestMedia media, bool single, const char *rows)
{
	const char *form =
		single && bodies[media].one != NULL ? bodies[media].one : bodies[media].many;
	const char *at;

	/* the forms are ours: %s and %1$s are where the rows go */
	while ((at = strchr(form, '%')) != NULL)
	{
		sql_printf(sql, "%.*s", (int) (at - form), form);
		sql_puts(sql, rows);
		form = at + (at[1] == '1' ? 4 : 2);
	}
	sql_puts(sql, form);
}

/* What a function answered, or an aggregate makes of the rows; bytes as their digits, whatever
 * bytea_output says. */
static void
put_made(const RestPlan *plan, SqlText *sql)
{
	const Handler *handler = plan->handler;

	sql_puts(sql, plan->binary ? "pg_catalog.encode((" : "(");
	if (handler == NULL)
		sql_puts(sql, "(array_agg(_postgrest_t.pgrst_scalar))[1]");
	else
	{
		sql_names(sql, handler->schema, handler->name);
		sql_puts(sql, "(_postgrest_t");
		if (handler->relation != NULL)
		{
			sql_puts(sql, "::");
			sql_names(sql, handler->relation->schema, handler->relation->name);
		}
		sql_puts(sql, ")");
	}
	sql_puts(sql, plan->binary ? ")::bytea, 'hex')" : ")::text");
}

void
plan_body(RestPlan *plan, const PlanBody *body)
{
	SqlText *sql = &plan->sql;

	sql_puts(sql, " SELECT ");
	put_expression(sql, body->total, "null::bigint");
	put_expression(sql, body->page, "pg_catalog.count(_postgrest_t)");
	put_expression(sql, body->location, "null");
	if (body->empty)
		sql_puts(sql, "''");
	else if (plan->media == MEDIA_MADE)
		put_made(plan, sql);
	else
		put_rows(sql, plan->media, body->single,
				 body->scalar ? "_postgrest_t.pgrst_scalar" : "_postgrest_t");
	sql_puts(sql, plan->read_only ? ", " SAID("headers") ", " SAID("status") ", "
								  : ", " CHECKED_HEADERS ", " CHECKED_STATUS ", ");
	sql_puts(sql, body->inserted != NULL ? body->inserted : "null");
	sql_puts(sql, " FROM (");
	if (body->shaped)
		sql_select(sql, plan->query.root);
	else
		sql_puts(sql, "SELECT * FROM pgrst_source");
	sql_puts(sql, ") _postgrest_t");
}

/* How many rows there are without a limit: counted beside the page, or taken from it. */
const char *
plan_total(RestPlan *plan)
{
	PreferCount count = plan->prefer.count;
	const Node *root = plan->query.root;
	int64_t most = plan->config->max_rows;

	if (count == COUNT_PLANNED || count == COUNT_ESTIMATED)
	{
		sql_puts(&plan->count, "EXPLAIN (FORMAT JSON) ");
		sql_count(&plan->count, root);
	}
	if (count != COUNT_EXACT && count != COUNT_ESTIMATED)
		return NULL;
	if (root->range.offset == 0 && root->range.limit < 0)
		return "pg_catalog.count(_postgrest_t)";
	sql_puts(&plan->sql, ", pgrst_source_count AS (");
	sql_count(&plan->sql, root);
	if (count == COUNT_ESTIMATED && most > 0)
		sql_printf(&plan->sql, " LIMIT %lld", (long long) most + 1);
	sql_puts(&plan->sql, ")");
	return "(SELECT pg_catalog.count(*) FROM pgrst_source_count)";
}

bool
plan_read(RestPlan *plan, const RestRequest *request, RestError *error)
{
	Node *root = plan->query.root;
	PlanBody body = {.empty = plan->head};

	(void) request;
	plan->read_only = true;
	/* what is asked of writes was not applied */
	plan->prefer.returns = RETURN_UNSAID;
	plan->prefer.resolution = RESOLUTION_UNSAID;
	plan->prefer.missing = MISSING_UNSAID;
	if (!node_resolve(&plan->arena, plan->cache, root, plan->relation, NULL,
					  plan->relation->name, plan->config, error))
		return false;
	sql_page_first(root);
	sql_puts(&plan->sql, "WITH pgrst_source AS (");
	sql_select(&plan->sql, root);
	sql_puts(&plan->sql, ")");
	body.total = plan_total(plan);
	plan_body(plan, &body);
	return true;
}
