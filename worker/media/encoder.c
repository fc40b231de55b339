/*
 * media/encoder.c
 *	  Opening encoders.
 */
#include "media/encoder.h"

#include <string.h>

#include <libavcodec/bsf.h>
#include <libavutil/opt.h>

#define NO_ENCODER_HINT \
	"Install an FFmpeg with libx264, or cut with trimming.mode = copy."
#define NOT_OPENED_HINT \
	"Ask for another size, quality or rate, or cut with trimming.mode = copy."

#define MOST_RATE  240.0
#define RATE_GUESS 25

AVRational
encoder_usual_rate(const AVStream *video)
{
	AVRational rate = video->avg_frame_rate;

	if (rate.num <= 0 || rate.den <= 0 || av_q2d(rate) > MOST_RATE)
		return (AVRational){RATE_GUESS, 1};
	return rate;
}

AVRational
encoder_told_rate(AVStream *video)
{
	AVRational usual = encoder_usual_rate(video);
	AVRational rate = av_guess_frame_rate(NULL, video, NULL);

	return rate.num > 0 && rate.den > 0 && av_q2d(rate) <= MOST_RATE &&
				   av_cmp_q(rate, usual) > 0
			   ? rate
			   : usual;
}

static void
set_colours(AVCodecContext *encoder, const PictureEncoding *encoding)
{
	const AVCodecParameters *like = encoding->like;

	encoder->color_range = encoding->range;
	if (like == NULL)
		return;
	encoder->color_primaries = like->color_primaries;
	encoder->color_trc = like->color_trc;
	encoder->colorspace = like->color_space;
	encoder->chroma_sample_location = like->chroma_location;
	/* red, green and blue are converted by the usual numbers */
	if (like->color_space == AVCOL_SPC_RGB)
		encoder->colorspace = AVCOL_SPC_SMPTE170M;
}

/* The buffer holds two seconds at the greatest rate: a key frame has to fit. */
static void
set_rate(AVCodecContext *encoder, const PictureEncoding *encoding)
{
	int64_t most = encoding->max_bitrate;

	av_opt_set_double(encoder->priv_data, "crf", encoding->crf, 0);
	if (most <= 0)
		return;
	encoder->rc_max_rate = most;
	encoder->rc_buffer_size = (int) (most < INT_MAX / 2 ? most * 2 : INT_MAX);
}

/* x264 tells the rate it counts with. Programs that put pictures into steps of that rate would
 * drop some where others stand for long. */
static bool
tell_rate(AVCodecContext *encoder, AVRational rate)
{
	const AVBitStreamFilter *filter = av_bsf_get_by_name("h264_metadata");
	AVBSFContext *bsf = NULL;
	uint8_t *told = NULL;

	if (filter != NULL && av_bsf_alloc(filter, &bsf) >= 0 &&
		avcodec_parameters_from_context(bsf->par_in, encoder) >= 0 &&
		av_opt_set_q(bsf->priv_data, "tick_rate", av_mul_q(rate, (AVRational){2, 1}),
					 0) >= 0 &&
		av_bsf_init(bsf) >= 0 && bsf->par_out->extradata_size > 0)
		told = av_mallocz((size_t) bsf->par_out->extradata_size +
						  AV_INPUT_BUFFER_PADDING_SIZE);
	if (told != NULL)
	{
		memcpy(told, bsf->par_out->extradata, (size_t) bsf->par_out->extradata_size);
		av_free(encoder->extradata);
		encoder->extradata = told;
		encoder->extradata_size = bsf->par_out->extradata_size;
	}
	av_bsf_free(&bsf);
	return told != NULL;
}

