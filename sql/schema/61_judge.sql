-- The only judge of what may be done with a recording: every door asks it, and every operation again under its lock.

-- The rules, one a row: the first that hits refuses. A set of recordings is judged in one statement.
DROP FUNCTION IF EXISTS leap.judged(uuid[], text);
DROP FUNCTION IF EXISTS leap.judged(uuid[], text, text);
DROP FUNCTION IF EXISTS leap.judged(uuid[], text, text, jsonb);
DROP FUNCTION IF EXISTS leap.judged(uuid[], text, text, jsonb, uuid);
CREATE OR REPLACE FUNCTION leap.judged(ids uuid[], operation text, target text = NULL, run_layers jsonb = '{}', of_user uuid = NULL)
RETURNS TABLE (recording uuid, allowed boolean, reason text, sqlstate text, verdict text) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    -- what is at its end runs again only if there is something to do
    ended uuid[] := CASE WHEN operation = 'run' THEN ARRAY(SELECT q.id FROM leap.recordings q
                                                           WHERE q.id = ANY (ids) AND q.status IN ('TRANSCRIBED', 'READY', 'UPLOADED')) END;
    work jsonb := '{}';
    -- which uploads there are to ask for: any, and one that is not published
    places jsonb := '{}';
    -- and where nothing is taken without pictures
    showing uuid[];
    -- what starts a run may be more than the owner's month has left: as many as fit, the oldest first
    rooms jsonb := CASE WHEN operation IN ('run', 'force') OR operation IN (SELECT s.operation FROM leap.single_operations() s)
                        THEN leap.run_rooms(ids) END;
    known text[] := leap.operation_names();
