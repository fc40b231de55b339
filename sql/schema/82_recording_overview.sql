-- One recording as its page shows it: everything that is small in one answer, and in pages what may be long (what was
-- tried, and who did what).
--
-- What may be done is the judge's word (61_judge.sql), with its reason and what to do about it. Links to files are signed,
-- so that a browser can play and save without a token in its requests. Nothing is written; no locks.

-- A page stays open for a working day; it asks anew when a link has ended.
CREATE OR REPLACE FUNCTION leap.page_link(a leap.artifacts, download boolean)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('/files/%s?exp=%s&download=%s&sig=%s', a.id, e.at, download::text, leap.file_signature(a.id, e.at, a.user_id, download))
    FROM (SELECT extract(epoch FROM leap.clock())::bigint + 43200 AS at) e
$$;
COMMENT ON FUNCTION leap.page_link(leap.artifacts, boolean) IS
'A link to a file, relative to the server, that is good for twelve hours; download: to be saved, else to be shown. The caller has judged whose file it is.';

CREATE OR REPLACE FUNCTION leap.verdicts_of(recording uuid, status text, target text, operations text[])
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_object_agg(o.name, CASE WHEN j.allowed THEN '{"allowed": true}' ELSE
               jsonb_build_object('allowed', false, 'reason', j.reason, 'code', j.sqlstate, 'verdict', j.verdict, 'hint', leap.refusal_hint(j.sqlstate, o.name, status)) END)
    FROM unnest(operations) AS o(name) CROSS JOIN LATERAL leap.judged(ARRAY[recording], o.name, target) j
$$;
COMMENT ON FUNCTION leap.verdicts_of(uuid, text, text, text[]) IS
'What the judge says of these operations: {operation: {allowed, reason, code, verdict, hint}}; target narrows uploads. The caller has judged whose recording it is.';

CREATE OR REPLACE FUNCTION leap.overview_targets(r leap.recordings)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'type', o.target_type, 'platform', lower(o.target_type), 'wanted', o.wanted, 'status', o.status, 'url', o.url,
               'preset', (SELECT jsonb_build_object('id', p.id, 'name', p.name) FROM leap.output_presets p WHERE p.id = o.preset_id AND p.user_id = r.user_id),
               'failed', o.failed, 'error', o.error, 'retry_count', o.retry_count, 'started_at', o.started_at, 'uploaded_at', o.uploaded_at,
               'outdated', o.status = 'UPLOADED' AND EXISTS (
                   SELECT FROM leap.artifacts a JOIN leap.task_kinds k ON k.output = a.kind JOIN leap.run_shape() s ON s.from_kind = k.kind AND s.to_kind = 'upload'
                   WHERE a.recording_id = r.id AND a.created_at > o.uploaded_at),
               'operations', leap.verdicts_of(r.id, r.status, o.named, '{upload,republish,unpublish}')) ORDER BY o.id), '[]')
    FROM (SELECT x.*, CASE WHEN count(*) OVER (PARTITION BY x.target_type) > 1 THEN x.id::text ELSE x.target_type END AS named
          FROM leap.output_targets x WHERE x.recording_id = r.id) o
$$;
COMMENT ON FUNCTION leap.overview_targets(leap.recordings) IS
'Where a recording is published or to be published: [{id, type, platform, preset {id, name}, wanted, status, url, failed, error, retry_count, started_at, uploaded_at, outdated, operations {upload, republish, unpublish}}].';

-- What is shown comes with a link to be shown, all with one to be saved.
CREATE OR REPLACE FUNCTION leap.overview_files(r leap.recordings)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'kind', a.kind, 'media_type', a.media_type, 'bytes', a.bytes::text, 'created_at', a.created_at,
               'name', leap.file_name(r.display_name, a.kind, a.uri, a.media_type), 'save', leap.page_link(a, true),
               'show', CASE WHEN a.kind IN ('video', 'source', 'poster', 'waveform', 'chapters', 'vtt') OR a.kind LIKE 'vtt:%' THEN leap.page_link(a, false) END,
               'metadata', CASE WHEN a.kind IN ('video', 'source', 'poster', 'vtt', 'srt', 'transcript') OR a.kind LIKE '%:%' AND a.kind NOT LIKE 'heard%' THEN a.metadata END) ORDER BY a.kind), '[]')
    FROM leap.artifacts a WHERE a.recording_id = r.id AND r.deleted_at IS NULL
$$;
COMMENT ON FUNCTION leap.overview_files(leap.recordings) IS
'The files of a recording with links that are good for twelve hours: [{id, kind, media_type, bytes, created_at, name, save, show, metadata}]; show, metadata: of what a player needs. None of a deleted one.';

