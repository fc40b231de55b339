/*
 * media/picture.c
 *	  Scaling, turning and encoding one picture.
 */
#include "media/picture.h"

#include <math.h>
#include <stdint.h>

#include <libswscale/swscale.h>

/* JPEG quantiser, 2 (best) .. 31; 4 is what a thumbnail needs. */
#define JPEG_QUALITY 4

/* A picture whose brightness varies by less (standard deviation of 0..255) is plain. */
#define PLAIN_DEVIATION 4.0

static void
cleanup_sws(struct SwsContext **scaler)
{
	sws_freeContext(*scaler);
}

static AVFrame *
new_frame(int width, int height)
{
	AVFrame *frame = av_frame_alloc();

	if (frame == NULL)
		return NULL;
	frame->format = AV_PIX_FMT_YUVJ420P;
	frame->width = width;
	frame->height = height;
	if (av_frame_get_buffer(frame, 0) < 0)
		av_frame_free(&frame);
	return frame;
}

/* The size in square pixels, even, at most `limit` wide. */
static void
choose_size(const AVFrame *frame, int limit, int *width, int *height)
{
	AVRational aspect = frame->sample_aspect_ratio;
	double shown = frame->width;
	double scale;

	if (aspect.num > 0 && aspect.den > 0)
		shown *= av_q2d(aspect);
	scale = shown > limit ? limit / shown : 1.0;
	*width = (int) lround(shown * scale / 2.0) * 2;
	*height = (int) lround(frame->height * scale / 2.0) * 2;
	*width = *width < 2 ? 2 : *width > limit ? limit : *width;
	*height = *height < 2 ? 2 : *height > 4 * limit ? 4 * limit : *height;
}

AVFrame *
picture_scale(const AVFrame *frame, int width)
{
	CLEANUP(sws) struct SwsContext *scaler = NULL;
	AVFrame *scaled;
	int height;

	choose_size(frame, width, &width, &height);
	scaler =
		sws_getContext(frame->width, frame->height, (enum AVPixelFormat) frame->format,
					   width, height, AV_PIX_FMT_YUVJ420P, SWS_BICUBIC, NULL, NULL, NULL);
	if (scaler == NULL)
		return NULL;
	scaled = new_frame(width, height);
	if (scaled != NULL && sws_scale_frame(scaler, scaled, frame) < 0)
		av_frame_free(&scaled);
	return scaled;
}

static void
turn_plane(const AVFrame *from, AVFrame *to, int plane, int width, int height,
		   int degrees)
{
	for (int y = 0; y < height; y++)
	{
		const uint8_t *row = from->data[plane] + (ptrdiff_t) y * from->linesize[plane];

		for (int x = 0; x < width; x++)
		{
			int to_x = degrees == 90    ? height - 1 - y
					   : degrees == 180 ? width - 1 - x
										: y;
			int to_y = degrees == 90    ? x
					   : degrees == 180 ? height - 1 - y
										: width - 1 - x;

			to->data[plane][(ptrdiff_t) to_y * to->linesize[plane] + to_x] = row[x];
		}
	}
}

AVFrame *
picture_turn(const AVFrame *frame, int degrees)
{
	bool sideways = degrees == 90 || degrees == 270;
	AVFrame *turned;

	if (degrees == 0)
		return av_frame_clone(frame);
	turned = sideways ? new_frame(frame->height, frame->width)
					  : new_frame(frame->width, frame->height);
	for (int plane = 0; turned != NULL && plane < 3; plane++)
	{
		int shift = plane == 0 ? 0 : 1;

		turn_plane(frame, turned, plane, frame->width >> shift, frame->height >> shift,
				   degrees);
	}
	return turned;
}

bool
picture_is_plain(const AVFrame *frame)
{
	double sum = 0.0;
	double squares = 0.0;
	double count = (double) frame->width * frame->height;
	double mean;

	for (int y = 0; y < frame->height; y++)
	{
		const uint8_t *row = frame->data[0] + (ptrdiff_t) y * frame->linesize[0];

		for (int x = 0; x < frame->width; x++)
		{
			sum += row[x];
			squares += row[x] * row[x];
		}
	}
	mean = sum / count;
	return squares / count - mean * mean < PLAIN_DEVIATION * PLAIN_DEVIATION;
}

AVPacket *
picture_encode(const AVFrame *frame)
{
	const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
	CLEANUP(codec)
	AVCodecContext *encoder = codec != NULL ? avcodec_alloc_context3(codec) : NULL;
	CLEANUP(frame) AVFrame *copy = av_frame_clone(frame);
	AVPacket *packet;

	if (encoder == NULL || copy == NULL)
		return NULL;
	encoder->width = frame->width;
	encoder->height = frame->height;
	encoder->pix_fmt = AV_PIX_FMT_YUVJ420P;
	encoder->time_base = (AVRational){1, 1};
	encoder->flags |= AV_CODEC_FLAG_QSCALE;
	encoder->global_quality = JPEG_QUALITY * FF_QP2LAMBDA;
	copy->quality = encoder->global_quality;
	copy->pts = 0;
	copy->pict_type = AV_PICTURE_TYPE_NONE;
	packet = av_packet_alloc();
	if (packet == NULL || avcodec_open2(encoder, codec, NULL) < 0 ||
		avcodec_send_frame(encoder, copy) < 0 ||
		avcodec_receive_packet(encoder, packet) < 0)
		av_packet_free(&packet);
	return packet;
}
