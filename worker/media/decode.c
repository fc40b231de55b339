/*
 * media/decode.c
 *	  Decoding one chunk of sound to mono.
 */
#include "media/decode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/decode_chunk.h"

/* Louder than any real sound; beyond it floating-point input is garbage. */
#define MAX_AMPLITUDE 8.0f

/* Channels that carry speech in every usual layout: left, right, centre. */
#define MIXED_CHANNELS 3

typedef float Vector __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t Mask __attribute__((vector_size(32), aligned(4), may_alias));

/* Packets to decode before the wanted one until the output is that of an unbroken decode:
 * overlapping windows, spectral band replication, bit reservoirs, 80 ms of Opus. */
static const struct
{
	enum AVCodecID codec;
	int packets;
} warm_ups[] = {
	{AV_CODEC_ID_AAC,       4 },
    {AV_CODEC_ID_MP3,       12},
    {AV_CODEC_ID_OPUS,      16},
	{AV_CODEC_ID_VORBIS,    3 },
    {AV_CODEC_ID_FLAC,      0 },
    {AV_CODEC_ID_ALAC,      0 },
	{AV_CODEC_ID_PCM_S16LE, 0 },
    {AV_CODEC_ID_PCM_S16BE, 0 },
    {AV_CODEC_ID_PCM_S24LE, 0 },
	{AV_CODEC_ID_PCM_F32LE, 0 },
};

bool
sound_source_init(SoundSource *source, const AVStream *stream)
{
	*source = (SoundSource){stream->codecpar, stream->time_base, -1, NULL};
	for (size_t i = 0; i < sizeof warm_ups / sizeof warm_ups[0]; i++)
		if (warm_ups[i].codec == stream->codecpar->codec_id)
			source->warm_up = warm_ups[i].packets;
	return avcodec_find_decoder(stream->codecpar->codec_id) != NULL;
}

void
sound_source_free(SoundSource *source)
{
	avcodec_free_context(&source->decoder);
}

static AVCodecContext *
open_decoder(const SoundSource *source)
{
	const AVCodec *codec = avcodec_find_decoder(source->parameters->codec_id);
	AVCodecContext *decoder = codec != NULL ? avcodec_alloc_context3(codec) : NULL;

	if (decoder == NULL)
		return NULL;
	decoder->pkt_timebase = source->time_base;
	decoder->thread_count = 1;
	if (avcodec_parameters_to_context(decoder, source->parameters) < 0 ||
		avcodec_open2(decoder, codec, NULL) < 0)
		avcodec_free_context(&decoder);
	return decoder;
}

static bool
grow(void *array, size_t *capacity, size_t wanted, size_t item)
{
	void **items = array;
	size_t target = *capacity * 2 > wanted ? *capacity * 2 : wanted;
	void *grown;

	if (wanted <= *capacity)
		return true;
	grown = realloc(*items, target * item);
	if (grown == NULL)
		return false;
	*items = grown;
	*capacity = target;
	return true;
}

/* Replaces what is no sound (not a number, beyond all amplitudes) and measures again. */
static void
repair_block(float *mono, size_t count, SoundBlock *block)
{
	*block = (SoundBlock){0};
	for (size_t i = 0; i < count; i++)
	{
		if (!(fabsf(mono[i]) <= MAX_AMPLITUDE))
			mono[i] = 0.0f;
		block->energy += mono[i] * mono[i];
		block->peak = fmaxf(block->peak, fabsf(mono[i]));
	}
}

static void
mix_tail(const float *const *channels, int channel_count, size_t at, size_t count,
		 float *mono, SoundBlock *block)
{
	*block = (SoundBlock){0};
	for (size_t i = at; i < at + count; i++)
	{
		float sum = 0.0f;

		for (int c = 0; c < channel_count; c++)
		{
			sum += channels[c][i];
			block->peak = fmaxf(block->peak, fabsf(channels[c][i]));
		}
		mono[i] = sum / (float) channel_count;
		block->energy += mono[i] * mono[i];
	}
}

/* Mixes whole blocks; the bits of absolute floats order as integers do. */
__attribute__((target_clones("arch=x86-64-v3", "default"))) static void
mix_blocks(const float *const *channels, int channel_count, size_t block_count,
		   float *mono, SoundBlock *blocks)
{
	const Mask absolute = (Mask){} + 0x7fffffff;
	const Vector scale = (Vector){} + 1.0f / (float) channel_count;

	for (size_t block = 0; block < block_count; block++)
	{
		Vector energy = {0};
		Mask peak = {0};
		float sum = 0.0f;
		int32_t top = 0;

		for (size_t at = block * BLOCK_SAMPLES; at < (block + 1) * BLOCK_SAMPLES; at += 8)
		{
			Vector mixed = {0};

			for (int c = 0; c < channel_count; c++)
			{
				Vector x = *(const Vector *) (channels[c] + at);
				Mask size = (Mask) x & absolute;
				Mask greater = size > peak;

				peak = (size & greater) | (peak & ~greater);
				mixed += x;
			}
			mixed *= scale;
			energy += mixed * mixed;
			*(Vector *) (mono + at) = mixed;
		}
		for (int i = 0; i < 8; i++)
		{
			sum += energy[i];
			top = peak[i] > top ? peak[i] : top;
		}
		blocks[block].energy = sum;
		memcpy(&blocks[block].peak, &top, sizeof top);
	}
}

