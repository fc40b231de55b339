-- Runs: starting any number of passages through the pipeline in a few statements (which tasks: 60_plan.sql).

-- A run with a start time waits for it, also when it was held meanwhile.
CREATE OR REPLACE FUNCTION leap.ready_in_time(ids bigint[])
RETURNS text[] LANGUAGE plpgsql AS $$
BEGIN
    WITH early AS (
        UPDATE leap.tasks t SET state = leap.move('release', 'scheduled')
        FROM leap.runs u
        WHERE t.id = ANY (ids) AND t.state = 'blocked' AND t.deps_left = 0 AND u.id = t.run_id AND u.start_at > clock_timestamp()
          AND NOT EXISTS (SELECT FROM leap.recordings r WHERE r.id = t.recording_id AND r.hold IS NOT NULL)
        RETURNING t.id, t.recording_id, u.start_at)
    INSERT INTO leap.task_scheduled (run_at, task, recording_id) SELECT e.start_at, e.id, e.recording_id FROM early e;
    RETURN leap.make_ready(ids);
END
$$;
COMMENT ON FUNCTION leap.ready_in_time(bigint[]) IS
'Readies those of the blocked tasks that wait for nothing and whose recording is not held, and schedules those whose run starts later; returns the queues to ring.';

-- What the configuration names is there when the run begins: new targets, and new settings of those that are. What it
-- does not name any more goes, unless it was published: then runs leave it alone. A retry takes nothing away, nor does
-- an upload that somebody asked for.
CREATE OR REPLACE FUNCTION leap.arrange_targets(run_ids uuid[], operation text)
RETURNS void LANGUAGE sql AS $$
    WITH run AS MATERIALIZED (SELECT u.recording_id, u.user_id, u.config FROM leap.runs u WHERE u.id = ANY (run_ids)),
    wanted AS MATERIALIZED (
        SELECT r.recording_id, r.user_id, e.target_type, e.preset_id, e.config
        FROM (SELECT DISTINCT x.user_id, x.config FROM run x) c
        CROSS JOIN LATERAL leap.effective_targets(c.config, c.user_id, operation IN ('upload', 'republish')) e
        JOIN run r ON r.user_id = c.user_id AND r.config = c.config),
    other AS MATERIALIZED (
        SELECT o.id, o.remote_id FROM run r JOIN leap.output_targets o ON o.recording_id = r.recording_id AND o.configured
        WHERE operation IN ('run', 'force') AND NOT EXISTS (
            SELECT FROM wanted w WHERE w.recording_id = o.recording_id AND w.target_type = o.target_type AND w.preset_id IS NOT DISTINCT FROM o.preset_id)),
    gone AS (DELETE FROM leap.output_targets o USING other x WHERE o.id = x.id AND x.remote_id IS NULL),
    left_alone AS (UPDATE leap.output_targets o SET wanted = false FROM other x WHERE o.id = x.id AND x.remote_id IS NOT NULL AND o.wanted),
    renewed AS (
        UPDATE leap.output_targets o SET config = w.config, configured = true, wanted = o.removed_at IS NULL
        FROM wanted w WHERE o.recording_id = w.recording_id AND o.target_type = w.target_type AND o.preset_id IS NOT DISTINCT FROM w.preset_id
          AND (o.config <> w.config OR NOT o.configured OR NOT o.wanted))
    INSERT INTO leap.output_targets (recording_id, user_id, target_type, preset_id, status, config, configured)
    SELECT w.recording_id, w.user_id, w.target_type, w.preset_id, leap.move('create', 'NOT_UPLOADED'), w.config, true
    FROM wanted w WHERE NOT EXISTS (SELECT FROM leap.output_targets o WHERE o.recording_id = w.recording_id AND o.target_type = w.target_type
                                    AND o.preset_id IS NOT DISTINCT FROM w.preset_id)
    ORDER BY w.recording_id, w.target_type, w.preset_id
$$;
COMMENT ON FUNCTION leap.arrange_targets(uuid[], text) IS
'Makes, renews and removes the output targets of the recordings of these runs as the configuration of each run says.';

