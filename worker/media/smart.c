/*
 * media/smart.c
 *	  Which recordings heads can be made for, and collecting their packets.
 */
#include "media/smart.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "media/cut_part.h"
#include "media/cut_start.h"
#include "media/smart_packets.h"

/* A head longer or greater than this is not worth encoding, and would take much memory. */
#define MAX_HEAD_SECONDS 60.0
#define MAX_HEAD_BYTES   ((int64_t) 32 * 1024 * 1024)

/* A span whose first picture comes later than this begins with the one shown before. */
#define MAX_WAIT_SECONDS 0.1

/* Good to look at, and no greater than what is replaced. */
#define HEAD_CRF    23.0
#define HEAD_PRESET "superfast"

/* How far before the wanted time a search lands, seconds. */
static const double steps[] = {0.0, 10.0, MAX_HEAD_SECONDS};

static const struct
{
	unsigned idc;
	const char *name;
} profiles[] = {
	{66,  "baseline"},
	{77,  "main"    },
	{100, "high"    },
};

static bool
does_not_fit(Error *err, const char *why)
{
	return error_set(err, ERROR_INPUT, CUT_DOES_NOT_FIT,
					 "Let it be encoded anew (trimming.mode: reencode).", "%s", why);
}

static const char *
profile_name(unsigned idc)
{
	for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++)
		if (profiles[i].idc == idc)
			return profiles[i].name;
	return NULL;
}

/* Reads the parameter sets; *format is that of the pictures. */
static bool
check_sets(SmartSource *source, AvccFormat *format, Error *err)
{
	const AVCodecParameters *parameters = source->video->codecpar;

	if (parameters->codec_id != AV_CODEC_ID_H264)
		return does_not_fit(err, "only H.264 can be cut exactly");
	if (!avcc_parse(parameters->extradata, (size_t) parameters->extradata_size,
					&source->avcc))
		return does_not_fit(err, "the parameter sets of the pictures are not in the "
								 "header of the recording");
	for (size_t i = 0; i < source->avcc.sps_count; i++)
	{
		if (!avcc_format(&source->avcc.sps[i], format))
			return does_not_fit(err, "the parameter sets of the pictures are not known");
		if (!format->frames_only)
			return does_not_fit(err, "interlaced pictures cannot be cut exactly");
		if (profile_name(format->profile) == NULL || format->chroma != 1 ||
			format->luma_depth != 8 || format->chroma_depth != 8)
			return does_not_fit(err, "only 8-bit 4:2:0 pictures of the profiles "
									 "baseline, main and high can be cut exactly");
	}
	if (parameters->width % 2 != 0 || parameters->height % 2 != 0)
		return does_not_fit(err, "pictures of odd size cannot be cut exactly");
	return true;
}

static void
choose_encoding(SmartSource *source, const AvccFormat *format, int id)
{
	const AVCodecParameters *like = source->video->codecpar;
	AVRational rate = encoder_usual_rate(source->video);
	bool full = like->format == AV_PIX_FMT_YUVJ420P;

	snprintf(source->parameters, sizeof source->parameters,
			 "sps-id=%d:stitchable=1:scenecut=0:rc-lookahead=0:sync-lookahead=0", id);
	source->encoding =
		(PictureEncoding){.like = like,
						  .range = like->color_range,
						  .width = like->width,
						  .height = like->height,
						  .format = full ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P,
						  .sample_aspect = like->sample_aspect_ratio,
						  .time_base = av_inv_q(rate),
						  .rate = rate,
						  .told_rate = encoder_told_rate(source->video),
						  .preset = HEAD_PRESET,
						  .profile = profile_name(format->profile),
						  .parameters = source->parameters,
						  .level = (int) format->level,
						  .crf = HEAD_CRF,
						  .max_bitrate = 1000000,
						  .key_interval = INT_MAX / 2,
						  .threads = 1};
}

