/*
 * net/s3_lanes.c
 *	  The parts of an upload, a few of them on their way at once.
 *
 * Each lane is a thread that takes the next part that is missing, hashes it where it has to
 * be signed, and sends it over a connection of the lane's own. So one part is hashed while
 * another is sent, and no lane's wait for an answer is a wait of all. Which of them is first
 * does not matter: the list of parts is in order.
 */
#include "net/s3_lanes.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "net/call_line.h"

#define LANES 3

/* How often the caller's thread tells and asks. */
#define TURN_NS 100000000L

typedef struct Sending
{
	const S3Upload *upload;
	const S3UploadState *state;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t ended; /* a lane */
	S3Parts *parts;
	int next;    /* the part to look at */
	int running; /* lanes */
	int64_t done;
	Error err; /* of the first part that failed */
	atomic_bool stop;
} Sending;

typedef struct Lane
{
	Sending *sending;
	pthread_t thread;
	bool begun;
	S3 s3; /* a clock of its own */
	Reporter reporter;
	_Atomic double sent; /* bytes of the part that is on its way */
} Lane;

static int
part_count(const Sending *sending)
{
	return (int) ((sending->upload->bytes - 1) / sending->state->part_size + 1);
}

static bool
is_there(const Sending *sending, int number, int64_t bytes)
{
	const S3Parts *parts = sending->parts;

	for (size_t i = 0; i < parts->count; i++)
		if (parts->items[i].number == number)
			return parts->items[i].bytes == bytes && parts->items[i].etag[0] != '\0';
	return false;
}

/* The number and body of the next part that is missing; 0: none is, or none is wanted. */
static int
take_part(Sending *sending, S3Body *body)
{
	const S3Upload *upload = sending->upload;
	int64_t size = sending->state->part_size;
	int taken = 0;

	(void) pthread_mutex_lock(&sending->lock);
	while (taken == 0 && sending->next <= part_count(sending) &&
		   !atomic_load(&sending->stop))
	{
		int number = sending->next++;
		int64_t from = (number - 1) * size;
		int64_t left = upload->bytes - from;

		/* a share of this body is a byte of it */
		*body = (S3Body){.fd = upload->fd,
						 .from = from,
						 .bytes = left < size ? left : size,
						 .share_to = (double) (left < size ? left : size),
						 .step = upload->step};
		if (is_there(sending, number, body->bytes))
			sending->done += body->bytes;
		else
			taken = number;
	}
	(void) pthread_mutex_unlock(&sending->lock);
	return taken;
}

static void
end_part(Lane *lane, const S3Part *part, const Error *err)
{
	Sending *sending = lane->sending;

	(void) pthread_mutex_lock(&sending->lock);
	atomic_store(&lane->sent, 0);
	if (err == NULL)
	{
		s3_parts_put(sending->parts, part);
		sending->done += part->bytes;
	}
	else if (!atomic_exchange(&sending->stop, true))
		sending->err = *err;
	(void) pthread_mutex_unlock(&sending->lock);
}

static void *
run_lane(void *arg)
{
	Lane *lane = arg;
	Sending *sending = lane->sending;
	const S3Upload *upload = sending->upload;
	S3Body body;
	int number;

	lane->s3.line = call_line_open();
	while ((number = take_part(sending, &body)) > 0)
	{
		S3Part part;
		Error err = {0};
		bool sent;

		(void) posix_fadvise(upload->fd, body.from, body.bytes, POSIX_FADV_WILLNEED);
		sent = s3_put_part(&lane->s3, upload->key, sending->state->upload, number, &body,
						   &part, &err);
		end_part(lane, &part, sent ? NULL : &err);
	}
	call_line_close(lane->s3.line);
	(void) pthread_mutex_lock(&sending->lock);
	sending->running--;
	(void) pthread_cond_signal(&sending->ended);
	(void) pthread_mutex_unlock(&sending->lock);
	return NULL;
}

/* A lane's reporter: notes for the caller's thread, and knows from it whether to go on. */
static bool
note_progress(void *arg, double fraction, const char *step)
{
	Lane *lane = arg;

	(void) step;
	if (fraction >= 0)
		atomic_store(&lane->sent, fraction);
	return !atomic_load(&lane->sending->stop);
}

