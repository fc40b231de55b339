/*
 * media/reencode_picture.c
 *	  Scaling and encoding pictures.
 *
 * The encoder counts pictures; their times are put back when they come out. So it works at
 * the usual rate whatever the time base and however uneven the source, and what it says about
 * the rate in its stream is right.
 */
#include "media/reencode_picture.h"

#include <math.h>

#include "base/array.h"

#define PRESET      "veryfast"
#define KEY_SECONDS 5.0
#define MOST_RATE   240.0

/* Even sizes, as 4:2:0 needs them. */
static int
even(double size)
{
	int rounded = (int) lround(size / 2.0) * 2;

	return rounded < 2 ? 2 : rounded;
}

static AVRational
usual_rate(const AVStream *video)
{
	AVRational rate = video->avg_frame_rate;

	if (rate.num <= 0 || rate.den <= 0 || av_q2d(rate) > MOST_RATE)
		return (AVRational){25, 1};
	return rate;
}

bool
picture_recoder_open(PictureRecoder *recoder, Cutter *cutter,
					 const PictureSettings *settings, Error *err)
{
	const AVCodecParameters *like = cutter->video->codecpar;
	AVRational rate = usual_rate(cutter->video);
	double scale = 1.0;
	PictureEncoding encoding = {.like = like,
								.format = AV_PIX_FMT_YUV420P,
								.time_base = av_inv_q(rate),
								.rate = rate,
								.preset = PRESET,
								.profile = "high",
								.crf = settings->crf,
								.max_bitrate = settings->max_bitrate,
								.key_interval = (int) ceil(KEY_SECONDS * av_q2d(rate)),
								.later = 2,
								.threads = settings->threads};

	*recoder = (PictureRecoder){.cutter = cutter, .last = -1};
	if (settings->max_height > 0 && like->height > settings->max_height)
		scale = (double) settings->max_height / like->height;
	encoding.width = even(like->width * scale);
	encoding.height = even(like->height * scale);
	encoding.sample_aspect = cutter->video->sample_aspect_ratio;
	recoder->step = av_rescale_q(1, av_inv_q(rate), cutter->video->time_base);
	recoder->encoder = encoder_open_pictures(&encoding, err);
	return recoder->encoder != NULL;
}

OutputTrack
picture_recoder_track(const PictureRecoder *recoder, AVCodecParameters *parameters)
{
	const AVStream *video = recoder->cutter->video;

	if (avcodec_parameters_from_context(parameters, recoder->encoder) < 0)
		return (OutputTrack){0};
	return (OutputTrack){.parameters = parameters,
						 .time_base = video->time_base,
						 .rate = usual_rate(video),
						 .like = video};
}

/* The picture in the encoder's size and form; the frame belongs to the recoder. */
static AVFrame *
scale(PictureRecoder *recoder, const AVFrame *frame, Error *err)
{
	const AVCodecContext *to = recoder->encoder;

	av_frame_free(&recoder->scaled);
	recoder->scaled = av_frame_alloc();
	if (recoder->scaled != NULL)
	{
		recoder->scaled->format = to->pix_fmt;
		recoder->scaled->width = to->width;
		recoder->scaled->height = to->height;
	}
	recoder->scaler = sws_getCachedContext(
		recoder->scaler, frame->width, frame->height, (enum AVPixelFormat) frame->format,
		to->width, to->height, to->pix_fmt, SWS_BICUBIC, NULL, NULL, NULL);
	if (recoder->scaled == NULL || recoder->scaler == NULL ||
		av_frame_get_buffer(recoder->scaled, 0) < 0 ||
		sws_scale_frame(recoder->scaler, recoder->scaled, frame) < 0)
		return error_set(err, ERROR_INPUT, "cannot_decode", NULL,
						 "the pictures have a form that cannot be converted"),
			   NULL;
	return recoder->scaled;
}

/* The time of picture number n; before the first ones the usual steps lead back. */
static int64_t
time_of(const PictureRecoder *recoder, int64_t n)
{
	return n >= 0 ? recoder->times[n % PICTURES_INSIDE]
				  : recoder->times[0] + n * recoder->step;
}

static bool
write_packets(PictureRecoder *recoder, Error *err)
{
	CLEANUP(packet) AVPacket *packet = array_check(av_packet_alloc());
	bool written = true;

	while (written && avcodec_receive_packet(recoder->encoder, packet) >= 0)
	{
		int64_t number = packet->pts;

		packet->dts = time_of(recoder, packet->dts);
		packet->pts = time_of(recoder, number);
		packet->duration = number + 1 < recoder->count
							   ? time_of(recoder, number + 1) - packet->pts
							   : recoder->step;
		written = cutter_write_picture(recoder->cutter, packet, err);
		av_packet_unref(packet);
	}
	return written;
}

bool
picture_recoder_put(PictureRecoder *recoder, const AVFrame *frame, int64_t time,
					Error *err)
{
	AVFrame *scaled = NULL;
	int result;

	if (frame != NULL)
	{
		if (time <= recoder->last)
			return true;
		scaled = scale(recoder, frame, err);
		if (scaled == NULL)
			return false;
		recoder->last = time;
		recoder->times[recoder->count % PICTURES_INSIDE] = time;
		scaled->pts = recoder->count++;
	}
	result = avcodec_send_frame(recoder->encoder, scaled);
	if (result < 0 && result != AVERROR_EOF)
		return libav_error(err, ERROR_PERMANENT, "cannot_encode", NULL, result,
						   "a picture cannot be encoded");
	return write_packets(recoder, err);
}

void
picture_recoder_close(PictureRecoder *recoder)
{
	sws_freeContext(recoder->scaler);
	recoder->scaler = NULL;
	av_frame_free(&recoder->scaled);
	avcodec_free_context(&recoder->encoder);
}
