/*
 * media/input.c
 *	  Opening an untrusted recording.
 */
#include "media/input.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "media/bytes.h"

/* libav may fail over one bad packet and go on with the next; not for ever. */
#define MAX_BAD_READS 100

#define IO_BUFFER   (64 * 1024)
#define MAX_STREAMS 32

/* Containers of recordings; nothing that can name another file. */
#define DEMUXERS \
	"mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,avi,flv,mp3,wav,flac,ogg,aac"

#define NOT_MEDIA_HINT \
	"Check the source: a link may lead to a sign-in page instead of the recording."

/* What the names of libav's demuxers are called here. */
static const struct
{
	const char *demuxer;
	const char *container;
} containers[] = {
	{"mov,mp4,m4a,3gp,3g2,mj2", "mp4"},
	{"matroska,webm",           "mkv"},
	{"mpegts",				  "ts" },
	{"mpeg",					"mpg"},
};

static int
read_input(void *opaque, uint8_t *bytes, int size)
{
	MediaInput *input = opaque;
	ssize_t got =
		arrival_read(&input->arrival, input->fd, bytes, (size_t) size, input->position);

	if (got < 0)
	{
		input->read_errno = errno;
		return AVERROR(errno);
	}
	if (got == 0)
		return AVERROR_EOF;
	input->position += got;
	input->bytes_read += got;
	return (int) got;
}

static int64_t
seek_input(void *opaque, int64_t offset, int whence)
{
	MediaInput *input = opaque;

	switch (whence & ~AVSEEK_FORCE)
	{
		case AVSEEK_SIZE:
			return input->structure.size;
		case SEEK_CUR:
			offset += input->position;
			break;
		case SEEK_END:
			offset += input->structure.size;
			break;
		default:
			break;
	}
	if (offset < 0)
		return AVERROR(EINVAL);
	input->position = offset;
	return offset;
}

static int
refuse_open(AVFormatContext *format, AVIOContext **io, const char *url, int flags,
			AVDictionary **options)
{
	(void) format;
	(void) url;
	(void) flags;
	(void) options;
	*io = NULL;
	return AVERROR(EPERM);
}

static ssize_t
read_structure(void *arg, void *bytes, size_t length, int64_t offset)
{
	MediaInput *input = arg;
	size_t have = 0;

	/* of a file that arrives, a part may be there: the length of a box is needed whole */
	while (have < length)
	{
		ssize_t got = arrival_read(&input->arrival, input->fd, (char *) bytes + have,
								   length - have, offset + (int64_t) have);

		if (got < 0)
			return -1;
		if (got == 0)
			break;
		have += (size_t) got;
	}
	input->bytes_read += (int64_t) have;
	return (ssize_t) have;
}

static bool
cannot_read(const MediaInput *input, Error *err)
{
	return error_errno(err, "read_failed", "cannot read descriptor %d", input->fd);
}

bool
input_inspect_arriving(MediaInput *input, int fd, int arrival_fd, Error *err)
{
	struct stat status;
	int64_t size;

	memset(input, 0, sizeof *input);
	input->fd = fd;
	input->in_one_pass = true;
	if (fstat(fd, &status) != 0)
		return error_errno(err, "bad_descriptor", "cannot use descriptor %d as input",
						   fd);
	if (!S_ISREG(status.st_mode))
		return error_set(err, ERROR_PERMANENT, "bad_descriptor",
						 "Pass a regular file: media is read by offset.",
						 "descriptor %d is no regular file", fd);
	arrival_init(&input->arrival, arrival_fd, status.st_size);
	size = arrival_size(&input->arrival);
	if (size < 0 || !structure_inspect(read_structure, input, size, &input->structure))
		return cannot_read(input, err);
	if (structure_complaint(input->structure.kind) != NULL)
		return error_set(err, ERROR_INPUT, "not_media", NOT_MEDIA_HINT, "%s",
						 structure_complaint(input->structure.kind));
	return true;
}

bool
input_complete(MediaInput *input, Error *err)
{
	input->io->seekable = AVIO_SEEKABLE_NORMAL;
	return (arrival_finish(&input->arrival) &&
			structure_complete(read_structure, input, &input->structure)) ||
		   cannot_read(input, err);
}

bool
input_inspect(MediaInput *input, int fd, Error *err)
{
	if (!input_inspect_arriving(input, fd, -1, err))
		return false;
	input->in_one_pass = false;
	return structure_complete(read_structure, input, &input->structure) ||
		   cannot_read(input, err);
}

static bool
open_context(MediaInput *input, Error *err)
{
	uint8_t *buffer = av_malloc(IO_BUFFER);

	if (buffer != NULL)
		input->io =
			avio_alloc_context(buffer, IO_BUFFER, 0, input, read_input, NULL, seek_input);
	if (input->io == NULL)
		av_free(buffer);
	input->format = avformat_alloc_context();
	if (input->io == NULL || input->format == NULL)
		return libav_error(err, ERROR_TRANSIENT, "out_of_memory", NULL, AVERROR(ENOMEM),
						   "cannot open the input");
	input->format->pb = input->io;
	input->format->io_open = refuse_open;
	input->format->max_streams = MAX_STREAMS;
	return true;
}

