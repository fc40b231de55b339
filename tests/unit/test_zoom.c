/* sources: source/zoom.c source/zoom_ask.c source/zoom_meeting.c source/zoom_file.c source/platform_get.c source/listing.c source/moment.c source/name.c net/answer.c net/url.c net/endpoint.c base/error.c base/json.c base/utf8.c base/buffer.c base/clock.c base/log.c base/report.c */
/* libs: libcurl libcjson -lm */
/*
 * tests/unit/test_zoom.c
 *	  Zoom as a source: days and pages, users, parts and views, what is not ready, refusals.
 */
#include <math.h>

#include "platform_calls.h"
#include "source/zoom.h"
#include "source_list.h"
#include "tap.h"

/* Runs a sync; the keys of what was found, a line each. */
static const char *
sync_of(const char *config, double from, double to)
{
	static const char *const fields[] = {"source_key", NULL};
	cJSON *json = cJSON_Parse(config);
	SourceQuery query = {.config = json,
						 .account = (struct Account *) asked,
						 .from_time = from,
						 .to_time = to};
	const char *found = listed(zoom_list, &query, fields);

	cJSON_Delete(json);
	return found;
}

static const char *
text_at(int item, const char *path)
{
	const char *dot = strchr(path, '.');
	const cJSON *object = cJSON_GetArrayItem(items, item);
	static char number[40];

	if (dot != NULL)
	{
		char first[40];

		snprintf(first, sizeof first, "%.*s", (int) (dot - path), path);
		object = cJSON_GetObjectItem(object, first);
		path = dot + 1;
	}
	object = cJSON_GetObjectItem(object, path);
	if (cJSON_IsNumber(object))
	{
		snprintf(number, sizeof number, "%.0f", object->valuedouble);
		return number;
	}
	return cJSON_IsString(object)  ? object->valuestring
		   : cJSON_IsFalse(object) ? "false"
								   : "-";
}

#define NOTHING "{\"next_page_token\": \"\", \"meetings\": []}"

/* 2026-03-01 12:00 and 65 days later: a month of Zoom is 30 days here, no day is asked twice */
static void
test_days(void)
{
	Reply table[] = {
		{"/recordings*", 200, NOTHING, NULL, false},
        {0      }
    };

	answer_with(table);
	is_str(sync_of("{}", 1772366400, 1772366400 + 65 * 86400.0), "", "nothing there");
	is_str(asked,
		   "/v2/users/me/recordings?from=2026-03-01&to=2026-03-30&page_size=300\n"
		   "/v2/users/me/recordings?from=2026-03-31&to=2026-04-29&page_size=300\n"
		   "/v2/users/me/recordings?from=2026-04-30&to=2026-05-05&page_size=300\n",
		   "66 days are three questions");
	answer_with(table);
	(void) sync_of("{\"user_id\": \"a b@e.org\"}", 1772366400, 1772366400);
	is_str(asked,
		   "/v2/users/a%20b%40e.org/recordings?from=2026-03-01&to=2026-03-01&page_size="
		   "300\n",
		   "one day is one");
}

static void
test_pages(void)
{
	Reply table[] = {
		{"next_page_token=a%2Bb%3D",										   200,
		 "{\"next_page_token\": \"\", \"meetings\": [{\"uuid\": \"two==\"}]}", NULL,
		 false},
		{"/recordings", 200,
		 "{\"next_page_token\": \"a+b=\", \"meetings\": [{\"uuid\": \"one==\"}]}", NULL,
		 false},
		{0															   }
    };
	Reply circle[] = {
		{"/recordings*",										200, "{\"next_page_token\": \"again\", \"meetings\": []}", NULL,
		 false},
		{0}
    };

	answer_with(table);
	is_str(sync_of("{}", 1772366400, 1772366400), "zoom:one==\nzoom:two==\n",
		   "the next page is asked for to the end");
	answer_with(circle);
	is_str(sync_of("{}", 1772366400, 1772366400), "transient bad_answer",
		   "a page that comes again is no endless loop");
}

