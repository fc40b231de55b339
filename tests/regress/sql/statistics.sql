-- Statistics: every attempt once, totals that agree with the truth, and what people are told.
SELECT test.connect();
-- what has happened before is taken over: levels are the tasks there are
SELECT leap.roll_statistics() >= 0 AS begun, leap.recount_tasks() >= 0 AS counted;
CREATE VIEW test.level_differences AS
SELECT coalesce(t.kind, l.kind) AS kind, coalesce(t.state, l.state) AS state, t.tasks AS truth, l.tasks AS level
FROM (SELECT kind, state, count(*) AS tasks FROM leap.tasks WHERE state IN ('blocked', 'ready', 'scheduled', 'running') GROUP BY kind, state) t
FULL JOIN (SELECT * FROM leap.task_levels WHERE tasks <> 0) l ON (t.kind, t.state) = (l.kind, l.state)
WHERE t.tasks IS DISTINCT FROM l.tasks;
SELECT * FROM test.level_differences;
SELECT clock_timestamp() AS began \gset
CREATE TABLE test.moves_before AS SELECT * FROM leap.task_moves;
CREATE TABLE test.durations_before AS SELECT * FROM leap.task_durations;

-- one that succeeds at the second try, one that fails for good, one that is cancelled while it runs
SELECT test.start('stat1', 'stat@example.org'), test.start('stat2', 'stat@example.org'), test.start('stat3', 'stat@example.org');
SELECT count(*) FROM test.claim(100) WHERE name LIKE 'stat_';
SELECT test.fail('download', 'stat1', 'transient', 'the line broke'), test.fail('download', 'stat2', 'input', 'no lecture');
-- the claim is added up before its end is there
SELECT leap.roll_statistics() > 0 AS rolled;
SELECT leap.cancel_recording(test.id('stat3'))->>'message' AS message;
SELECT leap.retry_recording(test.id('stat1'))->>'message' AS message;
SELECT test.advance('stat1', 'none');
SELECT leap.roll_statistics() > 0 AS rolled, leap.roll_statistics() AS nothing_new;
SELECT * FROM test.level_differences;
SELECT name, a.kind, a.platform, a.attempt, a.outcome, a.seconds IS NOT NULL AS timed, a.waited IS NOT NULL AS waiting_known, a.lecture, a.class, a.code, a.message
FROM leap.task_attempts a JOIN (SELECT id, display_name AS name FROM leap.recordings) r ON r.id = a.recording_id
WHERE name LIKE 'stat_' ORDER BY name, a.at;

-- however it is cut, each event is added once
SELECT test.start('stat4', 'stat@example.org');
SELECT test.advance('stat4', 'none');
DO $$
BEGIN
    FOR i IN 1..1000 LOOP
        EXIT WHEN leap.roll_statistics(3) = 0;
    END LOOP;
END $$;
SELECT * FROM test.level_differences;
SELECT count(*) AS doubled FROM (SELECT task, attempt FROM leap.task_attempts WHERE at > :'began' GROUP BY task, attempt HAVING count(*) > 1) x;
SELECT e.kind, e.to_state, e.event, e.n AS events, m.n AS added FROM (
    SELECT kind, to_state, event, count(*) AS n FROM leap.task_events WHERE entity = 'task' AND at > :'began' GROUP BY 1, 2, 3) e
FULL JOIN (SELECT m.kind, m.to_state, m.event, sum(m.total - coalesce(b.total, 0)) AS n FROM leap.task_moves m
    LEFT JOIN test.moves_before b USING (kind, from_state, to_state, event) GROUP BY 1, 2, 3 HAVING sum(m.total - coalesce(b.total, 0)) > 0) m USING (kind, to_state, event)
WHERE e.n IS DISTINCT FROM m.n;
-- histograms only grow from bound to bound, and count what succeeded
SELECT d.kind, d.measure, bool_and(d.rising) AS rising, sum(d.n) FILTER (WHERE d.le = 'Infinity') AS added,
       (SELECT count(*) FROM leap.task_attempts a WHERE a.kind = d.kind AND a.at > :'began' AND CASE d.measure WHEN 'run' THEN a.outcome = 'succeeded' ELSE a.waited IS NOT NULL END) AS attempts
FROM (SELECT x.*, x.total - coalesce(b.total, 0) AS n, x.total >= lag(x.total, 1, 0::bigint) OVER (PARTITION BY x.kind, x.measure ORDER BY x.le) AS rising
      FROM leap.task_durations x LEFT JOIN test.durations_before b USING (kind, measure, le)) d
GROUP BY d.kind, d.measure HAVING sum(d.n) > 0 ORDER BY 1, 2;

-- what goes without a move is found by the recount
SELECT leap.recount_tasks() AS right_already;
INSERT INTO leap.task_levels AS l VALUES ('download', 'ready', 5) ON CONFLICT (kind, state) DO UPDATE SET tasks = l.tasks + 5;
SELECT leap.recount_tasks() AS mended, leap.recount_tasks() AS right_again;
SELECT * FROM test.level_differences;