CREATE OR REPLACE FUNCTION leap.recording_overview(id uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings;
BEGIN
    SELECT x.* INTO r FROM leap.recordings x WHERE x.id = recording_overview.id AND leap.may_see(x.user_id);
    IF r.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', recording_overview.id), 'The list of recordings shows the ids.');
    END IF;
    RETURN leap.get_recording(r.id, true) - '{files,outputs,uploads,tasks,source}'::text[] || jsonb_build_object(
        'source', (SELECT jsonb_build_object('type', r.source->'type', 'input_source_id', r.input_source_id, 'details', leap.safe_url((r.source - 'sha256')::text)::jsonb,
                       'name', (SELECT s.name FROM leap.input_sources s WHERE s.id = r.input_source_id AND s.user_id = r.user_id))),
        'owner', CASE WHEN r.user_id IS DISTINCT FROM leap.current_user_id() THEN (SELECT u.email FROM leap.users u WHERE u.id = r.user_id) END,
        'held_by', r.held_by, 'held_at', r.held_at, 'delete_reason', r.delete_reason, 'expire_by', r.expire_by,
        'operations', leap.verdicts_of(r.id, r.status, NULL, leap.operation_names()),
        'targets', leap.overview_targets(r), 'files', leap.overview_files(r), 'cuts', leap.video_cuts(r.id),
        'captions', (SELECT coalesce(jsonb_agg(leap.captions_json(c) ORDER BY c.language), '[]') FROM leap.captions c WHERE c.recording_id = r.id),
        'outline', (SELECT jsonb_build_object('version', v.version, 'edited', v.edited_at IS NOT NULL, 'language', v.language) FROM leap.topic_versions v WHERE v.recording_id = r.id AND v.active),
        'segments', (SELECT coalesce(sum(cardinality(p.starts)), 0) FROM leap.transcript_passages p WHERE p.recording_id = r.id),
        'running', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id::text, 'kind', t.kind, 'stage', t.stage, 'target', t.target_id, 'attempt', t.attempt, 'progress', t.progress,
                        'current_step', t.current_step, 'started_at', t.started_at) ORDER BY t.id), '[]')
                    FROM leap.tasks t WHERE t.recording_id = r.id AND t.state = 'running'));
END
$$;
COMMENT ON FUNCTION leap.recording_overview(uuid) IS
'One recording as its page shows it: leap.get_recording() in detail, and owner (of somebody else''s, for administrators), operations {name: {allowed, reason, code, hint}}, targets with what may be done with each, files with links, cuts (of the lesson in its recording: [{start, end, at}]), captions, outline (the topics in use: version, edited, language), segments (how many the transcript has), running (tasks). Error LP020, for another''s as well.';

-- What was tried -------------------------------------------------------------------------------------------------------

-- An attempt begins with a claim and ends with the next move of its task.
CREATE OR REPLACE FUNCTION leap.attempts_of(recording uuid, tasks bigint[])
RETURNS TABLE (task bigint, attempts jsonb) LANGUAGE sql STABLE ROWS 50 AS $$
    -- machines are the operators' business
    SELECT m.task, jsonb_agg(jsonb_strip_nulls(jsonb_build_object('attempt', m.attempt, 'started_at', m.at, 'ended_at', m.until, 'seconds', round(extract(epoch FROM m.until - m.at), 3),
               'outcome', CASE WHEN m.until IS NULL THEN 'running' ELSE leap.attempt_outcome(m.becomes, m.ending) END,
               'worker', CASE WHEN leap.walled_user() IS NULL THEN leap.worker_name(m.worker_id) END, 'error', m.trouble)) ORDER BY m.at)
    FROM (SELECT e.task, e.attempt, e.at, e.to_state, e.worker_id, lead(e.at) OVER w AS until, lead(e.to_state) OVER w AS becomes, lead(e.event) OVER w AS ending,
                 lead(e.error) OVER w AS trouble
          FROM leap.task_events e WHERE e.recording_id = recording AND e.entity = 'task' AND e.task = ANY (tasks)
          WINDOW w AS (PARTITION BY e.task ORDER BY e.at)) m
    WHERE m.to_state = 'running' GROUP BY m.task
$$;
COMMENT ON FUNCTION leap.attempts_of(uuid, bigint[]) IS
'How each attempt at these tasks of a recording went: [{attempt, started_at, ended_at, seconds, outcome, worker (for administrators), error}] by task, the first one first; as far back as the history is kept.';

CREATE OR REPLACE FUNCTION leap.recording_runs(id uuid, after uuid = NULL, most int = 10)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings;
    ids uuid[];
    work jsonb;