/* Nothing is there only if Zoom says so. */
static void
test_odd_answers(void)
{
	static const char *const bodies[] = {
		"{}",
		"{\"meetings\": 5}",
		"{\"meetings\": {\"a\": {\"uuid\": \"x\"}}}",
		"{\"code\": 1e300, \"message\": []}",
		"{\"code\": 300, \"message\": \"no\"}",
	};

	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
	{
		Reply table[] = {
			{"/recordings*", 200, bodies[i], NULL, false},
            {0    }
        };

		answer_with(table);
		is_str(sync_of("{}", 1772366400, 1772366400), "transient bad_answer", bodies[i]);
	}
}

/* What is no text, or too long for a key, stops nothing else. */
static void
test_odd_files(void)
{
	Reply table[] = {
		{"/recordings*",																200,
		 "{\"next_page_token\": \"\", \"meetings\": [{\"uuid\": \"cut==\", \"topic\": "
		 "\"Cut\", "
		 "\"recording_files\": [{\"file_type\": \"MP4\", \"download_url\": \"x\", "
		 "\"recording_start\": "
		 "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\xd1\x82\"}]}, "
		 "{\"uuid\": \"id==\", \"recording_files\": [{\"file_type\": \"MP4\", "
		 "\"download_url\": \"x\", \"id\": \"a\xff\"}]}, "
		 "{\"uuid\": \"good==\", \"recording_files\": [{\"file_type\": \"MP4\", "
		 "\"download_url\": \"x\", \"recording_start\": \"2026-03-01T10:00:00Z\"}]}]}", NULL, false},
		{0}
    };

	answer_with(table);
	is_str(sync_of("{}", 1772366400, 1772366400), "zoom:good==:2026-03-01T10:00:00Z\n",
		   "the others are found");
	is_int(cJSON_GetArraySize(problems), 2, "and what is odd is told");
}

/* The example of the documents, with a pause, views and an audio file. */
static const char meeting[] =
	"{\"next_page_token\": \"\", \"meetings\": [{\"uuid\": \"gkABCDEnCkPuA==\", \"id\": "
	"68423085123,"
	"\"topic\": \"My\\tTest\", \"start_time\": \"2026-03-01T10:00:00Z\", \"duration\": "
	"95, \"host_email\": "
	"\"h@e.org\", \"timezone\": \"Europe/Moscow\", \"auto_delete\": true, "
	"\"auto_delete_date\": "
	"\"2026-04-01\", \"recording_play_passcode\": \"hush\", \"share_url\": "
	"\"https://zoom.us/rec/share/x\","
	"\"recording_files\": ["
	"{\"id\": \"b1\", \"recording_start\": \"2026-03-01T11:00:00Z\", \"recording_end\": "
	"\"2026-03-01T11:30:00Z\", \"file_type\": \"MP4\", \"file_size\": 200, \"status\": "
	"\"completed\", "
	"\"recording_type\": \"gallery_view\", \"download_url\": "
	"\"https://zoom.us/rec/download/b1\"},"
	"{\"id\": \"a2\", \"recording_start\": \"2026-03-01T10:01:00Z\", \"recording_end\": "
	"\"2026-03-01T10:31:00Z\", \"file_type\": \"MP4\", \"file_size\": 101, \"status\": "
	"\"completed\", "
	"\"recording_type\": \"shared_screen_with_speaker_view\", \"download_url\": "
	"\"https://zoom.us/rec/download/a2\"},"
	"{\"id\": \"a1\", \"recording_start\": \"2026-03-01T10:01:00Z\", \"recording_end\": "
	"\"2026-03-01T10:31:00Z\", \"file_type\": \"MP4\", \"file_size\": 100, \"status\": "
	"\"completed\", "
	"\"recording_type\": \"gallery_view\", \"download_url\": "
	"\"https://zoom.us/rec/download/a1\"},"
	"{\"id\": \"a3\", \"recording_start\": \"2026-03-01T10:01:00Z\", \"file_type\": "
	"\"M4A\", \"status\": "
	"\"completed\", \"recording_type\": \"audio_only\", \"download_url\": "
	"\"https://zoom.us/rec/download/a3\"},"
	"{\"id\": \"a4\", \"recording_start\": \"2026-03-01T10:01:00Z\", \"file_type\": "
	"\"TIMELINE\"},"
	"{\"id\": \"a5\", \"recording_start\": \"2026-03-01T10:01:00Z\", \"file_type\": "
	"\"TRANSCRIPT\", "
	"\"status\": \"processing\"}]}]}";

