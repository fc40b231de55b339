/*
 * media/cut_sound.c
 *	  The clock of copied sound.
 */
#include "media/cut_sound.h"

/* Time stamps are rounded to this by some containers. */
#define ROUNDING_SECONDS 0.002

void
cut_sound_init(CutSound *sound, const AVStream *stream, CutClock clock)
{
	int rate = stream->codecpar->sample_rate;

	*sound = (CutSound){
		.stream = stream,
		.tick = {1, rate > 0 ? rate : 48000},
		.clock = clock,
		.first = AV_NOPTS_VALUE
    };
}

void
cut_sound_begin(CutSound *sound, int64_t source, int64_t out, AVRational base)
{
	sound->shift =
		av_rescale_q(out, base, sound->tick) - av_rescale_q(source, base, sound->tick);
	sound->free_start = false;
	sound->first = AV_NOPTS_VALUE;
}

void
cut_sound_begin_alone(CutSound *sound, int64_t source)
{
	sound->shift =
		sound->at - av_rescale_q(source, sound->stream->time_base, sound->tick);
	sound->free_start = true;
	sound->first = AV_NOPTS_VALUE;
}

static int64_t
rounding(const CutSound *sound)
{
	return (int64_t) (ROUNDING_SECONDS * sound->tick.den);
}

/* The length of a packet: what the codec says, unless the container says otherwise. */
static int64_t
packet_length(const CutSound *sound, const AVPacket *packet)
{
	int64_t named = av_rescale_q(packet->duration, sound->stream->time_base, sound->tick);
	int64_t usual = sound->stream->codecpar->frame_size;
	int64_t apart = named > usual ? named - usual : usual - named;

	return usual > 0 && (named <= 0 || apart <= rounding(sound)) ? usual
		   : named > 0                                           ? named
																 : 0;
}

static int64_t
place_of(const CutSound *sound, const AVPacket *packet)
{
	return av_rescale_q(packet->pts, sound->stream->time_base, sound->tick) +
		   sound->shift;
}

bool
cut_sound_reaches(const CutSound *sound, const AVPacket *packet, int64_t end)
{
	int64_t out = av_rescale_q(end, sound->stream->time_base, sound->tick) + sound->shift;
	int64_t at = sound->at;
	int64_t place = place_of(sound, packet);

	/* what is far ahead of the clock will be placed where it belongs */
	if (place > at + packet_length(sound, packet))
		at = place;
	return at + packet_length(sound, packet) / 2 <= out;
}

int64_t
cut_sound_gap(const CutSound *sound, const AVPacket *packet, int64_t length)
{
	int64_t gap = place_of(sound, packet) - sound->at;

	if (sound->free_start || length <= 0 || gap <= length / 2 + rounding(sound))
		return 0;
	return (sound->clock == CLOCK_LEADING ? gap : gap + length / 2) / length;
}

/* In a row: each packet behind the one before, unless the source has a gap. */
static bool
move_in_row(CutSound *sound, int64_t place, int64_t length)
{
	bool first = sound->first == AV_NOPTS_VALUE;

	/* the length of some packets is not known */
	if (place < sound->at && place + length / 2 <= sound->at)
		return false;
	if (sound->free_start) /* without pictures there is nothing to wait for */
		sound->shift += sound->at - place;
	else if (place - sound->at > length / 2 + rounding(sound) ||
			 (sound->clock == CLOCK_LEADING && first && place > sound->at))
		sound->at = place;
	return true;
}

/* A span begins with the first packet that does not reach into the one before. */
static bool
move_as_source(CutSound *sound, int64_t place)
{
	bool first = sound->first == AV_NOPTS_VALUE;

	if (first ? place + rounding(sound) < sound->at : place < sound->placed)
		return false;
	if (!first || place > sound->at)
		sound->at = place;
	return true;
}

bool
cut_sound_place(CutSound *sound, AVPacket *packet)
{
	int64_t length = packet_length(sound, packet);
	int64_t place = place_of(sound, packet);

	if (!(sound->clock == CLOCK_OF_SOURCE ? move_as_source(sound, place)
										  : move_in_row(sound, place, length)))
		return false;
	sound->free_start = false;
	packet->pts = packet->dts = sound->placed = sound->at;
	packet->duration = length;
	if (sound->first == AV_NOPTS_VALUE)
		sound->first = sound->at - sound->shift;
	sound->at += length;
	sound->last = sound->at - sound->shift;
	return true;
}
