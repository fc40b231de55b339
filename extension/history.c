/*
 * history.c
 *	  The trigger that writes leap.task_events: every move of a task, a recording or a target.
 *
 * Concept: AFTER statement trigger with transition tables new_rows and (UPDATE) old_rows.
 * The executor fills both in the same order, so they are read in step, without a join. The
 * rows go straight into the partition of the month, many at a time, as COPY would put them;
 * an INSERT through the parent would cost a statement for every statement of the pipeline.
 * leap.maintain_partitions() names the partitions; a month that has none is written to the
 * default partition, as PostgreSQL would.
 *
 * Trigger argument: the entity. The table below says which columns tell its story.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"
#include "utils/xid8.h"

#include "fsm.h"
#include "fsm_guard.h"

PG_FUNCTION_INFO_V1(leap_history);

#define LABEL_SIZE 32
#define BATCH      256

/* What a row of leap.task_events copies from the row that moved. */
typedef enum Copied
{
	COPY_RECORDING,
	COPY_USER,
	COPY_TASK,
	COPY_TARGET,
	COPY_KIND,
	COPY_ATTEMPT,
	COPY_WORKER,
	COPY_ERROR,
	COPIED
} Copied;

/* Names of those columns in leap.task_events. */
static const char *const copied_columns[COPIED] = {
	"recording_id", "user_id", "task",      "target_id",
	"kind",         "attempt", "worker_id", "error",
};

typedef struct Story
{
	const char *entity;
	const char *status;
	const char *fence;           /* NULL: has none */
	const char *sources[COPIED]; /* NULL: this entity has no such thing */
} Story;

static const Story stories[] = {
	{"task",
	 "state",		"fence",
	 {"recording_id", "user_id", "id", "target_id", "kind", "attempt", "worker_id",
	  "error"}																  },
	{"recording",
	 "status",	   NULL,
	 {"id", "user_id", NULL, NULL, NULL, NULL, NULL, "error"}                   },
	{"deletion",
	 "delete_state", NULL,
	 {"id", "user_id", NULL, NULL, NULL, NULL, NULL, NULL}                      },
	{"target",
	 "status",	   NULL,
	 {"recording_id", "user_id", NULL, "id", "target_type", NULL, NULL, "error"}},
};

/* Where the story stands in the table that changed. */
typedef struct Source
{
	const Story *story;
	TupleDesc row;
	int status;
	int fence;
	int columns[COPIED]; /* 0: none */
} Source;

/* The partition written to, and its columns. */
typedef struct Sink
{
	Relation table;
	ResultRelInfo *result;
	EState *executor;
	TupleTableSlot *slots[BATCH];
	int filled;
	int at, entity, from_state, to_state, event, who, fence16;
	int xact; /* 0: the schema is older than this library */
	int columns[COPIED];
	TimestampTz now;
	Datum who_value;
	Datum entity_value;
} Sink;

static int
column(TupleDesc row, const char *name)
{
	int number = SPI_fnumber(row, name);

	if (number <= 0)
		elog(ERROR, "history: there is no column \"%s\"", name);
	return number;
}

static void
source_open(Source *source, TriggerData *trigger)
{
	memset(source, 0, sizeof *source);
	for (size_t i = 0; i < lengthof(stories); i++)
		if (strcmp(stories[i].entity, trigger->tg_trigger->tgargs[0]) == 0)
			source->story = &stories[i];
	if (source->story == NULL)
		elog(ERROR, "history: no entity \"%s\"", trigger->tg_trigger->tgargs[0]);
	source->row = RelationGetDescr(trigger->tg_relation);
	source->status = column(source->row, source->story->status);
	if (source->story->fence != NULL)
		source->fence = column(source->row, source->story->fence);
	for (int i = 0; i < COPIED; i++)
		if (source->story->sources[i] != NULL)
			source->columns[i] = column(source->row, source->story->sources[i]);
}

/* The partition of this month in UTC; invalid if there is none. */
static Oid
month_partition(TimestampTz at, Oid schema)
{
	struct pg_tm utc;
	fsec_t fraction;
	char name[NAMEDATALEN];
	Oid found;

	if (timestamp2tm(at, NULL, &utc, &fraction, NULL, NULL) != 0)
		elog(ERROR, "history: timestamp out of range");
	snprintf(name, sizeof name, "task_events_%04d%02d", utc.tm_year, utc.tm_mon);
	found = get_relname_relid(name, schema);
	return OidIsValid(found) && get_rel_relispartition(found) ? found : InvalidOid;
}

