/*
 * fsm_guard.c
 *	  The trigger that lets a status change only by a move of the table, made by its operation.
 *
 * Concept: an operation function does not only write a status, it says which event makes
 * the move: UPDATE ... SET status = leap.move('step', 'DOWNLOADED'). leap.move() leaves the
 * pair (event, status) in a variable of this backend; the row trigger, which the executor
 * fires for the same row right after it computed the new values, takes it out again. So the
 * event is bound to one row of one command and there is nothing to forge: a setting could
 * be set by anybody, this function can be executed only by the owner of the operations.
 *
 * What a move left behind is cleared when the transaction or subtransaction ends; a stale
 * one would not match anyway, because it is bound to the command that made it. The moves
 * that passed are kept until the end of the command, for the history (history.c).
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "errcodes.h"
#include "fsm.h"
#include "fsm_guard.h"

#define LABEL_SIZE 32

/*---- Local variables ----*/

/* What leap.move() announced and no row has taken yet. A row may move in several columns at
 * once (a birth sets status and delete_state), so there is room for a few. */
typedef struct Announcement
{
	bool set;
	CommandId command;
	char event[LABEL_SIZE];
	char status[LABEL_SIZE];
} Announcement;

static Announcement announced[4];
static unsigned next_announcement;

/* The moves of the running command that passed, in the order of its rows: the history
 * trigger, which the executor fires at the end of the command, tells their events. */
static const FsmMove **passed;
static size_t passed_count;
static size_t passed_room;
static size_t passed_told;
static CommandId passed_command;

PG_FUNCTION_INFO_V1(leap_move);
PG_FUNCTION_INFO_V1(leap_fsm_guard);

static void
forget_announced(void)
{
	for (size_t i = 0; i < lengthof(announced); i++)
		announced[i].set = false;
}

/* Takes out the announcement of this command for the status; NULL if there is none. */
static const char *
take_announced(const char *status)
{
	for (size_t i = 0; i < lengthof(announced); i++)
	{
		Announcement *move = &announced[i];

		if (!move->set || move->command != GetCurrentCommandId(false) ||
			strcmp(move->status, status) != 0)
			continue;
		move->set = false;
		return move->event;
	}
	return NULL;
}

static void
note_passed(const FsmMove *move)
{
	if (passed_command != GetCurrentCommandId(false))
		passed_count = passed_told = 0;
	passed_command = GetCurrentCommandId(false);
	if (passed_count == passed_room)
	{
		size_t room = passed_room == 0 ? 256 : passed_room * 2;

		passed = passed == NULL ? MemoryContextAlloc(TopMemoryContext,
													 room * sizeof(const FsmMove *))
								: repalloc(passed, room * sizeof(const FsmMove *));
		passed_room = room;
	}
	passed[passed_count++] = move;
}

static bool
same_move(const FsmMove *move, const char *entity, const char *from, const char *to)
{
	return strcmp(move->to, to) == 0 && strcmp(move->entity, entity) == 0 &&
		   (strcmp(move->from, from) == 0 || strcmp(move->from, FSM_ANY) == 0);
}

const char *
fsm_passed_event(const char *entity, const char *from, const char *to)
{
	const FsmMove *move;

	for (size_t i = passed_told; i < passed_count && from != NULL; i++)
	{
		move = passed[i];
		if (move == NULL || !same_move(move, entity, from, to))
			continue;
		passed[i] = NULL;
		while (passed_told < passed_count && passed[passed_told] == NULL)
			passed_told++;
		return move->event;
	}
	move = fsm_find(entity, from, to, NULL);
	return move != NULL ? move->event : NULL;
}

static void
forget_at_xact_end(XactEvent event, void *arg)
{
	forget_announced();
	passed_count = passed_told = 0;
}

static void
forget_at_subxact_end(SubXactEvent event, SubTransactionId mine, SubTransactionId parent,
					  void *arg)
{
	forget_announced();
}

void
fsm_guard_init(void)
{
	RegisterXactCallback(forget_at_xact_end, NULL);
	RegisterSubXactCallback(forget_at_subxact_end, NULL);
}

/* leap.move(event text, status text) returns text: the status, and the event announced. */
Datum
leap_move(PG_FUNCTION_ARGS)
{
	char *event = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char *status = text_to_cstring(PG_GETARG_TEXT_PP(1));

	Announcement *move = &announced[next_announcement++ % lengthof(announced)];

	strlcpy(move->event, event, LABEL_SIZE);
	strlcpy(move->status, status, LABEL_SIZE);
	move->command = GetCurrentCommandId(false);
	move->set = true;
	PG_RETURN_DATUM(PG_GETARG_DATUM(1));
}

/* What a trigger knows about its table, looked up once per query. */
typedef struct GuardColumns
{
	Oid table;
	int status;
	int id;
} GuardColumns;

