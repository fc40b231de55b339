/*
 * cli/screen.c
 *	  The live picture of a run on a terminal.
 *
 * Every line is cut to the width of the terminal as it is now, so that the number of lines
 * to go back up is always right, also after a resize.
 */
#include "cli/screen.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "cli/text.h"

#define BAR_CELLS 24

static volatile sig_atomic_t interrupted;
static int drawn_lines;

static void
note_signal(int signal_number)
{
	(void) signal_number;
	interrupted = 1;
}

void
screen_begin(void)
{
	struct sigaction action = {.sa_handler = note_signal};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	drawn_lines = 0;
	fputs("\033[?25l", stdout);
}

bool
screen_interrupted(void)
{
	return interrupted != 0;
}

void
screen_end(void)
{
	fputs("\033[?25h", stdout);
	fflush(stdout);
}

static void
put_bar(Buffer *line, double percent)
{
	int full = (int) (percent * BAR_CELLS / 100 + 0.5);

	for (int cell = 0; cell < BAR_CELLS; cell++)
		buffer_puts(line, cell < full ? "━" : "╌");
}

/* Prints one line, cut to the width, the rest of the row cleared. */
static void
put_line(const char *colour, const char *text, bool coloured)
{
	fputs(colour, stdout);
	text_print(text, text_width() - 1);
	fputs(text_plain(coloured), stdout);
	fputs("\033[K\n", stdout);
	drawn_lines++;
}

static void
draw_task(const cJSON *task, bool colour)
{
	CLEANUP(buffer) Buffer line;
	const char *state = json_text(task, "state", "");
	char elapsed[TEXT_SIZE];
	const char *note = json_text(task, "skip_reason", NULL);

	if (note == NULL)
		note = strcmp(state, "running") == 0 ? json_text(task, "current_step", "working")
											 : json_text(task, "error.message", "");
	buffer_init(&line);
	buffer_printf(&line, "  %-11s ", json_text(task, "kind", ""));
	put_bar(&line, json_number(task, "progress", 0));
	buffer_printf(&line, " %3.0f %%  %8s  %-9s %s", json_number(task, "progress", 0),
				  text_seconds(json_number(task, "elapsed_seconds", -1), elapsed), state,
				  note);
	put_line(text_colour(colour, state), line.data, colour);
}

void
screen_draw(const cJSON *recording, bool colour)
{
	CLEANUP(buffer) Buffer line;
	const cJSON *task;

	if (drawn_lines > 0)
		printf("\033[%dA", drawn_lines);
	drawn_lines = 0;
	buffer_init(&line);
	buffer_printf(&line, "%s  %s  %.0f %%", json_text(recording, "name", ""),
				  json_text(recording, "status", ""),
				  json_number(recording, "progress", 0));
	put_line("", line.data, colour);
	cJSON_ArrayForEach(task, json_at(recording, "tasks")) draw_task(task, colour);
	if (json_at(recording, "waiting.reason") != NULL &&
		json_at(recording, "hold.reason") == NULL)
	{
		buffer_clear(&line);
		buffer_printf(&line, "  waiting: %s (%s)",
					  json_text(recording, "waiting.reason", ""),
					  json_text(recording, "waiting.remedy", ""));
		put_line(text_colour(colour, "warning"), line.data, colour);
	}
	fputs("\033[J", stdout);
	fflush(stdout);
}
