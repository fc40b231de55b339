/*
 * platform/youtube_upload.h
 *	  Bringing a video to YouTube once, whatever happens on the way.
 *
 * An upload is a session: a URI that takes the file in pieces and answers which bytes it has.
 * The video comes into being with the last byte. Before any byte flows the URI is stored, and
 * before the last piece, that it is about to be sent; so whoever takes over goes on where the
 * session is. Only a session that is gone after its last piece was sent unanswered leaves
 * doubt: then the video is looked for by its marker (platform/youtube_find.h).
 */
#ifndef LEAP_PLATFORM_YOUTUBE_UPLOAD_H
#define LEAP_PLATFORM_YOUTUBE_UPLOAD_H

#include "platform/youtube.h"

/*
 * Uploads the file, from where earlier attempts came; does nothing when state.video is there.
 * Then state.video is the video's id, stored durably. resource makes the description of the
 * video with the marker among its tags.
 *
 * Errors beside those of requests: transient not_listed_yet, while it is not known whether
 * the video exists; permanent outcome_unknown, when that stays so; transient session_lost,
 * when YouTube forgets one session after another.
 */
bool youtube_upload(YouTube *youtube, int fd, int64_t bytes, const char *sha256,
					const char *media_type,
					cJSON *(*resource)(YouTube *youtube, const char *marker), Error *err);

/* Deletes a video; one that is not there is deleted already. */
bool youtube_delete(YouTube *youtube, const char *id, Error *err);

#endif
