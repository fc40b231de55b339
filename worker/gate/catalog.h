/*
 * gate/catalog.h
 *	  What a server process knows of the database: schemas, settings of roles, keys.
 *
 * It is read when the process connects and again when somebody says NOTIFY pgrst; requests
 * that have begun keep what they began with. A connection of its own listens.
 */
#ifndef LEAP_GATE_CATALOG_H
#define LEAP_GATE_CATALOG_H

#include <stdbool.h>

#include "gate/jwt_key.h"
#include "gate/routes.h"
#include "gate/settings.h"
#include "http/loop.h"
#include "rest/schema.h"

typedef struct Catalog Catalog;

/* A role's setting that holds in its requests: statement_timeout and the like. */
typedef struct RoleSetting
{
	const char *role;
	const char *name;
	const char *value;
} RoleSetting;

/* What was read at one time. */
typedef struct CatalogView
{
	const Schema *schema;
	const JwtKeys *keys;
	const Routes *routes; /* NULL: there are none */
	const RoleSetting *settings;
	size_t setting_count;
	bool has_log;         /* this is a database of LEAP */
	const char *database; /* by what its storage knows it; "" = it does not say */
} CatalogView;

typedef void (*CatalogBell)(void *arg, const char *channel);

/* `settings` and the loop live on. */
Catalog *catalog_new(Loop *loop, const GateSettings *settings);
void catalog_free(Catalog *catalog);

/* Goes on: after each turn of the loop. The seconds until it must be called again. */
double catalog_work(Catalog *catalog);

/* What was read last, until catalog_give_back(); NULL: nothing yet. */
const CatalogView *catalog_take(Catalog *catalog);
void catalog_give_back(const CatalogView *view);

/* Calls `bell` for notifications of the channel, a constant; after a lost connection as well,
 * because some may have been lost with it. */
void catalog_listen(Catalog *catalog, const char *channel, CatalogBell bell, void *arg);

#endif
