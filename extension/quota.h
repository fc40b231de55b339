/*
 * quota.h
 *	  What a user may use: the table of limits and the arithmetic, without a server.
 */
#ifndef LEAP_QUOTA_H
#define LEAP_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A limit that is not there: unlimited. */
#define QUOTA_UNLIMITED INT64_C(-1)

typedef struct Quota
{
	const char *name;
	const char *unit;    /* "recordings", "bytes", "tasks", "jobs", "hours" */
	bool monthly;        /* counted per calendar month in UTC */
	const char *setting; /* the setting that holds the default for everybody */
	const char *comment;
} Quota;

extern const Quota quotas[];
extern const size_t quota_count;

/* The quota of that name, or NULL. */
const Quota *quota_find(const char *name);

/* One layer that may set a limit: unset layers are passed over, a set one may say unlimited. */
typedef struct QuotaLayer
{
	bool set;
	int64_t limit; /* QUOTA_UNLIMITED or >= 0 */
} QuotaLayer;

/* The first layer that is set decides: the user's own, the plan's, the default. */
int64_t quota_effective(const QuotaLayer *layers, size_t count);

/* True if used + wanted stays within the limit; sums that overflow do not fit. */
bool quota_fits(int64_t limit, int64_t used, int64_t wanted);

/* Writes an amount for people: "12 recordings", "1.5 GiB". Returns text. */
const char *quota_amount(const Quota *quota, int64_t amount, char *text, size_t size);

#endif
