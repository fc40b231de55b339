-- Lists that a page turns: on and back from a row, rows by ids, what to choose from, and what may be done with a row.
SELECT test.connect();
BEGIN;
SELECT leap.add_user('bo@example.org') IS NOT NULL AND leap.add_user('eve@example.org') IS NOT NULL AS added;
SELECT count(leap.add_recording('bo@example.org', '{"type": "url", "url": "https://e.org/a"}', 'b' || lpad(n::text, 2, '0'))) FROM generate_series(1, 11) n;
SELECT count(leap.add_recording('eve@example.org', '{"type": "url", "url": "https://e.org/a"}', 'of eve'));
-- several begin at the same time, and are as old as each other to the second
UPDATE leap.recordings r SET start_time = timestamptz '2026-01-01 10:00+00' + (substr(r.display_name, 2)::int % 3) * interval '1 day', updated_at = '2026-01-05 10:00+00'
WHERE r.user_id = test.user_id('bo@example.org');
SELECT test.start('b-runs', 'bo@example.org'), test.start('b-fails', 'bo@example.org'), test.start('b-waits', 'bo@example.org');
SELECT count(*) FROM test.claim() c WHERE c.name LIKE 'b-%';
SELECT test.fail('download', 'b-fails', 'input', 'the page asks for a password');
SELECT leap.pause_recording(test.id('b-waits'))->>'message' AS message;
UPDATE leap.recordings SET blank_record = true WHERE display_name = 'b10';
INSERT INTO leap.recording_templates (user_id, name) VALUES (test.user_id('bo@example.org'), 'Algebra'), (test.user_id('eve@example.org'), 'Of Eve');
UPDATE leap.recordings r SET template_id = t.id FROM leap.recording_templates t WHERE t.name = 'Algebra' AND r.display_name IN ('b01', 'b02', 'b10');

-- walks from the first page to the last and back: the names of both ways, and how many pages there were
CREATE FUNCTION test.there_and_back(sort text, dir text, most int, OUT there text[], OUT back text[], OUT pages int) LANGUAGE plpgsql AS $$
DECLARE
    page jsonb := api.browse_recordings(sort_by => sort, sort_order => dir, most => most, include_blank => true);
BEGIN
    pages := 1;
    LOOP
        there := there || ARRAY(SELECT i->>'display_name' FROM jsonb_array_elements(page->'items') WITH ORDINALITY AS x(i, n) ORDER BY n);
        EXIT WHEN page->>'next' IS NULL;
        page := api.browse_recordings(after => page->>'next', sort_by => sort, sort_order => dir, most => most, include_blank => true);
        pages := pages + 1;
    END LOOP;
    LOOP
        back := ARRAY(SELECT i->>'display_name' FROM jsonb_array_elements(page->'items') WITH ORDINALITY AS x(i, n) ORDER BY n) || back;
        EXIT WHEN page->>'previous' IS NULL;
        page := api.browse_recordings(before => page->>'previous', sort_by => sort, sort_order => dir, most => most, include_blank => true);
    END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION test.there_and_back(text, text, int, OUT text[], OUT text[], OUT int) TO leap_user;
SELECT test.become('bo@example.org');
SELECT s.sort, d.dir, w.pages, cardinality(w.there) AS rows, w.there = ARRAY(SELECT DISTINCT n FROM unnest(w.there) n ORDER BY n) OR cardinality(w.there) = cardinality(ARRAY(SELECT DISTINCT unnest(w.there))) AS once,
       w.back @> w.there AND w.there @> w.back AS all_back
FROM leap.recording_sorts() s, unnest('{asc,desc}'::text[]) AS d(dir), test.there_and_back(s.sort, d.dir, 7) w ORDER BY 1, 2;
SELECT * FROM test.there_and_back('display_name', 'asc', 7);
-- going back beyond the beginning is the whole first page; an exact page has nothing after it
SELECT p->>'previous' IS NULL AS first, p->>'next' IS NOT NULL AS goes_on, jsonb_path_query_array(p, '$.items[*].display_name') AS names
FROM api.browse_recordings(most => 5, sort_by => 'display_name', sort_order => 'asc') a,
     api.browse_recordings(before => api.browse_recordings(after => a->>'next', most => 3, sort_by => 'display_name', sort_order => 'asc')->>'previous',
                           most => 6, sort_by => 'display_name', sort_order => 'asc') p;
SELECT p->'next' AS next, p->'total' AS total, p->'more' AS more FROM api.browse_recordings(most => 13, total => true) p;
-- nothing found
SELECT api.browse_recordings(search => 'zebra', total => true);

-- rows by ids: whatever became of them, and nobody else's
SELECT set_config('role', 'none', true);
SELECT leap.delete_recording(test.id('b05'))->>'message' AS message;
SELECT ARRAY[test.id('b05'), test.id('b10'), test.id('b01'), test.id('of eve')] AS ids \gset
SELECT test.become('bo@example.org');
SELECT i->>'display_name' AS name, i->'deleted' AS deleted, i->'blank_record' AS blank FROM jsonb_array_elements(api.browse_recordings(ids => :'ids')->'items') i;
-- with filters: which of them belong into this list
SELECT f.what, jsonb_path_query_array(f.list, '$.items[*].display_name') AS names FROM (VALUES
    ('not blank, not deleted', api.browse_recordings(ids => :'ids', include_blank => false, deleted => false)), ('deleted', api.browse_recordings(deleted => true)),
    ('blank', api.browse_recordings(blank => true)), ('active', api.browse_recordings(active => true, sort_by => 'display_name')),
    ('failed', api.browse_recordings(failed => true)), ('held', api.browse_recordings(held => true)), ('mapped', api.browse_recordings(is_mapped => true)),
    ('day', api.browse_recordings(from_date => '2026-01-02', to_date => '2026-01-02', sort_by => 'display_name', sort_order => 'asc')),
    ('published', api.browse_recordings(target_status => '{UPLOADED}'))) AS f (what, list);

