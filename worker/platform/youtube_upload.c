/*
 * platform/youtube_upload.c
 *	  Bringing a video to YouTube once, whatever happens on the way.
 */
#include "platform/youtube_upload.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/path.h"
#include "platform/youtube_find.h"
#include "platform/youtube_session.h"

#define FROM 0.02
#define TO   0.9

#define MARKER_PREFIX "leap:"
#define MARKER_DIGITS 16

/* New sessions in one attempt; a service that loses so many is ill. */
#define SESSIONS_MOST 3

/* Looks for a video that may be there: in one attempt, with these pauses, and in all. */
#define LOOKS_AT_ONCE 4
#define LOOKS_MOST    12
static const double look_pauses[LOOKS_AT_ONCE] = {0, 1, 2, 4};

/* How long the next attempt is to wait, after so many looks in vain. */
#define LOOK_AGAIN_AFTER(looks) ((looks) < 8 ? 60.0 : 600.0)

static int
count_of(const cJSON *state, const char *key)
{
	return (int) json_number(state, key, 0);
}

static void
drop(cJSON *state, const char *const *keys)
{
	for (; *keys != NULL; keys++)
		cJSON_DeleteItemFromObjectCaseSensitive(state, *keys);
}

/* What belongs to a session, and to a video. */
static const char *const of_session[] = {"session", "since", "last", "looks", NULL};
static const char *const of_video[] = {"marker", "sha256", "bytes", "session", "since",
									   "last",   "looks",  "video", "done",    NULL};

bool
youtube_delete(YouTube *youtube, const char *id, Error *err)
{
	CLEANUP(buffer) Buffer url;
	Call call;

	buffer_init(&url);
	youtube_url(&url, youtube->api, "/videos", (const char *const[]){"id", id, NULL});
	call = CALL("DELETE", url.data);
	return youtube_ask(youtube, &call, "delete the video", NULL, err) ||
		   err->status == 404;
}

/* The id is known: it is stored, and the right to write to the session forgotten. */
static bool
note_video(YouTube *youtube, const char *id, Error *err)
{
	drop(youtube->state, of_session);
	json_put(youtube->state, "video", cJSON_CreateString(id));
	return youtube_save(youtube, err);
}

static bool
doubt(YouTube *youtube, int looks, Error *err)
{
	if (looks >= LOOKS_MOST)
		return error_set(
			err, ERROR_PERMANENT, "outcome_unknown",
			"Look for it in YouTube Studio. If it is not there, retry with --anew; if it "
			"is, delete it there before, or leave the target as it is.",
			"YouTube forgot the upload after its last bytes were sent, and no video with "
			"the tag %s is listed",
			json_text(youtube->state, "marker", ""));
	error_set(
		err, ERROR_TRANSIENT, "not_listed_yet", NULL,
		"YouTube forgot the upload after its last bytes were sent; whether the video "
		"is there shows in a while");
	err->retry_after = LOOK_AGAIN_AFTER(looks);
	return false;
}

/* The session is gone and its last piece was not answered: is the video there? *id is it, or
 * the error tells that nobody knows. */
static bool
resolve(YouTube *youtube, char id[YOUTUBE_ID_SIZE], Error *err)
{
	const cJSON *state = youtube->state;
	int looks = count_of(state, "looks");

	for (int i = 0; i < LOOKS_AT_ONCE; i++)
	{
		if ((i > 0 && !youtube_wait(youtube, look_pauses[i], err)) ||
			!youtube_find(youtube, json_text(state, "marker", ""),
						  json_text(state, "since", ""), id, err))
			return false;
		if (id[0] != '\0')
			return true;
		json_put(youtube->state, "looks", cJSON_CreateNumber(++looks));
	}
	return youtube_save(youtube, err) && doubt(youtube, looks, err);
}

/* The same when the session was never told its last bytes: then there is no video, unless
 * somebody else finished it, which one look finds. */
static bool
look_once(YouTube *youtube, char id[YOUTUBE_ID_SIZE], Error *err)
{
	const cJSON *state = youtube->state;

	return youtube_find(youtube, json_text(state, "marker", ""),
						json_text(state, "since", ""), id, err);
}

static bool
find_after_loss(YouTube *youtube, bool unheard, char id[YOUTUBE_ID_SIZE], Error *err)
{
	if (!(unheard ? resolve(youtube, id, err) : look_once(youtube, id, err)))
		return false;
	drop(youtube->state, of_session);
	return true;
}