/* Opens the partition of this moment, or the default one. */
static Relation
open_partition(TimestampTz at)
{
	Oid schema = get_namespace_oid("leap", false);
	Oid month = month_partition(at, schema);
	Oid other;
	Relation table;

	if (OidIsValid(month))
		return table_open(month, RowExclusiveLock);
	other = get_relname_relid("task_events_default", schema);
	if (!OidIsValid(other))
		elog(ERROR, "history: leap.task_events has no default partition");
	table = table_open(other, RowExclusiveLock);
	/* while its lock was waited for, the month may have got a partition of its own */
	month = month_partition(at, schema);
	if (!OidIsValid(month))
		return table;
	table_close(table, RowExclusiveLock);
	return table_open(month, RowExclusiveLock);
}

static void
sink_open(Sink *sink, const Story *story)
{
	TupleDesc row;

	memset(sink, 0, sizeof *sink);
	sink->now = GetCurrentTimestamp();
	sink->table = open_partition(sink->now);
	row = RelationGetDescr(sink->table);
	sink->at = column(row, "at");
	sink->entity = column(row, "entity");
	sink->from_state = column(row, "from_state");
	sink->to_state = column(row, "to_state");
	sink->event = column(row, "event");
	sink->who = column(row, "who");
	sink->fence16 = column(row, "fence16");
	sink->xact = Max(SPI_fnumber(row, "xact"), 0);
	for (int i = 0; i < COPIED; i++)
		sink->columns[i] = column(row, copied_columns[i]);
	sink->who_value = CStringGetTextDatum(GetUserNameFromId(GetSessionUserId(), false));
	sink->entity_value = CStringGetTextDatum(story->entity);
	sink->executor = CreateExecutorState();
	sink->result = makeNode(ResultRelInfo);
	InitResultRelInfo(sink->result, sink->table, 0, NULL, 0);
	ExecOpenIndices(sink->result, false);
}

static void
sink_flush(Sink *sink)
{
	if (sink->filled == 0)
		return;
	table_multi_insert(sink->table, sink->slots, sink->filled, GetCurrentCommandId(true),
					   0, NULL);
	for (int i = 0; i < sink->filled; i++)
	{
		(void) ExecInsertIndexTuples(sink->result, sink->slots[i], sink->executor, false,
									 false, NULL, NIL);
		ExecClearTuple(sink->slots[i]);
	}
	sink->filled = 0;
}

static void
sink_close(Sink *sink)
{
	sink_flush(sink);
	ExecCloseIndices(sink->result);
	for (int i = 0; i < BATCH && sink->slots[i] != NULL; i++)
		ExecDropSingleTupleTableSlot(sink->slots[i]);
	FreeExecutorState(sink->executor);
	table_close(sink->table, NoLock);
}

static TupleTableSlot *
sink_next(Sink *sink)
{
	TupleTableSlot *slot;

	if (sink->filled == BATCH)
		sink_flush(sink);
	if (sink->slots[sink->filled] == NULL)
		sink->slots[sink->filled] = table_slot_create(sink->table, NULL);
	slot = sink->slots[sink->filled++];
	ExecClearTuple(slot);
	memset(slot->tts_isnull, true,
		   (size_t) slot->tts_tupleDescriptor->natts * sizeof(bool));
	return slot;
}

static void
put(TupleTableSlot *slot, int number, Datum value)
{
	slot->tts_values[number - 1] = value;
	slot->tts_isnull[number - 1] = false;
}

static void
label_of(TupleTableSlot *slot, int number, char *label)
{
	bool is_null;
	Datum value = slot_getattr(slot, number, &is_null);

	label[0] = '\0';
	if (!is_null)
		text_to_cstring_buffer(DatumGetTextPP(value), label, LABEL_SIZE);
}

/* An error is told by the move that brought it, not by those after it. */
static bool
same_error(const Source *source, TupleTableSlot *old, TupleTableSlot *new)
{
	int number = source->columns[COPY_ERROR];
	bool old_null = true;
	bool new_null;
	Datum old_value = 0;
	Datum new_value = slot_getattr(new, number, &new_null);

	if (old != NULL)
		old_value = slot_getattr(old, number, &old_null);
	if (new_null || old_null)
		return new_null;
	return datum_image_eq(old_value, new_value, false, -1);
}

