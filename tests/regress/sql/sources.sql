-- Input sources: what may be said of them, what a sync brings, and what it leaves alone.
SELECT leap.add_user('source@example.org') IS NOT NULL AND leap.add_user('other@example.org') IS NOT NULL AS added;
CREATE FUNCTION test.source(name text) RETURNS uuid LANGUAGE sql AS $$ SELECT s.id FROM leap.input_sources s WHERE s.name = source.name $$;
CREATE FUNCTION test.refuses(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    EXECUTE command;
    RETURN 'allowed';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, hint);
END
$$;

-- what a config may have
SELECT x.spec, test.refuses(format('SELECT leap.add_source(%L, ''source@example.org'')', x.spec)) FROM (VALUES
    ('[]'), ('{"name": "x", "colour": 1}'), ('{"name": "x"}'), ('{"name": "x", "source_type": "FTP"}'), ('{"name": " ", "source_type": "URL_LIST", "config": {"url": "https://e.org"}}'),
    ('{"name": "x", "source_type": "URL_LIST"}'), ('{"name": "x", "source_type": "URL_LIST", "config": []}'), ('{"name": "x", "source_type": "URL_LIST", "config": {"path": "/srv"}}'),
    ('{"name": "x", "source_type": "URL_LIST", "config": {"url": "ftp://e.org/list"}}'), ('{"name": "x", "source_type": "URL_LIST", "config": {"url": "https://e.org", "urls": ["https://e.org/a"]}}'),
    ('{"name": "x", "source_type": "URL_LIST", "config": {"urls": []}}'), ('{"name": "x", "source_type": "URL_LIST", "config": {"urls": ["https://e.org/a", 7]}}'),
    ('{"name": "x", "source_type": "URL_LIST", "config": {"url": "https://e.org", "key_by": "it"}}'), ('{"name": "x", "source_type": "INBOX"}'), ('{"name": "x", "source_type": "INBOX", "config": {"path": "lectures"}}'), ('{"name": "x", "source_type": "INBOX", "config": {"path": "/srv/lectures/../.."}}'),
    ('{"name": "x", "source_type": "INBOX", "config": {"path": "/etc"}}'), ('{"name": "x", "source_type": "INBOX", "config": {"path": "/srv/lectures2"}}'),
    ('{"name": "x", "source_type": "INBOX", "config": {"path": "/srv/lectures", "recursive": "yes"}}'), ('{"name": "x", "source_type": "INBOX", "config": {"path": "/srv/lectures", "settle_seconds": 0}}'),
    ('{"name": "x", "source_type": "INBOX", "config": {"path": "/srv/lectures", "file_pattern": "(a"}}'), ('{"name": "x", "source_type": "INBOX", "config": {"path": "/srv/lectures", "file_pattern": "(a+)\\1"}}'),
    ('{"name": "x", "source_type": "INBOX", "config": {"path": "/srv/lectures"}, "is_active": "yes"}')) AS x(spec);
-- platforms: what each has to be told, and a credential where one is needed
SELECT x.type, x.config, test.refuses(format('SELECT leap.add_source(jsonb_build_object(''name'', ''x'', ''source_type'', %L, ''config'', %L::jsonb), ''source@example.org'')', x.type, x.config)) FROM (VALUES
    ('ZOOM', '{}'), ('ZOOM', '{"user_id": "a/b"}'), ('ZOOM', '{"user_emails": ["a@e.org"]}'), ('ZOOM', '{"is_master_account": true, "user_emails": ["a@e.org", "me"]}'),
    ('ZOOM', '{"is_master_account": true, "user_emails": []}'), ('ZOOM', '{"views": ["shared_screen", "a/b"]}'), ('ZOOM', '{"views": [7]}'), ('ZOOM', '{"days_back": 0}'), ('ZOOM', '{"folder_path": "/a"}'),
    ('YANDEX_DISK', '{}'), ('YANDEX_DISK', '{"folder_path": "/a", "public_url": "https://disk.yandex.ru/d/a"}'), ('YANDEX_DISK', '{"folder_path": "/a"}'), ('YANDEX_DISK', '{"public_url": "http://disk.yandex.ru/d/a"}'),
    ('YANDEX_DISK', '{"public_url": "https://me:hush@disk.yandex.ru/d/a"}'), ('YANDEX_DISK', '{"public_url": "https://disk.yandex.ru/d/a", "recursive": 1}'),
    ('S3', '{}'), ('S3', '{"bucket": "lectures"}'), ('S3', '{"bucket": "Lectures"}'), ('S3', '{"bucket": "a..b"}'), ('S3', '{"bucket": "lectures", "prefix": ""}'),
    ('SITE', '{}'), ('SITE', '{"url": "file:///etc/passwd"}'), ('SITE', '{"url": "https://me:hush@e.org/list"}'), ('SITE', '{"url": "https://e.org/list", "quality": "8k"}'), ('SITE', '{"url": "https://e.org/list", "format": "avi"}'),
    ('SITE', '{"url": "https://e.org/list", "most": 0}')) AS x(type, config);
SELECT test.refuses(format('SELECT leap.add_source(%L, ''source@example.org'')', x.spec)) FROM (VALUES
    ('{"name": "x", "source_type": "SITE", "config": {"url": "https://e.org/list"}, "credential_id": "018f0000-0000-7000-8000-000000000001"}'), ('{"name": "x", "source_type": "ZOOM", "credential_id": "mine"}'),
    ('{"name": "x", "source_type": "ZOOM", "credential_id": 7}')) AS x(spec);
