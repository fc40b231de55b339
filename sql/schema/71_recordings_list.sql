-- Lists of recordings by page, as a person turns them, with all that a row of a list shows; and operations on many.
--
-- A page is the numbers of its rows (leap.recording_page), then one statement for everything that is shown of them: its
-- cost is that of a page, however many recordings there are. What may be done with each row is the judge's word
-- (61_judge.sql). Counting ends at 10000. Lock order of what changes: recording -> tasks -> ready/lease/scheduled.

-- Names of filters that people write in lists and bulk requests, as those of leap.recording_filters().
CREATE OR REPLACE FUNCTION leap.read_list_filters(said jsonb)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    days constant text := '^\d{4}-\d\d-\d\d$';
    bad text;
    meant jsonb;
BEGIN
    IF jsonb_typeof(said) IS DISTINCT FROM 'object' THEN
        PERFORM leap.refuse('LP030', 'filters are no object', 'Write them like {"status": ["FAILED"], "search": "algebra"}.');
    END IF;
    SELECT f.key INTO bad FROM jsonb_each_text(said) f WHERE f.key IN ('from_date', 'to_date') AND f.value !~ '^\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?$' LIMIT 1;
    IF bad IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('%s cannot be "%s"', bad, left(said ->> bad, 50)), 'It is a day like 2026-09-01, or a time like 2026-09-01T10:00:00Z.');
    END IF;
    meant := (
        SELECT coalesce(jsonb_object_agg(n.name, n.value), '{}')
        FROM jsonb_each(said) f CROSS JOIN LATERAL (
            SELECT CASE f.key WHEN 'template_id' THEN 'template' WHEN 'template_ids' THEN 'template' WHEN 'source_id' THEN 'source' WHEN 'source_ids' THEN 'source'
                              WHEN 'is_mapped' THEN 'mapped' WHEN 'from_date' THEN 'from' WHEN 'to_date' THEN 'to' WHEN 'exclude_blank' THEN 'blank'
                              WHEN 'include_blank' THEN 'blank' WHEN 'include_deleted' THEN 'deleted' ELSE f.key END AS name,
                   CASE WHEN f.key IN ('exclude_blank', 'include_blank') THEN CASE WHEN (f.key = 'exclude_blank') = (f.value = 'true') THEN 'false'::jsonb END
                        WHEN f.key = 'include_deleted' THEN CASE WHEN f.value = 'true' THEN '"any"'::jsonb END
                        -- days are those of UTC, the last one included
                        WHEN f.key = 'from_date' AND f.value #>> '{}' ~ days THEN to_jsonb(f.value #>> '{}' || 'T00:00:00Z')
                        WHEN f.key = 'to_date' AND f.value #>> '{}' ~ days THEN to_jsonb(((f.value #>> '{}')::date + 1)::text || 'T00:00:00Z')
                        ELSE f.value END AS value) n
        WHERE n.value <> 'null');
    IF said ? 'from_date' AND said ? 'to_date' AND (meant ->> 'from')::timestamptz >= (meant ->> 'to')::timestamptz THEN
        PERFORM leap.refuse('LP030', format('from_date %s is after to_date %s', said ->> 'from_date', said ->> 'to_date'), 'Turn them round.');
    END IF;
    RETURN meant;
EXCEPTION WHEN datetime_field_overflow THEN
    PERFORM leap.refuse('LP030', format('there is no day %s', concat_ws(' or ', said->>'from_date', said->>'to_date')), 'Write it like 2026-09-01.');
END
$$;
COMMENT ON FUNCTION leap.read_list_filters(jsonb) IS
'Filters as people write them as leap.recording_filters() names them: template_id(s), source_id(s), is_mapped, exclude_blank or include_blank, include_deleted, from_date, to_date (days of UTC, both included); others as they are. Error LP030.';

