/*
 * media/smart_line.c
 *	  Pictures on their way to the encoder.
 */
#include "media/smart_line.h"

#include "base/array.h"

/* The next picture, or false where the line has ended. */
static bool
next_picture(SmartLine *line, AVFrame **frame, int64_t *time)
{
	bool got;

	pthread_mutex_lock(&line->lock);
	while (line->count == 0 && !line->over && !line->failed)
		pthread_cond_wait(&line->changed, &line->lock);
	got = line->count > 0 && !line->failed;
	if (got)
	{
		*frame = line->waiting[0];
		*time = line->times[0];
		line->count--;
		for (size_t i = 0; i < line->count; i++)
		{
			line->waiting[i] = line->waiting[i + 1];
			line->times[i] = line->times[i + 1];
		}
		pthread_cond_signal(&line->changed);
	}
	pthread_mutex_unlock(&line->lock);
	return got;
}

static void
fail(SmartLine *line)
{
	pthread_mutex_lock(&line->lock);
	line->failed = true;
	pthread_cond_signal(&line->changed);
	pthread_mutex_unlock(&line->lock);
}

static void *
take_pictures(void *arg)
{
	SmartLine *line = arg;
	AVFrame *frame;
	int64_t time;

	while (next_picture(line, &frame, &time))
	{
		if (!line->take(line->arg, frame, time))
			fail(line);
		av_frame_free(&frame);
	}
	return NULL;
}

void
smart_line_open(SmartLine *line, SmartTake take, void *arg, bool beside)
{
	*line = (SmartLine){.take = take, .arg = arg};
	pthread_mutex_init(&line->lock, NULL);
	pthread_cond_init(&line->changed, NULL);
	line->beside =
		beside && pthread_create(&line->thread, NULL, take_pictures, line) == 0;
}

bool
smart_line_put(SmartLine *line, AVFrame *frame, int64_t time)
{
	AVFrame *kept;
	bool failed;

	if (!line->beside)
		return line->take(line->arg, frame, time);
	kept = array_check(av_frame_clone(frame));
	pthread_mutex_lock(&line->lock);
	while (line->count == SMART_LINE_LENGTH && !line->failed)
		pthread_cond_wait(&line->changed, &line->lock);
	failed = line->failed;
	if (!failed)
	{
		line->waiting[line->count] = kept;
		line->times[line->count++] = time;
		kept = NULL;
		pthread_cond_signal(&line->changed);
	}
	pthread_mutex_unlock(&line->lock);
	av_frame_free(&kept);
	return !failed;
}

bool
smart_line_close(SmartLine *line, bool all)
{
	if (line->beside)
	{
		pthread_mutex_lock(&line->lock);
		line->over = true;
		line->failed = line->failed || !all;
		pthread_cond_signal(&line->changed);
		pthread_mutex_unlock(&line->lock);
		(void) pthread_join(line->thread, NULL);
		while (line->count > 0)
			av_frame_free(&line->waiting[--line->count]);
	}
	pthread_mutex_destroy(&line->lock);
	pthread_cond_destroy(&line->changed);
	return all && !line->failed && line->take(line->arg, NULL, 0);
}
