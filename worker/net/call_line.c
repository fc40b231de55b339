/*
 * net/call_line.c
 *	  A connection that calls which follow one another have in common.
 */
#include "net/call_line.h"

#include <stdlib.h>

struct CallLine
{
	CURLM *multi; /* which keeps connections that are open */
};

CallLine *
call_line_open(void)
{
	CallLine *line = calloc(1, sizeof *line);

	if (line == NULL)
		return NULL;
	line->multi = curl_multi_init();
	if (line->multi != NULL)
		return line;
	free(line);
	return NULL;
}

void
call_line_close(CallLine *line)
{
	if (line == NULL)
		return;
	(void) curl_multi_cleanup(line->multi);
	free(line);
}

CURLM *
call_line_multi(const CallLine *line)
{
	return line->multi;
}
