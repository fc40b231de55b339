-- Recordings as a file: JSON, or CSV for spreadsheets.
--
-- A spreadsheet takes a cell that begins with = + - @ for a formula, whoever wrote the title of the lecture: leap.csv_cell()
-- puts a quote in front. Takes no locks.

CREATE OR REPLACE FUNCTION leap.csv_field(value text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT '"' || replace(coalesce(leap.csv_cell(value), ''), '"', '""') || '"' $$;
COMMENT ON FUNCTION leap.csv_field(text) IS 'leap.csv_cell() in quotes; null is empty.';

-- The columns, in their order: those of the short form, then what the long one has beside.
CREATE OR REPLACE FUNCTION leap.export_row(item jsonb, main_topics jsonb, questions jsonb, platforms text[], long boolean)
RETURNS TABLE (n int, name text, value jsonb) LANGUAGE sql IMMUTABLE AS $$
    SELECT row_number() OVER (ORDER BY c.place, c.n)::int, c.name, c.value
    FROM (
        SELECT 1 AS place, k.n, k.name, item -> k.name AS value FROM unnest('{id,display_name,start_time,duration,status}'::text[]) WITH ORDINALITY AS k(name, n)
        UNION ALL SELECT 2, p.n, p.name || '_url', item #> ARRAY['uploads', p.name, 'url'] FROM unnest(platforms) WITH ORDINALITY AS p(name, n)
        UNION ALL SELECT 3, 1, 'main_topics', main_topics
        UNION ALL SELECT 4, k.n, k.name, item -> k.name FROM unnest('{failed,failed_reason,failed_at_stage,is_mapped,template_id,template_name}'::text[]) WITH ORDINALITY AS k(name, n) WHERE long
        UNION ALL SELECT 5, k.n, 'source_' || k.name, item #> ARRAY['source', k.name] FROM unnest('{type,name}'::text[]) WITH ORDINALITY AS k(name, n) WHERE long
        UNION ALL SELECT 6, p.n, p.name || '_status', item #> ARRAY['uploads', p.name, 'status'] FROM unnest(platforms) WITH ORDINALITY AS p(name, n) WHERE long
        UNION ALL SELECT 7, 1, 'questions', questions WHERE long
        UNION ALL SELECT 8, k.n, k.name, item -> k.name FROM unnest('{deleted,deleted_at,on_pause,created_at,updated_at}'::text[]) WITH ORDINALITY AS k(name, n) WHERE long) c
$$;
COMMENT ON FUNCTION leap.export_row(jsonb, jsonb, jsonb, text[], boolean) IS
'An item of leap.recording_items() as columns of an export: short or long, with two columns for each of these platforms.';

CREATE OR REPLACE FUNCTION leap.export_recordings(recording_ids uuid[], filters jsonb, most int, format text, verbosity text)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    ids uuid[];
    platforms text[];
    rows jsonb;
BEGIN
    PERFORM leap.require_permission('can_export_data');
    IF coalesce(format NOT IN ('json', 'csv'), true) OR coalesce(verbosity NOT IN ('short', 'long'), true) THEN
        PERFORM leap.refuse('LP030', pg_catalog.format('there is no export as %s, %s', format, verbosity), 'The format is json or csv, the verbosity short or long.');
    ELSIF num_nonnulls(recording_ids, filters) <> 1 THEN
        PERFORM leap.refuse('LP030', 'recordings are named by recording_ids or by filters', 'Give one of the two.');
    ELSIF coalesce(cardinality(recording_ids), most) NOT BETWEEN 1 AND 2000 THEN
        PERFORM leap.refuse('LP030', pg_catalog.format('%s recordings at once', coalesce(cardinality(recording_ids), most)), 'An export has 1 to 2000.');
    END IF;
    ids := coalesce(recording_ids, leap.select_recordings(
        CASE WHEN leap.current_user_id() IS NULL THEN '{}' ELSE jsonb_build_object('user', leap.current_user_id()) END || leap.read_list_filters(filters), most));
    platforms := ARRAY(SELECT DISTINCT lower(o.target_type) FROM leap.output_targets o WHERE o.recording_id = ANY (ids) AND leap.may_see(o.user_id) ORDER BY 1);
    SELECT jsonb_agg((SELECT jsonb_agg(jsonb_build_array(e.name, e.value) ORDER BY e.n)
                      FROM leap.export_row(i.item, r.main_topics, r.facts->'questions', platforms, verbosity = 'long') e) ORDER BY i.place) INTO rows
    FROM leap.recording_items(ids) WITH ORDINALITY AS i(id, item, place) JOIN leap.recordings r ON r.id = i.id;
    -- what was not there, or is somebody else's, is no resource of his, whose name he would be told
    PERFORM leap.audit('export', 'recording', CASE WHEN cardinality(recording_ids) = 1 AND rows IS NOT NULL THEN recording_ids[1]::text END, details => jsonb_strip_nulls(jsonb_build_object(
        'format', format, 'verbosity', verbosity, 'count', coalesce(jsonb_array_length(rows), 0), 'filters', filters, 'recording_ids', recording_ids[1:100])));
    IF format = 'json' THEN
        RETURN (SELECT coalesce(jsonb_agg((SELECT jsonb_object_agg(c->>0, c->1) FROM jsonb_array_elements(x) c) ORDER BY n), '[]')
                FROM jsonb_array_elements(rows) WITH ORDINALITY AS y(x, n))::text;
    END IF;
    RETURN chr(65279) || (SELECT string_agg(leap.csv_field(e.name), ',' ORDER BY e.n) FROM leap.export_row('{}', NULL, NULL, platforms, verbosity = 'long') e) || E'\r\n'
        || coalesce((SELECT string_agg((SELECT string_agg(leap.csv_field(CASE jsonb_typeof(c->1) WHEN 'array' THEN
                       (SELECT string_agg(v, '; ' ORDER BY k) FROM jsonb_array_elements_text(c->1) WITH ORDINALITY AS z(v, k)) ELSE c->>1 END), ',' ORDER BY m)
                     FROM jsonb_array_elements(x) WITH ORDINALITY AS d(c, m)) || E'\r\n', '' ORDER BY n)
           FROM jsonb_array_elements(rows) WITH ORDINALITY AS y(x, n)), '');
END
$$;
COMMENT ON FUNCTION leap.export_recordings(uuid[], jsonb, int, text, text) IS
'Recordings by ids, or by filters (leap.read_list_filters(); at most so many), as JSON or as CSV with a byte order mark, both as text; short or long. Lists in CSV are joined by "; ", and no cell is a formula. Noted in the audit log: who took out how many, and which (filters, or the first 100 ids). Errors LP030, LP043 (permission can_export_data).';

-- The answer is the file itself where a path of our own was asked for; a call of the protocol answers it as a text.
DROP FUNCTION IF EXISTS leap.export_reply(text, text);
CREATE OR REPLACE FUNCTION leap.export_reply(file text, format text, name text = 'recordings')
RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF coalesce(current_setting('request.path', true), '') <> '' AND current_setting('request.path') NOT LIKE '/rpc/%' THEN
        PERFORM set_config('response.headers', jsonb_build_array(
            jsonb_build_object('Content-Type', CASE format WHEN 'csv' THEN 'text/csv; charset=utf-8' ELSE 'application/json; charset=utf-8' END),
            jsonb_build_object('Content-Disposition', pg_catalog.format('attachment; filename="%s.%s"', name, format)))::text, true);
    END IF;
    RETURN file;
END
$$;
COMMENT ON FUNCTION leap.export_reply(text, text, text) IS
'The file as it is, and, for a request by HTTP that is no call by /rpc/, what type and name it has.';
