/*
 * task/desk.c
 *	  A worker's dealings with the database: registration, claim, and what is due when.
 */
#include "task/desk.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "task/desk_beat.h"
#include "task/desk_credential.h"
#include "task/desk_inbox.h"
#include "task/desk_question.h"
#include "task/desk_report.h"

/* Turns are counted up to here: a multiple of every number of queues up to 16. */
#define TURNS    720720
#define PROTOCOL "1"

#define BELL_SECONDS 10.0
#define POLL_JITTER  0.2

/* The role leap_worker is set so already, a superuser is not. */
static const char quiet_sql[] =
	"SELECT set_config(name, '0', false) FROM unnest('{log_parameter_max_length, "
	"log_parameter_max_length_on_error}'::text[]) name "
	"WHERE current_setting('is_superuser') = 'on'";

static const char register_sql[] =
	"SELECT leap.register_worker($1, $2::int, string_to_array($3, ','), $4::int, $5, "
	"$6::uuid, $7, $8)";
static const char claim_sql[] = "SELECT * FROM leap.claim($1::uuid, $2, $3::int, $4, $5)";
static const char housekeep_sql[] = "SELECT leap.housekeep()";
static const char tick_sql[] = "SELECT leap.tick('worker')";
static const char unregister_sql[] = "SELECT leap.unregister_worker($1::uuid, $2)";

/* For calls whose success needs no action. */
static void
on_nothing(void *arg, const DbRows *rows, const Error *err)
{
	(void) rows;
	if (err != NULL)
		desk_log_problem(arg, err);
}

static void
send_plain(Desk *desk, const char *sql)
{
	static char what[] = "calling the database";

	(void) link_call(desk->link, sql, NULL, 0, on_nothing, what);
}

/* LISTEN for the queues, and one notification to ourselves as a proof that they arrive. */
static void
listen_for_bells(Desk *desk)
{
	const Rooms *rooms = &desk->settings.rooms;
	char sql[192];

	for (size_t i = 0; i < rooms->count; i++)
	{
		/* the names come from the option table: nothing to quote */
		snprintf(sql, sizeof sql, "LISTEN leap_%s", rooms->rooms[i].queue);
		send_plain(desk, sql);
	}
	send_plain(desk, "LISTEN leap_orders");
	if (desk->watch != NULL)
		send_plain(desk, "LISTEN " INBOX_CHANNEL);
	snprintf(sql, sizeof sql, "LISTEN \"leap_worker_%s\"", desk->worker);
	send_plain(desk, sql);
	snprintf(sql, sizeof sql, "NOTIFY \"leap_worker_%s\"", desk->worker);
	send_plain(desk, sql);
	desk->bell_heard = false;
	desk->bell_check_at = clock_seconds() + BELL_SECONDS;
}

static void
on_register_failed(Desk *desk, const Error *err)
{
	if (strcmp(err->sqlstate, "LP041") == 0)
		desk->refused = true;
	if (strcmp(err->sqlstate, "LP040") == 0)
		desk_forget(desk);
	else
		desk_log_problem("cannot register", err);
	desk->register_tries++;
	desk->register_at = clock_seconds() + clock_backoff(desk->register_tries, 0.5, 10);
}

static void
on_registered(void *arg, const DbRows *rows, const Error *err)
{
	Desk *desk = arg;
	CLEANUP(json) cJSON *answer = NULL;
	Error bad;

	if (err == NULL && !rows_json(rows, &answer, &bad))
		err = &bad;
	if (err != NULL)
	{
		on_register_failed(desk, err);
		return;
	}
	log_info("%s as worker %s \"%s\", %d slots, queues %s",
			 desk->worker[0] == '\0' ? "registered" : "registered again",
			 json_text(answer, "worker", "?"), desk->settings.name,
			 desk->settings.rooms.total, desk->settings.queues);
	snprintf(desk->worker, sizeof desk->worker, "%s", json_text(answer, "worker", ""));
	snprintf(desk->secret, sizeof desk->secret, "%s", json_text(answer, "secret", ""));
	snprintf(desk->pool->settings.database, sizeof desk->pool->settings.database, "%s",
			 json_text(answer, "database", ""));
	desk->heartbeat_seconds = json_number(answer, "heartbeat_seconds", 5);
	desk->poll_seconds = json_number(answer, "poll_seconds", 1);
	desk->lease_seconds = json_number(answer, "lease_seconds", 15);
	desk->registered = true;
	desk->registrations++;
	desk->register_tries = 0;
	desk->contact_at = clock_seconds();
	desk->beat_at = 0;
	desk->claim_at = 0;
	desk->inboxes_at = 0;
	listen_for_bells(desk);
}

