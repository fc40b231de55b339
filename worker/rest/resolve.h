/*
 * rest/resolve.h
 *	  What the files that resolve a tree share.
 */
#ifndef LEAP_REST_RESOLVE_H
#define LEAP_REST_RESOLVE_H

#include "rest/tree.h"

typedef struct Resolve
{
	Arena *arena;
	const Schema *schema;
	const RestConfig *config;
	RestError *error;
	size_t long_names; /* of relations with names of their own in the statement */
} Resolve;

/* Finds the relationship to the parent that the node's name and hint mean: link and relation.
 * PGRST200 when there is none, PGRST201 for several. */
bool resolve_link(Resolve *resolve, Node *node);

#endif
