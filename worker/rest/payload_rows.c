/*
 * rest/payload_rows.c
 *	  The rows of a payload: one parameter, however many there are.
 */
#include "rest/write.h"

static void
put_names(SqlText *sql, const PayloadField *fields, size_t count, bool typed)
{
	for (size_t i = 0; i < count; i++)
	{
		sql_puts(sql, i > 0 ? ", " : "");
		sql_name(sql, fields[i].name);
		if (typed)
		{
			sql_puts(sql, " ");
			sql_puts(sql, fields[i].type);
		}
	}
}

static bool
any_fallback(const PayloadField *fields, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		if (fields[i].fallback != NULL)
			return true;
	}
	return false;
}

/* ", LATERAL (...) pgrst_defaults": every object, above one that has the defaults. */
static void
put_defaults(SqlText *sql, const Payload *payload, const PayloadField *fields,
			 size_t count)
{
	const char *before = "";

	sql_puts(sql, payload->array ? ", LATERAL (SELECT jsonb_agg(jsonb_build_object("
								 : ", LATERAL (SELECT jsonb_build_object(");
	for (size_t i = 0; i < count; i++)
	{
		if (fields[i].fallback == NULL)
			continue;
		sql_puts(sql, before);
		sql_literal(sql, fields[i].name);
		sql_puts(sql, ", ");
		sql_puts(sql, fields[i].fallback);
		before = ", ";
	}
	if (payload->array)
		sql_puts(sql, ") || pgrst_element) AS json_data FROM"
					  " jsonb_array_elements(pgrst_payload.json_data) pgrst_element)");
	else
		sql_puts(sql, ") || pgrst_payload.json_data AS json_data)");
	sql_puts(sql, " pgrst_defaults");
}

void
payload_rows(SqlText *sql, const Payload *payload, const PayloadField *fields,
			 size_t count, bool one)
{
	bool defaults = any_fallback(fields, count);
	const char *kind = defaults ? "jsonb" : "json";

	sql_puts(sql, "(SELECT ");
	sql_bytes(sql, arena_copy(sql->arena, payload->json, payload->length),
			  payload->length);
	sql_printf(sql, "::%s AS json_data) pgrst_payload", kind);
	if (defaults)
		put_defaults(sql, payload, fields, count);
	sql_puts(sql, ", LATERAL (SELECT ");
	if (count == 0 && payload->array)
		sql_puts(sql, "FROM json_array_elements(pgrst_payload.json_data)");
	else if (count > 0)
	{
		put_names(sql, fields, count, false);
		sql_printf(sql, " FROM %s_to_record%s(%s.json_data) AS _(", kind,
				   payload->array ? "set" : "",
				   defaults ? "pgrst_defaults" : "pgrst_payload");
		put_names(sql, fields, count, true);
		sql_puts(sql, ")");
	}
	sql_puts(sql, one ? " LIMIT 1) pgrst_body" : ") pgrst_body");
}