SELECT leap.source_fault(x.source::jsonb) FROM (VALUES ('{"type": "zoom"}'), ('{"type": "zoom", "meeting": "a=="}'), ('{"type": "yandex_disk"}'), ('{"type": "yandex_disk", "public_key": "k"}'), ('{"type": "s3", "bucket": "b"}'),
    ('{"type": "s3", "bucket": "b", "key": "k", "bytes": "x"}'), ('{"type": "site", "url": "https://me@e.org"}')) AS x(source);
SELECT leap.add_source('{"name": " Inbox ", "source_type": "INBOX", "config": {"path": "/srv//lectures/", "file_pattern": null}}', 'source@example.org') = test.source('Inbox') AS added;
SELECT leap.add_source('{"name": "Feed", "source_type": "URL_LIST", "config": {"url": "https://e.org/feed", "blank_seconds": 60}}', 'source@example.org') = test.source('Feed') AS added;
SELECT test.refuses($$SELECT leap.add_source('{"name": "Feed", "source_type": "URL_LIST", "config": {"url": "https://e.org/feed"}}', 'source@example.org')$$);
SELECT name, source_type, config, is_active, last_sync_at, last_error FROM leap.input_sources ORDER BY name;
-- rules hold whoever writes
SELECT test.refuses(format($$UPDATE leap.input_sources SET config = '{"path": "/srv/more"}' WHERE id = %L$$, test.source('Inbox')));
SELECT test.refuses(format($$UPDATE leap.input_sources SET source_type = 'URL_LIST' WHERE id = %L$$, test.source('Inbox')));

-- changing: single keys, null is the default; copying
SELECT leap.change_source(test.source('Inbox'), '{"config": {"settle_seconds": 3, "recursive": false}, "description": "the hall"}') - '{id,created_at,updated_at}'::text[];
SELECT leap.change_source(test.source('Inbox'), '{"config": {"recursive": null}}')->'config' AS config;
SELECT test.refuses(format($$SELECT leap.change_source(%L, '{"name": "Feed"}')$$, test.source('Inbox'))), test.refuses(format($$SELECT leap.change_source(%L, '{"name": null}')$$, test.source('Inbox')));
SELECT leap.change_source(test.source('Feed'), '{"config": {"urls": ["https://e.org/a"]}}')->'config' AS config;
SELECT leap.change_source(test.source('Feed'), '{"config": {"url": "https://e.org/feed"}}')->'config' AS config;
SELECT count(leap.copy_source(test.source('Feed'))), count(leap.copy_source(test.source('Feed'))) FROM generate_series(1, 2);
SELECT name, is_active FROM leap.input_sources ORDER BY name;
SELECT leap.delete_source(s.id) FROM leap.input_sources s WHERE s.name LIKE 'Copy%' ORDER BY s.name;
SELECT action, before->>'name' AS before, after->>'name' AS after FROM leap.audit_logs WHERE resource_type = 'source' AND coalesce(after, before)->>'user' = 'source@example.org' ORDER BY at, action;

-- a worker's answer to what it was asked
CREATE FUNCTION test.answer(items jsonb, more jsonb = '{}') RETURNS TABLE (input jsonb, told text) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    WITH got AS MATERIALIZED (SELECT c.* FROM test.me m, leap.claim(m.worker, m.secret, 100) c WHERE c.kind = 'sync')
    SELECT g.input::jsonb - 'correlation_id', (SELECT coalesce(r.reason, 'accepted') FROM leap.complete(jsonb_build_array(jsonb_build_object('task', g.task, 'fence', g.fence,
        'result', jsonb_build_object('facts', jsonb_build_object('items', items, 'seen', jsonb_array_length(items)) || more)))) r)
    FROM got g;
END
$$;
CREATE FUNCTION test.item(name text, start_time text = NULL, more jsonb = '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('source_key', 'url:https://e.org/' || name, 'display_name', name, 'start_time', extract(epoch FROM start_time::timestamptz), 'file', name || '.mp4',
        'source', jsonb_build_object('type', 'url', 'url', 'https://e.org/' || name))) || more
$$;
CREATE FUNCTION test.synced() RETURNS TABLE (name text, start_time text, status text, unmatched_reason text) LANGUAGE sql AS $$
    SELECT r.display_name, to_char(r.start_time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), r.status, r.unmatched_reason FROM leap.recordings r
    WHERE r.input_source_id IS NOT NULL ORDER BY r.display_name
$$;
CREATE FUNCTION test.sync(n int = 1) RETURNS TABLE (source text, dry_run boolean, state text, found int, created int, known int, updated int, refused int) LANGUAGE sql AS $$
    SELECT x->>'source_name', (x->>'dry_run')::boolean, x->>'state', (x->>'found')::int, (x->>'created')::int, (x->>'known')::int, (x->>'updated')::int, (x->>'refused')::int
    FROM leap.sync_list('source@example.org', most => n) x
$$;
SELECT test.connect();

-- the same wish is one task; another day is another wish
SELECT leap.sync_source(test.source('Feed')) = leap.sync_source(test.source('Feed')) AS joined, leap.sync_source(test.source('Feed')) = leap.sync_source(test.source('Feed'), dry_run => true) AS dry_too,
       leap.sync_source(test.source('Feed')) = leap.sync_source(test.source('Feed'), '2026-01-01') AS from_too;