/* Signals are the caller's thread's to take. */
static bool
begin_lane(Sending *sending, Lane *lane)
{
	sigset_t all;
	sigset_t before;

	*lane = (Lane){.sending = sending, .s3 = *sending->upload->s3};
	lane->reporter = (Reporter){.progress = note_progress, .arg = lane};
	lane->s3.reporter = &lane->reporter;
	(void) sigfillset(&all);
	(void) pthread_sigmask(SIG_SETMASK, &all, &before);
	lane->begun = pthread_create(&lane->thread, NULL, run_lane, lane) == 0;
	(void) pthread_sigmask(SIG_SETMASK, &before, NULL);
	return lane->begun;
}

/* A moment, or until a lane ends; the caller holds the lock. False when none is left. */
static bool
wait_a_turn(Sending *sending)
{
	struct timespec until;

	if (sending->running == 0)
		return false;
	(void) clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += TURN_NS;
	if (until.tv_nsec >= 1000000000L)
	{
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	(void) pthread_cond_timedwait(&sending->ended, &sending->lock, &until);
	return true;
}

/* Tells what has left, which does not fall when a part is sent once more, and asks whether to
 * go on. */
static bool
tell(const S3Upload *upload, double sent, double *most)
{
	const Reporter *reporter = upload->s3->reporter;
	double share = sent / (double) upload->bytes;

	if (share > *most)
		*most = share < 1 ? share : 1;
	return reporter == NULL ||
		   reporter->progress(reporter->arg,
							  upload->share_from +
								  (upload->share_to - upload->share_from) * *most,
							  upload->step);
}

/* Until all lanes have ended. */
static void
follow(Sending *sending, const Lane *lanes)
{
	double most = 0;

	(void) pthread_mutex_lock(&sending->lock);
	while (wait_a_turn(sending))
	{
		double sent = (double) sending->done;
		bool goes_on;

		for (int i = 0; i < LANES; i++)
			sent += lanes[i].begun ? atomic_load(&lanes[i].sent) : 0;
		(void) pthread_mutex_unlock(&sending->lock);
		goes_on = tell(sending->upload, sent, &most);
		(void) pthread_mutex_lock(&sending->lock);
		if (!goes_on && !atomic_exchange(&sending->stop, true))
			error_set(&sending->err, ERROR_LOST, "cancelled", NULL, "stopped on request");
	}
	(void) pthread_mutex_unlock(&sending->lock);
}

static void
run_lanes(Sending *sending)
{
	Lane lanes[LANES] = {{.sending = NULL}};

	(void) pthread_mutex_lock(&sending->lock);
	for (int i = 0; i < LANES; i++)
		sending->running += begin_lane(sending, &lanes[i]) ? 1 : 0;
	if (sending->running == 0)
	{
		atomic_store(&sending->stop, true);
		error_set(&sending->err, ERROR_TRANSIENT, "out_of_memory", NULL,
				  "cannot start a thread");
	}
	(void) pthread_mutex_unlock(&sending->lock);
	follow(sending, lanes);
	for (int i = 0; i < LANES; i++)
		if (lanes[i].begun)
			(void) pthread_join(lanes[i].thread, NULL);
}

bool
s3_send_parts(const S3Upload *upload, const S3UploadState *state, S3Parts *parts,
			  Error *err)
{
	Sending sending = {.upload = upload, .state = state, .parts = parts, .next = 1};

	(void) pthread_mutex_init(&sending.lock, NULL);
	(void) pthread_cond_init(&sending.ended, NULL);
	run_lanes(&sending);
	(void) pthread_cond_destroy(&sending.ended);
	(void) pthread_mutex_destroy(&sending.lock);
	if (atomic_load(&sending.stop))
	{
		if (err != NULL)
			*err = sending.err;
		return false;
	}
	while (parts->count > 0 &&
		   parts->items[parts->count - 1].number > part_count(&sending))
		parts->count--;
	return true;
}