-- One expression without a clock that moves: it becomes part of the statement that asks, which asks for many tasks.
CREATE OR REPLACE FUNCTION leap.task_priority(wanted smallint, kind text, expires timestamptz)
RETURNS smallint LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN kind = 'download' AND expires < statement_timestamp() + interval '10 days'
                THEN least(wanted, greatest(-10, floor(extract(epoch FROM expires - statement_timestamp()) / 86400) - 10)::smallint) ELSE wanted END
$$;
COMMENT ON FUNCTION leap.task_priority(smallint, text, timestamptz) IS
'The priority of a task in a run of this priority: the download of what its source removes within ten days goes before others, the earlier the fewer days are left.';

-- What waits moves up as the day comes near. Priorities that people gave count as when the run was made.
CREATE OR REPLACE FUNCTION leap.raise_expiring(most int = 1000)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    ids bigint[];
BEGIN
    WITH due AS (
        SELECT t.id, leap.task_priority(u.priority, t.kind, r.source_expires_at) AS prio
        FROM leap.recordings r JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active' JOIN leap.tasks t ON t.run_id = u.id
        WHERE r.source_expires_at < statement_timestamp() + interval '10 days' AND r.delete_state = 'active'
          AND t.kind = 'download' AND t.state IN ('blocked', 'scheduled', 'ready') AND t.prio > leap.task_priority(u.priority, t.kind, r.source_expires_at)
        ORDER BY t.id LIMIT most FOR NO KEY UPDATE OF t SKIP LOCKED),
    moved AS (UPDATE leap.tasks t SET prio = d.prio FROM due d WHERE t.id = d.id RETURNING t.id)
    SELECT coalesce(array_agg(m.id ORDER BY m.id), '{}') INTO ids FROM moved m;
    UPDATE leap.task_ready c SET prio = t.prio FROM leap.tasks t WHERE c.task = ANY (ids) AND t.id = c.task;
    RETURN cardinality(ids);
END
$$;
COMMENT ON FUNCTION leap.raise_expiring(int) IS
'Gives downloads that wait the priority that the days left have by now (leap.task_priority()), where that is an earlier one. A chore; returns how many.';

DROP FUNCTION IF EXISTS leap.create_tasks(uuid[], boolean);
CREATE OR REPLACE FUNCTION leap.create_tasks(run_ids uuid[], operation text, target text)
RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    -- those that are asked by HTTP: their tasks wait for an answer most of the time
    remote text[] := ARRAY(SELECT p.family FROM leap.providers p WHERE p.base_url IS NOT NULL AND p.is_active);
