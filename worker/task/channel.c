/*
 * task/channel.c
 *	  A child's end of the control channel: the Reporter that every task gets.
 *
 * The end of the channel means that the worker is gone. Nobody would take the result, and
 * somebody else may have the task already: the process ends at once.
 */
#include "task/channel.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/sealed.h"

/* Progress lines are at least so far apart, in seconds or in fraction. */
#define TELL_SECONDS  0.5
#define TELL_FRACTION 0.01

static volatile sig_atomic_t asked_to_stop;

static void
on_stop_signal(int signal)
{
	(void) signal;
	asked_to_stop = 1;
}

static void
end_if_alone(Channel *channel)
{
	if (channel->control.ended)
	{
		log_warning("the worker is gone: stopping");
		_exit(1);
	}
}

static bool
report_progress(void *arg, double fraction, const char *step)
{
	Channel *channel = arg;
	double now = clock_seconds();
	bool step_changed;

	control_receive(&channel->control);
	end_if_alone(channel);
	if (fraction < 0)
		return !asked_to_stop;
	step_changed = strncmp(channel->step, step, sizeof channel->step - 1) != 0;
	if (step_changed || fabs(fraction - channel->told) >= TELL_FRACTION ||
		(fraction > channel->told && now > channel->told_at + TELL_SECONDS))
	{
		CLEANUP(json) cJSON *line = cJSON_CreateObject();

		cJSON_AddNumberToObject(line, "progress", fraction);
		cJSON_AddStringToObject(line, "step", step);
		control_put(&channel->control, line);
		control_send(&channel->control);
		channel->told = fraction;
		channel->told_at = now;
		snprintf(channel->step, sizeof channel->step, "%s", step);
	}
	return !asked_to_stop;
}

/* Sends a question (its "seq" is added here) and waits for the answer, which the caller
 * deletes; NULL when the task is to stop, unless the answer is needed in any case. */
static cJSON *
ask_for(Channel *channel, cJSON *question, bool needed)
{
	channel->seq++;
	cJSON_AddNumberToObject(question, "seq", (double) channel->seq);
	control_put(&channel->control, question);
	while (needed || !asked_to_stop)
	{
		struct pollfd socket = {
			.fd = channel->control.fd,
			.events = (short) (POLLIN | (channel->control.out.length > 0 ? POLLOUT : 0))};

		control_send(&channel->control);
		control_receive(&channel->control);
		cJSON *answer = control_next(&channel->control);

		if (answer != NULL && json_int64(answer, "seq", 0) == channel->seq)
			return answer;
		sealed_forget(answer);
		end_if_alone(channel);
		if (answer == NULL)
			(void) poll(&socket, 1, 1000);
	}
	return NULL;
}

/* Yes or no. */
static bool
ask(Channel *channel, cJSON *question)
{
	CLEANUP(json) cJSON *answer = ask_for(channel, question, false);

	return json_bool(answer, "ok", false);
}

static cJSON *
door_renew(void *arg, int version)
{
	CLEANUP(json) cJSON *question = cJSON_CreateObject();

	cJSON_AddStringToObject(question, "credential", "renew");
	cJSON_AddNumberToObject(question, "version", version);
	return ask_for(arg, question, false);
}

/* Nobody else has what is to be stored: it goes out even when all else is to stop. */
static cJSON *
door_store(void *arg, int version, const cJSON *data, const cJSON *facts)
{
	CLEANUP(secret) cJSON *question = cJSON_CreateObject();

	cJSON_AddStringToObject(question, "credential", "store");
	cJSON_AddNumberToObject(question, "version", version);
	cJSON_AddItemToObject(question, "data", cJSON_Duplicate(data, true));
	if (facts != NULL)
		cJSON_AddItemToObject(question, "facts", cJSON_Duplicate(facts, true));
	return ask_for(arg, question, true);
}

static bool
report_confirm(void *arg, const char *what)
{
	CLEANUP(json) cJSON *question = cJSON_CreateObject();

	cJSON_AddStringToObject(question, "confirm", what);
	return ask(arg, question);
}

static bool
report_checkpoint(void *arg, const cJSON *state)
{
	CLEANUP(json) cJSON *question = cJSON_CreateObject();

	cJSON_AddItemToObject(question, "checkpoint", cJSON_Duplicate(state, true));
	return ask(arg, question);
}

/* Written before the act: a child that is killed right behind it has said so. */
static void
report_made(void *arg, const char *in, const char *name)
{
	Channel *channel = arg;
	CLEANUP(json) cJSON *line = cJSON_CreateObject();

	cJSON_AddStringToObject(line, "made", name);
	cJSON_AddStringToObject(line, "in", in);
	control_put(&channel->control, line);
	(void) control_send_all(&channel->control);
}

void
channel_init(Channel *channel, int fd)
{
	/* without SA_RESTART: a wait ends and the next look at the flag is soon */
	struct sigaction stop = {.sa_handler = on_stop_signal};

	memset(channel, 0, sizeof *channel);
	control_init(&channel->control, fd);
	channel->told = -1;
	channel->reporter = (Reporter){.progress = report_progress,
								   .confirm = report_confirm,
								   .checkpoint = report_checkpoint,
								   .made = report_made,
								   .arg = channel};
	channel->door =
		(AccountDoor){.renew = door_renew, .store = door_store, .arg = channel};
	(void) sigaction(SIGTERM, &stop, NULL);
	(void) signal(SIGINT, SIG_IGN); /* the terminal's Ctrl-C is the worker's to handle */
	(void) signal(SIGPIPE, SIG_IGN);
}

cJSON *
channel_assignment(Channel *channel)
{
	for (;;)
	{
		struct pollfd socket = {.fd = channel->control.fd, .events = POLLIN};
		cJSON *line;

		control_receive(&channel->control);
		line = control_next(&channel->control);
		if (line != NULL)
			return line;
		if (channel->control.ended || asked_to_stop)
			return NULL;
		(void) poll(&socket, 1, -1);
	}
}

bool
channel_finish(Channel *channel, const char *word, cJSON *value)
{
	CLEANUP(json) cJSON *line = cJSON_CreateObject();

	cJSON_AddItemToObject(line, word, value);
	control_put(&channel->control, line);
	return control_send_all(&channel->control);
}
