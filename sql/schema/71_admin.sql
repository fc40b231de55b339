-- Views for the people who run LEAP: what waits, what is stuck, what failed, who is at a limit.
--
-- "Why is X not moving?" is answered in three queries: leap.stuck names the recording and the reason, leap.backlog
-- the queue it waits in, leap.workers who serves that queue (docs/admin.md).

CREATE OR REPLACE VIEW leap.backlog AS
SELECT k.queue, u.email AS "user", count(t.id) FILTER (WHERE t.state = 'ready') AS ready,
       count(t.id) FILTER (WHERE t.state = 'running') AS running,
       count(t.id) FILTER (WHERE t.state = 'scheduled') AS scheduled,
       count(t.id) FILTER (WHERE t.state = 'blocked') AS blocked,
       clock_timestamp() - min(t.created_at) FILTER (WHERE t.state = 'ready') AS oldest_ready
FROM leap.task_kinds k
JOIN leap.tasks t ON t.kind = k.kind AND t.state IN ('ready', 'running', 'scheduled', 'blocked')
LEFT JOIN leap.users u ON u.id = t.user_id
GROUP BY k.queue, u.email;
COMMENT ON VIEW leap.backlog IS
'Tasks that have not ended, by queue and user, and how long the oldest ready one has existed. user is null for housekeeping.';

CREATE OR REPLACE VIEW leap.failures AS
SELECT r.id AS recording, r.display_name AS name, u.email AS "user", r.status, r.failed_at_stage AS stage, r.failed_at,
       r.error->>'class' AS class, r.error->>'code' AS code, r.error->>'message' AS message, r.error->>'hint' AS hint,
       r.retry_count, r.next_attempt_at
FROM leap.recordings r JOIN leap.users u ON u.id = r.user_id
WHERE r.failed AND r.delete_state = 'active'
ORDER BY r.failed_at DESC;
COMMENT ON VIEW leap.failures IS
'Recordings whose last try failed, newest first: FAILED ones need a person, the others are tried again at next_attempt_at.';

CREATE OR REPLACE VIEW leap.limits AS
SELECT u.email AS "user", s.quota, s.unit, s.used, s.reserved, s."limit", s.source, s.remaining, s.percent, s.resets_at
FROM leap.users u CROSS JOIN LATERAL leap.quota_status_of(u.id) s;
COMMENT ON VIEW leap.limits IS
'What each user uses of each quota, the limit in force (null = unlimited) and when it counts anew: leap.quota_status() of everybody.';

CREATE OR REPLACE VIEW leap.rate_status AS
SELECT coalesce(b.platform, l.platform) AS platform, l.scope,
       CASE l.scope WHEN 'user' THEN coalesce((SELECT u.email FROM leap.users u WHERE u.lane::text = b.key), b.key) ELSE nullif(b.key, '') END AS "of",
       l.tokens AS "limit", l.per, coalesce(l.burst, l.tokens) AS burst,
       round(coalesce(n.level, l.burst, l.tokens)::numeric, 2) AS tokens_now,
       CASE WHEN n.level < 1 THEN clock_timestamp() + (1 - n.level) * l.per / l.tokens END AS next_token_at,
       (SELECT count(*) FROM leap.task_scheduled s WHERE s.gate_id = b.id) AS waiting
FROM leap.rate_limits l
LEFT JOIN leap.rate_buckets b ON b.limit_id = l.id
LEFT JOIN LATERAL leap.bucket_level(b, l) AS n(level) ON b.id IS NOT NULL
ORDER BY l.platform, l.scope, l.per, b.platform, length(b.key), b.key;
COMMENT ON VIEW leap.rate_status IS
'Each rate limit and what is left of it, per platform and host and, by scope, per user or credential (of): tokens now, when the next one comes (null: there is one) and how many tasks wait for it.';

CREATE OR REPLACE VIEW leap.breakers AS
SELECT c.platform, nullif(c.credential, '') AS credential, c.state, cardinality(c.failed_tasks) AS failures, c.opened_at, c.opened_times,
       c.retry_at, c.probe, CASE WHEN c.paused_until > clock_timestamp() THEN c.paused_until END AS paused_until,
       (SELECT count(*) FROM leap.task_scheduled s WHERE s.gate_id = c.id) AS waiting, c.error->>'code' AS code, c.error->>'message' AS message
FROM leap.circuits c
WHERE c.state <> 'closed' OR cardinality(c.failed_tasks) > 0 OR c.paused_until > clock_timestamp()
ORDER BY c.platform, c.credential;
COMMENT ON VIEW leap.breakers IS
'Platforms and credentials in trouble: failures in a row, whether the breaker is open (no task starts until retry_at) or half open (the task probe tries), a pause the platform asked for, how many tasks wait, and the last error. No row: all is well.';