static void
send_registration(Desk *desk)
{
	CLEANUP(json) cJSON *info = cJSON_CreateObject();
	CLEANUP(json) cJSON *room = rooms_json(&desk->settings.rooms);
	CLEANUP(free) char *info_text = NULL;
	CLEANUP(free) char *room_text = json_print(room);
	char queues[ROOMS_MOST_QUEUES * 24];
	char slots[16];
	char host[256] = "";
	bool again = desk->worker[0] != '\0';

	(void) gethostname(host, sizeof host - 1);
	cJSON_AddStringToObject(info, "host", host);
	cJSON_AddNumberToObject(info, "pid", getpid());
	cJSON_AddStringToObject(info, "version", LEAP_VERSION);
	cJSON_AddBoolToObject(info, "credential_keys",
						  desk->pool->settings.credential_keys != NULL);
	info_text = json_print(info);
	rooms_names(&desk->settings.rooms, queues, sizeof queues);
	snprintf(slots, sizeof slots, "%d", desk->settings.rooms.total);
	const char *const params[] = {desk->settings.name,
								  PROTOCOL,
								  queues,
								  slots,
								  info_text,
								  again ? desk->worker : NULL,
								  again ? desk->secret : NULL,
								  room_text};

	/* claims and heartbeats may be lost in a crash of the server; what must not be lost
	 * is made durable by the functions themselves */
	send_plain(desk, "SET synchronous_commit = off");
	send_plain(desk, quiet_sql);
	if (link_call(desk->link, register_sql, params, 8, on_registered, desk))
		desk->register_at = INFINITY; /* until the answer */
}

static void
on_up(void *arg)
{
	Desk *desk = arg;

	desk->register_at = 0;
}

static void
on_down(void *arg, const Error *err)
{
	Desk *desk = arg;

	if (desk->worker[0] == '\0')
		log_warning("no connection to the database, trying on: %s", err->message);
	else
		log_warning("connection to the database lost, %zu tasks go on: %s",
					pool_in_state(desk->pool, SLOT_RUNNING), err->message);
	desk->registered = false;
}

/* leap_orders: something that runs was cancelled, the heartbeat tells what. */
static void
on_bell(void *arg, const char *channel)
{
	Desk *desk = arg;

	desk->bell_heard = true;
	if (strcmp(channel, INBOX_CHANNEL) == 0)
		desk->inboxes_at = 0;
	else if (strcmp(channel, "leap_orders") != 0)
		desk->claim_at = 0;
	else if (pool_in_state(desk->pool, SLOT_RUNNING) > 0)
		desk->beat_at = 0;
}

void
desk_init(Desk *desk, const DeskSettings *settings, Pool *pool)
{
	LinkEvents events = {.up = on_up, .down = on_down, .bell = on_bell, .arg = desk};

	memset(desk, 0, sizeof *desk);
	desk->settings = *settings;
	desk->pool = pool;
	desk->link = link_new(settings->database, "leap worker", &events);
	desk->register_at = INFINITY;
}

void
desk_free(Desk *desk)
{
	link_free(desk->link);
	credentials_free(desk);
	desk->link = NULL;
}

static void
log_claim(const Slot *slot)
{
	size_t length = strlen(slot->fence);
	unsigned int tail = (unsigned int) (strtoull(slot->fence, NULL, 10) & 0xffff);

	log_message(&slot->ids, LOG_LEVEL_INFO,
				"claimed task=%s kind=%s recording=%s attempt=%d fence=..%04x",
				slot->task, slot->kind, slot->recording, slot->attempt,
				length > 0 ? tail : 0);
}

static void
take_claim(Desk *desk, const DbRows *rows, int row)
{
	const char *attempt = rows_named(rows, row, "attempt");
	const char *deadline = rows_named(rows, row, "deadline_seconds");
	const char *task = rows_named(rows, row, "task");
	const char *fence = rows_named(rows, row, "fence");
	const char *kind = rows_named(rows, row, "kind");
	const char *queue = rows_named(rows, row, "queue");
	const char *input = rows_named(rows, row, "input");
	Claim claim = {
		.task = task != NULL ? task : "",
		.fence = fence != NULL ? fence : "",
		.kind = kind != NULL ? kind : "",
		.queue = queue != NULL ? queue : "",
		.attempt = attempt != NULL ? (int) strtol(attempt, NULL, 10) : 0,
		.deadline_seconds = deadline != NULL ? strtod(deadline, NULL) : 3600,
		.input = input != NULL ? input : "{}",
	};
	const Slot *slot = desk->closing ? pool_decline(desk->pool, &claim, FATE_RETURNED)
									 : pool_start(desk->pool, &claim);

	if (slot != NULL && !desk->closing)
		log_claim(slot);
	else if (slot == NULL)
		log_error("no slot for claimed task %s: its lease will run out", claim.task);
}

