/*
 * cli/keyboard.h
 *	  Keys and signals of a program that shows a live picture.
 *
 * Keys come one by one and are not shown; Ctrl-C and Ctrl-Z stay what they are. Signals only
 * set what keyboard_signals() tells, and end whatever waits.
 */
#ifndef LEAP_CLI_KEYBOARD_H
#define LEAP_CLI_KEYBOARD_H

#include <stdbool.h>

typedef enum Key
{
	KEY_NONE = 0, /* other keys are their character */
	KEY_UP = 256,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN
} Key;

typedef struct KeyboardSignals
{
	bool interrupted; /* SIGINT, SIGTERM, SIGHUP: end */
	bool stopped;     /* SIGTSTP: stop and come back */
} KeyboardSignals;

/* Takes keys from standard input if that is a terminal; sets the handlers of signals. */
void keyboard_open(void);

/* The terminal is as it was. */
void keyboard_close(void);

/* What came since the last call of this. */
KeyboardSignals keyboard_signals(void);

/* Stops the program as Ctrl-Z does; returns when it goes on. */
void keyboard_stop(void);

/* The descriptor to wait for, -1 without a terminal. */
int keyboard_fd(void);

/* The next key that has been pressed; KEY_NONE: none. Does not wait. */
Key keyboard_read(void);

#endif
