-- Operations on many recordings: what is allowed is done, the rest says why; a dry run answers the same and does nothing.
SELECT test.connect();
SELECT leap.add_user('bulk@example.org') IS NOT NULL AS added;
SELECT count(leap.add_recording('bulk@example.org', '{"type": "url", "url": "https://e.org/a.mp4"}', 'b' || i)) FROM generate_series(1, 4) i;
SELECT leap.run_recording(test.id('b4'))->>'message';
CREATE FUNCTION pg_temp.bulk() RETURNS uuid[] LANGUAGE sql AS $$ SELECT leap.select_recordings('{"user": "bulk@example.org"}') $$;
CREATE FUNCTION pg_temp.say(operation text, dry_run boolean) RETURNS TABLE (name text, done boolean, reason text, sqlstate text, tasks text) LANGUAGE sql AS $$
    SELECT r.display_name, o.done, regexp_replace(o.reason, '[0-9a-f]{8}-[0-9a-f-]{27}', '<id>'), o.sqlstate,
           (SELECT string_agg(p->>'kind', ' ' ORDER BY p->>'kind') FILTER (WHERE p->>'skip_reason' IS NULL) FROM jsonb_array_elements(o.plan) p)
    FROM leap.operate(operation, pg_temp.bulk(), dry_run) o JOIN leap.recordings r ON r.id = o.recording $$;
CREATE VIEW pg_temp.states AS SELECT r.display_name AS name, r.status, r.hold, r.delete_state, count(u.id) FILTER (WHERE u.state = 'active') AS active_runs
FROM leap.recordings r LEFT JOIN leap.runs u ON u.recording_id = r.id JOIN leap.users o ON o.id = r.user_id WHERE o.email = 'bulk@example.org' GROUP BY 1, 2, 3, 4;

-- a dry run changes nothing and answers as the run then does
CREATE TABLE pg_temp.dry AS SELECT * FROM pg_temp.say('run', true);
TABLE pg_temp.states ORDER BY name;
CREATE TABLE pg_temp.wet AS SELECT * FROM pg_temp.say('run', false);
TABLE pg_temp.wet ORDER BY name;
SELECT count(*) AS differences FROM ((TABLE pg_temp.dry EXCEPT TABLE pg_temp.wet) UNION ALL (TABLE pg_temp.wet EXCEPT TABLE pg_temp.dry)) d;
TABLE pg_temp.states ORDER BY name;

-- pause holds what waits, running tasks go on; resume lets it go
SELECT count(*) FROM test.claim(2) WHERE name ~ '^b\d$';
SELECT name, done, reason FROM pg_temp.say('pause', false) ORDER BY name;
SELECT count(*) FROM test.claim(10) WHERE name ~ '^b\d$';
SELECT name, done, sqlstate FROM pg_temp.say('accept', false) ORDER BY name;
SELECT name, done, sqlstate FROM pg_temp.say('retry', false) ORDER BY name;
SELECT name, done FROM pg_temp.say('resume', false) ORDER BY name;
SELECT count(*) FROM test.claim(10) WHERE name ~ '^b\d$';

-- reset waits for running tasks, cancel does not
SELECT name, done, reason FROM pg_temp.say('reset', false) ORDER BY name;
SELECT name, done FROM pg_temp.say('cancel', false) ORDER BY name;
TABLE pg_temp.states ORDER BY name;

-- skip, unskip, delete, restore, reset
SELECT name, done FROM pg_temp.say('skip', false) ORDER BY name;
SELECT name, done, reason FROM pg_temp.say('run', false) ORDER BY name;
SELECT name, done FROM pg_temp.say('unskip', false) ORDER BY name;
SELECT count(*) FILTER (WHERE done) FROM pg_temp.say('delete', false);
SELECT pg_temp.bulk() AS hidden;
SELECT count(*) FILTER (WHERE o.done) FROM leap.operate('restore', leap.select_recordings('{"user": "bulk@example.org", "deleted": true}')) o;
TABLE pg_temp.states ORDER BY name;

-- reset forgets what was made and keeps what is published
SELECT leap.run_recording(test.id('b1'))->>'message';
SELECT test.advance('b1', 'upload');
SELECT test.complete('upload', 'b1', '{"target": {"remote_id": "b1", "url": "file:///b1"}}');
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT id, user_id, 'video', 'b/video', 7, repeat('0', 64), 'video/mp4' FROM leap.recordings WHERE display_name = 'b1';
SELECT leap.reset_recording(test.id('b1'))->>'message';
SELECT r.status, r.final_duration, o.status AS target, o.remote_id, (SELECT count(*) FROM leap.artifacts a WHERE a.recording_id = r.id) AS artifacts
FROM leap.recordings r JOIN leap.output_targets o ON o.recording_id = r.id WHERE r.display_name = 'b1';
SELECT uri FROM leap.storage_garbage WHERE uri LIKE 'b/%';

-- filters, and an operation that does not exist
SELECT cardinality(leap.select_recordings('{"user": "bulk@example.org", "status": ["INITIALIZED"], "search": "B"}')) AS found;
SELECT * FROM test.error($$SELECT leap.select_recordings('{"colour": "red"}')$$) \gx
-- all of them unless fewer are asked for
BEGIN;
INSERT INTO leap.recordings (user_id, display_name, source) SELECT u.id, 'many' || i, '{"type": "url", "url": "https://e.org/a.mp4"}' FROM leap.users u, generate_series(1, 1200) i WHERE u.email = 'bulk@example.org';
SELECT cardinality(leap.select_recordings('{"user": "bulk@example.org", "search": "many"}')) AS found, cardinality(leap.select_recordings('{"user": "bulk@example.org", "search": "many"}', 7)) AS fewer;
SELECT count(*) FILTER (WHERE o.done) AS done FROM leap.operate('skip', leap.select_recordings('{"user": "bulk@example.org", "search": "many"}')) o;
ROLLBACK;
SELECT DISTINCT o.done, o.sqlstate, o.reason FROM leap.operate('paint', pg_temp.bulk()) o;

-- a recording needs an owner; a removed user takes all of his along, to the last task and file
SELECT * FROM test.error($$INSERT INTO leap.recordings (user_id, display_name, source, status, delete_state)
    VALUES ('018f0000-0000-7000-8000-000000000000', 'orphan', '{"type": "url"}', leap.move('create', 'INITIALIZED'), leap.move('create', 'active'))$$);
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT id, user_id, 'video', 'b/video2', 7, repeat('0', 64), 'video/mp4' FROM leap.recordings WHERE display_name = 'b1';
DELETE FROM leap.users WHERE email = 'bulk@example.org';
SELECT uri FROM leap.storage_garbage WHERE uri LIKE 'b/%' ORDER BY 1;
SELECT (SELECT count(*) FROM leap.tasks t WHERE NOT EXISTS (SELECT FROM leap.recordings r WHERE r.id = t.recording_id) AND t.recording_id IS NOT NULL) AS tasks,
       (SELECT count(*) FROM leap.runs t WHERE NOT EXISTS (SELECT FROM leap.recordings r WHERE r.id = t.recording_id)) AS runs,
       (SELECT count(*) FROM leap.output_targets t WHERE NOT EXISTS (SELECT FROM leap.recordings r WHERE r.id = t.recording_id)) AS targets,
       (SELECT count(*) FROM leap.task_edge e WHERE NOT EXISTS (SELECT FROM leap.tasks t WHERE t.id = e.to_task)) AS edges;
