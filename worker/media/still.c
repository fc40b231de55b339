/*
 * media/still.c
 *	  A picture of loudness.
 */
#include "media/still.h"

#include <math.h>
#include <string.h>

#include "base/array.h"
#include "media/encoder.h"
#include "media/envelope.h"

#define WIDTH       1280
#define HEIGHT      720
#define KEY_SECONDS 60

/* A bar and the gap behind it, in pixels, between the margins. */
#define MARGIN    64
#define BAR_WIDTH 6
#define BAR_STEP  8

enum
{
	BARS = (WIDTH - 2 * MARGIN) / BAR_STEP
};

/* The least and the greatest half of a bar, in pixels, and the level of the least in dBFS. */
#define LEAST_HALF 2
#define MOST_HALF  220
#define LOWEST_DB  (-60.0)
#define HIGHEST_DB (-6.0)

typedef struct Colour
{
	uint8_t y;
	uint8_t u;
	uint8_t v;
} Colour;

static const Colour ground = {38, 134, 123};
static const Colour bar = {165, 152, 96};

/* Even coordinates, as chroma is half as fine. */
static void
fill(AVFrame *frame, int left, int top, int width, int height, Colour colour)
{
	for (int y = top; y < top + height; y++)
		memset(frame->data[0] + (ptrdiff_t) y * frame->linesize[0] + left, colour.y,
			   (size_t) width);
	for (int y = top / 2; y < (top + height) / 2; y++)
	{
		memset(frame->data[1] + (ptrdiff_t) y * frame->linesize[1] + left / 2, colour.u,
			   (size_t) width / 2);
		memset(frame->data[2] + (ptrdiff_t) y * frame->linesize[2] + left / 2, colour.v,
			   (size_t) width / 2);
	}
}

/* The source time of an instant of the spans put together. */
static double
source_time(const Span *spans, size_t count, double at)
{
	for (size_t i = 0; i < count; i++)
	{
		double length = spans[i].end - spans[i].start;

		if (at < length || i + 1 == count)
			return spans[i].start + at;
		at -= length;
	}
	return 0.0;
}

/* Half the height of a bar: the loudest level between two source times. */
static int
half_of(const Envelope *envelope, double from, double to)
{
	size_t first = from > 0.0 ? (size_t) (from * ENVELOPE_PER_SECOND) : 0;
	size_t last = to > 0.0 ? (size_t) (to * ENVELOPE_PER_SECOND) + 1 : 0;
	uint8_t loudest = ENVELOPE_SILENT;
	double share;

	for (size_t i = first; i < last && i < envelope->count; i++)
		if (envelope->hops[i].rms < loudest)
			loudest = envelope->hops[i].rms;
	share = (envelope_decibel(loudest) - LOWEST_DB) / (HIGHEST_DB - LOWEST_DB);
	share = share < 0.0 ? 0.0 : share > 1.0 ? 1.0 : share;
	return LEAST_HALF + 2 * (int) lround(share * (MOST_HALF - LEAST_HALF) / 2.0);
}

static void
draw(AVFrame *frame, const Envelope *envelope, const Span *spans, size_t count,
	 double length)
{
	fill(frame, 0, 0, WIDTH, HEIGHT, ground);
	for (int i = 0; i < BARS; i++)
	{
		double from = source_time(spans, count, length * i / BARS);
		int half = half_of(envelope, from, from + length / BARS);

		fill(frame, MARGIN + i * BAR_STEP, HEIGHT / 2 - half, BAR_WIDTH, 2 * half, bar);
	}
}

static bool
make_picture(Still *still)
{
	AVFrame *frame = still->picture = av_frame_alloc();

	if (frame == NULL)
		return false;
	frame->format = AV_PIX_FMT_YUV420P;
	frame->width = WIDTH;
	frame->height = HEIGHT;
	return av_frame_get_buffer(frame, 0) >= 0;
}

bool
still_open(Still *still, int envelope_fd, const Span *spans, size_t count, Error *err)
{
	static const AVRational second = {1, 1};
	CLEANUP(envelope) Envelope envelope = {0};
	PictureEncoding encoding = {
		.width = WIDTH,
		.height = HEIGHT,
		.format = AV_PIX_FMT_YUV420P,
		.sample_aspect = {1, 1},
		.time_base = second,
		.rate = second,
		.preset = "veryfast",
		.profile = "high",
		.parameters = "rc-lookahead=0:sync-lookahead=0",
		.crf = 23.0,
		.key_interval = KEY_SECONDS,
		.threads = 1
    };

	if (!envelope_read(&envelope, envelope_fd, err))
		return false;
	for (size_t i = 0; i < count; i++)
		still->length += spans[i].end - spans[i].start;
	still->encoder = encoder_open_pictures(&encoding, err);
	if (still->encoder == NULL)
		return false;
	still->parameters = avcodec_parameters_alloc();
	if (still->parameters == NULL || !make_picture(still) ||
		avcodec_parameters_from_context(still->parameters, still->encoder) < 0)
		return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "no memory for a still picture");
	draw(still->picture, &envelope, spans, count, still->length);
	return true;
}

OutputTrack
still_track(const Still *still)
{
	return (OutputTrack){.parameters = still->parameters,
						 .time_base = still->encoder->time_base,
						 .rate = still->encoder->framerate,
						 .packets = (int64_t) still->length + 1};
}

static bool
write_packets(Still *still, MediaOutput *output, Error *err)
{
	CLEANUP(packet) AVPacket *packet = array_check(av_packet_alloc());
	bool written = true;

	while (written && avcodec_receive_packet(still->encoder, packet) >= 0)
	{
		packet->duration = 1;
		written = output_write(output, OUTPUT_VIDEO, packet, err);
		av_packet_unref(packet);
	}
	return written;
}

bool
still_write(Still *still, MediaOutput *output, Error *err)
{
	int64_t pictures = (int64_t) ceil(still->length);

	for (int64_t i = 0; i <= pictures; i++)
	{
		AVFrame *frame = i < pictures ? still->picture : NULL;

		if (frame != NULL)
			frame->pts = i;
		if (avcodec_send_frame(still->encoder, frame) < 0)
			return error_set(err, ERROR_PERMANENT, "cannot_encode", HINT_BUG,
							 "a still picture cannot be encoded");
		if (!write_packets(still, output, err))
			return false;
	}
	return true;
}

void
still_close(Still *still)
{
	avcodec_free_context(&still->encoder);
	avcodec_parameters_free(&still->parameters);
	av_frame_free(&still->picture);
}
