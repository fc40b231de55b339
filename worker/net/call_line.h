/*
 * net/call_line.h
 *	  A connection that calls which follow one another have in common.
 *
 * The other side may have closed it meanwhile, and libcurl then sends the request again by
 * itself. So a line is for requests that may be made twice, all to one server and with one
 * right to reach private addresses.
 */
#ifndef LEAP_NET_CALL_LINE_H
#define LEAP_NET_CALL_LINE_H

#include <curl/curl.h>

typedef struct CallLine CallLine;

/* For one thread; NULL when there is no memory, which is no line. */
CallLine *call_line_open(void);
void call_line_close(CallLine *line); /* NULL is allowed */

/* Where the requests of the line are followed. */
CURLM *call_line_multi(const CallLine *line);

#endif
