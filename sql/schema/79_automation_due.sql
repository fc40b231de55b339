-- Which automation jobs are due, which of their scheduled times a run stands for, and what is not run and why.
--
-- A job is due when its next_run_at has come by leap.clock() and no run of it is still asking sources, matching or
-- starting. The times that have come since (one, usually; many after hours without a bell) are dealt with at once by
-- the job's misfire policy, and next_run_at moves on: a clock that goes back a little repeats nothing, and (job,
-- scheduled time) is unique besides. Only a job that a clock far ahead has taken along is set back, so that it is not
-- silent until that time comes again. Everything that does not run leaves a row with the reason.
-- Lock order: job -> run of the job.

-- The times of a schedule from first, which is one of them, up to a moment: mostly there is just that one.
CREATE OR REPLACE FUNCTION leap.due_slots(schedule jsonb, first timestamptz, upto timestamptz, late_before timestamptz, most int,
    OUT slots bigint, OUT late bigint, OUT newest timestamptz, OUT newest_late timestamptz, OUT first_on_time timestamptz, OUT latest timestamptz[], OUT next timestamptz)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    size int := 0;
    chunk timestamptz[] := ARRAY[first];
    inside timestamptz[];
BEGIN
    slots := 0;
    late := 0;
    latest := '{}';
    LOOP
        inside := ARRAY(SELECT c FROM unnest(chunk) c WHERE c <= upto ORDER BY c);
        slots := slots + cardinality(inside);
        late := late + (SELECT count(*) FROM unnest(inside) i WHERE i < late_before);
        newest_late := coalesce((SELECT max(i) FROM unnest(inside) i WHERE i < late_before), newest_late);
        first_on_time := coalesce(first_on_time, (SELECT min(i) FROM unnest(inside) i WHERE i >= late_before));
        latest := ARRAY(SELECT l FROM (SELECT l FROM unnest(latest || inside) l ORDER BY l DESC LIMIT most) x ORDER BY l);
        newest := latest[cardinality(latest)];
        next := chunk[cardinality(inside) + 1];
        -- what is left after a hundred thousand is dealt with the next time
        EXIT WHEN cardinality(inside) < size OR next IS NOT NULL OR slots > 100000;
        size := least(greatest(size * 10, 1), 10000);
        chunk := ARRAY(SELECT r FROM leap.next_runs(schedule, newest, size) r ORDER BY r);
    END LOOP;
    next := coalesce(next, leap.next_run(schedule, newest));
END
$$;
COMMENT ON FUNCTION leap.due_slots(jsonb, timestamptz, timestamptz, timestamptz, int) IS
'The times of a schedule from first (one of them) up to a moment: how many (slots), how many of them and which last before late_before, the first that is not, the newest, the latest ones in order, at most so many, and the first one after (null: never).';

-- Why a scheduled time of a job must not run; null if it may. The limits are asked each time: a plan may have changed.
CREATE OR REPLACE FUNCTION leap.slot_refusal(j leap.automation_jobs, slot timestamptz)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    most bigint := leap.quota_limit(j.user_id, 'automation_jobs');
    shortest interval := leap.least_job_interval(j.user_id);