SELECT test.refuses(format($$SELECT leap.sync_source(%L, '2026-01-02', '2026-01-01')$$, test.source('Feed')));
SELECT input, told FROM test.answer('[]');
SELECT * FROM test.sync(4);

-- a dry run tells, and writes nothing
SELECT leap.sync_source(test.source('Feed'), dry_run => true) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.item('one', '2026-01-01 10:00Z'), test.item('two', '2026-01-02 10:00Z', '{"duration": 3600, "bytes": "1000"}'), test.item('short', '2026-01-03 10:00Z', '{"duration": 59}')));
SELECT * FROM test.sync();
SELECT jsonb_pretty(leap.sync_status((x->>'id')::uuid)#>'{report,items}') AS items, x#>'{report,items}' AS listed FROM leap.sync_list(most => 1) x;
SELECT count(*) FROM leap.recordings WHERE input_source_id IS NOT NULL;

-- what is new comes once; what cannot be is told; one that says it is short is skipped; the task keeps the counts only
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.item('one', '2026-01-01 10:00Z'), test.item('one', '2026-01-01 10:00Z', '{"display_name": "one again"}'),
    test.item('two', '2026-01-02 10:00Z', '{"duration": 3600, "bytes": "1000", "metadata": {"author": "A"}}'), test.item('short', '2026-01-03 10:00Z', '{"duration": 59}'), test.item('later', '2026-01-04 10:00Z', '{"ready": false}'),
    test.item('evil', NULL, '{"source": {"type": "file", "path": "/srv/lectures/a.mp4"}}'), test.item('odd', NULL, '{"source": {"type": "url", "url": "gopher://x"}}'), '{"display_name": "no key"}', '7', 'null'),
    '{"problems": ["line 3 is no link"], "waiting": 0, "truncated": true}');
SELECT * FROM test.sync();
SELECT * FROM test.synced();
SELECT x->'report' #- '{recordings}' AS report FROM leap.sync_list(most => 1) x;
SELECT result FROM leap.tasks WHERE kind = 'sync' ORDER BY id DESC LIMIT 1;
SELECT source_metadata, source, duration, flags, blank_record FROM leap.recordings WHERE display_name IN ('two', 'short') ORDER BY 1;

-- the same again, and what changed: names unless a person gave another, what became ready, what waits to be fetched
UPDATE leap.recordings SET display_name = 'my two' WHERE display_name = 'two';
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.item('one', '2026-01-01 11:00Z', '{"display_name": "One"}'), test.item('two', '2026-01-02 10:00Z', '{"display_name": "Two", "duration": 3600}'),
    test.item('short', '2026-01-03 10:00Z', '{"duration": 59}'), test.item('later', '2026-01-04 10:00Z')));
SELECT * FROM test.sync();
SELECT * FROM test.synced();
-- what is made of it keeps what it was made of; what is deleted does not come back
SELECT leap.delete_recording(test.id('One')) IS NOT NULL AND leap.run_recording(test.id('later')) IS NOT NULL AS done;
SELECT kind, name FROM test.claim();
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.item('one', '2026-01-01 11:00Z', '{"display_name": "One!"}'), test.item('later', '2026-01-04 10:00Z', '{"display_name": "Later"}')));
SELECT * FROM test.sync();
SELECT * FROM test.synced();

-- a meeting that is not ready is one recording for the time being, then its first part; when its source removes it is known
SELECT leap.add_source('{"name": "Disk", "source_type": "YANDEX_DISK", "config": {"public_url": "https://disk.yandex.ru/d/a"}}', 'source@example.org') IS NOT NULL AS added;
CREATE FUNCTION test.meeting(key text, more jsonb) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('source_key', key, 'display_name', key, 'start_time', 1e9, 'source', jsonb_build_object('type', 'yandex_disk', 'public_key', 'k', 'path', '/' || key)) || more
$$;
CREATE FUNCTION test.meetings() RETURNS TABLE (source_key text, status text, path text, own boolean, expires timestamptz) LANGUAGE sql AS $$
    SELECT r.source_key, r.status, r.source->>'path', r.source->>'source_id' = test.source('Disk')::text, r.source_expires_at FROM leap.recordings r WHERE r.source->>'type' = 'yandex_disk' ORDER BY 1
