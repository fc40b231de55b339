/*
 * task/teller.c
 *	  What an analyser is told about a file that is still being fetched.
 */
#include "task/teller.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arrival_line.h"

/* Less is not worth a message while more is to come. */
#define HEAD_STEP (128 << 10)

void
teller_init(Teller *teller)
{
	*teller =
		(Teller){.fd = -1, .size = -1, .size_told = -1, .ahead_told = true, .wanted = -1};
}

bool
teller_open(Teller *teller, int *theirs, Error *err)
{
	int ends[2];

	/* messages arrive whole or not at all */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_errno(err, "process_start", "cannot make a socket for leap-media");
	teller->fd = ends[0];
	*theirs = ends[1];
	return true;
}

void
teller_close(Teller *teller)
{
	if (teller->fd >= 0)
		(void) close(teller->fd);
	teller->fd = -1;
}

void
teller_there(Teller *teller, int64_t from, int64_t to, int64_t size)
{
	teller->size = size;
	if (from <= teller->head)
		teller->head = to > teller->head ? to : teller->head;
	else if (ranges_add(&teller->ahead, from, to))
		teller->ahead_told = false;
}

static bool
say(Teller *teller, ArrivalWord word, int64_t first, int64_t second)
{
	ArrivalLine line = {.word = word, .first = first, .second = second};
	char text[ARRIVAL_LINE_SIZE];
	size_t length = arrival_line_write(&line, text);

	if (teller->fd < 0)
		return false;
	if (send(teller->fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t) length)
		return true;
	if (errno != EAGAIN && errno != EINTR)
		teller_close(teller);
	return false;
}

static void
say_head(Teller *teller)
{
	bool enough = teller->head - teller->head_told >= HEAD_STEP || teller->head_told == 0;

	if (teller->head > teller->head_told && (enough || teller->all) &&
		say(teller, ARRIVAL_HAVE, 0, teller->head))
		teller->head_told = teller->head;
}

static void
say_ahead(Teller *teller)
{
	bool told = true;

	for (size_t i = 0; !teller->ahead_told && told && i < teller->ahead.count; i++)
		told = say(teller, ARRIVAL_HAVE, teller->ahead.list[i].from,
				   teller->ahead.list[i].to);
	teller->ahead_told = told;
}

static void
hear(Teller *teller)
{
	char text[ARRIVAL_LINE_SIZE];
	ArrivalLine line;
	ssize_t length;

	while ((length = recv(teller->fd, text, sizeof text, MSG_DONTWAIT | MSG_TRUNC)) > 0)
		if (length <= ARRIVAL_LINE_SIZE &&
			arrival_line_read(text, (size_t) length, &line) && line.word == ARRIVAL_WANT)
			teller->wanted = line.first;
	if (length == 0 || (errno != EAGAIN && errno != EINTR))
		teller_close(teller);
}

bool
teller_tell(Teller *teller)
{
	if (teller->fd < 0)
		return true;
	hear(teller);
	if (teller->size >= 0 && teller->size != teller->size_told &&
		say(teller, ARRIVAL_SIZE, teller->size, 0))
		teller->size_told = teller->size;
	say_head(teller);
	say_ahead(teller);
	if (teller->all && !teller->end_told)
		teller->end_told = say(teller, ARRIVAL_END, teller->head, 0);
	return teller->fd < 0 || teller->end_told;
}
