/*
 * gate/catalog.c
 *	  Reading what a server process must know, and listening for changes.
 */
#include "gate/catalog.h"

#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/link.h"

/* The channel that PostgREST has, too. */
#define RELOAD_CHANNEL "pgrst"
#define MOST_CHANNELS  4
/* After a catalog that could not be read. */
#define AGAIN_SECONDS 2.0

/* Settings that are of a role and change what its requests do. */
#define ROLE_SETTINGS                                                               \
	"SELECT r.rolname, lower(split_part(c, '=', 1)), substr(c, strpos(c, '=') + 1)" \
	"  FROM pg_catalog.pg_roles r"                                                  \
	"  JOIN pg_catalog.pg_db_role_setting s ON s.setrole = r.oid"                   \
	"   AND s.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database d"       \
	"                              WHERE d.datname = current_database()))"          \
	" CROSS JOIN LATERAL unnest(s.setconfig) c"                                     \
	" WHERE pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER')"                  \
	"   AND r.rolname <> session_user"                                              \
	"   AND lower(split_part(c, '=', 1)) = ANY ($1)"                                \
	" ORDER BY s.setdatabase"

#define HOISTED                                                               \
	"{statement_timeout,lock_timeout,work_mem,default_transaction_isolation," \
	"plan_filter.statement_cost_limit}"

/* A JSON Web Key Set of the secrets that SQL signs tokens with. */
#define KEYS         "SELECT leap.gateway_keys()"
#define KEYS_CHANNEL "leap_keys"

#define IDENTITY "SELECT leap.database_id()"

#define ROUTES                                                                       \
	"SELECT r.method, r.path, r.function, r.arguments::text, r.body, r.status::text" \
	"  FROM leap.routes() r"

typedef struct View
{
	CatalogView shown; /* first: a View is known by it */
	size_t users;      /* requests, and the catalog itself */
	Schema *schema;
	JwtKeys *keys;
	Routes *routes;
	RoleSetting *settings;
	size_t capacity;
	Arena arena;
} View;

typedef struct Channel
{
	const char *name;
	CatalogBell bell;
	void *arg;
} Channel;

struct Catalog
{
	Loop *loop;
	const GateSettings *settings;
	Link *link;
	Watch *watch;
	double latest;
	View *now;
	View *next;   /* being read */
	bool again;   /* something changed meanwhile */
	double retry; /* when to read again, 0 = not */
	Channel channels[MOST_CHANNELS];
	size_t channel_count;
};

static void read_all(Catalog *catalog);

static void
drop_view(View *view)
{
	if (view == NULL || --view->users > 0)
		return;
	if (view->schema != NULL)
		schema_free(view->schema);
	jwt_keys_free(view->keys);
	routes_free(view->routes);
	free(view->settings);
	arena_free(&view->arena);
	free(view);
}

const CatalogView *
catalog_take(Catalog *catalog)
{
	if (catalog->now == NULL)
		return NULL;
	catalog->now->users++;
	return &catalog->now->shown;
}

void
catalog_give_back(const CatalogView *view)
{
	drop_view((View *) (uintptr_t) view);
}

static void
fail(Catalog *catalog, const Error *err)
{
	log_error("the catalog cannot be read: %s", err->message);
	drop_view(catalog->next);
	catalog->next = NULL;
	catalog->retry = clock_seconds() + AGAIN_SECONDS;
}

/* The last step: what was read is shown from now on. */
static void
take_schema(void *arg, const DbRows *rows, const Error *err)
{
	Catalog *catalog = arg;
	View *view = catalog->next;
	Error bad = {0};

	if (view == NULL)
		return;
	if (err == NULL && rows_text(rows, 0, 0) != NULL)
		view->schema = schema_build(rows_text(rows, 0, 0), rows_length(rows, 0, 0), &bad);
	if (view->schema == NULL)
	{
		fail(catalog, err != NULL ? err : &bad);
		return;
	}
	view->shown.schema = view->schema;
	view->shown.keys = view->keys;
	view->shown.routes = view->routes;
	view->shown.settings = view->settings;
	drop_view(catalog->now);
	catalog->now = view;
	catalog->next = NULL;
	catalog->retry = 0;
	log_debug("the catalog is read");
	if (catalog->again)
		read_all(catalog);
}

static void
take_settings(void *arg, const DbRows *rows, const Error *err)
{
	Catalog *catalog = arg;
	View *view = catalog->next;

	if (view == NULL || err != NULL)
		return;
	for (int i = 0; i < rows_count(rows); i++)
	{
		size_t count = view->shown.setting_count++;

		view->settings =
			array_room(view->settings, &view->capacity, count + 1, sizeof(RoleSetting));
		view->settings[count] =
			(RoleSetting){arena_text(&view->arena, rows_text(rows, i, 0)),
						  arena_text(&view->arena, rows_text(rows, i, 1)),
						  arena_text(&view->arena, rows_text(rows, i, 2))};
	}
}

static void
take_keys(void *arg, const DbRows *rows, const Error *err)
{
	Catalog *catalog = arg;
	View *view = catalog->next;
	Error bad;

	if (err != NULL)
		log_debug("no keys from the database: %s", err->message);
	else if (view != NULL)
		view->shown.has_log = true;
	if (view != NULL && err == NULL && rows_text(rows, 0, 0) != NULL &&
		!jwt_keys_add_set(view->keys, rows_text(rows, 0, 0), rows_length(rows, 0, 0),
						  false, &bad))
		log_error("the keys of the database cannot be used: %s", bad.message);
}

static void
take_identity(void *arg, const DbRows *rows, const Error *err)
{
	Catalog *catalog = arg;
	View *view = catalog->next;

	if (err != NULL)
		log_debug("no id from the database: %s", err->message);
	else if (view != NULL && rows_text(rows, 0, 0) != NULL)
		view->shown.database = arena_text(&view->arena, rows_text(rows, 0, 0));
}

