/*
 * media/smart_line.h
 *	  Pictures on their way from the thread that decodes them to one that encodes them.
 *
 * The line is short: a decoded picture takes as much memory as a second of packets.
 */
#ifndef LEAP_MEDIA_SMART_LINE_H
#define LEAP_MEDIA_SMART_LINE_H

#include <pthread.h>

#include "media/libav.h"

enum
{
	SMART_LINE_LENGTH = 2
};

/* Takes a picture with its time, NULL: the end; false ends the line. */
typedef bool (*SmartTake)(void *arg, AVFrame *frame, int64_t time);

typedef struct SmartLine
{
	SmartTake take;
	void *arg;
	pthread_t thread;
	bool beside; /* the other thread runs; without it pictures are taken at once */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	AVFrame *waiting[SMART_LINE_LENGTH];
	int64_t times[SMART_LINE_LENGTH];
	size_t count;
	bool over;
	bool failed;
} SmartLine;

/* Opens a line to a thread of its own if `beside` is set and there can be one. */
void smart_line_open(SmartLine *line, SmartTake take, void *arg, bool beside);

/* Puts a picture into the line, which keeps a reference; false when it has ended. */
bool smart_line_put(SmartLine *line, AVFrame *frame, int64_t time);

/* Waits until all has been taken, and the end behind it, or without `all` for what is being
 * taken only. false when taking has failed. */
bool smart_line_close(SmartLine *line, bool all);

#endif
