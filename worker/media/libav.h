/*
 * media/libav.h
 *	  What every user of libav needs: its headers, cleanup of its objects, its errors as text.
 */
#ifndef LEAP_MEDIA_LIBAV_H
#define LEAP_MEDIA_LIBAV_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libswresample/swresample.h>

#include "base/cleanup.h"
#include "base/error.h"

static inline void
cleanup_packet(AVPacket **packet)
{
	av_packet_free(packet);
}

static inline void
cleanup_frame(AVFrame **frame)
{
	av_frame_free(frame);
}

static inline void
cleanup_codec(AVCodecContext **codec)
{
	avcodec_free_context(codec);
}

static inline void
cleanup_dict(AVDictionary **dict)
{
	av_dict_free(dict);
}

/*
 * libav_error fills *err from a libav result and returns false: running out of memory is
 * transient, a failed system call is judged as error_errno does, all else is of `class`.
 */
bool libav_error(Error *err, ErrorClass class, const char *code, const char *hint,
				 int result, const char *what);

/* Sends libav's own messages to the log: errors as warnings, at most a few dozen. */
void libav_log_to_log(void);

#endif
