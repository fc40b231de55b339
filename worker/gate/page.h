/*
 * gate/page.h
 *	  The web page: its shell at /app/ and what it is made of below /app/v/HASH/.
 */
#ifndef LEAP_GATE_PAGE_H
#define LEAP_GATE_PAGE_H

#include <stdbool.h>

#include "base/error.h"
#include "http/exchange.h"

typedef struct Page Page;

/* The page from the program, or, unless it is "", from a folder like worker/page, for those who
 * work on it. media_origin: where browsers are sent for videos, "https://host"; "": nowhere.
 * page_close in either case. Errors: usage. */
bool page_open(const char *folder, const char *media_origin, Page **page, Error *err);
void page_close(Page *page);

/* Answers what is the page's; false: it is somebody else's. Nobody is asked for his name:
 * there is nothing of anybody in it. */
bool page_answer(const Page *page, Exchange *exchange);

#endif
