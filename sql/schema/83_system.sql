-- The installation as administrators watch it: what is now, what was, what comes, and what each task went through.
--
-- What is told again and again (leap.system_state) holds moments instead of ages, so that it is the same as long as nothing
-- happens: a gateway asks once a second for all who watch, and tells only what is new. Histories are read from
-- leap.task_attempts by its index of time. Takes no locks, but for leap.administer (those of the operation).

CREATE OR REPLACE FUNCTION leap.oldest_ready()
RETURNS TABLE (queue text, at timestamptz) LANGUAGE sql STABLE ROWS 4 AS $$
    WITH first AS (SELECT c.queue, min(c.seq) AS seq FROM leap.task_ready c GROUP BY c.queue)
    SELECT f.queue, coalesce((SELECT max(h.at) FROM leap.task_events h
                              WHERE h.recording_id = t.recording_id AND h.at >= t.created_at AND h.task = t.id AND h.to_state = 'ready'), t.created_at)
    FROM first f JOIN leap.task_ready c ON (c.queue, c.seq) = (f.queue, f.seq) JOIN leap.tasks t ON t.id = c.task
$$;
COMMENT ON FUNCTION leap.oldest_ready() IS 'Since when the oldest ready task of each queue that has any has been ready.';

-- Numbers of tokens grow by themselves: what matters is whether there is one, and who waits.
CREATE OR REPLACE FUNCTION leap.limit_state(most int = 100)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('platform', s.platform, 'scope', s.scope, 'of', s."of", 'limit', s."limit", 'per_seconds', extract(epoch FROM s.per)::float8, 'burst', s.burst,
               'empty', s.tokens_now < 1, 'waiting', s.waiting) ORDER BY s.waiting DESC, s.tokens_now < 1 DESC, s.platform, s.scope, s."of"), '[]')
    FROM (SELECT r.* FROM leap.rate_status r ORDER BY r.waiting DESC, r.tokens_now < 1 DESC, r.platform, r.scope, r."of" LIMIT most) s
$$;
COMMENT ON FUNCTION leap.limit_state(int) IS
'Rate limits, those first that somebody waits for, at most so many: [{platform, scope, of, limit, per_seconds, burst, empty, waiting}]. For operators.';

CREATE OR REPLACE FUNCTION leap.what_comes(most int = 20)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT jsonb_build_object('rung_by', leap.setting('leap.bell'),
        'bells', (SELECT coalesce(jsonb_agg(jsonb_build_object('ringer', b.ringer, 'rung_at', b.rung_at,
                             'failed', (SELECT coalesce(jsonb_agg(c.key ORDER BY c.key), '[]') FROM jsonb_each(b.report) c WHERE jsonb_typeof(c.value) = 'object' AND c.value ? 'error')) ORDER BY b.ringer), '[]')
                  FROM leap.bells b),
        'jobs', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', j.id, 'name', j.name, 'user', u.email, 'at', j.next_run_at) ORDER BY j.next_run_at, j.id), '[]')
                 FROM (SELECT x.* FROM leap.automation_jobs x WHERE x.next_run_at IS NOT NULL ORDER BY x.next_run_at, x.id LIMIT most) j JOIN leap.users u ON u.id = j.user_id),
        'tasks', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.task::text, 'kind', t.kind, 'at', s.run_at, 'attempt', t.attempt, 'gate', s.gate,
                             'reason', coalesce(s.reason, t.error->>'message'), 'recording', t.recording_id, 'recording_name', r.display_name, 'user', u.email) ORDER BY s.run_at, s.task), '[]')
                  FROM (SELECT x.* FROM leap.task_scheduled x ORDER BY x.run_at, x.task LIMIT most) s JOIN leap.tasks t ON t.id = s.task
                  LEFT JOIN leap.recordings r ON r.id = t.recording_id LEFT JOIN leap.users u ON u.id = t.user_id),
        'scheduled', (SELECT count(*) FROM leap.task_scheduled))
$$;
COMMENT ON FUNCTION leap.what_comes(int) IS
'What is due next: {rung_by (leap.bell), bells [{ringer, rung_at, failed [chores]}], jobs [{id, name, user, at}], tasks that wait for their time [{id, kind, at, attempt, gate (limit, pause, breaker; null: a retry or a delay), reason, recording, recording_name, user}], each at most so many, scheduled (how many tasks wait)}. For operators.';