$$;
SELECT leap.sync_source(test.source('Disk')) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.meeting('m', '{"ready": false}'), test.item('one', NULL)));
SELECT * FROM test.sync();
SELECT * FROM test.meetings();
-- it is asked again by itself, for the days of what was not ready, once in a while
SELECT leap.recheck_sources() AS too_early;
UPDATE leap.source_syncs SET requested_at = requested_at - interval '31 minutes' WHERE source_id = test.source('Disk');
SELECT leap.recheck_sources() AS asked, leap.recheck_sources() AS asked_already;
SELECT x.from_date, x.to_date, x.dry_run FROM leap.source_syncs x WHERE x.source_id = test.source('Disk') AND x.state = 'waiting';
SELECT told FROM test.answer(jsonb_build_array(test.meeting('m', '{"ready": false}')));
SELECT leap.recheck_sources() AS too_early_again;
SELECT leap.sync_source(test.source('Disk')) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.meeting('m:1', '{"placeholder": "m", "expires": 2000000000}'), test.meeting('m:2', '{}')));
SELECT * FROM test.sync();
SELECT * FROM test.meetings();
SELECT leap.sync_source(test.source('Disk')) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.meeting('m:1', '{"placeholder": "m", "expires": 2000000000}'), test.meeting('m:2', '{"placeholder": "m"}')));
SELECT * FROM test.sync();
SELECT * FROM test.meetings();
-- one more file of it is made, or an older answer comes last: it is known by its parts, also when they were purged
SELECT leap.sync_source(test.source('Disk')) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.meeting('m', '{"ready": false, "parts": "m:"}'), test.meeting('m:', '{"ready": false, "parts": "m:2"}'), test.meeting('mm', '{"parts": "m:"}')));
SELECT * FROM test.sync();
SELECT * FROM test.meetings();
DELETE FROM leap.recordings r WHERE r.source_key IN ('m:', 'mm');
INSERT INTO leap.purged_sources (user_id, source_key, recording_id) SELECT r.user_id, 'gone:1', r.id FROM leap.recordings r WHERE r.source_key = 'm:1';
SELECT leap.sync_source(test.source('Disk')) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.meeting('gone', '{"ready": false, "parts": "gone:"}')));
SELECT * FROM test.sync();
SELECT * FROM test.meetings();
-- what its source is about to remove is downloaded first
UPDATE leap.recordings r SET source_expires_at = CASE r.source_key WHEN 'm:1' THEN clock_timestamp() + interval '2 days 1 hour' ELSE clock_timestamp() + interval '20 days' END WHERE r.source->>'type' = 'yandex_disk';
SELECT leap.run_recording(r.id) IS NOT NULL AS started FROM leap.recordings r WHERE r.source->>'type' = 'yandex_disk' ORDER BY r.source_key;
SELECT r.source_key, t.kind, t.prio FROM leap.tasks t JOIN leap.recordings r ON r.id = t.recording_id WHERE r.source->>'type' = 'yandex_disk' AND t.kind IN ('download', 'trim') ORDER BY 1, 2;
SELECT x.days, leap.task_priority(x.priority::smallint, 'download', clock_timestamp() + x.days) FROM (VALUES (0, interval '-1 day'), (0, '1 hour'), (-10, '1 hour'), (5, '3 days 1 hour'), (-9, '3 days 1 hour'), (0, '9 days 1 hour'), (3, '10 days 1 hour'), (0, NULL)) AS x(priority, days);
-- what waits moves up as the day comes near, never down
UPDATE leap.recordings r SET source_expires_at = clock_timestamp() + CASE r.source_key WHEN 'm:1' THEN interval '8 days 1 hour' ELSE '4 days 1 hour' END WHERE r.source->>'type' = 'yandex_disk';
SELECT leap.raise_expiring() AS raised, leap.raise_expiring() AS again;
SELECT r.source_key, t.kind, t.prio, c.prio AS waits FROM leap.tasks t JOIN leap.recordings r ON r.id = t.recording_id LEFT JOIN leap.task_ready c ON c.task = t.id WHERE r.source->>'type' = 'yandex_disk' AND t.kind IN ('download', 'trim') ORDER BY 1, 2;
SELECT leap.cancel_recording(r.id) IS NOT NULL AS cancelled FROM leap.recordings r WHERE r.source->>'type' = 'yandex_disk';
DELETE FROM leap.recordings r WHERE r.source->>'type' = 'yandex_disk';

-- days are those of the user; what has no time is of now; what is known is found outside, too
UPDATE leap.users SET timezone = 'Asia/Tokyo' WHERE email = 'source@example.org';
SELECT leap.sync_source(test.source('Feed'), '2026-02-01', '2026-02-02') IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.item('jan', '2026-01-31 14:59Z'), test.item('feb', '2026-01-31 15:00Z'), test.item('end', '2026-02-02 14:59Z'), test.item('after', '2026-02-02 15:00Z'),
    test.item('appeared', '2020-01-01 00:00Z', jsonb_build_object('appeared', extract(epoch FROM timestamptz '2026-02-01 12:00Z'))), test.item('two', '2026-01-02 10:00Z', '{"display_name": "Two", "duration": 3601}')));
SELECT * FROM test.sync();
SELECT * FROM test.synced() WHERE name IN ('jan', 'feb', 'end', 'after', 'appeared');

-- the month is nearly used up: the oldest that fit, the rest is told and comes later
SELECT leap.set_quota('source@example.org', 'recordings_per_month', ((SELECT used FROM leap.quota_status('source@example.org') WHERE quota = 'recordings_per_month') + 2)::text, NULL) IS NOT NULL AS set;
SELECT leap.sync_source(test.source('Feed'), dry_run => true) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.item('q3', '2026-03-03 10:00Z'), test.item('q0', '2026-03-01 10:00Z', '{"duration": 1}'), test.item('q1', '2026-03-01 10:00Z'), test.item('q2', '2026-03-02 10:00Z'), test.item('q4')));
SELECT i->>'display_name' AS name, i->>'refused' AS refused FROM leap.sync_list(most => 1) x, jsonb_array_elements(leap.sync_status((x->>'id')::uuid)#>'{report,items}') i;
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.item('q3', '2026-03-03 10:00Z'), test.item('q0', '2026-03-01 10:00Z', '{"duration": 1}'), test.item('q1', '2026-03-01 10:00Z'), test.item('q2', '2026-03-02 10:00Z'), test.item('q4')));
SELECT * FROM test.sync();
SELECT name FROM test.synced() WHERE name LIKE 'q%';
SELECT x#>'{report,refusals}' AS refusals FROM leap.sync_list(most => 1) x;
SELECT leap.set_quota('source@example.org', 'recordings_per_month', 'unlimited', NULL) IS NOT NULL AS set;
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.item('q3', '2026-03-03 10:00Z'), test.item('q1', '2026-03-01 10:00Z'), test.item('q2', '2026-03-02 10:00Z'), test.item('q4')));
SELECT * FROM test.sync();

