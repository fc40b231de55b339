/*
 * schedule_json.c
 *	  Reads schedules from JSON, and says of what is none which field breaks which rule.
 *
 * Concept: each type of schedule has a row that names its keys and the function that reads
 * them. Keys it does not have are refused, so that a misspelt one does not go unseen; null is
 * the same as absent.
 */
#include "schedule_json.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "calendar.h"
#include "errcodes.h"
#include "schedule_zone.h"

#define MAX_HOURS 168 /* a week */
#define MAX_SHOWN 60  /* bytes of a value in an error */

static const char hint_daily[] =
	"Like {\"type\": \"daily\", \"time\": \"09:00\", \"timezone\": \"Europe/Berlin\"}.";
static const char hint_hours[] = "Like {\"type\": \"hours\", \"hours\": 6}, or with "
								 "\"anchor\": \"2026-11-23T09:00:00Z\", the "
								 "first run.";
static const char hint_weekdays[] = "Like {\"type\": \"weekdays\", \"days\": [1, 3, 5], "
									"\"time\": \"09:00\", \"timezone\": "
									"\"Europe/Berlin\"}; 1 is Monday, 7 is Sunday.";
static const char hint_cron[] =
	"Like {\"type\": \"cron\", \"expression\": \"30 9 * * MON-FRI\", \"timezone\": "
	"\"Europe/Berlin\"}.";
static const char hint_types[] =
	"Types are daily (or time_of_day), hours, weekdays and cron.";

typedef struct Type
{
	const char *name;
	ScheduleKind kind;
	const char *hint;
	const char *const *keys; /* beside type and timezone; the last is NULL */
	void (*read)(const struct Type *type, JsonbContainer *json, WrittenSchedule *written);
} Type;

static void read_daily(const Type *type, JsonbContainer *json, WrittenSchedule *written);
static void read_hours(const Type *type, JsonbContainer *json, WrittenSchedule *written);
static void read_weekdays(const Type *type, JsonbContainer *json,
						  WrittenSchedule *written);
static void read_cron(const Type *type, JsonbContainer *json, WrittenSchedule *written);

static const char *const keys_daily[] = {"time", NULL};
static const char *const keys_hours[] = {"hours", "anchor", NULL};
static const char *const keys_weekdays[] = {"days", "time", NULL};
static const char *const keys_cron[] = {"expression", NULL};

/* The first row of a kind has the name it is written by. */
static const Type types[] = {
	{"daily",       SCHEDULE_DAILY,    hint_daily,    keys_daily,    read_daily   },
	{"time_of_day", SCHEDULE_DAILY,    hint_daily,    keys_daily,    read_daily   },
	{"hours",       SCHEDULE_HOURS,    hint_hours,    keys_hours,    read_hours   },
	{"weekdays",    SCHEDULE_WEEKDAYS, hint_weekdays, keys_weekdays, read_weekdays},
	{"cron",        SCHEDULE_CRON,     hint_cron,     keys_cron,     read_cron    },
};

static void
pg_attribute_noreturn()
	refuse(const char *field, const char *value, const char *rule, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_LEAP_INVALID_INPUT),
					errmsg("schedule field \"%s\" is %s: %s", field, value, rule),
					errhint("%s", hint)));
}

/* What an error shows of a value. */
static char *
clip(char *text)
{
	int length = (int) strlen(text);

	if (length <= MAX_SHOWN)
		return text;
	length = pg_mbcliplen(text, length, MAX_SHOWN);
	return psprintf("%.*s...", length, text);
}

static char *
show(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvNull:
			return pstrdup("null");
		case jbvString:
			return psprintf("\"%s\"",
							clip(pnstrdup(value->val.string.val, value->val.string.len)));
		case jbvNumeric:
			return clip(numeric_normalize(value->val.numeric));
		case jbvBool:
			return pstrdup(value->val.boolean ? "true" : "false");
		case jbvBinary:
			return clip(
				JsonbToCString(NULL, value->val.binary.data, value->val.binary.len));
		case jbvArray:
		case jbvObject:
		case jbvDatetime:
			break;
	}
	return pstrdup("something else");
}

/* The value of a key, or NULL if there is none. */
static JsonbValue *
find(JsonbContainer *json, const char *key)
{
	JsonbValue *value = getKeyJsonValueFromContainer(json, key, (int) strlen(key), NULL);

	return value != NULL && value->type != jbvNull ? value : NULL;
}

