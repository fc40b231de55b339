/*
 * platform/youtube_video.c
 *	  A lesson as YouTube describes videos.
 */
#include "platform/youtube_video.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/utf8.h"

#define CATEGORY_USUAL "27" /* Education */
#define PRIVACY_USUAL  "unlisted"
#define LICENSE_USUAL  "youtube"
#define MARKER_PREFIX  "leap:"

/* YouTube's limit on all tags: characters, with a comma between two and quotation marks
 * around one that has a blank. */
#define TAGS_MOST 500

/* What videos.update writes of a video. */
static const char *const snippet_members[] = {
	"title",           "description",          "tags", "categoryId",
	"defaultLanguage", "defaultAudioLanguage", NULL};
static const char *const status_members[] = {"privacyStatus",
											 "publishAt",
											 "license",
											 "embeddable",
											 "publicStatsViewable",
											 "selfDeclaredMadeForKids",
											 NULL};

static size_t
tag_length(const char *tag)
{
	size_t length = strchr(tag, ' ') != NULL ? 2 : 0;

	/* characters beyond the first 65,536 count as two: to count so is never too long */
	while (*tag != '\0')
		length += utf8_next(&tag) > 0xFFFF ? 2 : 1;
	return length;
}

/* Appends a tag that fits and is not there yet. */
static bool
add_tag(cJSON *tags, const char *tag, size_t *used)
{
	size_t length = tag_length(tag) + (*used > 0 ? 1 : 0);
	const cJSON *there;

	cJSON_ArrayForEach(there, tags) if (strcmp(there->valuestring, tag) == 0) return true;
	if (*used + length > TAGS_MOST)
		return false;
	*used += length;
	cJSON_AddItemToArray(tags, cJSON_CreateString(tag));
	return true;
}

static cJSON *
make_tags(YouTube *youtube, const char *marker)
{
	const cJSON *tag;
	cJSON *tags = cJSON_CreateArray();
	size_t used = 0;
	int left_out = 0;

	if (marker != NULL)
		(void) add_tag(tags, marker, &used);
	cJSON_ArrayForEach(
		tag, json_at(publication_settings(youtube->publication),
					 "tags")) if (cJSON_IsString(tag) && tag->valuestring[0] != '\0' &&
								  !add_tag(tags, tag->valuestring, &used)) left_out++;
	if (left_out > 0)
	{
		Error short_of = {0};

		error_set(&short_of, ERROR_INPUT, "tags_left_out",
				  "Give the lesson fewer or shorter tags.",
				  "%d tags do not fit into the %d characters that YouTube allows",
				  left_out, TAGS_MOST);
		publication_warn(youtube->target, "tags", &short_of);
	}
	return tags;
}

/* "2027-01-31T09:00Z" with its seconds. */
static void
take_moment(const char *text, char moment[48])
{
	const char *time = strchr(text, 'T');

	if (time != NULL && strlen(time) > 6 && time[6] != ':')
		snprintf(moment, 48, "%.*s:00%s", (int) (time + 6 - text), text, time + 6);
	else
		snprintf(moment, 48, "%s", text);
}

/* Seconds since 1970 of such a text, -1 for one that is none. */
static int64_t
seconds_of(const char *text)
{
	struct tm moment = {0};
	const char *zone = strptime(text, "%Y-%m-%dT%H:%M:%S", &moment);
	int64_t ahead = 0;

	if (zone == NULL)
		return -1;
	zone += *zone == '.' ? 1 + strspn(zone + 1, "0123456789") : 0;
	if (strptime(zone, "%z", &moment) != NULL)
		ahead = moment.tm_gmtoff;
	return (int64_t) timegm(&moment) - ahead;
}

static void
put_text(cJSON *object, const char *key, const char *value)
{
	if (value[0] != '\0')
		json_put(object, key, cJSON_CreateString(value));
}

static void
put_snippet(YouTube *youtube, cJSON *snippet, const char *marker)
{
	const cJSON *settings = publication_settings(youtube->publication);
	const char *language =
		json_text(settings, "language", json_text(settings, "default_language", ""));
	const char *name = json_text(youtube->publication->input, "recording.name", "");
	cJSON *tags = make_tags(youtube, marker);

	put_text(snippet, "title", json_text(settings, "title", name));
	json_put(snippet, "description",
			 cJSON_CreateString(json_text(settings, "description", "")));
	json_put(snippet, "tags", tags);
	if (cJSON_GetArraySize(tags) == 0) /* as YouTube shows a video without tags */
		cJSON_DeleteItemFromObjectCaseSensitive(snippet, "tags");
	put_text(snippet, "categoryId", json_text(settings, "category_id", ""));
	put_text(snippet, "defaultLanguage", language);
	put_text(snippet, "defaultAudioLanguage", language);
}

