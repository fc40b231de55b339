/*
 * media/reencode_sound.c
 *	  Decoding, cutting and encoding sound.
 */
#include "media/reencode_sound.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/samplefmt.h>

#include "base/array.h"
#include "media/encoder.h"

#define RATE_OTHERWISE 48000
#define MOST_CHANNELS  2

/* A frame this much off its expected place is where it says: there is a gap. */
#define ROUNDING_MS 3

/* Silence is written in frames of the encoder, so this is more than any of them. */
#define MOST_AT_ONCE 8192

static bool
no_memory(Error *err)
{
	return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
					 "no memory to encode sound");
}

/* The rate of the source where AAC has it. */
static int
choose_rate(int rate)
{
	const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_AAC);

	for (const int *known = codec != NULL ? codec->supported_samplerates : NULL;
		 known != NULL && *known != 0; known++)
		if (*known == rate)
			return rate;
	return RATE_OTHERWISE;
}

bool
sound_recoder_open(SoundRecoder *recoder, const MediaInput *input, AVStream *stream,
				   int64_t bitrate, Error *err)
{
	int channels = stream->codecpar->ch_layout.nb_channels;
	AVChannelLayout layout;

	*recoder = (SoundRecoder){.input = input, .stream = stream, .fed = SOUND_NOT_FED};
	av_channel_layout_default(&layout, FFMAX(1, FFMIN(channels, MOST_CHANNELS)));
	recoder->decoder = encoder_open_source(stream, err);
	if (recoder->decoder == NULL)
		return false;
	recoder->encoder = encoder_open_sound(choose_rate(stream->codecpar->sample_rate),
										  &layout, bitrate, err);
	if (recoder->encoder == NULL)
		return false;
	recoder->format = av_frame_alloc();
	return recoder->format != NULL || no_memory(err);
}

OutputTrack
sound_recoder_track(const SoundRecoder *recoder, AVCodecParameters *parameters)
{
	if (avcodec_parameters_from_context(parameters, recoder->encoder) < 0)
		return (OutputTrack){0};
	return (OutputTrack){.parameters = parameters,
						 .time_base = recoder->encoder->time_base,
						 .like = recoder->stream};
}

static bool
write_packets(SoundRecoder *recoder, Error *err)
{
	CLEANUP(packet) AVPacket *packet = av_packet_alloc();
	bool written = packet != NULL || no_memory(err);

	while (written && avcodec_receive_packet(recoder->encoder, packet) >= 0)
	{
		/* the first packet lies before the sound: without it there is no delay to tell */
		if (packet->pts >= 0)
			written = output_write(recoder->output, OUTPUT_AUDIO, packet, err);
		av_packet_unref(packet);
	}
	return written;
}

/* Encodes the frame that is being filled, or NULL: the end. */
static bool
encode(SoundRecoder *recoder, AVFrame *frame, Error *err)
{
	int result;

	if (frame != NULL)
		frame->pts = recoder->written - frame->nb_samples;
	result = avcodec_send_frame(recoder->encoder, frame);
	if (result < 0 && result != AVERROR_EOF)
		return libav_error(err, ERROR_PERMANENT, "cannot_encode", NULL, result,
						   "the sound cannot be encoded");
	return write_packets(recoder, err);
}

static AVFrame *
new_frame(const AVCodecContext *encoder, int samples)
{
	AVFrame *frame = av_frame_alloc();

	if (frame == NULL)
		return NULL;
	frame->format = encoder->sample_fmt;
	frame->sample_rate = encoder->sample_rate;
	frame->nb_samples = samples;
	if (av_channel_layout_copy(&frame->ch_layout, &encoder->ch_layout) < 0 ||
		av_frame_get_buffer(frame, 0) < 0)
		av_frame_free(&frame);
	return frame;
}

/* Appends samples of a frame from `offset` on, NULL: silence, to what is encoded. */
static bool
append(SoundRecoder *recoder, const AVFrame *frame, int offset, int count, Error *err)
{
	int size = recoder->encoder->frame_size;

	while (count > 0)
	{
		AVFrame *filling = recoder->filling;
		int some;

		if (filling == NULL)
		{
			filling = recoder->filling = new_frame(recoder->encoder, size);
			if (filling == NULL)
				return no_memory(err);
			filling->nb_samples = 0;
		}
		some = FFMIN(count, size - filling->nb_samples);
		if (frame != NULL)
			av_samples_copy(filling->extended_data, frame->extended_data,
							filling->nb_samples, offset, some,
							filling->ch_layout.nb_channels, AV_SAMPLE_FMT_FLTP);
		else
			av_samples_set_silence(filling->extended_data, filling->nb_samples, some,
								   filling->ch_layout.nb_channels, AV_SAMPLE_FMT_FLTP);
		filling->nb_samples += some;
		recoder->written += some;
		offset += some;
		count -= some;
		if (filling->nb_samples < size)
			continue;
		if (!encode(recoder, filling, err))
			return false;
		av_frame_free(&recoder->filling);
	}
	return true;
}

/* Prepares the converter for frames like this one. */
static bool
set_converter(SoundRecoder *recoder, AVFrame *frame, Error *err)
{
	AVCodecContext *to = recoder->encoder;
	AVFrame *known = recoder->format;

	if (recoder->converter != NULL && known->format == frame->format &&
		known->sample_rate == frame->sample_rate &&
		av_channel_layout_compare(&known->ch_layout, &frame->ch_layout) == 0)
		return true;
	swr_free(&recoder->converter);
	known->format = frame->format;
	known->sample_rate = frame->sample_rate;
	if (av_channel_layout_copy(&known->ch_layout, &frame->ch_layout) < 0 ||
		swr_alloc_set_opts2(&recoder->converter, &to->ch_layout, to->sample_fmt,
							to->sample_rate, &frame->ch_layout,
							(enum AVSampleFormat) frame->format, frame->sample_rate, 0,
							NULL) < 0 ||
		swr_init(recoder->converter) < 0)
		return error_set(err, ERROR_INPUT, "cannot_decode",
						 "Look whether the recording plays in a player; copy it again "
						 "from where it was made.",
						 "the sound changes to a form that cannot be converted");
	return true;
}

