-- History: what people are told of a recording, in the order it happened.
SELECT test.connect();
SELECT leap.add_user('hist@example.org') IS NOT NULL AND leap.add_user('other@example.org') IS NOT NULL AS added;
SELECT test.start('h1', 'hist@example.org');
SELECT kind, attempt FROM test.claim(100) WHERE name = 'h1';
SELECT to_hex(fence::bigint & 65535) AS bits FROM test.leases WHERE name = 'h1' \gset
SELECT test.fail('download', 'h1', 'transient', 'the line broke');
SELECT leap.retry_recording(test.id('h1'))->>'message';
SELECT kind, attempt FROM test.claim(100) WHERE name = 'h1';
SELECT test.complete('download', 'h1', '{"facts": {"duration": 300, "has_audio": true, "has_video": true, "speech": "speech", "verdict": "ok"}}');
SET ROLE leap_operator;
SELECT leap.cancel_recording(id)->>'message' AS message FROM leap.recordings WHERE display_name = 'h1';
RESET ROLE;

-- who, what, from, to, attempt, the end of the fence, worker and error: no move is missing, none is told twice
CREATE VIEW pg_temp.story AS SELECT row_number() OVER (ORDER BY h.at, h.task) AS n, h.* FROM leap.history(test.id('h1')) h;
SELECT who = session_user AS by_me, entity, kind, event, from_state, to_state, attempt, fence IS NOT NULL AS fence, worker, error->>'message' AS error FROM pg_temp.story
WHERE (entity, coalesce(kind, 'download')) IN (('recording', 'download'), ('task', 'download')) ORDER BY n;
SELECT DISTINCT entity, kind, from_state, to_state FROM pg_temp.story WHERE (entity, kind) NOT IN (('task', 'download')) ORDER BY 1, 2, 3 NULLS FIRST;
SELECT DISTINCT fence = '..' || lpad(:'bits', 4, '0') AS as_in_the_log FROM pg_temp.story WHERE kind = 'download' AND attempt = 1 AND to_state = 'running';
SELECT s.entity, s.to_state, r.status FROM pg_temp.story s JOIN leap.recordings r ON r.id = test.id('h1') WHERE s.entity = 'recording' ORDER BY s.n DESC LIMIT 1;

-- continued from the last row's time, nothing is lost and nothing comes twice, even where one moment has many rows
CREATE FUNCTION test.pages(id uuid, most int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    total bigint := 0;
    n bigint;
    last timestamptz := '-infinity';
BEGIN
    LOOP
        SELECT count(*), max(h.at) INTO n, last FROM leap.history(id, last, most) h;
        total := total + n;
        EXIT WHEN n = 0;
    END LOOP;
    RETURN total;
END
$$;
SELECT test.pages(test.id('h1'), 1) = count(*) AS one_by_one, test.pages(test.id('h1'), 3) = count(*) AS by_threes, count(*) > 10 AS many FROM pg_temp.story;

-- the worker is forgotten a day after it stopped: its id remains
SELECT DISTINCT worker FROM leap.history(test.id('h1')) WHERE worker IS NOT NULL;
BEGIN;
SET LOCAL session_replication_role = replica;
DELETE FROM leap.workers;
SELECT count(DISTINCT worker::uuid) AS ids FROM leap.history(test.id('h1')) WHERE worker IS NOT NULL;
ROLLBACK;

-- behind the wall: one's own, and another's is unknown
SELECT test.id('h1') AS id \gset
BEGIN;
SELECT test.become('hist@example.org');
SELECT count(*) > 10 AS own FROM leap.history(:'id');
SELECT jsonb_array_length(leap.recording_detail(:'id') -> 'tasks') > 0 AS detail;
SELECT test.become('other@example.org');
SELECT count(*) AS others FROM leap.task_events;
SELECT e.code, e.message FROM test.error(format('SELECT * FROM leap.history(%L)', :'id')) e;
ROLLBACK;
SELECT e.code, e.message, e.hint FROM test.error($$SELECT * FROM leap.history('018f0000-0000-7000-8000-000000000000')$$) e;
-- a removed recording's history stays as long as histories are kept
DELETE FROM leap.users WHERE email IN ('hist@example.org', 'other@example.org');
SELECT count(*) > 10 AS kept FROM leap.history(:'id');