CREATE OR REPLACE FUNCTION leap.system_state()
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET jit = off AS $$
DECLARE
    m jsonb := leap.monitor();
BEGIN
    RETURN m - '{at,queues,workers,tasks}'::text[] || jsonb_build_object(
        'queues', (SELECT jsonb_agg(q.one - 'oldest_seconds' || jsonb_build_object('oldest_at', date_trunc('second', o.at)) ORDER BY q.n)
                   FROM jsonb_array_elements(m->'queues') WITH ORDINALITY AS q(one, n) LEFT JOIN leap.oldest_ready() o ON o.queue = q.one->>'queue'),
        'workers', (SELECT coalesce(jsonb_agg(w.one - '{silent_seconds,room}'::text[]
                              || CASE WHEN (w.one->>'silent_seconds')::float8 > 15 THEN jsonb_build_object('beat_at', date_trunc('second', x.beat_at)) ELSE '{}' END ORDER BY w.n), '[]')
                    FROM jsonb_array_elements(m->'workers') WITH ORDINALITY AS w(one, n) JOIN leap.workers x ON x.id = (w.one->>'id')::uuid),
        'tasks', (SELECT coalesce(jsonb_agg(t.one - 'elapsed_seconds' ORDER BY t.n), '[]') FROM jsonb_array_elements(m->'tasks') WITH ORDINALITY AS t(one, n)),
        'limits', leap.limit_state(), 'next', leap.what_comes(),
        'history_to', (SELECT s.rolled_to FROM leap.statistics_state s));
END
$$;
COMMENT ON FUNCTION leap.system_state() IS
'What goes on now, without ages: leap.monitor() with oldest_at (null: nothing waits) instead of oldest_seconds of queues, beat_at of workers only if they are silent for more than 15 seconds, tasks without elapsed_seconds; limits (leap.limit_state()), next (leap.what_comes()), and history_to: up to when attempts are in the history. For operators.';

CREATE OR REPLACE FUNCTION leap.system_page()
RETURNS TABLE (digest text, data text) LANGUAGE plpgsql STABLE ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    state jsonb := leap.system_state();
BEGIN
    RETURN QUERY SELECT md5(state::text), (state || jsonb_build_object('at', now()))::text;
END
$$;
COMMENT ON FUNCTION leap.system_page() IS
'For the gateway: leap.system_state() with the moment (at) as text, and a digest of it without the moment: as long as it is the same there is nothing to tell.';

-- What was -----------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.throughput(period text = 'day')
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET jit = off AS $$
DECLARE
    step int := CASE period WHEN 'hour' THEN 60 WHEN 'day' THEN 900 WHEN 'week' THEN 7200 END;
    steps int := CASE period WHEN 'hour' THEN 60 WHEN 'day' THEN 96 WHEN 'week' THEN 84 END;
    last_step bigint;
BEGIN
    IF step IS NULL THEN
        PERFORM leap.refuse('LP030', format('"%s" is no period', left(period, 30)), 'Periods are hour, day and week.');
    END IF;
    last_step := floor(extract(epoch FROM now()) / step);
    RETURN (
        WITH counted AS MATERIALIZED (
            SELECT floor(extract(epoch FROM a.at) / step)::bigint AS at, a.kind, count(*) FILTER (WHERE a.outcome = 'succeeded') AS succeeded,
                   count(*) FILTER (WHERE a.outcome IN ('failed', 'retried', 'rescued')) AS failed,
                   round((percentile_cont(0.5) WITHIN GROUP (ORDER BY a.seconds) FILTER (WHERE a.outcome = 'succeeded'))::numeric, 2) AS seconds,
                   round((percentile_cont(0.5) WITHIN GROUP (ORDER BY a.waited))::numeric, 2) AS waited
            FROM leap.task_attempts a WHERE a.at >= to_timestamp((last_step - steps + 1) * step) AND a.at < now() + interval '1 minute'
            GROUP BY 1, 2),
        slots AS (SELECT g AS at FROM generate_series(last_step - steps + 1, last_step) g)
        SELECT jsonb_build_object('period', period, 'step', step, 'to', (SELECT s.rolled_to FROM leap.statistics_state s),
            'times', (SELECT jsonb_agg(s.at * step ORDER BY s.at) FROM slots s),
            'kinds', (SELECT coalesce(jsonb_agg(k.one ORDER BY k.place, k.kind), '[]') FROM (
                SELECT n.kind, array_position('{download,trim,transcribe,topics,subtitles,upload}'::text[], n.kind) AS place,
                       jsonb_build_object('kind', n.kind, 'succeeded', jsonb_agg(coalesce(c.succeeded, 0) ORDER BY s.at), 'failed', jsonb_agg(coalesce(c.failed, 0) ORDER BY s.at),
                                          'seconds', jsonb_agg(c.seconds ORDER BY s.at), 'waited', jsonb_agg(c.waited ORDER BY s.at)) AS one
                FROM (SELECT DISTINCT x.kind FROM counted x) n CROSS JOIN slots s LEFT JOIN counted c ON (c.at, c.kind) = (s.at, n.kind) GROUP BY n.kind) k)));
