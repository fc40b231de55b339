-- Tasks without a recording: claimed, fenced and tried again like others; their subject hears how they ended.
SELECT leap.add_user('errands@example.org') IS NOT NULL AS added;
BEGIN;
CREATE TABLE test.heard (subject uuid, what text, said jsonb);
GRANT USAGE ON SCHEMA test TO leap_owner;
GRANT INSERT ON test.heard TO leap_owner;
-- in place of the functions of the subject, ones that only note
CREATE OR REPLACE FUNCTION leap.sync_input(subject uuid) RETURNS jsonb LANGUAGE sql STABLE AS
$$ SELECT jsonb_build_object('look', 'there') $$;
CREATE OR REPLACE FUNCTION leap.store_sync(subject uuid, facts jsonb) RETURNS void LANGUAGE sql AS
$$ INSERT INTO test.heard VALUES ($1, 'stored', $2) $$;
CREATE OR REPLACE FUNCTION leap.sync_ended(subject uuid, state text, error jsonb) RETURNS void LANGUAGE sql AS
$$ INSERT INTO test.heard VALUES ($1, $2, $3 - 'hint') $$;
CREATE FUNCTION test.n(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid $$;
CREATE FUNCTION test.task(n int) RETURNS bigint LANGUAGE sql AS $$ SELECT t.id FROM leap.tasks t WHERE t.subject = test.n(n) $$;
CREATE VIEW test.errands AS
SELECT right(t.subject::text, 1) AS n, t.kind, t.queue, t.state, t.failures, t.rescues, t.error->>'code' AS code,
       EXISTS (SELECT FROM leap.task_ready r WHERE r.task = t.id) AS ready, EXISTS (SELECT FROM leap.task_lease l WHERE l.task = t.id) AS leased,
       EXISTS (SELECT FROM leap.task_scheduled s WHERE s.task = t.id) AS scheduled
FROM leap.tasks t WHERE t.subject IS NOT NULL AND t.subject < '00000000-0000-0000-0000-000000000010' ORDER BY t.subject;

-- the answer is in the order of the subjects; one with a time to come waits for it
SELECT leap.add_errands('sync', array_agg(u.id), array_agg(test.n(n)), array_agg(CASE n WHEN 3 THEN now() + interval '1 day' END))
       = ARRAY(SELECT test.task(n) FROM unnest('{2,3,1,4}'::int[]) WITH ORDINALITY AS x(n, place) ORDER BY place) AS in_order
FROM unnest('{2,3,1,4}'::int[]) n, leap.users u WHERE u.email = 'errands@example.org';
SELECT * FROM test.errands;
SELECT leap.add_errands('sync', '{}', '{}') AS none;

-- a child is told what its subject says, and where the last attempt got to
SELECT test.connect('{automation}');
CREATE TEMP TABLE got ON COMMIT DROP AS SELECT c.* FROM test.me m, leap.claim(m.worker, m.secret, 10) c WHERE c.kind = 'sync';
SELECT right(t.subject::text, 1) AS n, g.kind, g.input FROM got g JOIN leap.tasks t ON t.id = g.task::bigint ORDER BY t.subject;

-- done; failed and tried again; failed for good
SELECT c.accepted, c.reason FROM got g, leap.complete(jsonb_build_array(jsonb_build_object('task', g.task, 'fence', g.fence,
    'result', '{"facts": {"found": 3}}'::jsonb))) c WHERE g.task::bigint = test.task(1);
SELECT leap.fail(g.task, g.fence, '{"class": "transient", "code": "busy", "message": "busy"}') FROM got g WHERE g.task::bigint = test.task(2);
SELECT leap.fail(g.task, g.fence, '{"class": "input", "code": "gone", "message": "the folder is gone"}') FROM got g WHERE g.task::bigint = test.task(4);
SELECT * FROM test.errands;
SELECT right(subject::text, 1) AS n, what, said FROM test.heard ORDER BY subject;

-- a person calls one off
SELECT leap.cancel_task(test.task(3)) - '{task,cancelled,message}'::text[] AS cancelled;
SELECT right(subject::text, 1) AS n, what, said FROM test.heard WHERE subject = test.n(3);

-- one that takes worker after worker with it ends: nobody waits for it, so there is nothing to hold
UPDATE leap.tasks SET rescues = 2 WHERE id = test.task(2);
UPDATE leap.task_scheduled SET run_at = now() WHERE task = test.task(2);
SELECT leap.promote_due();
SELECT c.kind, c.attempt FROM test.me m, leap.claim(m.worker, m.secret, 10) c WHERE c.kind = 'sync';
UPDATE leap.task_lease SET deadline = now() - interval '1 minute' WHERE task = test.task(2);
SELECT leap.rescue();
SELECT * FROM test.errands WHERE n = '2';
SELECT right(subject::text, 1) AS n, what, said FROM test.heard WHERE subject = test.n(2);
ROLLBACK;
