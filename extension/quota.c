/*
 * quota.c
 *	  The table of limits and their arithmetic.
 */
#include "quota.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

const Quota quotas[] = {
	{"recordings_per_month",      "recordings", true,  "leap.default_max_recordings_per_month",
	 "recordings added in a month (UTC)"																								 },
	{"storage_bytes",             "bytes",      false, "leap.default_max_storage",
	 "bytes of all kept artifacts"																									   },
	{"concurrent_tasks",          "tasks",      false, "leap.default_max_concurrent_tasks",
	 "pipeline tasks that run at the same time"																						  },
	{"automation_jobs",           "jobs",       false, "leap.default_max_automation_jobs",
	 "automation jobs"																												   },
	{"automation_interval_hours", "hours",      false,
	 "leap.default_min_automation_interval_hours",											  "least hours between two automation runs"},
};

const size_t quota_count = lengthof(quotas);

const Quota *
quota_find(const char *name)
{
	for (size_t i = 0; i < quota_count; i++)
		if (strcmp(quotas[i].name, name) == 0)
			return &quotas[i];
	return NULL;
}

int64_t
quota_effective(const QuotaLayer *layers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (layers[i].set)
			return layers[i].limit;
	return QUOTA_UNLIMITED;
}

bool
quota_fits(int64_t limit, int64_t used, int64_t wanted)
{
	int64_t sum;

	if (limit == QUOTA_UNLIMITED)
		return true;
	return !__builtin_add_overflow(used, wanted, &sum) && sum <= limit;
}

static const char *
amount_bytes(int64_t amount, char *text, size_t size)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};
	double value = (double) amount;
	size_t unit = 0;

	while (value >= 1024 && unit + 1 < lengthof(units))
	{
		value /= 1024;
		unit++;
	}
	if (unit == 0)
		snprintf(text, size, "%" PRId64 " bytes", amount);
	else
		snprintf(text, size, "%.1f %s", value, units[unit]);
	return text;
}

const char *
quota_amount(const Quota *quota, int64_t amount, char *text, size_t size)
{
	if (strcmp(quota->unit, "bytes") == 0)
		return amount_bytes(amount, text, size);
	snprintf(text, size, "%" PRId64 " %s", amount, quota->unit);
	return text;
}
