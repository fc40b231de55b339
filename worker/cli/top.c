/*
 * cli/top.c
 *	  leap top: queues, workers and what they do, live. One statement a second.
 */
#include "cli/top.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/keyboard.h"
#include "cli/session.h"

#define SECONDS 1.0
#define PAGE    10

typedef struct Top
{
	const Session *session;
	cJSON *monitor; /* the last answer */
	Frame frame;
	TopView view;
	bool quit;
	bool interrupted;
} Top;

static bool
ask(Top *top, Error *err)
{
	cJSON *monitor = NULL;

	if (!db_json(top->session->db, "SELECT leap.monitor()", NULL, 0, &monitor, err))
		return false;
	cJSON_Delete(top->monitor);
	top->monitor = monitor;
	return true;
}

static void
draw(Top *top)
{
	frame_begin(&top->frame);
	top_draw(&top->frame, top->monitor, &top->view);
	frame_show(&top->frame);
}

static void
turn(Top *top, int by)
{
	int order = ((int) top->view.order + TOP_ORDERS + by) % TOP_ORDERS;

	top->view.order = (TopOrder) order;
}

static void
press(Top *top, Key key)
{
	static const struct
	{
		int key;
		int by; /* rows to move */
	} moves[] = {
		{KEY_UP,        -1   },
        {KEY_DOWN,      1    },
        {'k',           -1   },
		{'j',           1    },
        {KEY_PAGE_UP,   -PAGE},
        {KEY_PAGE_DOWN, PAGE },
	};

	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
		top->view.first += (int) key == moves[i].key ? moves[i].by : 0;
	if (key == (Key) 'q' || key == (Key) 'Q')
		top->quit = true;
	else if (key == (Key) 'p' || key == (Key) ' ')
		top->view.paused = !top->view.paused;
	else if (key == (Key) 's' || key == KEY_RIGHT)
		turn(top, 1);
	else if (key == KEY_LEFT)
		turn(top, -1);
}

static void
obey(Top *top)
{
	KeyboardSignals signals = keyboard_signals();
	Key key;

	while ((key = keyboard_read()) != KEY_NONE)
		press(top, key);
	top->interrupted |= signals.interrupted;
	top->quit |= signals.interrupted;
	if (!signals.stopped)
		return;
	frame_leave(&top->frame);
	keyboard_stop();
}

static bool
watch(Top *top, Error *err)
{
	while (!top->quit)
	{
		double end;

		if (!top->view.paused && !ask(top, err))
			return false;
		draw(top);
		for (end = clock_seconds() + SECONDS; !top->quit && clock_seconds() < end;)
		{
			bool heard;

			if (!db_wait_or(top->session->db, keyboard_fd(), end - clock_seconds(),
							&heard, err))
				return false;
			obey(top);
			draw(top);
		}
	}
	return true;
}

static TopOrder
order_of(const Options *options)
{
	for (TopOrder order = TOP_BY_TIME; order < TOP_ORDERS; order++)
		if (strcmp(top_order_name(order), option_text(options, OPTION_SORT)) == 0)
			return order;
	return TOP_BY_TIME;
}

static ExitCode
run_top(Top *top)
{
	bool once = option_flag(top->session->options, OPTION_ONCE);
	ExitCode code = EXIT_DONE;
	Error err = {0};
	bool good;

	frame_open(&top->frame, top->session->colour);
	if (once || !top->frame.terminal)
	{
		/* as many lines as there are, and no cursor to move */
		top->frame.terminal = false;
		good = ask(top, &err);
		if (good)
			draw(top);
	}
	else
	{
		keyboard_open();
		top->view.keys = keyboard_fd() >= 0;
		good = watch(top, &err);
	}
	frame_close(&top->frame);
	keyboard_close();
	if (!good)
		code = session_error(top->session, &err);
	return top->interrupted ? EXIT_INTERRUPTED : code;
}

ExitCode
top_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	Top top = {.session = &session, .view.order = order_of(options)};
	ExitCode code = EXIT_DONE;

	(void) argv;
	if (argc != 0)
		return session_usage("top", "it takes no argument");
	if (!session_open(&session, options, &code))
		return code;
	if (session.json)
		return session_call(&session, "SELECT leap.monitor()", NULL, 0, NULL);
	code = run_top(&top);
	cJSON_Delete(top.monitor);
	return code;
}
