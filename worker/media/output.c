/*
 * media/output.c
 *	  Writing the container of a cut.
 */
#include "media/output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "media/bytes.h"
#include "media/output_mp4.h"

#define IO_BUFFER (64 * 1024)

/* Pictures and sound wait for each other so long, in memory: where one of them has not begun
 * or is over, the other one goes on without. */
#define INTERLEAVE_SECONDS 5

/* What the index takes: mostly size, order and place of each packet. */
#define ROOM_BASE       4096
#define ROOM_OF_PICTURE 20
#define ROOM_OF_SOUND   9

/* How well a container suits a codec. */
typedef enum Fit
{
	FIT_NONE, /* some players that read the container do not play it there */
	FIT_FINE,
	FIT_BEST /* chosen where both containers will do */
} Fit;

static const struct
{
	enum AVCodecID codec;
	Fit mp4;
	Fit webm;
} holders[] = {
	{AV_CODEC_ID_H264,   FIT_BEST, FIT_NONE},
    {AV_CODEC_ID_HEVC,   FIT_BEST, FIT_NONE},
	{AV_CODEC_ID_MPEG4,  FIT_BEST, FIT_NONE},
    {AV_CODEC_ID_AV1,    FIT_FINE, FIT_FINE},
	{AV_CODEC_ID_VP9,    FIT_FINE, FIT_BEST},
    {AV_CODEC_ID_VP8,    FIT_NONE, FIT_BEST},
	{AV_CODEC_ID_AAC,    FIT_BEST, FIT_NONE},
    {AV_CODEC_ID_MP3,    FIT_BEST, FIT_NONE},
	{AV_CODEC_ID_MP2,    FIT_BEST, FIT_NONE},
    {AV_CODEC_ID_AC3,    FIT_BEST, FIT_NONE},
	{AV_CODEC_ID_EAC3,   FIT_BEST, FIT_NONE},
    {AV_CODEC_ID_ALAC,   FIT_BEST, FIT_NONE},
	{AV_CODEC_ID_OPUS,   FIT_FINE, FIT_BEST},
    {AV_CODEC_ID_VORBIS, FIT_NONE, FIT_BEST},
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

/* What a container is for two tracks: what it is best for counts where it holds the other. */
static Fit
both(Fit one, Fit other)
{
	if (one == FIT_NONE || other == FIT_NONE)
		return FIT_NONE;
	return one > other ? one : other;
}

static void
restrict_to(enum AVCodecID codec, Fit *mp4, Fit *webm)
{
	Fit in_mp4 = FIT_NONE;
	Fit in_webm = FIT_NONE;

	if (codec == AV_CODEC_ID_NONE)
		return;
	for (size_t i = 0; i < sizeof holders / sizeof holders[0]; i++)
		if (holders[i].codec == codec)
		{
			in_mp4 = holders[i].mp4;
			in_webm = holders[i].webm;
		}
	*mp4 = both(*mp4, in_mp4);
	*webm = both(*webm, in_webm);
}

const char *
output_container(enum AVCodecID video, enum AVCodecID audio)
{
	Fit mp4 = FIT_FINE;
	Fit webm = FIT_FINE;

	restrict_to(video, &mp4, &webm);
	restrict_to(audio, &mp4, &webm);
	if (mp4 == FIT_NONE && webm == FIT_NONE)
		return "mkv";
	return mp4 >= webm ? "mp4" : "webm";
}

static int
write_output(void *opaque, uint8_t *bytes, int size)
{
	MediaOutput *output = opaque;

	if (output->mp4 != NULL
			? !output_mp4_keep(output, bytes, (size_t) size)
			: !write_at(output->fd, bytes, (size_t) size, output->position))
	{
		output->write_errno = errno;
		return AVERROR(errno);
	}
	output->position += size;
	if (output->mp4 == NULL && output->position > output->size)
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
	output->format->flags |= AVFMT_FLAG_BITEXACT; /* names no program and no version */
	output->format->max_interleave_delta = INTERLEAVE_SECONDS * AV_TIME_BASE;
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
copy_record(const OutputTrack *track, AVCodecParameters *to)
{
	uint8_t *copy;

	if (track->record == NULL)
		return true;
	copy = av_mallocz(track->record_size + AV_INPUT_BUFFER_PADDING_SIZE);
	if (copy == NULL)
		return false;
	memcpy(copy, track->record, track->record_size);
	av_freep(&to->extradata);
	to->extradata = copy;
	to->extradata_size = (int) track->record_size;
	return true;
}

/* 0 is the muxer's own. For HEVC in MP4 that would be hev1, which Apple's players refuse. */
static uint32_t
codec_tag(const MediaOutput *output, enum AVCodecID codec)
{
	bool named = codec == AV_CODEC_ID_HEVC && strcmp(output->container, "mp4") == 0;

	return named ? MKTAG('h', 'v', 'c', '1') : 0;
}

static bool
add_stream(MediaOutput *output, OutputKind kind, const OutputTrack *track, Error *err)
{
	AVStream *to;
	const AVDictionaryEntry *language = NULL;

	if (track->parameters == NULL)
		return true;
	to = avformat_new_stream(output->format, NULL);
	if (to == NULL || avcodec_parameters_copy(to->codecpar, track->parameters) < 0 ||
		!copy_record(track, to->codecpar) ||
		(track->like != NULL && !copy_side_data(track->like, to)))
		return libav_error(err, ERROR_TRANSIENT, "out_of_memory", NULL, AVERROR(ENOMEM),
						   "cannot copy a stream");
	to->codecpar->codec_tag = codec_tag(output, track->parameters->codec_id);
	to->time_base = track->time_base;
	to->avg_frame_rate = track->rate;
	to->sample_aspect_ratio = track->like != NULL
								  ? track->like->sample_aspect_ratio
								  : track->parameters->sample_aspect_ratio;
	to->disposition = AV_DISPOSITION_DEFAULT;
	if (track->like != NULL)
		language = av_dict_get(track->like->metadata, "language", NULL, 0);
	if (language != NULL)
		av_dict_set(&to->metadata, "language", language->value, 0);
	output->streams[kind] = to;
	output->time_bases[kind] = track->time_base;
	return true;
}

static bool
write_header(MediaOutput *output, Error *err)
{
	CLEANUP(dict) AVDictionary *options = NULL;
	int result =
		output->mp4 == NULL || output_mp4_options(&options) ? 0 : AVERROR(ENOMEM);

	if (result >= 0)
		result = avformat_write_header(output->format, &options);
	/* libav gives it up for fragments, whose tracks it usually knows too early for it */
	output->format->flags |= AVFMT_FLAG_AUTO_BSF;
	return result >= 0 ||
		   libav_error(err, ERROR_INPUT, "cannot_copy",
					   "Re-encode the recording to H.264 and AAC and add it again.",
					   result, "the streams cannot be copied into a container");
}

OutputTrack
output_copy_of(const AVStream *stream)
{
	if (stream == NULL)
		return (OutputTrack){0};
	return (OutputTrack){.parameters = stream->codecpar,
						 .time_base = stream->time_base,
						 .rate = stream->avg_frame_rate,
						 .like = stream};
}

static enum AVCodecID
codec_of(const OutputTrack *track)
{
	return track->parameters != NULL ? track->parameters->codec_id : AV_CODEC_ID_NONE;
}

/* Bytes for the index, by the packets there will be. */
static int64_t
room_for(const OutputTrack *tracks)
{
	return ROOM_BASE + tracks[OUTPUT_VIDEO].packets * ROOM_OF_PICTURE +
		   tracks[OUTPUT_AUDIO].packets * ROOM_OF_SOUND;
}

bool
output_open(MediaOutput *output, int fd, const OutputTrack *tracks, int64_t least_room,
			Error *err)
{
	*output =
		(MediaOutput){.fd = fd,
					  .container = output_container(codec_of(&tracks[OUTPUT_VIDEO]),
													codec_of(&tracks[OUTPUT_AUDIO]))};
	if (ftruncate(fd, 0) != 0)
		return error_errno(err, "write_failed", "cannot empty the output");
	if (!open_format(output, err))
		return false;
	for (int kind = 0; kind < OUTPUT_KINDS; kind++)
		if (!add_stream(output, (OutputKind) kind, &tracks[kind], err))
			return false;
	if (strcmp(output->container, "mp4") == 0 &&
		!output_mp4_open(output, FFMAX(room_for(tracks), least_room), err))
		return false;
	return write_header(output, err);
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
output_write(MediaOutput *output, OutputKind kind, AVPacket *packet, Error *err)
{
	const AVStream *to = output->streams[kind];
	int size = packet->size;
	int result;

	av_packet_rescale_ts(packet, output->time_bases[kind], to->time_base);
	packet->stream_index = to->index;
	packet->pos = -1;
	output->begun[kind] = true;
	result = av_interleaved_write_frame(output->format, packet);
	/* a damaged packet that cannot be brought into the form of the container is left out */
	if (result < 0 && result != AVERROR_INVALIDDATA)
		return write_failed(output, result, "cannot write a packet of the cut", err);
	return output->mp4 == NULL ||
		   (output_mp4_drain(output, size, err) && output_mp4_keep_times(output, err));
}

bool
output_finish(MediaOutput *output, Error *err)
{
	int result = av_write_trailer(output->format);

	avio_flush(output->io);
	if (result < 0 || output->write_errno != 0)
		return write_failed(output, result, "cannot finish the cut", err);
	if (output->mp4 != NULL &&
		!(output_mp4_drain(output, 0, err) && output_mp4_finish(output, err)))
		return false;
	if (fsync(output->fd) != 0 && errno != EINVAL)
		return error_errno(err, "write_failed", "cannot sync the cut");
	return true;
}

void
output_close(MediaOutput *output)
{
	output_mp4_close(output);
	avformat_free_context(output->format);
	output->format = NULL;
	if (output->io != NULL)
		av_freep(&output->io->buffer);
	avio_context_free(&output->io);
}
