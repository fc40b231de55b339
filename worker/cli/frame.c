/*
 * cli/frame.c
 *	  A picture of lines on a terminal that changes in place.
 *
 * Escapes: CSI ? 2026 h/l begin and end of a synchronised update (terminals that do not know
 * it leave it out), CSI ? 25 the cursor, CSI ? 7 wrapping, CSI n A/G up and to a column,
 * CSI K and J clear to the end of the line and of the screen.
 */
#include "cli/frame.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "cli/text.h"

#define PLAIN_COLUMNS 132
#define LEAST_COLUMNS 20

static void
measure(Frame *frame)
{
	struct winsize size = {0};
	const char *columns = getenv("COLUMNS");
	long said = columns != NULL ? strtol(columns, NULL, 10) : 0;

	frame->columns = said >= LEAST_COLUMNS && said < 10000 ? (int) said : PLAIN_COLUMNS;
	frame->rows = FRAME_MOST_LINES;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
		return;
	frame->columns = (size.ws_col > LEAST_COLUMNS ? size.ws_col : 80) - 1;
	/* what is printed once may be longer than the screen, but no line wider */
	if (!frame->terminal)
		return;
	frame->rows = (size.ws_row > 2 ? size.ws_row : 24) - 1;
	if (frame->rows > FRAME_MOST_LINES)
		frame->rows = FRAME_MOST_LINES;
}

/* All at once; a terminal that has gone takes nothing, and nobody minds. */
static void
send(const Buffer *out)
{
	const char *at = out->data;
	size_t left = out->length;

	while (left > 0)
	{
		ssize_t sent = write(STDOUT_FILENO, at, left);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return;
		at += sent;
		left -= (size_t) sent;
	}
}

void
frame_open(Frame *frame, bool colour)
{
	const char *kind = getenv("TERM");

	memset(frame, 0, sizeof *frame);
	frame->terminal = isatty(STDOUT_FILENO) && kind != NULL && strcmp(kind, "dumb") != 0;
	frame->colour = colour;
	buffer_init(&frame->next);
	buffer_init(&frame->drawn);
	fflush(stdout);
	frame_begin(frame);
}

void
frame_leave(Frame *frame)
{
	CLEANUP(buffer) Buffer out;

	buffer_init(&out);
	if (frame->terminal)
		buffer_puts(&out, "\033[?7h\033[?25h");
	send(&out);
	frame->drawn_columns = 0;
	frame->drawn_lines = 0;
	buffer_clear(&frame->drawn);
}

void
frame_close(Frame *frame)
{
	frame_leave(frame);
	buffer_free(&frame->next);
	buffer_free(&frame->drawn);
}

void
frame_begin(Frame *frame)
{
	measure(frame);
	buffer_clear(&frame->next);
	frame->lines = 0;
	frame->column = 0;
}

int
frame_room(const Frame *frame)
{
	return frame->rows - frame->lines;
}

/* Is there anything to say for this line? */
static bool
has_room(const Frame *frame)
{
	return frame_room(frame) > 0 && frame->column < frame->columns;
}

static void
put_blanks(Frame *frame, int count)
{
	for (; count > 0 && has_room(frame); count--, frame->column++)
		buffer_puts(&frame->next, " ");
}

void
frame_to(Frame *frame, int column)
{
	put_blanks(frame, column - frame->column);
}

void
frame_text(Frame *frame, const char *state, const char *text, int width)
{
	CLEANUP(free) char *clean = text_cleaned(text);
	int room = frame->columns - frame->column;
	int most = width == 0 || abs(width) > room ? room : abs(width);
	int length = (int) utf8_width(clean);
	const char *colour = state != NULL ? text_colour(frame->colour, state) : "";

	if (!has_room(frame))
		return;
	if (width < 0)
		put_blanks(frame, most - length);
	buffer_puts(&frame->next, colour);
	if (length <= most)
	{
		buffer_puts(&frame->next, clean);
		frame->column += length;
	}
	else
		frame->column += text_cut(&frame->next, clean, most);
	if (colour[0] != '\0')
		buffer_puts(&frame->next, text_plain(true));
	if (width > 0)
		put_blanks(frame, most - length);
	/* where a terminal draws signs wider or narrower than we think, the next column is right
	 * all the same */
	if (frame->terminal && has_room(frame) && !text_is_plain(clean))
		buffer_printf(&frame->next, "\033[%dG", frame->column + 1);
}