-- what a row says: why it failed and what to do; the tasks of a stage that goes on; every target; no link to a poster that there is not
SELECT i->>'display_name' AS name, i->'error' AS error, i->'on_air' AS on_air, i->'hold' AS hold,
       jsonb_path_query_array(i, '$.processing_stages[0 to 1].tasks[*].state') AS tasks, jsonb_path_query_array(i, '$.targets[*].status') AS targets, i->'poster_link' AS poster
FROM jsonb_array_elements(api.browse_recordings(search => 'b-', sort_by => 'display_name', sort_order => 'asc')->'items') i;

-- a poster can be fetched by its link, which is the same for hours
SELECT set_config('role', 'none', true);
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
VALUES (test.id('b01'), test.user_id('bo@example.org'), 'poster', 'users/p.jpg', 5, repeat('0', 64), 'image/jpeg'), (test.id('b05'), test.user_id('bo@example.org'), 'poster', 'users/q.jpg', 5, repeat('0', 64), 'image/jpeg');
SELECT test.become('bo@example.org');
SELECT i->>'poster_link' AS link FROM jsonb_array_elements(api.browse_recordings(search => 'b01')->'items') i \gset
SELECT :'link' LIKE '/files/%?exp=%&download=false&sig=%' AS a_link, :'link' = (api.browse_recordings(search => 'b01') #>> '{items,0,poster_link}') AS the_same,
       api.browse_recordings(deleted => true) #> '{items,0,poster_link}' AS of_a_deleted_one;
SELECT set_config('role', 'none', true);
SELECT s.uri, substring(:'link' FROM 'exp=(\d+)')::bigint - extract(epoch FROM now()) BETWEEN 21600 AND 43200 AS for_hours
FROM leap.signed_file(substring(:'link' FROM '/files/([^?]+)')::uuid, substring(:'link' FROM 'exp=(\d+)')::bigint, false, substring(:'link' FROM 'sig=(.*)')) s;
-- where there is a small picture, that
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
VALUES (test.id('b01'), test.user_id('bo@example.org'), 'miniature', 'users/m.jpg', 5, repeat('0', 64), 'image/jpeg');
SELECT x.item->>'poster_link' LIKE format('/files/%s?%%', a.id) AS small
FROM leap.recording_items(ARRAY[test.id('b01')]) x, leap.artifacts a WHERE a.recording_id = x.id AND a.kind = 'miniature';
SELECT test.become('bo@example.org');

-- choices: each counted among what the other filters leave
SELECT c - 'templates' AS choices, jsonb_path_query_array(c, '$.templates[*].name') AS templates, jsonb_path_query_array(c, '$.templates[*].count') AS counts
FROM (VALUES (api.recording_choices()), (api.recording_choices(status => '{FAILED}')), (api.recording_choices(search => 'b0')), (api.recording_choices(include_blank => true, search => '1'))) v (c);

-- what may be done: the judge's word for each operation there is
SELECT o->>'operation' AS operation, o->'allowed' AS allowed, o->>'code' AS code, o->>'reason' AS reason, o->>'hint' AS hint
FROM jsonb_array_elements(api.recording_operations((api.browse_recordings(search => 'b-fails') #>> '{items,0,id}')::uuid)) o;
SELECT jsonb_agg(o->>'operation') FILTER (WHERE (o->>'allowed')::boolean) AS allowed
FROM jsonb_array_elements(api.recording_operations((api.browse_recordings(search => 'b-runs') #>> '{items,0,id}')::uuid)) o;

-- what is refused, and how
SELECT e.* FROM unnest(ARRAY[$$SELECT api.browse_recordings(most => 501)$$, $$SELECT api.browse_recordings(most => 0)$$, $$SELECT api.browse_recordings(sort_order => 'up')$$,
    $$SELECT api.browse_recordings(sort_by => 'colour')$$, $$SELECT api.browse_recordings(after => 'x', before => 'y')$$, $$SELECT api.browse_recordings(after => 'x')$$,
    $$SELECT api.browse_recordings(before => 'x')$$,
    $$SELECT api.browse_recordings(from_date => 'soon')$$, $$SELECT api.browse_recordings(status => '{GONE}')$$, $$SELECT api.recording_choices(status => '{GONE}')$$,
    $$SELECT api.recording_operations('018f0000-0000-7000-8000-000000000000')$$]) s CROSS JOIN LATERAL test.error(s) e \gx
SELECT e.code AS of_another_order FROM test.error($$SELECT api.browse_recordings(before => api.browse_recordings(most => 2)->>'next', sort_by => 'status')$$) e;
SELECT test.become('eve@example.org');
SELECT jsonb_path_query_array(api.browse_recordings(), '$.items[*].display_name') AS names, jsonb_path_query_array(api.recording_choices(), '$.templates[*].name') AS templates;
SELECT e.message FROM test.error(format('SELECT api.recording_operations(%L)', (:'ids'::uuid[])[1])) e;
ROLLBACK;