static GuardColumns *
guard_columns(FunctionCallInfo fcinfo, TriggerData *trigger)
{
	GuardColumns *columns = fcinfo->flinfo->fn_extra;
	TupleDesc row = RelationGetDescr(trigger->tg_relation);

	if (columns != NULL && columns->table == RelationGetRelid(trigger->tg_relation))
		return columns;
	columns = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof *columns);
	columns->table = RelationGetRelid(trigger->tg_relation);
	columns->status = SPI_fnumber(row, trigger->tg_trigger->tgargs[1]);
	columns->id = SPI_fnumber(row, trigger->tg_trigger->tgargs[2]);
	if (columns->status <= 0 || columns->id <= 0 ||
		SPI_gettypeid(row, columns->status) != TEXTOID)
		elog(ERROR, "fsm_guard: table \"%s\" lacks its status (a text) or id column",
			 RelationGetRelationName(trigger->tg_relation));
	fcinfo->flinfo->fn_extra = columns;
	return columns;
}

/* Copies the label of a column; false for a null. */
static bool
label_of(HeapTuple tuple, int column, TupleDesc row, char *label)
{
	bool is_null;
	Datum value = heap_getattr(tuple, column, row, &is_null);
	text *packed;
	Size length;

	if (is_null)
		return false;
	packed = DatumGetTextPP(value);
	length = VARSIZE_ANY_EXHDR(packed);
	if (length >= LABEL_SIZE)
		length = LABEL_SIZE - 1;
	memcpy(label, VARDATA_ANY(packed), length);
	label[length] = '\0';
	return true;
}

static void
refuse(const char *entity, const char *id, const char *from, const char *to,
	   const char *event, Relation table)
{
	char allowed[1024];
	bool legal = fsm_find(entity, from, to, NULL) != NULL;
	const char *repair = "";

	if (from != NULL && strcmp(entity, "recording") == 0)
		repair = " leap.repair(id, status, why) sets any status on purpose.";
	fsm_allowed(entity, from, allowed, sizeof allowed);
	if (event == NULL && legal)
		ereport(ERROR,
				(errcode(ERRCODE_LEAP_OUTSIDE_OPERATION),
				 errmsg("the status of a %s changes only through an operation", entity),
				 errdetail("%s %s would go from %s to %s by hand.", entity, id,
						   from != NULL ? from : "nothing", to),
				 errhint("Call the operation that makes this move, for example "
						 "leap.run_recording(), leap.retry_recording() or "
						 "leap.cancel_recording(); SELECT * FROM leap.fsm() names the "
						 "event of every move.%s",
						 repair),
				 errtable(table)));
	ereport(ERROR, (errcode(ERRCODE_LEAP_ILLEGAL_MOVE),
					errmsg("a %s cannot go from %s to %s%s%s", entity,
						   from != NULL ? from : "nothing", to,
						   event != NULL ? " by event " : "", event != NULL ? event : ""),
					errdetail("%s %s. Rule: leap.fsm() has no such row.", entity, id),
					errhint("From %s it may go to: %s.%s",
							from != NULL ? from : "nothing", allowed, repair),
					errtable(table)));
}

static void
check_trigger(FunctionCallInfo fcinfo)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		TRIGGER_FIRED_BY_DELETE(trigger->tg_event) || trigger->tg_trigger->tgnargs != 3)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("fsm_guard must be a BEFORE INSERT OR UPDATE row trigger "
							   "with arguments entity, status column, id column")));
}

Datum
leap_fsm_guard(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	GuardColumns *columns;
	HeapTuple tuple;
	TupleDesc row;
	const char *entity;
	const char *event;
	const FsmMove *move;
	bool birth;
	char from[LABEL_SIZE] = "";
	char to[LABEL_SIZE] = "";

	check_trigger(fcinfo);
	columns = guard_columns(fcinfo, trigger);
	row = RelationGetDescr(trigger->tg_relation);
	entity = trigger->tg_trigger->tgargs[0];
	birth = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
	tuple = birth ? trigger->tg_trigtuple : trigger->tg_newtuple;

	if (!label_of(tuple, columns->status, row, to))
		return PointerGetDatum(tuple); /* NOT NULL will complain */
	if (!birth && label_of(trigger->tg_trigtuple, columns->status, row, from) &&
		strcmp(from, to) == 0)
		return PointerGetDatum(tuple);

	event = take_announced(to);
	move = event == NULL ? NULL : fsm_find(entity, birth ? NULL : from, to, event);
	if (move == NULL)
		refuse(entity, SPI_getvalue(tuple, row, columns->id), birth ? NULL : from, to,
			   event, trigger->tg_relation);
	if (!birth) /* there is one event of birth */
		note_passed(move);
	return PointerGetDatum(tuple);
}
