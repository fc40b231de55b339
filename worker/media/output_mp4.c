/*
 * media/output_mp4.c
 *	  Writing an MP4: index in front, media behind it.
 *
 * The file is: type, index, a free box for what is left of the room, and the media in one
 * box. Each fragment of libav becomes a chunk of each track in it.
 */
#include "media/output_mp4.h"

#include <errno.h>
#include <malloc.h>
#include <unistd.h>

#include <libavutil/opt.h>

#include "base/array.h"
#include "media/bytes.h"
#include "media/mp4_movie.h"

/* A chunk of each track, one behind the other, of so many microseconds. */
#define CHUNK_DURATION "1000000"

/* Where one track has no packet for long, the other one's are not held in memory for it. */
#define MOST_HELD (8 * 1024 * 1024)

/* The media's box has a length of 64 bits, whatever it holds. */
#define MEDIA_HEAD 16

/* Fragments are larger than this, packets mostly smaller. */
#define MMAP_THRESHOLD (64 * 1024)

/* Opus has to be decoded so long before it is heard, seconds. */
#define OPUS_ROLL 0.080

struct OutputMp4
{
	Mp4Movie movie;
	uint8_t *fragment; /* what libav has written since `base`, in its counting */
	size_t size;
	size_t capacity;
	int64_t base;
	int64_t held; /* bytes of packets given since the last fragment */
	bool keeps_times;
};

bool
output_mp4_options(AVDictionary **options)
{
	return av_dict_set(options, "movflags",
					   "+empty_moov+delay_moov+default_base_moof+negative_cts_offsets"
					   "+skip_trailer",
					   0) >= 0 &&
		   av_dict_set(options, "use_editlist", "0", 0) >= 0 &&
		   av_dict_set(options, "frag_duration", CHUNK_DURATION, 0) >= 0;
}

/* How many packets decoding has to begin before the one that is to be heard. */
static int16_t
roll_of(const AVCodecParameters *parameters)
{
	double length;

	if (parameters->codec_id == AV_CODEC_ID_AAC)
		return -1;
	if (parameters->codec_id != AV_CODEC_ID_OPUS)
		return 0;
	length = parameters->frame_size > 0 ? parameters->frame_size / 48000.0 : 0.020;
	return (int16_t) - (OPUS_ROLL / length + 0.5);
}

bool
output_mp4_open(MediaOutput *output, int64_t room, Error *err)
{
	static const uint8_t media_head[MEDIA_HEAD] = {0, 0, 0, 1, 'm', 'd', 'a', 't'};

	/* the memory of a fragment goes back to the system, and packets do not fill its place */
	(void) mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
	output->mp4 = array_new(1, sizeof *output->mp4);
	buffer_init(&output->mp4->movie.init);
	for (unsigned i = 0; i < output->format->nb_streams && i < MP4_TRACKS; i++)
		output->mp4->movie.tracks[i].roll = roll_of(output->format->streams[i]->codecpar);
	output->room = room;
	output->size = room + MEDIA_HEAD;
	/* tables have times relative to each track's first: nothing has to be moved */
	output->format->avoid_negative_ts = 0;
	return write_at(output->fd, media_head, sizeof media_head, room) ||
		   error_errno(err, "write_failed", "cannot write the cut");
}

bool
output_mp4_keep(MediaOutput *output, const uint8_t *bytes, size_t size)
{
	OutputMp4 *mp4 = output->mp4;
	size_t at = (size_t) (output->position - mp4->base);

	if (output->position < mp4->base)
	{
		errno = EINVAL;
		return false;
	}
	mp4->fragment = array_room(mp4->fragment, &mp4->capacity, at + size, 1);
	memcpy(mp4->fragment + at, bytes, size);
	if (at + size > mp4->size)
		mp4->size = at + size;
	return true;
}

/* Puts what a fragment holds at the end of the file. */
static bool
write_media(MediaOutput *output, Mp4Bytes moof, Mp4Bytes media, Error *err)
{
	if (!mp4_movie_add(&output->mp4->movie, moof, media, output->size))
		return error_set(err, ERROR_INPUT, "cannot_copy",
						 "Re-encode the recording to H.264 and AAC and add it again.",
						 "the packets at %.1f MB of the cut cannot be put in order",
						 (double) output->size / 1e6);
	if (!write_at(output->fd, media.at, media.size, output->size))
		return error_errno(err, "write_failed", "cannot write the cut");
	output->size += (int64_t) media.size;
	return true;
}

bool
output_mp4_keep_times(MediaOutput *output, Error *err)
{
	OutputMp4 *mp4 = output->mp4;
	int result = 0;

	/* what begins a fragment takes it back for its track */
	if (!mp4->keeps_times)
		result = av_opt_set(output->format->priv_data, "movflags", "+frag_discont", 0);
	mp4->keeps_times = mp4->base > 0;
	return result >= 0 || libav_error(err, ERROR_TRANSIENT, "out_of_memory", NULL, result,
									  "cannot keep the times of the cut");
}

