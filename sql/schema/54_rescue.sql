-- Rescue: what a dead worker held runs again, and what was put off becomes due.
--
-- A worker is dead when its heartbeat is older than leap.worker_timeout, or when its session ended (nobody holds
-- its advisory lock) and it did not come back within leap.rescue_grace. Right after a start or crash of the server
-- every session is gone: for leap.start_grace only heartbeats count. A rescue counts towards quarantine.

-- Looked up, not tried: a worker that asks holds its own lock, and trying would succeed.
CREATE OR REPLACE FUNCTION leap.sessions_alive()
RETURNS int[] LANGUAGE sql AS $$
    SELECT coalesce(array_agg(l.objid::int), '{}') FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.classid = leap.worker_key()::oid AND l.objsubid = 2 AND l.granted
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
$$;
COMMENT ON FUNCTION leap.sessions_alive() IS
'The numbers of the workers whose lock a session holds.';

-- After a crash the server recovers without a new postmaster: what tells is that it forgot its statistics.
CREATE OR REPLACE FUNCTION leap.server_started_at()
RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT greatest(pg_postmaster_start_time(), pg_stat_get_bgwriter_stat_reset_time())
$$;
COMMENT ON FUNCTION leap.server_started_at() IS
'When all sessions of this server last ended: its start, or its recovery from a crash. Resetting its statistics looks the same; rescue then only waits for heartbeats a little longer.';

-- One statement that writes nothing while everybody is well: it runs several times a second.
CREATE OR REPLACE FUNCTION leap.watch_sessions()
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := clock_timestamp();
    silent timestamptz := at - leap.setting('leap.worker_timeout')::int * interval '1 s';
    too_late timestamptz := at - leap.setting('leap.rescue_grace')::int * interval '1 ms';
    fresh boolean := leap.server_started_at() > at - leap.setting('leap.start_grace')::int * interval '1 s';
    alive int[] := leap.sessions_alive();
BEGIN
    UPDATE leap.workers w
    SET gone_at = CASE WHEN w.beat_at >= silent AND (fresh OR w.no = ANY (alive)) THEN NULL ELSE coalesce(w.gone_at, at) END,
        stopped_at = CASE WHEN w.beat_at < silent OR (NOT fresh AND w.no <> ALL (alive) AND w.gone_at < too_late) THEN at END
    FROM (SELECT x.id FROM leap.workers x
          WHERE x.stopped_at IS NULL
            AND CASE WHEN x.beat_at < silent THEN true
                     WHEN fresh OR x.no = ANY (alive) THEN x.gone_at IS NOT NULL
                     ELSE x.gone_at IS NULL OR x.gone_at < too_late END
          -- whose row is locked just says that he lives, or another one looks at him
          FOR NO KEY UPDATE SKIP LOCKED) v
    WHERE w.id = v.id;
END
$$;
COMMENT ON FUNCTION leap.watch_sessions() IS 'Finds workers whose session or heartbeat ended and, after the grace, declares them dead.';

