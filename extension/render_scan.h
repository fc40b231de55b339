/*
 * render_scan.h
 *	  The words inside {{ }} and {% %}.
 */
#ifndef LEAP_RENDER_SCAN_H
#define LEAP_RENDER_SCAN_H

#include "render.h"

typedef enum TokenKind
{
	TOKEN_END, /* of the template */
	TOKEN_NAME,
	TOKEN_TEXT, /* value holds it, unescaped */
	TOKEN_NUMBER,
	TOKEN_SIGN,
	TOKEN_CLOSE /* }} or %}, also with a hyphen before it */
} TokenKind;

typedef struct Token
{
	TokenKind kind;
	size_t at;
	size_t length;
	RenderValue value; /* of texts and numbers */
} Token;

typedef struct Scanner
{
	const RenderHost *host;
	const char *source;
	size_t length;
	size_t at;   /* behind the token */
	Token token; /* the one looked at */
	RenderError *error;
} Scanner;

/* Reads the next token. False: there is none, *error is set. */
bool scan_next(Scanner *scanner);

/* Whether the token is this name or sign. */
bool scan_is(const Scanner *scanner, const char *word);

/* Fails at the token: "<wanted> expected, <what is there> found". Returns false. */
bool scan_expected(Scanner *scanner, const char *wanted, const char *hint);

/* Fails at an offset. Returns false. */
bool scan_fail(Scanner *scanner, size_t at, const char *hint, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