static void
put_flag(cJSON *status, const char *key, const cJSON *settings, const char *name)
{
	const cJSON *value = json_at(settings, name);

	if (cJSON_IsBool(value))
		json_put(status, key, cJSON_CreateBool(cJSON_IsTrue(value)));
}

/* What the settings say of the status, whose time of publishing is decided elsewhere. */
static void
put_status(cJSON *status, const cJSON *settings)
{
	put_text(status, "privacyStatus", json_text(settings, "privacy", ""));
	put_text(status, "license", json_text(settings, "license", ""));
	put_flag(status, "embeddable", settings, "embeddable");
	put_flag(status, "selfDeclaredMadeForKids", settings, "made_for_kids");
}

/* A time of publishing needs a private video. */
static void
schedule(cJSON *status, const char *publish_at)
{
	json_put(status, "privacyStatus", cJSON_CreateString("private"));
	json_put(status, "publishAt", cJSON_CreateString(publish_at));
}

cJSON *
youtube_new_video(YouTube *youtube, const char *marker)
{
	const cJSON *settings = publication_settings(youtube->publication);
	const char *publish_at = json_text(settings, "publish_at", "");
	cJSON *video = cJSON_CreateObject();
	cJSON *snippet = cJSON_AddObjectToObject(video, "snippet");
	cJSON *status = cJSON_AddObjectToObject(video, "status");
	char moment[48];

	cJSON_AddStringToObject(snippet, "categoryId", CATEGORY_USUAL);
	put_snippet(youtube, snippet, marker);
	cJSON_AddStringToObject(status, "privacyStatus", PRIVACY_USUAL);
	cJSON_AddStringToObject(status, "license", LICENSE_USUAL);
	cJSON_AddBoolToObject(status, "embeddable", true);
	cJSON_AddBoolToObject(status, "selfDeclaredMadeForKids", false);
	put_status(status, settings);
	take_moment(publish_at, moment);
	if (publish_at[0] != '\0')
		schedule(status, moment);
	return video;
}

static cJSON *
copy_members(const cJSON *from, const char *const *names)
{
	cJSON *copy = cJSON_CreateObject();

	for (; *names != NULL; names++)
	{
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(from, *names);

		if (value != NULL)
			cJSON_AddItemToObject(copy, *names, cJSON_Duplicate(value, true));
	}
	return copy;
}

/* The tag that LEAP gave the video, or NULL. */
static const char *
marker_of(const cJSON *snippet)
{
	const cJSON *tag;

	cJSON_ArrayForEach(
		tag, json_at(snippet, "tags")) if (cJSON_IsString(tag) &&
										   strncmp(tag->valuestring, MARKER_PREFIX,
												   strlen(MARKER_PREFIX)) ==
											   0) return tag->valuestring;
	return NULL;
}

/* The schedule of a video that is there. One that is public, or was put back by a person, is
 * not scheduled again: YouTube takes that for videos only that were never published. */
static void
reschedule(cJSON *status, const cJSON *old, const cJSON *settings, int64_t now)
{
	const char *publish_at = json_text(settings, "publish_at", "");
	const char *privacy = json_text(old, "privacyStatus", "");
	char moment[48];
	int64_t wanted;

	if (publish_at[0] == '\0')
	{
		if (strcmp(json_text(status, "privacyStatus", ""), "private") != 0)
			cJSON_DeleteItemFromObjectCaseSensitive(status, "publishAt");
		return;
	}
	take_moment(publish_at, moment);
	wanted = seconds_of(moment);
	json_put(status, "privacyStatus", cJSON_CreateString(privacy));
	if (strcmp(privacy, "private") != 0 || wanted < 0 || wanted <= now ||
		wanted == seconds_of(json_text(old, "publishAt", "")))
		return;
	schedule(status, moment);
}

cJSON *
youtube_changed_video(YouTube *youtube, const cJSON *current)
{
	const cJSON *settings = publication_settings(youtube->publication);
	CLEANUP(json)
	cJSON *old_snippet = copy_members(json_at(current, "snippet"), snippet_members);
	CLEANUP(json)
	cJSON *old_status = copy_members(json_at(current, "status"), status_members);
	CLEANUP(json) cJSON *snippet = cJSON_Duplicate(old_snippet, true);
	CLEANUP(json) cJSON *status = cJSON_Duplicate(old_status, true);
	cJSON *video;

	put_snippet(youtube, snippet, marker_of(old_snippet));
	put_status(status, settings);
	reschedule(status, old_status, settings, youtube->now);
	if (cJSON_Compare(snippet, old_snippet, true) &&
		cJSON_Compare(status, old_status, true))
		return NULL;
	video = cJSON_CreateObject();
	cJSON_AddStringToObject(video, "id", json_text(current, "id", ""));
	cJSON_AddItemToObject(video, "snippet", snippet);
	cJSON_AddItemToObject(video, "status", status);
	snippet = status = NULL;
	return video;
}