void
frame_format(Frame *frame, const char *state, int width, const char *format, ...)
{
	CLEANUP(free) char *text = NULL;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length >= 0)
		frame_text(frame, state, text, width);
}

void
frame_bar(Frame *frame, const char *state, double percent, int cells)
{
	const char *colour = text_colour(frame->colour, state);
	int halves = (int) ((percent < 0     ? 0
						 : percent > 100 ? 100
										 : percent) *
							cells / 50 +
						0.5);

	if (cells > frame->columns - frame->column)
		cells = frame->columns - frame->column;
	buffer_puts(&frame->next, has_room(frame) ? colour : "");
	for (int cell = 0; cell < cells && has_room(frame); cell++, frame->column++)
	{
		if (cell == (halves + 1) / 2 && colour[0] != '\0')
			buffer_printf(&frame->next, "%s%s", text_plain(true),
						  text_colour(true, "faint"));
		buffer_puts(&frame->next, 2 * cell + 1 < halves    ? "━"
								  : 2 * cell + 1 == halves ? "╸"
														   : "─");
	}
	if (colour[0] != '\0')
		buffer_puts(&frame->next, text_plain(true));
}

void
frame_end_line(Frame *frame)
{
	if (frame_room(frame) <= 0)
		return;
	frame->widths[frame->lines++] = frame->column;
	buffer_puts(&frame->next, "\n");
	frame->column = 0;
}

/* Rows that the last picture takes now: a terminal that became narrower has wrapped it. */
static int
rows_of_last(const Frame *frame)
{
	int rows = 0;

	for (int i = 0; i < frame->drawn_lines; i++)
	{
		int width = frame->drawn_widths[i];

		rows +=
			width > frame->columns ? (width + frame->columns) / (frame->columns + 1) : 1;
	}
	return rows < frame->rows ? rows : frame->rows;
}

static size_t
line_length(const char *line)
{
	return strcspn(line, "\n");
}

/* The lines that are not as before; the cursor is at the beginning of the picture. */
static void
put_changes(const Frame *frame, Buffer *out)
{
	const char *line = frame->next.data;
	const char *old = frame->drawn.data;

	for (int i = 0; i < frame->lines; i++)
	{
		size_t length = line_length(line);
		bool known = i < frame->drawn_lines;

		if (!known || line_length(old) != length || memcmp(old, line, length) != 0)
		{
			buffer_append(out, line, length);
			buffer_puts(out, "\033[K");
		}
		buffer_puts(out, "\r\n");
		line += length + 1;
		old += known ? line_length(old) + 1 : 0;
	}
	if (frame->lines < frame->drawn_lines)
		buffer_puts(out, "\033[J");
}

void
frame_show(Frame *frame)
{
	CLEANUP(buffer) Buffer out;

	buffer_init(&out);
	if (!frame->terminal)
	{
		send(&frame->next);
		return;
	}
	buffer_puts(&out, "\033[?2026h\033[?25l\033[?7l");
	if (frame->drawn_columns != 0 && frame->drawn_columns != frame->columns)
	{
		if (rows_of_last(frame) > 0)
			buffer_printf(&out, "\r\033[%dA", rows_of_last(frame));
		buffer_puts(&out, "\033[J");
		frame->drawn_lines = 0;
	}
	else if (frame->drawn_lines > 0)
		buffer_printf(&out, "\r\033[%dA", frame->drawn_lines);
	put_changes(frame, &out);
	buffer_puts(&out, "\033[?7h\033[?2026l");
	send(&out);
	buffer_clear(&frame->drawn);
	buffer_append(&frame->drawn, frame->next.data, frame->next.length);
	memcpy(frame->drawn_widths, frame->widths, sizeof frame->widths);
	frame->drawn_lines = frame->lines;
	frame->drawn_columns = frame->columns;
}