-- a tenant sees his own, whoever he names; operators see everybody's, or whom they name
SELECT leap.set_plan('statplan', '{"recordings_per_month": 4}')->>'plan' AS plan, leap.subscribe('stat@example.org', 'statplan')->>'user' AS subscriber;
SELECT id AS me FROM leap.users WHERE email = 'stat@example.org' \gset
UPDATE leap.users SET timezone = 'Pacific/Kiritimati' WHERE email = 'stat@example.org';
-- what failed in the very same moment for others stays theirs
INSERT INTO leap.task_attempts (at, task, user_id, recording_id, kind, outcome, class, code, message)
SELECT a.at, 0, leap.uuid7(), leap.uuid7(), a.kind, a.outcome, a.class, a.code, 'of somebody else' FROM leap.task_attempts a WHERE a.user_id = :'me' AND a.class IS NOT NULL;
WITH mine AS (DELETE FROM leap.task_attempts a WHERE a.user_id = :'me' AND a.class IS NOT NULL RETURNING *) INSERT INTO leap.task_attempts SELECT * FROM mine;
BEGIN;
SELECT set_config('request.jwt.claims', format('{"sub": "%s"}', :'me'), true) IS NOT NULL AS speaks;
SET LOCAL ROLE leap_user;
SELECT s->'recordings' AS recordings, s->'runs' AS runs, s->'transcription_seconds' AS seconds, s->>'timezone' AS zone FROM leap.user_stats() s;
SELECT x->>'kind' AS kind, x->>'stage' AS stage, x->'attempts' AS attempts, x->'succeeded' AS succeeded, x->'failed' AS failed, x->'retried' AS retried,
       (x#>>'{seconds,p50}')::float8 <= (x#>>'{seconds,max}')::float8 AS ordered, x->'seconds_per_lecture_hour' <> 'null' AS per_hour
FROM leap.stage_stats() s, jsonb_array_elements(s->'stages') x;
SELECT x - 'last_at' - 'last_recording' AS failure FROM leap.failure_stats() s, jsonb_array_elements(s->'failures') x;
SELECT f.code, f.message FROM (VALUES ('leap.user_stats(''hist@example.org'')'), ('leap.stage_stats(NULL, NULL, ''hist@example.org'')'), ('leap.failure_stats(NULL, NULL, ''hist@example.org'')'),
    ('leap.platform_stats()'), ('leap.users_stats()'), ('leap.quota_stats()'), ('leap.user_stats(NULL, ''2026-02-02'', ''2026-02-01'')')) AS c (call),
    LATERAL test.error('SELECT ' || c.call) f;
COMMIT;
DELETE FROM leap.task_attempts WHERE message = 'of somebody else';
SET ROLE leap_operator;
SELECT s#>'{recordings,total}' AS recordings FROM leap.user_stats('stat@example.org') s;
SELECT jsonb_array_length(s->'failures') > 1 AS of_everybody FROM leap.failure_stats() s;
SELECT s->'users_by_plan'->'statplan' AS subscribers, (s#>'{recordings,total}')::int > 10 AS recordings, (s->>'exceeding')::int >= 1 AS exceeding FROM leap.platform_stats() s;
SELECT u->>'email' AS email, u->>'plan' AS plan, u->'recordings' AS recordings, u->'failed' AS failed, u->'quotas'->'recordings_per_month' AS quota, u->'exceeded' AS exceeded, s->'cursor' AS more
FROM leap.users_stats(plan => 'statplan') s, jsonb_array_elements(s->'users') u;
SELECT bool_and(jsonb_array_length(u->'exceeded') > 0) AS all_exceed FROM leap.users_stats(true) s, jsonb_array_elements(s->'users') u;
SELECT q->>'quota' AS quota, (q->>'reached')::int >= 1 AS reached, (q->>'users')::int > 1 AS users FROM leap.quota_stats() s, jsonb_array_elements(s->'quotas') q WHERE q->>'quota' = 'recordings_per_month';
RESET ROLE;
SELECT code, message, hint FROM test.error($$SELECT leap.users_stats("cursor" => 'x')$$);
SELECT code, message FROM test.error($$SELECT leap.users_stats("limit" => 0)$$);
SELECT code, message FROM test.error($$SELECT leap.users_stats(plan => 'no such')$$);
-- pages go on where the last one ended, and end
WITH RECURSIVE page AS (
    SELECT leap.users_stats("limit" => 3) AS p
    UNION ALL SELECT leap.users_stats("limit" => 3, "cursor" => p->>'cursor') FROM page WHERE p->>'cursor' IS NOT NULL)
SELECT count(DISTINCT u->>'id') = (SELECT count(*) FROM leap.users) AS everybody, count(*) = count(DISTINCT u->>'id') AS once FROM page, jsonb_array_elements(p->'users') u;

-- a day is the user's, and both days belong to the period: what was added at noon of 10 March 2030 UTC is of the 11th for him
UPDATE leap.recordings SET created_at = '2030-03-10 12:00+00' WHERE display_name = 'stat1' AND user_id = :'me';
SELECT d.day, leap.user_stats(:'me', d.day, d.day)#>'{recordings,total}' AS recordings FROM (VALUES (date '2030-03-10'), ('2030-03-11'), ('2030-03-12')) AS d (day);

-- an older snapshot would miss what is committed meanwhile
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT code, message FROM test.error('SELECT leap.roll_statistics()');
COMMIT;

-- a message is a call as well
SELECT leap.platform_type('notify', NULL, NULL, NULL, 'email'), leap.platform_type('sync', NULL, NULL, 'INBOX', NULL),
       leap.platform_type('download', NULL, '{"type": "url", "url": "https://example.org:8080/a"}', NULL, NULL), leap.platform_type('trim', 'LIBRARY', '{}', NULL, NULL);
