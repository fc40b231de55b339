/*
 * media/progress.h
 *	  Tells how far a command is: a line with a fraction 0..1 for every new percent.
 */
#ifndef LEAP_MEDIA_PROGRESS_H
#define LEAP_MEDIA_PROGRESS_H

typedef struct Progress
{
	int fd; /* -1: nobody listens */
	int percent;
} Progress;

#define PROGRESS_TO(descriptor) ((Progress){.fd = (descriptor), .percent = -1})

/* Cheap: may be called for every packet. */
void progress_report(Progress *progress, double fraction);

#endif
