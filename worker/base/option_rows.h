/*
 * base/option_rows.h
 *	  The parts of the table of options that stand in files of their own.
 */
#ifndef LEAP_BASE_OPTION_ROWS_H
#define LEAP_BASE_OPTION_ROWS_H

#include "base/option.h"

/* Each begins with the row of the first id and ends before that of the second. */
extern const Option option_net_rows[OPTION_JSON - OPTION_ALLOW_PRIVATE_ADDRESSES];
extern const Option option_screen_rows[OPTION_RECORDING - OPTION_COLOR];
extern const Option option_words_rows[OPTION_LISTEN - OPTION_RECORDING];
extern const Option option_serve_rows[OPTION_FAST - OPTION_LISTEN];
extern const Option option_media_rows[OPTION_MARKDOWN - OPTION_FAST];

#endif
