-- Adds up what happened: leap.task_events in, leap.task_attempts and totals out.
--
-- Exactly once: an event is added when its time lies in (rolled_to, until], and until lies before everything that is still
-- being written. A transaction that is under way and has written began before its events, and one that has not yet
-- written will write later times; so until is before the oldest start of those that have a number. The row of
-- leap.statistics_state is locked first, by everybody who changes these tables. Lock order: that row, then totals.

-- Activity is read anew: within a transaction the server would answer with what it was asked first. Autovacuum writes
-- no history, and may take long.
CREATE OR REPLACE FUNCTION leap.settled_until()
RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    before timestamptz := clock_timestamp();
BEGIN
    PERFORM pg_stat_clear_snapshot();
    RETURN least(before, (SELECT min(a.xact_start) FROM pg_stat_activity a
                          WHERE a.backend_xid IS NOT NULL AND a.datname = current_database() AND a.backend_type <> 'autovacuum worker')) - interval '1 microsecond';
END
$$;
COMMENT ON FUNCTION leap.settled_until() IS
'The latest moment up to which a statement that begins now sees all of leap.task_events there will ever be.';

CREATE OR REPLACE FUNCTION leap.count_levels(until timestamptz)
RETURNS TABLE (kind text, state text, tasks bigint) LANGUAGE sql STABLE AS $$
    WITH live AS (SELECT unnest('{blocked,ready,scheduled,running}'::text[]) AS state),
    moved AS (SELECT e.kind, e.from_state, e.to_state FROM leap.task_events e WHERE e.at > until AND e.entity = 'task')
    SELECT x.kind, x.state, sum(x.n)::bigint FROM (
        SELECT t.kind, t.state, count(*) AS n FROM leap.tasks t GROUP BY t.kind, t.state UNION ALL
        SELECT m.kind, m.to_state, -count(*) FROM moved m GROUP BY m.kind, m.to_state UNION ALL
        SELECT m.kind, m.from_state, count(*) FROM moved m GROUP BY m.kind, m.from_state) x
    WHERE x.state IN (SELECT l.state FROM live l)
    GROUP BY x.kind, x.state HAVING sum(x.n) <> 0
$$;
COMMENT ON FUNCTION leap.count_levels(timestamptz) IS
'How many tasks of each kind were blocked, ready, scheduled and running at a moment that leap.settled_until() allows, counted from the tasks themselves. Reads all of them.';

-- Totals could be counted from their parts, but tasks also go without a move: with their recording, or with their user.
CREATE OR REPLACE FUNCTION leap.recount_tasks()
RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    WITH state AS MATERIALIZED (SELECT s.rolled_to FROM leap.statistics_state s WHERE s.rolled_to IS NOT NULL FOR UPDATE),
    truth AS MATERIALIZED (SELECT c.* FROM state s, leap.count_levels(s.rolled_to) c),
    set_right AS (
        INSERT INTO leap.task_levels AS l (kind, state, tasks) SELECT t.kind, t.state, t.tasks FROM truth t
        ON CONFLICT ON CONSTRAINT task_levels_pkey DO UPDATE SET tasks = excluded.tasks WHERE l.tasks <> excluded.tasks
        RETURNING 1),
    gone AS (
        DELETE FROM leap.task_levels l WHERE EXISTS (SELECT FROM state) AND l.tasks <> 0
            AND NOT EXISTS (SELECT FROM truth t WHERE (t.kind, t.state) = (l.kind, l.state))
        RETURNING 1)
    SELECT ((SELECT count(*) FROM set_right) + (SELECT count(*) FROM gone))::int
$$;
COMMENT ON FUNCTION leap.recount_tasks() IS
'Compares leap.task_levels with the tasks there are and sets it right; returns how many rows differed.';

CREATE OR REPLACE FUNCTION leap.duration_bounds()
RETURNS double precision[] LANGUAGE sql IMMUTABLE AS $$
    SELECT '{0.1,0.5,1,2.5,5,10,30,60,120,300,600,1800,3600,7200,14400,Infinity}'::float8[]
$$;
COMMENT ON FUNCTION leap.duration_bounds() IS 'The upper bounds of the histograms of task durations, in seconds.';