AVCodecContext *
encoder_open_pictures(const PictureEncoding *encoding, Error *err)
{
	const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
	CLEANUP(codec)
	AVCodecContext *encoder = codec != NULL ? avcodec_alloc_context3(codec) : NULL;
	AVCodecContext *opened;
	int result;

	if (encoder == NULL)
		return error_set(err, ERROR_PERMANENT, "no_encoder", NO_ENCODER_HINT,
						 "libav cannot encode H.264"),
			   NULL;
	encoder->width = encoding->width;
	encoder->height = encoding->height;
	encoder->pix_fmt = encoding->format;
	encoder->sample_aspect_ratio = encoding->sample_aspect;
	encoder->time_base = encoding->time_base;
	encoder->framerate = encoding->rate;
	encoder->max_b_frames = encoding->later;
	encoder->gop_size = encoding->key_interval;
	encoder->thread_count = encoding->threads;
	encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
	if (encoding->level > 0)
		encoder->level = encoding->level;
	if (encoding->interlaced)
		encoder->flags |= AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME;
	set_colours(encoder, encoding);
	set_rate(encoder, encoding);
	av_opt_set(encoder->priv_data, "preset", encoding->preset, 0);
	if (encoding->profile != NULL)
		av_opt_set(encoder->priv_data, "profile", encoding->profile, 0);
	if (encoding->parameters != NULL)
		av_opt_set(encoder->priv_data, "x264-params", encoding->parameters, 0);
	result = avcodec_open2(encoder, codec, NULL);
	if (result < 0)
		return libav_error(err, ERROR_PERMANENT, "no_encoder", NOT_OPENED_HINT, result,
						   "the encoder for H.264 cannot be opened"),
			   NULL;
	if (encoding->told_rate.num > 0 &&
		av_cmp_q(encoding->told_rate, encoding->rate) != 0 &&
		!tell_rate(encoder, encoding->told_rate))
		return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "no memory to encode pictures"),
			   NULL;
	opened = encoder;
	encoder = NULL;
	return opened;
}

AVCodecContext *
encoder_open_sound(int rate, const AVChannelLayout *layout, int64_t bitrate, Error *err)
{
	const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
	CLEANUP(codec)
	AVCodecContext *encoder = codec != NULL ? avcodec_alloc_context3(codec) : NULL;
	AVCodecContext *opened;
	int result = AVERROR_ENCODER_NOT_FOUND;

	if (encoder != NULL)
	{
		encoder->sample_rate = rate;
		encoder->sample_fmt = AV_SAMPLE_FMT_FLTP;
		encoder->time_base = (AVRational){1, rate};
		encoder->bit_rate = bitrate;
		encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
		result = av_channel_layout_copy(&encoder->ch_layout, layout);
	}
	if (result >= 0)
		result = avcodec_open2(encoder, codec, NULL);
	if (result < 0)
		return libav_error(err, ERROR_PERMANENT, "no_encoder", NULL, result,
						   "the encoder for AAC cannot be opened"),
			   NULL;
	opened = encoder;
	encoder = NULL;
	return opened;
}

AVCodecContext *
encoder_open_source(const AVStream *stream, Error *err)
{
	const AVCodec *codec = avcodec_find_decoder(stream->codecpar->codec_id);
	CLEANUP(codec)
	AVCodecContext *decoder = codec != NULL ? avcodec_alloc_context3(codec) : NULL;
	AVCodecContext *opened;
	int result = AVERROR_DECODER_NOT_FOUND;

	if (decoder != NULL)
		result = avcodec_parameters_to_context(decoder, stream->codecpar);
	if (result >= 0)
	{
		decoder->pkt_timebase = stream->time_base;
		decoder->thread_count = 1;
		result = avcodec_open2(decoder, codec, NULL);
	}
	if (result < 0)
		return libav_error(err, ERROR_INPUT, "cannot_decode", NULL, result,
						   stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO
							   ? "the pictures cannot be decoded"
							   : "the sound cannot be decoded"),
			   NULL;
	opened = decoder;
	decoder = NULL;
	return opened;
}

void
encoder_forget_source(AVFrame *frame)
{
	frame->pict_type = AV_PICTURE_TYPE_NONE;
	while (frame->nb_side_data > 0)
		av_frame_remove_side_data(frame, frame->side_data[0]->type);
}