bool
smart_open(SmartSource *source, MediaInput *input, AVStream *video, Error *err)
{
	CLEANUP(codec) AVCodecContext *encoder = NULL;
	AvccFormat format = {0};
	int id;

	*source = (SmartSource){.input = input, .video = video};
	if (!check_sets(source, &format, err))
		return false;
	id = avcc_free_id(&source->avcc);
	if (id < 0)
		return does_not_fit(err, "all ids of parameter sets are taken");
	choose_encoding(source, &format, id);
	encoder = encoder_open_pictures(&source->encoding, err);
	if (encoder == NULL)
		return false;
	source->header_size = (size_t) encoder->extradata_size;
	source->headers = array_new(source->header_size, 1);
	memcpy(source->headers, encoder->extradata, source->header_size);
	return avcc_add(&source->avcc, source->headers, source->header_size) ||
		   does_not_fit(err, "the encoder's parameter sets do not fit beside those of "
							 "the recording");
}

void
smart_close(SmartSource *source)
{
	free(source->headers);
	source->headers = NULL;
}

typedef enum ReadState
{
	READ_ON,
	READ_LANDED_LATE, /* there is no key frame before the span here */
	READ_DONE,
	READ_REFUSED
} ReadState;

typedef struct HeadReader
{
	SmartHead *head;
	int64_t wanted;  /* start of the span */
	int64_t end;     /* and its end */
	bool first_part; /* reading from the beginning: what comes first is the first */
	bool begun;
	int64_t begin; /* the key frame that the collection begins with */
	int64_t last_end;
	int64_t behind; /* the first picture at or behind the end, as far as seen */
	CutOrder order;
	Error *err;
} HeadReader;

static ReadState
finish_head(HeadReader *reader, int64_t until, bool whole)
{
	reader->head->until = until;
	reader->head->whole = whole;
	return READ_DONE;
}

/* The span ends within the head: with its last picture, or while that one stands. */
static ReadState
finish_whole(HeadReader *reader, int64_t last_end)
{
	int64_t slack = cut_slack(reader->head->source->video);

	return finish_head(reader, last_end <= reader->end + slack ? last_end : reader->end,
					   true);
}

/* The first picture of the recording comes only after the span's start. Where that is long,
 * the picture stands before, too, for the sound that is there already. */
static ReadState
take_late_picture(HeadReader *reader, AVPacket *packet)
{
	SmartHead *head = reader->head;
	AVRational base = head->source->video->time_base;
	int64_t time = packet->pts;

	head->start = time;
	if ((double) (time - reader->wanted) * av_q2d(base) > MAX_WAIT_SECONDS)
	{
		head->delay = packet->pts - packet->dts;
		smart_packets_add(&head->read, packet);
	}
	return time < reader->end     ? finish_head(reader, time, false)
		   : head->read.count > 0 ? finish_head(reader, reader->end, true)
								  : READ_LANDED_LATE;
}

static ReadState
take_key_frame(HeadReader *reader, AVPacket *packet)
{
	SmartHead *head = reader->head;

	if (packet->pts > reader->wanted)
	{
		if (!reader->begun)
			return reader->first_part ? take_late_picture(reader, packet)
									  : READ_LANDED_LATE;
		return packet->pts < reader->end ? finish_head(reader, packet->pts, false)
										 : finish_whole(reader, reader->behind);
	}
	reader->begun = true;
	reader->begin = packet->pts;
	head->delay = packet->pts - packet->dts;
	smart_packets_free(&head->read);
	if (packet->pts < reader->wanted)
		return READ_ON;
	head->start = packet->pts;
	return finish_head(reader, packet->pts, false);
}

