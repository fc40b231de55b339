/*
 * cli/screen.h
 *	  The live picture of a run on a terminal: a line per step, redrawn in place.
 */
#ifndef LEAP_CLI_SCREEN_H
#define LEAP_CLI_SCREEN_H

#include <stdbool.h>

#include <cjson/cJSON.h>

/* Hides the cursor until screen_end; SIGINT and SIGTERM then only set what
 * screen_interrupted tells. */
void screen_begin(void);
bool screen_interrupted(void);

/* Draws the state of a recording (leap.recording_detail) over what was drawn before. */
void screen_draw(const cJSON *recording, bool colour);

/* Leaves the last picture and shows the cursor. */
void screen_end(void);

#endif
