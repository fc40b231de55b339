/*
 * media/poster.c
 *	  The poster of a recording.
 */
#include "media/poster.h"

#include "media/bytes.h"
#include "media/picture.h"
#include "media/video.h"

#define POSTER_WIDTH    640
#define MINIATURE_WIDTH 160

/* A plain picture (a black start, an empty slide) is passed over this often. */
#define MAX_TRIES 4

/* Packets read at most until a picture comes out. */
#define MAX_PACKETS 2000

static AVCodecContext *
open_video_decoder(const AVStream *stream)
{
	const AVCodec *codec = avcodec_find_decoder(stream->codecpar->codec_id);
	AVCodecContext *decoder = codec != NULL ? avcodec_alloc_context3(codec) : NULL;

	if (decoder == NULL)
		return NULL;
	decoder->pkt_timebase = stream->time_base;
	decoder->thread_count = 1;
	decoder->skip_frame = AVDISCARD_NONKEY;
	if (avcodec_parameters_to_context(decoder, stream->codecpar) < 0 ||
		avcodec_open2(decoder, codec, NULL) < 0)
		avcodec_free_context(&decoder);
	return decoder;
}

/* Decodes from the position of the input until a picture comes out. */
static bool
next_picture(MediaInput *input, const AVStream *stream, AVCodecContext *decoder,
			 AVFrame *frame)
{
	CLEANUP(packet) AVPacket *packet = av_packet_alloc();
	Error err; /* a recording without a poster is none that fails */

	for (int i = 0; packet != NULL && i < MAX_PACKETS; i++)
	{
		InputRead read = input_read(input, packet, &err);

		if (read != INPUT_PACKET)
			avcodec_send_packet(decoder, NULL);
		else if (packet->stream_index == stream->index)
			avcodec_send_packet(decoder, packet);
		av_packet_unref(packet);
		if (avcodec_receive_frame(decoder, frame) >= 0)
			return true;
		if (read != INPUT_PACKET)
			return false;
	}
	return false;
}

static AVFrame *
picture_at(MediaInput *input, AVStream *stream, double at, double *found)
{
	CLEANUP(codec) AVCodecContext *decoder = open_video_decoder(stream);
	CLEANUP(frame) AVFrame *frame = av_frame_alloc();

	if (decoder == NULL || frame == NULL)
		return NULL;
	if (av_seek_frame(input->format, stream->index, input_timestamp(input, stream, at),
					  AVSEEK_FLAG_BACKWARD) < 0 &&
		avformat_seek_file(input->format, -1, INT64_MIN, input->origin, INT64_MAX, 0) < 0)
		return NULL;
	if (!next_picture(input, stream, decoder, frame))
		return NULL;
	*found = input_time(input, stream, frame->best_effort_timestamp);
	return picture_scale(frame, POSTER_WIDTH);
}

static bool
write_picture(const AVFrame *picture, int fd, Poster *poster, Error *err)
{
	CLEANUP(packet) AVPacket *jpeg = picture_encode(picture);

	if (jpeg == NULL)
		return false;
	poster->width = picture->width;
	poster->height = picture->height;
	return write_at(fd, jpeg->data, (size_t) jpeg->size, 0) ||
		   error_errno(err, "write_failed", "cannot write the poster");
}

/* The same, small, for lists; without it they show the poster. */
static bool
write_miniature(const AVFrame *picture, int fd, Error *err)
{
	CLEANUP(frame)
	AVFrame *small = fd >= 0 ? picture_scale(picture, MINIATURE_WIDTH) : NULL;
	CLEANUP(packet) AVPacket *jpeg = small != NULL ? picture_encode(small) : NULL;

	return jpeg == NULL || write_at(fd, jpeg->data, (size_t) jpeg->size, 0) ||
		   error_errno(err, "write_failed", "cannot write the miniature");
}

bool
poster_write(MediaInput *input, AVStream *stream, double at, double step, int fd,
			 int miniature_fd, Poster *poster, Error *err)
{
	CLEANUP(frame) AVFrame *picture = NULL;
	CLEANUP(frame) AVFrame *upright = NULL;
	bool plain = true;

	for (unsigned i = 0; i < input->format->nb_streams; i++)
		input->format->streams[i]->discard =
			input->format->streams[i] == stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
	for (int tries = 0; plain && tries < MAX_TRIES; tries++)
	{
		double found = 0.0;
		AVFrame *next = picture_at(input, stream, at + tries * step, &found);

		if (next == NULL)
			break;
		plain = picture_is_plain(next);
		if (picture != NULL && plain)
		{
			av_frame_free(&next);
			continue;
		}
		av_frame_free(&picture);
		picture = next;
		poster->at = found < 0.0 ? 0.0 : found;
	}
	if (picture == NULL)
		return false;
	upright = picture_turn(picture, video_rotation(stream));
	return upright != NULL && write_picture(upright, fd, poster, err) &&
		   write_miniature(upright, miniature_fd, err);
}
