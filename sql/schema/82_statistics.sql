-- Statistics for people: how much there is, how long things take, what fails.
--
-- Each function is one statement over what is kept anyway: recordings, usage, and leap.task_attempts, which is at most a
-- minute behind. Percentiles are exact, not estimated. Days are whole days in the time zone of the user asked about (of
-- UTC where it is about everybody), the last one included; without days it is about all time.

CREATE OR REPLACE FUNCTION leap.whole_days(zone text, from_date date, to_date date, OUT since timestamptz, OUT before timestamptz)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF from_date > to_date THEN
        PERFORM leap.refuse('LP030', format('the period from %s to %s ends before it begins', to_char(from_date, 'YYYY-MM-DD'), to_char(to_date, 'YYYY-MM-DD')),
                            'Both days belong to it; leave one out for a period that is open there.');
    END IF;
    since := coalesce(from_date::timestamp AT TIME ZONE zone, '-infinity');
    before := coalesce((to_date + 1)::timestamp AT TIME ZONE zone, 'infinity');
END
$$;
COMMENT ON FUNCTION leap.whole_days(text, date, date) IS
'When the first day begins and the last one ends in a time zone; a day that is null leaves that end open. Error LP030 if they are the wrong way round.';

CREATE OR REPLACE FUNCTION leap.statistics_scope("user" text, from_date date, to_date date,
                                                 OUT of_user uuid, OUT zone text, OUT since timestamptz, OUT before timestamptz)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    u leap.users;
BEGIN
    IF "user" IS NOT NULL OR NOT leap.calls_as_operator() THEN
        u := leap.acting_user("user");
    END IF;
    of_user := u.id;
    zone := coalesce(u.timezone, 'UTC');
    SELECT w.* INTO since, before FROM leap.whole_days(zone, from_date, to_date) w;
END
$$;
COMMENT ON FUNCTION leap.statistics_scope(text, date, date) IS
'Whom statistics are about (null: everybody, for an operator who names nobody) and when, in his time zone or UTC. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.user_stats("user" text = NULL, from_date date = NULL, to_date date = NULL)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET jit = off AS $$
    WITH scope AS MATERIALIZED (SELECT u.id, u.email, u.timezone, w.* FROM leap.acting_user("user") u, leap.whole_days(u.timezone, from_date, to_date) w),
    made AS MATERIALIZED (
        SELECT r.id, r.status, r.template_id FROM scope s JOIN leap.recordings r ON r.user_id = s.id
        WHERE r.delete_state = 'active' AND r.created_at >= s.since AND r.created_at < s.before)
    SELECT jsonb_build_object(
        'user', jsonb_build_object('id', s.id, 'email', s.email), 'from', from_date, 'to', to_date, 'timezone', s.timezone,
        'recordings', jsonb_build_object(
            'total', (SELECT count(*) FROM made),
            'by_status', (SELECT coalesce(jsonb_object_agg(x.status, x.n), '{}') FROM (SELECT m.status, count(*) AS n FROM made m GROUP BY m.status) x),
            'by_template', (SELECT coalesce(jsonb_agg(jsonb_build_object('template_id', x.template_id, 'name', t.name, 'recordings', x.n) ORDER BY x.n DESC, x.template_id), '[]')
                            FROM (SELECT m.template_id, count(*) AS n FROM made m GROUP BY m.template_id) x LEFT JOIN leap.recording_templates t ON t.id = x.template_id),
            'published', (SELECT count(DISTINCT o.recording_id) FROM made m JOIN leap.output_targets o ON o.recording_id = m.id WHERE o.status = 'UPLOADED'),
            'failed', (SELECT count(*) FROM made m WHERE m.status = 'FAILED')),
        'transcription_seconds', (SELECT coalesce(sum(e.seconds), 0) FROM leap.usage_events e
                                  WHERE e.user_id = s.id AND e.event = 'transcription' AND e.at >= s.since AND e.at < s.before),
        'usage', leap.usage_by_provider(s.id, s.since, s.before),
        'runs', (SELECT count(*) FROM leap.runs n WHERE n.user_id = s.id AND n.started_at >= s.since AND n.started_at < s.before),
        'storage_bytes', (SELECT coalesce(sum(q.used), 0)::text FROM leap.quota_usage q WHERE q.user_id = s.id AND q.quota = 'storage_bytes'))
    FROM scope s
