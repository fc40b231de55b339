-- The task protocol, third part: failures, retries, and leases that are given back.
--
-- Fenced like results, and durable whatever the session's synchronous_commit says. Lock order: recordings (by id) ->
-- tasks -> lease/ready/scheduled -> circuits.

-- Exponential backoff with equal jitter: half of it fixed, half random.
CREATE OR REPLACE FUNCTION leap.backoff(failures int, base interval, cap interval)
RETURNS interval LANGUAGE sql VOLATILE AS $$
    SELECT least(cap, base * (2 ^ least(failures - 1, 20))) * (0.5 + random() / 2)
$$;
COMMENT ON FUNCTION leap.backoff(int, interval, interval) IS
'How long to wait after so many failures: least(cap, base * 2^(failures-1)), of which half is random.';

-- The policy under which a task that failed so is tried again; a row of nulls ends it.
CREATE OR REPLACE FUNCTION leap.retry_policy(t leap.tasks, class text)
RETURNS leap.retry_policies LANGUAGE sql STABLE AS $$
    SELECT p FROM leap.retry_policies p JOIN leap.error_classes c USING (class)
    WHERE p.kind = t.kind AND p.class = retry_policy.class
      AND (NOT c.counts OR p.max_failures IS NULL OR t.failures + 1 < p.max_failures)
$$;
COMMENT ON FUNCTION leap.retry_policy(leap.tasks, text) IS
'The row of leap.retry_policies under which a running task that fails with an error of this class is tried again; null if its tries are used up or the class is not tried again.';

-- Pausing lets running tasks go on; one that comes back unfinished waits like the others.
CREATE OR REPLACE FUNCTION leap.keep_held(recording_ids uuid[])
RETURNS void LANGUAGE sql AS $$
    SELECT leap.hold(ARRAY[r.id], r.hold, r.hold_message, r.held_by) FROM leap.recordings r
    WHERE r.id = ANY (recording_ids) AND r.hold IS NOT NULL ORDER BY r.id
$$;
COMMENT ON FUNCTION leap.keep_held(uuid[]) IS
'Blocks the tasks that came back into the line although their recording, which the caller has locked, is held.';