-- Each row is a recording that a person expects to move, and the first reason why it does not.
CREATE OR REPLACE VIEW leap.stuck AS
SELECT r.id AS recording, r.display_name AS name, r.status, t.id AS task, t.kind, t.queue, t.state, w.reason, w.remedy, w.code
FROM leap.recordings r
JOIN leap.runs run ON run.recording_id = r.id AND run.state = 'active'
JOIN LATERAL (
    SELECT x.* FROM leap.tasks x WHERE x.run_id = run.id AND x.state IN ('running', 'ready', 'scheduled', 'blocked')
    ORDER BY array_position(ARRAY['running', 'ready', 'scheduled', 'blocked'], x.state), x.id LIMIT 1) t ON true
LEFT JOIN leap.users u ON u.id = r.user_id
LEFT JOIN leap.task_scheduled s ON s.task = t.id
LEFT JOIN leap.queues q ON q.queue = t.queue
CROSS JOIN LATERAL (
    SELECT c.code, c.reason, c.remedy FROM (VALUES
        (1, r.hold IS NOT NULL, 'held', format('held: %s (%s)', r.hold, r.hold_message), CASE r.hold WHEN 'paused' THEN 'leap resume lets it go on, leap cancel ends it' WHEN 'quota' THEN 'it goes on by itself when there is room: raise the limit with leap.set_quota(), or delete what is not needed' ELSE 'leap accept lets it go on, leap cancel ends it' END),
        (2, t.state = 'scheduled' AND t.attempt = 0 AND run.start_at > clock_timestamp(),
            'starts_later', format('starts at %s UTC', to_char(run.start_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')), 'leap cancel, then leap run starts it now'),
        (2, s.gate IS NOT NULL, CASE s.gate WHEN 'limit' THEN 'limit' ELSE 'breaker' END, format('%s; looked at again at %s UTC', s.reason, to_char(s.run_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')), CASE s.gate WHEN 'limit' THEN 'wait, or change the row of leap.rate_limits' ELSE 'wait; SELECT leap.close_breaker(platform, credential) tries at once' END),
        (3, t.state = 'scheduled', 'retry', format('failed, next try at %s UTC: %s', to_char(s.run_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), t.error->>'message'), 'leap retry tries now'),
        (4, t.state = 'ready' AND q.paused_at IS NOT NULL, 'queue_paused', format('the queue %s is paused: %s', t.queue, q.reason), format('leap queue resume %s', t.queue)),
        (5, t.state = 'ready' AND NOT EXISTS (SELECT FROM leap.workers w WHERE w.stopped_at IS NULL AND w.gone_at IS NULL AND t.queue = ANY (w.queues)),
            'no_worker', format('no worker serves the queue %s', t.queue), 'start one: leap worker'),
        (6, t.state = 'ready' AND (SELECT count(*) FROM leap.task_lease l WHERE l.lane = u.lane AND l.counted) >= leap.quota_limit(u.id, 'concurrent_tasks'),
            'user_busy', 'the user is at the limit of concurrent tasks', 'wait, or raise concurrent_tasks of the user or plan'),
        (7, t.state = 'ready' AND (SELECT count(*) FROM leap.task_lease) >= (SELECT sum(w.slots) FROM leap.workers w WHERE w.stopped_at IS NULL AND w.gone_at IS NULL),
            'slots_taken', 'all slots of the workers are taken', 'wait, or start another worker'),
        (7, t.state = 'ready', 'in_queue', format('waits for a worker of the queue %s to take it', t.queue), 'wait a moment; leap workers shows what they are busy with'),
        (8, t.state = 'running' AND clock_timestamp() - t.started_at > interval '1 hour',
            'long', format('running for %s', date_trunc('minute', clock_timestamp() - t.started_at)), 'look at the log of its worker; leap cancel ends it')
        ) AS c (n, hit, code, reason, remedy)
    WHERE c.hit ORDER BY c.n LIMIT 1) w
WHERE r.delete_state = 'active';
COMMENT ON VIEW leap.stuck IS
'Recordings with an active run that is not being worked on (or for very long), with the reason and what to do.';

-- The usage of a recording is found by its tasks, which have an index there.
CREATE OR REPLACE FUNCTION leap.recording_usage(recording uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('event', s.event, 'provider', s.provider, 'requests', s.requests, 'audio_seconds', s.audio_seconds,
               'input_tokens', s.input_tokens, 'output_tokens', s.output_tokens, 'cost', s.cost, 'currency', leap.setting('leap.currency')) ORDER BY s.event, s.provider), '[]')
    FROM (SELECT e.event, e.provider, sum(e.requests) AS requests, sum(e.audio_seconds) AS audio_seconds, sum(e.input_tokens) AS input_tokens,
                 sum(e.output_tokens) AS output_tokens, sum(e.cost) AS cost
          FROM leap.tasks t JOIN leap.usage_events e ON e.task_id = t.id WHERE t.recording_id = recording AND e.provider IS NOT NULL GROUP BY e.event, e.provider) s
$$;
COMMENT ON FUNCTION leap.recording_usage(uuid) IS
'What providers were asked for by all tasks of a recording: [{event transcription or topics, provider, requests, audio_seconds, input_tokens, output_tokens, cost (null: no price is known), currency}].';

CREATE OR REPLACE FUNCTION leap.recording_detail(id uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings;
    run leap.runs;
BEGIN
    SELECT x.* INTO r FROM leap.recordings x WHERE x.id = recording_detail.id AND leap.may_see(x.user_id);
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', id), 'A list of recordings shows the ids.');
    END IF;
    SELECT u.* INTO run FROM leap.runs u WHERE u.recording_id = r.id ORDER BY u.started_at DESC LIMIT 1;
    RETURN jsonb_build_object(
        'id', r.id, 'name', r.display_name, 'status', r.status,
        'user', (SELECT jsonb_build_object('id', u.id, 'email', u.email) FROM leap.users u WHERE u.id = r.user_id),
        'source', leap.safe_url(r.source::text)::jsonb, 'created_at', r.created_at, 'start_time', r.start_time,
        'duration', r.duration, 'final_duration', r.final_duration, 'topics', r.topics, 'main_topics', r.main_topics,
        'failed', r.failed, 'failed_at_stage', r.failed_at_stage, 'error', r.error, 'retry_count', r.retry_count,
        'hold', CASE WHEN r.hold IS NOT NULL THEN jsonb_build_object('reason', r.hold, 'message', r.hold_message, 'by', r.held_by, 'at', r.held_at) END,
        'waiting', (SELECT jsonb_build_object('reason', w.reason, 'code', w.code, 'remedy', w.remedy) FROM leap.stuck w WHERE w.recording = r.id),
        'flags', r.flags, 'facts', r.facts, 'next_attempt_at', r.next_attempt_at,
        -- what leap.list_recordings() says of it
        'progress', (SELECT CASE WHEN r.status <> 'SKIPPED' THEN coalesce(sum(x.points)::numeric / nullif(sum(x.tasks), 0), avg(x.progress))::int ELSE 100 END
                     FROM leap.processing_stages x WHERE x.recording_id = r.id),
        'template', (SELECT jsonb_build_object('id', t.id, 'name', t.name, 'by', r.template_by) FROM leap.recording_templates t WHERE t.id = r.template_id AND t.user_id = r.user_id),
        'unmatched_reason', r.unmatched_reason,
        'deleted_at', r.deleted_at,
        'restore_until', CASE r.delete_state WHEN 'soft' THEN r.deleted_at + make_interval(days => (SELECT d.soft_delete_days FROM leap.retention_of(r.user_id) d)) END,
        'delete_reason', r.delete_reason, 'purged_at', r.purged_at, 'expire_at', r.expire_at, 'expire_by', r.expire_by,
        'run', CASE WHEN run.id IS NOT NULL THEN jsonb_build_object('id', run.id, 'state', run.state, 'trigger', run.trigger,
                                                                    'priority', run.priority, 'start_at', run.start_at,
                                                                    'started_at', run.started_at, 'finished_at', run.finished_at) END,
        'tasks', coalesce((SELECT jsonb_agg(leap.task_json(t) ORDER BY t.id) FROM leap.tasks t WHERE t.run_id = run.id), '[]'),
        'artifacts', coalesce((SELECT jsonb_agg(jsonb_build_object('kind', a.kind, 'uri', a.uri, 'bytes', a.bytes::text, 'sha256', a.sha256,
                'media_type', a.media_type, 'metadata', a.metadata, 'created_at', a.created_at) ORDER BY a.id)
            FROM leap.artifacts a WHERE a.recording_id = r.id), '[]'),
        'usage', leap.recording_usage(r.id),
        'targets', coalesce((SELECT jsonb_agg(jsonb_build_object('type', o.target_type, 'preset', o.preset_id, 'wanted', o.wanted, 'status', o.status, 'url', o.url,
                'remote_id', o.remote_id, 'error', o.error, 'uploaded_at', o.uploaded_at,
                'outdated', o.status = 'UPLOADED' AND EXISTS (SELECT FROM leap.artifacts a JOIN leap.task_kinds k ON k.output = a.kind JOIN leap.run_shape() s ON s.from_kind = k.kind AND s.to_kind = 'upload'
                                                             WHERE a.recording_id = r.id AND a.created_at > o.uploaded_at)) ORDER BY o.id)
            FROM leap.output_targets o WHERE o.recording_id = r.id), '[]'));
END
$$;
COMMENT ON FUNCTION leap.recording_detail(uuid) IS
'All there is to know of a recording as one JSON object: status, progress 0..100 (what need not be done counts as done, of a SKIPPED one all), error, hold, flags, deleted_at and restore_until of a deleted one, newest run with its tasks, artifacts, targets (outdated: published before what there is now was made), usage of providers, template {id, name, by: rule or user} or unmatched_reason. Error LP020, for another''s as well.';
