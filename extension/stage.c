/*
 * stage.c
 *	  Where a recording stands, concluded from the tasks of its run.
 *
 * Concept: the states of a run's tasks become a set of bits, one for each stage and group
 * of states, which SQL collects with bit_or(). The rules below read that set.
 *
 * Nothing here knows the server, so that unit tests run it as a plain program.
 */
#include "stage.h"

#include <string.h>

#include "fsm.h"

#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

typedef enum Group
{
	GROUP_RUNNING,
	GROUP_WAITING, /* for a worker or its time */
	GROUP_FAILED,
	GROUP_BLOCKED,
	GROUP_CANCELLED,
	GROUP_DONE,
	GROUPS
} Group;

#define BIT(group) (1 << (group))

static const struct
{
	const char *state;
	Group group;
} groups[] = {
	{"running",   GROUP_RUNNING  },
    {"ready",     GROUP_WAITING  },
	{"scheduled", GROUP_WAITING  },
    {"failed",    GROUP_FAILED   },
	{"blocked",   GROUP_BLOCKED  },
    {"cancelled", GROUP_CANCELLED},
	{"succeeded", GROUP_DONE     },
    {"skipped",   GROUP_DONE     },
};

int
stage_bit(const char *stage, const char *state)
{
	for (size_t s = 0; s < fsm_stage_count; s++)
	{
		if (strcmp(fsm_stages[s].name, stage) != 0)
			continue;
		for (size_t g = 0; g < lengthof(groups); g++)
			if (strcmp(groups[g].state, state) == 0)
				return BIT(groups[g].group) << (s * GROUPS);
	}
	return 0;
}

static int
bits_of(int states, size_t stage)
{
	return (states >> (stage * GROUPS)) & (BIT(GROUPS) - 1);
}

/* The stage a recording is before or in; fsm_stage_count if none. */
static size_t
stage_at(const char *status, const char *failed_at)
{
	for (size_t s = 0; s < fsm_stage_count; s++)
	{
		const FsmStage *stage = &fsm_stages[s];

		if (strcmp(status, stage->before) == 0 || strcmp(status, stage->during) == 0)
			return s;
		if (strcmp(status, "FAILED") == 0 && strcmp(failed_at, stage->name) == 0)
			return s;
	}
	if (strcmp(status, "READY") == 0 || strcmp(status, "UPLOADED") == 0)
		return fsm_stage_count - 1;
	return fsm_stage_count;
}

static bool
decide(StageMove *move, const char *event, const char *to, bool passed)
{
	move->event = event;
	move->to = to;
	move->passed = passed;
	return true;
}

bool
stage_next(const char *status, const char *failed_at, int states, const char *how,
		   StageMove *move)
{
	size_t at = stage_at(status, failed_at);
	const FsmStage *stage = &fsm_stages[at];
	int bits;
	bool before;
	bool during;

	if (at == fsm_stage_count || (bits = bits_of(states, at)) == 0)
		return false;
	before = strcmp(status, stage->before) == 0;
	during = strcmp(status, stage->during) == 0;
	if (bits & BIT(GROUP_RUNNING) || bits == BIT(GROUP_DONE))
	{
		if (before)
			return decide(move, "step", stage->during, false);
		if (strcmp(status, "FAILED") == 0)
			return decide(move, "retry", stage->during, false);
		if (bits & BIT(GROUP_RUNNING))
			return !during && decide(move, "publish", stage->during, false);
		return during && decide(move, "step", stage->after, true);
	}
	if (bits & BIT(GROUP_FAILED) && !(bits & BIT(GROUP_WAITING)))
		return (before || during) && decide(move, "step", "FAILED", false);
	if (during && !(bits & (BIT(GROUP_WAITING) | BIT(GROUP_BLOCKED))))
		return decide(move, "cancel", stage->before, false); /* nothing will end it */
	return during && strcmp(how, "step") != 0 && decide(move, how, stage->before, false);
}

const char *
stage_run_state(int states)
{
	int all = 0;

	for (size_t s = 0; s < fsm_stage_count; s++)
		all |= bits_of(states, s);
	if (all == 0 || all & (BIT(GROUP_RUNNING) | BIT(GROUP_WAITING) | BIT(GROUP_BLOCKED)))
		return "active";
	if (all & BIT(GROUP_FAILED))
		return "failed";
	return all & BIT(GROUP_CANCELLED) ? "cancelled" : "finished";
}