BEGIN
    IF NOT (SELECT u.is_active FROM leap.users u WHERE u.id = j.user_id) THEN
        RETURN jsonb_build_object('code', 'user_inactive', 'message', 'the owner of the job is switched off', 'hint', 'An administrator can switch the user on.');
    ELSIF most IS NOT NULL AND (SELECT count(*) FROM leap.automation_jobs o WHERE o.user_id = j.user_id AND o.is_enabled AND o.id < j.id) >= most THEN
        RETURN jsonb_build_object('code', 'too_many_jobs', 'quota', 'automation_jobs',
            'message', format('quota automation_jobs: the limit is %s, and older jobs that are switched on come first', leap.quota_amount('automation_jobs', most)),
            'hint', 'Switch off or delete jobs that are not needed, or ask an administrator to raise the limit.');
    ELSIF slot >= j.last_slot AND leap.too_near(j.last_slot, slot, shortest, coalesce(j.schedule_config ->> 'timezone', 'UTC')) THEN
        RETURN jsonb_build_object('code', 'too_soon', 'quota', 'automation_interval_hours',
            'message', format('quota automation_interval_hours: the limit is %s between two runs, and the last one was for %s UTC',
                leap.quota_amount('automation_interval_hours', leap.quota_limit(j.user_id, 'automation_interval_hours')),
                to_char(j.last_slot AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')),
            'hint', 'Choose a schedule with more time between its runs, or ask an administrator to lower the limit.');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leap.slot_refusal(leap.automation_jobs, timestamptz) IS
'Why the run of a job for this scheduled time is left out {code, message, hint}: its owner is switched off, has more jobs than allowed by now (the oldest that are on keep running), or it comes sooner after the last than allowed. Null if it may run.';

CREATE OR REPLACE FUNCTION leap.note_skipped(j leap.automation_jobs, slot timestamptz, why jsonb, report jsonb = '{}')
RETURNS void LANGUAGE sql AS $$
    INSERT INTO leap.automation_runs (job_id, user_id, trigger, scheduled_for, state, error, report, finished_at)
    VALUES (j.id, j.user_id, 'schedule', slot, 'skipped', why, report, leap.clock()) ON CONFLICT (job_id, scheduled_for) DO NOTHING
$$;
COMMENT ON FUNCTION leap.note_skipped(leap.automation_jobs, timestamptz, jsonb, jsonb) IS
'Records that a job did not run for a scheduled time, and why.';

CREATE OR REPLACE FUNCTION leap.utc_minute(at timestamptz)
RETURNS text LANGUAGE sql STABLE AS $$ SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' $$;
COMMENT ON FUNCTION leap.utc_minute(timestamptz) IS 'A moment as people read it in messages, in UTC to the minute.';

CREATE OR REPLACE FUNCTION leap.note_missed(j leap.automation_jobs, how_many bigint, first timestamptz, last timestamptz)
RETURNS void LANGUAGE sql AS $$
    SELECT leap.note_skipped(j, first, jsonb_build_object('code', 'missed',
               'message', CASE how_many WHEN 1 THEN format('the run for %s was missed', leap.utc_minute(first))
                               ELSE format('%s runs from %s to %s were missed', how_many, leap.utc_minute(first), leap.utc_minute(last)) END,
               'hint', CASE j.misfire WHEN 'skip' THEN 'The job leaves out what it missed (misfire skip); leap.run_job() runs it now.'
                       ELSE 'Only the newest are made up for (leap.automation_catch_up).' END),
           jsonb_build_object('missed', how_many, 'first', first, 'last', last))
    WHERE how_many > 0
$$;
COMMENT ON FUNCTION leap.note_missed(leap.automation_jobs, bigint, timestamptz, timestamptz) IS
'Records, in one row, that so many scheduled times of a job from first to last were missed and are not made up for.';

-- One job that is due, whose row the caller holds.
CREATE OR REPLACE FUNCTION leap.fire_job(j leap.automation_jobs)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    late_before CONSTANT timestamptz := leap.clock() - make_interval(secs => leap.setting('leap.automation_late')::int);
    newest CONSTANT int := leap.setting('leap.automation_catch_up')::int;
    due record;
    slot timestamptz;       -- the scheduled time that runs now
    merged bigint;          -- for how many it stands
    remark jsonb;
    refusal jsonb;
    run uuid;
BEGIN
    SELECT * INTO due FROM leap.due_slots(j.schedule_config, j.next_run_at, leap.clock(), late_before, newest + 1);
    IF j.misfire = 'skip' THEN
        slot := CASE WHEN due.newest >= late_before THEN due.newest END;
        merged := due.slots - due.late;
        PERFORM leap.note_missed(j, due.late, j.next_run_at, due.newest_late);
    ELSIF j.misfire = 'coalesce' THEN
        slot := due.newest;
        merged := due.slots;
    ELSE
        -- the others are due still: they follow one by one, each after the one before has started its recordings
        IF due.slots > newest THEN
            PERFORM leap.note_missed(j, due.slots - newest, j.next_run_at, due.latest[1]);
            due.latest := due.latest[2:];
        END IF;
        slot := due.latest[1];
        merged := 1;
        due.next := coalesce(due.latest[2], due.next);
    END IF;
    refusal := CASE WHEN slot IS NOT NULL THEN leap.slot_refusal(j, slot) END;
    remark := CASE WHEN merged > 1 THEN jsonb_build_object('stands_for', merged, 'first', CASE j.misfire WHEN 'coalesce' THEN j.next_run_at ELSE due.first_on_time END) ELSE '{}' END;
    IF refusal IS NOT NULL THEN
        PERFORM leap.note_skipped(j, slot, refusal, remark);
    ELSIF slot IS NOT NULL THEN
        run := leap.begin_automation(j, 'schedule', slot, remark);
    END IF;
    UPDATE leap.automation_jobs x
    SET next_run_at = due.next, last_run_at = CASE WHEN run IS NULL THEN x.last_run_at ELSE leap.clock() END,
        last_slot = CASE WHEN run IS NULL THEN x.last_slot ELSE slot END, run_count = x.run_count + (run IS NOT NULL)::int
    WHERE x.id = j.id;
END
$$;
COMMENT ON FUNCTION leap.fire_job(leap.automation_jobs) IS
'Deals with the scheduled times of a job that have come, by its misfire policy: begins a run, or records why not, and moves next_run_at on. The caller holds the row of the job.';

-- Telling must not break what is about to be mended.
CREATE OR REPLACE FUNCTION leap.tell_broken(of_user uuid, job uuid, trouble jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leap.automation_jobs j SET last_error = trouble || jsonb_build_object('at', leap.clock()) WHERE j.id = job;
    PERFORM leap.raise_event(of_user, 'automation_failed', jsonb_build_object('job', job),
        trouble || jsonb_build_object('job', (SELECT j.name FROM leap.automation_jobs j WHERE j.id = job)), format('automation_failed %s', job));
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'leap.run_automation: cannot tell of job %: %', job, SQLERRM;
END
$$;
COMMENT ON FUNCTION leap.tell_broken(uuid, uuid, jsonb) IS
'Notes at a job, and tells its owner, that an error {code, message} broke a run of it.';

CREATE OR REPLACE FUNCTION leap.next_run_or_null(schedule jsonb, after timestamptz)
RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN leap.next_run(schedule, after);
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leap.next_run_or_null(jsonb, timestamptz) IS
'The first run of a schedule after a time; null if there is none, or if it cannot be computed (its time zone is gone).';

-- A job that cannot even be dealt with is put off to its next time; without one it is switched off.
CREATE OR REPLACE FUNCTION leap.put_off_job(job uuid, code text, message text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    j leap.automation_jobs;
    after timestamptz;
BEGIN
    SELECT * INTO j FROM leap.automation_jobs x WHERE x.id = job;
    after := leap.next_run_or_null(j.schedule_config, greatest(j.next_run_at, leap.clock()));
    PERFORM leap.note_skipped(j, j.next_run_at, jsonb_build_object('code', code, 'message', message, 'hint', 'Mend the job: leap.change_job().'));
    UPDATE leap.automation_jobs x SET next_run_at = after, is_enabled = after IS NOT NULL WHERE x.id = job;
    PERFORM leap.tell_broken(j.user_id, j.id, jsonb_build_object('code', code, 'message', message, 'hint',
        CASE WHEN after IS NULL THEN 'It was switched off: mend its schedule with leap.change_job(), then leap.enable_job().' ELSE 'Mend the job: leap.change_job().' END));
END
$$;
COMMENT ON FUNCTION leap.put_off_job(uuid, text, text) IS
'Records that a job could not be run, with the error, and puts it off to its next scheduled time, so that it stops no other; a job whose schedule cannot be computed is switched off. Its owner is told.';

-- A slot that ran up to three hours ahead is one that a clock wrong by its zone has brought; it is not gone behind.
CREATE OR REPLACE FUNCTION leap.jobs_ahead(most int = NULL)
RETURNS TABLE (job uuid, waits_for timestamptz, last_slot timestamptz, next timestamptz) LANGUAGE sql STABLE AS $$
    SELECT j.id, j.next_run_at, ran.slot, leap.next_run_or_null(j.schedule_config, greatest(ran.slot, leap.clock()))
    FROM (SELECT x.* FROM leap.automation_jobs x WHERE x.next_run_at > leap.clock() ORDER BY x.next_run_at DESC, x.id DESC LIMIT most) j
    CROSS JOIN LATERAL (SELECT max(r.scheduled_for) AS slot FROM leap.automation_runs r
                        WHERE r.job_id = j.id AND r.state <> 'skipped' AND r.scheduled_for <= leap.clock() + interval '3 hours') ran
    WHERE j.next_run_at > leap.next_run_or_null(j.schedule_config, leap.clock())
$$;
COMMENT ON FUNCTION leap.jobs_ahead(int) IS
'The jobs that wait for a later time than the next of their schedule, because the clock was ahead once: that time, the last time that ran (none more than three hours from now), and the first one after it and after now. Looks at so many jobs whose time is furthest ahead; null: at all.';

CREATE OR REPLACE FUNCTION leap.mend_next_runs(most int = NULL)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    a record;
    mended int := 0;
BEGIN
    FOR a IN SELECT x.* FROM leap.jobs_ahead(most) x JOIN leap.automation_jobs j ON j.id = x.job AND j.next_run_at = x.waits_for
             WHERE x.next < x.waits_for ORDER BY x.job FOR NO KEY UPDATE OF j SKIP LOCKED LOOP
        -- what was left out before its time was not: it comes
        DELETE FROM leap.automation_runs r WHERE r.job_id = a.job AND r.state = 'skipped' AND r.scheduled_for > leap.clock();
        UPDATE leap.automation_jobs j
        SET next_run_at = a.next, last_slot = CASE WHEN j.last_slot > leap.clock() THEN a.last_slot ELSE j.last_slot END,
            last_error = jsonb_build_object('code', 'clock_went_back', 'at', leap.clock(),
                'message', format('the clock went back: the job waited for %s and was set back to %s', leap.utc_minute(a.waits_for), leap.utc_minute(a.next)),
                'hint', 'See to the clock of the server. leap.run_job() runs the job now.')
        WHERE j.id = a.job;
        mended := mended + 1;
    END LOOP;
    IF mended > 0 THEN
        RAISE WARNING 'leap.run_automation: the clock went back; automation jobs set back to the next time of their schedule: %', mended;
    END IF;
    RETURN mended;
END
$$;
COMMENT ON FUNCTION leap.mend_next_runs(int) IS
'Sets jobs that a clock far ahead has taken along back to the next time of their schedule, notes it in last_error and warns in the server log; returns how many. Looks at so many jobs whose time is furthest ahead; null (each hour): at all.';

CREATE OR REPLACE FUNCTION leap.due_jobs(most int)
RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT j.id FROM leap.automation_jobs j
                 WHERE j.next_run_at <= leap.clock()
                   AND NOT EXISTS (SELECT FROM leap.automation_runs r WHERE r.job_id = j.id AND r.phase IN ('sync', 'match', 'start') AND r.trigger <> 'dry_run')
                 ORDER BY j.next_run_at, j.id LIMIT most)
$$;
COMMENT ON FUNCTION leap.due_jobs(int) IS
'The jobs that are due, the longest first, at most so many: those with a run that still asks sources, matches or starts wait for it.';

-- Each in a subtransaction: one bad job stops no other. What a lock or a crowded server prevented stays due.
CREATE OR REPLACE FUNCTION leap.fire_due_jobs(most int)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    ids CONSTANT uuid[] := leap.due_jobs(most);
    j leap.automation_jobs;
    fired int := 0;
    code text;
    message text;
BEGIN
    FOR j IN SELECT x.* FROM leap.automation_jobs x WHERE x.id = ANY (ids) AND x.next_run_at <= leap.clock()
             ORDER BY x.next_run_at, x.id FOR NO KEY UPDATE SKIP LOCKED LOOP
        BEGIN
            PERFORM leap.fire_job(j);
            fired := fired + 1;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
            RAISE WARNING 'leap.run_automation: job % failed: %', j.id, message;
            PERFORM leap.put_off_job(j.id, code, message) WHERE left(code, 2) NOT IN ('40', '53', '55', '57');
        END;
    END LOOP;
    RETURN fired;
END
$$;
COMMENT ON FUNCTION leap.fire_due_jobs(int) IS
'Begins the runs of the jobs that are due, at most so many; returns how many were dealt with. What another session holds is left to it.';
