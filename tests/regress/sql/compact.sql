-- Queues that are mostly dead rows are written anew; what is in them stays, in its order.
SELECT test.connect();
SELECT test.start('c' || i) FROM generate_series(1, 3) i;
CREATE TEMP TABLE before AS SELECT * FROM leap.task_ready;

-- three thousand come and go, and no vacuum comes by
ALTER TABLE leap.task_ready SET (autovacuum_enabled = off);
INSERT INTO leap.task_ready (queue, lane, prio, task, recording_id, counted)
SELECT 'upload', 999, 0, -i, NULL, true FROM generate_series(1, 3000) i;
DELETE FROM leap.task_ready WHERE lane = 999;
SELECT pg_stat_force_next_flush();
SELECT pg_stat_get_dead_tuples('leap.task_ready'::regclass) > 2000 AS dead, pg_relation_size('leap.task_ready') > 100000 AS large;
SELECT leap.compact_queues();
SELECT pg_relation_size('leap.task_ready') < 20000 AS small;
SELECT count(*) AS lost FROM (TABLE before EXCEPT TABLE leap.task_ready) x;
SELECT count(*) AS added FROM (TABLE leap.task_ready EXCEPT TABLE before) x;
SELECT pg_stat_force_next_flush();
SELECT leap.compact_queues() AS again;
-- the next task still comes last
SELECT test.start('c4');
SELECT max(r.seq) = (SELECT x.seq FROM leap.task_ready x JOIN leap.tasks t ON t.id = x.task WHERE t.recording_id = test.id('c4')) AS last
FROM leap.task_ready r;

ALTER TABLE leap.task_ready RESET (autovacuum_enabled);

-- a claim starts counting at the oldest lease that lives, and still counts all
SET leap.default_max_concurrent_tasks = 2;
CREATE FUNCTION pg_temp.floor() RETURNS bigint LANGUAGE sql AS
$$ SELECT leap.lease_floor(u.lane) FROM leap.users u JOIN leap.recordings r ON r.user_id = u.id WHERE r.id = test.id('c1') $$;
SELECT pg_temp.floor() AS unknown;
SELECT * FROM test.claim();
SELECT pg_temp.floor() = (SELECT min(no) FROM leap.task_lease) AS at_the_oldest;
SELECT * FROM test.claim();
SELECT test.complete('download', 'c1');
SELECT * FROM test.claim();
SELECT pg_temp.floor() = (SELECT min(no) FROM leap.task_lease) AS at_the_oldest, count(*) AS running FROM leap.task_lease;
-- what an undone transaction saw is forgotten: its completion did not happen
BEGIN;
SELECT test.complete('download', 'c2'), test.complete('download', 'c3');
SELECT * FROM test.claim();
ROLLBACK;
SELECT * FROM test.claim();
SELECT count(*) AS running FROM leap.task_lease;
RESET leap.default_max_concurrent_tasks;
SELECT count(leap.delete_recording(id)) FROM leap.recordings WHERE display_name ~ '^c[1-4]$';
