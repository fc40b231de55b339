-- Where a recording stands follows from the tasks of its run: one function draws the conclusion.
--
-- Caller holds the recording's lock (FOR NO KEY UPDATE). Lock order: recording -> tasks -> ready/lease/scheduled.

-- NOTIFY once a transaction: the payload is constant, so the server keeps one of equals.
CREATE OR REPLACE FUNCTION leap.ring(queues text[])
RETURNS void LANGUAGE sql AS $$
    SELECT pg_notify('leap_' || q, '') FROM unnest(queues) q GROUP BY q
$$;
COMMENT ON FUNCTION leap.ring(text[]) IS
'Tells the workers of these queues to look for work. A doorbell: it carries no data.';

-- How far a stage of a run is: none, waiting, running, failed, done.
CREATE OR REPLACE FUNCTION leap.stage_state(run uuid, stage_name text)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN count(*) = 0 THEN 'none'
                WHEN bool_or(t.state = 'running') THEN 'running'
                WHEN bool_or(t.state IN ('ready', 'scheduled')) THEN 'waiting'
                WHEN bool_or(t.state = 'failed') THEN 'failed'
                WHEN bool_or(t.state IN ('blocked', 'cancelled')) THEN 'waiting'
                ELSE 'done' END
    FROM leap.tasks t WHERE t.run_id = run AND t.stage = stage_name
$$;
COMMENT ON FUNCTION leap.stage_state(uuid, text) IS
'How far a stage of a run is: none, waiting, running, failed or done.';

-- One stage of one recording; returns the status after it. `how` is the event that made settle necessary.
CREATE OR REPLACE FUNCTION leap.settle_stage(rec leap.recordings, s record, state text, how text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    here text := rec.status;
BEGIN
    IF state IN ('running', 'done')
       AND (here = s.before_status OR (here = 'FAILED' AND rec.failed_at_stage = s.stage)
            OR (s.stage = 'upload' AND here IN ('READY', 'UPLOADED') AND state = 'running')) THEN
        UPDATE leap.recordings r
        SET status = leap.move(CASE here WHEN s.before_status THEN 'step' WHEN 'FAILED' THEN 'retry' ELSE 'publish' END,
                               s.during_status), updated_at = now()
        WHERE r.id = rec.id;
        here := s.during_status;
    END IF;
    IF here = s.during_status AND state = 'done' THEN
        UPDATE leap.recordings r
        SET status = leap.move('step', s.after_status), failed = false, failed_at = NULL, failed_at_stage = NULL,
            error = NULL, next_attempt_at = NULL, updated_at = now()
        WHERE r.id = rec.id;
        here := s.after_status;
    ELSIF here IN (s.before_status, s.during_status) AND state = 'failed' THEN
        UPDATE leap.recordings r
        SET status = leap.move('step', 'FAILED'), next_attempt_at = NULL, updated_at = now()
        WHERE r.id = rec.id;
        here := 'FAILED';
    ELSIF here = s.during_status AND state = 'waiting' AND how IN ('rollback', 'release', 'cancel') THEN
        UPDATE leap.recordings r SET status = leap.move(how, s.before_status), updated_at = now() WHERE r.id = rec.id;
        here := s.before_status;
    END IF;
    RETURN here;
END
$$;
COMMENT ON FUNCTION leap.settle_stage(leap.recordings, record, text, text) IS
'Moves one recording through one stage as far as its tasks allow; returns the status it then has.';

-- A run whose tasks have all ended has ended.
CREATE OR REPLACE FUNCTION leap.settle_run(run uuid, rec uuid)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    ended text;
BEGIN
    SELECT CASE WHEN bool_or(t.state NOT IN ('succeeded', 'failed', 'skipped', 'cancelled')) THEN NULL
                WHEN bool_or(t.state = 'failed') THEN 'failed'
                WHEN bool_or(t.state = 'cancelled') THEN 'cancelled'
                ELSE 'finished' END
    INTO ended FROM leap.tasks t WHERE t.run_id = run;
    IF ended IS NULL THEN
        RETURN;
    END IF;
    UPDATE leap.runs SET state = ended, finished_at = clock_timestamp() WHERE id = run AND state = 'active';
    IF ended = 'finished' THEN
        UPDATE leap.recordings r SET status = leap.move('finish', 'READY'), updated_at = now()
        WHERE r.id = rec AND r.status = 'TRANSCRIBED'
          AND NOT EXISTS (SELECT FROM leap.output_targets o WHERE o.recording_id = rec);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.settle_run(uuid, uuid) IS
'Ends a run when its last task has ended; a recording without targets is then READY.';

CREATE OR REPLACE FUNCTION leap.settle(recording_ids uuid[], how text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    active record;
    rec leap.recordings;
    s record;
    state text;
BEGIN
    FOR active IN
        SELECT r AS recording, u.id AS run FROM leap.recordings r JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active'
        WHERE r.id = ANY (recording_ids) ORDER BY r.id
    LOOP
        rec := active.recording;
        FOR s IN SELECT * FROM leap.stages() LOOP
            state := leap.stage_state(active.run, s.stage);
            -- only the stage where the recording stands can move it
            CONTINUE WHEN state = 'none' OR NOT (
                rec.status IN (s.before_status, s.during_status) OR (rec.status = 'FAILED' AND rec.failed_at_stage = s.stage)
                OR (s.stage = 'upload' AND rec.status IN ('READY', 'UPLOADED')));
            rec.status := leap.settle_stage(rec, s, state, how);
            -- the tasks after a hopeless stage will never be needed in this run
            IF rec.status = 'FAILED' AND state = 'failed' THEN
                PERFORM leap.drop_tasks(active.run, NULL);
            END IF;
            EXIT WHEN rec.status <> s.after_status;
        END LOOP;
        PERFORM leap.settle_run(active.run, rec.id);
    END LOOP;
END
$$;
COMMENT ON FUNCTION leap.settle(uuid[], text) IS
'Draws the conclusion from the tasks of the active runs of these recordings, whose locks the caller holds: moves them through their stages and ends the runs that are over. how: step, rollback, release or cancel.';

-- Cancels what is left of a run, leases included (their fences are then stale).
CREATE OR REPLACE FUNCTION leap.drop_tasks(run uuid, reason text)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    ids := ARRAY(SELECT id FROM leap.tasks WHERE run_id = run
                 AND state IN ('blocked', 'scheduled', 'ready', 'running') ORDER BY id FOR NO KEY UPDATE);
    DELETE FROM leap.task_ready WHERE task = ANY (ids);
    DELETE FROM leap.task_lease WHERE task = ANY (ids);
    DELETE FROM leap.task_scheduled WHERE task = ANY (ids);
    UPDATE leap.tasks SET state = leap.move('cancel', 'cancelled'), finished_at = clock_timestamp(),
           skip_reason = coalesce(reason, 'an earlier task failed')
    WHERE id = ANY (ids);
    RETURN cardinality(ids);
END
$$;
COMMENT ON FUNCTION leap.drop_tasks(uuid, text) IS
'Cancels every task of a run that has not ended and revokes its leases; returns how many.';

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