-- an inbox has files below its folder, by pattern; a worker that says something else is not believed
SELECT leap.change_source(test.source('Inbox'), '{"config": {"file_pattern": "^lecture.*\\.mp4$"}}')->'config' AS config;
SELECT leap.sync_source(test.source('Inbox')) IS NOT NULL AS asked;
SELECT input, told FROM test.answer((SELECT jsonb_agg(jsonb_build_object('source_key', 'inbox:' || file, 'display_name', file, 'file', file, 'source', jsonb_build_object('type', 'file', 'path', folder || file, 'bytes', '5')))
    FROM (VALUES ('/srv/lectures/', 'lecture1.mp4'), ('/srv/lectures/', 'note.mp4'), ('/srv/more/', 'lecture2.mp4'), ('/srv/lectures/../more/', 'lecture3.mp4'), ('/srv/lectures/deep/', 'lecture4.mp4')) AS f(folder, file)));
SELECT * FROM test.sync();
SELECT r.display_name, r.source FROM leap.recordings r WHERE r.source_key LIKE 'inbox:%' ORDER BY 1;

-- what a pattern cannot be tried with is neither taken nor passed over in silence
BEGIN;
ALTER TABLE leap.input_sources DISABLE TRIGGER guard_source;
UPDATE leap.input_sources SET config = config || '{"file_pattern": "(a)\\1"}' WHERE id = test.source('Feed');
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.item('untried', '2026-03-04 10:00Z')));
SELECT * FROM test.sync();
SELECT x#>'{report,refusals}' AS refusals FROM leap.sync_list(most => 1) x;
ROLLBACK;

-- no URL carries a password: not one that is given, nor one that a list has; what is old shows none
SELECT test.refuses(c) FROM unnest(ARRAY[
    $$SELECT leap.add_source('{"name": "p", "source_type": "URL_LIST", "config": {"url": "https://me:hush@e.org/feed"}}', 'source@example.org')$$,
    $$SELECT leap.add_source('{"name": "p", "source_type": "URL_LIST", "config": {"urls": ["https://e.org/a@b", "HTTPS://me@e.org/a"]}}', 'source@example.org')$$,
    $$SELECT leap.add_source('{"name": "p", "source_type": "URL_LIST", "config": {"url": ["https://me:hush@e.org/feed"]}}', 'source@example.org')$$,
    $$SELECT leap.add_recording('source@example.org', '{"type": "url", "url": "https://me:hush@e.org/a"}')$$,
    $$SELECT leap.add_recording('source@example.org', '{"type": "url", "url": "ftp://me:hush@e.org/a"}')$$]) c;
SELECT leap.sync_source(test.source('Feed'), dry_run => dry) IS NOT NULL AS asked FROM unnest('{f,t}'::bool[]) dry;
SELECT told FROM test.answer(jsonb_build_array('{"source_key": "url:https://me:hush@e.org/a", "display_name": "https://me:hush@e.org", "source": {"type": "url", "url": "https://me:hush@e.org/a"}}'::jsonb),
    '{"problems": ["https://me:hush@e.org/b is no link"]}');
SELECT * FROM test.sync(2);
SELECT x#>'{report,refusals}' AS refusals, leap.sync_status((x->>'id')::uuid)#>'{report,items,0,refused}' AS refused, leap.sync_status((x->>'id')::uuid)#>'{report,items,0,source_key}' AS key, x#>'{report,problems}' AS problems
FROM leap.sync_list(most => 2) x ORDER BY 1;
SELECT count(*) AS leaks FROM (SELECT x::text FROM leap.source_syncs x UNION ALL SELECT t.result::text FROM leap.tasks t UNION ALL SELECT a::text FROM leap.audit_logs a UNION ALL SELECT r::text FROM leap.recordings r) AS s(said) WHERE said LIKE '%hush%';
BEGIN;
ALTER TABLE leap.input_sources DISABLE TRIGGER guard_source;
UPDATE leap.input_sources SET config = '{"url": "https://me:hush@e.org/feed?to=a@b"}' WHERE id = test.source('Feed');
UPDATE leap.recordings SET source = '{"type": "url", "url": "https://me:hush@e.org/a@b"}' WHERE id = test.id('my two');
SELECT x->'config' AS config, leap.recording_detail(test.id('my two'))->'source' AS source FROM leap.source_list('source@example.org') x WHERE x->>'name' = 'Feed';
ROLLBACK;

-- another user has his own; the same key is another recording
SELECT leap.add_source('{"name": "Others", "source_type": "URL_LIST", "config": {"url": "https://e.org/feed"}}', 'other@example.org') IS NOT NULL AS added;
SELECT leap.sync_source(test.source('Others')) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.item('two', '2026-01-02 10:00Z')));
SELECT u.email, r.display_name FROM leap.recordings r JOIN leap.users u ON u.id = r.user_id WHERE r.source_key = 'url:https://e.org/two' ORDER BY 1;

