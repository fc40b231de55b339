/*
 * base/spans.c
 *	  Kept parts of a recording.
 */
#include "base/spans.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/array.h"

/* what is told of a time that is none */
#define A_TIME "seconds or minutes:seconds with up to 3 decimals, at most 10000000 s"

typedef struct SpanText
{
	const char *text;
	const char *at;
} SpanText;

/* Reads "1:02:" or "2:" as seconds: minutes, or hours and minutes, and then what is below
 * sixty. Without a colon there is nothing to read. */
static int64_t
read_minutes(SpanText *in)
{
	int64_t minutes = 0;

	for (int part = 0; part < 2; part++)
	{
		size_t digits = strspn(in->at, "0123456789");
		int64_t value = 0;

		if (in->at[digits] != ':')
			break;
		if (digits == 0 || digits > 6 || in->at[digits + 1] < '0' ||
			in->at[digits + 1] > '5' || (part > 0 && digits != 2))
			return -1;
		for (size_t i = 0; i < digits; i++)
			value = value * 10 + (in->at[i] - '0');
		minutes = minutes * 60 + value;
		in->at += digits + 1;
		if (strspn(in->at, "0123456789") != 2)
			return -1;
	}
	return minutes * 60;
}

/* Reads a time with up to three decimals as milliseconds; -1 for anything else. */
static int64_t
read_moment(SpanText *in)
{
	int64_t above = read_minutes(in);
	int64_t moment = 0;
	int decimals = 0;

	if (above < 0 || *in->at < '0' || *in->at > '9')
		return -1;
	for (; *in->at >= '0' && *in->at <= '9'; in->at++)
	{
		moment = moment * 10 + (*in->at - '0');
		if (moment > SPANS_LATEST)
			return -1;
	}
	if (*in->at == '.')
		for (in->at++; *in->at >= '0' && *in->at <= '9'; in->at++)
		{
			if (++decimals > 3)
				return -1;
			moment = moment * 10 + (*in->at - '0');
		}
	for (; decimals < 3; decimals++)
		moment *= 10;
	moment += above * 1000;
	return moment <= (int64_t) SPANS_LATEST * 1000 ? moment : -1;
}

static bool
refuse(const SpanText *in, const char *why, Error *err)
{
	return error_set(err, ERROR_PERMANENT, "bad_spans",
					 "Write START-END[,START-END...], ascending: 0-12.5,20-31.125 or "
					 "0:00-0:12.5,1:05:00-1:10:00.",
					 *in->at != '\0'
						 ? "the list of spans is wrong at character %zu (\"%.20s\"): %s"
						 : "the list of spans is wrong at character %zu, its end%.0s: %s",
					 (size_t) (in->at - in->text) + 1, in->at, why);
}

bool
spans_parse(const char *text, Span **spans, size_t *count, Error *err)
{
	SpanText in = {text, text};
	size_t capacity = 0;
	int64_t before = 0;

	*spans = NULL;
	*count = 0;
	for (;; in.at++)
	{
		int64_t start = read_moment(&in);
		int64_t end;

		if (start < 0 || *in.at != '-')
			return refuse(&in, "a span is START-END, " A_TIME, err);
		in.at++;
		end = read_moment(&in);
		if (end < 0 || (*in.at != ',' && *in.at != '\0'))
			return refuse(&in, "an end is " A_TIME, err);
		if (start >= end || start < before)
			return refuse(&in,
						  start >= end ? "a span ends after its start"
									   : "a span begins where the one before ends, or "
										 "later",
						  err);
		if (*count == SPANS_MOST)
			return refuse(&in, "more than 10000 spans", err);
		*spans = array_room(*spans, &capacity, *count + 1, sizeof **spans);
		(*spans)[(*count)++] = (Span){(double) start / 1000.0, (double) end / 1000.0};
		if (*in.at == '\0')
			return true;
		before = end;
	}
}

void
spans_print(const Span *spans, size_t count, Buffer *out)
{
	for (size_t i = 0; i < count; i++)
		buffer_printf(out, "%s%.3f-%.3f", i == 0 ? "" : ",", spans[i].start,
					  spans[i].end);
}