static void
keep_piece(SoundRecoder *recoder, AVFrame *frame, int64_t at)
{
	if (recoder->first > 0 && recoder->count == recoder->capacity)
	{
		recoder->count -= recoder->first;
		memmove(recoder->pieces, recoder->pieces + recoder->first,
				recoder->count * sizeof *recoder->pieces);
		recoder->first = 0;
	}
	recoder->pieces = array_room(recoder->pieces, &recoder->capacity, recoder->count + 1,
								 sizeof *recoder->pieces);
	recoder->pieces[recoder->count++] = (SoundPiece){frame, at};
	recoder->fed = at + frame->nb_samples;
}

/* Converts a decoded frame and keeps it at its place. */
static bool
take_frame(SoundRecoder *recoder, AVFrame *frame, Error *err)
{
	int rate = recoder->encoder->sample_rate;
	int64_t stamp = frame->best_effort_timestamp;
	int64_t at = recoder->fed;
	AVFrame *piece;
	int room;

	/* PCM has no order of channels, which the converter takes for another form each time */
	if (frame->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
		av_channel_layout_default(&frame->ch_layout, frame->ch_layout.nb_channels);
	if (frame->nb_samples <= 0 || frame->sample_rate <= 0 ||
		!set_converter(recoder, frame, err))
		return frame->nb_samples <= 0 || frame->sample_rate <= 0;
	if (stamp == AV_NOPTS_VALUE && at == SOUND_NOT_FED)
		return true; /* nobody knows where it belongs */
	if (stamp != AV_NOPTS_VALUE)
		at =
			av_rescale_q(stamp, recoder->stream->time_base, recoder->encoder->time_base) -
			swr_get_delay(recoder->converter, rate);
	/* time stamps are rounded: what follows on follows on */
	if (llabs(at - recoder->fed) <= (int64_t) rate * ROUNDING_MS / 1000)
		at = recoder->fed;
	room = swr_get_out_samples(recoder->converter, frame->nb_samples);
	piece = new_frame(recoder->encoder, FFMAX(room, 1));
	if (piece == NULL)
		return no_memory(err);
	if (swr_convert_frame(recoder->converter, piece, frame) < 0)
		piece->nb_samples = 0;
	if (piece->nb_samples == 0 || at < recoder->fed - piece->nb_samples)
		av_frame_free(&piece);
	else
		keep_piece(recoder, piece, at);
	return true;
}

static void
forget_pieces(SoundRecoder *recoder)
{
	for (size_t i = recoder->first; i < recoder->count; i++)
		av_frame_free(&recoder->pieces[i].frame);
	recoder->first = 0;
	recoder->count = 0;
}

void
sound_recoder_jump(SoundRecoder *recoder)
{
	avcodec_flush_buffers(recoder->decoder);
	swr_free(&recoder->converter);
	forget_pieces(recoder);
	recoder->fed = SOUND_NOT_FED;
}

bool
sound_recoder_feed(SoundRecoder *recoder, const AVPacket *packet, Error *err)
{
	CLEANUP(frame) AVFrame *frame = av_frame_alloc();
	bool taken = frame != NULL || no_memory(err);

	/* a packet that cannot be decoded leaves a gap, which becomes silence */
	(void) avcodec_send_packet(recoder->decoder, packet);
	while (taken && avcodec_receive_frame(recoder->decoder, frame) >= 0)
	{
		taken = take_frame(recoder, frame, err);
		av_frame_unref(frame);
	}
	return taken;
}

bool
sound_recoder_take(SoundRecoder *recoder, int64_t from, int64_t until, Error *err)
{
	while (from < until)
	{
		SoundPiece *piece =
			recoder->first < recoder->count ? &recoder->pieces[recoder->first] : NULL;
		int64_t end = piece != NULL ? piece->at + piece->frame->nb_samples : INT64_MAX;
		int64_t count = until - from;

		if (end <= from)
		{
			av_frame_free(&piece->frame);
			recoder->first++;
			continue;
		}
		if (piece != NULL && piece->at > from)
			count = FFMIN(count, piece->at - from);
		else if (piece != NULL)
			count = FFMIN(count, end - from);
		count = FFMIN(count, MOST_AT_ONCE);
		if (piece != NULL && piece->at <= from)
		{
			if (!append(recoder, piece->frame, (int) (from - piece->at), (int) count,
						err))
				return false;
		}
		else if (!append(recoder, NULL, 0, (int) count, err))
			return false;
		from += count;
	}
	return true;
}

bool
sound_recoder_finish(SoundRecoder *recoder, Error *err)
{
	if (recoder->filling != NULL && !encode(recoder, recoder->filling, err))
		return false;
	return encode(recoder, NULL, err);
}

void
sound_recoder_close(SoundRecoder *recoder)
{
	forget_pieces(recoder);
	free(recoder->pieces);
	av_frame_free(&recoder->filling);
	av_frame_free(&recoder->format);
	swr_free(&recoder->converter);
	avcodec_free_context(&recoder->decoder);
	avcodec_free_context(&recoder->encoder);
	*recoder = (SoundRecoder){0};
}
