-- What operators see: why a recording does not move, in words, and the switches of a queue.
SELECT test.connect();
SELECT leap.add_user('admin-view@example.org') IS NOT NULL AS added;
INSERT INTO leap.user_subscriptions (user_id, custom_limits) SELECT id, '{"concurrent_tasks": 1, "recordings_per_month": 9}' FROM leap.users WHERE email = 'admin-view@example.org';
SELECT test.start('v' || i, 'admin-view@example.org') FROM generate_series(1, 5) i;
CREATE VIEW pg_temp.why AS SELECT name, status, kind, state, regexp_replace(reason, ' at 20.* UTC', ' at <time>') AS reason, remedy
FROM leap.stuck WHERE name ~ '^v\d$' ORDER BY name;

-- a paused queue is not claimed, and says so
SELECT leap.pause_queue('upload', 'the disk is being changed');
SELECT count(*) FROM test.claim(10) WHERE name ~ '^v\d$';
TABLE pg_temp.why;
SELECT leap.resume_queue('upload');
SELECT * FROM test.error($$SELECT leap.pause_queue('beer')$$) \gx

-- one runs, one waits for its next try, one is held, the rest meet the user's limit
SELECT name FROM test.claim(10) WHERE name ~ '^v\d$';
SELECT test.fail('download', 'v1', 'transient', 'the line broke');
SELECT leap.pause_recording(test.id('v2'))->>'message';
SELECT count(*) FROM test.claim(10) WHERE name ~ '^v\d$';
TABLE pg_temp.why;
SELECT queue, ready, running, scheduled, blocked FROM leap.backlog WHERE "user" = 'admin-view@example.org' ORDER BY queue;
SELECT name, status, stage, class, code, message, hint, next_attempt_at IS NOT NULL AS waiting FROM leap.failures WHERE name ~ '^v\d$';
SELECT quota, unit, used, "limit", resets_at > now() AS resets FROM leap.limits WHERE "user" = 'admin-view@example.org' ORDER BY quota;

-- ready, and nothing is in its way; then all slots are taken
SELECT leap.set_quota('admin-view@example.org', 'concurrent_tasks', 'unlimited') ->> 'limit' AS "limit";
SELECT DISTINCT reason, remedy FROM pg_temp.why WHERE state = 'ready';
BEGIN;
UPDATE leap.workers SET slots = 1;
UPDATE leap.workers SET stopped_at = clock_timestamp() WHERE stopped_at IS NULL AND id <> (SELECT worker FROM test.me);
SELECT DISTINCT reason, remedy FROM pg_temp.why WHERE state = 'ready';
ROLLBACK;

-- nobody serves the queue
UPDATE leap.workers SET stopped_at = clock_timestamp() WHERE stopped_at IS NULL;
SELECT DISTINCT reason, remedy FROM pg_temp.why WHERE state = 'ready';
UPDATE leap.workers SET stopped_at = NULL WHERE id = (SELECT worker FROM test.me);
DELETE FROM leap.users WHERE email = 'admin-view@example.org';
