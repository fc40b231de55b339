-- Summaries: the day before, or the seven days, at 08:00 where the user lives; who has nothing to hear gets nothing.
--
-- A chore of every minute looks who is due. Each user, kind and day is looked at once (leap.summaries), also when there
-- was nothing to tell. A bell that was silent in the morning is made up for in the same day, a weekly one until Tuesday.
-- Lock order: summaries -> notifications -> deliveries.

CREATE TABLE IF NOT EXISTS leap.summaries (
    user_id uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    event   text NOT NULL CHECK (event IN ('daily_summary', 'weekly_summary')),
    day     date NOT NULL,
    told    boolean NOT NULL,
    PRIMARY KEY (user_id, event, day)
);
COMMENT ON TABLE leap.summaries IS 'Which summaries were due for whom, by the day in his time zone, and whether there was anything to tell.';

-- What a time held for a user; lists are cut to what a person reads.
CREATE OR REPLACE FUNCTION leap.summary(of_user uuid, begins timestamptz, ends timestamptz)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH published AS (
        SELECT r.display_name AS name, row_number() OVER (ORDER BY o.at, r.id) AS n
        FROM (SELECT a.recording_id, max(a.at) AS at FROM leap.task_attempts a
              WHERE a.user_id = of_user AND a.kind = 'upload' AND a.outcome = 'succeeded' AND a.at >= begins AND a.at < ends GROUP BY 1) o
        JOIN leap.recordings r ON r.id = o.recording_id WHERE r.status = 'UPLOADED' AND r.delete_state = 'active'),
    failed AS (
        SELECT r.display_name AS name, coalesce(r.error_message, r.failed_at_stage) AS message, row_number() OVER (ORDER BY r.failed_at, r.id) AS n
        FROM leap.recordings r
        WHERE r.user_id = of_user AND r.failed AND r.status = 'FAILED' AND r.delete_state = 'active' AND r.failed_at >= begins AND r.failed_at < ends),
    waiting AS (
        SELECT r.display_name AS name, coalesce(r.hold_message, r.hold) AS message, row_number() OVER (ORDER BY r.held_at, r.id) AS n
        FROM leap.recordings r
        WHERE r.user_id = of_user AND r.hold IS NOT NULL AND r.hold NOT IN ('quota', 'paused') AND r.delete_state = 'active'),
    quotas AS (
        SELECT q.quota, q.used, q."limit", q.percent FROM leap.quota_status_of(of_user) q WHERE q.percent >= 80 AND q."limit" > 0 AND q.quota <> 'concurrent_tasks')
    SELECT CASE WHEN p.n + f.n + w.n + cardinality(q.list) > 0 THEN jsonb_build_object(
        'published', p.n, 'published_list', p.list, 'failed', f.n, 'failed_list', f.list, 'waiting', w.n, 'waiting_list', w.list, 'quota_list', to_jsonb(q.list)) END
    FROM (SELECT count(*) AS n, coalesce(jsonb_agg(jsonb_build_object('name', left(x.name, 200)) ORDER BY x.n) FILTER (WHERE x.n <= 10), '[]') AS list FROM published x) p,
         (SELECT count(*) AS n, coalesce(jsonb_agg(jsonb_build_object('name', left(x.name, 200), 'message', left(x.message, 200)) ORDER BY x.n) FILTER (WHERE x.n <= 10), '[]') AS list FROM failed x) f,
         (SELECT count(*) AS n, coalesce(jsonb_agg(jsonb_build_object('name', left(x.name, 200), 'message', left(x.message, 200)) ORDER BY x.n) FILTER (WHERE x.n <= 10), '[]') AS list FROM waiting x) w,
         (SELECT coalesce(array_agg(jsonb_build_object('quota', x.quota, 'used', x.used::text, 'limit', x."limit"::text, 'percent', x.percent)), '{}') AS list FROM quotas x) q
$$;
COMMENT ON FUNCTION leap.summary(uuid, timestamptz, timestamptz) IS
'What a user''s recordings came to in a time, what waits for him and which of his limits are nearly used: counts, and lists of at most ten. Null: nothing to tell.';

CREATE OR REPLACE FUNCTION leap.raise_summary(of_user uuid, zone text, kind text, day date)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    days int := CASE kind WHEN 'weekly_summary' THEN 7 ELSE 1 END;
    told jsonb := leap.summary(of_user, (day - days)::timestamp AT TIME ZONE zone, day::timestamp AT TIME ZONE zone);
