-- Metrics: the state of LEAP as text for Prometheus (exposition format 0.0.4).
--
-- Read often, so it must be cheap: small tables, totals that a chore adds up (82_attempts.sql), nothing that reads tasks or
-- recordings from end to end. No label names a user, a recording or a host, so the number of series does not grow with use.
-- leap.metric_names() is the list of them; one that is not there is not shown. Takes no locks.

CREATE OR REPLACE FUNCTION leap.metric_names()
RETURNS TABLE (name text, type text, help text) LANGUAGE sql IMMUTABLE AS $$
    VALUES ('leap_schema_info', 'gauge', 'Version of the schema and of the extension; always 1.'),
           ('leap_queue_tasks', 'gauge', 'Tasks of a queue that are ready, running or scheduled, now.'),
           ('leap_queue_oldest_seconds', 'gauge', 'How long the oldest ready task of a queue has been ready; 0 without one.'),
           ('leap_queue_paused', 'gauge', 'Whether an operator paused the queue.'),
           ('leap_queue_workers', 'gauge', 'Living workers that serve the queue.'),
           ('leap_queue_places', 'gauge', 'How many tasks of the queue the living workers could run at the same time.'),
           ('leap_workers', 'gauge', 'Workers that are alive, and that were lost and not yet forgotten.'),
           ('leap_worker_slots', 'gauge', 'Slots of all living workers, and how many of them are busy.'),
           ('leap_tasks', 'gauge', 'Tasks that have not ended, by kind and state; as of the last roll.'),
           ('leap_task_claims_total', 'counter', 'Tasks claimed by workers.'),
           ('leap_tasks_finished_total', 'counter', 'Tasks that ended, by outcome: succeeded, failed, cancelled, skipped.'),
           ('leap_task_retries_total', 'counter', 'Attempts that failed and are tried again.'),
           ('leap_task_rescues_total', 'counter', 'Tasks taken from dead or stuck workers.'),
           ('leap_task_hand_backs_total', 'counter', 'Tasks that stopping workers gave back.'),
           ('leap_task_seconds', 'histogram', 'How long successful attempts ran.'),
           ('leap_task_wait_seconds', 'histogram', 'How long tasks had been ready when they were claimed.'),
           ('leap_platform_calls_total', 'counter', 'Attempts that talked to a kind of platform, by how they ended.'),
           ('leap_platform_breakers', 'gauge', 'Circuit breakers of a kind of platform that are open, half open, or kept closed to starts by a pause.'),
           ('leap_rate_limit_tokens', 'gauge', 'Tokens left in the emptiest bucket of a rate limit.'),
           ('leap_rate_limit_waiting', 'gauge', 'Tasks that wait for a rate limit or a circuit breaker.'),
           ('leap_quota_users', 'gauge', 'Users who have used 80 percent (near) or all (reached) of a quota; counted every five minutes.'),
           ('leap_recordings_held', 'gauge', 'Recordings that are held, by reason.'),
           ('leap_storage_bytes', 'gauge', 'Bytes of all files of all recordings.'),
           ('leap_deliveries', 'gauge', 'Mails and webhooks that are not out yet: scheduled for later, or pending.'),
           ('leap_automation_jobs', 'gauge', 'Enabled automation jobs: all, those whose time has passed by two minutes (late), and those whose last run failed.'),
           ('leap_bell_age_seconds', 'gauge', 'How long ago leap.tick() was rung, by ringer; +Inf: never.'),
           ('leap_bell_expected', 'gauge', 'Whether leap.bell expects this ringer.'),
           ('leap_chore_age_seconds', 'gauge', 'How long ago a chore of leap.tick() ran.'),
           ('leap_chore_failed', 'gauge', 'Whether a chore of leap.tick() failed when it ran last.'),
           ('leap_statistics_age_seconds', 'gauge', 'How far counters, histograms and leap_tasks are behind.'),
           ('leap_database_bytes', 'gauge', 'Size of the database.'),
           ('leap_oldest_transaction_seconds', 'gauge', 'Age of the oldest open transaction in the database.')