END
$$;
COMMENT ON FUNCTION leap.throughput(text) IS
'Attempts over the last hour (by minutes), day (by quarters of an hour) or week (by two hours): {period, step (seconds), to (the history ends here), times [seconds since 1970], kinds [{kind, succeeded [], failed [] (tried again or not), seconds [] and waited [] (medians; null: nothing ended)}]}. For operators. Error LP030.';

CREATE OR REPLACE FUNCTION leap.failure_examples(kind text, class text, code text = NULL, most int = 10)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET jit = off AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('at', a.at, 'task', a.task::text, 'attempt', a.attempt, 'outcome', a.outcome, 'platform', a.platform, 'code', a.code, 'message', a.message,
               'recording', a.recording_id, 'recording_name', r.display_name, 'user', u.email) ORDER BY a.at DESC), '[]')
    FROM (SELECT x.* FROM leap.task_attempts x
          WHERE x.at > now() - interval '31 days' AND x.outcome IN ('failed', 'retried') AND x.kind = failure_examples.kind AND coalesce(x.class, 'lost') = failure_examples.class
                AND (failure_examples.code IS NULL OR x.code = failure_examples.code)
          ORDER BY x.at DESC LIMIT least(greatest(most, 1), 100)) a
    LEFT JOIN leap.recordings r ON r.id = a.recording_id LEFT JOIN leap.users u ON u.id = a.user_id
$$;
COMMENT ON FUNCTION leap.failure_examples(text, text, text, int) IS
'The last attempts of the last 31 days that failed like this, at most so many (up to 100): [{at, task, attempt, outcome (failed, retried), platform, code, message, recording, recording_name, user}]. For operators.';

-- Single tasks, and what is done about them ---------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.task_names(shown jsonb)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT leap.task_reply(shown) || jsonb_build_object(
        'recording_name', (SELECT r.display_name FROM leap.recordings r WHERE r.id = (shown->>'recording')::uuid),
        'user', (SELECT u.email FROM leap.tasks t JOIN leap.users u ON u.id = t.user_id WHERE t.id = (shown->>'id')::bigint))
$$;
COMMENT ON FUNCTION leap.task_names(jsonb) IS 'A row of leap.list_tasks() as the API gives it (leap.task_reply()), with recording_name and user. For operators.';

CREATE OR REPLACE FUNCTION leap.task_in_detail(task bigint)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    t leap.tasks := leap.visible_task(task, CASE WHEN NOT leap.calls_as_operator() THEN leap.current_user_id()::text END);
    verdict record := leap.task_allowed(t, 'cancel');
BEGIN
    RETURN (SELECT leap.task_names(to_jsonb(s)) FROM leap.shown_tasks(ARRAY[t.id]) s) || jsonb_build_object(
        'input', (SELECT jsonb_agg(jsonb_build_object('task_id', x.id::text, 'kind', x.kind, 'state', leap.task_word(x.state)) ORDER BY x.id)
                  FROM leap.task_edge e JOIN leap.tasks x ON x.id = e.from_task WHERE e.to_task = t.id),
        'attempts', coalesce((SELECT a.attempts FROM leap.attempts_of(t.recording_id, ARRAY[t.id]) a),
            -- one without a recording is found by its time
            (SELECT jsonb_agg(jsonb_build_object('attempt', a.attempt, 'started_at', a.at - a.seconds * interval '1 s', 'ended_at', a.at, 'seconds', a.seconds, 'outcome', a.outcome,
                        'error', CASE WHEN a.class IS NOT NULL THEN jsonb_build_object('class', a.class, 'code', a.code, 'message', a.message) END) ORDER BY a.at)
             FROM leap.task_attempts a WHERE a.at >= t.created_at AND a.at < coalesce(t.finished_at, now()) + interval '1 hour' AND a.task = t.id), '[]'),
        'waits', (SELECT x.reason FROM leap.stuck x WHERE x.recording = t.recording_id AND x.task = t.id),
        'cancel', jsonb_build_object('allowed', verdict.allowed, 'reason', verdict.reason));
