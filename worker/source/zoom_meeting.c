/*
 * source/zoom_meeting.c
 *	  What a meeting of Zoom's interface has: parts in time, each in several views.
 */
#include "source/zoom.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "source/key.h"
#include "source/moment.h"
#include "source/name.h"

#define MINUTE       60.0
#define LONGEST_MARK 60 /* bytes of recording_start and of a file's id */

/* Of leap.source_options(): for who asks without a configuration. */
static const char *const usual_views[] = {
	"shared_screen_with_speaker_view",
	"shared_screen_with_speaker_view(CC)",
	"shared_screen_with_gallery_view",
	"shared_screen",
	"active_speaker",
	"gallery_view",
};
#define USUAL_VIEWS ((int) (sizeof usual_views / sizeof usual_views[0]))

/* How far down the order of views it is; one that is not named comes last. */
static int
view_place(const char *view, const cJSON *views)
{
	int count = cJSON_IsArray(views) ? cJSON_GetArraySize(views) : USUAL_VIEWS;

	for (int i = 0; i < count; i++)
	{
		const cJSON *named = cJSON_IsArray(views) ? cJSON_GetArrayItem(views, i) : NULL;

		if (strcmp(view, named == NULL           ? usual_views[i]
						 : cJSON_IsString(named) ? named->valuestring
												 : "") == 0)
			return i;
	}
	return count;
}

static bool
is_type(const cJSON *file, const char *type)
{
	return strcasecmp(json_text(file, "file_type", ""), type) == 0;
}

static bool
is_done(const cJSON *file)
{
	return strcasecmp(json_text(file, "status", "completed"), "completed") == 0;
}

/* Pictures are recordings; sound alone is one where its view is named. */
static bool
is_wanted(const cJSON *file, const cJSON *views)
{
	const char *view = json_text(file, "recording_type", "");

	return is_type(file, "MP4") || (is_type(file, "M4A") && cJSON_IsArray(views) &&
									view_place(view, views) < cJSON_GetArraySize(views));
}

static bool
is_better(const cJSON *one, const cJSON *other, const cJSON *views)
{
	return view_place(json_text(one, "recording_type", ""), views) <
		   view_place(json_text(other, "recording_type", ""), views);
}

/* Puts a file where its time is; another view of the same time gives way to a better one. */
static void
place_file(const cJSON *file, const cJSON *views, ZoomMeeting *read)
{
	const char *begins = json_text(file, "recording_start", "");
	size_t at = 0;

	while (at < read->count && strcmp(read->parts[at].begins, begins) < 0)
		at++;
	if (at < read->count && strcmp(read->parts[at].begins, begins) == 0)
	{
		if (is_better(file, read->parts[at].file, views))
			read->parts[at].file = file;
		return;
	}
	if (read->count == ZOOM_PARTS_MOST)
		return;
	memmove(read->parts + at + 1, read->parts + at,
			(read->count - at) * sizeof read->parts[0]);
	read->parts[at] = (ZoomPart){.file = file, .begins = begins};
	read->count++;
}

/* Could this, when it is done, be what is taken of its time? What has no type, view or time yet
 * may become anything. */
static bool
may_be_chosen(const cJSON *file, const cJSON *views, const ZoomMeeting *read)
{
	const char *begins = json_text(file, "recording_start", "");

	if (!is_type(file, "") && !is_wanted(file, views))
		return false;
	if (json_text(file, "recording_type", "")[0] == '\0' || begins[0] == '\0')
		return true;
	for (size_t i = 0; i < read->count; i++)
		if (strcmp(read->parts[i].begins, begins) == 0)
			return is_better(file, read->parts[i].file, views);
	return true;
}

void
zoom_meeting_read(const cJSON *meeting, const cJSON *views, ZoomMeeting *read)
{
	const cJSON *file;
	const cJSON *files = json_at(meeting, "recording_files");

	read->count = 0;
	cJSON_ArrayForEach(file, files)
	{
		if (is_done(file) && is_wanted(file, views) &&
			json_text(file, "download_url", "")[0] != '\0')
			place_file(file, views, read);
	}
	read->ready = read->count > 0;
	cJSON_ArrayForEach(file, files)
	{
		if (!is_done(file) && may_be_chosen(file, views, read))
			read->ready = false;
	}
}

static void
add_text(cJSON *object, const char *key, const char *value)
{
	char tidy[NAME_SIZE];

	name_tidy(value, tidy);
	if (tidy[0] != '\0')
		cJSON_AddStringToObject(object, key, tidy);
}

/* What people and templates may want to know; no link and no passcode. */
static cJSON *
metadata_of(const cJSON *meeting)
{
	cJSON *metadata = cJSON_CreateObject();
	const cJSON *id = json_at(meeting, "id");
	char number[32];

	if (cJSON_IsNumber(id))
	{
		snprintf(number, sizeof number, "%.0f", cJSON_GetNumberValue(id));
		cJSON_AddStringToObject(metadata, "meeting_id", number);
	}
	else
		add_text(metadata, "meeting_id", json_text(meeting, "id", ""));
	add_text(metadata, "topic", json_text(meeting, "topic", ""));
	add_text(metadata, "host_email", json_text(meeting, "host_email", ""));
	add_text(metadata, "host_id", json_text(meeting, "host_id", ""));
	add_text(metadata, "account_id", json_text(meeting, "account_id", ""));
	add_text(metadata, "timezone", json_text(meeting, "timezone", ""));
	return metadata;
}