BEGIN
    INSERT INTO leap.summaries VALUES (of_user, kind, raise_summary.day, told IS NOT NULL) ON CONFLICT DO NOTHING;
    IF NOT FOUND OR told IS NULL THEN
        RETURN false;
    END IF;
    PERFORM leap.raise_event(of_user, kind, '{}', told || jsonb_build_object('from', raise_summary.day - days, 'until', raise_summary.day - 1), to_char(raise_summary.day, 'YYYY-MM-DD'));
    RETURN true;
END
$$;
COMMENT ON FUNCTION leap.raise_summary(uuid, text, text, date) IS
'Tells a user the summary of this kind that is due on this day of his, if there is anything in it and nobody told it before.';

CREATE OR REPLACE FUNCTION leap.raise_summaries()
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    z record;
    here timestamp;
    n int;
    total int := 0;
BEGIN
    FOR z IN SELECT DISTINCT u.timezone AS name, leap.zone_or_utc(u.timezone) AS zone FROM leap.users u WHERE u.is_active LOOP
        here := leap.clock() AT TIME ZONE z.zone;
        WITH due AS MATERIALIZED (
            SELECT u.id, k.kind, k.day FROM leap.users u
            CROSS JOIN (VALUES ('daily_summary', here::date, interval '16 h'), ('weekly_summary', date_trunc('week', here)::date, interval '40 h')) AS k(kind, day, late)
            WHERE u.timezone = z.name AND u.is_active AND here - k.day >= interval '8 h' AND here - k.day < interval '8 h' + k.late
              AND NOT EXISTS (SELECT FROM leap.summaries s WHERE s.user_id = u.id AND s.event = k.kind AND s.day = k.day)),
        asked AS MATERIALIZED (SELECT d.*, c.in_app OR c.email OR c.webhook AS wanted FROM due d CROSS JOIN LATERAL leap.notification_channels(d.id, d.kind) c),
        unwanted AS (INSERT INTO leap.summaries (user_id, event, day, told) SELECT a.id, a.kind, a.day, false FROM asked a WHERE NOT a.wanted ON CONFLICT DO NOTHING)
        SELECT count(*) FILTER (WHERE leap.raise_summary(w.id, z.zone, w.kind, w.day)) INTO n
        FROM (SELECT a.* FROM asked a WHERE a.wanted ORDER BY a.id, a.kind LIMIT 1000) w;
        total := total + n;
    END LOOP;
    RETURN total;
END
$$;
COMMENT ON FUNCTION leap.raise_summaries() IS
'Tells the daily and weekly summaries that are due where it is past 08:00 (weekly: on Monday), a thousand in a time zone at a time; a chore of every minute. Returns how many there was something to tell.';

-- What was read, or that nobody looks at, goes after a while; what nobody read is kept longer. What is told once a month
-- is kept for longer than a month, or it would be told twice.
CREATE OR REPLACE FUNCTION leap.forget_notifications()
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    keep interval := make_interval(days => leap.setting('leap.notification_days')::int);
    n int;
    total int := 0;
BEGIN
    -- three days are more than all tries take, unless a receiver asks for patience without end
    total := leap.cancel_deliveries(ARRAY(SELECT d.id FROM leap.deliveries d WHERE d.finished_at IS NULL AND coalesce(d.run_at, d.created_at) < leap.clock() - interval '3 days'
                                          ORDER BY d.id LIMIT 1000), 'cancelled', 'it could not be delivered within three days');
    -- an errand that is gone told nobody of its end
    UPDATE leap.deliveries d SET state = 'failed', reason = 'its task is gone', finished_at = leap.clock()
    WHERE d.finished_at IS NULL AND NOT EXISTS (SELECT FROM leap.tasks t WHERE t.id = d.task_id AND t.state IN ('ready', 'scheduled', 'running'));
    GET DIAGNOSTICS n = ROW_COUNT;
    total := total + n;
    DELETE FROM leap.notifications x
    WHERE NOT x.mail AND x.last_at < leap.clock() - CASE WHEN x.once THEN greatest(keep, interval '62 days') ELSE keep END
        * CASE WHEN x.read_at IS NULL AND x.in_app THEN 4 ELSE 1 END;
    GET DIAGNOSTICS n = ROW_COUNT;
    total := total + n;
    DELETE FROM leap.deliveries d WHERE d.finished_at < leap.clock() - keep;
    GET DIAGNOSTICS n = ROW_COUNT;
    total := total + n;
    DELETE FROM leap.summaries s WHERE s.day < leap.clock() - interval '8 days';
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN total + n;
END
$$;
COMMENT ON FUNCTION leap.forget_notifications() IS
'Removes read notifications and the delivery log after leap.notification_days, unread ones after four times as long, and gives up deliveries that are open for three days; a chore of every hour. Returns how many.';
