-- The C functions of the extension: state machines, quotas, numbers, settings.
-- No tables: data lives in the schema that `leap deploy` makes (docs/adr/0002-code-and-data.md).

-- complain if the script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION leap" to load this file. \quit

CREATE FUNCTION leap.library_version() RETURNS text
    AS 'MODULE_PATHNAME', 'leap_version' LANGUAGE c STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.library_version() IS
'Version of the loaded library; differs from the extension''s version until a restart after an upgrade.';

CREATE FUNCTION leap.setting(name text) RETURNS text
    AS 'MODULE_PATHNAME', 'leap_setting' LANGUAGE c STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.setting(text) IS
'Value of a setting leap.*, as text in its base unit (MB for storage, the declared unit for times). Unknown name: error 42704.';

-- state machines ------------------------------------------------------------------------

CREATE FUNCTION leap.fsm(OUT entity text, OUT from_status text, OUT to_status text, OUT event text, OUT comment text)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'leap_fsm' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 120;
COMMENT ON FUNCTION leap.fsm() IS
'Every move the state machines allow: entity (recording, deletion, target, task), from_status (null = birth, * = whatever it is), to_status, and the event that may make it. The only source: guard, documentation and tests read it.';

CREATE FUNCTION leap.stages(OUT stage text, OUT before_status text, OUT during_status text, OUT after_status text)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'leap_fsm_stages' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 4;
COMMENT ON FUNCTION leap.stages() IS
'The stages of the pipeline in order, with the status of a recording before, during and after each.';

CREATE FUNCTION leap.fsm_known(entity text, status text) RETURNS boolean
    AS 'MODULE_PATHNAME', 'leap_fsm_known' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.fsm_known(text, text) IS
'Whether an entity has such a status: the CHECK of every status column.';

CREATE FUNCTION leap.move(event text, status text) RETURNS text
    AS 'MODULE_PATHNAME', 'leap_move' LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION leap.move(text, text) IS
'Announces that the row being written gets this status by this event, and returns the status: UPDATE ... SET status = leap.move(''step'', ''DOWNLOADED''). For operation functions only.';
REVOKE ALL ON FUNCTION leap.move(text, text) FROM PUBLIC;

CREATE FUNCTION leap.fsm_guard() RETURNS trigger
    AS 'MODULE_PATHNAME', 'leap_fsm_guard' LANGUAGE c;
COMMENT ON FUNCTION leap.fsm_guard() IS
'BEFORE INSERT OR UPDATE row trigger (entity, status column, id column): refuses a status change that leap.fsm() does not have (LP001) or that no operation made (LP002).';

CREATE FUNCTION leap.history() RETURNS trigger
    AS 'MODULE_PATHNAME', 'leap_history' LANGUAGE c;
COMMENT ON FUNCTION leap.history() IS
'AFTER statement trigger (entity) with transition tables new_rows and old_rows: writes every move to leap.task_events.';

CREATE FUNCTION leap.task_bit(stage text, state text) RETURNS int
    AS 'MODULE_PATHNAME', 'leap_task_bit' LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION leap.task_bit(text, text) IS
'The bit that says: this stage has a task in this state. bit_or() over the tasks of a run is what leap.next_move() and leap.run_state() read; 0 for a task without a stage.';

CREATE FUNCTION leap.next_move(status text, failed_at_stage text, states int, how text,
                               OUT event text, OUT to_status text, OUT passed boolean, OUT again boolean)
    AS 'MODULE_PATHNAME', 'leap_next_move' LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION leap.next_move(text, text, int, text) IS
'The next single move of a recording with this status, given the bits of the tasks of its run: event, status, whether the stage is behind it (its failures are then forgotten), and whether another move follows at once. Null: it stays. how is the event that ends a stage nobody works on: rollback, release, cancel, or step (leave it).';

CREATE FUNCTION leap.run_state(states int) RETURNS text
    AS 'MODULE_PATHNAME', 'leap_run_state' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.run_state(int) IS
'The state of a run whose tasks have these bits: active, failed, cancelled or finished.';

-- quotas --------------------------------------------------------------------------------

CREATE FUNCTION leap.quotas(OUT quota text, OUT unit text, OUT period text, OUT measure text, OUT setting text, OUT comment text)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'leap_quotas' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION leap.quotas() IS
'The limits a user can have: name, unit, period (month, or null), measure (monthly: counted anew every month; level: how much there is now; least: not the most but the least allowed, nothing is counted) and the setting that holds the default.';

CREATE FUNCTION leap.quota_limit(user_id uuid, quota text) RETURNS bigint
    AS 'MODULE_PATHNAME', 'leap_quota_limit' LANGUAGE c STABLE STRICT;
COMMENT ON FUNCTION leap.quota_limit(uuid, text) IS
'The limit in force for a user: own override, else plan, else default setting; null = unlimited. A subscription that has expired or not begun counts as none. Unknown quota: error 22023.';