/* Looks at a packet of the pictures and keeps it if the head needs it. */
static ReadState
take_packet(HeadReader *reader, AVPacket *packet)
{
	SmartHead *head = reader->head;
	const SmartSource *source = head->source;
	AvccPacket look = avcc_look(&source->avcc, packet->data, (size_t) packet->size);
	double seconds;
	ReadState state = READ_ON;

	cut_order_packet(&reader->order, source->video, packet);
	if (packet->pts == AV_NOPTS_VALUE || packet->dts == AV_NOPTS_VALUE || !look.whole ||
		(packet->flags & AV_PKT_FLAG_CORRUPT) != 0)
		return does_not_fit(reader->err, "pictures are damaged or without a time"),
			   READ_REFUSED;
	if (look.other_sets)
		return does_not_fit(reader->err, "the parameter sets of the pictures change"),
			   READ_REFUSED;
	if (packet->pts >= reader->end && packet->pts < reader->behind)
		reader->behind = packet->pts;
	if (look.is_idr)
		state = take_key_frame(reader, packet);
	if (state != READ_ON || !reader->begun)
		return state;
	if (packet->dts >= reader->end + cut_slack(source->video))
		return finish_whole(reader, reader->behind);
	seconds = (double) (packet->pts - reader->begin) * av_q2d(source->video->time_base);
	if (seconds > MAX_HEAD_SECONDS || head->read.bytes > MAX_HEAD_BYTES)
		return does_not_fit(reader->err,
							"key frames without reference to earlier pictures are too "
							"far apart"),
			   READ_REFUSED;
	if (packet->pts + packet->duration > reader->last_end)
		reader->last_end = packet->pts + packet->duration;
	smart_packets_add(&head->read, packet);
	return READ_ON;
}

static ReadState
read_from_here(HeadReader *reader)
{
	CLEANUP(packet) AVPacket *packet = av_packet_alloc();
	const SmartSource *source = reader->head->source;
	ReadState state = READ_ON;
	InputRead read = INPUT_PACKET;

	array_check(packet);
	while (state == READ_ON &&
		   (read = input_read(source->input, packet, reader->err)) == INPUT_PACKET)
	{
		if (packet->stream_index == source->video->index)
			state = take_packet(reader, packet);
		av_packet_unref(packet);
	}
	if (state != READ_ON || read == INPUT_FAILED)
		return read == INPUT_FAILED ? READ_REFUSED : state;
	if (!reader->begun)
		return READ_LANDED_LATE;
	/* the last picture of all stands where the pictures end before the sound */
	reader->head->stands = reader->last_end <= reader->wanted;
	if (reader->head->stands)
		return finish_head(reader, reader->end, true);
	return finish_whole(reader, FFMIN(reader->behind, reader->last_end));
}

/* The first picture of the span: at or behind its start, or the one shown then. */
static void
choose_first(SmartHead *head, int64_t wanted)
{
	AVRational base = head->source->video->time_base;
	int64_t first = head->until;

	if (head->read.count == 0)
		return;
	for (size_t i = 0; i < head->read.count; i++)
	{
		int64_t pts = head->read.items[i]->pts;

		if (pts >= wanted && pts < first)
			first = pts;
	}
	head->start =
		(double) (first - wanted) * av_q2d(base) > MAX_WAIT_SECONDS ? wanted : first;
	if (head->start == head->until)
		smart_packets_free(&head->read);
}

bool
smart_read(SmartHead *head, const SmartSource *source, int64_t start, int64_t end,
		   Error *err)
{
	AVStream *video = source->video;

	*head = (SmartHead){.source = source};
	cut_select(source->input, video, NULL);
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
	{
		double landing = input_time(source->input, video, start) - steps[i];
		HeadReader reader = {.head = head,
							 .wanted = start,
							 .end = end,
							 .first_part = landing <= 0.0,
							 .last_end = start,
							 .behind = INT64_MAX,
							 .order = CUT_ORDER_NEW,
							 .err = err};
		ReadState state;

		if (!cut_seek(source->input, video, landing, err))
			return false;
		state = read_from_here(&reader);
		if (state == READ_DONE)
			choose_first(head, start);
		if (state == READ_DONE || state == READ_REFUSED)
			return state == READ_DONE;
		smart_packets_free(&head->read);
	}
	return does_not_fit(err, "there is no key frame without reference to earlier "
							 "pictures near a span");
}

void
smart_free(SmartHead *head)
{
	smart_packets_free(&head->read);
	smart_packets_free(&head->made);
}
