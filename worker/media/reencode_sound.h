/*
 * media/reencode_sound.h
 *	  Decodes sound, takes parts of it to the sample, and encodes them as AAC in one row.
 *
 * All positions are samples at the encoder's rate: of source time on the way in, of output
 * time on the way out. Where the source has no sound there is silence.
 */
#ifndef LEAP_MEDIA_REENCODE_SOUND_H
#define LEAP_MEDIA_REENCODE_SOUND_H

#include "media/output.h"

typedef struct SoundPiece
{
	AVFrame *frame; /* planar floats */
	int64_t at;     /* source position of its first sample */
} SoundPiece;

/* Before all sound: recordings may begin before 0. */
#define SOUND_NOT_FED (INT64_MIN / 2)

typedef struct SoundRecoder
{
	const MediaInput *input;
	AVStream *stream;
	AVCodecContext *decoder;
	AVCodecContext *encoder;
	SwrContext *converter;
	AVFrame *format; /* what the converter was made for: no samples */
	SoundPiece *pieces;
	size_t first; /* pieces before it have been used */
	size_t count;
	size_t capacity;
	int64_t
		fed; /* source position where the decoded sound ends; SOUND_NOT_FED: none yet */
	int64_t written; /* samples given to the encoder */
	AVFrame *filling;
	MediaOutput *output;
} SoundRecoder;

/* Opens decoder and encoder of a track, of so many bits a second. */
bool sound_recoder_open(SoundRecoder *recoder, const MediaInput *input, AVStream *stream,
						int64_t bitrate, Error *err);

/* The track as it will be; the output to write to is set afterwards. */
OutputTrack sound_recoder_track(const SoundRecoder *recoder,
								AVCodecParameters *parameters);

/* What is fed next does not follow what was fed before. */
void sound_recoder_jump(SoundRecoder *recoder);

/* Takes a packet, NULL: the end of the track. What cannot be decoded is silence. */
bool sound_recoder_feed(SoundRecoder *recoder, const AVPacket *packet, Error *err);

/* Writes the source's samples [from, until) behind those written before; what the track has
 * not been fed with until now is silence. Earlier sound is forgotten. */
bool sound_recoder_take(SoundRecoder *recoder, int64_t from, int64_t until, Error *err);

/* Writes what is left. */
bool sound_recoder_finish(SoundRecoder *recoder, Error *err);
void sound_recoder_close(SoundRecoder *recoder);

static inline AVRational
sound_recoder_tick(const SoundRecoder *recoder)
{
	return recoder->encoder->time_base;
}

#endif
