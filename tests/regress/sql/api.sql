-- Schema api: what a tenant reaches of recordings and tasks, and that nothing of another's can be read, done or told apart
-- from what there is not.
SELECT leap.add_user('api@example.org') IS NOT NULL AND leap.add_user('foe@example.org') IS NOT NULL AS added;
SELECT test.start('api mine', 'api@example.org'), test.start('api foreign', 'foe@example.org');
CREATE TABLE test.api_things AS
    SELECT r.display_name = 'api mine' AS mine, r.id AS recording, (SELECT min(t.id) FROM leap.tasks t WHERE t.recording_id = r.id) AS task
    FROM leap.recordings r WHERE r.display_name IN ('api mine', 'api foreign') ORDER BY r.display_name DESC;
CREATE FUNCTION test.mine() RETURNS uuid LANGUAGE sql SECURITY DEFINER AS $$ SELECT f.recording FROM test.api_things f WHERE f.mine $$;
CREATE FUNCTION test.theirs() RETURNS uuid LANGUAGE sql SECURITY DEFINER AS $$ SELECT f.recording FROM test.api_things f WHERE NOT f.mine $$;
CREATE FUNCTION test.their_task() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$ SELECT f.task FROM test.api_things f WHERE NOT f.mine $$;
CREATE FUNCTION test.their_state() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT md5(string_agg(x.t, '|' ORDER BY x.t)) FROM (
        SELECT r::text FROM leap.recordings r JOIN leap.users u ON u.id = r.user_id WHERE u.email = 'foe@example.org'
        UNION ALL SELECT t::text FROM leap.tasks t JOIN leap.users u ON u.id = t.user_id WHERE u.email = 'foe@example.org'
        UNION ALL SELECT s::text FROM leap.runs s JOIN leap.users u ON u.id = s.user_id WHERE u.email = 'foe@example.org'
        UNION ALL SELECT o::text FROM leap.output_targets o JOIN leap.users u ON u.id = o.user_id WHERE u.email = 'foe@example.org') x (t)
