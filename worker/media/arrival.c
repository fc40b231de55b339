/*
 * media/arrival.c
 *	  A recording that is still being fetched.
 */
#include "media/arrival.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/arrival_line.h"
#include "media/bytes.h"

/* What will come by itself soon enough is not asked for. */
#define SOON_BYTES (1 << 20)

void
arrival_init(Arrival *arrival, int fd, int64_t size)
{
	*arrival = (Arrival){.fd = fd, .size = fd < 0 ? size : -1, .ended = fd < 0};
}

static void
take_line(Arrival *arrival, const ArrivalLine *line)
{
	switch (line->word)
	{
		case ARRIVAL_SIZE:
			arrival->size = line->first;
			break;
		case ARRIVAL_HAVE:
			/* one range too many is as if it were not there yet */
			(void) ranges_add(&arrival->there, line->first, line->second);
			break;
		case ARRIVAL_END:
			arrival->size = line->first;
			arrival->ended = true;
			break;
		case ARRIVAL_WANT:
			break;
	}
}

/* Takes what the fetcher said, waiting for it if told to; false and errno when he is gone. */
static bool
listen_to_fetcher(Arrival *arrival, bool wait)
{
	struct pollfd socket = {.fd = arrival->fd, .events = POLLIN};
	char text[ARRIVAL_LINE_SIZE];
	ArrivalLine line;
	ssize_t length = 0;

	if (wait)
		(void) poll(&socket, 1, -1);
	/* the length of the message, which may be more than there is room for: then it is none */
	while (!arrival->ended &&
		   (length = recv(arrival->fd, text, sizeof text, MSG_DONTWAIT | MSG_TRUNC)) > 0)
		if (length <= ARRIVAL_LINE_SIZE &&
			arrival_line_read(text, (size_t) length, &line))
			take_line(arrival, &line);
	if (arrival->ended)
		return true;
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	errno = ECONNABORTED;
	return false;
}

int64_t
arrival_size(Arrival *arrival)
{
	while (arrival->size < 0)
		if (!listen_to_fetcher(arrival, true))
			return -1;
	return arrival->size;
}

bool
arrival_finish(Arrival *arrival)
{
	while (!arrival->ended)
		if (!listen_to_fetcher(arrival, true))
			return false;
	return true;
}

/* Asks for what lies far ahead; it comes in any case, later. */
static void
ask_for(Arrival *arrival, int64_t offset)
{
	ArrivalLine line = {.word = ARRIVAL_WANT, .first = offset};
	char text[ARRIVAL_LINE_SIZE];
	size_t length = arrival_line_write(&line, text);

	if (offset - ranges_end(&arrival->there, 0) >= SOON_BYTES)
		(void) send(arrival->fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Waits for the byte at offset; where what is there behind it ends, or -1 and errno. */
static int64_t
wait_for(Arrival *arrival, int64_t offset)
{
	int64_t end;

	if (!arrival->ended && !listen_to_fetcher(arrival, false))
		return -1;
	for (bool asked = false;; asked = true)
	{
		end = arrival->ended ? arrival->size : ranges_end(&arrival->there, offset);
		if (end > offset || arrival->ended ||
			(arrival->size >= 0 && offset >= arrival->size))
			return end;
		if (!asked)
			ask_for(arrival, offset);
		if (!listen_to_fetcher(arrival, true))
			return -1;
	}
}

ssize_t
arrival_read(Arrival *arrival, int file, void *bytes, size_t length, int64_t offset)
{
	int64_t end = wait_for(arrival, offset);

	if (end < 0)
		return -1;
	if (end <= offset)
		return 0;
	if ((int64_t) length > end - offset)
		length = (size_t) (end - offset);
	return read_at(file, bytes, length, offset);
}
