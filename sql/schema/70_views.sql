-- What people look at: lists, details, stages, workers. All as functions or views over the truth; nothing is kept twice.

-- A stage that the newest run has no task for is judged by where the recording stands; so is every stage once the run
-- has ended well, because a reset forgets what was done. points: a hundred for each task done.
CREATE OR REPLACE VIEW leap.processing_stages WITH (security_invoker = true) AS
SELECT r.id AS recording_id, s.stage AS stage_name,
       CASE WHEN s.running THEN 'running'
            WHEN s.failed AND (run.state = 'active' OR r.failed) THEN 'failed'
            WHEN s.all_skipped OR (r.status = 'READY' AND s.stage = 'upload') THEN 'skipped'
            WHEN CASE WHEN by_tasks.valid THEN s.all_done ELSE s.n <= place.stages_passed END THEN 'completed'
            ELSE 'pending' END AS status,
       s.started_at, s.completed_at, s.error_message, s.metadata, s.attempt,
       CASE WHEN by_tasks.valid THEN s.points::numeric / s.tasks WHEN s.n <= place.stages_passed THEN 100 ELSE 0 END::int AS progress,
       CASE WHEN by_tasks.valid THEN s.tasks ELSE 0 END::int AS tasks, CASE WHEN by_tasks.valid THEN s.points ELSE 0 END::int AS points,
       s.n::int AS place, r.user_id
FROM leap.recordings r
LEFT JOIN LATERAL (
    SELECT u.id, u.state FROM leap.runs u WHERE u.recording_id = r.id ORDER BY u.started_at DESC LIMIT 1) run ON true
CROSS JOIN LATERAL (
    SELECT CASE r.status WHEN 'READY' THEN 4 ELSE max(CASE WHEN x.after_status = r.status THEN x.n ELSE x.n - 1 END) END AS stages_passed
    FROM leap.stages() WITH ORDINALITY AS x(stage, before_status, during_status, after_status, n)
    WHERE r.status IN (x.before_status, x.during_status, x.after_status) OR (r.status = 'FAILED' AND r.failed_at_stage = x.stage)) place
CROSS JOIN LATERAL (
    SELECT x.stage, x.n, nullif(count(y.id), 0) AS tasks, bool_or(y.state = 'running') AS running, bool_or(y.state = 'failed') AS failed,
           bool_and(y.state = 'skipped') AS all_skipped, bool_and(y.state IN ('succeeded', 'skipped')) AS all_done,
           min(y.started_at) AS started_at, CASE WHEN bool_and(y.finished_at IS NOT NULL) THEN max(y.finished_at) END AS completed_at,
           (array_agg(y.error->>'message' ORDER BY y.finished_at DESC) FILTER (WHERE y.error IS NOT NULL))[1] AS error_message,
           jsonb_agg(jsonb_build_object('task', y.id::text, 'kind', y.kind, 'state', y.state, 'skip_reason', y.skip_reason, 'progress', y.progress, 'step', y.current_step, 'target', y.target_id) ORDER BY y.id)
               FILTER (WHERE y.id IS NOT NULL) AS metadata,
           max(y.attempt) AS attempt, sum(CASE y.state WHEN 'succeeded' THEN 100 WHEN 'skipped' THEN 100 WHEN 'running' THEN y.progress ELSE 0 END) AS points
    FROM leap.stages() WITH ORDINALITY AS x(stage, before_status, during_status, after_status, n)
    LEFT JOIN leap.tasks y ON y.run_id = run.id AND y.stage = x.stage
    GROUP BY x.stage, x.n) s
CROSS JOIN LATERAL (SELECT coalesce(run.state = 'active' OR r.status IN ('FAILED', 'SKIPPED'), false) AND s.tasks > 0 AS valid) by_tasks;
COMMENT ON VIEW leap.processing_stages IS
'The four stages of each recording: status (pending, running, completed, failed, skipped), progress 0..100, the attempt, error and times of its newest run.';

CREATE OR REPLACE FUNCTION leap.task_json(t leap.tasks)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', t.id::text, 'kind', t.kind, 'stage', t.stage, 'state', t.state, 'attempt', t.attempt,
        'failures', t.failures, 'progress', CASE t.state WHEN 'succeeded' THEN 100 ELSE t.progress END,
        'current_step', t.current_step, 'started_at', t.started_at, 'finished_at', t.finished_at,
        'elapsed_seconds', extract(epoch FROM coalesce(t.finished_at, clock_timestamp()) - t.started_at),
        'error', t.error, 'skip_reason', t.skip_reason)
$$;
COMMENT ON FUNCTION leap.task_json(leap.tasks) IS 'A task as people and programs see it; the fence stays hidden.';

CREATE OR REPLACE FUNCTION leap.recording_list("user" text = NULL, status text = NULL, "limit" int = 50)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT coalesce(jsonb_agg(to_jsonb(l) || jsonb_build_object('error_message', l.error->>'message') ORDER BY l.id DESC), '[]')
    FROM leap.list_recordings(jsonb_build_object('user', recording_list."user", 'status', recording_list.status), NULL, recording_list."limit") l
$$;
COMMENT ON FUNCTION leap.recording_list(text, text, int) IS
'The newest recordings, optionally of one user or status, as a JSON array. Errors LP020 for an unknown user, LP030 for an unknown status.';

CREATE OR REPLACE FUNCTION leap.worker_list()
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', w.id, 'name', w.name, 'queues', w.queues, 'slots', w.slots, 'room', w.room, 'info', w.info,
        'state', CASE WHEN w.stopped_at IS NOT NULL THEN 'stopped' WHEN w.gone_at IS NOT NULL THEN 'gone' ELSE 'alive' END,
        'registered_at', w.registered_at, 'silent_seconds', extract(epoch FROM clock_timestamp() - w.beat_at),
        'running', (SELECT count(*) FROM leap.task_lease l WHERE l.worker_id = w.id),
        'paused', (SELECT coalesce(jsonb_agg(q.queue ORDER BY q.queue), '[]') FROM leap.queues q WHERE q.paused_at IS NOT NULL AND q.queue = ANY (w.queues))) ORDER BY w.no DESC), '[]')
    FROM leap.workers w WHERE w.stopped_at IS NULL OR w.stopped_at > clock_timestamp() - interval '1 hour'
$$;
COMMENT ON FUNCTION leap.worker_list() IS
'The workers that live, and those that stopped within the hour, as a JSON array.';

CREATE OR REPLACE FUNCTION leap.event_list(recording uuid, since timestamptz = '-infinity')
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('at', h.at, 'entity', h.entity, 'kind', h.kind, 'from', h.from_state, 'to', h.to_state,
        'event', h.event, 'attempt', h.attempt, 'task', h.task::text, 'who', h.who, 'worker', h.worker, 'error', h.error)
        ORDER BY h.at, h.task), '[]')
    FROM leap.history(recording, since, 100000) h
$$;
COMMENT ON FUNCTION leap.event_list(uuid, timestamptz) IS
'The history of a recording after a moment, oldest first, as a JSON array.';