static void
test_parts(void)
{
	Reply table[] = {
		{"/recordings*", 200, meeting, NULL, false},
        {0      }
    };
	char *all;

	answer_with(table);
	is_str(sync_of("{}", 1772366400, 1772366400),
		   "zoom:gkABCDEnCkPuA==:2026-03-01T10:01:00Z\n"
		   "zoom:gkABCDEnCkPuA==:2026-03-01T11:00:00Z\n",
		   "a meeting with a pause has two parts, in time");
	is_str(text_at(0, "display_name"), "My Test (part 1 of 2)", "which says its name");
	is_str(text_at(1, "display_name"), "My Test (part 2 of 2)", "of both");
	is_str(text_at(0, "source.file"), "a2", "the view that is wanted most");
	is_str(text_at(1, "source.file"), "b1", "or the one there is");
	is_str(text_at(0, "placeholder"),
		   "zoom:gkABCDEnCkPuA==", "the first may be what was not ready");
	is_str(text_at(1, "placeholder"), "-", "the second is new");
	is_str(text_at(0, "start_time"), "1772359260", "when it began");
	is_str(text_at(0, "duration"), "1800", "how long it is");
	is_str(text_at(0, "bytes"), "101", "its size");
	is_str(text_at(0, "expires"), "1775001600", "when Zoom deletes it");
	is_str(text_at(0, "metadata.meeting_id"), "68423085123", "the number of the meeting");
	all = cJSON_PrintUnformatted(items);
	ok(strstr(all, "hush") == NULL && strstr(all, "zoom.us") == NULL,
	   "no passcode and no link");
	free(all);
	answer_with(table);
	(void) sync_of("{\"views\": [\"gallery_view\"]}", 1772366400, 1772366400);
	is_str(text_at(0, "source.file"), "a1", "another order of views");
	is_str(text_at(0, "source_key"), "zoom:gkABCDEnCkPuA==:2026-03-01T10:01:00Z",
		   "the key does not depend on it");
	answer_with(table);
	(void) sync_of("{\"views\": [\"audio_only\"]}", 1772366400, 1772366400);
	is_str(text_at(0, "source.file"), "a3", "sound alone, where it is wanted");
}

static void
test_pending(void)
{
	Reply table[] = {
		{"/recordings*", 200,
		 "{\"meetings\": [{\"uuid\": \"a\", \"topic\": \"A\", \"start_time\": "
		 "\"2026-03-01T10:00:00Z\", \"recording_files\": ["
		 "{\"recording_start\": \"2026-03-01T10:01:00Z\", \"file_type\": \"MP4\", "
		 "\"status\": \"completed\", \"download_url\": \"https://zoom.us/x\"},"
		 "{\"recording_start\": \"2026-03-01T10:31:00Z\", \"file_type\": \"MP4\", "
		 "\"status\": \"processing\"}]},"
		 "{\"uuid\": \"b\", \"recording_files\": [{\"recording_start\": "
		 "\"2026-03-01T10:01:00Z\", \"status\": \"processing\"}]},"
		 "{\"uuid\": \"c\", \"recording_files\": [{\"file_type\": \"M4A\", "
		 "\"recording_type\": \"audio_only\", \"status\": \"completed\", "
		 "\"download_url\": \"https://zoom.us/x\"}]},"
		 "{\"uuid\": \"d\", \"duration\": 3, \"recording_files\": []}, {\"topic\": \"no "
		 "uuid\"}]}", NULL, false},
		{0   }
    };

	answer_with(table);
	is_str(sync_of("{}", 1772366400, 1772366400), "zoom:a\nzoom:b\nzoom:c\nzoom:d\n",
		   "what is being made, or has no video, is one recording");
	is_str(text_at(0, "ready"), "false", "that is not ready");
	is_str(text_at(3, "duration"), "-", "and not called short");
	is_int(cJSON_GetArraySize(problems), 1, "a meeting without uuid is told");
}