BEGIN
    INSERT INTO leap.tasks (run_id, recording_id, user_id, lane, kind, queue, stage, target_id, state, skip_reason, finished_at, prio, input_hash, checkpoint)
    SELECT run.id, run.recording_id, run.user_id, o.lane, k.kind,
           CASE WHEN leap.provider_family(k.kind) = ANY (remote) AND leap.asked_by_http(k.kind, run.config) IS NOT NULL THEN 'upload' ELSE k.queue END,
           k.stage, p.target_id,
           leap.move('create', CASE WHEN p.skip_reason IS NULL THEN 'blocked' ELSE 'skipped' END), p.skip_reason,
           CASE WHEN p.skip_reason IS NOT NULL THEN clock_timestamp() END, leap.task_priority(run.priority, k.kind, r.source_expires_at), p.input_hash,
           -- an upload that was broken off goes on: what it has sent is not sent again, what it may have published is looked for first
           CASE WHEN p.target_id IS NOT NULL AND p.skip_reason IS NULL THEN
               (SELECT (array_agg(CASE t.state WHEN 'succeeded' THEN NULL ELSE t.checkpoint END ORDER BY t.id DESC))[1]
                FROM leap.tasks t WHERE t.recording_id = run.recording_id AND t.target_id = p.target_id AND t.attempt > 0) END
    FROM leap.runs run JOIN leap.users o ON o.id = run.user_id JOIN leap.recordings r ON r.id = run.recording_id
    JOIN leap.plan_runs(ARRAY(SELECT x.recording_id FROM leap.runs x WHERE x.id = ANY (run_ids)), operation, target) p ON p.recording = run.recording_id
    JOIN leap.task_kinds k ON k.kind = p.kind
    JOIN unnest('{download,trim,transcribe,topics,subtitles,upload}'::text[]) WITH ORDINALITY AS place(kind, n) ON place.kind = k.kind
    WHERE run.id = ANY (run_ids) ORDER BY run.id, place.n, p.target_id;
    INSERT INTO leap.task_edge (from_task, to_task)
    SELECT a.id, b.id FROM leap.run_shape() o
    JOIN leap.tasks a ON a.run_id = ANY (run_ids) AND a.kind = o.from_kind AND a.state = 'blocked'
    JOIN leap.tasks b ON b.run_id = a.run_id AND b.kind = o.to_kind AND b.state = 'blocked'
    WHERE o.unless = '{}' OR NOT EXISTS (SELECT FROM leap.tasks x WHERE x.run_id = a.run_id AND x.kind = ANY (o.unless) AND x.state = 'blocked');
    UPDATE leap.tasks t SET deps_left = e.n
    FROM (SELECT x.to_task, count(*)::smallint AS n FROM leap.task_edge x JOIN leap.tasks y ON y.id = x.to_task
          WHERE y.run_id = ANY (run_ids) GROUP BY x.to_task) e
    WHERE t.id = e.to_task;
    IF operation IN ('upload', 'republish') THEN    -- what was taken back is wanted again
        UPDATE leap.output_targets o SET removed_at = NULL, wanted = true
        FROM leap.tasks t WHERE t.run_id = ANY (run_ids) AND t.state <> 'skipped' AND o.id = t.target_id AND o.removed_at IS NOT NULL;
    END IF;
    RETURN leap.ready_in_time(ARRAY(SELECT id FROM leap.tasks WHERE run_id = ANY (run_ids) AND deps_left = 0 AND state = 'blocked' ORDER BY id));
END
$$;
COMMENT ON FUNCTION leap.create_tasks(uuid[], text, text) IS
'Creates the tasks of these runs with their edges and readies the first of each, or schedules it for the time the run starts; returns the queues to ring.';

