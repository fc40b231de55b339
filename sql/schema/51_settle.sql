-- Where recordings stand follows from the tasks of their runs: one place draws the conclusion, for any number at once.
--
-- The caller holds the locks of the recordings (FOR NO KEY UPDATE). Lock order: recording -> tasks -> ready/lease/scheduled.

-- NOTIFY once a transaction: the payload is constant, so the server keeps one of equals.
CREATE OR REPLACE FUNCTION leap.ring(queues text[])
RETURNS void LANGUAGE sql AS $$
    SELECT pg_notify('leap_' || q, '') FROM unnest(queues) q GROUP BY q
$$;
COMMENT ON FUNCTION leap.ring(text[]) IS
'Tells the workers of these queues to look for work. A doorbell: it carries no data.';

-- The next single move of each recording, if its tasks call for one.
CREATE OR REPLACE FUNCTION leap.next_moves(recording_ids uuid[], how text)
RETURNS TABLE (id uuid, event text, to_status text, passed boolean) LANGUAGE sql STABLE AS $$
    SELECT m.* FROM (
        SELECT r.id,
               CASE WHEN t.state IN ('running', 'done') AND r.status = s.before_status THEN 'step'
                    WHEN t.state IN ('running', 'done') AND r.status = 'FAILED' THEN 'retry'
                    WHEN t.state = 'running' AND r.status IN ('READY', 'UPLOADED') THEN 'publish'
                    WHEN t.state = 'done' AND r.status = s.during_status THEN 'step'
                    WHEN t.state = 'failed' AND r.status IN (s.before_status, s.during_status) THEN 'step'
                    WHEN t.state = 'waiting' AND r.status = s.during_status AND how <> 'step' THEN how
               END,
               CASE t.state WHEN 'failed' THEN 'FAILED'
                            WHEN 'waiting' THEN s.before_status
                            WHEN 'done' THEN CASE r.status WHEN s.during_status THEN s.after_status ELSE s.during_status END
                            ELSE s.during_status END,
               t.state = 'done' AND r.status = s.during_status
        FROM leap.recordings r
        JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active'
        JOIN leap.stages() s ON r.status IN (s.before_status, s.during_status)
                             OR (r.status = 'FAILED' AND s.stage = r.failed_at_stage)
                             OR (r.status IN ('READY', 'UPLOADED') AND s.stage = 'upload')
        CROSS JOIN LATERAL (
            SELECT CASE WHEN count(*) = 0 THEN 'none'
                        WHEN bool_or(x.state = 'running') THEN 'running'
                        WHEN bool_or(x.state IN ('ready', 'scheduled')) THEN 'waiting'
                        WHEN bool_or(x.state = 'failed') THEN 'failed'
                        WHEN bool_or(x.state IN ('blocked', 'cancelled')) THEN 'waiting'
                        ELSE 'done' END AS state
            FROM leap.tasks x WHERE x.run_id = u.id AND x.stage = s.stage) t
        WHERE r.id = ANY (recording_ids)) m (id, event, to_status, passed)
    WHERE m.event IS NOT NULL
$$;
COMMENT ON FUNCTION leap.next_moves(uuid[], text) IS
'The next move of each of these recordings according to the tasks of its active run: event, status, and whether it is past the stage (its failures are then forgotten). how is the event that ends a stage nobody works on: step (leave it), rollback, release or cancel.';

-- Cancels what is left of runs, leases included (their fences are then stale).
CREATE OR REPLACE FUNCTION leap.drop_tasks(run_ids uuid[], reason text)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[] := ARRAY(SELECT id FROM leap.tasks WHERE run_id = ANY (run_ids)
                          AND state IN ('blocked', 'scheduled', 'ready', 'running') ORDER BY id FOR NO KEY UPDATE);
BEGIN
    IF cardinality(ids) > 0 THEN
        DELETE FROM leap.task_ready WHERE task = ANY (ids);
        DELETE FROM leap.task_lease WHERE task = ANY (ids);
        DELETE FROM leap.task_scheduled WHERE task = ANY (ids);
        UPDATE leap.tasks SET state = leap.move('cancel', 'cancelled'), finished_at = clock_timestamp(), skip_reason = reason
        WHERE id = ANY (ids);
    END IF;
    RETURN cardinality(ids);
END
$$;
COMMENT ON FUNCTION leap.drop_tasks(uuid[], text) IS
'Cancels every task of these runs that has not ended and revokes its leases; returns how many.';