-- a failure is written to the source until it works again; a cancelled one is not, nor that of a dry run
CREATE FUNCTION test.break_sync(code text) RETURNS text LANGUAGE sql AS $$
    SELECT leap.fail(c.task, c.fence, jsonb_build_object('class', 'permanent', 'code', code, 'message', 'it broke', 'hint', 'mend it')) FROM test.me m, leap.claim(m.worker, m.secret, 100) c WHERE c.kind = 'sync'
$$;
SELECT leap.sync_source(test.source('Feed'), dry_run => true) IS NOT NULL AS asked;
SELECT test.break_sync('access_denied');
SELECT x->>'state' AS state, x#>>'{error,code}' AS code FROM leap.sync_list(most => 1) x;
SELECT last_error IS NULL AS left_alone, (SELECT count(*) FROM leap.notifications n WHERE n.event = 'source_failed' AND n.user_id = s.user_id) AS told FROM leap.input_sources s WHERE name = 'Feed';
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT test.break_sync('access_denied');
SELECT last_error - 'at' AS last_error FROM leap.input_sources WHERE name = 'Feed';
SELECT x->>'state' AS state, x->'error' AS error FROM leap.sync_list(most => 1) x;
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT leap.cancel_task((x->>'task')::bigint) IS NOT NULL AS cancelled FROM leap.sync_list(most => 1) x;
SELECT x->>'state' AS state, x->'error' AS error FROM leap.sync_list(most => 1) x;
SELECT last_error - 'at' AS last_error FROM leap.input_sources WHERE name = 'Feed';
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT told FROM test.answer('[]');
SELECT last_error FROM leap.input_sources WHERE name = 'Feed';

SELECT check_name, status, detail FROM leap.doctor() WHERE check_name = 'sources';
-- the owner is told once, until it works again or something else breaks
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT test.break_sync('access_denied');
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT test.break_sync('access_denied');
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT test.break_sync('source_missing');
SELECT check_name, status, detail, hint FROM leap.doctor() WHERE check_name = 'sources';
SELECT n.event, n.count, n.payload - 'source' AS payload FROM leap.notifications n JOIN leap.users u ON u.id = n.user_id
WHERE u.email = 'source@example.org' AND n.event = 'source_failed' ORDER BY n.created_at, n.id;
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT told FROM test.answer('[]');

-- templates: what comes gets the one that fits, also once its name does; what a person decided stays
SELECT leap.add_template(jsonb_build_object('name', 'Physics', 'matching_rules', jsonb_build_object('keywords', jsonb_build_array('physics'), 'source_ids', jsonb_build_array(test.source('Feed')))), 'source@example.org') IS NOT NULL AS added;
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.item('t1', '2026-04-01 10:00Z', '{"display_name": "Physics 1"}'), test.item('t2', '2026-04-02 10:00Z'), test.item('t3', '2026-04-03 10:00Z'),
    test.item('t4', '2026-04-04 10:00Z', '{"display_name": "Physics in short", "duration": 5}'), test.item('t5', '2026-04-05 10:00Z', '{"display_name": "Physics later", "ready": false}')));
CREATE FUNCTION test.matched() RETURNS TABLE (name text, status text, template text, by text, reason text) LANGUAGE sql AS $$
    SELECT r.display_name, r.status, t.name, r.template_by, r.unmatched_reason FROM leap.recordings r LEFT JOIN leap.recording_templates t ON t.id = r.template_id
    WHERE r.source_key ~ '/t[0-9]$' ORDER BY r.source_key
$$;
SELECT * FROM test.matched();
SELECT leap.unbind_template(test.id('t3')) IS NOT NULL AS decided;
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.item('t2', '2026-04-02 10:00Z', '{"display_name": "Physics 2"}'), test.item('t3', '2026-04-03 10:00Z', '{"display_name": "Physics 3"}')));
SELECT * FROM test.matched();
-- targets are made when a run begins
SELECT count(*) AS before FROM leap.output_targets WHERE recording_id = test.id('Physics 1');
SELECT leap.run_recording(test.id('Physics 1')) IS NOT NULL AS started;
SELECT target_type, status FROM leap.output_targets WHERE recording_id = test.id('Physics 1');
SELECT leap.cancel_recording(test.id('Physics 1')) IS NOT NULL AS cancelled;
SELECT test.refuses(format('SELECT leap.delete_source(%L)', test.source('Feed')));
SELECT leap.delete_template(t.id) IS NOT NULL AS deleted FROM leap.recording_templates t WHERE t.name = 'Physics';

-- foolish answers end the sync and harm nobody
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.item('f', NULL, '{"start_time": 1e300, "duration": "long", "bytes": "many", "metadata": 7, "display_name": 5, "ready": "no"}'), test.item('g', NULL, '{"source_key": 7, "source": "x"}'), test.item('h', NULL, '{"start_time": -5, "duration": -1}'),
    test.item('i', NULL, jsonb_build_object('source_key', repeat('ж', 600))), test.item('j', NULL, jsonb_build_object('source', jsonb_build_object('type', 'url', 'url', 'https://e.org/' || repeat('x', 6000))))),
    '{"seen": "x", "problems": {"a": 1}, "truncated": "yes", "waiting": null}');
SELECT * FROM test.sync();
SELECT name, status FROM test.synced() WHERE name IN ('5', 'f', 'g', 'h');
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT told FROM test.answer('[]', '{"items": "none"}');
SELECT * FROM test.sync();

