/*
 * platform/youtube_session.h
 *	  One resumable upload session: begun, asked, and given the bytes it lacks.
 */
#ifndef LEAP_PLATFORM_YOUTUBE_SESSION_H
#define LEAP_PLATFORM_YOUTUBE_SESSION_H

#include "platform/youtube.h"

typedef struct Session
{
	YouTube *youtube;
	int fd;
	int64_t bytes;
	const char *media_type;
	double from, to;             /* which part of the task its bytes are */
	bool unheard;                /* a last piece was sent that was not answered */
	char video[YOUTUBE_ID_SIZE]; /* the id, when it is done */
} Session;

typedef enum SessionEnd
{
	SESSION_DONE,
	SESSION_GONE,  /* YouTube no longer knows it; unheard tells whether it may be done */
	SESSION_FAILED /* *err tells */
} SessionEnd;

/* Begins one with the video's description, and stores its URI in the state. */
bool session_begin(const Session *session, const cJSON *resource, Error *err);

/* Sends what the session of the state lacks. fresh: it is known to have nothing. */
SessionEnd session_send(Session *session, bool fresh, Error *err);

#endif
