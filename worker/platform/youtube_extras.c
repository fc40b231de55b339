/*
 * platform/youtube_extras.c
 *	  Playlist, thumbnail and captions of a video.
 */
#include "platform/youtube_extras.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "platform/lesson.h"
#include "platform/youtube_captions.h"

#define THUMBNAIL_MOST ((int64_t) 2 << 20)

/* Rounds of looking and adding, when it is not known whether something came. */
#define ROUNDS 3

/* Pages of own playlists that are looked through for a title. */
#define PAGES_MOST 100

static bool
post_json(YouTube *youtube, const char *path, const char *part, const cJSON *body,
		  const char *what, cJSON **answer, Error *err)
{
	CLEANUP(free) char *text = json_print(body);
	CLEANUP(buffer) Buffer url;
	Call call;

	buffer_init(&url);
	youtube_url(&url, youtube->api, path, (const char *const[]){"part", part, NULL});
	call = CALL("POST", url.data);
	call.headers =
		(const char *const[]){"Content-Type: application/json; charset=UTF-8", NULL};
	call.body = text;
	call.body_length = strlen(text);
	return youtube_request(youtube, &call, what, answer, err);
}

/* The entry of the video in the playlist, "" when it has none. */
static bool
find_entry(YouTube *youtube, const char *playlist, const char *video,
		   char id[YOUTUBE_ID_SIZE], Error *err)
{
	CLEANUP(json) cJSON *answer = NULL;

	if (!youtube_get(youtube, "/playlistItems",
					 (const char *const[]){"part", "id", "playlistId", playlist,
										   "videoId", video, NULL},
					 "show the playlist", &answer, err))
		return false;
	snprintf(id, YOUTUBE_ID_SIZE, "%s",
			 json_text(cJSON_GetArrayItem(json_at(answer, "items"), 0), "id", ""));
	return true;
}

static bool
add_entry(YouTube *youtube, const char *playlist, const char *video, cJSON **answer,
		  Error *err)
{
	CLEANUP(json) cJSON *entry = cJSON_CreateObject();
	cJSON *snippet = cJSON_AddObjectToObject(entry, "snippet");
	cJSON *resource;

	cJSON_AddStringToObject(snippet, "playlistId", playlist);
	resource = cJSON_AddObjectToObject(snippet, "resourceId");
	cJSON_AddStringToObject(resource, "kind", "youtube#video");
	cJSON_AddStringToObject(resource, "videoId", video);
	return post_json(youtube, "/playlistItems", "snippet", entry,
					 "add the video to the playlist", answer, err);
}

/* YouTube takes the same video twice: so it is looked for before it is added. */
static bool
put_into(YouTube *youtube, const char *playlist, const char *video,
		 char id[YOUTUBE_ID_SIZE], Error *err)
{
	double pause = 0;

	for (int round = 1;; round++)
	{
		CLEANUP(json) cJSON *answer = NULL;

		*err = (Error){.class = ERROR_NONE};
		if (!find_entry(youtube, playlist, video, id, err))
			return false;
		if (id[0] != '\0')
			return true;
		if (add_entry(youtube, playlist, video, &answer, err))
		{
			snprintf(id, YOUTUBE_ID_SIZE, "%s", json_text(answer, "id", ""));
			return true;
		}
		if (round == ROUNDS ||
			(err->status != 409 && !youtube_may_pass(err, round, &pause)))
			return false;
		if (!youtube_wait(youtube, pause, err))
			return false;
	}
}

/* The id of the own playlist with that title, the first that is listed; "" when none has. */
static bool
find_playlist(YouTube *youtube, const char *title, char id[YOUTUBE_ID_SIZE], Error *err)
{
	char next[256] = "";

	id[0] = '\0';
	for (int page = 0; page < PAGES_MOST; page++)
	{
		CLEANUP(json) cJSON *answer = NULL;
		const cJSON *playlist;

		if (!youtube_get(youtube, "/playlists",
						 (const char *const[]){
							 "part", "snippet", "mine", "true", "maxResults", "50",
							 next[0] != '\0' ? "pageToken" : NULL, next, NULL},
						 "list own playlists", &answer, err))
			return false;
		cJSON_ArrayForEach(
			playlist,
			json_at(answer, "items")) if (id[0] == '\0' &&
										  strcmp(json_text(playlist, "snippet.title", ""),
												 title) == 0)
			snprintf(id, YOUTUBE_ID_SIZE, "%s", json_text(playlist, "id", ""));
		snprintf(next, sizeof next, "%s", json_text(answer, "nextPageToken", ""));
		if (id[0] != '\0' || next[0] == '\0')
			return true;
	}
	return error_set(err, ERROR_PERMANENT, "too_many_playlists", "Name it by its id.",
					 "the list of own playlists on YouTube has no end");
}

/* Videos that can be seen by link are in a playlist that can be, too. */
static bool
make_playlist(YouTube *youtube, const char *title, char id[YOUTUBE_ID_SIZE], Error *err)
{
	const cJSON *settings = publication_settings(youtube->publication);
	const char *privacy = json_text(settings, "privacy", "unlisted");
	CLEANUP(json) cJSON *playlist = cJSON_CreateObject();
	CLEANUP(json) cJSON *answer = NULL;

	cJSON_AddStringToObject(cJSON_AddObjectToObject(playlist, "snippet"), "title", title);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(playlist, "status"), "privacyStatus",
							privacy);
	if (!post_json(youtube, "/playlists", "snippet,status", playlist, "make the playlist",
				   &answer, err))
		return false;
	snprintf(id, YOUTUBE_ID_SIZE, "%s", json_text(answer, "id", ""));
	return id[0] != '\0' ||
		   error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
					 "YouTube made a playlist and did not say what it is called");
}