static double
to_milliseconds(double seconds)
{
	return round(seconds * 1000.0) / 1000.0;
}

Span *
spans_shorten(Span keep, const Span *pauses, size_t pause_count, double above, double to,
			  size_t *count)
{
	Span *spans = NULL;
	size_t capacity = 0;
	double start = to_milliseconds(keep.start);
	double end = to_milliseconds(keep.end);

	*count = 0;
	for (size_t i = 0; i < pause_count && above > to && to >= 0.0; i++)
	{
		double from = to_milliseconds(fmax(pauses[i].start, start));
		double until = to_milliseconds(fmin(pauses[i].end, end));
		double left = to_milliseconds(from + to / 2.0);
		double right = to_milliseconds(until - to / 2.0);

		if (!(until - from > above) || left >= right || left <= start || right >= end ||
			*count + 1 >= SPANS_SHORTENED_MOST)
			continue;
		spans = array_room(spans, &capacity, *count + 1, sizeof *spans);
		spans[(*count)++] = (Span){start, left};
		start = right;
	}
	spans = array_room(spans, &capacity, *count + 1, sizeof *spans);
	spans[(*count)++] = (Span){start, end};
	return spans;
}

static bool
read_cut(const cJSON *item, CutSpan *cut)
{
	const cJSON *start = cJSON_GetObjectItemCaseSensitive(item, "start");
	const cJSON *end = cJSON_GetObjectItemCaseSensitive(item, "end");
	const cJSON *at = cJSON_GetObjectItemCaseSensitive(item, "at");

	if (!cJSON_IsNumber(start) || !cJSON_IsNumber(end) || !cJSON_IsNumber(at))
		return false;
	*cut = (CutSpan){start->valuedouble, end->valuedouble, at->valuedouble};
	return cut->start <= cut->end && cut->end <= SPANS_LATEST && cut->at >= 0.0 &&
		   cut->start >= -SPANS_LATEST && cut->at <= SPANS_LATEST;
}

CutSpan *
spans_read_cuts(const cJSON *list, size_t *count)
{
	CutSpan *cuts = NULL;
	size_t capacity = 0;
	const cJSON *item;

	*count = 0;
	if (!cJSON_IsArray(list))
		return NULL;
	cJSON_ArrayForEach(item, list)
	{
		CutSpan cut;
		bool fits = *count < SPANS_MOST && read_cut(item, &cut);

		if (fits && *count > 0)
			fits = cut.start >= cuts[*count - 1].end && cut.at >= cuts[*count - 1].at;
		if (!fits)
		{
			free(cuts);
			*count = 0;
			return NULL;
		}
		cuts = array_room(cuts, &capacity, *count + 1, sizeof *cuts);
		cuts[(*count)++] = cut;
	}
	return cuts;
}

/* The number of spans that begin at or before a time. */
static size_t
begun_by(const CutSpan *cuts, size_t count, double time)
{
	size_t low = 0;

	while (low < count)
	{
		size_t middle = low + (count - low) / 2;

		if (cuts[middle].start <= time)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

double
spans_map(const CutSpan *cuts, size_t count, double time)
{
	size_t begun = begun_by(cuts, count, time);
	const CutSpan *cut;

	if (count == 0)
		return time;
	if (begun == 0)
		return cuts[0].at;
	cut = &cuts[begun - 1];
	if (time < cut->end)
		return cut->at + (time - cut->start);
	return begun < count ? cuts[begun].at : spans_length(cuts, count);
}

bool
spans_kept(const CutSpan *cuts, size_t count, double time)
{
	size_t begun = begun_by(cuts, count, time);

	return count == 0 || (begun > 0 && time < cuts[begun - 1].end);
}

double
spans_length(const CutSpan *cuts, size_t count)
{
	const CutSpan *last = count > 0 ? &cuts[count - 1] : NULL;

	return last != NULL ? last->at + (last->end - last->start) : 0.0;
}
