/*
 * fsm.c
 *	  The table of moves.
 *
 * Recording, event `step`, is exactly the machine of the original design; every other event
 * belongs to one operation. Rows are grouped by entity; order matters to people only.
 */
#include "fsm.h"

#include <stdio.h>
#include <string.h>

#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

#define REC "recording"
#define TGT "target"
#define TSK "task"
#define DEL "deletion"

const FsmMove fsm_moves[] = {
  /* births */
	{REC, NULL,             "INITIALIZED",    "create",    "a recording that can be downloaded"      },
	{REC, NULL,             "PENDING_SOURCE", "create",    "the source is still being made"          },
	{REC, NULL,             "SKIPPED",        "create",    "blank at the source"                     },
 /* the pipeline */
	{REC, "PENDING_SOURCE", "INITIALIZED",    "step",      "the source is ready"                     },
	{REC, "PENDING_SOURCE", "SKIPPED",        "step",      "the source never became ready"           },
	{REC, "INITIALIZED",    "DOWNLOADING",    "step",      "the download starts"                     },
	{REC, "INITIALIZED",    "FAILED",         "step",      "the download cannot start"               },
	{REC, "INITIALIZED",    "SKIPPED",        "step",      "nothing to do"                           },
	{REC, "DOWNLOADING",    "DOWNLOADED",     "step",      "the source is here and whole"            },
	{REC, "DOWNLOADING",    "FAILED",         "step",      "download: tries used up or hopeless"     },
	{REC, "DOWNLOADED",     "PROCESSING",     "step",      "trimming starts"                         },
	{REC, "DOWNLOADED",     "FAILED",         "step",      "trimming cannot start"                   },
	{REC, "PROCESSING",     "PROCESSED",      "step",      "the video is trimmed"                    },
	{REC, "PROCESSING",     "FAILED",         "step",      "trimming: tries used up or hopeless"     },
	{REC, "PROCESSED",      "TRANSCRIBING",   "step",      "transcription starts"                    },
	{REC, "PROCESSED",      "FAILED",         "step",      "transcription cannot start"              },
	{REC, "TRANSCRIBING",   "TRANSCRIBED",    "step",      "transcript, topics, subtitles done"      },
	{REC, "TRANSCRIBING",   "FAILED",         "step",      "transcription: tries used up or hopeless"},
	{REC, "TRANSCRIBED",    "UPLOADING",      "step",      "the first upload starts"                 },
	{REC, "TRANSCRIBED",    "FAILED",         "step",      "no upload can start"                     },
	{REC, "UPLOADING",      "UPLOADED",       "step",      "every target has it"                     },
	{REC, "UPLOADING",      "FAILED",         "step",      "the last upload ended, one failed"       },
 /* continue after a failure, from failed_at_stage */
	{REC, "FAILED",         "DOWNLOADING",    "retry",     "again from the download"                 },
	{REC, "FAILED",         "PROCESSING",     "retry",     "again from trimming"                     },
	{REC, "FAILED",         "TRANSCRIBING",   "retry",     "again from transcription"                },
	{REC, "FAILED",         "UPLOADING",      "retry",     "again from the failed targets"           },
 /* the end without a target, and a target that comes later */
	{REC, "TRANSCRIBED",    "READY",          "finish",    "no target is configured"                 },
	{REC, "READY",          "UPLOADING",      "publish",   "a target was added"                      },
	{REC, "UPLOADED",       "UPLOADING",      "publish",   "another target was added"                },
	{REC, "UPLOADED",       "READY",          "unpublish", "nothing of it is published any more"     },
 /* a try failed and another is waiting */
	{REC, "DOWNLOADING",    "INITIALIZED",    "rollback",  "will be downloaded again"                },
	{REC, "PROCESSING",     "DOWNLOADED",     "rollback",  "will be trimmed again"                   },
	{REC, "TRANSCRIBING",   "PROCESSED",      "rollback",  "will be transcribed again"               },
	{REC, "UPLOADING",      "TRANSCRIBED",    "rollback",  "will be uploaded again"                  },
 /* a worker gave the work back, or lost it */
	{REC, "DOWNLOADING",    "INITIALIZED",    "release",   "the worker gave it back"                 },
	{REC, "PROCESSING",     "DOWNLOADED",     "release",   "the worker gave it back"                 },
	{REC, "TRANSCRIBING",   "PROCESSED",      "release",   "the worker gave it back"                 },
	{REC, "UPLOADING",      "TRANSCRIBED",    "release",   "the worker gave it back"                 },
 /* a person stopped the run */
	{REC, "DOWNLOADING",    "INITIALIZED",    "cancel",    "the run was cancelled"                   },
	{REC, "PROCESSING",     "DOWNLOADED",     "cancel",    "the run was cancelled"                   },
	{REC, "TRANSCRIBING",   "PROCESSED",      "cancel",    "the run was cancelled"                   },
	{REC, "UPLOADING",      "TRANSCRIBED",    "cancel",    "the run was cancelled"                   },
 /* not wanted, and wanted after all */
	{REC, "PENDING_SOURCE", "SKIPPED",        "skip",      "not wanted"                              },
	{REC, "INITIALIZED",    "SKIPPED",        "skip",      "not wanted"                              },
	{REC, "DOWNLOADED",     "SKIPPED",        "skip",      "not wanted"                              },
	{REC, "PROCESSED",      "SKIPPED",        "skip",      "not wanted"                              },
	{REC, "TRANSCRIBED",    "SKIPPED",        "skip",      "not wanted"                              },
	{REC, "FAILED",         "SKIPPED",        "skip",      "not wanted"                              },
	{REC, "SKIPPED",        "INITIALIZED",    "unskip",    "wanted after all"                        },
 /* a forced run goes back to the state before the first stage to redo */
	{REC, "READY",          "INITIALIZED",    "rerun",     "redo from the download"                  },
	{REC, "READY",          "DOWNLOADED",     "rerun",     "redo from trimming"                      },
	{REC, "READY",          "PROCESSED",      "rerun",     "redo from transcription"                 },
	{REC, "READY",          "TRANSCRIBED",    "rerun",     "redo the uploads"                        },
	{REC, "UPLOADED",       "INITIALIZED",    "rerun",     "redo from the download"                  },
	{REC, "UPLOADED",       "DOWNLOADED",     "rerun",     "redo from trimming"                      },
	{REC, "UPLOADED",       "PROCESSED",      "rerun",     "redo from transcription"                 },
	{REC, "UPLOADED",       "TRANSCRIBED",    "rerun",     "redo the uploads"                        },
	{REC, "TRANSCRIBED",    "INITIALIZED",    "rerun",     "redo from the download"                  },
	{REC, "TRANSCRIBED",    "DOWNLOADED",     "rerun",     "redo from trimming"                      },
	{REC, "TRANSCRIBED",    "PROCESSED",      "rerun",     "redo from transcription"                 },
	{REC, "PROCESSED",      "INITIALIZED",    "rerun",     "redo from the download"                  },
	{REC, "PROCESSED",      "DOWNLOADED",     "rerun",     "redo from trimming"                      },
	{REC, "DOWNLOADED",     "INITIALIZED",    "rerun",     "redo from the download"                  },
 /* start over; published targets stay */
	{REC, "PENDING_SOURCE", "INITIALIZED",    "reset",     "start over"                              },
	{REC, "DOWNLOADING",    "INITIALIZED",    "reset",     "start over"                              },
	{REC, "DOWNLOADED",     "INITIALIZED",    "reset",     "start over"                              },
	{REC, "PROCESSING",     "INITIALIZED",    "reset",     "start over"                              },
	{REC, "PROCESSED",      "INITIALIZED",    "reset",     "start over"                              },
	{REC, "TRANSCRIBING",   "INITIALIZED",    "reset",     "start over"                              },
	{REC, "TRANSCRIBED",    "INITIALIZED",    "reset",     "start over"                              },
	{REC, "UPLOADING",      "INITIALIZED",    "reset",     "start over"                              },
	{REC, "UPLOADED",       "INITIALIZED",    "reset",     "start over"                              },
	{REC, "READY",          "INITIALIZED",    "reset",     "start over"                              },
	{REC, "FAILED",         "INITIALIZED",    "reset",     "start over"                              },
	{REC, "SKIPPED",        "INITIALIZED",    "reset",     "start over"                              },
 /* an administrator sets it on purpose: leap.repair() */
	{REC, FSM_ANY,          "PENDING_SOURCE", "repair",    "set on purpose"                          },
	{REC, FSM_ANY,          "INITIALIZED",    "repair",    "set on purpose"                          },
	{REC, FSM_ANY,          "DOWNLOADING",    "repair",    "set on purpose"                          },
	{REC, FSM_ANY,          "DOWNLOADED",     "repair",    "set on purpose"                          },
	{REC, FSM_ANY,          "PROCESSING",     "repair",    "set on purpose"                          },
	{REC, FSM_ANY,          "PROCESSED",      "repair",    "set on purpose"                          },
	{REC, FSM_ANY,          "TRANSCRIBING",   "repair",    "set on purpose"                          },
	{REC, FSM_ANY,          "TRANSCRIBED",    "repair",    "set on purpose"                          },
	{REC, FSM_ANY,          "UPLOADING",      "repair",    "set on purpose"                          },
	{REC, FSM_ANY,          "UPLOADED",       "repair",    "set on purpose"                          },
	{REC, FSM_ANY,          "READY",          "repair",    "set on purpose"                          },
	{REC, FSM_ANY,          "FAILED",         "repair",    "set on purpose"                          },
	{REC, FSM_ANY,          "SKIPPED",        "repair",    "set on purpose"                          },

	{DEL, NULL,             "active",         "create",    "not deleted"                             },
	{DEL, "active",         "soft",           "delete",    "hidden; can be restored"                 },
	{DEL, "soft",           "active",         "restore",   "back again"                              },
	{DEL, "soft",           "hard",           "purge",     "the files are gone"                      },

	{TGT, NULL,             "NOT_UPLOADED",   "create",    "chosen, not yet published"               },
	{TGT, "NOT_UPLOADED",   "UPLOADING",      "step",      "the upload starts"                       },
	{TGT, "NOT_UPLOADED",   "FAILED",         "step",      "the upload cannot start"                 },
	{TGT, "UPLOADING",      "UPLOADED",       "step",      "published"                               },
	{TGT, "UPLOADING",      "FAILED",         "step",      "tries used up or hopeless"               },
	{TGT, "UPLOADING",      "NOT_UPLOADED",   "rollback",  "will be uploaded again"                  },
	{TGT, "UPLOADING",      "NOT_UPLOADED",   "release",   "the worker gave it back"                 },
	{TGT, "UPLOADING",      "NOT_UPLOADED",   "cancel",    "the run was cancelled"                   },
	{TGT, "UPLOADING",      "UPLOADED",       "keep",      "what is published stays"                 },
	{TGT, "FAILED",         "UPLOADING",      "retry",     "again"                                   },
	{TGT, "FAILED",         "NOT_UPLOADED",   "reset",     "start over"                              },
	{TGT, "UPLOADED",       "UPLOADING",      "rerun",     "forced re-publication"                   },
	{TGT, "UPLOADED",       "REMOVING",       "unpublish", "is taken back"                           },
	{TGT, "REMOVING",       "NOT_UPLOADED",   "unpublish", "taken back"                              },
	{TGT, "REMOVING",       "UPLOADED",       "keep",      "it could not be taken back"              },

	{TSK, NULL,             "blocked",        "create",    "waits for another task"                  },
	{TSK, NULL,             "ready",          "create",    "can be claimed"                          },
	{TSK, NULL,             "scheduled",      "create",    "waits for its time"                      },
	{TSK, NULL,             "skipped",        "create",    "switched off or already done"            },
	{TSK, "blocked",        "ready",          "release",   "what it waited for is done"              },
	{TSK, "blocked",        "scheduled",      "release",   "done waiting, but not yet time"          },
	{TSK, "blocked",        "skipped",        "skip",      "not needed"                              },
	{TSK, "blocked",        "cancelled",      "cancel",    "the run was cancelled or failed"         },
	{TSK, "scheduled",      "ready",          "due",       "its time has come"                       },
	{TSK, "scheduled",      "blocked",        "hold",      "the recording is held"                   },
	{TSK, "scheduled",      "cancelled",      "cancel",    "the run was cancelled or failed"         },
	{TSK, "ready",          "running",        "claim",     "a worker has it"                         },
	{TSK, "ready",          "scheduled",      "limit",     "a rate limit says later"                 },
	{TSK, "ready",          "blocked",        "hold",      "the recording is held"                   },
	{TSK, "ready",          "skipped",        "skip",      "not needed"                              },
	{TSK, "ready",          "cancelled",      "cancel",    "the run was cancelled or failed"         },
	{TSK, "running",        "succeeded",      "complete",  "done"                                    },
	{TSK, "running",        "failed",         "fail",      "tries used up or hopeless"               },
	{TSK, "running",        "failed",         "rescue",    "its worker died too often"               },
	{TSK, "running",        "cancelled",      "cancel",    "the run was cancelled or failed"         },
	{TSK, "running",        "skipped",        "skip",      "turned out not to be needed"             },
	{TSK, "running",        "ready",          "hand_back", "the worker stops and gives it back"      },
	{TSK, "running",        "ready",          "rescue",    "its worker is gone"                      },
	{TSK, "running",        "scheduled",      "retry",     "failed; will be tried again"             },
};