/* The playlist that the settings name, by id or by title; "" when they name none. */
static bool
choose_playlist(YouTube *youtube, char id[YOUTUBE_ID_SIZE], Error *err)
{
	const cJSON *settings = publication_settings(youtube->publication);
	const char *title = json_text(settings, "playlist_title", "");
	double pause;

	snprintf(id, YOUTUBE_ID_SIZE, "%s", json_text(settings, "playlist_id", ""));
	if (id[0] != '\0' || title[0] == '\0')
		return true;
	for (int round = 1;; round++)
	{
		*err = (Error){.class = ERROR_NONE};
		if (!find_playlist(youtube, title, id, err))
			return false;
		if (id[0] != '\0' || make_playlist(youtube, title, id, err))
			return true;
		if (round == ROUNDS || !youtube_may_pass(err, round, &pause) ||
			!youtube_wait(youtube, pause, err))
			return false;
	}
}

/* Out of the playlist that an earlier publication put it into. */
static bool
leave_playlist(YouTube *youtube, const char *entry, Error *err)
{
	CLEANUP(buffer) Buffer url;
	Call call;

	buffer_init(&url);
	youtube_url(&url, youtube->api, "/playlistItems",
				(const char *const[]){"id", entry, NULL});
	call = CALL("DELETE", url.data);
	return youtube_ask(youtube, &call, "take the video out of the playlist", NULL, err) ||
		   err->status == 404;
}

static bool
do_playlist(YouTube *youtube, const char *video, Error *err)
{
	cJSON *done = youtube_done(youtube);
	const char *old = json_text(done, "playlist_id", "");
	const char *entry = json_text(done, "playlist_item", "");
	char playlist[YOUTUBE_ID_SIZE];
	char id[YOUTUBE_ID_SIZE];

	if (!choose_playlist(youtube, playlist, err))
		return false;
	if (strcmp(playlist, old) == 0)
		return true;
	if (entry[0] != '\0' && !leave_playlist(youtube, entry, err))
		return false;
	id[0] = '\0';
	if (playlist[0] != '\0' && !put_into(youtube, playlist, video, id, err))
		return false;
	json_put(done, "playlist_id", cJSON_CreateString(playlist));
	json_put(done, "playlist_item", cJSON_CreateString(id));
	return youtube_save(youtube, err);
}

static bool
send_thumbnail(YouTube *youtube, const char *video, const cJSON *poster, Error *err)
{
	CLEANUP(buffer) Buffer url;
	CLEANUP(close) int fd = -1;
	char type[96];
	int64_t bytes;
	Call call;

	if (!storage_open(youtube->publication->storage, json_text(poster, "uri", ""), &fd,
					  &bytes, err))
		return false;
	if (bytes > THUMBNAIL_MOST)
		return error_set(err, ERROR_INPUT, "thumbnail_too_large",
						 "Set a smaller picture in YouTube Studio, or switch thumbnail "
						 "off in the preset.",
						 "the poster has %lld bytes, YouTube takes %lld",
						 (long long) bytes, (long long) THUMBNAIL_MOST);
	buffer_init(&url);
	youtube_url(&url, youtube->upload, "/thumbnails/set",
				(const char *const[]){"videoId", video, "uploadType", "media", NULL});
	snprintf(type, sizeof type, "Content-Type: %s",
			 json_text(poster, "media_type", "image/jpeg"));
	call = CALL("POST", url.data);
	call.headers = (const char *const[]){type, NULL};
	call.body_fd = fd;
	call.body_bytes = bytes;
	return youtube_ask(youtube, &call, "take the thumbnail", NULL, err);
}

static bool
do_thumbnail(YouTube *youtube, const char *video, Error *err)
{
	const cJSON *poster = lesson_artifact(youtube->publication->input, "poster");
	cJSON *done = youtube_done(youtube);
	const char *sha256 = json_text(poster, "sha256", "");

	if (poster == NULL ||
		(sha256[0] != '\0' && strcmp(json_text(done, "thumbnail", ""), sha256) == 0))
		return true;
	if (!send_thumbnail(youtube, video, poster, err))
		return false;
	json_put(done, "thumbnail", cJSON_CreateString(sha256));
	return youtube_save(youtube, err);
}

static const struct
{
	const char *name;
	const char *setting; /* false there switches it off */
	const char *step;
	bool (*run)(YouTube *youtube, const char *video, Error *err);
} extras[] = {
	{"playlist",  NULL,        "adding to the playlist on YouTube", do_playlist     },
	{"thumbnail", "thumbnail", "setting the thumbnail on YouTube",  do_thumbnail    },
	{"captions",  "captions",  "adding subtitles on YouTube",       youtube_captions},
};

bool
youtube_extras(YouTube *youtube, const char *video, Error *err)
{
	const cJSON *settings = publication_settings(youtube->publication);
	const size_t count = sizeof extras / sizeof extras[0];

	for (size_t i = 0; i < count; i++)
	{
		youtube->fraction = 0.9 + 0.1 * (double) i / (double) count;
		youtube->step = extras[i].step;
		*err = (Error){.class = ERROR_NONE};
		if ((extras[i].setting != NULL &&
			 !json_bool(settings, extras[i].setting, true)) ||
			extras[i].run(youtube, video, err))
			continue;
		if (youtube_must_stop(err))
			return false;
		publication_warn(youtube->target, extras[i].name, err);
	}
	return true;
}
