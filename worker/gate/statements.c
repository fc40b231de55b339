/*
 * gate/statements.c
 *	  A request as statements: one transaction in one pipeline.
 *
 * First of all settings, in one statement whose text depends on their number only: where names
 * are looked up, who asks, and what he asked; they end with the transaction. Then what
 * is called before every request, then the request's own statement.
 */
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "gate/idempotency.h"

#define MOST_SETTINGS 32

typedef struct Settings
{
	Arena *arena;
	const char **values; /* name, value, name, value ... */
	size_t count;
} Settings;

static void
set(Settings *settings, const char *name, const char *value)
{
	if (settings->count >= MOST_SETTINGS)
		return;
	settings->values[2 * settings->count] = name;
	settings->values[2 * settings->count + 1] = value;
	settings->count++;
}

static void
add_json_char(Buffer *json, unsigned char c)
{
	if (c < ' ' || c == 0x7f)
		buffer_printf(json, "\\u%04x", c);
	else if (c == '"' || c == '\\')
		buffer_printf(json, "\\%c", c);
	else
		buffer_append(json, &c, 1);
}

static void
add_json(Buffer *json, Slice text, bool lower)
{
	buffer_puts(json, "\"");
	for (size_t i = 0; i < text.length; i++)
	{
		char c = text.at[i];

		add_json_char(json, (unsigned char) (lower && c >= 'A' && c <= 'Z' ? c + 32 : c));
	}
	buffer_puts(json, "\"");
}

/* PostgreSQL takes valid text only. */
static bool
is_text(Arena *arena, Slice value)
{
	const char *at = arena_copy(arena, value.at, value.length);
	const char *end = at + value.length;

	while (at < end)
	{
		const char *before = at;

		if (utf8_next(&at) == 0xfffd && at == before + 1)
			return false;
	}
	return true;
}

/* What is secret, and what only the gate may say. */
static bool
is_hidden(Slice name)
{
	static const char *const hidden[] = {"authorization", "cookie", "x-api-key",
										 "x-leap-client-address", "x-request-id"};

	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
		if (slice_is_any_case(name, hidden[i]))
			return true;
	return false;
}

static bool
same_name(Slice a, Slice b)
{
	return a.length == b.length && strncasecmp(a.at, b.at, a.length) == 0;
}

static bool
came_before(const Head *head, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (same_name(head->fields[i].name, head->fields[index].name))
			return true;
	return false;
}

/* All values of a field, joined. */
static void
add_values(Buffer *json, const Head *head, size_t index)
{
	Buffer joined;

	buffer_init(&joined);
	for (size_t i = index; i < head->count; i++)
		if (same_name(head->fields[i].name, head->fields[index].name))
		{
			buffer_puts(&joined, joined.length > 0 ? ", " : "");
			buffer_append(&joined, head->fields[i].value.at,
						  head->fields[i].value.length);
		}
	add_json(json, (Slice){joined.data, joined.length}, false);
	buffer_free(&joined);
}

const char *
request_headers_json(Request *request)
{
	const Head *head = &request->exchange->head;
	Buffer json;
	const char *text;

	buffer_init(&json);
	buffer_puts(&json, "{\"x-leap-client-address\":");
	add_json(&json, (Slice){request->caller.address, strlen(request->caller.address)},
			 false);
	buffer_printf(&json, ",\"x-request-id\":\"%s\"", request->exchange->id);
	for (size_t i = 0; i < head->count; i++)
	{
		const Field *field = &head->fields[i];

		if (is_hidden(field->name) || came_before(head, i) ||
			!is_text(&request->arena, field->value))
			continue;
		buffer_puts(&json, ",");
		add_json(&json, field->name, true);
		buffer_puts(&json, ":");
		add_values(&json, head, i);
	}
	buffer_puts(&json, "}");
	text = arena_copy(&request->arena, json.data, json.length);
	buffer_free(&json);
	return text;
}

static Slice
trim(Slice text)
{
	while (text.length > 0 && *text.at == ' ')
	{
		text.at++;
		text.length--;
	}
	return text;
}

static const char *
cookies_json(Request *request)
{
	const Slice *field = head_field(&request->exchange->head, "cookie");
	Buffer json;
	const char *text;
	Slice rest;

	if (field == NULL || !is_text(&request->arena, *field))
		return "{}";
	buffer_init(&json);
	for (rest = trim(*field); rest.length > 0;)
	{
		const char *end = memchr(rest.at, ';', rest.length);
		size_t length = end != NULL ? (size_t) (end - rest.at) : rest.length;
		const char *mark = memchr(rest.at, '=', length);

		if (mark != NULL)
		{
			buffer_puts(&json, json.length == 0 ? "{" : ",");
			add_json(&json, (Slice){rest.at, (size_t) (mark - rest.at)}, false);
			buffer_puts(&json, ":");
			add_json(&json, (Slice){mark + 1, (size_t) (rest.at + length - mark - 1)},
					 false);
		}
		length += end != NULL;
		rest = trim((Slice){rest.at + length, rest.length - length});
	}
	buffer_puts(&json, json.length == 0 ? "{}" : "}");
	text = arena_copy(&request->arena, json.data, json.length);
	buffer_free(&json);
	return text;
}

