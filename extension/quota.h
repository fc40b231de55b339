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

/* How plans and overrides write it. */
#define QUOTA_UNLIMITED_WORD "unlimited"

/* Shares of a limit are told up to here: usage may be far above a limit that was lowered. */
#define QUOTA_MAX_PERCENT 1000000

typedef enum QuotaMeasure
{
	QUOTA_MONTHLY, /* counted anew every calendar month in UTC; what was used stays used */
	QUOTA_LEVEL,   /* how much there is at this moment */
	QUOTA_LEAST,   /* not the most but the least allowed; nothing is counted */
} QuotaMeasure;

typedef struct Quota
{
	const char *name;
	const char *unit; /* a plural: "recordings", "bytes", "seconds", ... */
	QuotaMeasure measure;
	const char *setting; /* the setting that holds the default for everybody */
	const char *comment;
} Quota;

extern const Quota quotas[];
extern const size_t quota_count;

/* The quota of that name, or NULL. */
const Quota *quota_find(const char *name);

/* "month", or NULL for one that is not counted by time. */
const char *quota_period(const Quota *quota);

/* "monthly", "level" or "least": how it is measured. */
const char *quota_measure(const Quota *quota);

/* One layer that may set a limit: unset layers are passed over, a set one may say unlimited. */
typedef struct QuotaLayer
{
	bool set;
	int64_t limit; /* QUOTA_UNLIMITED or >= 0 */
} QuotaLayer;

/*
 * Reads a limit as plans and overrides write it: NULL sets nothing (inherit), "unlimited"
 * or a whole number >= 0 set the layer. False for anything else; the layer is then unset.
 */
bool quota_parse(const char *text, QuotaLayer *layer);

/* The first layer that is set, it decides: the user's own, the plan's, the default. Returns
 * its index, or count if none is set. */
size_t quota_decide(const QuotaLayer *layers, size_t count);

/* True if used + wanted stays within the limit; sums that overflow do not fit. */
bool quota_fits(int64_t limit, int64_t used, int64_t wanted);

/* Used in percent of the limit, rounded down: 0 without a limit, 100 of a limit of zero. */
int quota_percent(int64_t limit, int64_t used);

/* Writes an amount for people: "12 recordings", "1.5 GiB", "2 h 30 min". Returns text. */
const char *quota_amount(const Quota *quota, int64_t amount, char *text, size_t size);

#endif