CREATE OR REPLACE FUNCTION leap.stage_items(of_recording uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(jsonb_build_object('stage_type', upper(s.stage_name), 'status', CASE s.status WHEN 'running' THEN 'IN_PROGRESS' ELSE upper(s.status) END,
               'progress', s.progress, 'failed', s.status = 'failed', 'failed_at', CASE s.status WHEN 'failed' THEN s.completed_at END,
               'failed_reason', CASE s.status WHEN 'failed' THEN s.error_message END, 'retry_count', greatest(coalesce(s.attempt, 0) - 1, 0),
               'started_at', s.started_at, 'completed_at', s.completed_at,
               'duration_seconds', round(extract(epoch FROM s.completed_at - s.started_at), 3),
               'tasks', CASE WHEN s.tasks > 0 AND s.status <> 'completed' THEN s.metadata ELSE '[]' END) ORDER BY s.place)
    FROM leap.processing_stages s WHERE s.recording_id = of_recording
$$;
COMMENT ON FUNCTION leap.stage_items(uuid) IS
'The four stages of a recording as lists show them: [{stage_type, status PENDING | IN_PROGRESS | COMPLETED | FAILED | SKIPPED, progress, failed, failed_at, failed_reason, retry_count, started_at, completed_at, duration_seconds, tasks [{task, kind, state, progress, step, target, skip_reason}] (of a stage that is not completed)}].';

-- One object a platform: of several targets on one, the one that is wanted.
CREATE OR REPLACE FUNCTION leap.upload_items(of_recording uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_object_agg(lower(o.target_type), jsonb_build_object('target_id', o.id, 'status', o.status, 'url', o.url, 'started_at', o.started_at,
               'uploaded_at', o.uploaded_at, 'error', o.error->>'message') ORDER BY o.wanted, o.id), '{}')
    FROM leap.output_targets o WHERE o.recording_id = of_recording
$$;
COMMENT ON FUNCTION leap.upload_items(uuid) IS 'Where a recording is published: {platform: {target_id, status, url, started_at, uploaded_at, error}}.';

CREATE OR REPLACE FUNCTION leap.error_item(error jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('class', error->'class', 'code', error->'code', 'message', error->'message', 'hint', error->'hint') WHERE error IS NOT NULL
$$;
COMMENT ON FUNCTION leap.error_item(jsonb) IS 'Of an error what people are shown: {class, code, message, hint}; null for null.';

CREATE OR REPLACE FUNCTION leap.target_items(of_recording uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'platform', lower(o.target_type), 'preset_id', o.preset_id, 'preset_name', p.name, 'status', o.status,
               'url', o.url, 'uploaded_at', o.uploaded_at, 'error', leap.error_item(o.error)) ORDER BY o.id), '[]')
    FROM leap.output_targets o LEFT JOIN leap.output_presets p ON p.id = o.preset_id AND p.user_id = o.user_id
    WHERE o.recording_id = of_recording AND (o.wanted OR o.status <> 'NOT_UPLOADED')
$$;
COMMENT ON FUNCTION leap.target_items(uuid) IS
'Every target of a recording that is wanted or was tried: [{id, platform, preset_id, preset_name, status, url, uploaded_at, error {class, code, message, hint}}].';

-- The link is the same for hours, so that a browser need not fetch again what it has.
CREATE OR REPLACE FUNCTION leap.poster_link(artifact uuid, owner uuid)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('/files/%s?exp=%s&download=false&sig=%s', artifact, e.at, leap.file_signature(artifact, e.at, owner, false))
    FROM (SELECT (floor(extract(epoch FROM leap.clock()) / 21600) + 2)::bigint * 21600 AS at) e WHERE artifact IS NOT NULL
$$;
COMMENT ON FUNCTION leap.poster_link(uuid, uuid) IS
'A link by which anybody can fetch this file of this owner (leap.file_url()) for six to twelve hours; null without a file.';

