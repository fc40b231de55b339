/*
 * media/silence.c
 *	  Encoding a packet of silence.
 */
#include "media/silence.h"

#include <string.h>

#include <libavutil/samplefmt.h>

#define BIT_RATE 64000

/* Packets are asked for until the encoder, which looks ahead, gives the first. */
#define MOST_FRAMES 16

/* Of the configuration of AAC: object type, rate and channels; what follows is optional. */
#define AAC_CONFIG_BYTES 2

/* Codecs whose first packets need nothing of others, and of the configuration these bytes. */
static const struct
{
	enum AVCodecID codec;
	int config_bytes;
} codecs[] = {
	{AV_CODEC_ID_AAC, AAC_CONFIG_BYTES},
	{AV_CODEC_ID_MP3, 0               },
	{AV_CODEC_ID_MP2, 0               },
	{AV_CODEC_ID_AC3, 0               },
};

static AVCodecContext *
open_encoder(const AVCodecParameters *track)
{
	const AVCodec *codec = avcodec_find_encoder(track->codec_id);
	AVCodecContext *encoder = codec != NULL ? avcodec_alloc_context3(codec) : NULL;

	if (encoder == NULL)
		return NULL;
	encoder->sample_rate = track->sample_rate;
	encoder->sample_fmt =
		codec->sample_fmts != NULL ? codec->sample_fmts[0] : AV_SAMPLE_FMT_FLTP;
	encoder->time_base = (AVRational){1, track->sample_rate};
	encoder->bit_rate = BIT_RATE * track->ch_layout.nb_channels;
	encoder->flags = AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
	encoder->thread_count = 1;
	if (track->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
		av_channel_layout_default(&encoder->ch_layout, track->ch_layout.nb_channels);
	else if (av_channel_layout_copy(&encoder->ch_layout, &track->ch_layout) < 0)
		avcodec_free_context(&encoder);
	if (encoder != NULL && avcodec_open2(encoder, codec, NULL) < 0)
		avcodec_free_context(&encoder);
	return encoder;
}

/* Would a decoder that was set up for the track read what this encoder writes? */
static bool
fits(const AVCodecContext *encoder, const AVCodecParameters *track)
{
	int bytes = 0;

	for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
		if (codecs[i].codec == track->codec_id)
			bytes = codecs[i].config_bytes;
	/* ADTS has no configuration; libav makes it of the first packet */
	if (track->extradata_size == 0)
		bytes = 0;
	return encoder->frame_size == track->frame_size && track->extradata_size >= bytes &&
		   encoder->extradata_size >= bytes &&
		   (bytes == 0 ||
			memcmp(encoder->extradata, track->extradata, (size_t) bytes) == 0);
}

static AVFrame *
new_silence(const AVCodecContext *encoder)
{
	AVFrame *frame = av_frame_alloc();

	if (frame == NULL)
		return NULL;
	frame->nb_samples = encoder->frame_size;
	frame->format = encoder->sample_fmt;
	frame->sample_rate = encoder->sample_rate;
	if (av_channel_layout_copy(&frame->ch_layout, &encoder->ch_layout) < 0 ||
		av_frame_get_buffer(frame, 0) < 0 ||
		av_samples_set_silence(frame->extended_data, 0, frame->nb_samples,
							   frame->ch_layout.nb_channels, encoder->sample_fmt) < 0)
		av_frame_free(&frame);
	return frame;
}

/* The first packet, which refers to none before. */
static bool
encode_first(AVCodecContext *encoder, AVFrame *frame, AVPacket *packet)
{
	for (int i = 0; i < MOST_FRAMES; i++)
	{
		frame->pts = (int64_t) i * encoder->frame_size;
		if (avcodec_send_frame(encoder, frame) < 0)
			return false;
		if (avcodec_receive_packet(encoder, packet) >= 0)
			return true;
	}
	return false;
}

static bool
is_known(enum AVCodecID codec)
{
	for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
		if (codecs[i].codec == codec)
			return true;
	return false;
}

AVPacket *
silence_like(const AVCodecParameters *track)
{
	CLEANUP(codec) AVCodecContext *encoder = NULL;
	CLEANUP(frame) AVFrame *frame = NULL;
	AVPacket *packet = NULL;

	if (is_known(track->codec_id) && track->sample_rate > 0)
		encoder = open_encoder(track);
	if (encoder != NULL && fits(encoder, track))
		frame = new_silence(encoder);
	if (frame != NULL)
		packet = av_packet_alloc();
	if (packet != NULL && !encode_first(encoder, frame, packet))
		av_packet_free(&packet);
	return packet;
}