static void
test_users(void)
{
	Reply table[] = {
		{"/users?",												  200,
		 "{\"next_page_token\": \"n\", \"users\": [{\"id\": \"u1\", \"email\": "
		 "\"a@e.org\"}, {\"id\": \"u2\", \"email\": \"b@e.org\"}]}", NULL, false},
		{"/users?status=active&page_size=300&next_page_token=n", 200,
		 "{\"users\": [{\"id\": \"u3\", \"email\": \"c@e.org\"}]}", NULL, false},
		{"/users/u1/",													 200, "{\"meetings\": [{\"uuid\": \"one\"}]}", NULL, false},
		{"/users/u2/",     404, "{\"code\": 1001, \"message\": \"User does not exist: u2.\"}",
		 NULL, false},
		{"/users/u3/",  200, "{\"meetings\": [{\"uuid\": \"three\"}]}", NULL, false},
		{0													}
    };
	Reply none[] = {
		{"/users/*",												404, "{\"code\": 1001, \"message\": \"User does not exist\"}", NULL,
		 false},
		{0}
    };
	Reply scopes[] = {
		{"/users/*",						 400,
		 "{\"code\": 4711, \"message\": \"Invalid access token, does not contain "
		 "scopes:[cloud_recording:read]\"}", NULL, false},
		{0}
    };

	answer_with(table);
	is_str(sync_of("{\"is_master_account\": true}", 1772366400, 1772366400),
		   "zoom:one\nzoom:three\n", "all users, all pages of them");
	is_str(cJSON_GetStringValue(cJSON_GetArrayItem(problems, 0)),
		   "b@e.org: Zoom refuses (status 404, code 1001): User does not exist: u2.",
		   "who cannot be asked is told");
	answer_with(none);
	is_str(
		sync_of(
			"{\"is_master_account\": true, \"user_emails\": [\"a@e.org\", \"b@e.org\"]}",
			1772366400, 1772366400),
		"input user_missing", "when nobody can be asked, it fails");
	is_str(asked,
		   "/v2/users/a%40e.org/recordings?from=2026-03-01&to=2026-03-01&page_size=300\n"
		   "/v2/users/b%40e.org/recordings?from=2026-03-01&to=2026-03-01&page_size=300\n",
		   "after all were tried");
	answer_with(scopes);
	is_str(
		sync_of(
			"{\"is_master_account\": true, \"user_emails\": [\"a@e.org\", \"b@e.org\"]}",
			1772366400, 1772366400),
		"credential scope_missing", "what concerns all ends it at once");
}

static void
test_limits(void)
{
	Reply moment[] = {
		{"/recordings",							 429,
		 "{\"code\": 429, \"message\": \"You have reached the maximum per-second rate "
		 "limit for this API. Try again later.\"}", "X-RateLimit-Type: QPS\n", false},
		{"/recordings", 200, NOTHING, NULL, false},
		{0								   }
    };
	Reply day[] = {
		{"/recordings",												429, "{\"message\": \"You have exceeded the daily rate limit\"}",
		 "X-RateLimit-Type: Daily-limit\nRetry-After: 2020-06-01T00:00:00Z\n", false},
		{0}
    };
	Reply unsaid[] = {
		{"/recordings",								   429,
		 "{\"message\": \"You have exceeded the daily rate limit (100) of requests. You "
		 "may resume these requests at GMT 00:00:00.\"}", NULL, false},
		{0}
    };

	answer_with(moment);
	is_str(sync_of("{}", 1772366400, 1772366400), "", "a moment is waited for");
	answer_with(day);
	is_str(sync_of("{}", 1772366400, 1772366400), "rate_limited rate_limited",
		   "a day is not");
	is_int((long long) err.retry_after, 6 * 3600,
		   "the time it says, by the server's clock");
	answer_with(unsaid);
	(void) sync_of("{}", 1772366400, 1772366400);
	is_int((long long) err.retry_after, 6 * 3600, "or midnight");
}