CREATE OR REPLACE FUNCTION leap.quarantine(ids bigint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    t leap.tasks;
BEGIN
    FOR t IN SELECT * FROM leap.tasks WHERE id = ANY (ids) AND recording_id IS NOT NULL
             AND rescues >= leap.setting('leap.max_rescues')::int ORDER BY id LOOP
        -- a hold that ends without anybody having looked at the task gives way
        UPDATE leap.recordings SET hold = NULL, hold_message = NULL, held_by = NULL, held_at = NULL
        WHERE id = t.recording_id AND hold IN ('paused', 'quota');
        PERFORM leap.hold(ARRAY[t.recording_id], 'quarantine',
            format('The worker died %s times while it ran the task %s of this recording.', t.rescues, t.kind), 'leap');
    END LOOP;
    PERFORM leap.drop_errand(e, jsonb_build_object('class', 'permanent', 'code', 'quarantine',
        'message', format('The worker died %s times while it ran this task.', e.rescues), 'hint', 'Look at the log of the worker.'))
    FROM leap.tasks e WHERE e.id = ANY (ids) AND e.recording_id IS NULL AND e.rescues >= leap.setting('leap.max_rescues')::int;
END
$$;
COMMENT ON FUNCTION leap.quarantine(bigint[]) IS
'Holds the recordings of tasks that took too many workers with them, also those that are paused or wait for a quota; the caller holds their locks. Errands that did so end.';

CREATE OR REPLACE FUNCTION leap.rescue(most int = 100)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    dead bigint[];
    locked uuid[];
BEGIN
    PERFORM leap.watch_sessions();
    dead := ARRAY(SELECT l.task FROM leap.task_lease l LEFT JOIN leap.workers w ON w.id = l.worker_id
                  WHERE w.id IS NULL OR w.stopped_at IS NOT NULL OR l.deadline < clock_timestamp()
                  ORDER BY l.task LIMIT most);
    IF cardinality(dead) = 0 THEN
        RETURN 0;
    END IF;
    PERFORM set_config('synchronous_commit', 'on', true);
    locked := ARRAY(SELECT r.id FROM leap.recordings r
                    WHERE r.id IN (SELECT t.recording_id FROM leap.tasks t WHERE t.id = ANY (dead))
                    ORDER BY r.id FOR NO KEY UPDATE SKIP LOCKED);
    dead := ARRAY(SELECT l.task FROM leap.task_lease l JOIN leap.tasks t ON t.id = l.task
                  WHERE l.task = ANY (dead) AND (t.recording_id IS NULL OR t.recording_id = ANY (locked))
                  ORDER BY l.task FOR UPDATE OF l SKIP LOCKED FOR NO KEY UPDATE OF t SKIP LOCKED);
    PERFORM leap.ring(leap.give_back(dead, 'rescue'));
    PERFORM leap.quarantine(dead);
    RETURN cardinality(dead);
END
$$;
COMMENT ON FUNCTION leap.rescue(int) IS
'Readies the tasks of dead workers and of leases past their deadline again, at most so many; returns how many. Their old fences are refused from then on.';

CREATE OR REPLACE FUNCTION leap.promote_due(most int = 500)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    due bigint[];
    locked uuid[];
BEGIN
    IF EXISTS (SELECT FROM leap.task_scheduled s WHERE s.gate_id IS NOT NULL) THEN
        PERFORM leap.wake_waiting();
    END IF;
    due := ARRAY(SELECT s.task FROM leap.task_scheduled s WHERE s.run_at <= clock_timestamp()
                 ORDER BY s.run_at, s.task LIMIT most);
    IF cardinality(due) = 0 THEN
        RETURN 0;
    END IF;
    locked := ARRAY(SELECT r.id FROM leap.recordings r
                    WHERE r.id IN (SELECT s.recording_id FROM leap.task_scheduled s WHERE s.task = ANY (due))
                    ORDER BY r.id FOR NO KEY UPDATE SKIP LOCKED);
    due := ARRAY(SELECT s.task FROM leap.task_scheduled s
                 WHERE s.task = ANY (due) AND (s.recording_id IS NULL OR s.recording_id = ANY (locked))
                 ORDER BY s.task FOR UPDATE SKIP LOCKED);
    DELETE FROM leap.task_scheduled WHERE task = ANY (due);
    WITH now_ready AS (
        UPDATE leap.tasks t SET state = leap.move('due', 'ready') WHERE t.id = ANY (due) AND t.state = 'scheduled'
        RETURNING t.*),
    put AS (
        INSERT INTO leap.task_ready (queue, lane, prio, task, recording_id, counted)
        SELECT n.queue, n.lane, n.prio, n.id, n.recording_id, k.counted
        FROM now_ready n JOIN leap.task_kinds k USING (kind) ORDER BY n.id
        RETURNING queue)
    SELECT count(leap.ring(q.all_queues)) INTO STRICT most
    FROM (SELECT array_agg(DISTINCT queue) AS all_queues FROM put) q WHERE q.all_queues IS NOT NULL;
    RETURN cardinality(due);
END
$$;
COMMENT ON FUNCTION leap.promote_due(int) IS
'Readies scheduled tasks whose time has come, at most so many; returns how many.';

-- Together the workers look four times a second, however many they are, and each at least in every poll.
CREATE OR REPLACE FUNCTION leap.housekeep()
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    together CONSTANT int := 250;
    again int;
BEGIN
    IF leap.setting('leap.bell') = 'cron' THEN
        RETURN '{}';
    END IF;
    again := least(together * (SELECT count(*) FROM leap.workers w WHERE w.stopped_at IS NULL), leap.setting('leap.poll_interval')::int);
    -- one at a time is enough, and nobody waits for it
    IF NOT pg_try_advisory_xact_lock(leap.tick_key(), 1) THEN
        RETURN jsonb_build_object('again_ms', again);
    END IF;
    RETURN jsonb_build_object('rescued', leap.rescue(), 'due', leap.promote_due(), 'compacted', leap.compact_queues(), 'again_ms', again)
        || CASE WHEN leap.bell_waits() THEN '{"ring": true}' ELSE '{}' END::jsonb;
END
$$;
COMMENT ON FUNCTION leap.housekeep() IS
'Rescue, due tasks and small queues, called by every worker all the time; does nothing where leap.bell = cron. Returns {rescued, due, compacted, again_ms}: after so many milliseconds this worker should call again; with ring = true it is this worker''s turn to call leap.tick().';
