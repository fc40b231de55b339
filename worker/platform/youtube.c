/*
 * platform/youtube.c
 *	  YouTube, by its Data API version 3 (docs/platforms/youtube.md).
 *
 * A child that is frozen between the question and the last piece of a video can only finish
 * the upload session that whoever took over finishes too: a session makes one video at most.
 * The other requests say what shall be, not what shall change; the two that could add
 * something twice, an entry of a playlist and a playlist, look first.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "net/endpoint.h"
#include "platform/lesson.h"
#include "platform/youtube.h"
#include "platform/youtube_extras.h"
#include "platform/youtube_find.h"
#include "platform/youtube_upload.h"
#include "platform/youtube_video.h"

#define API    "https://www.googleapis.com/youtube/v3"
#define UPLOAD "https://www.googleapis.com/upload/youtube/v3"

/* What else may be in a video's URL is an id. */
#define WATCH "https://www.youtube.com/watch?v="

static bool
set_up(YouTube *youtube, Account *account, const cJSON *endpoints, bool allow_private,
	   Error *err)
{
	youtube->account = account;
	youtube->api = endpoint_of(endpoints, "api", API);
	youtube->upload = endpoint_of(endpoints, "upload", UPLOAD);
	youtube->allow_private = allow_private || endpoint_is_set(endpoints);
	youtube->now = -1;
	youtube->step = "asking YouTube";
	return account != NULL ||
		   error_set(err, ERROR_CREDENTIAL, "credential_missing",
					 "Give the preset the credential of a YouTube account.",
					 "there is no credential to publish to YouTube with");
}

/* For CLEANUP(youtube). */
static void
cleanup_youtube(YouTube *youtube)
{
	cJSON_Delete(youtube->state);
	cJSON_Delete(youtube->target);
}

static bool
begin(YouTube *youtube, const Publication *publication, Error *err)
{
	youtube->publication = publication;
	youtube->target = cJSON_CreateObject();
	cJSON_AddObjectToObject(youtube->target, "meta");
	youtube->state = cJSON_IsObject(publication->checkpoint)
						 ? cJSON_Duplicate(publication->checkpoint, true)
						 : cJSON_CreateObject();
	return set_up(youtube, publication->account, publication->endpoints,
				  publication->allow_private_addresses, err);
}

static void
add_text(cJSON *object, const char *key, const char *value)
{
	if (value[0] != '\0')
		json_put(object, key, cJSON_CreateString(value));
}

/* The target as the database keeps it, handed to the caller. */
static cJSON *
finish(YouTube *youtube, const char *video)
{
	cJSON *target = youtube->target;
	cJSON *meta = youtube_object(target, "meta");
	char url[sizeof WATCH + YOUTUBE_ID_SIZE];
	const cJSON *part;

	snprintf(url, sizeof url, WATCH "%s", video);
	json_put(target, "remote_id", cJSON_CreateString(video));
	json_put(target, "url", cJSON_CreateString(url));
	json_put(meta, "video_id", cJSON_CreateString(video));
	add_text(meta, "marker", json_text(youtube->state, "marker", ""));
	cJSON_ArrayForEach(part, youtube_done(youtube))
		json_put(meta, part->string, cJSON_Duplicate(part, true));
	youtube->target = NULL;
	return target;
}

/* Settings of the page of YouTube that its interface does not have. */
static void
warn_of_settings(YouTube *youtube)
{
	static const char *const names[] = {"disable_comments", "rating_disabled",
										"thumbnail_name"};
	const cJSON *settings = publication_settings(youtube->publication);

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
	{
		const cJSON *value = json_at(settings, names[i]);
		Error cannot = {0};

		if (!cJSON_IsTrue(value) && !cJSON_IsString(value))
			continue;
		error_set(&cannot, ERROR_INPUT, "setting_unsupported",
				  "Remove it from the preset, and set it in YouTube Studio.",
				  "YouTube's interface has nothing for %s", names[i]);
		publication_warn(youtube->target, "settings", &cannot);
	}
}

static bool
upload(YouTube *youtube, Error *err)
{
	const cJSON *video = lesson_artifact(youtube->publication->input, "video");
	CLEANUP(close) int fd = -1;
	int64_t bytes;

	if (video == NULL)
		return error_set(err, ERROR_PERMANENT, "artifact_missing",
						 "Run the earlier stages of this recording again.",
						 "the recording has no video to publish");
	return storage_open(youtube->publication->storage, json_text(video, "uri", ""), &fd,
						&bytes, err) &&
		   youtube_upload(youtube, fd, bytes, json_text(video, "sha256", ""),
						  json_text(video, "media_type", "application/octet-stream"),
						  youtube_new_video, err);
}

