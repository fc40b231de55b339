-- What people do with recordings: one function per operation for one recording, leap.operate() for any number.
--
-- Every operation locks its recordings in the order of their ids, asks the judge, and acts on those that are allowed,
-- in a number of statements that does not grow with them.

-- Nobody tries again what was called off. The history keeps how it failed.
CREATE OR REPLACE FUNCTION leap.forget_failures(ids uuid[])
RETURNS void LANGUAGE sql AS $$
    UPDATE leap.recordings r SET failed = false, failed_at = NULL, failed_at_stage = NULL, error = NULL, next_attempt_at = NULL
    WHERE r.id = ANY (ids) AND r.failed AND r.status <> 'FAILED'
      AND NOT EXISTS (SELECT FROM leap.runs u JOIN leap.tasks t ON t.run_id = u.id AND t.error IS NOT NULL
                      WHERE u.recording_id = r.id AND u.state = 'active' AND t.state IN ('failed', 'blocked', 'scheduled', 'ready', 'running'))
$$;
COMMENT ON FUNCTION leap.forget_failures(uuid[]) IS
'Takes the failure off recordings, whose locks the caller holds, that are not FAILED and whose failed try was called off.';

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
    PERFORM leap.forget_failures(ids);
    PERFORM pg_notify('leap_orders', '');
END
$$;
COMMENT ON FUNCTION leap.apply_cancel(uuid[]) IS 'Cancels the active runs of these recordings; workers hear of it at once.';

