/*
 * media/output.c
 *	  Writing the container of a cut.
 */
#include "media/output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "media/bytes.h"

#define IO_BUFFER (256 * 1024)

/* A sound packet longer than this cannot begin near enough to the first picture: then an
 * edit list says how much of it to skip. */
#define LONG_PACKET_SECONDS 0.050

/* Which containers hold a codec for every player that reads the container. */
static const struct
{
	enum AVCodecID codec;
	bool mp4;
	bool webm;
} holders[] = {
	{AV_CODEC_ID_H264,   true,  false},
    {AV_CODEC_ID_HEVC,   true,  false},
	{AV_CODEC_ID_MPEG4,  true,  false},
    {AV_CODEC_ID_AV1,    true,  true },
	{AV_CODEC_ID_VP9,    false, true },
    {AV_CODEC_ID_VP8,    false, true },
	{AV_CODEC_ID_AAC,    true,  false},
    {AV_CODEC_ID_MP3,    true,  false},
	{AV_CODEC_ID_MP2,    true,  false},
    {AV_CODEC_ID_AC3,    true,  false},
	{AV_CODEC_ID_EAC3,   true,  false},
    {AV_CODEC_ID_ALAC,   true,  false},
	{AV_CODEC_ID_OPUS,   false, true },
    {AV_CODEC_ID_VORBIS, false, true },
};

/* Side data that says how to show the pictures. */
static const enum AVPacketSideDataType kept_side_data[] = {
	AV_PKT_DATA_DISPLAYMATRIX,       AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
	AV_PKT_DATA_CONTENT_LIGHT_LEVEL, AV_PKT_DATA_STEREO3D,
	AV_PKT_DATA_SPHERICAL,
};

static const struct
{
	const char *container;
	const char *muxer;
} muxers[] = {
	{"mp4",  "mp4"     },
    {"webm", "webm"    },
    {"mkv",  "matroska"}
};

static void
restrict_to(const AVStream *stream, bool *mp4, bool *webm)
{
	bool in_mp4 = false;
	bool in_webm = false;

	if (stream == NULL)
		return;
	for (size_t i = 0; i < sizeof holders / sizeof holders[0]; i++)
		if (holders[i].codec == stream->codecpar->codec_id)
		{
			in_mp4 = holders[i].mp4;
			in_webm = holders[i].webm;
		}
	*mp4 = *mp4 && in_mp4;
	*webm = *webm && in_webm;
}

const char *
output_container(const AVStream *video, const AVStream *audio)
{
	bool mp4 = true;
	bool webm = true;

	restrict_to(video, &mp4, &webm);
	restrict_to(audio, &mp4, &webm);
	return mp4 ? "mp4" : webm ? "webm" : "mkv";
}

static int
write_output(void *opaque, uint8_t *bytes, int size)
{
	MediaOutput *output = opaque;

	if (!write_at(output->fd, bytes, (size_t) size, output->position))
	{
		output->write_errno = errno;
		return AVERROR(errno);
	}
	output->position += size;
	if (output->position > output->size)
		output->size = output->position;
	return size;
}

static int64_t
seek_output(void *opaque, int64_t offset, int whence)
{
	MediaOutput *output = opaque;

	switch (whence & ~AVSEEK_FORCE)
	{
		case AVSEEK_SIZE:
			return output->size;
		case SEEK_CUR:
			offset += output->position;
			break;
		case SEEK_END:
			offset += output->size;
			break;
		default:
			break;
	}
	if (offset < 0)
		return AVERROR(EINVAL);
	output->position = offset;
	return offset;
}

/* A second reader of the file being written: movenc moves the sound and pictures behind the
 * index when that is known. */
typedef struct Reread
{
	int fd;
	int64_t position;
} Reread;

static int
read_again(void *opaque, uint8_t *bytes, int size)
{
	Reread *reread = opaque;
	ssize_t got = read_at(reread->fd, bytes, (size_t) size, reread->position);

	if (got < 0)
		return AVERROR(errno);
	reread->position += got;
	return got == 0 ? AVERROR_EOF : (int) got;
}

static int64_t
seek_again(void *opaque, int64_t offset, int whence)
{
	Reread *reread = opaque;

	if (whence != SEEK_SET && whence != SEEK_CUR)
		return AVERROR(EINVAL);
	reread->position = whence == SEEK_SET ? offset : reread->position + offset;
	return reread->position;
}

static int
open_again(AVFormatContext *format, AVIOContext **io, const char *url, int flags,
		   AVDictionary **options)
{
	const MediaOutput *output = format->opaque;
	Reread *reread;
	uint8_t *buffer;

	(void) url;
	(void) options;
	*io = NULL;
	if (flags != AVIO_FLAG_READ)
		return AVERROR(EPERM);
	reread = av_mallocz(sizeof *reread);
	buffer = av_malloc(IO_BUFFER);
	if (reread != NULL && buffer != NULL)
	{
		reread->fd = output->fd;
		*io = avio_alloc_context(buffer, IO_BUFFER, 0, reread, read_again, NULL,
								 seek_again);
	}
	if (*io != NULL)
		return 0;
	av_free(reread);
	av_free(buffer);
	return AVERROR(ENOMEM);
}

static int
close_again(AVFormatContext *format, AVIOContext *io)
{
	(void) format;
	av_freep(&io->opaque);
	av_freep(&io->buffer);
	avio_context_free(&io);
	return 0;
}

