-- Lists of recordings: filters, search, sort orders, pages that go on where one stopped, and indexes that serve them.
SELECT test.connect();
SELECT leap.add_user('lena@example.org') IS NOT NULL AND leap.add_user('max@example.org') IS NOT NULL AS added;
SELECT count(leap.add_recording('lena@example.org', '{"type": "url", "url": "https://e.org/a"}', name)) FROM unnest(ARRAY[
    'Algebra 1', 'Algebra 2', 'ALGEBRA 3, 50 % off', 'Алгебра: лекция 1', 'алгебра: семинар 2', 'Ёлки', E'Йога и\u0306оги', 'snake_case', 'snakeXcase',
    'back\slash', 'O''Reilly', 'ﬁne ligature']) name;
SELECT count(leap.add_recording('max@example.org', '{"type": "url", "url": "https://e.org/a"}', 'Algebra of max'));
-- several begin at the same time, and the order of beginning is not that of creation
UPDATE leap.recordings r SET start_time = timestamptz '2026-01-01 10:00+00' + (x.n % 4) * interval '1 day'
FROM (SELECT y.id, row_number() OVER (ORDER BY y.id) AS n FROM leap.recordings y WHERE y.user_id = test.user_id('lena@example.org')) x WHERE r.id = x.id;

-- walks a list in pages and returns the names in the order they came
CREATE FUNCTION test.walk(filters jsonb, sort text, most int) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    names text[] := '{}';
    page text[];
    place text;
BEGIN
    LOOP
        SELECT array_agg(l.name ORDER BY l.n), (array_agg(l."cursor" ORDER BY l.n DESC))[1] INTO page, place
        FROM (SELECT *, row_number() OVER () AS n FROM leap.list_recordings(filters, place, most, sort)) l;
        names := names || coalesce(page, '{}');
        EXIT WHEN coalesce(cardinality(page), 0) < most;
    END LOOP;
    RETURN names;
END
$$;
GRANT EXECUTE ON FUNCTION test.walk(jsonb, text, int) TO leap_user;

-- what a tenant gets: newest first, all there is to show in one row
BEGIN;
SELECT test.become('lena@example.org');
SELECT name, status, "user", progress, jsonb_path_query_array(stages, '$[*].status') AS stages, targets #>> '{0,status}' AS target
FROM leap.list_recordings(most => 3);
SELECT (SELECT array_agg(k) FROM jsonb_object_keys(stages -> 0) k) AS stage, (SELECT array_agg(k) FROM jsonb_object_keys(targets -> 0) k) AS target FROM leap.list_recordings(most => 1);
-- in every order the pages together are the whole list, once
SELECT sort, test.walk('{}', sort, 5) = test.walk('{}', sort, 100) AS same, cardinality(test.walk('{}', sort, 1)) AS names
FROM (SELECT s.sort FROM leap.recording_sorts() s UNION ALL SELECT '-' || s.sort FROM leap.recording_sorts() s) x ORDER BY 1;
SELECT test.walk('{}', 'created_at', 4) AS oldest_first;
SELECT test.walk('{}', '-start_time', 4) AS latest_begun_first;
SELECT test.walk('{}', 'display_name', 4) AS by_name;
COMMIT;

-- what is added and deleted between two pages neither repeats nor hides a row
BEGIN;
SELECT test.become('lena@example.org');
SELECT name, "cursor" AS place FROM leap.list_recordings(most => 4) OFFSET 3 \gset
RESET ROLE;
SELECT leap.add_recording('lena@example.org', '{"type": "url", "url": "https://e.org/a"}', 'added meanwhile') IS NOT NULL AS added;
SELECT leap.delete_recording(test.id(:'name'))->>'message' AS message, leap.delete_recording(test.id('O''Reilly'))->>'message' AS message;
SELECT test.become('lena@example.org');
SELECT :'name' AS last_of_the_first_page, array_agg(name) AS second_page FROM leap.list_recordings(after => :'place', most => 4);
SELECT test.walk('{"deleted": true}', 'display_name', 1) AS deleted;
ROLLBACK;

