-- Runs of automation jobs for people: start one by hand, look at one, look back.

CREATE OR REPLACE FUNCTION leap.run_job(id uuid, dry_run boolean = false)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    j leap.automation_jobs := leap.own_job(id);
    going leap.automation_runs;
    run uuid;
BEGIN
    SELECT r.* INTO going FROM leap.automation_runs r
    WHERE r.job_id = j.id AND r.phase IN ('sync', 'match', 'start') AND (r.trigger = 'dry_run') = coalesce(dry_run, false) LIMIT 1;
    IF FOUND THEN
        PERFORM leap.refuse('LP008', format('run %s of the job is under way: %s', going.id, CASE going.phase WHEN 'sync' THEN 'its sources are being asked' ELSE 'its recordings are being started' END),
                            'Wait until its recordings are being processed: then the job can run again.');
    END IF;
    run := leap.begin_automation(j, CASE WHEN dry_run THEN 'dry_run' ELSE 'manual' END, NULL);
    IF dry_run IS NOT TRUE THEN
        UPDATE leap.automation_jobs x SET last_run_at = leap.clock(), run_count = x.run_count + 1 WHERE x.id = j.id;
        PERFORM leap.audit('run', 'automation_job', j.id::text, NULL, jsonb_build_object('automation_run', run));
    END IF;
    RETURN run;
END
$$;
COMMENT ON FUNCTION leap.run_job(uuid, boolean) IS
'Runs a job now, also one that is switched off, and returns the run: leap.automation_run() tells how far it is. It does not move the schedule, and the quotas automation_jobs and automation_interval_hours do not concern it. With dry_run the sources are asked and nothing is changed: the report of the run says what a run would do. Errors: LP020, LP008 while a run of it asks sources or starts recordings.';

-- A run as people see it; the long lists only when one is asked for.
CREATE OR REPLACE FUNCTION leap.automation_run_json(r leap.automation_runs)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', r.id, 'job_id', r.job_id, 'job', r.settings ->> 'name', 'trigger', r.trigger, 'scheduled_for', r.scheduled_for,
        'state', r.state, 'phase', r.phase, 'started_at', r.started_at, 'finished_at', r.finished_at,
        'seconds', extract(epoch FROM coalesce(r.finished_at, leap.clock()) - r.started_at)::float8,
        'counts', jsonb_build_object('sources', r.sources, 'sources_failed', r.sources_failed, 'synced', r.synced, 'candidates', r.candidates,
            'matched', r.matched, 'unmatched', r.unmatched, 'started', r.started, 'refused', r.refused, 'done', r.done, 'failed', r.failed, 'held', r.held),
        'error', r.error, 'report', r.report - '{unmatched,refused,new,existing}'::text[])
$$;
COMMENT ON FUNCTION leap.automation_run_json(leap.automation_runs) IS
'A run of a job without its lists of recordings: id, job, trigger, state, phase, times, counts, error, and of the report what is short.';

CREATE OR REPLACE FUNCTION leap.automation_run(id uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.automation_runs;
BEGIN
    SELECT x.* INTO r FROM leap.automation_runs x WHERE x.id = automation_run.id AND leap.may_see(x.user_id);
    IF r.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no automation run %s', id), 'leap.job_runs() shows the runs of a job.');
    END IF;
    RETURN leap.automation_run_json(r) || jsonb_build_object('report', r.report, 'settings', r.settings, 'todo', cardinality(r.todo),
        'progress', (SELECT to_jsonb(p) FROM leap.progress_of(r) p),
        'syncs', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'source', s.source_id, 'name', i.name, 'task', s.task_id::text, 'state', s.state,
                      'found', s.found, 'created', s.created, 'known', s.known, 'updated', s.updated, 'refused', s.refused, 'error', s.error) ORDER BY s.id), '[]')
                  FROM leap.source_syncs s LEFT JOIN leap.input_sources i ON i.id = s.source_id WHERE s.automation_run_id = r.id),
        'recordings', (SELECT coalesce(jsonb_agg(jsonb_build_object('recording', u.recording_id, 'name', u.display_name, 'run', u.id, 'state', u.state,
                           'status', u.status, 'hold', u.hold) ORDER BY u.id), '[]')
                       FROM (SELECT n.id, n.recording_id, c.display_name, n.state, c.status, c.hold FROM leap.runs n
                             JOIN leap.recordings c ON c.id = n.recording_id WHERE n.automation_run_id = r.id ORDER BY n.id LIMIT 1000) u));
END
$$;
COMMENT ON FUNCTION leap.automation_run(uuid) IS
'A run of an automation job with all that is known of it: counts, progress (leap.automation_run_progress), syncs of its sources with their tasks, the recordings it started (at most 1000), report: unmatched and refused recordings with reasons (at most 100 each), or what a dry run found. Error LP020.';

CREATE OR REPLACE FUNCTION leap.job_runs(id uuid, "limit" int = 20, before uuid = NULL)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    IF "limit" NOT BETWEEN 1 AND 500 THEN
        PERFORM leap.refuse('LP030', format('a page cannot have %s runs', "limit"), 'It has 1 to 500.');
    END IF;
    PERFORM leap.no_job(id) WHERE NOT EXISTS (SELECT FROM leap.automation_jobs j WHERE j.id = job_runs.id AND leap.may_see(j.user_id));
    RETURN (SELECT coalesce(jsonb_agg(leap.automation_run_json(p) ORDER BY p.id DESC), '[]') FROM (
        SELECT r.* FROM leap.automation_runs r WHERE r.job_id = job_runs.id AND (before IS NULL OR r.id < before)
        ORDER BY r.id DESC LIMIT coalesce("limit", 20)) p);
END
$$;
COMMENT ON FUNCTION leap.job_runs(uuid, int, uuid) IS
'The runs of a job, newest first, as a JSON array without their lists of recordings: at most so many, and only those older than the run named by before (the last of the page before). What was skipped is there too, with the reason. Kept are the hundred newest and all of the last 30 days. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.forget_automation_runs(most int = 10000)
RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    WITH gone AS (
        DELETE FROM leap.automation_runs r
        WHERE r.id IN (SELECT o.id FROM leap.automation_runs o
                       WHERE o.finished_at < leap.clock() - interval '30 days'
                         AND o.id < (SELECT n.id FROM leap.automation_runs n WHERE n.job_id = o.job_id ORDER BY n.id DESC OFFSET 99 LIMIT 1)
                       LIMIT most)
        RETURNING 1)
    SELECT count(*)::int FROM gone
$$;
COMMENT ON FUNCTION leap.forget_automation_runs(int) IS
'Removes runs of jobs that ended more than 30 days ago and are not among the hundred newest of their job; returns how many.';
