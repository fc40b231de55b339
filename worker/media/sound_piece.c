/*
 * media/sound_piece.c
 *	  Encoding a piece of speech: samples in, a file of one track out.
 */
#include "media/sound_piece.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include <libavutil/opt.h>

#include "media/bytes.h"
#include "media/libav.h"
#include "media/progress.h"
#include "media/wav.h"

#define IO_BUFFER   (32 << 10)
#define PCM_SAMPLES 4096 /* a packet of codecs that have no length of their own */

/* What each form is made of. Opus and MP3 at these rates leave speech as recognisable as it
 * was (reference rates of the services); of the others the rate follows from the samples. */
typedef struct PieceFormat
{
	const char *name;
	const char *muxer;
	const char *encoder;
	int64_t bitrate;
	int effort; /* of the encoder: half of it costs a third and a percent of size */
	const char *option; /* of the encoder; NULL: none */
	const char *value;
} PieceFormat;

static const PieceFormat formats[] = {
	{"ogg",  "ogg",  "libopus",    24000, 5,                      "application", "voip"},
	{"mp3",  "mp3",  "libmp3lame", 32000, FF_COMPRESSION_DEFAULT, NULL,          NULL  },
	{"flac", "flac", "flac",       0,     FF_COMPRESSION_DEFAULT, NULL,          NULL  },
	{"wav",  "wav",  "pcm_s16le",  0,     FF_COMPRESSION_DEFAULT, NULL,          NULL  },
};

typedef struct PieceWriter
{
	const SpeechPiece *piece;
	AVCodecContext *encoder;
	AVFormatContext *format;
	AVStream *stream;
	AVFrame *frame;
	AVPacket *packet;
	int64_t position;
	int64_t size;
	int write_errno;
} PieceWriter;

static void
cleanup_writer(PieceWriter *writer)
{
	if (writer->format != NULL && writer->format->pb != NULL)
	{
		av_freep(&writer->format->pb->buffer);
		avio_context_free(&writer->format->pb);
	}
	avformat_free_context(writer->format);
	avcodec_free_context(&writer->encoder);
	av_frame_free(&writer->frame);
	av_packet_free(&writer->packet);
}

static int
write_bytes(void *arg, uint8_t *bytes, int count)
{
	PieceWriter *writer = arg;

	if (!write_at(writer->piece->output_fd, bytes, (size_t) count, writer->position))
	{
		writer->write_errno = errno;
		return AVERROR(errno);
	}
	writer->position += count;
	if (writer->position > writer->size)
		writer->size = writer->position;
	return count;
}

static int64_t
seek_bytes(void *arg, int64_t offset, int whence)
{
	PieceWriter *writer = arg;

	if (whence == AVSEEK_SIZE)
		return writer->size;
	if (whence == SEEK_CUR)
		offset += writer->position;
	else if (whence == SEEK_END)
		offset += writer->size;
	else if (whence != SEEK_SET)
		return AVERROR(EINVAL);
	if (offset < 0)
		return AVERROR(EINVAL);
	writer->position = offset;
	return offset;
}

static bool
fail(const PieceWriter *writer, int result, const char *what, Error *err)
{
	if (writer->write_errno != 0)
	{
		errno = writer->write_errno;
		return error_errno(err, "write_failed", "cannot write the sound");
	}
	return libav_error(err, ERROR_PERMANENT, "cannot_encode", NULL, result, what);
}

static const PieceFormat *
find_format(const char *name)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

static bool
open_encoder(PieceWriter *writer, const PieceFormat *format, Error *err)
{
	const AVCodec *codec = avcodec_find_encoder_by_name(format->encoder);
	AVCodecContext *encoder = codec != NULL ? avcodec_alloc_context3(codec) : NULL;
	int result = AVERROR_ENCODER_NOT_FOUND;

	writer->encoder = encoder;
	if (encoder != NULL)
	{
		/* of one channel both layouts of samples are the same bytes */
		encoder->sample_fmt = AV_SAMPLE_FMT_S16P;
		for (const enum AVSampleFormat *known = codec->sample_fmts;
			 known != NULL && *known >= 0; known++)
			if (*known == AV_SAMPLE_FMT_S16)
				encoder->sample_fmt = AV_SAMPLE_FMT_S16;
		encoder->sample_rate = WAV_SAMPLE_RATE;
		encoder->time_base = (AVRational){1, WAV_SAMPLE_RATE};
		encoder->bit_rate =
			writer->piece->bitrate > 0 ? writer->piece->bitrate : format->bitrate;
		if (writer->format->oformat->flags & AVFMT_GLOBALHEADER)
			encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
		av_channel_layout_default(&encoder->ch_layout, 1);
		encoder->compression_level = format->effort;
		if (format->option != NULL)
			av_opt_set(encoder->priv_data, format->option, format->value, 0);
		result = avcodec_open2(encoder, codec, NULL);
	}
	return result >= 0 ||
		   libav_error(err, ERROR_PERMANENT, "no_encoder",
					   "Install FFmpeg's libavcodec with this encoder, or set "
					   "the provider's upload_format to another one.",
					   result, "libav cannot encode this form of sound");
}

