-- What holds in every snapshot of a LEAP database, whatever happened before. No row: all of it does.
--
--     psql -d leap -f tests/chaos/invariants.sql
--
-- One statement, so that it may be asked while everything runs: each row is (rule, subject, detail).
WITH live AS (
    SELECT t.*, k.counted FROM leap.tasks t JOIN leap.task_kinds k USING (kind)
    WHERE t.state IN ('blocked', 'scheduled', 'ready', 'running'))
SELECT v.* FROM (
    -- the physical state and the truth
    SELECT 'a lease without a running task', l.task::text, coalesce(t.kind || ' is ' || t.state, 'there is no such task')
    FROM leap.task_lease l LEFT JOIN leap.tasks t ON t.id = l.task WHERE t.state IS DISTINCT FROM 'running'
    UNION ALL
    SELECT 'a running task without a lease', t.id::text, t.kind
    FROM live t WHERE t.state = 'running' AND NOT EXISTS (SELECT FROM leap.task_lease l WHERE l.task = t.id)
    UNION ALL
    SELECT 'a lease that is not its task''s', l.task::text,
           format('fence ..%s and ..%s, worker %s and %s', to_hex(l.fence & 65535), to_hex(t.fence & 65535), l.worker_id, t.worker_id)
    FROM leap.task_lease l JOIN live t ON t.id = l.task
    WHERE (l.fence, l.worker_id, l.lane, l.counted) IS DISTINCT FROM (t.fence, t.worker_id, t.lane, t.counted)
    UNION ALL
    SELECT 'a ready row without a ready task', c.task::text, coalesce(t.kind || ' is ' || t.state, 'there is no such task')
    FROM leap.task_ready c LEFT JOIN leap.tasks t ON t.id = c.task WHERE t.state IS DISTINCT FROM 'ready'
    UNION ALL
    SELECT 'a ready task without a ready row', t.id::text, t.kind
    FROM live t WHERE t.state = 'ready' AND NOT EXISTS (SELECT FROM leap.task_ready c WHERE c.task = t.id)
    UNION ALL
    SELECT 'a ready row that is not its task''s', c.task::text, format('%s, lane %s, recording %s', c.queue, c.lane, c.recording_id)
    FROM leap.task_ready c JOIN live t ON t.id = c.task
    WHERE (c.queue, c.lane, c.prio, c.recording_id, c.counted) IS DISTINCT FROM (t.queue, t.lane, t.prio, t.recording_id, t.counted)
    UNION ALL
    SELECT 'a scheduled row without a scheduled task', s.task::text, coalesce(t.kind || ' is ' || t.state, 'there is no such task')
    FROM leap.task_scheduled s LEFT JOIN leap.tasks t ON t.id = s.task WHERE t.state IS DISTINCT FROM 'scheduled'
    UNION ALL
    SELECT 'a scheduled task without a scheduled row', t.id::text, t.kind
    FROM live t WHERE t.state = 'scheduled' AND NOT EXISTS (SELECT FROM leap.task_scheduled s WHERE s.task = t.id)

    -- tasks, their run, their recording
    UNION ALL
    SELECT 'a task goes on after its run', t.id::text, format('%s is %s, the run is %s', t.kind, t.state, coalesce(u.state, 'missing'))
    FROM live t LEFT JOIN leap.runs u ON u.id = t.run_id WHERE t.recording_id IS NOT NULL AND u.state IS DISTINCT FROM 'active'
    UNION ALL
    SELECT 'an active run without a task to do', u.recording_id::text, u.id::text
    FROM leap.runs u WHERE u.state = 'active' AND NOT EXISTS (SELECT FROM live t WHERE t.run_id = u.id)
    UNION ALL
    SELECT 'a finished run with an unfinished task', u.recording_id::text, format('%s %s', t.kind, t.state)
    FROM leap.runs u JOIN leap.tasks t ON t.run_id = u.id WHERE u.state = 'finished' AND t.state NOT IN ('succeeded', 'skipped')
    UNION ALL
    SELECT 'a blocked task that nothing will wake', t.id::text, t.kind
    FROM live t JOIN leap.recordings r ON r.id = t.recording_id WHERE t.state = 'blocked' AND t.deps_left = 0 AND r.hold IS NULL
    UNION ALL
    SELECT 'a blocked task miscounts what it waits for', t.id::text, format('%s: counted %s, unfinished %s', t.kind, t.deps_left, e.n)
    FROM live t CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM leap.task_edge x JOIN leap.tasks p ON p.id = x.from_task
        WHERE x.to_task = t.id AND p.state NOT IN ('succeeded', 'skipped')) e
    WHERE t.state = 'blocked' AND t.deps_left <> e.n
    UNION ALL
    SELECT 'a held recording with a task that may start', r.id::text, format('held as %s, %s is %s', r.hold, t.kind, t.state)
    FROM leap.recordings r JOIN live t ON t.recording_id = r.id WHERE r.hold IS NOT NULL AND t.state IN ('ready', 'scheduled')
    UNION ALL
    SELECT 'a task runs and its recording does not show it', r.id::text, format('%s runs, the recording is %s', t.kind, r.status)
    FROM live t JOIN leap.recordings r ON r.id = t.recording_id JOIN leap.stages() s ON s.stage = t.stage
    WHERE t.state = 'running' AND r.status <> s.during_status
    UNION ALL
    SELECT 'a recording is in a stage without a run', r.id::text, r.status
    FROM leap.recordings r JOIN leap.stages() s ON s.during_status = r.status
    WHERE NOT EXISTS (SELECT FROM leap.runs u WHERE u.recording_id = r.id AND u.state = 'active')
    UNION ALL
    SELECT 'a deleted recording with an active run', r.id::text, u.id::text
    FROM leap.recordings r JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active' WHERE r.delete_state <> 'active'
    UNION ALL
    SELECT 'a target is being uploaded by nobody', o.id::text, o.recording_id::text
    FROM leap.output_targets o
    WHERE o.status = 'UPLOADING' AND NOT EXISTS (SELECT FROM live t WHERE t.target_id = o.id AND t.state = 'running')
    UNION ALL
    SELECT 'a published target without an address', o.id::text, o.recording_id::text
    FROM leap.output_targets o WHERE o.status = 'UPLOADED' AND (o.remote_id IS NULL OR o.url IS NULL)

    -- limits and accounts
    UNION ALL
    SELECT 'more leases than the limit', u.email, format('%s leases, at most %s', l.n, leap.quota_limit(u.id, 'concurrent_tasks'))
    FROM leap.users u JOIN (SELECT lane, count(*) AS n FROM leap.task_lease WHERE counted GROUP BY lane) l USING (lane)
    WHERE l.n > leap.quota_limit(u.id, 'concurrent_tasks')
    UNION ALL
    SELECT 'a task in the lane of another user', t.id::text, format('lane %s', t.lane)
    FROM live t JOIN leap.users u ON u.id = t.user_id WHERE t.lane <> u.lane
    UNION ALL
    SELECT 'storage is miscounted', u.email, format('counted %s, artifacts %s', q.used, a.bytes)
    FROM leap.users u JOIN leap.quota_usage q ON q.user_id = u.id AND q.quota = 'storage_bytes'
    CROSS JOIN LATERAL (SELECT coalesce(sum(bytes), 0) AS bytes FROM leap.artifacts a WHERE a.user_id = u.id) a
    WHERE q.used <> a.bytes
    UNION ALL
    SELECT 'a file that is named is garbage', a.uri, a.recording_id::text
    FROM leap.artifacts a JOIN leap.storage_garbage g USING (uri)
    ) v (rule, subject, detail) ORDER BY 1, 2;
