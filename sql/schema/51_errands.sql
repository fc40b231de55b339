-- Errands: tasks that belong to no recording. A row of another table says what is to be done; tasks.subject names it.
--
-- maintain sweeps the storage, sync asks a source what is new, credential looks after access to a platform, notify
-- delivers a message. Errands are claimed, fenced
-- and tried again like every task; they have no stage, wait for nothing, and never count for concurrent_tasks. What
-- each is told and what becomes of its result is said by functions of its subject; here is which.
-- Lock order: tasks -> ready/lease/scheduled -> the subject's row.

CREATE OR REPLACE FUNCTION leap.add_errands(kind text, users uuid[], subjects uuid[], run_ats timestamptz[] = NULL)
RETURNS bigint[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    made bigint[];
BEGIN
    WITH asked AS (
        SELECT a.*, a.run_at > clock_timestamp() AS later FROM unnest(users, subjects, run_ats) WITH ORDINALITY AS a(of_user, subject, run_at, n)),
    task AS (
        INSERT INTO leap.tasks (user_id, lane, kind, queue, subject, state)
        SELECT a.of_user, u.lane, k.kind, k.queue, a.subject, leap.move('create', CASE WHEN a.later THEN 'scheduled' ELSE 'ready' END)
        FROM asked a JOIN leap.users u ON u.id = a.of_user JOIN leap.task_kinds k ON k.kind = add_errands.kind ORDER BY a.n
        RETURNING id, queue, lane, prio, subject, state),
    put AS (
        INSERT INTO leap.task_ready (queue, lane, prio, task, counted)
        SELECT t.queue, t.lane, t.prio, t.id, false FROM task t WHERE t.state = 'ready' ORDER BY t.id),
    wait AS (
        INSERT INTO leap.task_scheduled (run_at, task)
        SELECT a.run_at, t.id FROM task t JOIN asked a ON a.subject = t.subject WHERE t.state = 'scheduled')
    SELECT array_agg(t.id ORDER BY a.n) INTO made FROM task t JOIN asked a ON a.subject = t.subject;
    PERFORM leap.ring(ARRAY(SELECT k.queue FROM leap.task_kinds k WHERE k.kind = add_errands.kind)) WHERE made IS NOT NULL;
    RETURN coalesce(made, '{}');
END
$$;
COMMENT ON FUNCTION leap.add_errands(text, uuid[], uuid[], timestamptz[]) IS
'Makes an errand for each of these subjects, which are different, in the name of its user; one with a time to come waits for it. Returns the tasks in the order of the subjects.';

CREATE OR REPLACE FUNCTION leap.add_errand(kind text, of_user uuid, subject uuid, run_at timestamptz = NULL)
RETURNS bigint LANGUAGE sql AS $$
    SELECT (leap.add_errands(kind, ARRAY[of_user], ARRAY[subject], ARRAY[run_at]))[1]
$$;
COMMENT ON FUNCTION leap.add_errand(text, uuid, uuid, timestamptz) IS 'leap.add_errands() for one subject.';

CREATE OR REPLACE FUNCTION leap.errand_input(kind text, subject uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE kind
        WHEN 'maintain' THEN RETURN leap.sweep_input();
        WHEN 'sync' THEN RETURN leap.sync_input(subject);
        WHEN 'unpublish' THEN RETURN leap.unpublish_input(subject);
        WHEN 'credential' THEN RETURN leap.credential_task_input(subject);
        WHEN 'notify' THEN RETURN leap.delivery_input(subject);
    END CASE;
END
$$;
COMMENT ON FUNCTION leap.errand_input(text, uuid) IS 'What the child that runs an errand is told.';

CREATE OR REPLACE FUNCTION leap.store_errand(t leap.tasks, result jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CASE t.kind
        WHEN 'maintain' THEN PERFORM leap.store_sweep(result->'facts');
        WHEN 'unpublish' THEN PERFORM leap.unpublished(t.subject);
        WHEN 'sync' THEN PERFORM leap.store_sync(t.subject, result->'facts');
        WHEN 'credential' THEN PERFORM leap.store_credential_check(t.subject, result->'facts');
        WHEN 'notify' THEN PERFORM leap.store_delivery(t.subject, result->'facts');
    END CASE;
END
$$;
COMMENT ON FUNCTION leap.store_errand(leap.tasks, jsonb) IS 'Takes the result {"facts"} of an errand that is done.';

CREATE OR REPLACE FUNCTION leap.end_errand(t leap.tasks, state text, error jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CASE t.kind
        WHEN 'maintain' THEN NULL;      -- the next one comes by itself
        WHEN 'unpublish' THEN PERFORM leap.unpublish_ended(t.subject, state, error);
        WHEN 'sync' THEN PERFORM leap.sync_ended(t.subject, state, error);
        WHEN 'credential' THEN PERFORM leap.credential_check_ended(t.subject, state, error);
        WHEN 'notify' THEN PERFORM leap.delivery_ended(t.subject, state, error);
    END CASE;
END
$$;
COMMENT ON FUNCTION leap.end_errand(leap.tasks, text, jsonb) IS
'Tells the subject of an errand that it ended undone: failed for good, or cancelled, with the error.';

CREATE OR REPLACE FUNCTION leap.drop_errand(t leap.tasks, error jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM leap.task_ready c WHERE c.task = t.id;
    UPDATE leap.tasks k SET state = leap.move('cancel', 'cancelled'), finished_at = clock_timestamp(), error = drop_errand.error,
           skip_reason = drop_errand.error->>'message'
    WHERE k.id = t.id;
    PERFORM leap.end_errand(t, 'cancelled', error);
END
$$;
COMMENT ON FUNCTION leap.drop_errand(leap.tasks, jsonb) IS 'Ends an errand that is ready, and whose row the caller holds, without another try.';

-- What was to be done for a user goes with him.
CREATE OR REPLACE FUNCTION leap.remove_errands()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    ids bigint[] := ARRAY(SELECT t.id FROM leap.tasks t WHERE t.recording_id IS NULL AND t.user_id IN (SELECT o.id FROM old_rows o) ORDER BY t.id FOR UPDATE);
BEGIN
    DELETE FROM leap.task_ready WHERE task = ANY (ids);
    DELETE FROM leap.task_lease WHERE task = ANY (ids);
    DELETE FROM leap.task_scheduled WHERE task = ANY (ids);
    DELETE FROM leap.tasks WHERE id = ANY (ids);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER remove_errands AFTER DELETE ON leap.users
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION leap.remove_errands();
