/*
 * platform/youtube_find.h
 *	  Looking for a video of ours among the uploads of the channel.
 */
#ifndef LEAP_PLATFORM_YOUTUBE_FIND_H
#define LEAP_PLATFORM_YOUTUBE_FIND_H

#include "platform/youtube.h"

/*
 * The id of the upload that has the tag marker, "" when none has: all uploads are looked at
 * that are not older than since ("2026-11-20"; "" = all). A video that has just come may not
 * be listed yet. Errors: those of youtube_get, and transient too_many_uploads when the end of
 * the list cannot be reached.
 */
bool youtube_find(YouTube *youtube, const char *marker, const char *since,
				  char id[YOUTUBE_ID_SIZE], Error *err);

/* Id and title of the account's channel, facts of a check; class credential, no_channel
 * when it has none. */
bool youtube_channel(YouTube *youtube, cJSON **facts, Error *err);

#endif
