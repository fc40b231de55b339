/*
 * platform/youtube_captions.c
 *	  The subtitles of a lesson as caption tracks of its video.
 *
 * A track is known by language and name, and the same twice is refused (captionExists): ours
 * have a name that people do not give, so that theirs are never overwritten.
 */
#include "platform/youtube_captions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/path.h"
#include "platform/lesson.h"

#define TRACK_NAME "LEAP"

/* Larger subtitles are not ours. */
#define TRACK_MOST ((int64_t) 16 << 20)

/* Rounds of looking and sending, when it is not known whether a track came. */
#define ROUNDS 3

typedef struct Track
{
	const char *language;
	const char *uri;
	const char *sha256;
} Track;

static bool
read_track(YouTube *youtube, const Track *track, Buffer *text, Error *err)
{
	CLEANUP(close) int fd = -1;
	char piece[16384];
	int64_t size;
	ssize_t got;

	if (!storage_open(youtube->publication->storage, track->uri, &fd, &size, err))
		return false;
	if (size > TRACK_MOST)
		return error_set(err, ERROR_INPUT, "subtitles_too_large",
						 "Upload subtitles in YouTube Studio by hand.",
						 "the subtitles have %lld bytes", (long long) size);
	while ((got = read(fd, piece, sizeof piece)) != 0)
	{
		if (got < 0 && errno != EINTR)
			return error_errno(err, "read_failed", "cannot read the subtitles");
		if (got > 0)
			buffer_append(text, piece, (size_t) got);
	}
	return true;
}

/* {"snippet"} of a new track, {"id"} of one that is there. */
static cJSON *
describe(const char *video, const Track *track, const char *id)
{
	cJSON *caption = cJSON_CreateObject();
	cJSON *snippet;

	if (id[0] != '\0')
	{
		cJSON_AddStringToObject(caption, "id", id);
		return caption;
	}
	snippet = cJSON_AddObjectToObject(caption, "snippet");
	cJSON_AddStringToObject(snippet, "videoId", video);
	cJSON_AddStringToObject(snippet, "language", track->language);
	cJSON_AddStringToObject(snippet, "name", TRACK_NAME);
	return caption;
}

/* The description and the file as one multipart/related body (RFC 2387). */
static bool
make_body(YouTube *youtube, const char *video, const Track *track, const char *id,
		  const char *boundary, Buffer *body, Error *err)
{
	CLEANUP(json) cJSON *caption = describe(video, track, id);
	CLEANUP(free) char *text = json_print(caption);

	buffer_printf(body,
				  "--%s\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n%s\r\n"
				  "--%s\r\nContent-Type: application/octet-stream\r\n\r\n",
				  boundary, text, boundary);
	if (!read_track(youtube, track, body, err))
		return false;
	buffer_printf(body, "\r\n--%s--\r\n", boundary);
	return true;
}

/* Sends it once: POST makes a track, PUT replaces the one that is id. */
static bool
send_track(YouTube *youtube, const char *video, const Track *track, const char *id,
		   cJSON **answer, Error *err)
{
	CLEANUP(buffer) Buffer url;
	CLEANUP(buffer) Buffer body;
	char boundary[33];
	char type[96];
	Call call;

	buffer_init(&url);
	buffer_init(&body);
	path_random_hex(boundary, sizeof boundary - 1);
	snprintf(type, sizeof type, "Content-Type: multipart/related; boundary=%s", boundary);
	youtube_url(&url, youtube->upload, "/captions",
				(const char *const[]){"uploadType", "multipart", "part",
									  id[0] != '\0' ? "id" : "snippet", NULL});
	if (!make_body(youtube, video, track, id, boundary, &body, err))
		return false;
	call = CALL(id[0] != '\0' ? "PUT" : "POST", url.data);
	call.headers = (const char *const[]){type, NULL};
	call.body = body.data;
	call.body_length = body.length;
	return youtube_request(youtube, &call, "take the subtitles", answer, err);
}