CREATE OR REPLACE FUNCTION leap.attempt_outcome(to_state text, event text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE to_state WHEN 'scheduled' THEN 'retried' WHEN 'ready' THEN CASE event WHEN 'rescue' THEN 'rescued' ELSE 'handed_back' END
           ELSE to_state END
$$;
COMMENT ON FUNCTION leap.attempt_outcome(text, text) IS 'How an attempt ended, from the move that ended it.';

-- Without hosts and names: there are only so many kinds of platform. One expression, so that a statement over many tasks
-- joins what it needs instead of calling a function for each.
DROP FUNCTION IF EXISTS leap.platform_type(text, uuid, uuid, uuid);
CREATE OR REPLACE FUNCTION leap.platform_type(kind text, target_type text, source jsonb, source_type text, channel text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE kind WHEN 'upload' THEN lower(target_type) WHEN 'download' THEN split_part(leap.source_platform(source), ':', 1)
           WHEN 'sync' THEN lower(source_type) WHEN 'notify' THEN channel END
$$;
COMMENT ON FUNCTION leap.platform_type(text, text, jsonb, text, text) IS
'The kind of platform a task of this kind talks to: type of the target, of the source, of the input source, or the channel of a message; null: none.';

-- What strangers say of a length is bounded: it must stay a number that can be added up.
CREATE OR REPLACE FUNCTION leap.lecture_seconds(final_duration float8, duration float8)
RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN coalesce(final_duration, duration) BETWEEN 0 AND 1e9 THEN coalesce(final_duration, duration) END
$$;
COMMENT ON FUNCTION leap.lecture_seconds(float8, float8) IS 'The length of a lecture for statistics; null if it is not known or cannot be true.';

-- The claim and the moment the task had become ready are mostly in the same batch; if not, the history of the recording
-- has them, or (the last claim) the task itself. An error that is the same as the last one is not told again.
CREATE OR REPLACE FUNCTION leap.add_attempts(since timestamptz, until timestamptz)
RETURNS void LANGUAGE sql SET enable_seqscan = off SET jit = off AS $$
    WITH moved AS MATERIALIZED (
        SELECT e.at, e.task, e.recording_id, e.user_id, e.kind, e.target_id, e.from_state, e.to_state, e.event, e.attempt, e.error
        FROM leap.task_events e WHERE e.at > since AND e.at <= until AND e.entity = 'task'),
    told AS (
        SELECT m.*, max(m.at) FILTER (WHERE m.to_state = 'running') OVER earlier AS claimed_at,
               max(m.at) FILTER (WHERE m.to_state = 'ready') OVER earlier AS ready_at
        FROM moved m WINDOW earlier AS (PARTITION BY m.task ORDER BY m.at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)),
    claimed AS (
        SELECT x.*, t.subject, coalesce(x.claimed_at, CASE WHEN t.attempt = x.attempt THEN t.started_at END, h.at) AS begun_at, t.error AS task_error
        FROM told x LEFT JOIN leap.tasks t ON t.id = x.task
        LEFT JOIN LATERAL (
            SELECT max(c.at) AS at FROM leap.task_events c
            WHERE c.recording_id = x.recording_id AND c.at < x.at AND c.at > x.at - interval '31 days' AND c.task = x.task AND c.to_state = 'running'
                  AND x.claimed_at IS NULL AND t.attempt IS DISTINCT FROM x.attempt) h ON true
        WHERE x.from_state = 'running'),
    ended AS (
        SELECT c.*, coalesce(c.ready_at, h.at) AS waiting_since FROM claimed c
        LEFT JOIN LATERAL (
            SELECT max(r.at) AS at FROM leap.task_events r
            WHERE r.recording_id = c.recording_id AND r.at <= c.begun_at AND r.at > c.begun_at - interval '31 days' AND r.task = c.task AND r.to_state = 'ready'
                  AND c.ready_at IS NULL) h ON true)
    INSERT INTO leap.task_attempts (at, task, attempt, user_id, recording_id, kind, platform, outcome, seconds, waited, lecture, class, code, message)
    SELECT e.at, e.task, e.attempt, e.user_id, e.recording_id, e.kind,
           leap.platform_type(e.kind, o.target_type, r.source, s.source_type, d.channel),
           leap.attempt_outcome(e.to_state, e.event),
           greatest(extract(epoch FROM e.at - e.begun_at), 0), greatest(extract(epoch FROM e.begun_at - e.waiting_since), 0),
           leap.lecture_seconds(r.final_duration, r.duration), f.error->>'class', f.error->>'code', left(f.error->>'message', 500)
    FROM ended e
    LEFT JOIN leap.recordings r ON r.id = e.recording_id
    LEFT JOIN leap.output_targets o ON o.id = e.target_id
    LEFT JOIN leap.source_syncs y ON e.kind = 'sync' AND y.id = e.subject LEFT JOIN leap.input_sources s ON s.id = y.source_id
    LEFT JOIN leap.deliveries d ON e.kind = 'notify' AND d.id = e.subject
    LEFT JOIN LATERAL (SELECT coalesce(e.error, e.task_error) AS error) f ON e.event IN ('fail', 'retry') OR e.to_state = 'failed'
    ORDER BY e.at
$$;
COMMENT ON FUNCTION leap.add_attempts(timestamptz, timestamptz) IS
'Writes leap.task_attempts for the attempts that ended after one moment and not after the other.';

CREATE OR REPLACE FUNCTION leap.add_totals(since timestamptz, until timestamptz)
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
BEGIN
    INSERT INTO leap.task_moves AS m (kind, from_state, to_state, event, total)
    SELECT e.kind, coalesce(e.from_state, ''), e.to_state, coalesce(e.event, ''), count(*)
    FROM leap.task_events e WHERE e.at > since AND e.at <= until AND e.entity = 'task' GROUP BY 1, 2, 3, 4
    ON CONFLICT ON CONSTRAINT task_moves_pkey DO UPDATE SET total = m.total + excluded.total;
    INSERT INTO leap.task_levels AS l (kind, state, tasks)
    SELECT x.kind, x.state, sum(x.n) FROM (
        SELECT e.kind, s.state, s.n FROM leap.task_events e CROSS JOIN LATERAL (VALUES (e.to_state, 1), (e.from_state, -1)) AS s (state, n)
        WHERE e.at > since AND e.at <= until AND e.entity = 'task' AND s.state IN ('blocked', 'ready', 'scheduled', 'running')) x
    GROUP BY x.kind, x.state HAVING sum(x.n) <> 0
    ON CONFLICT ON CONSTRAINT task_levels_pkey DO UPDATE SET tasks = l.tasks + excluded.tasks;
    INSERT INTO leap.task_durations AS d (kind, measure, le, total, seconds)
    SELECT a.kind, v.measure, b.le, count(*), CASE b.le WHEN 'Infinity' THEN sum(v.seconds) ELSE 0 END
    FROM leap.task_attempts a
    CROSS JOIN LATERAL (VALUES ('run', CASE a.outcome WHEN 'succeeded' THEN a.seconds END), ('wait', a.waited)) AS v (measure, seconds)
    JOIN unnest(leap.duration_bounds()) AS b (le) ON v.seconds <= b.le
    WHERE a.at > since AND a.at <= until GROUP BY 1, 2, 3
    ON CONFLICT ON CONSTRAINT task_durations_pkey DO UPDATE SET total = d.total + excluded.total, seconds = d.seconds + excluded.seconds;
    INSERT INTO leap.platform_calls AS p (platform, kind, outcome, total)
    SELECT a.platform, a.kind, a.outcome, count(*) FROM leap.task_attempts a
    WHERE a.at > since AND a.at <= until AND a.platform IS NOT NULL GROUP BY 1, 2, 3
    ON CONFLICT ON CONSTRAINT platform_calls_pkey DO UPDATE SET total = p.total + excluded.total;
END
$$;
COMMENT ON FUNCTION leap.add_totals(timestamptz, timestamptz) IS
'Adds what happened after one moment and not after the other to the totals; leap.task_attempts of that time is written already.';

-- A database that was in use before there were statistics: the last attempt of every task that has ended is known.
CREATE OR REPLACE FUNCTION leap.begin_statistics(until timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leap.task_levels (kind, state, tasks) SELECT c.kind, c.state, c.tasks FROM leap.count_levels(until) c;
    INSERT INTO leap.task_attempts (at, task, attempt, user_id, recording_id, kind, platform, outcome, seconds, lecture, class, code, message)
    SELECT t.finished_at, t.id, t.attempt, t.user_id, t.recording_id, t.kind,
           leap.platform_type(t.kind, o.target_type, r.source, s.source_type, d.channel),
           t.state, greatest(extract(epoch FROM t.finished_at - t.started_at), 0), leap.lecture_seconds(r.final_duration, r.duration),
           f.error->>'class', f.error->>'code', left(f.error->>'message', 500)
    FROM leap.tasks t LEFT JOIN leap.recordings r ON r.id = t.recording_id LEFT JOIN leap.output_targets o ON o.id = t.target_id
    LEFT JOIN leap.source_syncs y ON y.id = t.subject LEFT JOIN leap.input_sources s ON s.id = y.source_id LEFT JOIN leap.deliveries d ON d.id = t.subject
    LEFT JOIN LATERAL (SELECT t.error) f ON t.state = 'failed'
    WHERE t.state IN ('succeeded', 'failed', 'cancelled') AND t.started_at IS NOT NULL AND t.finished_at <= until;
END
$$;
COMMENT ON FUNCTION leap.begin_statistics(timestamptz) IS
'The state from which leap.roll_statistics() goes on: how many tasks there are, and how those ended that have. Totals begin at zero.';

CREATE OR REPLACE FUNCTION leap.roll_statistics(most int = 200000)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    since timestamptz := (SELECT s.rolled_to FROM leap.statistics_state s FOR UPDATE);
    settled timestamptz := leap.settled_until();
    until timestamptz;
    events int := 0;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM leap.refuse('LP030', 'statistics need READ COMMITTED: another isolation level would not see what has been committed meanwhile');
    ELSIF since IS NULL THEN
        PERFORM leap.begin_statistics(settled);
    ELSE
        -- moments are not cut in two
        SELECT max(x.at), count(*) INTO until, events
        FROM (SELECT e.at FROM leap.task_events e WHERE e.at > since AND e.at <= settled
              ORDER BY e.at FETCH FIRST (most) ROWS WITH TIES) x;
        IF events > 0 THEN
            PERFORM leap.add_attempts(since, until);
            PERFORM leap.add_totals(since, until);
        END IF;
        IF events < most THEN
            until := greatest(since, settled);
        END IF;
    END IF;
    UPDATE leap.statistics_state s SET rolled_to = coalesce(until, settled), rolled_at = clock_timestamp();
    RETURN events;
END
$$;
COMMENT ON FUNCTION leap.roll_statistics(int) IS
'Adds up what happened since it was called last: about so many events at most, the rest the next time. Returns how many. Error LP030 unless READ COMMITTED.';
