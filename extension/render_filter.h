/*
 * render_filter.h
 *	  The filters of text templates (RenderFilter.apply), and what they have in common.
 */
#ifndef LEAP_RENDER_FILTER_H
#define LEAP_RENDER_FILTER_H

#include "render_tree.h"

/* Room for a text of at most that length; NULL: it is too much work. */
char *render_make_room(RenderRun *run, size_t length);

/* Makes the result a text. Returns true. */
bool render_give(RenderValue *result, const char *text, size_t length);

/* The text of an argument, or another if it is not given. */
bool render_text_argument(RenderRun *run, const RenderValue *argument,
						  const char *otherwise, RenderValue *text);

/* The whole number of an argument, or another if it is not given. */
bool render_whole_argument(RenderRun *run, const RenderValue *argument, long otherwise,
						   long *whole);

/* Every filter has this shape; one that reads no arguments leaves them unnamed. */
#define RENDER_FILTER(name)                             \
	bool name(RenderRun *run, const RenderValue *value, \
			  const RenderValue *const *arguments, RenderValue *result)

RENDER_FILTER(render_apply_capitalize);
RENDER_FILTER(render_apply_date);
RENDER_FILTER(render_apply_default);
RENDER_FILTER(render_apply_escape);
RENDER_FILTER(render_apply_join);
RENDER_FILTER(render_apply_length);
RENDER_FILTER(render_apply_lower);
RENDER_FILTER(render_apply_part);
RENDER_FILTER(render_apply_replace);
RENDER_FILTER(render_apply_split_path);
RENDER_FILTER(render_apply_title);
RENDER_FILTER(render_apply_trim);
RENDER_FILTER(render_apply_truncate);
RENDER_FILTER(render_apply_upper);

#endif
