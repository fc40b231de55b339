/*
 * cli/frame.h
 *	  A picture of lines on a terminal that changes in place.
 *
 * A frame is made line by line in memory and goes out in one write(), between the marks of a
 * synchronised update, with only the lines that changed: nothing flickers and nothing is
 * cleared first. It stands where the cursor stood, in the ordinary screen, so what was there
 * before stays above it. A line never wraps: text is cut at the width of the terminal, and
 * the terminal is told to cut what it thinks wider than we do. After a resize everything is
 * drawn anew. Without a terminal a frame is printed as plain lines.
 */
#ifndef LEAP_CLI_FRAME_H
#define LEAP_CLI_FRAME_H

#include <stdbool.h>

#include "base/buffer.h"

#define FRAME_MOST_LINES 512

typedef struct Frame
{
	bool terminal; /* standard output is one that can move the cursor */
	bool colour;
	int columns; /* of the line to be made; one is left free */
	int rows;    /* lines a picture may have; without a terminal, as many as it likes */
	int column;  /* where the line being made has come to */
	Buffer next; /* the lines being made, each with its end */
	Buffer drawn;
	int drawn_columns; /* as wide as the terminal was then; 0: nothing is drawn */
	int drawn_widths[FRAME_MOST_LINES];
	int drawn_lines;
	int widths[FRAME_MOST_LINES];
	int lines;
} Frame;

/* Ready for pictures: asks the terminal for its size, and hides the cursor of one. */
void frame_open(Frame *frame, bool colour);

/* Leaves the last picture where it is, and the cursor below it. */
void frame_close(Frame *frame);

/* Gives the terminal back for a while, as a shell wants it; the next picture is drawn below. */
void frame_leave(Frame *frame);

/* A new picture: the size is asked for again. */
void frame_begin(Frame *frame);

/* Room that is left for lines of this picture. */
int frame_room(const Frame *frame);

/* Text in the colour of a state (text_colour(); NULL: plain). width > 0: cut to that many
 * columns and filled with blanks; < 0: the same, to the right; 0: as long as it is. What is
 * cut ends with an ellipsis. */
void frame_text(Frame *frame, const char *state, const char *text, int width);

/* The same, by a format, for texts that are not from outside. */
void frame_format(Frame *frame, const char *state, int width, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* A bar of so many cells, filled in eighths of a cell. */
void frame_bar(Frame *frame, const char *state, double percent, int cells);

/* Blanks up to this column. */
void frame_to(Frame *frame, int column);

/* The line is complete; one for which there is no room is left out. */
void frame_end_line(Frame *frame);

/* Sends the picture. */
void frame_show(Frame *frame);

#endif