/* What an earlier attempt did with another file must not be taken for this one: a video that
 * came of it is nobody's, as the database was never told of it. */
static bool
forget_other_file(YouTube *youtube, int64_t bytes, const char *sha256, Error *err)
{
	cJSON *state = youtube->state;
	char id[YOUTUBE_ID_SIZE];

	if (cJSON_GetObjectItemCaseSensitive(state, "marker") == NULL ||
		(strcmp(json_text(state, "sha256", ""), sha256) == 0 &&
		 json_int64(state, "bytes", -1) == bytes))
		return true;
	snprintf(id, sizeof id, "%s", json_text(state, "video", ""));
	if (id[0] == '\0' && json_bool(state, "last", false) &&
		!find_after_loss(youtube, true, id, err))
		return false;
	if (id[0] != '\0' &&
		(!publication_confirm(youtube->publication, "delete the video of an older file",
							  err) ||
		 !youtube_delete(youtube, id, err)))
		return false;
	drop(state, of_video);
	return youtube_save(youtube, err);
}

static void
begin_video(YouTube *youtube, int64_t bytes, const char *sha256)
{
	char marker[sizeof MARKER_PREFIX + MARKER_DIGITS] = MARKER_PREFIX;
	cJSON *state = youtube->state;

	path_random_hex(marker + sizeof MARKER_PREFIX - 1, MARKER_DIGITS);
	drop(state, of_video);
	json_put(state, "marker", cJSON_CreateString(marker));
	json_put(state, "sha256", cJSON_CreateString(sha256));
	json_add_int64(state, "bytes", bytes);
}

/* A session that YouTube refuses for good would be refused in every attempt. */
static bool
give_up(const Session *session, Error *err)
{
	YouTube *youtube = session->youtube;
	Error unsaved = {0};

	if ((err->class == ERROR_INPUT || err->class == ERROR_PERMANENT) && !session->unheard)
	{
		drop(youtube->state, of_session);
		(void) youtube_save(youtube, &unsaved);
	}
	return false;
}

/* One session, begun or gone on with, to its end. *again: it was lost before the video was
 * made. */
static bool
run_session(Session *session, const char *sha256,
			cJSON *(*resource)(YouTube *, const char *), bool *again, Error *err)
{
	YouTube *youtube = session->youtube;
	bool fresh = cJSON_GetObjectItemCaseSensitive(youtube->state, "session") == NULL;
	/* emptied when YouTube must have forgotten it */
	bool expired = !fresh && json_text(youtube->state, "session", "")[0] == '\0';

	if (fresh)
	{
		CLEANUP(json) cJSON *described = NULL;

		begin_video(youtube, session->bytes, sha256);
		described = resource(youtube, json_text(youtube->state, "marker", ""));
		if (!session_begin(session, described, err))
			return false;
	}
	session->unheard = json_bool(youtube->state, "last", false);
	switch (expired ? SESSION_GONE : session_send(session, fresh, err))
	{
		case SESSION_DONE:
			break;
		case SESSION_GONE:
			if (!find_after_loss(youtube, session->unheard, session->video, err))
				return false;
			*again = session->video[0] == '\0';
			break;
		case SESSION_FAILED:
			return give_up(session, err);
	}
	return *again || note_video(youtube, session->video, err);
}

bool
youtube_upload(YouTube *youtube, int fd, int64_t bytes, const char *sha256,
			   const char *media_type,
			   cJSON *(*resource)(YouTube *youtube, const char *marker), Error *err)
{
	Session session = {.youtube = youtube,
					   .fd = fd,
					   .bytes = bytes,
					   .media_type = media_type,
					   .from = FROM,
					   .to = TO};

	if (bytes <= 0)
		return error_set(
			err, ERROR_INPUT, "empty_video",
			"Run the recording again from its trimming (leap run --force RECORDING).",
			"the video has no bytes");
	youtube->fraction = FROM;
	youtube->step = "uploading to YouTube";
	if (!forget_other_file(youtube, bytes, sha256, err))
		return false;
	for (int sessions = 0; sessions < SESSIONS_MOST; sessions++)
	{
		bool again = false;

		if (json_text(youtube->state, "video", "")[0] != '\0')
			return true;
		if (!run_session(&session, sha256, resource, &again, err))
			return false;
	}
	return json_text(youtube->state, "video", "")[0] != '\0' ||
		   error_set(err, ERROR_TRANSIENT, "session_lost", NULL,
					 "YouTube forgot %d uploads one after another", SESSIONS_MOST);
}