BEGIN
    PERFORM leap.check_page(most, 100);
    SELECT x.* INTO r FROM leap.recordings x WHERE x.id = recording_runs.id AND leap.may_see(x.user_id);
    IF r.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', recording_runs.id), 'The list of recordings shows the ids.');
    END IF;
    ids := ARRAY(SELECT u.id FROM leap.runs u WHERE u.recording_id = r.id
                 AND (after IS NULL OR (u.started_at, u.id) < (SELECT b.started_at, b.id FROM leap.runs b WHERE b.id = after AND b.recording_id = r.id))
                 ORDER BY u.started_at DESC, u.id DESC LIMIT coalesce(most, 10));
    work := (SELECT coalesce(jsonb_object_agg(t.run_id, t.tasks), '{}') FROM (
        SELECT t.run_id, jsonb_agg(jsonb_build_object('id', t.id::text, 'kind', t.kind, 'stage', t.stage, 'state', t.state, 'skip_reason', t.skip_reason,
                   'platform', lower(o.target_type), 'target_id', t.target_id, 'progress', CASE t.state WHEN 'succeeded' THEN 100 ELSE t.progress END, 'current_step', t.current_step,
                   'started_at', t.started_at, 'finished_at', t.finished_at, 'error', t.error, 'attempts', coalesce(a.attempts, '[]')) ORDER BY t.id) AS tasks
        FROM leap.tasks t LEFT JOIN leap.output_targets o ON o.id = t.target_id
        LEFT JOIN leap.attempts_of(r.id, ARRAY(SELECT x.id FROM leap.tasks x WHERE x.run_id = ANY (ids))) a ON a.task = t.id
        WHERE t.run_id = ANY (ids) GROUP BY t.run_id) t);
    RETURN jsonb_build_object('recording_id', r.id, 'runs', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'state', u.state, 'trigger', u.trigger, 'asked_for', u.asked_for, 'priority', u.priority, 'start_at', u.start_at,
                       'started_at', u.started_at, 'finished_at', u.finished_at, 'automation_run_id', u.automation_run_id, 'tasks', coalesce(work -> u.id::text, '[]'))
                       ORDER BY u.started_at DESC, u.id DESC), '[]')
            FROM leap.runs u WHERE u.id = ANY (ids)),
        'next', CASE WHEN cardinality(ids) = coalesce(most, 10) THEN ids[cardinality(ids)] END);
END
$$;
COMMENT ON FUNCTION leap.recording_runs(uuid, uuid, int) IS
'The runs of a recording, the newest first, at most so many (1 to 100) behind the one named: {recording_id, runs [{id, state, trigger, asked_for, priority, start_at, started_at, finished_at, automation_run_id, tasks [{id, kind, stage, state, skip_reason, platform, target_id, progress, current_step, started_at, finished_at, error, attempts [{attempt, started_at, ended_at, seconds, outcome, worker, error}]}]}], next (as after it goes on; null at the end)}. Errors LP020, LP030.';

-- Who did what ---------------------------------------------------------------------------------------------------------

-- An owner learns that an administrator or an operator did it, not which one.
CREATE OR REPLACE FUNCTION leap.recording_doings(id uuid, after text = NULL, most int = 20)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    place record := leap.read_audit_place(after);
    me uuid := leap.current_user_id();
    wall uuid := leap.walled_user();
    r leap.recordings;
BEGIN
    most := coalesce(most, 20);
    PERFORM leap.check_page(most, 1000);
    SELECT x.* INTO r FROM leap.recordings x WHERE x.id = recording_doings.id AND leap.may_see(x.user_id);
    IF r.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', recording_doings.id), 'The list of recordings shows the ids.');
    END IF;
    RETURN (
        SELECT jsonb_build_object('recording_id', r.id, 'items', coalesce(jsonb_agg(jsonb_build_object('id', (x.a).id::text, 'at', (x.a).at, 'action', (x.a).action, 'result', (x.a).result,
                   'by', CASE WHEN (x.a).user_id = me THEN 'me' WHEN (x.a).user_id = r.user_id THEN 'owner' WHEN (x.a).user_id IS NULL THEN 'operator' ELSE 'administrator' END,
                   'name', CASE WHEN wall IS NULL THEN coalesce((SELECT u.email FROM leap.users u WHERE u.id = (x.a).user_id), (x.a).who) END,
                   'before', (x.a).before, 'after', (x.a).after, 'why', (x.a).why, 'details', (x.a).details) ORDER BY (x.a).at DESC, (x.a).id DESC), '[]'),
               'next', CASE WHEN count(*) = most THEN (array_agg(leap.audit_place(x.a) ORDER BY (x.a).at, (x.a).id))[1] END)
        FROM (SELECT a FROM leap.audit_logs a WHERE a.resource_type = 'recording' AND a.resource_id = r.id::text AND (a.at, a.id) < (place.at, place.id)
              ORDER BY a.at DESC, a.id DESC LIMIT most) x);
END
$$;
COMMENT ON FUNCTION leap.recording_doings(uuid, text, int) IS
'What people did to a recording, the newest first, at most so many (1 to 1000) behind the place named: {recording_id, items [{id, at, action, result, by (me, owner, administrator, operator), name (administrators only), before, after, why, details}], next (as after it goes on; null at the end)}. Errors LP020, LP030.';