-- A run whose tasks have all ended has ended.
CREATE OR REPLACE FUNCTION leap.settle_runs(recording_ids uuid[])
RETURNS void LANGUAGE sql AS $$
    WITH ended AS (
        UPDATE leap.runs u SET state = e.state, finished_at = clock_timestamp()
        FROM (SELECT t.run_id, CASE WHEN bool_or(t.state = 'failed') THEN 'failed'
                                    WHEN bool_or(t.state = 'cancelled') THEN 'cancelled'
                                    ELSE 'finished' END AS state
              FROM leap.runs a JOIN leap.tasks t ON t.run_id = a.id
              WHERE a.recording_id = ANY (recording_ids) AND a.state = 'active'
              GROUP BY t.run_id
              HAVING bool_and(t.state IN ('succeeded', 'failed', 'skipped', 'cancelled'))) e
        WHERE u.id = e.run_id
        RETURNING u.recording_id, u.state)
    UPDATE leap.recordings r SET status = leap.move('finish', 'READY'), updated_at = now()
    FROM ended e
    WHERE r.id = e.recording_id AND e.state = 'finished' AND r.status = 'TRANSCRIBED'
      AND NOT EXISTS (SELECT FROM leap.output_targets o WHERE o.recording_id = r.id)
$$;
COMMENT ON FUNCTION leap.settle_runs(uuid[]) IS
'Ends the active runs of these recordings whose last task has ended; a recording without targets is then READY.';

CREATE OR REPLACE FUNCTION leap.settle(recording_ids uuid[], how text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    failed_runs uuid[];
BEGIN
    -- each round moves every recording by one step; a stage that is off is walked through
    LOOP
        UPDATE leap.recordings r
        SET status = leap.move(n.event, n.to_status), updated_at = now(),
            failed = n.to_status = 'FAILED' OR r.failed AND NOT n.passed,
            failed_at = CASE WHEN NOT n.passed THEN r.failed_at END,
            failed_at_stage = CASE WHEN NOT n.passed THEN r.failed_at_stage END,
            error = CASE WHEN NOT n.passed THEN r.error END,
            next_attempt_at = CASE WHEN NOT n.passed AND n.to_status <> 'FAILED' THEN r.next_attempt_at END
        FROM leap.next_moves(recording_ids, how) n WHERE r.id = n.id;
        EXIT WHEN NOT FOUND;
    END LOOP;
    -- what comes after a hopeless stage will never be needed in this run
    failed_runs := ARRAY(SELECT u.id FROM leap.recordings r JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active'
                         WHERE r.id = ANY (recording_ids) AND r.status = 'FAILED'
                           AND EXISTS (SELECT FROM leap.tasks t WHERE t.run_id = u.id AND t.state = 'failed'));
    IF cardinality(failed_runs) > 0 THEN
        PERFORM leap.drop_tasks(failed_runs, 'an earlier task failed');
    END IF;
    PERFORM leap.settle_runs(recording_ids);
END
$$;
COMMENT ON FUNCTION leap.settle(uuid[], text) IS
'Draws the conclusion from the tasks of the active runs of these recordings, whose locks the caller holds: moves them through their stages and ends the runs that are over. how: step, rollback, release or cancel.';
-- Frees the tasks that waited for these: into the ready table if nothing else keeps them and nobody holds the recording.
CREATE OR REPLACE FUNCTION leap.release_successors(done bigint[])
RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    freed bigint[];
BEGIN
    UPDATE leap.tasks t SET deps_left = t.deps_left - e.n
    FROM (SELECT to_task, count(*)::smallint AS n FROM leap.task_edge WHERE from_task = ANY (done) GROUP BY to_task) e
    WHERE t.id = e.to_task AND t.state = 'blocked';
    freed := ARRAY(SELECT t.id FROM leap.tasks t JOIN leap.task_edge e ON e.to_task = t.id
                   WHERE e.from_task = ANY (done));
    RETURN leap.make_ready(freed);
END
$$;
COMMENT ON FUNCTION leap.release_successors(bigint[]) IS
'Counts finished tasks off their successors and readies those that wait for nothing more; returns their queues.';

CREATE OR REPLACE FUNCTION leap.make_ready(ids bigint[])
RETURNS text[] LANGUAGE sql AS $$
    WITH freed AS (
        UPDATE leap.tasks t SET state = leap.move('release', 'ready')
        WHERE t.id = ANY (ids) AND t.state = 'blocked' AND t.deps_left = 0
          AND NOT EXISTS (SELECT FROM leap.recordings r WHERE r.id = t.recording_id AND r.hold IS NOT NULL)
        RETURNING t.*),
    put AS (
        INSERT INTO leap.task_ready (queue, lane, prio, task, recording_id, counted)
        SELECT f.queue, f.lane, f.prio, f.id, f.recording_id, k.counted
        FROM freed f JOIN leap.task_kinds k USING (kind) ORDER BY f.id
        RETURNING queue)
    SELECT coalesce(array_agg(queue), '{}') FROM put
$$;
COMMENT ON FUNCTION leap.make_ready(bigint[]) IS
'Readies those of the blocked tasks that wait for nothing and whose recording is not held; returns their queues, one entry a task.';