/* Blames the machine for a failed read and the file for all else. */
static bool
demux_failed(MediaInput *input, int result, Error *err)
{
	if (input->read_errno != 0)
	{
		errno = input->read_errno;
		return error_errno(err, "read_failed", "cannot read the input");
	}
	/* what libav also says of a stream too many; the machine's memory is not so short */
	if (result == AVERROR(ENOMEM))
		return error_set(err, ERROR_INPUT, "index_too_large",
						 "No lecture has as much: the file is damaged, or made to use up "
						 "the machine.",
						 "the file names more than %d streams, or more samples than "
						 "leap-media has memory for",
						 MAX_STREAMS);
	return libav_error(err, ERROR_INPUT, "not_media", NOT_MEDIA_HINT, result,
					   "no media container is recognised in the file");
}

/*
 * Tells libav not to jump about in an MP4 that is read in one pass: it would look at all
 * fragments, all over the file, before the first packet, and go back and forth between sound
 * and pictures that lie more than a second apart. It can still go back to where it must.
 */
static void
read_forwards(const MediaInput *input)
{
	if (input->in_one_pass)
		input->io->seekable = 0;
}

bool
input_demux(MediaInput *input, Error *err)
{
	int result;

	if (input->structure.kind == FILE_MP4 && !input->structure.has_index)
		return error_set(
			err, ERROR_INPUT, "no_index",
			"Fetch the recording again: its end was probably never received.",
			"the MP4 file has no index (moov); at least %lld bytes are missing",
			(long long) input->structure.missing);
	if (!open_context(input, err))
		return false;
	if (input->structure.fragmented)
		read_forwards(input);
	result = avformat_open_input(&input->format, NULL, NULL, NULL);
	if (input->structure.kind == FILE_MP4)
		read_forwards(input);
	/* AVI names decoding times alone */
	if (result >= 0 && strcmp(input->format->iformat->name, "avi") == 0)
		input->format->flags |= AVFMT_FLAG_GENPTS;
	if (result >= 0)
		result = avformat_find_stream_info(input->format, NULL);
	if (result < 0)
		return demux_failed(input, result, err);
	if (input->format->start_time != AV_NOPTS_VALUE)
		input->origin = input->format->start_time;
	return true;
}

bool
input_open(MediaInput *input, int fd, Error *err)
{
	return input_inspect(input, fd, err) && input_demux(input, err);
}

InputRead
input_read(MediaInput *input, AVPacket *packet, Error *err)
{
	for (int failures = 0; failures < MAX_BAD_READS; failures++)
	{
		int result = av_read_frame(input->format, packet);

		if (result >= 0)
			return INPUT_PACKET;
		if (input->read_errno != 0)
			result = AVERROR(input->read_errno);
		if (input->read_errno != 0 || result == AVERROR(ENOMEM))
			return libav_error(err, ERROR_TRANSIENT, "read_failed", NULL, result,
							   "cannot read the input"),
				   INPUT_FAILED;
		if (result == AVERROR_EOF)
			break;
		if (failures == 0)
			input->bad_at = avio_tell(input->io);
		input->bad_reads++;
	}
	return INPUT_END;
}

void
input_close(MediaInput *input)
{
	avformat_close_input(&input->format);
	if (input->io != NULL)
		av_freep(&input->io->buffer);
	avio_context_free(&input->io);
}

double
input_time(const MediaInput *input, const AVStream *stream, int64_t timestamp)
{
	if (timestamp == AV_NOPTS_VALUE)
		return 0.0;
	return (double) timestamp * av_q2d(stream->time_base) -
		   (double) input->origin / AV_TIME_BASE;
}

int64_t
input_timestamp(const MediaInput *input, const AVStream *stream, double time)
{
	int64_t units = (int64_t) (time * AV_TIME_BASE) + input->origin;

	return av_rescale_q(units, AV_TIME_BASE_Q, stream->time_base);
}

double
input_duration(const MediaInput *input)
{
	int64_t duration = input->format->duration;

	return duration == AV_NOPTS_VALUE || duration < 0 ? 0.0
													  : (double) duration / AV_TIME_BASE;
}

static bool
is_webm_codec(enum AVCodecID id)
{
	return id == AV_CODEC_ID_VP8 || id == AV_CODEC_ID_VP9 || id == AV_CODEC_ID_AV1 ||
		   id == AV_CODEC_ID_OPUS || id == AV_CODEC_ID_VORBIS;
}

const char *
input_container(const MediaInput *input)
{
	const AVFormatContext *format = input->format;
	const char *name = format->iformat->name;
	bool webm = input->structure.kind == FILE_MATROSKA;

	for (unsigned i = 0; i < format->nb_streams; i++)
		webm = webm && is_webm_codec(format->streams[i]->codecpar->codec_id);
	if (webm)
		return "webm";
	for (size_t i = 0; i < sizeof containers / sizeof containers[0]; i++)
		if (strcmp(containers[i].demuxer, name) == 0)
			return containers[i].container;
	return name;
}

AVStream *
input_video(const MediaInput *input)
{
	AVStream *best = NULL;

	for (unsigned i = 0; i < input->format->nb_streams; i++)
	{
		AVStream *stream = input->format->streams[i];
		bool is_picture = (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;

		if (stream->codecpar->codec_type != AVMEDIA_TYPE_VIDEO || is_picture)
			continue;
		if (best == NULL || (stream->disposition & AV_DISPOSITION_DEFAULT) >
								(best->disposition & AV_DISPOSITION_DEFAULT))
			best = stream;
	}
	return best;
}
