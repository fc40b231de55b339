/*
 * guc.c
 *	  The settings leap.*.
 *
 * They are superuser settings: ALTER SYSTEM, or ALTER DATABASE ... SET, decides for the
 * installation; what a user may change lives in tables. Their values are read through
 * leap.setting(), which loads the library first.
 */
#include "postgres.h"

#include <limits.h>

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "guc.h"

PG_FUNCTION_INFO_V1(leap_setting);

#define UNLIMITED    (-1)
#define INT_SETTINGS 64

/* Nobody reads the variables: everything goes through leap.setting(), by name. */
static int int_values[INT_SETTINGS];
static char *import_roots;
static char *sample_lecture;
static char *public_url;
static char *currency;
static bool mail;
static bool require_verified;

typedef enum Bell
{
	BELL_CRON,
	BELL_WORKER,
	BELL_BOTH
} Bell;

static const struct config_enum_entry bell_options[] = {
	{"cron",   BELL_CRON,   false},
	{"worker", BELL_WORKER, false},
	{"both",   BELL_BOTH,   false},
	{NULL,     0,           false},
};

static int bell = BELL_BOTH;

typedef enum Registration
{
	REGISTRATION_OPEN,
	REGISTRATION_INVITE,
	REGISTRATION_CLOSED
} Registration;

static const struct config_enum_entry registration_options[] = {
	{"open",   REGISTRATION_OPEN,   false},
	{"invite", REGISTRATION_INVITE, false},
	{"closed", REGISTRATION_CLOSED, false},
	{NULL,     0,				   false},
};

static int registration = REGISTRATION_INVITE;

static void
define_int(const char *name, const char *purpose, int start, int least, int most,
		   int flags)
{
	static int used = 0;

	Assert(used < INT_SETTINGS);
	DefineCustomIntVariable(name, purpose, NULL, &int_values[used++], start, least, most,
							PGC_SUSET, flags, NULL, NULL, NULL);
}

/* Limits of a user without a plan. */
static void
define_limits(void)
{
	define_int("leap.default_max_recordings_per_month",
			   "Recordings a user may add in a calendar month (UTC); -1 is unlimited.",
			   UNLIMITED, UNLIMITED, INT_MAX, 0);
	define_int("leap.default_max_processing_per_month",
			   "Runs a user may start in a calendar month (UTC); -1 is unlimited.",
			   UNLIMITED, UNLIMITED, INT_MAX, 0);
	define_int("leap.default_max_transcriptions_per_month",
			   "Lectures of a user that may be transcribed in a calendar month (UTC); -1 "
			   "is unlimited.",
			   UNLIMITED, UNLIMITED, INT_MAX, 0);
	define_int("leap.default_max_transcription_seconds_per_month",
			   "Length of the lectures of a user that may be transcribed in a calendar "
			   "month (UTC); -1 is unlimited.",
			   UNLIMITED, UNLIMITED, INT_MAX, GUC_UNIT_S);
	define_int("leap.default_max_storage", "Storage a user may fill; -1 is unlimited.",
			   UNLIMITED, UNLIMITED, INT_MAX, GUC_UNIT_MB);
	define_int("leap.default_max_concurrent_tasks",
			   "Tasks of a user that may run at the same time; -1 is unlimited.",
			   UNLIMITED, UNLIMITED, INT_MAX, 0);
	define_int("leap.default_max_automation_jobs",
			   "Automation jobs of a user; -1 is unlimited.", UNLIMITED, UNLIMITED,
			   INT_MAX, 0);
	define_int("leap.default_min_automation_interval_hours",
			   "Least hours between two runs of an automation job; -1 is no limit.",
			   UNLIMITED, UNLIMITED, 8760, 0);
	define_int("leap.default_max_templates",
			   "Recording templates of a user; -1 is unlimited.", UNLIMITED, UNLIMITED,
			   INT_MAX, 0);
	define_int("leap.default_max_credentials",
			   "Stored credentials of a user; -1 is unlimited.", UNLIMITED, UNLIMITED,
			   INT_MAX, 0);
}