static bool
is_usual(const cJSON *views)
{
	const cJSON *view;
	int at = 0;

	cJSON_ArrayForEach(view, views)
	{
		if (at == USUAL_VIEWS || !cJSON_IsString(view) ||
			strcmp(view->valuestring, usual_views[at]) != 0)
			return false;
		at++;
	}
	return !cJSON_IsArray(views) || at == USUAL_VIEWS;
}

/* With the views that are wanted, if they are not the usual ones: a file may be gone when it
 * is fetched, and another view of the same time is there. */
static cJSON *
source_of(const char *uuid, const cJSON *views)
{
	cJSON *source = cJSON_CreateObject();

	cJSON_AddStringToObject(source, "type", "zoom");
	cJSON_AddStringToObject(source, "meeting", uuid);
	if (!is_usual(views))
		cJSON_AddItemToObject(source, "views", cJSON_Duplicate(views, true));
	return source;
}

/* The day on which Zoom deletes it, if it does. */
static double
expires(const cJSON *meeting)
{
	return json_bool(meeting, "auto_delete", true)
			   ? moment_read(json_text(meeting, "auto_delete_date", ""))
			   : -1;
}

static Item
item_of(const cJSON *meeting, const char *uuid, const cJSON *views)
{
	Item item = ITEM_UNKNOWN;
	const char *topic = json_text(meeting, "topic", "");

	item.name = topic[strspn(topic, " \t\r\n")] != '\0' ? topic : "Zoom meeting";
	item.file = item.name;
	item.start_time = moment_read(json_text(meeting, "start_time", ""));
	item.expires = expires(meeting);
	item.metadata = metadata_of(meeting);
	item.source = source_of(uuid, views);
	return item;
}

/* A part of a meeting; one of several says which. */
static bool
list_part(const cJSON *meeting, const cJSON *views, const ZoomMeeting *read, size_t at,
		  Listing *listing)
{
	const char *uuid = json_text(meeting, "uuid", "");
	const ZoomPart *part = &read->parts[at];
	double begins = moment_read(part->begins);
	double ends = moment_read(json_text(part->file, "recording_end", ""));
	Item item = item_of(meeting, uuid, views);
	char key[KEY_SIZE];
	char placeholder[KEY_SIZE];
	char name[NAME_SIZE];

	snprintf(key, sizeof key, "zoom:%.300s:%.60s", uuid, part->begins);
	snprintf(placeholder, sizeof placeholder, "zoom:%.300s", uuid);
	item.key = key;
	item.placeholder = at == 0 ? placeholder : NULL;
	item.start_time = begins >= 0 ? begins : item.start_time;
	if (begins >= 0 && ends > begins)
		item.duration = ends - begins;
	else if (read->count == 1 && json_number(meeting, "duration", 0) > 0)
		item.duration = MINUTE * json_number(meeting, "duration", 0);
	item.bytes = json_int64(part->file, "file_size", -1);
	if (read->count > 1)
	{
		snprintf(name, sizeof name, "%.1900s (part %zu of %zu)", item.name, at + 1,
				 read->count);
		item.name = name;
		cJSON_AddNumberToObject(item.metadata, "part", (double) at + 1);
		cJSON_AddNumberToObject(item.metadata, "parts", (double) read->count);
	}
	add_text(item.metadata, "view", json_text(part->file, "recording_type", ""));
	cJSON_AddStringToObject(item.source, "recording_start", part->begins);
	if (json_text(part->file, "id", "")[0] != '\0')
		cJSON_AddStringToObject(item.source, "file", json_text(part->file, "id", ""));
	return listing_add(listing, &item);
}

/* What says which part it is goes into the database as it is. */
static bool
is_tellable(const cJSON *file)
{
	static const char *const texts[] = {"recording_start", "id"};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
	{
		const char *text = json_text(file, texts[i], "");

		if (strlen(text) > LONGEST_MARK || !name_is_text(text))
			return false;
	}
	return true;
}

/* How long it is and how many parts it has is not known before it is ready. */
static bool
list_pending(const cJSON *meeting, const char *uuid, const cJSON *views, Listing *listing)
{
	Item item = item_of(meeting, uuid, views);
	char key[KEY_SIZE];
	char parts[KEY_SIZE + 1];

	snprintf(key, sizeof key, "zoom:%.300s", uuid);
	item.key = key;
	snprintf(parts, sizeof parts, "%s:", key);
	item.parts = parts;
	item.pending = true;
	return listing_add(listing, &item);
}

bool
zoom_meeting_list(const cJSON *meeting, const cJSON *views, Listing *listing)
{
	const char *uuid = json_text(meeting, "uuid", "");
	ZoomMeeting read;

	if (uuid[0] == '\0' || strlen(uuid) > 300 || !name_is_text(uuid))
	{
		listing_problem(listing, "a meeting without a usable uuid: %.200s",
						json_text(meeting, "topic", "no topic"));
		return true;
	}
	zoom_meeting_read(meeting, views, &read);
	if (!read.ready)
	{
		listing->seen++;
		return list_pending(meeting, uuid, views, listing);
	}
	for (size_t i = 0; i < read.count; i++)
	{
		listing->seen++;
		if (!is_tellable(read.parts[i].file))
			listing_problem(
				listing,
				"a file of \"%.200s\" whose id or recording_start is too long "
				"or no text",
				json_text(meeting, "topic", "no topic"));
		else if (!list_part(meeting, views, &read, i, listing))
			return false;
	}
	return true;
}
