-- What people do with recordings: one function per operation for one recording, leap.operate() for any number.
--
-- Every operation locks its recordings in the order of their ids, asks the judge, and acts on those that are allowed,
-- in a number of statements that does not grow with them.

-- Ends runs: leases revoked, recordings back where they were before the stage.
CREATE OR REPLACE FUNCTION leap.apply_cancel(ids uuid[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leap.output_targets o
    SET status = leap.move(CASE WHEN o.remote_id IS NULL THEN 'cancel' ELSE 'keep' END,
                           CASE WHEN o.remote_id IS NULL THEN 'NOT_UPLOADED' ELSE 'UPLOADED' END)
    WHERE o.recording_id = ANY (ids) AND o.status = 'UPLOADING';
    PERFORM leap.drop_checkpoints(ARRAY(SELECT t.id FROM leap.tasks t WHERE t.recording_id = ANY (ids)
                                        AND t.state IN ('running', 'ready', 'scheduled', 'blocked')));
    PERFORM leap.drop_tasks(ARRAY(SELECT u.id FROM leap.runs u WHERE u.recording_id = ANY (ids) AND u.state = 'active'), 'the run was cancelled');
    UPDATE leap.recordings r SET hold = NULL, hold_message = NULL, held_by = NULL, held_at = NULL, next_attempt_at = NULL
    WHERE r.id = ANY (ids);
    PERFORM leap.settle(ids, 'cancel');
    PERFORM pg_notify('leap_orders', '');
END
$$;
COMMENT ON FUNCTION leap.apply_cancel(uuid[]) IS 'Cancels the active runs of these recordings; workers hear of it at once.';

CREATE OR REPLACE FUNCTION leap.apply_release(ids uuid[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leap.recordings r SET hold = NULL, hold_message = NULL, held_by = NULL, held_at = NULL, updated_at = now() WHERE r.id = ANY (ids);
    UPDATE leap.tasks t SET rescues = 0 WHERE t.recording_id = ANY (ids) AND t.state = 'blocked' AND t.rescues > 0;
    PERFORM leap.ring(leap.ready_in_time(ARRAY(SELECT t.id FROM leap.tasks t JOIN leap.runs u ON u.id = t.run_id AND u.state = 'active'
                                            WHERE t.recording_id = ANY (ids) AND t.state = 'blocked' AND t.deps_left = 0 ORDER BY t.id)));
END
$$;
COMMENT ON FUNCTION leap.apply_release(uuid[]) IS 'Lets held recordings go on.';

-- A failed one without a run starts one; one whose next try waits for its time need not wait.
DROP FUNCTION IF EXISTS leap.apply_retry(uuid[]);
CREATE OR REPLACE FUNCTION leap.apply_retry(ids uuid[], options jsonb = '{}')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE recording_id = ANY (ids);
    PERFORM leap.promote_due(1000000);
    PERFORM leap.start_runs(ARRAY(SELECT i FROM unnest(ids) i WHERE NOT EXISTS (
        SELECT FROM leap.runs u WHERE u.recording_id = i AND u.state = 'active')), 'retry', false, options => options);
END
$$;
COMMENT ON FUNCTION leap.apply_retry(uuid[], jsonb) IS 'Tries failed recordings again, now.';

-- What runs goes on; if it comes back it has the new place too.
CREATE OR REPLACE FUNCTION leap.apply_prioritize(ids uuid[], new_priority smallint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    waiting bigint[];
BEGIN
    UPDATE leap.runs u SET priority = new_priority WHERE u.recording_id = ANY (ids) AND u.state = 'active';
    WITH moved AS (
        UPDATE leap.tasks t SET prio = new_priority
        WHERE t.recording_id = ANY (ids) AND t.state IN ('blocked', 'scheduled', 'ready', 'running')
        RETURNING t.id)
    SELECT array_agg(id ORDER BY id) INTO waiting FROM moved;
    UPDATE leap.task_ready c SET prio = new_priority WHERE c.task = ANY (waiting);
END
$$;
COMMENT ON FUNCTION leap.apply_prioritize(uuid[], smallint) IS 'Gives the active runs of these recordings another priority.';

-- Back to the beginning: everything made is forgotten, what is published stays published.
CREATE OR REPLACE FUNCTION leap.apply_reset(ids uuid[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.apply_cancel(ids);
    DELETE FROM leap.artifacts WHERE recording_id = ANY (ids);
    UPDATE leap.output_targets SET status = leap.move('reset', 'NOT_UPLOADED'), failed = false, error = NULL
    WHERE recording_id = ANY (ids) AND status = 'FAILED';
    UPDATE leap.recordings SET status = leap.move('reset', 'INITIALIZED') WHERE id = ANY (ids) AND status <> 'INITIALIZED';
    UPDATE leap.recordings SET failed = false, failed_at = NULL, failed_at_stage = NULL, error = NULL, retry_count = 0, blank_record = false,
           flags = '[]', facts = '{}', topics = NULL, main_topics = NULL, final_duration = NULL, updated_at = now()
    WHERE id = ANY (ids);
END
$$;
COMMENT ON FUNCTION leap.apply_reset(uuid[]) IS
'Takes recordings back to INITIALIZED: artifacts become garbage, failures are forgotten, published targets stay.';

DROP FUNCTION IF EXISTS leap.apply_operation(text, uuid[], text, text, text);
CREATE OR REPLACE FUNCTION leap.apply_operation(operation text, ids uuid[], cause text, key text = NULL, hash text = NULL,
                                                options jsonb = '{}')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CASE operation
        WHEN 'run' THEN PERFORM leap.start_runs(ids, cause, false, key, hash, options);
        WHEN 'force' THEN PERFORM leap.start_runs(ids, 'force', true, key, hash, options);
        WHEN 'retry' THEN PERFORM leap.apply_retry(ids, options);
        WHEN 'prioritize' THEN PERFORM leap.apply_prioritize(ids, (options->>'priority')::smallint);
        WHEN 'cancel' THEN PERFORM leap.apply_cancel(ids);
        WHEN 'pause' THEN PERFORM leap.hold(ids, 'paused', 'Paused by a person.', session_user);
        WHEN 'resume', 'accept' THEN PERFORM leap.apply_release(ids);
        WHEN 'reset' THEN PERFORM leap.apply_reset(ids);
        WHEN 'skip' THEN UPDATE leap.recordings SET status = leap.move('skip', 'SKIPPED'), updated_at = now() WHERE id = ANY (ids);
        WHEN 'unskip' THEN UPDATE leap.recordings SET status = leap.move('unskip', 'INITIALIZED'), updated_at = now() WHERE id = ANY (ids);
        WHEN 'delete' THEN
            PERFORM leap.apply_cancel(ids);
            UPDATE leap.recordings SET delete_state = leap.move('delete', 'soft'), deleted_at = clock_timestamp(), updated_at = now() WHERE id = ANY (ids);
        WHEN 'restore' THEN UPDATE leap.recordings SET delete_state = leap.move('restore', 'active'), deleted_at = NULL, updated_at = now() WHERE id = ANY (ids);
    END CASE;
END
$$;
COMMENT ON FUNCTION leap.apply_operation(text, uuid[], text, text, text, jsonb) IS
'Does an operation with recordings that are locked and for which it was allowed.';

-- Which operation takes which options.
CREATE OR REPLACE FUNCTION leap.check_options(operation text, options jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF operation = 'prioritize' AND NOT options ? 'priority' THEN
        PERFORM leap.refuse('LP030', 'cannot prioritize: no priority is given', 'Say priority => n, from -10 (first) to 10 (last).');
    ELSIF (options ? 'start_at' AND operation NOT IN ('run', 'force'))
       OR (options ? 'priority' AND operation NOT IN ('run', 'force', 'retry', 'prioritize')) THEN
        PERFORM leap.refuse('LP030', format('%s takes no %s', operation, CASE WHEN options ? 'start_at' THEN 'start time' ELSE 'priority' END),
                            'A start time is for run and force, a priority for run, force, retry and prioritize.');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_options(text, jsonb) IS 'Refuses with LP030 options (leap.run_options) that the operation does not take, or lacks.';

DROP FUNCTION IF EXISTS leap.operate(text, uuid[], boolean);
CREATE OR REPLACE FUNCTION leap.operate(operation text, ids uuid[], dry_run boolean = false, priority int = NULL, start_at timestamptz = NULL)
RETURNS TABLE (recording uuid, done boolean, reason text, sqlstate text, run uuid, plan jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    options jsonb := leap.run_options(priority, start_at);
    verdicts jsonb;
    plans jsonb;
    go uuid[];
BEGIN
    PERFORM leap.check_options(operation, options);
    PERFORM set_config('synchronous_commit', 'on', true);
    IF NOT dry_run THEN
        PERFORM FROM leap.recordings r WHERE r.id = ANY (ids) ORDER BY r.id FOR NO KEY UPDATE;
    END IF;
    SELECT jsonb_agg(to_jsonb(j)), coalesce(array_agg(j.recording ORDER BY j.recording) FILTER (WHERE j.allowed), '{}')
    INTO verdicts, go FROM leap.judged(ARRAY(SELECT DISTINCT i FROM unnest(ids) i), operation) j;
    IF operation IN ('run', 'force', 'retry') THEN
        SELECT jsonb_object_agg(p.recording, p.tasks) INTO plans
        FROM (SELECT x.recording, jsonb_agg(jsonb_build_object('kind', x.kind, 'skip_reason', x.skip_reason)) AS tasks
              FROM leap.plan_runs(go, operation = 'force') x GROUP BY x.recording) p;
    END IF;
    IF NOT dry_run AND cardinality(go) > 0 THEN
        PERFORM leap.apply_operation(operation, go, 'bulk', options => options);
    END IF;
    RETURN QUERY
        SELECT j.recording, j.allowed, j.reason, j.sqlstate, u.id, plans -> j.recording::text
        FROM jsonb_to_recordset(verdicts) AS j(recording uuid, allowed boolean, reason text, sqlstate text)
        LEFT JOIN leap.runs u ON u.recording_id = j.recording AND u.state = 'active'
        ORDER BY j.recording;
END
$$;
COMMENT ON FUNCTION leap.operate(text, uuid[], boolean, int, timestamptz) IS
'Does an operation (see leap.operation_allowed) with any number of recordings: those that are allowed are done, the others say why not. With dry_run nothing is done and the answer is the same. plan: the tasks a run has, with the reason for skipped ones. priority (-10 first .. 10 last) is for run, force, retry and prioritize, start_at for run and force; error LP030 where they do not fit.';

CREATE OR REPLACE FUNCTION leap.operation_done(operation text, name text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format(CASE operation
        WHEN 'run' THEN 'the run of "%s" has started' WHEN 'force' THEN 'the run of "%s" has started anew'
        WHEN 'retry' THEN '"%s" is tried again' WHEN 'cancel' THEN 'the run of "%s" is cancelled'
        WHEN 'pause' THEN '"%s" is paused' WHEN 'resume' THEN '"%s" goes on' WHEN 'accept' THEN '"%s" is accepted and goes on'
        WHEN 'prioritize' THEN '"%s" has another place among what waits'
        WHEN 'skip' THEN '"%s" is skipped' WHEN 'unskip' THEN '"%s" is taken back in' WHEN 'reset' THEN '"%s" is back at its beginning'
        WHEN 'delete' THEN '"%s" is deleted' WHEN 'restore' THEN '"%s" is restored' END, name)
$$;
COMMENT ON FUNCTION leap.operation_done(text, text) IS 'What to tell people about an operation that was done.';

DROP FUNCTION IF EXISTS leap.operate_one(text, uuid, text, text, text);
CREATE OR REPLACE FUNCTION leap.operate_one(operation text, id uuid, cause text = 'user', key text = NULL, hash text = NULL,
                                            options jsonb = '{}')
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    rec leap.recordings := leap.require_operation(id, operation);
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    PERFORM leap.apply_operation(operation, ARRAY[rec.id], cause, key, hash, options);
    RETURN jsonb_build_object('recording', rec.id, 'message', CASE WHEN (options->>'start_at')::timestamptz > clock_timestamp()
            THEN format('the run of "%s" starts at %s UTC', rec.display_name,
                        to_char((options->>'start_at')::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'))
            ELSE leap.operation_done(operation, rec.display_name) END,
        'run', (SELECT u.id FROM leap.runs u WHERE u.recording_id = rec.id ORDER BY u.started_at DESC LIMIT 1));
END
$$;
COMMENT ON FUNCTION leap.operate_one(text, uuid, text, text, text, jsonb) IS
'Does an operation with one recording, or refuses it in words. Returns {recording, message, run}.';

DROP FUNCTION IF EXISTS leap.run_recording(uuid, text, boolean);
CREATE OR REPLACE FUNCTION leap.run_recording(id uuid, idempotency_key text = NULL, force boolean = false,
                                              priority int = NULL, start_at timestamptz = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    owner uuid;
    earlier leap.runs;
    options jsonb := leap.run_options(priority, start_at);
    hash text := encode(sha256(convert_to(format('run %s %s %s', id, force, nullif(options, '{}')), 'UTF8')), 'hex');
BEGIN
    SELECT r.user_id INTO owner FROM leap.recordings r WHERE r.id = run_recording.id FOR NO KEY UPDATE;
    SELECT u.* INTO earlier FROM leap.runs u WHERE u.user_id = owner AND u.idempotency_key = run_recording.idempotency_key;
    IF FOUND AND earlier.request_hash = hash THEN
        RETURN jsonb_build_object('run', earlier.id, 'recording', earlier.recording_id, 'message', 'this request was answered before');
    ELSIF FOUND THEN
        PERFORM leap.refuse('LP006', format('idempotency key "%s" was used for another request', idempotency_key),
                            'Use a new key for a new request.');
    END IF;
    RETURN leap.operate_one(CASE WHEN force THEN 'force' ELSE 'run' END, id, 'user', idempotency_key, hash, options);
END
$$;
COMMENT ON FUNCTION leap.run_recording(uuid, text, boolean, int, timestamptz) IS
'Starts a run: continues from where the recording stands (after a failure: from the failed stage), or with force does everything again. The same idempotency_key gives the same answer. priority: -10 (first) .. 10 (last) among the tasks of the same user, usually 0; start_at: nothing of the run starts earlier. Returns {run, recording, message}. Errors: LP003 not allowed, LP004 a run is active, LP005 held, LP006 key used otherwise, LP020 unknown, LP030 priority or start_at out of range.';

CREATE OR REPLACE FUNCTION leap.set_priority(id uuid, priority int)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    options jsonb := leap.run_options(priority, NULL);
BEGIN
    PERFORM leap.check_options('prioritize', options);
    RETURN leap.operate_one('prioritize', id, options => options);
END
$$;
COMMENT ON FUNCTION leap.set_priority(uuid, int) IS
'Gives the active run of a recording another place among what waits of the same user: -10 first .. 10 last. Running tasks go on. Returns {recording, message, run}. LP003 if nothing runs or waits, LP020 for an unknown recording, LP030 for a priority out of range.';

-- One function per operation; they differ in the name only.
DO $$
DECLARE
    o record;
BEGIN
    FOR o IN SELECT * FROM (VALUES
        ('retry',   'Tries a failed recording again from the failed stage; if a try is waiting for its time, now. LP003 if it has not failed.'),
        ('cancel',  'Cancels the active run: revokes its leases, so that workers end its tasks at once, and moves the recording back to its last stable status. LP003 if nothing runs.'),
        ('pause',   'Holds the recording after its running tasks. LP003 if nothing runs, LP005 if it is held.'),
        ('resume',  'Lets a paused recording go on. LP003 if it is not paused.'),
        ('accept',  'Lets a recording go on that was held because it is blank, its transcript unsure, or its task killed workers. LP003 if it is not held so.'),
        ('skip',    'Marks a recording as not wanted. LP003 if it is published or skipped, LP004 while a run is active.'),
        ('unskip',  'Takes a skipped recording back in, INITIALIZED. LP003 if it is not skipped.'),
        ('reset',   'Takes a recording back to INITIALIZED: its artifacts go, its failures are forgotten, published targets stay. LP003 while a task runs.'),
        ('delete',  'Hides a recording; its run is cancelled. It can be restored until its files are purged.'),
        ('restore', 'Brings a deleted recording back. LP003 if it is not deleted or its files are gone.')) AS v (name, comment)
    LOOP
        EXECUTE format($f$
            CREATE OR REPLACE FUNCTION leap.%1$s_recording(id uuid) RETURNS jsonb
            LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $q$SELECT leap.operate_one(%1$L, id)$q$ $f$, o.name);
        EXECUTE format('COMMENT ON FUNCTION leap.%I(uuid) IS %L', o.name || '_recording',
            o.comment || ' Returns {recording, message, run}; LP020 for an unknown recording.');
    END LOOP;
END
$$;
