-- Automation jobs and their runs: the tables, and the rules that hold whoever writes.
--
-- A job says when (schedule_config), what (templates, sources, filters) and how (processing_config). leap.tick() makes a
-- run of a job that is due (79_automation_runs.sql). What a job names may go later: its templates are taken out of
-- template_ids, so null means every active template of the owner, and an empty list that all it named are gone.
-- Lock order: job -> run of the job -> what a run of recordings locks (63_operations.sql).

CREATE TABLE IF NOT EXISTS leap.automation_jobs (
    id                uuid PRIMARY KEY DEFAULT leap.uuid7(),
    user_id           uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    name              text NOT NULL,
    description       text CHECK (length(description) <= 2000),
    template_ids      uuid[],
    schedule_config   jsonb NOT NULL,
    sync_config       jsonb NOT NULL DEFAULT '{}',
    filters           jsonb NOT NULL DEFAULT '{}',
    processing_config jsonb NOT NULL DEFAULT '{}',
    misfire           text NOT NULL DEFAULT 'coalesce',
    is_enabled        boolean NOT NULL DEFAULT true,
    last_run_at       timestamptz,
    last_slot         timestamptz,
    next_run_at       timestamptz,
    run_count         bigint NOT NULL DEFAULT 0,
    last_error        jsonb,
    created_at        timestamptz NOT NULL DEFAULT leap.clock(),
    updated_at        timestamptz NOT NULL DEFAULT leap.clock(),
    UNIQUE (user_id, name),
    CHECK (is_enabled OR next_run_at IS NULL)
) WITH (fillfactor = 70);
CREATE INDEX IF NOT EXISTS automation_jobs_due ON leap.automation_jobs (next_run_at, id) WHERE next_run_at IS NOT NULL;
COMMENT ON TABLE leap.automation_jobs IS
'What runs by itself: a schedule, the templates to match (null: every active one of the owner), sources, filters, configuration for its runs. People change it by leap.add_job() and its sisters.';
COMMENT ON COLUMN leap.automation_jobs.last_slot IS
'The scheduled time that ran last: the least interval between runs is counted from it. Runs by hand do not move it.';
COMMENT ON COLUMN leap.automation_jobs.last_error IS
'What last went wrong {code, message, hint, at}; null since a run went well.';