/* The first index names codecs whose parameters are in their packets only. */
static bool
can_begin(const MediaOutput *output)
{
	for (int kind = 0; kind < OUTPUT_KINDS; kind++)
	{
		const AVStream *stream = output->streams[kind];

		if (stream != NULL && !output->begun[kind] &&
			(stream->codecpar->codec_id == AV_CODEC_ID_AC3 ||
			 stream->codecpar->codec_id == AV_CODEC_ID_EAC3))
			return false;
	}
	return true;
}

/* Does not wait any longer for a track that has nothing. */
static bool
let_go(MediaOutput *output, int size, Error *err)
{
	OutputMp4 *mp4 = output->mp4;
	int result;

	mp4->held += size;
	if (mp4->held < MOST_HELD || !can_begin(output))
		return true;
	mp4->held = 0;
	result = av_write_frame(output->format, NULL);
	return result >= 0 || libav_error(err, ERROR_INPUT, "cannot_copy", NULL, result,
									  "cannot write packets of the cut");
}

bool
output_mp4_drain(MediaOutput *output, int size, Error *err)
{
	OutputMp4 *mp4 = output->mp4;
	Mp4Bytes run;
	Mp4Bytes moof = {0};
	Mp4Box box;

	if (!let_go(output, size, err))
		return false;
	if (avio_tell(output->io) == mp4->base)
		return true;
	avio_flush(output->io);
	run = (Mp4Bytes){mp4->fragment, mp4->size};
	while (mp4_box_next(&run, &box))
		if (mp4_box_is(&box, "moov"))
			mp4_movie_begin(&mp4->movie, box.all);
		else if (mp4_box_is(&box, "moof"))
			moof = box.all;
		else if (mp4_box_is(&box, "mdat") && !write_media(output, moof, box.body, err))
			return false;
	mp4->base += (int64_t) mp4->size;
	mp4->size = 0;
	mp4->held = 0;
	mp4->keeps_times = false;
	return true;
}

/* Type, index and what is left of the room. */
static void
write_front(const MediaOutput *output, Buffer *front)
{
	static const char brands[][5] = {"iso4", "isom", "iso2", "mp41", "avc1"};
	size_t count = sizeof brands / sizeof brands[0];
	bool avc = false;
	size_t at = mp4_begin(front, "ftyp");

	for (unsigned i = 0; i < output->format->nb_streams; i++)
		avc = avc || output->format->streams[i]->codecpar->codec_id == AV_CODEC_ID_H264;
	buffer_append(front, brands[0], 4);
	mp4_put(front, 0x200, 4);
	for (size_t i = 0; i < (avc ? count : count - 1); i++)
		buffer_append(front, brands[i], 4);
	mp4_end(front, at);
}

static bool
fill_room(MediaOutput *output, Buffer *front, Error *err)
{
	int64_t left = output->room - (int64_t) front->length;

	output->index = (int64_t) front->length;
	if (left < 0 || (left > 0 && left < 8))
		return error_set(err, ERROR_TRANSIENT, OUTPUT_NO_ROOM, NULL,
						 "the index of %lld bytes does not fit into %lld",
						 (long long) output->index, (long long) output->room);
	if (left > 0)
	{
		mp4_put(front, (uint64_t) left, 4);
		buffer_append(front, "free", 4);
	}
	return true;
}

/* The last picture may have been written before it was known that no other follows. */
static void
stretch_pictures(const MediaOutput *output)
{
	const AVStream *stream = output->streams[OUTPUT_VIDEO];
	Mp4Table *table;
	int64_t end;

	if (stream == NULL || output->pictures_end <= 0)
		return;
	table = &output->mp4->movie.tracks[stream->index].table;
	end = av_rescale_q(output->pictures_end, output->time_bases[OUTPUT_VIDEO],
					   stream->time_base);
	if (end > 0 && (uint64_t) end > mp4_table_duration(table))
		(void) mp4_table_reach(table, (uint64_t) end);
}

bool
output_mp4_finish(MediaOutput *output, Error *err)
{
	CLEANUP(buffer) Buffer front = {0};
	uint8_t size[8];

	stretch_pictures(output);
	buffer_init(&front);
	write_front(output, &front);
	if (!mp4_movie_write(&output->mp4->movie, &front))
		return error_set(err, ERROR_PERMANENT, "cannot_copy", HINT_BUG,
						 "the index of the cut is not what it should be");
	if (!fill_room(output, &front, err))
		return false;
	mp4_set(size, (uint64_t) (output->size - output->room), sizeof size);
	return (write_at(output->fd, front.data, front.length, 0) &&
			write_at(output->fd, size, sizeof size, output->room + 8)) ||
		   error_errno(err, "write_failed", "cannot write the index of the cut");
}

void
output_mp4_close(MediaOutput *output)
{
	if (output->mp4 == NULL)
		return;
	mp4_movie_free(&output->mp4->movie);
	free(output->mp4->fragment);
	free(output->mp4);
	output->mp4 = NULL;
}
