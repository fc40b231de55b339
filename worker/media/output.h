/*
 * media/output.h
 *	  Writes copied packets into a container that every player and platform reads.
 *
 * MP4 is written with the index in front and without edit lists: some players and platforms
 * ignore edit lists, and a file without them looks the same everywhere. The first picture
 * lies at 0; the sound begins with the packet nearest to it.
 */
#ifndef LEAP_MEDIA_OUTPUT_H
#define LEAP_MEDIA_OUTPUT_H

#include "media/input.h"

typedef struct MediaOutput
{
	int fd;
	int64_t position;
	int64_t size;
	int write_errno;
	const char *container; /* "mp4", "webm", "mkv" */
	AVIOContext *io;
	AVFormatContext *format;
	int stream_of[32]; /* by input stream index: output stream index, -1: not copied */
} MediaOutput;

/* The container for these codecs; either stream may be NULL, not both. */
const char *output_container(const AVStream *video, const AVStream *audio);

/* Prepares a file with copies of these streams and writes its header. */
bool output_open(MediaOutput *output, int fd, const AVStream *video,
				 const AVStream *audio, Error *err);

/* Moves the packet, whose time stamps are relative to the start of the output and still in
 * the time base of the input stream, into the file. */
bool output_write(MediaOutput *output, const AVStream *from, AVPacket *packet,
				  Error *err);

/* Completes the file and syncs it. */
bool output_finish(MediaOutput *output, Error *err);
void output_close(MediaOutput *output);

static inline void
cleanup_output(MediaOutput *output)
{
	output_close(output);
}

#endif