-- another's cursor leads nowhere but to one's own rows; another's name is unknown
SELECT test.id('Algebra of max') AS of_max \gset
BEGIN;
SELECT test.become('max@example.org');
SELECT "cursor" AS place FROM leap.list_recordings() \gset
SELECT test.become('lena@example.org');
SELECT count(*) AS older, count(*) FILTER (WHERE "user" <> 'lena@example.org') AS of_others FROM leap.list_recordings(after => :'place', most => 100);
SELECT test.walk('{"user": "LENA@example.org", "search": "algebra 1"}', 'created_at', 9) AS own;
SELECT e.code, e.message FROM unnest(ARRAY[$$SELECT * FROM leap.list_recordings('{"user": "max@example.org"}')$$,
    $$SELECT * FROM leap.count_recordings('{"user": "nobody@example.org"}')$$,
    format('SELECT leap.recording_detail(%L)', :'of_max')]) s CROSS JOIN LATERAL test.error(s) e;
SELECT leap.recording_detail(id) ->> 'name' AS detail FROM leap.list_recordings(most => 1);
SELECT set_config('request.jwt.claims', '', true);
SELECT count(*) AS without_claims FROM leap.list_recordings();
ROLLBACK;
SET ROLE leap_operator;
SELECT count(DISTINCT "user") >= 2 AS operators_see_all FROM leap.list_recordings(most => 1000);
SELECT array_agg(name) FROM leap.list_recordings('{"user": "max@example.org"}');
RESET ROLE;

