/*
 * source/zoom.c
 *	  Zoom's cloud recordings as a source: of a user, of some users, or of all of an account.
 *
 * Zoom lists a month at most at a time, in pages. What a list tells is enough to know what
 * there is; where a file is, and with which token it is fetched, is asked when it is.
 */
#include "source/zoom.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "net/account.h"
#include "source/name.h"
#include "source/platform_get.h"

#define DAY         86400.0
#define WINDOW_DAYS 30
#define PAGE_SIZE   300
#define PAGES_MOST  10000 /* of one list: who turns in circles is stopped */
#define USER_SIZE   1024
#define OVERLAP     100 /* meetings that are looked at again */

typedef enum Took
{
	TOOK,
	TOOK_ENOUGH, /* no more is wanted */
	TOOK_FAILED  /* *err */
} Took;

/* The days of a sync, as Zoom counts them: whole ones, in UTC, both included. */
typedef struct Days
{
	double first, last;
} Days;

typedef struct Walk
{
	const SourceQuery *query;
	Listing *listing;
	Days days;
	const cJSON *after; /* where the last walk was full; NULL once that is passed */
	int taken;          /* meetings of these days of this user that are done */
	int skip;           /* ... that were done by the last walk and are passed by */
	bool full;          /* the listing has no more room */
	int good, bad;      /* users that could be asked, and those that could not */
	Error last_error;   /* of those */
} Walk;

static void
print_day(double moment, char text[16])
{
	time_t seconds = (time_t) moment;
	struct tm parts;

	(void) gmtime_r(&seconds, &parts);
	(void) strftime(text, 16, "%Y-%m-%d", &parts);
}

static Days
days_of(const SourceQuery *query)
{
	double now = (double) time(NULL);
	double to = query->to_time > 0 && query->to_time < now ? query->to_time : now;
	double from = query->from_time > 0
					  ? query->from_time
					  : to - DAY * json_number(query->config, "days_back", 90);

	return (Days){.first = floor(from / DAY) * DAY, .last = floor(to / DAY) * DAY};
}

/* An answer of status 200 that is none to the question: nothing is there only if Zoom says
 * so. */
static bool
no_list(const cJSON *answer, const char *array, Error *err)
{
	char said[NAME_SIZE];

	name_tidy(json_text(answer, "message", "no reason"), said);
	return error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
					 "Zoom answered without usable \"%s\" (code %.0f): %.200s", array,
					 json_number(answer, "code", 0), said);
}

/*
 * Asks page after page of a list and hands out the elements of its array, until there is no
 * next page or take says that it is enough.
 */
static bool
each_of(const SourceQuery *query, const char *path, const char *array,
		Took (*take)(void *arg, const cJSON *element, Error *err), void *arg, Error *err)
{
	char next[1024] = "";

	for (int page = 0; page < PAGES_MOST; page++)
	{
		CLEANUP(buffer) Buffer url;
		CLEANUP(json) cJSON *answer = NULL;
		const cJSON *element;

		buffer_init(&url);
		buffer_printf(&url, "%s%cpage_size=%d", path, strchr(path, '?') ? '&' : '?',
					  PAGE_SIZE);
		if (next[0] != '\0')
		{
			buffer_puts(&url, "&next_page_token=");
			platform_escape(&url, next);
		}
		if (!zoom_ask(query, url.data, &answer, err))
			return false;
		if (!cJSON_IsArray(json_at(answer, array)))
			return no_list(answer, array, err);
		cJSON_ArrayForEach(element, json_at(answer, array))
		{
			Took took = take(arg, element, err);

			if (took != TOOK)
				return took == TOOK_ENOUGH;
		}
		if (strcmp(json_text(answer, "next_page_token", ""), next) == 0 &&
			next[0] != '\0')
			break;
		if (snprintf(next, sizeof next, "%s", json_text(answer, "next_page_token", "")) >=
			(int) sizeof next)
			return no_list(answer, "next_page_token", err);
		if (next[0] == '\0')
			return true;
	}
	return error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
					 "Zoom's list does not end: the same page comes again and again");
}

static Took
take_meeting(void *arg, const cJSON *meeting, Error *err)
{
	Walk *walk = arg;

	(void) err;
	if (walk->taken < walk->skip ||
		zoom_meeting_list(meeting, json_at(walk->query->config, "views"), walk->listing))
	{
		walk->taken++;
		return TOOK;
	}
	walk->full = true;
	return TOOK_ENOUGH;
}

/*
 * Where the walk is: this user, these days, so many of their meetings. Zoom promises no order
 * of meetings, so they are counted, and a few are looked at again: what was deleted moved
 * others into their places.
 */
static void
go_on_later(Walk *walk, const char *user, double day)
{
	cJSON *next = cJSON_CreateObject();

	cJSON_AddStringToObject(next, "user", user);
	cJSON_AddNumberToObject(next, "day", day);
	cJSON_AddNumberToObject(next, "taken", walk->taken);
	listing_go_on(walk->listing, next);
}

/* The first day that is to be asked for of this user, and what of it is passed by. */
static double
begin_user(Walk *walk, const char *user)
{
	double day = json_number(walk->after, "day", 0);
	int done = (int) json_number(walk->after, "taken", 0);
	int overlap = listing_overlap(walk->listing, 4 * OVERLAP) / 4; /* has parts, each */
	bool is_his =
		walk->after != NULL && strcmp(json_text(walk->after, "user", ""), user) == 0;

	walk->after = NULL;
	walk->skip = is_his && done > overlap ? done - overlap : 0;
	return is_his && day >= walk->days.first ? day : walk->days.first;
}

