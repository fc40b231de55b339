/*
 * http/loop.c
 *	  Waits for sockets with epoll.
 */
#include "http/loop.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/array.h"

#define EVENTS 256

struct Watch
{
	Loop *loop;
	int fd;
	bool read;
	bool write;
	bool ended; /* freed when nobody can have an event of it any more */
	LoopReady ready;
	void *arg;
	Watch *next_ended;
};

struct Loop
{
	int fd;
	Watch *ended;
};

bool
loop_open(Loop **loop, Error *err)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0)
		return error_errno(err, "epoll", "cannot wait for sockets");
	*loop = array_new(1, sizeof **loop);
	(*loop)->fd = fd;
	return true;
}

static void
free_ended(Loop *loop)
{
	while (loop->ended != NULL)
	{
		Watch *watch = loop->ended;

		loop->ended = watch->next_ended;
		free(watch);
	}
}

void
loop_close(Loop *loop)
{
	free_ended(loop);
	(void) close(loop->fd);
	free(loop);
}

static struct epoll_event
event_of(Watch *watch)
{
	return (struct epoll_event){.events = (watch->read ? EPOLLIN : 0u) |
										  (watch->write ? EPOLLOUT : 0u),
								.data = {.ptr = watch}};
}

Watch *
loop_watch(Loop *loop, int fd, bool read, bool write, LoopReady ready, void *arg)
{
	Watch *watch = array_new(1, sizeof *watch);
	struct epoll_event event;

	*watch = (Watch){
		.loop = loop, .fd = fd, .read = read, .write = write, .ready = ready, .arg = arg};
	event = event_of(watch);
	(void) epoll_ctl(loop->fd, EPOLL_CTL_ADD, fd, &event);
	return watch;
}

void
watch_change(Watch *watch, bool read, bool write)
{
	struct epoll_event event;

	if (watch->read == read && watch->write == write)
		return;
	watch->read = read;
	watch->write = write;
	event = event_of(watch);
	(void) epoll_ctl(watch->loop->fd, EPOLL_CTL_MOD, watch->fd, &event);
}

void
watch_end(Watch *watch)
{
	(void) epoll_ctl(watch->loop->fd, EPOLL_CTL_DEL, watch->fd, NULL);
	watch->ended = true;
	watch->next_ended = watch->loop->ended;
	watch->loop->ended = watch;
}

void
loop_once(Loop *loop, double seconds)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(loop->fd, events, EVENTS,
						   seconds <= 0 ? 0 : (int) (seconds * 1000) + 1);

	for (int i = 0; i < count; i++)
	{
		Watch *watch = events[i].data.ptr;

		if (!watch->ended)
			watch->ready(watch->arg, (events[i].events & ~(uint32_t) EPOLLOUT) != 0,
						 (events[i].events & EPOLLOUT) != 0);
	}
	free_ended(loop);
}
