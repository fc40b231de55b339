/*
 * media/cut_write.c
 *	  Writing the pictures and the sound of a cut, and what is told of it.
 */
#include "media/cut_part.h"

#include "base/array.h"
#include "media/cut_recode.h"
#include "media/silence.h"

/* A cut that ends so much before what was asked is told of. */
#define EARLY_SECONDS 0.5

/* A guess where nobody says how long packets of sound are. */
#define PACKETS_A_SECOND 50

bool
cutter_open(Cutter *cutter, int output_fd, OutputTrack *tracks, size_t count,
			int64_t least_room, Error *err)
{
	cutter->out = 0;
	cutter->last_dts = INT64_MIN;
	cutter->cut_count = 0;
	cutter->cuts = array_new(count, sizeof *cutter->cuts);
	cutter->sound_encoded = cutter->audio != NULL &&
							tracks[OUTPUT_AUDIO].parameters != cutter->audio->codecpar;
	if (cutter->audio != NULL && !cutter->sound_encoded)
	{
		cut_sound_init(&cutter->sound, cutter->audio, cut_choose_clock(tracks));
		tracks[OUTPUT_AUDIO].time_base = cutter->sound.tick;
	}
	if (cutter->still != NULL)
		tracks[OUTPUT_VIDEO] = still_track(cutter->still);
	return output_open(&cutter->output, output_fd, tracks, least_room, err) &&
		   (cutter->still == NULL || still_write(cutter->still, &cutter->output, err));
}

void
cutter_close(Cutter *cutter)
{
	cut_tail_free(&cutter->tail);
	av_packet_free(&cutter->silence);
	output_close(&cutter->output);
	free(cutter->cuts);
	cutter->cuts = NULL;
}

bool
cutter_write_picture(Cutter *cutter, AVPacket *packet, Error *err)
{
	double at = (double) packet->pts * av_q2d(cutter->video->time_base);

	/* where parts meet, decoding times may: they only have to ascend */
	if (packet->dts <= cutter->last_dts)
		packet->dts = cutter->last_dts + 1;
	if (packet->dts > packet->pts)
		return error_set(err, ERROR_INPUT, CUT_DOES_NOT_FIT,
						 "Let it be encoded anew (trimming.mode: reencode).",
						 "the pictures at %.3f s of the cut cannot be put in order", at);
	cutter->last_dts = packet->dts;
	/* how long a picture is shown says nothing on when the next one is decoded */
	if (strcmp(cutter->output.container, "mp4") == 0)
		packet->duration = 1;
	progress_report(&cutter->progress, 0.97 * at / cutter->length);
	return output_write(&cutter->output, OUTPUT_VIDEO, packet, err);
}

/* A track of MP4 begins at 0 or is not where it says. Where there is no silence for it the first
 * packet is heard there, too, and nothing until its time. */
static bool
begin_track(Cutter *cutter, const AVPacket *packet, int64_t length, Error *err)
{
	CLEANUP(packet) AVPacket *first = av_packet_clone(packet);

	if (first == NULL)
		return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "no memory for sound");
	first->pts = first->dts = 0;
	first->duration = length;
	return output_write(&cutter->output, OUTPUT_AUDIO, first, err);
}

/* The length of the packets of copied sound, in its ticks. */
static int64_t
usual_length(const Cutter *cutter, const AVPacket *packet)
{
	int64_t length = cutter->audio->codecpar->frame_size;

	if (length <= 0)
		length =
			av_rescale_q(packet->duration, cutter->audio->time_base, cutter->sound.tick);
	return length > 0 ? length : cutter->sound.tick.den / PACKETS_A_SECOND;
}

/* Fills what is missing before the packet, as far as a whole packet of silence fits. */
static bool
fill_gap(Cutter *cutter, const AVPacket *packet, Error *err)
{
	const AVCodecParameters *track = cutter->audio->codecpar;
	int64_t length = usual_length(cutter, packet);
	int64_t missing = cut_sound_gap(&cutter->sound, packet, length);

	if (missing == 0 || strcmp(cutter->output.container, "mp4") != 0)
		return true;
	if (cutter->silence == NULL)
		cutter->silence = silence_like(track);
	if (cutter->silence == NULL && !cutter->output.begun[OUTPUT_AUDIO])
		return begin_track(cutter, packet, length, err);
	for (; cutter->silence != NULL && missing > 0; missing--)
	{
		CLEANUP(packet) AVPacket *silence = av_packet_clone(cutter->silence);

		if (silence == NULL)
			return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
							 "no memory for silence");
		silence->pts = silence->dts = cutter->sound.at;
		silence->duration = track->frame_size;
		cutter->sound.at += silence->duration;
		if (!output_write(&cutter->output, OUTPUT_AUDIO, silence, err))
			return false;
	}
	return true;
}

bool
cutter_write_sound(Cutter *cutter, AVPacket *packet, Error *err)
{
	if (!fill_gap(cutter, packet, err))
		return false;
	if (!cut_sound_place(&cutter->sound, packet))
		return true;
	if (cutter->video == NULL)
		progress_report(&cutter->progress, 0.97 * (double) packet->pts *
											   av_q2d(cutter->sound.tick) /
											   cutter->length);
	return output_write(&cutter->output, OUTPUT_AUDIO, packet, err);
}

bool
cutter_finish(Cutter *cutter, Error *err)
{
	if (cutter->video != NULL)
		cutter->output.pictures_end = cutter->out;
	return output_finish(&cutter->output, err);
}

void
cutter_note(Cutter *cutter, const CutPart *part)
{
	CutSpan *cut = &cutter->cuts[cutter->cut_count];
	const CutSound *sound = &cutter->sound;

	if (cutter->video != NULL && part->end > part->start)
	{
		cut->start = input_time(cutter->input, cutter->video, part->start);
		cut->end = input_time(cutter->input, cutter->video, part->end);
		cut->at = (double) cutter->out * av_q2d(cutter->video->time_base);
		cutter->out += part->end - part->start;
		cutter->cut_count++;
	}
	else if (cutter->video == NULL && sound->first != AV_NOPTS_VALUE)
	{
		double origin = (double) cutter->input->origin / AV_TIME_BASE;

		cut->start = (double) sound->first * av_q2d(sound->tick) - origin;
		cut->end = (double) sound->last * av_q2d(sound->tick) - origin;
		cut->at = (double) (sound->first + sound->shift) * av_q2d(sound->tick);
		cutter->cut_count++;
	}
}

bool
cutter_ends(Cutter *cutter, double wanted, double end, bool failed, Error *err)
{
	if (wanted - end < EARLY_SECONDS)
		return true;
	if (failed)
		return error_set(
			err, ERROR_INPUT, "cannot_read",
			"The recording is damaged there: fetch it again, or keep what is "
			"before.",
			"the recording cannot be read from %.3f s on, up to %.3f s of it "
			"are to be kept",
			end, wanted);
	if (cutter->early[0] == '\0')
		snprintf(cutter->early, sizeof cutter->early,
				 "the recording has nothing between %.3f s and %.3f s", end, wanted);
	return true;
}