static bool
open_format(MediaOutput *output, Error *err)
{
	const char *muxer = NULL;
	uint8_t *buffer = av_malloc(IO_BUFFER);
	int result;

	for (size_t i = 0; i < sizeof muxers / sizeof muxers[0]; i++)
		if (strcmp(muxers[i].container, output->container) == 0)
			muxer = muxers[i].muxer;
	if (buffer != NULL)
		output->io = avio_alloc_context(buffer, IO_BUFFER, 1, output, NULL, write_output,
										seek_output);
	if (output->io == NULL)
		av_free(buffer);
	result = avformat_alloc_output_context2(&output->format, NULL, muxer, NULL);
	if (output->io == NULL || result < 0)
		return libav_error(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						   result < 0 ? result : AVERROR(ENOMEM),
						   "cannot open the output");
	output->format->pb = output->io;
	output->format->opaque = output;
	output->format->io_open = open_again;
	output->format->io_close2 = close_again;
	output->format->flags |= AVFMT_FLAG_BITEXACT; /* names no program and no version */
	return true;
}

static bool
copy_side_data(const AVStream *from, AVStream *to)
{
	for (size_t i = 0; i < sizeof kept_side_data / sizeof kept_side_data[0]; i++)
	{
		size_t size = 0;
		const uint8_t *bytes = av_stream_get_side_data(from, kept_side_data[i], &size);
		uint8_t *copy;

		if (bytes == NULL)
			continue;
		copy = av_stream_new_side_data(to, kept_side_data[i], size);
		if (copy == NULL)
			return false;
		memcpy(copy, bytes, size);
	}
	return true;
}

static bool
add_stream(MediaOutput *output, const AVStream *from, Error *err)
{
	AVStream *to;
	const AVDictionaryEntry *language;

	if (from == NULL)
		return true;
	to = avformat_new_stream(output->format, NULL);
	if (to == NULL || avcodec_parameters_copy(to->codecpar, from->codecpar) < 0 ||
		!copy_side_data(from, to))
		return libav_error(err, ERROR_TRANSIENT, "out_of_memory", NULL, AVERROR(ENOMEM),
						   "cannot copy a stream");
	to->codecpar->codec_tag = 0; /* the muxer's own: avc1, hvc1 */
	to->time_base = from->time_base;
	to->avg_frame_rate = from->avg_frame_rate;
	to->sample_aspect_ratio = from->sample_aspect_ratio;
	to->disposition = AV_DISPOSITION_DEFAULT;
	language = av_dict_get(from->metadata, "language", NULL, 0);
	if (language != NULL)
		av_dict_set(&to->metadata, "language", language->value, 0);
	output->stream_of[from->index] = to->index;
	return true;
}

static bool
needs_edit_list(const AVStream *video, const AVStream *audio)
{
	const AVCodecParameters *parameters;

	if (video == NULL || audio == NULL)
		return false;
	parameters = audio->codecpar;
	return parameters->sample_rate > 0 &&
		   (double) parameters->frame_size / parameters->sample_rate >
			   LONG_PACKET_SECONDS;
}

static bool
write_header(MediaOutput *output, bool edit_list, Error *err)
{
	CLEANUP(dict) AVDictionary *options = NULL;
	int result;

	if (strcmp(output->container, "mp4") == 0)
	{
		av_dict_set(&options, "movflags", "+faststart+negative_cts_offsets", 0);
		av_dict_set(&options, "use_editlist", edit_list ? "1" : "0", 0);
	}
	result = avformat_write_header(output->format, &options);
	return result >= 0 ||
		   libav_error(err, ERROR_INPUT, "cannot_copy",
					   "Re-encode the recording to H.264 and AAC and add it again.",
					   result, "the streams cannot be copied into a container");
}

bool
output_open(MediaOutput *output, int fd, const AVStream *video, const AVStream *audio,
			Error *err)
{
	*output = (MediaOutput){.fd = fd, .container = output_container(video, audio)};
	for (size_t i = 0; i < sizeof output->stream_of / sizeof output->stream_of[0]; i++)
		output->stream_of[i] = -1;
	if (ftruncate(fd, 0) != 0)
		return error_errno(err, "write_failed", "cannot empty the output");
	if (!open_format(output, err) || !add_stream(output, video, err) ||
		!add_stream(output, audio, err))
		return false;
	return write_header(output, needs_edit_list(video, audio), err);
}

static bool
write_failed(MediaOutput *output, int result, const char *what, Error *err)
{
	if (output->write_errno != 0)
	{
		errno = output->write_errno;
		return error_errno(err, "write_failed", "%s", what);
	}
	return libav_error(err, ERROR_INPUT, "cannot_copy",
					   "Re-encode the recording to H.264 and AAC and add it again.",
					   result, what);
}

bool
output_write(MediaOutput *output, const AVStream *from, AVPacket *packet, Error *err)
{
	AVStream *to = output->format->streams[output->stream_of[from->index]];
	int result;

	av_packet_rescale_ts(packet, from->time_base, to->time_base);
	packet->stream_index = to->index;
	packet->pos = -1;
	result = av_interleaved_write_frame(output->format, packet);
	return result >= 0 ||
		   write_failed(output, result, "cannot write a packet of the cut", err);
}

bool
output_finish(MediaOutput *output, Error *err)
{
	int result = av_write_trailer(output->format);

	avio_flush(output->io);
	if (result < 0 || output->write_errno != 0)
		return write_failed(output, result, "cannot finish the cut", err);
	if (fsync(output->fd) != 0 && errno != EINVAL)
		return error_errno(err, "write_failed", "cannot sync the cut");
	return true;
}

void
output_close(MediaOutput *output)
{
	avformat_free_context(output->format);
	output->format = NULL;
	if (output->io != NULL)
		av_freep(&output->io->buffer);
	avio_context_free(&output->io);
}
