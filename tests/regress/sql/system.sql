-- The installation as administrators watch it, and what they do from there.
\set SHOW_CONTEXT never
\pset null '-'
SELECT test.connect();
SELECT leap.add_user('sy@example.org') AS u \gset
SELECT leap.add_user('sy-admin@example.org', NULL, 'admin') AS a \gset

-- the digest is the same as long as nothing happens
SELECT test.start('sy1', 'sy@example.org');
SELECT digest AS before FROM leap.system_page() \gset
SELECT digest = :'before' AS same, data::jsonb ? 'at' AS dated FROM leap.system_page();
SELECT q->>'queue' AS queue, q->'ready' AS ready, q->>'oldest_at' IS NOT NULL AS waits FROM jsonb_array_elements(leap.system_state()->'queues') q
WHERE (q->>'ready')::int > 0 ORDER BY 1;
SELECT kind FROM test.claim(100) WHERE name = 'sy1';
SELECT digest = :'before' AS same FROM leap.system_page();
SELECT t->>'kind' AS kind, t->>'user' AS "user", t ? 'elapsed_seconds' AS ages FROM jsonb_array_elements(leap.system_state()->'tasks') t WHERE t->>'recording_name' = 'sy1';

-- a task in detail, its attempts, and those who may not see it
SELECT l.task AS t FROM test.leases l WHERE l.name = 'sy1' LIMIT 1 \gset
SELECT d->>'kind' AS kind, d->>'state' AS state, d->>'user' AS "user", d->>'recording_name' AS name, d->'cancel'->'allowed' AS cancel,
       d->'attempts'->0->>'outcome' AS outcome FROM leap.task_in_detail(:t) d;
SELECT test.fail('download', 'sy1', 'permanent', 'the file is gone');
SELECT d->'cancel'->'allowed' AS cancel, d->'attempts'->0->>'outcome' AS outcome, d->'attempts'->0->'error'->>'message' AS error FROM leap.task_in_detail(:t) d;

-- history and examples
SELECT leap.roll_statistics() IS NOT NULL AS rolled;
SELECT (SELECT jsonb_object_agg(p.period, jsonb_array_length(leap.throughput(p.period)->'times')) FROM unnest('{hour,day,week}'::text[]) AS p (period)) AS steps;
SELECT k->>'kind' AS kind, (SELECT sum(x::int) > 0 FROM jsonb_array_elements_text(k->'failed') x) AS failed FROM jsonb_array_elements(leap.throughput('hour')->'kinds') k WHERE k->>'kind' = 'download';
SELECT leap.throughput('year');
SELECT e->>'recording_name' AS name, e->>'message' AS message, e->>'outcome' AS outcome FROM jsonb_array_elements(leap.failure_examples('download', 'permanent')) e WHERE e->>'recording_name' = 'sy1';

-- reasons are kept with what was done, and end with the transaction
BEGIN;
SELECT leap.administer('retry', test.id('sy1'), E'the file\nis back')->>'message' AS message;
COMMIT;
SELECT leap.administer('cancel', test.id('sy1'))->>'message' AS message;
SELECT action, why FROM leap.audit_logs WHERE resource_id = test.id('sy1')::text AND action IN ('retry', 'cancel') ORDER BY id;
SELECT leap.administer('reset', test.id('sy1'));
SELECT leap.administer('retry', '00000000-0000-0000-0000-000000000000');

-- what was to start later starts now
SELECT leap.run_recording(test.id('sy1'), start_at => clock_timestamp() + interval '3 hours')->>'run' IS NOT NULL AS asked;
SELECT leap.administer('start', test.id('sy1'), 'no time to wait')->>'message' AS message;
SELECT t.state, u.start_at <= clock_timestamp() AS begun FROM leap.runs u JOIN leap.tasks t ON t.run_id = u.id AND t.state <> 'blocked' WHERE u.recording_id = test.id('sy1') AND u.state = 'active';
SELECT leap.administer('start', test.id('sy1'));
SELECT leap.administer('start', '00000000-0000-0000-0000-000000000000');
SELECT action, why FROM leap.audit_logs WHERE resource_id = test.id('sy1')::text AND action = 'start';
SELECT leap.administer('cancel', test.id('sy1'))->>'message' AS message;

-- sessions of somebody else
SELECT leap.end_user_sessions('sy@example.org', 'he left');
SELECT action, why, details FROM leap.audit_logs WHERE resource_id = :'u' AND action = 'end sessions';

-- everybody's own place: others are a number
SELECT test.start('sy2', 'sy@example.org');
SELECT set_config('request.jwt.claims', jsonb_build_object('sub', :'u', 'role', 'leap_user')::text, false) IS NOT NULL AS known;
SET ROLE leap_user;
SELECT p->'running' AS running, p->'queues'->0->>'queue' AS queue, p->'queues'->0->'ready' AS ready, jsonb_typeof(p->'queues'->0->'others') AS others FROM api.my_place() p;
SELECT api.task_detail(:t)->>'state' AS state;
SELECT api.admin_system();
SELECT api.admin_list_tasks();
SELECT api.admin_operate('00000000-0000-0000-0000-000000000000', 'retry');
RESET ROLE;
SELECT set_config('request.jwt.claims', jsonb_build_object('sub', :'a', 'role', 'leap_admin')::text, false) IS NOT NULL AS known;
SET ROLE leap_admin;
SELECT t->>'user' AS "user", t->>'recording_name' AS name, t->>'state' AS state FROM jsonb_array_elements(api.admin_list_tasks("user" => 'sy@example.org', kind => '{download}')->'items') t ORDER BY 2, 3;
SELECT s->>'name' AS name, s->>'user' AS "user" FROM jsonb_array_elements(api.admin_list_stuck(500)) s WHERE s->>'user' = 'sy@example.org';
SELECT api.admin_outside() ? 'providers' AS providers, api.admin_outside()::text ~* 'secret' AS secrets;
RESET ROLE;
SELECT set_config('request.jwt.claims', '', false) IS NOT NULL AS nobody;
SELECT count(*) FROM leap.cancel_recording(test.id('sy2'));
