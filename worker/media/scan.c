/*
 * media/scan.c
 *	  The one pass over a recording.
 */
#include "media/scan.h"

#include <math.h>

#include "media/bytes.h"
#include "media/ends.h"

/* The header may promise this much more before the end counts as missing. */
#define END_SHARE   0.98
#define END_SECONDS 1.0

/* Nobody lectures longer; a header that says so is wrong. */
#define LONGEST_SECONDS (48.0 * 3600.0)

/* Sound and picture of a recording end within this time of each other. */
#define APART_SECONDS 5.0

/* Time stamps this far behind the header's duration are wrong. */
#define BEYOND_SECONDS 60.0

typedef struct Pass
{
	Scan *scan;
	MediaInput *input;
	DecodePool *pool;
	SoundTrack *by_stream[32]; /* of max_streams, see input.c */
	int threads;
	double read_to;   /* source time of the last packet */
	int64_t read_at;  /* its place in the file, or of the packet it came with */
	int64_t failures; /* of the input's bad reads: those that have been noted */
	Error *err;
} Pass;

static bool
is_default(const AVStream *stream)
{
	return (stream->disposition & AV_DISPOSITION_DEFAULT) != 0;
}

int
scan_preferred(const Scan *scan)
{
	for (int i = 0; i < scan->track_count; i++)
		if (is_default(scan->tracks[i].stream))
			return i;
	return 0;
}

static double
time_limit(const MediaInput *input)
{
	double duration = input_duration(input);

	return duration > 0.0 && duration < LONGEST_SECONDS ? duration + BEYOND_SECONDS
														: LONGEST_SECONDS;
}

/* Whether nothing in the file names its duration. */
static bool
is_guessed(const MediaInput *input)
{
	return input->format->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE;
}

static void
find_tracks(Scan *scan, MediaInput *input)
{
	video_track_init(&scan->video, input, input_video(input));
	for (unsigned i = 0; i < input->format->nb_streams; i++)
	{
		AVStream *stream = input->format->streams[i];

		if (stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO &&
			scan->track_count < MAX_TRACKS &&
			sound_track_init(&scan->tracks[scan->track_count], input, stream,
							 time_limit(input), NULL))
			scan->track_count++;
	}
	if (scan->video.stream == NULL && scan->track_count == 0)
		integrity_note(&scan->integrity, FAULT_NO_STREAM, -1.0, 0.0);
}

static void
discard_others(const MediaInput *input, const VideoTrack *video,
			   SoundTrack *const *sounds)
{
	for (unsigned i = 0; i < input->format->nb_streams; i++)
	{
		AVStream *stream = input->format->streams[i];
		bool wanted = (video != NULL && stream == video->stream) || sounds[i] != NULL;

		stream->discard = wanted ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
	}
}

/* What the index alone says: data beyond the end of the file. */
static void
check_index(const MediaInput *input, Integrity *integrity)
{
	int64_t furthest = 0;
	const Structure *structure = &input->structure;

	integrity->missing_bytes = structure->missing;
	if (structure->missing > 0)
	{
		integrity_note(integrity, FAULT_FILE_CUT_OFF, -1.0, (double) structure->missing);
		integrity_place(integrity, FAULT_FILE_CUT_OFF, structure->size);
	}
	if (structure->has_garbage)
	{
		integrity_note(integrity, FAULT_GARBAGE, -1.0, 0.0);
		integrity_place(integrity, FAULT_GARBAGE, structure->garbage);
	}
	for (unsigned i = 0; structure->kind == FILE_MP4 && i < input->format->nb_streams;
		 i++)
	{
		AVStream *stream = input->format->streams[i];
		int count = avformat_index_get_entries_count(stream);

		for (int k = 0; k < count; k++)
		{
			const AVIndexEntry *entry = avformat_index_get_entry(stream, k);
			int64_t end = entry->pos + entry->size;

			if (end <= structure->size)
				continue;
			if (end > furthest)
				furthest = end;
			integrity_note(integrity, FAULT_SAMPLE_BEYOND_END,
						   input_time(input, stream, entry->timestamp),
						   (double) (furthest - structure->size));
			integrity_place(integrity, FAULT_SAMPLE_BEYOND_END, entry->pos);
		}
	}
}

static bool
place_finished(Pass *pass, int allowed_pending)
{
	for (;;)
	{
		SoundChunk *chunk = decode_pool_take(pass->pool, decode_pool_pending(pass->pool) >
															 allowed_pending);
		bool placed;

		if (chunk == NULL)
			return true;
		placed =
			sound_track_place(chunk->owner, chunk, &pass->scan->integrity, pass->err);
		decode_pool_release(pass->pool, chunk);
		if (!placed)
			return false;
	}
}

static bool
new_chunk(Pass *pass, SoundTrack *track)
{
	track->filling = decode_pool_chunk(pass->pool, &track->source, track->filling);
	if (track->filling == NULL)
		return error_set(pass->err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "no memory to decode the sound");
	track->filling->owner = track;
	return true;
}