$$;
COMMENT ON FUNCTION leap.metric_names() IS 'The metrics of leap.metrics(): name, type, meaning.';

CREATE OR REPLACE FUNCTION leap.metric_labels(VARIADIC pairs text[])
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN cardinality(pairs) > 0 THEN
        '{' || string_agg(format('%s="%s"', pairs[i], replace(replace(replace(coalesce(pairs[i + 1], ''), '\', '\\'), '"', '\"'), E'\n', '\n')), ',' ORDER BY i) || '}' END
    FROM generate_series(1, cardinality(pairs), 2) i
$$;
COMMENT ON FUNCTION leap.metric_labels(text[]) IS
'Labels of a metric from names and values in turn, escaped as Prometheus wants them: {name="value",...}.';

CREATE OR REPLACE FUNCTION leap.queue_metrics()
RETURNS TABLE (name text, labels text, value double precision, place double precision) LANGUAGE sql STABLE AS $$
    WITH queue AS (SELECT unnest(leap.queue_names()) AS queue),
    first AS MATERIALIZED (SELECT c.queue, count(*) AS n, min(c.seq) AS seq FROM leap.task_ready c GROUP BY c.queue),
    ready AS (SELECT f.queue, f.n, c.task AS oldest FROM first f JOIN leap.task_ready c ON (c.queue, c.seq) = (f.queue, f.seq)),
    running AS (SELECT t.queue, count(*) AS n FROM leap.task_lease l JOIN leap.tasks t ON t.id = l.task GROUP BY t.queue),
    scheduled AS (SELECT t.queue, count(*) AS n FROM leap.task_scheduled s JOIN leap.tasks t ON t.id = s.task GROUP BY t.queue),
    alive AS MATERIALIZED (SELECT w.queues, w.room, w.slots, w.slots - coalesce((SELECT sum(r.value::int) FROM jsonb_each_text(w.room) r), 0) AS shared
                           FROM leap.workers w WHERE w.stopped_at IS NULL AND w.gone_at IS NULL)
    SELECT 'leap_queue_tasks', leap.metric_labels('queue', q.queue, 'state', x.state), coalesce(x.n, 0), NULL::float8
    FROM queue q LEFT JOIN ready r USING (queue) LEFT JOIN running n USING (queue) LEFT JOIN scheduled s USING (queue)
    CROSS JOIN LATERAL (VALUES ('ready', r.n), ('running', n.n), ('scheduled', s.n)) AS x (state, n)
    UNION ALL
    SELECT 'leap_queue_oldest_seconds', leap.metric_labels('queue', q.queue), greatest(extract(epoch FROM clock_timestamp() - coalesce(e.at, t.created_at)), 0), NULL
    FROM queue q LEFT JOIN ready r USING (queue) LEFT JOIN leap.tasks t ON t.id = r.oldest
    LEFT JOIN LATERAL (SELECT max(h.at) AS at FROM leap.task_events h
                       WHERE h.recording_id = t.recording_id AND h.at >= t.created_at AND h.task = t.id AND h.to_state = 'ready') e ON true
    UNION ALL
    SELECT 'leap_queue_paused', leap.metric_labels('queue', q.queue), count(p.paused_at), NULL FROM queue q LEFT JOIN leap.queues p USING (queue) GROUP BY q.queue
    UNION ALL
    SELECT x.name, leap.metric_labels('queue', q.queue), x.n, NULL
    FROM queue q CROSS JOIN LATERAL (SELECT count(*) AS workers, coalesce(sum(coalesce((a.room->>q.queue)::int, a.shared)), 0) AS places FROM alive a WHERE q.queue = ANY (a.queues)) w
    CROSS JOIN LATERAL (VALUES ('leap_queue_workers', w.workers), ('leap_queue_places', w.places)) AS x (name, n)
    UNION ALL
    SELECT 'leap_workers', leap.metric_labels('state', x.state), x.n, NULL
    FROM (SELECT count(*) FILTER (WHERE w.gone_at IS NULL AND w.stopped_at IS NULL) AS alive,
                 count(*) FILTER (WHERE w.gone_at IS NOT NULL) AS lost FROM leap.workers w) w
    CROSS JOIN LATERAL (VALUES ('alive', w.alive), ('lost', w.lost)) AS x (state, n)
    UNION ALL
    SELECT 'leap_worker_slots', leap.metric_labels('state', x.state), x.n, NULL
    FROM (VALUES ('all', (SELECT coalesce(sum(a.slots), 0) FROM alive a)), ('busy', (SELECT count(*) FROM leap.task_lease))) AS x (state, n)
$$;
COMMENT ON FUNCTION leap.queue_metrics() IS 'The metrics of queues and workers.';

-- What the database keeps as totals. A histogram has all its buckets, also those nothing fell into yet.
CREATE OR REPLACE FUNCTION leap.task_metrics()
RETURNS TABLE (name text, labels text, value double precision, place double precision) LANGUAGE sql STABLE AS $$
    SELECT 'leap_tasks', leap.metric_labels('kind', k.kind, 'state', s.state), coalesce(l.tasks, 0), NULL::float8
    FROM leap.task_kinds k CROSS JOIN unnest('{blocked,ready,scheduled,running}'::text[]) AS s (state) LEFT JOIN leap.task_levels l ON (l.kind, l.state) = (k.kind, s.state)
    UNION ALL
    SELECT 'leap_tasks_finished_total', leap.metric_labels('kind', k.kind, 'outcome', s.state), coalesce(sum(m.total), 0), NULL
    FROM leap.task_kinds k CROSS JOIN unnest('{succeeded,failed,cancelled,skipped}'::text[]) AS s (state) LEFT JOIN leap.task_moves m ON (m.kind, m.to_state) = (k.kind, s.state)
    GROUP BY k.kind, s.state
    UNION ALL
    SELECT x.name, leap.metric_labels('kind', k.kind), coalesce(sum(m.total), 0), NULL
    FROM leap.task_kinds k
    CROSS JOIN (VALUES ('leap_task_claims_total', 'claim'), ('leap_task_retries_total', 'retry'), ('leap_task_rescues_total', 'rescue'), ('leap_task_hand_backs_total', 'hand_back')) AS x (name, event)
    LEFT JOIN leap.task_moves m ON (m.kind, m.event, m.from_state) = (k.kind, x.event, CASE x.event WHEN 'claim' THEN 'ready' ELSE 'running' END) GROUP BY x.name, k.kind
    UNION ALL
    SELECT x.name || '_bucket', leap.metric_labels('kind', k.kind, 'le', CASE b.le WHEN 'Infinity' THEN '+Inf' ELSE b.le::text END), coalesce(d.total, 0), b.le
    FROM leap.task_kinds k CROSS JOIN (VALUES ('leap_task_seconds', 'run'), ('leap_task_wait_seconds', 'wait')) AS x (name, measure)
    CROSS JOIN unnest(leap.duration_bounds()) AS b (le) LEFT JOIN leap.task_durations d ON (d.kind, d.measure, d.le) = (k.kind, x.measure, b.le)
    UNION ALL
    SELECT x.name || s.suffix, leap.metric_labels('kind', k.kind), coalesce(CASE s.suffix WHEN '_sum' THEN d.seconds ELSE d.total END, 0), NULL
    FROM leap.task_kinds k CROSS JOIN (VALUES ('leap_task_seconds', 'run'), ('leap_task_wait_seconds', 'wait')) AS x (name, measure)
    CROSS JOIN (VALUES ('_sum'), ('_count')) AS s (suffix) LEFT JOIN leap.task_durations d ON (d.kind, d.measure, d.le) = (k.kind, x.measure, 'Infinity')
    UNION ALL
    SELECT 'leap_platform_calls_total', leap.metric_labels('platform', p.platform, 'kind', p.kind, 'outcome', p.outcome), p.total, NULL FROM leap.platform_calls p
    UNION ALL
    SELECT 'leap_statistics_age_seconds', NULL, greatest(extract(epoch FROM clock_timestamp() - s.rolled_to), 0), NULL FROM leap.statistics_state s WHERE s.rolled_to IS NOT NULL
$$;
COMMENT ON FUNCTION leap.task_metrics() IS 'The metrics that are totals and levels of tasks.';

CREATE OR REPLACE FUNCTION leap.limit_metrics()
RETURNS TABLE (name text, labels text, value double precision, place double precision) LANGUAGE sql STABLE AS $$
    SELECT 'leap_platform_breakers', leap.metric_labels('platform', split_part(c.platform, ':', 1), 'state', x.state), count(*) FILTER (WHERE x.hit), NULL::float8
    FROM leap.circuits c
    CROSS JOIN LATERAL (VALUES ('open', c.state = 'open'), ('half_open', c.state = 'half_open'), ('paused', coalesce(c.paused_until > clock_timestamp(), false))) AS x (state, hit)
    GROUP BY split_part(c.platform, ':', 1), x.state
    UNION ALL
    SELECT 'leap_rate_limit_tokens', leap.metric_labels('platform', l.platform, 'scope', l.scope, 'seconds', extract(epoch FROM l.per)::float8::text),
           coalesce(min(leap.bucket_level(b, l)), coalesce(l.burst, l.tokens)), NULL
    FROM leap.rate_limits l LEFT JOIN leap.rate_buckets b ON b.limit_id = l.id GROUP BY l.id
    UNION ALL
    SELECT 'leap_rate_limit_waiting', leap.metric_labels('reason', x.gate), count(s.gate), NULL
    FROM unnest('{limit,pause,breaker}'::text[]) AS x (gate) LEFT JOIN leap.task_scheduled s ON s.gate = x.gate AND s.gate_id IS NOT NULL GROUP BY x.gate
    UNION ALL
    SELECT 'leap_quota_users', leap.metric_labels('quota', q.quota, 'level', x.level), x.n, NULL
    FROM leap.statistics_state s, jsonb_to_recordset(s.quotas) AS q (quota text, near int, reached int)
    CROSS JOIN LATERAL (VALUES ('near', q.near), ('reached', q.reached)) AS x (level, n)
    UNION ALL
    SELECT 'leap_recordings_held', leap.metric_labels('reason', x.hold), count(r.id), NULL
    FROM unnest('{paused,blank,quality,credential,quota,quarantine}'::text[]) AS x (hold)
    LEFT JOIN leap.recordings r ON r.hold = x.hold AND r.hold IS NOT NULL AND r.delete_state = 'active' GROUP BY x.hold
    UNION ALL
    SELECT 'leap_deliveries', leap.metric_labels('channel', x.channel, 'state', x.state), count(d.id), NULL
    FROM (VALUES ('email', 'scheduled'), ('email', 'pending'), ('webhook', 'scheduled'), ('webhook', 'pending')) AS x (channel, state)
    LEFT JOIN leap.deliveries d ON (d.channel, d.state) = (x.channel, x.state) AND d.finished_at IS NULL GROUP BY x.channel, x.state
    UNION ALL
    SELECT 'leap_storage_bytes', NULL, coalesce(sum(u.used), 0), NULL FROM leap.quota_usage u WHERE u.quota = 'storage_bytes'
$$;
COMMENT ON FUNCTION leap.limit_metrics() IS 'The metrics of platforms, quotas and holds.';

CREATE OR REPLACE FUNCTION leap.automation_metrics()
RETURNS TABLE (name text, labels text, value double precision, place double precision) LANGUAGE sql STABLE AS $$
    SELECT 'leap_automation_jobs', leap.metric_labels('state', x.state), x.n::float8, NULL::float8
    FROM (SELECT count(*) AS enabled, count(*) FILTER (WHERE j.next_run_at < leap.clock() - interval '2 minutes') AS late,
                 count(*) FILTER (WHERE j.last_error IS NOT NULL) AS failed
          FROM leap.automation_jobs j WHERE j.is_enabled) j
    CROSS JOIN LATERAL (VALUES ('enabled', j.enabled), ('late', j.late), ('failed', j.failed)) AS x (state, n)
$$;
COMMENT ON FUNCTION leap.automation_metrics() IS 'The metrics of automation jobs.';

CREATE OR REPLACE FUNCTION leap.server_metrics()
RETURNS TABLE (name text, labels text, value double precision, place double precision) LANGUAGE sql STABLE AS $$
    SELECT 'leap_schema_info', leap.metric_labels('version', coalesce((SELECT v.version FROM leap.schema_versions v ORDER BY v.deployed_at DESC LIMIT 1), 'unknown'), 'extension', e.extversion), 1::float8, NULL::float8
    FROM pg_extension e WHERE e.extname = 'leap'
    UNION ALL
    SELECT 'leap_bell_age_seconds', leap.metric_labels('ringer', b.ringer), extract(epoch FROM clock_timestamp() - b.rung_at), NULL FROM leap.bells b
    UNION ALL
    -- who should ring and never did must not be missing: what is missing raises no alarm
    SELECT 'leap_bell_age_seconds', leap.metric_labels('ringer', r.ringer), 'Infinity', NULL
    FROM (SELECT CASE leap.setting('leap.bell') WHEN 'worker' THEN 'worker' ELSE 'cron' END AS ringer) r
    WHERE NOT EXISTS (SELECT FROM leap.bells b WHERE b.ringer = r.ringer)
    UNION ALL
    SELECT 'leap_bell_expected', leap.metric_labels('ringer', r.ringer), (leap.setting('leap.bell') IN (r.ringer, 'both'))::int, NULL FROM unnest('{cron,worker}'::text[]) AS r (ringer)
    UNION ALL
    SELECT x.name, leap.metric_labels('chore', c.chore), x.n, NULL FROM leap.chore_runs c JOIN leap.chores() k USING (chore)
    CROSS JOIN LATERAL (VALUES ('leap_chore_age_seconds', extract(epoch FROM clock_timestamp() - c.ran_at)), ('leap_chore_failed', (c.result LIKE 'error:%')::int)) AS x (name, n)
    UNION ALL
    SELECT 'leap_database_bytes', NULL, pg_database_size(current_database()), NULL
    UNION ALL
    SELECT 'leap_oldest_transaction_seconds', NULL, greatest(coalesce(extract(epoch FROM max(clock_timestamp() - a.xact_start)), 0), 0), NULL
    FROM pg_stat_activity a WHERE a.backend_type = 'client backend' AND a.datname = current_database() AND a.pid <> pg_backend_pid()
$$;
COMMENT ON FUNCTION leap.server_metrics() IS 'The metrics of the bell and the server.';

CREATE OR REPLACE FUNCTION leap.metrics()
RETURNS text LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET jit = off AS $$
    SELECT string_agg(f.lines, '' ORDER BY f.n) FROM (
        SELECT m.n, format(E'# HELP %s %s\n# TYPE %s %s\n', m.name, m.help, m.name, m.type)
                    || string_agg(format(E'%s%s %s\n', v.name, v.labels, replace(v.value::text, 'Infinity', '+Inf')), '' ORDER BY v.name, regexp_replace(v.labels, ',le=.*', ''), v.place, v.labels) AS lines
        FROM leap.metric_names() WITH ORDINALITY AS m (name, type, help, n)
        JOIN (SELECT * FROM leap.queue_metrics() UNION ALL SELECT * FROM leap.task_metrics() UNION ALL SELECT * FROM leap.limit_metrics()
              UNION ALL SELECT * FROM leap.automation_metrics() UNION ALL SELECT * FROM leap.server_metrics()) v
            ON v.name = m.name OR (m.type = 'histogram' AND v.name IN (m.name || '_bucket', m.name || '_sum', m.name || '_count'))
        GROUP BY m.n, m.name, m.type, m.help) f
$$;
COMMENT ON FUNCTION leap.metrics() IS
'All metrics as text for Prometheus, format 0.0.4; docs/monitoring.md tells what they are for. Counters and histograms are at most a minute behind (leap_statistics_age_seconds). For leap_worker and operators; takes a few milliseconds.';
