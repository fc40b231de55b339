/*
 * media/cut_recode.c
 *	  Sound in packets too long to be moved by half of one.
 */
#include "media/cut_recode.h"

#include <string.h>

#include "base/array.h"

/* Half a packet of sound is the error at a cut. */
#define LONG_PACKET_SECONDS 0.040
#define RECODED_BITRATE     96000 /* bits/s */

/* Of packets longer than this none may begin near enough to the first picture. */
#define LEADING_PACKET_SECONDS 0.050

/* Where packets may have any length they are taken for long, but for those of Opus. */
bool
cut_has_long_packets(const AVCodecParameters *sound)
{
	if (sound == NULL || sound->sample_rate <= 0 || sound->codec_id == AV_CODEC_ID_OPUS)
		return false;
	return sound->frame_size <= 0 ||
		   sound->frame_size > LONG_PACKET_SECONDS * sound->sample_rate;
}

CutClock
cut_choose_clock(const OutputTrack *tracks)
{
	const AVCodecParameters *video = tracks[OUTPUT_VIDEO].parameters;
	const AVCodecParameters *audio = tracks[OUTPUT_AUDIO].parameters;

	if (video == NULL || audio == NULL)
		return CLOCK_IN_ROW;
	if (strcmp(output_container(video->codec_id, audio->codec_id), "mp4") == 0)
		return audio->frame_size > LEADING_PACKET_SECONDS * audio->sample_rate
				   ? CLOCK_LEADING
				   : CLOCK_IN_ROW;
	return cut_has_long_packets(audio) ? CLOCK_OF_SOURCE : CLOCK_IN_ROW;
}

bool
cut_recoder_open(CutRecoder *recoder, Cutter *cutter, OutputTrack *track, Error *err)
{
	recoder->cutter = cutter;
	recoder->parameters = array_check(avcodec_parameters_alloc());
	if (!sound_recoder_open(&recoder->sound, cutter->input, cutter->audio,
							RECODED_BITRATE, err))
		return false;
	recoder->sound.output = &cutter->output;
	cutter->recoder = &recoder->sound;
	*track = sound_recoder_track(&recoder->sound, recoder->parameters);
	return true;
}

bool
cut_recoder_finish(CutRecoder *recoder, Error *err)
{
	return recoder->cutter == NULL || sound_recoder_finish(&recoder->sound, err);
}

void
cut_recoder_close(CutRecoder *recoder)
{
	if (recoder->cutter == NULL)
		return;
	recoder->cutter->recoder = NULL;
	sound_recoder_close(&recoder->sound);
	avcodec_parameters_free(&recoder->parameters);
	recoder->cutter = NULL;
}
