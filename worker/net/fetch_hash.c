/*
 * net/fetch_hash.c
 *	  The hash of a file that grows.
 *
 * SHA-256 takes as long as receiving and writing together: beside them it costs no time. What
 * was just written is read back from memory, not from the disk.
 */
#include "net/fetch_hash.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"

#define BLOCK ((size_t) 256 << 10)

/* So much it may be behind: less than a tenth of a second. */
#define BEHIND_MOST ((int64_t) 32 << 20)
#define TURN_NS     100000000L

struct FetchHash
{
	int fd;
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	int64_t goal; /* bytes that are there */
	int64_t done; /* bytes that are in it */
	int error;    /* errno of reading */
	bool stop;
	Hash hash; /* the thread's, until it has reached the goal */
};

/* Bytes to take now, once there are some; 0: no more. */
static size_t
wait_for_bytes(FetchHash *hash)
{
	int64_t left;

	(void) pthread_mutex_lock(&hash->lock);
	while (!hash->stop && hash->done == hash->goal)
		(void) pthread_cond_wait(&hash->changed, &hash->lock);
	left = hash->stop ? 0 : hash->goal - hash->done;
	(void) pthread_mutex_unlock(&hash->lock);
	return left < (int64_t) BLOCK ? (size_t) left : BLOCK;
}

static void
note(FetchHash *hash, ssize_t got)
{
	(void) pthread_mutex_lock(&hash->lock);
	if (got > 0)
		hash->done += got;
	else
	{
		hash->error = got < 0 ? errno : EIO;
		hash->stop = true;
	}
	(void) pthread_cond_broadcast(&hash->changed);
	(void) pthread_mutex_unlock(&hash->lock);
}

static void *
run(void *arg)
{
	FetchHash *hash = arg;
	CLEANUP(free) char *block = array_new(BLOCK, 1);
	size_t wanted;

	/* done is written by this thread alone */
	while ((wanted = wait_for_bytes(hash)) > 0)
	{
		ssize_t got = pread(hash->fd, block, wanted, hash->done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got > 0)
			hash_update(&hash->hash, block, (size_t) got);
		note(hash, got);
	}
	return NULL;
}

FetchHash *
fetch_hash_begin(int fd)
{
	FetchHash *hash = array_new(1, sizeof *hash);
	sigset_t all;
	sigset_t before;
	bool begun;

	*hash = (FetchHash){.fd = fd};
	hash_begin(&hash->hash);
	(void) pthread_mutex_init(&hash->lock, NULL);
	(void) pthread_cond_init(&hash->changed, NULL);
	/* signals are the other threads' to take */
	(void) sigfillset(&all);
	(void) pthread_sigmask(SIG_SETMASK, &all, &before);
	begun = pthread_create(&hash->thread, NULL, run, hash) == 0;
	(void) pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (begun)
		return hash;
	cleanup_hash(&hash->hash);
	free(hash);
	return NULL;
}

/* At least so far, or the thread has given up; the caller holds the lock. */
static bool
is_at(const FetchHash *hash, int64_t at)
{
	return hash->done >= at || hash->stop;
}

void
fetch_hash_to(FetchHash *hash, int64_t end)
{
	(void) pthread_mutex_lock(&hash->lock);
	hash->goal = end;
	(void) pthread_cond_broadcast(&hash->changed);
	while (!is_at(hash, end - BEHIND_MOST))
		(void) pthread_cond_wait(&hash->changed, &hash->lock);
	(void) pthread_mutex_unlock(&hash->lock);
}

static bool
is_read(const FetchHash *hash, Error *err)
{
	if (hash->error == 0)
		return true;
	errno = hash->error;
	return error_errno(err, "storage_failed", "cannot read the file");
}

bool
fetch_hash_wait(FetchHash *hash, int64_t end, bool (*tick)(void *arg), void *arg,
				Error *err)
{
	bool goes_on = true;

	(void) pthread_mutex_lock(&hash->lock);
	hash->goal = end;
	(void) pthread_cond_broadcast(&hash->changed);
	while (goes_on && !is_at(hash, end))
	{
		struct timespec until;

		(void) clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += TURN_NS;
		if (until.tv_nsec >= 1000000000L)
		{
			until.tv_nsec -= 1000000000L;
			until.tv_sec++;
		}
		(void) pthread_cond_timedwait(&hash->changed, &hash->lock, &until);
		(void) pthread_mutex_unlock(&hash->lock);
		goes_on = tick == NULL || tick(arg);
		(void) pthread_mutex_lock(&hash->lock);
	}
	(void) pthread_mutex_unlock(&hash->lock);
	return goes_on && is_read(hash, err);
}

bool
fetch_hash_finish(FetchHash *hash, int64_t end, char sha256[HASH_HEX_SIZE], Error *err)
{
	if (!fetch_hash_wait(hash, end, NULL, NULL, err))
		return false;
	hash_finish(&hash->hash, sha256);
	return true;
}

void
fetch_hash_end(FetchHash *hash)
{
	if (hash == NULL)
		return;
	(void) pthread_mutex_lock(&hash->lock);
	hash->stop = true;
	(void) pthread_cond_broadcast(&hash->changed);
	(void) pthread_mutex_unlock(&hash->lock);
	(void) pthread_join(hash->thread, NULL);
	(void) pthread_cond_destroy(&hash->changed);
	(void) pthread_mutex_destroy(&hash->lock);
	cleanup_hash(&hash->hash);
	free(hash);
}