CREATE OR REPLACE FUNCTION leap.schedule_retry(t leap.tasks, error jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p leap.retry_policies := leap.retry_policy(t, error->>'class');
    failed smallint := least(t.failures + (SELECT c.counts::int FROM leap.error_classes c WHERE c.class = p.class), 32767);
    at timestamptz := clock_timestamp() + greatest(
        leap.backoff(greatest(failed, 1), p.base_delay, p.max_delay),
        least(coalesce((error->>'retry_after')::float8, 0), 86400) * interval '1 s');
BEGIN
    UPDATE leap.tasks SET state = leap.move('retry', 'scheduled'), failures = failed, error = schedule_retry.error,
           finished_at = clock_timestamp(), current_step = NULL
    WHERE id = t.id;
    INSERT INTO leap.task_scheduled (run_at, task, recording_id) VALUES (at, t.id, t.recording_id);
    UPDATE leap.recordings SET failed = true, failed_at = clock_timestamp(), failed_at_stage = t.stage,
           error = schedule_retry.error, next_attempt_at = at, retry_count = retry_count + 1, updated_at = now()
    WHERE id = t.recording_id;
    -- what is published stays so until the next try begins, also if that never comes
    UPDATE leap.output_targets SET status = leap.move(CASE WHEN remote_id IS NULL THEN 'rollback' ELSE 'keep' END,
                                                      CASE WHEN remote_id IS NULL THEN 'NOT_UPLOADED' ELSE 'UPLOADED' END),
           retry_count = retry_count + 1, error = schedule_retry.error
    WHERE id = t.target_id;
    PERFORM leap.keep_held(ARRAY[t.recording_id]);
    PERFORM leap.settle(ARRAY[t.recording_id], 'rollback');
END
$$;
COMMENT ON FUNCTION leap.schedule_retry(leap.tasks, jsonb) IS
'Puts a failed task off for its next try and rolls its recording back to the state before the stage.';

CREATE OR REPLACE FUNCTION leap.give_up(t leap.tasks, error jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leap.tasks SET state = leap.move('fail', 'failed'), failures = t.failures + 1, error = give_up.error,
           finished_at = clock_timestamp(), current_step = NULL
    WHERE id = t.id;
    UPDATE leap.recordings SET failed = true, failed_at = clock_timestamp(), failed_at_stage = t.stage,
           error = give_up.error, next_attempt_at = NULL, retry_count = retry_count + 1, updated_at = now()
    WHERE id = t.recording_id;
    UPDATE leap.output_targets
    SET status = leap.move(CASE WHEN remote_id IS NULL THEN 'step' ELSE 'keep' END,
                           CASE WHEN remote_id IS NULL THEN 'FAILED' ELSE 'UPLOADED' END),
        failed = true, error = give_up.error, retry_count = retry_count + 1
    WHERE id = t.target_id AND status = 'UPLOADING';
    -- another run would begin anew; an upload goes on, and makes no files here
    IF t.target_id IS NULL THEN
        PERFORM leap.drop_checkpoints(ARRAY[t.id]);
    END IF;
    IF t.recording_id IS NULL THEN
        PERFORM leap.end_errand(t, 'failed', error);
    END IF;
    PERFORM leap.settle(ARRAY[t.recording_id], 'rollback');
END
$$;
COMMENT ON FUNCTION leap.give_up(leap.tasks, jsonb) IS
'Ends a task for good: tries used up, or an error no further try can mend.';

-- One message for all that fail alike until it is read: a broken platform is told once, not once a recording.
CREATE OR REPLACE FUNCTION leap.notify_failure(t leap.tasks, error jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place text := (SELECT concat_ws(' with credential ', p.platform, nullif(p.credential, '')) FROM leap.task_platforms(ARRAY[t.id]) p);
    err CONSTANT jsonb := error;
    its_class text := error->>'class';
BEGIN
    IF t.recording_id IS NULL OR NOT EXISTS (SELECT FROM leap.error_classes c WHERE c.class = its_class AND c.notifies) THEN
        RETURN;
    END IF;
    PERFORM leap.raise_event(r.user_id,
        CASE WHEN its_class = 'credential' THEN 'credential_expired' WHEN t.stage = 'upload' THEN 'upload_failed'
             WHEN t.stage = 'transcribe' THEN 'transcription_failed' ELSE 'processing_failed' END,
        jsonb_strip_nulls(jsonb_build_object('recording', r.id, 'run', t.run_id, 'target', t.target_id, 'task', t.id::text)),
        jsonb_build_object('name', r.display_name, 'task_kind', t.kind, 'class', its_class, 'code', err->>'code',
                           'message', left(err->>'message', 2000), 'hint', left(err->>'hint', 2000), 'platform', place),
        CASE WHEN its_class = 'credential' THEN concat_ws('/', its_class, place) ELSE concat_ws('/', t.kind, its_class, err->>'code', place) END)
    FROM leap.recordings r WHERE r.id = t.recording_id;
END
$$;
COMMENT ON FUNCTION leap.notify_failure(leap.tasks, jsonb) IS
'Tells the owner of a task that ended in failure, if leap.error_classes says so: an event by the stage, or credential_expired; failures of the same kind, class, code and platform are one message.';

-- Whoever reports a failure in a way nobody understands has failed all the same.
CREATE OR REPLACE FUNCTION leap.readable_error(error jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT e.given - 'retry_after' || jsonb_build_object(
        'class', coalesce(nullif(e.given->>'class', ''), 'permanent'),
        'code', coalesce(nullif(e.given->>'code', ''), 'unknown'),
        'message', coalesce(nullif(e.given->>'message', ''), 'The task failed and did not say why.'))
        || CASE WHEN e.given->>'retry_after' ~ '^\d{1,9}(\.\d{1,20})?$' THEN jsonb_build_object('retry_after', e.given->'retry_after') ELSE '{}' END
    FROM (SELECT CASE jsonb_typeof(error) WHEN 'object' THEN error ELSE '{}' END AS given) e
$$;
COMMENT ON FUNCTION leap.readable_error(jsonb) IS
'An error as leap.fail() takes it, whatever was given: without a class it is permanent, without a code unknown, a message is there, and retry_after is a number of seconds or missing.';

-- Another credential of the same account can end a token by getting one, and a new one may take a while to be known everywhere.
CREATE OR REPLACE FUNCTION leap.first_refusal(t leap.tasks, error jsonb)
RETURNS jsonb LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN error->>'class' IS DISTINCT FROM 'credential' THEN error
                WHEN error->>'code' = 'new_token_refused' AND t.error->>'code' IS DISTINCT FROM 'new_token_refused'
                     OR EXISTS (SELECT FROM leap.credentials c WHERE c.id = leap.credential_of(t) AND leap.is_renewed_by_another(c, t.id, t.fence))
                THEN error || jsonb_build_object('class', 'transient', 'retry_after', 60 + floor(random() * 60))
                WHEN EXISTS (SELECT FROM leap.credentials c WHERE c.id = leap.credential_of(t) AND c.is_active AND NOT c.needs_reauth AND leap.was_replaced(c, t))
                THEN error || '{"class": "transient"}' ELSE error END
$$;
COMMENT ON FUNCTION leap.first_refusal(leap.tasks, jsonb) IS
'An error as it counts: that a platform refuses a token it has just given is transient, with a pause of one to two minutes, unless the try before ended with the same; so is any refusal of a credential that somebody else renews at the time. Without a pause so is the refusal of a content that was replaced since the attempt began.';

CREATE OR REPLACE FUNCTION leap.fail(task text, fence text, error jsonb)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    t leap.tasks;
    outcome text := 'failed';
BEGIN
    error := leap.readable_error(error);
    PERFORM set_config('synchronous_commit', 'on', true);
    PERFORM leap.lock_recordings(ARRAY[task::bigint]);
    SELECT * INTO t FROM leap.tasks k WHERE k.id = fail.task::bigint AND k.fence = fail.fence::bigint FOR NO KEY UPDATE;
    DELETE FROM leap.task_lease l WHERE l.task = t.id AND l.fence = t.fence;
    IF NOT FOUND THEN
        RETURN CASE t.state WHEN 'failed' THEN 'failed' WHEN 'scheduled' THEN 'retry' ELSE 'lost' END;
    END IF;
    IF error ? 'usage' THEN
        PERFORM leap.record_usage(ARRAY[t.id], ARRAY[error->'usage']);
        error := error - 'usage';
    END IF;
    error := leap.first_refusal(t, error);
    PERFORM leap.end_turn(t);
    IF (leap.retry_policy(t, error->>'class')).kind IS NOT NULL THEN
        PERFORM leap.schedule_retry(t, error);
        outcome := 'retry';
    ELSE
        PERFORM leap.give_up(t, error);
        -- of access that is refused its owner hears once, however many tasks needed it
        IF NOT leap.credential_refused(t, error) THEN
            PERFORM leap.notify_failure(t, error);
        END IF;
    END IF;
    PERFORM leap.note_failure(t, error);
    RETURN outcome;
END
$$;
COMMENT ON FUNCTION leap.fail(text, text, jsonb) IS
'Reports a failure {"class","code","message","hint","retry_after"}, and usage as leap.record_usage() takes it. Whether and when the task is tried again follows from leap.retry_policies, and never before retry_after seconds; a class without a policy ends it. What is missing or not understood is filled in: class permanent, code unknown, a message, no retry_after. Answers retry, failed or lost.';

-- Gives leases back as if they had not been taken: the attempt is not a failure. `how` is hand_back or rescue.
CREATE OR REPLACE FUNCTION leap.give_back(ids bigint[], how text)
RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    queues text[];
    recordings uuid[] := ARRAY(SELECT DISTINCT t.recording_id FROM leap.tasks t WHERE t.id = ANY (ids) AND t.recording_id IS NOT NULL);
BEGIN
    DELETE FROM leap.task_lease l WHERE l.task = ANY (ids);
    WITH back AS (
        UPDATE leap.tasks t SET state = leap.move(how, 'ready'), worker_id = NULL, current_step = NULL, progress = 0,
               rescues = t.rescues + CASE how WHEN 'rescue' THEN 1 ELSE 0 END
        WHERE t.id = ANY (ids) AND t.state = 'running'
        RETURNING t.*),
    put AS (
        INSERT INTO leap.task_ready (queue, lane, prio, task, recording_id, counted)
        SELECT b.queue, b.lane, b.prio, b.id, b.recording_id, k.counted
        FROM back b JOIN leap.task_kinds k USING (kind) ORDER BY b.id
        RETURNING queue)
    SELECT array_agg(DISTINCT queue) INTO queues FROM put;
    UPDATE leap.output_targets o SET status = leap.move('release', 'NOT_UPLOADED')
    FROM leap.tasks t WHERE t.id = ANY (ids) AND o.id = t.target_id AND o.status = 'UPLOADING' AND o.remote_id IS NULL;
    UPDATE leap.output_targets o SET status = leap.move('keep', 'UPLOADED')
    FROM leap.tasks t WHERE t.id = ANY (ids) AND o.id = t.target_id AND o.status = 'UPLOADING' AND o.remote_id IS NOT NULL;
    PERFORM leap.keep_held(recordings);
    PERFORM leap.settle(recordings, 'release');
    RETURN coalesce(queues, '{}');
END
$$;
COMMENT ON FUNCTION leap.give_back(bigint[], text) IS
'Readies running tasks again, leases revoked; the caller holds their recordings. Returns their queues.';

CREATE OR REPLACE FUNCTION leap.hand_back(worker uuid, secret text, tasks text[], fences text[])
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    w leap.workers := leap.known_worker(worker, secret);
    held bigint[];
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    PERFORM leap.lock_recordings(tasks::bigint[]);
    held := ARRAY(SELECT l.task FROM unnest(tasks::bigint[], fences::bigint[]) AS h(task, fence)
                  JOIN leap.task_lease l ON l.task = h.task AND l.fence = h.fence AND l.worker_id = w.id
                  ORDER BY l.task FOR UPDATE OF l);
    PERFORM leap.ring(leap.give_back(held, 'hand_back'));
    RETURN cardinality(held);
END
$$;
COMMENT ON FUNCTION leap.hand_back(uuid, text, text[], text[]) IS
'Gives claimed tasks back, for a worker that stops; costs neither a failure nor a rescue. Returns how many.';

CREATE OR REPLACE FUNCTION leap.unregister_worker(worker uuid, secret text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    w leap.workers := leap.known_worker(worker, secret);
BEGIN
    PERFORM leap.hand_back(worker, secret,
        ARRAY(SELECT l.task::text FROM leap.task_lease l WHERE l.worker_id = w.id ORDER BY l.task),
        ARRAY(SELECT l.fence::text FROM leap.task_lease l WHERE l.worker_id = w.id ORDER BY l.task));
    UPDATE leap.workers SET stopped_at = clock_timestamp() WHERE id = w.id;
    PERFORM pg_advisory_unlock_shared(leap.worker_key(), w.no);
END
$$;
COMMENT ON FUNCTION leap.unregister_worker(uuid, text) IS
'The worker stops: what it still held is handed back.';