static JsonbValue *
need(const Type *type, JsonbContainer *json, const char *key)
{
	JsonbValue *value = find(json, key);

	if (value == NULL)
		refuse(key, "missing", psprintf("%s needs it", type->name), type->hint);
	return value;
}

static char *
read_text(const JsonbValue *value, const char *key, const char *rule, const char *hint)
{
	if (value->type != jbvString)
		refuse(key, show(value), rule, hint);
	return pnstrdup(value->val.string.val, value->val.string.len);
}

/* A whole number within bounds. */
static bool
read_whole(const JsonbValue *value, int least, int most, int *number)
{
	char *text;
	char *end;
	long read;

	if (value->type != jbvNumeric)
		return false;
	text = numeric_normalize(value->val.numeric);
	read = strtol(text, &end, 10);
	*number = (int) read;
	return *end == '\0' && read >= least && read <= most;
}

/* H:MM or HH:MM */
static bool
parse_clock(const char *text, int *hour, int *minute)
{
	static const char digits[] = "0123456789";
	size_t colon = strspn(text, digits);

	if (colon < 1 || colon > 2 || text[colon] != ':' ||
		strspn(text + colon + 1, digits) != 2 || text[colon + 3] != '\0')
		return false;
	*hour = (int) strtol(text, NULL, 10);
	*minute = (int) strtol(text + colon + 1, NULL, 10);
	return *hour <= 23 && *minute <= 59;
}

static void
read_time(const Type *type, JsonbContainer *json, WrittenSchedule *written)
{
	static const char rule[] = "a time is HH:MM, 00:00 to 23:59";
	JsonbValue *value = need(type, json, "time");
	char *text = read_text(value, "time", rule, type->hint);

	if (!parse_clock(text, &written->hour, &written->minute))
		refuse("time", show(value), rule, type->hint);
}

static void
read_daily(const Type *type, JsonbContainer *json, WrittenSchedule *written)
{
	read_time(type, json, written);
	written->schedule.cron = cron_weekly(written->hour, written->minute, 0x7F);
}

static void
read_hours(const Type *type, JsonbContainer *json, WrittenSchedule *written)
{
	static const char rule[] = "an anchor is a time like 2026-11-23T09:00:00+01:00";
	JsonbValue *hours = need(type, json, "hours");
	JsonbValue *anchor = find(json, "anchor");

	if (!read_whole(hours, 1, MAX_HOURS, &written->schedule.hours))
		refuse("hours", show(hours),
			   psprintf("hours are a whole number from 1 to %d", MAX_HOURS), type->hint);
	if (anchor == NULL)
		return;
	written->anchored = true;
	if (!calendar_read_time(read_text(anchor, "anchor", rule, type->hint),
							&written->schedule.anchor))
		refuse("anchor", show(anchor), rule, type->hint);
}

static void
read_weekdays(const Type *type, JsonbContainer *json, WrittenSchedule *written)
{
	static const char rule[] = "days are a list of numbers from 1 (Monday) to 7 (Sunday)";
	JsonbValue *days = need(type, json, "days");
	JsonbContainer *list = days->type == jbvBinary ? days->val.binary.data : NULL;

	if (list == NULL || !JsonContainerIsArray(list))
		refuse("days", show(days), rule, type->hint);
	if (JsonContainerSize(list) == 0)
		refuse("days", show(days), "at least one day is needed", type->hint);
	for (uint32 i = 0; i < JsonContainerSize(list); i++)
	{
		JsonbValue *item = getIthJsonbValueFromContainer(list, i);
		int day;

		if (!read_whole(item, 1, 7, &day))
			refuse("days", show(days), psprintf("%s is no day: %s", show(item), rule),
				   read_whole(item, 0, 0, &day) ? "Sunday is 7." : type->hint);
		written->weekdays |= UINT32_C(1) << day;
	}
	read_time(type, json, written);
	/* 7 is 0 to cron */
	written->schedule.cron =
		cron_weekly(written->hour, written->minute,
					(written->weekdays | written->weekdays >> 7) & 0x7F);
}

static void
read_cron(const Type *type, JsonbContainer *json, WrittenSchedule *written)
{
	JsonbValue *value = need(type, json, "expression");
	char *text = read_text(value, "expression", "an expression is a text", type->hint);
	char normal[CRON_MAX_LENGTH + 1];
	CronError error = {0};

	if (!cron_parse(text, &written->schedule.cron, &error))
		refuse("expression", show(value), error.rule, error.hint);
	written->expression = pstrdup(cron_write(text, normal, sizeof normal));
}