static bool
add_sound(Pass *pass, SoundTrack *track, AVPacket *packet)
{
	sound_chunk_add(track->filling, packet);
	if (sound_chunk_is_full(track->filling))
	{
		SoundChunk *full = track->filling;

		if (!new_chunk(pass, track))
			return false;
		decode_pool_submit(pass->pool, full);
		return place_finished(pass, 2 * pass->threads);
	}
	return true;
}

static bool
take_packet(Pass *pass, AVPacket *packet)
{
	Scan *scan = pass->scan;
	SoundTrack *track = pass->by_stream[packet->stream_index];
	const AVStream *stream = pass->input->format->streams[packet->stream_index];

	scan->integrity.packets++;
	pass->read_to = input_time(pass->input, stream, packet->dts);
	if (packet->pos >= 0)
		pass->read_at = packet->pos;
	packet->pos = pass->read_at;
	if ((packet->flags & AV_PKT_FLAG_CORRUPT) != 0)
	{
		integrity_note(&scan->integrity, FAULT_CORRUPT_PACKET,
					   input_time(pass->input, stream, packet->pts), 0.0);
		integrity_place(&scan->integrity, FAULT_CORRUPT_PACKET, packet->pos);
	}
	if (stream == scan->video.stream)
		video_track_packet(&scan->video, packet, &scan->integrity);
	return track == NULL || add_sound(pass, track, packet);
}

/* By time; by bytes where the length is not known: that of a fragmented file is the one of
 * the fragments so far. */
static double
share_read(const Pass *pass)
{
	const MediaInput *input = pass->input;
	double duration = input_duration(input);

	if (duration > 0.0 && duration < LONGEST_SECONDS && !input->structure.fragmented &&
		!is_guessed(input))
		return fmin(pass->read_to / duration, 1.0);
	return (double) input->position / (double) input->structure.size;
}

/* Notes the packets that libav failed over since the last one it read. */
static void
note_failures(Pass *pass)
{
	Integrity *integrity = &pass->scan->integrity;

	for (; pass->failures < pass->input->bad_reads; pass->failures++)
	{
		integrity_note(integrity, FAULT_READ_ERROR, pass->read_to, 0.0);
		integrity_place(integrity, FAULT_READ_ERROR, pass->input->bad_at);
	}
}

static bool
read_packets(Pass *pass, Progress *progress)
{
	CLEANUP(packet) AVPacket *packet = av_packet_alloc();
	InputRead read = INPUT_PACKET;

	if (packet == NULL)
		return error_set(pass->err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "no memory to read the input");
	pass->failures = pass->input->bad_reads;
	while ((read = input_read(pass->input, packet, pass->err)) == INPUT_PACKET)
	{
		bool taken;

		note_failures(pass);
		taken = take_packet(pass, packet);
		av_packet_unref(packet);
		if (!taken)
			return false;
		progress_report(progress, 0.95 * share_read(pass));
	}
	note_failures(pass);
	return read == INPUT_END;
}

static bool
finish_sound(Pass *pass)
{
	for (unsigned i = 0; i < pass->input->format->nb_streams; i++)
	{
		SoundTrack *track = pass->by_stream[i];

		if (track == NULL)
			continue;
		track->filling->last = true;
		decode_pool_submit(pass->pool, track->filling);
		track->filling = NULL;
	}
	if (!place_finished(pass, 0))
		return false;
	for (unsigned i = 0; i < pass->input->format->nb_streams; i++)
		if (pass->by_stream[i] != NULL)
			sound_track_finish(pass->by_stream[i]);
	return true;
}

/* A chunk still being filled belongs to no list of the pool. */
static void
drop_filling(Pass *pass)
{
	for (unsigned i = 0; i < pass->input->format->nb_streams; i++)
	{
		SoundTrack *track = pass->by_stream[i];

		if (track != NULL && track->filling != NULL)
			decode_pool_release(pass->pool, track->filling);
		if (track != NULL)
			track->filling = NULL;
	}
}

/* Runs a pass over the tracks in by_stream and, if given, the video. */
static bool
run_pass(Pass *pass, const VideoTrack *video, int threads, Progress *progress)
{
	CLEANUP(decode_pool) DecodePool *pool = NULL;
	bool done = true;

	pass->threads = threads < 1 ? 1 : threads;
	for (unsigned i = 0; i < pass->input->format->nb_streams; i++)
		if (pass->by_stream[i] != NULL && pass->by_stream[i]->source.warm_up < 0)
			pass->threads = 1;
	pool = decode_pool_new(pass->threads, pass->err);
	if (pool == NULL)
		return false;
	pass->pool = pool;
	discard_others(pass->input, video, pass->by_stream);
	for (unsigned i = 0; done && i < pass->input->format->nb_streams; i++)
		done = pass->by_stream[i] == NULL || new_chunk(pass, pass->by_stream[i]);
	done = done && read_packets(pass, progress) && finish_sound(pass);
	drop_filling(pass);
	return done;
}