CREATE OR REPLACE FUNCTION leap.recording_items(ids uuid[])
RETURNS TABLE (id uuid, item jsonb) LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20 SET search_path = pg_catalog, leap, pg_temp SET jit = off AS $$
#variable_conflict use_column
DECLARE
    wall uuid := leap.walled_user();
    -- the judge is asked about those only that he might let: his look at what could be uploaded costs most
    may jsonb := (
        SELECT coalesce(jsonb_object_agg(x.recording, x.operations), '{}')
        FROM (SELECT j.recording, jsonb_agg(o) AS operations
              FROM (SELECT 'run', ids
                    UNION ALL SELECT 'pause', ARRAY(SELECT u.recording_id FROM leap.runs u WHERE u.recording_id = ANY (ids) AND u.state = 'active')
                    UNION ALL SELECT 'upload', ARRAY(SELECT r.id FROM leap.recordings r WHERE r.id = ANY (ids)
                                  AND (r.status IN ('TRANSCRIBED', 'READY') OR (r.status = 'FAILED' AND r.failed_at_stage = 'upload')))) c (o, asked)
              CROSS JOIN LATERAL leap.judged(c.asked, c.o, of_user => wall) j WHERE j.allowed GROUP BY j.recording) x);
BEGIN
    RETURN QUERY
    SELECT r.id, jsonb_build_object('id', r.id, 'display_name', r.display_name, 'start_time', r.start_time, 'duration', r.duration,
               'final_duration', r.final_duration, 'status', r.status, 'is_mapped', r.template_id IS NOT NULL, 'template_id', r.template_id, 'template_name', t.name,
               'source', jsonb_build_object('type', r.source->'type', 'name', s.name, 'input_source_id', r.input_source_id),
               'uploads', leap.upload_items(r.id), 'processing_stages', leap.stage_items(r.id),
               'poster_url', '/files/' || p.id, 'failed', r.failed, 'failed_at_stage', r.failed_at_stage, 'failed_reason', r.error_message,
               'next_attempt_at', r.next_attempt_at, 'retry_count', r.retry_count, 'hold', r.hold, 'hold_message', r.hold_message, 'flags', r.flags)
           || jsonb_build_object('on_pause', r.hold IS NOT DISTINCT FROM 'paused', 'on_air', u.id IS NOT NULL, 'run_id', u.id, 'blank_record', r.blank_record,
               'deleted', r.delete_state <> 'active', 'delete_state', r.delete_state, 'deleted_at', r.deleted_at, 'expire_at', r.expire_at,
               'created_at', r.created_at, 'updated_at', r.updated_at, 'is_runtime', r.status LIKE '%ING',
               'can_run', coalesce(may -> r.id::text ? 'run', false), 'can_pause', coalesce(may -> r.id::text ? 'pause', false),
               'ready_to_upload', coalesce(may -> r.id::text ? 'upload', false), 'error', leap.error_item(r.error), 'targets', leap.target_items(r.id),
               'poster_link', CASE WHEN r.delete_state = 'active' THEN leap.poster_link(coalesce(m.id, p.id), r.user_id) END, 'start_at', u.start_at)
    FROM unnest(ids) WITH ORDINALITY AS x(id, place)
    JOIN leap.recordings r ON r.id = x.id AND (wall IS NULL OR r.user_id = wall)
    LEFT JOIN leap.recording_templates t ON t.id = r.template_id AND t.user_id = r.user_id
    LEFT JOIN leap.input_sources s ON s.id = r.input_source_id AND s.user_id = r.user_id
    LEFT JOIN leap.artifacts p ON p.recording_id = r.id AND p.kind = 'poster'
    LEFT JOIN leap.artifacts m ON m.recording_id = r.id AND m.kind = 'miniature' AND m.bytes > 0
    LEFT JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active'
    ORDER BY x.place;
END
$$;
COMMENT ON FUNCTION leap.recording_items(uuid[]) IS
'What lists show of these recordings, those the caller may see, in the order given: name, times, status, template, source, uploads by platform, stages, failure, hold, deletion, and what may be done now: can_run, can_pause, and of those not yet published ready_to_upload; error and targets with their hints; poster_link to a small picture, which needs no token; start_at, when its run may start.';

CREATE OR REPLACE FUNCTION leap.recordings_by_page(said jsonb, page int, per_page int, sort_by text, sort_order text)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    filters jsonb := leap.read_list_filters(said);
    counted record;
    ids uuid[];
