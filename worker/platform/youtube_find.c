/*
 * platform/youtube_find.c
 *	  Looking for a video of ours among the uploads of the channel.
 *
 * Uploads are a playlist of the channel, private ones included for the owner; search.list,
 * which could look for words, is an index that lags behind and has a small quota of its own.
 * The list comes newest first, but nothing promises that: only a page on which everything is
 * older ends the walk.
 */
#include "platform/youtube_find.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"

/* Pages of 50, as many as a playlist is said to show. */
#define PAGES_MOST 400

static bool
own_channel(YouTube *youtube, const char *part, cJSON **channel, Error *err)
{
	CLEANUP(json) cJSON *answer = NULL;

	if (!youtube_get(youtube, "/channels",
					 (const char *const[]){"part", part, "mine", "true", NULL},
					 "tell the account's channel", &answer, err))
		return false;
	*channel = cJSON_DetachItemFromArray(cJSON_GetObjectItem(answer, "items"), 0);
	return *channel != NULL ||
		   error_set(err, ERROR_CREDENTIAL, "no_channel",
					 "Sign in to YouTube with this account and create a channel; then "
					 "authorise again.",
					 "the account has no YouTube channel");
}

bool
youtube_channel(YouTube *youtube, cJSON **facts, Error *err)
{
	CLEANUP(json) cJSON *channel = NULL;

	if (!own_channel(youtube, "id,snippet", &channel, err))
		return false;
	*facts = cJSON_CreateObject();
	cJSON_AddStringToObject(*facts, "account", json_text(channel, "id", ""));
	cJSON_AddStringToObject(*facts, "title", json_text(channel, "snippet.title", ""));
	return true;
}

/* The videos of a page as "id,id,id"; *newer is whether one is as young as since. */
static void
take_page(const cJSON *page, const char *since, Buffer *ids, bool *newer)
{
	const cJSON *item;

	*newer = false;
	cJSON_ArrayForEach(item, json_at(page, "items"))
	{
		const char *id = json_text(item, "contentDetails.videoId", "");
		const char *added = json_text(item, "snippet.publishedAt", "");

		/* both are of the form 2026-11-20…: their order is that of time */
		if (added[0] != '\0' && strncmp(added, since, strlen(since)) < 0)
			continue;
		*newer = true;
		if (id[0] != '\0')
			buffer_printf(ids, "%s%s", ids->length > 0 ? "," : "", id);
	}
}

static bool
has_tag(const cJSON *video, const char *marker)
{
	const cJSON *tag;

	cJSON_ArrayForEach(
		tag, json_at(video, "snippet.tags")) if (cJSON_IsString(tag) &&
												 strcmp(tag->valuestring, marker) ==
													 0) return true;
	return false;
}

static bool
look_at(YouTube *youtube, const char *ids, const char *marker, char id[YOUTUBE_ID_SIZE],
		Error *err)
{
	CLEANUP(json) cJSON *answer = NULL;
	const cJSON *video;

	if (ids[0] == '\0')
		return true;
	if (!youtube_get(youtube, "/videos",
					 (const char *const[]){"part", "snippet", "id", ids, NULL},
					 "show own videos", &answer, err))
		return false;
	cJSON_ArrayForEach(video, json_at(answer, "items")) if (has_tag(video, marker))
		snprintf(id, YOUTUBE_ID_SIZE, "%s", json_text(video, "id", ""));
	return true;
}

/* One page; *next is the token of the one behind it, "" after the last. */
static bool
look_at_page(YouTube *youtube, const char *playlist, const char *marker,
			 const char *since, char next[256], char id[YOUTUBE_ID_SIZE], Error *err)
{
	CLEANUP(json) cJSON *page = NULL;
	CLEANUP(buffer) Buffer ids;
	bool newer;

	buffer_init(&ids);
	if (!youtube_get(youtube, "/playlistItems",
					 (const char *const[]){"part", "snippet,contentDetails", "playlistId",
										   playlist, "maxResults", "50",
										   next[0] != '\0' ? "pageToken" : NULL, next,
										   NULL},
					 "list own uploads", &page, err))
	{
		/* a channel without uploads has no such playlist */
		next[0] = '\0';
		return err->status == 404;
	}
	take_page(page, since, &ids, &newer);
	snprintf(next, 256, "%s", newer ? json_text(page, "nextPageToken", "") : "");
	return look_at(youtube, ids.data, marker, id, err);
}

bool
youtube_find(YouTube *youtube, const char *marker, const char *since,
			 char id[YOUTUBE_ID_SIZE], Error *err)
{
	CLEANUP(json) cJSON *channel = NULL;
	const char *playlist;
	char next[256] = "";

	id[0] = '\0';
	if (!own_channel(youtube, "contentDetails", &channel, err) ||
		!json_need_text(channel, "contentDetails.relatedPlaylists.uploads",
						"YouTube's answer", &playlist, err))
		return false;
	for (int page = 0; page < PAGES_MOST; page++)
	{
		if (!look_at_page(youtube, playlist, marker, since, next, id, err))
			return false;
		if (id[0] != '\0' || next[0] == '\0')
			return true;
	}
	return error_set(err, ERROR_TRANSIENT, "too_many_uploads", NULL,
					 "the list of own uploads on YouTube has no end");
}
