/*
 * media/smart_make.c
 *	  Decoding and encoding the pictures of a head, one beside the other.
 */
#include <string.h>

#include "base/array.h"
#include "media/cut_part.h"
#include "media/smart.h"
#include "media/smart_line.h"
#include "media/smart_packets.h"

/* The encoder may use so much more than the pictures it replaces, on average. */
#define RATE_SHARE   1.3
#define LEAST_RATE   100000
#define HIGHEST_RATE 100000000.0

typedef struct HeadMaker
{
	SmartHead *head;
	AVCodecContext *decoder;
	AVFrame *before; /* the last picture before the head, until the first one is there */
	size_t given;    /* pictures for the encoder */
	size_t wanted;   /* pictures that the head has */
	bool needs_before; /* the first one is shown since before the head */
	SmartLine line;
	/* behind the line */
	AVCodecContext *encoder;
	int64_t *times; /* of the pictures given to the encoder */
	size_t count;
	size_t capacity;
	Error err;
} HeadMaker;

static void
cleanup_maker(HeadMaker *maker)
{
	avcodec_free_context(&maker->decoder);
	avcodec_free_context(&maker->encoder);
	av_frame_free(&maker->before);
	free(maker->times);
}

static bool
refuse_for(const HeadMaker *maker, const char *what, Error *err)
{
	double at =
		(double) maker->head->start * av_q2d(maker->head->source->video->time_base);

	return error_set(err, ERROR_INPUT, CUT_DOES_NOT_FIT,
					 "Let it be encoded anew (trimming.mode: reencode).",
					 "the pictures at %.3f s %s", at, what);
}

static bool
refuse(HeadMaker *maker, const char *what)
{
	return refuse_for(maker, what, &maker->head->err);
}

static bool
refuse_encoded(HeadMaker *maker, const char *what)
{
	return refuse_for(maker, what, &maker->err);
}

/* What the pictures that are replaced take, in bits a second. */
static int64_t
rate_of(const SmartHead *head)
{
	int64_t first = FFMIN(head->read.items[0]->pts, head->start);
	double seconds =
		(double) (head->until - first) * av_q2d(head->source->video->time_base);
	double rate = seconds > 0.0 ? 8.0 * (double) head->read.bytes / seconds : 0.0;

	return (int64_t) (RATE_SHARE * (rate < HIGHEST_RATE ? rate : HIGHEST_RATE)) +
		   LEAST_RATE / 10;
}

static bool
open_codecs(HeadMaker *maker)
{
	SmartHead *head = maker->head;
	const SmartSource *source = head->source;
	const AVCodecParameters *parameters = source->video->codecpar;
	const AVCodec *codec = avcodec_find_decoder(parameters->codec_id);
	PictureEncoding encoding = source->encoding;

	maker->decoder = codec != NULL ? avcodec_alloc_context3(codec) : NULL;
	if (maker->decoder == NULL ||
		avcodec_parameters_to_context(maker->decoder, parameters) < 0)
		return refuse(maker, "cannot be decoded");
	maker->decoder->pkt_timebase = source->video->time_base;
	maker->decoder->thread_count = 1;
	maker->decoder->err_recognition = AV_EF_EXPLODE;
	if (avcodec_open2(maker->decoder, codec, NULL) < 0)
		return refuse(maker, "cannot be decoded");
	encoding.max_bitrate = FFMAX(rate_of(head), LEAST_RATE);
	maker->encoder = encoder_open_pictures(&encoding, &head->err);
	if (maker->encoder == NULL)
		return false;
	return ((size_t) maker->encoder->extradata_size == source->header_size &&
			memcmp(maker->encoder->extradata, source->headers, source->header_size) ==
				0) ||
		   refuse(maker, "would need parameter sets of their own");
}

/* Puts an encoded picture into the form and the time of the source. */
static bool
keep_made(HeadMaker *maker, const AVPacket *packet)
{
	SmartHead *head = maker->head;
	CLEANUP(packet) AVPacket *made = av_packet_alloc();
	size_t number = (size_t) packet->pts;
	size_t size = (size_t) packet->size;

	array_check(made);
	if (packet->pts < 0 || number >= maker->count || number != head->made.count ||
		av_new_packet(made, (int) AVCC_ROOM(size)) < 0)
		return refuse_encoded(maker, "cannot be encoded in order");
	size =
		avcc_from_annexb(packet->data, size, head->source->avcc.length_size, made->data);
	if (size == 0)
		return refuse_encoded(maker, "cannot be put into the form of the recording");
	av_shrink_packet(made, (int) size);
	made->flags = packet->flags;
	made->pts = maker->times[number];
	made->dts = made->pts - head->delay;
	smart_packets_add(&head->made, made);
	return true;
}