const size_t fsm_move_count = lengthof(fsm_moves);

const FsmStage fsm_stages[] = {
	{"download",   "INITIALIZED", "DOWNLOADING",  "DOWNLOADED" },
	{"process",    "DOWNLOADED",  "PROCESSING",   "PROCESSED"  },
	{"transcribe", "PROCESSED",   "TRANSCRIBING", "TRANSCRIBED"},
	{"upload",     "TRANSCRIBED", "UPLOADING",    "UPLOADED"   },
};

const size_t fsm_stage_count = lengthof(fsm_stages);

static bool
same(const char *a, const char *b)
{
	/* the first character tells most labels apart: this is asked for every row of the table */
	return a == b || (a != NULL && b != NULL && a[0] == b[0] && strcmp(a, b) == 0);
}

/* A move from any status is made by its event alone. */
static bool
leaves(const FsmMove *move, const char *from, const char *event)
{
	return same(move->from, from) ||
		   (event != NULL && from != NULL && same(move->from, FSM_ANY));
}

const FsmMove *
fsm_find(const char *entity, const char *from, const char *to, const char *event)
{
	for (size_t i = 0; i < fsm_move_count; i++)
	{
		const FsmMove *move = &fsm_moves[i];

		if (leaves(move, from, event) && same(move->to, to) &&
			same(move->entity, entity) && (event == NULL || same(move->event, event)))
			return move;
	}
	return NULL;
}

