-- The answer of a dry run: what a run of the job would do at this moment. Its sources were asked by errands that write
-- nothing (77_sync_results.sql); from here on nothing is written but the report.

-- What its sources have that is new, and who would take it.
CREATE OR REPLACE FUNCTION leap.dry_news(r leap.automation_runs, templates uuid[])
RETURNS TABLE (source uuid, name text, start_time timestamptz, duration float8, refused text, template uuid, rule text, reason text)
LANGUAGE sql STABLE AS $$
    WITH item AS MATERIALIZED (
        SELECT s.source_id, i.display_name, i.start_time, i.duration, i.refused, row_number() OVER (ORDER BY i.start_time, s.id, i.source_key) AS n
        FROM leap.source_syncs s CROSS JOIN LATERAL jsonb_to_recordset(s.report -> 'items')
             AS i(source_key text, display_name text, start_time timestamptz, duration float8, known boolean, ready boolean, blank boolean, refused text)
        WHERE s.automation_run_id = r.id AND NOT i.known AND i.ready IS NOT FALSE
          AND NOT (i.blank IS TRUE AND (r.settings #>> '{filters,exclude_blank}')::boolean))
    SELECT i.source_id, i.display_name, i.start_time, i.duration, i.refused, m.template, m.rule, coalesce(m.note, 'no template matches it')
    FROM item i LEFT JOIN leap.match_names(r.user_id, (SELECT array_agg(x.display_name ORDER BY x.n) FROM item x),
                                           (SELECT array_agg(x.source_id ORDER BY x.n) FROM item x), templates) m ON m.n = i.n
    ORDER BY i.n
$$;
COMMENT ON FUNCTION leap.dry_news(leap.automation_runs, uuid[]) IS
'The recordings that the sources of a dry run have and LEAP does not, oldest first, with the template each would get, or the reason why none; refused: why it would not be taken in (quota: the month has no room for it).';

-- What is here already and would be started.
CREATE OR REPLACE FUNCTION leap.dry_known(r leap.automation_runs, templates uuid[])
RETURNS TABLE (recording uuid, name text, start_time timestamptz, template uuid, rule text, reason text, allowed boolean, refused text)
LANGUAGE sql STABLE AS $$
    WITH found AS MATERIALIZED (SELECT leap.automation_candidates(r) AS ids),
    chosen AS MATERIALIZED (
        SELECT c.id, c.display_name, c.start_time, CASE WHEN leap.open_to_rules(c) THEN m.template ELSE t.id END AS template,
               CASE WHEN leap.open_to_rules(c) THEN m.rule END AS rule,
               coalesce(CASE WHEN c.template_id IS NOT NULL THEN leap.why_unmatched(c) END, m.note) AS note
        FROM found f JOIN leap.recordings c ON c.id = ANY (f.ids)
        LEFT JOIN leap.match_verdicts((SELECT x.ids FROM found x), templates) m ON m.recording = c.id
        LEFT JOIN unnest(templates) AS t(id) ON t.id = c.template_id)
    SELECT c.id, c.display_name, c.start_time, c.template, c.rule, CASE WHEN c.template IS NULL THEN coalesce(c.note, 'no template matches it') END, v.allowed, v.reason
    FROM chosen c LEFT JOIN leap.judged((SELECT coalesce(array_agg(x.id), '{}') FROM chosen x WHERE x.template IS NOT NULL), 'run', run_layers => leap.automation_options(r)) v ON v.recording = c.id
    WHERE v.sqlstate IS DISTINCT FROM 'LP003'   -- at its end, and nothing to do
    ORDER BY c.start_time, c.id
$$;
COMMENT ON FUNCTION leap.dry_known(leap.automation_runs, uuid[]) IS
'The recordings that a run would take up, oldest first, with the template each would get, or the reason why none, and whether a run of it could start now.';

-- Work, not waiting: what the kinds of task took on average within a month, of this user if he has any.
CREATE OR REPLACE FUNCTION leap.mean_lecture_seconds(of_user uuid, OUT seconds float8, OUT measured bigint)
LANGUAGE sql STABLE AS $$
    SELECT sum(k.average), max(k.n)
    FROM (SELECT a.kind, avg(a.seconds) AS average, count(*) AS n
          FROM leap.task_attempts a
          WHERE a.at > leap.clock() - interval '30 days' AND a.outcome = 'succeeded' AND a.recording_id IS NOT NULL
            AND (a.user_id = of_user OR NOT EXISTS (
                SELECT FROM leap.task_attempts o WHERE o.user_id = of_user AND o.at > leap.clock() - interval '30 days' AND o.outcome = 'succeeded' AND o.kind = 'download'))
          GROUP BY a.kind) k
$$;
COMMENT ON FUNCTION leap.mean_lecture_seconds(uuid) IS
'How long all tasks of a lecture take together, the average of the last 30 days: of this user, or of everybody where he has none; and of how many lectures that was measured. Null: nothing is known yet.';

CREATE OR REPLACE FUNCTION leap.report_dry_run(r leap.automation_runs)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    templates uuid[] := leap.active_job_templates(leap.job_of_run(r));
    room bigint := (SELECT q.remaining FROM leap.quota_status_of(r.user_id) q WHERE q.quota = 'processing_per_month');
    news record;
    known record;
    mean record;
    starts bigint;
    fits bigint;        -- of the new ones
BEGIN
    SELECT count(*) AS n, count(*) FILTER (WHERE d.refused IS NULL) AS taken, count(*) FILTER (WHERE d.refused IS NULL AND d.template IS NOT NULL) AS matched,
           count(*) FILTER (WHERE d.refused IS NULL AND d.template IS NULL) AS unmatched,
           leap.first_items(array_agg(jsonb_strip_nulls(jsonb_build_object('source', d.source, 'name', d.name, 'start_time', d.start_time, 'duration', d.duration,
               'template', d.template, 'template_name', t.name, 'rule', d.rule, 'refused', d.refused)) ORDER BY d.start_time, d.source, d.name)) AS items,
           leap.first_items(array_agg(jsonb_build_object('source', d.source, 'name', d.name, 'reason', d.reason) ORDER BY d.start_time, d.source, d.name) FILTER (WHERE d.refused IS NULL AND d.template IS NULL)) AS left_over
    INTO news FROM leap.dry_news(r, templates) d LEFT JOIN leap.recording_templates t ON t.id = d.template;
    SELECT count(*) AS n, count(*) FILTER (WHERE d.allowed) AS allowed, count(*) FILTER (WHERE d.template IS NOT NULL) AS matched,
           leap.first_items(array_agg(jsonb_strip_nulls(jsonb_build_object('recording', d.recording, 'name', d.name, 'start_time', d.start_time,
               'template', d.template, 'template_name', t.name, 'rule', d.rule, 'refused', d.refused)) ORDER BY d.start_time, d.recording)) AS items,
           leap.first_items(array_agg(jsonb_build_object('recording', d.recording, 'name', d.name, 'reason', d.reason) ORDER BY d.start_time, d.recording) FILTER (WHERE d.template IS NULL)) AS left_over
    INTO known FROM leap.dry_known(r, templates) d LEFT JOIN leap.recording_templates t ON t.id = d.template;
    SELECT * INTO mean FROM leap.mean_lecture_seconds(r.user_id);
    fits := CASE WHEN r.settings #> '{filters,status}' ? 'INITIALIZED' THEN least(news.matched, CASE WHEN room IS NULL THEN news.matched ELSE greatest(room - known.allowed, 0) END) ELSE 0 END;
    starts := known.allowed + fits;
    UPDATE leap.automation_runs x
    SET candidates = known.n + news.taken, matched = known.matched + news.matched, unmatched = known.n - known.matched + news.unmatched,
        report = x.report || jsonb_build_object('would_sync', news.taken, 'would_start', starts,
            'would_refuse', (news.n - news.taken) + (known.matched - known.allowed) + (news.matched - fits),
            'estimated_duration_minutes', round((starts * mean.seconds / 60)::numeric, 1), 'measured_lectures', coalesce(mean.measured, 0),
            'new', news.items, 'existing', known.items, 'unmatched', leap.first_items(array_cat(
                ARRAY(SELECT jsonb_array_elements(known.left_over)), ARRAY(SELECT jsonb_array_elements(news.left_over)))),
            'sources', (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('source', s.source_id, 'name', i.name, 'task', s.task_id::text, 'state', s.state,
                            'found', s.found, 'known', s.known, 'new', s.found - s.known, 'refused', s.refused, 'error', s.error ->> 'message')) ORDER BY i.name), '[]')
                        FROM leap.source_syncs s LEFT JOIN leap.input_sources i ON i.id = s.source_id WHERE s.automation_run_id = r.id))
    WHERE x.id = r.id;
    PERFORM leap.end_automation(r.id);
END
$$;
COMMENT ON FUNCTION leap.report_dry_run(leap.automation_runs) IS
'Ends a dry run, whose sources have answered and whose row the caller holds, with its report: would_sync, would_start, would_refuse, estimated_duration_minutes (null: nothing was measured yet), sources, and the first hundred each of new, existing and unmatched recordings.';
