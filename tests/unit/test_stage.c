/* sources: ../extension/stage.c ../extension/fsm.c */
/*
 * tests/unit/test_stage.c
 *	  Where a recording stands, concluded from the tasks of its run.
 */
#include <stdio.h>
#include <string.h>

#include "../../extension/fsm.h"
#include "../../extension/stage.h"
#include "tap.h"

/* The bits of a stage whose tasks have these states, parted by blanks. */
static int
bits(const char *stage, const char *states)
{
	char copy[128];
	char *rest = copy;
	char *state;
	int all = 0;

	snprintf(copy, sizeof copy, "%s", states);
	while ((state = strsep(&rest, " ")) != NULL)
		all |= stage_bit(stage, state);
	return all;
}

static void
test_moves(void)
{
	static const struct
	{
		const char *status, *stage, *states, *how;
		const char *event, *to; /* NULL = it stays */
	} rows[] = {
  /* begins, ends, is walked through */
		{"DOWNLOADED",   "process",    "ready",               "step",     NULL,       NULL         },
		{"DOWNLOADED",   "process",    "running",             "step",     "step",     "PROCESSING" },
		{"DOWNLOADED",   "process",    "skipped",             "step",     "step",     "PROCESSING" },
		{"PROCESSING",   "process",    "succeeded skipped",   "step",     "step",     "PROCESSED"  },
		{"PROCESSING",   "process",    "running succeeded",   "step",     NULL,       NULL         },
		{"FAILED",       "process",    "running",             "step",     "retry",    "PROCESSING" },
		{"UPLOADED",     "upload",     "running",             "step",     "publish",  "UPLOADING"  },
 /* fails: when nothing of the stage can change it any more */
		{"PROCESSING",   "process",    "failed",              "rollback", "step",     "FAILED"     },
		{"UPLOADING",    "upload",     "failed running",      "step",     NULL,       NULL         },
		{"UPLOADING",    "upload",     "failed ready",        "rollback", "rollback", "TRANSCRIBED"},
		{"UPLOADING",    "upload",     "failed cancelled",    "step",     "step",     "FAILED"     },
		{"UPLOADING",    "upload",     "failed succeeded",    "step",     "step",     "FAILED"     },
 /* goes back: nobody works on it, and who says so names the event */
		{"PROCESSING",   "process",    "ready",               "release",  "release",  "DOWNLOADED" },
		{"PROCESSING",   "process",    "scheduled",           "rollback", "rollback", "DOWNLOADED" },
		{"PROCESSING",   "process",    "ready",               "step",     NULL,       NULL         },
		{"TRANSCRIBING", "transcribe", "succeeded ready",     "step",     NULL,       NULL         },
		{"TRANSCRIBING", "transcribe", "succeeded blocked",   "step",     NULL,       NULL         },
 /* the last task of a stage that has a cancelled one ends it, however that ended */
		{"UPLOADING",    "upload",     "cancelled",           "cancel",   "cancel",   "TRANSCRIBED"},
		{"UPLOADING",    "upload",     "cancelled succeeded", "step",     "cancel",   "TRANSCRIBED"},
		{"UPLOADING",    "upload",     "cancelled succeeded", "release",  "cancel",
		 "TRANSCRIBED"																			 },
		{"UPLOADING",    "upload",     "cancelled running",   "cancel",   NULL,       NULL         },
		{"UPLOADING",    "upload",     "cancelled ready",     "step",     NULL,       NULL         },
		{"UPLOADING",    "upload",     "cancelled ready",     "cancel",   "cancel",   "TRANSCRIBED"},
		{"TRANSCRIBED",  "upload",     "cancelled succeeded", "step",     NULL,       NULL         },
		{"FAILED",       "upload",     "cancelled",           "cancel",   NULL,       NULL         },
		{"SKIPPED",      "upload",     "cancelled",           "cancel",   NULL,       NULL         },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		StageMove move = {NULL, NULL, false};
		bool moves = stage_next(rows[i].status, rows[i].stage,
								bits(rows[i].stage, rows[i].states), rows[i].how, &move);

		ok(moves == (rows[i].to != NULL) &&
			   (!moves || (strcmp(move.event, rows[i].event) == 0 &&
						   strcmp(move.to, rows[i].to) == 0)),
		   "%s with %s (%s): %s %s", rows[i].status, rows[i].states, rows[i].how,
		   moves ? move.event : "stays", moves ? move.to : "");
		if (moves)
			ok(fsm_find("recording", rows[i].status, move.to, move.event) != NULL,
			   "which the table of moves has");
	}
}

static void
test_runs(void)
{
	int done = bits("download", "succeeded") | bits("process", "skipped");

	is_str(stage_run_state(0), "active", "a run without tasks");
	is_str(stage_run_state(done), "finished", "all done");
	is_str(stage_run_state(done | bits("upload", "blocked")), "active", "one waits");
	is_str(stage_run_state(done | bits("upload", "cancelled")), "cancelled",
		   "one cancelled");
	is_str(stage_run_state(done | bits("upload", "cancelled failed")), "failed",
		   "one failed");
	is_str(stage_run_state(bits("upload", "cancelled failed running")), "active",
		   "and one still running");
	is_int(stage_bit("upload", "nonsense") | stage_bit("nonsense", "ready"), 0,
		   "unknown names have no bit");
}

int
main(void)
{
	test_moves();
	test_runs();
	return done_testing();
}