$$;
COMMENT ON FUNCTION leap.user_stats(text, date, date) IS
'What a user has: {user, from, to, timezone, recordings {total, by_status {}, by_template [{template_id (null: none), name, recordings}], published, failed}, transcription_seconds, usage (leap.usage_by_provider), runs, storage_bytes}. Recordings are those added in the period and not deleted, published and failed as they are now; transcription, usage and runs of the period; storage now. Days are of the user''s time zone, both included. Errors LP020, LP030.';

-- A limit of 0 forbids: who uses nothing of it has not reached it.
CREATE OR REPLACE VIEW leap.limits_in_use AS
SELECT x.user_id, x.quota, x.unit, x.used, x."limit", x.used >= x."limit" AS reached, x.used::numeric * 100 >= x."limit"::numeric * 80 AS near
FROM (SELECT u.user_id, u.quota, q.unit, u.used, leap.quota_limit(u.user_id, u.quota) AS "limit"
      FROM leap.quotas() q JOIN leap.quota_usage u ON u.quota = q.quota
          AND u.period = CASE q.measure WHEN 'monthly' THEN leap.this_month() ELSE date 'epoch' END
      WHERE u.used > 0 OFFSET 0) x;
COMMENT ON VIEW leap.limits_in_use IS
'What users use now of the quotas that are counted, with the limit in force (null: unlimited), and whether 80 percent (near) or all of it (reached) is used.';

CREATE OR REPLACE FUNCTION leap.count_limits()
RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    UPDATE leap.statistics_state s
    SET quotas = (SELECT coalesce(jsonb_agg(jsonb_build_object('quota', x.quota, 'users', x.users, 'near', x.near, 'reached', x.reached) ORDER BY x.quota), '[]')
                  FROM (SELECT q.quota, count(l.user_id) AS users, count(*) FILTER (WHERE l.near) AS near, count(*) FILTER (WHERE l.reached) AS reached
                        FROM leap.quotas() q LEFT JOIN leap.limits_in_use l ON l.quota = q.quota
                        WHERE q.measure <> 'least' AND q.quota <> 'concurrent_tasks' GROUP BY q.quota) x)
    RETURNING jsonb_array_length(s.quotas)
$$;
COMMENT ON FUNCTION leap.count_limits() IS
'Counts for the metrics how many users are near their limits; returns how many quotas are counted.';

CREATE OR REPLACE FUNCTION leap.platform_stats()
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET jit = off AS $$
    WITH status AS (SELECT r.status, r.delete_state, count(*) AS n FROM leap.recordings r GROUP BY r.status, r.delete_state),
    plan AS (SELECT coalesce(p.name, 'none') AS name, count(*) AS n FROM leap.users u
             LEFT JOIN leap.user_subscriptions s ON s.user_id = u.id AND s.starts_at <= leap.clock() AND (s.expires_at IS NULL OR s.expires_at > leap.clock())
             LEFT JOIN leap.subscription_plans p ON p.id = s.plan_id GROUP BY 1)
    SELECT jsonb_build_object(
        'users', (SELECT jsonb_build_object('total', count(*), 'active', count(*) FILTER (WHERE u.is_active)) FROM leap.users u),
        'recordings', (SELECT jsonb_build_object('total', coalesce(sum(x.n) FILTER (WHERE x.delete_state = 'active'), 0),
                              'deleted', coalesce(sum(x.n) FILTER (WHERE x.delete_state <> 'active'), 0),
                              'by_status', coalesce(jsonb_object_agg(x.status, x.n) FILTER (WHERE x.delete_state = 'active'), '{}')) FROM status x),
        'storage_bytes', (SELECT coalesce(sum(q.used), 0)::text FROM leap.quota_usage q WHERE q.quota = 'storage_bytes'),
        'usage', leap.usage_by_provider(NULL, (leap.this_month() - interval '2 months') AT TIME ZONE 'UTC', 'infinity'),
        'plans', (SELECT count(*) FROM leap.subscription_plans),
        'users_by_plan', (SELECT jsonb_object_agg(x.name, x.n) FROM plan x),
        'exceeding', (SELECT count(DISTINCT l.user_id) FROM leap.limits_in_use l WHERE l.reached))