/* Appends a frame of planar floats to the chunk. */
static void
append_frame(SoundChunk *chunk, const AVFrame *frame)
{
	size_t samples = (size_t) frame->nb_samples;
	size_t whole = samples / BLOCK_SAMPLES;
	size_t blocks = (samples + BLOCK_SAMPLES - 1) / BLOCK_SAMPLES;
	int channel_count = frame->ch_layout.nb_channels;
	const float *channels[MIXED_CHANNELS];
	float *mono;
	SoundBlock *block;

	channel_count = channel_count < MIXED_CHANNELS ? channel_count : MIXED_CHANNELS;
	if (!grow(&chunk->mono, &chunk->sample_capacity, chunk->sample_count + samples,
			  sizeof *chunk->mono) ||
		!grow(&chunk->blocks, &chunk->block_capacity, chunk->block_count + blocks,
			  sizeof *chunk->blocks) ||
		!grow(&chunk->runs, &chunk->run_capacity, chunk->run_count + 1,
			  sizeof *chunk->runs))
	{
		chunk->out_of_memory = true;
		return;
	}
	mono = chunk->mono + chunk->sample_count;
	block = chunk->blocks + chunk->block_count;
	for (int c = 0; c < channel_count; c++)
		channels[c] = (const float *) frame->extended_data[c];
	mix_blocks(channels, channel_count, whole, mono, block);
	if (whole < blocks)
		mix_tail(channels, channel_count, whole * BLOCK_SAMPLES,
				 samples - whole * BLOCK_SAMPLES, mono, block + whole);
	for (size_t i = 0; i < blocks; i++)
		if (!(block[i].energy <= BLOCK_SAMPLES * MAX_AMPLITUDE * MAX_AMPLITUDE) ||
			!(block[i].peak <= MAX_AMPLITUDE))
			repair_block(mono + i * BLOCK_SAMPLES,
						 i < whole ? BLOCK_SAMPLES : samples - whole * BLOCK_SAMPLES,
						 block + i);
	chunk->runs[chunk->run_count++] =
		(SoundRun){frame->pts,          frame->sample_rate, samples,
				   chunk->sample_count, chunk->block_count, frame->pkt_pos};
	chunk->sample_count += samples;
	chunk->block_count += blocks;
}

static void
note_error(SoundChunk *chunk, int64_t timestamp, int64_t position)
{
	if (chunk->errors++ > 0)
		return;
	chunk->error_at = timestamp;
	chunk->error_position = position;
}

/* The packet (NULL: the end) cannot be decoded. */
static void
note_packet(SoundChunk *chunk, const AVPacket *packet)
{
	if (packet != NULL)
		note_error(chunk, packet->pts, packet->pos);
	else
		note_error(chunk, AV_NOPTS_VALUE, -1);
}

/* Converts a frame of any sample format to planar floats, channels and rate unchanged. */
static bool
to_planar_float(SwrContext **swr, AVFrame *frame, AVFrame *converted)
{
	if (frame->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
		av_channel_layout_default(&frame->ch_layout, frame->ch_layout.nb_channels);
	for (int tries = 0; tries < 2; tries++)
	{
		int result;

		av_frame_unref(converted);
		if (*swr == NULL && (*swr = swr_alloc()) == NULL)
			return false;
		converted->format = AV_SAMPLE_FMT_FLTP;
		converted->sample_rate = frame->sample_rate;
		if (av_channel_layout_copy(&converted->ch_layout, &frame->ch_layout) < 0)
			return false;
		result = swr_convert_frame(*swr, converted, frame);
		if (result >= 0)
		{
			converted->pts = frame->pts;
			return converted->nb_samples > 0;
		}
		swr_free(swr); /* the format changed within the stream */
	}
	return false;
}

static void
take_frame(SoundChunk *chunk, DecodeScratch *scratch)
{
	AVFrame *frame = scratch->frame;

	if (frame->nb_samples <= 0 || frame->ch_layout.nb_channels <= 0)
		return;
	if (frame->decode_error_flags != 0 || (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0)
		note_error(chunk, frame->pts, frame->pkt_pos);
	if (frame->format == AV_SAMPLE_FMT_FLTP)
		append_frame(chunk, frame);
	else if (to_planar_float(&scratch->swr, frame, scratch->converted))
		append_frame(chunk, scratch->converted);
	else
		note_error(chunk, frame->pts, frame->pkt_pos);
}

/* Sends a packet (NULL: the end) and takes the frames it yields if they are wanted. */
static void
decode_packet(SoundChunk *chunk, DecodeScratch *scratch, AVCodecContext *decoder,
			  const AVPacket *packet, bool wanted)
{
	int result = avcodec_send_packet(decoder, packet);

	while (result >= 0)
	{
		result = avcodec_receive_frame(decoder, scratch->frame);
		if (result >= 0 && wanted)
			take_frame(chunk, scratch);
		av_frame_unref(scratch->frame);
	}
	if (result != AVERROR(EAGAIN) && result != AVERROR_EOF && wanted)
		note_packet(chunk, packet);
}

void
decode_chunk(SoundChunk *chunk, DecodeScratch *scratch)
{
	SoundSource *source = chunk->source;
	CLEANUP(codec) AVCodecContext *fresh = NULL;
	AVCodecContext *decoder = source->decoder;

	if (decoder == NULL)
		decoder = open_decoder(source);
	if (source->warm_up < 0)
		source->decoder = decoder;
	else
		fresh = decoder;
	if (decoder == NULL || scratch->frame == NULL || scratch->converted == NULL)
	{
		note_packet(chunk, chunk->packet_count > 0 ? chunk->packets[0] : NULL);
		return;
	}
	for (int i = 0; i < chunk->packet_count; i++)
		decode_packet(chunk, scratch, decoder, chunk->packets[i], i >= chunk->warm);
	if (chunk->last)
		decode_packet(chunk, scratch, decoder, NULL, true);
}
