/*
 * quota.c
 *	  The table of limits and their arithmetic.
 */
#include "quota.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

const Quota quotas[] = {
	{.name = "recordings_per_month",
	 .unit = "recordings",
	 .measure = QUOTA_MONTHLY,
	 .setting = "leap.default_max_recordings_per_month",
	 .comment = "recordings added in a month (UTC)"                               },
	{.name = "processing_per_month",
	 .unit = "runs",
	 .measure = QUOTA_MONTHLY,
	 .setting = "leap.default_max_processing_per_month",
	 .comment = "runs started in a month (UTC); trying a failed one again is free"},
	{.name = "transcriptions_per_month",
	 .unit = "transcriptions",
	 .measure = QUOTA_MONTHLY,
	 .setting = "leap.default_max_transcriptions_per_month",
	 .comment = "lectures transcribed in a month (UTC)"                           },
	{.name = "transcription_seconds_per_month",
	 .unit = "seconds",
	 .measure = QUOTA_MONTHLY,
	 .setting = "leap.default_max_transcription_seconds_per_month",
	 .comment = "seconds of lectures transcribed in a month (UTC)"                },
	{.name = "storage_bytes",
	 .unit = "bytes",
	 .measure = QUOTA_LEVEL,
	 .setting = "leap.default_max_storage",
	 .comment = "bytes of all kept artifacts"                                     },
	{.name = "concurrent_tasks",
	 .unit = "tasks",
	 .measure = QUOTA_LEVEL,
	 .setting = "leap.default_max_concurrent_tasks",
	 .comment = "pipeline tasks that run at the same time"                        },
	{.name = "automation_jobs",
	 .unit = "jobs",
	 .measure = QUOTA_LEVEL,
	 .setting = "leap.default_max_automation_jobs",
	 .comment = "automation jobs"												 },
	{.name = "automation_interval_hours",
	 .unit = "hours",
	 .measure = QUOTA_LEAST,
	 .setting = "leap.default_min_automation_interval_hours",
	 .comment = "least hours between two automation runs"                         },
	{.name = "templates",
	 .unit = "templates",
	 .measure = QUOTA_LEVEL,
	 .setting = "leap.default_max_templates",
	 .comment = "recording templates"											 },
	{.name = "credentials",
	 .unit = "credentials",
	 .measure = QUOTA_LEVEL,
	 .setting = "leap.default_max_credentials",
	 .comment = "stored credentials of platforms"                                 },
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

const char *
quota_period(const Quota *quota)
{
	return quota->measure == QUOTA_MONTHLY ? "month" : NULL;
}

const char *
quota_measure(const Quota *quota)
{
	static const char *const words[] = {
		[QUOTA_MONTHLY] = "monthly",
		[QUOTA_LEVEL] = "level",
		[QUOTA_LEAST] = "least",
	};

	return words[quota->measure];
}

bool
quota_parse(const char *text, QuotaLayer *layer)
{
	char *end;
	long long limit;

	*layer = (QuotaLayer){false, QUOTA_UNLIMITED};
	if (text == NULL)
		return true;
	if (strcmp(text, QUOTA_UNLIMITED_WORD) == 0)
	{
		layer->set = true;
		return true;
	}
	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	limit = strtoll(text, &end, 10);
	if (errno != 0 || *end != '\0')
		return false;
	*layer = (QuotaLayer){true, limit};
	return true;
}

size_t
quota_decide(const QuotaLayer *layers, size_t count)
{
	size_t i = 0;

	while (i < count && !layers[i].set)
		i++;
	return i;
}

bool
quota_fits(int64_t limit, int64_t used, int64_t wanted)
{
	int64_t sum;

	if (limit == QUOTA_UNLIMITED)
		return true;
	return !__builtin_add_overflow(used, wanted, &sum) && sum <= limit;
}

int
quota_percent(int64_t limit, int64_t used)
{
	long double percent;

	if (limit == QUOTA_UNLIMITED)
		return 0;
	if (limit == 0)
		return 100;
	percent = 100.0L * (long double) used / (long double) limit;
	return percent > QUOTA_MAX_PERCENT ? QUOTA_MAX_PERCENT : (int) percent;
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
		snprintf(text, size, "%" PRId64 " byte%s", amount, amount == 1 ? "" : "s");
	else
		snprintf(text, size, "%.1f %s", value, units[unit]);
	return text;
}

static const char *
amount_seconds(int64_t amount, char *text, size_t size)
{
	int64_t hours = amount / 3600;
	int64_t minutes = amount / 60 % 60;

	if (hours > 0)
		snprintf(text, size, "%" PRId64 " h %" PRId64 " min", hours, minutes);
	else if (minutes > 0)
		snprintf(text, size, "%" PRId64 " min %" PRId64 " s", minutes, amount % 60);
	else
		snprintf(text, size, "%" PRId64 " s", amount);
	return text;
}

const char *
quota_amount(const Quota *quota, int64_t amount, char *text, size_t size)
{
	if (strcmp(quota->unit, "bytes") == 0)
		return amount_bytes(amount, text, size);
	if (strcmp(quota->unit, "seconds") == 0)
		return amount_seconds(amount, text, size);
	if (amount == 1)
		/* units are plurals that end in s */
		snprintf(text, size, "1 %.*s", (int) strlen(quota->unit) - 1, quota->unit);
	else
		snprintf(text, size, "%" PRId64 " %s", amount, quota->unit);
	return text;
}