CREATE TABLE IF NOT EXISTS leap.automation_runs (
    id             uuid PRIMARY KEY DEFAULT leap.uuid7(),
    job_id         uuid NOT NULL REFERENCES leap.automation_jobs ON DELETE CASCADE,
    user_id        uuid NOT NULL,
    trigger        text NOT NULL CHECK (trigger IN ('schedule', 'manual', 'dry_run')),
    scheduled_for  timestamptz,
    state          text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'succeeded', 'partial', 'failed', 'skipped')),
    phase          text CHECK (phase IN ('sync', 'match', 'start', 'processing')),
    settings       jsonb NOT NULL DEFAULT '{}',
    todo           uuid[] NOT NULL DEFAULT '{}',
    sources        int NOT NULL DEFAULT 0,
    sources_failed int NOT NULL DEFAULT 0,
    synced         int NOT NULL DEFAULT 0,
    candidates     int NOT NULL DEFAULT 0,
    matched        int NOT NULL DEFAULT 0,
    unmatched      int NOT NULL DEFAULT 0,
    started        int NOT NULL DEFAULT 0,
    refused        int NOT NULL DEFAULT 0,
    done           int NOT NULL DEFAULT 0,
    failed         int NOT NULL DEFAULT 0,
    held           int NOT NULL DEFAULT 0,
    report         jsonb NOT NULL DEFAULT '{}',
    error          jsonb,
    started_at     timestamptz NOT NULL DEFAULT leap.clock(),
    finished_at    timestamptz,
    UNIQUE (job_id, scheduled_for),
    CHECK ((trigger = 'schedule') = (scheduled_for IS NOT NULL)),
    CHECK ((state = 'running') = (phase IS NOT NULL)),
    CHECK ((state = 'running') = (finished_at IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX IF NOT EXISTS automation_runs_by_job ON leap.automation_runs (job_id, id);
CREATE INDEX IF NOT EXISTS automation_runs_by_user ON leap.automation_runs (user_id, id);
CREATE INDEX IF NOT EXISTS automation_runs_going ON leap.automation_runs (phase, id) WHERE state = 'running';
CREATE UNIQUE INDEX IF NOT EXISTS automation_runs_exclusive ON leap.automation_runs (job_id)
    WHERE phase IN ('sync', 'match', 'start') AND trigger <> 'dry_run';

-- Who watches is told from the history, as of tasks: where a run is, its phase or how it ended.
CREATE OR REPLACE FUNCTION leap.note_automation_run()
RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    INSERT INTO leap.task_events (entity, user_id, target_id, kind, from_state, to_state)
    VALUES ('automation', NEW.user_id, NEW.id, NEW.trigger, CASE TG_OP WHEN 'UPDATE' THEN coalesce(OLD.phase, OLD.state) END, coalesce(NEW.phase, NEW.state));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leap.note_automation_run() IS 'A trigger: a line of leap.task_events (entity automation, target_id: the run) when a run of a job begins, comes to its next phase, or ends.';
CREATE OR REPLACE TRIGGER note_begin AFTER INSERT ON leap.automation_runs FOR EACH ROW EXECUTE FUNCTION leap.note_automation_run();
CREATE OR REPLACE TRIGGER note_phase AFTER UPDATE ON leap.automation_runs FOR EACH ROW
    WHEN (coalesce(OLD.phase, OLD.state) IS DISTINCT FROM coalesce(NEW.phase, NEW.state)) EXECUTE FUNCTION leap.note_automation_run();
COMMENT ON TABLE leap.automation_runs IS
'One row a run of a job, written when it starts; also for what was skipped, with the reason. scheduled_for: the time of the schedule it stands for, unique in a job. settings: the job as it was then. A second run of a job waits until the first has started its recordings. partial: some of it went wrong; report and the counts tell what.';
COMMENT ON COLUMN leap.automation_runs.todo IS 'The recordings that matched and are not started yet, in the order in which they will be.';

-- What a run by itself may start from: what leap.judged() lets run.
CREATE OR REPLACE FUNCTION leap.automation_statuses()
RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT '{INITIALIZED,DOWNLOADED,PROCESSED,TRANSCRIBED,READY,UPLOADED,FAILED}'::text[]
$$;
COMMENT ON FUNCTION leap.automation_statuses() IS 'The statuses of recordings that an automation job may be told to process.';

-- The things of the owner that a list of ids names, once each. What was named before and is gone since stays.
CREATE OR REPLACE FUNCTION leap.own_ids(given jsonb, known uuid[], of_user uuid, kind regclass, what text)
RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    ids uuid[];
    bad text;
BEGIN
    IF jsonb_typeof(given) IS DISTINCT FROM 'array' OR jsonb_array_length(given) > 1000
       OR jsonb_path_exists(given, '$[*] ? (@.type() != "string" || !(@ like_regex "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" flag "i"))') THEN
        PERFORM leap.refuse('LP030', format('%ss cannot be %s', what, left(given::text, 100)), format('It is an array of at most 1000 ids of %ss.', what));
    END IF;
    ids := ARRAY(SELECT DISTINCT x::uuid FROM jsonb_array_elements_text(given) x ORDER BY 1);
    EXECUTE format('SELECT i::text FROM unnest($1) i WHERE i <> ALL ($2) AND NOT EXISTS (SELECT FROM %s o WHERE o.id = i AND o.user_id = $3) LIMIT 1', kind)
        INTO bad USING ids, coalesce(known, '{}'), of_user;
    IF bad IS NOT NULL THEN
        PERFORM leap.refuse('LP020', format('there is no %s %s', what, bad), format('A job names %ss of its owner.', what));
    END IF;
    RETURN ids;
END
$$;
COMMENT ON FUNCTION leap.own_ids(jsonb, uuid[], uuid, regclass, text) IS
'The ids of a JSON array, sorted, once each. Error LP030 for what is no array of ids, LP020 for one that is neither known already nor a row of that table that belongs to the user.';

CREATE OR REPLACE FUNCTION leap.job_sync_config(given jsonb, known uuid[], of_user uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    days jsonb;
BEGIN
    PERFORM leap.check_keys(given, '{sync_days,source_ids}', 'sync_config');
    days := coalesce(nullif(given -> 'sync_days', 'null'), '2');
    IF days::text !~ '^([1-9]|[12][0-9]|30)$' THEN
        PERFORM leap.refuse('LP030', format('sync_config.sync_days cannot be %s', left(days::text, 100)), 'It is a number of days from 1 to 30.');
    END IF;
    RETURN jsonb_build_object('sync_days', days)
        || CASE WHEN nullif(given -> 'source_ids', 'null') IS NULL THEN '{}'
                ELSE jsonb_build_object('source_ids', to_jsonb(leap.own_ids(given -> 'source_ids', known, of_user, 'leap.input_sources', 'source'))) END;
END
$$;
COMMENT ON FUNCTION leap.job_sync_config(jsonb, uuid[], uuid) IS
'The sync_config of a job as it is kept: sync_days (1 to 30, 2 if not said) and perhaps source_ids. Errors LP030, LP020.';

CREATE OR REPLACE FUNCTION leap.job_filters(given jsonb)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    statuses jsonb;
    blank jsonb;
BEGIN
    PERFORM leap.check_keys(given, '{status,exclude_blank}', 'filters');
    statuses := coalesce(nullif(given -> 'status', 'null'), '["INITIALIZED"]');
    blank := coalesce(nullif(given -> 'exclude_blank', 'null'), 'true');
    IF jsonb_typeof(statuses) <> 'array' OR statuses = '[]' OR NOT statuses <@ to_jsonb(leap.automation_statuses()) THEN
        PERFORM leap.refuse('LP030', format('filters.status cannot be %s', left(statuses::text, 100)),
                            format('It is an array of some of %s.', array_to_string(leap.automation_statuses(), ', ')));
    ELSIF jsonb_typeof(blank) <> 'boolean' THEN
        PERFORM leap.refuse('LP030', format('filters.exclude_blank cannot be %s', left(blank::text, 100)), 'It is true or false.');
    END IF;
    RETURN jsonb_build_object('exclude_blank', blank, 'status', (
        SELECT jsonb_agg(s ORDER BY n) FROM unnest(leap.automation_statuses()) WITH ORDINALITY AS a(s, n) WHERE statuses ? s));
END
$$;
COMMENT ON FUNCTION leap.job_filters(jsonb) IS
'The filters of a job as they are kept: status (some of leap.automation_statuses(), INITIALIZED if not said) and exclude_blank (true if not said). Error LP030.';

-- A schedule that says no zone means the owner's; every so many hours counts from a midnight there.
CREATE OR REPLACE FUNCTION leap.job_schedule(given jsonb, of_user uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    zone text := coalesce((SELECT u.timezone FROM leap.users u WHERE u.id = of_user), 'UTC');
    whole jsonb := given;
BEGIN
    IF nullif(given, 'null') IS NULL THEN
        PERFORM leap.refuse('LP030', 'schedule_config is missing: a job says when it runs',
                            'Like "schedule_config": {"type": "daily", "time": "09:00", "timezone": "Europe/Berlin"}.');
    ELSIF jsonb_typeof(given) = 'object' THEN
        IF given ->> 'type' IS DISTINCT FROM 'hours' AND nullif(given -> 'timezone', 'null') IS NULL THEN
            whole := whole || jsonb_build_object('timezone', zone);
        ELSIF given ->> 'type' = 'hours' AND nullif(given -> 'anchor', 'null') IS NULL THEN
            whole := whole || jsonb_build_object('anchor', date_trunc('day', leap.clock(), zone));
        END IF;
    END IF;
    RETURN leap.check_schedule(whole);
END
$$;
COMMENT ON FUNCTION leap.job_schedule(jsonb, uuid) IS
'The schedule of a job as it is kept: the time zone of its owner where none is said, and for "hours" the last midnight there as the time to count from. Error LP030.';

-- Two runs are too near if they are so by the clock on the wall too: a day has 23 hours once a year.
CREATE OR REPLACE FUNCTION leap.too_near(earlier timestamptz, later timestamptz, shortest interval, zone text)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT later - earlier < shortest AND (later AT TIME ZONE zone) - (earlier AT TIME ZONE zone) < shortest
$$;
COMMENT ON FUNCTION leap.too_near(timestamptz, timestamptz, interval, text) IS
'Whether less than an interval lies between two moments, both in real time and by the clocks of a time zone.';

CREATE OR REPLACE FUNCTION leap.least_job_interval(of_user uuid)
RETURNS interval LANGUAGE sql STABLE AS $$
    SELECT make_interval(hours => l.hours::int) FROM (SELECT leap.quota_limit(of_user, 'automation_interval_hours') AS hours) l WHERE l.hours > 0
$$;
COMMENT ON FUNCTION leap.least_job_interval(uuid) IS
'The least interval that the quota automation_interval_hours of a user leaves between two runs of a job; null without one.';

-- Years that begin every half year, so that no two runs fall between them, nine altogether: a 29 February is in them. From
-- the first that is too dense on, the runs one by one.
CREATE OR REPLACE FUNCTION leap.check_job_interval(of_user uuid, schedule jsonb)
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    shortest CONSTANT interval := leap.least_job_interval(of_user);
    zone CONSTANT text := coalesce(schedule ->> 'timezone', 'UTC');
    last CONSTANT timestamptz := leap.clock() + interval '9 years';
    place timestamptz;
    near record;
BEGIN
    IF shortest IS NULL THEN
        RETURN;
    END IF;
    SELECT y INTO place FROM generate_series(leap.clock(), last - interval '1 year', interval '180 days') y
    WHERE leap.least_interval(schedule, y) < shortest ORDER BY y LIMIT 1;
    WHILE place < last LOOP
        SELECT n.earlier, n.later INTO near
        FROM (SELECT lag(r) OVER (ORDER BY r) AS earlier, r AS later FROM leap.next_runs(schedule, place - interval '1 microsecond', 100) r) n
        WHERE leap.too_near(n.earlier, n.later, shortest, zone) ORDER BY n.later LIMIT 1;
        IF FOUND THEN
            PERFORM leap.refuse('LP010', format('quota automation_interval_hours: the limit is %s between two runs of a job, but one would start at %s and the next at %s (%s)',
                    leap.quota_amount('automation_interval_hours', leap.quota_limit(of_user, 'automation_interval_hours')),
                    to_char(near.earlier AT TIME ZONE zone, 'YYYY-MM-DD HH24:MI'), to_char(near.later AT TIME ZONE zone, 'YYYY-MM-DD HH24:MI'), zone),
                'Choose a schedule with more time between its runs all year round, or ask an administrator to lower the limit.');
        END IF;
        SELECT max(r) INTO place FROM leap.next_runs(schedule, place - interval '1 microsecond', 100) r;
        EXIT WHEN place IS NULL OR leap.next_run(schedule, place) IS NULL;
    END LOOP;
END
$$;
COMMENT ON FUNCTION leap.check_job_interval(uuid, jsonb) IS
'Refuses (LP010) a schedule of which, within nine years from now, two runs are nearer to each other than the quota automation_interval_hours of the user allows; names the two.';

CREATE OR REPLACE FUNCTION leap.check_job()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    born CONSTANT boolean := TG_OP = 'INSERT';
BEGIN
    IF NOT born AND NEW.user_id <> OLD.user_id THEN
        PERFORM leap.refuse('LP030', 'the owner of a job cannot be changed', 'Add a job to the other user, then delete this one.');
    END IF;
    NEW.name := btrim(NEW.name);
    NEW.misfire := coalesce(NEW.misfire, 'coalesce');
    NEW.description := nullif(btrim(NEW.description), '');
    IF NEW.name !~ '^[^[:cntrl:]]{1,200}$' THEN
        PERFORM leap.refuse('LP030', format('the name of a job cannot be "%s"', left(NEW.name, 250)), 'It has 1 to 200 characters, on one line.');
    ELSIF NEW.misfire NOT IN ('skip', 'coalesce', 'catch_up') THEN
        PERFORM leap.refuse('LP030', format('misfire cannot be "%s"', left(NEW.misfire, 50)),
                            'It is skip (missed runs are left out), coalesce (one run for all of them) or catch_up (each of the newest).');
    END IF;
    IF NEW.template_ids IS NOT NULL AND (born OR NEW.template_ids IS DISTINCT FROM OLD.template_ids) THEN
        NEW.template_ids := leap.own_ids(to_jsonb(NEW.template_ids), CASE WHEN NOT born THEN OLD.template_ids END, NEW.user_id, 'leap.recording_templates', 'template');
    END IF;
    IF born OR NEW.sync_config <> OLD.sync_config THEN
        NEW.sync_config := leap.job_sync_config(NEW.sync_config, CASE WHEN NOT born THEN
            ARRAY(SELECT s::uuid FROM jsonb_array_elements_text(OLD.sync_config -> 'source_ids') s) END, NEW.user_id);
    END IF;
    IF born OR NEW.filters <> OLD.filters THEN
        NEW.filters := leap.job_filters(NEW.filters);
    END IF;
    IF born OR NEW.processing_config <> OLD.processing_config THEN
        PERFORM leap.check_config(NEW.processing_config);
        NEW.processing_config := leap.own_config(NEW.processing_config);
        PERFORM leap.check_output(NEW.processing_config->'output', NEW.user_id);
    END IF;
    IF born OR NEW.schedule_config <> OLD.schedule_config THEN
        NEW.schedule_config := leap.job_schedule(NEW.schedule_config, NEW.user_id);
        PERFORM leap.check_job_interval(NEW.user_id, NEW.schedule_config);
        NEW.next_run_at := NULL;
    ELSIF NEW.is_enabled AND NOT OLD.is_enabled THEN
        PERFORM leap.check_job_interval(NEW.user_id, NEW.schedule_config);
        NEW.next_run_at := NULL;
    END IF;
    -- last: who corrects the name shall not learn of the next mistake only then
    IF EXISTS (SELECT FROM leap.automation_jobs j WHERE j.user_id = NEW.user_id AND j.name = NEW.name AND j.id <> NEW.id) THEN
        PERFORM leap.refuse_taken_name('job', NEW.name);
    END IF;
    IF NOT NEW.is_enabled THEN
        NEW.next_run_at := NULL;
    ELSIF NEW.next_run_at IS NULL AND (born OR NOT OLD.is_enabled OR NEW.schedule_config <> OLD.schedule_config) THEN
        NEW.next_run_at := leap.next_run(NEW.schedule_config, leap.clock());
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER check_job BEFORE INSERT OR UPDATE OF user_id, name, description, template_ids, schedule_config, sync_config, filters,
    processing_config, misfire, is_enabled ON leap.automation_jobs
    FOR EACH ROW EXECUTE FUNCTION leap.check_job();

-- Apart, and only for this: the clock moves next_run_at of every job that runs. A schedule that has ended stays without.
CREATE OR REPLACE FUNCTION leap.keep_next_run()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.next_run_at := leap.next_run(NEW.schedule_config, leap.clock());
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER keep_next_run BEFORE UPDATE OF next_run_at ON leap.automation_jobs
    FOR EACH ROW WHEN (NEW.is_enabled AND NEW.next_run_at IS NULL AND OLD.next_run_at IS NOT NULL) EXECUTE FUNCTION leap.keep_next_run();

CREATE OR REPLACE TRIGGER quota_jobs_insert AFTER INSERT ON leap.automation_jobs
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leap.quota_guard('automation_jobs', 'count(*)');
CREATE OR REPLACE TRIGGER quota_jobs_delete AFTER DELETE ON leap.automation_jobs
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leap.quota_guard('automation_jobs', 'count(*)');