static bool
youtube_publish(const Publication *publication, cJSON **target, Error *err)
{
	CLEANUP(youtube) YouTube youtube = {0};
	char video[YOUTUBE_ID_SIZE];

	if (!begin(&youtube, publication, err) || !upload(&youtube, err))
		return false;
	snprintf(video, sizeof video, "%s", json_text(youtube.state, "video", ""));
	warn_of_settings(&youtube);
	if (!youtube_extras(&youtube, video, err))
		return false;
	*target = finish(&youtube, video);
	return true;
}

/* The video as YouTube shows it to its owner. */
static bool
get_video(YouTube *youtube, const char *id, cJSON **video, Error *err)
{
	CLEANUP(json) cJSON *answer = NULL;

	if (!youtube_get(youtube, "/videos",
					 (const char *const[]){"part", "snippet,status", "id", id, NULL},
					 "show the video", &answer, err))
		return false;
	*video = cJSON_DetachItemFromArray(cJSON_GetObjectItem(answer, "items"), 0);
	return *video != NULL ||
		   error_set(err, ERROR_PERMANENT, "published_gone", "Publish it anew.",
					 "the video %.60s is no longer on YouTube", id);
}

static bool
put_video(YouTube *youtube, const cJSON *video, Error *err)
{
	CLEANUP(free) char *body = json_print(video);
	CLEANUP(buffer) Buffer url;
	Call call;

	buffer_init(&url);
	youtube_url(&url, youtube->api, "/videos",
				(const char *const[]){"part", "snippet,status", NULL});
	call = CALL("PUT", url.data);
	call.headers =
		(const char *const[]){"Content-Type: application/json; charset=UTF-8", NULL};
	call.body = body;
	call.body_length = strlen(body);
	return youtube_ask(youtube, &call, "change the video", NULL, err);
}

/* What is done already, by the target's meta and by an attempt of this update. */
static void
take_done(YouTube *youtube)
{
	static const char *const kept[] = {"playlist_id", "playlist_item", "thumbnail",
									   "captions", NULL};
	const cJSON *meta = json_at(youtube->publication->input, "target.meta");
	cJSON *done = youtube_done(youtube);

	for (const char *const *key = kept; *key != NULL; key++)
	{
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(meta, *key);

		if (value != NULL && cJSON_GetObjectItemCaseSensitive(done, *key) == NULL)
			cJSON_AddItemToObject(done, *key, cJSON_Duplicate(value, true));
	}
	add_text(youtube->state, "marker", json_text(meta, "marker", ""));
}

static bool
youtube_update(const Publication *publication, const char *remote_id, cJSON **target,
			   Error *err)
{
	CLEANUP(youtube) YouTube youtube = {0};
	CLEANUP(json) cJSON *current = NULL;
	CLEANUP(json) cJSON *changed = NULL;

	if (!begin(&youtube, publication, err) ||
		!get_video(&youtube, remote_id, &current, err))
		return false;
	take_done(&youtube);
	warn_of_settings(&youtube);
	changed = youtube_changed_video(&youtube, current);
	if (changed != NULL &&
		(!publication_confirm(publication, "change the video on YouTube", err) ||
		 !put_video(&youtube, changed, err)))
		return false;
	if (!youtube_extras(&youtube, remote_id, err))
		return false;
	*target = finish(&youtube, remote_id);
	return true;
}

static bool
youtube_remove(const Publication *publication, const char *remote_id, Error *err)
{
	CLEANUP(youtube) YouTube youtube = {0};

	return begin(&youtube, publication, err) && youtube_delete(&youtube, remote_id, err);
}

static bool
youtube_check(Account *account, const cJSON *endpoints, cJSON **facts, Error *err)
{
	YouTube youtube = {0};

	return set_up(&youtube, account, endpoints, false, err) &&
		   youtube_channel(&youtube, facts, err);
}

const Platform platform_youtube = {
	.name = "youtube",
	.purpose = "a video on YouTube, with captions, thumbnail and playlist",
	.needs_account = true,
	.publish = youtube_publish,
	.update = youtube_update,
	.remove = youtube_remove,
	.check = youtube_check,
};
