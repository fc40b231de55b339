/*
 * media/cut_exact.c
 *	  Cuts that begin with the picture asked for.
 *
 * Parts are written one after the other. The heads of the next ones are read and given to
 * threads before, two each, and so few at a time that memory stays small however many parts
 * there are and however large the pictures.
 */
#include "media/cut_exact.h"

#include <malloc.h>
#include <math.h>
#include <pthread.h>

#include "base/array.h"
#include "media/cut_plan.h"
#include "media/cut_recode.h"
#include "media/cut_start.h"
#include "media/smart.h"

/* A picture this little before a span still belongs to it: times are told in milliseconds. */
#define NEAR_SECONDS 0.0006

/* A decoder and an encoder take some 40 bytes for each pixel: heads of so many pixels together
 * are made at a time, or one. */
#define MOST_PIXELS 1000000

/* Pictures are larger than this, packets mostly smaller. */
#define MMAP_THRESHOLD (64 * 1024)

typedef struct ExactPart
{
	SmartHead head;
	pthread_t thread;
	bool running;
	int64_t end; /* wanted */
} ExactPart;

typedef struct ExactRun
{
	const ExactCut *cut;
	SmartSource source;
	CutRecoder sound; /* open where packets of sound are too long to be cut */
	ExactPart *parts;
	size_t prepared;
} ExactRun;

static void
cleanup_run(ExactRun *run)
{
	for (size_t i = 0; i < run->prepared; i++)
	{
		if (run->parts[i].running)
			(void) pthread_join(run->parts[i].thread, NULL);
		smart_free(&run->parts[i].head);
	}
	free(run->parts);
	smart_close(&run->source);
	cut_recoder_close(&run->sound);
}

static void *
make_head(void *head)
{
	(void) smart_make(head);
	return NULL;
}

/* Reads what the next part's head needs and lets a thread make it. */
static bool
prepare_next(ExactRun *run, Error *err)
{
	ExactPart *part = &run->parts[run->prepared];
	const Span *span = &run->cut->spans[run->prepared];
	const Cutter *cutter = run->cut->cutter;
	int64_t start = input_timestamp(cutter->input, cutter->video,
									fmax(span->start - NEAR_SECONDS, 0.0));

	part->end = input_timestamp(cutter->input, cutter->video, span->end);
	run->prepared++;
	if (!smart_read(&part->head, &run->source, start, part->end, err))
		return false;
	if (part->head.read.count == 0)
		return true;
	part->running = pthread_create(&part->thread, NULL, make_head, &part->head) == 0;
	if (!part->running)
		make_head(&part->head);
	return true;
}

static bool
write_head(ExactRun *run, ExactPart *part, Error *err)
{
	Cutter *cutter = run->cut->cutter;
	SmartHead *head = &part->head;

	if (part->running)
		(void) pthread_join(part->thread, NULL);
	part->running = false;
	if (head->err.code[0] != '\0')
	{
		*err = head->err;
		return false;
	}
	if (head->stands && cutter->audio == NULL)
		return true;
	for (size_t i = 0; i < head->made.count; i++)
	{
		AVPacket *packet = head->made.items[i];

		packet->pts += cutter->out - head->start;
		packet->dts += cutter->out - head->start;
		if (!cutter_write_picture(cutter, packet, err))
			return false;
	}
	return true;
}

/* A span without a key frame in it: where it ends before what was asked that is told, and one
 * that holds no picture is none. */
static bool
judge_head(ExactRun *run, const ExactPart *part, bool *empty, Error *err)
{
	Cutter *cutter = run->cut->cutter;
	const SmartHead *head = &part->head;
	bool nothing = head->stands && cutter->audio == NULL;

	*empty = nothing || head->made.count == 0;
	return cutter_ends(
		cutter, input_time(cutter->input, cutter->video, part->end),
		input_time(cutter->input, cutter->video, nothing ? head->start : head->until),
		false, err);
}

static bool
write_part(ExactRun *run, ExactPart *part, Error *err)
{
	const SmartHead *head = &part->head;
	CutPart copy = {.start = head->start,
					.copied = head->whole ? AV_NOPTS_VALUE : head->until,
					.end = head->whole ? head->until : part->end};
	bool empty = false;

	if (!write_head(run, part, err))
		return false;
	if (head->whole && !judge_head(run, part, &empty, err))
		return false;
	smart_free(&part->head);
	return empty || cutter_copy(run->cut->cutter, &copy, err);
}

static bool
open_output(ExactRun *run, Error *err)
{
	Cutter *cutter = run->cut->cutter;
	const Avcc *avcc = &run->source.avcc;
	CLEANUP(free) uint8_t *record = array_new(avcc_size(avcc), 1);
	OutputTrack tracks[OUTPUT_KINDS] = {output_copy_of(cutter->video),
										output_copy_of(cutter->audio)};

	if (cut_has_long_packets(tracks[OUTPUT_AUDIO].parameters) &&
		!cut_recoder_open(&run->sound, cutter, &tracks[OUTPUT_AUDIO], err))
		return false;
	tracks[OUTPUT_VIDEO].record = record;
	tracks[OUTPUT_VIDEO].record_size = avcc_write(avcc, record);
	tracks[OUTPUT_VIDEO].packets =
		cut_count_packets(cutter, cutter->video, cutter->length);
	tracks[OUTPUT_AUDIO].packets =
		cut_count_packets(cutter, cutter->audio, cutter->length);
	return cutter_open(cutter, run->cut->output_fd, tracks, run->cut->count,
					   run->cut->least_room, err);
}

/* How many heads are made at a time. */
static size_t
heads_at_once(const ExactCut *cut)
{
	const AVCodecParameters *video = cut->cutter->video->codecpar;
	int64_t pixels = (int64_t) video->width * video->height;
	int64_t fit = pixels > 0 ? MOST_PIXELS / pixels : 1;

	return (size_t) FFMAX(FFMIN(cut->threads / 2, fit), 1);
}

bool
cut_exactly(const ExactCut *cut, Error *err)
{
	CLEANUP(run)
	ExactRun run = {.cut = cut, .parts = array_new(cut->count, sizeof(ExactPart))};
	size_t ahead = heads_at_once(cut);

	/* what decoders and encoders held goes back to the system with them */
	(void) mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
	if (!smart_open(&run.source, cut->cutter->input, cut->cutter->video, err) ||
		!open_output(&run, err))
		return false;
	run.source.beside = cut->threads > 1;
	for (size_t i = 0; i < cut->count; i++)
	{
		while (run.prepared < cut->count && run.prepared < i + ahead)
			if (!prepare_next(&run, err))
				return false;
		if (!write_part(&run, &run.parts[i], err))
			return false;
	}
	return cut_recoder_finish(&run.sound, err) && cutter_finish(cut->cutter, err);
}
