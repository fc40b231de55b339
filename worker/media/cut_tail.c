/*
 * media/cut_tail.c
 *	  The end of a cut.
 */
#include "media/cut_tail.h"

#include <stdlib.h>

bool
cut_tail_add(CutTail *tail, AVPacket *packet)
{
	AVPacket *kept = av_packet_alloc();

	if (kept == NULL)
		return false;
	if (tail->count == tail->capacity)
	{
		size_t capacity = tail->capacity == 0 ? 256 : tail->capacity * 2;
		AVPacket **packets = realloc(tail->packets, capacity * sizeof(AVPacket *));

		if (packets == NULL)
		{
			av_packet_free(&kept);
			return false;
		}
		tail->packets = packets;
		tail->capacity = capacity;
	}
	av_packet_move_ref(kept, packet);
	tail->packets[tail->count++] = kept;
	return true;
}

void
cut_tail_free(CutTail *tail)
{
	for (size_t i = 0; i < tail->count; i++)
		av_packet_free(&tail->packets[i]);
	free(tail->packets);
	*tail = (CutTail){0};
}

/* The smallest time stamp of a picture from packet i on, or `end` if all are later. */
static int64_t
earliest_from(const CutTail *tail, size_t i, int video_index, int64_t end)
{
	int64_t earliest = end;

	for (; i < tail->count; i++)
		if (tail->packets[i]->stream_index == video_index &&
			tail->packets[i]->pts < earliest)
			earliest = tail->packets[i]->pts;
	return earliest;
}

/* The number of packets to keep: the longest closed run before `end`. */
static size_t
closed_run(const CutTail *tail, int video_index, int64_t shown, int64_t end)
{
	size_t closed = 0;

	for (size_t i = 0; i < tail->count && shown < end; i++)
	{
		const AVPacket *packet = tail->packets[i];

		if (packet->stream_index != video_index)
			continue;
		shown = packet->pts > shown ? packet->pts : shown;
		if (shown < end && shown < earliest_from(tail, i + 1, video_index, end))
			closed = i + 1;
	}
	return closed;
}

int64_t
cut_tail_close(CutTail *tail, int video_index, int64_t shown, int64_t end, int64_t slack)
{
	size_t closed = closed_run(tail, video_index, shown, end);
	int64_t last_end = shown;
	bool dropped = false;

	for (size_t i = 0; i < tail->count; i++)
	{
		AVPacket *packet = tail->packets[i];

		if (packet->stream_index != video_index)
			continue;
		if (i >= closed)
			dropped = true;
		else if (packet->pts + packet->duration > last_end)
			last_end = packet->pts + packet->duration;
	}
	if (dropped)
		last_end = earliest_from(tail, closed, video_index, INT64_MAX);
	for (size_t i = closed; i < tail->count; i++)
		if (tail->packets[i]->stream_index == video_index)
			av_packet_free(&tail->packets[i]);
	for (size_t i = closed, to = closed; i < tail->count; i++)
		if (tail->packets[i] != NULL)
		{
			AVPacket *packet = tail->packets[i];

			tail->packets[i] = NULL;
			tail->packets[to++] = packet;
		}
	while (tail->count > 0 && tail->packets[tail->count - 1] == NULL)
		tail->count--;
	return last_end <= end + slack ? last_end : end;
}

void
cut_tail_stretch(CutTail *tail, int video_index, int64_t delay, int64_t end)
{
	AVPacket *shown = NULL;
	AVPacket *decoded = NULL;

	for (size_t i = 0; i < tail->count; i++)
	{
		AVPacket *packet = tail->packets[i];

		if (packet->stream_index != video_index)
			continue;
		decoded = packet;
		if (shown == NULL || packet->pts > shown->pts)
			shown = packet;
	}
	if (shown == NULL || shown->pts >= end)
		return;
	shown->duration = end - shown->pts;
	decoded->duration = FFMAX(end - delay - decoded->dts, 1);
}
