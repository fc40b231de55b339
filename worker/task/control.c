/*
 * task/control.c
 *	  The channel between a worker and a child: one JSON object a line, both ways.
 */
#include "task/control.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"

#define MAX_LINE ((size_t) 16 * 1024 * 1024)

void
control_init(Control *control, int fd)
{
	control->fd = fd;
	control->ended = false;
	buffer_init(&control->in);
	buffer_init(&control->out);
}

/* What was read or sent may have been a secret. */
static void
consume(Buffer *buffer, size_t length)
{
	size_t before = buffer->length;

	if (buffer->data == NULL)
		return;
	buffer_consume(buffer, length);
	explicit_bzero(buffer->data + buffer->length, before - buffer->length);
}

void
control_close(Control *control)
{
	cleanup_close(&control->fd);
	control->fd = -1;
	control->ended = true;
	consume(&control->in, control->in.length);
	consume(&control->out, control->out.length);
	buffer_free(&control->in);
	buffer_free(&control->out);
}

void
control_receive(Control *control)
{
	char block[65536];

	while (!control->ended)
	{
		ssize_t length = recv(control->fd, block, sizeof block, MSG_DONTWAIT);

		if (length > 0)
			buffer_append(&control->in, block, (size_t) length);
		else if (length < 0 && errno == EINTR)
			continue;
		else if (length < 0 && errno == EAGAIN)
			return;
		else
			control->ended = true;
		if (control->in.length > MAX_LINE)
			return;
	}
}

/* What does not speak the protocol is not listened to any more. */
static void
hang_up(Control *control)
{
	control->ended = true;
	consume(&control->in, control->in.length);
}

cJSON *
control_next(Control *control)
{
	const char *end = memchr(control->in.data, '\n', control->in.length);
	cJSON *line;
	Error err;

	if (end == NULL)
	{
		if (control->in.length > MAX_LINE)
		{
			log_error("control channel: a line is longer than %zu bytes", MAX_LINE);
			hang_up(control);
		}
		return NULL;
	}
	if (!json_parse(control->in.data, (size_t) (end - control->in.data),
					"a line of the control channel", &line, &err))
	{
		log_error("%s", err.message);
		hang_up(control);
		return NULL;
	}
	consume(&control->in, (size_t) (end - control->in.data) + 1);
	return line;
}

void
control_put(Control *control, const cJSON *line)
{
	CLEANUP(free) char *text = json_print(line);

	buffer_puts(&control->out, text);
	buffer_append(&control->out, "\n", 1);
	explicit_bzero(text, strlen(text));
}

static void
send_now(Control *control, int flags)
{
	while (!control->ended && control->out.length > 0)
	{
		ssize_t length = send(control->fd, control->out.data, control->out.length,
							  flags | MSG_NOSIGNAL);

		if (length >= 0)
			consume(&control->out, (size_t) length);
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			control->ended = true;
	}
}

void
control_send(Control *control)
{
	send_now(control, MSG_DONTWAIT);
}

bool
control_send_all(Control *control)
{
	send_now(control, 0);
	return !control->ended;
}
