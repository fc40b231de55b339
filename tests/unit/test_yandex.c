/* sources: source/yandex.c source/yandex_ask.c source/yandex_walk.c source/platform_get.c source/listing.c source/moment.c source/name.c net/answer.c net/url.c net/endpoint.c base/error.c base/json.c base/utf8.c base/buffer.c base/clock.c base/log.c base/hash.c base/report.c */
/* libs: libcurl libcjson libcrypto -lm */
/*
 * tests/unit/test_yandex.c
 *	  Yandex Disk as a source: pages, folders, published links, which files count, checksums.
 */
#include <math.h>

#include "platform_calls.h"
#include "source/yandex.h"
#include "source_list.h"
#include "tap.h"

static const char *
sync_of(const char *config, bool with_account)
{
	static const char *const fields[] = {"source_key", "display_name", NULL};
	cJSON *json = cJSON_Parse(config);
	SourceQuery query = {.config = json,
						 .account = with_account ? (struct Account *) asked : NULL};
	const char *found = listed(yandex_list, &query, fields);

	cJSON_Delete(json);
	return found;
}

/* The address without the list of fields. */
static const char *
asked_for(void)
{
	static char shown[8192];
	size_t length = 0;

	for (const char *at = asked; *at != '\0' && length + 1 < sizeof shown; at++)
	{
		if (strncmp(at, "&fields=", 8) == 0)
			at += 8 + strcspn(at + 8, "&\n");
		shown[length++] = *at;
	}
	shown[length] = '\0';
	return shown;
}

static const char folder[] =
	"{\"type\": \"dir\", \"path\": \"disk:/L\", \"_embedded\": {\"total\": 5, \"items\": "
	"["
	"{\"type\": \"file\", \"name\": \"One.mp4\", \"path\": \"disk:/L/One.mp4\", "
	"\"resource_id\": \"1:a\", \"media_type\": \"video\", \"size\": 34567, \"created\": "
	"\"2014-04-21T14:57:13+04:00\"},"
	"{\"type\": \"dir\", \"name\": \"week 2\", \"path\": \"disk:/L/week 2\"},"
	"{\"type\": \"file\", \"name\": \"notes.txt\", \"path\": \"disk:/L/notes.txt\", "
	"\"resource_id\": \"1:b\", \"mime_type\": \"text/plain\"}]}}";
static const char second[] =
	"{\"type\": \"dir\", \"_embedded\": {\"total\": 5, \"items\": ["
	"{\"type\": \"file\", \"name\": \"Two\", \"path\": \"disk:/L/Two\", \"md5\": "
	"\"4334dc6379c8f95ddf11b8508cfea271\", \"size\": 7, \"mime_type\": \"video/mp4\"},"
	"{\"type\": \"file\", \"name\": \"bad.mkv\", \"path\": \"disk:/L/bad.mkv\", "
	"\"resource_id\": \"1:c\", \"antivirus_status\": \"infected\"}]}}";
static const char week[] =
	"{\"type\": \"dir\", \"_embedded\": {\"total\": 1, \"items\": ["
	"{\"type\": \"file\", \"name\": \"Three.mkv\", \"path\": \"disk:/L/week "
	"2/Three.mkv\", \"resource_id\": \"1:d\"}]}}";

static void
test_folders(void)
{
	Reply table[] = {
		{"path=%2FL&", 200, folder, NULL, false},
		{"path=%2FL&",      200, second, NULL, false},
		{"week%202*",       200, week, NULL, false},
		{0}
    };
	Reply closed[] = {
		{"path=%2FL&", 200, folder, NULL, false},
		{"path=%2FL&",      200, second, NULL, false},
		{"week%202*",       403,
		 "{\"error\": \"ForbiddenError\", \"description\": \"Forbidden\"}", NULL, false},
		{0}
    };
	const char *wanted = "yandex_disk:1:a One\n"
						 "yandex_disk:md5:4334dc6379c8f95ddf11b8508cfea271:7 Two\n";

	answer_with(table);
	is_str(sync_of("{\"folder_path\": \"/L\"}", true),
		   "yandex_disk:1:a One\n"
		   "yandex_disk:1:d Three\n"
		   "yandex_disk:md5:4334dc6379c8f95ddf11b8508cfea271:7 Two\n",
		   "all pages, a folder where it stands; what is no recording is left out");
	is_str(asked_for(),
		   "/v1/disk/resources?path=%2FL&limit=500&offset=0&sort=-created\n"
		   "/v1/disk/"
		   "resources?path=disk%3A%2FL%2Fweek%202&limit=500&offset=0&sort=-created\n"
		   "/v1/disk/resources?path=%2FL&limit=500&offset=3&sort=-created\n",
		   "from where the page before ended");
	ok(strstr(asked, "%2C_embedded.items.md5%2C") != NULL &&
		   strstr(asked, "_embedded.total") != NULL,
	   "with the total and no more than is needed");
	is_int(cJSON_GetArraySize(problems), 1, "what is infected is told");
	for (Reply *reply = table; reply->ask != NULL; reply++)
		reply->used = false;
	answer_with(table);
	is_str(sync_of("{\"folder_path\": \"/L\", \"recursive\": false}", true), wanted,
		   "one folder only");
	answer_with(closed);
	is_str(sync_of("{\"folder_path\": \"/L\"}", true), wanted,
		   "a folder that is closed stops nothing");
	is_int(cJSON_GetArraySize(problems), 2, "and is told");
	for (Reply *reply = table; reply->ask != NULL; reply++)
		reply->used = false;
	answer_with(table);
	(void) sync_of("{\"folder_path\": \"/L\", \"file_pattern\": \"txt\"}", true);
	is_int(cJSON_GetArraySize(items), 4, "with a pattern the database decides");
}

