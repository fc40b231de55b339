/*
 * media/smart.h
 *	  The head of a span: its pictures before the first key frame, encoded anew in H.264.
 *
 * The packets from the key frame before the span on are collected by whoever reads the file;
 * decoding and encoding them needs nothing else, so that heads are made on threads of their
 * own while other parts are copied. The encoder writes with ids of its own for its parameter
 * sets: one track then holds pictures of both.
 */
#ifndef LEAP_MEDIA_SMART_H
#define LEAP_MEDIA_SMART_H

#include "media/avcc.h"
#include "media/encoder.h"
#include "media/input.h"

/* How heads of one recording are made; the same for all of them. */
typedef struct SmartSource
{
	MediaInput *input;
	AVStream *video;
	Avcc avcc;        /* of the source, and the sets of the encoder */
	uint8_t *headers; /* what the encoder gives as its sets; they point into it */
	size_t header_size;
	char parameters[96];
	PictureEncoding encoding;
	bool beside; /* heads are decoded and encoded on a thread each; set by the caller */
} SmartSource;

typedef struct SmartPackets
{
	AVPacket **items;
	size_t count;
	size_t capacity;
	int64_t bytes;
} SmartPackets;

typedef struct SmartHead
{
	const SmartSource *source;
	SmartPackets read; /* from the key frame before the span; later: what was encoded */
	SmartPackets made; /* time stamps as in the source */
	int64_t start;     /* the first picture of the span */
	int64_t until; /* the key frame that copying goes on with, or the end of the span */
	int64_t delay; /* how much earlier than shown a key frame is decoded */
	bool whole;    /* until is the end: nothing is copied */
	bool stands;   /* the recording has no picture of the span: its last one stands */
	Error err;     /* of smart_make */
} SmartHead;

/* Looks whether heads can be made and prepares for it; fails with code CUT_DOES_NOT_FIT and a
 * sentence where not. smart_close releases what was prepared. */
bool smart_open(SmartSource *source, MediaInput *input, AVStream *video, Error *err);
void smart_close(SmartSource *source);

/*
 * smart_read collects what the head of a span [start, end), in time stamps, needs; a span
 * that begins with a key frame needs nothing, and head->until is its start. The input's
 * position is lost.
 */
bool smart_read(SmartHead *head, const SmartSource *source, int64_t start, int64_t end,
				Error *err);

/* Decodes and encodes: fills head->made, or head->err with false. For any thread. */
bool smart_make(SmartHead *head);
void smart_free(SmartHead *head);

static inline void
cleanup_smart(SmartSource *source)
{
	smart_close(source);
}

#endif
