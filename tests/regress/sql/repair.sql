-- Setting a status on purpose, and the log of it that nobody can change.
SELECT test.connect();
SELECT test.start('fix');
CREATE VIEW pg_temp.log AS
SELECT a.who = session_user AS mine, a.user_id, a.action, a.resource_type, a.resource_id = test.id('fix')::text AS this_one, a.before - 'run' - 'error' AS before, a.after, a.why
FROM leap.audit_logs a WHERE a.action = 'repair' AND a.why <> 'a test' ORDER BY a.at;

-- it cancels what runs: the worker's lease is void, the queue empty of it
SELECT * FROM test.claim() WHERE name = 'fix';
SELECT leap.repair(test.id('fix'), 'TRANSCRIBED', 'restored from the tape')->>'message';
SELECT * FROM test.recordings WHERE name = 'fix';
SELECT test.complete('download', 'fix');
SELECT state, count(*) FROM leap.tasks WHERE recording_id = test.id('fix') GROUP BY 1;
SELECT state FROM leap.runs WHERE recording_id = test.id('fix');
TABLE pg_temp.log;
-- the detail tells the same progress as the list, also where no run tells how far it is
SELECT progress, (leap.recording_detail(id)->>'progress')::int = progress AS same FROM leap.list_recordings() WHERE name = 'fix';

-- every status can be reached from every other, and each time it is written down
SELECT count(*) AS repairs, count(DISTINCT a->>'to') AS statuses, bool_and(a->>'to' = r.status) AS reached FROM (
    SELECT f.status, leap.repair(test.id('fix'), f.status, 'walk') AS a
    FROM (SELECT x.to_status AS status FROM (SELECT DISTINCT to_status FROM leap.fsm() WHERE entity = 'recording') x, generate_series(1, 2) ORDER BY md5(x.to_status || generate_series)) f) w
CROSS JOIN LATERAL (SELECT w.a->>'to' AS status) r;
SELECT count(*) FROM pg_temp.log WHERE why = 'walk';
SELECT DISTINCT event FROM leap.task_events WHERE recording_id = test.id('fix') AND entity = 'recording' AND event NOT IN ('create', 'step', 'cancel');

-- FAILED says where, so that a run goes on there; any other status forgets the failure
SELECT leap.repair(test.id('fix'), 'FAILED', 'the file was exchanged')->>'message';
SELECT * FROM test.recordings WHERE name = 'fix';
SELECT leap.repair(test.id('fix'), 'INITIALIZED', 'again')->>'message';
SELECT * FROM test.recordings WHERE name = 'fix';
SELECT leap.run_recording(test.id('fix'))->>'message';
SELECT leap.cancel_recording(test.id('fix'))->>'message';

-- refused: no reason, no such status, no such recording, and whoever was not let
SELECT * FROM test.error($$SELECT leap.repair(test.id('fix'), 'READY', ' ')$$) \gx
SELECT * FROM test.error($$SELECT leap.repair(test.id('fix'), 'READY', NULL)$$) \gx
SELECT * FROM test.error($$SELECT leap.repair(test.id('fix'), 'DONE', 'why not')$$) \gx
SELECT * FROM test.error($$SELECT leap.repair(test.id('fix'), NULL, 'why not')$$) \gx
SELECT * FROM test.error($$SELECT leap.repair('018f0000-0000-7000-8000-000000000000', 'READY', 'why not')$$) \gx
SET ROLE leap_operator;
SELECT leap.repair('018f0000-0000-7000-8000-000000000000', 'READY', 'why not');
RESET ROLE;
BEGIN;
GRANT EXECUTE ON FUNCTION leap.repair(uuid, text, text) TO leap_operator;
SELECT test.id('fix') AS id \gset
SET LOCAL ROLE leap_operator;
SELECT leap.repair(:'id', 'SKIPPED', 'was let')->>'message';
ROLLBACK;
-- a move from any status has to be named: by hand the superuser is refused as ever
SELECT * FROM test.error($$UPDATE leap.recordings SET status = 'UPLOADED' WHERE display_name = 'fix'$$) \gx

-- the log is only added to: not by its owner, not by a superuser, not on a partition
SELECT * FROM test.error($$UPDATE leap.audit_logs SET why = 'nothing happened'$$) \gx
SELECT * FROM test.error($$DELETE FROM leap.audit_logs WHERE action = 'repair'$$) \gx
SELECT * FROM test.error($$TRUNCATE leap.audit_logs$$) \gx
\set VERBOSITY terse
SET ROLE leap_owner;
DELETE FROM leap.audit_logs;
UPDATE leap.audit_logs SET at = at - interval '10 years';
RESET ROLE;
\set VERBOSITY default
SELECT p.relname ~ '^audit_logs_(default|\d{6})$' AS named, e.code
FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhrelid
CROSS JOIN LATERAL test.error(format('TRUNCATE leap.%I', p.relname)) e
WHERE i.inhparent = 'leap.audit_logs'::regclass GROUP BY 1, 2;
-- until its months are over
INSERT INTO leap.audit_logs (at, action, resource_type) VALUES (now() - interval '37 months', 'old', 'test'), (now() - interval '35 months', 'younger', 'test');
SELECT leap.maintain_partitions();
SELECT action FROM leap.audit_logs WHERE resource_type = 'test';