static void
on_claimed(void *arg, const DbRows *rows, const Error *err)
{
	Desk *desk = arg;
	int count = err == NULL ? rows_count(rows) : 0;

	desk->claiming = false;
	if (err != NULL && desk->registered)
		desk_log_problem("cannot claim", err);
	for (int row = 0; row < count; row++)
		take_claim(desk, rows, row);
	/* where something was there may be more; and what happened meanwhile set it to 0 */
	if (count > 0)
		desk->claim_at = 0;
	else if (isinf(desk->claim_at))
		desk->claim_at = clock_seconds() + clock_jitter(desk->poll_seconds, POLL_JITTER);
}

static void
on_housekept(void *arg, const DbRows *rows, const Error *err)
{
	Desk *desk = arg;
	CLEANUP(json) cJSON *answer = NULL;
	Error bad;

	if (err != NULL)
		desk_log_problem("housekeeping", err);
	else if (rows_json(rows, &answer, &bad))
	{
		double again = json_number(answer, "again_ms", desk->poll_seconds * 1000) / 1000;
		desk->housekeep_at = clock_seconds() + clock_jitter(again, POLL_JITTER);
		if (json_bool(answer, "ring", false))
			send_plain(desk, tick_sql);
	}
}

/* Rescue and due tasks need no clock of their own: every worker looks, as often as it is
 * told. Sent before the claim, which then finds what became ready. */
static void
send_housekeeping(Desk *desk, double now)
{
	if (now < desk->housekeep_at)
		return;
	desk->housekeep_at = now + desk->poll_seconds; /* unless the answer says otherwise */
	(void) link_call(desk->link, housekeep_sql, NULL, 0, on_housekept, desk);
}

static void
send_claim(Desk *desk)
{
	CLEANUP(vacancy) Vacancy vacancy = rooms_vacancy(&desk->settings.rooms, desk->pool);
	CLEANUP(free) char *own = NULL;
	char wanted[24];
	char turn[16];

	if (!vacancy.any)
		return;
	snprintf(wanted, sizeof wanted, "%d", vacancy.shared);
	own = vacancy.own != NULL ? json_print(vacancy.own) : NULL;
	snprintf(turn, sizeof turn, "%d", desk->turn);
	/* a claim that could take nothing of them was nobody's turn */
	if (vacancy.shared > 0)
		desk->turn = (desk->turn + 1) % TURNS;
	const char *const params[] = {desk->worker, desk->secret, wanted, own, turn};

	desk->claiming = link_call(desk->link, claim_sql, params, 5, on_claimed, desk);
	if (desk->claiming)
		desk->claim_at = INFINITY;
}

static void
check_bell(Desk *desk)
{
	if (!desk->bell_heard)
		log_warning("no notification arrives (a pooler in transaction mode?): "
					"new tasks are found by polling only");
	desk->bell_check_at = 0;
}

void
desk_work(Desk *desk)
{
	double now = clock_seconds();

	questions_refuse_unheard(desk, now);
	credentials_send(desk);
	if (!link_is_up(desk->link))
		return;
	if (!desk->registered)
	{
		if (now >= desk->register_at)
			send_registration(desk);
		return;
	}
	report_outcomes(desk, now);
	questions_send(desk);
	if (desk->bell_check_at > 0 && now >= desk->bell_check_at)
		check_bell(desk);
	if (!desk->beating && now >= desk->beat_at)
		beat_send(desk);
	send_housekeeping(desk, now);
	inboxes_work(desk, now);
	if (!desk->closing && !desk->claiming && now >= desk->claim_at)
		send_claim(desk);
}

void
desk_want(const Desk *desk, double *latest)
{
	CLEANUP(vacancy) Vacancy vacancy = rooms_vacancy(&desk->settings.rooms, desk->pool);

	if (!link_is_up(desk->link))
		return;
	if (!desk->registered)
	{
		*latest = fmin(*latest, desk->register_at);
		return;
	}
	*latest = fmin(*latest, desk->housekeep_at);
	inboxes_want(desk, latest);
	if (!desk->beating)
		*latest = fmin(*latest, desk->beat_at);
	if (!desk->claiming && !desk->closing && vacancy.any)
		*latest = fmin(*latest, desk->claim_at);
	if (desk->bell_check_at > 0)
		*latest = fmin(*latest, desk->bell_check_at);
	for (size_t i = 0; i < desk->pool->count; i++)
		if (desk->pool->slots[i].state == SLOT_ENDED)
			*latest = fmin(*latest, desk->pool->slots[i].report_at);
}

void
desk_close(Desk *desk)
{
	desk->closing = true;
}

bool
desk_is_idle(const Desk *desk)
{
	return pool_in_state(desk->pool, SLOT_FREE) == desk->pool->count && !desk->claiming &&
		   desk->parcels == NULL;
}

void
desk_unregister(Desk *desk)
{
	static char what[] = "unregistering";
	const char *const params[] = {desk->worker, desk->secret};

	if (desk->registered)
		(void) link_call(desk->link, unregister_sql, params, 2, on_nothing, what);
}
