-- Where recordings stand follows from the tasks of their runs: one place draws the conclusion, for any number at once.
--
-- The caller holds the locks of the recordings (FOR NO KEY UPDATE). Lock order: recording -> tasks -> ready/lease/scheduled.
-- What every claim and result calls is PL/pgSQL even where it is one statement: its plans are kept, those of SQL functions are not.

-- NOTIFY once a transaction: the payload is constant, so the server keeps one of equals.
CREATE OR REPLACE FUNCTION leap.ring(queues text[])
RETURNS void LANGUAGE sql AS $$
    SELECT pg_notify('leap_' || q, '') FROM unnest(queues) q GROUP BY q
$$;
COMMENT ON FUNCTION leap.ring(text[]) IS
'Tells the workers of these queues to look for work. A doorbell: it carries no data.';

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
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    changed uuid[];     -- whose topics a person changed meanwhile
BEGIN
    WITH ended AS (
        UPDATE leap.runs u SET state = e.state, finished_at = clock_timestamp()
        FROM (SELECT a.id, leap.run_state((SELECT bit_or(leap.task_bit(t.stage, t.state)) FROM leap.tasks t WHERE t.run_id = a.id)) AS state
              FROM leap.runs a WHERE a.recording_id = ANY (recording_ids) AND a.state = 'active') e
        WHERE u.id = e.id AND e.state <> 'active'
        RETURNING u.recording_id, u.state, u.topics_changed),
    ready AS (
        UPDATE leap.recordings r SET status = leap.move('finish', 'READY'), updated_at = now()
        FROM ended e
        WHERE r.id = e.recording_id AND e.state = 'finished' AND r.status = 'TRANSCRIBED'
          AND NOT EXISTS (SELECT FROM leap.output_targets o WHERE o.recording_id = r.id AND o.wanted))
    SELECT array_agg(e.recording_id ORDER BY e.recording_id) INTO changed FROM ended e WHERE e.topics_changed IS NOT NULL AND e.state = 'finished';
    IF changed IS NOT NULL THEN
        PERFORM leap.write_topics_again(changed);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.settle_runs(uuid[]) IS
'Ends the active runs of these recordings whose last task has ended; a recording without targets is then READY, and topics that were changed too late for the run are written by another.';

