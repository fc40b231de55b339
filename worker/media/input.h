/*
 * media/input.h
 *	  Opens an untrusted recording, given as a descriptor, for demuxing.
 *
 * libav sees the bytes through our own reader and nothing else: no file names, no
 * protocols, only the demuxers of a list without playlists. "Source time" everywhere means
 * seconds since the first time stamp of the file.
 */
#ifndef LEAP_MEDIA_INPUT_H
#define LEAP_MEDIA_INPUT_H

#include "media/arrival.h"
#include "media/libav.h"
#include "media/structure.h"

typedef struct MediaInput
{
	int fd;
	Arrival arrival;
	int64_t position;   /* of the reader */
	int64_t bytes_read; /* in all */
	int read_errno;     /* of the last read that failed, or 0 */
	int64_t bad_reads;  /* packets that libav failed over in input_read */
	int64_t
		bad_at; /* place in the file of the last ones of them: of the first of a row */
	Structure structure;
	bool in_one_pass;
	AVIOContext *io;
	AVFormatContext *format;
	int64_t origin; /* the time stamp that is source time 0, in AV_TIME_BASE units */
} MediaInput;

/*
 * input_inspect fills fd and structure only; false with code "not_media" for what is no
 * media at all. input_open does both steps and fails with class input where libav finds
 * nothing to demux. Either way input_close releases everything.
 *
 * input_inspect_arriving is for a file that is still being fetched, and for one that is to be
 * read from its beginning to its end: the fragments of an MP4 are then looked at as they come,
 * by libav and, behind the last packet, by input_complete, which waits for the end of the file
 * and completes the structure. arrival_fd is the socket to the fetcher, -1 when all is there.
 */
bool input_inspect(MediaInput *input, int fd, Error *err);
bool input_open(MediaInput *input, int fd, Error *err);
bool input_inspect_arriving(MediaInput *input, int fd, int arrival_fd, Error *err);
bool input_complete(MediaInput *input, Error *err);

/* The second half of input_open, after input_inspect. */
bool input_demux(MediaInput *input, Error *err);
void input_close(MediaInput *input);

/* What input_read found. */
typedef enum InputRead
{
	INPUT_PACKET,
	INPUT_END, /* of the file, or of what can be read: input->bad_reads has grown then */
	INPUT_FAILED /* *err is filled, class transient: no memory, or the bytes cannot be read */
} InputRead;

/* Reads the next packet. What libav fails over is passed by, a hundred times in a row. */
InputRead input_read(MediaInput *input, AVPacket *packet, Error *err);

/* Source time of a time stamp of a stream; 0 for AV_NOPTS_VALUE. */
double input_time(const MediaInput *input, const AVStream *stream, int64_t timestamp);

/* The time stamp of a source time, in the stream's time base. */
int64_t input_timestamp(const MediaInput *input, const AVStream *stream, double time);

/* The duration that the header names, in seconds; 0 when it names none. */
double input_duration(const MediaInput *input);

/* "mp4", "webm", "mkv", "mp3", ... */
const char *input_container(const MediaInput *input);

/* The stream of pictures (not a cover image), or NULL. */
AVStream *input_video(const MediaInput *input);

static inline void
cleanup_input(MediaInput *input)
{
	input_close(input);
}

#endif