BEGIN
    IF page NOT BETWEEN 1 AND 1000000 OR per_page NOT BETWEEN 1 AND 100 THEN
        PERFORM leap.refuse('LP030', format('there is no page %s of %s rows', page, per_page), 'Pages count from 1 and have 1 to 100 rows.');
    ELSIF coalesce(lower(sort_order) NOT IN ('asc', 'desc'), true) THEN
        PERFORM leap.refuse('LP030', format('there is no sort order "%s"', sort_order), 'It is asc or desc.');
    ELSIF leap.current_user_id() IS NOT NULL THEN
        filters := jsonb_build_object('user', leap.current_user_id()) || filters;
    END IF;
    counted := leap.count_recordings(filters);
    SELECT array_agg(p.id) INTO ids
    FROM leap.recording_page(filters, NULL, per_page, CASE lower(sort_order) WHEN 'desc' THEN '-' ELSE '' END || sort_by, (page - 1) * per_page) p;
    RETURN jsonb_build_object('page', page, 'per_page', per_page, 'total', counted.recordings, 'more', counted.more,
        'total_pages', (counted.recordings + per_page - 1) / per_page,
        'items', coalesce((SELECT jsonb_agg(i.item) FROM leap.recording_items(ids) i), '[]'));
END
$$;
COMMENT ON FUNCTION leap.recordings_by_page(jsonb, int, int, text, text) IS
'A page of the recordings of the user this request speaks for (of everybody for an operator who speaks for nobody): {page, per_page, total, more, total_pages, items}; items as leap.recording_items(). said: leap.read_list_filters(). sort_by: leap.recording_sorts(); sort_order: asc or desc. Counting ends at 10000: then more is true. Error LP030.';

CREATE OR REPLACE FUNCTION leap.get_recording(id uuid, detailed boolean = false)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    shown jsonb := (SELECT i.item FROM leap.recording_items(ARRAY[get_recording.id]) i);
    d jsonb;
BEGIN
    IF shown IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', id), 'The list of recordings shows the ids.');
    ELSIF detailed THEN
        d := leap.recording_detail(id);
        shown := shown || jsonb_build_object('source', (shown->'source') || jsonb_build_object('details', d->'source'), 'topics', d->'topics', 'main_topics', d->'main_topics',
            'facts', d->'facts', 'error', d->'error', 'waiting', d->'waiting', 'template', d->'template', 'unmatched_reason', d->'unmatched_reason',
            'restore_until', d->'restore_until', 'run', d->'run', 'tasks', d->'tasks', 'progress', d->'progress', 'outputs', d->'targets',
            'config', (SELECT r.config FROM leap.recordings r WHERE r.id = get_recording.id),
            'files', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'kind', a.kind, 'media_type', a.media_type, 'bytes', a.bytes::text,
                          'path', '/files/' || a.id, 'created_at', a.created_at) ORDER BY a.kind), '[]') FROM leap.artifacts a WHERE a.recording_id = get_recording.id));
    END IF;
    RETURN shown;
END
$$;
COMMENT ON FUNCTION leap.get_recording(uuid, boolean) IS
'One recording as leap.recording_items() shows it; detailed: with source, topics, facts, error, what it waits for, template, newest run with its tasks, outputs, config and files. Error LP020, for another''s as well.';