CREATE OR REPLACE FUNCTION leap.apply_release(ids uuid[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- only who accepts a quarantine says that the task may kill workers anew
    UPDATE leap.tasks t SET rescues = 0 FROM leap.recordings r
    WHERE r.id = ANY (ids) AND r.hold = 'quarantine' AND t.recording_id = r.id AND t.state = 'blocked' AND t.rescues > 0;
    UPDATE leap.recordings r SET hold = NULL, hold_message = NULL, held_by = NULL, held_at = NULL, updated_at = now() WHERE r.id = ANY (ids);
    PERFORM leap.ring(leap.ready_in_time(ARRAY(SELECT t.id FROM leap.tasks t JOIN leap.runs u ON u.id = t.run_id AND u.state = 'active'
                                            WHERE t.recording_id = ANY (ids) AND t.state = 'blocked' AND t.deps_left = 0 ORDER BY t.id)));
    PERFORM leap.hold_doubtful(ids);
END
$$;
COMMENT ON FUNCTION leap.apply_release(uuid[]) IS 'Lets held recordings go on, but for those whose transcript nobody accepted; after a quarantine the rescues of their tasks are counted anew.';

-- A failed one without a run starts one; one whose next try waits for its time need not wait.
DROP FUNCTION IF EXISTS leap.apply_retry(uuid[]);
DROP FUNCTION IF EXISTS leap.apply_retry(uuid[], jsonb);
CREATE OR REPLACE FUNCTION leap.apply_retry(ids uuid[], options jsonb = '{}')
RETURNS uuid[] LANGUAGE plpgsql AS $$
BEGIN
    IF options @> '{"anew": true}' THEN
        PERFORM leap.forget_uploads(ids);
    END IF;
    UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE recording_id = ANY (ids);
    UPDATE leap.recordings SET next_attempt_at = clock_timestamp() WHERE id = ANY (ids) AND next_attempt_at > clock_timestamp();
    PERFORM leap.promote_due(1000000);
    RETURN leap.start_runs(ARRAY(SELECT i FROM unnest(ids) i WHERE NOT EXISTS (
        SELECT FROM leap.runs u WHERE u.recording_id = i AND u.state = 'active')), 'retry', 'retry', options => options);
END
$$;
COMMENT ON FUNCTION leap.apply_retry(uuid[], jsonb) IS 'Tries failed recordings again, now; returns the runs it started.';

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
    -- an upload can be fetched from nowhere else: it is looked at anew
    UPDATE leap.artifacts a SET input_hash = '\x00' FROM leap.recordings r
    WHERE a.recording_id = ANY (ids) AND a.kind = 'source' AND r.id = a.recording_id AND r.source->>'type' = 'upload';
    DELETE FROM leap.artifacts a WHERE a.recording_id = ANY (ids)
        AND NOT (a.kind = 'source' AND EXISTS (SELECT FROM leap.recordings r WHERE r.id = a.recording_id AND r.source->>'type' = 'upload'));
    DELETE FROM leap.transcript_passages WHERE recording_id = ANY (ids);
    DELETE FROM leap.topic_versions WHERE recording_id = ANY (ids);
    DELETE FROM leap.captions WHERE recording_id = ANY (ids) AND origin = 'source';
    UPDATE leap.output_targets SET status = leap.move('reset', 'NOT_UPLOADED'), failed = false, error = NULL
    WHERE recording_id = ANY (ids) AND status = 'FAILED';
    UPDATE leap.recordings SET status = leap.move('reset', 'INITIALIZED') WHERE id = ANY (ids) AND status <> 'INITIALIZED';
    UPDATE leap.recordings SET failed = false, failed_at = NULL, failed_at_stage = NULL, error = NULL, retry_count = 0, blank_record = false,
           flags = '[]', facts = '{}', topics = NULL, main_topics = NULL, final_duration = NULL, updated_at = now()
    WHERE id = ANY (ids);
END
$$;
COMMENT ON FUNCTION leap.apply_reset(uuid[]) IS
'Takes recordings back to INITIALIZED: artifacts become garbage (but for the file that was uploaded), versions of topics and captions of the source go, failures are forgotten, published targets stay.';

DROP FUNCTION IF EXISTS leap.apply_operation(text, uuid[], text, text, text);
DROP FUNCTION IF EXISTS leap.apply_operation(text, uuid[], text, text, text, jsonb);
CREATE OR REPLACE FUNCTION leap.apply_operation(operation text, ids uuid[], cause text, key text = NULL, hash text = NULL,
                                                options jsonb = '{}')
RETURNS uuid[] LANGUAGE plpgsql AS $$
BEGIN
    CASE operation
        WHEN 'run', 'download', 'process', 'transcribe', 'topics', 'subtitles', 'upload', 'republish' THEN
            RETURN leap.start_runs(ids, cause, operation, key, hash, options);
        WHEN 'force' THEN RETURN leap.start_runs(ids, 'force', operation, key, hash, options);
        WHEN 'retry' THEN RETURN leap.apply_retry(ids, options);
        WHEN 'prioritize' THEN PERFORM leap.apply_prioritize(ids, (options->>'priority')::smallint);
        WHEN 'cancel' THEN PERFORM leap.apply_cancel(ids);
        WHEN 'pause' THEN PERFORM leap.hold(ids, 'paused', 'Paused by a person.', session_user);
        WHEN 'resume' THEN PERFORM leap.apply_release(ids);
        WHEN 'accept' THEN
            PERFORM leap.release_text(ARRAY(SELECT r.id FROM leap.recordings r WHERE r.id = ANY (ids) AND coalesce(r.hold, 'quality') = 'quality'), leap.editor_name());
            PERFORM leap.apply_release(ids);
        WHEN 'reset' THEN PERFORM leap.apply_reset(ids);
        WHEN 'skip' THEN UPDATE leap.recordings SET status = leap.move('skip', 'SKIPPED'), unmatched_reason = NULL, updated_at = now() WHERE id = ANY (ids);
        WHEN 'unskip' THEN UPDATE leap.recordings SET status = leap.move('unskip', 'INITIALIZED'), updated_at = now() WHERE id = ANY (ids);
        WHEN 'unpublish' THEN PERFORM leap.apply_unpublish(ids, options->>'target');
        WHEN 'delete' THEN
            PERFORM leap.apply_cancel(ids);
            PERFORM leap.apply_unpublish(ARRAY(SELECT r.id FROM leap.recordings r JOIN leap.users u ON u.id = r.user_id WHERE r.id = ANY (ids) AND u.unpublish_deleted));
            UPDATE leap.recordings SET delete_state = leap.move('delete', 'soft'), deleted_at = clock_timestamp(), delete_reason = 'user', updated_at = now() WHERE id = ANY (ids);
        WHEN 'restore' THEN
            -- who brings back what had expired wants to keep it
            UPDATE leap.recordings r SET delete_state = leap.move('restore', 'active'), deleted_at = NULL, delete_reason = NULL, updated_at = now(),
                   expire_by = CASE WHEN r.expire_at <= clock_timestamp() THEN 'user' ELSE r.expire_by END,
                   expire_at = CASE WHEN r.expire_at > clock_timestamp() THEN r.expire_at END
            WHERE r.id = ANY (ids);
        WHEN 'purge' THEN PERFORM leap.purge_files(ids);
    END CASE;
    RETURN '{}';
END
$$;
COMMENT ON FUNCTION leap.apply_operation(text, uuid[], text, text, text, jsonb) IS
'Does an operation with recordings that are locked and for which it was allowed; returns the runs it started.';

CREATE OR REPLACE FUNCTION leap.kind_place(kind text)
RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT array_position('{download,trim,transcribe,topics,subtitles,upload}', kind) $$;
COMMENT ON FUNCTION leap.kind_place(text) IS 'The place of a kind of task in the order people expect; null for housekeeping.';

CREATE OR REPLACE FUNCTION leap.plan_item(kind text, target_id uuid, skip_reason text)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('kind', kind, 'skip_reason', skip_reason) || CASE WHEN target_id IS NULL THEN '{}' ELSE jsonb_build_object('target', target_id) END
$$;
COMMENT ON FUNCTION leap.plan_item(text, uuid, text) IS 'A task of a plan as JSON: {kind, skip_reason, target (of an upload)}.';

-- The child that transcribes knows better: it compares what was heard with what it would ask.
-- One statement for all of them: inlined where it is asked, so that a preview of a thousand costs what one of ten does.
CREATE OR REPLACE FUNCTION leap.heard_already(recordings uuid[])
RETURNS TABLE (recording uuid, input_hash bytea) LANGUAGE sql STABLE AS $$
    SELECT s.recording_id, t.input_hash
    FROM leap.artifacts s JOIN leap.artifacts t ON t.recording_id = s.recording_id AND t.kind = 'transcript'
    WHERE s.recording_id = ANY (recordings) AND s.kind = 'audio'
      AND EXISTS (SELECT FROM leap.artifacts h
                  WHERE h.recording_id = s.recording_id AND left(h.kind, 5) = 'heard' AND h.metadata->>'audio_sha256' = s.sha256)
$$;
COMMENT ON FUNCTION leap.heard_already(uuid[]) IS
'Those of the recordings whose sound was heard before, with the hash of the settings of their transcript (null: before there were hashes): a task with the same hash takes what was heard.';

CREATE OR REPLACE FUNCTION leap.starts_runs(operation text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT operation IN ('run', 'force', 'retry') OR operation IN (SELECT o.operation FROM leap.single_operations() o)
$$;
COMMENT ON FUNCTION leap.starts_runs(text) IS 'Whether the operation starts runs.';

-- What the log of people's doings keeps of a recording before and after an operation.
CREATE OR REPLACE FUNCTION leap.audit_facts(r leap.recordings)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('status', r.status, 'hold', r.hold, 'deleted', nullif(r.delete_state, 'active')))
$$;
COMMENT ON FUNCTION leap.audit_facts(leap.recordings) IS 'Status, hold and deletion of a recording, for leap.audit_logs.';

-- Which operation takes which options.
CREATE OR REPLACE FUNCTION leap.check_options(operation text, options jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF operation = 'prioritize' AND NOT options ? 'priority' THEN
        PERFORM leap.refuse('LP030', 'cannot prioritize: no priority is given', 'Say priority => n, from -10 (first) to 10 (last).');
    ELSIF options ? 'target' AND operation NOT IN ('upload', 'republish', 'unpublish') THEN
        PERFORM leap.refuse('LP030', format('%s takes no target', operation), 'A target is for upload, republish and unpublish.');
    ELSIF operation NOT IN (SELECT o.operation FROM leap.single_operations() o) AND (
          (options ? 'start_at' AND operation NOT IN ('run', 'force'))
       OR (options ? 'priority' AND operation NOT IN ('run', 'force', 'retry', 'prioritize'))
       OR (options ?| '{template,override}' AND operation NOT IN ('run', 'force', 'retry'))) THEN
        PERFORM leap.refuse('LP030', format('%s takes no %s', operation, CASE WHEN options ? 'start_at' THEN 'start time' WHEN options ? 'priority' THEN 'priority'
                                                                             WHEN options ? 'template' THEN 'template' ELSE 'override' END),
                            'A start time is for run, force and single stages, a priority for those, retry and prioritize; a template or an override for what starts a run.');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_options(text, jsonb) IS 'Refuses with LP030 options (leap.run_options) that the operation does not take, or lacks.';

-- What was done is a row of each recording; what was refused is only counted.
CREATE OR REPLACE FUNCTION leap.audit_bulk(operation text, verdicts jsonb)
RETURNS void LANGUAGE sql AS $$
    SELECT leap.audit('bulk', 'recording', details => jsonb_build_object('operation', operation, 'done', n.done, 'refused', n.refused, 'reasons', n.reasons),
                      result => CASE WHEN n.refused = 0 THEN 'success' WHEN n.done > 0 THEN 'partial' ELSE 'failure' END)
    FROM (SELECT coalesce(sum(v.n) FILTER (WHERE v.allowed), 0) AS done, coalesce(sum(v.n) FILTER (WHERE NOT v.allowed), 0) AS refused,
                 coalesce(jsonb_object_agg(v.sqlstate, v.n) FILTER (WHERE NOT v.allowed), '{}') AS reasons
          FROM (SELECT x.allowed, coalesce(x.sqlstate, '') AS sqlstate, count(*) AS n
                FROM jsonb_to_recordset(verdicts) AS x(allowed boolean, sqlstate text) GROUP BY 1, 2) v) n
    WHERE n.done + n.refused > 1 OR n.refused > 0
$$;
COMMENT ON FUNCTION leap.audit_bulk(text, jsonb) IS
'Notes how an operation with several recordings ended: done, refused, and the refusals by SQLSTATE; result success, partial or failure.';

DROP FUNCTION IF EXISTS leap.operate(text, uuid[], boolean);
DROP FUNCTION IF EXISTS leap.operate(text, uuid[], boolean, int, timestamptz);
DROP FUNCTION IF EXISTS leap.operate(text, uuid[], boolean, int, timestamptz, text);
DROP FUNCTION IF EXISTS leap.operate(text, uuid[], boolean, int, timestamptz, text, uuid, jsonb);
CREATE OR REPLACE FUNCTION leap.operate(operation text, ids uuid[], dry_run boolean = false, priority int = NULL, start_at timestamptz = NULL,
                                        target text = NULL, template uuid = NULL, override jsonb = NULL)
RETURNS TABLE (recording uuid, done boolean, reason text, sqlstate text, run uuid, plan jsonb, verdict text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET jit = off AS $$
DECLARE
    options jsonb := leap.run_options(priority, start_at) || jsonb_strip_nulls(jsonb_build_object('target', target, 'template', template, 'override', override));
    wall uuid := leap.walled_user();
    seen uuid[] := ARRAY(SELECT r.id FROM leap.recordings r WHERE r.id = ANY (ids) AND (wall IS NULL OR r.user_id = wall));
    verdicts jsonb;
    plans jsonb;
    go uuid[];
    idle uuid[];        -- of those, the ones that get a run
    started uuid[];
BEGIN
    PERFORM leap.check_options(operation, options);
    PERFORM leap.check_start(start_at);
    PERFORM leap.check_run_layers(o.user_id, template, override)
    FROM (SELECT DISTINCT r.user_id FROM leap.recordings r WHERE r.id = ANY (seen) AND (template IS NOT NULL OR override IS NOT NULL)) o;
    PERFORM set_config('synchronous_commit', 'on', true);
    IF NOT dry_run THEN
        PERFORM FROM leap.recordings r WHERE r.id = ANY (seen) ORDER BY r.id FOR NO KEY UPDATE;
        PERFORM leap.lock_run_usage(seen) WHERE leap.starts_runs(operation) AND operation <> 'retry';    -- a retry is not counted
    END IF;
    SELECT jsonb_agg(to_jsonb(j) || jsonb_build_object('before', leap.audit_facts(r), 'active', u.id)),
           coalesce(array_agg(j.recording ORDER BY j.recording) FILTER (WHERE j.allowed), '{}'),
           coalesce(array_agg(j.recording ORDER BY j.recording) FILTER (WHERE j.allowed AND u.id IS NULL), '{}')
    INTO verdicts, go, idle
    FROM leap.judged(ARRAY(SELECT DISTINCT i FROM unnest(ids) i), operation, target, options, wall) j
    LEFT JOIN leap.recordings r ON r.id = j.recording AND (wall IS NULL OR r.user_id = wall)
    LEFT JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active';
    IF dry_run THEN
        SELECT jsonb_object_agg(p.recording, p.tasks) INTO plans
        FROM (SELECT x.recording, jsonb_agg(leap.plan_item(x.kind, x.target_id, x.skip_reason) || coalesce(w.said, '{}')
                                          || CASE WHEN h.recording IS NOT NULL
                                                  THEN '{"note": "what was heard before is used again where it fits"}'::jsonb ELSE '{}' END ORDER BY leap.kind_place(x.kind), x.target_id) AS tasks
              FROM leap.plan_runs(idle, operation, target, options) x
              LEFT JOIN leap.heard_already(idle) h ON x.kind = 'transcribe' AND x.skip_reason IS NULL AND operation NOT IN ('force', 'transcribe')
                                                  AND h.recording = x.recording AND coalesce(h.input_hash = x.input_hash, true)
              LEFT JOIN (WITH c AS MATERIALIZED (SELECT * FROM leap.resolved_configs(idle, options)),
                              d AS MATERIALIZED (SELECT u.config, leap.speech_warning(u.config) AS said FROM (SELECT DISTINCT c.config FROM c) u)
                         SELECT c.recording, jsonb_build_object('warning', d.said) AS said FROM c JOIN d ON d.config = c.config AND d.said IS NOT NULL
                        ) w ON x.kind = 'transcribe' AND x.skip_reason IS NULL AND w.recording = x.recording
              WHERE leap.starts_runs(operation) GROUP BY x.recording) p;
    ELSIF cardinality(go) > 0 THEN
        started := leap.apply_operation(operation, go, 'bulk', options => options);
        INSERT INTO leap.audit_logs (action, resource_type, resource_id, resource_name, before, after)
        SELECT operation, 'recording', r.id::text, r.display_name, v.before, leap.audit_facts(r)
        FROM jsonb_to_recordset(verdicts) AS v(recording uuid, before jsonb) JOIN leap.recordings r ON r.id = v.recording
        WHERE r.id = ANY (go);
        SELECT jsonb_object_agg(p.recording_id, p.tasks) INTO plans
        FROM (SELECT t.recording_id, jsonb_agg(leap.plan_item(t.kind, t.target_id, t.skip_reason) ORDER BY leap.kind_place(t.kind), t.target_id) AS tasks
              FROM leap.tasks t WHERE t.run_id = ANY (started) GROUP BY t.recording_id) p;
    END IF;
    PERFORM leap.audit_bulk(operation, verdicts) WHERE NOT dry_run;
    RETURN QUERY
        SELECT j.recording, j.allowed, j.reason, j.sqlstate, coalesce(u.id, j.active), plans -> j.recording::text, j.verdict
        FROM jsonb_to_recordset(verdicts) AS j(recording uuid, allowed boolean, reason text, sqlstate text, verdict text, active uuid)
        LEFT JOIN leap.runs u ON u.recording_id = j.recording AND u.id = ANY (started)
        ORDER BY j.recording;
END
$$;
COMMENT ON FUNCTION leap.operate(text, uuid[], boolean, int, timestamptz, text, uuid, jsonb) IS
'Does an operation (see leap.operation_allowed) with any number of recordings: those that are allowed are done, the others say why not (verdict: as a word). With dry_run nothing is done and the answer is the same, but for the id of a run that would be started. run: the run that was started, or else the one that was active. plan: the tasks that a new run has {kind, target, skip_reason, warning (in a dry run: that nobody knows its language), note (in a dry run: that what was heard before is used again)}. priority (-10 first .. 10 last) is for what starts a run and for prioritize, start_at for run, force and single stages, target (type, id or preset) for upload, republish and unpublish, template and override (a configuration) for what starts a run: they hold for that run only; error LP030 where they do not fit, LP020 for a template that is not the owner''s.';

CREATE OR REPLACE FUNCTION leap.operation_done(operation text, name text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format(CASE operation
        WHEN 'run' THEN 'the run of "%s" has started' WHEN 'force' THEN 'the run of "%s" has started anew'
        WHEN 'retry' THEN '"%s" is tried again' WHEN 'cancel' THEN 'the run of "%s" is cancelled'
        WHEN 'pause' THEN '"%s" is paused' WHEN 'resume' THEN '"%s" goes on' WHEN 'accept' THEN '"%s" is accepted and goes on'
        WHEN 'prioritize' THEN '"%s" has another place among what waits'
        WHEN 'download' THEN '"%s" is downloaded again' WHEN 'process' THEN '"%s" is trimmed again'
        WHEN 'transcribe' THEN '"%s" is transcribed again' WHEN 'topics' THEN 'the topics of "%s" are found again'
        WHEN 'subtitles' THEN 'the subtitles of "%s" are written again'
        WHEN 'upload' THEN '"%s" is uploaded' WHEN 'republish' THEN '"%s" is uploaded again'
        WHEN 'skip' THEN '"%s" is skipped' WHEN 'unskip' THEN '"%s" is taken back in' WHEN 'reset' THEN '"%s" is back at its beginning'
        WHEN 'unpublish' THEN '"%s" is being taken back'
        WHEN 'delete' THEN '"%s" is deleted' WHEN 'restore' THEN '"%s" is restored'
        WHEN 'purge' THEN 'the files of "%s" are gone' END, name)
$$;
COMMENT ON FUNCTION leap.operation_done(text, text) IS 'What to tell people about an operation that was done.';

-- The same words for the first answer and for the same request sent again.
CREATE OR REPLACE FUNCTION leap.operation_answer(operation text, rec leap.recordings, run leap.runs)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('recording', rec.id, 'run', run.id, 'message',
        CASE WHEN leap.starts_runs(operation) AND run.state = 'finished'
                  AND NOT EXISTS (SELECT FROM leap.tasks t WHERE t.run_id = run.id AND t.state <> 'skipped')
             THEN format('nothing was left to do for "%s"', rec.display_name)
             WHEN leap.starts_runs(operation) AND run.start_at > run.started_at
             THEN format('the run of "%s" starts at %s UTC', rec.display_name, to_char(run.start_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'))
             ELSE leap.operation_done(operation, rec.display_name) END)
$$;
COMMENT ON FUNCTION leap.operation_answer(text, leap.recordings, leap.runs) IS 'What an operation answers: {recording, run, message}.';

DROP FUNCTION IF EXISTS leap.operate_one(text, uuid, text, text, text);
CREATE OR REPLACE FUNCTION leap.operate_one(operation text, id uuid, cause text = 'user', key text = NULL, hash text = NULL,
                                            options jsonb = '{}')
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    rec leap.recordings := leap.require_operation(id, operation, options);
    started uuid[];
    run leap.runs;
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    started := leap.apply_operation(operation, ARRAY[rec.id], cause, key, hash, options);
    INSERT INTO leap.audit_logs (action, resource_type, resource_id, resource_name, before, after)
    SELECT operation, 'recording', r.id::text, r.display_name, leap.audit_facts(rec), leap.audit_facts(r) FROM leap.recordings r WHERE r.id = rec.id;
    SELECT u.* INTO run FROM leap.runs u WHERE u.recording_id = rec.id ORDER BY u.id = ANY (started) DESC, u.started_at DESC LIMIT 1;
    RETURN leap.operation_answer(operation, rec, run);
END
$$;
COMMENT ON FUNCTION leap.operate_one(text, uuid, text, text, text, jsonb) IS
'Does an operation with one recording, or refuses it in words, and writes it to the audit log. Returns {recording, message, run}.';

CREATE OR REPLACE FUNCTION leap.idempotency_key() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1229211981';    -- "IDEM"
COMMENT ON FUNCTION leap.idempotency_key() IS 'First key of the advisory locks of idempotency keys.';

DROP FUNCTION IF EXISTS leap.run_recording(uuid, text, boolean);
DROP FUNCTION IF EXISTS leap.run_recording(uuid, text, boolean, int, timestamptz);
CREATE OR REPLACE FUNCTION leap.run_recording(id uuid, idempotency_key text = NULL, force boolean = false,
                                              priority int = NULL, start_at timestamptz = NULL,
                                              template uuid = NULL, bind boolean = false, override jsonb = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    operation text := CASE WHEN force THEN 'force' ELSE 'run' END;
    rec leap.recordings;
    earlier leap.runs;
    options jsonb := leap.run_options(priority, start_at) || jsonb_strip_nulls(jsonb_build_object('template', template, 'override', override));
    hash text := encode(sha256(convert_to(format('run %s %s %s%s', id, force, nullif(options, '{}'), CASE WHEN bind THEN ' bind' END), 'UTF8')), 'hex');
BEGIN
    IF idempotency_key IS NOT NULL THEN
        IF length(idempotency_key) NOT BETWEEN 1 AND 200 THEN
            PERFORM leap.refuse('LP030', format('an idempotency key of %s characters', length(idempotency_key)), 'Use 1 to 200 characters.');
        END IF;
        -- requests with the same key wait for each other, also when they name different recordings
        PERFORM pg_advisory_xact_lock(leap.idempotency_key(), hashtext(idempotency_key));
        SELECT r.* INTO rec FROM leap.recordings r WHERE r.id = run_recording.id AND leap.may_see(r.user_id) FOR NO KEY UPDATE;
        SELECT u.* INTO earlier FROM leap.runs u WHERE u.user_id = rec.user_id AND u.idempotency_key = run_recording.idempotency_key;
        IF earlier.started_at < clock_timestamp() - interval '24 h' THEN
            UPDATE leap.runs u SET idempotency_key = NULL, request_hash = NULL WHERE u.id = earlier.id;
        ELSIF earlier.request_hash = hash THEN
            RETURN leap.operation_answer(operation, rec, earlier);
        ELSIF earlier.id IS NOT NULL THEN
            PERFORM leap.refuse('LP006', format('idempotency key "%s" was used for another request', idempotency_key),
                                'Use a new key for a new request.');
        END IF;
    END IF;
    PERFORM leap.check_start(start_at);      -- not before: the same request sent again has the same answer
    IF options ?| '{template,override}' THEN
        PERFORM leap.check_run_layers(r.user_id, template, override) FROM leap.recordings r WHERE r.id = run_recording.id AND leap.may_see(r.user_id);
    END IF;
    IF bind AND template IS NOT NULL THEN
        PERFORM leap.bind_template(id, template);
        options := options - 'template';     -- it is the recording's now
    END IF;
    RETURN leap.operate_one(operation, id, 'user', idempotency_key, hash, options);
END
$$;
COMMENT ON FUNCTION leap.run_recording(uuid, text, boolean, int, timestamptz, uuid, boolean, jsonb) IS
'Starts a run: continues from where the recording stands (after a failure: from the failed stage), or with force does everything again. The same idempotency_key gives the same answer. priority: -10 (first) .. 10 (last) among the tasks of the same user, usually 0; start_at: nothing of the run starts earlier. template: used above the recording''s own one in this run, or, with bind, given to it for good; override: a configuration that lies over all others in this run. Returns {run, recording, message}. Errors: LP003 not allowed, LP004 a run is active, LP005 held, LP006 key used otherwise, LP020 unknown, LP030 priority or start_at out of range, or no configuration.';

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

CREATE OR REPLACE FUNCTION leap.upload_recording(id uuid, target text = NULL, force boolean = false)
RETURNS jsonb LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT leap.operate_one(CASE WHEN force THEN 'republish' ELSE 'upload' END, id, options => jsonb_strip_nulls(jsonb_build_object('target', target)))
$$;
COMMENT ON FUNCTION leap.upload_recording(uuid, text, boolean) IS
'Uploads a transcribed recording and does nothing else: to one target (type or id), or to all that do not have it; with force also to those that do. Returns {recording, message, run}. Errors: LP003 not transcribed, no such target, or published already; LP004, LP005, LP020.';

CREATE OR REPLACE FUNCTION leap.configure_recording(id uuid, config jsonb)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    was leap.recordings;
    own jsonb;
BEGIN
    PERFORM leap.check_config(config);
    SELECT r.* INTO was FROM leap.recordings r WHERE r.id = configure_recording.id AND r.delete_state = 'active' AND leap.may_see(r.user_id) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', id), 'A list of recordings shows those there are.');
    END IF;
    PERFORM leap.check_output(config->'output', was.user_id);
    own := leap.own_config(leap.merge_config(was.config, configure_recording.config));
    IF own <> was.config THEN
        UPDATE leap.recordings r SET config = own, updated_at = now() WHERE r.id = was.id;
        PERFORM leap.audit('configure', 'recording', was.id::text, was.config, own);
    END IF;
    RETURN own;
END
$$;
COMMENT ON FUNCTION leap.configure_recording(uuid, jsonb) IS
'Lays these settings over a recording''s own configuration and returns that. It holds for the next run: leap run then redoes what the change concerns and what depends on it, and nothing else. null removes the recording''s own value. Errors: LP020, LP030 as leap.check_config() says.';

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
        ('accept',  'Lets a recording go on that was held because it is blank, its transcript unsure, or its task killed workers, or, without waiting for the next minute, for a quota that has room now. Words that were kept back because of their quality are published by the next run. LP003 if it is not held so and nothing is kept back, LP010 if the quota has no room.'),
        ('skip',    'Marks a recording as not wanted. LP003 if it is published or skipped, LP004 while a run is active.'),
        ('unskip',  'Takes a skipped recording back in, INITIALIZED. LP003 if it is not skipped.'),
        ('download', 'Downloads a recording anew and does nothing else. LP003 while its source is not ready.'),
        ('process', 'Trims a downloaded recording anew and does nothing else. LP003 if there is no source file.'),
        ('transcribe', 'Transcribes a trimmed recording anew and does nothing else. LP003 if there is no sound or video file.'),
        ('topics',  'Finds the topics of a transcript anew and does nothing else. LP003 if there is no transcript.'),
        ('subtitles', 'Writes the subtitles of a transcript anew and does nothing else. LP003 if there is no transcript.'),
        ('reset',   'Takes a recording back to INITIALIZED: its artifacts go, its failures are forgotten, published targets stay. LP003 while a task runs.'),
        ('delete',  'Hides a recording; its run is cancelled. It can be restored until its files are purged.'),
        ('restore', 'Brings a deleted recording back. LP003 if it is not deleted or its files are gone.'),
        ('purge',   'Takes the files of a deleted recording at once; it cannot be restored then. LP003 if it is not deleted, its files are gone, or a task of it runs.')) AS v (name, comment)
    LOOP
        EXECUTE format($f$
            CREATE OR REPLACE FUNCTION leap.%1$s_recording(id uuid) RETURNS jsonb
            LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $q$SELECT leap.operate_one(%1$L, id)$q$ $f$, o.name);
        EXECUTE format('COMMENT ON FUNCTION leap.%I(uuid) IS %L', o.name || '_recording',
            o.comment || ' Returns {recording, message, run}; LP020 for an unknown recording.');
    END LOOP;
END
$$;
