-- The circuit breaker: a platform that fails task after task is left alone, tried by one, and then used again.
SELECT test.connect();
CREATE FUNCTION pg_temp.url(a_name text, url text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.run_recording(leap.add_recording('test@example.org', jsonb_build_object('type', 'url', 'url', url), a_name));
END $$;
CREATE VIEW pg_temp.circuit AS
SELECT b.platform, b.credential, b.state, b.failures, b.opened_times AS times, round(extract(epoch FROM b.retry_at - clock_timestamp()) / 20) * 20 AS retry_in,
       (SELECT r.display_name FROM leap.tasks t JOIN leap.recordings r ON r.id = t.recording_id WHERE t.id = b.probe) AS probe,
       round(extract(epoch FROM b.paused_until - clock_timestamp()) / 20) * 20 AS paused_for, b.waiting, b.message FROM leap.breakers b;
CREATE VIEW pg_temp.waits AS
SELECT r.display_name AS name, t.state, t.attempt, t.failures, s.gate, s.reason
FROM leap.recordings r JOIN leap.tasks t ON t.recording_id = r.id LEFT JOIN leap.task_scheduled s ON s.task = t.id
WHERE r.display_name ~ '^b\d' AND t.state IN ('ready', 'scheduled', 'running') ORDER BY name;
-- lets a recording's task be tried now
CREATE FUNCTION pg_temp.due(a_name text) RETURNS void LANGUAGE sql AS $$
    UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE recording_id = test.id(a_name);
    SELECT leap.promote_due() $$;
CREATE FUNCTION pg_temp.cooled_down() RETURNS void LANGUAGE sql AS $$
    UPDATE leap.circuits SET retry_at = clock_timestamp() WHERE state <> 'closed';
    UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE gate_id IS NOT NULL $$;
SET leap.breaker_failures = 3;

-- failures in a row, of different tasks, at one host; another host, a fault of our own and a broken file do not count
SELECT pg_temp.url('b' || i, 'https://sick.org/' || i) FROM generate_series(1, 6) i;
SELECT pg_temp.url('b7', 'https://well.org/');
SELECT count(*) FROM test.claim(6);
SELECT test.fail('download', 'b1', 'transient', 'no answer');
SELECT pg_temp.due('b1');
SELECT name FROM test.claim(2);
SELECT test.fail('download', 'b1', 'transient', 'no answer again');
SELECT test.fail('download', 'b2', 'input', 'no video');
SELECT leap.fail(l.task, l.fence, '{"class": "transient", "code": "child_died", "message": "killed"}') FROM test.leases l WHERE l.name = 'b3';
TABLE pg_temp.circuit;
SELECT test.fail('download', 'b4', 'transient', 'no answer');

-- a success makes it well: the row is gone
SELECT test.complete('download', 'b5');
TABLE pg_temp.circuit;
SELECT count(*) FROM leap.circuits;

-- three of them open it: the others wait, no attempt used, and say why; the other host is not concerned
SELECT pg_temp.due('b1'), pg_temp.due('b3'), pg_temp.due('b4');
SELECT name FROM test.claim(5) WHERE name ~ '^b\d';
SELECT test.fail('download', 'b' || i, 'transient', 'no answer') FROM generate_series(1, 4) i WHERE i <> 2;
TABLE pg_temp.circuit;
SELECT pg_temp.url('b8', 'https://sick.org/8');
SELECT name, kind FROM test.claim(5);
SELECT pg_temp.due('b1');
SELECT name, kind FROM test.claim(5);
TABLE pg_temp.waits;
SELECT name, regexp_replace(reason, 'at 20.* UTC', 'at <time>') AS reason, remedy FROM leap.stuck WHERE name = 'b8';
-- of one whose try failed it is told when the next comes
SELECT next_attempt_at = s.run_at AS told, s.gate FROM leap.recordings r JOIN leap.task_scheduled s ON s.recording_id = r.id WHERE r.display_name = 'b1';

-- after the cool-down one may try, and only one
SELECT pg_temp.cooled_down();
SELECT leap.promote_due();
SELECT count(*) FROM test.claim(5);
SELECT state, retry_in, waiting FROM pg_temp.circuit;
SELECT pg_temp.url('b9', 'https://sick.org/9');
SELECT count(*) FROM test.claim(5);
-- it is handed back without a verdict: it, or another one, may
CREATE FUNCTION pg_temp.probe() RETURNS test.leases LANGUAGE sql AS $$
    SELECT l FROM leap.circuits c JOIN test.leases l ON l.task = c.probe::text WHERE c.platform = 'url:sick.org' $$;
SELECT leap.hand_back(m.worker, m.secret, ARRAY[p.task], ARRAY[p.fence]) FROM test.me m, pg_temp.probe() p;
SELECT count(*) FROM test.claim(5);
-- it says nothing of the platform: the same; it fails: open again, for twice as long
SELECT leap.fail(p.task, p.fence, '{"class": "input", "code": "test", "message": "no video"}') FROM pg_temp.probe() p;
SELECT pg_temp.cooled_down();
SELECT leap.promote_due();
SELECT count(*) FROM test.claim(5);
SELECT leap.fail(p.task, p.fence, '{"class": "transient", "code": "test", "message": "still no answer"}') FROM pg_temp.probe() p;
TABLE pg_temp.circuit;
-- one that has run since before does not make it worse
SELECT test.fail('download', 'b6', 'transient', 'late');
TABLE pg_temp.circuit;
-- a probe that takes longer than the cool-down is followed by another
SELECT pg_temp.url('b91', 'https://sick.org/91'), pg_temp.url('b92', 'https://sick.org/92');
SELECT pg_temp.cooled_down();
SELECT leap.promote_due();
SELECT count(*) FROM test.claim(5);
UPDATE leap.circuits SET retry_at = clock_timestamp() WHERE state = 'half_open';
UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE gate_id IS NOT NULL;
SELECT leap.promote_due() > 0 AS due;
SELECT count(*) FROM test.claim(5);
SELECT state, waiting > 0 AS waiting FROM pg_temp.circuit;
-- the first success closes it, and those who wait may start
SELECT c.accepted FROM pg_temp.probe() p, leap.complete(jsonb_build_array(jsonb_build_object('task', p.task, 'fence', p.fence, 'result', '{}'::jsonb))) c;
TABLE pg_temp.circuit;
SELECT leap.promote_due() > 0 AS due;
SELECT count(*) > 0 AS starts FROM test.claim(5) WHERE kind = 'download';
SELECT count(*) FROM leap.task_scheduled WHERE gate_id IS NOT NULL;
SELECT count(leap.cancel_recording(r.id)) > 0 AS cancelled FROM leap.recordings r JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active' WHERE display_name ~ '^b\d';

-- failures further apart than the window are not in a row; 0 failures never open it
SELECT pg_temp.url('b1' || i, 'https://slow.org/' || i) FROM generate_series(1, 4) i;
SELECT count(*) FROM test.claim();
SELECT test.fail('download', 'b11', 'transient'), test.fail('download', 'b12', 'transient');
UPDATE leap.circuits SET failed_times = ARRAY(SELECT f - interval '11 min' FROM unnest(failed_times) f);
SELECT test.fail('download', 'b13', 'transient');
SELECT state, failures FROM pg_temp.circuit;
DELETE FROM leap.circuits;
SET leap.breaker_failures = 0;
SELECT test.fail('download', 'b14', 'transient');
SELECT count(*) FROM leap.circuits;
SET leap.breaker_failures = 3;
SELECT count(leap.cancel_recording(r.id)) > 0 AS cancelled FROM leap.recordings r JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active' WHERE display_name ~ '^b\d';

-- a platform that asks to come back later is left alone until then; with another credential it may be used
SELECT pg_temp.url('b2' || i, 'https://busy.org/' || i) FROM generate_series(1, 4) i;
UPDATE leap.recordings SET source = source || '{"credential_id": "mine"}' WHERE display_name IN ('b21', 'b22', 'b23');
SELECT name FROM test.claim(2);
SELECT leap.fail(l.task, l.fence, '{"class": "rate_limited", "code": "rate_limited", "message": "slow down", "retry_after": 600}') FROM test.leases l WHERE l.name = 'b21';
SELECT name FROM test.claim();
TABLE pg_temp.circuit;
SELECT name, state, attempt, failures, gate, reason FROM pg_temp.waits;
-- a success does not end the pause, its time or an operator does
SELECT test.complete('download', 'b22');
SELECT pg_temp.due('b23');
SELECT name FROM test.claim() WHERE name = 'b23';
SELECT * FROM test.error($$SELECT leap.close_breaker('url:busy.org')$$) \gx
SET ROLE leap_operator;
SELECT platform, credential, state, waiting FROM leap.breakers;
SELECT leap.close_breaker('url:busy.org', 'mine');
RESET ROLE;
SELECT who, action, resource_type, resource_id, before->>'state' AS state FROM leap.audit_logs WHERE resource_id = 'url:busy.org with credential mine';
SELECT name FROM test.claim() WHERE name = 'b23';
SELECT count(*) FROM leap.circuits;

-- uploads know their platform too; what has none never trips
SELECT t.kind, p.platform, p.credential FROM leap.tasks t JOIN leap.task_platforms(ARRAY[t.id]) p ON p.task = t.id WHERE t.recording_id = test.id('b22') ORDER BY t.id;
SELECT test.fail('trim', 'b22', 'transient');
SELECT count(*) FROM leap.circuits;
SELECT count(leap.cancel_recording(r.id)) > 0 AS cancelled FROM leap.recordings r JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active' WHERE display_name ~ '^b\d';