/* Clocks of the task protocol. */
static void
define_clocks(void)
{
	define_int("leap.heartbeat_interval", "How often a worker says that it lives.", 5, 1,
			   60, GUC_UNIT_S);
	define_int("leap.worker_timeout", "A worker silent for so long is dead.", 20, 2, 3600,
			   GUC_UNIT_S);
	define_int("leap.rescue_grace",
			   "A worker whose session ended has so long to come back.", 1250, 0, 60000,
			   GUC_UNIT_MS);
	define_int("leap.start_grace",
			   "So long after a server start a missing session is no sign of death.", 15,
			   0, 600, GUC_UNIT_S);
	define_int("leap.poll_interval", "How often a worker looks for work uncalled.", 1000,
			   10, 60000, GUC_UNIT_MS);
	define_int("leap.max_rescues", "A task rescued so often is held as poison.", 3, 1,
			   100, 0);
}

/* Templates and their rules. */
static void
define_templates(void)
{
	define_int(
		"leap.match_seconds",
		"Processor time for which the patterns of a user are tried in one call; what "
		"is left then stays without a template.",
		10, 1, 3600, GUC_UNIT_S);
}

/* When a platform that fails is left alone (sql/schema/57_breakers.sql). */
static void
define_breakers(void)
{
	define_int("leap.breaker_failures",
			   "Failures in a row, of different tasks, that open the circuit breaker of "
			   "a platform; 0 is never.",
			   5, 0, 1000, 0);
	define_int("leap.breaker_window", "Failures further apart are not in a row.", 600, 1,
			   86400, GUC_UNIT_S);
	define_int("leap.breaker_cooldown", "How long a breaker that opens stays open.", 60,
			   1, 86400, GUC_UNIT_S);
	define_int("leap.breaker_max_cooldown",
			   "How long at most, doubled each time the platform fails again.", 900, 1,
			   86400, GUC_UNIT_S);
}

/* What watchers are told (sql/schema/87_events.sql). */
static void
define_events(void)
{
	define_int("leap.event_horizon",
			   "How far back a stream of events can be resumed; who comes later reads "
			   "everything anew.",
			   3600, 1, 604800, GUC_UNIT_S);
	define_int("leap.event_page",
			   "Events that one stream is told at once; if there are more, it reads "
			   "everything anew.",
			   1000, 1, 100000, 0);
}