BEGIN
    IF cardinality(ended) > 0 THEN
        SELECT coalesce(jsonb_object_agg(p.recording, p.needed), '{}') INTO work
        FROM (SELECT y.recording, bool_or(y.skip_reason IS NULL) AS needed FROM leap.plan_runs(ended, 'run', run_layers => run_layers) y GROUP BY y.recording) p;
    END IF;
    IF operation IN ('upload', 'republish') THEN
        SELECT coalesce(jsonb_object_agg(p.recording, p.open), '{}'), array_agg(p.recording) FILTER (WHERE p.needs_picture) INTO places, showing
        FROM (SELECT y.recording, bool_or(y.target_open) AS open, bool_or(l.needs_picture AND leap.wanted_target(y.target_names, y.target_open, operation, target)) AS needs_picture
              FROM leap.possible_tasks(ids, operation, run_layers) y LEFT JOIN leap.platforms l ON l.target_type = y.target_names[2]
              WHERE y.kind = 'upload' AND leap.wanted_target(y.target_names, y.target_open, 'republish', target) GROUP BY y.recording) p;
    END IF;
    RETURN QUERY
    SELECT j.id, j.reason IS NULL AND NOT j.late, CASE WHEN j.late THEN rooms #>> ARRAY[j.user_id::text, 'reason'] ELSE j.reason END,
           CASE WHEN j.late THEN 'LP010' ELSE j.code END, CASE WHEN j.late THEN 'no_room' ELSE j.verdict END
    FROM (SELECT x.id, r.user_id, v.reason, v.code, v.verdict, v.reason IS NULL AND coalesce(
                 row_number() OVER (PARTITION BY r.user_id, v.reason IS NULL ORDER BY x.id) > (rooms #>> ARRAY[r.user_id::text, 'room'])::bigint, false) AS late
    FROM unnest(ids) AS x(id)
    LEFT JOIN leap.recordings r ON r.id = x.id AND (of_user IS NULL OR r.user_id = of_user)
    LEFT JOIN leap.users owner ON owner.id = r.user_id
    LEFT JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active'
    LEFT JOIN (SELECT s.kind, i.reads FROM leap.single_operations() s JOIN leap.task_inputs() i USING (kind)
               WHERE s.operation = judged.operation) o ON true
    CROSS JOIN LATERAL (SELECT (work -> r.id::text)::boolean AS needed) w
    CROSS JOIN LATERAL (SELECT operation IN ('run', 'force') OR o.kind IS NOT NULL AS starts, coalesce(o.kind = 'upload', false) AS uploads,
        (SELECT f FROM unnest(o.reads) f WHERE NOT EXISTS (SELECT FROM leap.artifacts a WHERE a.recording_id = r.id AND a.kind = f) LIMIT 1) AS lacks,
        CASE WHEN operation = 'accept' AND r.hold = 'quota' THEN leap.quota_hold_reason(r.id) END AS short,
        CASE WHEN o.kind IN ('transcribe', 'topics', 'subtitles') AND NOT owner.can_transcribe THEN 'can_transcribe'
             WHEN o.kind = 'upload' AND NOT owner.can_upload THEN 'can_upload'
             WHEN (o.kind = 'trim' OR operation IN ('run', 'force', 'retry')) AND NOT owner.can_process_video THEN 'can_process_video' END AS forbidden) b
    LEFT JOIN LATERAL (
        SELECT c.code, c.verdict, c.reason FROM (VALUES
            (1, o.kind IS NULL AND operation <> ALL (known),
                'LP030', 'unknown_operation', format('there is no operation "%s"', operation)),
            (2, r.id IS NULL OR (r.delete_state <> 'active' AND operation NOT IN ('restore', 'purge', 'unpublish')),
                'LP020', 'no_recording', format('there is no recording %s', x.id)),
            (3, b.starts AND u.id IS NOT NULL AND r.hold IS NOT NULL,
                'LP005', 'active_held', format('run %s of this recording is active and held: %s', u.id, r.hold)),
            (4, b.starts AND u.id IS NOT NULL,
                'LP004', 'active', format('run %s of this recording is active', u.id)),
            (5, b.starts AND r.hold IS NOT NULL,
                'LP005', 'held', format('the recording is held: %s', r.hold)),
            (6, b.starts AND r.status = 'PENDING_SOURCE',
                'LP003', 'source_not_ready', 'the source is not ready yet'),
            (7, b.starts AND r.status LIKE '%ING',
                'LP003', 'stray', format('the recording is %s although no run is active', r.status)),
            (8, b.forbidden IS NOT NULL,
                'LP043', b.forbidden, format('the account lacks the permission %s', b.forbidden)),
            (8, (operation = 'run' OR o.kind IS NOT NULL) AND r.status = 'SKIPPED',
                'LP003', 'skipped', 'the recording is SKIPPED already'),
            (8, operation = 'run' AND r.status IN ('READY', 'UPLOADED') AND w.needed IS NOT TRUE,
                'LP003', 'unchanged', format('the recording is %s already, and nothing it was made from has changed', r.status)),
            (8, operation = 'run' AND r.status = 'TRANSCRIBED' AND w.needed IS NULL,
                'LP003', 'nothing_left', 'nothing is left to do and no target is configured'),
            (8, b.uploads AND r.status NOT IN ('TRANSCRIBED', 'READY', 'UPLOADED') AND NOT (r.status = 'FAILED' AND r.failed_at_stage = 'upload'),
                'LP003', 'not_transcribed', format('the recording is %s, not transcribed yet', r.status)),
            (8, b.uploads AND NOT places ? r.id::text,
                'LP003', 'no_target', CASE WHEN target IS NULL THEN 'the recording has no target' ELSE format('the recording has no target %s', target) END),
            (8, operation = 'upload' AND NOT (places -> r.id::text)::boolean,
                'LP003', 'published', format('%s has it already', coalesce(target, 'every target'))),
            (8, b.uploads AND r.id = ANY (showing) AND r.facts->>'has_video' = 'false' AND r.facts #>> '{cut,still}' IS DISTINCT FROM 'true',
                'LP003', 'no_pictures', 'the recording has no pictures yet, and the target takes nothing without'),
            (8, b.lacks IS NOT NULL,
                'LP003', 'no_input', format('there is no %s to work from', b.lacks)),
            (9, operation = 'retry' AND NOT (r.status = 'FAILED' OR (r.failed AND r.next_attempt_at IS NOT NULL)),
                'LP003', 'not_failed', format('the recording has not failed, it is %s', r.status)),
            (9, operation = 'retry' AND r.hold IS NOT NULL,
                'LP005', 'held', format('the recording is held: %s', r.hold)),
            (10, operation IN ('cancel', 'pause', 'prioritize') AND u.id IS NULL,
                'LP003', 'no_run', 'no run of this recording is active'),
            (11, operation = 'pause' AND r.hold IS NOT NULL,
                'LP005', 'held_already', format('the recording is held already: %s', r.hold)),
            (12, operation = 'resume' AND r.hold IS DISTINCT FROM 'paused',
                'LP003', CASE WHEN r.hold IS NULL THEN 'not_paused' ELSE 'held_otherwise' END, CASE WHEN r.hold IS NULL THEN 'the recording is not paused' ELSE format('the recording is held as %s', r.hold) END),
            (13, operation = 'accept' AND coalesce(r.hold NOT IN ('blank', 'quality', 'quarantine', 'quota'), r.facts #>> '{quality,withheld}' IS DISTINCT FROM 'true'),
                'LP003', CASE WHEN r.hold IS NULL THEN 'not_held' ELSE 'held_otherwise' END, CASE WHEN r.hold IS NULL THEN 'the recording is not held' ELSE format('the recording is held as %s', r.hold) END),
            (13, operation = 'accept' AND r.hold = 'quota' AND b.short IS NOT NULL,
                'LP010', 'short', b.short),
            (14, operation = 'skip' AND u.id IS NOT NULL,
                'LP004', 'active', format('run %s of this recording is active', u.id)),
            (15, operation = 'skip' AND r.status IN ('READY', 'UPLOADED', 'SKIPPED'),
                'LP003', 'over', format('the recording is %s already', r.status)),
            (15, operation = 'skip' AND r.status LIKE '%ING',
                'LP003', 'stray', format('the recording is %s although no run is active', r.status)),
            (16, operation = 'unskip' AND r.status <> 'SKIPPED',
                'LP003', 'not_skipped', format('the recording is not skipped, it is %s', r.status)),
            (17, operation = 'reset' AND EXISTS (SELECT FROM leap.tasks t JOIN leap.task_lease l ON l.task = t.id WHERE t.run_id = u.id),
                'LP003', 'task_running', 'a task of it is running'),
            (18, operation = 'unpublish' AND u.id IS NOT NULL,
                'LP004', 'active', format('run %s of this recording is active', u.id)),
            (18, operation = 'unpublish' AND NOT EXISTS (SELECT FROM leap.published_targets(ARRAY[r.id], target)),
                'LP003', 'nothing_published', CASE WHEN target IS NULL THEN 'nothing of it is published' ELSE format('it is not published on %s', target) END),
            (18, operation IN ('restore', 'purge') AND r.delete_state = 'active',
                'LP003', 'not_deleted', 'the recording is not deleted'),
            (19, operation IN ('restore', 'purge') AND r.delete_state = 'hard',
                'LP003', 'files_gone', 'its files are gone'),
            (20, operation = 'purge' AND EXISTS (SELECT FROM leap.task_lease l JOIN leap.tasks t ON t.id = l.task WHERE t.recording_id = r.id),
                'LP003', 'task_running', 'a task of it is running')) AS c (n, hit, code, verdict, reason)
        WHERE c.hit ORDER BY c.n LIMIT 1) v ON true) j;
END
$$;
COMMENT ON FUNCTION leap.judged(uuid[], text, text, jsonb, uuid) IS
'Whether an operation may be done with each of these recordings now, and if not, why, with which SQLSTATE, and why as a word (verdict). target: as in leap.operation_allowed(); run_layers: {template, override} of the run. of_user: for whom recordings of others do not exist; null: all do.';

DROP FUNCTION IF EXISTS leap.operation_allowed(uuid, text);
CREATE OR REPLACE FUNCTION leap.operation_allowed(recording uuid, operation text, target text = NULL,
                                                  OUT allowed boolean, OUT reason text, OUT sqlstate text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT j.allowed, j.reason, j.sqlstate FROM leap.judged(ARRAY[recording], operation, target, of_user => leap.walled_user()) j
$$;
COMMENT ON FUNCTION leap.operation_allowed(uuid, text, text) IS
'Whether an operation (run, force, retry, cancel, prioritize, pause, resume, accept, skip, unskip, reset, unpublish, delete, restore, purge, or one stage: download, process, transcribe, topics, subtitles, upload, republish) may be done now, and if not, why and with which SQLSTATE. target (type, id or preset) narrows upload, republish and unpublish. run of a READY or UPLOADED recording is allowed exactly when something it was made from has changed: configuration, source, target, name, or an artifact made anew.';

-- What to do next, by SQLSTATE, for the hint of a refusal.
CREATE OR REPLACE FUNCTION leap.refusal_hint(code text, operation text, status text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE code
        WHEN 'LP020' THEN 'A list of recordings shows those there are.'
        WHEN 'LP010' THEN CASE WHEN operation = 'accept' THEN 'An administrator can raise the limit; or delete what is not needed.' ELSE 'Wait until then, or ask an administrator to raise the limit by plan or for this user.' END
        WHEN 'LP004' THEN 'Wait for it, or cancel it first.'
        WHEN 'LP043' THEN 'An administrator gives it.'
        WHEN 'LP005' THEN 'Its hold says why: resume lets a paused recording go on, accept any other, cancel ends it.'
        WHEN 'LP003' THEN CASE WHEN operation = 'run' AND status IN ('READY', 'UPLOADED', 'SKIPPED') THEN 'Say force to do it again.'
                               WHEN status = 'SKIPPED' AND operation IN (SELECT o.operation FROM leap.single_operations() o)
                                   THEN 'unskip takes it back in.'
                               WHEN operation IN ('process', 'transcribe', 'topics', 'subtitles', 'upload', 'republish') AND status NOT LIKE '%ING'
                                   THEN 'run does all that is missing, in order.'
                               WHEN operation = 'retry' AND status NOT IN ('READY', 'UPLOADED', 'SKIPPED') THEN 'run continues where it stands.'
                               WHEN operation = 'reset' THEN 'Cancel the run first.'
                               WHEN operation = 'purge' THEN 'Files are purged of a deleted recording that has them, and that nobody works on.'
                               WHEN operation = 'unpublish' THEN 'The targets of the recording say what is published where.'
                               WHEN operation IN ('accept', 'resume') THEN 'accept is for a recording held as blank, quality, quarantine or quota, resume for a paused one; its hold says which it is, if any.'
                               ELSE 'The recording itself tells what it is doing.' END
    END
$$;
COMMENT ON FUNCTION leap.refusal_hint(text, text, text) IS 'The hint that goes with a refused operation; null if there is none.';

CREATE OR REPLACE FUNCTION leap.operation_verb(operation text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE operation WHEN 'force' THEN 'run' WHEN 'republish' THEN 'upload' WHEN 'topics' THEN 'find topics'
                          WHEN 'subtitles' THEN 'write subtitles' ELSE operation END
$$;
COMMENT ON FUNCTION leap.operation_verb(text) IS 'What an operation is called in a sentence.';

DROP FUNCTION IF EXISTS leap.require_operation(uuid, text);
DROP FUNCTION IF EXISTS leap.require_operation(uuid, text, text);
CREATE OR REPLACE FUNCTION leap.require_operation(recording uuid, operation text, options jsonb = '{}')
RETURNS leap.recordings LANGUAGE plpgsql AS $$
DECLARE
    r leap.recordings;
    judged record;
BEGIN
    SELECT * INTO r FROM leap.recordings x WHERE x.id = recording AND leap.may_see(x.user_id) FOR NO KEY UPDATE;
    SELECT * INTO judged FROM leap.judged(ARRAY[recording], operation, options->>'target', options, leap.walled_user());
    IF NOT judged.allowed THEN
        PERFORM leap.refuse(judged.sqlstate, format('cannot %s: %s', CASE options->>'asked_for' WHEN 'hear' THEN 'retry' ELSE leap.operation_verb(operation) END, judged.reason),
                            leap.refusal_hint(judged.sqlstate, operation, r.status));
    END IF;
    RETURN r;
END
$$;
COMMENT ON FUNCTION leap.require_operation(uuid, text, jsonb) IS
'Locks a recording the caller may see and returns it, or refuses the operation, with options as leap.run_options() gives them, with the judge''s reason.';

-- Recordings by filter, for bulk operations and lists.
CREATE OR REPLACE FUNCTION leap.select_recordings(filters jsonb, most int = NULL)
RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    ids uuid[];
BEGIN
    EXECUTE format('SELECT ARRAY(SELECT r.id FROM leap.recordings r WHERE %s ORDER BY r.id LIMIT $1)', leap.recording_conditions(filters))
        INTO ids USING most;
    RETURN ids;
END
$$;
COMMENT ON FUNCTION leap.select_recordings(jsonb, int) IS
'The ids of recordings that match all filters of leap.recording_filters(), oldest first: all, or at most so many. Errors LP020 for an unknown user, LP030 for an unknown filter.';