$$;
COMMENT ON FUNCTION leap.platform_stats() IS
'The whole installation: {users {total, active}, recordings {total, deleted, by_status {}}, storage_bytes, usage (leap.usage_by_provider, of this and the two months before), plans, users_by_plan {plan: users} (none: without a plan in force), exceeding (users who have reached a limit)}. For operators.';

CREATE OR REPLACE FUNCTION leap.users_stats(exceeded_only boolean = false, plan text = NULL, "limit" int = 50, "cursor" text = NULL)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET jit = off AS $$
DECLARE
    answer jsonb;
BEGIN
    IF coalesce("limit", 0) NOT BETWEEN 1 AND 1000 THEN
        PERFORM leap.refuse('LP030', format('a page cannot have %s users', coalesce("limit"::text, 'null')), 'It has 1 to 1000.');
    ELSIF "cursor" !~ '^\d{1,9}$' THEN
        PERFORM leap.refuse('LP030', format('"%s" is no place in this list', left("cursor", 40)), 'Pass the cursor that came with the page before.');
    ELSIF plan <> 'none' THEN
        PERFORM leap.find_plan(plan);
    END IF;
    WITH chosen AS MATERIALIZED (
        SELECT u.id, u.lane, u.email, u.is_active, u.created_at, coalesce(p.name, 'none') AS plan
        FROM leap.users u
        LEFT JOIN leap.user_subscriptions s ON s.user_id = u.id AND s.starts_at <= leap.clock() AND (s.expires_at IS NULL OR s.expires_at > leap.clock())
        LEFT JOIN leap.subscription_plans p ON p.id = s.plan_id
        WHERE u.lane > coalesce("cursor"::int, -1) AND (users_stats.plan IS NULL OR coalesce(p.name, 'none') = users_stats.plan)
          AND (NOT coalesce(exceeded_only, false) OR EXISTS (SELECT FROM leap.limits_in_use l WHERE l.user_id = u.id AND l.reached OFFSET 0))
        ORDER BY u.lane LIMIT users_stats."limit")
    SELECT jsonb_build_object(
        'users', coalesce(jsonb_agg(jsonb_build_object(
            'id', c.id, 'email', c.email, 'is_active', c.is_active, 'created_at', c.created_at, 'plan', c.plan,
            'recordings', r.n, 'failed', r.failed, 'last_recording_at', r.last_at,
            'running', (SELECT count(*) FROM leap.task_lease l WHERE l.lane = c.lane),
            'quotas', q.quotas, 'exceeded', q.exceeded) ORDER BY c.lane), '[]'),
        'cursor', CASE WHEN count(*) = users_stats."limit" THEN max(c.lane)::text END)
    INTO answer
    FROM chosen c
    CROSS JOIN LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE x.status = 'FAILED') AS failed, max(x.created_at) AS last_at
                        FROM leap.recordings x WHERE x.user_id = c.id AND x.delete_state = 'active') r
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_object_agg(l.quota, jsonb_build_object('used', l.used::text, 'limit', l."limit"::text)), '{}') AS quotas,
               coalesce(jsonb_agg(l.quota ORDER BY l.quota) FILTER (WHERE l.reached), '[]') AS exceeded
        FROM leap.limits_in_use l WHERE l.user_id = c.id) q;
    RETURN answer;
END
$$;
COMMENT ON FUNCTION leap.users_stats(boolean, text, int, text) IS
'A page of users in the order they were added: {users [{id, email, is_active, created_at, plan (none: without), recordings, failed, last_recording_at, running, quotas {quota: {used, limit}}, exceeded [quota]}], cursor}. cursor goes on after the last one; null is the end. Only those who have reached a limit, or of one plan, if asked. For operators. Errors LP020 (plan), LP030.';