-- What comes after a hopeless stage will never be needed in this run.
CREATE OR REPLACE FUNCTION leap.drop_hopeless(recording_ids uuid[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.drop_tasks(ARRAY(SELECT u.id FROM leap.recordings r JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active'
                                  WHERE r.id = ANY (recording_ids) AND r.status = 'FAILED'
                                    AND EXISTS (SELECT FROM leap.tasks t WHERE t.run_id = u.id AND t.state = 'failed')),
                            'an earlier task failed');
END
$$;
COMMENT ON FUNCTION leap.drop_hopeless(uuid[]) IS 'Cancels what is left of the runs of recordings that have FAILED.';

-- A run may upload to some targets only. The others count for where the recording stands: one that FAILED as a failed
-- upload, one that is still to be published as one that was called off.
CREATE OR REPLACE FUNCTION leap.other_targets(recording uuid, run uuid)
RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((
        SELECT bit_or(leap.task_bit('upload', CASE o.status WHEN 'FAILED' THEN 'failed' ELSE 'cancelled' END))
        FROM leap.output_targets o
        WHERE o.recording_id = recording AND o.status IN ('FAILED', 'NOT_UPLOADED')
          AND o.removed_at IS NULL
          AND NOT EXISTS (SELECT FROM leap.tasks t WHERE t.run_id = run AND t.target_id = o.id)), 0);
END
$$;
COMMENT ON FUNCTION leap.other_targets(uuid, uuid) IS
'The bits (leap.task_bit) of the targets of a recording that are not published, but for those that were taken back, and that this run does not upload to.';

-- The moves of a claim or a result. A stage that is off is walked through: such recordings get another round.
CREATE OR REPLACE FUNCTION leap.move_recordings(recording_ids uuid[], how text)
RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE
    left_ids uuid[] := recording_ids;
    moving uuid[];
    events text[];
    statuses text[];
    passes boolean[];
    ended uuid[];
    over uuid[] := '{}';
    failing boolean := false;
BEGIN
    WHILE cardinality(left_ids) > 0 LOOP
        SELECT array_agg(n.id) FILTER (WHERE n.m IS NOT NULL), array_agg((n.m).event) FILTER (WHERE n.m IS NOT NULL),
               array_agg((n.m).to_status) FILTER (WHERE n.m IS NOT NULL), array_agg((n.m).passed) FILTER (WHERE n.m IS NOT NULL),
               array_agg(n.id) FILTER (WHERE (n.m).again), array_agg(n.id) FILTER (WHERE leap.run_state(n.states) <> 'active'),
               failing OR coalesce(bool_or((n.m).to_status = 'FAILED'), false)
        INTO moving, events, statuses, passes, left_ids, ended, failing
        FROM (SELECT s.id, s.states, leap.next_move(s.status, s.failed_at_stage, s.states, how) AS m
              FROM (SELECT r.id, r.status, r.failed_at_stage,
                           (SELECT bit_or(leap.task_bit(t.stage, t.state)) FROM leap.tasks t WHERE t.run_id = u.id)
                           | CASE WHEN r.status = 'UPLOADING' THEN leap.other_targets(r.id, u.id) ELSE 0 END AS states
                    FROM leap.recordings r JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active'
                    WHERE r.id = ANY (left_ids) OFFSET 0) s OFFSET 0) n;
        over := over || ended;
        EXIT WHEN moving IS NULL;
        UPDATE leap.recordings r
        SET status = leap.move(n.event, n.to_status), updated_at = now(),
            failed = n.to_status = 'FAILED' OR r.failed AND NOT n.passed,
            failed_at = CASE WHEN NOT n.passed THEN r.failed_at END,
            failed_at_stage = CASE WHEN n.to_status = 'FAILED' THEN coalesce(r.failed_at_stage, 'upload') WHEN NOT n.passed THEN r.failed_at_stage END,
            error = CASE WHEN n.to_status = 'FAILED' THEN coalesce(r.error, (SELECT o.error FROM leap.output_targets o
                                                                             WHERE o.recording_id = r.id AND o.status = 'FAILED' ORDER BY o.id LIMIT 1))
                         WHEN NOT n.passed THEN r.error END,
            next_attempt_at = CASE WHEN NOT n.passed AND n.to_status <> 'FAILED' THEN r.next_attempt_at END
        FROM unnest(moving, events, statuses, passes) AS n(id, event, to_status, passed)
        WHERE r.id = n.id;
        IF 'UPLOADED' = ANY (statuses) THEN
            PERFORM leap.raise_uploaded(ARRAY(SELECT n.id FROM unnest(moving, statuses) AS n(id, to_status) WHERE n.to_status = 'UPLOADED'));
        END IF;
    END LOOP;
    IF failing THEN
        PERFORM leap.drop_hopeless(recording_ids);
        over := recording_ids;
    END IF;
    RETURN over;
END
$$;
COMMENT ON FUNCTION leap.move_recordings(uuid[], text) IS
'Moves these recordings, whose locks the caller holds, to where the tasks of their active runs say; returns those whose run may have ended (for leap.settle_runs). how: step, rollback, release or cancel.';

CREATE OR REPLACE FUNCTION leap.settle(recording_ids uuid[], how text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    over uuid[] := leap.move_recordings(recording_ids, how);
BEGIN
    IF cardinality(over) > 0 THEN
        PERFORM leap.settle_runs(over);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.settle(uuid[], text) IS
'Draws the conclusion from the tasks of the active runs of these recordings, whose locks the caller holds: moves them through their stages and ends the runs that are over. how: step, rollback, release or cancel.';

-- Frees the tasks that waited for these: into the ready table if nothing else keeps them and nobody holds the recording.
CREATE OR REPLACE FUNCTION leap.release_successors(done bigint[], held uuid[])
RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    queues text[];
BEGIN
    WITH freed AS (
        UPDATE leap.tasks t SET deps_left = t.deps_left - e.n,
               state = CASE WHEN t.deps_left = e.n AND t.recording_id <> ALL (held) THEN leap.move('release', 'ready') ELSE t.state END
        FROM (SELECT to_task, count(*)::smallint AS n FROM leap.task_edge WHERE from_task = ANY (done) GROUP BY to_task) e
        WHERE t.id = e.to_task AND t.state = 'blocked'
        RETURNING t.id, t.queue, t.lane, t.prio, t.recording_id, t.kind, t.state),
    put AS (
        INSERT INTO leap.task_ready (queue, lane, prio, task, recording_id, counted)
        SELECT f.queue, f.lane, f.prio, f.id, f.recording_id, k.counted
        FROM freed f JOIN leap.task_kinds k USING (kind) WHERE f.state = 'ready' ORDER BY f.id
        RETURNING task_ready.queue)
    SELECT coalesce(array_agg(p.queue), '{}') INTO queues FROM put p;
    RETURN queues;
END
$$;
COMMENT ON FUNCTION leap.release_successors(bigint[], uuid[]) IS
'Counts finished tasks off their successors and readies those that wait for nothing more, unless their recording is among the held; returns their queues, one entry a task.';

CREATE OR REPLACE FUNCTION leap.make_ready(ids bigint[])
RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    queues text[];
BEGIN
    WITH freed AS (
        UPDATE leap.tasks t SET state = leap.move('release', 'ready')
        WHERE t.id = ANY (ids) AND t.state = 'blocked' AND t.deps_left = 0
          AND NOT EXISTS (SELECT FROM leap.recordings r WHERE r.id = t.recording_id AND r.hold IS NOT NULL)
        RETURNING t.*),
    put AS (
        INSERT INTO leap.task_ready (queue, lane, prio, task, recording_id, counted)
        SELECT f.queue, f.lane, f.prio, f.id, f.recording_id, k.counted
        FROM freed f JOIN leap.task_kinds k USING (kind) ORDER BY f.id
        RETURNING task_ready.queue)
    SELECT coalesce(array_agg(p.queue), '{}') INTO queues FROM put p;
    RETURN queues;
END
$$;
COMMENT ON FUNCTION leap.make_ready(bigint[]) IS
'Readies those of the blocked tasks that wait for nothing and whose recording is not held; returns their queues, one entry a task.';
