-- A run of an automation job, from its first row to its last count.
--
--   sync        its sources are asked (errands of workers); leap.advance_automation() when one has ended
--   match       recordings of the window and new ones get their templates, set by set
--   start       runs of those that match begin, a batch at a time, as far as quotas allow
--   processing  they pass the pipeline by themselves; what happens to one concerns no other
--
-- The phases match and start are done by the chore run_automation (leap.tick), never inside a worker's report, so that
-- a report stays short and a run that breaks breaks nothing else. The row is there from the start; whatever dies, the
-- next ring of the bell goes on where it stood.
-- Lock order: job -> run of the job -> recording -> tasks -> ... -> usage. A report of a sync holds its task and takes
-- only a run that still waits for sources.

-- The templates and sources of a job as they are now.
CREATE OR REPLACE FUNCTION leap.active_job_templates(j leap.automation_jobs)
RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT t.id FROM leap.job_templates(j.template_ids, j.user_id) t WHERE t.state = 'active' ORDER BY t.id)
$$;
COMMENT ON FUNCTION leap.active_job_templates(leap.automation_jobs) IS 'The templates that a run of this job would match by now.';

CREATE OR REPLACE FUNCTION leap.job_sources(j leap.automation_jobs, templates uuid[], OUT wanted uuid[], OUT active uuid[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
    wanted := CASE WHEN j.sync_config ? 'source_ids' THEN ARRAY(SELECT s::uuid FROM jsonb_array_elements_text(j.sync_config -> 'source_ids') s)
                   -- only if every template is for certain sources
                   WHEN NOT EXISTS (SELECT FROM leap.recording_templates t WHERE t.id = ANY (templates)
                                    AND jsonb_array_length(coalesce(nullif(t.matching_rules -> 'source_ids', 'null'), '[]')) = 0)
                   THEN ARRAY(SELECT DISTINCT s::uuid FROM leap.recording_templates t, jsonb_array_elements_text(t.matching_rules -> 'source_ids') s
                              WHERE t.id = ANY (templates)) END;
    active := ARRAY(SELECT s.id FROM leap.input_sources s
                    WHERE s.user_id = j.user_id AND s.is_active AND (wanted IS NULL OR s.id = ANY (wanted)) ORDER BY s.id);
END
$$;
COMMENT ON FUNCTION leap.job_sources(leap.automation_jobs, uuid[]) IS
'The sources that a job is about: wanted, those it names, else those its templates name if each names some, else null (all of the owner); and which of them are active.';

CREATE OR REPLACE FUNCTION leap.begin_automation(j leap.automation_jobs, cause text, slot timestamptz, report jsonb = '{}')
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    templates uuid[] := leap.active_job_templates(j);
    wanted uuid[];
    asked uuid[];
    first_day date := (SELECT ((leap.clock() AT TIME ZONE u.timezone) - make_interval(days => (j.sync_config ->> 'sync_days')::int))::date
                       FROM leap.users u WHERE u.id = j.user_id);
    run uuid;
    error jsonb;
BEGIN
    INSERT INTO leap.automation_runs AS r (job_id, user_id, trigger, scheduled_for, phase, settings, report)
    VALUES (j.id, j.user_id, cause, slot, 'sync', leap.job_facts(j), report)
    ON CONFLICT (job_id, scheduled_for) DO NOTHING RETURNING r.id INTO run;
    IF run IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT s.wanted, s.active INTO wanted, asked FROM leap.job_sources(j, templates) s;
    error := CASE
        WHEN cardinality(templates) = 0 THEN jsonb_build_object('code', 'no_template',
            'message', CASE WHEN j.template_ids IS NULL THEN 'there is no active template' WHEN j.template_ids = '{}' THEN 'the templates of the job were deleted'
                            ELSE 'none of the templates of the job is active' END,
            'hint', 'Make a template active that is no draft, or name others in the job.')
        WHEN wanted IS NOT NULL AND cardinality(asked) = 0 THEN jsonb_build_object('code', 'no_source',
            'message', format('none of the sources that %s is active', CASE WHEN j.sync_config ? 'source_ids' THEN 'the job names' ELSE 'its templates name' END),
            'hint', 'Switch one on, or change which sources the job asks.') END;
    IF error IS NOT NULL THEN
        PERFORM leap.end_automation(run, error);
        RETURN run;
    END IF;
    PERFORM leap.start_syncs(asked, first_day, NULL, cause = 'dry_run', run) WHERE cardinality(asked) > 0;
    UPDATE leap.automation_runs r SET sources = cardinality(asked), phase = CASE WHEN cardinality(asked) > 0 THEN 'sync' ELSE 'match' END WHERE r.id = run;
    RETURN run;
END
$$;
COMMENT ON FUNCTION leap.begin_automation(leap.automation_jobs, text, timestamptz, jsonb) IS
'Begins a run of a job, whose row the caller holds: writes its row and asks its sources. cause: schedule (slot: the scheduled time), manual or dry_run. Returns the run, null if there is one for the scheduled time already. A job without an active template, or whose named sources are all gone, gets a run that has failed.';

CREATE OR REPLACE FUNCTION leap.advance_automation(run uuid)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM leap.automation_runs r WHERE r.id = run AND r.phase = 'sync' FOR UPDATE;
    IF FOUND THEN
        -- a statement of its own sees what a sync that ended meanwhile has written
        UPDATE leap.automation_runs r SET phase = 'match'
        WHERE r.id = run AND r.phase = 'sync'
          AND NOT EXISTS (SELECT FROM leap.source_syncs s WHERE s.automation_run_id = run AND s.state = 'waiting');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.advance_automation(uuid) IS
'To be called when a sync of an automation run has ended: the last one lets the run go on to matching, at the next ring of the bell. Nothing happens to a run that is gone or further on.';

-- Recordings a run may take up: those of its days, and those that its syncs brought or changed.
CREATE OR REPLACE FUNCTION leap.automation_candidates(r leap.automation_runs)
RETURNS uuid[] LANGUAGE sql STABLE AS $$
    WITH seen AS (
        SELECT c.id FROM leap.recordings c
        WHERE c.user_id = r.user_id AND c.start_time >= r.started_at - make_interval(days => (r.settings #>> '{sync_config,sync_days}')::int)
          AND c.start_time <= greatest(leap.clock(), r.started_at)
        UNION
        SELECT x.id::uuid FROM leap.source_syncs s CROSS JOIN LATERAL (
            SELECT jsonb_array_elements_text(s.report -> 'recordings') UNION ALL SELECT jsonb_array_elements_text(s.report -> 'updated')) AS x(id)
        WHERE s.automation_run_id = r.id)
    SELECT ARRAY(
        SELECT c.id FROM seen JOIN leap.recordings c USING (id)
        WHERE c.user_id = r.user_id AND c.delete_state = 'active' AND c.hold IS NULL AND r.settings #> '{filters,status}' ? c.status
          AND (NOT c.failed OR c.status = 'FAILED')
          AND NOT (c.blank_record AND (r.settings #>> '{filters,exclude_blank}')::boolean)
          AND (c.template_by IS DISTINCT FROM 'user' OR c.template_id IS NOT NULL)
          AND NOT EXISTS (SELECT FROM leap.runs u WHERE u.recording_id = c.id AND u.state = 'active')
        ORDER BY c.start_time, c.id)
$$;
COMMENT ON FUNCTION leap.automation_candidates(leap.automation_runs) IS
'The recordings that an automation run may take up now, oldest first: begun within its days, or made or changed by its syncs, and with one of its statuses; none that is deleted, held, blank (if it says so), has an active run, or of which a person decided that it has no template.';

CREATE OR REPLACE FUNCTION leap.job_of_run(r leap.automation_runs)
RETURNS leap.automation_jobs LANGUAGE sql STABLE AS $$
    SELECT jsonb_populate_record(NULL::leap.automation_jobs, r.settings || jsonb_build_object('id', r.job_id, 'user_id', r.user_id))
$$;
COMMENT ON FUNCTION leap.job_of_run(leap.automation_runs) IS 'The job of a run as it was when the run began.';

CREATE OR REPLACE FUNCTION leap.automation_options(r leap.automation_runs)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('automation_run', r.id)
        || CASE WHEN r.settings -> 'processing_config' <> '{}' THEN jsonb_build_object('override', r.settings -> 'processing_config') ELSE '{}' END
$$;
COMMENT ON FUNCTION leap.automation_options(leap.automation_runs) IS
'The options of the runs that this run of a job starts, as leap.start_runs() and leap.judged() take them: its configuration lies over everything else.';

-- Templates for the candidates; what matches nothing stays as it is, with the reason.
CREATE OR REPLACE FUNCTION leap.match_automation(r leap.automation_runs)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    templates uuid[] := leap.active_job_templates(leap.job_of_run(r));
    found uuid[] := leap.automation_candidates(r);
    go uuid[];
    left_over uuid[];
    unchanged uuid[];
BEGIN
    PERFORM leap.apply_matches(found, templates);
    SELECT array_agg(c.id ORDER BY f.n) FILTER (WHERE c.template_id = ANY (templates)),
           array_agg(c.id ORDER BY f.n) FILTER (WHERE c.template_id = ANY (templates) IS NOT TRUE)
    INTO go, left_over
    FROM unnest(found) WITH ORDINALITY AS f(id, n) JOIN leap.recordings c ON c.id = f.id;
    -- what is at its end is only a candidate if there is something to do
    unchanged := ARRAY(SELECT v.recording FROM leap.judged(ARRAY(
        SELECT c.id FROM leap.recordings c WHERE c.id = ANY (go) AND c.status IN ('TRANSCRIBED', 'READY', 'UPLOADED')), 'run',
        run_layers => leap.automation_options(r)) v WHERE v.sqlstate = 'LP003');
    go := ARRAY(SELECT g FROM unnest(go) WITH ORDINALITY AS x(g, n) WHERE g <> ALL (unchanged) ORDER BY n);
    UPDATE leap.automation_runs x
    SET phase = 'start', todo = go, candidates = cardinality(found) - cardinality(unchanged), matched = cardinality(go),
        unmatched = coalesce(cardinality(left_over), 0),
        report = x.report || jsonb_build_object('unmatched', leap.named_recordings(left_over, 100))
    WHERE x.id = r.id;
END
$$;
COMMENT ON FUNCTION leap.match_automation(leap.automation_runs) IS
'The phase match of an automation run, whose row the caller holds: gives its candidates their templates and notes which are to be started. What matches nothing is left as it is, with the reason.';

CREATE OR REPLACE FUNCTION leap.first_items(items jsonb[])
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(to_jsonb(items[:100]), '[]') $$;
COMMENT ON FUNCTION leap.first_items(jsonb[]) IS 'The first hundred of an array, as JSON.';

CREATE OR REPLACE FUNCTION leap.why_unmatched(c leap.recordings)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(c.unmatched_reason, (SELECT format('its template "%s" is none of the job''s', t.name) FROM leap.recording_templates t WHERE t.id = c.template_id))
$$;
COMMENT ON FUNCTION leap.why_unmatched(leap.recordings) IS
'Why no template of a job is for a recording: none matches it, or it has another one, from rules or a person. Null: rules have not been asked.';

CREATE OR REPLACE FUNCTION leap.named_recordings(ids uuid[], most int)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('recording', c.id, 'name', c.display_name, 'reason', leap.why_unmatched(c))) ORDER BY f.n), '[]')
    FROM unnest(ids[:most]) WITH ORDINALITY AS f(id, n) JOIN leap.recordings c ON c.id = f.id
$$;
COMMENT ON FUNCTION leap.named_recordings(uuid[], int) IS 'The first of these recordings as [{recording, name, reason: why no template of the job is for it}], in their order.';

-- As leap.operate() does it, for a run: as many as the month has room for, the oldest lectures first.
CREATE OR REPLACE FUNCTION leap.start_automation(r leap.automation_runs, most int)
RETURNS void LANGUAGE plpgsql SET jit = off AS $$
DECLARE
    batch uuid[] := r.todo[:most];
    left_over uuid[];
    room jsonb;
    go uuid[];
    refusals jsonb;
    refused_now int;
BEGIN
    PERFORM FROM leap.recordings c WHERE c.id = ANY (batch) ORDER BY c.id FOR NO KEY UPDATE;
    PERFORM leap.lock_run_usage(batch);
    room := leap.run_rooms(batch) -> r.user_id::text;
    -- the next step takes what there is room for then; without any all the rest is refused
    batch := batch[:coalesce((room ->> 'room')::int, most)];
    left_over := CASE WHEN cardinality(batch) > 0 THEN r.todo[cardinality(batch) + 1:] ELSE '{}' END;
    -- meanwhile a person may have decided otherwise
    SELECT coalesce(array_agg(v.recording ORDER BY v.recording) FILTER (WHERE v.allowed), '{}'), count(*) FILTER (WHERE NOT v.allowed),
           leap.first_items(array_agg(jsonb_build_object('recording', v.recording, 'name', c.display_name, 'reason', v.reason, 'code', v.sqlstate, 'verdict', v.verdict) ORDER BY c.start_time, c.id)
                            FILTER (WHERE NOT v.allowed))
    INTO go, refused_now, refusals
    FROM leap.judged(batch, 'run', run_layers => leap.automation_options(r)) v LEFT JOIN leap.recordings c ON c.id = v.recording;
    IF cardinality(batch) = 0 THEN
        refused_now := cardinality(r.todo);
        refusals := (SELECT coalesce(jsonb_agg(n || jsonb_build_object('reason', room -> 'reason', 'code', 'LP010')), '[]')
                     FROM jsonb_array_elements(leap.named_recordings(r.todo, 100)) n);
    END IF;
    PERFORM leap.start_runs(go, 'automation', 'run', options => leap.automation_options(r)) WHERE cardinality(go) > 0;
    UPDATE leap.automation_runs x
    SET todo = left_over, started = x.started + cardinality(go), refused = x.refused + refused_now,
        report = x.report || jsonb_build_object('refused', jsonb_path_query_array(coalesce(x.report -> 'refused', '[]') || refusals, '$[0 to 99]')),
        phase = CASE WHEN cardinality(left_over) > 0 THEN 'start' ELSE 'processing' END
    WHERE x.id = r.id;
END
$$;
COMMENT ON FUNCTION leap.start_automation(leap.automation_runs, int) IS
'The phase start of an automation run, whose row the caller holds: starts runs of the next recordings, at most so many. What the judge refuses by now, or a quota has no room for, is noted with the reason.';

CREATE OR REPLACE FUNCTION leap.progress_of(r leap.automation_runs)
RETURNS TABLE (total int, waiting int, running int, held int, done int, failed int, cancelled int, gone int, percent int)
LANGUAGE sql STABLE AS $$
    SELECT r.started, p.waiting, p.running, p.held, p.done, p.failed, p.cancelled, r.started - p.known,
           CASE WHEN r.state <> 'running' THEN 100 WHEN r.phase <> 'processing' THEN 0
                ELSE least(99, floor((p.points + 100 * (r.started - p.known)) / greatest(r.started, 1)))::int END
    FROM (
        SELECT count(*)::int AS known,
               count(*) FILTER (WHERE u.state = 'active' AND c.hold IS NULL AND NOT t.begun)::int AS waiting,
               count(*) FILTER (WHERE u.state = 'active' AND c.hold IS NULL AND t.begun)::int AS running,
               count(*) FILTER (WHERE u.state = 'active' AND c.hold IS NOT NULL)::int AS held,
               count(*) FILTER (WHERE u.state = 'finished')::int AS done, count(*) FILTER (WHERE u.state = 'failed')::int AS failed,
               count(*) FILTER (WHERE u.state = 'cancelled')::int AS cancelled,
               coalesce(sum(CASE WHEN u.state = 'active' THEN t.points ELSE 100 END), 0) AS points
        FROM leap.runs u JOIN leap.recordings c ON c.id = u.recording_id
        CROSS JOIN LATERAL (
            SELECT coalesce(bool_or(k.started_at IS NOT NULL), false) AS begun,
                   coalesce(avg(CASE k.state WHEN 'succeeded' THEN 100 WHEN 'skipped' THEN 100 WHEN 'running' THEN k.progress ELSE 0 END), 0) AS points
            FROM leap.tasks k WHERE k.run_id = u.id AND u.state = 'active') t
        WHERE u.automation_run_id = r.id) p
$$;
COMMENT ON FUNCTION leap.progress_of(leap.automation_runs) IS 'leap.automation_run_progress() of a run, whoever asks.';

CREATE OR REPLACE FUNCTION leap.automation_run_progress(run uuid)
RETURNS TABLE (total int, waiting int, running int, held int, done int, failed int, cancelled int, gone int, percent int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT p.* FROM leap.automation_runs r CROSS JOIN LATERAL leap.progress_of(r) p WHERE r.id = run AND leap.may_see(r.user_id)
$$;
COMMENT ON FUNCTION leap.automation_run_progress(uuid) IS
'What has become of the recordings that an automation run started: how many wait, run, are held, done, failed, cancelled, gone (removed since), and the percentage of their work that is done. No row for a run that is not there or not the caller''s.';

CREATE OR REPLACE FUNCTION leap.automation_facts(r leap.automation_runs)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('job', r.settings ->> 'name', 'state', r.state, 'trigger', r.trigger, 'synced', r.synced,
        'matched', r.matched, 'unmatched', r.unmatched, 'started', r.started, 'refused', r.refused, 'done', r.done, 'failed', r.failed,
        'held', r.held, 'sources_failed', r.sources_failed, 'code', r.error ->> 'code', 'message', r.error ->> 'message', 'hint', r.error ->> 'hint'))
$$;
COMMENT ON FUNCTION leap.automation_facts(leap.automation_runs) IS 'What the messages about a run of a job tell: its name, how it ended, and the counts.';

CREATE OR REPLACE FUNCTION leap.failed_of(run uuid, most int)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('name', f.display_name, 'message', f.error ->> 'message') ORDER BY f.start_time, f.id), '[]')
    FROM (SELECT c.id, c.display_name, c.start_time, c.error FROM leap.runs u JOIN leap.recordings c ON c.id = u.recording_id
          WHERE u.automation_run_id = run AND u.state = 'failed' ORDER BY c.start_time, c.id LIMIT most) f
$$;
COMMENT ON FUNCTION leap.failed_of(uuid, int) IS 'The first of the lectures that an automation run started and that failed, as [{name, message}].';

-- What went wrong decides how a run ended; what matched nothing is no fault.
CREATE OR REPLACE FUNCTION leap.end_automation(run uuid, cause jsonb = NULL)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r leap.automation_runs;
    asked record;
    p record;
    outcome text;
    trouble jsonb := cause;
BEGIN
    SELECT count(*) AS n, count(*) FILTER (WHERE s.state <> 'succeeded') AS bad, coalesce(sum(s.created), 0) AS created, min(s.error ->> 'message') AS message
    INTO asked FROM leap.source_syncs s WHERE s.automation_run_id = run;
    SELECT * INTO r FROM leap.automation_runs x WHERE x.id = run;
    SELECT * INTO p FROM leap.progress_of(r);
    IF trouble IS NULL AND asked.n > 0 AND asked.bad = asked.n AND r.started = 0 THEN
        trouble := jsonb_build_object('code', 'sources_failed', 'message', format('no source could be asked: %s', asked.message),
                                      'hint', 'The run shows what each of them said; check their addresses and who may read them.');
    ELSIF trouble IS NULL AND r.started > 0 AND p.failed = r.started THEN
        trouble := jsonb_build_object('code', 'recordings_failed', 'message', 'every recording it started failed',
                                      'hint', 'Each of them tells why; when the cause is gone, retry them.', 'failed_list', leap.failed_of(run, 5));
    END IF;
    outcome := CASE WHEN trouble IS NOT NULL AND r.started = p.failed THEN 'failed'
                    WHEN trouble IS NOT NULL OR asked.bad + r.refused + p.failed + p.cancelled + p.held > 0 THEN 'partial' ELSE 'succeeded' END;
    UPDATE leap.automation_runs x
    SET state = outcome, phase = NULL, finished_at = leap.clock(), error = trouble - 'failed_list', todo = '{}', sources_failed = asked.bad, synced = asked.created,
        done = p.done, failed = p.failed, held = p.held
    WHERE x.id = run RETURNING * INTO r;
    IF r.trigger <> 'dry_run' THEN
        UPDATE leap.automation_jobs j SET last_error = r.error || jsonb_build_object('at', leap.clock()) WHERE j.id = r.job_id;
        -- a night in which nothing came is no news
        PERFORM leap.raise_event(r.user_id, CASE outcome WHEN 'failed' THEN 'automation_failed' ELSE 'automation_completed' END,
            jsonb_build_object('job', r.job_id, 'automation_run', r.id),
            leap.automation_facts(r) || jsonb_strip_nulls(jsonb_build_object('failed_list', trouble -> 'failed_list')),
            CASE outcome WHEN 'failed' THEN format('automation_failed %s', r.job_id) END)
        WHERE outcome <> 'succeeded' OR r.synced + r.started > 0;
    END IF;
END
$$;
COMMENT ON FUNCTION leap.end_automation(uuid, jsonb) IS
'Ends a run of a job with what became of its sources and recordings: succeeded, partial (some of it went wrong) or failed (cause {code, message, hint}, no source answered, or every recording failed); tells its owner, unless nothing came and nothing went wrong.';

-- One step of one run, whose row the caller holds.
CREATE OR REPLACE FUNCTION leap.step_automation(r leap.automation_runs, batch int)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF r.phase = 'processing' THEN
        PERFORM leap.end_automation(r.id);
    ELSIF r.phase = 'start' THEN
        PERFORM leap.start_automation(r, batch);
    ELSIF r.trigger = 'dry_run' THEN
        PERFORM leap.report_dry_run(r);
    ELSE
        PERFORM leap.match_automation(r);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.step_automation(leap.automation_runs, int) IS
'What is next for an automation run that waits for nobody, and whose row the caller holds: match, start (so many recordings), end, or the answer of a dry run.';

-- For a run that cannot go on: as few words to the database as possible.
CREATE OR REPLACE FUNCTION leap.break_automation(r leap.automation_runs, code text, message text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    trouble jsonb := jsonb_build_object('code', code, 'message', message, 'hint', 'The server log has the whole message.');
BEGIN
    UPDATE leap.automation_runs x SET state = CASE WHEN x.started > 0 THEN 'partial' ELSE 'failed' END, phase = NULL, finished_at = leap.clock(), error = trouble
    WHERE x.id = r.id;
    PERFORM leap.tell_broken(r.user_id, r.job_id, trouble);
END
$$;
COMMENT ON FUNCTION leap.break_automation(leap.automation_runs, text, text) IS
'Ends an automation run in which an error occurred; what it has started goes on.';

-- The runs that wait for nobody: to be matched or started, or without a recording that is processed still.
CREATE OR REPLACE FUNCTION leap.movable_automations(most int)
RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT r.id FROM leap.automation_runs r
                 WHERE r.state = 'running' AND (r.phase IN ('match', 'start') OR (r.phase = 'processing' AND NOT EXISTS (
                     SELECT FROM leap.runs u JOIN leap.recordings c ON c.id = u.recording_id
                     WHERE u.automation_run_id = r.id AND u.state = 'active' AND c.hold IS NULL)))
                 ORDER BY r.id LIMIT most)
$$;
COMMENT ON FUNCTION leap.movable_automations(int) IS
'The automation runs that wait for nobody, oldest first, at most so many. A recording that is held waits for a person: it does not keep its run open.';

-- Each in a subtransaction. What a lock or a crowded server prevented is tried again with the next ring; any other error
-- ends the run.
CREATE OR REPLACE FUNCTION leap.step_automations(most int, budget int, OUT steps int, OUT budget_left int)
LANGUAGE plpgsql AS $$
DECLARE
    batch CONSTANT int := 500;
    ids CONSTANT uuid[] := leap.movable_automations(most);
    r leap.automation_runs;
    code text;
    message text;
BEGIN
    steps := 0;
    budget_left := budget;
    FOR r IN SELECT x.* FROM leap.automation_runs x WHERE x.id = ANY (ids) AND x.state = 'running'
             ORDER BY x.id FOR NO KEY UPDATE SKIP LOCKED LOOP
        EXIT WHEN budget_left <= 0;
        BEGIN
            PERFORM leap.step_automation(r, batch);
            steps := steps + 1;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
            RAISE WARNING 'leap.run_automation: run % of job % failed: %', r.id, r.job_id, message;
            PERFORM leap.break_automation(r, code, message) WHERE left(code, 2) NOT IN ('40', '53', '55', '57');
        END;
        budget_left := budget_left - least(cardinality(r.todo), batch);
    END LOOP;
END
$$;
COMMENT ON FUNCTION leap.step_automations(int, int) IS
'Takes automation runs that wait for nobody a step further: at most so many runs, and no new one after so many recordings (budget) were started. Returns how many steps were made and what is left of the budget.';

CREATE OR REPLACE FUNCTION leap.run_automation()
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET jit = off AS $$
DECLARE
    most CONSTANT int := 200;
    did int := leap.mend_next_runs(100) + leap.fire_due_jobs(most);
    budget int := 2000;
    steps int;
BEGIN
    -- the report that ended the last sync has said so already; this is for one that was lost
    UPDATE leap.automation_runs r SET phase = 'match'
    WHERE r.id IN (SELECT x.id FROM leap.automation_runs x WHERE x.state = 'running' AND x.phase = 'sync'
                     AND NOT EXISTS (SELECT FROM leap.source_syncs s WHERE s.automation_run_id = x.id AND s.state = 'waiting')
                   ORDER BY x.id LIMIT most FOR UPDATE SKIP LOCKED);
    -- to match, to start, to start more; a lecture that is through already needs no further ring
    FOR i IN 1..8 LOOP
        SELECT s.steps, s.budget_left INTO steps, budget FROM leap.step_automations(most, budget) s;
        did := did + steps;
        EXIT WHEN steps = 0 OR budget <= 0;
    END LOOP;
    RETURN did;
END
$$;
COMMENT ON FUNCTION leap.run_automation() IS
'The chore of automation: begins the runs of jobs that are due, takes runs further, ends those that are over; a bounded number of each, so that the tick stays short. Returns how many things it did.';

-- What a worker asks with each of its looks (leap.housekeep): two indexes, mostly empty at their beginning.
CREATE OR REPLACE FUNCTION leap.automation_waits()
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM leap.automation_runs r WHERE r.state = 'running' AND r.phase IN ('match', 'start'))
        OR cardinality(leap.due_jobs(1)) > 0
$$;
COMMENT ON FUNCTION leap.automation_waits() IS 'Whether an automation job is due or a run could go further now, so that the bell need not be waited for.';