-- Who starts many runs near the limit of a month waits for whoever just does the same, and then sees what is left. The
-- rows are the last that the caller locks.
CREATE OR REPLACE FUNCTION leap.lock_run_usage(recording_ids uuid[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    month date := leap.this_month();
    owners uuid[] := ARRAY(SELECT o.user_id FROM (SELECT DISTINCT r.user_id FROM leap.recordings r WHERE r.id = ANY (recording_ids) OFFSET 0) o
                           WHERE leap.quota_limit(o.user_id, 'processing_per_month') IS NOT NULL);
BEGIN
    INSERT INTO leap.quota_usage (user_id, quota, period)
    SELECT o, 'processing_per_month', month FROM unnest(owners) o ORDER BY o ON CONFLICT DO NOTHING;
    PERFORM FROM leap.quota_usage u
    WHERE u.user_id = ANY (owners) AND u.quota = 'processing_per_month' AND u.period = month ORDER BY u.user_id FOR UPDATE;
END
$$;
COMMENT ON FUNCTION leap.lock_run_usage(uuid[]) IS
'Locks the number of runs this month of those owners of these recordings who have a limit, in the order of owners; the caller holds the locks of the recordings.';

-- What a run can be told beside what it does. Lower numbers first, like the column prio everywhere.
CREATE OR REPLACE FUNCTION leap.run_options(priority int, start_at timestamptz)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF priority NOT BETWEEN -10 AND 10 THEN
        PERFORM leap.refuse('LP030', format('%s is no priority', priority), 'Priorities go from -10 (first) over 0 (usual) to 10 (last).');
    ELSIF NOT isfinite(start_at) OR start_at > clock_timestamp() + interval '1 year' THEN
        PERFORM leap.refuse('LP030', format('no run can start at %s', start_at), 'Name a time within a year.');
    END IF;
    RETURN jsonb_strip_nulls(jsonb_build_object('priority', priority, 'start_at', start_at));
END
$$;
COMMENT ON FUNCTION leap.run_options(int, timestamptz) IS
'The options of a run as {priority, start_at}, those that are null left out. Error LP030 for a priority beyond -10..10 or a time beyond a year.';

-- Clocks differ a little: what a client calls now may be a moment ago here.
CREATE OR REPLACE FUNCTION leap.check_start(start_at timestamptz)
RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF start_at < now() - interval '1 minute' THEN
        PERFORM leap.refuse('LP030', format('no run can start at %s UTC: that is past', to_char(start_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')),
                            'Name a time to come, or none to start now.');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_start(timestamptz) IS
'Refuses (LP030) a start time that is past by more than a minute; null is now.';

-- What people type. The subtransaction is for the words that PostgreSQL cannot read.
CREATE OR REPLACE FUNCTION leap.start_time(said text, recording uuid)
RETURNS timestamptz LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    zone text := coalesce((SELECT u.timezone FROM leap.recordings r JOIN leap.users u ON u.id = r.user_id WHERE r.id = recording), 'UTC');
    words text := lower(btrim(said));
    meant timestamptz;
BEGIN
    PERFORM set_config('TimeZone', zone, true);     -- until this function ends
    BEGIN
        IF words ~ '^in\s' THEN
            meant := now() + substr(words, 3)::interval;
        ELSIF words ~ '^\d{1,2}:\d\d(:\d\d)?$' THEN
            meant := ('today ' || words)::timestamptz;
            IF meant <= clock_timestamp() THEN
                meant := ('tomorrow ' || words)::timestamptz;
            END IF;
        ELSE
            meant := words::timestamptz;
        END IF;
    EXCEPTION WHEN data_exception THEN
        PERFORM leap.refuse('LP030', format('"%s" is no time a run could start at', said), format(
            'Examples: ''22:00'' (when the clock shows it next), ''in 5 minutes'', ''tomorrow 03:00'', ''2026-12-01 03:00''; without an offset in the time zone of the user, %s.', zone));
    END;
    PERFORM leap.check_start(meant);
    RETURN meant;
END
$$;
COMMENT ON FUNCTION leap.start_time(text, uuid) IS
'The time that these words name, in the time zone of the recording''s owner: HH:MM (the next time the clock shows it), "in 5 minutes", "now", or anything PostgreSQL reads as a time. Error LP030 for what cannot be read or is past.';

-- A recording that is past the first stage of its run goes back to before it; what that stage found out is forgotten.
CREATE OR REPLACE FUNCTION leap.step_back(run_ids uuid[])
RETURNS void LANGUAGE sql AS $$
    UPDATE leap.recordings r
    SET status = CASE WHEN b.event IS NULL THEN r.status ELSE leap.move(b.event, b.before_status) END,
        failed_at_stage = CASE WHEN r.status = 'FAILED' THEN b.stage ELSE r.failed_at_stage END,
        blank_record = r.blank_record AND NOT b.looks_anew,
        flags = CASE WHEN b.looks_anew THEN '[]' ELSE b.flags END,
        facts = CASE WHEN b.looks_anew THEN '{}' ELSE b.facts END
    FROM (SELECT x.id, s.stage, s.before_status, f.looks_anew,
                 CASE WHEN x.status IN (s.before_status, 'FAILED') OR (x.status IN ('READY', 'UPLOADED') AND s.stage = 'upload') THEN NULL
                      WHEN x.status = 'SKIPPED' THEN 'unskip' ELSE 'rerun' END AS event,
                 x.facts - (CASE WHEN f.cuts_anew THEN '{cut}'::text[] ELSE '{}' END || CASE WHEN f.listens_anew THEN '{quality}'::text[] ELSE '{}' END) AS facts,
                 CASE WHEN (f.cuts_anew OR f.listens_anew) AND x.flags <> '[]' THEN coalesce((
                     SELECT jsonb_agg(g) FROM jsonb_array_elements(x.flags) g
                     WHERE NOT (f.cuts_anew AND g->>'code' IN ('inexact_cut', 'large_trim') OR f.listens_anew AND g->>'code' = 'low_quality')), '[]')
                      ELSE x.flags END AS flags
          FROM (SELECT t.recording_id, min(n.n) AS first_no, bool_or(t.kind = 'download' AND t.state <> 'skipped') AS looks_anew,
                       bool_or(t.kind = 'trim' AND t.state <> 'skipped') AS cuts_anew,
                       bool_or(t.kind = 'transcribe' AND t.state <> 'skipped') AS listens_anew
                FROM leap.tasks t JOIN leap.stages() WITH ORDINALITY AS n (stage, b, d, a, n) USING (stage)
                WHERE t.run_id = ANY (run_ids) GROUP BY t.recording_id) f
          JOIN leap.recordings x ON x.id = f.recording_id
          JOIN leap.stages() WITH ORDINALITY AS s (stage, before_status, d, a, n) ON s.n = f.first_no) b
    WHERE r.id = b.id AND (b.event IS NOT NULL OR (r.status = 'FAILED' AND r.failed_at_stage IS DISTINCT FROM b.stage)
                           OR (b.looks_anew AND (r.blank_record OR r.flags <> '[]' OR r.facts <> '{}')) OR r.flags <> b.flags OR r.facts <> b.facts)
$$;
COMMENT ON FUNCTION leap.step_back(uuid[]) IS
'Moves the recordings of these new runs to the status before the first stage of the run, by event rerun or unskip; a failed one will be retried from there.';

DROP FUNCTION IF EXISTS leap.start_runs(uuid[], text, boolean, text, text);
DROP FUNCTION IF EXISTS leap.start_runs(uuid[], text, boolean, text, text, jsonb);
CREATE OR REPLACE FUNCTION leap.start_runs(recording_ids uuid[], cause text, operation text, key text = NULL, hash text = NULL,
                                           options jsonb = '{}')
RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE
    started uuid[];
    queues text[];
BEGIN
    WITH made AS (
        INSERT INTO leap.runs (recording_id, user_id, trigger, asked_for, idempotency_key, request_hash, config, priority, start_at, automation_run_id)
        SELECT r.id, r.user_id, cause, coalesce(options->>'asked_for', operation), key, hash, c.config,
               coalesce((options->>'priority')::smallint, 0), (options->>'start_at')::timestamptz,
               (options->>'automation_run')::uuid
        FROM leap.recordings r JOIN leap.resolved_configs(recording_ids, options) c ON c.recording = r.id WHERE r.id = ANY (recording_ids) ORDER BY r.id
        RETURNING id)
    SELECT array_agg(id) INTO started FROM made;
    PERFORM leap.arrange_targets(started, operation);
    queues := leap.create_tasks(started, CASE options->>'asked_for' WHEN 'write_topics' THEN 'write_topics' ELSE operation END, options->>'target');
    PERFORM leap.step_back(started);
    -- words that were kept back: somebody may have said since that such are published
    PERFORM leap.release_text(ARRAY(
        SELECT r.id FROM leap.runs u JOIN leap.recordings r ON r.id = u.recording_id
        WHERE u.id = ANY (started) AND r.facts #>> '{quality,withheld}' = 'true' AND leap.quality_rule(r.facts->'quality', u.config) = 'publish'));
    PERFORM leap.hold_doubtful(recording_ids);
    PERFORM leap.ring(queues);
    PERFORM leap.settle(recording_ids, 'step');
    RETURN coalesce(started, '{}');
END
$$;
COMMENT ON FUNCTION leap.start_runs(uuid[], text, text, text, text, jsonb) IS
'Starts a run of each of these recordings, whose locks the caller holds and whose operation was allowed; options as leap.run_options() gives them, and target, template and override (for this run only), automation_run, asked_for (leap.runs.asked_for, if that is not the operation). Returns the runs.';