CREATE OR REPLACE FUNCTION leap.quota_stats(period date = NULL)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET jit = off AS $$
    WITH month AS MATERIALIZED (SELECT coalesce(date_trunc('month', period::timestamp)::date, leap.this_month()) AS first_day),
    used AS (
        SELECT q.quota, u.used, leap.quota_limit(u.user_id, u.quota) AS max FROM month m CROSS JOIN leap.quotas() q
        JOIN leap.quota_usage u ON u.quota = q.quota AND u.period = CASE q.measure WHEN 'monthly' THEN m.first_day ELSE date 'epoch' END
        WHERE u.used > 0 OFFSET 0)
    SELECT jsonb_build_object('period', to_char(m.first_day, 'YYYY-MM'),
        'quotas', (SELECT jsonb_agg(jsonb_build_object('quota', q.quota, 'unit', q.unit, 'monthly', q.measure = 'monthly',
                          'users', x.users, 'used', x.total::text, 'most', x.most::text, 'limited', x.limited, 'near', x.near, 'reached', x.reached) ORDER BY q.n)
                   FROM leap.quotas() WITH ORDINALITY AS q (quota, unit, period, measure, setting, comment, n)
                   CROSS JOIN LATERAL (
                       SELECT count(*) AS users, coalesce(sum(u.used), 0) AS total, coalesce(max(u.used), 0) AS most, count(u.max) AS limited,
                              count(*) FILTER (WHERE u.used::numeric * 100 >= u.max::numeric * 80) AS near, count(*) FILTER (WHERE u.used >= u.max) AS reached
                       FROM used u WHERE u.quota = q.quota) x
                   WHERE q.measure <> 'least' AND q.quota <> 'concurrent_tasks'))
    FROM month m
$$;
COMMENT ON FUNCTION leap.quota_stats(date) IS
'What all users together use of each quota in the month (UTC) of this day, null is the current one: {period, quotas [{quota, unit, monthly, users (who use any), used, most (of one user), limited, near (80 percent), reached}]}. What is not monthly is as it is now; limits are those in force now. For operators.';

CREATE OR REPLACE FUNCTION leap.stage_stats(from_date date = NULL, to_date date = NULL, "user" text = NULL)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET jit = off AS $$
    WITH scope AS MATERIALIZED (SELECT s.* FROM leap.statistics_scope("user", from_date, to_date) s),
    tried AS (
        SELECT a.kind, count(*) AS attempts, count(*) FILTER (WHERE a.outcome = 'succeeded') AS succeeded, count(*) FILTER (WHERE a.outcome = 'failed') AS failed,
               count(*) FILTER (WHERE a.outcome = 'retried') AS retried, count(*) FILTER (WHERE a.outcome = 'rescued') AS rescued,
               avg(a.seconds) FILTER (WHERE a.outcome = 'succeeded') AS average, max(a.seconds) FILTER (WHERE a.outcome = 'succeeded') AS longest,
               percentile_cont('{0.5,0.9,0.95,0.99}'::float8[]) WITHIN GROUP (ORDER BY a.seconds) FILTER (WHERE a.outcome = 'succeeded') AS p,
               sum(a.seconds) FILTER (WHERE a.outcome = 'succeeded' AND a.lecture > 0) AS lecture_work, sum(a.lecture) FILTER (WHERE a.outcome = 'succeeded' AND a.lecture > 0) AS lecture,
               avg(a.waited) AS wait_average, max(a.waited) AS wait_longest,
               percentile_cont('{0.5,0.95}'::float8[]) WITHIN GROUP (ORDER BY a.waited) AS w
        FROM scope s JOIN leap.task_attempts a ON a.at >= s.since AND a.at < s.before AND (s.of_user IS NULL OR a.user_id = s.of_user)
        GROUP BY a.kind)
    SELECT jsonb_build_object('from', from_date, 'to', to_date, 'timezone', s.zone, 'user', s.of_user,
        'stages', (SELECT coalesce(jsonb_agg(jsonb_build_object('stage', k.stage, 'kind', t.kind, 'attempts', t.attempts, 'succeeded', t.succeeded,
                          'failed', t.failed, 'retried', t.retried, 'rescued', t.rescued,
                          'seconds', jsonb_build_object('average', round(t.average::numeric, 3), 'p50', round(t.p[1]::numeric, 3), 'p90', round(t.p[2]::numeric, 3),
                                                        'p95', round(t.p[3]::numeric, 3), 'p99', round(t.p[4]::numeric, 3), 'max', round(t.longest::numeric, 3)),
                          'seconds_per_lecture_hour', round((t.lecture_work * 3600 / t.lecture)::numeric, 3),
                          'waiting', jsonb_build_object('average', round(t.wait_average::numeric, 3), 'p50', round(t.w[1]::numeric, 3), 'p95', round(t.w[2]::numeric, 3),
                                                        'max', round(t.wait_longest::numeric, 3)))
                          ORDER BY array_position('{download,process,transcribe,upload}'::text[], k.stage), array_position('{transcribe,topics,subtitles}'::text[], t.kind), t.kind), '[]')
                   FROM tried t LEFT JOIN leap.task_kinds k USING (kind)))
    FROM scope s