/* Encodes a picture, NULL: the end, and keeps what is finished. */
static bool
encode(void *arg, AVFrame *frame, int64_t time)
{
	HeadMaker *maker = arg;
	CLEANUP(packet) AVPacket *packet = av_packet_alloc();

	array_check(packet);
	if (frame != NULL)
	{
		maker->times = array_room(maker->times, &maker->capacity, maker->count + 1,
								  sizeof *maker->times);
		maker->times[maker->count] = time;
		frame->pts = (int64_t) maker->count++;
		encoder_forget_source(frame);
	}
	if (avcodec_send_frame(maker->encoder, frame) < 0)
		return refuse_encoded(maker, "cannot be encoded");
	while (avcodec_receive_packet(maker->encoder, packet) >= 0)
	{
		bool kept = keep_made(maker, packet);

		av_packet_unref(packet);
		if (!kept)
			return false;
	}
	return true;
}

static bool
give(HeadMaker *maker, AVFrame *frame, int64_t time)
{
	maker->given++;
	return smart_line_put(&maker->line, frame, time);
}

/* A decoded picture: one before the head is kept for a moment, it may still be shown. */
static bool
take_frame(HeadMaker *maker, AVFrame *frame)
{
	const SmartHead *head = maker->head;
	int64_t time = frame->best_effort_timestamp;

	if (frame->width != maker->encoder->width || frame->height != maker->encoder->height)
		return refuse(maker, "change their size");
	if (frame->decode_error_flags != 0)
		return refuse(maker, "are damaged");
	if (time < head->start)
	{
		av_frame_free(&maker->before);
		maker->before = array_check(av_frame_clone(frame));
		return true;
	}
	if (time >= head->until)
	{
		/* the first picture of all may come later, and stands before */
		if (maker->given == 0 && maker->before == NULL)
			maker->before = array_check(av_frame_clone(frame));
		return true;
	}
	if (maker->given == 0 && time > head->start && maker->before != NULL &&
		!give(maker, maker->before, head->start))
		return false;
	av_frame_free(&maker->before);
	return give(maker, frame, time);
}

/* Decodes a packet, NULL: the end. */
static bool
decode(HeadMaker *maker, const AVPacket *packet)
{
	CLEANUP(frame) AVFrame *frame = av_frame_alloc();

	array_check(frame);
	if (avcodec_send_packet(maker->decoder, packet) < 0)
		return refuse(maker, "are damaged");
	for (;;)
	{
		int result = avcodec_receive_frame(maker->decoder, frame);

		if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
			return true;
		if (result < 0)
			return refuse(maker, "are damaged");
		if (!take_frame(maker, frame))
			return false;
		av_frame_unref(frame);
	}
}

/* Counts the pictures that the head has by its packets; one of them may be the one before. */
static void
count_wanted(HeadMaker *maker)
{
	const SmartHead *head = maker->head;
	size_t wanted = 0;
	bool at_start = false;

	for (size_t i = 0; i < head->read.count; i++)
	{
		int64_t pts = head->read.items[i]->pts;

		wanted += pts >= head->start && pts < head->until ? 1 : 0;
		at_start = at_start || pts == head->start;
	}
	maker->wanted = at_start ? wanted : wanted + 1;
	maker->needs_before = !at_start;
}

static void
set_durations(SmartHead *head)
{
	for (size_t i = 0; i < head->made.count; i++)
		head->made.items[i]->duration =
			(i + 1 < head->made.count ? head->made.items[i + 1]->pts : head->until) -
			head->made.items[i]->pts;
}

/* Decodes the head and gives its pictures to the encoder. */
static bool
decode_head(HeadMaker *maker)
{
	SmartHead *head = maker->head;

	for (size_t i = 0; i < head->read.count; i++)
	{
		/* before the head only what later pictures refer to is needed */
		maker->decoder->skip_frame =
			head->read.items[i]->pts < head->start && !maker->needs_before
				? AVDISCARD_NONREF
				: AVDISCARD_DEFAULT;
		if (!decode(maker, head->read.items[i]))
			return false;
		av_packet_free(&head->read.items[i]);
	}
	if (!decode(maker, NULL))
		return false;
	return maker->given > 0 || maker->before == NULL ||
		   give(maker, maker->before, head->start);
}

bool
smart_make(SmartHead *head)
{
	CLEANUP(maker) HeadMaker maker = {.head = head};
	bool decoded;

	count_wanted(&maker);
	if (!open_codecs(&maker))
		return false;
	smart_line_open(&maker.line, encode, &maker, head->source->beside);
	decoded = decode_head(&maker);
	if (!smart_line_close(&maker.line, decoded))
	{
		if (maker.err.code[0] != '\0')
			head->err = maker.err;
		return false;
	}
	if (head->made.count != maker.wanted)
		return refuse(&maker, "are more or fewer than the recording says");
	set_durations(head);
	return true;
}