END
$$;
COMMENT ON FUNCTION leap.task_in_detail(bigint) IS
'A task of the caller, of anybody for operators: leap.list_tasks() as the API gives it with recording_name and user, input [{task_id, kind, state}] it still waits for, attempts (leap.attempts_of()), waits (why it does not go on: leap.stuck; null: it does, or others are to end first), cancel {allowed, reason}. Error LP020.';

-- Why somebody did it goes into the audit log with what he did (leap.audit).
CREATE OR REPLACE FUNCTION leap.give_reason(reason text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    PERFORM set_config('request.reason', coalesce(leap.one_line(reason, 500), ''), true);
END
$$;
COMMENT ON FUNCTION leap.give_reason(text) IS 'Says why the rest of this transaction is done: what it writes to the audit log has it as its reason unless it names another. At most 500 characters, in one line.';

-- What waits for its time starts now, as if it had been asked for without one.
CREATE OR REPLACE FUNCTION leap.start_early(id uuid)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    rec leap.recordings;
    run leap.runs;
BEGIN
    SELECT r.* INTO rec FROM leap.recordings r WHERE r.id = start_early.id AND r.delete_state = 'active' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', id), 'A list of recordings shows the ids.');
    END IF;
    UPDATE leap.runs u SET start_at = clock_timestamp() WHERE u.recording_id = rec.id AND u.state = 'active' AND u.start_at > clock_timestamp() RETURNING u.* INTO run;
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP003', 'cannot start: no run of this recording waits for its time', 'SELECT * FROM leap.stuck tells what it waits for.');
    END IF;
    UPDATE leap.task_scheduled s SET run_at = clock_timestamp() WHERE s.recording_id = rec.id AND s.gate_id IS NULL;
    PERFORM leap.promote_due(1000000);
    PERFORM leap.audit('start', 'recording', rec.id::text);
    RETURN jsonb_build_object('recording', rec.id, 'run', run.id, 'message', format('the run of "%s" starts now', rec.display_name));
END
$$;
COMMENT ON FUNCTION leap.start_early(uuid) IS
'Starts at once what was to start later. Returns {recording, run, message}. Errors LP003 nothing waits for its time, LP020 unknown.';

CREATE OR REPLACE FUNCTION leap.administer(operation text, recording uuid, reason text = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    IF operation = ANY ('{retry,start,cancel,pause,resume,accept}') IS NOT TRUE THEN
        PERFORM leap.refuse('LP030', format('"%s" is nothing to be done from here', left(operation, 40)), 'There are retry, start, cancel, pause, resume and accept.');
    END IF;
    PERFORM leap.give_reason(reason);
    RETURN CASE operation WHEN 'start' THEN leap.start_early(recording) ELSE leap.operate_one(operation, recording) END;
END
$$;
COMMENT ON FUNCTION leap.administer(text, uuid, text) IS
'For operators: retry, start (now, what was to start later), cancel, pause, resume or accept a recording of anybody, with the reason in the audit log. Returns {recording, message, run}. Errors LP003 not now, LP020 unknown, LP030 another operation.';

CREATE OR REPLACE FUNCTION leap.end_user_sessions("user" text, reason text = NULL)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.find_user("user");
    n int := leap.end_sessions(u.id, NULL, 'operator');
BEGIN
    PERFORM leap.audit('end sessions', 'user', u.id::text, why => reason, details => jsonb_build_object('sessions_ended', n));
    RETURN n;
END
$$;
COMMENT ON FUNCTION leap.end_user_sessions(text, text) IS 'For operators: signs a user out everywhere; keys stay good. Returns how many sessions that were. Audited. Error LP020.';

CREATE OR REPLACE FUNCTION leap.outside_list()
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT jsonb_build_object('public_url', nullif(leap.setting('leap.public_url'), ''),
        'apps', (SELECT coalesce(jsonb_agg(a ORDER BY a->>'platform'), '[]') FROM leap.platform_app_list() a),
        'platforms', (SELECT jsonb_agg(jsonb_build_object('platform', r.platform, 'scopes', r.scopes, 'document', r.source, 'public', r.platform = 'vk')) FROM leap.oauth_rules() r),
        'keys', (SELECT coalesce(jsonb_agg(k), '[]') FROM leap.worker_key_list() k),
        'credentials', (SELECT coalesce(jsonb_agg(jsonb_build_object('platform', c.platform, 'all', c.n, 'users', c.users, 'needs_reauth', c.expired) ORDER BY c.platform), '[]')
                        FROM (SELECT x.platform, count(*) AS n, count(DISTINCT x.user_id) AS users, count(*) FILTER (WHERE x.needs_reauth) AS expired FROM leap.credentials x GROUP BY x.platform) c),
        'providers', (SELECT coalesce(jsonb_agg(jsonb_build_object('family', p.family, 'name', p.name, 'protocol', p.protocol, 'base_url', leap.safe_url(p.base_url), 'model', p.model, 'languages', p.languages,
                                 'is_active', p.is_active, 'price_per_hour', p.price_per_hour, 'price_per_million_input', p.price_per_million_input,
                                 'price_per_million_output', p.price_per_million_output) ORDER BY p.family, p.name), '[]') FROM leap.providers p),
        'currency', leap.setting('leap.currency'))
$$;
COMMENT ON FUNCTION leap.outside_list() IS
'Whom LEAP talks to: {public_url, apps (leap.app_json()), platforms [{platform, scopes, document, public (an app without a password)}] where there can be one, keys (leap.worker_key_list()), credentials [{platform, all, users, needs_reauth}], providers [{family, name, protocol, base_url, model, languages, is_active, prices}], currency}. No secret is in it. For operators.';

-- Everybody's own ----------------------------------------------------------------------------------------------------------

-- Users take turns, so a place in a queue is a number of people, not of tasks.
CREATE OR REPLACE FUNCTION leap.my_place()
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET jit = off AS $$
DECLARE
    u leap.users := leap.acting_user(NULL);
BEGIN
    RETURN jsonb_build_object(
        'running', (SELECT count(*) FROM leap.task_lease l WHERE l.lane = u.lane AND l.counted), 'at_once', leap.quota_limit(u.id, 'concurrent_tasks'),
        'scheduled', (SELECT count(*) FROM leap.task_scheduled s JOIN leap.tasks t ON t.id = s.task WHERE t.user_id = u.id),
        'queues', (SELECT coalesce(jsonb_agg(jsonb_build_object('queue', q.queue, 'ready', q.ready, 'paused', p.paused_at IS NOT NULL,
                              'served', EXISTS (SELECT FROM leap.workers w WHERE w.stopped_at IS NULL AND w.gone_at IS NULL AND q.queue = ANY (w.queues)),
                              'others', (SELECT count(DISTINCT o.lane) FROM leap.task_ready o WHERE o.queue = q.queue AND o.lane <> u.lane)) ORDER BY q.queue), '[]')
                   FROM (SELECT c.queue, count(*) AS ready FROM leap.task_ready c WHERE c.queue = ANY (leap.queue_names()) AND c.lane = u.lane GROUP BY c.queue) q
                   LEFT JOIN leap.queues p ON p.queue = q.queue),
        'waiting', (SELECT coalesce(jsonb_agg(jsonb_build_object('recording', s.recording, 'name', s.name, 'task', s.task::text, 'kind', s.kind, 'state', s.state, 'reason', s.reason, 'code', s.code)), '[]')
                    FROM (SELECT x.* FROM leap.stuck x WHERE x.recording IN (SELECT r.recording_id FROM leap.runs r WHERE r.user_id = u.id AND r.state = 'active') LIMIT 50) s));
END
$$;
COMMENT ON FUNCTION leap.my_place() IS
'Where the caller''s work stands: {running, at_once (null: as many as there are workers for), scheduled, queues [{queue, ready (tasks of his that can begin), paused, served (a worker lives), others (people who take turns with him)}], waiting [{recording, name, task, kind, state, reason, code}] at most 50}. Error LP020.';
