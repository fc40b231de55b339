-- Runs: which tasks a passage through the pipeline needs, and starting any number of runs in a few statements.

-- The tasks a run of each recording would have, with the reason for those that need not be done.
CREATE OR REPLACE FUNCTION leap.plan_runs(recording_ids uuid[], force boolean)
RETURNS TABLE (recording uuid, kind text, target_id uuid, skip_reason text) LANGUAGE sql STABLE AS $$
    WITH rec AS (
        SELECT r.*, leap.merge_config(leap.merge_config(leap.default_config(), u.config), r.config) AS resolved,
               CASE WHEN force OR r.status IN ('INITIALIZED', 'SKIPPED') THEN 1
                    WHEN r.status = 'FAILED' THEN (SELECT f.n FROM leap.stages() WITH ORDINALITY AS f(stage, b, d, a, n) WHERE f.stage = r.failed_at_stage)
                    ELSE (SELECT f.n + 1 FROM leap.stages() WITH ORDINALITY AS f(stage, b, d, after_status, n) WHERE f.after_status = r.status)
               END AS first_stage
        FROM leap.recordings r JOIN leap.users u ON u.id = r.user_id WHERE r.id = ANY (recording_ids))
    SELECT rec.id, k.kind, NULL::uuid,
           CASE WHEN k.stage = 'transcribe' AND NOT force AND rec.facts->>'has_audio' = 'false' THEN 'the recording has no audio track'
                WHEN k.stage = 'transcribe' AND NOT force AND rec.facts->>'speech' = 'none' THEN 'no speech was found'
                WHEN k.stage = 'transcribe' AND NOT (rec.resolved #>> '{transcription,enable_transcription}')::boolean THEN 'switched off'
                WHEN k.kind IN ('topics', 'subtitles')
                     AND NOT (rec.resolved -> 'transcription' ->> ('enable_' || k.kind))::boolean THEN 'switched off'
                WHEN NOT force AND EXISTS (SELECT FROM leap.artifacts a WHERE a.recording_id = rec.id AND a.kind = k.output) THEN 'already done'
           END
    FROM rec CROSS JOIN leap.task_kinds k JOIN leap.stages() WITH ORDINALITY AS s(stage, b, d, a, n) USING (stage)
    WHERE k.stage <> 'upload' AND s.n >= rec.first_stage
    UNION ALL
    SELECT rec.id, 'upload', o.id, NULL FROM rec JOIN leap.output_targets o ON o.recording_id = rec.id
    WHERE force OR o.status IN ('NOT_UPLOADED', 'FAILED')
$$;
COMMENT ON FUNCTION leap.plan_runs(uuid[], boolean) IS
'The tasks a run of each of these recordings would have now, from the stage where it stands (with force: all), and why some of them would be skipped.';

-- Which kind waits for which: the shape of every run.
CREATE OR REPLACE FUNCTION leap.task_order()
RETURNS TABLE (from_kind text, to_kind text) LANGUAGE sql IMMUTABLE AS $$
    VALUES ('download', 'trim'), ('trim', 'transcribe'), ('transcribe', 'topics'), ('transcribe', 'subtitles'),
           ('trim', 'upload'), ('topics', 'upload'), ('subtitles', 'upload')
$$;
COMMENT ON FUNCTION leap.task_order() IS 'Which kind of task waits for which within a run.';

-- A run with a start time waits for it, also when it was held meanwhile.
CREATE OR REPLACE FUNCTION leap.ready_in_time(ids bigint[])
RETURNS text[] LANGUAGE plpgsql AS $$
BEGIN
    WITH early AS (
        UPDATE leap.tasks t SET state = leap.move('release', 'scheduled')
        FROM leap.runs u
        WHERE t.id = ANY (ids) AND t.state = 'blocked' AND t.deps_left = 0 AND u.id = t.run_id AND u.start_at > clock_timestamp()
          AND NOT EXISTS (SELECT FROM leap.recordings r WHERE r.id = t.recording_id AND r.hold IS NOT NULL)
        RETURNING t.id, t.recording_id, u.start_at)
    INSERT INTO leap.task_scheduled (run_at, task, recording_id) SELECT e.start_at, e.id, e.recording_id FROM early e;
    RETURN leap.make_ready(ids);
END
$$;
COMMENT ON FUNCTION leap.ready_in_time(bigint[]) IS
'Readies those of the blocked tasks that wait for nothing and whose recording is not held, and schedules those whose run starts later; returns the queues to ring.';

CREATE OR REPLACE FUNCTION leap.create_tasks(run_ids uuid[], force boolean)
RETURNS text[] LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leap.tasks (run_id, recording_id, user_id, lane, kind, queue, stage, target_id, state, skip_reason, finished_at, prio)
    SELECT run.id, run.recording_id, run.user_id, o.lane, k.kind, k.queue, k.stage, p.target_id,
           leap.move('create', CASE WHEN p.skip_reason IS NULL THEN 'blocked' ELSE 'skipped' END), p.skip_reason,
           CASE WHEN p.skip_reason IS NOT NULL THEN clock_timestamp() END, run.priority
    FROM leap.runs run JOIN leap.users o ON o.id = run.user_id
    JOIN leap.plan_runs(ARRAY(SELECT x.recording_id FROM leap.runs x WHERE x.id = ANY (run_ids)), force) p ON p.recording = run.recording_id
    JOIN leap.task_kinds k ON k.kind = p.kind
    JOIN unnest('{download,trim,transcribe,topics,subtitles,upload}'::text[]) WITH ORDINALITY AS place(kind, n) ON place.kind = k.kind
    WHERE run.id = ANY (run_ids) ORDER BY run.id, place.n, p.target_id;
    INSERT INTO leap.task_edge (from_task, to_task)
    SELECT a.id, b.id FROM leap.task_order() o
    JOIN leap.tasks a ON a.run_id = ANY (run_ids) AND a.kind = o.from_kind AND a.state = 'blocked'
    JOIN leap.tasks b ON b.run_id = a.run_id AND b.kind = o.to_kind AND b.state = 'blocked';
    UPDATE leap.tasks t SET deps_left = e.n
    FROM (SELECT x.to_task, count(*)::smallint AS n FROM leap.task_edge x JOIN leap.tasks y ON y.id = x.to_task
          WHERE y.run_id = ANY (run_ids) GROUP BY x.to_task) e
    WHERE t.id = e.to_task;
    RETURN leap.ready_in_time(ARRAY(SELECT id FROM leap.tasks WHERE run_id = ANY (run_ids) AND deps_left = 0 AND state = 'blocked' ORDER BY id));
END
$$;
COMMENT ON FUNCTION leap.create_tasks(uuid[], boolean) IS
'Creates the tasks of these runs with their edges and readies the first of each, or schedules it for the time the run starts; returns the queues to ring.';

-- What a run can be told beside what it does. Lower numbers first, like the column prio everywhere.
CREATE OR REPLACE FUNCTION leap.run_options(priority int, start_at timestamptz)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF priority NOT BETWEEN -10 AND 10 THEN
        PERFORM leap.refuse('LP030', format('%s is no priority', priority), 'Priorities go from -10 (first) over 0 (usual) to 10 (last).');
    ELSIF NOT isfinite(start_at) OR start_at > clock_timestamp() + interval '1 year' THEN
        PERFORM leap.refuse('LP030', format('no run can start at %s', start_at), 'Name a time within a year.');
    END IF;
    RETURN jsonb_strip_nulls(jsonb_build_object('priority', priority, 'start_at', start_at));
END
$$;
COMMENT ON FUNCTION leap.run_options(int, timestamptz) IS
'The options of a run as {priority, start_at}, those that are null left out. Error LP030 for a priority beyond -10..10 or a time beyond a year.';

DROP FUNCTION IF EXISTS leap.start_runs(uuid[], text, boolean, text, text);
CREATE OR REPLACE FUNCTION leap.start_runs(recording_ids uuid[], cause text, force boolean, key text = NULL, hash text = NULL,
                                           options jsonb = '{}')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    started uuid[];
BEGIN
    IF force THEN
        UPDATE leap.recordings r
        SET status = leap.move(CASE WHEN r.status = 'SKIPPED' THEN 'unskip'
                                    WHEN r.status IN ('READY', 'UPLOADED', 'TRANSCRIBED', 'PROCESSED') THEN 'rerun'
                                    ELSE 'reset' END, 'INITIALIZED')
        WHERE r.id = ANY (recording_ids) AND r.status <> 'INITIALIZED';
        UPDATE leap.recordings r SET flags = '[]', blank_record = false, facts = '{}' WHERE r.id = ANY (recording_ids);
    END IF;
    WITH made AS (
        INSERT INTO leap.runs (recording_id, user_id, trigger, idempotency_key, request_hash, config, priority, start_at)
        SELECT r.id, r.user_id, cause, key, hash, leap.merge_config(leap.merge_config(leap.default_config(), u.config), r.config),
               coalesce((options->>'priority')::smallint, 0), (options->>'start_at')::timestamptz
        FROM leap.recordings r JOIN leap.users u ON u.id = r.user_id WHERE r.id = ANY (recording_ids) ORDER BY r.id
        RETURNING id)
    SELECT array_agg(id) INTO started FROM made;
    PERFORM leap.ring(leap.create_tasks(started, force));
    PERFORM leap.settle(recording_ids, 'step');
END
$$;
COMMENT ON FUNCTION leap.start_runs(uuid[], text, boolean, text, text, jsonb) IS
'Starts a run of each of these recordings, whose locks the caller holds and whose operation was allowed; options as leap.run_options() gives them.';
