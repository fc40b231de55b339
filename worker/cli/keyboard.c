/*
 * cli/keyboard.c
 *	  Keys and signals of a program that shows a live picture.
 */
#include "cli/keyboard.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* a handler can reach nothing else, and there is one terminal */
static volatile sig_atomic_t interrupted;
static volatile sig_atomic_t stopped;
static struct termios before;
static bool is_open;

static void
note_interrupt(int number)
{
	(void) number;
	interrupted = 1;
}

static void
note_stop(int number)
{
	(void) number;
	stopped = 1;
}

/* That it came is enough: it ends a wait. */
static void
note_resize(int number)
{
	(void) number;
}

static void
set_handlers(void)
{
	static const struct
	{
		int number;
		void (*handler)(int number);
	} rows[] = {
		{SIGINT,   note_interrupt},
        {SIGTERM,  note_interrupt},
        {SIGHUP,   note_interrupt},
		{SIGTSTP,  note_stop     },
        {SIGWINCH, note_resize   },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		struct sigaction action = {.sa_handler = rows[i].handler};

		(void) sigaction(rows[i].number, &action, NULL);
	}
}

void
keyboard_open(void)
{
	struct termios quiet;

	set_handlers();
	/* behind a shell's & the terminal is another's: touching it would stop the program */
	if (!isatty(STDIN_FILENO) || tcgetpgrp(STDIN_FILENO) != getpgrp() ||
		tcgetattr(STDIN_FILENO, &before) != 0)
		return;
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t) (ICANON | ECHO);
	quiet.c_cc[VMIN] = 0;
	quiet.c_cc[VTIME] = 0;
	is_open = tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet) == 0;
}

void
keyboard_close(void)
{
	if (is_open)
		(void) tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	is_open = false;
}

KeyboardSignals
keyboard_signals(void)
{
	KeyboardSignals signals = {interrupted != 0, stopped != 0};

	stopped = 0;
	return signals;
}

void
keyboard_stop(void)
{
	keyboard_close();
	(void) raise(SIGSTOP);
	keyboard_open();
}

int
keyboard_fd(void)
{
	return is_open ? STDIN_FILENO : -1;
}

/* One byte, at once or within the time that the rest of an escape takes; 0: none. */
static char
read_byte(int milliseconds)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	char byte = 0;

	if (!is_open || poll(&input, 1, milliseconds) <= 0)
		return 0;
	if (read(STDIN_FILENO, &byte, 1) == 1)
		return byte;
	/* the terminal has gone */
	is_open = false;
	return 0;
}

/* "ESC [ A", "ESC O A", "ESC [ 5 ~" */
static Key
read_escape(void)
{
	static const struct
	{
		const char *sequence;
		Key key;
	} rows[] = {
		{"A",  KEY_UP       },
        {"B",  KEY_DOWN     },
        {"C",  KEY_RIGHT    },
		{"D",  KEY_LEFT     },
        {"5~", KEY_PAGE_UP  },
        {"6~", KEY_PAGE_DOWN},
	};
	char sequence[8] = "";
	char byte = read_byte(20);

	if (byte != '[' && byte != 'O')
		return KEY_NONE;
	for (size_t i = 0; i + 1 < sizeof sequence; i++)
	{
		sequence[i] = read_byte(20);
		if (sequence[i] == 0 || sequence[i] >= '@')
			break;
	}
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].sequence, sequence) == 0)
			return rows[i].key;
	return KEY_NONE;
}

Key
keyboard_read(void)
{
	char byte;
	Key key;

	while ((byte = read_byte(0)) != 0)
	{
		key = byte == '\033' ? read_escape() : (Key) (unsigned char) byte;
		if (key != KEY_NONE)
			return key;
	}
	return KEY_NONE;
}
