/*
 * media/cut_part.h
 *	  The state of a cut, and the copying of one of its parts.
 */
#ifndef LEAP_MEDIA_CUT_PART_H
#define LEAP_MEDIA_CUT_PART_H

#include "base/spans.h"
#include "media/cut_sound.h"
#include "media/cut_tail.h"
#include "media/output.h"
#include "media/progress.h"
#include "media/reencode_sound.h"
#include "media/still.h"

/* The code of an error that says why a cut cannot be made as asked, but can be as a copy. */
#define CUT_DOES_NOT_FIT "does_not_fit"

typedef struct Cutter
{
	MediaInput *input;
	AVStream *video; /* NULL: sound only */
	AVStream *audio; /* NULL: silent */
	MediaOutput output;
	CutSound sound;
	SoundRecoder
		*recoder; /* encodes sound whose packets are too long to be cut; or NULL */
	bool sound_encoded;
	CutTail tail;
	AVPacket *silence; /* NULL: not needed yet, or there is none that fits */
	Progress progress;
	Still *still;     /* the picture of a recording without any, NULL: none is wanted */
	int64_t out;      /* output time of the next part, in the time base of the pictures */
	int64_t last_dts; /* of the pictures written */
	double length;    /* seconds that the cut will have, about */
	CutSpan *cuts;    /* what has been cut, seconds */
	size_t cut_count;
	char early[96]; /* says where the cut ends before what was asked; empty: nowhere */
} Cutter;

/* One part of the recording; time stamps are of the pictures, or of the sound without any. */
typedef struct CutPart
{
	int64_t start; /* of the first picture */
	int64_t
		copied; /* of the key frame from which on pictures are copied; AV_NOPTS_VALUE: all
					 * are encoded anew */
	int64_t end; /* wanted, and when the part is written: really cut */
	bool stands; /* the key frame is shown from the start on: no picture is before it */
} CutPart;

/* Prepares the output with room for cuts of `count` parts; copied sound is
 * written in units of cutter->sound.tick. */
bool cutter_open(Cutter *cutter, int output_fd, OutputTrack *tracks, size_t count,
				 int64_t least_room, Error *err);
void cutter_close(Cutter *cutter);

/*
 * Copies the pictures of a part from part->copied on, and all of its sound; sets part->end,
 * notes what was cut, and moves cutter->out. Pictures before part->copied have been written
 * by the caller (cutter_write_picture), at part->start + cutter->out.
 */
bool cutter_copy(Cutter *cutter, CutPart *part, Error *err);

/* Writes a picture whose time stamps are output time, in the time base of the pictures. */
bool cutter_write_picture(Cutter *cutter, AVPacket *packet, Error *err);

/* Writes a packet of sound whose time stamps are those of the source. */
bool cutter_write_sound(Cutter *cutter, AVPacket *packet, Error *err);

/* Completes the output; cutter->out is where its pictures end. */
bool cutter_finish(Cutter *cutter, Error *err);

/* Notes what was cut, in seconds, and where the next part goes. */
void cutter_note(Cutter *cutter, const CutPart *part);

/*
 * Tells that something is cut up to `end` of what was to be kept up to `wanted`, source time:
 * much less is said in the result, and fails (class input, "cannot_read") where reading did.
 */
bool cutter_ends(Cutter *cutter, double wanted, double end, bool failed, Error *err);

static inline void
cleanup_cutter(Cutter *cutter)
{
	cutter_close(cutter);
}

#endif