CREATE FUNCTION leap.quota_source(user_id uuid, quota text) RETURNS text
    AS 'MODULE_PATHNAME', 'leap_quota_source' LANGUAGE c STABLE STRICT;
COMMENT ON FUNCTION leap.quota_source(uuid, text) IS
'Who set the limit that is in force for a user: override, plan or default. Unknown quota: error 22023.';

CREATE FUNCTION leap.quota_amount(quota text, amount bigint) RETURNS text
    AS 'MODULE_PATHNAME', 'leap_quota_amount' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.quota_amount(text, bigint) IS
'An amount of a quota in words: "12 recordings", "1.5 GiB", "2 h 30 min". Unknown quota: error 22023.';

CREATE FUNCTION leap.quota_guard() RETURNS trigger
    AS 'MODULE_PATHNAME', 'leap_quota_guard' LANGUAGE c;
COMMENT ON FUNCTION leap.quota_guard() IS
'AFTER statement trigger (quota, amount expression): counts usage per owner, refuses what the limit does not allow (LP010), and raises notifications at 80 and 100 percent. With the third argument settle it only counts. Safe against concurrent statements.';

-- configuration -------------------------------------------------------------------------

CREATE FUNCTION leap.merge_config(base jsonb, top jsonb) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'leap_merge_config' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.merge_config(jsonb, jsonb) IS
'Lays one configuration over another: objects merge key by key, other values of the upper one win. Null if either is null.';

-- numbers -------------------------------------------------------------------------------

CREATE FUNCTION leap.uuid7() RETURNS uuid
    AS 'MODULE_PATHNAME', 'leap_uuid7' LANGUAGE c VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.uuid7() IS
'A new UUID version 7 (RFC 9562): ordered by time, strictly increasing within a session.';

CREATE FUNCTION leap.uuid7_time(id uuid) RETURNS timestamptz
    AS 'MODULE_PATHNAME', 'leap_uuid7_time' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.uuid7_time(uuid) IS
'When a UUID version 7 was made, to the millisecond; null for other versions.';

CREATE FUNCTION leap.new_fence() RETURNS bigint
    AS 'MODULE_PATHNAME', 'leap_new_fence' LANGUAGE c VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.new_fence() IS
'A random number of 63 bits that proves a lease.';

CREATE FUNCTION leap.seal_to(message bytea, public_key bytea) RETURNS bytea
    AS 'MODULE_PATHNAME', 'leap_seal_to' LANGUAGE c VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.seal_to(bytea, bytea) IS
'A sealed box of libsodium (crypto_box_seal) that only the private half of this key opens, 48 bytes longer than the message. Error 22023 for what is no public key.';
REVOKE ALL ON FUNCTION leap.seal_to(bytea, bytea) FROM PUBLIC;

CREATE FUNCTION leap.lease_floor(lane int) RETURNS bigint
    AS 'MODULE_PATHNAME', 'leap_lease_floor' LANGUAGE c STABLE STRICT;
COMMENT ON FUNCTION leap.lease_floor(int) IS
'The number below which no lease of this lane lives, as far as this session knows; 0 at first.';

CREATE FUNCTION leap.set_lease_floor(lane int, number bigint) RETURNS void
    AS 'MODULE_PATHNAME', 'leap_set_lease_floor' LANGUAGE c VOLATILE;
COMMENT ON FUNCTION leap.set_lease_floor(int, bigint) IS
'Remembers the oldest living lease of a lane, seen under the lock of the lane; null changes nothing. For claims only.';
REVOKE ALL ON FUNCTION leap.set_lease_floor(int, bigint) FROM PUBLIC;

CREATE FUNCTION leap.turn(walk text) RETURNS int
    AS 'MODULE_PATHNAME', 'leap_turn' LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION leap.turn(text) IS
'Where this session''s repeated walk of that name ended the last time; null before the first.';

CREATE FUNCTION leap.set_turn(walk text, place int) RETURNS void
    AS 'MODULE_PATHNAME', 'leap_set_turn' LANGUAGE c VOLATILE STRICT;
COMMENT ON FUNCTION leap.set_turn(text, int) IS
'Notes where this session''s repeated walk of that name has ended. Nothing is written.';

CREATE FUNCTION leap.error_codes(OUT sqlstate text, OUT name text, OUT http_status text, OUT meaning text)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'leap_error_codes' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 12;
COMMENT ON FUNCTION leap.error_codes() IS
'The SQLSTATEs of LEAP and the HTTP status each stands for.';

-- Triggers are for the schema's owner to make, conclusions and turns for its functions to ask.
REVOKE ALL ON FUNCTION leap.fsm_guard(), leap.quota_guard(), leap.history(), leap.next_move(text, text, int, text) FROM PUBLIC;