/* The id of our track of that language, "" when there is none. */
static bool
find_track(YouTube *youtube, const char *video, const char *language,
		   char id[YOUTUBE_ID_SIZE], Error *err)
{
	CLEANUP(json) cJSON *answer = NULL;
	const cJSON *track;

	id[0] = '\0';
	if (!youtube_get(youtube, "/captions",
					 (const char *const[]){"part", "snippet", "videoId", video, NULL},
					 "list the subtitles", &answer, err))
		return false;
	cJSON_ArrayForEach(
		track,
		json_at(answer, "items")) if (strcmp(json_text(track, "snippet.language", ""),
											 language) == 0 &&
									  strcmp(json_text(track, "snippet.name", ""),
											 TRACK_NAME) == 0)
		snprintf(id, YOUTUBE_ID_SIZE, "%s", json_text(track, "id", ""));
	return true;
}

static bool
note_track(YouTube *youtube, const Track *track, const char *id, Error *err)
{
	cJSON *tracks = youtube_object(youtube_done(youtube), "captions");
	cJSON *note = cJSON_CreateObject();

	cJSON_AddStringToObject(note, "id", id);
	cJSON_AddStringToObject(note, "sha256", track->sha256);
	json_put(tracks, track->language, note);
	return youtube_save(youtube, err);
}

/* Until the track is there: what came of a request that broke, the next look tells. */
static bool
put_track(YouTube *youtube, const char *video, const Track *track, Error *err)
{
	char id[YOUTUBE_ID_SIZE];
	double pause = 0;

	for (int round = 1;; round++)
	{
		CLEANUP(json) cJSON *answer = NULL;

		*err = (Error){.class = ERROR_NONE};
		if (!find_track(youtube, video, track->language, id, err))
			return false;
		if (send_track(youtube, video, track, id, &answer, err))
			return note_track(youtube, track, json_text(answer, "id", id), err);
		/* 409: another one was quicker; 404: it is gone since we looked */
		if (round == ROUNDS || (err->status != 409 && err->status != 404 &&
								!youtube_may_pass(err, round, &pause)))
			return false;
		if (!youtube_wait(youtube, pause, err))
			return false;
	}
}

static bool
is_done(YouTube *youtube, const Track *track)
{
	const cJSON *note = cJSON_GetObjectItemCaseSensitive(
		json_at(youtube_done(youtube), "captions"), track->language);

	return track->sha256[0] != '\0' &&
		   strcmp(json_text(note, "sha256", ""), track->sha256) == 0;
}

/* The file as a track; false when it is none, or of a language that an earlier one has. */
static bool
take_file(const LessonFiles *files, size_t at, const cJSON *input, Track *track)
{
	const LessonFile *file = &files->items[at];
	const cJSON *artifact = lesson_artifact(input, file->kind);
	const char *spoken = json_text(artifact, "metadata.language", "");

	if (strncmp(file->kind, "srt", 3) != 0)
		return false;
	*track = (Track){.language = file->language != NULL ? file->language : spoken,
					 .uri = json_text(artifact, "uri", ""),
					 .sha256 = json_text(artifact, "sha256", "")};
	if (track->language[0] == '\0')
		return false;
	for (size_t i = 0; i < at; i++)
	{
		Track earlier;

		if (take_file(files, i, input, &earlier) &&
			strcmp(earlier.language, track->language) == 0)
			return false;
	}
	return true;
}

bool
youtube_captions(YouTube *youtube, const char *video, Error *err)
{
	const cJSON *input = youtube->publication->input;
	LessonFiles files;

	lesson_files_of(input, &files);
	youtube->step = "adding subtitles on YouTube";
	for (size_t i = 0; i < files.count; i++)
	{
		Track track;

		if (!take_file(&files, i, input, &track) || is_done(youtube, &track) ||
			put_track(youtube, video, &track, err))
			continue;
		if (youtube_must_stop(err))
			return false;
		publication_warn(youtube->target, "captions", err);
	}
	return true;
}