/* A server that knows no pages, or tells no list, is asked twice and no more. */
static void
test_odd_pages(void)
{
	static const char *const bodies[] = {
		"{\"type\": \"dir\", \"_embedded\": {\"total\": \"9\", \"items\": [{\"type\": "
		"\"file\", \"name\": \"a.mp4\", \"path\": \"disk:/L/a.mp4\", \"resource_id\": "
		"\"1:a\"}]}}",
		"{\"type\": \"dir\", \"_embedded\": {\"items\": [{\"type\": \"dir\"}]}}",
		"{\"type\": \"dir\", \"_embedded\": {\"items\": {\"a\": {\"type\": \"file\"}}}}",
		"{\"type\": \"dir\"}",
		"{}",
	};

	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
	{
		Reply table[] = {
			{"path=*",   200, bodies[i], NULL, false},
            {0}
        };
		int lines = 0;

		answer_with(table);
		is_str(sync_of("{\"folder_path\": \"/L\"}", true), "transient bad_answer",
			   bodies[i]);
		for (const char *at = asked; *at != '\0'; at++)
			lines += *at == '\n';
		ok(lines <= 2, "asked %d times", lines);
		ok(i > 1 || strstr(err.hint, "folder_path") != NULL, "hint: %s", err.hint);
	}
}

static void
test_published(void)
{
	Reply file[] = {
		{"/public/*",										200,
		 "{\"type\": \"file\", \"name\": \"One.mp4\", \"path\": \"/\", \"resource_id\": "
		 "\"1:a\", \"media_type\": \"video\", \"size\": 5}", NULL, false},
		{0}
    };
	Reply gone[] = {
		{"/public/*",																	404,
		 "{\"error\": \"DiskNotFoundError\", \"description\": \"Resource not found.\"}", NULL, false},
		{0}
    };
	Reply busy[] = {
		{"/public/*",           503, "{\"error\": \"x\"}", NULL, false},
        {0}
    };

	answer_with(file);
	is_str(sync_of("{\"public_url\": \"https://disk.yandex.ru/d/a b\"}", false),
		   "yandex_disk:1:a One\n", "a published file, without an account");
	is_str(asked_for(),
		   "/v1/disk/public/"
		   "resources?public_key=https%3A%2F%2Fdisk.yandex.ru%2Fd%2Fa%20b&limit=500&"
		   "offset=0&sort=-created\n",
		   "by its link");
	ok(cJSON_GetObjectItem(cJSON_GetObjectItem(cJSON_GetArrayItem(items, 0), "source"),
						   "path") == NULL,
	   "whose file has no path");
	answer_with(gone);
	is_str(sync_of("{\"public_url\": \"https://disk.yandex.ru/d/a\"}", false),
		   "input source_missing", "a link that is gone");
	answer_with(busy);
	is_str(sync_of("{\"public_url\": \"https://disk.yandex.ru/d/a\"}", false),
		   "transient server_error", "a disk in trouble");
	is_str(sync_of("{\"folder_path\": \"/L\"}", false), "credential credential_missing",
		   "one's own disk needs an account");
}

static void
test_files(void)
{
	Reply table[] = {
		{"/resources/download?path=disk%3A%2FOne.mp4*", 200,
		 "{\"href\": \"https://downloader.disk.yandex.ru/disk/abc\", \"method\": "
		 "\"GET\", \"templated\": false}", NULL, false},
		{"/resources?path=disk%3A%2FOne.mp4*",              200,
		 "{\"type\": \"file\", \"name\": \"One.mp4\", \"size\": 34567, \"md5\": "
		 "\"4334dc6379c8f95ddf11b8508cfea271\", \"sha256\": \"no hash\"}", NULL, false},
		{0									   }
    };
	cJSON *source =
		cJSON_Parse("{\"type\": \"yandex_disk\", \"path\": \"disk:/One.mp4\"}");
	SourceQuery query = {.account = (struct Account *) asked};
	FetchPlan plan = FETCH_PLAN_NEW;

	answer_with(table);
	ok(yandex_resolve(&query, source, &plan, &err), "where a file is");
	is_str(plan.url, "https://downloader.disk.yandex.ru/disk/abc",
		   "the link of the hour");
	is_str(plan.header, "Authorization: OAuth secret-token", "asked for by its owner");
	is_int(plan.bytes, 34567, "its size");
	is_str(plan.md5, "4334dc6379c8f95ddf11b8508cfea271", "its MD5");
	is_str(plan.sha256, "", "what is no hash is none");
	is_str(plan.file, "One.mp4", "its name");
	cJSON_Delete(source);
}

int
main(void)
{
	test_folders();
	test_odd_pages();
	test_published();
	test_files();
	cJSON_Delete(items);
	cJSON_Delete(problems);
	return done_testing();
}
