/*
 * base/option_rows.h
 *	  The part of the table of options that stands in a file of its own.
 */
#ifndef LEAP_BASE_OPTION_ROWS_H
#define LEAP_BASE_OPTION_ROWS_H

#include "base/option.h"

/* From OPTION_LISTEN up to OPTION_MARKDOWN, which is none of them. */
extern const Option option_serve_rows[OPTION_MARKDOWN - OPTION_LISTEN];

#endif
