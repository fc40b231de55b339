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

#include <libavutil/opt.h>

#include "base/array.h"

#define PRESET      "veryfast"
#define KEY_SECONDS 5.0

/* What keeps two hours of 720 lines within 64 MB: each picture that waits takes 3 MB, each that
 * is referred to 5 MB, and each thread with pictures of its own all of them again. One less
 * waits where all follow at the same rate, and so they are counted. Nothing is looked for as far
 * away as the tables of motion usually reach. At the same CRF files
 * become an eighth smaller than with the preset's, at SSIM .993 instead of .995 (docs/media.md). */
#define FEW_PICTURES \
	"rc-lookahead=1:sync-lookahead=0:ref=1:sliced-threads=1:force-cfr=1:mvrange=256"
#define LATER 1

/* Without loss, which the usual profiles do not know, below this. */
#define LEAST_CRF 1.0

/* Even sizes, as 4:2:0 needs them; never more than was asked for. */
static int
even(int size)
{
	return size < 2 ? 2 : size / 2 * 2;
}

static bool
is_full(int format, enum AVColorRange range)
{
	return range == AVCOL_RANGE_JPEG || format == AV_PIX_FMT_YUVJ420P ||
		   format == AV_PIX_FMT_YUVJ422P || format == AV_PIX_FMT_YUVJ444P;
}

/* The range stays, but of red, green and blue the usual one is made. */
static enum AVColorRange
choose_range(const AVCodecParameters *like)
{
	return is_full(like->format, like->color_range) && like->color_space != AVCOL_SPC_RGB
			   ? AVCOL_RANGE_JPEG
			   : AVCOL_RANGE_MPEG;
}

/* Fields that are scaled are fields no more. */
static bool
is_interlaced(const AVCodecParameters *like, const PictureEncoding *encoding)
{
	return like->field_order > AV_FIELD_PROGRESSIVE && encoding->width == like->width &&
		   encoding->height == like->height;
}

bool
picture_recoder_open(PictureRecoder *recoder, Cutter *cutter,
					 const PictureSettings *settings, Error *err)
{
	const AVCodecParameters *like = cutter->video->codecpar;
	AVRational rate = encoder_usual_rate(cutter->video);
	int height = like->height;
	PictureEncoding encoding = {.like = like,
								.range = choose_range(like),
								.format = AV_PIX_FMT_YUV420P,
								.time_base = av_inv_q(rate),
								.rate = rate,
								.told_rate = encoder_told_rate(cutter->video),
								.preset = PRESET,
								.profile = settings->crf < LEAST_CRF ? NULL : "high",
								.crf = settings->crf,
								.max_bitrate = settings->max_bitrate,
								.key_interval = (int) ceil(KEY_SECONDS * av_q2d(rate)),
								.later = LATER,
								.parameters = FEW_PICTURES,
								.threads = settings->threads};

	*recoder = (PictureRecoder){.cutter = cutter, .last = -1};
	if (settings->max_height > 0 && height > settings->max_height)
		height = settings->max_height;
	encoding.width = even((int) av_rescale(like->width, height, like->height));
	encoding.height = even(height);
	encoding.interlaced = is_interlaced(like, &encoding);
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
						 .rate = encoder_usual_rate(video),
						 .like = video};
}

/* A converter from what the frame is; what it is made for is remembered. */
static bool
set_scaler(PictureRecoder *recoder, const AVFrame *frame)
{
	const AVCodecContext *to = recoder->encoder;
	int full = is_full(frame->format, frame->color_range) ? 1 : 0;
	bool same = recoder->scaler != NULL && recoder->from.width == frame->width &&
				recoder->from.height == frame->height &&
				recoder->from.format == frame->format && recoder->from.full == full;

	if (same)
		return true;
	recoder->from = (PictureForm){frame->width, frame->height, frame->format, full};
	sws_freeContext(recoder->scaler);
	recoder->scaler = sws_alloc_context();
	if (recoder->scaler == NULL)
		return false;
	av_opt_set_int(recoder->scaler, "srcw", frame->width, 0);
	av_opt_set_int(recoder->scaler, "srch", frame->height, 0);
	av_opt_set_int(recoder->scaler, "src_format", frame->format, 0);
	av_opt_set_int(recoder->scaler, "src_range", full, 0);
	av_opt_set_int(recoder->scaler, "dstw", to->width, 0);
	av_opt_set_int(recoder->scaler, "dsth", to->height, 0);
	av_opt_set_int(recoder->scaler, "dst_format", to->pix_fmt, 0);
	av_opt_set_int(recoder->scaler, "dst_range", is_full(to->pix_fmt, to->color_range),
				   0);
	av_opt_set_int(recoder->scaler, "sws_flags", SWS_BICUBIC, 0);
	return sws_init_context(recoder->scaler, NULL, NULL) >= 0;
}

/* Has the picture the encoder's size and form already? */
static bool
fits(const AVCodecContext *to, const AVFrame *frame)
{
	return frame->width == to->width && frame->height == to->height &&
		   (frame->format == to->pix_fmt || frame->format == AV_PIX_FMT_YUVJ420P) &&
		   is_full(frame->format, frame->color_range) ==
			   is_full(to->pix_fmt, to->color_range);
}

static bool
scale(PictureRecoder *recoder, const AVFrame *frame, AVFrame *to)
{
	to->format = recoder->encoder->pix_fmt;
	to->width = recoder->encoder->width;
	to->height = recoder->encoder->height;
	if (!set_scaler(recoder, frame) || av_frame_get_buffer(to, 0) < 0 ||
		sws_scale_frame(recoder->scaler, to, frame) < 0)
		return false;
	to->top_field_first = frame->top_field_first;
	to->interlaced_frame = frame->interlaced_frame;
	return true;
}

/* Makes of the picture one that the encoder takes: the same one where it can. */
static bool
prepare(PictureRecoder *recoder, const AVFrame *frame, AVFrame *to, Error *err)
{
	bool ready = fits(recoder->encoder, frame) ? av_frame_ref(to, frame) >= 0
											   : scale(recoder, frame, to);

	if (!ready)
		return error_set(err, ERROR_INPUT, "cannot_decode",
						 "Look whether the recording plays in a player; copy it again "
						 "from where it was made.",
						 "the pictures have a form that cannot be converted");
	to->format = recoder->encoder->pix_fmt;
	encoder_forget_source(to);
	return true;
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
							   : FFMAX(recoder->step, recoder->end - packet->pts);
		written = cutter_write_picture(recoder->cutter, packet, err);
		av_packet_unref(packet);
	}
	return written;
}

bool
picture_recoder_put(PictureRecoder *recoder, const AVFrame *frame, int64_t time,
					Error *err)
{
	CLEANUP(frame) AVFrame *ready = array_check(av_frame_alloc());
	int result;

	if (frame != NULL)
	{
		if (time <= recoder->last)
			return true;
		if (!prepare(recoder, frame, ready, err))
			return false;
		recoder->last = time;
		recoder->times[recoder->count % PICTURES_INSIDE] = time;
		ready->pts = recoder->count++;
	}
	else
		recoder->end = time;
	result = avcodec_send_frame(recoder->encoder, frame != NULL ? ready : NULL);
	av_frame_unref(ready);
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
	avcodec_free_context(&recoder->encoder);
}