$$;
COMMENT ON FUNCTION leap.stage_stats(date, date, text) IS
'How long each kind of task takes: {from, to, timezone, user, stages [{stage, kind, attempts, succeeded, failed, retried, rescued, seconds {average, p50, p90, p95, p99, max}, seconds_per_lecture_hour, waiting {average, p50, p95, max}}]} over the attempts that ended in the period. seconds are of attempts that succeeded, waiting is from ready to claimed. An operator who names nobody gets everybody''s. Percentiles are exact; at most a minute behind. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.failure_stats(from_date date = NULL, to_date date = NULL, "user" text = NULL)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET jit = off AS $$
    WITH scope AS MATERIALIZED (SELECT s.* FROM leap.statistics_scope("user", from_date, to_date) s),
    failed AS (
        SELECT a.kind, coalesce(a.class, 'lost') AS class, a.code, count(*) AS attempts, count(*) FILTER (WHERE a.outcome = 'failed') AS final, count(DISTINCT a.recording_id) AS recordings,
               count(DISTINCT a.user_id) AS users, max(a.at) AS last_at
        FROM scope s JOIN leap.task_attempts a ON a.at >= s.since AND a.at < s.before AND (s.of_user IS NULL OR a.user_id = s.of_user)
        WHERE a.outcome IN ('failed', 'retried') GROUP BY a.kind, coalesce(a.class, 'lost'), a.code)
    SELECT jsonb_build_object('from', from_date, 'to', to_date, 'timezone', s.zone, 'user', s.of_user,
        'failures', (SELECT coalesce(jsonb_agg(jsonb_build_object('stage', k.stage, 'kind', f.kind, 'class', f.class, 'code', f.code, 'attempts', f.attempts,
                            'final', f.final, 'recordings', f.recordings, 'users', f.users, 'last_at', f.last_at,
                            'last_message', n.message, 'last_recording', n.recording_id) ORDER BY f.attempts DESC, f.kind, f.class, f.code), '[]')
                     FROM failed f LEFT JOIN leap.task_kinds k USING (kind)
                     CROSS JOIN LATERAL (SELECT a.message, a.recording_id FROM leap.task_attempts a
                                         WHERE a.at = f.last_at AND (a.kind, coalesce(a.class, 'lost'), coalesce(a.code, '')) = (f.kind, f.class, coalesce(f.code, ''))
                                               AND a.outcome IN ('failed', 'retried')
                                               AND (s.of_user IS NULL OR a.user_id = s.of_user) LIMIT 1) n))     -- others' may have ended in the same moment
    FROM scope s
$$;
COMMENT ON FUNCTION leap.failure_stats(date, date, text) IS
'What goes wrong, the most frequent first: {from, to, timezone, user, failures [{stage, kind, class, code, attempts, final (not tried again), recordings, users, last_at, last_message, last_recording}]}. A task whose worker died too often has class lost. An operator who names nobody gets everybody''s. Errors LP020, LP030.';