$$;
-- the error of a statement, or its value; ids as <id>
CREATE FUNCTION test.said(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE statement INTO answer;
    RETURN regexp_replace(coalesce(answer, 'null'), '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', '<id>', 'g');
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || regexp_replace(SQLERRM, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|task \d+', '<id>', 'g');
END
$$;
GRANT EXECUTE ON FUNCTION test.mine(), test.theirs(), test.their_task(), test.said(text) TO leap_user;

-- own rows only, in every view, for an administrator too
CREATE FUNCTION test.become_admin(email text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('request.jwt.claims', jsonb_build_object('role', 'leap_admin', 'sub', test.user_id(email))::text, true);
    PERFORM set_config('role', 'leap_admin', true);
END
$$;
GRANT USAGE ON SCHEMA test TO leap_admin;
BEGIN;
SELECT test.become('api@example.org');
SELECT display_name, status FROM api.recordings;
SELECT stage_name, status, progress FROM api.processing_stages ORDER BY place;
SELECT kind, status, state, pg_typeof(id) AS id_is FROM api.tasks ORDER BY kind;
SELECT target_type, status FROM api.output_targets;
SELECT state, trigger FROM api.runs;
SELECT DISTINCT recording_id = test.mine() AS mine FROM api.task_events;
SELECT quota, used FROM api.quota WHERE quota IN ('recordings_per_month', 'processing_per_month') ORDER BY 1;
-- what belongs to what
SELECT r.display_name, (SELECT count(*) FROM api.processing_stages(r)) AS stages, (SELECT count(*) FROM api.tasks(r)) AS tasks,
       (SELECT count(*) FROM api.output_targets(r)) AS targets, (SELECT count(*) FROM api.runs(r)) AS runs FROM api.recordings r;
SELECT DISTINCT (SELECT r.display_name FROM api.recordings(t) r) AS recording, (SELECT u.state FROM api.runs(t) u) AS run FROM api.tasks t;
COMMIT;
BEGIN;
SELECT test.become_admin('api@example.org');
SELECT display_name FROM api.recordings;
SELECT count(*) AS stages FROM api.processing_stages;
COMMIT;
BEGIN;
SELECT set_config('role', 'leap_anon', true);
SELECT count(*) FROM api.recordings;
ROLLBACK;

-- the list of the original
BEGIN;
SELECT test.become('api@example.org');
SELECT l - 'items' AS page, jsonb_array_length(l->'items') AS items FROM api.list_recordings() l;
SELECT i->'display_name' AS name, i->'status' AS status, i->'on_air' AS on_air, i->'can_run' AS can_run, i->'can_pause' AS can_pause,
       i->'ready_to_upload' AS ready_to_upload, i->'is_runtime' AS is_runtime, i->'uploads'->'library'->'status' AS library,
       i #> '{processing_stages,0,stage_type}' AS stage, i->'source' AS source
FROM api.list_recordings() l, jsonb_array_elements(l->'items') i;
SELECT jsonb_agg(k ORDER BY k) AS members FROM api.list_recordings() l, jsonb_object_keys(l #> '{items,0}') k;
SELECT f.what, f.list->'total' AS total FROM (VALUES
    ('status', api.list_recordings(status => '{INITIALIZED,FAILED}')), ('another status', api.list_recordings(status => '{READY}')),
    ('search', api.list_recordings(search => 'MINE')), ('no match', api.list_recordings(search => 'zebra')), ('blank search', api.list_recordings(search => ' ')),
    ('is_mapped', api.list_recordings(is_mapped => true)), ('template', api.list_recordings(template_id => ARRAY[test.theirs()])), ('failed', api.list_recordings(failed => false)),
    ('today', api.list_recordings(from_date => (now() AT TIME ZONE 'UTC')::date, to_date => (now() AT TIME ZONE 'UTC')::date)),
    ('until yesterday', api.list_recordings(to_date => (now() AT TIME ZONE 'UTC')::date - 1)), ('page 2', api.list_recordings(page => 2))) AS f (what, list);
SELECT test.said($$SELECT api.list_recordings(page => 0)$$);
SELECT test.said($$SELECT api.list_recordings(per_page => 101)$$);
SELECT test.said($$SELECT api.list_recordings(sort_order => 'up')$$);
SELECT test.said($$SELECT api.list_recordings(sort_by => 'user_id')$$);
SELECT test.said($$SELECT api.list_recordings(status => '{GONE}')$$);
COMMIT;

-- another's, and what there is not: the same words, and nothing happens
SELECT test.their_state() AS before \gset
SELECT o.operation, r.reply FROM unnest('{get_recording,run_recording,retry_recording,cancel_recording,pause_recording,resume_recording,accept_recording,skip_recording,
    unskip_recording,delete_recording,restore_recording,reset_recording,recording_stages,recording_history,recording_files,download_recording,trim_recording,
    transcribe_recording,extract_topics,generate_subtitles,upload_recording,get_recording_config,clear_recording_config,unbind_recording_template}'::text[]) o (operation)
CROSS JOIN LATERAL (SELECT test.become('api@example.org')) b
CROSS JOIN LATERAL (
    SELECT CASE WHEN x.theirs = x.nobodys THEN x.theirs ELSE 'TOLD APART: ' || x.theirs || ' / ' || x.nobodys END AS reply
    FROM (SELECT test.said(format('SELECT api.%I(test.theirs())::text', o.operation)) AS theirs,
                 test.said(format('SELECT api.%I(''01990000-0000-7000-8000-000000000000'')::text', o.operation)) AS nobodys) x) r;
RESET ROLE;
BEGIN;
SELECT test.become('api@example.org');
SELECT test.said($$SELECT api.set_recording_priority(test.theirs(), 1)$$), test.said($$SELECT api.change_recording(test.theirs(), 'x')$$),
       test.said($$SELECT api.change_recording_config(test.theirs(), '{}')$$), test.said($$SELECT api.run_recording(test.theirs(), dry_run => true)$$),
       test.said($$SELECT api.run_recording(test.theirs(), idempotency_key => 'k')$$) \gx
SELECT test.said($$SELECT api.operate_recordings('delete', ARRAY[test.theirs()])$$);
SELECT test.said($$SELECT api.operate_recordings('run', ARRAY[test.theirs()], dry_run => true)$$);
SELECT test.said($$SELECT api.operate_recordings('cancel', filters => '{"user": "foe@example.org"}')$$);
SELECT test.said($$SELECT api.export_recordings(ARRAY[test.theirs()])$$);
SELECT test.said($$SELECT api.get_task(test.their_task())$$), test.said($$SELECT api.cancel_task(test.their_task())$$), test.said($$SELECT api.get_task(999999999)$$);
SELECT test.said($$SELECT jsonb_array_length(api.list_tasks(recording_id => test.theirs())->'items')$$);
SELECT test.said($$UPDATE api.recordings SET display_name = 'x' WHERE id = test.theirs() RETURNING id$$), test.said($$DELETE FROM api.recordings WHERE id = test.theirs() RETURNING id$$);
SELECT test.said($$SELECT leap.operation_allowed(test.theirs(), 'run')$$);
COMMIT;
SELECT test.their_state() = :'before' AS untouched;

-- writing to the view
BEGIN;
SELECT test.become('api@example.org');
INSERT INTO api.recordings (source, display_name) VALUES ('{"type": "url", "url": "https://example.org/a.mp4"}', 'api added') RETURNING display_name, status;
SELECT test.said($$INSERT INTO api.recordings (source, status) VALUES ('{"type": "url", "url": "https://example.org/a.mp4"}', 'READY')$$);
SELECT test.said($$INSERT INTO api.recordings (source) VALUES ('{"type": "file", "path": "/etc/passwd"}')$$);
SELECT test.said($$INSERT INTO api.recordings (source) VALUES ('{"type": "url", "url": "https://example.org/a.mp4", "credential_id": "x"}')$$);
UPDATE api.recordings SET display_name = 'api renamed', config = '{"trimming": {"padding_before": 1}}' WHERE display_name = 'api added' RETURNING display_name, config;
SELECT test.said($$UPDATE api.recordings SET status = 'READY', retry_count = 3 WHERE display_name = 'api renamed'$$);
SELECT test.said($$UPDATE api.recordings SET display_name = '' WHERE display_name = 'api renamed'$$);
SELECT test.said($$UPDATE api.recordings SET template_id = test.theirs() WHERE display_name = 'api renamed'$$);
DELETE FROM api.recordings WHERE display_name = 'api renamed' RETURNING display_name;
SELECT display_name, restorable FROM api.deleted_recordings;
SELECT api.restore_recording(id)->'success' AS restored FROM api.deleted_recordings;
COMMIT;

-- operations
BEGIN;
SELECT test.become('api@example.org');
SELECT r - '{recording_id,run_id,task_id}'::text[] AS paused FROM api.pause_recording(test.mine()) r;
SELECT r - '{recording_id,run_id,task_id}'::text[] AS goes_on FROM api.resume_recording(test.mine()) r;
SELECT test.said($$SELECT api.run_recording(test.mine())$$);
SELECT r - '{recording_id,run_id,task_id}'::text[] AS cancelled FROM api.cancel_recording(test.mine()) r;
SELECT r->'allowed' AS allowed, s->>'name' AS step, s->'enabled' AS enabled FROM api.run_recording(test.mine(), dry_run => true) r, jsonb_array_elements(r->'steps') s;
SELECT r->'success' AS runs, r->>'task_id' ~ '^\d+$' AS task FROM api.run_recording(test.mine(), processing_config => '{"trimming": {"padding_after": 2}}', config => '{"trimming": {"padding_before": 3}}') r;
SELECT config->'trimming'->'padding_after' AS after, config->'trimming'->'padding_before' AS before FROM api.runs WHERE state = 'active';
SELECT api.list_tasks(per_page => 100000)->'per_page' AS per_page;
SELECT r->'state' AS state, r->'kind' AS kind FROM api.list_tasks(status => '{PENDING}', kind => '{download}') l, jsonb_array_elements(l->'items') r;
SELECT test.said($$SELECT api.operate_recordings('run')$$);
SELECT test.said($$SELECT api.operate_recordings('run', filters => '{"from_date": "yesterday"}')$$);
SELECT test.said($$SELECT api.list_recordings(from_date => '2026-02-02', to_date => '2026-02-01')$$);
SELECT test.said($$SELECT api.operate_recordings('explode', ARRAY[test.mine()])$$);
SELECT test.said($$SELECT api.operate_recordings('run', ARRAY[test.mine()], '{}')$$);
SELECT test.said($$SELECT api.operate_recordings('run', filters => '{"colour": 1}')$$);
SELECT r - 'tasks' AS counts, t->'status' AS status, t->'code' AS code FROM api.operate_recordings('cancel', filters => '{"search": "api"}') r, jsonb_array_elements(r->'tasks') t;
SELECT test.said($$SELECT api.reset_recording(test.mine(), delete_files => false)$$);
SELECT api.change_recording_config(test.mine(), output_config => '{"auto_upload": false}')->'config' AS config;
SELECT api.clear_recording_config(test.mine());
SELECT config FROM api.recordings WHERE id = test.mine();
COMMIT;

-- export: no cell is a formula, and who may not does not
BEGIN;
SELECT test.become('api@example.org');
SELECT api.change_recording(test.mine(), '=HYPERLINK("http://x","y")')->'display_name' AS name;
SELECT split_part(api.export_recordings(ARRAY[test.mine()], format => 'csv'), E'\r\n', 1) = chr(65279) || '"id","display_name","start_time","duration","status","library_url","main_topics"' AS head,
       split_part(api.export_recordings(ARRAY[test.mine()], format => 'csv'), E'\r\n', 2) ~ '^"[-0-9a-f]{36}","''=HYPERLINK\(""http://x"",""y""\)",' AS guarded;
SELECT api.export_recordings(ARRAY[test.mine()])::jsonb #>> '{0,display_name}' AS json;
SELECT test.said($$SELECT api.export_recordings(ARRAY[test.mine()], format => 'xlsx')$$);
SELECT current_setting('response.headers', true) AS fields;
SELECT set_config('request.path', '/api/v1/recordings/export', true), length(api.export_recordings(ARRAY[test.mine()], format => 'csv')) > 0 AS made;
SELECT current_setting('response.headers', true) AS fields;
COMMIT;
UPDATE leap.users SET can_export_data = false WHERE email = 'api@example.org';
BEGIN;
SELECT test.become('api@example.org');
SELECT test.said($$SELECT api.export_recordings(filters => '{}')$$);
COMMIT;
-- each export is noted, with what was taken out
SELECT resource_type, resource_id = details->'recording_ids'->>0 AS this_one, result, details - 'recording_ids' AS details, count(*)
FROM leap.audit_logs WHERE action = 'export' AND user_id = (SELECT id FROM leap.users WHERE email = 'api@example.org') GROUP BY 1, 2, 3, 4 ORDER BY 5, 4;
UPDATE leap.users SET can_export_data = true WHERE email = 'api@example.org';

-- every route leads to a function that is described and has the arguments of the path; no row stands twice
SELECT r.method, r.path, r.function FROM leap.routes() r
WHERE (SELECT count(*) FROM pg_proc p WHERE p.pronamespace = 'api'::regnamespace AND p.proname = r.function) <> 1
   OR r.comment IS NULL OR r.method NOT IN ('GET', 'POST', 'PUT', 'PATCH', 'DELETE');
SELECT r.path, v.name FROM leap.routes() r
CROSS JOIN LATERAL (SELECT x[1] AS name FROM regexp_matches(r.path, '\{(\w+)\}', 'g') x UNION ALL SELECT jsonb_object_keys(r.arguments) UNION ALL SELECT r.body WHERE r.body IS NOT NULL) v
JOIN pg_proc p ON p.pronamespace = 'api'::regnamespace AND p.proname = r.function WHERE v.name <> ALL (p.proargnames);
SELECT r.method, regexp_replace(r.path, '\{\w+\}', '{}', 'g') AS path FROM leap.routes() r GROUP BY 1, 2 HAVING count(*) > 1;
-- what reads may be asked by GET
SELECT r.method, r.path, p.provolatile FROM leap.routes() r JOIN pg_proc p ON p.pronamespace = 'api'::regnamespace AND p.proname = r.function
WHERE r.method = 'GET' AND p.provolatile = 'v' AND NOT coalesce('default_transaction_read_only=off' = ANY (p.proconfig), false);
SELECT r.path AS counts_what_it_shows FROM leap.routes() r JOIN pg_proc p ON p.pronamespace = 'api'::regnamespace AND p.proname = r.function
WHERE r.method = 'GET' AND 'default_transaction_read_only=off' = ANY (p.proconfig);
-- everything in the schema is described; views read as the caller
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'api'::regnamespace AND c.relkind = 'v'
   AND (obj_description(c.oid, 'pg_class') IS NULL OR NOT coalesce('security_invoker=true' = ANY (c.reloptions), false));
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'api'::regnamespace AND c.relkind NOT IN ('v', 'c');
SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'api'::regnamespace AND (obj_description(p.oid, 'pg_proc') IS NULL OR p.prosecdef);
