/*
 * source/listing.h
 *	  What a source has, as the result of a sync tells it: bounded in number and size.
 */
#ifndef LEAP_SOURCE_LISTING_H
#define LEAP_SOURCE_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

typedef struct Listing
{
	cJSON *items;     /* an array of the caller's */
	cJSON *problems;  /* texts about what could not be read; the caller's */
	size_t most;      /* items */
	size_t bytes;     /* of JSON so far, about */
	uint64_t seen;    /* what is there, taken or not */
	uint64_t waiting; /* files that are still being written */
	bool truncated;   /* there is more than fits */
	cJSON *next; /* where what does not fit begins; NULL: it cannot be told, or nothing */
} Listing;

/* A recording of the source. Numbers that are not known are negative. */
typedef struct Item
{
	const char *key;         /* what it is known by: source/key.h */
	const char *placeholder; /* what it was known by before it was ready; or NULL */
	const char *parts;       /* of one that is pending: what the keys of its parts begin
								with; it is known if one of them is. Or NULL */
	const char *name;        /* for people; made presentable here */
	const char *file;  /* what a pattern is matched with: the last part of its address */
	double start_time; /* seconds since 1970 */
	double appeared;   /* when the source got it, if it tells */
	double duration;   /* seconds */
	double expires;    /* when the source removes it, if it tells */
	int64_t bytes;
	bool pending;    /* its source says that it is still being made */
	cJSON *metadata; /* taken over; may be NULL */
	cJSON
		*source; /* taken over: {"type":"file","path"} or what leap.source_fault() has */
} Item;

/* An item of which nothing is known yet. */
#define ITEM_UNKNOWN                                                                  \
	{                                                                                 \
		.start_time = -1, .appeared = -1, .duration = -1, .expires = -1, .bytes = -1, \
		.file = ""                                                                    \
	}

/* Adds it and takes over metadata and source; one that is no UTF-8 is noted as a problem
 * instead. False when the listing is full. */
bool listing_add(Listing *listing, const Item *item);

/* Says where a listing that is full goes on, in words of the source; takes `next` over. */
void listing_go_on(Listing *listing, cJSON *next);

/* How far a source goes back that counts places in a list which changes meanwhile: what was
 * taken out before them would hide as many. Less than a part, so each part gets on. */
int listing_overlap(const Listing *listing, int wanted);

/* Notes what could not be read; only the first hundred are kept. */
void listing_problem(Listing *listing, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
