/*
 * rest/payload.h
 *	  The body of a request: JSON, a form or CSV, as JSON and the names in it.
 */
#ifndef LEAP_REST_PAYLOAD_H
#define LEAP_REST_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "rest/error.h"
#include "rest/request.h"
#include "rest/tree.h"

typedef enum PayloadType
{
	PAYLOAD_JSON,
	PAYLOAD_FORM,
	PAYLOAD_CSV,
	PAYLOAD_TEXT, /* the last three: for functions with one argument without a name */
	PAYLOAD_XML,
	PAYLOAD_OCTETS
} PayloadType;

typedef struct Payload
{
	PayloadType type;
	bool array;       /* of objects; else one object */
	const char *json; /* not for the last three types */
	size_t length;
	const char **names; /* of the members, each once, sorted */
	size_t name_count;
	QueryPair *pairs; /* of a form, as they came */
	size_t pair_count;
} Payload;

/* The type that Content-Type names, JSON when it is not sent; PGRST102 for an unknown one, and
 * for a zero byte in what is a text. */
bool payload_type(Arena *arena, const RestRequest *request, PayloadType *type,
				  RestError *error);

/*
 * Whether the body is a text to be taken as it stands: captions, plain text, bytes; also one
 * whose type is not sent and which is no JSON object. PGRST102 (refused) for a zero byte.
 */
bool payload_is_text(Arena *arena, const RestRequest *request, bool *refused,
					 RestError *error);

/*
 * Reads a body of payload->type, which is JSON, a form or CSV. columns: those of ?columns=,
 * which then are the names, whatever the body has. PGRST102 on errors. An empty body of JSON
 * is an error unless `optional`.
 */
bool payload_read(Arena *arena, Slice body, const RestQuery *query, bool optional,
				  Payload *payload, RestError *error);

/*
 * Checks that `text` is one JSON document whose escapes are characters, and collects the names of the members of its
 * outermost object, or of the objects in its outermost array, which must be the same in all
 * of them. What is no object counts as an empty array.
 */
bool payload_scan(Arena *arena, Slice text, Payload *payload, RestError *error);

/* Only whether `text` is a document that the database can read. PGRST102 if not. */
bool payload_check(Arena *arena, Slice text, RestError *error);

/* "a=b&c=d" decoded. */
void payload_pairs(Arena *arena, Slice text, QueryPair **pairs, size_t *count);

/* The array literal of these values: {"a","b"}. */
const char *payload_array(Arena *arena, const char *const *values, size_t count);

#endif