/* A database without LEAP's schema has no routes. */
static void
take_routes(void *arg, const DbRows *rows, const Error *err)
{
	Catalog *catalog = arg;
	View *view = catalog->next;

	if (err != NULL)
		log_debug("no routes from the database: %s", err->message);
	if (view == NULL || err != NULL)
		return;
	view->routes = routes_new();
	for (int i = 0; i < rows_count(rows); i++)
	{
		const char *status = rows_text(rows, i, 5);

		if (!routes_add(view->routes, rows_text(rows, i, 0), rows_text(rows, i, 1),
						rows_text(rows, i, 2), rows_text(rows, i, 3),
						rows_text(rows, i, 4),
						status != NULL ? (int) strtol(status, NULL, 10) : 0))
			log_error("route %s cannot be used", rows_text(rows, i, 1));
	}
	routes_sort(view->routes);
}

static void
read_all(Catalog *catalog)
{
	const char *params[3] = {catalog->settings->schemas_array,
							 catalog->settings->extra_array, HOISTED};
	const char *roles[1] = {HOISTED};
	Error err = {0};

	catalog->again = catalog->next != NULL;
	if (catalog->again)
		return;
	catalog->next = array_new(1, sizeof *catalog->next);
	catalog->next->users = 1;
	catalog->next->shown.database = "";
	if (!gate_settings_keys(catalog->settings, &catalog->next->keys, &err))
		fail(catalog, &err);
	else if (!link_call(catalog->link, ROLE_SETTINGS, roles, 1, take_settings, catalog) ||
			 !link_call(catalog->link, KEYS, NULL, 0, take_keys, catalog) ||
			 !link_call(catalog->link, IDENTITY, NULL, 0, take_identity, catalog) ||
			 !link_call(catalog->link, ROUTES, NULL, 0, take_routes, catalog) ||
			 !link_call(catalog->link, schema_query(), params, 3, take_schema, catalog))
	{
		drop_view(catalog->next);
		catalog->next = NULL;
	}
}

static void
ignore(void *arg, const DbRows *rows, const Error *err)
{
	(void) arg;
	(void) rows;
	if (err != NULL)
		log_warning("cannot listen: %s", err->message);
}

static void
listen_to(Catalog *catalog, const char *channel)
{
	char sql[80];

	(void) snprintf(sql, sizeof sql, "LISTEN %s", channel);
	(void) link_call(catalog->link, sql, NULL, 0, ignore, catalog);
}

static void
up(void *arg)
{
	Catalog *catalog = arg;

	listen_to(catalog, RELOAD_CHANNEL);
	listen_to(catalog, KEYS_CHANNEL);
	for (size_t i = 0; i < catalog->channel_count; i++)
	{
		listen_to(catalog, catalog->channels[i].name);
		catalog->channels[i].bell(catalog->channels[i].arg, catalog->channels[i].name);
	}
	read_all(catalog);
}

static void
down(void *arg, const Error *err)
{
	Catalog *catalog = arg;

	log_warning("the database is away: %s", err->message);
	drop_view(catalog->next);
	catalog->next = NULL;
}

static void
bell(void *arg, const char *channel)
{
	Catalog *catalog = arg;

	if (strcmp(channel, RELOAD_CHANNEL) == 0 || strcmp(channel, KEYS_CHANNEL) == 0)
		read_all(catalog);
	for (size_t i = 0; i < catalog->channel_count; i++)
		if (strcmp(channel, catalog->channels[i].name) == 0)
			catalog->channels[i].bell(catalog->channels[i].arg, channel);
}

void
catalog_listen(Catalog *catalog, const char *channel, CatalogBell bell_it, void *arg)
{
	catalog->channels[catalog->channel_count++] = (Channel){channel, bell_it, arg};
	if (link_is_up(catalog->link))
		listen_to(catalog, channel);
}

Catalog *
catalog_new(Loop *loop, const GateSettings *settings)
{
	Catalog *catalog = array_new(1, sizeof *catalog);
	const LinkEvents events = {up, down, bell, catalog};

	catalog->loop = loop;
	catalog->settings = settings;
	catalog->link =
		link_new(option_text(settings->options, OPTION_DATABASE), "leap serve", &events);
	return catalog;
}

void
catalog_free(Catalog *catalog)
{
	if (catalog->watch != NULL)
		watch_end(catalog->watch);
	link_free(catalog->link);
	drop_view(catalog->next);
	drop_view(catalog->now);
	free(catalog);
}

static void work(Catalog *catalog);

static void
ready(void *arg, bool readable, bool writable)
{
	(void) readable;
	(void) writable;
	work(arg);
}

/* The link may change its socket whenever it works, so that is watched anew. */
static void
work(Catalog *catalog)
{
	struct pollfd wanted;

	if (catalog->watch != NULL)
		watch_end(catalog->watch);
	catalog->watch = NULL;
	link_work(catalog->link);
	link_want(catalog->link, &wanted, &catalog->latest);
	if (wanted.fd >= 0)
		catalog->watch =
			loop_watch(catalog->loop, wanted.fd, (wanted.events & POLLIN) != 0,
					   (wanted.events & POLLOUT) != 0, ready, catalog);
}

double
catalog_work(Catalog *catalog)
{
	double now = clock_seconds();

	if (catalog->retry > 0 && now >= catalog->retry && link_is_up(catalog->link))
	{
		catalog->retry = 0;
		read_all(catalog);
		catalog->latest = 0;
	}
	if (now >= catalog->latest)
		work(catalog);
	return catalog->latest > now ? catalog->latest - now : 0;
}