static void
define_housekeeping(void)
{
	define_int("leap.pending_source_days",
			   "Days after which a source that never got ready is skipped.", 7, 1, 365,
			   0);
	define_int(
		"leap.pending_source_minutes",
		"Minutes after which a source with recordings that were not ready is asked "
		"again.",
		30, 1, 10080, 0);
	define_int(
		"leap.sync_items",
		"Recordings of a source that are listed at once; the rest follows in parts.",
		10000, 1, 10000, 0);
	define_int("leap.upload_lifetime",
			   "How long an upload that can be resumed is kept when nothing more comes.",
			   86400, 60, 604800, GUC_UNIT_S);
	define_int("leap.history_months", "Months of history that are kept.", 12, 1, 120, 0);
	define_int("leap.audit_months", "Months for which the audit log is kept.", 36, 1,
			   1200, 0);
	define_int("leap.intermediate_days",
			   "Days after publication for which sound for speech recognition is kept.",
			   7, 0, 3650, 0);
	define_int("leap.deleted_days",
			   "Days for which a deleted recording can be restored; then its files go.",
			   30, 0, 3650, 0);
	define_int(
		"leap.purged_days",
		"Days for which what was said in a deleted recording is kept after its files.",
		30, 0, 3650, 0);
	DefineCustomStringVariable(
		"leap.import_roots",
		"Folders, separated by colons, below which operators may add local files.", NULL,
		&import_roots, "", PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable(
		"leap.sample_lecture",
		"A lecture below an import root that anybody may try LEAP with; empty: none.",
		NULL, &sample_lecture, "", PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable(
		"leap.currency",
		"What the prices of providers are counted in; shown beside "
		"what was spent.",
		NULL, &currency, "USD", PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("leap.bell", "Who rings leap.tick(): cron, worker or both.",
							 NULL, &bell, BELL_BOTH, bell_options, PGC_SUSET, 0, NULL,
							 NULL, NULL);
}

/* What people are told, and how often (sql/schema/75_notify.sql). */
static void
define_notify(void)
{
	DefineCustomBoolVariable("leap.mail",
							 "Whether mails are sent; the workers then need --smtp-url.",
							 NULL, &mail, false, PGC_SUSET, 0, NULL, NULL, NULL);
	define_int("leap.mail_delay",
			   "How long a mail waits for what else its user is to be told.", 60, 0,
			   86400, GUC_UNIT_S);
	define_int("leap.mail_interval", "Least time between two mails to a user.", 900, 0,
			   86400, GUC_UNIT_S);
	define_int("leap.mail_repeat",
			   "Hours after which a mail tells again of a message that is still unread "
			   "and has grown.",
			   24, 1, 8760, 0);
	define_int("leap.webhook_rate",
			   "Deliveries to a webhook in a minute, the others wait.", 60, 1, 10000, 0);
	define_int("leap.webhook_backlog",
			   "Deliveries that may wait for a webhook; what comes then is not sent.",
			   1000, 1, 1000000, 0);
	define_int("leap.webhook_failures",
			   "Deliveries in a row that failed for good, after which a webhook is "
			   "switched off.",
			   10, 1, 1000, 0);
	define_int("leap.notification_days",
			   "Days for which read messages and the delivery log are kept; unread ones "
			   "are kept four times as long.",
			   90, 1, 3650, 0);
}

/* Jobs that run by themselves (sql/schema/79_automation_due.sql). */
static void
define_automation(void)
{
	define_int("leap.automation_late",
			   "A scheduled run that could not begin within so long was missed.", 300, 60,
			   86400, GUC_UNIT_S);
	define_int("leap.automation_catch_up",
			   "Missed runs of a job that catches up: so many of the newest are made up "
			   "for.",
			   10, 1, 1000, 0);
}

/* How long what proves an account is good for (sql/schema/68_login.sql). */
static void
define_proofs(void)
{
	define_int("leap.access_token_lifetime",
			   "How long an access token is good; a session that ends ends it earlier.",
			   900, 60, 86400, GUC_UNIT_S);
	define_int("leap.session_days",
			   "Days without use after which a session that is to be remembered ends.",
			   30, 1, 3650, 0);
	define_int("leap.short_session_hours",
			   "Hours without use after which any other session ends.", 12, 1, 8760, 0);
	define_int("leap.reset_lifetime", "How long a link that resets a password is good.",
			   60, 1, 10080, GUC_UNIT_MIN);
	define_int("leap.verification_hours",
			   "Hours for which a link that verifies an e-mail address is good.", 24, 1,
			   8760, 0);
	define_int("leap.invite_days", "Days for which an invitation is good.", 7, 1, 3650,
			   0);
	define_int("leap.login_attempts",
			   "Failed logins in a row after which an account is blocked for a while.", 5,
			   1, 1000, 0);
	define_int("leap.login_attempts_address",
			   "Failed logins after which an address is blocked for a while.", 50, 1,
			   100000, 0);
	define_int("leap.login_block",
			   "How long the first block lasts; each further failure doubles it.", 30, 1,
			   86400, GUC_UNIT_S);
	define_int("leap.login_block_max",
			   "How long a block lasts at most; failures older than that are forgotten.",
			   3600, 1, 604800, GUC_UNIT_S);
}

/* Accounts: who gets one, and how passwords are kept. */
static void
define_accounts(void)
{
	DefineCustomEnumVariable("leap.registration",
							 "Who may register: open (anybody), invite (who was invited) "
							 "or closed (nobody).",
							 NULL, &registration, REGISTRATION_INVITE,
							 registration_options, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable(
		"leap.require_verified",
		"Whether an account can log in only when its e-mail address is verified.", NULL,
		&require_verified, false, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("leap.public_url",
							   "Where people reach LEAP by browser; links in mails begin "
							   "with it.",
							   NULL, &public_url, "http://localhost:8080", PGC_SUSET, 0,
							   NULL, NULL, NULL);
	define_int("leap.password_cost",
			   "Cost of bcrypt for new passwords: each step doubles the time.", 12, 4, 16,
			   0);
}

void
guc_init(void)
{
	define_limits();
	define_clocks();
	define_breakers();
	define_housekeeping();
	define_events();
	define_templates();
	define_notify();
	define_automation();
	define_accounts();
	define_proofs();
	MarkGUCPrefixReserved("leap");
}

/*
 * leap.setting(name) returns text: the value in the setting's base unit (MB for storage, ms
 * or s for times), as current_setting() would not give it.
 */
Datum
leap_setting(PG_FUNCTION_ARGS)
{
	char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	const char *value = GetConfigOption(name, false, false);

	PG_RETURN_TEXT_P(cstring_to_text(value));
}