-- more than one answer holds: the sync goes on, part by part, to the end; a wish meanwhile is another sync, whose task comes after
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT input->'after' AS after, told FROM test.answer(jsonb_build_array(test.item('part 1', '2025-01-01 10:00Z'), test.item('part 1b', '2025-01-02 10:00Z')), '{"truncated": true, "next": {"from": 2}, "problems": ["line 1"]}');
SELECT * FROM test.sync();
SELECT x->>'part' AS part, x->'begun' AS begun, x->'report' #- '{recordings}' AS report FROM leap.sync_list('source@example.org', most => 1) x;
SELECT leap.sync_source(test.source('Feed')) <> (x->>'id')::uuid AS another FROM leap.sync_list('source@example.org', most => 1) x;
SELECT leap.sync_ended((x->>'id')::uuid, 'cancelled', NULL) FROM leap.sync_list('source@example.org', most => 1) x;
SELECT input->'after' AS after, told FROM test.answer(jsonb_build_array(test.item('part 1b', '2025-01-02 10:00Z'), test.item('part 2', '2025-01-03 10:00Z')), '{"truncated": true, "next": {"from": 4}, "problems": ["line 2"]}');
SELECT input->'after' AS after, told FROM test.answer(jsonb_build_array(test.item('part 3', '2025-01-04 10:00Z')), '{"truncated": false}');
SELECT * FROM test.sync(2);
SELECT x->'report' #- '{recordings}' AS report, jsonb_array_length(x#>'{report,recordings}') AS brought, x->>'part' AS part FROM leap.sync_list('source@example.org', most => 2) x WHERE x->>'state' = 'succeeded';
-- who does not get on comes to an end; what came stays when a part fails; a dry run tells all of it, with the room there is
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT told FROM test.answer('[]', '{"truncated": true, "next": {"from": 2}}') UNION ALL SELECT told FROM test.answer('[]', '{"truncated": true, "next": {"from": 2}}');
SELECT * FROM test.sync();
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.item('part 4', '2025-01-05 10:00Z')), '{"truncated": true, "next": {"from": 2}}');
SELECT leap.sync_ended((x->>'id')::uuid, 'failed', '{"class": "permanent", "code": "gone", "message": "it is gone"}') FROM leap.sync_list('source@example.org', most => 1) x;
SELECT * FROM test.sync();
SELECT input, told FROM test.answer('[]');
SELECT leap.sync_source(test.source('Feed'), dry_run => true) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.item('part 4'), test.item('part 5')), '{"truncated": true, "next": {"from": 2}}');
SELECT told FROM test.answer(jsonb_build_array(test.item('part 6')));
SELECT * FROM test.sync();
SELECT i->>'display_name' AS name, i->>'known' AS known FROM leap.sync_list('source@example.org', most => 1) x, jsonb_array_elements(leap.sync_status((x->>'id')::uuid)#>'{report,items}') i;
-- what says where it stopped in more words than anybody can keep is cut off
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT told FROM test.answer('[]', jsonb_build_object('truncated', true, 'next', jsonb_build_object('x', repeat('x', 400001))));
SELECT x->>'state' AS state, x#>'{report,truncated}' AS truncated FROM leap.sync_list('source@example.org', most => 1) x;

-- a playlist is asked once, without a source; the formats of a video are told
SELECT test.refuses(c) FROM unnest(ARRAY[$$SELECT leap.ask_site('{"url": "file:///etc/passwd"}', "user" => 'source@example.org')$$, $$SELECT leap.ask_site('{"url": "https://e.org/list", "quality": "8k"}', "user" => 'source@example.org')$$,
    $$SELECT leap.ask_site('{"url": "https://e.org/list"}', 'colours', "user" => 'source@example.org')$$, $$SELECT leap.check_source('{"type": "site", "url": "https://e.org/v", "quality": "8k"}')$$, $$SELECT leap.check_source('{"type": "site", "url": "https://e.org/v", "format": "avi"}')$$]) c;
SELECT leap.ask_site('{"url": "https://e.org/list", "quality": "720p"}', "user" => 'source@example.org') IS NOT NULL AS asked;
SELECT input - '{import_roots,endpoints}'::text[] AS input, told FROM test.answer(jsonb_build_array(test.item('film', '2025-02-01 10:00Z', '{"source_key": "site:tube:1", "source": {"type": "site", "url": "https://e.org/1", "quality": "720p"}}'), test.item('no film')), '{"truncated": true, "next": {"from": 2}}');
SELECT told FROM test.answer(jsonb_build_array(test.item('film 2', '2025-02-02 10:00Z', '{"source_key": "site:tube:2", "source": {"type": "site", "url": "https://e.org/2"}}')));
SELECT * FROM test.sync();
SELECT display_name, status, source, input_source_id FROM leap.recordings WHERE source->>'type' = 'site' ORDER BY source_key;
SELECT leap.ask_site('{"url": "https://e.org/1"}', 'formats', "user" => 'source@example.org') IS NOT NULL AS asked;
SELECT input->'look' AS look, told FROM test.answer('[]', '{"formats": {"title": "One", "formats": [{"id": "22", "ext": "mp4", "height": 720}]}}');
SELECT x->>'state' AS state, x->>'dry_run' AS dry_run, x->'report' AS report FROM leap.sync_list('source@example.org', most => 1) x;
SELECT leap.ask_site('{"url": "https://e.org/1"}', 'formats', "user" => 'source@example.org') IS NOT NULL AS asked;
SELECT leap.sync_ended((x->>'id')::uuid, 'failed', '{"class": "permanent", "code": "site_disabled", "message": "this worker fetches nothing from video sites"}') FROM leap.sync_list('source@example.org', most => 1) x;
SELECT x->>'state' AS state, x#>>'{error,code}' AS code FROM leap.sync_list('source@example.org', most => 1) x;
SELECT told FROM test.answer('[]');
SELECT test.refuses($$SELECT count(leap.ask_site('{"url": "https://e.org/1"}', 'formats', "user" => 'source@example.org')) FROM generate_series(1, 21)$$);

-- switched off: nobody asks it; deleted while a sync waits: the task finds nobody waiting; what it had stays known
SELECT leap.change_source(test.source('Feed'), '{"is_active": false}')->'is_active' AS active;
SELECT test.refuses(format('SELECT leap.sync_source(%L)', test.source('Feed'))), leap.start_syncs(ARRAY[test.source('Feed')]);
SELECT leap.change_source(test.source('Feed'), '{"is_active": null}')->'is_active' AS active;
SELECT cardinality(leap.start_syncs(ARRAY[test.source('Feed'), test.source('Others'), test.source('Feed'), leap.uuid7()])) AS started;
SELECT leap.delete_source(test.source('Feed'));
SELECT input->'gone' AS gone, told FROM test.answer('[]');
SELECT state, error->>'code' AS code FROM leap.source_syncs ORDER BY id DESC LIMIT 2;
SELECT leap.add_source('{"name": "Feed", "source_type": "URL_LIST", "config": {"url": "https://e.org/feed"}}', 'source@example.org') IS NOT NULL AS added;
SELECT leap.sync_source(test.source('Feed')) IS NOT NULL AS asked;
SELECT told FROM test.answer(jsonb_build_array(test.item('two', '2026-01-02 10:00Z', '{"display_name": "Two from elsewhere"}')));
SELECT * FROM test.sync();
SELECT r.display_name, r.input_source_id = test.source('Feed') AS adopted FROM leap.recordings r WHERE r.source_metadata->>'display_name' = 'Two from elsewhere';

-- tenants: their own, no folders, nothing of others
CREATE FUNCTION test.as_tenant(email text, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    PERFORM set_config('request.jwt.claims', jsonb_build_object('sub', (SELECT u.id FROM leap.users u WHERE u.email = as_tenant.email))::text, true);
    SET LOCAL ROLE leap_user;
    BEGIN
        EXECUTE command INTO said;
    EXCEPTION WHEN OTHERS THEN
        said := SQLSTATE || ' ' || SQLERRM;
    END;
    RESET ROLE;
    PERFORM set_config('request.jwt.claims', '', true);
    RETURN said;
END
$$;
SELECT test.as_tenant('other@example.org', c) FROM unnest(ARRAY[
    $$SELECT string_agg(s->>'name', ', ') FROM leap.source_list() s$$, $$SELECT leap.source_list('source@example.org')$$,
    $$SELECT leap.add_source('{"name": "Mine", "source_type": "URL_LIST", "config": {"url": "https://e.org/mine"}}') IS NOT NULL$$,
    $$SELECT leap.add_source('{"name": "Etc", "source_type": "INBOX", "config": {"path": "/srv/lectures"}}')$$,
    $$SELECT leap.add_source('{"name": "Mine", "source_type": "URL_LIST", "config": {"url": "https://e.org/mine"}}', 'source@example.org')$$,
    $$SELECT leap.sync_source(leap.find_source('Mine')) IS NOT NULL$$, $$SELECT count(*) FROM leap.sync_list()$$, $$SELECT leap.find_source('Inbox')$$,
    $$SELECT count(*) FROM leap.input_sources$$, $$SELECT leap.start_syncs('{}')$$, $$SELECT leap.inbox_watch()$$]) c;
SELECT regexp_replace(test.as_tenant('other@example.org', format(c, test.source('Inbox'))), '[0-9a-f-]{36}', 'ID') FROM unnest(ARRAY[
    $$SELECT leap.change_source(%L, '{}')$$, $$SELECT leap.copy_source(%L)$$, $$SELECT leap.delete_source(%L)$$, $$SELECT leap.sync_source(%L)$$]) c;
-- an inbox that was made for him he may rename and ask, not turn into another or copy
SELECT test.as_tenant('source@example.org', format(c, test.source('Inbox'))) FROM unnest(ARRAY[
    $$SELECT leap.change_source(%L, '{"description": "mine"}')->>'description'$$, $$SELECT leap.change_source(%L, '{"config": {"recursive": false}}')$$, $$SELECT leap.copy_source(%L)$$, $$SELECT leap.sync_source(%L) IS NOT NULL$$]) c;

-- what workers watch
SELECT path, recursive, settle_seconds FROM leap.inbox_watch();
SELECT leap.inbox_changed(test.source('Inbox')::text), leap.inbox_changed(test.source('Feed')::text), leap.inbox_changed('nonsense');

-- each thing a dry run or a sync says has its bounds; a user takes his sources with him
SELECT count(*) FROM test.answer('[]');
DELETE FROM leap.users WHERE email IN ('source@example.org', 'other@example.org');
SELECT (SELECT count(*) FROM leap.input_sources) AS sources, (SELECT count(*) FROM leap.source_syncs) AS syncs;