static const char *
copy_slice(Request *request, Slice slice)
{
	return arena_copy(&request->arena, slice.at, slice.length);
}

/* The isolation that the role or the function asks for; NULL: the usual one. */
static const char *
isolation_of(const Request *request)
{
	static const char *const known[] = {"serializable", "repeatable read",
										"read committed", "read uncommitted"};
	const char *wanted = request->plan.isolation;

	for (size_t i = 0; wanted == NULL && i < request->view->setting_count; i++)
		if (strcmp(request->view->settings[i].role, request->caller.role) == 0 &&
			strcmp(request->view->settings[i].name, "default_transaction_isolation") == 0)
			wanted = request->view->settings[i].value;
	for (size_t i = 0; wanted != NULL && i < sizeof known / sizeof known[0]; i++)
		if (strcasecmp(wanted, known[i]) == 0)
			return known[i];
	return NULL;
}

static void
set_role(Settings *settings, const Request *request)
{
	for (size_t i = 0; i < request->view->setting_count; i++)
	{
		const RoleSetting *setting = &request->view->settings[i];

		if (strcmp(setting->role, request->caller.role) == 0 &&
			strcmp(setting->name, "default_transaction_isolation") != 0)
			set(settings, setting->name, setting->value);
	}
	set(settings, "role", request->caller.role);
}

static DbPoolStatement
write_settings(Request *request, bool begun)
{
	const RestPlan *plan = &request->plan;
	Arena *arena = &request->arena;
	Settings settings = {arena,
						 arena_take(arena, 2 * MOST_SETTINGS * sizeof(const char *)), 0};
	CLEANUP(buffer) Buffer sql;

	if (plan->read_only && !begun)
		set(&settings, "transaction_read_only", "on");
	set(&settings, "search_path",
		arena_printf(arena, "%s%s", gate_quote(arena, plan->schema),
					 request->gate->settings->search_path_tail));
	set_role(&settings, request);
	set(&settings, "request.jwt.claims", request->caller.claims);
	set(&settings, "request.method", copy_slice(request, request->exchange->head.method));
	set(&settings, "request.path", copy_slice(request, request->exchange->path));
	set(&settings, "request.headers", request_headers_json(request));
	set(&settings, "request.cookies", cookies_json(request));
	if (plan->timezone != NULL)
		set(&settings, "timezone", plan->timezone);
	for (size_t i = 0; i < plan->setting_count; i++)
		set(&settings, plan->settings[i].name, plan->settings[i].value);
	buffer_init(&sql);
	for (size_t i = 0; i < settings.count; i++)
		buffer_printf(&sql, "%s set_config($%zu,$%zu,true)", i > 0 ? "," : "SELECT",
					  2 * i + 1, 2 * i + 2);
	return (DbPoolStatement){arena_copy(arena, sql.data, sql.length), settings.values,
							 2 * settings.count};
}

static void
add(Request *request, DbPoolStatement statement)
{
	request->statements[request->statement_count++] = statement;
}

static const char *
text_of(Request *request, const SqlText *sql)
{
	return arena_copy(&request->arena, sql->text.data, sql->text.length);
}

void
request_write_preamble(Request *request, bool begun)
{
	const char *pre_request = request->gate->settings->pre_request;

	add(request, write_settings(request, begun));
	if (pre_request != NULL)
		add(request, (DbPoolStatement){.sql = pre_request});
	request->main_index = request->statement_count;
}

bool
request_write_statements(Request *request)
{
	const RestPlan *plan = &request->plan;
	const char *isolation = isolation_of(request);
	bool hold = request->key != NULL || plan->rollback || isolation != NULL ||
				(plan->checked && !plan->read_only);

	if (hold)
		add(request, (DbPoolStatement){
						 .sql = arena_printf(&request->arena, "BEGIN%s%s%s",
											 isolation != NULL ? " ISOLATION LEVEL " : "",
											 isolation != NULL ? isolation : "",
											 plan->read_only ? " READ ONLY" : "")});
	request_write_preamble(request, hold);
	if (request->key != NULL)
	{
		add(request, idempotency_claim(request));
		request->main_index = request->statement_count;
	}
	add(request, (DbPoolStatement){text_of(request, &plan->sql), plan->sql.values,
								   plan->sql.value_count});
	if (plan->count.text.length > 0)
		add(request, (DbPoolStatement){text_of(request, &plan->count), plan->count.values,
									   plan->count.value_count});
	if (plan->immediate)
		add(request, (DbPoolStatement){.sql = "SET CONSTRAINTS ALL IMMEDIATE"});
	return hold;
}
