/* sources: net/account.c base/sealed.c base/secret_file.c base/log.c net/oauth.c net/endpoint.c net/answer.c net/url.c net/s3.c net/s3_sign.c net/s3_address.c net/s3_xml.c net/s3_error.c net/s3_digest.c net/s3_parts.c net/s3_uploads.c net/s3_list.c net/s3_request.c platform/publication.c platform/youtube_error.c platform/youtube_call.c platform/youtube_session.c platform/vk_call.c platform/yandex_disk_call.c source/zoom.c source/zoom_ask.c source/zoom_meeting.c source/zoom_file.c source/yandex.c source/yandex_ask.c source/yandex_walk.c source/platform_get.c source/listing.c source/moment.c source/name.c base/buffer.c base/clock.c base/error.c base/hash.c base/json.c base/utf8.c */
/* libs: libcurl libcjson libcrypto libsodium libxml-2.0 -lm */
/*
 * tests/unit/test_vectors.c
 *	  The examples of the platforms' documents, read by our clients: what they ask has to be
 *	  what the document shows, and what they make of the answer is said in the example.
 */
#include <time.h>

#include "base/cleanup.h"
#include "net/account.h"
#include "net/oauth.h"
#include "platform/vk_call.h"
#include "platform/yandex_disk_call.h"
#include "platform/youtube_error.h"
#include "platform/youtube_session.h"
#include "source/yandex.h"
#include "source/zoom.h"
#include "vectors.h"

#include "source_list.h"
#include "tap.h"
#include "vectors_s3.h"

/* Nobody keeps the credential: no token is renewed. */
static cJSON *
no_turn(void *arg, int version)
{
	(void) arg;
	(void) version;
	return cJSON_Parse("{\"ok\":true,\"turn\":true}");
}

static cJSON *
not_stored(void *arg, int version, const cJSON *data, const cJSON *facts)
{
	(void) arg;
	(void) version;
	(void) data;
	(void) facts;
	return NULL;
}

/* An account with the token "TOKEN", unless the example has other data. */
static Account *
account_of(const char *platform, const cJSON *with)
{
	static cJSON *credential;
	static const AccountDoor door = {.renew = no_turn, .store = not_stored};
	const cJSON *data = json_at(with, "data");

	cJSON_Delete(credential);
	credential = cJSON_CreateObject();
	cJSON_AddStringToObject(credential, "id", "1");
	cJSON_AddStringToObject(credential, "platform", platform);
	cJSON_AddNumberToObject(credential, "version", 1);
	cJSON_AddItemToObject(credential, "data",
						  data != NULL ? cJSON_Duplicate(data, true)
									   : cJSON_Parse("{\"access_token\":\"TOKEN\"}"));
	return account_open(credential, NULL, &door, NULL, false);
}

/* --- HTTP and OAuth ------------------------------------------------------- */

static void
http_head(const cJSON *with)
{
	CLEANUP(call_answer) CallAnswer answer = {0};

	(void) with;
	take_reply(cJSON_GetArrayItem(replies, 0), &answer);
	say("status %d, length %lld, from %lld of %lld, wait %.0f", answer.answer.status,
		(long long) answer.answer.length, (long long) answer.answer.range_start,
		(long long) answer.answer.range_total, answer.answer.retry_after);
}

static void
oauth(const cJSON *with)
{
	const OauthRequest request = {.platform = json_text(with, "platform", ""),
								  .data = json_at(with, "data")};
	const cJSON *grant = json_at(with, "grant");
	cJSON *data = NULL;
	cJSON *facts = NULL;
	Error error = {0};
	bool done = grant != NULL ? oauth_exchange(&request, grant, &data, &facts, &error)
							  : oauth_refresh(&request, &data, &facts, &error);

	if (!done)
		say_error(&error);
	else
	{
		double left = oauth_time(json_text(data, "expires_at", "")) - (double) time(NULL);
		int life = (int) json_number(with, "life", 0);

		say("%s, %s, ", json_text(data, "access_token", ""),
			json_text(data, "refresh_token", "no refresh token"));
		/* the end was counted a moment ago */
		say(left > life - 60 && left <= life ? "for %d" : "not for %d", life);
		say(", scopes ");
		say_json(json_at(facts, "scopes"));
	}
	cJSON_Delete(data);
	cJSON_Delete(facts);
}

/* --- YouTube, VK, Yandex Disk ------------------------------------------------ */

static void
youtube_refusal(const cJSON *with)
{
	CLEANUP(call_answer) CallAnswer answer = {0};
	Error error = {0};

	(void) with;
	take_reply(cJSON_GetArrayItem(replies, 0), &answer);
	(void) youtube_error(&answer, "try", &error);
	/* until when a day's quota is used up depends on the hour */
	if (strcmp(error.code, "platform_quota") == 0)
		error.retry_after = 0;
	say_error(&error);
}

static bool
agree(void *arg, const char *what)
{
	(void) arg;
	(void) what;
	return true;
}

static bool
keep(void *arg, const cJSON *state)
{
	(void) arg;
	(void) state;
	return true;
}

static void
youtube_upload(const cJSON *with)
{
	CLEANUP(account) Account *account = account_of("youtube", with);
	CLEANUP(json) cJSON *state = cJSON_CreateObject();
	const Reporter reporter = {.confirm = agree, .checkpoint = keep};
	const Publication publication = {.reporter = &reporter};
	YouTube youtube = {.publication = &publication,
					   .account = account,
					   .upload = "https://www.googleapis.com/upload/youtube/v3",
					   .state = state,
					   .step = "uploading"};
	Session session = {.youtube = &youtube,
					   .fd = 0,
					   .bytes = (int64_t) json_number(with, "bytes", 0),
					   .media_type = "video/mp4"};
	Error error = {0};
	SessionEnd end;

	cJSON_AddStringToObject(state, "session", json_text(with, "session", ""));
	end = session_send(&session, json_bool(with, "fresh", false), &error);
	say("%s ", end == SESSION_DONE ? session.video : end == SESSION_GONE ? "gone" : "");
	if (end == SESSION_FAILED)
		say_error(&error);
}

