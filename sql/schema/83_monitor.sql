-- What goes on now, in one look: for the program's monitor, which asks every second.
--
-- Read often, so it must be cheap: leases, the small tables of queues and workers, attempts of the last hour by their
-- index. What can be long is cut, and counted whole. Takes no locks.

CREATE OR REPLACE FUNCTION leap.running_tasks(most int = 200)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', t.id::text, 'kind', t.kind, 'queue', t.queue, 'attempt', t.attempt, 'progress', t.progress,
               'current_step', t.current_step, 'started_at', t.started_at, 'elapsed_seconds', greatest(extract(epoch FROM clock_timestamp() - t.started_at), 0),
               'worker', l.worker_id, 'worker_name', w.name, 'recording', t.recording_id, 'recording_name', r.display_name, 'user', u.email)) ORDER BY t.started_at, t.id), '[]')
    FROM (SELECT x.task, x.worker_id FROM leap.task_lease x ORDER BY x.task LIMIT most) l
    JOIN leap.tasks t ON t.id = l.task
    LEFT JOIN leap.workers w ON w.id = l.worker_id
    LEFT JOIN leap.recordings r ON r.id = t.recording_id
    LEFT JOIN leap.users u ON u.id = t.user_id
$$;
COMMENT ON FUNCTION leap.running_tasks(int) IS
'What workers do now, at most so many tasks, the longest running first: [{id, kind, queue, attempt, progress 0..100, current_step, started_at, elapsed_seconds, worker, worker_name, recording, recording_name, user}]; absent is what a task does not have. For operators: those of everybody.';

-- In plpgsql so that its plan is kept: planning takes longer than running.
CREATE OR REPLACE FUNCTION leap.monitor()
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET jit = off AS $$
BEGIN
    RETURN (
    WITH oldest AS (
        SELECT substring(m.labels FROM 'queue="([a-z]+)"') AS queue, m.value AS seconds FROM leap.queue_metrics() m WHERE m.name = 'leap_queue_oldest_seconds'),
    attempts AS MATERIALIZED (
        SELECT a.kind, a.outcome, coalesce(a.class, 'lost') AS class, a.code, a.message, a.at FROM leap.task_attempts a WHERE a.at > now() - interval '1 hour'),
    failed AS (
        SELECT a.class, a.kind, count(*) AS attempts, count(*) FILTER (WHERE a.outcome = 'failed') AS final, max(a.at) AS last_at,
               (array_agg(a.message ORDER BY a.at DESC))[1] AS last_message
        FROM attempts a WHERE a.outcome IN ('failed', 'retried') GROUP BY a.class, a.kind)
    SELECT jsonb_build_object('at', now(),
        'queues', (SELECT jsonb_agg(q.one || jsonb_build_object('oldest_seconds', coalesce(o.seconds, 0)) ORDER BY q.n)
                   FROM jsonb_array_elements(leap.queue_list()) WITH ORDINALITY AS q(one, n) LEFT JOIN oldest o ON o.queue = q.one->>'queue'),
        'workers', (SELECT coalesce(jsonb_agg(w.one ORDER BY w.n), '[]') FROM jsonb_array_elements(leap.worker_list()) WITH ORDINALITY AS w(one, n)
                    WHERE w.one->>'state' <> 'stopped'),
        'tasks', leap.running_tasks(200),
        'running', (SELECT count(*) FROM leap.task_lease),
        'failures', (SELECT coalesce(jsonb_agg(to_jsonb(f) ORDER BY f.attempts DESC, f.class, f.kind), '[]') FROM failed f),
        'breakers', (SELECT coalesce(jsonb_agg(to_jsonb(b) || jsonb_build_object('probe', b.probe::text)), '[]') FROM leap.breakers b),
        'succeeded', (SELECT count(*) FROM attempts a WHERE a.outcome = 'succeeded')));
END
$$;
COMMENT ON FUNCTION leap.monitor() IS
'What goes on now: {at, queues (leap.queue_list() and oldest_seconds, how long the oldest ready task waits), workers (leap.worker_list() without the stopped), tasks (leap.running_tasks(), at most 200) and running (how many there are), failures of the last hour [{class, kind, attempts, final (not tried again), last_at, last_message}], breakers (leap.breakers), succeeded (attempts of the last hour)}. Attempts are at most a minute behind. For operators.';
