/*
 * gate/routes.h
 *	  Paths that people know by heart, as calls of functions: the table of leap.routes().
 *
 * Below PREFIX every path is a route; elsewhere those of two and more segments, so that
 * /name stays a relation and /rpc/name a function of the REST protocol.
 */
#ifndef LEAP_GATE_ROUTES_H
#define LEAP_GATE_ROUTES_H

#include "rest/invoke.h"

#define ROUTES_PREFIX "/api/v1"

typedef struct Routes Routes;

Routes *routes_new(void);
void routes_free(Routes *routes);

/*
 * Adds a row: the path's segments in braces are arguments; `fixed` are others, a JSON object;
 * body names the one that takes the whole body, or NULL; status 0 is the usual one. False: the
 * row cannot be read, and is left out.
 */
bool routes_add(Routes *routes, const char *method, const char *path,
				const char *function, const char *fixed, const char *body, int status);

/* To be called once, when all are added. */
void routes_sort(Routes *routes);

typedef enum RouteResult
{
	ROUTE_NONE,    /* the path is none of ours */
	ROUTE_CALL,    /* *call is filled but for body, content_type and prefer */
	ROUTE_OPTIONS, /* *allow lists the methods */
	ROUTE_REFUSED  /* *error: no such path, or not with this method */
} RouteResult;

RouteResult routes_find(const Routes *routes, Slice method, Slice path, Slice query,
						Arena *arena, RestInvocation *call, const char **allow,
						RestError *error);

#endif
