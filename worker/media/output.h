/*
 * media/output.h
 *	  Writes packets into a container that every player and platform reads.
 *
 * MP4 is written with the index in front and without edit lists: some players and platforms
 * ignore edit lists, and a file without them looks the same everywhere. The first picture
 * lies at 0; the sound begins with the packet nearest to it.
 *
 * The bytes are written once: room for the index is left in front, and what is over becomes a
 * free box. A caller whose guess was too small is told so and writes again, which is rare.
 */
#ifndef LEAP_MEDIA_OUTPUT_H
#define LEAP_MEDIA_OUTPUT_H

#include "media/input.h"

/* The code of the error of output_finish when the index does not fit into its room. */
#define OUTPUT_NO_ROOM "index_room"

typedef enum OutputKind
{
	OUTPUT_VIDEO,
	OUTPUT_AUDIO,
	OUTPUT_KINDS
} OutputKind;

/* A track to be written; one without parameters is none. */
typedef struct OutputTrack
{
	const AVCodecParameters *parameters;
	AVRational time_base;  /* of the packets that will be written */
	AVRational rate;       /* pictures a second, or {0} */
	const AVStream *like;  /* gives language and the way to show; may be NULL */
	const uint8_t *record; /* replaces the codec's configuration; may be NULL */
	size_t record_size;
	int64_t packets; /* about how many: decides on the room for the index */
} OutputTrack;

typedef struct OutputMp4 OutputMp4;

typedef struct MediaOutput
{
	int fd;
	int64_t position; /* of libav's writing */
	int64_t size;     /* of the file */
	int64_t room;     /* MP4: bytes in front of the media */
	int64_t index;    /* MP4: bytes of the index, once known */
	OutputMp4 *mp4;   /* NULL: libav writes the file by itself */
	int write_errno;
	const char *container; /* "mp4", "webm", "mkv" */
	AVIOContext *io;
	AVFormatContext *format;
	AVStream *streams[OUTPUT_KINDS];
	AVRational time_bases[OUTPUT_KINDS]; /* of the packets given */
	bool begun[OUTPUT_KINDS];
	int64_t
		pictures_end; /* MP4: the last picture stands until then, if that is longer than
						   * its packet says; in the time base of the packets */
} MediaOutput;

/* The container for these codecs; AV_CODEC_ID_NONE: no such track. */
const char *output_container(enum AVCodecID video, enum AVCodecID audio);

/* A track that is a copy of a stream; of none for NULL. */
OutputTrack output_copy_of(const AVStream *stream);

/*
 * Prepares a file with these tracks, by OutputKind, and writes its header. least_room is the
 * size of the index that a try before needed, or 0.
 */
bool output_open(MediaOutput *output, int fd, const OutputTrack *tracks,
				 int64_t least_room, Error *err);

/* Moves the packet, whose time stamps are relative to the start of the output and in the time
 * base of its track, into the file. */
bool output_write(MediaOutput *output, OutputKind kind, AVPacket *packet, Error *err);

/*
 * Completes the file and syncs it. Fails with code OUTPUT_NO_ROOM, class transient, when the
 * index, of output->index bytes, does not fit into its room.
 */
bool output_finish(MediaOutput *output, Error *err);
void output_close(MediaOutput *output);

static inline void
cleanup_output(MediaOutput *output)
{
	output_close(output);
}

#endif