bool
fsm_known(const char *entity, const char *status)
{
	for (size_t i = 0; i < fsm_move_count; i++)
		if (same(fsm_moves[i].to, status) && same(fsm_moves[i].entity, entity))
			return true;
	return false;
}

/* The first row that leads from there to the same status: its place in the text. */
static bool
first_to(size_t row)
{
	for (size_t i = 0; i < row; i++)
		if (same(fsm_moves[i].entity, fsm_moves[row].entity) &&
			same(fsm_moves[i].from, fsm_moves[row].from) &&
			same(fsm_moves[i].to, fsm_moves[row].to))
			return false;
	return true;
}

static size_t
append(char *text, size_t size, size_t used, const char *piece)
{
	if (used + 1 < size)
		snprintf(text + used, size - used, "%s", piece);
	return used + strlen(piece) < size ? used + strlen(piece) : size - 1;
}

static size_t
append_events(char *text, size_t size, size_t used, size_t row)
{
	const char *separator = " (";

	for (size_t i = row; i < fsm_move_count; i++)
	{
		if (!same(fsm_moves[i].entity, fsm_moves[row].entity) ||
			!same(fsm_moves[i].from, fsm_moves[row].from) ||
			!same(fsm_moves[i].to, fsm_moves[row].to))
			continue;
		used = append(text, size, used, separator);
		used = append(text, size, used, fsm_moves[i].event);
		separator = ", ";
	}
	return append(text, size, used, ")");
}

const char *
fsm_allowed(const char *entity, const char *from, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < fsm_move_count; i++)
	{
		if (!same(fsm_moves[i].entity, entity) || !same(fsm_moves[i].from, from) ||
			!first_to(i))
			continue;
		if (used > 0)
			used = append(text, size, used, ", ");
		used = append(text, size, used, fsm_moves[i].to);
		used = append_events(text, size, used, i);
	}
	if (used == 0)
		append(text, size, 0, "nothing: this status is final");
	return text;
}
