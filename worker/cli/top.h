/*
 * cli/top.h
 *	  The monitor: what a person sees of it and has chosen.
 */
#ifndef LEAP_CLI_TOP_H
#define LEAP_CLI_TOP_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "cli/frame.h"

typedef enum TopOrder
{
	TOP_BY_TIME,
	TOP_BY_PROGRESS,
	TOP_BY_KIND,
	TOP_BY_WORKER,
	TOP_ORDERS
} TopOrder;

typedef struct TopView
{
	TopOrder order;
	int first;   /* of the running tasks that are shown */
	bool paused; /* by the person: nothing is asked */
	bool keys;   /* there is a keyboard: say which keys do what */
} TopView;

/* The name of an order, as --sort takes it. */
const char *top_order_name(TopOrder order);

/* Fills the frame with leap.monitor(); view->first is brought back into what there is. */
void top_draw(Frame *frame, const cJSON *monitor, TopView *view);

#endif