static void
read_zone(const Type *type, JsonbContainer *json, WrittenSchedule *written)
{
	static const char rule[] = "that is no name of a time zone";
	static const char list[] = "SELECT name FROM pg_timezone_names lists the names.";
	JsonbValue *value = find(json, "timezone");
	char *text;
	char *near;

	if (value == NULL)
	{
		if (type->kind != SCHEDULE_HOURS)
			written->zone_name = zone_find("UTC", &written->zone);
		return;
	}
	text = read_text(value, "timezone", rule, list);
	written->zone_name = zone_find(text, &written->zone);
	if (written->zone_name != NULL)
		return;
	near = zone_near(text);
	refuse("timezone", show(value), rule,
		   near != NULL ? psprintf("Perhaps %s? %s", near, list)
						: psprintf("Names are like Europe/Berlin. %s", list));
}

static const Type *
read_type(JsonbContainer *json)
{
	JsonbValue *value = find(json, "type");
	char *text;

	if (value == NULL)
		refuse("type", "missing", "each schedule has one", hint_types);
	text = read_text(value, "type", "a type is a text", hint_types);
	for (size_t i = 0; i < lengthof(types); i++)
		if (strcmp(types[i].name, text) == 0)
			return &types[i];
	refuse("type", show(value), "there is no such type", hint_types);
}

static bool
is_key_of(const Type *type, const char *key)
{
	for (const char *const *known = type->keys; *known != NULL; known++)
		if (strcmp(*known, key) == 0)
			return true;
	return strcmp(key, "type") == 0 || strcmp(key, "timezone") == 0;
}

static void
refuse_unknown_keys(const Type *type, JsonbContainer *json)
{
	JsonbIterator *iterator = JsonbIteratorInit(json);
	JsonbIteratorToken token;
	JsonbValue value;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		char *key;

		if (token != WJB_KEY)
			continue;
		key = pnstrdup(value.val.string.val, value.val.string.len);
		(void) JsonbIteratorNext(&iterator, &value, true);
		if (!is_key_of(type, key))
			refuse(clip(key), show(&value), psprintf("%s has no such field", type->name),
				   type->hint);
	}
}

void
schedule_read(Jsonb *json, WrittenSchedule *written)
{
	const Type *type;

	*written = (WrittenSchedule){0};
	if (!JB_ROOT_IS_OBJECT(json))
		ereport(ERROR, (errcode(ERRCODE_LEAP_INVALID_INPUT),
						errmsg("schedule is %s: a schedule is an object",
							   clip(JsonbToCString(NULL, &json->root,
												   (int) VARSIZE_ANY_EXHDR(json)))),
						errhint("%s", hint_daily)));
	type = read_type(&json->root);
	written->schedule.kind = type->kind;
	refuse_unknown_keys(type, &json->root);
	type->read(type, &json->root, written);
	read_zone(type, &json->root, written);
}

static void
write_days(StringInfo text, uint32_t days)
{
	const char *separator = "";

	appendStringInfoString(text, ", \"days\": [");
	for (int day = 1; day <= 7; day++)
	{
		if ((days >> day & 1) == 0)
			continue;
		appendStringInfo(text, "%s%d", separator, day);
		separator = ", ";
	}
	appendStringInfoChar(text, ']');
}

Jsonb *
schedule_write(const WrittenSchedule *written)
{
	const Schedule *schedule = &written->schedule;
	const Type *type = types;
	StringInfoData text;
	char anchor[32];

	while (type->kind != schedule->kind)
		type++;
	initStringInfo(&text);
	appendStringInfo(&text, "{\"type\": \"%s\"", type->name);
	if (schedule->kind == SCHEDULE_WEEKDAYS)
		write_days(&text, written->weekdays);
	if (schedule->kind == SCHEDULE_DAILY || schedule->kind == SCHEDULE_WEEKDAYS)
		appendStringInfo(&text, ", \"time\": \"%02d:%02d\"", written->hour,
						 written->minute);
	if (schedule->kind == SCHEDULE_CRON)
		appendStringInfo(&text, ", \"expression\": \"%s\"", written->expression);
	if (schedule->kind == SCHEDULE_HOURS)
		appendStringInfo(&text, ", \"hours\": %d", schedule->hours);
	if (written->anchored)
		appendStringInfo(&text, ", \"anchor\": \"%s\"",
						 calendar_write_time(schedule->anchor, anchor, sizeof anchor));
	if (written->zone_name != NULL)
		appendStringInfo(&text, ", \"timezone\": \"%s\"", written->zone_name);
	appendStringInfoChar(&text, '}');
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text.data)));
}
