-- What people look at: lists, details, stages, workers. All as functions or views over the truth; nothing is kept twice.

CREATE OR REPLACE VIEW leap.processing_stages AS
SELECT t.recording_id, s.stage AS stage_name,
       CASE WHEN bool_or(t.state = 'running') THEN 'running'
            WHEN bool_or(t.state = 'failed') THEN 'failed'
            WHEN bool_and(t.state IN ('skipped', 'cancelled')) THEN 'skipped'
            WHEN bool_and(t.state IN ('succeeded', 'skipped')) THEN 'completed'
            ELSE 'pending' END AS status,
       min(t.started_at) AS started_at,
       CASE WHEN bool_and(t.finished_at IS NOT NULL) THEN max(t.finished_at) END AS completed_at,
       (array_agg(t.error->>'message' ORDER BY t.finished_at DESC) FILTER (WHERE t.error IS NOT NULL))[1] AS error_message,
       jsonb_agg(jsonb_build_object('task', t.id::text, 'kind', t.kind, 'state', t.state, 'skip_reason', t.skip_reason) ORDER BY t.id) AS metadata,
       max(t.attempt) AS attempt,
       avg(CASE WHEN t.state IN ('succeeded', 'skipped') THEN 100 ELSE t.progress END)::int AS progress
FROM leap.tasks t
JOIN leap.stages() s ON s.stage = t.stage
WHERE t.run_id = (SELECT u.id FROM leap.runs u WHERE u.recording_id = t.recording_id ORDER BY u.started_at DESC LIMIT 1)
GROUP BY t.recording_id, s.stage;
COMMENT ON VIEW leap.processing_stages IS
'How far each stage of each recording is in its newest run.';

-- How much of a run is done, in percent: every task counts the same, a running one by its progress.
CREATE OR REPLACE FUNCTION leap.run_progress(run uuid)
RETURNS int LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT coalesce(avg(CASE t.state WHEN 'succeeded' THEN 100 WHEN 'skipped' THEN 100 WHEN 'running' THEN t.progress ELSE 0 END), 0)::int
    FROM leap.tasks t WHERE t.run_id = run
$$;
COMMENT ON FUNCTION leap.run_progress(uuid) IS 'How much of a run is done, 0..100.';

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
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    owner uuid := CASE WHEN "user" IS NOT NULL THEN (leap.find_user("user")).id END;
BEGIN
    IF status IS NOT NULL AND NOT leap.fsm_known('recording', status) THEN
        PERFORM leap.refuse('LP030', format('there is no status "%s"', status), format('Statuses are %s.',
            (SELECT string_agg(DISTINCT f.to_status, ', ') FROM leap.fsm() f WHERE f.entity = 'recording')));
    END IF;
    RETURN (SELECT coalesce(jsonb_agg(l.item ORDER BY l.id DESC), '[]') FROM (
        SELECT r.id, jsonb_build_object('id', r.id, 'name', r.display_name, 'status', r.status, 'user', u.email,
            'created_at', r.created_at, 'duration', r.duration, 'final_duration', r.final_duration, 'failed', r.failed,
            'failed_at_stage', r.failed_at_stage, 'error_message', r.error_message, 'hold', r.hold,
            'progress', (SELECT leap.run_progress(x.id) FROM leap.runs x WHERE x.recording_id = r.id ORDER BY x.started_at DESC LIMIT 1)) AS item
        FROM leap.recordings r JOIN leap.users u ON u.id = r.user_id
        WHERE r.delete_state = 'active'
          AND (owner IS NULL OR r.user_id = owner) AND (recording_list.status IS NULL OR r.status = recording_list.status)
        ORDER BY r.id DESC LIMIT "limit") l);
END
$$;
COMMENT ON FUNCTION leap.recording_list(text, text, int) IS
'The newest recordings, optionally of one user or status, as a JSON array. Errors LP020 for an unknown user, LP030 for an unknown status.';

CREATE OR REPLACE FUNCTION leap.worker_list()
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', w.id, 'name', w.name, 'queues', w.queues, 'slots', w.slots, 'info', w.info,
        'state', CASE WHEN w.stopped_at IS NOT NULL THEN 'stopped' WHEN w.gone_at IS NOT NULL THEN 'gone' ELSE 'alive' END,
        'registered_at', w.registered_at, 'silent_seconds', extract(epoch FROM clock_timestamp() - w.beat_at),
        'running', (SELECT count(*) FROM leap.task_lease l WHERE l.worker_id = w.id)) ORDER BY w.no DESC), '[]')
    FROM leap.workers w WHERE w.stopped_at IS NULL OR w.stopped_at > clock_timestamp() - interval '1 hour'
$$;
COMMENT ON FUNCTION leap.worker_list() IS
'The workers that live, and those that stopped within the hour, as a JSON array.';

CREATE OR REPLACE FUNCTION leap.event_list(recording uuid, since timestamptz = '-infinity')
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('at', e.at, 'entity', e.entity, 'kind', e.kind, 'from', e.from_state, 'to', e.to_state,
        'event', e.event, 'attempt', e.attempt, 'task', e.task::text) ORDER BY e.at, e.task), '[]')
    FROM leap.task_events e WHERE e.recording_id = recording AND e.at > since
$$;
COMMENT ON FUNCTION leap.event_list(uuid, timestamptz) IS
'The history of a recording after a moment, oldest first, as a JSON array.';