/* All recordings of a user in these days, the oldest first. */
static bool
list_user(Walk *walk, const char *user, Error *err)
{
	double day = begin_user(walk, user);

	while (day <= walk->days.last)
	{
		double last = day + DAY * (WINDOW_DAYS - 1);
		CLEANUP(buffer) Buffer path;
		char from[16];
		char to[16];

		print_day(day, from);
		print_day(last < walk->days.last ? last : walk->days.last, to);
		buffer_init(&path);
		buffer_puts(&path, "/users/");
		platform_escape(&path, user);
		buffer_printf(&path, "/recordings?from=%s&to=%s", from, to);
		walk->taken = 0;
		if (!each_of(walk->query, path.data, "meetings", take_meeting, walk, err))
			return false;
		if (walk->full)
		{
			go_on_later(walk, user, day);
			return true;
		}
		walk->skip = 0;
		day = last + DAY;
	}
	return true;
}

/* One user of many: who cannot be asked is told, and the others go on. What concerns all of
 * them ends the sync. */
static Took
list_one_of_many(Walk *walk, const char *user, const char *shown, Error *err)
{
	Error own = {0};

	if (list_user(walk, user, &own))
	{
		walk->good++;
		return walk->full ? TOOK_ENOUGH : TOOK;
	}
	if (own.class != ERROR_INPUT && own.class != ERROR_PERMANENT)
	{
		if (err != NULL)
			*err = own;
		return TOOK_FAILED;
	}
	walk->bad++;
	walk->last_error = own;
	listing_problem(walk->listing, "%.200s: %s", shown, own.message);
	return TOOK;
}

/* {"id","email"} of a user of the account, into the array arg. */
static Took
note_user(void *arg, const cJSON *user, Error *err)
{
	cJSON *users = arg;
	const char *id = json_text(user, "id", json_text(user, "email", ""));
	cJSON *noted;

	(void) err;
	if (id[0] == '\0' || !name_is_text(id))
		return TOOK;
	noted = cJSON_CreateObject();
	cJSON_AddStringToObject(noted, "id", id);
	cJSON_AddStringToObject(noted, "email", json_text(user, "email", id));
	cJSON_AddItemToArray(users, noted);
	return TOOK;
}

static int
by_id(const void *one, const void *other)
{
	return strcmp(json_text(*(const cJSON *const *) one, "id", ""),
				  json_text(*(const cJSON *const *) other, "id", ""));
}

/* In an order of our own, so that who comes and goes meanwhile hides nobody. */
static bool
list_in_order(Walk *walk, const cJSON *users, Error *err)
{
	CLEANUP(free) const cJSON **sorted = NULL;
	size_t capacity = 0;
	size_t count = 0;
	const char *from = json_text(walk->after, "user", "");
	const cJSON *user;

	sorted = array_room(sorted, &capacity, (size_t) cJSON_GetArraySize(users) + 1,
						sizeof(const cJSON *));
	cJSON_ArrayForEach(user, users) sorted[count++] = user;
	qsort(sorted, count, sizeof(const cJSON *), by_id);
	for (size_t i = 0; i < count; i++)
	{
		const char *id = json_text(sorted[i], "id", "");
		Took took;

		if (strcmp(id, from) < 0)
			continue;
		took = list_one_of_many(walk, id, json_text(sorted[i], "email", id), err);
		if (took != TOOK)
			return took == TOOK_ENOUGH;
	}
	return true;
}

static bool
list_many(Walk *walk, Error *err)
{
	CLEANUP(json) cJSON *users = cJSON_CreateArray();
	const cJSON *emails = json_at(walk->query->config, "user_emails");
	const cJSON *email;

	cJSON_ArrayForEach(email, emails)
	{
		cJSON *user = cJSON_CreateObject();

		cJSON_AddStringToObject(user, "id",
								cJSON_IsString(email) ? email->valuestring : "");
		cJSON_AddItemToArray(users, user);
	}
	if (!cJSON_IsArray(emails) &&
		!each_of(walk->query, "/users?status=active", "users", note_user, users, err))
		return false;
	if (!list_in_order(walk, users, err))
		return false;
	if (walk->good > 0 || walk->bad == 0)
		return true;
	if (err != NULL)
		*err = walk->last_error;
	return false;
}

/* Whose recordings: who is named; else whom the credential names; else its own user. What an
 * account has does not outlive the renewal of its token, so it is copied. */
static void
choose_user(const SourceQuery *query, char user[USER_SIZE])
{
	const char *named = json_text(query->config, "user_id", "me");
	const char *account =
		query->account != NULL ? account_text(query->account, "account") : "";

	snprintf(user, USER_SIZE, "%s",
			 strcmp(named, "me") == 0 && account[0] != '\0' ? account : named);
}

bool
zoom_list(const SourceQuery *query, Listing *listing, Error *err)
{
	Walk walk = {.query = query,
				 .listing = listing,
				 .days = days_of(query),
				 .after = query->after};
	char user[USER_SIZE];

	choose_user(query, user);
	return json_bool(query->config, "is_master_account", false)
			   ? list_many(&walk, err)
			   : list_user(&walk, user, err);
}
