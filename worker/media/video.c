/*
 * media/video.c
 *	  The picture track, packet by packet.
 */
#include "media/video.h"

#include <math.h>

#include <libavutil/display.h>

/* A step is uneven when it differs from the usual one by this share and this much time;
 * a track is variable when this share of its steps is. */
#define UNEVEN_SHARE   0.25
#define UNEVEN_SECONDS 0.003
#define VARIABLE_SHARE 0.02

/* Decoding times grow; a step back by more is a part stored twice or a clock set anew. */
#define BACK_SECONDS 0.5

static const struct
{
	enum AVCodecID codec;
	VideoShape shape;
} shapes[] = {
	{AV_CODEC_ID_H264, SHAPE_H264},
    {AV_CODEC_ID_HEVC, SHAPE_HEVC},
	{AV_CODEC_ID_VP8,  SHAPE_VP8 },
    {AV_CODEC_ID_VP9,  SHAPE_VP9 },
	{AV_CODEC_ID_AV1,  SHAPE_AV1 },
};

Bitstream
video_bitstream(const AVStream *stream)
{
	const AVCodecParameters *parameters = stream->codecpar;
	VideoShape shape = SHAPE_UNKNOWN;

	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
		if (shapes[i].codec == parameters->codec_id)
			shape = shapes[i].shape;
	return bitstream_of(shape, parameters->extradata,
						(size_t) parameters->extradata_size);
}

void
video_track_init(VideoTrack *track, const MediaInput *input, AVStream *stream)
{
	*track = (VideoTrack){.input = input, .stream = stream, .last_dts = AV_NOPTS_VALUE};
	if (stream != NULL)
		track->bitstream = video_bitstream(stream);
}

static double
usual_step(const AVStream *stream)
{
	AVRational rate = stream->avg_frame_rate;

	return rate.num > 0 && rate.den > 0 ? av_q2d(av_inv_q(rate)) : 0.0;
}

static void
note_step(VideoTrack *track, const AVPacket *packet, double at, Integrity *integrity)
{
	double usual = usual_step(track->stream);
	double step;

	if (packet->dts == AV_NOPTS_VALUE)
		return;
	if (track->last_dts != AV_NOPTS_VALUE)
	{
		step =
			(double) (packet->dts - track->last_dts) * av_q2d(track->stream->time_base);
		if (step < -BACK_SECONDS)
		{
			integrity_note(integrity, FAULT_BAD_TIMES, at, 0.0);
			integrity_place(integrity, FAULT_BAD_TIMES, packet->pos);
		}
		if (usual > 0.0 &&
			fabs(step - usual) > fmax(UNEVEN_SHARE * usual, UNEVEN_SECONDS))
			track->uneven++;
	}
	track->last_dts = packet->dts;
}

void
video_track_packet(VideoTrack *track, const AVPacket *packet, Integrity *integrity)
{
	int64_t stamp = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
	double at = input_time(track->input, track->stream, stamp);
	double length = packet->duration > 0
						? (double) packet->duration * av_q2d(track->stream->time_base)
						: usual_step(track->stream);

	if (stamp != AV_NOPTS_VALUE)
	{
		track->start = track->packets == 0 || at < track->start ? at : track->start;
		track->end = at + length > track->end ? at + length : track->end;
	}
	track->packets++;
	note_step(track, packet, at, integrity);
	if ((packet->flags & AV_PKT_FLAG_CORRUPT) == 0 &&
		!bitstream_fits(track->bitstream, packet->data, (size_t) packet->size))
	{
		integrity_note(integrity, FAULT_BAD_VIDEO_PACKET, at, 0.0);
		integrity_place(integrity, FAULT_BAD_VIDEO_PACKET, packet->pos);
		integrity->damaged_seconds += length;
	}
}

double
video_frame_rate(const VideoTrack *track)
{
	AVRational rate = track->stream->avg_frame_rate;
	double named = rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0.0;
	double seconds = track->end - track->start;
	double measured = seconds > 0.0 ? (double) track->packets / seconds : 0.0;

	if (measured <= 0.0 || (named > 0.0 && fabs(named - measured) < 0.01 * named))
		return named;
	return measured;
}

bool
video_is_variable(const VideoTrack *track)
{
	return (double) track->uneven > VARIABLE_SHARE * (double) track->packets;
}

int
video_rotation(const AVStream *stream)
{
	const uint8_t *side =
		av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, NULL);
	int32_t matrix[9];
	double angle;
	int quarter;

	if (side == NULL)
		return 0;
	memcpy(matrix, side, sizeof matrix);
	angle = av_display_rotation_get(matrix); /* counter-clockwise, or not a number */
	if (!isfinite(angle))
		return 0;
	quarter = (int) lround(-angle / 90.0);
	return ((quarter % 4) + 4) % 4 * 90;
}
