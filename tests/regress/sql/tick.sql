-- The clock: chores, partitions, and a doctor that hears the bell.
SELECT test.connect();
SELECT jsonb_object_keys(leap.tick()) ORDER BY 1;
-- a clock that was ahead keeps no chore from its turn, and no worker from ringing
UPDATE leap.chore_runs SET ran_at = clock_timestamp() + interval '1 year';
UPDATE leap.bells SET rung_at = clock_timestamp() + interval '1 year';
SELECT leap.bell_waits() AS a_worker_rings;
SELECT count(*) = (SELECT count(*) FROM leap.chores()) AS all_chores FROM jsonb_object_keys(leap.tick());
SELECT ringer, rung_at > clock_timestamp() - interval '1 min' AS just_now FROM leap.bells;

-- three months ahead there are partitions, and a default so that a silent bell stops nothing
SELECT count(*) >= 4 AS ahead FROM pg_inherits WHERE inhparent = 'leap.task_events'::regclass;
SELECT to_regclass('leap.task_events_' || to_char(now() AT TIME ZONE 'UTC' + interval '3 months', 'YYYYMM')) IS NOT NULL AS in_three_months,
       to_regclass('leap.task_events_default') IS NOT NULL AS default_there;
SET ROLE leap_owner;
CREATE TABLE leap.task_events_200001 PARTITION OF leap.task_events FOR VALUES FROM ('2000-01-01 00:00+00') TO ('2000-02-01 00:00+00');
RESET ROLE;
SELECT leap.maintain_partitions() AS changed, to_regclass('leap.task_events_200001') AS gone;
-- again there is nothing to do; months are those of UTC wherever the session is
SET timezone = 'Pacific/Kiritimati';
SELECT leap.maintain_partitions() AS changed;
RESET timezone;
-- rows that came while no bell rang stay in the default partition: their month gets none, the others do, and nothing
-- fails; the row before the oldest month that is kept goes, the one at its beginning stays
SELECT date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '12 months' AS oldest,
       date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + interval '4 months' AS fourth \gset
INSERT INTO leap.task_events (at, entity, to_state, kind)
    VALUES (:'oldest', 'task', 'x', 'oldest'), (:'oldest'::timestamptz - interval '1 microsecond', 'task', 'x', 'too old'), (:'fourth', 'task', 'x', 'fourth');
SELECT leap.maintain_partitions(5) AS changed;
SELECT kind, tableoid::regclass FROM leap.task_events WHERE to_state = 'x' ORDER BY 1;
DELETE FROM leap.task_events WHERE to_state = 'x';
SELECT leap.maintain_partitions(5) AS changed;

-- retention: sound of what was published long ago, files of what was deleted long ago
SELECT test.start('t1');
SELECT test.advance('t1', 'none');
SELECT test.start('t2');
SELECT leap.delete_recording(test.id('t2'))->>'message';
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT id, user_id, k, 't/' || k || display_name, 1, repeat('0', 64), 'x/y'
    FROM leap.recordings, unnest('{audio,video}'::text[]) k WHERE display_name IN ('t1', 't2');
SELECT leap.drop_intermediates() AS too_early, leap.purge_deleted() AS too_early;
UPDATE leap.runs SET finished_at = finished_at - interval '8 days' WHERE recording_id = test.id('t1');
UPDATE leap.recordings SET deleted_at = deleted_at - interval '31 days' WHERE display_name = 't2';
SELECT leap.drop_intermediates() AS sound, leap.purge_deleted() AS purged;
SELECT r.display_name, r.delete_state, a.kind FROM leap.recordings r LEFT JOIN leap.artifacts a ON a.recording_id = r.id WHERE r.display_name IN ('t1', 't2') ORDER BY 1, 3;
SELECT uri FROM leap.storage_garbage WHERE uri LIKE 't/%' ORDER BY 1;
SELECT * FROM test.error($$SELECT leap.restore_recording(test.id('t2'))$$) \gx

-- who may ring
SET leap.bell = 'worker';
SELECT leap.tick('cron') IS NULL AS not_heard;
SET leap.bell = 'cron';
SELECT leap.tick('worker') IS NULL AS not_heard, leap.housekeep() AS idle;
RESET leap.bell;
SET leap.bell = 'nobody';

-- one bad chore stops no other and is shown
CREATE OR REPLACE FUNCTION leap.skip_stale_sources() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE 'a bad job'; END $$;
SELECT r->>'skip_stale_sources' AS bad, r->>'rescue' AS good FROM leap.tick() r;
SELECT status, detail FROM leap.doctor() WHERE check_name = 'chores';

-- the doctor: names, and what it says of a bell that never rang
SELECT check_name FROM leap.doctor();
SELECT status, detail FROM leap.doctor() WHERE check_name = 'bell';
SELECT status, left(hint, 40) FROM leap.doctor() WHERE check_name = 'bell';
INSERT INTO leap.bells VALUES ('cron', clock_timestamp() - interval '1 hour') ON CONFLICT (ringer) DO UPDATE SET rung_at = excluded.rung_at;
SET leap.bell = 'cron';
SELECT status, regexp_replace(detail, '[0-9:]+', 'long') FROM leap.doctor() WHERE check_name = 'bell';
UPDATE leap.bells SET rung_at = clock_timestamp() WHERE ringer = 'cron';
SELECT status FROM leap.doctor() WHERE check_name = 'bell';