static const char *
path_of(const char *uuid)
{
	static char path[1000];

	zoom_meeting_path(uuid, path, sizeof path);
	return path;
}

static const char *
resolved(const char *source, FetchPlan *plan)
{
	cJSON *json = cJSON_Parse(source);
	SourceQuery query = {.account = (struct Account *) asked};
	bool done;

	memset(&err, 0, sizeof err);
	*plan = (FetchPlan) FETCH_PLAN_NEW;
	done = zoom_resolve(&query, json, plan, &err);
	cJSON_Delete(json);
	return done ? plan->url : err.code;
}

static void
test_files(void)
{
	static const char files[] =
		"{\"uuid\": \"a\", \"recording_files\": ["
		"{\"id\": \"f1\", \"recording_start\": \"2026-03-01T10:01:00Z\", \"file_type\": "
		"\"MP4\", \"file_size\": 100, \"status\": \"completed\", \"recording_type\": "
		"\"gallery_view\", \"download_url\": \"https://zoom.us/rec/download/f1\"},"
		"{\"id\": \"f2\", \"recording_start\": \"2026-03-01T10:01:00Z\", \"file_type\": "
		"\"MP4\", \"file_size\": 200, \"status\": \"completed\", \"recording_type\": "
		"\"shared_screen\", \"download_url\": \"https://zoom.us/rec/download/f2\"},"
		"{\"id\": \"f3\", \"recording_start\": \"2026-03-01T11:01:00Z\", \"file_type\": "
		"\"MP4\", \"status\": \"processing\"}]}";
	Reply table[] = {
		{"/meetings/*", 200, files, NULL, false},
        {0       }
    };
	Reply gone[] = {
		{"/meetings/*",													   404,
		 "{\"code\": 3301, \"message\": \"This recording does not exist.\"}", NULL,
		 false},
		{0}
    };
	FetchPlan plan;

	is_str(path_of("gkABCDEbbbbbbbkPuA=="),
		   "/meetings/gkABCDEbbbbbbbkPuA%3D%3D/recordings", "a uuid");
	is_str(path_of("/ajXp112QmuoKj4854875=="),
		   "/meetings/%252FajXp112QmuoKj4854875%253D%253D/recordings",
		   "one that begins with a slash is encoded twice");
	is_str(path_of("aj//Xp=="), "/meetings/aj%252F%252FXp%253D%253D/recordings",
		   "one with two slashes, too");
	is_str(path_of("aj/Xp=="), "/meetings/aj%2FXp%3D%3D/recordings", "with one once");
	answer_with(table);
	is_str(resolved("{\"meeting\": \"a\", \"file\": \"f1\"}", &plan),
		   "https://zoom.us/rec/download/f1", "the file that was chosen");
	is_str(plan.header, "Authorization: Bearer secret-token", "with the token beside it");
	is_int(plan.bytes, 100, "its size");
	is_str(resolved("{\"meeting\": \"a\", \"file\": \"x\", \"recording_start\": "
					"\"2026-03-01T10:01:00Z\"}",
					&plan),
		   "https://zoom.us/rec/download/f2", "another view, if it is gone");
	is_str(resolved("{\"meeting\": \"a\"}", &plan), "https://zoom.us/rec/download/f2",
		   "the first of a meeting that was not ready when it was found");
	is_str(resolved("{\"meeting\": \"a\", \"file\": \"f3\"}", &plan), "source_not_ready",
		   "one that is being made");
	is_str(resolved("{\"meeting\": \"a\", \"file\": \"x\", \"recording_start\": "
					"\"2026-03-01T12:01:00Z\"}",
					&plan),
		   "source_missing", "a part that is gone");
	answer_with(gone);
	is_str(resolved("{\"meeting\": \"a\", \"file\": \"f1\"}", &plan), "source_missing",
		   "a meeting that is gone");
}

int
main(void)
{
	test_days();
	test_pages();
	test_odd_answers();
	test_odd_files();
	test_parts();
	test_pending();
	test_users();
	test_limits();
	test_files();
	cJSON_Delete(items);
	cJSON_Delete(problems);
	return done_testing();
}
