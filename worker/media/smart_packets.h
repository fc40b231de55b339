/*
 * media/smart_packets.h
 *	  A list of packets.
 */
#ifndef LEAP_MEDIA_SMART_PACKETS_H
#define LEAP_MEDIA_SMART_PACKETS_H

#include "base/array.h"
#include "media/smart.h"

/* Moves a packet to the end of the list. */
static inline void
smart_packets_add(SmartPackets *packets, AVPacket *packet)
{
	AVPacket *kept = array_check(av_packet_alloc());

	packets->items = array_room(packets->items, &packets->capacity, packets->count + 1,
								sizeof(AVPacket *));
	packets->bytes += packet->size;
	av_packet_move_ref(kept, packet);
	packets->items[packets->count++] = kept;
}

static inline void
smart_packets_free(SmartPackets *packets)
{
	for (size_t i = 0; i < packets->count; i++)
		av_packet_free(&packets->items[i]);
	free(packets->items);
	*packets = (SmartPackets){0};
}

#endif