static bool
open_frame(PieceWriter *writer, Error *err)
{
	const AVCodecContext *encoder = writer->encoder;
	AVFrame *frame = av_frame_alloc();

	writer->frame = frame;
	writer->packet = av_packet_alloc();
	if (frame != NULL)
	{
		frame->format = encoder->sample_fmt;
		frame->sample_rate = encoder->sample_rate;
		frame->nb_samples = encoder->frame_size > 0 ? encoder->frame_size : PCM_SAMPLES;
	}
	if (frame == NULL || writer->packet == NULL ||
		av_channel_layout_copy(&frame->ch_layout, &encoder->ch_layout) < 0 ||
		av_frame_get_buffer(frame, 0) < 0)
		return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "no memory to encode sound");
	return true;
}

/* The file, its one track, and everything of it that comes before the sound. */
static bool
open_writer(PieceWriter *writer, const PieceFormat *format, Error *err)
{
	uint8_t *buffer = av_malloc(IO_BUFFER);
	int result =
		avformat_alloc_output_context2(&writer->format, NULL, format->muxer, NULL);

	if (result < 0 || buffer == NULL)
	{
		av_free(buffer);
		return fail(writer, result, "no memory to write sound", err);
	}
	writer->format->pb =
		avio_alloc_context(buffer, IO_BUFFER, 1, writer, NULL, write_bytes, seek_bytes);
	writer->format->flags |= AVFMT_FLAG_BITEXACT;
	if (!open_encoder(writer, format, err) || !open_frame(writer, err))
		return false;
	writer->stream = avformat_new_stream(writer->format, NULL);
	if (writer->stream == NULL)
		return fail(writer, AVERROR(ENOMEM), "no memory to write sound", err);
	writer->stream->time_base = writer->encoder->time_base;
	result = avcodec_parameters_from_context(writer->stream->codecpar, writer->encoder);
	if (result >= 0)
		result = avformat_write_header(writer->format, NULL);
	return result >= 0 || fail(writer, result, "the sound cannot be written", err);
}

/* Encodes the frame, or NULL: the end. */
static bool
encode(PieceWriter *writer, const AVFrame *frame, Error *err)
{
	int result = avcodec_send_frame(writer->encoder, frame);

	while (result >= 0)
	{
		result = avcodec_receive_packet(writer->encoder, writer->packet);
		if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
			return true;
		if (result < 0)
			break;
		av_packet_rescale_ts(writer->packet, writer->encoder->time_base,
							 writer->stream->time_base);
		writer->packet->stream_index = 0;
		result = av_write_frame(writer->format, writer->packet);
		av_packet_unref(writer->packet);
	}
	return fail(writer, result, "the sound cannot be encoded", err);
}

static bool
encode_all(PieceWriter *writer, Error *err)
{
	const SpeechPiece *piece = writer->piece;
	Progress progress = PROGRESS_TO(piece->progress_fd);
	AVFrame *frame = writer->frame;
	size_t size = (size_t) frame->nb_samples;

	for (size_t at = 0; at < piece->samples; at += size)
	{
		size_t count = piece->samples - at < size ? piece->samples - at : size;

		if (av_frame_make_writable(frame) < 0)
			return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
							 "no memory to encode sound");
		frame->nb_samples = (int) count;
		frame->pts = (int64_t) at;
		if (!piece->read(piece->arg, at, count, (int16_t *) (void *) frame->data[0],
						 err) ||
			!encode(writer, frame, err))
			return false;
		progress_report(&progress, (double) at / (double) piece->samples);
	}
	return encode(writer, NULL, err);
}

bool
sound_piece_write(const SpeechPiece *piece, cJSON **result, Error *err)
{
	const PieceFormat *format =
		find_format(piece->format != NULL ? piece->format : "ogg");
	CLEANUP(writer) PieceWriter writer = {.piece = piece};
	char bytes[24];
	int ended;

	if (format == NULL)
		return error_set(err, ERROR_PERMANENT, "usage", "Use ogg, mp3, flac or wav.",
						 "there is no form of sound \"%s\"", piece->format);
	if (ftruncate(piece->output_fd, 0) != 0)
		return error_errno(err, "write_failed", "cannot empty the file for the sound");
	if (!open_writer(&writer, format, err) || !encode_all(&writer, err))
		return false;
	ended = av_write_trailer(writer.format);
	if (ended < 0 || writer.write_errno != 0)
		return fail(&writer, ended, "the sound cannot be completed", err);
	*result = cJSON_CreateObject();
	snprintf(bytes, sizeof bytes, "%" PRId64, writer.size);
	cJSON_AddStringToObject(*result, "bytes", bytes);
	cJSON_AddNumberToObject(*result, "seconds",
							round((double) piece->samples / WAV_SAMPLE_RATE * 1000.0) /
								1000.0);
	return true;
}
