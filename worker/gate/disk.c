/*
 * gate/disk.c
 *	  Work on files for a loop that must not wait.
 *
 * Two lists under one lock: what is to be done, in order, and what is done. A thread that
 * finished something writes to an event descriptor, which the loop watches.
 */
#include "gate/disk.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/array.h"

#define THREADS 4

typedef struct Jobs
{
	DiskJob *first;
	DiskJob *last;
} Jobs;

struct Disk
{
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t threads[THREADS];
	int thread_count;
	Jobs waiting;
	Jobs finished;
	size_t under_way; /* given and not told of yet */
	bool ending;
	int bell;
	Watch *watch;
};

static void
put(Jobs *jobs, DiskJob *job)
{
	job->next = NULL;
	if (jobs->last != NULL)
		jobs->last->next = job;
	else
		jobs->first = job;
	jobs->last = job;
}

static DiskJob *
take(Jobs *jobs)
{
	DiskJob *job = jobs->first;

	if (job == NULL)
		return NULL;
	jobs->first = job->next;
	if (jobs->first == NULL)
		jobs->last = NULL;
	return job;
}

static void *
work(void *arg)
{
	const uint64_t one = 1;
	Disk *disk = arg;
	DiskJob *job;

	(void) pthread_mutex_lock(&disk->lock);
	for (;;)
	{
		while ((job = take(&disk->waiting)) == NULL && !disk->ending)
			(void) pthread_cond_wait(&disk->changed, &disk->lock);
		if (job == NULL)
			break;
		(void) pthread_mutex_unlock(&disk->lock);
		job->work(job);
		(void) pthread_mutex_lock(&disk->lock);
		put(&disk->finished, job);
		/* it cannot fail: the counter is far from full */
		if (write(disk->bell, &one, sizeof one) < 0)
			continue;
	}
	(void) pthread_mutex_unlock(&disk->lock);
	return NULL;
}

/* Tells of what is done, one by one: each may give further jobs. */
static void
tell(Disk *disk)
{
	DiskJob *job;

	for (;;)
	{
		(void) pthread_mutex_lock(&disk->lock);
		job = take(&disk->finished);
		(void) pthread_mutex_unlock(&disk->lock);
		if (job == NULL)
			return;
		disk->under_way--;
		job->done(job);
	}
}

static bool
hear(const Disk *disk)
{
	uint64_t count;

	return read(disk->bell, &count, sizeof count) == (ssize_t) sizeof count;
}

static void
rung(void *arg, bool readable, bool writable)
{
	(void) readable;
	(void) writable;
	(void) hear(arg);
	tell(arg);
}

bool
disk_open(Disk **disk, Loop *loop, Error *err)
{
	Disk *made = array_new(1, sizeof *made);

	*disk = made;
	(void) pthread_mutex_init(&made->lock, NULL);
	(void) pthread_cond_init(&made->changed, NULL);
	made->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (made->bell < 0)
		return error_errno(err, "disk", "cannot wait for work on files");
	made->watch = loop_watch(loop, made->bell, true, false, rung, made);
	while (made->thread_count < THREADS)
	{
		if (pthread_create(&made->threads[made->thread_count], NULL, work, made) != 0)
			return error_errno(err, "disk", "cannot start a thread");
		made->thread_count++;
	}
	return true;
}

void
disk_run(Disk *disk, DiskJob *job)
{
	disk->under_way++;
	(void) pthread_mutex_lock(&disk->lock);
	put(&disk->waiting, job);
	(void) pthread_cond_signal(&disk->changed);
	(void) pthread_mutex_unlock(&disk->lock);
}

void
disk_close(Disk *disk)
{
	const struct timespec pause = {0, 1000 * 1000};

	if (disk == NULL)
		return;
	while (disk->under_way > 0)
	{
		tell(disk);
		if (disk->under_way > 0)
			(void) nanosleep(&pause, NULL);
	}
	(void) pthread_mutex_lock(&disk->lock);
	disk->ending = true;
	(void) pthread_cond_broadcast(&disk->changed);
	(void) pthread_mutex_unlock(&disk->lock);
	for (int i = 0; i < disk->thread_count; i++)
		(void) pthread_join(disk->threads[i], NULL);
	if (disk->watch != NULL)
		watch_end(disk->watch);
	if (disk->bell >= 0)
		(void) close(disk->bell);
	free(disk);
}