static void
vk(const cJSON *with)
{
	CLEANUP(account) Account *account = account_of("vk", with);
	CLEANUP(json) cJSON *response = NULL;
	Vk service = {.account = account};
	VkForm form = {.count = 0};
	const char *upload = json_text(with, "upload", NULL);
	const CallPart file = {.name = "video_file", .file_name = "video.mp4", .fd = 0};
	const cJSON *field;
	Error error = {0};
	bool done;

	cJSON_ArrayForEach(field, json_at(with, "form"))
		vk_text(&form, field->string, field->valuestring);
	done =
		upload != NULL
			? vk_send(&service, upload, &file, 0, 1, "uploading", &response, &error)
			: vk_call(&service, json_text(with, "method", ""), &form, &response, &error);
	if (done)
		say_json(response);
	else
		say_error(&error);
}

static void
yandex(const cJSON *with)
{
	CLEANUP(account) Account *account = account_of("yandex_disk", with);
	CLEANUP(json) cJSON *answer = NULL;
	YandexDisk disk = {.account = account};
	YandexField fields[8] = {
		{NULL, NULL}
    };
	const char *look = json_text(with, "look", NULL);
	const cJSON *field;
	YandexFile file;
	Error error = {0};
	size_t count = 0;

	cJSON_ArrayForEach(field, json_at(with, "fields")) if (count + 1 < 8)
		fields[count++] = (YandexField){field->string, field->valuestring};
	if (look != NULL
			? !yandex_disk_look(&disk, look, &file, &error)
			: !yandex_disk_call(
				  &disk, json_text(with, "method", "GET"), json_text(with, "what", ""),
				  fields, json_bool(with, "silent", false) ? NULL : &answer, &error))
		say_error(&error);
	else if (look != NULL)
		say("%s, %lld bytes, md5 %s, at %s",
			!file.found      ? "nothing"
			: file.is_folder ? "a folder"
							 : "a file",
			(long long) file.bytes, file.md5, file.public_url);
	else
		say_json(answer);
}

/* --- sources ------------------------------------------------------------------ */

static void
source(const cJSON *with)
{
	static const char *const fields[] = {"source_key", "display_name", NULL};
	const char *platform = json_text(with, "platform", "zoom");
	const char *uuid = json_text(with, "uuid", NULL);
	CLEANUP(account) Account *account = account_of(platform, with);
	const SourceQuery query = {.config = json_at(with, "config"),
							   .account = account,
							   .from_time = json_number(with, "from", 0),
							   .to_time = json_number(with, "to", 0)};
	char path[600];

	if (uuid != NULL)
	{
		zoom_meeting_path(uuid, path, sizeof path);
		say("%s", path);
		return;
	}
	say("%s",
		listed(strcmp(platform, "zoom") == 0 ? zoom_list : yandex_list, &query, fields));
	if (err.class != ERROR_NONE && err.retry_after > 0)
		say(" in %.0f", err.retry_after);
}

static const struct
{
	const char *name;
	void (*read)(const cJSON *with);
} readers[] = {
	{"head",           http_head      },
	{"oauth",          oauth          },
	{"signature",      s3_signature   },
	{"s3",			 s3_read        },
	{"s3 error",       s3_error       },
	{"youtube error",  youtube_refusal},
	{"youtube upload", youtube_upload },
	{"vk",			 vk			 },
	{"yandex",         yandex         },
	{"source",         source         },
};

/* Each row names what the request of that number has to hold: texts. */
static void
check_asked(const char *name, const cJSON *rows)
{
	const cJSON *row;
	const cJSON *text;
	int number = 0;

	cJSON_ArrayForEach(row, rows)
	{
		cJSON_ArrayForEach(
			text,
			row) if (!ok(strstr(asked[number].data, text->valuestring) != NULL,
						 "%s: request %d has %s", name, number + 1, text->valuestring))
			printf("# it is %s\n", asked[number].data);
		number++;
	}
	if (rows != NULL)
		is_int(replied, number, "and no more is asked");
}

static void
check(const cJSON *vector)
{
	const cJSON *client = json_at(vector, "client");
	const char *name = json_text(vector, "name", "");
	const char *reader = json_text(client, "reader", "");
	size_t row = 0;

	if (client == NULL) /* for the servers of the tests alone */
		return;
	while (row < sizeof readers / sizeof readers[0] &&
		   strcmp(readers[row].name, reader) != 0)
		row++;
	if (!ok(row < sizeof readers / sizeof readers[0], "%s: it is read", name))
		return;
	made[0] = '\0';
	answer_with(json_at(client, "replies"));
	readers[row].read(json_at(client, "with"));
	is_str(made, json_text(client, "is", ""), name);
	check_asked(name, json_at(client, "asked"));
}

int
main(void)
{
	static const char *const files[] = {"http", "oauth",  "s3",  "youtube",
										"vk",   "yandex", "zoom"};

	for (int i = 0; i < REPLIES_MOST; i++)
		buffer_init(&asked[i]);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
	{
		CLEANUP(json) cJSON *vectors = read_vectors(files[i]);
		const cJSON *vector;

		if (!ok(cJSON_GetArraySize(vectors) > 0, "the examples of %s", files[i]))
			continue;
		cJSON_ArrayForEach(vector, vectors) check(vector);
	}
	for (int i = 0; i < REPLIES_MOST; i++)
		buffer_free(&asked[i]);
	return done_testing();
}