-- Operations on many ---------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.meant_recordings(recording_ids uuid[], filters jsonb, most int)
RETURNS uuid[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    IF num_nonnulls(recording_ids, filters) <> 1 THEN
        PERFORM leap.refuse('LP030', 'recordings are named by recording_ids or by filters', 'Give one of the two.');
    ELSIF coalesce(cardinality(recording_ids), most) NOT BETWEEN 1 AND 1000 THEN
        PERFORM leap.refuse('LP030', format('%s recordings at once', coalesce(cardinality(recording_ids), most)), 'It is 1 to 1000 in one request.');
    ELSIF recording_ids IS NOT NULL THEN
        RETURN recording_ids;
    END IF;
    filters := leap.read_list_filters('{"exclude_blank": true}'::jsonb || filters);
    IF leap.current_user_id() IS NOT NULL THEN
        filters := jsonb_build_object('user', leap.current_user_id()) || filters;
    END IF;
    RETURN leap.select_recordings(filters, most);
END
$$;
COMMENT ON FUNCTION leap.meant_recordings(uuid[], jsonb, int) IS
'The recordings that a request on many means: these ids, or, without any, the oldest that match the filters (leap.read_list_filters(), blank ones left out unless said otherwise), at most so many. Error LP030.';

CREATE OR REPLACE FUNCTION leap.operate_reply(operation text, recording_ids uuid[], filters jsonb, most int, dry_run boolean, priority int, start_at timestamptz,
                                              target text, template uuid, override jsonb)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    ids uuid[];
    rows jsonb;
    counts record;
BEGIN
    IF operation IS NULL OR operation <> ALL (leap.operation_names()) THEN
        PERFORM leap.refuse('LP030', format('there is no operation "%s"', operation), format('Operations are %s.', array_to_string(leap.operation_names(), ', ')));
    END IF;
    ids := leap.meant_recordings(recording_ids, filters, most);
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('recording_id', o.recording, 'display_name', r.display_name,
               'status', CASE WHEN NOT o.done THEN CASE WHEN o.sqlstate IN ('LP020', 'LP030') THEN 'error' ELSE 'skipped' END
                              WHEN leap.starts_runs(operation) THEN 'queued' ELSE 'completed' END,
               'reason', o.reason, 'code', o.sqlstate, 'verdict', o.verdict, 'run_id', o.run, 'plan', CASE WHEN dry_run THEN o.plan END,
               'current_status', CASE WHEN dry_run THEN r.status END, 'start_time', CASE WHEN dry_run THEN r.start_time END,
               'task_id', CASE WHEN o.done AND NOT dry_run THEN leap.first_task(o.run) END)) ORDER BY o.recording), '[]') INTO rows
    FROM leap.operate(operation, ids, dry_run, priority, start_at, target, template, override) o
    LEFT JOIN leap.recordings r ON r.id = o.recording AND leap.may_see(r.user_id);
    SELECT count(*) FILTER (WHERE x->>'status' IN ('queued', 'completed')) AS done, count(*) FILTER (WHERE x->>'status' = 'skipped') AS skipped,
           count(*) FILTER (WHERE x->>'status' = 'error') AS wrong, count(*) AS total INTO counts FROM jsonb_array_elements(rows) x;
    IF dry_run THEN
        RETURN jsonb_build_object('dry_run', true, 'matched_count', counts.done, 'skipped_count', counts.skipped + counts.wrong, 'total', counts.total, 'recordings',
            (SELECT coalesce(jsonb_agg(x - '{status,reason}'::text[] || jsonb_build_object('will_be_processed', x->>'status' IN ('queued', 'completed'),
                        'skip_reason', x->'reason') ORDER BY n), '[]') FROM jsonb_array_elements(rows) WITH ORDINALITY AS y(x, n)));
    END IF;
    RETURN jsonb_build_object('queued_count', counts.done, 'skipped_count', counts.skipped, 'error_count', counts.wrong, 'total', counts.total, 'tasks', rows)
        || CASE operation WHEN 'delete' THEN jsonb_build_object('deleted_count', counts.done, 'details', rows) ELSE '{}' END;
END
$$;
COMMENT ON FUNCTION leap.operate_reply(text, uuid[], jsonb, int, boolean, int, timestamptz, text, uuid, jsonb) IS
'leap.operate() for the recordings of leap.meant_recordings(), as one object: {queued_count, skipped_count, error_count, total, tasks [{recording_id, display_name, status queued | completed | skipped | error, reason, code, verdict, run_id, task_id}]}; of delete also deleted_count and details; of a dry run {dry_run, matched_count, skipped_count, total, recordings [{recording_id, will_be_processed, skip_reason, plan, ...}]}. Errors LP020 (template), LP030, LP031.';