/* What a task gives back (its worker) is told by the move that took it away. */
static void
copy_columns(const Source *source, Sink *sink, TupleTableSlot *to, TupleTableSlot *old,
			 TupleTableSlot *new)
{
	for (int i = 0; i < COPIED; i++)
	{
		bool is_null;
		Datum value;

		if (source->columns[i] == 0 || (i == COPY_ERROR && same_error(source, old, new)))
			continue;
		value = slot_getattr(new, source->columns[i], &is_null);
		if (is_null && i == COPY_WORKER && old != NULL)
			value = slot_getattr(old, source->columns[i], &is_null);
		if (!is_null)
			put(to, sink->columns[i], value);
	}
}

static void
write_move(const Source *source, Sink *sink, const char *from, TupleTableSlot *old,
		   TupleTableSlot *new)
{
	char to[LABEL_SIZE];
	const char *event;
	TupleTableSlot *slot = sink_next(sink);

	label_of(new, source->status, to);
	event = fsm_passed_event(source->story->entity, from, to);
	put(slot, sink->at, TimestampTzGetDatum(sink->now));
	put(slot, sink->entity, sink->entity_value);
	put(slot, sink->who, sink->who_value);
	put(slot, sink->to_state, CStringGetTextDatum(to));
	/* of the whole transaction: snapshots do not know the parts of one */
	if (sink->xact != 0)
		put(slot, sink->xact, FullTransactionIdGetDatum(GetTopFullTransactionId()));
	if (from != NULL)
		put(slot, sink->from_state, CStringGetTextDatum(from));
	if (event != NULL)
		put(slot, sink->event, CStringGetTextDatum(event));
	copy_columns(source, sink, slot, old, new);
	if (source->fence != 0)
	{
		bool is_null;
		int64 fence = DatumGetInt64(slot_getattr(new, source->fence, &is_null));

		if (!is_null && fence != 0)
			put(slot, sink->fence16, Int32GetDatum((int32) (fence & 0xFFFF)));
	}
	ExecStoreVirtualTuple(slot);
	/* the rows it points to are read on before the batch is written */
	ExecMaterializeSlot(slot);
}

/* A reader of a transition table, from its start. */
static TupleTableSlot *
reader_open(Tuplestorestate *rows, TupleDesc row)
{
	int pointer = tuplestore_alloc_read_pointer(rows, EXEC_FLAG_REWIND);

	tuplestore_select_read_pointer(rows, pointer);
	tuplestore_rescan(rows);
	return MakeSingleTupleTableSlot(row, &TTSOpsMinimalTuple);
}

static void
write_births(Source *source, TriggerData *trigger)
{
	TupleTableSlot *new = reader_open(trigger->tg_newtable, source->row);
	Sink sink;

	sink_open(&sink, source->story);
	while (tuplestore_gettupleslot(trigger->tg_newtable, true, false, new))
		write_move(source, &sink, NULL, NULL, new);
	sink_close(&sink);
	ExecDropSingleTupleTableSlot(new);
}

static void
write_moves(Source *source, TriggerData *trigger)
{
	TupleTableSlot *new = reader_open(trigger->tg_newtable, source->row);
	TupleTableSlot *old = reader_open(trigger->tg_oldtable, source->row);
	Sink sink;
	bool open = false;

	while (tuplestore_gettupleslot(trigger->tg_newtable, true, false, new) &&
		   tuplestore_gettupleslot(trigger->tg_oldtable, true, false, old))
	{
		char from[LABEL_SIZE];
		char to[LABEL_SIZE];

		label_of(old, source->status, from);
		label_of(new, source->status, to);
		if (strcmp(from, to) == 0)
			continue;
		if (!open)
			sink_open(&sink, source->story);
		open = true;
		write_move(source, &sink, from, old, new);
	}
	if (open)
		sink_close(&sink);
	ExecDropSingleTupleTableSlot(new);
	ExecDropSingleTupleTableSlot(old);
}

Datum
leap_history(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	bool birth;
	Source source;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		TRIGGER_FIRED_FOR_ROW(trigger->tg_event) || trigger->tg_newtable == NULL ||
		trigger->tg_trigger->tgnargs != 1)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("history must be an AFTER statement trigger with transition "
						"tables and the entity as its argument")));
	/* the columns are copied as they are: only tables of the schema have the right types */
	if (RelationGetNamespace(trigger->tg_relation) != get_namespace_oid("leap", false))
		elog(ERROR, "history: table \"%s\" is not of the schema leap",
			 RelationGetRelationName(trigger->tg_relation));
	birth = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	if (!birth && trigger->tg_oldtable == NULL)
		elog(ERROR, "history: an UPDATE trigger needs old_rows as well");
	source_open(&source, trigger);
	if (birth)
		write_births(&source, trigger);
	else
		write_moves(&source, trigger);
	return PointerGetDatum(NULL);
}