/* Nothing is missing of what the file itself names, so a longer time is a lie. */
static bool
all_named_data_is_there(const MediaInput *input, const Integrity *integrity)
{
	bool is_named = input->structure.kind == FILE_MATROSKA ||
					(input->structure.kind == FILE_MP4 && !input->structure.fragmented);

	return is_named && integrity->missing_bytes == 0 &&
		   integrity->faults[FAULT_SAMPLE_BEYOND_END].count == 0;
}

static ssize_t
read_file(void *arg, void *bytes, size_t length, int64_t offset)
{
	return read_at(*(const int *) arg, bytes, length, offset);
}

/* Files whose outer parts name no sizes may still end in the middle of something. */
static void
judge_last_bytes(Scan *scan, MediaInput *input)
{
	int64_t missing = 0;

	if (input->structure.kind == FILE_OTHER)
		missing = ends_missing(read_file, &input->fd, input->structure.size);
	if (missing == 0)
		return;
	scan->integrity.missing_bytes = missing;
	integrity_note(&scan->integrity, FAULT_FILE_CUT_OFF, -1.0, (double) missing);
	integrity_place(&scan->integrity, FAULT_FILE_CUT_OFF, input->structure.size);
}

static void
judge_ends(Scan *scan, const MediaInput *input)
{
	double header = input_duration(input);
	double sound_end = 0.0;
	double apart;

	for (int i = 0; i < scan->track_count; i++)
		sound_end = fmax(sound_end, scan->tracks[i].heard_end);
	/* to the millisecond, as it is told: boundaries found again later are the same */
	scan->duration = round(fmax(scan->video.end, sound_end) * 1000.0) / 1000.0;
	if (!is_guessed(input) && scan->duration < END_SHARE * header &&
		header - scan->duration > END_SECONDS)
		integrity_note(&scan->integrity,
					   header > LONGEST_SECONDS ||
							   all_named_data_is_there(input, &scan->integrity)
						   ? FAULT_WRONG_DURATION
						   : FAULT_ENDS_EARLY,
					   scan->duration, header - scan->duration);
	/* tracks may be named that hold nothing, and nothing be missing */
	if (scan->duration <= 0.0 && integrity_verdict(&scan->integrity) < VERDICT_TRUNCATED)
		integrity_note(&scan->integrity, FAULT_NO_STREAM, -1.0, 0.0);
	apart = fabs(scan->video.end - sound_end);
	if (scan->video.stream != NULL && sound_end > 0.0 && apart > APART_SECONDS)
		integrity_note(&scan->integrity, FAULT_ENDS_APART,
					   fmin(scan->video.end, sound_end), apart);
}

bool
scan_run(Scan *scan, MediaInput *input, WavWriter *wav, int threads, Progress *progress,
		 Error *err)
{
	Pass pass = {.scan = scan, .input = input, .err = err};

	*scan = (Scan){0};
	find_tracks(scan, input);
	if (scan->track_count > 0)
		scan->tracks[scan_preferred(scan)].wav = wav;
	for (int i = 0; i < scan->track_count; i++)
		pass.by_stream[scan->tracks[i].stream->index] = &scan->tracks[i];
	if (!run_pass(&pass, &scan->video, threads, progress) || !input_complete(input, err))
		return false;
	check_index(input, &scan->integrity);
	judge_last_bytes(scan, input);
	judge_ends(scan, input);
	return true;
}

bool
scan_sound_again(Scan *scan, MediaInput *input, int track, WavWriter *wav, int threads,
				 Error *err)
{
	Scan unused = {0};
	Pass pass = {.scan = &unused, .input = input, .err = err};
	SoundTrack *again = &unused.tracks[0];
	Progress silent = PROGRESS_TO(-1);
	bool done;
	int result =
		avformat_seek_file(input->format, -1, INT64_MIN, input->origin, input->origin, 0);

	if (result < 0)
		return libav_error(err, ERROR_INPUT, "cannot_seek", NULL, result,
						   "cannot read the sound a second time");
	if (!sound_track_init(again, input, scan->tracks[track].stream,
						  scan->tracks[track].time_limit, wav))
		return error_set(err, ERROR_INPUT, "no_decoder",
						 "Choose another sound track, or convert the sound to AAC.",
						 "the chosen sound track cannot be decoded");
	pass.by_stream[again->stream->index] = again;
	done = run_pass(&pass, NULL, threads, &silent);
	sound_track_free(again);
	return done;
}

void
scan_free(Scan *scan)
{
	for (int i = 0; i < scan->track_count; i++)
		sound_track_free(&scan->tracks[i]);
	scan->track_count = 0;
}