-- search: words in any order and case, in any script and form; signs of patterns and quotes are just signs
BEGIN;
SELECT test.become('lena@example.org');
SELECT words, test.walk(jsonb_build_object('search', words), 'display_name', 2) AS names FROM unnest(ARRAY['algebra', '2 ALG', 'АЛГЕБРА', 'лекция алгебра', 'елки', 'ЁЛ',
    E'\u0438\u0306ога ги', '%', '_', '\', '''', 'e_c', '50 %', 'fine', 'algebra geometry', '  ', ''' OR true --', 'a']) words;
COMMIT;

-- filters
SELECT test.start('l-failed', 'max@example.org');
SELECT count(*) FROM test.claim() WHERE name = 'l-failed';
SELECT test.fail('download', 'l-failed', 'input', 'no such file');
SELECT test.start('l-done', 'max@example.org');
SELECT test.advance('l-done', 'none');
SELECT test.start('l-held', 'max@example.org');
SELECT leap.pause_recording(test.id('l-held'))->>'message';
BEGIN;
SELECT test.become('max@example.org');
SELECT filters, test.walk(filters, 'display_name', 2) AS names FROM (VALUES ('{"status": ["FAILED", "UPLOADED"]}'::jsonb), ('{"status": "FAILED"}'), ('{"failed": true}'),
    ('{"failed": "false"}'), ('{"held": true}'), ('{"blank": false, "held": null}'), ('{"target_status": ["UPLOADED"]}'), ('{"from": "2026-01-02", "to": "2026-01-03"}'),
    ('{"from": "2999-01-01"}'), ('{"deleted": true}'), ('{"deleted": false, "search": "l-"}')) AS v (filters);
SELECT * FROM leap.count_recordings('{"failed": false}');
SELECT * FROM leap.count_recordings('{}', 2);
-- stages of a recording that failed, one that is held, one that is done, one that is new
SELECT name, status, failed, hold, error->>'message' AS error, progress, jsonb_path_query_array(stages, '$[*].status') AS stages, jsonb_path_query_array(stages, '$[*].progress') AS progress
FROM leap.list_recordings(sort => 'display_name');
COMMIT;
SELECT leap.reset_recording(test.id('l-failed'))->>'message', leap.reset_recording(test.id('l-done'))->>'message';
SELECT name, progress, jsonb_path_query_array(stages, '$[*].status') AS stages FROM leap.list_recordings('{"search": "l-"}', sort => 'display_name') WHERE name LIKE 'l-%';

SELECT count(*) > 0 AS nulls_are_defaults FROM leap.list_recordings(NULL, NULL, NULL);
SELECT * FROM leap.count_recordings(NULL, -1);

-- what is refused, and how
SELECT e.* FROM unnest(ARRAY[$$SELECT * FROM leap.list_recordings('{"colour": "red"}')$$, $$SELECT * FROM leap.list_recordings('{"status": ["DONE"]}')$$, $$SELECT * FROM leap.list_recordings('{"status": [null]}')$$, $$SELECT * FROM leap.list_recordings('{"target_status": {"a": 1}}')$$,
    $$SELECT * FROM leap.list_recordings('{"failed": "maybe"}')$$, $$SELECT * FROM leap.list_recordings('{"failed": {}}')$$, $$SELECT * FROM leap.list_recordings('{"search": ["a"]}')$$,
    $$SELECT * FROM leap.list_recordings('{"from": "yesterweek"}')$$, $$SELECT * FROM leap.list_recordings('{"to": "2026-02-30"}')$$,
    $$SELECT * FROM leap.list_recordings('{"user": "nobody@example.org"}')$$, $$SELECT * FROM leap.list_recordings('[]')$$,
    $$SELECT * FROM leap.list_recordings(jsonb_build_object('search', repeat('x ', 11)))$$, $$SELECT * FROM leap.list_recordings(jsonb_build_object('search', repeat('x', 201)))$$,
    $$SELECT * FROM leap.list_recordings(sort => 'colour')$$, $$SELECT * FROM leap.list_recordings(sort => 'id; DROP TABLE x')$$,
    $$SELECT * FROM leap.list_recordings(most => 0)$$, $$SELECT * FROM leap.list_recordings(most => 10001)$$,
    $$SELECT * FROM leap.list_recordings(after => 'x')$$, $$SELECT * FROM leap.list_recordings(after => 'ÿ€')$$, $$SELECT * FROM leap.list_recordings(after => '')$$,
    $$SELECT * FROM leap.list_recordings(after => leap.make_cursor('status', 'x', '018f0000-0000-7000-8000-000000000000'))$$,
    $$SELECT * FROM leap.list_recordings(after => leap.make_cursor('-created_at', '1', NULL))$$,
    $$SELECT * FROM leap.list_recordings(after => leap.make_cursor('start_time', 'noon', '018f0000-0000-7000-8000-000000000000'), sort => 'start_time')$$]) s CROSS JOIN LATERAL test.error(s) e \gx

-- whatever a tenant looks at, no big table is read from end to end
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO leap.recordings (user_id, display_name, source, status, delete_state)
    SELECT u.id, 'Lecture ' || i, '{"type": "url"}', 'UPLOADED', 'active' FROM generate_series(1, 6000) i
    JOIN (SELECT x.id, row_number() OVER (ORDER BY x.id) - 1 AS n, count(*) OVER () AS users FROM leap.users x) u ON u.n = i % u.users;
INSERT INTO leap.runs (recording_id, user_id, state, trigger, config, finished_at) SELECT id, user_id, 'finished', 'user', '{}', now() FROM leap.recordings WHERE source = '{"type": "url"}';
INSERT INTO leap.tasks (run_id, recording_id, user_id, lane, kind, queue, stage, state)
    SELECT r.id, r.recording_id, r.user_id, 1, k.kind, k.queue, k.stage, 'succeeded' FROM leap.runs r, leap.task_kinds k WHERE r.config = '{}' AND k.stage IS NOT NULL;
INSERT INTO leap.output_targets (recording_id, user_id, target_type, status) SELECT id, user_id, 'LIBRARY', 'UPLOADED' FROM leap.recordings WHERE source = '{"type": "url"}';
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT id, user_id, 'source', 'plan/' || id, 1, repeat('0', 64), 'x/y' FROM leap.recordings WHERE source = '{"type": "url"}';
INSERT INTO leap.task_events (entity, recording_id, user_id, task, to_state) SELECT 'task', recording_id, user_id, id, state FROM leap.tasks;
SET LOCAL session_replication_role = origin;
ANALYZE leap.recordings, leap.runs, leap.tasks, leap.output_targets, leap.artifacts, leap.task_events;
CREATE FUNCTION test.end_to_end(statement text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    before jsonb;
    big constant text := '^(recordings|runs|tasks|output_targets|artifacts|task_events_\d+)$';
BEGIN
    before := (SELECT jsonb_object_agg(s.relname, s.seq_tup_read) FROM pg_stat_xact_user_tables s WHERE s.relname ~ big);
    PERFORM test.become('max@example.org');
    EXECUTE statement;
    RESET ROLE;
    RETURN ARRAY(SELECT s.relname FROM pg_stat_xact_user_tables s WHERE s.relname ~ big AND s.seq_tup_read > (before->>s.relname)::bigint);
END
$$;
-- a page reads its own rows in each order, from the beginning and from a place on (by creation it may take the primary key,
-- in which those of others are few)
CREATE FUNCTION test.rows_read(statement text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    before bigint := (SELECT s.seq_tup_read + s.idx_tup_fetch FROM pg_stat_xact_user_tables s WHERE s.relid = 'leap.recordings'::regclass);
BEGIN
    PERFORM test.become('max@example.org');
    EXECUTE statement;
    RESET ROLE;
    RETURN (SELECT s.seq_tup_read + s.idx_tup_fetch FROM pg_stat_xact_user_tables s WHERE s.relid = 'leap.recordings'::regclass) - before;
END
$$;
SELECT s.sort, test.rows_read(format($$SELECT * FROM leap.recording_page('{}', NULL, 5, %L)$$, s.sort)) AS first,
       test.rows_read(format($$SELECT * FROM leap.recording_page('{}', %L, 5, %L)$$, leap.make_cursor(s.sort, s.key, p.id), s.sort)) AS next
FROM (SELECT r.* FROM leap.recordings r JOIN leap.users u ON u.id = r.user_id WHERE u.email = 'max@example.org' ORDER BY r.id OFFSET 200 LIMIT 1) p
CROSS JOIN LATERAL (
    SELECT d || x.sort AS sort, to_jsonb(p)->>CASE x.sort WHEN 'created_at' THEN 'id' ELSE x.sort END AS key FROM leap.recording_sorts() x, unnest('{"",-}'::text[]) d WHERE x.sort <> 'created_at') s ORDER BY 1;
SELECT s.statement, test.end_to_end(s.statement) AS read_from_end_to_end FROM unnest(ARRAY[
    $$SELECT * FROM leap.list_recordings()$$,
    $$SELECT * FROM leap.list_recordings(sort => 'start_time')$$,
    $$SELECT * FROM leap.list_recordings(sort => 'display_name')$$,
    $$SELECT * FROM leap.list_recordings(sort => '-updated_at')$$,
    $$SELECT * FROM leap.list_recordings('{"status": ["FAILED"]}')$$,
    $$SELECT * FROM leap.list_recordings('{"failed": true}')$$,
    $$SELECT * FROM leap.list_recordings('{"held": true}')$$,
    $$SELECT * FROM leap.list_recordings('{"target_status": ["FAILED"]}')$$,
    $$SELECT * FROM leap.list_recordings('{"search": "lecture"}')$$,
    $$SELECT * FROM leap.list_recordings('{"search": "5999"}')$$,
    $$SELECT * FROM leap.list_recordings('{"search": "thermodynamics"}')$$,
    $$SELECT * FROM leap.list_recordings('{"deleted": true}')$$,
    $$SELECT * FROM leap.list_recordings('{"active": true}')$$,
    $$SELECT * FROM leap.list_recordings('{"active": false}')$$,
    $$SELECT * FROM leap.list_recordings(sort => 'status')$$,
    $$SELECT api.recording_choices()$$,
    $$SELECT api.recording_choices(status => '{FAILED}', failed => true)$$,
    $$SELECT * FROM leap.count_recordings()$$,
    $$SELECT leap.recording_detail((SELECT id FROM leap.list_recordings(most => 1)))$$,
    $$SELECT * FROM leap.processing_stages WHERE recording_id = (SELECT id FROM leap.list_recordings(most => 1))$$,
    $$SELECT * FROM leap.list_tasks()$$,
    $$SELECT * FROM leap.list_tasks(filters => '{"status": "PROCESSING"}')$$,
    $$SELECT * FROM leap.list_tasks(filters => jsonb_build_object('recording', (SELECT id FROM leap.list_recordings(most => 1))))$$,
    $$SELECT * FROM leap.get_task((SELECT id::bigint FROM leap.list_tasks(most => 1)))$$,
    $$SELECT * FROM leap.history((SELECT id FROM leap.list_recordings(most => 1)))$$]) AS s(statement);
ROLLBACK;
DELETE FROM leap.users WHERE email IN ('lena@example.org', 'max@example.org');
